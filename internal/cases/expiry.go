package cases

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/cases/paper"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
)

// untilAt is the name under which the last day of a paper is complained about.
func untilAt(key string) string { return "until." + key }

// untilOf reads the last day of a paper that the item asks for; of any other
// paper nobody asks, and what is said counts for nothing.
func untilOf(m catalogue.Material, day string, now time.Time) (string, error) {
	if !m.Expires {
		return "", nil
	}
	if day == "" {
		return "", ErrUntil.At(untilAt(m.Key), ErrUntil.Code)
	}
	d, err := workday.Parse(day)
	if err != nil {
		return "", ErrUntil.At(untilAt(m.Key), ErrUntil.Code)
	}
	if paper.Expired(day, workday.DateOf(now)) {
		return "", ErrPaperEnded.At(untilAt(m.Key), ErrPaperEnded.Code)
	}
	return d.String(), nil
}

// SetUntil says until when a paper that was uploaded is valid; paper.Forever for
// one without an end. One that has ended is refused: it does not serve.
func (s *Service) SetUntil(ctx context.Context, actor auth.Actor, id ID, key, day string) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		_, item, err := s.lockedEditable(ctx, actor, id)
		if err != nil {
			return err
		}
		m, ok := item.Material(key)
		if !ok || !m.Expires {
			return ErrMaterial
		}
		until, err := untilOf(m, day, s.Clock.Now())
		if err != nil {
			return err
		}
		n, err := s.DB.Exec(ctx, `UPDATE cases_file SET expires_on=$3 WHERE case_id=$1 AND key=$2 AND removed_at=0`, string(id), key, until)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrMaterial
		}
		if err := s.touch(ctx, id); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "cases.until", Object: "case:" + string(id), Change: map[string]any{"material": key, "until": until}})
	})
}

// lasts finds what keeps a paper from serving: nobody said until when it is
// valid, or that day is over.
func (s *Service) lasts(st *MaterialState) {
	if !st.Material.Expires || st.How != ByUpload && st.How != ByEarlier {
		return
	}
	switch {
	case st.Until == "":
		st.Flaw = ErrUntil
	case paper.Expired(st.Until, workday.DateOf(s.Clock.Now())):
		st.Flaw = ErrPaperEnded
	default:
		return
	}
	st.How = Missing
}

// Complaint is what to say about a material that is missing.
func (m MaterialState) Complaint() (name, code string) {
	if m.Flaw != nil {
		return untilAt(m.Key), m.Flaw.Code
	}
	return materialAt(m.Key), errMissing.Code
}
