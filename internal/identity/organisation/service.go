package organisation

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

// Errors of this package; texts are error.<code>.
var (
	ErrNotFound  = identity.ErrNotFound
	ErrForbidden = identity.ErrForbidden
	ErrInvalid   = errs.Define(errs.Invalid, "organisation.invalid")     // see Fields
	ErrLast      = errs.Define(errs.Conflict, "organisation.last_admin") // there would be no such administrator from a day on
	ErrOver      = errs.Define(errs.Conflict, "organisation.over")       // decided, ended or changed meanwhile
	ErrProposer  = errs.Define(errs.Forbidden, "organisation.proposer")  // who proposed it does not confirm it
	ErrProposed  = errs.Define(errs.Conflict, "organisation.proposed")   // the same waits already
	ErrNobody    = errs.Define(errs.Conflict, "organisation.nobody")     // there is no security administrator who could confirm

	errReason = errs.Define(errs.Invalid, "organisation.reason")
	errDay    = errs.Define(errs.Invalid, "organisation.day")
	errName   = errs.Define(errs.Invalid, "organisation.name")
	errPhone  = errs.Define(errs.Invalid, "organisation.phone")
	errHeir   = errs.Define(errs.Invalid, "organisation.heir")     // cannot take the tasks over
	errGroup  = errs.Define(errs.Invalid, "organisation.group")    // no id of a group
	errTaken  = errs.Define(errs.Invalid, "organisation.group_id") // another group has the id
	errMember = errs.Define(errs.Invalid, "organisation.member")   // is not of the department, or is of the group already
	errLong   = errs.Define(errs.Invalid, "organisation.long")
)

// Deps of the package.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	Audit    *audit.Log
	Notify   *notify.Service
	Identity *identity.Service

	// Lost is called in the transaction in which somebody lost a post or left a
	// group: his tasks go to a colleague, or with "" back to the desks that he is not
	// of any more.
	Lost func(ctx context.Context, account, to string) error
	// InHands says how many tasks somebody has in hand, and who could take them over.
	InHands func(ctx context.Context, account string) (int, []Heir, error)
	// Closed is called in the transaction in which an account was closed, after
	// Lost: sessions and deputyships end.
	Closed func(ctx context.Context, actor auth.Actor, account string) error
}

// Heir is a colleague who could take over the tasks of somebody who leaves.
type Heir struct {
	ID   string
	Name i18n.Text
	Role auth.Role
	Open int // tasks in his hands
}

// Service is the use cases of the package, one file per group.
type Service struct{ Deps }

// New wires the package.
func New(d Deps) *Service { return &Service{d} }

// Readers may look at everything here.
var Readers = identity.Separate

func reads(a auth.Actor) bool { return a.Kind == auth.Staff && a.Has(Readers...) }

func keeps(a auth.Actor) bool { return a.Kind == auth.Staff && a.Has(auth.SystemAdmin) }

// Post is a post with how it stands today.
type Post struct {
	identity.Held
	State string // future, held, over
	// Last says that it cannot end: nobody else is this administrator for good.
	Last bool
}

// Member is somebody of the staff with all his posts, and those that wait.
type Member struct {
	identity.Account
	Posts     []Post
	Proposals []Proposal // open
	Groups    []Group    // that he is of, or will be
}

// Member shows somebody of the staff to an administrator.
func (s *Service) Member(ctx context.Context, actor auth.Actor, id string) (Member, error) {
	if !reads(actor) {
		return Member{}, ErrForbidden
	}
	a, err := s.staff(ctx, id)
	if err != nil {
		return Member{}, err
	}
	m := Member{Account: a}
	list, err := s.Identity.Posts(ctx, `p.account_id=$1`, id)
	if err != nil {
		return m, err
	}
	today := s.Identity.Today()
	for _, h := range list {
		p := Post{Held: h, State: "held"}
		switch {
		case h.Over(today):
			p.State = "over"
		case h.From > today:
			p.State = "future"
		}
		if p.State == "held" {
			if p.Last, err = s.last(ctx, h); err != nil {
				return m, err
			}
		}
		m.Posts = append(m.Posts, p)
	}
	rank := map[string]int{"held": 0, "future": 1, "over": 2}
	slices.SortStableFunc(m.Posts, func(a, b Post) int { return cmp.Compare(rank[a.State], rank[b.State]) })
	if m.Groups, err = s.groups(ctx, `g.id IN (SELECT x.group_id FROM identity_group_member x WHERE x.account_id=$1 AND x.ended_at=0 AND (x.until_on='' OR x.until_on >= $2))`, id, today); err != nil {
		return m, err
	}
	m.Proposals, err = s.proposals(ctx, `p.state='open' AND p.expires_at > $1 AND p.account_id=$2`, db.MS(s.Clock.Now()), id)
	return m, err
}

