package mandate

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

// InvitationTTL is how long an invitation can be taken.
const InvitationTTL = 7 * 24 * time.Hour

// Answer is how an invitation or an offer stands.
type Answer string

// The answers.
const (
	Open     Answer = "open"
	Accepted Answer = "accepted"
	Declined Answer = "declined"
	Recalled Answer = "recalled"
	Expired  Answer = "expired" // derived from its time
)

// Invitation asks somebody to act for a firm.
type Invitation struct {
	ID        string
	Firm      string
	Name      string
	SentTo    string // masked; "" when it was not sent
	Mandate   auth.Mandate
	MadeBy    string
	MadeAt    time.Time
	ExpiresAt time.Time
	State     Answer
	HandsOver bool

	limits limits
}

// InviteInput is whom to invite, and for what.
type InviteInput struct {
	Name    string // the real name of the account that may take it
	Address string // telephone or mail address to send it to; "" when it is handed on otherwise
	// HandsOver: an owner gives the firm to another; he is a manager once that one has agreed.
	HandsOver bool
	Grant
}

// Letters and figures that nobody mistakes for another.
const codeLetters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// codeLength gives fifty-eight bits: with ten tries an hour nobody guesses one
// within its week.
const codeLength = 12

var codeForm = regexp.MustCompile(`^[` + codeLetters + `]{12}$`)

func newCode() (string, error) {
	var code strings.Builder
	for b := make([]byte, 1); code.Len() < codeLength; {
		if _, err := rand.Read(b); err != nil {
			return "", fmt.Errorf("mandate: code: %w", err)
		}
		if int(b[0]) < 256/len(codeLetters)*len(codeLetters) { // no letter is likelier than another
			code.WriteByte(codeLetters[int(b[0])%len(codeLetters)])
		}
	}
	return code.String(), nil
}

// spaced is a code as people read it.
func spaced(code string) string { return code[:4] + "-" + code[4:8] + "-" + code[8:] }

func plain(code string) string {
	return strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(strings.TrimSpace(code)))
}

func hash(code string) string {
	sum := sha256.Sum256([]byte("invitation:" + plain(code)))
	return hex.EncodeToString(sum[:])
}

// CanSend says whether invitations can leave by mail, and by short message.
func (s *Service) CanSend() (mail, sms bool) {
	return s.Notify.Configured(notify.ByMail), s.Notify.Configured(notify.BySMS)
}

// Invite makes an invitation and returns its code, which is shown once: what is
// kept of it is a hash. An owner can invite another owner.
func (s *Service) Invite(ctx context.Context, actor auth.Actor, firm string, in InviteInput) (Invitation, string, error) {
	if err := leads(actor, firm, overLevel(in.Level)...); err != nil {
		return Invitation{}, "", err
	}
	now := s.Clock.Now()
	l, err := check(in.Grant, now, s.HasItem)
	if err != nil {
		return Invitation{}, "", err
	}
	if in.HandsOver && in.Level != auth.LevelOwner {
		return Invitation{}, "", ErrInvalid.At("level", errLevel.Code)
	}
	in.Name = strings.TrimSpace(in.Name)
	if n := utf8.RuneCountInString(in.Name); n == 0 || n > 50 {
		return Invitation{}, "", ErrInvalid.At("name", errName.Code)
	}
	way, address, shown, err := s.address(in.Address)
	if err != nil {
		return Invitation{}, "", err
	}
	if err := s.Throttle.Hit(ctx, "invite:"+actor.ID, 20, time.Hour); err != nil {
		return Invitation{}, "", err
	}
	if address != "" {
		if err := s.Throttle.Hit(ctx, "invite-to:"+address, 5, 24*time.Hour); err != nil {
			return Invitation{}, "", err
		}
	}
	code, err := newCode()
	if err != nil {
		return Invitation{}, "", err
	}
	v := Invitation{ID: ids.New(now), Firm: firm, Name: in.Name, SentTo: shown, MadeBy: actor.ID, MadeAt: now, ExpiresAt: now.Add(InvitationTTL), State: Open, HandsOver: in.HandsOver}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.DB.Exec(ctx, `INSERT INTO identity_invitation (id, enterprise_id, name, sent_to, hash, level, modules, items, read_only, since, until_at, hands_over, made_by, made_at, expires_at, state, answered_at, account_id, version)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,'open',0,'',1)`, v.ID, firm, v.Name, shown, hash(code), string(l.level), l.modules, l.items, l.readOnly,
			db.MS(l.since), db.MS(l.until), in.HandsOver, actor.ID, db.MS(now), db.MS(v.ExpiresAt)); err != nil {
			return err
		}
		if err := s.record(ctx, actor, "invite", firm, "", l.change(map[string]any{"invitation": v.ID, "hands_over": in.HandsOver})); err != nil || address == "" {
			return err
		}
		e, err := s.Identity.Enterprise(ctx, firm)
		if err != nil {
			return err
		}
		me, err := s.Identity.Account(ctx, actor.ID)
		if err != nil {
			return err
		}
		return s.Notify.SendTo(ctx, notify.Reader{AccountID: actor.ID, Locale: me.Locale}, way, address, notify.News{
			Key: "invitation:" + v.ID, Kind: "mandate_invitation", Link: "/join", Class: notify.Action,
			Params: map[string]any{"firm": e.Name, "who": actor.Name, "code": spaced(code)}, Secret: []string{"code"}, Until: v.ExpiresAt,
		})
	})
	return v, spaced(code), err
}

