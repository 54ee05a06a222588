package policyweb

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// group of inputs of an editor.
type group struct {
	Key    string
	Inputs []input
}

// input of an editor, in one of the shapes.
type input struct {
	view.In
	Shape string // "", area, select, checks
}

type editPage struct {
	Document *policy.Paper // nil for a new document
	Paper    *policy.Paper // what is edited, nil for something new
	Kind     policy.Kind
	Form     *form.Form
	Groups   []group
	Action   string
	Back     string
	Open     []errs.Field // what keeps the draft from being proposed
	Clause   policy.Clause
	Pages    *Pages
}

// inputs are all inputs, for the summary of complaints.
func (d editPage) inputs() []view.In {
	var out []view.In
	for _, g := range d.Groups {
		for _, x := range g.Inputs {
			out = append(out, x.In)
		}
	}
	return out
}

func put(f *form.Form, kv ...string) {
	for i := 0; i+1 < len(kv); i += 2 {
		if kv[i+1] != "" {
			f.Values().Set(kv[i], kv[i+1])
		}
	}
}

// documentForm fills the form with a document.
func documentForm(d policy.Document) *form.Form {
	f := form.New("key", d.Key)
	put(f, "number", d.Number, "title.zh", d.Title.ZH, "title.en", d.Title.EN, "issuer.zh", d.Issuer.ZH, "issuer.en", d.Issuer.EN, "department", d.Department, "level", string(d.Level),
		"region", d.Region, "issued", d.Issued, "from", d.From, "until", d.Until, "text.zh", d.Text.ZH, "text.en", d.Text.EN, "source", d.Source, "repeals", policy.WriteList(d.Repeals))
	return f
}

func readDocument(f *form.Form, key string) policy.Document {
	return policy.Document{
		Key: cmp.Or(key, f.Text("key")), Number: f.Text("number"), Title: texts(f, "title"), Issuer: texts(f, "issuer"), Department: f.Text("department"), Level: policy.Level(f.Text("level")),
		Region: f.Text("region"), Issued: f.Text("issued"), From: f.Text("from"), Until: f.Text("until"), Text: texts(f, "text"), Source: f.Text("source"), Repeals: policy.ReadList(f.Text("repeals")),
	}
}

func texts(f *form.Form, name string) i18n.Text {
	return i18n.Text{ZH: f.Text(name + ".zh"), EN: f.Text(name + ".en")}
}

// clauseForm fills the form with a clause.
func clauseForm(c policy.Clause) *form.Form {
	f, b := form.New("key", c.Key), c.Benefit
	put(f, "place", c.Place, "title.zh", c.Title.ZH, "title.en", c.Title.EN, "summary.zh", c.Summary.ZH, "summary.en", c.Summary.EN,
		"benefit.kind", string(b.Kind), "benefit.amount", policy.WriteMoney(b.Amount), "benefit.rate", policy.WriteRate(b.Rate), "benefit.of", b.Of, "benefit.cap", policy.WriteMoney(b.Cap),
		"benefit.per", string(b.Per), "benefit.budget", policy.WriteMoney(b.Budget), "benefit.fund", b.Fund, "benefit.covers", b.Covers, "benefit.text.zh", b.Text.ZH, "benefit.text.en", b.Text.EN,
		"way", string(c.Way), "item", c.Item, "windows", policy.WriteWindows(c.Windows), "materials", policy.WriteTexts(c.Materials), "rule", c.Rule, "zero", c.Zero,
		"excludes", policy.WriteList(c.Excludes), "package", c.Package)
	if c.Publicity > 0 {
		put(f, "publicity", strconv.Itoa(c.Publicity))
	}
	f.Values()["topics"] = c.Topics
	return f
}

// readClause reads the form; what is no number is told at its input.
func readClause(f *form.Form, key string) policy.Clause {
	rate, ok := policy.ReadRate(f.Value("benefit.rate"))
	if !ok {
		f.Complain("benefit.rate", "policy.field.rate", nil)
	}
	return policy.Clause{
		Key: cmp.Or(key, f.Text("key")), Place: f.Text("place"), Title: texts(f, "title"), Summary: texts(f, "summary"),
		Benefit: policy.Benefit{
			Kind: policy.BenefitKind(f.Text("benefit.kind")), Amount: f.Money("benefit.amount", false), Rate: rate, Of: f.Text("benefit.of"), Cap: f.Money("benefit.cap", false), Per: policy.Per(f.Text("benefit.per")),
			Budget: f.Money("benefit.budget", false), Fund: f.Text("benefit.fund"), Covers: f.Text("benefit.covers"), Text: texts(f, "benefit.text"),
		},
		Way: policy.Way(f.Text("way")), Item: f.Text("item"), Windows: policy.ReadWindows(f.Text("windows")), Materials: policy.ReadTexts(f.Text("materials")), Rule: f.Text("rule"), Zero: f.Text("zero"),
		Topics: f.All("topics"), Excludes: policy.ReadList(f.Text("excludes")), Package: f.Text("package"), Publicity: int(f.Int("publicity", 0, 60, false)),
	}
}

