package catalogueweb

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

const adminPageSize = 50

// The parts that the list of administrators can be narrowed to, besides the
// states of an item.
const (
	withDraft    = "with_draft"
	withFindings = "with_findings"
)

var adminStates = []string{string(catalogue.Live), string(catalogue.Suspended), string(catalogue.Ended), string(catalogue.Draft), withDraft, withFindings}

// adminLine is an item in the list of administrators.
type adminLine struct {
	catalogue.Line
	Findings int
}

// adminList is the list of administrators.
type adminListPage struct {
	Query, Shelf, State string
	Department, Finding string // of the report
	Directory           *identity.Directory
	Lines               []adminLine
	All                 int // that pass
	Page                int
	Shelves             []catalogue.Shelf
}

func (l adminListPage) address(page int) string {
	v := url.Values{}
	for key, value := range map[string]string{"q": l.Query, "shelf": l.Shelf, "state": l.State, "department": l.Department, "finding": l.Finding} {
		if value != "" {
			v.Set(key, value)
		}
	}
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	if len(v) == 0 {
		return "/admin/items"
	}
	return "/admin/items?" + v.Encode()
}

func (l adminListPage) next() string {
	if l.Page*adminPageSize >= l.All {
		return ""
	}
	return l.address(l.Page + 1)
}

// filtered reads what the list is narrowed to, and what passes.
func (p *Pages) filtered(r *http.Request) (adminListPage, []adminLine, error) {
	f, err := form.Parse(r)
	if err != nil {
		return adminListPage{}, nil, err
	}
	lines, err := p.Service.Lines(r.Context(), auth.From(r.Context()))
	if err != nil {
		return adminListPage{}, nil, err
	}
	l := adminListPage{Query: strings.TrimSpace(f.Value("q")), Shelf: f.Value("shelf"), State: f.Value("state"), Department: f.Value("department"), Finding: f.Value("finding"), Shelves: p.Service.Shelves(), Directory: p.Identity.Directory()}
	l.Page, _ = strconv.Atoi(f.Value("page"))
	var all []adminLine
	for _, line := range lines {
		found := p.Service.Findings(line.Definition)
		one := adminLine{Line: line, Findings: len(found)}
		if l.passes(one) && (l.Finding == "" || slices.ContainsFunc(found, func(f catalogue.Finding) bool { return f.Code == l.Finding })) {
			all = append(all, one)
		}
	}
	l.All = len(all)
	return l, all, nil
}

// adminList lists all items in any state.
func (p *Pages) adminList(w http.ResponseWriter, r *http.Request) error {
	l, all, err := p.filtered(r)
	if err != nil {
		return err
	}
	l.Page = min(max(l.Page, 1), max((l.All+adminPageSize-1)/adminPageSize, 1))
	from := (l.Page - 1) * adminPageSize
	l.Lines = all[from:min(from+adminPageSize, l.All)]
	return view.Render(w, r, http.StatusOK, adminListView(l))
}

func (l adminListPage) passes(one adminLine) bool {
	q := strings.ToLower(l.Query)
	d := one.Definition
	if q != "" && !strings.Contains(strings.ToLower(one.Code+" "+d.Name.ZH+" "+d.Name.EN+" "+d.BaseCode), q) {
		return false
	}
	if l.Shelf != "" && d.Shelf != l.Shelf || l.Department != "" && d.Department != l.Department {
		return false
	}
	switch l.State {
	case "":
		return true
	case withDraft:
		return one.HasDraft
	case withFindings:
		return one.Findings > 0
	default:
		return string(one.State) == l.State
	}
}

// adminItemPage is everything about one item, for those who keep it.
type adminItemPage struct {
	Record   catalogue.Record
	Shown    catalogue.Revision  // the draft, else the published version, else the newest
	Draft    *catalogue.Revision // nil when there is none
	History  []catalogue.Revision
	Names    map[string]string // of accounts
	Findings []catalogue.Finding
	Faults   []errs.Field // what publishing would be refused for
	Own      bool         // the reader saved the draft last
	Form     *form.Form   // of suspending, when it was rejected
	Refused  string       // code of the error for which a command was refused
	Stopping string       // which command was refused
	Done     string       // key of what has just been done
	Page     *Pages
	Places   inputPlaces
}

