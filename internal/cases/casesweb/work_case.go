package casesweb

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/credit"
	"github.com/tongban/tongban/internal/identity/personal"
	"github.com/tongban/tongban/internal/identity/privacy"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/view"
)

// casePane is a case as staff see it, beside a list or by itself.
type casePane struct {
	V         *cases.View
	From      string // address of the list it was opened from, "" for none
	Main      bool   // it stands by itself
	Clock     *view.ClockView
	Reckoning *reckoningView
	FlowMap   *flowMap
	Answer    string // by when to answer, before acceptance
	AnswerBy  string // by when the applicant is to answer, "" when nothing was asked for
	Stages    []stageView
	Materials []view.MaterialRow
	Sections  []answerSection
	Timeline  []view.TimelineEvent
	Ladder    []view.LadderGroup // of the order that it is, or belongs to
	Facts     []view.Pair
	Cert      *identity.Certificate
	Papers    []paperLink
	Command   *commandPage // a command that is being given, instead of the file
	Hold      *cases.Hold  // why it cannot be decided now, nil when it can
	Given     []cases.Given
	Talk      cases.Talk
	Talks     bool // the reader may open the conversation
	Credit    *creditLine
}

// stageView is a stage of the flow with its tasks.
type stageView struct {
	Name  string
	Now   bool
	Tasks []taskView
}

// taskView is a task in words.
type taskView struct {
	cases.Task
	Department, Assignee, State, Opinion string
	Mine                                 bool
	Kind                                 string       // in a word, "" for a review
	Lines                                []string     // what belongs to it
	Link                                 view.Link    // of a publicity
	Files                                []files.File // photos and papers
	Objections                           []cases.Objection
	Upload                               bool // the reader may add files
}

