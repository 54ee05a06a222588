package factor

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/throttle"
)

// Bounds of finding a password again.
const (
	sentTTL   = 15 * time.Minute
	windowTTL = 24 * time.Hour
	codeTries = 5
)

// RecoverWays are the ways by which a code can go.
var RecoverWays = []identity.ContactKind{identity.ContactPhone, identity.ContactMail}

// Reaches says whether codes can be sent by a way at all.
func (s *Service) Reaches(k identity.ContactKind) bool {
	return s.Jobs != nil && s.Identity.CanProve(k)
}

// sendCodeArgs asks for a code. What was typed may be an identity number, so it
// is sealed.
type sendCodeArgs struct {
	Typed   string `json:"typed"`
	Way     string `json:"way"`
	From    string `json:"from"`
	Request string `json:"request"`
}

// Kind names the job.
func (sendCodeArgs) Kind() string { return "factor.send_code" }

// AskRecovery asks for a code to give oneself a new password. It does the same
// whether there is such an account, and whether the way is proven, or not:
// everything that differs happens in a job.
func (s *Service) AskRecovery(ctx context.Context, from auth.Actor, typed string, way identity.ContactKind) error {
	typed = strings.ToLower(strings.TrimSpace(typed))
	if err := s.Throttle.Hit(ctx, "recover-from:"+from.From, 10, time.Hour); err != nil {
		return err
	}
	sealed := s.Seal.Seal(purposeTyped, string(way), typed)
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		return s.Jobs.Enqueue(ctx, sendCodeArgs{Typed: sealed, Way: string(way), From: from.From, Request: from.RequestID})
	})
}

// sendCode is the job behind AskRecovery. Nobody is flooded: three codes an hour
// go to an account, and who asks for more hears nothing of it.
func (s *Service) sendCode(ctx context.Context, in sendCodeArgs) error {
	typed, err := s.Seal.Open(purposeTyped, in.Way, in.Typed)
	if err != nil {
		return err
	}
	a, found, err := s.Identity.ToSignIn(ctx, typed)
	if err != nil || !found || a.State != "active" {
		return err
	}
	kind := identity.ContactKind(in.Way)
	way, address := notify.BySMS, a.Phone
	proven := !a.PhoneProvenAt.IsZero()
	if kind == identity.ContactMail {
		at, err := s.Identity.MailProvenAt(ctx, a.ID)
		if err != nil {
			return err
		}
		way, address, proven = notify.ByMail, a.Email, !at.IsZero()
	}
	if address == "" || !proven || !s.Reaches(kind) {
		return nil
	}
	if err := s.Throttle.Hit(ctx, "recover:"+a.ID, 3, time.Hour); err != nil {
		if errors.Is(err, throttle.ErrTooMany) {
			return nil
		}
		return err
	}
	n, err := rand.Int(rand.Reader, big.NewInt(100_000_000))
	if err != nil {
		return fmt.Errorf("factor: code: %w", err)
	}
	code, now := fmt.Sprintf("%08d", n), s.Clock.Now()
	hash := identity.HashPassword(codeOf(a.ID, code))
	owner := auth.Actor{Kind: a.Kind, ID: a.ID, Name: a.Name.ZH, From: in.From, RequestID: in.Request}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.putCode(ctx, a.ID, in.Way, hash, "", now, now.Add(sentTTL)); err != nil {
			return err
		}
		if err := s.Audit.Record(ctx, owner, audit.Note{Action: "factor.recover_ask", Object: "account:" + a.ID, Change: map[string]any{"way": in.Way}}); err != nil {
			return err
		}
		return s.Notify.SendTo(ctx, notify.Reader{AccountID: a.ID, Locale: a.Locale}, way, address, notify.News{
			Key: "factor_password_code:" + ids.New(now), Kind: "factor_password_code", Params: map[string]any{"code": code, "minutes": int(sentTTL.Minutes())}, Link: "/sign-in/forgot/code", Class: notify.Action,
			Secret: []string{"code"}, Until: now.Add(sentTTL),
		})
	})
}

// codeOf is what is hashed of a code.
func codeOf(account, code string) string { return account + "\x00" + code }