// itemPage gathers what the page of an item shows.
func (p *Pages) itemPage(ctx context.Context, code string) (adminItemPage, error) {
	actor := auth.From(ctx)
	record, history, err := p.Service.History(ctx, actor, code)
	if err != nil {
		return adminItemPage{}, err
	}
	a := adminItemPage{Record: record, History: history, Names: map[string]string{}, Form: form.New(), Page: p}
	for i, v := range history {
		switch {
		case v.State == catalogue.Draft:
			a.Draft = &history[i]
		case v.ID == record.VersionID:
			a.Shown = v
		}
		for _, id := range []string{v.SavedBy, v.PublishedBy} {
			if _, known := a.Names[id]; !known && id != "" && id != auth.SystemActor().ID {
				a.Names[id] = p.Identity.NameOf(ctx, id).For(ctx)
			}
		}
	}
	if a.Draft != nil {
		a.Shown, a.Own = *a.Draft, a.Draft.SavedBy == actor.ID
	}
	if a.Shown.ID == "" && len(history) > 0 {
		a.Shown = history[0]
	}
	a.Findings = p.Service.Findings(a.Shown.Definition)
	env, err := p.env(ctx, a.Shown.Definition)
	if err != nil {
		return adminItemPage{}, err
	}
	a.Places = newInputPlaces(env, a.Shown.Definition)
	a.Faults = errs.FieldsOf(p.Service.Obstacles(ctx, a.Shown.Definition))
	return a, nil
}

// adminItem shows an item in any state.
func (p *Pages) adminItem(w http.ResponseWriter, r *http.Request) error {
	a, err := p.itemPage(r.Context(), r.PathValue("code"))
	if err != nil {
		return err
	}
	switch done := r.URL.Query().Get("done"); done {
	case "saved", "published", "suspended", "resumed", "withdrawn":
		a.Done = done
	}
	return view.Render(w, r, http.StatusOK, adminItemView(a))
}

// adminSuspend takes an item off the shelves for a time.
func (p *Pages) adminSuspend(w http.ResponseWriter, r *http.Request) error {
	return p.adminMove(w, r, "suspended", stopWith("suspend", p.Service.SuspendFor))
}

// adminWithdraw takes an item off the shelves for good.
func (p *Pages) adminWithdraw(w http.ResponseWriter, r *http.Request) error {
	return p.adminMove(w, r, "withdrawn", stopWith("withdraw", p.Service.Withdraw))
}

func stopWith(what string, do func(context.Context, auth.Actor, string, int, catalogue.Stop) error) func(context.Context, auth.Actor, string, *form.Form) error {
	return func(ctx context.Context, actor auth.Actor, code string, f *form.Form) error {
		why := catalogue.Stop{Reason: f.Text(stopName(what, "reason"), form.Required, form.Max(500)), ReplacedBy: f.Text(stopName(what, "replaced_by"), form.Max(64))}
		if !f.OK() {
			return form.ErrFields
		}
		err := do(ctx, actor, code, int(f.Int("version", 0, 1<<31, true)), why)
		for _, x := range errs.FieldsOf(err) {
			f.Complain(stopName(what, x.Name), x.Code, x.Params)
		}
		return err
	}
}

// adminResume puts it back.
func (p *Pages) adminResume(w http.ResponseWriter, r *http.Request) error {
	return p.adminMove(w, r, "resumed", func(ctx context.Context, actor auth.Actor, code string, f *form.Form) error {
		return p.Service.Resume(ctx, actor, code, int(f.Int("version", 0, 1<<31, true)))
	})
}

// adminMove gives a command to an item; what is refused for what stands on the
// page is said on the page.
func (p *Pages) adminMove(w http.ResponseWriter, r *http.Request, done string, command func(context.Context, auth.Actor, string, *form.Form) error) error {
	code := r.PathValue("code")
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	err = command(r.Context(), auth.From(r.Context()), code, f)
	if err == nil {
		return httpx.SeeOther(w, r, "/admin/items/"+code+"?done="+done)
	}
	if !errors.Is(err, form.ErrFields) && !errors.Is(err, catalogue.ErrOwnDraft) && !errors.Is(err, catalogue.ErrInvalid) && !errors.Is(err, catalogue.ErrState) && !errors.Is(err, catalogue.ErrNoDraft) {
		return err
	}
	a, pageErr := p.itemPage(r.Context(), code)
	if pageErr != nil {
		return pageErr
	}
	a.Form, a.Refused, a.Stopping = f, errs.CodeOf(err), strings.TrimPrefix(r.URL.Path, "/admin/items/"+code+"/")
	return view.Render(w, r, cmp.Or(httpx.Status(err), http.StatusUnprocessableEntity), adminItemView(a))
}
