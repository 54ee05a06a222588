package certs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/certs"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

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

func TestAnIssuedCertificateHasAnIdentifier(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		c := h.permit(t, "2030-12-31")
		r := idcode.CheckCertificateID(c.Code)
		if r.Verdict != idcode.Valid || r.Type != owner+"001" || r.Issuer != owner || r.Version != "001" || c.Level != "A" || c.Edition != 1 {
			t.Errorf("%+v %+v", r, c)
		}
		if len(c.Code) == 0 || idcode.CheckCertificateID(c.Code[:len(c.Code)-1]+"*").Verdict == idcode.Valid {
			t.Error("a wrong check character passes")
		}
	})
}

func TestAChangeReplacesTheVersion(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := setup(t, d), t.Context()
		c := h.permit(t, "2030-12-31")
		act, err := h.Propose(ctx, h.handler, c.ID, certs.Proposal{Kind: certs.Change, Reason: "换了名称", Version: 1, Changes: certs.Changes{Holder: "新名公司", Until: "2031-12-31"}})
		if err != nil || act.State != certs.Proposed {
			t.Fatalf("%+v %v", act, err)
		}
		if same, _ := h.id.CertificateByID(ctx, c.ID); same.Edition != 1 {
			t.Errorf("changed with one pair of eyes: %+v", same)
		}
		if err := h.Decide(ctx, h.head, act.ID, 1, true, ""); err != nil {
			t.Fatal(err)
		}
		now, err := h.id.CertificateByID(ctx, c.ID)
		if err != nil || now.Edition != 2 || now.HolderName.ZH != "新名公司" || now.ValidTo != "2031-12-31" || now.Token == c.Token || now.Code == c.Code || idcode.CheckCertificateID(now.Code).Version != "002" {
			t.Fatalf("%+v %v", now, err)
		}
		old, err := h.id.Verify(ctx, auth.Actor{From: "1"}, c.Token)
		if err != nil || old.Status(h.id.Today()) != "replaced" || old.HolderName.ZH != "试验公司" || old.Token != "" || old.ID != "" {
			t.Errorf("the old page: %+v %v", old, err)
		}
		if v, err := h.id.Verify(ctx, auth.Actor{From: "1"}, now.Token); err != nil || v.Status(h.id.Today()) != "valid" {
			t.Errorf("the new page: %+v %v", v, err)
		}
		if v, err := h.id.VerifyNumber(ctx, auth.Actor{From: "1"}, c.Code); err != nil || v.State != identity.CertReplaced || !v.HolderName.IsZero() {
			t.Errorf("by the old number: %+v %v", v, err)
		}
		if v, err := h.id.VerifyNumber(ctx, auth.Actor{From: "1"}, now.Code); err != nil || v.State != "valid" || !v.HolderName.IsZero() || v.Token != "" || v.HolderID != "" {
			t.Errorf("by the new number: %+v %v", v, err)
		}
		p, err := h.Held(ctx, h.holder, c.ID)
		if err != nil || len(p.Past) != 1 || p.Past[0].ValidTo != "2030-12-31" || len(p.Acts) != 1 {
			t.Errorf("%+v %v", p, err)
		}
		if h.notices(t, "certs_change") != 1 {
			t.Error("the holder was not told once")
		}
		_, err = h.Propose(ctx, h.handler, c.ID, certs.Proposal{Kind: certs.Change, Reason: "again", Version: 1, Changes: certs.Changes{Until: "2032-12-31"}})
		wants(t, "a stale version", err, certs.ErrStale)
		for field, p := range map[string]certs.Proposal{
			"reason": {Kind: certs.Change, Reason: " ", Version: now.Version, Changes: certs.Changes{Until: "2032-12-31"}},
			"until":  {Kind: certs.Change, Reason: "x", Version: now.Version, Changes: certs.Changes{Until: "2031-12-31"}},
			"from":   {Kind: certs.Change, Reason: "x", Version: now.Version, Changes: certs.Changes{From: "31.12.2025"}},
			"kind":   {Kind: "burn", Reason: "x", Version: now.Version},
		} {
			_, err := h.Propose(ctx, h.handler, c.ID, p)
			complains(t, field, err, field)
		}
	})
}

