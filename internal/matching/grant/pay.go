package grant

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/csvx"
)

var noTime time.Time

// ListState is how a payment list stands.
type ListState string

// The states of payment lists.
const (
	ListOpen ListState = "open" // with the treasury
	ListPaid ListState = "paid"
	ListVoid ListState = "void" // everything on it came back, or it was withdrawn
)

// List is a payment list: a file that does not change once it is made.
type List struct {
	ID      string
	BatchID string
	Number  string
	Lines   int
	Sum     money.Fen
	SHA256  string // of the file in CSV, in hex
	State   ListState
	MadeBy  string
	MadeAt  time.Time
	PaidBy  string
	PaidAt  time.Time
	PaidOn  string // ISO
	Voucher string // number under which the treasury paid
}

// Outcome is what became of a line on a payment list, "" as long as nobody knows.
type Outcome string

// The outcomes.
const (
	WasPaid    Outcome = "paid"
	WasBounced Outcome = "bounced"
	WasStopped Outcome = "stopped" // taken back before it was paid
	WasVoid    Outcome = "void"    // the list was withdrawn
)

// ListLine is a line as it stood on a payment list; it stays when the line goes onto
// another list.
type ListLine struct {
	ListID  string
	LineID  string
	Name    i18n.Text
	Sum     money.Fen
	Outcome Outcome
	Day     string // ISO: of the payment, or of the return of what was paid
	By      string // who entered it
	Reason  string
	Voucher string // of the payment, or of the return
	MadeBy  string // who made the list
}

// Pays says whether the actor makes payment lists of the department, reads accounts
// on them and enters what came of them.
func Pays(a auth.Actor, department string) bool {
	return holds(a, department, auth.Handler, auth.Approver, auth.Head)
}

// MayEnter says whether the actor enters what came of a payment list: whoever made
// it does not, nor who stands in for him.
func MayEnter(a auth.Actor, b *Batch, l *List) bool {
	return Pays(a, b.DepartmentID) && a.ID != l.MadeBy && !slices.Contains(a.StandsInFor(), l.MadeBy)
}

// MakeList puts everybody who has a case and an account, and is on no list, on a
// payment list. Its file is frozen with number, lines, sum and checksum.
func (s *Service) MakeList(ctx context.Context, actor auth.Actor, ref Ref) (Batch, error) {
	return s.turn(ctx, actor, ref, "grant.list", "", func(ctx context.Context, b *Batch) (map[string]any, error) {
		switch {
		case !Pays(actor, b.DepartmentID):
			return nil, ErrForbidden
		case !b.State.Closed() || b.AwardedAt.IsZero():
			return nil, ErrState
		}
		if err := s.store.hold(ctx, b.ID); err != nil { // of two at once the second finds the list of the first
			return nil, err
		}
		before, err := s.store.paylists(ctx, `grant_id=$1`, b.ID)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(before, func(l List) bool { return l.State == ListOpen }) {
			return nil, ErrListOpen
		}
		lines, err := s.store.lines(ctx, `l.grant_id=$1 AND l.state='confirmed' AND l.case_id<>'' AND l.list_id='' ORDER BY l.seq`, b.ID)
		if err != nil {
			return nil, err
		}
		if len(lines) == 0 {
			return nil, ErrNobody
		}
		stood, err := s.store.listLines(ctx, b.ID)
		if err != nil {
			return nil, err
		}
		mine := append(actor.StandsInFor(), actor.ID)
		for _, x := range stood {
			if x.Outcome == WasBounced && slices.Contains(mine, x.By) && slices.ContainsFunc(lines, func(l Line) bool { return l.ID == x.LineID }) {
				return nil, ErrBouncer
			}
		}
		now := s.Clock.Now()
		n, err := s.store.listsOf(ctx, b.Key)
		if err != nil {
			return nil, err
		}
		l := List{ID: ids.New(now), BatchID: b.ID, Number: fmt.Sprintf("%s-P%02d", strings.ToUpper(b.Key), n+1), Lines: len(lines), Sum: sumOf(lines), State: ListOpen, MadeBy: actor.ID, MadeAt: now}
		content, err := s.file(ctx, lines)
		if err != nil {
			return nil, err
		}
		l.SHA256 = checksum(content)
		if err := s.store.insertList(ctx, l, content); err != nil {
			return nil, err
		}
		for _, x := range lines {
			x.ListID, x.Reason = l.ID, ""
			if err := s.store.enlist(ctx, l.ID, x); err != nil {
				return nil, err
			}
			if err := s.store.saveLine(ctx, x); err != nil {
				return nil, err
			}
		}
		b.State = Paying
		return map[string]any{"number": l.Number, "lines": l.Lines, "fen": int64(l.Sum), "sha256": l.SHA256}, nil
	})
}

func checksum(content string) string {
	h := sha256.Sum256([]byte(content))
	return hex.EncodeToString(h[:])
}