// address says by which way an address is reached, and how it is shown.
func (s *Service) address(typed string) (way notify.Way, address, shown string, err error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return "", "", "", nil
	}
	if phone := idcode.CheckPhone(typed); phone.OK(false) {
		way, address, shown = notify.BySMS, phone.Normalised, idcode.MaskPhone(phone.Normalised)
	} else if m, merr := mail.ParseAddress(typed); merr == nil && m.Address == typed && len(typed) <= 100 {
		way, address, shown = notify.ByMail, typed, idcode.MaskEmail(typed)
	} else {
		return "", "", "", ErrInvalid.At("address", errReach.Code)
	}
	if !s.Notify.Configured(way) {
		return "", "", "", notify.ErrNoWay.At("address", notify.ErrNoWay.Code)
	}
	return way, address, shown, nil
}

const invitationColumns = `g.id, g.enterprise_id, g.level, g.modules, g.items, g.read_only, g.since, g.until_at, '', g.name, g.sent_to, g.made_by, g.made_at, g.expires_at, g.state, g.hands_over, g.modules, g.items`

func (s *Service) invitations(ctx context.Context, q db.Querier, where string, args ...any) ([]Invitation, error) {
	now := s.Clock.Now()
	list, err := db.List(ctx, q, func(r db.Scanner) (v Invitation, err error) {
		v.Mandate, err = identity.ScanMandate(r, &v.Name, &v.SentTo, &v.MadeBy, db.Time{Time: &v.MadeAt}, db.Time{Time: &v.ExpiresAt}, &v.State, &v.HandsOver, &v.limits.modules, &v.limits.items)
		v.ID, v.Firm = v.Mandate.ID, v.Mandate.Firm
		v.limits.level, v.limits.readOnly, v.limits.since, v.limits.until = v.Mandate.Level, v.Mandate.ReadOnly, v.Mandate.From, v.Mandate.Until
		if over := !v.Mandate.Until.IsZero() && !now.Before(v.Mandate.Until); v.State == Open && (!now.Before(v.ExpiresAt) || over) {
			v.State = Expired
		}
		return v, err
	}, `SELECT `+invitationColumns+` FROM identity_invitation g WHERE `+where+` ORDER BY g.made_at DESC, g.id DESC`, args...)
	if err != nil {
		return nil, fmt.Errorf("mandate: invitations: %w", err)
	}
	return list, nil
}

// Invitations lists those of a firm that are open or were answered lately.
func (s *Service) Invitations(ctx context.Context, actor auth.Actor, firm string) ([]Invitation, error) {
	if err := leads(actor, firm, auth.LevelOwner, auth.LevelManager); err != nil {
		return nil, err
	}
	return s.invitations(ctx, s.DB.Read(ctx), `g.enterprise_id=$1 AND g.made_at > $2`, firm, db.MS(s.Clock.Now().Add(-30*24*time.Hour)))
}

// Recall takes an invitation back before it is answered.
func (s *Service) Recall(ctx context.Context, actor auth.Actor, firm, id string) error {
	if err := leads(actor, firm, auth.LevelOwner, auth.LevelManager); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		list, err := s.invitations(ctx, s.DB.Read(ctx), `g.id=$1 AND g.enterprise_id=$2`, id, firm)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return ErrNotFound
		}
		if err := leads(actor, firm, overLevel(list[0].Mandate.Level)...); err != nil {
			return err
		}
		if err := s.answer(ctx, id, Recalled, ""); err != nil {
			return err
		}
		return s.record(ctx, actor, "recall", firm, "", map[string]any{"invitation": id})
	})
}

