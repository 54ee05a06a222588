package cases_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// bundle publishes a bundle of groups of items, without conditions.
func (b bench) bundle(t *testing.T, code string, groups ...[]string) {
	t.Helper()
	it, err := b.Catalogue.Item(openFirm)
	if err != nil {
		t.Fatal(err)
	}
	d := it.Source()
	d.Code, d.Situation, d.FAQ, d.Bundle = code, nil, nil, &catalogue.Bundle{}
	for i, g := range groups {
		group := catalogue.Group{Key: "g" + string(rune('a'+i)), Name: d.Name}
		for _, item := range g {
			group.Items = append(group.Items, catalogue.Step{Item: item})
		}
		d.Bundle.Groups = append(d.Bundle.Groups, group)
	}
	b.publish(t, d)
}

func (b bench) publish(t *testing.T, d catalogue.Definition) {
	t.Helper()
	if _, err := b.Catalogue.Import(b.ctx, auth.SystemActor(), catalogue.Seed{Items: []catalogue.Definition{d}}); err != nil {
		t.Fatal(err, errs.FieldsOf(err))
	}
	if err := b.Catalogue.Refresh(b.ctx); err != nil {
		t.Fatal(err)
	}
}

// desk is who works on the open task of a case.
func (b bench) desk(t *testing.T, id cases.ID) auth.Actor {
	t.Helper()
	for _, x := range b.view(t, auth.SystemActor(), id).Tasks {
		if x.State == cases.TaskOpen {
			return b.Actor(t, x.Role+"-"+x.DepartmentID)
		}
	}
	t.Fatal("no open task")
	return auth.Actor{}
}

// typed changes what is typed in the form of a case.
func (b bench) typed(t *testing.T, who auth.Actor, id cases.ID, change map[string]string) {
	t.Helper()
	f, err := b.Cases.Form(b.ctx, who, id)
	if err != nil {
		t.Fatal(err)
	}
	posted := map[string][]string(f.Buffer.Typed)
	for k, v := range change {
		posted[k] = []string{v}
	}
	if _, err := b.Cases.SaveTyped(b.ctx, who, id, f.Buffer.Rev, posted); err != nil {
		t.Fatal(err)
	}
}

func (b bench) sendBack(t *testing.T, id cases.ID, in cases.AskInput) {
	t.Helper()
	if _, err := b.Cases.SendBack(b.ctx, b.desk(t, id), cases.Ref{ID: id}, in); err != nil {
		t.Fatal(err)
	}
}

func (b bench) reply(t *testing.T, who auth.Actor, id cases.ID) {
	t.Helper()
	if _, err := b.Cases.Reply(b.ctx, who, cases.Ref{ID: id}); err != nil {
		t.Fatal(err, errs.FieldsOf(err))
	}
}

// TestReplyOfAStepLeavesTheCollecting: the order says how results are collected;
// a step that was left behind decided can be handed over all the same.
func TestReplyOfAStepLeavesTheCollecting(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who, clerk := b.Actor(t, "talent"), b.Actor(t, "clerk")
		k := b.ordered(t, openFirm)
		b.finish(t, b.view(t, who, k.ID).Steps[0], granted)
		open := running(b.view(t, who, k.ID))
		replied, left := open[0].CaseID, open[1].CaseID
		b.sendBack(t, replied, cases.AskInput{Note: "请说明"})
		b.typed(t, who, replied, map[string]string{"collect": "window"})
		if _, err := b.Cases.SaveAnswers(b.ctx, who, replied, b.view(t, who, replied).Answers, cases.ByPost); err != nil {
			t.Fatal(err)
		}
		b.reply(t, who, replied)
		if x := b.view(t, who, replied); x.Collect != cases.Electronic {
			t.Errorf("the reply of a step changed the collecting to %s", x.Collect)
		}
		if err := d.InTx(b.ctx, func(ctx context.Context) error { // as an earlier version let it happen
			_, err := d.Exec(ctx, `UPDATE cases_case SET collect='window' WHERE id=$1`, string(left))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for _, st := range open {
			b.finish(t, st, granted)
		}
		list, err := b.Cases.List(b.ctx, clerk, cases.Filter{List: cases.ListToDeliver, Request: pageOf(10)})
		if err != nil || len(list.Rows) != 1 || list.Rows[0].ID != left {
			t.Fatalf("to hand over: %+v %v", list.Rows, err)
		}
		if x, err := b.Cases.Deliver(b.ctx, clerk, cases.Ref{ID: left}, cases.DeliverInput{How: cases.AtWindow, Receiver: "沈知远", Pickup: b.pickup(t, k.ID)}); err != nil || x.State != cases.Delivered {
			t.Fatalf("%+v %v", x, err)
		}
		b.checkOrders(t, d)
	})
}