func (p *Pages) newDocument(w http.ResponseWriter, r *http.Request) error {
	f, actor := form.New("level", string(policy.Zone)), auth.From(r.Context())
	if of := policy.Departments(actor); len(of) == 1 && !policy.Administers(actor) {
		put(f, "department", of[0], "region", p.Identity.Directory().Department(of[0]).Region)
	}
	return p.showEditor(w, r, editPage{Kind: policy.KindDocument, Form: f, Action: DeskPath + "/new", Back: DeskPath})
}

func (p *Pages) editDocument(w http.ResponseWriter, r *http.Request) error {
	x, _, err := p.Service.Paper(r.Context(), auth.From(r.Context()), policy.KindDocument, r.PathValue("document"))
	if err != nil {
		return err
	}
	return p.showEditor(w, r, editPage{Document: &x, Paper: &x, Kind: policy.KindDocument, Form: documentForm(*x.Latest().Document), Action: filePath(x.Key) + "/edit", Back: filePath(x.Key)})
}

// saveDocument keeps a document, new or edited, as a draft.
func (p *Pages) saveDocument(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, actor, key := r.Context(), auth.From(r.Context()), r.PathValue("document")
	version, _ := strconv.Atoi(f.Value("version"))
	in := readDocument(f, key)
	if f.OK() {
		if _, err := p.Service.SaveDocument(ctx, actor, in, version); err == nil {
			return p.saved(w, r, filePath(in.Key))
		} else if !f.Reject(err) {
			return err
		}
	}
	d := editPage{Kind: policy.KindDocument, Form: f, Action: DeskPath + "/new", Back: DeskPath}
	if key != "" {
		x, _, err := p.Service.Paper(ctx, actor, policy.KindDocument, key)
		if err != nil {
			return err
		}
		d.Document, d.Paper, d.Action, d.Back = &x, &x, filePath(key)+"/edit", filePath(key)
	}
	return p.showEditor(w, r, d)
}

func (p *Pages) newClause(w http.ResponseWriter, r *http.Request) error {
	x, clauses, err := p.Service.File(r.Context(), auth.From(r.Context()), r.PathValue("document"))
	if err != nil {
		return err
	}
	f := form.New("key", x.Key+"-"+strconv.Itoa(len(clauses)+1))
	return p.showEditor(w, r, editPage{Document: &x, Kind: policy.KindClause, Form: f, Action: filePath(x.Key) + "/clauses/new", Back: filePath(x.Key)})
}

func (p *Pages) editClause(w http.ResponseWriter, r *http.Request) error {
	d, err := p.clauseEditor(r, r.PathValue("key"))
	if err != nil {
		return err
	}
	d.Form = clauseForm(d.Clause)
	return p.showEditor(w, r, d)
}

func (p *Pages) clauseEditor(r *http.Request, key string) (editPage, error) {
	ctx, actor := r.Context(), auth.From(r.Context())
	x, _, err := p.Service.Paper(ctx, actor, policy.KindClause, key)
	if err != nil {
		return editPage{}, err
	}
	document, _, err := p.Service.Paper(ctx, actor, policy.KindDocument, x.Document)
	return editPage{Document: &document, Paper: &x, Kind: policy.KindClause, Clause: *x.Latest().Clause, Action: paperPath(key) + "/edit", Back: paperPath(key)}, err
}

// saveClause keeps a clause, new or edited, as a draft.
func (p *Pages) saveClause(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, actor, key, document := r.Context(), auth.From(r.Context()), r.PathValue("key"), r.PathValue("document")
	d := editPage{Kind: policy.KindClause, Action: filePath(document) + "/clauses/new", Back: filePath(document)}
	if key != "" {
		if d, err = p.clauseEditor(r, key); err != nil {
			return err
		}
		document = d.Document.Key
	} else if x, _, err := p.Service.File(ctx, actor, document); err != nil {
		return err
	} else {
		d.Document = &x
	}
	version, _ := strconv.Atoi(f.Value("version"))
	in := readClause(f, key)
	if f.OK() {
		x, err := p.Service.SaveClause(ctx, actor, document, in, version)
		if err == nil {
			return p.saved(w, r, paperPath(x.Key)+"/edit")
		}
		if !f.Reject(err) {
			return err
		}
	}
	d.Form, d.Clause = f, in
	return p.showEditor(w, r, d)
}

