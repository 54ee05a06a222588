package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"net/mail"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

// ContactKind is a way to reach somebody.
type ContactKind string

// The kinds.
const (
	ContactMail  ContactKind = "mail"
	ContactPhone ContactKind = "phone"
)

// ContactKinds in the order of the page.
var ContactKinds = []ContactKind{ContactPhone, ContactMail}

// way by which the code goes.
func (k ContactKind) way() notify.Way {
	if k == ContactPhone {
		return notify.BySMS
	}
	return notify.ByMail
}

// Bounds of proving an address.
const (
	codeTTL      = 15 * time.Minute
	codeTries    = 5 // wrong ones; then a new code is needed
	codesPerHour = 6 // of one account
	codesPerDay  = 5 // to one address, whoever asks: nobody is flooded from here
)

// Errors of a change.
var (
	ErrCode     = errs.Define(errs.Invalid, "identity.code")       // wrong, param left
	ErrCodeOver = errs.Define(errs.Conflict, "identity.code_over") // none is waited for (any more)
	errSecret   = errs.Define(errs.Invalid, "identity.own_password")
	errSame     = errs.Define(errs.Invalid, "identity.same_contact")
)

// PendingContact is an address that is not proven yet.
type PendingContact struct {
	Kind      ContactKind
	Address   string
	ExpiresAt time.Time
	hash      string
	tries     int
	version   int
}

const contactColumns = `account_id, kind, address, code_hash, tries, expires_at, version`

func (s store) scanContact(r db.Scanner) (c PendingContact, err error) {
	var account string
	if err = r.Scan(&account, &c.Kind, &c.Address, &c.hash, &c.tries, db.Time{Time: &c.ExpiresAt}, &c.version); err != nil {
		return c, err
	}
	c.Address, err = s.ring.Open(sealedContact, account, c.Address)
	return c, err
}

// PendingContacts are the addresses that the actor has still to prove.
func (s *Service) PendingContacts(ctx context.Context, actor auth.Actor) ([]PendingContact, error) {
	out, err := db.List(ctx, s.db.Read(ctx), s.store.scanContact, `SELECT `+contactColumns+` FROM identity_contact WHERE account_id=$1 AND expires_at > $2 ORDER BY kind`,
		actor.ID, db.MS(s.clock.Now()))
	if err != nil {
		return nil, fmt.Errorf("identity: contacts: %w", err)
	}
	return out, nil
}

// CanProve says whether codes can be sent to addresses of a kind.
func (s *Service) CanProve(k ContactKind) bool {
	return s.notify != nil && s.notify.Configured(k.way())
}

// provenFrom is the least phone_proven_at of a telephone that names somebody. A
// number that was only typed may be anybody's: it finds nobody, and nobody acts
// for a firm by it. Where no short message can be sent none can be proven, and
// what was typed has to do.
func (s *Service) provenFrom() int64 {
	if s.CanProve(ContactPhone) {
		return 1
	}
	return 0
}

