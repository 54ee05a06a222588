package casesweb

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/worklist"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/sheet"
	"github.com/tongban/tongban/internal/platform/view"
)

// batchPage is a batch: what to do, how far it is, what came of it.
type batchPage struct {
	worklist.Batch
	Rows    []worklist.BatchRow
	Offers  []worklist.Offers
	Command cases.Command // chosen on this page, "" for none yet
	form    *form.Form
	can     int              // rows that will take it
	cannot  []batchObjection // rows that will not, and why
	people  []view.Opt       // who can be given the tasks of the rows
}

// batchObjection is a row with what stands against the command.
type batchObjection struct {
	worklist.BatchRow
	Why string
}

func batchPath(id string) string { return "/work/batches/" + id }

// chooseBatch fixes which cases a batch is about: those ticked, or the list.
func (p *Pages) chooseBatch(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	list := cases.ListName(f.Value("list"))
	if !isStaffList(list) {
		return httpx.ErrNotFound
	}
	q := queryOf(f)
	var refs []cases.Ref
	if f.Value("which") != "all" {
		for _, v := range f.All("case") {
			id, version, _ := strings.Cut(v, ":")
			n, err := strconv.Atoi(version)
			if err != nil {
				return form.ErrFields
			}
			refs = append(refs, cases.Ref{ID: cases.ID(id), Version: n})
		}
		if len(refs) == 0 {
			p.Sessions.Flash(ctx, "lists.needs.chosen")
			back := q.Values()
			back.Set("view", "none")
			return httpx.SeeOther(w, r, listPath(list)+"?"+back.Encode())
		}
	}
	b, err := p.Lists.Choose(ctx, auth.From(ctx), list, q, refs)
	if err != nil {
		return err
	}
	return httpx.SeeOther(w, r, batchPath(b.ID))
}

// batch shows a batch; with a command in its address, the form of that.
func (p *Pages) batch(w http.ResponseWriter, r *http.Request) error {
	return p.showBatch(w, r, form.New("outcome", string(cases.Granted), "result", "agree"), cases.Command(r.FormValue("command")))
}

func (p *Pages) showBatch(w http.ResponseWriter, r *http.Request, f *form.Form, c cases.Command) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	b, err := p.Lists.Batch(ctx, actor, r.PathValue("id"))
	if err != nil {
		return err
	}
	d := batchPage{Batch: b, form: f}
	if d.Rows, err = p.Lists.BatchRows(ctx, actor, b); err != nil {
		return err
	}
	if b.State == worklist.Chosen {
		d.Offers = worklist.Offer(d.Rows)
		if slices.ContainsFunc(d.Offers, func(o worklist.Offers) bool { return o.Command == c }) || !f.OK() {
			d.Command = c
			for _, x := range d.Rows {
				if err := x.Why(actor, c); err != nil {
					d.cannot = append(d.cannot, batchObjection{x, errorWords(ctx, err)})
				} else {
					d.can++
				}
			}
			if err := p.batchPeople(ctx, actor, &d); err != nil {
				return err
			}
		}
	}
	return view.Render(w, r, f.Status(), batchView(d))
}

// batchPeople offers everybody who can be given a task of one of the cases; the
// engine says case by case where somebody does not hold the post for it.
func (p *Pages) batchPeople(ctx context.Context, actor auth.Actor, d *batchPage) error {
	if d.Command != cases.CmdReassign {
		return nil
	}
	var tasks []cases.Task
	for _, x := range d.Rows {
		tasks = append(tasks, x.Reassignable(actor)...)
	}
	people, err := p.Service.Colleagues(ctx, tasks)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, c := range people {
		if !seen[c.ID] {
			d.people = append(d.people, p.colleagueOpt(ctx, c))
		}
		seen[c.ID] = true
	}
	groups, err := p.groupOpts(ctx, tasks)
	d.people = append(d.people, groups...)
	return err
}

// errorWords says in the reader's language what an error of a service is.
func errorWords(ctx context.Context, err error) string {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		return i18n.T(ctx, "error.internal")
	}
	return codeWords(ctx, e.Code, e.Params)
}

// codeWords is errorWords for an error that was written down.
func codeWords(ctx context.Context, code string, params map[string]any) string {
	shown := make(map[string]any, len(params))
	for k, v := range params {
		shown[k] = v
		if s, ok := v.(string); ok && k == "command" {
			shown[k] = i18n.T(ctx, "cases.command."+s)
		} else if ok && k == "state" {
			shown[k] = i18n.T(ctx, "cases.state."+s)
		}
	}
	return i18n.T(ctx, "error."+code, i18n.Map(shown)...)
}

