package calendar

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/events"
)

// Errors of the package; texts are error.<code>.
var (
	ErrForbidden = errs.Define(errs.Forbidden, "calendar.forbidden")
	ErrNotFound  = errs.Define(errs.NotFound, "calendar.not_found")
	ErrDay       = errs.Define(errs.Invalid, "calendar.day")     // not a date, or too far away
	ErrPast      = errs.Define(errs.Invalid, "calendar.past")    // a day cannot be made up afterwards
	ErrSame      = errs.Define(errs.Invalid, "calendar.same")    // it is so already
	ErrTwice     = errs.Define(errs.Conflict, "calendar.twice")  // something was decided about that day
	ErrRegion    = errs.Define(errs.Invalid, "calendar.region")  // no region of the directory
	ErrReason    = errs.Define(errs.Invalid, "calendar.reason")  // one to 200 characters
	ErrNotice    = errs.Define(errs.Invalid, "calendar.notice")  // not in the form of a notice
	ErrKnown     = errs.Define(errs.Conflict, "calendar.known")  // the program brings the notice of that year along
	ErrStale     = errs.Define(errs.Stale, "calendar.stale")     // somebody changed it in between
	errRequired  = errs.Define(errs.Invalid, "calendar.invalid") // with fields
)

// Changed is published in the transaction of a change.
type Changed struct {
	Region string // whose live cases are counted anew, with all below it; "" for all
	Day    string // ISO date, "" for a notice
	Reason string
}

// Deps of the package.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	Base     *workday.Calendar // of the notices that the program brings along
	Identity *identity.Service
	Audit    *audit.Log
	Bus      *events.Bus
}

// Service keeps the book.
type Service struct {
	Deps
	book   atomic.Pointer[kept]
	looked atomic.Int64
}

type kept struct {
	generation int64
	known      *workday.Calendar // with the notices that were put in
	*Book
}

// New returns a service that knows the notices of the program only, until the
// first look.
func New(d Deps) *Service {
	s := &Service{Deps: d}
	s.book.Store(&kept{generation: -1, known: d.Base, Book: NewBook(d.Base, nil)})
	return s
}

// For is the calendar in which a limit is counted that began at an instant in a region.
func (s *Service) For(region string, since time.Time) *workday.Calendar {
	return s.current().For(region, since)
}

// current looks at most once a second whether somebody changed something; when
// the database does not answer, what is known is served.
func (s *Service) current() *kept {
	now := s.Clock.Now().UnixMilli()
	if last := s.looked.Load(); (now-last >= 1000 || now < last) && s.looked.CompareAndSwap(last, now) {
		// Not the context of a request, whose transaction may be rolled back.
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		_ = s.Refresh(ctx)
	}
	return s.book.Load()
}

// Load reads the book at the start, so that no command has to.
func (s *Service) Load(ctx context.Context) error {
	if err := s.Refresh(ctx); err != nil {
		return fmt.Errorf("calendar: load: %w", err)
	}
	s.looked.Store(s.Clock.Now().UnixMilli())
	return nil
}