// staff is an account of staff; a person's is none.
func (s *Service) staff(ctx context.Context, id string) (identity.Account, error) {
	a, err := s.Identity.Account(ctx, id)
	if err == nil && a.Kind != auth.Staff {
		err = ErrNotFound
	}
	return a, err
}

// Create opens an account of staff. An ordinary post comes with it; one that
// needs a second person is proposed, and the account waits for it with none.
func (s *Service) Create(ctx context.Context, actor auth.Actor, in identity.StaffInput, reason string) (identity.Account, bool, error) {
	if actor.Kind != auth.System && !keeps(actor) {
		return identity.Account{}, false, ErrForbidden
	}
	var later []auth.Post
	now := slices.DeleteFunc(slices.Clone(in.Posts), func(p auth.Post) bool {
		if identity.NeedsSecond(p.Role) {
			later = append(later, p)
		}
		return identity.NeedsSecond(p.Role)
	})
	var a identity.Account
	err := s.DB.InTx(ctx, func(ctx context.Context) (err error) {
		first := in
		if first.Posts = now; in.From != "" && in.From < s.Identity.Today() {
			return ErrInvalid.At("from", errDay.Code)
		}
		if a, err = s.Identity.CreateStaff(ctx, actor, first); err != nil {
			return err
		}
		for _, p := range later {
			if _, err := s.propose(ctx, actor, Input{AccountID: a.ID, Post: p, From: in.From, Until: in.Until, Reason: reason}); err != nil {
				return err
			}
		}
		return nil
	})
	return a, len(later) > 0, err
}

// CreateFromConsole is Create for the command line. Alone says that posts that
// need a second person are given without one, which the audit trail keeps: for the
// first administrators, since nobody could confirm those. Else somebody must be
// there who can.
func (s *Service) CreateFromConsole(ctx context.Context, in identity.StaffInput, alone bool) (a identity.Account, proposed bool, err error) {
	sys := auth.SystemActor()
	second := slices.ContainsFunc(in.Posts, func(p auth.Post) bool { return identity.NeedsSecond(p.Role) })
	if !second {
		a, err = s.Identity.CreateStaff(ctx, sys, in)
		return a, false, err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if alone {
			if a, err = s.Identity.CreateStaff(ctx, sys, in); err != nil {
				return err
			}
			return s.record(ctx, sys, "without_confirmation", a.ID, "", map[string]any{"posts": in.Posts})
		}
		a, proposed, err = s.Create(ctx, sys, in, consoleReason)
		if err != nil {
			return err
		}
		return s.Waiting(ctx)
	})
	return a, proposed, err
}

// consoleReason stands in a proposal that came from the command line.
const consoleReason = "命令行创建"

// Input is a post to be given.
type Input struct {
	AccountID   string
	Post        auth.Post
	From, Until string // ISO dates; "" for today, and for no end
	Reason      string
}

// Add gives somebody a post, or proposes it where a second person is needed; it
// says which. System administrators only.
func (s *Service) Add(ctx context.Context, actor auth.Actor, in Input) (proposed bool, err error) {
	if !keeps(actor) {
		return false, ErrForbidden
	}
	if in.Reason, err = reasonOf(in.Reason); err != nil {
		return false, err
	}
	if identity.NeedsSecond(in.Post.Role) {
		_, err = s.propose(ctx, actor, in)
		return err == nil, err
	}
	return false, s.DB.InTx(ctx, func(ctx context.Context) error {
		h, err := s.held(in, actor.ID)
		if err == nil {
			h, err = s.Identity.GivePost(ctx, actor, h)
		}
		if err != nil {
			return err
		}
		if err := s.record(ctx, actor, "add_post", in.AccountID, in.Reason, change(h)); err != nil {
			return err
		}
		return s.tell(ctx, in.AccountID, "post_given", h.ID, map[string]any{"post": s.words(h.Post), "reason": in.Reason})
	})
}

