package cases

import (
	"context"
	"crypto/subtle"
	"fmt"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
)

// View returns a case as the actor may see it; somebody else's is ErrNotFound.
// The applicant gets the public events only: what he must not see is never read.
func (s *Service) View(ctx context.Context, actor auth.Actor, id ID) (*View, error) {
	k, err := s.store.find(ctx, `c.id=$1`, string(id))
	if err != nil {
		return nil, err
	}
	return s.view(ctx, actor, k)
}

// ViewByNumber is View by public number.
func (s *Service) ViewByNumber(ctx context.Context, actor auth.Actor, number string) (*View, error) {
	k, err := s.store.find(ctx, `c.number=$1`, strings.TrimSpace(number))
	if err != nil {
		return nil, err
	}
	return s.view(ctx, actor, k)
}

func (s *Service) view(ctx context.Context, actor auth.Actor, k Case) (*View, error) {
	v := &View{Case: k}
	var err error
	if v.Tasks, err = s.store.tasks(ctx, k.ID); err != nil {
		return nil, fmt.Errorf("cases: view: %w", err)
	}
	if !sees(actor, &k, v.Tasks) {
		return nil, ErrNotFound
	}
	if err := s.fill(ctx, v, actor.Kind == auth.Person || actor.Kind == auth.Client); err != nil {
		return nil, err
	}
	if actor.Kind == auth.Staff || actor.Kind == auth.System {
		if v.Facts, err = s.taskFacts(ctx, actor, v.Tasks); err != nil {
			return nil, fmt.Errorf("cases: view: %w", err)
		}
	}
	pauseKind := ""
	for _, p := range v.Pauses {
		if p.To.IsZero() {
			pauseKind = p.Kind
		}
	}
	v.Can = v.useful(can(actor, &k, v.Tasks, pauseKind), ladderOnly(actor, &k, v.Tasks), s.Clock.Now())
	seen, err := s.seenOf(ctx, actor, v.orderID())
	if err != nil {
		return nil, fmt.Errorf("cases: view: %w", err)
	}
	if err := s.addSteps(ctx, v, seen, seen); err != nil {
		return nil, fmt.Errorf("cases: view: %w", err)
	}
	if ladderOnly(actor, &k, v.Tasks) {
		v.Answers, v.Before, v.Materials, v.Requests = nil, nil, nil, nil
		return v, nil
	}
	if v.Procedure, err = s.facts(ctx, actor, v); err != nil {
		return nil, fmt.Errorf("cases: view: %w", err)
	}
	return v, nil
}

func (s *Service) fill(ctx context.Context, v *View, publicOnly bool) (err error) {
	if v.Item, err = s.itemOf(ctx, &v.Case); err != nil {
		return fmt.Errorf("cases: view: %w", err)
	}
	if v.Events, err = s.store.events(ctx, v.ID, publicOnly); err != nil {
		return fmt.Errorf("cases: view: %w", err)
	}
	if v.Pauses, err = s.store.pauses(ctx, v.ID); err != nil {
		return fmt.Errorf("cases: view: %w", err)
	}
	if v.Extensions, err = s.store.extensions(ctx, v.ID); err != nil {
		return fmt.Errorf("cases: view: %w", err)
	}
	if v.Requests, err = s.store.requests(ctx, v.ID); err != nil {
		return fmt.Errorf("cases: view: %w", err)
	}
	if v.Decision, err = s.store.decision(ctx, v.ID); err != nil {
		return fmt.Errorf("cases: view: %w", err)
	}
	snapshots, err := s.store.snapshots(ctx, v.ID, 2)
	if err != nil {
		return fmt.Errorf("cases: view: %w", err)
	}
	if len(snapshots) > 0 {
		v.Answers = snapshots[0].Answers
	}
	if len(snapshots) > 1 {
		v.Before = snapshots[1].Answers
	}
	switch {
	case v.State == Draft: // a draft shows its form, not its materials
	case v.State.Ended() || v.State == Decided, len(snapshots) > 0 && (!v.NeedsApplicant || v.Bundle && v.State == Handling) && v.State != Supplementing:
		// What was submitted, not what may be on file since.
		if len(snapshots) > 0 {
			v.Materials = snapshots[0].Materials
		}
		named(v.Materials, v.Item)
		if err := s.refresh(ctx, v.Materials); err != nil {
			return fmt.Errorf("cases: view: %w", err)
		}
	default:
		var open *Request
		if q, ok := v.OpenRequest(); ok {
			open = &q
		}
		if v.Materials, err = s.materials(ctx, &v.Case, v.Item, v.Answers, open); err != nil {
			return fmt.Errorf("cases: view: %w", err)
		}
		if err := s.restrain(ctx, v.Party.ID, v.Materials); err != nil {
			return fmt.Errorf("cases: view: %w", err)
		}
	}
	if v.State == Submitted && v.ParentID == "" {
		if v.Dishonest, err = s.dishonest(ctx, v.Party.ID, v.Materials); err != nil {
			return fmt.Errorf("cases: view: %w", err)
		}
	}
	return s.addGaps(ctx, v)
}

