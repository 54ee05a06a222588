package intakeweb

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/catalogue/intake"
	"github.com/tongban/tongban/internal/catalogue/mapping"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/sheet"
	"github.com/tongban/tongban/internal/platform/view"
)

// listPage is the list of imports with the upload above it.
type listPage struct {
	Form     *form.Form
	Runs     []intake.Run
	Mappings []intake.Stored
	Names    map[string]string // of mappings
	Who      func(account string) string
}

// list shows what was imported, and the upload.
func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	return p.showList(w, r, form.New("mapping", mapping.ShippedKeys[0]))
}

func (p *Pages) showList(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	ctx := r.Context()
	l := listPage{Form: f, Who: func(a string) string { return p.name(ctx, a) }}
	var err error
	if l.Runs, err = p.Service.Runs(ctx, auth.From(ctx)); err != nil {
		return err
	}
	if l.Mappings, err = p.Service.Mappings(ctx, auth.From(ctx)); err != nil {
		return err
	}
	l.Names = mappingNames(ctx, l.Mappings)
	return view.Render(w, r, f.Status(), listView(l))
}

func optionsOf(f *form.Form) intake.Options {
	return intake.Options{
		SkipErrors: f.Bool("skip_errors"), CreateDepartments: f.Bool("create_departments"), Overwrite: f.Bool("overwrite"), Sheet: f.Text("sheet", form.Max(31)),
	}
}

// upload takes a sheet and goes to its page, where the check is under way.
func (p *Pages) upload(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if errors.Is(err, form.ErrTooLarge) {
		f = form.New("mapping", mapping.ShippedKeys[0])
		f.Complain("file", files.ErrTooLarge.Code, map[string]any{"mb": maxUpload >> 20})
		return p.showList(w, r, f)
	}
	if err != nil {
		return err
	}
	in := intake.UploadInput{Mapping: f.Text("mapping", form.Required), Options: optionsOf(f)}
	if r.MultipartForm == nil || len(r.MultipartForm.File["file"]) == 0 || r.MultipartForm.File["file"][0].Filename == "" {
		f.Complain("file", intake.ErrFile.Code, nil)
		return p.showList(w, r, f)
	}
	head := r.MultipartForm.File["file"][0]
	content, err := head.Open()
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	in.Name, in.Content = head.Filename, content
	if !f.OK() {
		return p.showList(w, r, f)
	}
	run, err := p.Service.Upload(r.Context(), auth.From(r.Context()), in)
	if e, ok := errors.AsType[*errs.Error](err); ok && (e.Kind == errs.Invalid || errors.Is(err, intake.ErrOpen)) {
		f.Complain("file", e.Code, e.Params)
		return p.showList(w, r, f)
	}
	if err != nil {
		return err
	}
	return httpx.SeeOther(w, r, runPath(run.ID))
}

func runPath(id string) string { return "/admin/import/" + id }

const shownFindings = 100

// runPage is one import.
type runPage struct {
	intake.Run
	Level    string            // of the findings that are shown, "" for all
	Findings []mapping.Finding // that pass, the first of them
	Passing  int
	Levels   map[mapping.Level]int
	Mapping  string           // name
	Parsed   *mapping.Mapping // nil for one that cannot be read any more
	May      error            // why the reader cannot release it, nil when he can
	Brought  string
	Checker  string // who asked for the last check
	Mapper   string // who last saved the mapping, "" for nobody
	Released string
	Form     *form.Form // options of checking again
	Refused  string     // code of the error for which a command was refused
	Pages    *Pages
}

func (p *Pages) runPage(r *http.Request) (runPage, error) {
	ctx, actor := r.Context(), auth.From(r.Context())
	run, err := p.Service.Run(ctx, actor, r.PathValue("id"))
	if err != nil {
		return runPage{}, err
	}
	d := runPage{Run: run, Levels: map[mapping.Level]int{}, May: run.Releasable(actor), Brought: p.name(ctx, run.CreatedBy), Checker: p.name(ctx, run.CheckedBy), Mapper: p.name(ctx, run.MappingBy), Released: p.name(ctx, run.ApprovedBy), Pages: p}
	if m, faults := mapping.Parse(run.Mapping); len(faults) == 0 {
		d.Mapping, d.Parsed = m.Name.For(ctx), m
	}
	if level := r.URL.Query().Get("level"); level == string(mapping.Error) || level == string(mapping.Warning) || level == string(mapping.Note) {
		d.Level = level
	}
	for _, f := range run.Result.Findings {
		d.Levels[f.Level]++
		if d.Level == "" || string(f.Level) == d.Level {
			if d.Passing++; len(d.Findings) < shownFindings {
				d.Findings = append(d.Findings, f)
			}
		}
	}
	d.Form = form.New("sheet", run.Options.Sheet)
	for name, on := range map[string]bool{"skip_errors": run.Options.SkipErrors, "create_departments": run.Options.CreateDepartments, "overwrite": run.Options.Overwrite} {
		if on {
			d.Form.Values().Set(name, "on")
		}
	}
	return d, nil
}

