package app_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/config"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
)

// TestMattersOfTheDemonstration: whoever opens a desk of a fresh demonstration
// finds something to decide there.
func TestMattersOfTheDemonstration(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	a := apptest.Changed(t, func(c *config.Config) { c.RegisterURL = config.Memory })
	z, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.SampleMatters(ctx, z); err != nil {
		t.Fatal(err)
	}
	for login, want := range map[string][2]int{"handler-sc": {7, 5}, "handler-rs": {1, 1}, "handler-sw": {1, 1}, "handler-kj": {1, 0}} {
		list, err := a.Dossier.Matters(ctx, a.Actor(t, login), page.Request{})
		if err != nil {
			t.Fatal(err)
		}
		conflicts := 0
		for _, m := range list.Rows {
			if !m.Request() {
				conflicts++
			}
		}
		if len(list.Rows) != want[0] || conflicts != want[1] {
			t.Errorf("%s has %d matters, %d of them conflicts; want %v", login, len(list.Rows), conflicts, want)
		}
	}
	for login, want := range map[string]int{"applicant": 1, "handler-sc": 1, "handler-kj": 0} {
		if list, err := a.Claims.ToDecide(ctx, a.Actor(t, login)); err != nil || len(list) != want {
			t.Errorf("%s decides %d claims, want %d: %v", login, len(list), want, err)
		}
	}

	// two firms are unverified; the register answers about one, and does not have it
	a.Clock.Advance(time.Hour)
	if err := a.Dossier.FillWaiting(ctx); err != nil {
		t.Fatal(err)
	}
	if err := a.Dossier.FillWaiting(ctx); err != nil {
		t.Fatal(err)
	}
	var states []string
	unverified, err := a.Dossier.Unverified(ctx, a.Actor(t, "handler-sc"), page.Request{})
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range unverified.Rows {
		states = append(states, u.State)
	}
	if slices.Sort(states); !slices.Equal(states, []string{dossier.RegisterUnknown, dossier.RegisterWaiting}) {
		t.Errorf("unverified: %v", states)
	}
	// what is asked for a firm that the register does not have can be refused, and nothing else
	for _, u := range unverified.Rows {
		h, err := a.Cases.Holds(ctx, identity.Party{Kind: identity.HolderEnterprise, ID: u.Firm.ID}, "")
		if err != nil || h == nil || h.Grants != (u.State == dossier.RegisterUnknown) {
			t.Errorf("%s: %+v %v", u.State, h, err)
		}
	}
	// the case of the other is worked on and not decided
	firm := a.Actor(t, "caoyunqi").Firms[0]
	id, err := db.One(ctx, a.DB.Read(ctx), db.Scalar[string], `SELECT id FROM cases_case WHERE party_id=$1`, firm)
	if err != nil {
		t.Fatal(err)
	}
	v, err := a.Cases.View(ctx, a.Actor(t, "handler-kj"), cases.ID(id))
	if err != nil || v.State != cases.Handling {
		t.Fatalf("%s %v", v.State, err)
	}
	if hold, err := a.Cases.HoldOf(ctx, &v.Case); err != nil || hold == nil {
		t.Errorf("not held: %v", err)
	}
	a.Register.Switch(false)
	a.Clock.Advance(3 * time.Hour)
	if err := a.Dossier.FillWaiting(ctx); err != nil {
		t.Fatal(err)
	}
	if state, err := a.Dossier.RegisterState(ctx, firm); err != nil || state != dossier.RegisterKnown {
		t.Errorf("%s %v", state, err)
	}

	// the register knows the firms that are invented, too, also after a restart
	for range 2 {
		before := len(a.Register.Codes())
		if err := a.FillFirms(ctx, 68, func(int, int) {}); err != nil {
			t.Fatal(err)
		}
		if n := len(a.Register.Codes()); n < before || n != 68+len(z.Registered) {
			t.Errorf("the register has %d firms", n)
		}
	}

	// the objection, and the reminders of what has ended since
	p := a.As(t, "approver-sc").Get("/work/credit")
	if !strings.Contains(p.Text(), "送检") && !p.Has("渤海衡川测控仪表有限公司") {
		t.Errorf("no objection: %.500s", p.Text())
	}
	feed, err := a.Notify.Feed(ctx, a.Actor(t, "applicant").ID, page.Request{})
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, m := range feed.Rows {
		if strings.HasPrefix(m.Kind, "certs_") {
			told++
		}
	}
	if told < 5 {
		t.Errorf("%d reminders", told)
	}
}