// HoldsReceipt says whether a pick-up code is that of a case which the account
// handed in.
func (s *Service) HoldsReceipt(ctx context.Context, account, code string) (bool, error) {
	n, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM cases_case WHERE account_id=$1 AND pickup_code=$2 AND submitted_at > 0`, account, code)
	if err != nil {
		return false, fmt.Errorf("cases: receipt: %w", err)
	}
	return n > 0, nil
}

// Track is the public look at a case by receipt number and pick-up code, for
// people without an account. Both must fit; tries are counted by number and
// address. It holds the public events only and no answers.
func (s *Service) Track(ctx context.Context, from auth.Actor, number, code string) (*View, error) {
	number = strings.TrimSpace(number)
	if err := s.Throttle.Hit(ctx, "track-from:"+from.From, 30, 15*time.Minute); err != nil {
		return nil, err
	}
	if err := s.Throttle.Hit(ctx, "track:"+orderNumber(number), 10, 15*time.Minute); err != nil {
		return nil, err
	}
	k, err := s.store.find(ctx, `c.number=$1`, number)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(k.PickupCode), []byte(strings.TrimSpace(code))) != 1 {
		return nil, ErrNotFound
	}
	v := &View{Case: k}
	if err := s.fill(ctx, v, true); err != nil {
		return nil, err
	}
	// The code is that of the whole order: all of it is shown, none can be opened.
	all, err := s.seenOf(ctx, auth.SystemActor(), v.orderID())
	if err != nil {
		return nil, fmt.Errorf("cases: track: %w", err)
	}
	if err := s.addSteps(ctx, v, all, nil); err != nil {
		return nil, fmt.Errorf("cases: track: %w", err)
	}
	v.Answers, v.Before, v.Materials = nil, nil, nil
	return v, nil
}

// orderNumber is the number under which tries are counted: a step has the
// number and the pick-up code of its order, with "-NN" behind.
func orderNumber(number string) string {
	if strings.Count(number, "-") == 3 { // region-day-number-NN
		return number[:strings.LastIndex(number, "-")]
	}
	return number
}

// Find returns a case for another module's reaction or page, without a check
// of rights: the caller makes its own.
func (s *Service) Find(ctx context.Context, id ID) (Case, error) {
	return s.store.find(ctx, `c.id=$1`, string(id))
}

// File returns an attached file of a case that the actor may see. A clerk of
// another city, or a guess, gets ErrNotFound.
func (s *Service) File(ctx context.Context, actor auth.Actor, id ID, fileID string) (files.File, error) {
	k, err := s.store.find(ctx, `c.id=$1`, string(id))
	if err != nil {
		return files.File{}, err
	}
	tasks, err := s.store.tasks(ctx, id)
	if err != nil {
		return files.File{}, err
	}
	if !sees(actor, &k, tasks) || ladderOnly(actor, &k, tasks) {
		return files.File{}, ErrNotFound
	}
	if _, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT id FROM cases_file WHERE case_id=$1 AND file_id=$2`, string(id), fileID); err != nil {
		if actor.Kind != auth.Staff { // photos of an inspection are the office's
			return files.File{}, ErrNotFound
		}
		if _, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT id FROM cases_task_file WHERE case_id=$1 AND file_id=$2`, string(id), fileID); err != nil {
			return files.File{}, ErrNotFound
		}
	}
	return s.Files.Find(ctx, fileID)
}

// Certificate that a case ended with, for who may see the case.
func (s *Service) Certificate(ctx context.Context, v *View) (identity.Certificate, bool, error) {
	if !v.Outcome.Grants() {
		return identity.Certificate{}, false, nil
	}
	return s.Identity.CertificateOfCase(ctx, string(v.ID))
}

// RealTime is how long an item really took in the last 90 days: median and
// 90th percentile in working days from acceptance to decision, over n cases.
// Percentiles, because a handful of forgotten cases spoils every mean.
type RealTime struct {
	N           int
	Median, P90 int
}

// RealTimes returns the real time of an item.
func (s *Service) RealTimes(ctx context.Context, itemID string) (RealTime, error) {
	type row struct {
		accepted, decided time.Time
		region            string
	}
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x row, err error) {
		return x, r.Scan(db.Time{Time: &x.accepted}, db.Time{Time: &x.decided}, &x.region)
	}, `SELECT accepted_at, decided_at, region FROM cases_case WHERE item_id=$1 AND decided_at > $2 AND accepted_at > 0 ORDER BY decided_at DESC LIMIT 1000`,
		itemID, clock.Millis(s.Clock.Now().AddDate(0, 0, -90)))
	if err != nil {
		return RealTime{}, fmt.Errorf("cases: real times: %w", err)
	}
	days := make([]int, len(rows))
	for i, r := range rows {
		days[i] = s.workingDays(r.region, r.accepted, r.decided)
	}
	return percentiles(days), nil
}
