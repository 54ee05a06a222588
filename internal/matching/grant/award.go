package grant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
)

// portion is how many cases are made in one transaction.
const portion = 50

// Keys under which money and cases are known to the neighbours.
func listKey(b *Batch) string { return "list:" + b.ID }
func lineKey(l *Line) string  { return "grant:" + l.ID }

// pending are the lines whose case is still to be made.
const pending = `l.grant_id=$1 AND l.state='confirmed' AND l.case_id='' AND l.fault=''`

// reserve sets aside what the lines of a batch get, when its clause names a fund.
func (s *Service) reserve(ctx context.Context, actor auth.Actor, b *Batch, lines []Line) error {
	if b.Fund() == "" {
		return nil
	}
	err := s.Ports.Reserve(ctx, actor, Booking{
		Fund: b.Fund(), Key: listKey(b), Amount: sumOf(lines), Reason: s.Texts.Text(i18n.Chinese, "grant.booking.reserve", "title", b.Clause.Title, "n", len(lines)),
	})
	if err != nil {
		return fmt.Errorf("grant: reserve for %s: %w", b.ID, err)
	}
	b.Reserved = sumOf(lines)
	return nil
}

// Award makes the cases of a batch whose answers are closed, a portion in each
// transaction: whoever stops in the middle has lost nothing, and what was made is
// not made again. A line whose case cannot be made is told on the page with the
// reason, and keeps nobody else waiting.
func (s *Service) Award(ctx context.Context, id string) error {
	for {
		more, err := s.awardSome(ctx, id, portion)
		if err != nil && errs.KindOf(err) != errs.Internal && ctx.Err() == nil {
			more, err = s.awardEach(ctx, id)
		}
		if err != nil {
			return fmt.Errorf("grant: cases of %s: %w", id, err)
		}
		if !more {
			return nil
		}
	}
}

// lineError says at which line it stopped.
type lineError struct {
	line string
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %s: %v", e.line, e.err) }
func (e *lineError) Unwrap() error { return e.err }

// awardSome makes the cases of the next lines in one transaction, and says whether
// there may be more of them.
func (s *Service) awardSome(ctx context.Context, id string, n int) (more bool, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		more = false
		if err := s.store.hold(ctx, id); err != nil { // of two processes the second waits, and finds them made
			return err
		}
		b, err := s.store.batch(ctx, id)
		if err != nil || !b.State.Closed() || !b.AwardedAt.IsZero() {
			return err
		}
		lines, err := s.store.lines(ctx, pending+` ORDER BY l.seq LIMIT $2`, id, n)
		if err != nil {
			return err
		}
		if len(lines) == 0 {
			return s.awarded(ctx, &b)
		}
		for _, l := range lines {
			if err := s.award(ctx, &b, l); err != nil {
				return &lineError{l.ID, err}
			}
		}
		more = true
		return nil
	})
	return more, err
}

// awardEach makes the next portion one by one, and notes which cannot be made.
func (s *Service) awardEach(ctx context.Context, id string) (more bool, err error) {
	for range portion {
		more, err = s.awardSome(ctx, id, 1)
		var at *lineError
		if errors.As(err, &at) && errs.KindOf(err) != errs.Internal && ctx.Err() == nil {
			more, err = true, s.fault(ctx, at)
		}
		if err != nil || !more {
			return more, err
		}
	}
	return more, nil
}

// fault notes why the case of a line cannot be made.
func (s *Service) fault(ctx context.Context, at *lineError) error {
	text := i18n.Text{ZH: at.err.Error()}
	var e *errs.Error
	if errors.As(at.err, &e) {
		text = i18n.Text{ZH: s.Texts.Text(i18n.Chinese, "error."+e.Code, i18n.Map(e.Params)...), EN: s.Texts.Text(i18n.English, "error."+e.Code, i18n.Map(e.Params)...)}
	}
	raw, err := json.Marshal(text)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		l, err := s.store.line(ctx, at.line)
		if err != nil || l.CaseID != "" {
			return err
		}
		l.Fault = string(raw)
		return s.store.saveLine(ctx, l)
	})
}

