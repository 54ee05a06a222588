package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Because is why somebody may or may not give a command to a case.
type Because string

// The answers, in the order in which they are looked for.
const (
	BecauseMay     Because = "may"      // nothing is in the way
	BecauseUnseen  Because = "unseen"   // the case does not exist for him
	BecauseLine    Because = "line"     // he sees it, but no line of the table gives him the command
	BecausePassed  Because = "passed"   // his department had it in hand and passed it on
	BecauseNoTask  Because = "no_task"  // no open task of the case fits a post of his
	BecauseState   Because = "state"    // the case is in another state
	BecauseDetails Because = "details"  // pointless just now: in a colleague's hands, waiting for the applicant, …
	BecauseNoCases Because = "no_cases" // his posts have nothing to do with cases at all
)

// RightLine is a line of the table of rights, as it reads for one person and one case.
type RightLine struct {
	Kind     auth.Kind
	Role     auth.Role // "" for those without posts
	Post     auth.Post // the post under which it was read; zero in the table itself
	Scope    string    // name of the relation between person and case
	Holds    bool      // the relation holds
	Commands []Command
	Grants   bool // the command asked about is among Commands
	Passed   bool // the department passed the case on: it is seen, and that is all
}

// Explanation is how the table of rights reads for somebody and a case.
type Explanation struct {
	Case    Case // what names it; no answers, no papers
	Lines   []RightLine
	Sees    bool
	Command Command // "" when only asked whether he sees it
	Because Because
	From    []State // in which the command is possible
	Nearest []RightLine
}

// Explainers may ask why somebody may do something.
var Explainers = []auth.Role{auth.SystemAdmin, auth.SecurityAdmin, auth.AuditAdmin}

// ErrNoCase says that no case has the number. The text is error.cases.no_case.
var ErrNoCase = errs.Define(errs.Invalid, "cases.no_case")

// Explain says why who may, or may not, see the case with a public number and
// give it a command ("" asks for seeing only). It reads the very table that
// commands and lists read. Administrators only; that they asked is audited.
func (s *Service) Explain(ctx context.Context, actor, who auth.Actor, number string, cmd Command) (Explanation, error) {
	if !actor.Has(Explainers...) {
		return Explanation{}, ErrForbidden
	}
	k, err := s.store.find(ctx, `c.number=$1`, strings.TrimSpace(number))
	if errs.KindOf(err) == errs.NotFound || err == nil && k.Number == "" {
		return Explanation{}, ErrNoCase.At("case", ErrNoCase.Code)
	}
	if err != nil {
		return Explanation{}, fmt.Errorf("cases: explain: %w", err)
	}
	tasks, err := s.store.tasks(ctx, k.ID)
	if err != nil {
		return Explanation{}, fmt.Errorf("cases: explain: %w", err)
	}
	pauses, err := s.store.pauses(ctx, k.ID)
	if err != nil {
		return Explanation{}, fmt.Errorf("cases: explain: %w", err)
	}
	kind := ""
	for _, p := range pauses {
		if p.To.IsZero() {
			kind = p.Kind
		}
	}
	e := explain(who, cmd, &k, tasks, kind)
	if e.Because == BecauseMay && cmd != "" { // what its page knows beyond the table: nothing to hand in later, and the like
		v, err := s.view(ctx, who, k)
		if err != nil {
			return Explanation{}, fmt.Errorf("cases: explain: %w", err)
		}
		if !v.May(cmd) {
			e.Because = BecauseDetails
		}
	}
	e.Case = Case{ID: k.ID, Number: k.Number, ItemCode: k.ItemCode, ItemName: k.ItemName, State: k.State, DepartmentID: k.DepartmentID, Region: k.Region}
	return e, s.DB.InTx(ctx, func(ctx context.Context) error {
		return s.Audit.Record(ctx, actor, audit.Note{Action: "cases.explain", Object: "case:" + string(k.ID), Change: map[string]any{"who": who.ID, "command": cmd, "because": e.Because}})
	})
}

// explain reads the table for one person, one case and one command.
func explain(who auth.Actor, cmd Command, k *Case, tasks []Task, pauseKind string) Explanation {
	e := Explanation{Command: cmd, Sees: sees(who, k, tasks), From: commands[cmd].from}
	granted, passed := false, false
	each(who, func(r right, p auth.Post) {
		l := RightLine{Kind: r.kind, Role: r.role, Post: p, Scope: r.scope.name, Holds: r.scope.holds(who, p, k, tasks), Commands: r.commands, Grants: slices.Contains(r.commands, cmd)}
		l.Passed = l.Holds && passedOn(r, p, k, tasks)
		granted = granted || l.Holds && l.Grants && !l.Passed
		passed = passed || l.Grants && l.Passed
		e.Lines = append(e.Lines, l)
	})
	if !granted && cmd != "" {
		for _, l := range RightsTable() {
			if slices.Contains(l.Commands, cmd) {
				e.Nearest = append(e.Nearest, l)
			}
		}
	}
	task := taskFor(who, tasks, cmd)
	switch {
	case len(e.Lines) == 0:
		e.Because = BecauseNoCases
	case !e.Sees:
		e.Because = BecauseUnseen
	case cmd == "":
		e.Because = BecauseMay
	case !granted && passed:
		e.Because = BecausePassed
	case !granted:
		e.Because = BecauseLine
	case !cmd.possible(k):
		e.Because = BecauseState
	case !allowed(who, cmd, k, tasks, task):
		e.Because = BecauseNoTask
	case !slices.Contains(can(who, k, tasks, pauseKind), cmd):
		e.Because = BecauseDetails
	default:
		e.Because = BecauseMay
	}
	return e
}

// RightsTable is the table of rights itself: who, in which relation to a case,
// sees it and may give which commands.
func RightsTable() []RightLine {
	out := make([]RightLine, len(rights))
	for i, r := range rights {
		out[i] = RightLine{Kind: r.kind, Role: r.role, Scope: r.scope.name, Commands: r.commands}
	}
	return out
}
