package grant

import (
	"context"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Coming is a line as its firm sees it.
type Coming struct {
	Batch Batch
	Line  Line
	May   bool // the reader answers for the firm
	Open  bool // an answer is possible now
}

// told are the lines that firms know of.
var told = map[LineState]bool{
	Listed: true, Confirmed: true, Declined: true, Lapsed: true, Struck: true, Double: true, PaidOut: true, Bounced: true, Clawed: true,
}

func (s *Service) coming(actor auth.Actor, b Batch, l Line) (Coming, bool) {
	if !b.State.Public() || !told[l.State] || actor.Kind != auth.Person || !actor.May(l.FirmID, auth.ModuleCases, b.Clause.Item, false) {
		return Coming{}, false
	}
	c := Coming{Batch: b, Line: l, May: Answers(actor, l.FirmID, b.Clause.Item)}
	c.Open = c.May && (b.State.Answers() && s.Clock.Now().Before(b.AnswerUntil) && l.State.Stands() || l.State == Bounced)
	return c, true
}

// Mine is what comes to the firms of a person, the newest first.
func (s *Service) Mine(ctx context.Context, actor auth.Actor) ([]Coming, error) {
	if len(actor.Firms) == 0 {
		return nil, nil
	}
	var args db.Args
	lines, err := s.store.lines(ctx, `l.enterprise_id IN `+db.In(&args, actor.Firms)+` ORDER BY l.id DESC`, args...)
	if err != nil {
		return nil, err
	}
	var out []Coming
	for _, l := range lines {
		b, err := s.store.batch(ctx, l.BatchID)
		if err != nil {
			return nil, err
		}
		if c, ok := s.coming(actor, b, l); ok {
			out = append(out, c)
		}
	}
	return out, nil
}

// Own is one line of a firm of the person.
func (s *Service) Own(ctx context.Context, actor auth.Actor, line string) (Coming, error) {
	l, err := s.store.line(ctx, line)
	if err != nil {
		return Coming{}, err
	}
	b, err := s.store.batch(ctx, l.BatchID)
	if err != nil {
		return Coming{}, err
	}
	c, ok := s.coming(actor, b, l)
	if !ok {
		return Coming{}, ErrNotFound
	}
	c.Line.Account, err = s.store.account(ctx, l.ID)
	return c, err
}

var accountForm = regexp.MustCompile(`^[0-9]{8,30}$`)

// Answer is what a firm says.
type Answer struct {
	Line    string
	Version int
	Decline bool
	Reason  string // of who declines, may be empty
	Bank    string
	Account string // digits; blanks between are taken away
}

func (a *Answer) check() error {
	a.Reason, a.Bank, a.Account = strings.TrimSpace(a.Reason), strings.TrimSpace(a.Bank), strings.NewReplacer(" ", "", "-", "").Replace(a.Account)
	bad := ErrInvalid
	if a.Decline {
		a.Bank, a.Account = "", ""
		if utf8.RuneCountInString(a.Reason) > 300 {
			bad = bad.At("reason", errReason.Code)
		}
		return bad.OrNil()
	}
	if n := utf8.RuneCountInString(a.Bank); n < 2 || n > 60 {
		bad = bad.At("bank", errBank.Code)
	}
	if !accountForm.MatchString(a.Account) {
		bad = bad.At("account", errAccount.Code)
	}
	return bad.OrNil()
}

// Answer takes in what a firm says: where the money goes, or that it does not want it.
func (s *Service) Answer(ctx context.Context, actor auth.Actor, in Answer) error {
	if err := in.check(); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		c, err := s.Own(ctx, actor, in.Line)
		switch {
		case err != nil:
			return err
		case !c.May:
			return ErrForbidden
		case !c.Open, in.Decline && c.Line.State == Bounced: // its case is made
			return ErrOver
		case in.Version != c.Line.Version:
			return db.ErrStale
		}
		l, action := c.Line, "grant.confirm"
		l.State, l.Bank, l.Account, l.Reason = Confirmed, in.Bank, in.Account, ""
		if in.Decline {
			l.State, l.Reason, action = Declined, in.Reason, "grant.decline"
		}
		l.AnsweredBy, l.AnsweredAt = actor.ID, s.Clock.Now()
		if err := s.store.saveAnswer(ctx, l); err != nil {
			return err
		}
		return s.note(ctx, actor, action, &c.Batch, in.Reason, map[string]any{"firm": l.FirmID})
	})
}

// Forget takes the id of somebody out whose account is closed.
func (s *Service) Forget(ctx context.Context, account string) error {
	if _, err := s.DB.Exec(ctx, `UPDATE matching_grant_objection SET account_id='' WHERE account_id=$1`, account); err != nil {
		return err
	}
	_, err := s.DB.Exec(ctx, `UPDATE matching_grant_line SET answered_by='' WHERE answered_by=$1`, account)
	return err
}