// run shows how far an import is, what it would do, what is wrong with it.
func (p *Pages) run(w http.ResponseWriter, r *http.Request) error {
	d, err := p.runPage(r)
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, runView(d))
}

// progress is asked for each second while a job has the import in hand; when it
// is through, the page is loaded anew. Without script it is the page itself.
func (p *Pages) progress(w http.ResponseWriter, r *http.Request) error {
	run, err := p.Service.Glance(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !view.IsFragment(r) {
		return httpx.SeeOther(w, r, runPath(run.ID))
	}
	if !run.Working() {
		w.Header().Set("HX-Refresh", "true")
	}
	return view.Render(w, r, http.StatusOK, progressBar(run))
}

// report sends all findings as a sheet.
func (p *Pages) report(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	run, err := p.Service.Run(ctx, auth.From(ctx), r.PathValue("id"))
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(strings.TrimSuffix(run.FileName, ".csv"), ".xlsx") + "-report.csv"
	httpx.Attachment(w, sheet.CSV.MediaType(), name)
	out, err := sheet.NewWriter(w, sheet.CSV)
	if err != nil {
		return err
	}
	heads := make([]string, len(reportColumns))
	for i, c := range reportColumns {
		heads[i] = i18n.T(ctx, "intake.finding."+c)
	}
	err = out.Write(heads)
	for _, f := range run.Result.Findings {
		err = errors.Join(err, out.Write([]string{rowWords(f), f.Code, f.Column, i18n.T(ctx, "intake.level."+string(f.Level)), words(ctx, f), strconv.Itoa(max(f.Rows, 1))}))
	}
	return errors.Join(err, out.Close())
}

// changes sends every difference that releasing the import would make.
func (p *Pages) changes(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	run, err := p.Service.Glance(ctx, actor, r.PathValue("id"))
	if err != nil {
		return err
	}
	if run.ChangesID == "" {
		return intake.ErrNotFound
	}
	name := strings.TrimSuffix(strings.TrimSuffix(run.FileName, ".csv"), ".xlsx") + "-changes.csv"
	httpx.Attachment(w, sheet.CSV.MediaType(), name)
	out, err := sheet.NewWriter(w, sheet.CSV)
	if err != nil {
		return err
	}
	var heads []string
	for _, c := range []string{"code", "field", "before", "after"} {
		heads = append(heads, i18n.T(ctx, "intake.change."+c))
	}
	err = errors.Join(out.Write(heads), p.Service.Changes(ctx, actor, run.ID, out.Write))
	return errors.Join(err, out.Close())
}

var reportColumns = []string{"row", "code", "column", "level", "text", "rows"}

func rowWords(f mapping.Finding) string {
	if f.Row == 0 {
		return ""
	}
	return strconv.Itoa(f.Row)
}

// release lets the import into the catalogue.
func (p *Pages) release(w http.ResponseWriter, r *http.Request) error {
	return p.move(w, r, func(ctx context.Context, actor auth.Actor, id string, f *form.Form) error {
		return p.Service.Release(ctx, actor, id, int(f.Int("version", 0, 1<<31, true)))
	})
}

// again checks the file anew.
func (p *Pages) again(w http.ResponseWriter, r *http.Request) error {
	return p.move(w, r, func(ctx context.Context, actor auth.Actor, id string, f *form.Form) error {
		return p.Service.Again(ctx, actor, id, int(f.Int("version", 0, 1<<31, true)), optionsOf(f))
	})
}

// discard ends it.
func (p *Pages) discard(w http.ResponseWriter, r *http.Request) error {
	return p.move(w, r, func(ctx context.Context, actor auth.Actor, id string, f *form.Form) error {
		return p.Service.Discard(ctx, actor, id, int(f.Int("version", 0, 1<<31, true)))
	})
}

// move gives a command to an import; what is refused is said on its page.
func (p *Pages) move(w http.ResponseWriter, r *http.Request, command func(context.Context, auth.Actor, string, *form.Form) error) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	err = command(r.Context(), auth.From(r.Context()), id, f)
	if err == nil {
		return httpx.SeeOther(w, r, runPath(id))
	}
	for _, known := range []error{intake.ErrOwnRun, intake.ErrState, intake.ErrBlocked, intake.ErrNothing, intake.ErrOpen} {
		if errors.Is(err, known) {
			d, perr := p.runPage(r)
			if perr != nil {
				return perr
			}
			d.Refused = errs.CodeOf(err)
			return view.Render(w, r, httpx.Status(err), runView(d))
		}
	}
	return err
}
