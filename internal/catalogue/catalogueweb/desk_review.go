package catalogueweb

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/tongban/tongban/internal/catalogue"
	re "github.com/tongban/tongban/internal/catalogue/catalogueweb/rowedit"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// reviewPage is what a second person looks at before publishing, or the
// comparison of any two versions.
type reviewPage struct {
	adminItemPage
	From, To *catalogue.Revision // From is nil before the first version
	Changes  []re.Change
	Touched  catalogue.Touched
	Places   inputPlaces
	Refused  *errs.Error
}

// ofDraft says whether the page shows what publishing would change.
func (v reviewPage) ofDraft() bool {
	return v.Draft != nil && v.To != nil && v.To.ID == v.Draft.ID
}

// review compares versions, the draft with what is published unless others are asked for.
func (p *Pages) review(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	v, err := p.reviewOf(r.Context(), r.PathValue("code"), int(f.Int("from", 0, 1<<31, false)), int(f.Int("to", 0, 1<<31, false)))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, reviewView(v))
}

func (p *Pages) reviewOf(ctx context.Context, code string, from, to int) (reviewPage, error) {
	a, err := p.itemPage(ctx, code)
	if err != nil {
		return reviewPage{}, err
	}
	v := reviewPage{adminItemPage: a}
	v.choose(from, to)
	if v.To == nil {
		return v, catalogue.ErrNotFound
	}
	env, err := p.env(ctx, v.To.Definition)
	if err != nil {
		return v, err
	}
	old := catalogue.Definition{}
	if v.From != nil {
		old = v.From.Definition.Source()
		names, err := p.Service.FileNames(ctx, old)
		if err != nil {
			return v, err
		}
		for id, f := range names {
			env.files[id] = f
		}
	}
	next := v.To.Definition.Source()
	if v.Changes, err = differences(ctx, env, old, next); err != nil {
		return v, err
	}
	v.Places = newInputPlaces(env, next)
	v.Touched, err = p.Service.Touches(ctx, auth.From(ctx), code)
	return v, err
}

// choose the two versions: those asked for, else the draft and what is
// published, else the newest and the one before it.
func (v *reviewPage) choose(from, to int) {
	numbered := func(n int) *catalogue.Revision {
		i := slices.IndexFunc(v.History, func(x catalogue.Revision) bool { return x.Number == n })
		if i < 0 {
			return nil
		}
		return &v.History[i]
	}
	v.From, v.To = numbered(from), numbered(to)
	if v.To == nil {
		v.To = v.Draft
	}
	if v.To == nil && len(v.History) > 0 {
		v.To = &v.History[0]
	}
	if v.From != nil || from != 0 || v.To == nil {
		return
	}
	for i, x := range v.History { // newest first
		if x.ID == v.Record.VersionID && v.To.ID != x.ID || x.Number < v.To.Number && v.Record.VersionID == v.To.ID {
			v.From = &v.History[i]
			return
		}
	}
}

// differences lists in words what differs.
func differences(ctx context.Context, env deskEnv, old, next catalogue.Definition) ([]re.Change, error) {
	a, err := re.Tree(old)
	if err != nil {
		return nil, err
	}
	b, err := re.Tree(next)
	if err != nil {
		return nil, err
	}
	return re.Compare(ctx, env, labels, allNodes(old, next), a, b), nil
}

// adminPublish makes the draft what applicants see.
func (p *Pages) adminPublish(w http.ResponseWriter, r *http.Request) error {
	code := r.PathValue("code")
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	err = p.Service.Publish(r.Context(), auth.From(r.Context()), code, int(f.Int("version", 0, 1<<31, true)))
	if err == nil {
		return httpx.SeeOther(w, r, "/admin/items/"+code+"?done=published")
	}
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || errors.Is(err, catalogue.ErrForbidden) || errors.Is(err, catalogue.ErrNotFound) {
		return err
	}
	v, pageErr := p.reviewOf(r.Context(), code, 0, 0)
	if pageErr != nil {
		return pageErr
	}
	v.Refused = e
	return view.Render(w, r, httpx.Status(err), reviewView(v))
}

// refusedWords say why a command was not carried out.
func refusedWords(ctx context.Context, e *errs.Error) string {
	if errors.Is(e, db.ErrStale) {
		return i18n.T(ctx, "catalogue.review.stale")
	}
	return i18n.T(ctx, "error."+e.Code, i18n.Map(e.Params)...)
}

// versionWords name a version in the lists of versions to compare.
func versionWords(ctx context.Context, v catalogue.Revision) string {
	return i18n.T(ctx, "catalogue.admin.version_n", "n", v.Number, "state", i18n.T(ctx, "catalogue.state."+string(v.State)))
}

func numberOf(v *catalogue.Revision) string {
	if v == nil {
		return ""
	}
	return strconv.Itoa(v.Number)
}
