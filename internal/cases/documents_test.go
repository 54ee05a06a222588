package cases_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// papers are the keys of the documents that somebody may have of a case.
func (b bench) papers(t *testing.T, who auth.Actor, id cases.ID) (*cases.View, []cases.Paper, []string) {
	t.Helper()
	v, err := b.Cases.View(b.ctx, who, id)
	if err != nil {
		t.Fatal(err)
	}
	list, err := b.Cases.Papers(b.ctx, who, v)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, p := range list {
		keys = append(keys, p.Key)
	}
	return v, list, keys
}

func TestPapersProveTheirEvents(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		ctx, who, clerk := b.ctx, b.Actor(t, "applicant"), b.Actor(t, "clerk")
		k := b.submitted(t, "KJ-0001")
		v, list, keys := b.papers(t, who, k.ID)
		if !slices.Equal(keys, []string{"receipt"}) || list[0].Number != k.Number+"-SJ1" {
			t.Fatalf("after handing in: %v %+v", keys, list)
		}
		// Two who ask at once get one document, the same for staff as for the applicant.
		_, staffs, _ := b.papers(t, clerk, k.ID)
		issued := make([]cases.Issued, 2)
		var wg sync.WaitGroup
		for i, p := range []cases.Paper{list[0], staffs[0]} {
			wg.Go(func() {
				var err error
				if issued[i], err = b.Cases.Issue(ctx, v, p); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if issued[0].Code != issued[1].Code || issued[0].Hash != issued[1].Hash || len(issued[0].Code) != 16 || issued[0].Document.Hash() != issued[0].Hash {
			t.Fatalf("%+v\n%+v", issued[0], issued[1])
		}

		b.Clock.Advance(time.Hour)
		if _, err := b.Cases.AskSupplement(ctx, clerk, cases.Ref{ID: k.ID}, cases.AskInput{Points: []cases.Point{{Kind: "material", Key: "facility_plan", Reason: "图纸缺少比例尺"}}}); err != nil {
			t.Fatal(err)
		}
		v, list, _ = b.papers(t, who, k.ID)
		notice, err := b.Cases.Issue(ctx, v, list[1])
		if err != nil || notice.Kind != "supplement" || notice.Facts.List["points"][0][1].ZH != "图纸缺少比例尺" {
			t.Fatalf("%+v %v", notice, err)
		}
		if _, err := b.Cases.Withdraw(ctx, who, cases.Ref{ID: k.ID}, "不办了"); err != nil {
			t.Fatal(err)
		}
		// Whatever happens later, the same event gives the same document.
		v, list, keys = b.papers(t, who, k.ID)
		if !slices.Equal(keys, []string{"receipt", "supplement", "withdrawal"}) {
			t.Fatalf("after withdrawing: %v", keys)
		}
		again, err := b.Cases.Issue(ctx, v, list[0])
		if err != nil || again.Code != issued[0].Code || again.Hash != issued[0].Hash || again.Document.Hash() != again.Hash {
			t.Fatalf("another document for the same event: %+v %v", again, err)
		}
	})
}

func TestDocumentsAreVerified(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		ctx, who := b.ctx, b.Actor(t, "applicant")
		k := b.submitted(t, "KJ-0001")
		if _, err := b.Cases.Accept(ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}); err != nil {
			t.Fatal(err)
		}
		v, list, keys := b.papers(t, who, k.ID)
		i := slices.Index(keys, "acceptance")
		if i < 0 {
			t.Fatal(keys)
		}
		doc, err := b.Cases.Issue(ctx, v, list[i])
		if err != nil {
			t.Fatal(err)
		}
		anybody := auth.Actor{From: "192.0.2.1"}
		x, err := b.Cases.VerifyDocument(ctx, anybody, doc.Code)
		if err != nil || x.Standing != cases.StandsValid || x.Number != doc.Number {
			t.Fatalf("%+v %v", x, err)
		}
		if _, err := b.Cases.VerifyDocument(ctx, anybody, "aaaaaaaaaaaaaaaa"); !errors.Is(err, cases.ErrNotFound) {
			t.Fatalf("a code that nobody gave out: %v", err)
		}
		if err := b.Cases.HandedOut(ctx, doc, i18n.Chinese, []byte("file")); err != nil {
			t.Fatal(err)
		}
		const sum = "3b9c358f36f0a31b6ad3e14f309c7cf198ac9246e8316f9ce543d5b19ac02b80" // of "file"
		for sum, want := range map[string]bool{sum: true, sum[1:] + "0": false} {
			if same, err := b.Cases.SameFile(ctx, doc, sum); err != nil || same != want {
				t.Fatalf("the same file: %v %v", same, err)
			}
		}
		// A later notice takes back what this one promised.
		b.Clock.Advance(24 * time.Hour)
		if _, err := b.Cases.Extend(ctx, b.Actor(t, "head-kj"), cases.Ref{ID: k.ID}, 5, "需要补充检测"); err != nil {
			t.Fatal(err)
		}
		if x, err = b.Cases.VerifyDocument(ctx, anybody, doc.Code); err != nil || x.Standing != cases.StandsChanged || x.ChangedBy.Key != "extension" {
			t.Fatalf("after the extension: %+v %v", x, err)
		}
		// Who changes what is kept is found out.
		err = b.DB.InTx(ctx, func(ctx context.Context) error {
			_, err := b.DB.Exec(ctx, `UPDATE cases_document SET number='X' WHERE id=$1`, doc.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Cases.VerifyDocument(ctx, anybody, doc.Code); !errors.Is(err, cases.ErrBadDocument) {
			t.Fatalf("an altered record: %v", err)
		}
		for range 60 {
			_, err = b.Cases.VerifyDocument(ctx, anybody, "aaaaaaaaaaaaaaab")
		}
		if errors.Is(err, cases.ErrNotFound) {
			t.Error("codes can be guessed without end")
		}
	})
}

// TestAnElectronicResultIsDeliveredWhenOpened: that it was sent proves nothing.
func TestAnElectronicResultIsDeliveredWhenOpened(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		ctx, who := b.ctx, b.Actor(t, "applicant")
		k := b.submitted(t, "KJ-0003") // an instant item
		v, _, keys := b.papers(t, who, k.ID)
		if v.State != cases.Delivered || !v.Unopened() || slices.Contains(keys, "delivery") {
			t.Fatalf("%v %v", v.State, keys)
		}
		if err := b.Cases.Open(ctx, b.Actor(t, "clerk"), k.ID); err != nil {
			t.Fatal(err)
		}
		if err := b.Cases.Open(ctx, b.Actor(t, "talent"), k.ID); !errors.Is(err, cases.ErrNotFound) {
			t.Fatalf("opened by somebody else: %v", err)
		}
		if v, _, _ = b.papers(t, who, k.ID); !v.Unopened() {
			t.Fatal("opened by somebody else")
		}
		b.Clock.Advance(time.Hour)
		for range 2 { // a second look changes nothing
			if err := b.Cases.Open(ctx, who, k.ID); err != nil {
				t.Fatal(err)
			}
		}
		v, list, keys := b.papers(t, who, k.ID)
		if i := slices.Index(keys, "delivery"); i < 0 || v.Unopened() || !list[i].Event.At.Equal(b.Clock.Now()) || list[i].Event.Command != cases.CmdOpen {
			t.Fatalf("%v %+v", keys, v.Events)
		}
	})
}