// AskContact begins the change of a phone or mail address: a code goes to the
// new one, and nothing is changed until it comes back. The password is asked for
// again, because whoever has these has the account. An empty mail address takes
// the old one off at once.
func (s *Service) AskContact(ctx context.Context, actor auth.Actor, kind ContactKind, address, password string) error {
	a, err := s.Account(ctx, actor.ID)
	if err != nil {
		return err
	}
	address, err = checkContact(a, kind, address)
	if err != nil {
		return err
	}
	if err := s.ownPassword(ctx, a, password); err != nil {
		return err
	}
	if address == "" {
		return s.db.InTx(ctx, func(ctx context.Context) error { return s.setContact(ctx, actor, a, kind, "") })
	}
	if !s.CanProve(kind) {
		return notify.ErrNoWay
	}
	if err := errors.Join(s.throttle.Hit(ctx, "contact:"+a.ID, codesPerHour, time.Hour), s.throttle.Hit(ctx, "contact-to:"+address, codesPerDay, 24*time.Hour)); err != nil {
		return err
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return fmt.Errorf("identity: code: %w", err)
	}
	code, now := fmt.Sprintf("%06d", n), s.clock.Now()
	hash := HashPassword(codeText(address, code)) // slow: six figures could else be read off their hash
	return s.db.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.db.Exec(ctx, `INSERT INTO identity_contact (account_id, kind, address, code_hash, tries, created_at, expires_at, version) VALUES ($1,$2,$3,$4,0,$5,$6,1)
			ON CONFLICT (account_id, kind) DO UPDATE SET address=excluded.address, code_hash=excluded.code_hash, tries=0, created_at=excluded.created_at, expires_at=excluded.expires_at, version=identity_contact.version+1`,
			a.ID, string(kind), s.store.ring.Seal(sealedContact, a.ID, address), hash, db.MS(now), db.MS(now.Add(codeTTL))); err != nil {
			return err
		}
		if err := s.audit.Record(ctx, actor, audit.Note{Action: "identity.ask_contact", Object: "account:" + a.ID, Change: map[string]any{"kind": kind, "to": masked(kind, address)}}); err != nil {
			return err
		}
		return s.notify.SendTo(ctx, notify.Reader{AccountID: a.ID, Locale: a.Locale}, kind.way(), address, notify.News{
			Key: "contact:" + ids.New(now), Kind: "contact_code", Params: map[string]any{"code": code, "minutes": int(codeTTL.Minutes())}, Link: "/settings/contact", Class: notify.Action,
			Secret: []string{"code"}, Until: now.Add(codeTTL),
		})
	})
}

// ownPassword asks for the password again, with as many tries as at signing in.
func (s *Service) ownPassword(ctx context.Context, a Account, password string) error {
	key := "sign-in:" + a.ID
	if err := s.throttle.Hit(ctx, key, 10, 15*time.Minute); err != nil {
		return err
	}
	hash, err := s.store.secret(ctx, a.ID)
	if err != nil {
		return fmt.Errorf("identity: password: %w", err)
	}
	if !CheckPassword(hash, password) {
		return ErrInvalid.At("password", errSecret.Code)
	}
	return s.throttle.Clear(ctx, key)
}

// checkContact brings an address into the form in which it is kept.
func checkContact(a Account, kind ContactKind, address string) (string, error) {
	address = strings.TrimSpace(address)
	old := a.Email
	switch kind {
	case ContactPhone:
		r := idcode.CheckPhone(address)
		if !r.OK(false) {
			return "", ErrInvalid.At("address", errPhone.Code)
		}
		address, old = r.Normalised, a.Phone
	case ContactMail:
		if m, err := mail.ParseAddress(address); address != "" && (err != nil || m.Address != address || len(address) > 100) {
			return "", ErrInvalid.At("address", errMail.Code)
		}
	default:
		return "", ErrNotFound
	}
	if address == old && (kind != ContactPhone || !a.PhoneProvenAt.IsZero()) { // his own, only typed so far, can be proven
		return "", ErrInvalid.At("address", errSame.Code)
	}
	return address, nil
}