func (p *Pages) saved(w http.ResponseWriter, r *http.Request, to string) error {
	p.Sessions.Flash(r.Context(), "policy.flash.saved")
	return httpx.SeeOther(w, r, to)
}

// showEditor shows the form; a draft that was saved with faults says so at each input.
func (p *Pages) showEditor(w http.ResponseWriter, r *http.Request, d editPage) error {
	ctx := r.Context()
	d.Pages = p
	if d.Paper != nil && d.Paper.Stage != policy.None && d.Form.OK() {
		var err error
		if d.Open, err = p.Service.Faults(ctx, *d.Paper); err != nil {
			return err
		}
	}
	if d.Kind == policy.KindDocument {
		d.Groups = p.documentGroups(ctx, auth.From(ctx), d.Paper == nil)
	} else {
		var err error
		if d.Groups, err = p.clauseGroups(ctx, d.Paper == nil); err != nil {
			return err
		}
	}
	return view.Render(w, r, d.Form.Status(), editView(d))
}

// two are the inputs of a text in both languages.
func two(ctx context.Context, name, key, shape string, rows, most int, required bool) []input {
	label := i18n.T(ctx, "policy.field."+key)
	return []input{
		{view.In{Name: name + ".zh", Label: label, Rows: rows, MaxLength: most, Required: required, Optional: !required}, shape},
		{view.In{Name: name + ".en", Label: i18n.T(ctx, "policy.in_english", "name", label), Rows: rows, MaxLength: most, Optional: true}, shape},
	}
}

func options[T ~string](ctx context.Context, word string, list []T) []view.Opt {
	out := make([]view.Opt, len(list))
	for i, x := range list {
		out[i] = view.Opt{Value: string(x), Label: i18n.T(ctx, "policy."+word+"."+string(x))}
	}
	return out
}

func hinted(ctx context.Context, name, key string) view.In {
	return view.In{Name: name, Label: i18n.T(ctx, "policy.field."+key), Hint: i18n.T(ctx, "policy.hint_on."+key)}
}

func named(ctx context.Context, name, key string) view.In {
	return view.In{Name: name, Label: i18n.T(ctx, "policy.field."+key)}
}

func with(in view.In, change func(in *view.In)) view.In {
	change(&in)
	return in
}

func (p *Pages) documentGroups(ctx context.Context, actor auth.Actor, fresh bool) []group {
	d := p.Identity.Directory()
	var departments []view.Opt
	for _, x := range d.Departments {
		if policy.Administers(actor) || slices.Contains(policy.Departments(actor), x.ID) {
			departments = append(departments, view.Opt{Value: x.ID, Label: x.Name.For(ctx)})
		}
	}
	dated := func(in *view.In) { in.Type, in.Width, in.Required = "date", "sm", true }
	about := []input{}
	if fresh {
		about = append(about, input{with(hinted(ctx, "key", "key"), func(in *view.In) { in.Required, in.MaxLength, in.Width = true, 60, "md" }), ""})
	}
	about = append(about, input{with(named(ctx, "number", "number"), func(in *view.In) { in.Required, in.MaxLength, in.Width = true, 60, "md" }), ""})
	about = slices.Concat(about, two(ctx, "title", "title", "", 0, 120, true), two(ctx, "issuer", "issuer", "", 0, 120, true), two(ctx, "text", "text", "area", 5, 4000, true))
	return []group{
		{"about", about},
		{"place", []input{
			{with(named(ctx, "department", "department"), func(in *view.In) {
				in.Options, in.Placeholder, in.Required, in.Width = departments, i18n.T(ctx, "policy.choose"), true, "md"
			}), "select"},
			{with(named(ctx, "level", "level"), func(in *view.In) {
				in.Options, in.Required, in.Width = options(ctx, "level", policy.Levels), true, "md"
			}), "select"},
			{with(hinted(ctx, "region", "region"), func(in *view.In) { in.MaxLength, in.Width, in.Inputmode, in.Optional = 12, "sm", "numeric", true }), ""},
		}},
		{"term", []input{
			{with(named(ctx, "issued", "issued"), dated), ""},
			{with(named(ctx, "from", "from"), dated), ""},
			{with(hinted(ctx, "until", "until"), func(in *view.In) { in.Type, in.Width, in.Optional = "date", "sm", true }), ""},
			{with(hinted(ctx, "repeals", "repeals"), func(in *view.In) { in.Rows, in.Optional = 2, true }), "area"},
			{with(named(ctx, "source", "source"), func(in *view.In) { in.Type, in.MaxLength, in.Optional = "url", 500, true }), ""},
		}},
	}
}

