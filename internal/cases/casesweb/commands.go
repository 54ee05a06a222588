package casesweb

import (
	"context"
	"encoding/base64"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/docs"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// commandForm describes the form of one command. Its words are the locale keys
// cases.command.<command> (the button), work.do.<command> (what will happen)
// and work.do.<command>.<input>; work.flash.<command> says that it worked.
type commandForm struct {
	Command cases.Command
	Key     string  // key of the workbench, "" for none
	Direct  bool    // one press is enough; the form is for who comes without script or by its address
	Asks    bool    // a direct one that asks first: work.do.<command>.confirm
	Quiet   bool    // at the end of the buttons, not to be pressed by chance
	Inputs  []input // what has to be said
	Give    func(ctx context.Context, s *cases.Service, a auth.Actor, ref cases.Ref, f *form.Form) error
}

// channels by which cases come, as a list is narrowed by them.
var channels = func() (out []string) {
	for _, c := range cases.Channels {
		out = append(out, string(c))
	}
	return out
}()

// outcomes of a decision, as a form offers them.
var outcomes = func() (out []string) {
	for _, o := range cases.Outcomes {
		out = append(out, string(o))
	}
	return out
}()

// commandForms is the table of the commands that staff give, in the order of
// the buttons. How to add a command: docs/architecture.md, "Where to add".
var commandForms = []commandForm{
	{Command: cases.CmdAccept, Key: "a", Direct: true, Asks: true, Give: plain((*cases.Service).Accept)},
	{Command: cases.CmdAskSupplement, Key: "s", Inputs: []input{points, note}, Give: asking((*cases.Service).AskSupplement)},
	{Command: cases.CmdClaim, Key: "c", Direct: true, Give: plain((*cases.Service).Claim)},
	{Command: cases.CmdEndorse, Key: "e", Inputs: []input{choice("result", "agree", "object"), reason(saidOften.opinion)}, Give: giveEndorse},
	{Command: cases.CmdDecide, Key: "d", Inputs: []input{choice("outcome", outcomes...), reason(saidOften.denial), {Name: "wording", Kind: kindWording}}, Give: giveDecide},
	{Command: cases.CmdDeliver, Key: "v", Inputs: []input{choice("how", string(cases.AtWindow), string(cases.ByPost)), line("receiver", 100), code("pickup", 6), {Name: "signature", Kind: kindSignature}, maybe("carrier", 50), maybe("tracking", 50)}, Give: giveDeliver},
	{Command: cases.CmdSendBack, Key: "b", Inputs: []input{points, note}, Give: asking((*cases.Service).SendBack)},
	{Command: cases.CmdRecall, Quiet: true, Inputs: []input{reason(nil)}, Give: reasoned((*cases.Service).Recall)},
	{Command: cases.CmdResume, Key: "p", Inputs: []input{reason(nil)}, Give: reasoned((*cases.Service).Resume)},
	{Command: cases.CmdPause, Key: "p", Inputs: []input{choice("kind", catalogue.Uncounted...), {Name: "until", Kind: kindDate}, reason(saidOften.pause)}, Give: givePause},
	{Command: cases.CmdExtend, Key: "t", Inputs: []input{{Name: "days", Kind: kindNumber, Max: cases.MaxExtension}, reason(saidOften.extension)}, Give: giveExtend},
	{Command: cases.CmdRelease, Key: "u", Direct: true, Give: plain((*cases.Service).Release)},
	{Command: cases.CmdArrange, Key: "i", Inputs: []input{{Name: "officers", Kind: kindMany}, {Name: "on", Kind: kindDate}, line("place", 200), reason(nil)}, Give: giveArrange},
	{Command: cases.CmdObject, Inputs: []input{line("name", 50), line("contact", 50), {Name: "body", Kind: kindText, Max: 2000}}, Give: giveObject},
	{Command: cases.CmdAnswer, Key: "w", Inputs: []input{pick("objection"), choice("upheld", "no", "yes"), reason(nil)}, Give: giveAnswer},
	{Command: cases.CmdReturn, Inputs: []input{pick("desk"), reason(nil)}, Give: giveReturn},
	{Command: cases.CmdCheck, Key: "o", Inputs: []input{{Name: "material", Kind: kindMaterial}}, Give: giveCheck},
	{Command: cases.CmdWaive, Quiet: true, Inputs: []input{{Name: "material", Kind: kindMaterial}, reason(nil)}, Give: giveWaive},
	{Command: cases.CmdReassign, Key: "g", Inputs: []input{pick("task"), pick("to"), reason(nil)}, Give: giveReassign},
	{Command: cases.CmdTransfer, Quiet: true, Inputs: []input{{Name: "department", Kind: kindSelect}, {Name: "wrong_body", Kind: kindTick}, reason(saidOften.transfer)}, Give: giveTransfer},
	{Command: cases.CmdNote, Key: "n", Inputs: []input{reason(nil)}, Give: reasoned((*cases.Service).Note)},
	{Command: cases.CmdVerify, Key: "y", Inputs: []input{choice("result", string(cases.Kept), string(cases.Mend), string(cases.Broken)), {Name: "days", Kind: kindNumber, Max: cases.MaxFixDays}, reason(nil)}, Give: giveVerify},
	{Command: cases.CmdRevoke, Quiet: true, Inputs: []input{reason(nil)}, Give: reasoned((*cases.Service).Revoke)},
	{Command: cases.CmdRefuse, Key: "r", Quiet: true, Inputs: []input{reason(saidOften.refusal)}, Give: reasoned((*cases.Service).Refuse)},
	{Command: cases.CmdWithdraw, Quiet: true, Inputs: []input{reason(nil)}, Give: reasoned((*cases.Service).Withdraw)},
}

// inputKind says how an input of a command is shown.
type inputKind int

const (
	kindReason    inputKind = iota // what is often said as choices, and room for words of one's own
	kindChoice                     // one of a few
	kindLine                       // a line
	kindCode                       // a line of figures
	kindNumber                     // a number up to Max
	kindText                       // several lines
	kindPoints                     // materials and fields, each with a reason
	kindWording                    // the decision in each outcome
	kindPick                       // one of what the case offers, see picks
	kindSelect                     // the same, when there are many
	kindTick                       // yes or no
	kindMaybe                      // a line that may stay empty
	kindSignature                  // drawn by hand
	kindMany                       // several of what the case offers
	kindDate
	kindMaterial // one of the materials that the command can be about
)

// input is one thing that a command asks for.
type input struct {
	Name    string
	Kind    inputKind
	Options []string // of a choice; labels are work.do.<command>.<name>.<option>
	Often   []i18n.Text
	Max     int
}

var (
	points = input{Name: "points", Kind: kindPoints}
	note   = input{Name: "note", Kind: kindText, Max: 1000}
)

func reason(often []i18n.Text) input {
	return input{Name: "reason", Kind: kindReason, Often: often, Max: 1000}
}

func choice(name string, options ...string) input {
	return input{Name: name, Kind: kindChoice, Options: options}
}
func line(name string, longest int) input { return input{Name: name, Kind: kindLine, Max: longest} }
func maybe(name string, longest int) input {
	return input{Name: name, Kind: kindMaybe, Max: longest}
}
func code(name string, figures int) input { return input{Name: name, Kind: kindCode, Max: figures} }

type give = func(ctx context.Context, s *cases.Service, a auth.Actor, ref cases.Ref, f *form.Form) error

// plain is a command that asks for nothing.
func plain(do func(*cases.Service, context.Context, auth.Actor, cases.Ref) (cases.Case, error)) give {
	return func(ctx context.Context, s *cases.Service, a auth.Actor, ref cases.Ref, _ *form.Form) error {
		_, err := do(s, ctx, a, ref)
		return err
	}
}

// reasoned is a command that asks for a reason only.
func reasoned(do func(*cases.Service, context.Context, auth.Actor, cases.Ref, string) (cases.Case, error)) give {
	return func(ctx context.Context, s *cases.Service, a auth.Actor, ref cases.Ref, f *form.Form) error {
		why := reasonOf(f)
		if !f.OK() {
			return nil
		}
		_, err := do(s, ctx, a, ref, why)
		return err
	}
}

// asking is a command that names what the applicant has to add.
func asking(do func(*cases.Service, context.Context, auth.Actor, cases.Ref, cases.AskInput) (cases.Case, error)) give {
	return func(ctx context.Context, s *cases.Service, a auth.Actor, ref cases.Ref, f *form.Form) error {
		in := cases.AskInput{Points: pointsIn(f), Note: f.Text("note", form.Max(1000))}
		if !f.OK() {
			return nil
		}
		_, err := do(s, ctx, a, ref, in)
		return err
	}
}

func giveEndorse(ctx context.Context, s *cases.Service, a auth.Actor, ref cases.Ref, f *form.Form) error {
	in := cases.EndorseInput{Object: f.Text("result", form.Required, form.OneOf("agree", "object")) == "object", Opinion: reasonOf(f), HeldOn: f.Text("held_on", form.Max(20))}
	if !f.OK() {
		return nil
	}
	_, err := s.Endorse(ctx, a, ref, in)
	return err
}

func giveDecide(ctx context.Context, s *cases.Service, a auth.Actor, ref cases.Ref, f *form.Form) error {
	in := decisionIn(f)
	if !f.OK() {
		return nil
	}
	_, err := s.Decide(ctx, a, ref, in)
	return err
}

// decisionIn reads a decision. The wording comes in one text for each outcome,
// since the form has to work without script.
func decisionIn(f *form.Form) cases.DecideInput {
	in := cases.DecideInput{Outcome: cases.Outcome(f.Text("outcome", form.Required, form.OneOf(outcomes...))), Reason: reasonOf(f), Said: saidIn(f)}
	for _, o := range cases.Outcomes {
		text := f.Text(wordingName(o), form.Max(2000))
		if o == in.Outcome && text != strings.TrimSpace(f.Value(wordingName(o)+"_as_shown")) {
			in.Text = text // else the template as it is, in both languages
		}
	}
	return in
}

func wordingName(o cases.Outcome) string { return "text_" + string(o) }

func giveDeliver(ctx context.Context, s *cases.Service, a auth.Actor, ref cases.Ref, f *form.Form) error {
	in := cases.DeliverInput{
		How:      cases.Collect(f.Text("how", form.Required, form.OneOf(string(cases.AtWindow), string(cases.ByPost)))),
		Receiver: f.Text("receiver", form.Max(100)), Pickup: strings.ReplaceAll(f.Text("pickup", form.Max(20)), " ", ""),
		Carrier: f.Text("carrier", form.Max(50)), Tracking: f.Text("tracking", form.Max(50)), Signature: drawnIn(f, "signature"),
	}
	if !f.OK() {
		return nil
	}
	_, err := s.Deliver(ctx, a, ref, in)
	return err
}

func givePause(ctx context.Context, s *cases.Service, a auth.Actor, ref cases.Ref, f *form.Form) error {
	in := cases.PauseInput{Kind: f.Text("kind", form.Required), Until: f.Text("until", form.Required, form.Max(10)), Reason: reasonOf(f)}
	if !f.OK() {
		return nil
	}
	_, err := s.PauseFor(ctx, a, ref, in)
	return err
}

func giveExtend(ctx context.Context, s *cases.Service, a auth.Actor, ref cases.Ref, f *form.Form) error {
	days, why := f.Int("days", 1, cases.MaxExtension, true), reasonOf(f)
	if !f.OK() {
		return nil
	}
	_, err := s.Extend(ctx, a, ref, int(days), why)
	return err
}

func giveVerify(ctx context.Context, s *cases.Service, a auth.Actor, ref cases.Ref, f *form.Form) error {
	in := cases.VerifyInput{Result: cases.Finding(f.Text("result", form.Required, form.OneOf(string(cases.Kept), string(cases.Mend), string(cases.Broken)))), Reason: reasonOf(f)}
	in.Days = int(f.Int("days", 1, cases.MaxFixDays, in.Result == cases.Mend))
	if !f.OK() {
		return nil
	}
	_, err := s.Verify(ctx, a, ref, in)
	return err
}

// reasonOf puts the sentence chosen and the words added together.
func reasonOf(f *form.Form) string {
	own := f.Text("reason", form.Max(1000))
	often := f.Text("often", form.Max(1000))
	switch {
	case often == "":
		return own
	case own == "":
		return often
	default:
		return often + own
	}
}

// pointsIn reads what is asked for: what is ticked, and what has a reason.
func pointsIn(f *form.Form) []cases.Point {
	var out []cases.Point
	seen := map[string]bool{}
	add := func(name string) {
		kind, key, ok := strings.Cut(name, ".")
		if !ok || seen[name] || len(out) >= 200 {
			return
		}
		seen[name] = true
		out = append(out, cases.Point{Kind: kind, Key: key, Reason: f.Text("reason."+name, form.Required, form.Max(300))})
	}
	for _, name := range f.All("point") {
		add(name)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Values())) {
		if rest, ok := strings.CutPrefix(name, "reason."); ok && strings.TrimSpace(f.Value(name)) != "" {
			add(rest)
		}
	}
	return out
}