// heads of a payment list; it is for the treasury, which reads Chinese.
var heads = []string{"grant.col.seq", "grant.col.firm", "grant.file.code", "grant.my.bank", "grant.my.number", "grant.col.sum", "grant.file.case"}

// file writes the payment list of lines as CSV, under a mark of UTF-8.
func (s *Service) file(ctx context.Context, lines []Line) (string, error) {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	head := make([]string, len(heads))
	for i, k := range heads {
		head[i] = s.Texts.Text(i18n.Chinese, k)
	}
	_ = w.Write(head) // into memory
	for i, l := range lines {
		account, err := s.store.account(ctx, l.ID)
		if err != nil {
			return "", err
		}
		// A tab before the number: else spreadsheets take it for a sum and round it.
		_ = w.Write([]string{fmt.Sprint(i + 1), csvx.Guard(l.Name.ZH), csvx.Guard(l.USCC), csvx.Guard(l.Bank), "\t" + account, plain(l.Sum), csvx.Guard(l.CaseNumber)})
	}
	w.Flush()
	return out.String(), w.Error()
}

// plain is a sum without signs between the thousands.
func plain(f money.Fen) string { return fmt.Sprintf("%d.%02d", int64(f)/100, int64(f)%100) }

// File is the file of a payment list.
type File struct {
	List
	CSV  string     // as it was frozen
	Rows [][]string // the same, the head first; accounts without the tab
}

// File hands a payment list out, with accounts as a whole. It is for those who pay,
// with a reason, and noted. A file that is not what it was is an internal error.
func (s *Service) File(ctx context.Context, actor auth.Actor, batch, list, reason string) (File, error) {
	reason, err := reasonOf(reason)
	if err != nil {
		return File{}, err
	}
	var out File
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		b, err := s.store.batch(ctx, batch)
		if err != nil {
			return err
		}
		if !sees(actor, &b) {
			return ErrNotFound
		}
		if !Pays(actor, b.DepartmentID) {
			return ErrForbidden
		}
		if out.List, err = s.store.paylist(ctx, &b, list); err != nil {
			return err
		}
		if out.CSV, err = s.store.content(ctx, list); err != nil {
			return err
		}
		if checksum(out.CSV) != out.SHA256 {
			return fmt.Errorf("grant: the file of payment list %s is not what it was", out.Number)
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "grant.download", Object: "grant:" + b.ID, Reason: reason, Change: map[string]any{"number": out.Number, "lines": out.Lines}})
	})
	if err != nil {
		return File{}, err
	}
	if out.Rows, err = csv.NewReader(strings.NewReader(strings.TrimPrefix(out.CSV, "\ufeff"))).ReadAll(); err != nil {
		return File{}, fmt.Errorf("grant: payment list %s: %w", out.Number, err)
	}
	for _, row := range out.Rows {
		for i, c := range row {
			row[i] = strings.TrimPrefix(csvx.Unguard(c), "\t")
		}
	}
	return out, nil
}

// Payment is what the treasury says of a list.
type Payment struct {
	Ref
	List    string
	On      string // ISO date
	Voucher string
}

// onDay checks a day on which something happened, between two instants.
func onDay(field, text string, from, now time.Time) (string, error) {
	d, err := workday.Parse(strings.TrimSpace(text))
	if err != nil || workday.DateOf(from).String() > d.String() || d.String() > workday.DateOf(now).String() {
		return "", invalid(field, errDay, "from", workday.DateOf(from).String(), "to", workday.DateOf(now).String())
	}
	return d.String(), nil
}

// Paid enters that the treasury paid a list: everybody on it who did not bounce.
func (s *Service) Paid(ctx context.Context, actor auth.Actor, in Payment) (Batch, error) {
	in.Voucher = strings.TrimSpace(in.Voucher)
	return s.turn(ctx, actor, in.Ref, "grant.paid", "", func(ctx context.Context, b *Batch) (map[string]any, error) {
		l, err := s.store.paylist(ctx, b, in.List)
		switch {
		case err != nil:
			return nil, err
		case !Pays(actor, b.DepartmentID):
			return nil, ErrForbidden
		case l.State != ListOpen:
			return nil, ErrState
		case !MayEnter(actor, b, &l):
			return nil, ErrPayer
		}
		bad := ErrInvalid
		if n := utf8.RuneCountInString(in.Voucher); n < 2 || n > 60 {
			bad = bad.At("voucher", errVoucher.Code)
		}
		now := s.Clock.Now()
		on, err := onDay("paid_on", in.On, l.MadeAt, now)
		if err != nil {
			bad = bad.At("paid_on", errDay.Code, "from", workday.DateOf(l.MadeAt).String(), "to", workday.DateOf(now).String())
		}
		if err := bad.OrNil(); err != nil {
			return nil, err
		}
		lines, err := s.store.lines(ctx, `l.list_id=$1 AND l.state='confirmed' ORDER BY l.seq`, l.ID)
		if err != nil {
			return nil, err
		}
		for _, x := range lines {
			x.State, x.PaidOn = PaidOut, on
			if err := s.store.became(ctx, ListLine{ListID: l.ID, LineID: x.ID, Outcome: WasPaid, Day: on, By: actor.ID, Voucher: in.Voucher}); err != nil {
				return nil, err
			}
			if err := s.store.saveLine(ctx, x); err != nil {
				return nil, err
			}
			if err := s.tell(ctx, b, x, "grant_paid", false); err != nil {
				return nil, err
			}
		}
		l.State, l.PaidBy, l.PaidAt, l.PaidOn, l.Voucher = ListPaid, actor.ID, now, on, in.Voucher
		if err := s.store.saveList(ctx, l, ListOpen); err != nil {
			return nil, err
		}
		return map[string]any{"number": l.Number, "lines": len(lines), "fen": int64(sumOf(lines)), "on": on, "voucher": l.Voucher}, s.restate(ctx, b)
	})
}