// orderedAs is an accepted order; change is what the applicant answers, attach
// the file for the list of staff.
func (b bench) orderedAs(t *testing.T, who auth.Actor, code string, change map[string]string, name string) cases.Case {
	t.Helper()
	k, err := b.Cases.Start(b.ctx, who, cases.StartInput{ItemCode: code})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Cases.TypeSample(b.ctx, who, k.ID, 7, change); err != nil {
		t.Fatal(err)
	}
	if name != "" {
		if _, err := b.Cases.Attach(b.ctx, who, k.ID, "staff_list", name, bytes.NewReader(pdf), 1<<20); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Cases.AttachSample(b.ctx, who, k.ID); err != nil {
		t.Fatal(err)
	}
	if _, err = b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err, errs.FieldsOf(err))
	}
	if k, err = b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err)
	}
	return k
}

var manyStaff = map[string]string{
	"has_staff": "yes", "staff_count": "300", "invoice_limit": "more", "has_bank_account": "yes", "contact_email": "old@example.com",
}

func papersOf(v *cases.View, key string) []string {
	var out []string
	for _, m := range v.Materials {
		if m.Key == key {
			for _, f := range m.Files {
				out = append(out, f.Name)
			}
		}
	}
	return out
}

// TestMendedPaperGoesDown: what was handed in anew in one step is what later
// steps get, even when a sibling with the old paper was answered after it, and
// what stands is what was submitted, not what was set aside by a recalled request.
func TestMendedPaperGoesDown(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	who := b.Actor(t, "talent")
	b.bundle(t, "YJS-9001", []string{"RS-0101", "SC-0001"}, []string{"GJJ-0101"}, []string{"SW-0101"})
	change := map[string]string{"address_kind": "owned"}
	for k, v := range manyStaff {
		change[k] = v
	}
	k := b.orderedAs(t, who, "YJS-9001", change, "旧.pdf")
	open := running(b.view(t, who, k.ID))
	staff, other := open[0], open[1]
	b.sendBack(t, staff.CaseID, cases.AskInput{Points: []cases.Point{{Kind: "material", Key: "staff_list", Reason: "名单有误"}}})
	b.sendBack(t, other.CaseID, cases.AskInput{Note: "请确认"})
	if _, err := b.Cases.Attach(b.ctx, who, staff.CaseID, "staff_list", "新.pdf", bytes.NewReader(pdf), 1<<20); err != nil {
		t.Fatal(err)
	}
	b.reply(t, who, staff.CaseID)
	b.reply(t, who, other.CaseID)
	b.sendBack(t, staff.CaseID, cases.AskInput{Points: []cases.Point{{Kind: "material", Key: "staff_list", Reason: "再看"}}})
	if _, err := b.Cases.Recall(b.ctx, b.desk(t, staff.CaseID), cases.Ref{ID: staff.CaseID}, "不用了"); err != nil {
		t.Fatal(err)
	}
	for _, st := range open {
		b.finish(t, st, granted)
	}
	fund := running(b.view(t, who, k.ID))[0]
	if got := papersOf(b.view(t, who, fund.CaseID), "staff_list"); !slices.Equal(got, []string{"新.pdf"}) {
		t.Errorf("the later step has %v", got)
	}
}

// TestMendedAnswerStands: a sibling that is answered later about something else
// does not bring the old value back; what was emptied stays empty.
func TestMendedAnswerStands(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.New(t))
	who := b.Actor(t, "talent")
	b.bundle(t, "YJS-9002", []string{"RS-0101", "SC-0001"}, []string{"GJJ-0101"})
	k := b.orderedAs(t, who, "YJS-9002", manyStaff, "")
	open := running(b.view(t, who, k.ID))
	mended, other := open[0].CaseID, open[1].CaseID
	if b.view(t, who, mended).Answers["contact_email"] == nil {
		t.Fatal("the test has become blind: no address to empty")
	}
	b.sendBack(t, mended, cases.AskInput{Points: []cases.Point{{Kind: "field", Key: "company_name", Reason: "名称有误"}}})
	b.sendBack(t, other, cases.AskInput{Note: "请确认"})
	b.typed(t, who, mended, map[string]string{"company_name": "改正后的名称有限公司", "contact_email": ""})
	b.reply(t, who, mended)
	b.reply(t, who, other)
	for _, st := range open {
		b.finish(t, st, granted)
	}
	got := b.view(t, who, running(b.view(t, who, k.ID))[0].CaseID).Answers
	if got["company_name"] != "改正后的名称有限公司" {
		t.Errorf("the later step has the old name %v", got["company_name"])
	}
	if got["contact_email"] != nil {
		t.Errorf("what was emptied came back: %v", got["contact_email"])
	}
}
