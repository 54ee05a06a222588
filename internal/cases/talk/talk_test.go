package talk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/calendar"
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// bench is a zone with a case in it.
type bench struct {
	*apptest.App
	t   *testing.T
	ctx context.Context
}

func newBench(t *testing.T, d *db.DB) bench {
	t.Helper()
	return bench{apptest.NewOn(t, d), t, t.Context()}
}

// handled is a case at the desks.
func (b bench) handled() cases.Case {
	b.t.Helper()
	k := b.Submitted(b.t, "applicant", "KJ-0001")
	k, err := b.Cases.Accept(b.ctx, b.Actor(b.t, "clerk"), cases.Ref{ID: k.ID})
	if err != nil {
		b.t.Fatal(err)
	}
	return k
}

func (b bench) write(login string, id cases.ID, in talk.Input) string {
	b.t.Helper()
	b.Clock.Advance(time.Millisecond) // ids of one instant do not sort when tests with other clocks run beside
	m, err := b.Talk.Write(b.ctx, b.Actor(b.t, login), id, in)
	if err != nil {
		b.t.Fatalf("%s writes: %v", login, err)
	}
	return m
}

func (b bench) read(login string, id cases.ID) *talk.Thread {
	b.t.Helper()
	x, err := b.Talk.Thread(b.ctx, b.Actor(b.t, login), id, "")
	if err != nil {
		b.t.Fatalf("%s reads: %v", login, err)
	}
	return x
}

func (b bench) saw(login string, id cases.ID) {
	b.t.Helper()
	if err := b.Talk.Read(b.ctx, b.Actor(b.t, login), id); err != nil {
		b.t.Fatal(err)
	}
}

// told counts the notices about conversations to somebody.
func (b bench) told(login string, id cases.ID) (kinds []string) {
	b.t.Helper()
	feed, err := b.Notify.Feed(b.ctx, b.Actor(b.t, login).ID, page.Request{Size: 100})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, m := range feed.Rows {
		if strings.HasPrefix(m.Kind, "talk_") && strings.Contains(m.Link, string(id)) {
			kinds = append(kinds, m.Kind)
		}
	}
	return kinds
}

func (b bench) talk(login string, id cases.ID) cases.Talk {
	b.t.Helper()
	x, err := b.Cases.Talks(b.ctx, b.Actor(b.t, login), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return x[id]
}

func (b bench) listed(login string, l cases.ListName, id cases.ID) bool {
	b.t.Helper()
	rows, err := b.Cases.List(b.ctx, b.Actor(b.t, login), cases.Filter{List: l, Request: page.Request{Size: 50}})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, r := range rows.Rows {
		if r.ID == id {
			return true
		}
	}
	return false
}

// TestConversations makes one zone for each database; each part has a case of
// its own and leaves the clock later than it found it.
func TestConversations(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		for _, part := range []struct {
			name string
			run  func(t *testing.T, b bench)
		}{
			{"a conversation", aConversation},
			{"who takes part", whoTakesPart},
			{"passed on", passedOn},
			{"orders of several desks", ordersOfSeveralDesks},
			{"taking back", takingBack},
			{"bad input", badInput},
			{"one notice a quarter", oneNoticeAQuarter},
			{"together", together},
			{"phrases", phrases},
			{"the end", theEnd},
		} {
			t.Run(part.name, func(t *testing.T) {
				b.t = t
				b.ctx = t.Context()
				b.Clock.Advance(time.Minute)
				part.run(t, b)
			})
		}
	})
}