// held is a post as it is kept. It begins today at the earliest.
func (s *Service) held(in Input, by string) (identity.Held, error) {
	today := s.Identity.Today()
	h := identity.Held{Post: in.Post, AccountID: in.AccountID, From: cmp.Or(in.From, today), Until: in.Until, GivenBy: by}
	if h.From < today {
		return h, ErrInvalid.At("from", errDay.Code)
	}
	return h, nil
}

func change(h identity.Held) map[string]any {
	return map[string]any{"post": h.ID, "role": h.Role, "department": h.DepartmentID, "region": h.Region, "window": h.WindowID, "from": h.From, "until": h.Until}
}

// End ends a post now, or sets its last day ("" for now). Its tasks go back to
// the desk. System administrators only.
func (s *Service) End(ctx context.Context, actor auth.Actor, account, post string, version int, lastDay, reason string) error {
	if !keeps(actor) {
		return ErrForbidden
	}
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	today := s.Identity.Today()
	if _, err := workday.Parse(lastDay); lastDay != "" && (err != nil || lastDay < today) {
		return ErrInvalid.At("until", errDay.Code)
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.Identity.LockPosts(ctx); err != nil {
			return err
		}
		list, err := s.Identity.Posts(ctx, `p.id=$1 AND p.account_id=$2`, post, account)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return ErrNotFound
		}
		h := list[0]
		if h.Over(today) || h.Version != version {
			return ErrOver
		}
		if lastDay != "" && (h.Until != "" && lastDay > h.Until || lastDay < h.From) {
			return ErrInvalid.At("until", errDay.Code) // longer than it was given for, it is given anew
		}
		after := h
		if after.Until = lastDay; lastDay == "" {
			after.EndedAt = s.Clock.Now()
		}
		if err := s.stillThere(ctx, func(x identity.Held) (identity.Held, bool) {
			if x.ID == h.ID {
				return after, true
			}
			return x, true
		}); err != nil {
			return err
		}
		if err := s.DB.ExecOne(ctx, `UPDATE identity_post SET ended_at=$3, until_on=$4, end_reason=$5, ended_by=$6, version=version+1 WHERE id=$1 AND version=$2`,
			h.ID, h.Version, db.MS(after.EndedAt), cmp.Or(lastDay, h.Until), reason, actor.ID); err != nil {
			return err
		}
		if err := s.record(ctx, actor, "end_post", account, reason, change(after)); err != nil {
			return err
		}
		if lastDay == "" {
			if err := s.Lost(ctx, account, ""); err != nil {
				return err
			}
		}
		return s.tell(ctx, account, "post_ended", h.ID+":"+lastDay, map[string]any{"post": s.words(h.Post), "reason": reason, "until": cmp.Or(lastDay, today)})
	})
}

// InHandsOf says what somebody of the staff has in hand, and who could take it
// over, for who closes his account. System administrators only.
func (s *Service) InHandsOf(ctx context.Context, actor auth.Actor, id string) (int, []Heir, error) {
	if !keeps(actor) {
		return 0, nil, ErrForbidden
	}
	return s.InHands(ctx, id)
}