// Recover takes a code that was sent, or printed at a window, and a new
// password. All sessions end. Second factors stay, except with a code from a
// window: there the person was seen, and whoever had the account before, with
// whatever keys to it, is out. What was wrong is never said, and costs the same.
func (s *Service) Recover(ctx context.Context, from auth.Actor, typed, code, password string) error {
	if err := checkNew(password); err != nil {
		return err
	}
	typed = strings.ToLower(strings.TrimSpace(typed))
	if err := s.Throttle.Hit(ctx, "recover-code-from:"+from.From, 30, time.Hour); err != nil {
		return err
	}
	a, found, err := s.Identity.ToSignIn(ctx, typed)
	if err != nil {
		return err
	}
	code = typedCode(code)
	hash := ""
	if found {
		// The try is counted before the code is looked at: two at once count twice.
		err := s.DB.InTx(ctx, func(ctx context.Context) (err error) {
			hash, err = s.store.tryCode(ctx, a.ID, len(code) == windowDigits, s.Clock.Now())
			return err
		})
		if err != nil {
			return fmt.Errorf("factor: recover: %w", err)
		}
	}
	if !identity.CheckPassword(hash, codeOf(a.ID, code)) {
		return ErrRecover.At("code", ErrRecover.Code)
	}
	fresh := identity.HashPassword(password)
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		way, err := s.store.takeCode(ctx, a.ID, hash)
		if err != nil {
			return err
		}
		if way == "" { // used, or replaced, since it was looked at
			return ErrRecover.At("code", ErrRecover.Code)
		}
		owner := auth.Actor{Kind: a.Kind, ID: a.ID, Name: a.Name.ZH, From: from.From, RequestID: from.RequestID}
		if way == wayWindow {
			if err := s.dropKeys(ctx, a); err != nil {
				return err
			}
			// What was granted from the account stays: most of it is the owner's, and
			// only he can tell. He is asked to look.
			if err := s.tellAt(ctx, a.ID, "factor_window_review", "/my/authorisations", nil); err != nil {
				return err
			}
		}
		err = s.setPassword(ctx, owner, fresh, "", audit.Note{Action: "factor.recover", Change: map[string]any{"way": way}})
		if errs.KindOf(err) == errs.NotFound { // closed
			return ErrRecover.At("code", ErrRecover.Code)
		}
		return err
	})
}

// dropKeys takes off, in the transaction of ctx, everything by which somebody
// could come into an account but its password, and tells the addresses that it
// had. They have to be proven anew.
func (s *Service) dropKeys(ctx context.Context, a identity.Account) error {
	err := errors.Join(s.store.dropApp(ctx, a.ID), s.store.dropCodes(ctx, a.ID), s.store.dropPasskeys(ctx, a.ID), s.Identity.ForgetProofs(ctx, a.ID))
	if err != nil {
		return err
	}
	if s.Links != nil {
		if err := s.Links.DropAll(ctx, a.ID); err != nil {
			return err
		}
	}
	if s.Notify == nil {
		return nil
	}
	for way, address := range map[notify.Way]string{notify.BySMS: a.Phone, notify.ByMail: a.Email} {
		if address == "" || !s.Notify.Configured(way) {
			continue
		}
		if err := s.Notify.SendTo(ctx, notify.Reader{AccountID: a.ID, Locale: a.Locale}, way, address, notify.News{
			Key: "factor_window_used:" + string(way) + ":" + ids.New(s.Clock.Now()), Kind: "factor_window_used", Link: "/sign-in", Class: notify.Progress,
		}); err != nil {
			return err
		}
	}
	return nil
}

// wayWindow is the way of a code that was printed at a window, and windowDigits
// how long such a code is; one that was sent has eight digits.
const (
	wayWindow    = "window"
	windowDigits = 12
)

// WindowCode is a code that a clerk prints for somebody whose identity card he
// has looked at.
type WindowCode struct {
	Name      string // of the person
	Login     string // of a member of staff
	IDNumber  string // masked
	Code      string // xxxx-xxxx-xxxx
	ExpiresAt time.Time
}

