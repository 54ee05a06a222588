package casesweb

import (
	"context"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/view"
)

func pick(name string) input { return input{Name: name, Kind: kindPick} }

// picks fills in what a command lets one choose from: people with their load,
// departments, desks.
func (p *Pages) picks(ctx context.Context, actor auth.Actor, v *cases.View, d *commandPage) error {
	d.Picks = map[string][]view.Opt{}
	switch d.Command {
	case cases.CmdReassign:
		return p.pickColleagues(ctx, actor, v, d)
	case cases.CmdTransfer:
		return p.pickDepartments(ctx, v, d)
	case cases.CmdReturn:
		for _, t := range cases.Returnable(actor, v) {
			who := p.Identity.NameOf(ctx, t.DoneBy).For(ctx)
			d.Picks["desk"] = append(d.Picks["desk"], view.Opt{Value: t.ID, Label: t.Name.For(ctx), Hint: i18n.T(ctx, "flow.desk", "department", p.departmentName(ctx, t.DepartmentID), "name", who)})
		}
	case cases.CmdArrange:
		return p.pickOfficers(ctx, actor, v, d)
	case cases.CmdAnswer:
		for _, t := range v.Tasks {
			for _, o := range v.Facts[t.ID].Objections {
				if o.Answer == "" {
					d.Picks["objection"] = append(d.Picks["objection"], view.Opt{Value: o.ID, Label: o.Body, Hint: i18n.T(ctx, "flow.objection.by", "name", o.Name, "contact", o.Contact)})
				}
			}
		}
	case cases.CmdEndorse:
		t := cases.TaskOf(actor, v, cases.CmdEndorse)
		if t == nil {
			break
		}
		d.Task, d.Kind = t.Name.For(ctx), catalogue.TaskKind(t.Kind)
		if t.Kind == string(catalogue.TaskInspection) {
			d.Inputs = append([]input{{Name: "held_on", Kind: kindDate}}, d.Inputs...)
			// a day that is still to come cannot have been the day of the visit
			if f := v.Facts[t.ID]; f.Inspection != nil && d.Form.Value("held_on") == "" {
				d.Form.Values().Set("held_on", min(f.Inspection.PlannedOn, workday.DateOf(p.Clock.Now()).String()))
			}
		}
	}
	return nil
}

// pickColleagues offers the tasks, when there are several, and the people.
func (p *Pages) pickColleagues(ctx context.Context, actor auth.Actor, v *cases.View, d *commandPage) error {
	tasks := cases.Reassignable(actor, v)
	if len(tasks) > 1 {
		for _, t := range tasks {
			d.Picks["task"] = append(d.Picks["task"], view.Opt{Value: t.ID, Label: t.Name.For(ctx), Hint: p.departmentName(ctx, t.DepartmentID)})
		}
	}
	people, err := p.Service.Colleagues(ctx, tasks)
	if err != nil {
		return err
	}
	for _, c := range people {
		d.Picks["to"] = append(d.Picks["to"], p.colleagueOpt(ctx, c))
	}
	groups, err := p.groupOpts(ctx, tasks)
	d.Picks["to"] = append(d.Picks["to"], groups...)
	return err
}

// groupOpts are the groups that tasks can be given to.
func (p *Pages) groupOpts(ctx context.Context, tasks []cases.Task) ([]view.Opt, error) {
	groups, err := p.Service.GroupsFor(ctx, tasks)
	out := make([]view.Opt, len(groups))
	for i, g := range groups {
		out[i] = view.Opt{Value: cases.GroupPrefix + g.ID, Label: g.Name.For(ctx), Hint: i18n.T(ctx, "flow.group")}
	}
	return out, err
}

// colleagueOpt is a person with post and load.
func (p *Pages) colleagueOpt(ctx context.Context, c cases.Colleague) view.Opt {
	o := view.Opt{Value: c.ID, Label: c.Name.For(ctx), Hint: i18n.T(ctx, "flow.colleague", "role", i18n.T(ctx, "role."+string(c.Post.Role)), "load", i18n.Count(ctx, "flow.load", c.Open))}
	if !c.Deputy.IsZero() {
		o.Hint = i18n.T(ctx, "flow.away", "rest", o.Hint, "name", c.Deputy.For(ctx))
	}
	return o
}