// ProveContact takes the code that was sent, and changes the address. Five wrong
// codes end the matter.
func (s *Service) ProveContact(ctx context.Context, actor auth.Actor, kind ContactKind, code string) error {
	if err := s.throttle.Hit(ctx, "contact-code:"+actor.ID, 20, time.Hour); err != nil {
		return err
	}
	code = strings.Join(strings.Fields(code), "")
	var c PendingContact
	err := s.db.InTx(ctx, func(ctx context.Context) (err error) {
		// The try is counted before the code is looked at: two at once count twice.
		found := false
		c, found, err = db.Maybe(ctx, s.db.Write(ctx), s.store.scanContact, `UPDATE identity_contact SET tries=tries+1, version=version+1 WHERE account_id=$1 AND kind=$2 AND expires_at > $3 AND tries < $4 RETURNING `+contactColumns,
			actor.ID, string(kind), db.MS(s.clock.Now()), codeTries)
		if err != nil {
			return err
		}
		if !found {
			return ErrCodeOver
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !CheckPassword(c.hash, codeText(c.Address, code)) { // outside: it takes its time
		return ErrCode.At("code", ErrCode.Code, "left", codeTries-c.tries)
	}
	return s.db.InTx(ctx, func(ctx context.Context) error {
		// The same code still: another may have been asked for, or this one used.
		n, err := s.db.Exec(ctx, `DELETE FROM identity_contact WHERE account_id=$1 AND kind=$2 AND code_hash=$3`, actor.ID, string(kind), c.hash)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrCodeOver
		}
		a, err := s.Account(ctx, actor.ID)
		if err != nil {
			return err
		}
		return s.setContact(ctx, actor, a, kind, c.Address)
	})
}

// DropContact gives a change up.
func (s *Service) DropContact(ctx context.Context, actor auth.Actor, kind ContactKind) error {
	return s.db.InTx(ctx, func(ctx context.Context) error {
		_, err := s.db.Exec(ctx, `DELETE FROM identity_contact WHERE account_id=$1 AND kind=$2`, actor.ID, string(kind))
		return err
	})
}

// setContact changes an address and tells the old one: whoever did not want this
// hears of it there. Somebody who signs in by his phone goes on with the new one.
func (s *Service) setContact(ctx context.Context, actor auth.Actor, a Account, kind ContactKind, address string) (err error) {
	now, old := a, a.Email
	if kind == ContactPhone {
		old, now.Phone, now.PhoneProvenAt = a.Phone, address, s.clock.Now()
		if a.Login == old && address != old {
			if now.Login, err = s.freeLogin(ctx, SignUpInput{Phone: address, IDNumber: a.IDNumber}, true); err != nil {
				return err
			}
		}
	} else {
		now.Email = address
	}
	if err := s.store.saveContact(ctx, now); err != nil {
		return takenOr(err)
	}
	if kind == ContactMail {
		if err := s.store.mailProven(ctx, a.ID, s.clock.Now()); err != nil {
			return err
		}
	}
	if _, err := s.db.Exec(ctx, `DELETE FROM identity_contact WHERE account_id=$1 AND kind=$2`, a.ID, string(kind)); err != nil {
		return err
	}
	if err := s.audit.Record(ctx, actor, audit.Note{
		Action: "identity.change_contact", Object: "account:" + a.ID,
		Change: map[string]any{"kind": kind, "from": masked(kind, old), "to": masked(kind, address)},
	}); err != nil {
		return err
	}
	if s.notify == nil || address == old {
		return nil
	}
	to := notify.Reader{AccountID: a.ID, Locale: a.Locale, Mail: address}
	news := notify.News{
		Key: fmt.Sprintf("contact_changed:%s:%d", kind, a.Version), Kind: "contact_changed_" + string(kind), Link: "/settings/contact", Class: notify.Progress,
		Params: map[string]any{"from": masked(kind, old), "to": masked(kind, address)},
	}
	if err := s.notify.Tell(ctx, to, news); err != nil {
		return err
	}
	if old == "" || !s.notify.Configured(kind.way()) {
		return nil
	}
	news.Key, news.Kind = "contact_was:"+news.Key, "contact_was_"+string(kind)
	return s.notify.SendTo(ctx, to, kind.way(), old, news)
}

// masked is an address as it may stand in messages and the audit trail.
func masked(kind ContactKind, address string) string {
	switch {
	case address == "":
		return "—"
	case kind == ContactPhone:
		return idcode.MaskPhone(address)
	default:
		return idcode.MaskEmail(address)
	}
}

// codeText is what is hashed of a code for one address.
func codeText(address, code string) string { return address + "\x00" + code }

// ContactNotices lists every kind of notice of this file; a test looks for the texts.
func ContactNotices() []string {
	return []string{"contact_code", "contact_changed_mail", "contact_changed_phone", "contact_was_mail", "contact_was_phone"}
}