// runBatch gives the command.
func (p *Pages) runBatch(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	c := cases.Command(f.Value("command"))
	in := worklist.Input{Reason: reasonOf(f)}
	switch c {
	case cases.CmdDecide:
		in.Outcome = cases.Outcome(f.Text("outcome", form.Required, form.OneOf(outcomes...)))
	case cases.CmdEndorse:
		in.Object = f.Text("result", form.Required, form.OneOf("agree", "object")) == "object"
	case cases.CmdExtend:
		in.Days = int(f.Int("days", 1, cases.MaxExtension, true))
	case cases.CmdPause:
		in.Kind, in.Until = f.Text("kind", form.Required, form.OneOf(catalogue.Uncounted...)), f.Text("until", form.Required, form.Max(10))
	case cases.CmdReassign:
		in.To = f.Text("to", form.Required, form.Max(50))
	}
	if f.OK() {
		b, err := p.Lists.Run(ctx, auth.From(ctx), r.PathValue("id"), c, in)
		if err == nil {
			return httpx.SeeOther(w, r, batchPath(b.ID))
		}
		if errors.Is(err, worklist.ErrRunning) {
			return httpx.SeeOther(w, r, batchPath(r.PathValue("id"))) // pressed twice
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.showBatch(w, r, f, c)
}

// retryBatch begins a new batch of what was refused.
func (p *Pages) retryBatch(w http.ResponseWriter, r *http.Request) error {
	b, err := p.Lists.Retry(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	return httpx.SeeOther(w, r, batchPath(b.ID))
}

// batchProgress is asked for each second while a batch runs; when it is
// through, the page is loaded anew. Without script it is the page itself.
func (p *Pages) batchProgress(w http.ResponseWriter, r *http.Request) error {
	b, err := p.Lists.Batch(r.Context(), auth.From(r.Context()), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !view.IsFragment(r) {
		return httpx.SeeOther(w, r, batchPath(b.ID))
	}
	if b.State == worklist.Done {
		w.Header().Set("HX-Refresh", "true")
	}
	return view.Render(w, r, http.StatusOK, batchBar(b))
}

// batchResult sends what came of each case as a sheet.
func (p *Pages) batchResult(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	b, err := p.Lists.Batch(ctx, actor, r.PathValue("id"))
	if err != nil {
		return err
	}
	rows, err := p.Lists.BatchRows(ctx, actor, b)
	if err != nil {
		return err
	}
	httpx.Attachment(w, sheet.CSV.MediaType(), "batch-"+i18n.ShortDate(b.CreatedAt)+".csv")
	out, err := sheet.NewWriter(w, sheet.CSV)
	if err != nil {
		return err
	}
	lines := [][]string{{i18n.T(ctx, "lists.col.number"), i18n.T(ctx, "lists.col.item"), i18n.T(ctx, "lists.col.party"), i18n.T(ctx, "lists.batch.result"), i18n.T(ctx, "lists.batch.why")}}
	for _, x := range rows {
		line := []string{"", "", "", i18n.T(ctx, "lists.batch.row."+string(x.State)), ""}
		if !x.Gone {
			line[0], line[1], line[2] = x.Case.Number, x.Case.ItemName.For(ctx), partyName(ctx, &x.Case)
		}
		if x.Code != "" {
			line[4] = codeWords(ctx, x.Code, x.Params)
		}
		lines = append(lines, line)
	}
	for _, l := range lines {
		if err := out.Write(l); err != nil {
			return nil //nolint:nilerr // a reader who left is no error of ours
		}
	}
	_ = out.Close()
	return nil
}

// batches lists what the reader did to many at once.
func (p *Pages) batches(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Lists.Batches(r.Context(), auth.From(r.Context()))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, batchesView(list))
}

// inputs of the command in hand, from the same table as for one case.
func (d batchPage) inputs() []input {
	c, _ := formOf(d.Command)
	return slices.DeleteFunc(slices.Clone(c.Inputs), func(in input) bool { return in.Kind == kindWording })
}

func (d batchPage) title(ctx context.Context) string {
	c := d.Command
	if d.State != worklist.Chosen {
		c = d.Batch.Command
	}
	if c == "" {
		return i18n.Count(ctx, "lists.batch.title", d.Total)
	}
	return i18n.Count(ctx, "lists.batch.title_command", d.Total, "command", i18n.T(ctx, "cases.command."+string(c)))
}

// giveLabel is the button: what happens, and to how many.
func (d batchPage) giveLabel(ctx context.Context) string {
	return i18n.Count(ctx, "lists.batch.give", d.can, "command", i18n.T(ctx, "cases.command."+string(d.Command)))
}

// listHref leads back to the list, as it was.
func (d batchPage) listHref() string {
	if d.Query == "" {
		return listPath(d.List)
	}
	return listPath(d.List) + "?" + d.Query
}

func (d batchPage) heads(ctx context.Context, results bool) []view.Head {
	var out []view.Head
	for _, c := range []string{"number", "item", "party", "state"} {
		out = append(out, view.Head{Text: i18n.T(ctx, "lists.col."+c)})
	}
	if results {
		out = append(out, view.Head{Text: i18n.T(ctx, "lists.batch.result")})
	}
	return out
}
