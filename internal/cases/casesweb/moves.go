package casesweb

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/moving"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// movesPage is how the live cases of an item stand on its versions.
type movesPage struct {
	cases.MoveBoard
	p    *Pages
	Form *form.Form
}

// simulationPage is what a move would do, or, with Run, what it did.
type simulationPage struct {
	Item  *catalogue.Item
	Lines []cases.MoveLine
	Run   *cases.MoveRun
	By    string
	Form  *form.Form
}

func movesPath(code string, below ...string) string {
	return "/admin/items/" + code + "/moves" + strings.Join(append([]string{""}, below...), "/")
}

func (p *Pages) moves(w http.ResponseWriter, r *http.Request) error {
	return p.showMoves(w, r, form.New())
}

func (p *Pages) showMoves(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	b, err := p.Service.MoveBoard(r.Context(), auth.From(r.Context()), r.PathValue("code"))
	if err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), movesView(movesPage{MoveBoard: b, p: p, Form: f}))
}

// movesIn reads which cases are meant, each as its reader saw it.
func movesIn(f *form.Form) (cases.MoveInput, error) {
	in := cases.MoveInput{All: f.Value("all"), To: f.Value("to")}
	for _, v := range f.All("case") {
		id, version, _ := strings.Cut(v, ":")
		n, err := strconv.Atoi(version)
		if err != nil {
			return in, form.ErrFields
		}
		in.Refs = append(in.Refs, cases.Ref{ID: cases.ID(id), Version: n})
	}
	return in, nil
}

// simulateMoves shows what a move would do. It changes nothing; it is posted
// because five hundred cases do not fit into an address.
func (p *Pages) simulateMoves(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	in, err := movesIn(f)
	if err != nil {
		return err
	}
	item, lines, err := p.Service.SimulateMoves(r.Context(), auth.From(r.Context()), r.PathValue("code"), in)
	if err != nil {
		if f.Reject(err) {
			return p.showMoves(w, r, f)
		}
		return err
	}
	return view.Render(w, r, http.StatusOK, simulationView(simulationPage{Item: item, Lines: lines, Form: form.New()}))
}

// moveCases does what was simulated.
func (p *Pages) moveCases(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	in, err := movesIn(f)
	if err != nil {
		return err
	}
	in.Reason = f.Text("reason", form.Required, form.Max(1000))
	actor, code := auth.From(r.Context()), r.PathValue("code")
	if f.OK() {
		run, err := p.Service.MoveCases(r.Context(), actor, code, in)
		if err == nil {
			return httpx.SeeOther(w, r, movesPath(code, run.ID))
		}
		if !f.Reject(err) {
			return err
		}
	}
	if len(in.Refs) == 0 {
		return p.showMoves(w, r, f)
	}
	item, lines, err := p.Service.SimulateMoves(r.Context(), actor, code, in)
	if err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), simulationView(simulationPage{Item: item, Lines: lines, Form: f}))
}

// moveRun shows what came of a move.
func (p *Pages) moveRun(w http.ResponseWriter, r *http.Request) error {
	item, run, err := p.Service.MoveRun(r.Context(), auth.From(r.Context()), r.PathValue("code"), r.PathValue("run"))
	if err != nil {
		return err
	}
	d := simulationPage{Item: item, Lines: run.Lines, Run: &run, By: p.Identity.NameOf(r.Context(), run.ByID).For(r.Context()), Form: form.New()}
	return view.Render(w, r, http.StatusOK, moveRunView(d))
}

func refValue(r cases.Ref) string { return string(r.ID) + ":" + strconv.Itoa(r.Version) }

// moveCrumbs lead back to the item.
func moveCrumbs(ctx context.Context, item *catalogue.Item, more ...view.Link) []view.Link {
	return append([]view.Link{
		{Href: "/admin/items", Text: i18n.T(ctx, "catalogue.admin.title")}, {Href: "/admin/items/" + item.Code, Text: item.Name.For(ctx)},
	}, more...)
}

// place is where a case stands: its stage, or its state before it has one.
func movePlace(ctx context.Context, state cases.State, stage i18n.Text) string {
	if !stage.IsZero() {
		return stage.For(ctx)
	}
	return i18n.T(ctx, "cases.state."+string(state))
}

func (d simulationPage) count(r cases.MoveResult) int { return cases.MoveRun{Lines: d.Lines}.Count(r) }

// effects are what a move does to a case, in short sentences.
func moveEffects(ctx context.Context, l cases.MoveLine) []string {
	var out []string
	say := func(key string, names []i18n.Text) {
		var list []string
		for _, n := range names {
			list = append(list, n.For(ctx))
		}
		if len(list) > 0 {
			out = append(out, i18n.T(ctx, key, "names", strings.Join(list, i18n.T(ctx, "flow.and"))))
		}
	}
	taskNames := func(list []catalogue.Task) (names []i18n.Text) {
		for _, t := range list {
			names = append(names, t.Name)
		}
		return names
	}
	var changed []i18n.Text
	for _, c := range l.Plan.Changes {
		changed = append(changed, c.Name)
	}
	say("moves.effect.desk", changed)
	say("moves.effect.opens", taskNames(l.Plan.Opens))
	say("moves.effect.skips", taskNames(l.Plan.Skips))
	say("moves.effect.passed", l.Plan.Passed)
	say("moves.effect.fields", l.Plan.Fields)
	say("moves.effect.materials", l.Plan.Materials)
	return out
}

// whys are the obstacles in words.
func moveWhys(ctx context.Context, list []moving.Obstacle) []string {
	var out []string
	for _, o := range list {
		out = append(out, i18n.T(ctx, "moves.why."+string(o.Why), "about", o.About))
	}
	return out
}

func moveReasonIn(ctx context.Context) view.In {
	return view.In{Name: "reason", Label: i18n.T(ctx, "moves.reason"), Hint: i18n.T(ctx, "moves.reason_hint"), Required: true, MaxLength: 1000, Rows: 3}
}

func moveHeads(ctx context.Context, keys ...string) []view.Head {
	var out []view.Head
	for _, key := range keys {
		if key == "" {
			out = append(out, view.Head{})
			continue
		}
		out = append(out, view.Head{Text: i18n.T(ctx, "moves.col."+key), Num: key == "n"})
	}
	return out
}

// moveNumber is the number of a case, or that there is none any more.
func moveNumber(ctx context.Context, l cases.MoveLine) string {
	if l.Number == "" {
		return i18n.T(ctx, "moves.result.gone")
	}
	return l.Number
}
