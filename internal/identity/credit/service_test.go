package credit_test

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/credit"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/locales"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/sealtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

type official struct{}

func (official) For(string, time.Time) *workday.Calendar { return workday.Official() }

const uscc = "91350200776049653A"

type house struct {
	*credit.Service
	clock                                            *clock.Moved
	id                                               *identity.Service
	firm                                             identity.Enterprise
	owner, stranger, handler, approver, head, beside auth.Actor
}

func setup(t *testing.T, d *db.DB) *house {
	t.Helper()
	c := clock.At(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))
	log, ctx, sys := audit.New(d, c), t.Context(), auth.SystemActor()
	id := identity.New(identity.Deps{DB: d, Clock: c, Audit: log, Throttle: throttle.New(d, c), Seal: sealtest.Ring(t)})
	store, err := files.New(d, c, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	q, err := jobs.New(d, dbtest.Quiet())
	if err != nil {
		t.Fatal(err)
	}
	texts, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{clock: c, id: id, Service: credit.New(credit.Deps{
		DB: d, Clock: c, Identity: id, Calendars: official{}, Files: store, Notify: notify.New(d, c, q, texts, nil, "http://t.test"), Audit: log, Rules: rules(t),
	})}
	id.Standing = h.StandingOf
	if err := id.SaveOrganisation(ctx, sys, identity.Organisation{
		Regions: []identity.Region{{Code: "371671", Level: "county", Name: i18n.Text{ZH: "区"}}},
		Departments: []identity.Department{
			{ID: "kj", USCC: "12441500196720244T", Region: "371671", Name: i18n.Text{ZH: "科创局"}}, {ID: "sc", USCC: "113716000043456718", Region: "371671", Name: i18n.Text{ZH: "市场局"}},
		},
	}); err != nil {
		t.Fatal(err)
	}
	staff := func(login string, role auth.Role, of string) auth.Actor {
		a, err := id.CreateStaff(ctx, sys, identity.StaffInput{Login: login, Name: i18n.Text{ZH: login}, Password: "window-pass", Posts: []auth.Post{{Role: role, DepartmentID: of, Region: "371671"}}})
		if err != nil {
			t.Fatal(err)
		}
		actor, err := id.Actor(ctx, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		return actor
	}
	h.handler, h.approver, h.head, h.beside = staff("handler", auth.Handler, "kj"), staff("approver", auth.Approver, "kj"), staff("head", auth.Head, "kj"), staff("beside", auth.Approver, "sc")
	a, err := id.SeedAccount(ctx, sys, identity.Account{Login: "owner", Kind: auth.Person, Name: i18n.Text{ZH: "张三"}, IDNumber: "371602199001010018", Phone: "13900010001"}, nil, "x")
	if err != nil {
		t.Fatal(err)
	}
	if h.firm, err = id.SaveEnterprise(ctx, sys, identity.EnterpriseInput{Enterprise: identity.Enterprise{USCC: uscc, Name: i18n.Text{ZH: "试验公司"}, Region: "371671", RegisteredOn: "2020-01-01"}}); err != nil {
		t.Fatal(err)
	}
	if err := id.Authorise(ctx, sys, h.firm.ID, a.ID, identity.Owner); err != nil {
		t.Fatal(err)
	}
	if h.owner, err = id.Actor(ctx, a.ID); err != nil {
		t.Fatal(err)
	}
	h.stranger = auth.Actor{Kind: auth.Person, ID: "nobody"}
	return h
}

func (h *house) standing(t *testing.T, want identity.Standing, grade credit.Grade) {
	t.Helper()
	s, err := h.id.StandingOf(t.Context(), h.firm.ID)
	if err != nil || s != want {
		t.Errorf("standing %s, want %s, %v", s, want, err)
	}
	if r, err := h.Grade(t.Context(), h.firm.ID); err != nil || r.Grade != grade {
		t.Errorf("grade %s, want %s, %v", r.Grade, grade, err)
	}
}

func wants(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func complains(t *testing.T, what string, err error, field string) {
	t.Helper()
	for _, f := range errs.FieldsOf(err) {
		if f.Name == field {
			return
		}
	}
	t.Errorf("%s: %v has no complaint about %s", what, err, field)
}

func proof() *credit.Upload {
	return &credit.Upload{Name: "a.pdf", Content: bytes.NewReader([]byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"))}
}

func TestARecordIsObjectedTo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := setup(t, d), t.Context()
		h.standing(t, identity.StandingNormal, credit.B)
		in := credit.Input{Code: uscc, Kind: credit.Broken, Reason: "承诺的设备没有配齐", From: "2026-02-01"}
		for field, change := range map[string]func(*credit.Input){
			"code": func(in *credit.Input) { in.Code = "91350200776049653B" }, "kind": func(in *credit.Input) { in.Kind = "gossip" }, "reason": func(in *credit.Input) { in.Reason = " " },
			"from": func(in *credit.Input) { in.From = "2026-03-03" }, "until": func(in *credit.Input) { in.Until = "2025-12-31" },
		} {
			bad := in
			change(&bad)
			_, err := h.Record(ctx, h.approver, bad)
			complains(t, field, err, field)
		}
		_, err := h.Record(ctx, h.owner, in)
		wants(t, "the firm itself", err, credit.ErrForbidden)
		in.Until = "2040-01-01"
		r, err := h.Record(ctx, h.approver, in)
		if err != nil || r.Until != "2031-02-01" { // five years at most
			t.Fatalf("%+v %v", r, err)
		}
		h.standing(t, identity.StandingBad, credit.D)
		if list, err := h.Public(ctx); err != nil || len(list) != 1 || list[0].Name.ZH != "试验公司" || list[0].Source != "科创局" && list[0].Source != "kj" {
			t.Errorf("%+v %v", list, err)
		}
		wants(t, "a stranger objects", h.Ask(ctx, h.stranger, r.ID, credit.AskInput{Ask: credit.Object, Text: "x"}), credit.ErrNotFound)
		complains(t, "without a word", h.Ask(ctx, h.owner, r.ID, credit.AskInput{Ask: credit.Object}), "text")
		if err := h.Ask(ctx, h.owner, r.ID, credit.AskInput{Ask: credit.Object, Text: "设备当天就配齐了", File: proof()}); err != nil {
			t.Fatal(err)
		}
		wants(t, "twice", h.Ask(ctx, h.owner, r.ID, credit.AskInput{Ask: credit.Object, Text: "x"}), credit.ErrOpen)
		mine, err := h.Mine(ctx, h.owner)
		if err != nil || len(mine) != 2 || len(mine[1].Records) != 1 || mine[1].Records[0].Open == nil || !mine[1].Records[0].Open.DueAt.After(h.clock.Now().Add(14*24*time.Hour)) {
			t.Fatalf("%+v %v", mine, err)
		}
		h.standing(t, identity.StandingBad, credit.D) // it counts until it is decided
		if list, err := h.Pending(ctx, h.beside); err != nil || len(list) != 0 {
			t.Errorf("another department: %v %v", list, err)
		}
		list, err := h.Pending(ctx, h.head)
		if err != nil || len(list) != 1 {
			t.Fatalf("%v %v", list, err)
		}
		o := list[0].Objection
		if _, _, err := h.Evidence(ctx, h.beside, o.ID); !errors.Is(err, credit.ErrNotFound) {
			t.Errorf("another department reads the evidence: %v", err)
		}
		_, content, err := h.Evidence(ctx, h.head, o.ID)
		if err != nil {
			t.Fatal(err)
		}
		_ = content.Close()
		wants(t, "who entered it", h.Decide(ctx, h.approver, o.ID, 1, false, "不成立"), credit.ErrOwnRecord)
		wants(t, "another department", h.Decide(ctx, h.beside, o.ID, 1, true, "x"), credit.ErrNotFound)
		wants(t, "a handler", h.Decide(ctx, h.handler, o.ID, 1, true, "x"), credit.ErrNotFound)
		complains(t, "without a reason", h.Decide(ctx, h.head, o.ID, 1, true, " "), "decision")
		if err := h.Decide(ctx, h.head, o.ID, 1, true, "经查属实"); err != nil {
			t.Fatal(err)
		}
		wants(t, "twice", h.Decide(ctx, h.head, o.ID, 1, true, "x"), credit.ErrStale)
		h.standing(t, identity.StandingNormal, credit.B)
		if list, err := h.Public(ctx); err != nil || len(list) != 0 {
			t.Errorf("still public: %v %v", list, err)
		}
		wants(t, "struck out already", h.Ask(ctx, h.owner, r.ID, credit.AskInput{Ask: credit.Object, Text: "x"}), credit.ErrEnded)
	})
}

func TestARepairTakesItsTime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := setup(t, d), t.Context()
		// The engine enters what a verification found.
		if err := h.id.RecordCredit(ctx, h.handler, identity.CreditRecord{Party: h.firm.Party(), Kind: identity.StandingBad, Reason: "承诺没有兑现", Source: "kj", From: "2026-01-05"}); err != nil {
			t.Fatal(err)
		}
		h.standing(t, identity.StandingBad, credit.D)
		mine, err := h.Mine(ctx, h.owner)
		if err != nil || len(mine[1].Records) != 1 || mine[1].Records[0].Kind != credit.Broken {
			t.Fatalf("%+v %v", mine, err)
		}
		id := mine[1].Records[0].ID
		in := credit.AskInput{Ask: credit.Repair, Text: "已经补齐", FulfilledOn: "2026-02-01", File: proof()}
		complains(t, "too early", h.Ask(ctx, h.owner, id, in), "fulfilled_on") // ninety days
		in.FulfilledOn = "2026-01-04"
		complains(t, "before it happened", h.Ask(ctx, h.owner, id, in), "fulfilled_on")
		in.FulfilledOn = "2026-02-01"
		h.clock.Advance(70 * 24 * time.Hour)
		in.File = nil
		complains(t, "without evidence", h.Ask(ctx, h.owner, id, in), "file")
		in.File = proof()
		if err := h.Ask(ctx, h.owner, id, in); err != nil {
			t.Fatal(err)
		}
		list, err := h.Pending(ctx, h.approver)
		if err != nil || len(list) != 1 {
			t.Fatalf("%v %v", list, err)
		}
		if err := h.Decide(ctx, h.approver, list[0].ID, 1, false, "还差一台"); err != nil {
			t.Fatal(err)
		}
		h.standing(t, identity.StandingBad, credit.D)
		in.File = proof()
		if err := h.Ask(ctx, h.owner, id, in); err != nil { // again, after the refusal
			t.Fatal(err)
		}
		list, err = h.Pending(ctx, h.approver)
		if err != nil || len(list) != 1 {
			t.Fatalf("%v %v", list, err)
		}
		if err := h.Decide(ctx, h.approver, list[0].ID, 1, true, "已核实"); err != nil {
			t.Fatal(err)
		}
		h.standing(t, identity.StandingNormal, credit.B)
	})
}

// A public entry is gone on the day after its last one, and never older than five years.
func TestThePublicListForgets(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := setup(t, d), t.Context()
		for _, in := range []credit.Input{
			{Code: uscc, Kind: credit.Broken, Reason: "one", From: "2026-01-01", Until: "2026-03-03"},
			{Code: uscc, Kind: credit.Penalty, Reason: "not public", From: "2026-01-01"},
		} {
			if _, err := h.Record(ctx, h.handler, in); err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range []int{1, 1, 0} {
			if list, err := h.Public(ctx); err != nil || len(list) != want {
				t.Errorf("%s: %d on the list, want %d, %v", h.id.Today(), len(list), want, err)
			}
			h.clock.Advance(24 * time.Hour)
		}
		if _, err := h.Look(ctx, h.owner, uscc); !errors.Is(err, credit.ErrForbidden) {
			t.Errorf("the public looks a firm up: %v", err)
		}
	})
}
