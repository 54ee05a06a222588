package moving

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/rules"
)

// Case is what the plan has to know of a case.
type Case struct {
	Accepted   bool // its desks have it
	Order      bool // it has steps, or is one: its form was put together from one version
	Waiting    bool // the applicant was asked for something and has not answered
	Stage      string
	Department string // that decides it now, after transfers
	Tasks      []Task
	Answers    map[string]any // of the last snapshot
	Given      []string       // keys of the materials that are satisfied
	Tolerated  []string       // keys of those that have to come yet
	Today      string
}

// Task is a task of the case.
type Task struct {
	ID, Stage, Key   string // the key of a member's part ends with its number
	Kind             string // as cases keeps it: "" for a review
	Name             i18n.Text
	Department, Role string
	Decides          bool
	Open             bool
	Skipped          bool
}

// Why a case cannot move.
type Why string

// The obstacles. About names the stage, the task or the material, where there is one.
const (
	WhyOrder     Why = "order"      // of a bundle, or put together
	WhyAsked     Why = "asked"      // the applicant is answering on the old form
	WhyProcedure Why = "procedure"  // another kind of procedure takes part, or with other terms
	WhyStage     Why = "stage"      // its stage is gone
	WhyTask      Why = "task"       // an open task has no counterpart
	WhyKind      Why = "kind"       // its counterpart is of another kind
	WhyMembers   Why = "members"    // others take part in it
	WhyNobody    Why = "nobody"     // nobody holds the post that its counterpart is for
	WhyTolerated Why = "tolerated"  // what was to come later is not known any more
	WhyEnded     Why = "ended"      // decided or ended meanwhile
	WhyCurrent   Why = "is_current" // it stands on that version already
)

// Whys lists the obstacles, for the test that looks for their texts.
var Whys = []Why{WhyOrder, WhyAsked, WhyProcedure, WhyStage, WhyTask, WhyKind, WhyMembers, WhyNobody, WhyTolerated, WhyEnded, WhyCurrent}

// Obstacle is one reason why a case cannot move.
type Obstacle struct {
	Why   Why       `json:"why"`
	About i18n.Text `json:"about,omitzero"`
}

// Change is an open task that goes to another desk.
type Change struct {
	ID, Department, Role string
	Name                 i18n.Text
}

// Plan is what a move would do.
type Plan struct {
	Obstacles  []Obstacle
	Department string          // that decides from then on
	Stage      catalogue.Stage // where it lands; without a key before acceptance
	Changes    []Change
	Opens      []catalogue.Task // of the stage, which the case does not have yet
	Skips      []catalogue.Task // the same, but their condition does not hold
	Passed     []i18n.Text      // tasks of earlier stages that only the new version has: not done
	Fields     []i18n.Text      // answers that the new version asks for and the case lacks
	Materials  []i18n.Text      // the same of materials
}

// OK says that the case can move.
func (p *Plan) OK() bool { return len(p.Obstacles) == 0 }

func (p *Plan) against(why Why, about i18n.Text) {
	o := Obstacle{why, about}
	if !slices.Contains(p.Obstacles, o) {
		p.Obstacles = append(p.Obstacles, o)
	}
}

// planner holds what a plan is made of.
type planner struct {
	Plan
	k        Case
	old, now *catalogue.Item
	staffed  func(role, department string) bool
}

// Make plans the move of a case from one version of its item to another.
// staffed says whether somebody holds a post in a department.
func Make(k Case, old, now *catalogue.Item, staffed func(role, department string) bool) Plan {
	p := planner{k: k, old: old, now: now, staffed: staffed}
	p.Department = k.Department
	if k.Department == old.Department { // it was not transferred: it is decided by who decides the item
		p.Department = now.Department
	}
	p.whole()
	if k.Accepted && p.OK() {
		p.desks()
	}
	p.lacks()
	return p.Plan
}

// whole looks at the case as such.
func (p *planner) whole() {
	if old, now := p.old, p.now; old.VersionID == now.VersionID {
		p.against(WhyCurrent, i18n.Text{})
	}
	if p.k.Order || p.old.Bundle != nil || p.now.Bundle != nil {
		p.against(WhyOrder, i18n.Text{})
	}
	if p.k.Waiting {
		p.against(WhyAsked, i18n.Text{})
	}
	if p.old.Procedure.Kind != p.now.Procedure.Kind || !reflect.DeepEqual(p.old.Procedure.Params, p.now.Procedure.Params) {
		p.against(WhyProcedure, i18n.Text{})
	}
	for _, key := range p.k.Tolerated {
		if _, ok := p.now.Material(key); !ok {
			m, _ := p.old.Material(key)
			p.against(WhyTolerated, m.Name)
		}
	}
}

