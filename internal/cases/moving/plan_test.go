package moving_test

import (
	"slices"
	"testing"

	"github.com/tongban/tongban/internal/cases/moving"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
)

func named(zh string) i18n.Text { return i18n.Text{ZH: zh, EN: zh} }

func task(key, department string) catalogue.Task {
	return catalogue.Task{Key: key, Name: named(key), Department: department, Role: "handler"}
}

// item is the first version: two desks in parallel, then the decision.
func item(change func(d *catalogue.Definition)) *catalogue.Item {
	d := catalogue.Definition{
		Department: "kj", Promised: workday.Limit{N: 10, Unit: workday.UnitWorkday}, Statutory: workday.Limit{N: 20, Unit: workday.UnitWorkday},
		Form:      catalogue.Form{Sections: []catalogue.Section{{Key: "s", Fields: []catalogue.Field{{ID: "size", Type: catalogue.FieldNumber, Label: named("size"), Required: true}}}}},
		Materials: []catalogue.Material{{Key: "plan", Name: named("plan"), Need: catalogue.Required}},
		Flow: catalogue.Flow{Stages: []catalogue.Stage{
			{Key: "review", Name: named("review"), Tasks: []catalogue.Task{task("own", "kj"), task("fire", "xf")}},
			{Key: "decide", Name: named("decide"), Tasks: []catalogue.Task{{Key: "decide", Name: named("decide"), Department: "kj", Role: "approver", Decides: true}}},
		}},
	}
	id := "v1"
	if change != nil {
		id = "v2"
		change(&d)
	}
	return &catalogue.Item{VersionID: id, Definition: d}
}

// standing is a case in the first stage whose own desk is done.
func standing() moving.Case {
	return moving.Case{
		Accepted: true, Stage: "review", Department: "kj", Answers: map[string]any{"size": 5.0}, Given: []string{"plan"}, Today: "2026-03-02",
		Tasks: []moving.Task{
			{ID: "1", Stage: "review", Key: "own", Name: named("own"), Department: "kj", Role: "handler"},
			{ID: "2", Stage: "review", Key: "fire", Name: named("fire"), Department: "xf", Role: "handler", Open: true},
		},
	}
}

func review(d *catalogue.Definition) *[]catalogue.Task { return &d.Flow.Stages[0].Tasks }

func TestWhatStandsAgainstAMove(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		change func(d *catalogue.Definition)
		k      func(k *moving.Case)
		nobody string
		why    []moving.Why
	}{
		"nothing when only words changed":               {change: func(d *catalogue.Definition) { d.Summary = named("x") }},
		"nothing when a done task is gone":              {change: func(d *catalogue.Definition) { *review(d) = (*review(d))[1:] }},
		"nothing before acceptance, whatever the flow":  {change: func(d *catalogue.Definition) { d.Flow.Stages = d.Flow.Stages[1:] }, k: func(k *moving.Case) { k.Accepted, k.Tasks, k.Stage = false, nil, "" }},
		"it stands there already":                       {why: []moving.Why{moving.WhyCurrent}},
		"its stage is gone":                             {change: func(d *catalogue.Definition) { d.Flow.Stages[0].Key = "look" }, why: []moving.Why{moving.WhyStage}},
		"its open task is gone":                         {change: func(d *catalogue.Definition) { *review(d) = (*review(d))[:1] }, why: []moving.Why{moving.WhyTask}},
		"its open task is of another kind":              {change: func(d *catalogue.Definition) { (*review(d))[1].Kind = catalogue.TaskInspection }, why: []moving.Why{moving.WhyKind}},
		"the time of its open task counts otherwise":    {change: func(d *catalogue.Definition) { (*review(d))[1].Uncounted = "expert" }, why: []moving.Why{moving.WhyKind}},
		"nobody is at the new desk":                     {change: func(d *catalogue.Definition) { (*review(d))[1].Department = "none" }, nobody: "none", why: []moving.Why{moving.WhyNobody}},
		"nobody is at a desk that is still to come":     {change: func(d *catalogue.Definition) { d.Flow.Stages[1].Tasks[0].Department = "none" }, nobody: "none", why: []moving.Why{moving.WhyNobody}},
		"nobody is at a desk that is opened":            {change: func(d *catalogue.Definition) { *review(d) = append(*review(d), task("more", "none")) }, nobody: "none", why: []moving.Why{moving.WhyNobody}},
		"the applicant is answering":                    {change: func(d *catalogue.Definition) {}, k: func(k *moving.Case) { k.Waiting = true }, why: []moving.Why{moving.WhyAsked}},
		"it belongs to an order":                        {change: func(d *catalogue.Definition) {}, k: func(k *moving.Case) { k.Order = true }, why: []moving.Why{moving.WhyOrder}},
		"the item became a bundle":                      {change: func(d *catalogue.Definition) { d.Bundle = &catalogue.Bundle{} }, why: []moving.Why{moving.WhyOrder}},
		"another fund pays":                             {change: func(d *catalogue.Definition) { d.Procedure.Kind = "subsidy" }, why: []moving.Why{moving.WhyProcedure}},
		"what may come later is not asked for any more": {change: func(d *catalogue.Definition) { d.Materials = nil }, k: func(k *moving.Case) { k.Tolerated = []string{"plan"} }, why: []moving.Why{moving.WhyTolerated}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := standing()
			if x.k != nil {
				x.k(&k)
			}
			p := moving.Make(k, item(nil), item(x.change), func(_, department string) bool { return department != x.nobody })
			var got []moving.Why
			for _, o := range p.Obstacles {
				got = append(got, o.Why)
			}
			if !slices.Equal(got, x.why) || p.OK() != (len(x.why) == 0) {
				t.Errorf("obstacles %v, want %v", got, x.why)
			}
		})
	}
}