// aConversation: asked, answered with a file, read, on both databases.
func aConversation(t *testing.T, b bench) {
	k := b.handled()
	b.write("applicant", k.ID, talk.Input{Text: "请问什么时候来现场?"})
	if x := b.talk("handler-kj", k.ID); x.Unread != 1 || b.talk("applicant", k.ID).Unread != 0 {
		t.Fatalf("%+v", x)
	}
	if !b.listed("handler-kj", cases.ListMessages, k.ID) || b.listed("clerk2", cases.ListMessages, k.ID) || b.listed("commissioner", cases.ListMessages, k.ID) {
		t.Error("it is up to the desks to answer while a case is handled")
	}
	if !b.listed("clerk", cases.ListMessages, k.ID) {
		t.Error("the clerk who received it follows it to the end")
	}
	b.saw("clerk2", k.ID) // another window: the desks have not read it yet
	if b.talk("handler-kj", k.ID).Unread != 1 {
		t.Error("a window that only looked on counts as read")
	}
	b.saw("handler-kj", k.ID)
	if b.talk("handler-kj", k.ID).Unread != 0 || b.listed("handler-kj", cases.ListMessages, k.ID) {
		t.Error("read, and still new")
	}
	if m := b.read("applicant", k.ID).Messages[0]; m.ReadAt.IsZero() || !m.Mine {
		t.Errorf("the writer does not see that it was read: %+v", m)
	}
	if b.listed("applicant", cases.ListNeedsMe, k.ID) {
		t.Fatal("nothing is asked yet")
	}
	q := b.write("handler-kj", k.ID, talk.Input{Text: "动物房有几间?", ReplyBy: "2026-03-05"})
	x := b.read("applicant", k.ID)
	if m := x.Messages[1]; !m.Ask.Open() || m.AuthorName != "" || m.Place.ZH == "" {
		t.Errorf("applicants deal with an office: %+v %+v", m, m.Ask)
	}
	if !b.listed("applicant", cases.ListNeedsMe, k.ID) || !b.listed("handler-kj", cases.ListWaiting, k.ID) {
		t.Error("what is asked stands in no list")
	}
	if y := b.talk("applicant", k.ID); y.Asked != 1 || y.In != k.ID || !y.By.Equal(time.Date(2026, 3, 5, 16, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", y)
	}
	if k2, err := b.Cases.Find(b.ctx, k.ID); err != nil || k2.Version != k.Version || k2.NeedsApplicant || k2.Paused {
		t.Errorf("a message moved the case: %+v %v", k2, err)
	}
	pdf := talk.Upload{Name: "平面图.pdf", Content: bytes.NewReader([]byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"))}
	b.write("applicant", k.ID, talk.Input{Text: "三间", Answers: q, Files: []talk.Upload{pdf}, Limit: 1 << 20})
	if b.listed("applicant", cases.ListNeedsMe, k.ID) || b.listed("handler-kj", cases.ListWaiting, k.ID) {
		t.Error("answered, and still asked")
	}
	last := b.read("leader", k.ID).Messages[2] // leaders read
	if len(last.Files) != 1 || last.Answers != q {
		t.Fatalf("%+v", last)
	}
	if _, err := b.Talk.File(b.ctx, b.Actor(t, "handler-kj"), k.ID, last.Files[0].ID); err != nil {
		t.Error(err)
	}
	other := b.Submitted(t, "applicant", "KJ-0004")
	for login, id := range map[string]cases.ID{"talent": k.ID, "handler-kj": other.ID} {
		if _, err := b.Talk.File(b.ctx, b.Actor(t, login), id, last.Files[0].ID); !errors.Is(err, talk.ErrNotFound) && !errors.Is(err, cases.ErrNotFound) {
			t.Errorf("%s gets the file: %v", login, err)
		}
	}
	if _, err := b.Talk.Write(b.ctx, b.Actor(t, "applicant"), k.ID, talk.Input{Text: "还有", Answers: q}); !errors.Is(err, talk.ErrNoAsk) {
		t.Errorf("answered twice: %v", err)
	}
	if r, err := b.Audit.Verify(b.ctx); err != nil || r.Broken != nil {
		t.Errorf("%+v %v", r, err)
	}
}

// whoTakesPart: the same people as the case, and notes stay apart.
func whoTakesPart(t *testing.T, b bench) {
	k := b.handled()
	b.write("handler-kj", k.ID, talk.Input{Text: "公开的话"})
	if _, err := b.Cases.Note(b.ctx, b.Actor(t, "clerk"), cases.Ref{ID: k.ID}, "内部的话"); err != nil {
		t.Fatal(err)
	}
	for login, want := range map[string]error{
		"applicant": nil, "clerk2": nil, "handler-kj": nil, "head-kj": nil,
		"leader": talk.ErrSilent, "talent": cases.ErrNotFound, "catalogue-admin": cases.ErrNotFound, "system-admin": cases.ErrNotFound,
	} {
		x, err := b.Talk.Thread(b.ctx, b.Actor(t, login), k.ID, "")
		if errors.Is(want, cases.ErrNotFound) != errors.Is(err, cases.ErrNotFound) {
			t.Errorf("%s reads: %v", login, err)
		}
		if err == nil {
			for _, m := range x.Messages {
				if strings.Contains(m.Text, "内部") {
					t.Errorf("%s finds the note among the messages", login)
				}
			}
			if x.Writes != (want == nil) {
				t.Errorf("%s writes: %v", login, x.Writes)
			}
		}
		if _, err := b.Talk.Write(b.ctx, b.Actor(t, login), k.ID, talk.Input{Text: "在"}); !errors.Is(err, want) {
			t.Errorf("%s writes: %v, want %v", login, err, want)
		}
		if want != nil {
			if err := b.Talk.Drop(b.ctx, b.Actor(t, login), k.ID, "x"); !errors.Is(err, cases.ErrNotFound) && !errors.Is(err, talk.ErrForbidden) {
				t.Errorf("%s drops: %v", login, err)
			}
		}
	}
	draft := b.Draft(t, "applicant", "KJ-0002")
	if _, err := b.Talk.Thread(b.ctx, b.Actor(t, "applicant"), draft.ID, ""); !errors.Is(err, cases.ErrNotFound) {
		t.Errorf("a draft has a conversation: %v", err)
	}
	who := b.Actor(t, "applicant")
	who.Firms, who.Mandates = nil, nil // acts for the firm no more
	if _, err := b.Talk.Write(b.ctx, who, k.ID, talk.Input{Text: "我已离职"}); !errors.Is(err, cases.ErrNotFound) {
		t.Errorf("a leaver writes: %v", err)
	}
}

// passedOn: a department that a case left reads what is said, and says nothing.
func passedOn(t *testing.T, b bench) {
	k := b.Submitted(t, "applicant", "KJ-0005")
	ref := cases.Ref{ID: k.ID}
	if _, err := b.Cases.Accept(b.ctx, b.Actor(t, "clerk"), ref); err != nil {
		t.Fatal(err)
	}
	b.write("applicant", k.ID, talk.Input{Text: "请问"})
	if _, err := b.Cases.Transfer(b.ctx, b.Actor(t, "head-kj"), ref, cases.TransferInput{Department: "sc", Reason: "职能划转"}); err != nil {
		t.Fatal(err)
	}
	for _, login := range []string{"handler-kj", "approver", "head-kj"} {
		if x := b.read(login, k.ID); x.Writes || x.Asks || len(x.Messages) != 1 {
			t.Errorf("%s: %+v", login, x)
		}
		if _, err := b.Talk.Write(b.ctx, b.Actor(t, login), k.ID, talk.Input{Text: "在"}); !errors.Is(err, talk.ErrSilent) {
			t.Errorf("%s writes: %v", login, err)
		}
		b.saw(login, k.ID)
		if b.listed(login, cases.ListMessages, k.ID) {
			t.Errorf("%s is asked to answer", login)
		}
	}
	if b.talk("handler-sc", k.ID).Unread != 1 || !b.listed("handler-sc", cases.ListMessages, k.ID) {
		t.Error("what the first department looked at is read for the new one")
	}
	b.write("handler-sc", k.ID, talk.Input{Text: "您好"})
}

// ordersOfSeveralDesks: who reads of an order the ladder only does not read
// what was written about it, and lists agree.
func ordersOfSeveralDesks(t *testing.T, b bench) {
	who := b.Actor(t, "talent")
	k, err := b.Cases.Start(b.ctx, who, cases.StartInput{ItemCode: "YJS-0001"})
	if err != nil {
		t.Fatal(err)
	}
	b.Fill(t, who, k.ID)
	if k, err = b.Cases.Submit(b.ctx, who, cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err)
	}
	b.write("talent", k.ID, talk.Input{Text: "关于整件事"})
	for _, login := range []string{"handler-kj", "approver", "head-kj", "clerk"} {
		_, err := b.Talk.Thread(b.ctx, b.Actor(t, login), k.ID, "")
		if listed := b.listed(login, cases.ListMessages, k.ID); listed != (login == "clerk") || errors.Is(err, cases.ErrNotFound) != (login != "clerk") {
			t.Errorf("%s: listed %v, page %v", login, listed, err)
		}
	}
}

// takingBack: within two minutes and unread only; questions follow.
func takingBack(t *testing.T, b bench) {
	k := b.handled()
	back := func(login, m string) error { return b.Talk.Withdraw(b.ctx, b.Actor(t, login), k.ID, m) }
	m := b.write("applicant", k.ID, talk.Input{Text: "写错了"})
	if err := back("handler-kj", m); !errors.Is(err, talk.ErrNotFound) {
		t.Errorf("somebody else takes it back: %v", err)
	}
	if err := back("applicant", m); err != nil {
		t.Fatal(err)
	}
	if err := back("applicant", m); !errors.Is(err, talk.ErrNotFound) {
		t.Errorf("taken back twice: %v", err)
	}
	if x := b.read("handler-kj", k.ID).Messages[0]; x.Text != "" || x.WithdrawnAt.IsZero() || b.talk("handler-kj", k.ID).Unread != 0 {
		t.Errorf("still there: %+v", x)
	}
	m = b.write("applicant", k.ID, talk.Input{Text: "读过的"})
	b.saw("handler-kj", k.ID)
	if err := back("applicant", m); !errors.Is(err, talk.ErrTooLate) {
		t.Errorf("read, and taken back: %v", err)
	}
	m = b.write("applicant", k.ID, talk.Input{Text: "旧的"})
	b.Clock.Advance(talk.Withdrawal)
	if err := back("applicant", m); !errors.Is(err, talk.ErrTooLate) {
		t.Errorf("too old, and taken back: %v", err)
	}
	q := b.write("handler-kj", k.ID, talk.Input{Text: "几间?", ReplyBy: "2026-03-05"})
	a := b.write("applicant", k.ID, talk.Input{Text: "两间", Answers: q})
	if err := back("applicant", a); err != nil || b.talk("applicant", k.ID).Asked != 1 {
		t.Errorf("the question is not open again: %v", err)
	}
	if err := back("handler-kj", q); err != nil || b.talk("applicant", k.ID).Asked != 0 {
		t.Errorf("the question did not fall with its message: %v", err)
	}
	q = b.write("handler-kj", k.ID, talk.Input{Text: "几间?", ReplyBy: "2026-03-05"})
	if err := b.Talk.Drop(b.ctx, b.Actor(t, "approver"), k.ID, q); err != nil || b.talk("applicant", k.ID).Asked != 0 {
		t.Errorf("dropped: %v", err)
	}
	if err := b.Talk.Drop(b.ctx, b.Actor(t, "approver"), k.ID, q); !errors.Is(err, talk.ErrNoAsk) {
		t.Errorf("dropped twice: %v", err)
	}
}

// badInput is told at its field and leaves nothing behind.
func badInput(t *testing.T, b bench) {
	k := b.handled()
	exe := talk.Upload{Name: "a.pdf", Content: strings.NewReader("MZ\x90 not a pdf")}
	for name, tt := range map[string]struct {
		login string
		in    talk.Input
		want  error
	}{
		"nothing":                {"applicant", talk.Input{Text: " \n"}, talk.ErrNothing},
		"too long":               {"applicant", talk.Input{Text: strings.Repeat("长", talk.MaxText+1)}, talk.ErrLong},
		"a day gone by":          {"handler-kj", talk.Input{Text: "x", ReplyBy: "2026-03-01"}, talk.ErrDue},
		"a day far away":         {"handler-kj", talk.Input{Text: "x", ReplyBy: "2026-06-01"}, talk.ErrDue},
		"no day":                 {"handler-kj", talk.Input{Text: "x", ReplyBy: "soon"}, talk.ErrDue},
		"an applicant asks":      {"applicant", talk.Input{Text: "x", ReplyBy: "2026-03-04"}, talk.ErrForbidden},
		"staff answers":          {"handler-kj", talk.Input{Text: "x", Answers: "y"}, talk.ErrForbidden},
		"a disguised file":       {"applicant", talk.Input{Text: "x", Files: []talk.Upload{exe}, Limit: 1 << 20}, files.ErrType},
		"answers no question":    {"applicant", talk.Input{Text: "x", Answers: "none"}, talk.ErrNoAsk},
		"more files than enough": {"applicant", talk.Input{Text: "x", Files: make([]talk.Upload, talk.MaxFiles+1)}, talk.ErrFiles},
	} {
		if _, err := b.Talk.Write(b.ctx, b.Actor(t, tt.login), k.ID, tt.in); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	if x := b.read("applicant", k.ID); len(x.Messages) != 0 || b.talk("handler-kj", k.ID).Unread != 0 || len(b.told("applicant", k.ID)) != 0 {
		t.Errorf("something was left: %+v", x.Messages)
	}
	once := talk.Input{Text: "按了两次", Once: "form-1"}
	if first, second := b.write("applicant", k.ID, once), b.write("applicant", k.ID, once); first != second || len(b.read("applicant", k.ID).Messages) != 1 || b.talk("handler-kj", k.ID).Unread != 1 {
		t.Error("sent twice")
	}
}

// theEnd: after a month the applicant reads only; nothing is asked after the end.
func theEnd(t *testing.T, b bench) {
	k := b.handled()
	b.write("handler-kj", k.ID, talk.Input{Text: "几间?", ReplyBy: "2026-03-05"})
	if _, err := b.Cases.Withdraw(b.ctx, b.Actor(t, "applicant"), cases.Ref{ID: k.ID}, "不办了"); err != nil {
		t.Fatal(err)
	}
	if b.talk("applicant", k.ID).Asked != 0 || b.listed("applicant", cases.ListNeedsMe, k.ID) {
		t.Error("something is asked about a case that has ended")
	}
	if _, err := b.Talk.Write(b.ctx, b.Actor(t, "handler-kj"), k.ID, talk.Input{Text: "x", ReplyBy: "2026-03-05"}); !errors.Is(err, talk.ErrEnded) {
		t.Errorf("asked after the end: %v", err)
	}
	b.Clock.Set(time.Date(2026, 4, 1, 15, 59, 59, 0, time.UTC)) // the last second of the thirtieth day
	b.write("applicant", k.ID, talk.Input{Text: "还想问一句"})
	b.Clock.Advance(time.Second)
	if _, err := b.Talk.Write(b.ctx, b.Actor(t, "applicant"), k.ID, talk.Input{Text: "x"}); !errors.Is(err, talk.ErrClosed) || b.read("applicant", k.ID).Writes {
		t.Errorf("written after the end: %v", err)
	}
	b.write("handler-kj", k.ID, talk.Input{Text: "答复您"})
}

// oneNoticeAQuarter: many messages, few notices; nothing is missed.
func oneNoticeAQuarter(t *testing.T, b bench) {
	k := b.handled()
	if _, err := b.Cases.Claim(b.ctx, b.Actor(t, "handler-kj"), cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err)
	}
	waiting := func() int {
		c, err := b.Jobs.Counts(b.ctx)
		if err != nil {
			t.Fatal(err)
		}
		return int(c["scheduled"] + c["available"])
	}
	before := waiting()
	for i := range 5 {
		b.write("applicant", k.ID, talk.Input{Text: fmt.Sprint("第", i)})
		b.Clock.Advance(time.Minute)
	}
	if got := b.told("handler-kj", k.ID); len(got) != 1 || got[0] != "talk_staff" {
		t.Fatalf("the one who has it in hand was told %v", got)
	}
	if got := b.told("handler-hb", k.ID); len(got) != 0 {
		t.Errorf("somebody else was told %v", got)
	}
	if n := waiting() - before; n != 1 {
		t.Fatalf("%d jobs will look again", n)
	}
	b.Clock.Advance(talk.Quiet)
	again := func() {
		if err := b.Talk.LookAgain(b.ctx, k.ID, b.Actor(t, "handler-kj").ID); err != nil {
			t.Fatal(err)
		}
	}
	again()
	again() // a job may run twice
	if got := b.told("handler-kj", k.ID); len(got) != 2 {
		t.Errorf("told %v: what came within the quarter is missing, or told twice", got)
	}
	b.write("applicant", k.ID, talk.Input{Text: "又一条"}) // within the next quarter
	b.saw("handler-kj", k.ID)
	again()
	if got := b.told("handler-kj", k.ID); len(got) != 2 {
		t.Errorf("told of what was read: %v", got)
	}
	b.write("handler-kj", k.ID, talk.Input{Text: "几间?", ReplyBy: "2026-03-05"})
	if got := b.told("applicant", k.ID); len(got) != 1 || got[0] != "talk_asked" {
		t.Errorf("the applicant was told %v", got)
	}
	boom := errors.New("boom")
	b.Clock.Advance(time.Hour)
	told := len(b.told("applicant", k.ID))
	if err := b.DB.InTx(b.ctx, func(ctx context.Context) error {
		if _, err := b.Talk.Write(ctx, b.Actor(t, "handler-kj"), k.ID, talk.Input{Text: "收回"}); err != nil {
			return err
		}
		return boom
	}); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if len(b.told("applicant", k.ID)) != told || b.talk("applicant", k.ID).Unread != 1 {
		t.Error("a notice of what was rolled back")
	}
}

// together: many write and read at once; the counts agree with the messages.
func together(t *testing.T, b bench) {
	k := b.handled()
	people := []auth.Actor{b.Actor(t, "applicant"), b.Actor(t, "handler-kj"), b.Actor(t, "handler-hb"), b.Actor(t, "applicant")}
	done := make(chan error, len(people))
	for i, who := range people {
		go func() {
			var err error
			for j := range 6 {
				_, e := b.Talk.Write(b.ctx, who, k.ID, talk.Input{Text: "x", Once: fmt.Sprint(i, "-", j)})
				err = errors.Join(err, e, b.Talk.Read(b.ctx, who, k.ID))
			}
			done <- err
		}()
	}
	for range people {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	type counts struct{ all, staff, party int }
	scan := func(r db.Scanner) (c counts, err error) { return c, r.Scan(&c.all, &c.staff, &c.party) }
	kept, err := db.One(b.ctx, b.DB.Read(b.ctx), scan, `SELECT messages, unread_staff, unread_party FROM cases_thread WHERE case_id=$1`, string(k.ID))
	if err != nil {
		t.Fatal(err)
	}
	real, err := db.One(b.ctx, b.DB.Read(b.ctx), scan, `SELECT count(*), count(*) FILTER (WHERE side='party' AND read_at=0), count(*) FILTER (WHERE side='staff' AND read_at=0) FROM cases_message WHERE case_id=$1`, string(k.ID))
	if err != nil || kept != real || kept.all != 24 {
		t.Errorf("counted %+v, there are %+v %v", kept, real, err)
	}
}

// phrases: a department's own, kept by its head and approvers.
func phrases(t *testing.T, b bench) {
	head := b.Actor(t, "head-kj")
	of := head.Posts[0].DepartmentID
	before, err := b.Talk.PhrasesFor(b.ctx, b.Actor(t, "handler-kj"), talk.ForMessage)
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.Talk.SavePhrase(b.ctx, head, talk.Phrase{Department: of, Use: talk.ForMessage, Title: "安排现场", Text: "{applicant}您好：{number} 的现场核查安排在明天，{due}前办结。"})
	if err != nil {
		t.Fatal(err)
	}
	list, err := b.Talk.PhrasesFor(b.ctx, b.Actor(t, "handler-kj"), talk.ForMessage)
	if err != nil || len(list) != len(before)+1 {
		t.Fatalf("%+v %v", list, err)
	}
	k := b.handled()
	if s := talk.Fill(p.Text, &k); strings.ContainsAny(s, "{}") || !strings.Contains(s, k.Number) || !strings.Contains(s, k.Party.Name.ZH) {
		t.Errorf("filled: %s", s)
	}
	for name, tt := range map[string]struct {
		who  string
		p    talk.Phrase
		want error
	}{
		"a handler":            {"handler-kj", talk.Phrase{Department: of, Use: talk.ForMessage, Title: "x", Text: "x"}, talk.ErrForbidden},
		"another department":   {"head-kj", talk.Phrase{Department: "dept-of-others", Use: talk.ForMessage, Title: "x", Text: "x"}, talk.ErrForbidden},
		"an unknown word":      {"head-kj", talk.Phrase{Department: of, Use: talk.ForMessage, Title: "x", Text: "{phone}"}, talk.ErrPhrase},
		"an unknown use":       {"head-kj", talk.Phrase{Department: of, Use: "x", Title: "x", Text: "x"}, talk.ErrPhrase},
		"too long for a point": {"head-kj", talk.Phrase{Department: of, Use: talk.ForSupplement, Title: "x", Text: strings.Repeat("长", 301)}, talk.ErrLong},
		"an old version":       {"head-kj", talk.Phrase{ID: p.ID, Version: 9, Department: of, Use: talk.ForMessage, Title: "x", Text: "x"}, talk.ErrStale},
	} {
		if _, err := b.Talk.SavePhrase(b.ctx, b.Actor(t, tt.who), tt.p); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	if err := b.Talk.RemovePhrase(b.ctx, b.Actor(t, "clerk"), p.ID, 1); !errors.Is(err, talk.ErrNotFound) {
		t.Errorf("a clerk removes: %v", err)
	}
	if err := b.Talk.RemovePhrase(b.ctx, head, p.ID, 1); err != nil {
		t.Fatal(err)
	}
	if list, _ := b.Talk.PhrasesFor(b.ctx, b.Actor(t, "handler-kj"), talk.ForMessage); len(list) != len(before) {
		t.Errorf("%+v", list)
	}
}

func TestNoticesHaveTexts(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	for _, kind := range talk.NoticeKinds() {
		for _, l := range i18n.Locales {
			for _, part := range []string{"title", "body"} {
				if _, ok := a.Texts.Raw(l, "notify."+kind+"."+part); !ok {
					t.Errorf("no text notify.%s.%s in %s", kind, part, l)
				}
			}
		}
	}
}

// TestReminders: before an asked-for reply is due the applicant is reminded once,
// on the morning of the last working day before; when the day is over both sides
// are told once; what was answered, dropped or asked too late is left alone.
// The reminder comes on the last day that is worked where the case is.
func TestARemindersDayOff(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		k := b.handled()
		b.write("handler-kj", k.ID, talk.Input{Text: "面积是多少？", ReplyBy: "2026-03-09"}) // a Monday
		if err := b.Calendar.Decide(b.ctx, b.Actor(t, "system-admin"), calendar.Input{Region: "371671", On: "2026-03-06", Reason: "暴雪停工"}); err != nil {
			t.Fatal(err)
		}
		for _, at := range []struct{ hour, want int }{{8, 0}, {10, 1}} { // on Thursday
			b.Clock.Set(time.Date(2026, 3, 5, at.hour, 0, 0, 0, time.FixedZone("CST", 8*3600)))
			if err := b.Talk.Remind(b.ctx); err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, kind := range b.told("applicant", k.ID) {
				if kind == "talk_reminder" {
					n++
				}
			}
			if n != at.want {
				t.Errorf("at %d: reminded %d times", at.hour, n)
			}
		}
	})
}

func TestReminders(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		b.Clock.Advance(9 * time.Hour) // the first working day is 2 March, a Monday
		late, answered, dropped, short, ended := b.handled(), b.handled(), b.handled(), b.handled(), b.handled()
		ask := func(k cases.Case, day string) string {
			return b.write("handler-kj", k.ID, talk.Input{Text: "面积是多少？", ReplyBy: day})
		}
		ask(late, "2026-03-09") // a Monday: reminded on Friday the 6th at nine
		a := ask(answered, "2026-03-09")
		x := ask(dropped, "2026-03-09")
		ask(ended, "2026-03-09")
		count := func(login string, k cases.Case, kind string) (n int) {
			for _, got := range b.told(login, k.ID) {
				if got == kind {
					n++
				}
			}
			return n
		}
		remindAt := func(day, hour int) {
			t.Helper()
			b.Clock.Set(time.Date(2026, 3, day, hour, 0, 0, 0, time.FixedZone("CST", 8*3600)))
			for range 2 { // again tells nobody again
				if err := b.Talk.Remind(b.ctx); err != nil {
					t.Fatal(err)
				}
			}
		}
		remindAt(6, 8)
		if n := count("applicant", late, "talk_reminder"); n != 0 {
			t.Fatalf("reminded %d times at eight", n)
		}
		b.write("applicant", answered.ID, talk.Input{Text: "一百二十平方米", Answers: a})
		if err := b.Talk.Drop(b.ctx, b.Actor(t, "handler-kj"), dropped.ID, x); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Cases.Withdraw(b.ctx, b.Actor(t, "applicant"), cases.Ref{ID: ended.ID}, "不办了"); err != nil {
			t.Fatal(err)
		}
		remindAt(6, 10)
		ask(short, "2026-03-09") // asked after the moment of the reminder
		remindAt(7, 10)
		for name, k := range map[string]cases.Case{"late": late, "answered": answered, "dropped": dropped, "short": short, "ended": ended} {
			want := 0
			if name == "late" {
				want = 1
			}
			if n := count("applicant", k, "talk_reminder"); n != want {
				t.Errorf("%s: reminded %d times, want %d", name, n, want)
			}
		}
		remindAt(12, 10) // nothing ran for days
		for name, k := range map[string]cases.Case{"late": late, "answered": answered, "dropped": dropped, "short": short, "ended": ended} {
			want := 0
			if name == "late" || name == "short" {
				want = 1
			}
			if p, s := count("applicant", k, "talk_over"), count("handler-kj", k, "talk_no_reply"); p != want || s != want {
				t.Errorf("%s: the day is over, told %d and %d times, want %d", name, p, s, want)
			}
		}
		if n := count("applicant", short, "talk_reminder"); n != 0 {
			t.Error("reminded of a day that is over")
		}
		// A reply still counts.
		open, err := b.Talk.Open(b.ctx, b.Actor(t, "applicant"), late.ID)
		if err != nil || len(open) != 1 {
			t.Fatal(open, err)
		}
		b.write("applicant", late.ID, talk.Input{Text: "来晚了，一百平方米", Answers: open[0].ID})
	})
}