// commandPage is the form of a command in hand.
type commandPage struct {
	commandForm
	Form    *form.Form
	Version int
	Task    string // that an opinion is given on, for who has several
	Kind    catalogue.TaskKind
	Stale   bool   // somebody acted while the form was filled in
	Who     string // that was, and what he did
	What    string
	Closed  bool              // the command is not possible any more
	Said    []catalogue.Field // what the procedure of the item asks for
	Picks   map[string][]view.Opt
	Canned  canned
	Preview *docs.Text // the paper that the decision would leave
}

// offered leaves out what this case does not allow: a result that the applicant
// collects is not sent by post.
func (f commandForm) offered(v *cases.View) commandForm {
	if f.Command == cases.CmdDeliver && v.Collect != cases.ByPost {
		f.Inputs = slices.Clone(f.Inputs)
		f.Inputs = slices.DeleteFunc(f.Inputs, func(in input) bool { return in.Name == "carrier" || in.Name == "tracking" })
		for i, in := range f.Inputs {
			if in.Name == "how" {
				f.Inputs[i].Options = []string{string(cases.AtWindow)}
			}
		}
	}
	return f
}

func formOf(c cases.Command) (commandForm, bool) {
	i := slices.IndexFunc(commandForms, func(f commandForm) bool { return f.Command == c })
	if i < 0 {
		return commandForm{}, false
	}
	return commandForms[i], true
}