func TestWhatTakesARightAwayTakesTwo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := setup(t, d), t.Context()
		c := h.permit(t, "")
		_, err := h.Service.Propose(ctx, h.handler, c.ID, certs.Proposal{Kind: certs.Suspend, Reason: "x", Version: 1})
		complains(t, "who did not open it", err, "reason")
		_, err = h.Propose(ctx, h.beside, c.ID, certs.Proposal{Kind: certs.Revoke, Reason: "x", Version: 1})
		wants(t, "another department", err, certs.ErrNotFound)
		_, err = h.Propose(ctx, h.holder, c.ID, certs.Proposal{Kind: certs.Revoke, Reason: "x", Version: 1})
		wants(t, "the holder", err, certs.ErrNotFound)
		_, err = h.Propose(ctx, h.clerk, c.ID, certs.Proposal{Kind: certs.Revoke, Reason: "x", Version: 1})
		wants(t, "a clerk", err, certs.ErrForbidden)
		for i, p := range []certs.Proposal{
			{Kind: certs.Suspend, Reason: "核查中"},
			{Kind: certs.Resume, Reason: "核查完"},
			{Kind: certs.Change, Reason: "有效期写错", Changes: certs.Changes{Until: "2027-12-31"}},
			{Kind: certs.Change, Reason: "换了名称", Changes: certs.Changes{Holder: "别的公司"}},
			{Kind: certs.Change, Reason: "延期", Changes: certs.Changes{Always: true}},
			{Kind: certs.Change, Reason: "有效期写错", Changes: certs.Changes{Until: "2027-12-31"}},
			{Kind: certs.Revoke, Reason: "提供了假材料"},
		} {
			now, err := h.id.CertificateByID(ctx, c.ID)
			if err != nil {
				t.Fatal(err)
			}
			p.Version = now.Version
			act, err := h.Propose(ctx, h.approver, c.ID, p)
			if err != nil || act.State != certs.Proposed {
				t.Fatalf("%d: %+v %v", i, act, err)
			}
			if same, _ := h.id.CertificateByID(ctx, c.ID); same.State != now.State || same.ValidTo != now.ValidTo || same.HolderName != now.HolderName {
				t.Errorf("%s took effect with one pair of eyes", p.Kind)
			}
			_, err = h.Propose(ctx, h.handler, c.ID, p)
			wants(t, "a second proposal", err, certs.ErrOpenAct)
			wants(t, "the same person", h.Decide(ctx, h.approver, act.ID, 1, true, ""), certs.ErrSame)
			wants(t, "a handler", h.Decide(ctx, h.handler, act.ID, 1, true, ""), certs.ErrForbidden)
			wants(t, "another department", h.Decide(ctx, h.beside, act.ID, 1, true, ""), certs.ErrNotFound)
			complains(t, "a refusal without a word", h.Decide(ctx, h.head, act.ID, 1, false, " "), "note")
			deputy := h.beside
			deputy.Posts = append([]auth.Post{{Role: auth.Approver, DepartmentID: "kj", For: h.approver.ID}}, deputy.Posts...)
			wants(t, "the deputy of the same person", h.Decide(ctx, deputy, act.ID, 1, true, ""), certs.ErrSame)
			if err := h.Decide(ctx, h.head, act.ID, 1, true, ""); err != nil {
				t.Fatalf("%s: %v", p.Kind, err)
			}
			wants(t, "twice", h.Decide(ctx, h.head, act.ID, 1, true, ""), certs.ErrStale)
		}
		now, _ := h.id.CertificateByID(ctx, c.ID)
		if now.State != identity.CertRevoked || now.ValidTo != "2027-12-31" || h.notices(t, "certs_revoke") != 1 {
			t.Errorf("%+v", now)
		}
		_, err = h.Propose(ctx, h.handler, c.ID, certs.Proposal{Kind: certs.Resume, Reason: "x", Version: now.Version})
		wants(t, "a revoked one", err, certs.ErrState)
		if on, err := h.id.OnFile(ctx, h.firm.ID); err != nil || len(on) != 0 {
			t.Errorf("still on file: %v %v", on, err)
		}
	})
}

func TestARefusedProposalChangesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := setup(t, d), t.Context()
		c := h.permit(t, "")
		act, err := h.Propose(ctx, h.handler, c.ID, certs.Proposal{Kind: certs.Suspend, Reason: "x", Version: 1})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Decide(ctx, h.approver, act.ID, 1, false, "没有依据"); err != nil {
			t.Fatal(err)
		}
		if now, _ := h.id.CertificateByID(ctx, c.ID); now.State != "valid" || now.Version != 1 || h.notices(t, "certs_suspend") != 0 {
			t.Errorf("%+v", now)
		}
		if _, err := h.Propose(ctx, h.handler, c.ID, certs.Proposal{Kind: certs.Suspend, Reason: "y", Version: 1}); err != nil {
			t.Errorf("a new proposal: %v", err)
		}
	})
}

func TestStaffNeedAReasonAndTheHolderReadsIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := setup(t, d), t.Context()
		c := h.permit(t, "")
		if p, open, err := h.Kept(ctx, h.clerk, c.ID); err != nil || open || p.Number != "" {
			t.Errorf("open without a reason: %+v %v %v", p, open, err)
		}
		complains(t, "no reason", h.Open(ctx, h.clerk, c.ID, "  "), "reason")
		wants(t, "another department", h.Open(ctx, h.beside, c.ID, "curious"), certs.ErrNotFound)
		if err := h.Open(ctx, h.clerk, c.ID, "本人来查"); err != nil {
			t.Fatal(err)
		}
		if p, open, err := h.Kept(ctx, h.clerk, c.ID); err != nil || !open || p.Number != c.Number || p.Reason != "本人来查" {
			t.Errorf("%+v %v %v", p, open, err)
		}
		if _, open, _ := h.Kept(ctx, h.handler, c.ID); open {
			t.Error("the reason of one opens it to another")
		}
		h.clock.Advance(31 * time.Minute)
		if _, open, _ := h.Kept(ctx, h.clerk, c.ID); open {
			t.Error("a reason lasts for ever")
		}
		p, err := h.Held(ctx, h.holder, c.ID)
		if err != nil || len(p.Uses) != 1 || p.Uses[0].Reason != "本人来查" || p.Uses[0].DepartmentID != "kj" || p.Uses[0].ActorID != h.clerk.ID {
			t.Fatalf("%+v %v", p.Uses, err)
		}
		_, err = h.Held(ctx, h.stranger, c.ID)
		wants(t, "a stranger", err, certs.ErrNotFound)

		use := p.Uses[0].ID
		wants(t, "a stranger complains", h.Complain(ctx, h.stranger, use, "x"), certs.ErrNotFound)
		complains(t, "an empty complaint", h.Complain(ctx, h.holder, use, ""), "text")
		if err := h.Complain(ctx, h.holder, use, "我没有去过窗口"); err != nil {
			t.Fatal(err)
		}
		wants(t, "twice", h.Complain(ctx, h.holder, use, "x"), certs.ErrComplaint)
		_, err = h.Complaints(ctx, h.clerk)
		wants(t, "the clerk reads complaints", err, certs.ErrForbidden)
		if list, err := h.Complaints(ctx, h.head); err != nil || len(list) != 1 || list[0].Complaint.Text != "我没有去过窗口" {
			t.Errorf("%+v %v", list, err)
		}
		wants(t, "another department answers", h.Answer(ctx, h.beside, use, 1, false, "x"), certs.ErrNotFound)
		if err := h.Answer(ctx, h.head, use, 1, true, "已处理"); err != nil {
			t.Fatal(err)
		}
		wants(t, "answered twice", h.Answer(ctx, h.head, use, 1, true, "x"), certs.ErrStale)
		if h.notices(t, "certs_answer") != 1 {
			t.Error("who complained was not told")
		}
	})
}