// members make the open task one that others take part in.
func members(list ...string) func(d *catalogue.Definition) {
	return func(d *catalogue.Definition) {
		(*review(d))[1].Kind = catalogue.TaskJoint
		for _, m := range list {
			(*review(d))[1].Members = append((*review(d))[1].Members, catalogue.Member{Department: m, Role: "handler"})
		}
	}
}

func TestMembersStayTheSame(t *testing.T) {
	t.Parallel()
	k := standing()
	k.Tasks[1].Kind = "joint"
	k.Tasks = append(k.Tasks, moving.Task{ID: "3", Stage: "review", Key: "fire.1", Kind: "member", Name: named("part"), Department: "hb", Role: "handler", Open: true})
	from := item(members("hb"))
	from.VersionID = "v1"
	all := func(string, string) bool { return true }
	if p := moving.Make(k, from, item(members("hb")), all); !p.OK() || len(p.Changes) != 0 {
		t.Errorf("the same members: %+v", p)
	}
	for name, to := range map[string]*catalogue.Item{"another": item(members("wj")), "one more": item(members("hb", "wj"))} {
		if p := moving.Make(k, from, to, all); p.OK() || p.Obstacles[0].Why != moving.WhyMembers {
			t.Errorf("%s: %+v", name, p.Obstacles)
		}
	}
}

func TestWhatAMoveDoes(t *testing.T) {
	t.Parallel()
	to := item(func(d *catalogue.Definition) {
		d.Flow.Stages = append([]catalogue.Stage{{Key: "first", Name: named("first"), Tasks: []catalogue.Task{task("look", "kj"), {Key: "never", Name: named("never"), Department: "kj", Role: "handler", When: "answers.size > 100"}}}}, d.Flow.Stages...)
		s := &d.Flow.Stages[1]
		s.Tasks[1].Department = "yj"
		rare := task("rare", "hb")
		rare.When = "answers.size > 100"
		s.Tasks = append(s.Tasks, task("noise", "hb"), rare)
		d.Form.Sections[0].Fields = append(d.Form.Sections[0].Fields, catalogue.Field{ID: "height", Type: catalogue.FieldNumber, Label: named("height"), Required: true})
		d.Materials = append(d.Materials, catalogue.Material{Key: "photo", Name: named("photo"), Need: catalogue.Required}, catalogue.Material{Key: "map", Name: named("map"), Need: catalogue.Optional})
	})
	p := moving.Make(standing(), item(nil), to, func(string, string) bool { return true })
	switch {
	case !p.OK(), p.Stage.Key != "review", p.Department != "kj":
		t.Errorf("%+v", p)
	case len(p.Changes) != 1 || p.Changes[0].ID != "2" || p.Changes[0].Department != "yj":
		t.Errorf("changes %+v", p.Changes)
	case len(p.Opens) != 1 || p.Opens[0].Key != "noise", len(p.Skips) != 1 || p.Skips[0].Key != "rare":
		t.Errorf("opens %+v, skips %+v", p.Opens, p.Skips)
	case len(p.Passed) != 1 || p.Passed[0].ZH != "look":
		t.Errorf("passed %+v", p.Passed)
	case len(p.Fields) != 1 || p.Fields[0].ZH != "height", len(p.Materials) != 1 || p.Materials[0].ZH != "photo":
		t.Errorf("lacks %+v %+v", p.Fields, p.Materials)
	}
}

// A case that was transferred stays with who has it; another follows its item.
func TestWhoDecidesAfterwards(t *testing.T) {
	t.Parallel()
	to := item(func(d *catalogue.Definition) {
		d.Department = "sc"
		(*review(d))[0].Department, d.Flow.Stages[1].Tasks[0].Department = "sc", "sc"
	})
	k := standing()
	if p := moving.Make(k, item(nil), to, func(string, string) bool { return true }); p.Department != "sc" {
		t.Errorf("decides %s, want the new department", p.Department)
	}
	k.Department = "sw"
	if p := moving.Make(k, item(nil), to, func(_, department string) bool { return department != "sc" }); p.Department != "sw" || !p.OK() {
		t.Errorf("decides %s %v, want the one it was transferred to", p.Department, p.Obstacles)
	}
}

func TestKeep(t *testing.T) {
	t.Parallel()
	first, same := item(nil), item(func(*catalogue.Definition) {})
	if got := moving.Keep("[]", first, same); len(got.Limits()) != 0 {
		t.Errorf("nothing changed: %v", got)
	}
	longer := item(func(d *catalogue.Definition) { d.Promised.N = 15 })
	kept := moving.Keep("[]", first, longer)
	if l := kept.Limits(); len(l) != 1 || l[0].Promised.N != 10 || l[0].Statutory.N != 20 {
		t.Fatalf("%v", kept)
	}
	if again := moving.Keep(kept, first, longer); again != kept {
		t.Errorf("kept twice: %v", again)
	}
}