// askCommand shows the form of a command.
func (p *Pages) askCommand(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	c, ok := formOf(cases.Command(r.PathValue("command")))
	if !ok {
		return httpx.ErrNotFound
	}
	x, err := p.pane(ctx, actor, cases.ID(r.PathValue("id")), listOf(r.FormValue("from")))
	if err != nil {
		return err
	}
	if err := p.Service.Refusal(actor, x.V, c.Command); err != nil {
		return err
	}
	x.Command = &commandPage{commandForm: c.offered(x.V), Form: p.startForm(x.V, c), Version: x.V.Version}
	if err := p.addSaid(ctx, actor, x, true); err != nil {
		return err
	}
	if err := p.picks(ctx, actor, x.V, x.Command); err != nil {
		return err
	}
	if x.Command.Canned, err = p.cannedFor(ctx, actor, x.V); err != nil {
		return err
	}
	return p.showPane(w, r, http.StatusOK, x)
}

// giveCommand gives a command and goes back to the case. A rejected form comes
// back as it was; so does a stale one, with what happened in between.
func (p *Pages) giveCommand(w http.ResponseWriter, r *http.Request) error {
	ctx, actor, id := r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id"))
	c, ok := formOf(cases.Command(r.PathValue("command")))
	if !ok {
		return httpx.ErrNotFound
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if c.Command == cases.CmdDecide && f.Value("preview") != "" {
		return p.previewDecision(w, r, c, f)
	}
	version, _ := strconv.Atoi(f.Value("version"))
	err = c.Give(ctx, p.Service, actor, cases.Ref{ID: id, Version: max(version, 0)}, f)
	from := listOf(f.Value("from"))
	if err == nil && f.OK() {
		p.Sessions.Flash(ctx, "work.flash."+string(c.Command))
		if s := opened(from, id); s != "" {
			return httpx.SeeOther(w, r, s)
		}
		return httpx.SeeOther(w, r, casePath(work, id))
	}
	stale := errors.Is(err, cases.ErrStale)
	if err != nil && !stale && !f.Reject(err) {
		return err
	}
	x, err := p.pane(ctx, actor, id, from)
	if err != nil {
		return err
	}
	if err := p.formAgain(ctx, actor, x, c, f); err != nil {
		return err
	}
	if !stale {
		return p.showPane(w, r, http.StatusUnprocessableEntity, x)
	}
	x.Command.becameStale(x)
	return p.showPane(w, r, http.StatusPreconditionFailed, x)
}

// addSaid adds what the procedure of the item asks for with the command, filled
// with what it proposes when the form is new.
func (p *Pages) addSaid(ctx context.Context, actor auth.Actor, x *casePane, fresh bool) error {
	fields, proposed, err := p.Service.Said(ctx, actor, x.V, x.Command.Command)
	if err != nil {
		return err
	}
	x.Command.Said = fields
	if fresh {
		for _, f := range fields {
			x.Command.Form.Values()[cases.SaidPrefix+f.ID] = proposed[f.ID]
		}
	}
	return nil
}

// saidIn reads what was said for the procedure of the item.
func saidIn(f *form.Form) cases.Typed {
	out := cases.Typed{}
	for name, v := range f.Values() {
		if id, ok := strings.CutPrefix(name, cases.SaidPrefix); ok {
			out[id] = v
		}
	}
	return out
}

// saidInput is such a field as an input of the form.
func saidInput(ctx context.Context, f catalogue.Field) view.In {
	in := view.In{Name: cases.SaidPrefix + f.ID, Label: f.Label.For(ctx), Hint: f.Hint.For(ctx), Optional: !f.Required, MaxLength: 200}
	typedIn(ctx, f, &in)
	return in
}

// becameStale says what happened in between, and whether the command still can be given.
func (d *commandPage) becameStale(x *casePane) {
	d.Stale, d.Closed = true, !x.V.May(d.Command)
	if len(x.Timeline) > 0 {
		last := x.Timeline[0]
		d.Who, d.What = strings.TrimSpace(last.Role+" "+last.Who), last.What
	}
}

// startForm is a form as it is first shown.
func (p *Pages) startForm(v *cases.View, c commandForm) *form.Form {
	var kv []string
	switch c.Command {
	case cases.CmdDecide:
		for _, o := range cases.Outcomes {
			kv = append(kv, wordingName(o), p.Service.Wording(v, o, p.now()))
		}
	case cases.CmdDeliver:
		how := v.Collect
		if how != cases.ByPost {
			how = cases.AtWindow
		}
		kv = append(kv, "how", string(how))
	case cases.CmdEndorse:
		kv = append(kv, "result", "agree")
	case cases.CmdExtend:
		kv = append(kv, "days", "5")
	}
	return form.New(kv...)
}

// commandKeys are the keys of the commands, for the table of keys.
func commandKeys(ctx context.Context) []view.Key {
	var out []view.Key
	for _, f := range commandForms {
		if f.Key != "" && !slices.ContainsFunc(out, func(k view.Key) bool { return k.Key == f.Key }) {
			out = append(out, view.Key{Key: f.Key, Text: i18n.T(ctx, "cases.command."+string(f.Command))})
		}
	}
	return append(out, view.Key{Key: "f", Text: i18n.T(ctx, "work.case.fill")})
}

// say is a text of the command's form; "" when there is none.
func (d *commandPage) say(ctx context.Context, part string) string {
	key := "work.do." + string(d.Command)
	if part != "" {
		key += "." + part
	}
	return i18n.T(ctx, key)
}

// in describes an input of the form.
func (d *commandPage) in(ctx context.Context, x input) view.In {
	in := view.In{Name: x.Name, Label: d.say(ctx, x.Name), MaxLength: x.Max}
	switch x.Kind {
	case kindChoice:
		in.Required = true
		for _, o := range x.Options {
			in.Options = append(in.Options, view.Opt{Value: o, Label: d.say(ctx, x.Name+"."+o)})
		}
	case kindDate:
		in.Required, in.Type, in.Width, in.Hint = true, "date", "sm", d.say(ctx, x.Name+".hint")
		in.MaxLength = 0
	case kindPick, kindSelect, kindMany:
		in.Required, in.Options, in.Hint = true, d.Picks[x.Name], d.say(ctx, x.Name+".hint")
	case kindTick:
		in.Hint = d.say(ctx, x.Name+".hint")
	case kindLine:
		in.Required, in.Width, in.Hint = true, "md", d.say(ctx, x.Name+".hint")
	case kindMaybe:
		in.Width, in.Hint = "md", d.say(ctx, x.Name+".hint")
	case kindCode:
		in.Inputmode, in.Autocomplete, in.Width, in.Hint = "numeric", "off", "sm", d.say(ctx, x.Name+".hint")
		in.MaxLength = 0 // may be typed in groups
	case kindNumber:
		in.Required, in.Inputmode, in.Width, in.MaxLength = true, "numeric", "xs", 2
		in.Suffix, in.Hint = i18n.T(ctx, "work.do.workdays"), d.say(ctx, x.Name+".hint")
	case kindText:
		in.Optional, in.Rows, in.Hint = true, 3, d.say(ctx, x.Name+".hint")
	case kindReason:
		in.Rows, in.Hint = 3, d.say(ctx, x.Name+".hint")
		switch d.Kind { // where an opinion without words is none
		case catalogue.TaskInspection:
			in.Hint = i18n.T(ctx, "work.opinion.said")
		case catalogue.TaskOpinion:
			in.Hint = i18n.T(ctx, "work.opinion.expert")
		}
		in.Optional = !d.Command.NeedsReason() && d.Command != cases.CmdEndorse && d.Command != cases.CmdDecide
		if len(d.often(x)) > 0 {
			in.Label = i18n.T(ctx, "work.do.own_words")
		}
	}
	return in
}

// ins are the inputs for the summary of what is wrong.
func (d *commandPage) ins(ctx context.Context, v *cases.View) []view.In {
	var out []view.In
	for _, x := range d.Inputs {
		if x.Kind == kindMaterial {
			out = append(out, materialIn(ctx, v, d))
			continue
		}
		if x.Kind != kindPoints {
			out = append(out, d.in(ctx, x))
			if x.Kind == kindChoice { // in the order of the form
				for _, f := range d.Said {
					out = append(out, saidInput(ctx, f))
				}
			}
			continue
		}
		for _, g := range pointGroups(ctx, v) {
			for _, r := range g.Rows {
				out = append(out, view.In{Name: "reason." + r.Name, Label: r.Label})
			}
		}
	}
	return out
}

// oftenOpts are the sentences to choose from. What is kept is the Chinese
// sentence, whatever language the page is read in: it goes onto the notice.
func oftenOpts(ctx context.Context, list []i18n.Text) []view.Opt {
	out := []view.Opt{{Value: "", Label: i18n.T(ctx, "work.do.often_none")}}
	for _, s := range list {
		out = append(out, view.Opt{Value: s.ZH, Label: s.For(ctx)})
	}
	return out
}

// pointGroup is a group of things that can be asked for.
type pointGroup struct {
	Title string
	Rows  []pointRow
	Open  bool
}

// pointRow is one material or field that can be asked for.
type pointRow struct {
	Name, Label, Now string
}

// pointGroups lists the materials and then the sections of the form.
func pointGroups(ctx context.Context, v *cases.View) []pointGroup {
	materials := pointGroup{Title: i18n.T(ctx, "work.do.materials"), Open: true}
	for _, m := range maskedRefs(v.Materials) {
		row := materialRow(ctx, m)
		materials.Rows = append(materials.Rows, pointRow{Name: "material." + m.Key, Label: row.Name, Now: strings.Join(row.How, " ")})
	}
	out, answers := []pointGroup{materials}, staffAnswers(ctx, v)
	for _, s := range v.Item.Form.Sections {
		g := pointGroup{Title: s.Title.For(ctx)}
		if s.Repeat != nil {
			g.Rows = rowPoints(ctx, s, answers)
		}
		for _, f := range s.Fields {
			if s.Repeat != nil || f.Formula != "" { // what is computed follows what it is computed from
				continue
			}
			if a, ok := answers[f.ID]; ok || f.Required && f.When == "" {
				g.Rows = append(g.Rows, pointRow{Name: "field." + f.ID, Label: f.Label.For(ctx), Now: cases.Shown(f, a, i18n.LocaleOf(ctx))})
			}
		}
		if len(g.Rows) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// opens says whether something in the group is filled in or wrong.
func (d *commandPage) opens(g pointGroup) bool {
	return g.Open || slices.ContainsFunc(g.Rows, func(r pointRow) bool {
		return d.Form.Has("point", r.Name) || d.Form.Value("reason."+r.Name) != "" || d.Form.Error("reason."+r.Name) != nil
	})
}

// asShown is the wording as the template gives it; it tells an edited text.
func (d *commandPage) asShown(o cases.Outcome) string {
	if s := d.Form.Value(wordingName(o) + "_as_shown"); s != "" {
		return s
	}
	return d.Form.Value(wordingName(o))
}

// kept is what was typed, for a command that is not possible any more.
func (d *commandPage) kept() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(d.Form.Values())) {
		if name == "version" || name == "from" || name == "signature" || name == "preview" || name == "point" || strings.HasSuffix(name, "_as_shown") {
			continue
		}
		if s := strings.TrimSpace(d.Form.Value(name)); len([]rune(s)) > 1 && !slices.ContainsFunc(d.Inputs, func(x input) bool { return x.Name == name && x.Kind == kindChoice }) {
			out = append(out, s)
		}
	}
	return out
}

// oftenForm is the form with the first choice taken where none was.
func oftenForm(f *form.Form) *form.Form {
	if f.Values().Has("often") {
		return f
	}
	return form.New("often", "")
}

func keyAttrs(key string) templ.Attributes {
	if key == "" {
		return nil
	}
	return templ.Attributes{"data-key": key}
}

func askAttrs(ctx context.Context, f commandForm) templ.Attributes {
	if !f.Asks {
		return nil
	}
	return templ.Attributes{"data-confirm": i18n.T(ctx, "work.do."+string(f.Command)+".confirm"), "data-confirm-ok": i18n.T(ctx, "cases.command."+string(f.Command))}
}

func wrongAttrs(d *commandPage, name string) templ.Attributes {
	if d.Form.Error(name) == nil {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": view.FieldID(name) + "-e"}
}

// drawnIn reads a drawing that the script put into a field, as a data address.
func drawnIn(f *form.Form, name string) []byte {
	rest, ok := strings.CutPrefix(f.Value(name), "data:image/png;base64,")
	if !ok {
		return nil
	}
	b, err := base64.StdEncoding.DecodeString(rest)
	if err != nil {
		return nil
	}
	return b
}
