package notify

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/db"
)

// Class is the kind of event that a reader has preferences for.
type Class string

// The classes.
const (
	Action       Class = "action"   // the reader has to do something
	Progress     Class = "progress" // something goes on without him
	Result       Class = "result"   // what he asked for has come to its end
	Conversation Class = "message"  // somebody wrote to him
	Digest       Class = "digest"   // several at once
)

// Classes lists every class in the order shown.
var Classes = []Class{Action, Progress, Result, Conversation, Digest}

// Way is how a message leaves the site. The feed is no way: it is always there.
type Way string

// The ways.
const (
	ByMail Way = "mail"
	BySMS  Way = "sms"
)

// Ways lists every way in the order shown.
var Ways = []Way{ByMail, BySMS}

// Rhythms of mails.
const (
	Each   = "each" // one at a time
	Daily  = "daily"
	Weekly = "weekly"
)

// Rhythms lists every rhythm in the order shown.
var Rhythms = []string{Each, Daily, Weekly}

// Errors of preferences; texts are error.<code>.
var (
	ErrPreference = errs.Define(errs.Invalid, "notify.preference")
	ErrStale      = errs.Define(errs.Stale, "notify.stale")
	ErrToken      = errs.Define(errs.NotFound, "notify.token") // an unsubscribe link that was not made here
	ErrForbidden  = errs.Define(errs.Forbidden, "notify.forbidden")
	ErrNotDead    = errs.Define(errs.Conflict, "notify.not_dead")
)

// Preferences of a reader.
type Preferences struct {
	Ways               map[Class][]Way
	QuietFrom, QuietTo int // minutes of the day; the same for none
	Digest             string
	Hour               int
	Weekday            time.Weekday
	Since              time.Time // of the digest as it is set
	Version            int       // 0: never changed
}

// Defaults are the preferences of somebody who never changed them.
func Defaults() Preferences {
	return Preferences{
		Ways: map[Class][]Way{
			Action: {ByMail, BySMS}, Progress: {ByMail}, Result: {ByMail, BySMS}, Conversation: {ByMail}, Digest: {ByMail},
		},
		Digest: Each, Hour: 8, Weekday: time.Monday, QuietFrom: 22 * 60, QuietTo: 7 * 60,
	}
}

// Wants says whether a class leaves by a way.
func (p Preferences) Wants(c Class, w Way) bool { return slices.Contains(p.Ways[c], w) }

func (p Preferences) check() error {
	for c, ways := range p.Ways {
		if !slices.Contains(Classes, c) || slices.ContainsFunc(ways, func(w Way) bool { return !slices.Contains(Ways, w) }) {
			return ErrPreference
		}
	}
	day := func(m int) bool { return m >= 0 && m < 24*60 }
	switch {
	case !day(p.QuietFrom):
		return ErrPreference.At("quiet_from", ErrPreference.Code)
	case !day(p.QuietTo):
		return ErrPreference.At("quiet_to", ErrPreference.Code)
	case !slices.Contains(Rhythms, p.Digest) || p.Weekday < 0 || p.Weekday > 6:
		return ErrPreference.At("digest", ErrPreference.Code)
	case p.Hour < 0 || p.Hour > 23:
		return ErrPreference.At("hour", ErrPreference.Code)
	}
	return nil
}

// after is the first instant from t on that is not within the quiet hours.
func (p Preferences) after(t time.Time) time.Time {
	if p.QuietFrom == p.QuietTo {
		return t
	}
	local := t.In(workday.Zone)
	m := local.Hour()*60 + local.Minute()
	start := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, workday.Zone)
	end := start.Add(time.Duration(p.QuietTo) * time.Minute)
	switch {
	case p.QuietFrom < p.QuietTo && m >= p.QuietFrom && m < p.QuietTo, p.QuietFrom > p.QuietTo && m < p.QuietTo:
		return end.UTC()
	case p.QuietFrom > p.QuietTo && m >= p.QuietFrom:
		return end.Add(24 * time.Hour).UTC()
	}
	return t
}

// ways are those by which a message leaves: what the reader wants and has, and
// of what the law wants told at least one that he has.
func (p Preferences) ways(m Message, c Contact) []Way {
	has := func(w Way) bool { return w == ByMail && c.Mail != "" || w == BySMS && c.Phone != "" }
	var out []Way
	for _, w := range Ways {
		if has(w) && p.Wants(m.Class, w) {
			out = append(out, w)
		}
	}
	if len(out) == 0 && m.Legal {
		if i := slices.IndexFunc(Ways, has); i >= 0 {
			out = Ways[i : i+1]
		}
	}
	return out
}

// Preferences returns what a reader has set, or the defaults.
func (s *Service) Preferences(ctx context.Context, account string) (Preferences, error) {
	p, ok, err := db.Maybe(ctx, s.db.Read(ctx), scanPreferences, `SELECT `+preferenceColumns+` FROM notify_preference WHERE account_id=$1`, account)
	if err != nil {
		return p, fmt.Errorf("notify: preferences: %w", err)
	}
	if !ok {
		p = Defaults()
	}
	return p, nil
}

const preferenceColumns = `ways, quiet_from, quiet_to, digest, hour, weekday, since, version`

func scanPreferences(r db.Scanner) (p Preferences, err error) {
	return p, r.Scan(db.JSON[map[Class][]Way]{V: &p.Ways}, &p.QuietFrom, &p.QuietTo, &p.Digest, &p.Hour, &p.Weekday, db.Time{Time: &p.Since}, &p.Version)
}

// SetPreferences changes those of a reader; the version is the one he saw. What
// was kept for a digest that he gives up leaves with the next sweep of digests.
func (s *Service) SetPreferences(ctx context.Context, account string, p Preferences) error {
	if err := p.check(); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(ctx context.Context) error {
		old, err := s.Preferences(ctx, account)
		if err != nil {
			return err
		}
		if old.Version != p.Version {
			return ErrStale
		}
		p.Since = old.Since
		if old.Digest != p.Digest || old.Hour != p.Hour || old.Weekday != p.Weekday {
			p.Since = s.clock.Now()
		}
		return s.savePreferences(ctx, account, p)
	})
}

func (s *Service) savePreferences(ctx context.Context, account string, p Preferences) error {
	n, err := s.db.Exec(ctx, `INSERT INTO notify_preference (account_id, ways, quiet_from, quiet_to, digest, hour, weekday, since, version) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,1)
		ON CONFLICT (account_id) DO UPDATE SET ways=excluded.ways, quiet_from=excluded.quiet_from, quiet_to=excluded.quiet_to, digest=excluded.digest, hour=excluded.hour,
			weekday=excluded.weekday, since=excluded.since, version=notify_preference.version+1 WHERE notify_preference.version=$9`,
		account, db.ToJSON(p.Ways), p.QuietFrom, p.QuietTo, p.Digest, p.Hour, int(p.Weekday), db.MS(p.Since), p.Version)
	if err != nil {
		return fmt.Errorf("notify: preferences: %w", err)
	}
	if n == 0 {
		return ErrStale
	}
	return nil
}

// without returns the preferences with one way of a class switched off.
func (p Preferences) without(c Class, w Way) Preferences {
	p.Ways = maps.Clone(p.Ways)
	p.Ways[c] = slices.DeleteFunc(slices.Clone(p.Ways[c]), func(x Way) bool { return x == w })
	return p
}
