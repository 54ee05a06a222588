package catalogue_test

import (
	"slices"
	"testing"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// Each parameter belongs to its kind of task, and each kind has what it needs.
func TestKindsOfTasksAreChecked(t *testing.T) {
	t.Parallel()
	members := []catalogue.Member{{Department: "hb", Role: "handler"}, {Department: "wj", Role: "handler"}}
	days := workday.Limit{N: 7, Unit: workday.UnitDay}
	for name, tt := range map[string]struct {
		task catalogue.Task
		at   string // "" for nothing wrong
	}{
		"a review":                      {catalogue.Task{}, ""},
		"a review by name":              {catalogue.Task{Kind: catalogue.TaskReview}, ""},
		"no such kind":                  {catalogue.Task{Kind: "vote"}, "kind"},
		"a joint review":                {catalogue.Task{Kind: catalogue.TaskJoint, Members: members}, ""},
		"a joint review of nobody":      {catalogue.Task{Kind: catalogue.TaskJoint}, "members"},
		"the lead as member":            {catalogue.Task{Kind: catalogue.TaskJoint, Members: []catalogue.Member{{Department: "kj", Role: "handler"}}}, "members.0.department"},
		"a member twice":                {catalogue.Task{Kind: catalogue.TaskCountersign, Members: []catalogue.Member{members[0], members[0]}}, "members.1.department"},
		"a member without department":   {catalogue.Task{Kind: catalogue.TaskJoint, Members: []catalogue.Member{{Role: "handler"}}}, "members.0.department"},
		"a member in no post":           {catalogue.Task{Kind: catalogue.TaskJoint, Members: []catalogue.Member{{Department: "hb", Role: "clerk"}}}, "members.0.role"},
		"members of a review":           {catalogue.Task{Members: members}, "members"},
		"a countersignature of two":     {catalogue.Task{Kind: catalogue.TaskCountersign, Members: members, Need: 1}, ""},
		"a countersignature of one":     {catalogue.Task{Kind: catalogue.TaskCountersign, Members: members[:1]}, "members"},
		"more signatures than members":  {catalogue.Task{Kind: catalogue.TaskCountersign, Members: members, Need: 3}, "need"},
		"signatures of a joint review":  {catalogue.Task{Kind: catalogue.TaskJoint, Members: members, Need: 1}, "need"},
		"an expert opinion":             {catalogue.Task{Kind: catalogue.TaskOpinion, Uncounted: "expert"}, ""},
		"not counted for no reason":     {catalogue.Task{Kind: catalogue.TaskOpinion, Uncounted: "holiday"}, "uncounted"},
		"a review that does not count":  {catalogue.Task{Uncounted: "expert"}, "uncounted"},
		"a publicity":                   {catalogue.Task{Kind: catalogue.TaskPublicity, Period: days, Shows: []string{"firm"}}, ""},
		"a publicity without a period":  {catalogue.Task{Kind: catalogue.TaskPublicity}, "period"},
		"a publicity of two years":      {catalogue.Task{Kind: catalogue.TaskPublicity, Period: workday.Limit{N: 24, Unit: workday.UnitMonth}}, "period"},
		"a publicity of no such field":  {catalogue.Task{Kind: catalogue.TaskPublicity, Period: days, Shows: []string{"nothing"}}, "shows"},
		"an inspection with a period":   {catalogue.Task{Kind: catalogue.TaskInspection, Period: days}, "period"},
		"a review that shows something": {catalogue.Task{Shows: []string{"firm"}}, "shows"},
	} {
		d := copied(sample("KJ-0001"))
		x := tt.task
		x.Key, x.Name, x.Department, x.Role = "site", d.Flow.Stages[0].Tasks[0].Name, "kj", "handler"
		d.Flow.Stages = slices.Clone(d.Flow.Stages)
		d.Flow.Stages[0].Tasks = []catalogue.Task{x}
		var at []string
		for _, f := range errs.FieldsOf(d.Validate()) {
			at = append(at, f.Name)
		}
		want := "flow." + d.Flow.Stages[0].Key + ".site." + tt.at
		if tt.at == "" && len(at) > 0 || tt.at != "" && !slices.Contains(at, want) {
			t.Errorf("%s: %v, want %s", name, at, want)
		}
	}
	d := copied(sample("KJ-0001"))
	last := len(d.Flow.Stages) - 1
	d.Flow.Stages[last].Tasks[0].Kind = catalogue.TaskInspection
	if d.Validate() == nil {
		t.Error("an inspection decides")
	}
}