// Refresh reads the book when it changed.
func (s *Service) Refresh(ctx context.Context) error {
	g, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int64], `SELECT generation FROM cases_calendar_state WHERE id=1`)
	if err != nil || g == s.book.Load().generation {
		return err
	}
	list, err := s.overrides(ctx, `1=1`)
	if err != nil {
		return err
	}
	texts, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT text FROM cases_calendar_notice ORDER BY year`)
	if err != nil {
		return err
	}
	known := s.Base
	for _, text := range texts {
		n, err := workday.ParseNotices(text)
		if err != nil {
			return fmt.Errorf("calendar: %w", err)
		}
		known = known.WithNotices(n...)
	}
	s.book.Store(&kept{generation: g, known: known, Book: NewBook(known, list)})
	return nil
}

func (s *Service) overrides(ctx context.Context, where string, args ...any) ([]Override, error) {
	return db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (o Override, err error) {
		var on string
		if err := r.Scan(&o.ID, &o.Region, &on, &o.Work, &o.Reason, &o.ByID, db.Time{Time: &o.At}, &o.EndReason, &o.EndedBy, db.Time{Time: &o.EndedAt}, &o.Version); err != nil {
			return o, err
		}
		o.On, err = workday.Parse(on)
		return o, err
	}, `SELECT id, region, on_date, work, reason, by_id, at, end_reason, ended_by, ended_at, version FROM cases_calendar_day WHERE `+where+` ORDER BY on_date DESC, at DESC, id`, args...)
}

// changed raises the generation, tells who counts, and looks at once afterwards.
func (s *Service) changed(ctx context.Context, what Changed) error {
	if _, err := s.DB.Exec(ctx, `UPDATE cases_calendar_state SET generation=generation+1 WHERE id=1`); err != nil {
		return err
	}
	db.AfterCommit(ctx, func() { s.looked.Store(0) })
	return events.Publish(ctx, s.Bus, what)
}

func mayKeep(a auth.Actor) error {
	if a.Kind != auth.Staff || !a.Has(auth.SystemAdmin) {
		return ErrForbidden
	}
	return nil
}

// Year is what the page shows of a year.
type Year struct {
	Year      int
	Known     bool   // there is a notice
	Source    string // its title
	Days      []workday.Day
	Overrides []Override // all of the year, the latest day first
	First     int        // years that have something to show
	Last      int
}

// Year shows a year to who keeps the calendar.
func (s *Service) Year(ctx context.Context, actor auth.Actor, year int) (Year, error) {
	if err := mayKeep(actor); err != nil {
		return Year{}, err
	}
	if err := s.Refresh(ctx); err != nil {
		return Year{}, fmt.Errorf("calendar: %w", err)
	}
	now := workday.DateOf(s.Clock.Now()).Year()
	y := Year{Year: year, First: now - 1, Last: now + 1}
	if year < y.First || year > y.Last {
		return y, ErrNotFound
	}
	n, ok := s.book.Load().known.Notice(year)
	y.Known, y.Source, y.Days = ok, n.Source, n.Days
	slices.SortFunc(y.Days, func(a, b workday.Day) int { return a.On.Sub(b.On) })
	var err error
	y.Overrides, err = s.overrides(ctx, `on_date >= $1 AND on_date < $2`, fmt.Sprintf("%04d-01-01", year), fmt.Sprintf("%04d-01-01", year+1))
	return y, err
}

// Input is a decision about a day.
type Input struct {
	Region string
	On     string // ISO date
	Work   bool
	Reason string
}

// earliest is how long ago a day may lie that is freed afterwards.
const earliest = 30

// Decide frees a day for a region, or makes one up.
func (s *Service) Decide(ctx context.Context, actor auth.Actor, in Input) error {
	if err := mayKeep(actor); err != nil {
		return err
	}
	in.Reason = strings.TrimSpace(in.Reason)
	today, bad := workday.DateOf(s.Clock.Now()), errRequired
	if !slices.ContainsFunc(s.Identity.Directory().Regions, func(r identity.Region) bool { return r.Code == in.Region }) {
		bad = bad.At("region", ErrRegion.Code)
	}
	if n := utf8.RuneCountInString(in.Reason); n == 0 || n > 200 {
		bad = bad.At("reason", ErrReason.Code)
	}
	on, err := workday.Parse(in.On)
	switch {
	case err != nil || on.Sub(today) > 500 || today.Sub(on) > earliest:
		bad = bad.At("on", ErrDay.Code)
	case in.Work && on.Before(today):
		bad = bad.At("on", ErrPast.Code)
	case s.current().For(in.Region, s.Clock.Now()).IsWorkday(on) == in.Work:
		bad = bad.At("on", ErrSame.Code)
	}
	if err := bad.OrNil(); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		now := s.Clock.Now()
		_, err := s.DB.Exec(ctx, `INSERT INTO cases_calendar_day (id, region, on_date, work, reason, by_id, at, end_reason, ended_by, ended_at, version) VALUES ($1,$2,$3,$4,$5,$6,$7,'','',0,1)`,
			ids.New(now), in.Region, on.String(), in.Work, in.Reason, actor.ID, db.MS(now))
		if errors.Is(err, db.ErrDuplicate) {
			return ErrTwice.At("on", ErrTwice.Code)
		}
		if err != nil {
			return err
		}
		if err := s.Audit.Record(ctx, actor, audit.Note{Action: "calendar.decide", Object: "calendar:" + in.Region + ":" + on.String(), Reason: in.Reason, Change: map[string]any{"work": in.Work}}); err != nil {
			return err
		}
		return s.changed(ctx, Changed{Region: in.Region, Day: on.String(), Reason: in.Reason})
	})
}

// TakeBack ends a decision about a day. What was told on the strength of it stays.
func (s *Service) TakeBack(ctx context.Context, actor auth.Actor, id string, version int, reason string) error {
	if err := mayKeep(actor); err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" || utf8.RuneCountInString(reason) > 200 {
		return ErrReason.At("end_reason", ErrReason.Code)
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		list, err := s.overrides(ctx, `id=$1`, id)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return ErrNotFound
		}
		o, now := list[0], s.Clock.Now()
		err = s.DB.ExecOne(ctx, `UPDATE cases_calendar_day SET end_reason=$3, ended_by=$4, ended_at=$5, version=version+1 WHERE id=$1 AND version=$2 AND ended_at=0`, id, version, reason, actor.ID, db.MS(now))
		if errors.Is(err, db.ErrStale) {
			return ErrStale
		}
		if err != nil {
			return err
		}
		if err := s.Audit.Record(ctx, actor, audit.Note{Action: "calendar.take_back", Object: "calendar:" + o.Region + ":" + o.On.String(), Reason: reason}); err != nil {
			return err
		}
		return s.changed(ctx, Changed{Region: o.Region, Day: o.On.String(), Reason: reason})
	})
}

// Announce puts in the notice of a year that the program does not know, in the
// form of workday.ParseNotices. A second one replaces the first.
func (s *Service) Announce(ctx context.Context, actor auth.Actor, year int, text string) error {
	if err := mayKeep(actor); err != nil {
		return err
	}
	if _, known := s.Base.Notice(year); known {
		return ErrKnown.At("text", ErrKnown.Code)
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	notices, err := workday.ParseNotices(text)
	if err != nil || len(notices) != 1 || notices[0].Year != year || len(notices[0].Days) == 0 || notices[0].Source == "" {
		return ErrNotice.At("text", ErrNotice.Code)
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.DB.Exec(ctx, `INSERT INTO cases_calendar_notice (year, text, by_id, at, version) VALUES ($1,$2,$3,$4,1)
			ON CONFLICT (year) DO UPDATE SET text=$2, by_id=$3, at=$4, version=cases_calendar_notice.version+1`, year, text, actor.ID, db.MS(s.Clock.Now())); err != nil {
			return err
		}
		if err := s.Audit.Record(ctx, actor, audit.Note{Action: "calendar.announce", Object: fmt.Sprintf("calendar:%d", year), Change: map[string]any{"source": notices[0].Source, "days": len(notices[0].Days)}}); err != nil {
			return err
		}
		return s.changed(ctx, Changed{Reason: notices[0].Source})
	})
}
