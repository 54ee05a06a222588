package identity

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// MinPassword is the shortest password taken, in characters (NIST SP 800-63B section 5.1.1.2).
const MinPassword = 8

var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,39}$`)

// SignUpInput opens an account for a person.
type SignUpInput struct {
	Name     string
	IDNumber string // resident identity number; makes the real name checkable later
	Phone    string
	Email    string
	Login    string // "" takes the phone number
	Password string
	Receipt  string // pick-up code of a receipt from a window, for who takes the account over that was opened there
	Locale   i18n.Locale
}

// CheckSignUp brings what was typed into the form in which it is kept, and says
// what is wrong with it by itself. It looks at nothing but the input.
func CheckSignUp(in SignUpInput) (SignUpInput, error) {
	in.IDNumber, in.Phone = asKept(in.IDNumber, in.Phone)
	in.Login = strings.ToLower(strings.TrimSpace(in.Login))
	bad := checkPerson(in.Name, in.IDNumber, in.Phone, in.Email)
	if in.Login != "" && (!loginForm.MatchString(in.Login) || namesAnother(in)) {
		bad = bad.At("login", errLogin.Code)
	}
	if utf8.RuneCountInString(in.Password) < MinPassword {
		bad = bad.At("password", errPassword.Code, "min", MinPassword)
	}
	return in, bad.OrNil()
}

// SignUp opens a person's account where no telephone can be proven. A visitor
// whom a clerk registered at a window takes the account over with the same
// identity number and phone, and with the code on a receipt that he was handed
// there: number and phone of somebody are known to many. Its errors tell who has
// an account; package signup keeps them from whoever signs up.
func (s *Service) SignUp(ctx context.Context, from auth.Actor, in SignUpInput) (Account, error) {
	if err := s.throttle.Hit(ctx, "sign-up-from:"+from.From, 20, time.Hour); err != nil {
		return Account{}, err
	}
	in, err := CheckSignUp(in)
	if err != nil {
		return Account{}, err
	}
	holds, err := s.holdsReceipt(ctx, in)
	if err != nil {
		return Account{}, err
	}
	return s.openAccount(ctx, from, in, HashPassword(in.Password), false, holds)
}

// OpenAccount is SignUp for somebody who has proven the telephone, with the hash
// of his password. An account that a window opened is his without a receipt. It
// joins the transaction of ctx.
func (s *Service) OpenAccount(ctx context.Context, from auth.Actor, in SignUpInput, hash string) (Account, error) {
	return s.openAccount(ctx, from, in, hash, true, true)
}

// Holder is who has an account under an identity number, and whether it keeps
// somebody with a telephone from opening one: it is in use, or was opened at a
// window with another telephone.
func (s *Service) Holder(ctx context.Context, idNumber, phone string) (a Account, bars bool, err error) {
	idNumber, phone = asKept(idNumber, phone)
	a, known, err := s.store.byIDNumber(ctx, idNumber)
	return a, known && (a.HasSecret || a.Phone != phone), err
}

func (s *Service) openAccount(ctx context.Context, from auth.Actor, in SignUpInput, hash string, proven, holds bool) (Account, error) {
	var a Account
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		old, bars, err := s.Holder(ctx, in.IDNumber, in.Phone)
		known := old.ID != ""
		if err != nil {
			return err
		}
		if bars {
			return ErrKnown
		}
		if known && !holds {
			return ErrReceipt.At("receipt", ErrReceipt.Code)
		}
		if in.Login, err = s.freeLogin(ctx, in, proven); err != nil {
			return err
		}
		now := s.clock.Now()
		if known {
			a = old
			a.Login, a.Email = in.Login, in.Email
			login, err := s.store.keptLogin(ctx, a)
			if err != nil {
				return takenOr(err)
			}
			if err := s.db.ExecOne(ctx, `UPDATE identity_account SET login=$3, email=$4, password_hash=$5, version=version+1 WHERE id=$1 AND version=$2`,
				a.ID, old.Version, login, s.store.ring.Seal(sealedEmail, a.ID, a.Email), hash); err != nil {
				return takenOr(err)
			}
		} else {
			a = Account{
				ID: ids.New(now), Login: in.Login, Kind: auth.Person, Name: i18n.Text{ZH: strings.TrimSpace(in.Name)}, IDNumber: in.IDNumber,
				Phone: in.Phone, Email: in.Email, Locale: in.Locale, State: "active", HasSecret: true, CreatedAt: now, Version: 1,
			}
			if proven {
				a.PhoneProvenAt = now
			}
			if err := s.store.insertAccount(ctx, a, hash, ""); err != nil {
				return takenOr(err)
			}
		}
		return s.audit.Record(ctx, auth.Actor{Kind: auth.Person, ID: a.ID, Name: a.Name.ZH, From: from.From, RequestID: from.RequestID},
			audit.Note{Action: "identity.sign_up", Object: "account:" + a.ID, Change: map[string]any{"took_over": known}})
	})
	return a, err
}

// freeLogin is the login that was chosen, or else the phone; or else, where
// somebody signs in by that already, the identity number. Who has only typed a
// phone is nobody beside who has proven it.
func (s *Service) freeLogin(ctx context.Context, in SignUpInput, proven bool) (string, error) {
	if in.Login != "" {
		return in.Login, nil
	}
	_, taken, err := s.store.byLogin(ctx, in.Phone)
	if err != nil {
		return "", err
	}
	if !taken {
		var args db.Args
		where := s.store.hasPhone(&args, in.Phone)
		if proven {
			where += ` AND phone_proven_at > 0`
		}
		n, err := db.One(ctx, s.db.Read(ctx), db.Scalar[int], `SELECT count(*) FROM identity_account WHERE kind='person' AND state='active' AND password_hash <> '' AND `+where, args...)
		if err != nil {
			return "", err
		}
		taken = n > 0
	}
	if taken {
		return strings.ToLower(in.IDNumber), nil
	}
	return in.Phone, nil
}

// holdsReceipt says whether a visitor shows the code of one of his receipts. Tries
// are counted by identity number, whether or not anybody has it.
func (s *Service) holdsReceipt(ctx context.Context, in SignUpInput) (bool, error) {
	code := strings.TrimSpace(in.Receipt)
	if code == "" || s.Receipts == nil {
		return false, nil
	}
	if err := s.throttle.Hit(ctx, "take-over:"+in.IDNumber, 5, time.Hour); err != nil {
		return false, err
	}
	old, known, err := s.store.byIDNumber(ctx, in.IDNumber)
	if err != nil || !known {
		return false, err
	}
	return s.Receipts(ctx, old.ID, code)
}

// namesAnother says that the login would be taken for somebody else's phone or
// identity number, by which people sign in too.
func namesAnother(in SignUpInput) bool {
	idNumber, phone := idcode.CheckResidentID(in.Login), idcode.CheckPhone(in.Login)
	return idNumber.OK(false) && idNumber.Normalised != in.IDNumber || phone.OK(false) && phone.Normalised != in.Phone
}

// VisitorInput registers somebody who stands at a window.
type VisitorInput struct {
	Name     string
	IDNumber string
	Phone    string
}

// RegisterVisitor opens an account without a password for a visitor, so that
// the case has an owner who can take it over by signing up. A visitor who is
// known by identity number is returned as he is. Clerks only.
func (s *Service) RegisterVisitor(ctx context.Context, actor auth.Actor, in VisitorInput) (Account, error) {
	if !actor.Has(auth.Clerk) {
		return Account{}, ErrForbidden
	}
	in.IDNumber, in.Phone = asKept(in.IDNumber, in.Phone)
	if err := checkPerson(in.Name, in.IDNumber, in.Phone, "").OrNil(); err != nil {
		return Account{}, err
	}
	var a Account
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		old, known, err := s.store.byIDNumber(ctx, in.IDNumber)
		if err != nil || known {
			a = old
			return err
		}
		now := s.clock.Now()
		a = Account{
			ID: ids.New(now), Kind: auth.Person, Name: i18n.Text{ZH: strings.TrimSpace(in.Name)}, IDNumber: in.IDNumber, Phone: in.Phone,
			Locale: i18n.Source, State: "active", CreatedAt: now, PhoneProvenAt: now, Version: 1,
		}
		a.Login = "visitor-" + a.ID
		if err := s.store.insertAccount(ctx, a, "", actor.ID); err != nil {
			return takenOr(err)
		}
		if err := s.CheckedAtWindow(ctx, actor, a.ID); err != nil {
			return err
		}
		return s.audit.Record(ctx, actor, audit.Note{Action: "identity.register_visitor", Object: "account:" + a.ID})
	})
	return a, err
}

// StaffInput opens an account for a member of staff.
type StaffInput struct {
	Login    string
	Name     i18n.Text
	Phone    string
	Email    string
	Password string
	Posts    []auth.Post
	// From and Until are the first and last day of the posts, as in Held.
	From, Until string
}

// CreateStaff opens a staff account with its posts. System administrators only,
// and the engine itself (command line, seeding). Posts that need a second person
// are not given with the account, except by the engine.
func (s *Service) CreateStaff(ctx context.Context, actor auth.Actor, in StaffInput) (Account, error) {
	if actor.Kind != auth.System && !actor.Has(auth.SystemAdmin) {
		return Account{}, ErrForbidden
	}
	in.Login = strings.ToLower(strings.TrimSpace(in.Login))
	bad := ErrInvalid
	if !loginForm.MatchString(in.Login) {
		bad = bad.At("login", errLogin.Code)
	}
	if in.Name.ZH == "" || utf8.RuneCountInString(in.Name.ZH) > 50 {
		bad = bad.At("name", errName.Code)
	}
	if utf8.RuneCountInString(in.Password) < MinPassword {
		bad = bad.At("password", errPassword.Code, "min", MinPassword)
	}
	for _, f := range checkPosts(s.Directory(), s.Today(), nil, asHeld(in.Posts, in.From, in.Until)...).Fields {
		bad = bad.At(f.Name, f.Code)
	}
	if actor.Kind != auth.System && slices.ContainsFunc(in.Posts, func(p auth.Post) bool { return NeedsSecond(p.Role) }) {
		bad = bad.At("role", ErrSecondPerson.Code)
	}
	if err := bad.OrNil(); err != nil {
		return Account{}, err
	}
	return s.insertStaff(ctx, actor, in, HashPassword(in.Password))
}

func (s *Service) insertStaff(ctx context.Context, actor auth.Actor, in StaffInput, hash string) (Account, error) {
	now := s.clock.Now()
	a := Account{
		ID: ids.New(now), Login: in.Login, Kind: auth.Staff, Name: in.Name, Phone: in.Phone, Email: in.Email, Locale: i18n.Source,
		State: "active", HasSecret: true, CreatedAt: now, Version: 1,
	}
	if actor.Kind == auth.System {
		a.PhoneProvenAt = now
	}
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.insertAccount(ctx, a, hash, ""); err != nil {
			return takenOr(err)
		}
		if actor.Kind == auth.System { // nobody who could use the addresses wrote them down
			if err := s.store.mailProven(ctx, a.ID, now); err != nil {
				return err
			}
		} else if err := s.openedBy(ctx, a.ID, actor.ID); err != nil {
			return err
		}
		for _, h := range asHeld(in.Posts, in.From, in.Until) {
			h.AccountID = a.ID
			if actor.Kind == auth.Staff {
				h.GivenBy = actor.ID
			}
			if _, err := s.insertPost(ctx, h); err != nil {
				return err
			}
		}
		return s.audit.Record(ctx, actor, audit.Note{Action: "identity.create_staff", Object: "account:" + a.ID, Change: map[string]any{"login": a.Login, "posts": in.Posts}})
	})
	return a, err
}

func validPost(d *Directory, p auth.Post) bool {
	known := false
	for _, r := range auth.Roles {
		known = known || r == p.Role
	}
	_, hall := d.Hall(p.HallID)
	w, window := d.Window(p.WindowID)
	return known && d.HasDepartment(p.DepartmentID) && d.regions[p.Region].Code != "" &&
		(hall || p.HallID == "") && (window && w.HallID == p.HallID || p.WindowID == "")
}

func checkPerson(name, idNumber, phone, email string) *errs.Error {
	bad := ErrInvalid
	if n := utf8.RuneCountInString(strings.TrimSpace(name)); n < 1 || n > 50 || strings.ContainsFunc(name, unseen) {
		bad = bad.At("name", errName.Code)
	}
	if !idcode.CheckResidentID(idNumber).OK(false) {
		bad = bad.At("id_number", errIDNumber.Code)
	}
	if !idcode.CheckPhone(phone).OK(false) {
		bad = bad.At("phone", errPhone.Code)
	}
	if email != "" {
		if a, err := mail.ParseAddress(email); err != nil || a.Address != email {
			bad = bad.At("email", errMail.Code)
		}
	}
	return bad
}

// unseen characters break a line or turn the direction of writing, so that a
// name on a paper reads as another.
func unseen(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }

func takenOr(err error) error {
	if errors.Is(err, db.ErrDuplicate) {
		return ErrLoginTaken.At("login", ErrLoginTaken.Code)
	}
	return err
}

// Actor returns who acts in a session: the account with its posts and firms.
// A closed or missing account acts as an anonymous visitor.
func (s *Service) Actor(ctx context.Context, accountID string) (auth.Actor, error) {
	a, found, err := s.store.account(ctx, `id=$1`, accountID)
	if err != nil || !found || a.State != "active" {
		return auth.Actor{}, err
	}
	out := auth.Actor{Kind: a.Kind, ID: a.ID, Name: a.Name.ZH}
	if a.Kind == auth.Staff {
		if out.Posts, err = s.store.posts(ctx, a.ID, s.Today()); err != nil {
			return auth.Actor{}, fmt.Errorf("identity: posts: %w", err)
		}
		if out.Posts, err = s.effective(ctx, a.ID, out.Posts); err != nil {
			return auth.Actor{}, err
		}
		if err := s.store.join(ctx, s.Today(), []string{a.ID}, func(yield func(string, *auth.Post) bool) {
			for i := range out.Posts {
				if !yield(a.ID, &out.Posts[i]) {
					return
				}
			}
		}); err != nil {
			return auth.Actor{}, fmt.Errorf("identity: groups: %w", err)
		}
		return out, nil
	}
	if out.Mandates, err = s.store.mandates(ctx, a.ID, s.clock.Now()); err != nil {
		return auth.Actor{}, fmt.Errorf("identity: authorisations: %w", err)
	}
	out.Firms = firmsOf(out.Mandates)
	return out, nil
}

// Account returns an account by id, for the person and for staff who hold its case.
func (s *Service) Account(ctx context.Context, id string) (Account, error) {
	a, found, err := s.store.account(ctx, `id=$1`, id)
	if err == nil && !found {
		err = ErrNotFound
	}
	return a, err
}

// AccountByLogin returns an account by its login name.
func (s *Service) AccountByLogin(ctx context.Context, login string) (Account, error) {
	a, found, err := s.store.byLogin(ctx, strings.ToLower(login))
	if err == nil && !found {
		err = ErrNotFound
	}
	return a, err
}

// SetLocale remembers the language in which the person is written to.
func (s *Service) SetLocale(ctx context.Context, actor auth.Actor, l i18n.Locale) error {
	if actor.Kind != auth.Person && actor.Kind != auth.Staff {
		return nil
	}
	return s.db.InTx(ctx, func(ctx context.Context) error {
		_, err := s.db.Exec(ctx, `UPDATE identity_account SET locale=$2 WHERE id=$1`, actor.ID, string(l))
		return err
	})
}

// StaffFilter of the list of staff.
type StaffFilter struct {
	Query      string // part of name or login
	Department string
	Role       auth.Role
	After      string // login of the last row before
	Limit      int
}

// StaffRow is one line of the list of staff.
type StaffRow struct {
	Account
	Posts []auth.Post
}

// Staff lists staff accounts by login. Administrators only.
func (s *Service) Staff(ctx context.Context, actor auth.Actor, f StaffFilter) ([]StaffRow, error) {
	if !actor.Has(auth.SystemAdmin, auth.SecurityAdmin, auth.AuditAdmin) {
		return nil, ErrForbidden
	}
	var a db.Args
	where := `kind='staff' AND login > ` + a.Add(f.After)
	if f.Query != "" {
		like := db.LikeAnywhere(strings.ToLower(f.Query))
		where += ` AND (login LIKE ` + a.Add(like) + ` ESCAPE '\' OR name->>'zh' LIKE ` + a.Add(like) + ` ESCAPE '\')`
	}
	if f.Department != "" || f.Role != "" {
		where += ` AND id IN (SELECT p.account_id FROM identity_post p WHERE ` + PostOn("p", a.Add(s.Today()))
		if f.Department != "" {
			where += ` AND department_id=` + a.Add(f.Department)
		}
		if f.Role != "" {
			where += ` AND role=` + a.Add(string(f.Role))
		}
		where += `)`
	}
	accounts, err := db.List(ctx, s.db.Read(ctx), s.store.scanAccount, `SELECT `+accountColumns+` FROM identity_account WHERE `+where+` ORDER BY login LIMIT `+a.Add(min(max(f.Limit, 1), 201)), a...)
	if err != nil {
		return nil, fmt.Errorf("identity: staff: %w", err)
	}
	rows := make([]StaffRow, len(accounts))
	for i, acc := range accounts {
		rows[i].Account = acc
		if rows[i].Posts, err = s.store.posts(ctx, acc.ID, s.Today()); err != nil {
			return nil, fmt.Errorf("identity: staff: %w", err)
		}
	}
	return rows, nil
}
