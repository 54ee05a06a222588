package cases

import (
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
			if t.Department == item.Department { // what is the deciding department's follows the case
				t.Department = k.DepartmentID
			}
			task := newTask(cal, k.ID, s.Key, t, now)
			// A decision is never skipped: without it the case would have no end.
			if !t.Decides && !rules.Holds(t.When, answers) {
				task.State, task.DoneAt = TaskSkipped, now
			} else {
				open = true
			}
			tasks = append(tasks, task)
		}
		if open {
			return s.Key, tasks
		}
	}
	return "", tasks
}

// newTask opens a task of the flow with its own limit.
func newTask(cal *workday.Calendar, id ID, stage string, t catalogue.Task, now time.Time) Task {
	due, _ := cal.Due(now, t.Limit)
	return Task{
		ID: ids.New(now), CaseID: id, Stage: stage, Key: t.Key, Name: t.Name, DepartmentID: t.Department, Role: t.Role, Decides: t.Decides,
		State: TaskOpen, DueAt: due, CreatedAt: now, Version: 1,
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
	stage, _, _ := w.item.Flow.Stage(t.Stage)
	for _, d := range stage.Tasks {
		if d.Key == t.Key {
			return d, true
		}
	}
	return catalogue.Task{}, false
}
