package catalogue

import (
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
)

// TaskKind says how a task is done.
type TaskKind string

// The kinds of tasks. A task without one is a review.
const (
	TaskReview      TaskKind = "review"      // one desk examines and says yes or no
	TaskJoint       TaskKind = "joint"       // 联审: members give opinions, the lead closes
	TaskCountersign TaskKind = "countersign" // 会签: all members sign, or as many as are needed
	TaskOpinion     TaskKind = "opinion"     // 专家评审: an expert opinion in writing
	TaskInspection  TaskKind = "inspection"  // 现场核查: two officers, a day, findings, photos
	TaskPublicity   TaskKind = "publicity"   // 公示: a period in which everybody may object
)

// TaskKinds lists the kinds in the order of the editor.
var TaskKinds = []TaskKind{TaskReview, TaskJoint, TaskCountersign, TaskOpinion, TaskInspection, TaskPublicity}

// Uncounted lists the special procedures whose time the law does not count
// (行政许可法 art. 45), as a task of a flow names them and as a desk gives them
// when it stops the clock.
var Uncounted = []string{"hearing", "inspection", "expert", "other_legal"}

// Member of a joint review or a countersignature.
type Member struct {
	Department string        `json:"department" yaml:"department"`
	Role       string        `json:"role" yaml:"role"`
	Limit      workday.Limit `json:"limit,omitzero" yaml:"limit"` // of the member; the lead may go on without him when it has run out
}

// Manner is the kind of the task, a review when none is named.
func (t Task) Manner() TaskKind {
	if t.Kind == "" {
		return TaskReview
	}
	return t.Kind
}

// Hands are the desks that a task needs: its own, or those of its members.
func (t Task) Hands() []Member {
	own := Member{Department: t.Department, Role: t.Role, Limit: t.Limit}
	switch t.Manner() {
	case TaskJoint:
		return append([]Member{own}, t.Members...)
	case TaskCountersign:
		return t.Members
	default:
		return []Member{own}
	}
}

const (
	maxMembers = 20
	mostDays   = 366 // of a publicity
)

// taskKind checks the parameters of a kind: each belongs to its own only.
func (c *checker) taskKind(at string, t Task, fields map[string]bool) {
	kind := t.Manner()
	known(c, at+".kind", kind, TaskKinds)
	if t.Decides && kind != TaskReview {
		c.at(at+".kind", badDecides)
	}
	c.members(at, t)
	if t.Need != 0 && kind != TaskCountersign || t.Need < 0 || t.Need > len(t.Members) {
		c.at(at+".need", badRange)
	}
	if t.Uncounted != "" {
		known(c, at+".uncounted", t.Uncounted, Uncounted)
		if kind != TaskOpinion && kind != TaskInspection && kind != TaskPublicity {
			c.at(at+".uncounted", badUnknown, "value", t.Uncounted)
		}
	}
	switch ok := c.limit(at+".period", t.Period); {
	case !ok:
	case kind == TaskPublicity && t.Period.IsZero():
		c.at(at+".period", badRequired)
	case kind != TaskPublicity && !t.Period.IsZero(), minutes(t.Period, true) > mostDays*24*60:
		c.at(at+".period", badRange)
	}
	for _, id := range t.Shows {
		if kind != TaskPublicity || !fields[id] {
			c.at(at+".shows", badUnknown, "value", id)
		} else if c.personal[id] {
			c.at(at+".shows", badPersonal, "value", id)
		}
	}
}

// members wants somebody to ask where several are asked, each once.
func (c *checker) members(at string, t Task) {
	least := map[TaskKind]int{TaskJoint: 1, TaskCountersign: 2}[t.Manner()]
	switch {
	case least == 0 && len(t.Members) > 0, len(t.Members) > maxMembers:
		c.at(at+".members", badRange)
	case len(t.Members) < least:
		c.at(at+".members", badRequired)
	}
	for i, m := range t.Members {
		where := fmt.Sprintf("%s.members.%d", at, i)
		if m.Department == "" {
			c.at(where+".department", badRequired)
		}
		known(c, where+".role", m.Role, []string{string(auth.Handler), string(auth.Approver)})
		c.limit(where+".limit", m.Limit)
		if slices.ContainsFunc(t.Members[:i], func(o Member) bool { return o.Department == m.Department && o.Role == m.Role }) || t.Manner() == TaskJoint && m.Department == t.Department && m.Role == t.Role {
			c.at(where+".department", badTwice, "value", m.Department)
		}
	}
}

// longest is how long a task holds the clock at most; ok is false when that is
// not in the unit asked for.
func (t Task) longest(unit workday.Unit) (n int, ok bool) {
	if t.Uncounted != "" {
		return 0, true
	}
	limit := t.Limit
	if t.Manner() == TaskPublicity {
		limit = t.Period
	}
	return limit.N, limit.IsZero() || limit.Unit == unit
}

// What a supplement notice that nobody answers ends with.
const (
	SupplementWithdrawn = "withdrawn" // deemed withdrawn, the usual
	SupplementRefused   = "refused"   // not accepted
)

// Supplement says how long an applicant has to answer a supplement notice, and
// what happens when he does not. Nothing said, the engine's usual limit counts.
type Supplement struct {
	Limit workday.Limit `json:"limit,omitzero" yaml:"limit"`
	End   string        `json:"end,omitempty" yaml:"end"`
}

func (c *checker) supplement(x Supplement) {
	c.limit("supplement.limit", x.Limit)
	if x.End != "" {
		known(c, "supplement.end", x.End, []string{SupplementWithdrawn, SupplementRefused})
	}
}
