package identity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Errors about posts.
var (
	ErrSecondPerson = errs.Define(errs.Invalid, "identity.second_person") // the post waits for the security administrator
	ErrOwnPost      = errs.Define(errs.Forbidden, "identity.own_post")    // nobody gives or confirms what is for himself

	errPostDays  = errs.Define(errs.Invalid, "identity.post_days")
	errPostTwice = errs.Define(errs.Invalid, "identity.post_twice")
)

// Separate are the administrators that are three people: who runs the system,
// who grants, and who looks over both. Nobody holds two of them on one day.
var Separate = []auth.Role{auth.SystemAdmin, auth.SecurityAdmin, auth.AuditAdmin}

// NeedsSecond says whether a post with the role is given by two people: the
// system administrator proposes it, the security administrator confirms it.
func NeedsSecond(r auth.Role) bool {
	return slices.Contains(Separate, r) || r == auth.Approver || r == auth.Head || r == auth.Leader
}

// Held is a post of a member of staff with its days.
type Held struct {
	auth.Post
	ID          string
	AccountID   string
	From        string // ISO date of its first day; "" since the account is there
	Until       string // ISO date of its last day; "" without an end
	GivenBy     string // account; "" for the engine itself
	ConfirmedBy string // the second person
	EndedAt     time.Time
	EndReason   string
	Version     int
}

// On says whether the post is held on a day. It ends by its day, without a job
// that would have to run.
func (h Held) On(day string) bool {
	return h.EndedAt.IsZero() && h.From <= day && (h.Until == "" || h.Until >= day)
}

// Over says whether it is held neither on the day nor later.
func (h Held) Over(day string) bool { return !h.EndedAt.IsZero() || h.Until != "" && h.Until < day }

// meets says whether there is a day on which both are held.
func (h Held) meets(o Held) bool {
	return (h.Until == "" || o.From <= h.Until) && (o.Until == "" || h.From <= o.Until)
}

// PostOn is On as SQL: the condition that a row of identity_post, named by its
// alias, is held on the day in a placeholder.
func PostOn(alias, day string) string {
	return "(" + alias + ".ended_at = 0 AND " + alias + ".from_on <= " + day + " AND (" + alias + ".until_on = '' OR " + alias + ".until_on >= " + day + "))"
}

const heldColumns = `p.id, p.account_id, p.role, p.department_id, p.region, p.hall_id, p.window_id, p.from_on, p.until_on, p.given_by, p.confirmed_by, p.ended_at, p.end_reason, p.version`

func scanHeld(r db.Scanner) (h Held, err error) {
	return h, r.Scan(&h.ID, &h.AccountID, &h.Role, &h.DepartmentID, &h.Region, &h.HallID, &h.WindowID, &h.From, &h.Until, &h.GivenBy, &h.ConfirmedBy,
		db.Time{Time: &h.EndedAt}, &h.EndReason, &h.Version)
}

