package signup

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/seal"
	"github.com/tongban/tongban/internal/platform/throttle"
)

// Bounds of proving a telephone.
const (
	codeTTL     = 15 * time.Minute
	codeTries   = 5
	asksAnHour  = 20 // from one network address
	codesPerDay = 5  // to one telephone, whoever asks: nobody is flooded from here
	triesAnHour = 60 // from one network address
)

// purposeInput is what the input is sealed under.
const purposeInput = "identity_sign_up.input"

// Errors of the package; texts are error.<code>.
var (
	ErrCode = errs.Define(errs.Invalid, "signup.code")  // wrong, param left
	ErrOver = errs.Define(errs.Conflict, "signup.over") // nothing is waited for (any more)
)

// Deps of the package.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	Identity *identity.Service
	Audit    *audit.Log
	Throttle *throttle.Throttle
	Seal     *seal.Ring
	Notify   *notify.Service
	Jobs     *jobs.Queue
}

// Service is the use cases.
type Service struct{ Deps }

// New wires the package.
func New(d Deps) *Service {
	s := &Service{d}
	jobs.Handle(d.Jobs, s.send)
	return s
}

// Proves says whether a telephone can be proven; without, there is Open only.
func (s *Service) Proves() bool { return s.Identity.CanProve(identity.ContactPhone) }

type sendArgs struct {
	ID string `json:"id"`
}

// Kind names the job.
func (sendArgs) Kind() string { return "signup.send" }

// asked is what was asked for, without the password.
type asked struct {
	Input   identity.SignUpInput `json:"input"`
	From    string               `json:"from"`
	Request string               `json:"request"`
}

// Ask begins: it returns the id under which Finish goes on, for the session of
// the visitor. It does the same for everybody; a job does what differs.
func (s *Service) Ask(ctx context.Context, from auth.Actor, in identity.SignUpInput) (string, error) {
	if !s.Proves() {
		return "", notify.ErrNoWay
	}
	in, err := identity.CheckSignUp(in)
	if err != nil {
		return "", err
	}
	if err := errors.Join(s.Throttle.Hit(ctx, "sign-up-from:"+from.From, asksAnHour, time.Hour), s.Throttle.Hit(ctx, "sign-up-to:"+in.Phone, codesPerDay, 24*time.Hour)); err != nil {
		return "", err
	}
	hash := identity.HashPassword(in.Password)
	in.Password, in.Login, in.Receipt = "", "", ""
	text, err := json.Marshal(asked{in, from.From, from.RequestID})
	if err != nil {
		return "", err
	}
	now := s.Clock.Now()
	id := ids.New(now)
	return id, s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.DB.Exec(ctx, `DELETE FROM identity_sign_up WHERE expires_at <= $1`, db.MS(now)); err != nil {
			return err
		}
		if _, err := s.DB.Exec(ctx, `INSERT INTO identity_sign_up (id, input, password_hash, code_hash, tries, created_at, expires_at, version) VALUES ($1,$2,$3,'',0,$4,$5,1)`,
			id, s.Seal.Seal(purposeInput, id, string(text)), hash, db.MS(now), db.MS(now.Add(codeTTL))); err != nil {
			return err
		}
		return s.Jobs.Enqueue(ctx, sendArgs{id})
	})
}

// row of what was asked.
type row struct {
	asked
	id, input, password, code string
	tries                     int
}

const columns = `id, input, password_hash, code_hash, tries`

func scan(r db.Scanner) (x row, err error) {
	return x, r.Scan(&x.id, &x.input, &x.password, &x.code, &x.tries)
}

func (s *Service) opened(x row) (row, error) {
	text, err := s.Seal.Open(purposeInput, x.id, x.input)
	if err != nil {
		return x, err
	}
	return x, json.Unmarshal([]byte(text), &x.asked)
}

// Pending is where a code was sent, masked; ErrOver when none is waited for.
func (s *Service) Pending(ctx context.Context, id string) (masked, phone string, err error) {
	x, ok, err := db.Maybe(ctx, s.DB.Read(ctx), scan, `SELECT `+columns+` FROM identity_sign_up WHERE id=$1 AND expires_at > $2`, id, db.MS(s.Clock.Now()))
	if err != nil {
		return "", "", fmt.Errorf("signup: pending: %w", err)
	}
	if !ok {
		return "", "", ErrOver
	}
	x, err = s.opened(x)
	return idcode.MaskPhone(x.Input.Phone), x.Input.Phone, err
}