// drawn is a signature as the screen gives it.
func drawn(t *testing.T, w int) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, w, 40))
	for x := range w {
		img.Set(x, x%40, color.NRGBA{A: 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestHandingOverIsProved(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		ctx, clerk, who := b.ctx, b.Actor(t, "clerk"), b.Actor(t, "applicant")
		decided := func(how cases.Collect) cases.Case {
			t.Helper()
			k := b.submitted(t, "KJ-0001")
			err := b.DB.InTx(ctx, func(ctx context.Context) error {
				_, err := b.DB.Exec(ctx, `UPDATE cases_case SET state='decided', outcome='granted', decided_at=1, collect=$2 WHERE id=$1`, string(k.ID), string(how))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return k
		}
		k := decided(cases.AtWindow)
		in := cases.DeliverInput{How: cases.AtWindow, Receiver: "赵启明", Pickup: k.PickupCode, Signature: []byte("no picture")}
		if _, err := b.Cases.Deliver(ctx, clerk, cases.Ref{ID: k.ID}, in); errs.CodeOf(err) != "cases.signature" {
			t.Fatalf("a signature that is none: %v", err)
		}
		in.Signature = drawn(t, 5000)
		if _, err := b.Cases.Deliver(ctx, clerk, cases.Ref{ID: k.ID}, in); errs.CodeOf(err) != "cases.signature" {
			t.Fatalf("a signature as large as a wall: %v", err)
		}
		in.Signature = drawn(t, 300)
		if _, err := b.Cases.Deliver(ctx, clerk, cases.Ref{ID: k.ID}, in); err != nil {
			t.Fatal(err)
		}
		proof := func(k cases.Case) cases.Issued {
			t.Helper()
			v, list, keys := b.papers(t, who, k.ID)
			i := slices.Index(keys, "delivery")
			if i < 0 {
				t.Fatal(keys)
			}
			x, err := b.Cases.Issue(ctx, v, list[i])
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		x := proof(k)
		f, err := b.Cases.DocumentFile(ctx, x.Facts.Text["signature"].ZH)
		if err != nil || f.MediaType != "image/png" || !x.Facts.Text["sign_by_hand"].IsZero() || x.Facts.Text["receiver"].ZH != "赵启明" {
			t.Fatalf("%+v %+v %v", x.Facts.Text, f, err)
		}

		k = decided(cases.ByPost)
		if _, err := b.Cases.Deliver(ctx, clerk, cases.Ref{ID: k.ID}, cases.DeliverInput{How: cases.ByPost}); !errors.Is(err, cases.ErrReason) {
			t.Fatalf("posted without a number: %v", err)
		}
		if _, err := b.Cases.Deliver(ctx, clerk, cases.Ref{ID: k.ID}, cases.DeliverInput{How: cases.ByPost, Carrier: "EMS", Tracking: " EX123 "}); err != nil {
			t.Fatal(err)
		}
		if x = proof(k); x.Facts.Text["tracking"].ZH != "EX123" || x.Facts.Text["carrier"].ZH != "EMS" || x.Facts.Text["receiver"].ZH != k.Party.Name.ZH || !x.Facts.Text["signature"].IsZero() {
			t.Fatalf("%+v", x.Facts.Text)
		}
	})
}

// TestTheTimeOfASpecialProcedureIsTold: the notice says until when it is expected
// to take, as the law wants; a day that is over is refused.
func TestTheTimeOfASpecialProcedureIsTold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		kj := b.Actor(t, "handler-kj")
		k := b.accepted(t, "KJ-0002")
		for _, bad := range []string{"2026-03-01", "2027-06-01", "morgen"} {
			if _, err := b.Cases.PauseFor(b.ctx, kj, cases.Ref{ID: k.ID}, cases.PauseInput{Kind: "expert", Reason: "专家评审", Until: bad}); len(errs.FieldsOf(err)) != 1 || errs.FieldsOf(err)[0].Name != "until" {
				t.Errorf("%s: %v", bad, err)
			}
		}
		b.must(t)(b.Cases.PauseFor(b.ctx, kj, cases.Ref{ID: k.ID}, cases.PauseInput{Kind: "expert", Reason: "专家评审", Until: "2026-03-20"}))
		v, list, keys := b.papers(t, b.Actor(t, "applicant"), k.ID)
		doc, err := b.Cases.Issue(b.ctx, v, list[slices.Index(keys, "special")])
		if err != nil || doc.Facts.Text["until"].ZH != "2026年3月20日" {
			t.Errorf("%+v %v", doc.Facts.Text["until"], err)
		}
	})
}
