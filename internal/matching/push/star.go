package push

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

// MostStars is how many clauses somebody can save.
const MostStars = 100

// withdrawn is how a clause ends for who saved it, beside the standings of policy.
const withdrawn = "withdrawn"

// Star is a clause that somebody saved, and what of it he was told.
type Star struct {
	account string
	Clause  string
	Title   i18n.Text // as it was when it was told last, or saved
	edition int
	opens   string // first day of the window of whose opening he knows
	closes  string // first day of the window of whose end he was told
	Ended   string // how it ended, "" while it did not
	ToldOn  string // ISO date, "" for never
	At      time.Time
	version int
}

const starColumns = `account_id, clause, title, edition, opens, closes, ended, told_on, starred_at, version`

func scanStar(r db.Scanner) (x Star, err error) {
	return x, r.Scan(&x.account, &x.Clause, db.JSON[i18n.Text]{V: &x.Title}, &x.edition, &x.opens, &x.closes, &x.Ended, &x.ToldOn, db.Time{Time: &x.At}, &x.version)
}

// Star saves a clause for the actor, who is told when it changes; twice is once.
func (s *Service) Star(ctx context.Context, actor auth.Actor, clause string) error {
	lib, err := s.Policies.Library(ctx)
	if err != nil {
		return err
	}
	e, ok := lib.Entry(clause)
	if !ok || actor.Kind != auth.Person {
		return ErrNotFound
	}
	x := Star{Title: e.Title, edition: e.Edition}
	x.see(e, true, s.today()) // how it stands now is no news to who reads it
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM matching_star WHERE account_id=$1`, actor.ID)
		if err != nil {
			return fmt.Errorf("push: star: %w", err)
		}
		if n >= MostStars {
			return ErrStars.With("n", MostStars)
		}
		_, err = s.DB.Exec(ctx, `INSERT INTO matching_star (`+starColumns+`) VALUES ($1,$2,$3,$4,$5,'',$6,'',$7,1) ON CONFLICT (account_id, clause) DO NOTHING`,
			actor.ID, e.Key, db.ToJSON(x.Title), x.edition, x.opens, x.Ended, db.MS(s.Clock.Now()))
		return err
	})
}

// Unstar takes a clause off the actor's list, also one that is not there any more.
func (s *Service) Unstar(ctx context.Context, actor auth.Actor, clause string) error {
	if actor.Kind != auth.Person {
		return ErrNotFound
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		_, err := s.DB.Exec(ctx, `DELETE FROM matching_star WHERE account_id=$1 AND clause=$2`, actor.ID, clause)
		return err
	})
}

// Stars are the clauses that the actor saved, the newest first; of others than
// persons there are none.
func (s *Service) Stars(ctx context.Context, actor auth.Actor) ([]Star, error) {
	if actor.Kind != auth.Person {
		return nil, nil
	}
	list, err := db.List(ctx, s.DB.Read(ctx), scanStar, `SELECT `+starColumns+` FROM matching_star WHERE account_id=$1 ORDER BY starred_at DESC, clause`, actor.ID)
	if err != nil {
		return nil, fmt.Errorf("push: stars: %w", err)
	}
	return list, nil
}

// Forget takes out, in the transaction of ctx, what an account saved.
func (s *Service) Forget(ctx context.Context, account string) error {
	if _, err := s.DB.Exec(ctx, `DELETE FROM matching_star WHERE account_id=$1`, account); err != nil {
		return fmt.Errorf("push: forget: %w", err)
	}
	return nil
}

// What who saved a clause is told of it.
const (
	starEdition = "edition" // it reads otherwise
	starOpens   = "opens"   // one can apply from today on
	starCloses  = "closes"  // one can apply for some days only
	starBack    = "back"    // it holds again
	starEnded   = "ended"   // it does not hold any more
)

// see brings a star up to a day, and returns what of it is new; found is false when
// the clause was withdrawn. Who has just saved it is not told of the window's end,
// which he hears of the next day.
func (x *Star) see(e policy.Entry, found bool, day string) []string {
	ended := ""
	if !found {
		ended = withdrawn
	} else if st := e.Document.Standing(day); st == policy.Repealed || st == policy.Expired {
		ended = string(st)
	}
	if ended != "" {
		if x.Ended != "" {
			return nil
		}
		x.Ended = ended
		return []string{starEnded}
	}
	var news []string
	if x.Ended != "" {
		news = append(news, starBack)
	} else if e.Edition > x.edition {
		news = append(news, starEdition)
	}
	x.Ended, x.edition = "", max(e.Edition, x.edition)
	w, open := e.Window(day)
	if !open || e.Way == policy.Plain {
		return news
	}
	if until, _ := e.Open(day); until != "" && until <= dayAfter(day, ClosingDays) && x.closes != w.From {
		x.closes = w.From
		news = append(news, starCloses)
	} else if x.opens != w.From && len(e.Windows) > 0 {
		news = append(news, starOpens)
	}
	x.opens = w.From
	return news
}

// starNews is a saved clause of which something is new.
type starNews struct {
	Star
	entry policy.Entry
	kinds []string
}

// RunStars tells everybody what is new about the clauses that he saved, in one
// message a day, and returns how many were told. It may be repeated at any time,
// and run by two at once.
func (s *Service) RunStars(ctx context.Context) (int, error) {
	lib, err := s.Policies.Library(ctx)
	if err != nil {
		return 0, err
	}
	day := s.today()
	list, err := db.List(ctx, s.DB.Read(ctx), scanStar, `SELECT `+starColumns+` FROM matching_star x
		WHERE NOT EXISTS (SELECT 1 FROM matching_star t WHERE t.account_id=x.account_id AND t.told_on=$1) ORDER BY account_id, clause`, day)
	if err != nil {
		return 0, fmt.Errorf("push: stars: %w", err)
	}
	told, errAll := 0, error(nil)
	for len(list) > 0 {
		n := slices.IndexFunc(list, func(x Star) bool { return x.account != list[0].account })
		if n < 0 {
			n = len(list)
		}
		var news []starNews
		for _, x := range list[:n] {
			if workday.DateOf(x.At).String() == day {
				continue // he has just read it
			}
			e, found := lib.Entry(x.Clause)
			if kinds := x.see(e, found, day); len(kinds) > 0 {
				if found {
					x.Title = e.Title
				}
				news = append(news, starNews{x, e, kinds})
			}
		}
		ok, err := s.tellStars(ctx, list[0].account, news)
		if err != nil { // one reader does not hold up the others
			errAll = errors.Join(errAll, fmt.Errorf("push: stars of %s: %w", list[0].account, err))
		}
		if ok {
			told++
		}
		if list = list[n:]; ctx.Err() != nil {
			return told, ctx.Err()
		}
	}
	return told, errAll
}

// tellStars enters what is new for somebody and tells it. Who does not want to be
// told is not entered: when he agrees he hears what is true then.
func (s *Service) tellStars(ctx context.Context, account string, news []starNews) (told bool, err error) {
	if len(news) == 0 {
		return false, nil
	}
	allowed, err := s.Allowed(ctx, account)
	if err != nil || !allowed {
		return false, err
	}
	who, err := s.Identity.Account(ctx, account)
	if err != nil {
		return false, err
	}
	order := []string{starEnded, starCloses, starOpens, starBack, starEdition}
	slices.SortStableFunc(news, func(a, b starNews) int {
		return cmp.Compare(slices.Index(order, a.kinds[len(a.kinds)-1]), slices.Index(order, b.kinds[len(b.kinds)-1]))
	})
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		told = false
		now := s.Clock.Now()
		var fresh []starNews
		for _, x := range news {
			n, err := s.DB.Exec(ctx, `UPDATE matching_star SET title=$1, edition=$2, opens=$3, closes=$4, ended=$5, told_on=$6, version=version+1 WHERE account_id=$7 AND clause=$8 AND version=$9`,
				db.ToJSON(x.Title), x.edition, x.opens, x.closes, x.Ended, s.today(), account, x.Clause, x.version)
			if err != nil {
				return err
			}
			if n > 0 { // else another run was faster, or it was taken off
				fresh = append(fresh, x)
			}
		}
		if len(fresh) == 0 {
			return nil
		}
		told = true
		kind := "push_stars"
		if len(fresh) > named {
			kind = "push_stars_many"
		}
		return s.Notify.Tell(ctx, notify.Reader{AccountID: who.ID, Locale: who.Locale, Mail: who.Email}, notify.News{
			Key: "star:" + ids.New(now), Kind: kind, Link: "/my/policies/saved", Class: notify.Progress,
			Params: map[string]any{"n": len(fresh), "list": s.starLines(ctx, fresh[:min(named, len(fresh))])},
		})
	})
	return told && err == nil, err
}

// starLines names what is new in words.
func (s *Service) starLines(ctx context.Context, list []starNews) (out i18n.Text) {
	for l, at := range map[i18n.Locale]*string{i18n.Chinese: &out.ZH, i18n.English: &out.EN} {
		said := i18n.With(ctx, s.Texts, l)
		var parts []string
		for _, x := range list {
			var what []string
			for _, k := range x.kinds {
				switch k {
				case starEnded:
					what = append(what, i18n.T(said, "push.star.ended."+x.Ended))
				case starCloses:
					until, _ := x.entry.Open(s.today())
					what = append(what, i18n.T(said, "push.star.closes", "day", DayWords(said, until)))
				default:
					what = append(what, i18n.T(said, "push.star."+k))
				}
			}
			parts = append(parts, i18n.T(said, "push.line", "title", x.Title, "facts", strings.Join(what, i18n.T(said, "push.line.comma"))))
		}
		*at = strings.Join(parts, i18n.T(said, "push.line.join"))
	}
	return out
}