// send is the job behind Ask: a code goes to the telephone, or the word that the
// identity number has an account.
func (s *Service) send(ctx context.Context, in sendArgs) error {
	x, ok, err := db.Maybe(ctx, s.DB.Read(ctx), scan, `SELECT `+columns+` FROM identity_sign_up WHERE id=$1 AND expires_at > $2`, in.ID, db.MS(s.Clock.Now()))
	if err != nil || !ok {
		return err
	}
	if x, err = s.opened(x); err != nil {
		return err
	}
	holder, bars, err := s.Identity.Holder(ctx, x.Input.IDNumber, x.Input.Phone)
	if err != nil {
		return err
	}
	to := notify.Reader{Locale: x.Input.Locale}
	if bars {
		return s.DB.InTx(ctx, func(ctx context.Context) error { return s.tellTaken(ctx, x, to, holder) })
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return fmt.Errorf("signup: code: %w", err)
	}
	code := fmt.Sprintf("%06d", n)
	hash := identity.HashPassword(codeOf(x.id, code)) // slow: six figures could else be read off their hash
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := s.DB.Exec(ctx, `UPDATE identity_sign_up SET code_hash=$2, version=version+1 WHERE id=$1 AND code_hash=''`, x.id, hash)
		if err != nil || n == 0 { // sent before
			return err
		}
		return s.Notify.SendTo(ctx, to, notify.BySMS, x.Input.Phone, notify.News{
			Key: "signup_code:" + x.id, Kind: "signup_code", Params: map[string]any{"code": code, "minutes": int(codeTTL.Minutes())}, Class: notify.Action,
			Secret: []string{"code"}, Until: s.Clock.Now().Add(codeTTL),
		})
	})
}

// tellTaken tells the telephone that was typed, and the holder of the account
// where that is another one.
func (s *Service) tellTaken(ctx context.Context, x row, to notify.Reader, holder identity.Account) error {
	if err := s.Audit.Record(ctx, auth.Actor{From: x.From, RequestID: x.Request}, audit.Note{Action: "signup.taken", Object: "account:" + holder.ID}); err != nil {
		return err
	}
	if err := s.Notify.SendTo(ctx, to, notify.BySMS, x.Input.Phone, notify.News{Key: "signup_taken:" + x.id, Kind: "signup_taken", Link: "/sign-in/forgot", Class: notify.Action}); err != nil {
		return err
	}
	if holder.Phone == x.Input.Phone || holder.PhoneProvenAt.IsZero() || holder.Phone == "" {
		return nil
	}
	day := s.Clock.Now().Format(time.DateOnly) // once a day, however often somebody tries
	return s.Notify.SendTo(ctx, notify.Reader{AccountID: holder.ID, Locale: holder.Locale}, notify.BySMS, holder.Phone,
		notify.News{Key: "signup_tried:" + day, Kind: "signup_tried", Link: "/my/account", Class: notify.Progress})
}

// codeOf is what is hashed of a code.
func codeOf(id, code string) string { return id + "\x00" + code }

// Finish takes the code and opens the account. Whoever was sent none hears that
// his code is wrong.
func (s *Service) Finish(ctx context.Context, from auth.Actor, id, code string) (identity.Account, error) {
	if err := s.Throttle.Hit(ctx, "sign-up-code-from:"+from.From, triesAnHour, time.Hour); err != nil {
		return identity.Account{}, err
	}
	code = strings.Join(strings.Fields(code), "")
	var x row
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		// The try is counted before the code is looked at: two at once count twice.
		var ok bool
		var err error
		x, ok, err = db.Maybe(ctx, s.DB.Write(ctx), scan, `UPDATE identity_sign_up SET tries=tries+1, version=version+1 WHERE id=$1 AND expires_at > $2 AND tries < $3 RETURNING `+columns,
			id, db.MS(s.Clock.Now()), codeTries)
		if err == nil && !ok {
			err = ErrOver
		}
		return err
	})
	if err != nil {
		return identity.Account{}, err
	}
	if !identity.CheckPassword(x.code, codeOf(x.id, code)) {
		return identity.Account{}, ErrCode.At("code", ErrCode.Code, "left", codeTries-x.tries)
	}
	if x, err = s.opened(x); err != nil {
		return identity.Account{}, err
	}
	var a identity.Account
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := s.DB.Exec(ctx, `DELETE FROM identity_sign_up WHERE id=$1`, x.id)
		if err == nil && n == 0 {
			err = ErrOver // used by another request
		}
		if err != nil {
			return err
		}
		a, err = s.Identity.OpenAccount(ctx, from, x.Input, x.password)
		return err
	})
	if kind := errs.KindOf(err); kind == errs.Conflict || kind == errs.Stale { // opened since by somebody else
		err = ErrOver
	}
	return a, err
}

// Open opens an account where no telephone can be proven, if it can, and does
// not say whether it could: whoever has the password finds out by signing in.
func (s *Service) Open(ctx context.Context, from auth.Actor, in identity.SignUpInput) error {
	in.Login = ""
	_, err := s.Identity.SignUp(ctx, from, in)
	if errors.Is(err, identity.ErrKnown) || errors.Is(err, identity.ErrReceipt) || errors.Is(err, identity.ErrLoginTaken) {
		return nil
	}
	return err
}

// Notices lists every kind of notice of the package; a test looks for the texts.
func Notices() []string { return []string{"signup_code", "signup_taken", "signup_tried"} }
