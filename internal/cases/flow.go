package cases

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/rules"
)

// plan makes the tasks of the stage at position i, or of the first stage after
// it that has one: a task whose condition does not hold is made skipped. The
// stage that was entered is returned; "" when the flow is at its end.
func plan(cal *workday.Calendar, k *Case, item *catalogue.Item, i int, answers map[string]any, now time.Time) (stage string, tasks []Task) {
	for ; i < len(item.Flow.Stages); i++ {
		s := item.Flow.Stages[i]
		open := false
		for _, t := range s.Tasks {
			t.Department = follows(k, item, t.Department)
			// A decision is never skipped: without it the case would have no end.
			if !t.Decides && !rules.Holds(t.When, answers) {
				task := newTask(cal, k.ID, s.Key, t, now)
				task.State, task.DoneAt = TaskSkipped, now
				tasks = append(tasks, task)
				continue
			}
			open = true
			tasks = append(tasks, parts(cal, k, item, s.Key, t, now)...)
		}
		if open {
			return s.Key, tasks
		}
	}
	return "", tasks
}

// newTask opens a task of the flow with its own limit.
func newTask(cal *workday.Calendar, id ID, stage string, t catalogue.Task, now time.Time) Task {
	limit := t.Limit
	if t.Manner() == catalogue.TaskPublicity {
		limit = t.Period
	}
	due, _ := cal.Due(now, limit)
	kind := string(t.Kind)
	if t.Manner() == catalogue.TaskReview {
		kind = ""
	}
	return Task{
		ID: ids.New(now), CaseID: id, Stage: stage, Key: t.Key, Name: t.Name, DepartmentID: t.Department, Role: t.Role, Decides: t.Decides,
		State: TaskOpen, DueAt: due, CreatedAt: now, Version: 1, Kind: kind, GroupID: t.Group,
	}
}

// stageDone says whether no task of the stage is open.
func stageDone(tasks []Task, stage string) bool {
	for _, t := range tasks {
		if t.Stage == stage && t.State == TaskOpen {
			return false
		}
	}
	return true
}

// Wording fills a decision's template: {applicant} {item} {number} {date}
// {reason}, {results} of the steps of an order, and the ids of fields. What is
// unknown stays out.
func wording(t i18n.Text, k *Case, item *catalogue.Item, answers map[string]any, reason string, results i18n.Text, now time.Time) i18n.Text {
	fill := func(s string, l i18n.Locale) string {
		pairs := []string{
			"{applicant}", k.Party.Name.In(l), "{item}", item.Name.In(l), "{number}", k.Number, "{date}", i18n.Date(l, now), "{reason}", strings.TrimRight(reason, "。. "),
			"{results}", results.In(l),
		}
		for _, section := range item.Form.Sections {
			if section.Repeat != nil {
				pairs = append(pairs, "{"+section.Key+"}", forms.ShownRows(section, answers[section.Key], l))
				continue
			}
			for _, f := range section.Fields {
				pairs = append(pairs, "{"+f.ID+"}", Shown(f, answers[f.ID], l))
			}
		}
		return strings.NewReplacer(pairs...).Replace(s)
	}
	return i18n.Text{ZH: fill(t.ZH, i18n.Chinese), EN: fill(t.In(i18n.English), i18n.English)}
}

// defined is the task of the flow that a task was made of.
func (w *work) defined(t *Task) (catalogue.Task, bool) {
	key, member, isMember := strings.Cut(t.Key, ".")
	for _, stage := range w.item.Flow.Stages { // all: what a reply opened late stands in a later stage than in the flow
		j := slices.IndexFunc(stage.Tasks, func(d catalogue.Task) bool { return d.Key == key }) // keys are unique in a flow
		if j < 0 {
			continue
		}
		d := stage.Tasks[j]
		if i, err := strconv.Atoi(member); isMember && err == nil && i <= len(d.Members) {
			m := d.Members[i-1]
			d.Department, d.Role, d.Limit, d.Uncounted = m.Department, m.Role, m.Limit, ""
		}
		return d, true
	}
	return catalogue.Task{}, false
}

// follows maps a department of the flow to that of the case: what is the
// deciding department's goes with a case that was transferred.
func follows(k *Case, item *catalogue.Item, department string) string {
	if department == item.Department {
		return k.DepartmentID
	}
	return department
}

// parts are the tasks that one task of the flow makes: the parts of the members
// stand behind their own, with its key and their number.
func parts(cal *workday.Calendar, k *Case, item *catalogue.Item, stage string, d catalogue.Task, now time.Time) []Task {
	own := newTask(cal, k.ID, stage, d, now)
	if d.Manner() == catalogue.TaskCountersign {
		own.Role = "" // only its members have something to do
	}
	out := []Task{own}
	for i, m := range d.Members {
		part := newTask(cal, k.ID, stage, catalogue.Task{Key: d.Key + "." + strconv.Itoa(i+1), Name: d.Name, Department: follows(k, item, m.Department), Role: m.Role, Limit: m.Limit}, now)
		part.Kind, part.ParentID = KindMember, own.ID
		out = append(out, part)
	}
	return out
}