// FaultText is why no case could be made.
func (l Line) FaultText() (out i18n.Text) {
	_ = json.Unmarshal([]byte(l.Fault), &out) // written by fault alone
	return out
}

// award makes the case of one line and pays it out of what was set aside. Whoever
// got the benefit by a case since the list went out gets none.
func (s *Service) award(ctx context.Context, b *Batch, l Line) error {
	has, err := s.has(ctx, b.Clause, b.Period, b.ID, []string{l.FirmID})
	if err != nil {
		return err
	}
	if cause := has[l.FirmID]; cause != "" {
		l.State, l.Cause = Double, cause
		if err := s.store.saveLine(ctx, l); err != nil {
			return err
		}
		return s.tell(ctx, b, l, "grant_double", false)
	}
	system := auth.SystemActor()
	k, err := s.Ports.Award(ctx, system, Awarding{
		Key: lineKey(&l), Item: b.Clause.Item, Firm: l.FirmID, Account: l.AnsweredBy, Amount: l.Sum, Link: PublicPath(b.ID), Basis: s.basis(b),
	})
	if err != nil {
		return err
	}
	if fund := b.Fund(); fund != "" {
		from := ""
		if b.Reserved > 0 {
			from = listKey(b)
		}
		err := s.Ports.Grant(ctx, system, Booking{
			Fund: fund, Key: lineKey(&l), From: from, CaseID: k.ID, CaseNumber: k.Number, Party: l.Name, Amount: l.Sum,
			Reason: s.Texts.Text(i18n.Chinese, "grant.booking.grant", "title", b.Clause.Title),
		})
		if err != nil {
			return err
		}
	}
	l.CaseID, l.CaseNumber = k.ID, k.Number
	return s.store.saveLine(ctx, l)
}

// basis is what a case stands on, in a sentence.
func (s *Service) basis(b *Batch) i18n.Text {
	in := func(l i18n.Locale) string {
		return s.Texts.Text(l, "grant.basis", "source", b.Source.Title, "number", b.Source.Number, "title", b.Clause.Title)
	}
	return i18n.Text{ZH: in(i18n.Chinese), EN: in(i18n.English)}
}

// awarded closes the making of cases. What nobody gets goes back to the fund, unless
// a line still waits for its case.
func (s *Service) awarded(ctx context.Context, b *Batch) error {
	n, err := s.store.count(ctx, b.ID)
	if err != nil {
		return err
	}
	system := auth.SystemActor()
	if err := s.releaseRest(ctx, b); err != nil {
		return err
	}
	b.AwardedAt = s.Clock.Now()
	if err := s.restate(ctx, b); err != nil {
		return err
	}
	if err := s.store.save(ctx, *b); err != nil {
		return err
	}
	return s.note(ctx, system, "grant.award", b, "", map[string]any{"cases": n.Made, "faults": n.Faults})
}

// Retry makes the cases anew that could not be made, or were never begun.
func (s *Service) Retry(ctx context.Context, actor auth.Actor, ref Ref) (Batch, error) {
	return s.turn(ctx, actor, ref, "grant.retry", "", func(ctx context.Context, b *Batch) (map[string]any, error) {
		switch {
		case !Pays(actor, b.DepartmentID):
			return nil, ErrForbidden
		case !b.State.Closed() || b.AwardedAt.IsZero():
			return nil, ErrState
		}
		n, err := s.DB.Exec(ctx, `UPDATE matching_grant_line SET fault='', version=version+1 WHERE grant_id=$1 AND fault<>''`, b.ID)
		if err != nil {
			return nil, err
		}
		c, err := s.store.count(ctx, b.ID)
		if err != nil {
			return nil, err
		}
		if n == 0 && c.Todo == 0 { // of a list that is older than cases none was begun
			return nil, ErrNobody
		}
		b.AwardedAt = noTime
		return map[string]any{"lines": n}, s.Jobs.Enqueue(ctx, sweepArgs{})
	})
}