// Back is money of a line that came back.
type Back struct {
	Ref
	Line    string
	Reason  string
	On      string // ISO date of what had been paid
	Voucher string // of that
}

// shown checks with what it is shown that money came back since an instant.
func (in *Back) shown(from, now time.Time) error {
	bad := ErrInvalid
	if n := utf8.RuneCountInString(in.Voucher); n < 2 || n > 60 {
		bad = bad.At("back_voucher", errVoucher.Code)
	}
	on, err := onDay("back_on", in.On, from, now)
	if err != nil {
		bad = bad.At("back_on", errDay.Code, "from", workday.DateOf(from).String(), "to", workday.DateOf(now).String())
	}
	in.On = on
	return bad.OrNil()
}

// Bounce enters that the bank sent the money of a line back. The firm gives another
// account, and is on the next list then, which somebody else makes. What had been
// paid comes back on a day and under a voucher: nobody is paid twice without one.
func (s *Service) Bounce(ctx context.Context, actor auth.Actor, in Back) (Batch, error) {
	reason, err := reasonOf(in.Reason)
	if err != nil {
		return Batch{}, err
	}
	in.Voucher = strings.TrimSpace(in.Voucher)
	return s.turn(ctx, actor, in.Ref, "grant.bounce", reason, func(ctx context.Context, b *Batch) (map[string]any, error) {
		x, l, err := s.onList(ctx, b, in.Line)
		switch {
		case err != nil:
			return nil, err
		case !Pays(actor, b.DepartmentID):
			return nil, ErrForbidden
		case !MayEnter(actor, b, &l):
			return nil, ErrPayer
		}
		if x.State == Confirmed {
			in.On, in.Voucher = "", ""
		} else {
			paid, err := workday.Parse(x.PaidOn)
			if err != nil {
				return nil, err
			}
			if err := in.shown(workday.StartOf(paid), s.Clock.Now()); err != nil {
				return nil, err
			}
		}
		if err := s.store.became(ctx, ListLine{ListID: l.ID, LineID: x.ID, Outcome: WasBounced, Day: in.On, By: actor.ID, Reason: reason, Voucher: in.Voucher}); err != nil {
			return nil, err
		}
		x.State, x.Reason, x.PaidOn, x.ListID = Bounced, reason, "", ""
		if err := s.store.saveLine(ctx, x); err != nil {
			return nil, err
		}
		if err := s.tell(ctx, b, x, "grant_bounced", true); err != nil {
			return nil, err
		}
		if err := s.emptied(ctx, b, l.ID); err != nil {
			return nil, err
		}
		return map[string]any{"firm": x.FirmID, "number": l.Number, "fen": int64(x.Sum), "on": in.On, "voucher": in.Voucher}, s.restate(ctx, b)
	})
}

// onList is a line of a batch that stands on a payment list, with that list.
func (s *Service) onList(ctx context.Context, b *Batch, line string) (Line, List, error) {
	x, err := s.store.line(ctx, line)
	switch {
	case err != nil:
		return x, List{}, err
	case x.BatchID != b.ID:
		return x, List{}, ErrNotFound
	case x.ListID == "" || x.State != Confirmed && x.State != PaidOut:
		return x, List{}, ErrState
	}
	l, err := s.store.paylist(ctx, b, x.ListID)
	return x, l, err
}

// restate says how far a batch is whose answers are closed: it is over when nobody
// is left who is still to be paid, also when nobody was paid at all.
func (s *Service) restate(ctx context.Context, b *Batch) error {
	t, err := s.store.tallies(ctx, b.ID)
	if err != nil {
		return err
	}
	lists, err := s.store.paylists(ctx, `grant_id=$1`, b.ID)
	if err != nil {
		return err
	}
	switch {
	case t[Confirmed].N == 0 && t[Bounced].N == 0:
		b.State = Paid
	case len(lists) > 0:
		b.State = Paying
	default:
		b.State = Settled
	}
	return nil
}
