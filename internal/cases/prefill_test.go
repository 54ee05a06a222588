package cases_test

import (
	"context"
	"net/url"
	"strconv"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestFormerAnswersComeAlong: what a party answered in a case that was granted
// is there in its next one, with where it is from; nobody else gets it, and a
// changed value loses the mark.
func TestFormerAnswersComeAlong(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "applicant")
		old := b.submitted(t, "GX-0201")
		next := b.start(t, who, "GX-0201")
		if f, err := b.Cases.Form(b.ctx, who, next.ID); err != nil || f.Buffer.Prefill["bank_account"] != "" {
			t.Fatalf("%v %v", f.Buffer.Prefill, err) // the former case is not granted
		}
		if _, err := b.Cases.Withdraw(b.ctx, who, cases.Ref{ID: next.ID}, ""); err != nil {
			t.Fatal(err)
		}
		if err := d.InTx(b.ctx, func(ctx context.Context) error {
			_, err := d.Exec(ctx, `UPDATE cases_case SET outcome='granted', decided_at=$2 WHERE id=$1`, string(old.ID), db.MS(b.Clock.Now()))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		v, err := b.Cases.View(b.ctx, who, old.ID)
		if err != nil {
			t.Fatal(err)
		}
		next = b.start(t, who, "GX-0201")
		f, err := b.Cases.Form(b.ctx, who, next.ID)
		if err != nil {
			t.Fatal(err)
		}
		from := cases.ParseSource(f.Buffer.Prefill["bank_account"])
		if f.Answers["bank_account"] != v.Answers["bank_account"] || f.Answers["bank_account"] == nil || from.Kind != "case" || from.Ref != old.Number || from.Day == "" {
			t.Errorf("%v from %+v, want %v", f.Answers["bank_account"], from, v.Answers["bank_account"])
		}
		typed := url.Values(f.Buffer.Typed)
		typed.Set("bank_account", "6222000011112222")
		saved, err := b.Cases.SaveTyped(b.ctx, who, next.ID, f.Buffer.Rev, typed)
		if err != nil || saved.Prefill["bank_account"] != "" || saved.Prefill["bank_name"] == "" {
			t.Errorf("%v %v", saved.Prefill, err)
		}
		// Another party.
		if err := d.InTx(b.ctx, func(ctx context.Context) error {
			_, err := d.Exec(ctx, `UPDATE cases_case SET party_id='someone-else' WHERE id=$1`, string(old.ID))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Cases.Withdraw(b.ctx, who, cases.Ref{ID: next.ID}, ""); err != nil {
			t.Fatal(err)
		}
		if f, err := b.Cases.Form(b.ctx, who, b.start(t, who, "GX-0201").ID); err != nil || f.Buffer.Prefill["bank_account"] != "" || f.Answers["bank_account"] != nil {
			t.Errorf("%v %v", f.Buffer.Prefill, err)
		}
	})
}

// TestADraftFollowsTheForm: a draft is shown in the form that is published now;
// what has no place there is kept aside, also when it comes from a page that
// shows the form before. A submitted case keeps its form.
func TestADraftFollowsTheForm(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		who := b.Actor(t, "applicant")
		sent := b.submitted(t, "GX-0201")
		k := b.start(t, who, "GX-0201")
		f, err := b.Cases.Form(b.ctx, who, k.ID)
		if err != nil {
			t.Fatal(err)
		}
		before := f.Item.VersionID
		row := f.Buffer.Typed.Rows("equipment")[0]
		typed := url.Values(f.Buffer.Typed)
		typed.Set(cases.FormVersion, before)
		typed.Set("project_name", "产线改造")
		typed.Set("project_address", "一号路")
		typed.Set("equipment."+row+".name", "机床")
		saved, err := b.Cases.SaveTyped(b.ctx, who, k.ID, f.Buffer.Rev, typed)
		if err != nil {
			t.Fatal(err)
		}
		item, err := b.Catalogue.Item("GX-0201")
		if err != nil {
			t.Fatal(err)
		}
		next := item.Definition.Source()
		next.Form.Sections = append([]catalogue.Section{}, next.Form.Sections...)
		for i, s := range next.Form.Sections {
			var fields []catalogue.Field
			for _, x := range s.Fields {
				if x.ID == "project_address" {
					continue
				}
				if s.Repeat != nil && x.ID == "name" {
					x.Type = catalogue.FieldTextarea
				}
				fields = append(fields, x)
			}
			next.Form.Sections[i].Fields = fields
		}
		next.Situation, next.Form.Sections = item.Situation, withoutSection(next.Form.Sections, "situation")
		b.publish(t, next)

		f, err = b.Cases.Form(b.ctx, who, k.ID)
		if err != nil || f.Item.VersionID == before {
			t.Fatalf("%v: the draft does not follow", err)
		}
		if len(f.Buffer.Aside) != 2 || f.Answers["project_name"] != "产线改造" || f.Buffer.Typed["project_address"] != nil {
			t.Errorf("%+v %v", f.Buffer.Aside, f.Answers)
		}
		// The page of before saves once more.
		typed.Set("project_address", "二号路")
		typed.Set("project_name", "第二次")
		for n := range 2 {
			if saved, err = b.Cases.SaveTyped(b.ctx, who, k.ID, saved.Rev, typed); err != nil {
				t.Fatal(n, err)
			}
		}
		if len(saved.Aside) != 2 || saved.Aside[0].Value.ZH != "二号路" || saved.Typed["project_name"][0] != "第二次" || saved.Typed["project_address"] != nil {
			t.Errorf("%+v %v", saved.Aside, saved.Typed)
		}
		// What is typed into the new form counts as it is.
		typed = url.Values(saved.Typed)
		typed.Set(cases.FormVersion, f.Item.VersionID)
		typed.Set("equipment."+row+".name", "新机床")
		if saved, err = b.Cases.SaveTyped(b.ctx, who, k.ID, saved.Rev, typed); err != nil || saved.Typed["equipment."+row+".name"][0] != "新机床" || len(saved.Aside) != 2 {
			t.Errorf("%v %+v", err, saved)
		}
		if err := b.Cases.DropAside(b.ctx, who, k.ID); err != nil {
			t.Fatal(err)
		}
		if f, err = b.Cases.Form(b.ctx, who, k.ID); err != nil || len(f.Buffer.Aside) != 0 {
			t.Errorf("%v %v", err, f.Buffer.Aside)
		}
		v, err := b.Cases.View(b.ctx, who, sent.ID)
		if err != nil || v.Item.VersionID != before || v.Answers["project_address"] == nil {
			t.Errorf("%v: the submitted case moved to %s (%s)", err, v.Item.VersionID, strconv.Quote(before))
		}
	})
}

func withoutSection(list []catalogue.Section, key string) []catalogue.Section {
	var out []catalogue.Section
	for _, s := range list {
		if s.Key != key {
			out = append(out, s)
		}
	}
	return out
}
