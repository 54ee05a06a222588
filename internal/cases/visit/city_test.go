package visit_test

import (
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/visit"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// TestCityWide is a licence of the zone: received at a window of another
// district, examined and decided by departments of the zone, and handed over at a
// window of the city hall against an identity card. Each has its part on record,
// and each sees the case in its lists.
func TestCityWide(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, x *db.DB) {
		a := apptest.NewOn(t, x)
		ctx, who := t.Context(), a.Actor(t, "applicant")
		district, city := a.Actor(t, "clerk3"), a.Actor(t, "clerk2")
		v, err := a.Visits.Begin(ctx, district, visit.BeginInput{AccountID: who.ID, EnterpriseID: who.Firms[0]})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Visits.Add(ctx, district, visit.Ref{ID: v.ID}, "KJ-0001"); err != nil {
			t.Fatal(err)
		}
		v, begun, err := a.Visits.Start(ctx, district, visit.Ref{ID: v.ID})
		if err != nil {
			t.Fatal(err)
		}
		ref := cases.Ref{ID: begun[0]}
		a.Fill(t, district, ref.ID)
		k, err := a.Visits.Accept(ctx, district, v.ID, ref)
		if err != nil {
			t.Fatal(err)
		}
		if k.ReceivingRegion != "371602" || k.HallID != "east" || k.WindowID != "east/C02" || k.Region != "371671" || k.DepartmentID != "kj" {
			t.Fatalf("%+v", k)
		}
		for _, login := range []string{"handler-hb", "handler-wj", "handler-kj"} {
			if _, err := a.Cases.Endorse(ctx, a.Actor(t, login), ref, cases.EndorseInput{Opinion: "同意"}); err != nil {
				t.Fatalf("%s: %v", login, err)
			}
		}
		if k, err = a.Cases.Decide(ctx, a.Actor(t, "approver"), ref, cases.DecideInput{Outcome: cases.Granted}); err != nil || k.State != cases.Decided {
			t.Fatalf("%+v %v", k, err)
		}
		for _, login := range []string{"clerk3", "clerk2", "clerk", "approver"} {
			list, err := a.Cases.List(ctx, a.Actor(t, login), cases.Filter{List: cases.ListAll, Query: k.Number})
			if err != nil || len(list.Rows) != 1 {
				t.Errorf("%s does not find it: %v", login, err)
			}
		}
		out, err := a.Visits.Begin(ctx, city, visit.BeginInput{CaseID: ref.ID})
		if err != nil {
			t.Fatal(err)
		}
		stranger, err := a.Identity.Account(ctx, a.Actor(t, "talent").ID)
		if err != nil {
			t.Fatal(err)
		}
		owner, err := a.Identity.Account(ctx, who.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Visits.HandOver(ctx, city, out.ID, ref, cases.DeliverInput{How: cases.AtWindow, Receiver: "代领人", IDNumber: stranger.IDNumber}); err == nil {
			t.Error("handed over to somebody with nothing to do with it")
		}
		k, err = a.Visits.HandOver(ctx, city, out.ID, ref, cases.DeliverInput{How: cases.AtWindow, Receiver: owner.Name.ZH, IDNumber: owner.IDNumber})
		if err != nil || k.State != cases.Delivered {
			t.Fatalf("%+v %v", k, err)
		}
		if k.HallID != "east" || k.ReceivingRegion != "371602" {
			t.Errorf("the receiving window was lost: %+v", k)
		}
		hall, err := db.One(ctx, x.Read(ctx), db.Scalar[string], `SELECT hall_id FROM cases_delivery WHERE case_id=$1`, string(ref.ID))
		if err != nil || hall != "city" {
			t.Errorf("handed over at %q, %v", hall, err)
		}
		seen, err := a.Cases.View(ctx, district, ref.ID)
		if err != nil {
			t.Fatal(err)
		}
		places := map[cases.Command]string{}
		for _, e := range seen.Events {
			places[e.Command] = e.Place.ZH
		}
		if places[cases.CmdAccept] != "城东区政务服务中心 C02" || places[cases.CmdDeliver] != "渤海市政务服务中心 B03" {
			t.Errorf("%v", places)
		}
	})
}