// answer moves an open invitation on, once.
func (s *Service) answer(ctx context.Context, id string, to Answer, account string) error {
	n, err := s.DB.Exec(ctx, `UPDATE identity_invitation SET state=$2, account_id=$3, answered_at=$4, version=version+1 WHERE id=$1 AND state='open'`, id, string(to), account, db.MS(s.Clock.Now()))
	if err == nil && n == 0 {
		err = ErrAnswered
	}
	return err
}

// Invited returns the invitation behind a code to the person it is for. A code
// that is wrong, and one for somebody of another name, are not told apart: only
// who it is for learns that there is one, and how it stands.
func (s *Service) Invited(ctx context.Context, actor auth.Actor, code string) (Invitation, error) {
	if actor.Kind != auth.Person {
		return Invitation{}, ErrInvitation
	}
	if err := s.Throttle.Hit(ctx, "invitation-try:"+actor.ID, 20, time.Hour); err != nil {
		return Invitation{}, err
	}
	if !codeForm.MatchString(plain(code)) {
		return Invitation{}, ErrInvitation.At("code", ErrInvitation.Code)
	}
	list, err := s.invitations(ctx, s.DB.Read(ctx), `g.hash=$1`, hash(code))
	if err != nil {
		return Invitation{}, err
	}
	me, err := s.Identity.Account(ctx, actor.ID)
	if err != nil {
		return Invitation{}, err
	}
	if len(list) == 0 || !me.Called(list[0].Name) {
		return Invitation{}, ErrInvitation.At("code", ErrInvitation.Code)
	}
	return list[0], nil
}

// Accept takes an invitation. Who made it must still be allowed to: an
// invitation of a manager who was sent away gives nothing.
func (s *Service) Accept(ctx context.Context, actor auth.Actor, code string) (Invitation, error) {
	v, err := s.Invited(ctx, actor, code)
	if err != nil {
		return v, err
	}
	if v.State != Open {
		return v, ErrAnswered
	}
	maker, err := s.Identity.Actor(ctx, v.MadeBy)
	if err != nil {
		return v, err
	}
	if leads(maker, v.Firm, overLevel(v.Mandate.Level)...) != nil {
		return v, ErrAnswered
	}
	return v, s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.answer(ctx, v.ID, Accepted, actor.ID); err != nil {
			return err
		}
		l := v.limits
		if now := s.Clock.Now(); l.since.Before(now) {
			l.since = now
		}
		// What he had before gives way, unless he is an owner already.
		if _, err := s.DB.Exec(ctx, `UPDATE identity_agent SET ended_at=$3, ended_by=$2, version=version+1 WHERE enterprise_id=$1 AND account_id=$2 AND ended_at=0 AND level <> 'owner'`,
			v.Firm, actor.ID, db.MS(s.Clock.Now())); err != nil {
			return err
		}
		if err := s.insert(ctx, v.Firm, actor.ID, v.MadeBy, l); err != nil {
			return err
		}
		if v.HandsOver {
			if err := s.stepDown(ctx, v); err != nil {
				return err
			}
		}
		if err := s.record(ctx, actor, "accept", v.Firm, "", l.change(map[string]any{"invitation": v.ID, "account": actor.ID})); err != nil {
			return err
		}
		return s.tellMaker(ctx, v, "mandate_accepted", actor)
	})
}

// stepDown makes who handed the firm over a manager of it.
func (s *Service) stepDown(ctx context.Context, v Invitation) error {
	now := s.Clock.Now()
	n, err := s.DB.Exec(ctx, `UPDATE identity_agent SET ended_at=$3, ended_by=$2, version=version+1 WHERE enterprise_id=$1 AND account_id=$2 AND ended_at=0 AND level='owner'`, v.Firm, v.MadeBy, db.MS(now))
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrAnswered
	}
	return s.insert(ctx, v.Firm, v.MadeBy, v.MadeBy, limits{level: auth.LevelManager, since: now})
}

// Decline refuses an invitation.
func (s *Service) Decline(ctx context.Context, actor auth.Actor, code string) error {
	v, err := s.Invited(ctx, actor, code)
	if err != nil {
		return err
	}
	if v.State != Open {
		return ErrAnswered
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.answer(ctx, v.ID, Declined, actor.ID); err != nil {
			return err
		}
		if err := s.record(ctx, actor, "decline", v.Firm, "", map[string]any{"invitation": v.ID}); err != nil {
			return err
		}
		return s.tellMaker(ctx, v, "mandate_declined", actor)
	})
}

func (s *Service) tellMaker(ctx context.Context, v Invitation, kind string, who auth.Actor) error {
	maker, err := s.Identity.Account(ctx, v.MadeBy)
	if err != nil {
		return err
	}
	return s.tell(ctx, maker, v.Firm, kind, v.ID, map[string]any{"who": who.Name})
}