// pickDepartments offers those where somebody decides.
func (p *Pages) pickDepartments(ctx context.Context, v *cases.View, d *commandPage) error {
	staffed, err := p.Identity.Staffed(ctx)
	if err != nil {
		return err
	}
	dir := p.Identity.Directory()
	d.Picks["department"] = []view.Opt{{Value: "", Label: i18n.T(ctx, "flow.choose")}}
	for _, x := range dir.Departments {
		if x.ID != v.DepartmentID && staffed(auth.Approver, x.ID) {
			d.Picks["department"] = append(d.Picks["department"], view.Opt{Value: x.ID, Label: i18n.T(ctx, "flow.department_in", "name", x.Name.For(ctx), "region", dir.Region(x.Region).Name.For(ctx))})
		}
	}
	return nil
}

func giveReassign(ctx context.Context, s *cases.Service, a auth.Actor, ref cases.Ref, f *form.Form) error {
	in := cases.ReassignInput{TaskID: f.Text("task", form.Max(50)), To: f.Text("to", form.Required, form.Max(50)), Reason: reasonOf(f)}
	if !f.OK() {
		return nil
	}
	_, err := s.Reassign(ctx, a, ref, in)
	return err
}

func giveTransfer(ctx context.Context, s *cases.Service, a auth.Actor, ref cases.Ref, f *form.Form) error {
	in := cases.TransferInput{Department: f.Text("department", form.Required, form.Max(50)), WrongBody: f.Bool("wrong_body"), Reason: reasonOf(f)}
	if !f.OK() {
		return nil
	}
	_, err := s.Transfer(ctx, a, ref, in)
	return err
}

// pickOfficers offers who can be sent, and proposes the day and the place.
func (p *Pages) pickOfficers(ctx context.Context, actor auth.Actor, v *cases.View, d *commandPage) error {
	people, err := p.Service.Inspectors(ctx, actor, v)
	for _, c := range people {
		d.Picks["officers"] = append(d.Picks["officers"], view.Opt{Value: c.ID, Label: c.Name.For(ctx), Hint: i18n.T(ctx, "role."+string(c.Post.Role))})
	}
	return err
}

func giveReturn(ctx context.Context, s *cases.Service, a auth.Actor, ref cases.Ref, f *form.Form) error {
	desk, why := f.Text("desk", form.Required, form.Max(50)), reasonOf(f)
	if !f.OK() {
		return nil
	}
	_, err := s.Return(ctx, a, ref, desk, why)
	return err
}

func giveArrange(ctx context.Context, s *cases.Service, a auth.Actor, ref cases.Ref, f *form.Form) error {
	in := cases.ArrangeInput{Officers: f.All("officers"), On: f.Text("on", form.Required, form.Max(20)), Place: f.Text("place", form.Required, form.Max(200)), Reason: reasonOf(f)}
	if !f.OK() {
		return nil
	}
	_, err := s.Arrange(ctx, a, ref, in)
	return err
}

func giveObject(ctx context.Context, s *cases.Service, a auth.Actor, ref cases.Ref, f *form.Form) error {
	in := objectionIn(f)
	if !f.OK() {
		return nil
	}
	_, err := s.Object(ctx, a, ref, in)
	return err
}

func objectionIn(f *form.Form) cases.ObjectInput {
	return cases.ObjectInput{Name: f.Text("name", form.Required, form.Max(50)), Contact: f.Text("contact", form.Required, form.Max(50)), Body: f.Text("body", form.Required, form.Max(2000))}
}

func giveAnswer(ctx context.Context, s *cases.Service, a auth.Actor, ref cases.Ref, f *form.Form) error {
	in := cases.AnswerInput{ObjectionID: f.Text("objection", form.Required, form.Max(50)), Upheld: f.Text("upheld", form.Required, form.OneOf("no", "yes")) == "yes", Text: reasonOf(f)}
	if !f.OK() {
		return nil
	}
	_, err := s.Answer(ctx, a, ref, in)
	return err
}