// desks finds the counterparts of the open tasks, and what is new around them.
func (p *planner) desks() {
	stage, at, ok := p.now.Flow.Stage(p.k.Stage)
	if !ok {
		old, _, _ := p.old.Flow.Stage(p.k.Stage)
		p.against(WhyStage, old.Name)
		return
	}
	p.Stage = stage
	for _, t := range p.k.Tasks {
		if t.Open {
			p.goesOn(t)
		}
	}
	for _, d := range stage.Tasks {
		had, skipped := p.had(d.Key)
		holds := d.Decides || rules.Holds(d.When, p.k.Answers)
		d.Department = p.desk(d.Department)
		switch {
		case had && !(skipped && holds):
		case !holds:
			p.Skips = append(p.Skips, d)
		default:
			p.Opens = append(p.Opens, d)
			for _, m := range d.Hands() {
				p.wants(d.Name, m.Role, p.desk(m.Department))
			}
		}
	}
	for _, s := range p.now.Flow.Stages[:at] {
		for _, d := range s.Tasks {
			if had, _ := p.had(d.Key); !had && rules.Holds(d.When, p.k.Answers) {
				p.Passed = append(p.Passed, d.Name)
			}
		}
	}
	// The stages still to come need their people too.
	for _, s := range p.now.Flow.Stages[at+1:] {
		for _, d := range s.Tasks {
			for _, m := range d.Hands() {
				p.wants(d.Name, m.Role, p.desk(m.Department))
			}
		}
	}
}

// desk is the department that a task of the new version is for: what is the
// deciding department's goes with the case.
func (p *planner) desk(department string) string {
	if department == p.now.Department {
		return p.Department
	}
	return department
}

func (p *planner) wants(about i18n.Text, role, department string) {
	if role != "" && !p.staffed(role, department) {
		p.against(WhyNobody, about)
	}
}

// had says whether the case ever had the task, and whether it was only skipped.
func (p *planner) had(key string) (had, skipped bool) {
	skipped = true
	for _, t := range p.k.Tasks {
		if t.Key == key {
			had, skipped = true, skipped && t.Skipped
		}
	}
	return had, had && skipped
}

// task finds the counterpart of a task of the case in a version; of a member's
// part it is the task with the department and role of the member.
func task(item *catalogue.Item, stage, key string) (d catalogue.Task, own, ok bool) {
	name, member, isPart := strings.Cut(key, ".")
	s, _, _ := item.Flow.Stage(stage)
	i := slices.IndexFunc(s.Tasks, func(d catalogue.Task) bool { return d.Key == name })
	if i < 0 {
		return d, !isPart, false
	}
	d = s.Tasks[i]
	if !isPart {
		return d, true, true
	}
	n, err := strconv.Atoi(member)
	if err != nil || n < 1 || n > len(d.Members) {
		return d, false, false
	}
	d.Department, d.Role = d.Members[n-1].Department, d.Members[n-1].Role
	return d, false, true
}

// goesOn looks for the counterpart of an open task.
func (p *planner) goesOn(t Task) {
	d, own, ok := task(p.now, t.Stage, t.Key)
	if !ok {
		p.against(WhyTask, t.Name)
		return
	}
	was, _, _ := task(p.old, t.Stage, t.Key)
	if d.Manner() != was.Manner() || d.Decides != was.Decides || d.Uncounted != was.Uncounted || d.Need != was.Need {
		p.against(WhyKind, t.Name) // it began as something else, and its pause, its signatures or its period run
		return
	}
	// Their parts are known by their place.
	if !slices.EqualFunc(d.Members, was.Members, func(a, b catalogue.Member) bool { return a.Department == b.Department && a.Role == b.Role }) {
		p.against(WhyMembers, t.Name)
		return
	}
	department, role := p.desk(d.Department), d.Role
	if own && d.Manner() == catalogue.TaskCountersign {
		role = "" // only its members have something to do
	}
	p.wants(t.Name, role, department)
	if department != t.Department || role != t.Role {
		p.Changes = append(p.Changes, Change{ID: t.ID, Department: department, Role: role, Name: d.Name})
	}
}

// lacks finds what the new version asks for and the old one did not, read by the
// rule of the form itself.
func (p *planner) lacks() {
	typed := forms.FromAnswers(p.k.Answers)
	_, before := forms.Read(p.old, typed, p.k.Today)
	_, after := forms.Read(p.now, typed, p.k.Today)
	for _, f := range after {
		known := false
		for _, o := range before {
			known = known || o.Name == f.Name
		}
		field, _, _, ok := p.now.At(f.Name)
		if ok && !known && !slices.Contains(p.Fields, field.Label) {
			p.Fields = append(p.Fields, field.Label)
		}
	}
	for _, m := range p.now.Materials {
		_, was := p.old.Material(m.Key)
		if m.Need == catalogue.Required && !was && !slices.Contains(p.k.Given, m.Key) && rules.Holds(m.When, p.k.Answers) {
			p.Materials = append(p.Materials, m.Name)
		}
	}
}

// Limits are what was promised to an applicant, and what the law said.
type Limits struct {
	Promised  workday.Limit `json:"promised,omitzero"`
	Statutory workday.Limit `json:"statutory,omitzero"`
}

// Kept are the limits of the versions that a case stood on before, as JSON: a
// value that can be compared, as the rest of a case.
type Kept string

// Limits that are kept.
func (k Kept) Limits() []Limits {
	var out []Limits
	if k != "" && k != "[]" {
		_ = json.Unmarshal([]byte(k), &out) // only Keep writes it
	}
	return out
}

// Keep adds the limits of the version that a case leaves to those of versions
// before. The earliest due day of all of them counts: a move never takes away
// what was promised, and a shorter new promise is the applicant's gain.
func Keep(kept Kept, old, now *catalogue.Item) Kept {
	was, list := Limits{old.Promised, old.Statutory}, kept.Limits()
	if was == (Limits{now.Promised, now.Statutory}) || slices.Contains(list, was) {
		return kept
	}
	text, err := json.Marshal(append(list, was))
	if err != nil {
		panic(err) // numbers and units only
	}
	return Kept(text)
}
