package casesweb

import (
	"context"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/catalogue/catalogueweb"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

// flowMap is the flow of a case as a picture, with where it stands.
type flowMap struct {
	Flow  catalogue.Definition
	Marks map[string]catalogueweb.FlowMark // by the key of a task, which is unique in a flow
	pages *Pages
}

// flowMapOf is nil before acceptance, and for what has no flow of its own.
func (p *Pages) flowMapOf(ctx context.Context, actor auth.Actor, v *cases.View) *flowMap {
	if v.AcceptedAt.IsZero() || v.Item == nil || v.Bundle || len(v.Item.Flow.Stages) == 0 {
		return nil
	}
	x := &flowMap{Flow: v.Item.Definition, Marks: map[string]catalogueweb.FlowMark{}, pages: p}
	for _, t := range v.Tasks { // in the order of their making: the last word of a task counts
		if t.ParentID != "" || t.BackTo != "" || t.Result == cases.TransferredAway {
			continue
		}
		m := p.taskView(ctx, actor, t)
		mark := catalogueweb.FlowMark{}
		switch t.State {
		case cases.TaskOpen:
			mark = catalogueweb.FlowMark{State: view.StepNow, Words: i18n.T(ctx, "flowmap.open", "who", m.Assignee)}
			if t.Role == "" { // its members have it in hand
				mark.Words = i18n.T(ctx, "flowmap.members")
			}
		case cases.TaskDone:
			mark = catalogueweb.FlowMark{State: view.StepDone, Words: i18n.T(ctx, "flowmap.done", "result", m.State, "who", m.Assignee)}
		case cases.TaskSkipped:
			mark = catalogueweb.FlowMark{State: view.StepOff, Words: i18n.T(ctx, "flowmap.skipped")}
		default:
			mark = catalogueweb.FlowMark{State: view.StepOff, Words: m.State}
		}
		x.Marks[t.Key] = mark
	}
	return x
}