// Nobody makes the log of uses unreadable by asking a thousand times.
func TestTheLogIsNotFlooded(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := setup(t, d), t.Context()
		c := h.permit(t, "")
		for range 3 {
			if err := h.Open(ctx, h.clerk, c.ID, "本人来查"); err != nil {
				t.Fatal(err)
			}
			h.clock.Advance(time.Minute)
		}
		for range 2 {
			if err := h.Note(ctx, h.clerk, c, certs.Downloaded, certs.CaseOf{}, "本人来查"); err != nil {
				t.Fatal(err)
			}
		}
		h.clock.Advance(time.Second) // uses of one instant have no order
		if err := h.Open(ctx, h.handler, c.ID, "本人来查"); err != nil {
			t.Fatal(err)
		}
		h.clock.Advance(time.Second)
		if err := h.Open(ctx, h.clerk, c.ID, "另一件事"); err != nil {
			t.Fatal(err)
		}
		p, err := h.Held(ctx, h.holder, c.ID)
		if err != nil || len(p.Uses) != 4 {
			t.Fatalf("%+v %v", p.Uses, err)
		}
		if u := p.Uses[3]; u.Times != 3 || u.LastAt.Sub(u.At) != 2*time.Minute {
			t.Errorf("%+v", u)
		}
		if p.Uses[2].Times != 2 || p.Uses[1].Times != 1 || p.Uses[0].Times != 1 {
			t.Errorf("%+v", p.Uses)
		}
		// What the holder doubts stays as it is, and the trail has each.
		if err := h.Complain(ctx, h.holder, p.Uses[3].ID, "不是我"); err != nil {
			t.Fatal(err)
		}
		if err := h.Open(ctx, h.clerk, c.ID, "本人来查"); err != nil {
			t.Fatal(err)
		}
		if p, err = h.Held(ctx, h.holder, c.ID); err != nil || len(p.Uses) != 5 || p.Uses[4].Times != 3 {
			t.Errorf("%+v %v", p.Uses, err)
		}
		if n, err := db.One(ctx, d.Read(ctx), db.Scalar[int], `SELECT count(*) FROM audit_entry WHERE action='certs.opened'`); err != nil || n != 6 {
			t.Errorf("%d in the trail, %v", n, err)
		}
		h.clock.Advance(31 * time.Minute)
		var stopped error
		for i := 0; i < 40 && stopped == nil; i++ {
			stopped = h.Open(ctx, h.clerk, c.ID, fmt.Sprint("理由", i))
		}
		wants(t, "a new reason each time", stopped, throttle.ErrTooMany)
	})
}

func TestAPaperCountsOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := setup(t, d), t.Context()
		c := h.permit(t, "")
		count := func(id string, materials ...string) {
			in := certs.Handed{Case: certs.CaseOf{ID: id, Number: "N" + id, Item: i18n.Text{ZH: "事项"}}, HolderID: h.firm.ID, AccountID: h.holder.ID, ItemCode: "KJ-1", DepartmentID: "kj", Region: "371671"}
			for _, m := range materials {
				in.Spared = append(in.Spared, certs.Spared{Material: m, Certificate: c})
			}
			if err := d.InTx(ctx, func(ctx context.Context) error { return h.Count(ctx, auth.SystemActor(), in) }); err != nil {
				t.Fatal(err)
			}
		}
		total := func() (all, cases int) {
			s, err := h.SavedSince(ctx, h.head, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			return s.All, s.Cases
		}
		count("1", "licence", "permit")
		count("1", "licence", "permit") // handed in again after a supplement
		count("2", "licence")
		if all, cases := total(); all != 3 || cases != 2 {
			t.Errorf("%d papers in %d cases", all, cases)
		}
		if err := d.InTx(ctx, func(ctx context.Context) error { return h.Uncount(ctx, "1") }); err != nil {
			t.Fatal(err)
		}
		count("3", "licence", "permit") // asked again after the withdrawal
		if all, cases := total(); all != 3 || cases != 2 {
			t.Errorf("after a withdrawal: %d papers in %d cases", all, cases)
		}
		if n, err := h.SavedFor(ctx, h.firm.ID); err != nil || n != 3 {
			t.Errorf("%d %v", n, err)
		}
		s, err := h.SavedSince(ctx, h.head, time.Time{})
		if err != nil || len(s.Types) != 1 || s.Types[0].N != 3 || s.Types[0].Name.ZH != "许可证" || len(s.Items) != 1 || s.Items[0].Name.ZH != "事项" {
			t.Errorf("%+v %v", s, err)
		}
		p, err := h.Held(ctx, h.holder, c.ID)
		if err != nil || p.Saved != 3 || len(p.Uses) != 5 { // what was lent stays in the log
			t.Errorf("%d saved, %d uses, %v", p.Saved, len(p.Uses), err)
		}
	})
}

func TestEndsAreToldOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := setup(t, d), t.Context() // 2 March 2026
		h.permit(t, "2026-04-20")          // 49 days: reached 60
		h.permit(t, "2026-05-02")          // 61 days: not yet
		h.permit(t, "2026-03-05")          // 3 days: 60, 30 and 7 at once, told once
		h.permit(t, "2026-03-01")          // over
		h.permit(t, "")
		sweep := func() int {
			if err := h.Remind(ctx); err != nil {
				t.Fatal(err)
			}
			return h.notices(t, "certs_ends")
		}
		for day, want := range []int{2, 3, 3} { // the second reaches sixty days on the day after
			if n := sweep(); n != want || sweep() != want {
				t.Errorf("day %d: %d notices, want %d", day, n, want)
			}
			h.clock.Advance(24 * time.Hour)
		}
		h.clock.Advance(16 * 24 * time.Hour) // 21 March: the first reaches thirty days
		if n := sweep(); n != 4 {
			t.Errorf("%d notices", n)
		}
	})
}

// A register of thousands is gone through without a query for each.
func TestManyEnds(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := setup(t, d), t.Context()
		if err := d.InTx(ctx, func(ctx context.Context) error {
			for i := range 1200 {
				if _, err := h.id.Issue(ctx, auth.SystemActor(), identity.IssueInput{Type: "permit", Number: fmt.Sprintf("P%d", i), Holder: h.firm.Party(), From: "2020-01-01", Until: "2026-03-20"}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := h.Remind(ctx); err != nil {
				t.Fatal(err)
			}
			if n := h.notices(t, "certs_ends"); n != 1200 {
				t.Fatalf("%d notices", n)
			}
		}
	})
}

func paper(number string) certs.Paper {
	return certs.Paper{Type: "diploma", Number: number, From: "2020-01-01"}
}

func TestTakenInAtAWindow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := setup(t, d), t.Context()
		c, err := h.TakeIn(ctx, h.clerk, idNumber, paper("X1"), true)
		if err != nil || c.Level != "B" || c.State != "valid" || c.HolderID != h.holder.ID || c.KeeperID != "kj" || c.Checked.By != h.clerk.ID || c.Checked.Window != "main/A01" || c.Code != "" {
			t.Fatalf("%+v %v", c, err)
		}
		_, err = h.TakeIn(ctx, h.clerk, idNumber, paper("X1"), true)
		complains(t, "twice", err, "number")
		_, err = h.TakeIn(ctx, h.clerk, idNumber, paper("X2"), false)
		complains(t, "without the original", err, "original")
		_, err = h.TakeIn(ctx, h.clerk, uscc, paper("X2"), true)
		complains(t, "a diploma of a firm", err, "type")
		_, err = h.TakeIn(ctx, h.clerk, "371602199001010034", paper("X2"), true)
		complains(t, "nobody", err, "holder")
		bad := paper("X2")
		bad.Code = "1.2.156.3005.2." + owner + "001." + owner + ".X2.001.A"
		if bad.Code == idcode.WithCertificateCheck(strings.TrimSuffix(bad.Code, ".A")) {
			bad.Code = strings.TrimSuffix(bad.Code, "A") + "B"
		}
		_, err = h.TakeIn(ctx, h.clerk, idNumber, bad, true)
		complains(t, "a wrong identifier", err, "code")
		bad.Code = idcode.WithCertificateCheck(strings.TrimSuffix(bad.Code[:len(bad.Code)-1], "."))
		if c, err := h.TakeIn(ctx, h.clerk, idNumber, bad, true); err != nil || c.Code != bad.Code {
			t.Errorf("a right identifier: %+v %v", c, err)
		}
		over := paper("X3")
		over.Until = "2026-03-01"
		_, err = h.TakeIn(ctx, h.clerk, idNumber, over, true)
		complains(t, "one that has ended", err, "until")
		_, err = h.TakeIn(ctx, h.handler, idNumber, paper("X4"), true)
		wants(t, "a handler", err, certs.ErrForbidden)
	})
}