// Close closes an account: he can sign in no more, and holds nothing. His tasks go
// to a colleague as far as that one may do them, the others and with to "" all of
// them back to their desks. System administrators only, and nobody his own.
func (s *Service) Close(ctx context.Context, actor auth.Actor, id string, version int, to, reason string) error {
	if !keeps(actor) {
		return ErrForbidden
	}
	if actor.ID == id {
		return identity.ErrOwnPost
	}
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.Identity.LockPosts(ctx); err != nil {
			return err
		}
		a, err := s.staff(ctx, id)
		if err != nil {
			return err
		}
		if a.State != "active" || a.Version != version {
			return ErrOver
		}
		if to != "" {
			_, heirs, err := s.InHands(ctx, id)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(heirs, func(h Heir) bool { return h.ID == to }) {
				return ErrInvalid.At("to", errHeir.Code)
			}
		}
		if err := s.stillThere(ctx, func(x identity.Held) (identity.Held, bool) { return x, x.AccountID != id }); err != nil {
			return err
		}
		if err := s.DB.ExecOne(ctx, `UPDATE identity_account SET state='closed', version=version+1 WHERE id=$1 AND version=$2`, id, version); err != nil {
			return err
		}
		if _, err := s.DB.Exec(ctx, `UPDATE identity_post SET ended_at=$2, ended_by=$3, end_reason=$4, version=version+1 WHERE account_id=$1 AND ended_at=0`, id, db.MS(now), actor.ID, reason); err != nil {
			return err
		}
		if _, err := s.DB.Exec(ctx, `UPDATE identity_group_member SET ended_at=$2, ended_by=$3, version=version+1 WHERE account_id=$1 AND ended_at=0`, id, db.MS(now), actor.ID); err != nil {
			return err
		}
		// What was proposed for him falls, and so does what he proposed: nobody stands for it.
		if _, err := s.DB.Exec(ctx, `UPDATE identity_post_proposal SET state='recalled', decided_by=$2, decided_at=$3, answer=$4, version=version+1 WHERE (account_id=$1 OR proposed_by=$1) AND state='open'`,
			id, actor.ID, db.MS(now), reason); err != nil {
			return err
		}
		if err := s.record(ctx, actor, "close_account", id, reason, map[string]any{"to": to}); err != nil {
			return err
		}
		if err := s.Lost(ctx, id, to); err != nil {
			return err
		}
		return s.Closed(ctx, actor, id)
	})
}

// Reopen opens a closed account again, without any post: those are given anew,
// with a second person where one is needed.
func (s *Service) Reopen(ctx context.Context, actor auth.Actor, id string, version int, reason string) error {
	if !keeps(actor) {
		return ErrForbidden
	}
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		a, err := s.staff(ctx, id)
		if err != nil {
			return err
		}
		if a.State != "closed" || a.Version != version {
			return ErrOver
		}
		if err := s.DB.ExecOne(ctx, `UPDATE identity_account SET state='active', version=version+1 WHERE id=$1 AND version=$2`, id, version); err != nil {
			return err
		}
		return s.record(ctx, actor, "reopen_account", id, reason, nil)
	})
}

// RunOut gives back the tasks of posts and groups that ended by their day lately.
// Rights ended with the day itself; this tidies up what was left in the hands.
func (s *Service) RunOut(ctx context.Context) error {
	today := workday.DateOf(s.Clock.Now())
	list, err := s.Identity.Posts(ctx, `p.ended_at=0 AND p.until_on <> '' AND p.until_on < $1 AND p.until_on >= $2`, today.String(), today.AddDays(-7).String())
	if err != nil {
		return err
	}
	who, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT DISTINCT account_id FROM identity_group_member WHERE ended_at=0 AND until_on <> '' AND until_on < $1 AND until_on >= $2`,
		today.String(), today.AddDays(-7).String())
	if err != nil {
		return err
	}
	for _, h := range list {
		if !slices.Contains(who, h.AccountID) {
			who = append(who, h.AccountID)
		}
	}
	for _, id := range who {
		if err := s.DB.InTx(ctx, func(ctx context.Context) error { return s.Lost(ctx, id, "") }); err != nil {
			return err
		}
	}
	return nil
}

func reasonOf(reason string) (string, error) {
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n == 0 || n > 200 {
		return "", ErrInvalid.At("reason", errReason.Code)
	}
	return reason, nil
}

func (s *Service) record(ctx context.Context, actor auth.Actor, what, account, reason string, change map[string]any) error {
	return s.Audit.Record(ctx, actor, audit.Note{Action: "organisation." + what, Object: "account:" + account, Reason: reason, Change: change})
}

// words are a post as a message names it.
func (s *Service) words(p auth.Post) i18n.Text {
	d := s.Identity.Directory().Place(p)
	return i18n.Text{ZH: d.ZH, EN: cmp.Or(d.EN, d.ZH)}
}

// tell writes to somebody of the staff; who cannot be reached is not told.
func (s *Service) tell(ctx context.Context, account, kind, key string, params map[string]any) error {
	a, err := s.Identity.Account(ctx, account)
	if err != nil || a.State != "active" {
		return nil //nolint:nilerr // the engine itself, or somebody who is gone
	}
	return s.Notify.Tell(ctx, a.Reader(), notify.News{Key: kind + ":" + cmp.Or(key, ids.New(s.Clock.Now())), Kind: kind, Link: "/work", Params: params})
}

// within is how long before its end a gap is shown on the pages.
const within = 60 * 24 * time.Hour