func (p *Pages) clauseGroups(ctx context.Context, fresh bool) ([]group, error) {
	funds := []view.Opt{}
	if p.Service.Ports.Funds != nil {
		all, err := p.Service.Ports.Funds(ctx)
		if err != nil {
			return nil, err
		}
		for key, name := range all {
			funds = append(funds, view.Opt{Value: key, Label: name.For(ctx)})
		}
		slices.SortFunc(funds, func(a, b view.Opt) int { return strings.Compare(a.Label, b.Label) })
	}
	optional := func(rows int) func(in *view.In) {
		return func(in *view.In) { in.Rows, in.Optional = rows, true }
	}
	choose := func(word string, list []view.Opt, required bool) func(in *view.In) {
		return func(in *view.In) {
			in.Options, in.Required, in.Optional, in.Width, in.Placeholder = list, required, !required, "md", i18n.T(ctx, "policy."+word)
		}
	}
	yuan := func(in *view.In) {
		in.Inputmode, in.Width, in.Suffix, in.Optional = "decimal", "sm", i18n.T(ctx, "policy.yuan"), true
	}
	about := []input{}
	if fresh {
		about = append(about, input{with(hinted(ctx, "key", "key"), func(in *view.In) { in.Required, in.MaxLength, in.Width = true, 60, "md" }), ""})
	}
	about = slices.Concat(about, two(ctx, "title", "clause_title", "", 0, 120, true), []input{{with(hinted(ctx, "place", "place"), func(in *view.In) { in.MaxLength, in.Width, in.Optional = 60, "md", true }), ""}},
		two(ctx, "summary", "summary", "area", 3, 1000, true), []input{{with(named(ctx, "topics", "topics"), func(in *view.In) { in.Options = options(ctx, "topic", policy.Topics) }), "checks"}})
	gives := slices.Concat([]input{
		{with(named(ctx, "benefit.kind", "kind"), choose("choose", options(ctx, "kind", policy.Kinds), true)), "select"},
		{with(named(ctx, "benefit.per", "per"), choose("choose", options(ctx, "per", policy.Pers), true)), "select"},
		{with(hinted(ctx, "benefit.amount", "amount"), yuan), ""},
		{with(named(ctx, "benefit.rate", "rate"), func(in *view.In) { in.Inputmode, in.Width, in.Suffix, in.Optional = "decimal", "xs", "%", true }), ""},
		{with(hinted(ctx, "benefit.of", "of"), func(in *view.In) { in.Optional = true }), ""},
		{with(named(ctx, "benefit.cap", "cap"), yuan), ""},
	}, two(ctx, "benefit.text", "benefit", "area", 2, 1000, false), []input{
		{with(named(ctx, "benefit.budget", "budget"), yuan), ""},
		{with(named(ctx, "benefit.fund", "fund"), choose("no_fund", funds, false)), "select"},
		{with(hinted(ctx, "benefit.covers", "covers"), choose("no_cost", options(ctx, "covers", policy.Costs), false)), "select"},
	})
	return []group{
		{"about", about},
		{"gives", gives},
		{"whom", []input{
			{with(hinted(ctx, "rule", "rule"), func(in *view.In) {
				in.Rows, in.MaxLength, in.Optional, in.Attrs = 6, 4000, true, map[string]any{"spellcheck": "false", "data-rule": ""}
			}), "rule"},
			{with(hinted(ctx, "zero", "zero"), choose("no_zero", options(ctx, "zero", policy.ZeroKeys), false)), "select"},
		}},
		{"how", []input{
			{with(named(ctx, "way", "way"), choose("choose", options(ctx, "way", policy.Ways), true)), "select"},
			{with(hinted(ctx, "item", "item"), func(in *view.In) { in.MaxLength, in.Width, in.Optional = 40, "sm", true }), ""},
			{with(hinted(ctx, "windows", "windows"), optional(3)), "area"},
			{with(hinted(ctx, "materials", "materials"), optional(3)), "area"},
			{with(named(ctx, "publicity", "publicity"), func(in *view.In) {
				in.Inputmode, in.Width, in.Suffix, in.Optional = "numeric", "xs", i18n.T(ctx, "policy.working_days"), true
			}), ""},
		}},
		{"beside", []input{
			{with(hinted(ctx, "excludes", "excludes"), optional(2)), "area"},
			{with(hinted(ctx, "package", "package"), func(in *view.In) { in.MaxLength, in.Width, in.Optional = 60, "md", true }), ""},
		}},
	}, nil
}