// PrintCode makes a code for a person who stands at a window with his identity
// card. Clerks only; for accounts of persons only. The person is told.
func (s *Service) PrintCode(ctx context.Context, actor auth.Actor, name, idNumber string, looked bool) (WindowCode, error) {
	if !actor.Has(auth.Clerk) {
		return WindowCode{}, ErrForbidden
	}
	bad := errInvalid
	id := idcode.CheckResidentID(idNumber)
	if !id.OK(false) {
		bad = bad.At("id_number", errIDNumber.Code)
	}
	if !looked {
		bad = bad.At("looked", errLooked.Code)
	}
	if err := bad.OrNil(); err != nil {
		return WindowCode{}, err
	}
	if err := s.Throttle.Hit(ctx, "window-code:"+actor.ID, 30, time.Hour); err != nil {
		return WindowCode{}, err
	}
	a, found, err := s.Identity.ToSignIn(ctx, id.Normalised)
	if err != nil {
		return WindowCode{}, err
	}
	if !found || a.Kind != auth.Person || a.State != "active" || a.Name.ZH != strings.TrimSpace(name) {
		return WindowCode{}, ErrVisitor.At("id_number", ErrVisitor.Code)
	}
	code, shown, err := printedCode()
	if err != nil {
		return WindowCode{}, err
	}
	now := s.Clock.Now()
	hash := identity.HashPassword(codeOf(a.ID, code))
	out := WindowCode{Name: a.Name.ZH, IDNumber: idcode.MaskID(a.IDNumber), Code: shown, ExpiresAt: now.Add(windowTTL)}
	return out, s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.putCode(ctx, a.ID, wayWindow, hash, actor.ID, now, out.ExpiresAt); err != nil {
			return err
		}
		if err := s.Identity.CheckedAtWindow(ctx, actor, a.ID); err != nil {
			return err
		}
		if err := s.Audit.Record(ctx, actor, audit.Note{Action: "factor.window_code", Object: "account:" + a.ID}); err != nil {
			return err
		}
		return s.tell(ctx, a.ID, "factor_window_code", nil)
	})
}

var (
	errIDNumber = errs.Define(errs.Invalid, "factor.id_number")
	errLooked   = errs.Define(errs.Invalid, "factor.looked")
)

// putCode gives an account a code: of those that are sent one at a time, and one
// from a window beside it.
func (s store) putCode(ctx context.Context, account, way, hash, by string, now, until time.Time) error {
	if _, err := s.db.Exec(ctx, `DELETE FROM identity_password_code WHERE account_id=$1 AND (way=$2) = $3`, account, wayWindow, way == wayWindow); err != nil {
		return err
	}
	_, err := s.db.Exec(ctx, `INSERT INTO identity_password_code (account_id, way, code_hash, tries, issued_by, created_at, expires_at, version) VALUES ($1,$2,$3,0,$4,$5,$6,1)`,
		account, way, hash, by, db.MS(now), db.MS(until))
	return err
}

// tryCode counts a try of a code, sent or from a window, and returns the hash to
// compare with, "" without a code that is good.
func (s store) tryCode(ctx context.Context, account string, window bool, now time.Time) (string, error) {
	hash, _, err := db.Maybe(ctx, s.db.Write(ctx), db.Scalar[string], `UPDATE identity_password_code SET tries=tries+1, version=version+1
		WHERE account_id=$1 AND (way=$2) = $3 AND expires_at > $4 AND ($3 OR tries < $5) RETURNING code_hash`,
		account, wayWindow, window, db.MS(now), codeTries)
	return hash, err
}

// takeCode uses a code up and says by which way it went, "" when it is gone. With
// it goes the other one.
func (s store) takeCode(ctx context.Context, account, hash string) (string, error) {
	way, found, err := db.Maybe(ctx, s.db.Write(ctx), db.Scalar[string], `DELETE FROM identity_password_code WHERE account_id=$1 AND code_hash=$2 RETURNING way`, account, hash)
	if err != nil || !found {
		return "", err
	}
	_, err = s.db.Exec(ctx, `DELETE FROM identity_password_code WHERE account_id=$1`, account)
	return way, err
}