// workCase shows a case by itself, or beside the list it was opened from.
func (p *Pages) workCase(w http.ResponseWriter, r *http.Request) error {
	x, err := p.pane(r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id")), listOf(r.FormValue("from")))
	if err != nil {
		return err
	}
	return p.showPane(w, r, http.StatusOK, x)
}

// showPane answers with the case: as a part of the page where script asked for it.
func (p *Pages) showPane(w http.ResponseWriter, r *http.Request, status int, x *casePane) error {
	if view.IsFragment(r) {
		return view.Render(w, r, status, workPane(x))
	}
	x.Main = true
	return view.Render(w, r, status, workCasePage(x))
}

// pane gathers what is shown of a case.
func (p *Pages) pane(ctx context.Context, actor auth.Actor, id cases.ID, from string) (*casePane, error) {
	v, err := p.Service.View(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	x := &casePane{V: v, From: from}
	if x.Hold, err = p.Service.HoldOf(ctx, &v.Case); err != nil {
		return nil, err
	}
	if v.Answers != nil { // a reader of the ladder alone learns nothing of the file
		if x.Given, err = p.Service.Given(ctx, actor, &v.Case); err != nil {
			return nil, err
		}
	}
	if c, ok := p.clockView(ctx, v, true); ok {
		x.Clock = &c
	}
	x.Reckoning = p.reckoning(ctx, v, forStaff)
	x.AnswerBy = answerBy(ctx, p.now(), p.Service.AnswerDue(v))
	if v.State == cases.Submitted {
		answer, err := p.Service.AnswerBy(ctx, v.Case)
		if err != nil {
			return nil, err
		}
		if by := answer[v.ID]; !by.IsZero() {
			x.Answer = i18n.T(ctx, "work.case.answer_by", "left", LeftWords(ctx, p.Service.CalendarOf(&v.Case), p.now(), by), "day", i18n.FormatLastMoment(ctx, by))
		}
	}
	x.Stages = p.stages(ctx, actor, v)
	x.FlowMap = p.flowMapOf(ctx, actor, v)
	x.Materials = p.staffMaterials(ctx, v)
	x.Sections = answerSections(ctx, v.Item, staffAnswers(ctx, v), changedOf(v))
	x.Timeline = p.timeline(ctx, v, forStaff)
	x.Ladder = p.ladder(ctx, work, v)
	x.Facts = p.caseFacts(ctx, v)
	if x.Talks = (v.Answers != nil || v.Channel == cases.ByAward) && !v.SubmittedAt.IsZero(); x.Talks {
		talks, err := p.Service.Talks(ctx, actor, v.ID)
		if err != nil {
			return nil, err
		}
		x.Talk = talks[v.ID]
	}
	if x.Credit, err = p.creditLine(ctx, actor, v); err != nil {
		return nil, err
	}
	c, ok, err := p.Service.Certificate(ctx, v)
	if err != nil {
		return nil, err
	}
	if ok {
		x.Cert = &c
	}
	if x.Papers, err = p.paperLinks(ctx, work, v); err != nil {
		return nil, err
	}
	return x, nil
}

// creditLine is how the party stands, and what that does to the case.
type creditLine struct {
	Grade  credit.Grade
	Effect cases.Effect
	Link   string // where the reasons are, "" where the reader may not go
}

// creditLine tells who works on a case how far its party is trusted; nil for a
// case that is over, and for who only follows it.
func (p *Pages) creditLine(ctx context.Context, actor auth.Actor, v *cases.View) (*creditLine, error) {
	if v.State.Ended() || v.Item == nil || !actor.Has(auth.Clerk, auth.Handler, auth.Approver, auth.Head, auth.Leader) {
		return nil, nil
	}
	r, err := p.Credit.Grade(ctx, v.Party.ID)
	if err != nil {
		return nil, err
	}
	out := &creditLine{Grade: r.Grade, Effect: cases.EffectOf(v.Item, credit.Standing(r.Grade))}
	if v.Party.Kind == identity.HolderEnterprise && actor.Has(credit.Lookers...) {
		out.Link = "/work/credit?code=" + v.Party.Code
	}
	return out, nil
}

// changedOf marks what differs from the submission before.
func changedOf(v *cases.View) map[string]bool {
	if v.Before == nil {
		return nil
	}
	return cases.Changed(v.Before, v.Answers)
}

// staffAnswers are the answers of a case as its page shows them to the reader:
// the file is read by many.
func staffAnswers(ctx context.Context, v *cases.View) map[string]any {
	hide, out := hiding(ctx, &v.Case, v.Tasks), maps.Clone(v.Answers)
	for _, s := range v.Item.Form.Sections {
		if s.Repeat == nil {
			out = masked(s.Fields, out, hide)
			continue
		}
		rows := forms.RowsOf(out[s.Key])
		if len(rows) == 0 {
			continue
		}
		list := make([]any, len(rows))
		for i, row := range rows {
			list[i] = masked(s.Fields, row, hide)
		}
		out[s.Key] = list
	}
	return out
}

// stages shows the flow: what was done, what is open, and what is still to come.
func (p *Pages) stages(ctx context.Context, actor auth.Actor, v *cases.View) []stageView {
	if v.AcceptedAt.IsZero() || v.Item == nil {
		return nil
	}
	var out []stageView
	for _, s := range v.Item.Flow.Stages {
		x := stageView{Name: s.Name.For(ctx), Now: v.Stage == s.Key && v.State == cases.Handling}
		for _, t := range v.Tasks {
			if t.Stage == s.Key {
				y := p.taskView(ctx, actor, t)
				p.taskMore(ctx, actor, v, &y)
				x.Tasks = append(x.Tasks, y)
			}
		}
		if len(x.Tasks) == 0 && v.State != cases.Handling {
			continue // ended before it came to this
		}
		out = append(out, x)
	}
	return out
}

func (p *Pages) taskView(ctx context.Context, actor auth.Actor, t cases.Task) taskView {
	x := taskView{
		Task: t, Department: p.departmentName(ctx, t.DepartmentID), State: i18n.T(ctx, "work.task."+string(t.State)), Opinion: t.Opinion,
		Mine: t.State == cases.TaskOpen && t.AssigneeID == actor.ID,
	}
	who := t.AssigneeID
	if t.DoneBy != "" {
		who = t.DoneBy
	}
	switch {
	case who == actor.ID:
		x.Assignee = i18n.T(ctx, "work.task.me")
	case who == auth.SystemActor().ID:
		x.Assignee = i18n.T(ctx, "cases.who.system")
	case who != "":
		x.Assignee = p.Identity.NameOf(ctx, who).For(ctx)
	case t.State == cases.TaskOpen && t.GroupID != "":
		x.Assignee = i18n.T(ctx, "work.task.of_group", "group", p.Identity.Directory().Group(t.GroupID).Name)
	case t.State == cases.TaskOpen:
		x.Assignee = i18n.T(ctx, "work.task.nobody")
	}
	if t.State != cases.TaskOpen && t.Result != "" {
		x.State = i18n.T(ctx, "work.task.result."+t.Result)
	}
	return x
}

// caseFacts are the small things around a case.
func (p *Pages) caseFacts(ctx context.Context, v *cases.View) []view.Pair {
	dir := p.Identity.Directory()
	out := []view.Pair{
		{Key: i18n.T(ctx, "work.fact.party"), Value: v.Party.Name.For(ctx)},
		{Key: i18n.T(ctx, "work.fact.code."+string(v.Party.Kind)), Value: maskedCode(&v.Case)},
		{Key: i18n.T(ctx, "work.fact.department"), Value: p.departmentName(ctx, v.DepartmentID)},
		{Key: i18n.T(ctx, "work.fact.channel"), Value: i18n.T(ctx, "work.channel."+string(v.Channel))},
	}
	if v.AccountID != "" && len(privacy.MayReveal(auth.From(ctx))) > 0 {
		out = append(out, view.Pair{Key: i18n.T(ctx, "privacy.fact"), Component: view.SmallLink(i18n.T(ctx, "privacy.fact.show"), "/work/cases/"+string(v.ID)+"/personal", "")})
	}
	if v.WindowID != "" || v.HallID != "" {
		out = append(out, view.Pair{Key: i18n.T(ctx, "work.fact.window"), Value: dir.Place(auth.Post{HallID: v.HallID, WindowID: v.WindowID}).For(ctx)})
	}
	if v.ReceivingRegion != "" && v.ReceivingRegion != v.Region {
		out = append(out, view.Pair{Key: i18n.T(ctx, "work.fact.received_in"), Value: dir.Region(v.ReceivingRegion).Name.For(ctx)})
	}
	out = append(out, view.Pair{Key: i18n.T(ctx, "work.fact.collect"), Value: i18n.T(ctx, "work.collect."+string(v.Collect))})
	if !v.SubmittedAt.IsZero() {
		out = append(out, view.Pair{Key: i18n.T(ctx, "work.fact.submitted"), Component: view.DateTime(v.SubmittedAt)})
	}
	if v.DataVersion > 1 {
		out = append(out, view.Pair{Key: i18n.T(ctx, "work.fact.version"), Value: i18n.T(ctx, "work.fact.version_n", "n", v.DataVersion)})
	}
	for _, e := range v.Extensions {
		out = append(out, view.Pair{Key: i18n.T(ctx, "work.fact.extended"), Value: i18n.Count(ctx, "work.fact.extended_by", e.Days, "reason", e.Reason)})
	}
	return out
}

// path of a page below the case that keeps the list beside it.
func (x *casePane) path(below ...string) string {
	s := casePath(work, x.V.ID, below...)
	if x.From != "" {
		s += "?from=" + url.QueryEscape(x.From)
	}
	return s
}

// home is where the case is shown: beside its list, or by itself.
func (x *casePane) home() string {
	if s := opened(x.From, x.V.ID); s != "" {
		return s
	}
	return casePath(work, x.V.ID)
}

// back leads from the case to its list.
func (x *casePane) back(ctx context.Context) view.Link {
	if x.From == "" {
		return view.Link{}
	}
	return view.Link{Href: x.From, Text: i18n.T(ctx, "work.case.back")}
}

// linkAttrs keep a link inside the pane where script runs.
func (x *casePane) linkAttrs(href string) templ.Attributes {
	if x.Main {
		return nil // the list is not there to come back to
	}
	return paneAttrs(href)
}

// lead is who asks, below the title.
func (x *casePane) lead(ctx context.Context) string {
	s := x.V.Party.Name.For(ctx)
	if code := maskedCode(&x.V.Case); code != "" {
		s += " · " + code
	}
	return s
}

func (x *casePane) number(ctx context.Context) string {
	if x.V.Number == "" {
		return i18n.T(ctx, "work.case.draft")
	}
	return x.V.Number
}

// missing counts the materials that are not there.
func (x *casePane) missing() int {
	n := 0
	for _, m := range x.V.Materials {
		if m.How == cases.Missing {
			n++
		}
	}
	return n
}

func (x *casePane) materialCount(ctx context.Context) string {
	if n := x.missing(); n > 0 {
		return i18n.T(ctx, "work.case.materials_missing", "n", len(x.V.Materials), "missing", n)
	}
	return i18n.Count(ctx, "work.case.materials_count", len(x.V.Materials))
}

// maskedRefs hides the number of an identity card on file: it is the person's own.
func maskedRefs(list []cases.MaterialState) []cases.MaterialState {
	out := slices.Clone(list)
	for i := range out {
		if idcode.CheckResidentID(out[i].Ref).OK(false) {
			out[i].Ref = personal.Shown(personal.IDNumber, personal.File, personal.Reader{}, out[i].Ref)
		}
	}
	return out
}

// staffMaterials are the materials with the trust level of what is on file.
func (p *Pages) staffMaterials(ctx context.Context, v *cases.View) []view.MaterialRow {
	rows := materialRows(ctx, work, v.ID, maskedRefs(v.Materials))
	for i, m := range v.Materials {
		rows[i].Trust = string(m.Trust)
		if rows[i].State == view.MaterialNeeds { // it is the applicant who has to do something
			rows[i].State = view.MaterialMissing
		}
	}
	return rows
}

// asked is what the applicant was asked for and has not answered.
func (x *casePane) asked(ctx context.Context) []string {
	q, ok := x.V.OpenRequest()
	if !ok {
		return nil
	}
	var out []string
	for _, point := range q.Points {
		out = append(out, i18n.T(ctx, "cases.colon", "a", pointName(ctx, x.V.Item, point), "b", point.Reason))
	}
	if q.Note != "" {
		out = append(out, q.Note)
	}
	return out
}

func (x *casePane) askedAt() time.Time {
	q, _ := x.V.OpenRequest()
	return q.AskedAt
}

// answerBy says until when the applicant is to answer, and whether that day is over.
func answerBy(ctx context.Context, now, due time.Time) string {
	switch {
	case due.IsZero():
		return ""
	case now.Before(due):
		return i18n.T(ctx, "cases.standing.asked_until", "day", i18n.FormatLastMoment(ctx, due))
	}
	return i18n.T(ctx, "cases.standing.asked_over", "day", i18n.FormatLastMoment(ctx, due))
}

// fillable says whether the reader may open the form at his window.
func (x *casePane) fillable() bool { return x.V.May(cases.CmdSubmit) || x.V.May(cases.CmdReply) }

// main is the command that the reader most likely wants; "" for none.
func (x *casePane) main() cases.Command {
	for _, c := range []cases.Command{cases.CmdDeliver, cases.CmdDecide, cases.CmdEndorse, cases.CmdClaim, cases.CmdAccept} {
		if x.V.May(c) {
			return c
		}
	}
	return ""
}

// forms are the commands that the reader may give, the likely one first, with
// what cannot be undone at the end.
func (x *casePane) forms() []commandForm {
	var out []commandForm
	for _, f := range commandForms {
		if x.V.May(f.Command) {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b commandForm) int { return x.rank(a) - x.rank(b) })
	return out
}

func (x *casePane) rank(f commandForm) int {
	switch {
	case f.Command == x.main():
		return 0
	case f.Quiet:
		return 2
	default:
		return 1
	}
}

// acts are the buttons at the bottom edge; a form has its own.
func (x *casePane) acts() templ.Component {
	if x.Command != nil {
		return nil
	}
	return caseActs(x)
}

func taskHeads(ctx context.Context) []view.Head {
	var out []view.Head
	for _, key := range []string{"task", "department", "assignee", "result", "when"} {
		out = append(out, view.Head{Text: taskWhere(ctx, key)})
	}
	return out
}

// taskWhere is the name of a column of the table of tasks.
func taskWhere(ctx context.Context, key string) string { return i18n.T(ctx, "work.col."+key) }

// staffState is the state of a case in a word, for staff: it is the applicant
// who is waited for.
func staffState(ctx context.Context, k *cases.Case) string {
	if k.NeedsApplicant && !k.State.Ended() {
		return i18n.T(ctx, "cases.state.supplementing")
	}
	word, _ := StateWord(ctx, k)
	return word
}