func TestBroughtByTheHolder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := setup(t, d), t.Context()
		with := func(number string) certs.Paper {
			p := paper(number)
			p.File, p.Name = bytes.NewReader([]byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")), "a.pdf"
			return p
		}
		_, err := h.Bring(ctx, h.holder, h.holder.ID, paper("Y0"), false, false)
		complains(t, "without a file", err, "file")
		lie := paper("Y0")
		lie.File, lie.Name = bytes.NewReader([]byte("MZ this is a program")), "a.pdf"
		_, err = h.Bring(ctx, h.holder, h.holder.ID, lie, false, false)
		complains(t, "a file that lies about its kind", err, "file")
		_, err = h.Bring(ctx, h.stranger, h.holder.ID, with("Y0"), false, false)
		wants(t, "for somebody else", err, certs.ErrNotFound)
		c, err := h.Bring(ctx, h.holder, h.holder.ID, with("Y1"), false, false)
		if err != nil || c.Level != "C" || c.State != identity.CertUnchecked || c.FileID == "" {
			t.Fatalf("%+v %v", c, err)
		}
		if on, err := h.id.OnFile(ctx, h.holder.ID); err != nil || len(on) != 0 {
			t.Errorf("an unchecked one spares a paper: %v %v", on, err)
		}
		wants(t, "a handler checks", h.Check(ctx, h.handler, c.ID, 1, true), certs.ErrForbidden)
		complains(t, "unseen", h.Check(ctx, h.clerk, c.ID, 1, false), "original")
		if err := h.Check(ctx, h.clerk, c.ID, 1, true); err != nil {
			t.Fatal(err)
		}
		wants(t, "twice", h.Check(ctx, h.clerk, c.ID, 2, true), certs.ErrState)
		on, err := h.id.OnFile(ctx, h.holder.ID)
		if err != nil || on["diploma"].Level != "B" || on["diploma"].Checked.Window != "main/A01" {
			t.Errorf("%+v %v", on, err)
		}
		_, err = h.Bring(ctx, h.holder, h.holder.ID, with("Y2"), true, false)
		complains(t, "his own word without the promise", err, "promise")
		own, err := h.Bring(ctx, h.holder, h.holder.ID, with("Y2"), true, true)
		if err != nil || own.Level != "D" || own.State != identity.CertDeclared {
			t.Errorf("%+v %v", own, err)
		}
		wants(t, "his own word is checked", h.Check(ctx, h.clerk, own.ID, 1, true), certs.ErrState)
	})
}

func TestFinding(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := setup(t, d), t.Context()
		c := h.permit(t, "2026-04-01")
		x, err := h.TakeIn(ctx, h.clerk, idNumber, paper("X1"), true)
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			who        auth.Actor
			tab, query string
			want       int
		}{
			{h.clerk, "", "", 2},
			{h.beside, "", "", 0},
			{h.handler, certs.TabEnding, "", 1},
			{h.handler, certs.TabWaiting, "", 0},
			{h.clerk, "", c.Number, 1},
			{h.clerk, "", c.Code, 1},
			{h.clerk, "", uscc, 1},
			{h.clerk, "", idNumber, 1},
			{h.clerk, "", "张三", 1},
			{h.clerk, "", x.Number[:1], 0},
			{h.beside, "", c.Number, 0},
			{h.beside, "", uscc, 0},
			{h.handler, "", uscc, 1},
		} {
			list, err := h.Find(ctx, tt.who, tt.tab, tt.query)
			if err != nil || len(list) != tt.want {
				t.Errorf("%s %q %q: %d, want %d, %v", tt.who.Name, tt.tab, tt.query, len(list), tt.want, err)
			}
		}
		_, err = h.Find(ctx, h.holder, "", "")
		wants(t, "the holder", err, certs.ErrForbidden)
		care := auth.Actor{Kind: auth.Staff, ID: "c", Posts: []auth.Post{{Role: auth.Commissioner}}}
		if list, err := h.Ending(ctx, care); err != nil || len(list) != 0 {
			t.Errorf("%v %v", list, err)
		}
		care.Portfolio = []string{h.firm.ID}
		if list, err := h.Ending(ctx, care); err != nil || len(list) != 1 {
			t.Errorf("%v %v", list, err)
		}
	})
}