// Posts returns posts of identity_post p, by the order in which they were given;
// for package organisation, which shares the table.
func (s *Service) Posts(ctx context.Context, where string, args ...any) ([]Held, error) {
	list, err := db.List(ctx, s.db.Read(ctx), scanHeld, `SELECT `+heldColumns+` FROM identity_post p WHERE `+where+` ORDER BY p.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("identity: posts: %w", err)
	}
	return list, nil
}

// posts are what an account may act with on a day.
func (s store) posts(ctx context.Context, account, day string) ([]auth.Post, error) {
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (p auth.Post, err error) {
		return p, r.Scan(&p.Role, &p.DepartmentID, &p.Region, &p.HallID, &p.WindowID)
	}, `SELECT p.role, p.department_id, p.region, p.hall_id, p.window_id FROM identity_post p WHERE p.account_id=$1 AND `+PostOn("p", "$2")+` ORDER BY p.id`, account, day)
}

// LockPosts holds back everybody else who gives or ends posts until the
// transaction of ctx is over: what two of them leave together is counted once.
func (s *Service) LockPosts(ctx context.Context) error {
	_, err := s.store.next(ctx, "posts")
	return err
}

// GivePost gives a member of staff a post. Whoever adds one comes by here, or by
// the opening of an account, which asks the same. An ordinary post is given by
// the system administrator; one that needs a second person by the security
// administrator who confirms it, and never by who proposed it (GivenBy). Nobody
// gives himself anything.
func (s *Service) GivePost(ctx context.Context, actor auth.Actor, h Held) (Held, error) {
	switch {
	case actor.Kind == auth.System:
	case actor.Kind != auth.Staff:
		return h, ErrForbidden
	case actor.ID == h.AccountID:
		return h, ErrOwnPost
	case !NeedsSecond(h.Role) && !actor.Has(auth.SystemAdmin):
		return h, ErrForbidden
	case NeedsSecond(h.Role) && (!actor.Has(auth.SecurityAdmin) || h.GivenBy == "" || h.GivenBy == actor.ID || h.ConfirmedBy != actor.ID):
		return h, ErrSecondPerson.At("role", ErrSecondPerson.Code)
	}
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		if err := s.LockPosts(ctx); err != nil {
			return err
		}
		if err := s.FitsPost(ctx, h); err != nil {
			return err
		}
		var err error
		h, err = s.insertPost(ctx, h)
		return err
	})
	return h, err
}

// FitsPost refuses a post that the account cannot hold: one that points nowhere,
// is over, is held already, or would make two administrators of one person.
func (s *Service) FitsPost(ctx context.Context, h Held) error {
	a, err := s.Account(ctx, h.AccountID)
	if err != nil {
		return err
	}
	if a.Kind != auth.Staff || a.State != "active" {
		return ErrNotFound
	}
	has, err := s.Posts(ctx, `p.account_id=$1 AND p.ended_at=0`, h.AccountID)
	if err != nil {
		return err
	}
	return checkPosts(s.Directory(), s.Today(), has, h).OrNil()
}

// checkPosts looks over new posts beside those that an account has.
func checkPosts(d *Directory, today string, has []Held, more ...Held) *errs.Error {
	bad := ErrInvalid
	for i, h := range more {
		if !validPost(d, h.Post) {
			bad = bad.At("role", errRole.Code)
		}
		for at, day := range map[string]string{"from": h.From, "until": h.Until} {
			if _, err := workday.Parse(day); day != "" && (err != nil || len(day) != len("2006-01-02")) {
				return bad.At(at, errPostDays.Code)
			}
		}
		if h.Until != "" && (h.Until < today || h.Until < h.From) {
			bad = bad.At("until", errPostDays.Code)
		}
		for _, o := range slices.Concat(has, more[:i]) {
			switch {
			case o.Over(today) || !h.meets(o):
			case o.Role != h.Role && slices.Contains(Separate, o.Role) && slices.Contains(Separate, h.Role):
				bad = bad.At("role", errSeparate.Code)
			case o.Role == h.Role && o.DepartmentID == h.DepartmentID && o.Region == h.Region && o.WindowID == h.WindowID:
				bad = bad.At("role", errPostTwice.Code)
			}
		}
	}
	return bad
}

func (s *Service) insertPost(ctx context.Context, h Held) (Held, error) {
	h.ID, h.Version = ids.New(s.clock.Now()), 1
	_, err := s.db.Exec(ctx, `INSERT INTO identity_post (id, account_id, role, department_id, region, hall_id, window_id, ended_at, from_on, until_on, given_by, confirmed_by, version)
		VALUES ($1,$2,$3,$4,$5,$6,$7,0,$8,$9,$10,$11,1)`, h.ID, h.AccountID, string(h.Role), h.DepartmentID, h.Region, h.HallID, h.WindowID, h.From, h.Until, h.GivenBy, h.ConfirmedBy)
	return h, err
}

// asHeld are posts as they are opened with an account.
func asHeld(posts []auth.Post, from, until string) []Held {
	out := make([]Held, len(posts))
	for i, p := range posts {
		out[i] = Held{Post: p, From: from, Until: until}
	}
	return out
}