// Whoever brings a paper with the number or the identifier of somebody else first
// keeps neither its office from issuing nor a clerk from taking the genuine one in.
func TestNobodySquatsOnANumber(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := setup(t, d), t.Context()
		bring := func(who auth.Actor, holder string, p certs.Paper, own bool) (identity.Certificate, error) {
			p.From, p.File, p.Name = "2020-01-01", bytes.NewReader([]byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")), "a.pdf"
			return h.Bring(ctx, who, holder, p, own, own)
		}
		kind, _ := h.id.Directory().CertificateType("permit")
		first := h.id.Identifier(kind, "kj", "P-2026-000001", 1)
		for i, own := range []bool{false, true} {
			number := fmt.Sprintf("P-2026-%06d", i+1)
			c, err := bring(h.holder, h.firm.ID, certs.Paper{Type: "permit", Number: number, Code: h.id.Identifier(kind, "kj", number, 1+i)}, own)
			if err != nil || c.Code != "" {
				t.Fatalf("%+v %v", c, err)
			}
			if c, err = h.id.CertificateByID(ctx, c.ID); err != nil || c.Number != number || c.Code != "" {
				t.Errorf("its holder reads its number: %+v %v", c, err)
			}
			if list, err := h.Find(ctx, h.clerk, "", number); err != nil || len(list) != 1 {
				t.Errorf("a clerk finds it: %+v %v", list, err)
			}
		}
		if _, err := h.id.VerifyNumber(ctx, auth.Actor{From: "1"}, first); !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("an upload is verified: %v", err)
		}
		c := h.permit(t, "2030-12-31")
		if c.Number != "P-2026-000001" || c.Code != first {
			t.Errorf("issued without its own number and identifier: %+v", c)
		}
		if v, err := h.id.VerifyNumber(ctx, auth.Actor{From: "1"}, c.Code); err != nil || v.ID != c.ID {
			t.Errorf("%+v %v", v, err)
		}
		// Nor does the identifier of the next version, on a copy that a clerk was shown.
		if err := d.InTx(ctx, func(ctx context.Context) error {
			_, err := d.Exec(ctx, `UPDATE identity_certificate SET code=$1, source='window', level='C' WHERE paper_number='P-2026-000002'`, h.id.Identifier(kind, "kj", c.Number, 2))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		act, err := h.Propose(ctx, h.handler, c.ID, certs.Proposal{Kind: certs.Change, Reason: "延期", Version: 1, Changes: certs.Changes{Until: "2031-12-31"}})
		if err != nil {
			t.Fatal(err)
		}
		if act.State == certs.Proposed {
			if err := h.Decide(ctx, h.head, act.ID, act.Version, true, ""); err != nil {
				t.Fatal(err)
			}
		}
		now, err := h.id.CertificateByID(ctx, c.ID)
		if err != nil || idcode.CheckCertificateID(now.Code).Version != "002" {
			t.Errorf("changed: %+v %v", now, err)
		}
		if v, err := h.id.VerifyNumber(ctx, auth.Actor{From: "1"}, now.Code); err != nil || v.ID != c.ID {
			t.Errorf("%+v %v", v, err)
		}

		// The genuine diploma, and the upload that said its number first.
		up, err := bring(h.stranger, h.stranger.ID, certs.Paper{Type: "diploma", Number: "X1"}, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.TakeIn(ctx, h.clerk, idNumber, paper("X1"), true); err != nil {
			t.Fatalf("the genuine one is refused: %v", err)
		}
		complains(t, "held against an original that is in the register", h.Check(ctx, h.clerk, up.ID, 1, true), "original")
		_, err = bring(h.stranger, h.stranger.ID, certs.Paper{Type: "diploma", Number: "X1"}, false)
		complains(t, "the own paper twice", err, "number")
		if _, err := h.TakeIn(ctx, h.clerk, idNumber, paper("X2"), true); err != nil {
			t.Fatal(err)
		}
		if _, err := bring(h.stranger, h.stranger.ID, certs.Paper{Type: "diploma", Number: "X2"}, false); err != nil {
			t.Errorf("an upload tells that a number is on file: %v", err)
		}
	})
}
