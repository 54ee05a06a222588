package claim

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/identity/register"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/quota"
)

// Bounds of trying, so that nobody finds out by guessing.
const (
	triesOfAccount = 10 // in a day
	triesOfFirm    = 20 // in a day with wrong names, whoever tries
	mayWait        = 3  // firms that somebody declared, and nobody has verified
)

// AddInput is what somebody types of his firm.
type AddInput struct {
	USCC           string
	Confirmed      bool // the code fails the check, and stands so in the licence
	Name           string
	Representative string // legal representative
	Paper          *Paper // power of attorney
	Declare        bool   // the register does not answer: open the file with what is declared
	Region         string // for Declare
	Address        string // for Declare
}

// Paper is an uploaded power of attorney.
type Paper struct {
	Name    string
	Content io.Reader
	Limit   int64
}

// Added is what became of it.
type Added struct {
	Firm  string
	Claim string // "" when he became the owner at once
	State string
}

// Add lets a person name a firm to act for. He becomes the owner when the
// register says that he is its legal representative and nobody owns it yet;
// otherwise his claim waits for a person, or for the register.
func (s *Service) Add(ctx context.Context, actor auth.Actor, in AddInput) (Added, error) {
	if actor.Kind != auth.Person {
		return Added{}, ErrForbidden
	}
	if err := in.check(); err != nil {
		return Added{}, err
	}
	if err := s.Throttle.Hit(ctx, "claim:"+actor.ID, triesOfAccount, 24*time.Hour); err != nil {
		return Added{}, err
	}
	guesses := "claim-firm:" + in.USCC
	if err := s.Throttle.Hit(ctx, guesses, triesOfFirm, 24*time.Hour); err != nil {
		return Added{}, err
	}
	out, err := s.add(ctx, actor, in)
	if !mismatched(err) { // a try that guesses nothing keeps nobody from adding his firm
		if err := s.Throttle.Forgive(ctx, guesses); err != nil {
			return Added{}, err
		}
	}
	return out, err
}

func mismatched(err error) bool {
	e, ok := errors.AsType[*errs.Error](err)
	return ok && slices.ContainsFunc(e.Fields, func(f errs.Field) bool { return f.Code == ErrMismatch.Code })
}

func (s *Service) add(ctx context.Context, actor auth.Actor, in AddInput) (Added, error) {
	e, err := s.Identity.EnterpriseByUSCC(ctx, in.USCC)
	known := err == nil
	if err != nil && !isNotFound(err) {
		return Added{}, err
	}
	if known {
		if actor.ActsFor(e.ID) {
			return Added{}, ErrInvalid.At("uscc", ErrActs.Code)
		}
		open, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM identity_claim WHERE enterprise_id=$1 AND account_id=$2 AND state IN ('waiting','open')`, e.ID, actor.ID)
		if err != nil {
			return Added{}, err
		}
		if open > 0 {
			return Added{}, ErrInvalid.At("uscc", ErrOpen.Code)
		}
	}
	account, err := s.Identity.Account(ctx, actor.ID)
	if err != nil {
		return Added{}, err
	}
	unsettled := false
	if known {
		state, err := s.Dossier.RegisterState(ctx, e.ID)
		if err != nil {
			return Added{}, err
		}
		unsettled = dossier.Unsettled(state)
	}
	r, err := s.Dossier.Ask(ctx, in.USCC)
	switch {
	case errors.Is(err, register.ErrUnknown) && !unsettled:
		return Added{}, ErrInvalid.At("uscc", ErrUnknown.Code)
	case err != nil && known:
		return s.addToFile(ctx, actor, e, in, unsettled)
	case err != nil:
		return s.addDeclared(ctx, actor, account, in)
	}
	return s.addRegistered(ctx, actor, account, r, in)
}

func isNotFound(err error) bool {
	e, ok := errors.AsType[*errs.Error](err)
	return ok && e.Kind == errs.NotFound
}

// check tidies what was typed.
func (in *AddInput) check() error {
	in.Name, in.Representative, in.Address = strings.TrimSpace(in.Name), strings.TrimSpace(in.Representative), strings.TrimSpace(in.Address)
	bad, wrong := ErrInvalid, false
	complain := func(field string, e *errs.Error) { bad, wrong = bad.At(field, e.Code), true }
	switch code := idcode.CheckUSCC(in.USCC); {
	case !code.OK(true):
		complain("uscc", ErrUSCC)
	case !code.OK(in.Confirmed):
		complain("uscc", ErrConfirm)
		in.USCC = code.Normalised
	default:
		in.USCC = code.Normalised
	}
	if n := utf8.RuneCountInString(in.Name); n < 2 || n > 100 {
		complain("name", ErrName)
	}
	if n := utf8.RuneCountInString(in.Representative); n < 2 || n > 50 {
		complain("representative", ErrPerson)
	}
	if utf8.RuneCountInString(in.Address) > 200 {
		complain("address", ErrName)
	}
	if wrong {
		return bad
	}
	return nil
}

// same compares names as people write them: brackets and blanks make no difference.
func same(a, b string) bool {
	plain := strings.NewReplacer("（", "(", "）", ")", " ", "", "　", "", "·", "", "•", "")
	return a != "" && strings.EqualFold(plain.Replace(a), plain.Replace(b))
}

// isRepresentative says that the register names the owner of the account, and
// that somebody has looked at who he is.
func (s *Service) isRepresentative(ctx context.Context, a identity.Account, r register.Record) (bool, error) {
	if r.RepresentativeID == "" || !strings.EqualFold(a.IDNumber, r.RepresentativeID) || !same(a.Name.ZH, r.Representative()) {
		return false, nil
	}
	real, err := s.Identity.RealNameOf(ctx, a)
	return slices.ContainsFunc(real, func(x identity.RealName) bool {
		return x.Level == identity.RealWindow || x.Level == identity.RealProvider
	}), err
}

// owners of a firm who can sign in.
func (s *Service) owners(ctx context.Context, firm string) ([]identity.Account, error) {
	list, err := s.Identity.Authorised(ctx, firm, s.Clock.Now())
	var out []identity.Account
	for _, x := range list {
		if x.Mandate.Level == auth.LevelOwner {
			out = append(out, x.Account)
		}
	}
	return out, err
}

// addRegistered goes on with what the register says.
func (s *Service) addRegistered(ctx context.Context, actor auth.Actor, a identity.Account, r register.Record, in AddInput) (Added, error) {
	if !same(in.Name, r.Name()) || !same(in.Representative, r.Representative()) {
		return Added{}, ErrInvalid.At("name", ErrMismatch.Code)
	}
	proven, err := s.isRepresentative(ctx, a, r)
	if err != nil {
		return Added{}, err
	}
	if !proven && in.Paper == nil {
		return Added{}, ErrInvalid.At("paper", ErrPaper.Code)
	}
	blob, err := s.put(ctx, actor, in.Paper)
	if err != nil {
		return Added{}, err
	}
	var out Added
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		sys := auth.SystemActor()
		e, err := s.Dossier.FromRegister(ctx, sys, r)
		if err != nil {
			return outside(err, "uscc")
		}
		owners, err := s.owners(ctx, e.ID)
		if err != nil {
			return err
		}
		out.Firm = e.ID
		if proven && len(owners) == 0 {
			out.State = Accepted
			if err := s.Grants.Admit(ctx, sys, e.ID, actor.ID, auth.LevelOwner, "register"); err != nil {
				return err
			}
			if err := s.tellOwner(ctx, e, a); err != nil {
				return err
			}
			return s.Audit.Record(ctx, actor, audit.Note{Action: "claim.owner", Object: "enterprise:" + e.ID, OnBehalf: e.ID})
		}
		c := Claim{Firm: e, Level: auth.LevelManager, Proven: proven, State: Open}
		switch {
		case proven:
			c.Level = auth.LevelOwner
		case len(owners) > 0:
			c.Level = auth.LevelAgent
		}
		out.Claim, out.State, err = s.open(ctx, actor, c, blob, in.Paper, owners)
		return err
	})
	return out, err
}

func outside(err error, field string) error {
	if e, ok := errors.AsType[*errs.Error](err); ok && slices.ContainsFunc(e.Fields, func(f errs.Field) bool { return f.Code == dossier.ErrOutside.Code }) {
		return ErrInvalid.At(field, ErrOutside.Code)
	}
	return err
}

// addToFile goes on without the register where the firm has a file: what stands
// there is compared, and people decide. What somebody declared of a firm that
// nobody has verified is no measure of what others say of it: with a power of
// attorney they are heard, too.
func (s *Service) addToFile(ctx context.Context, actor auth.Actor, e identity.Enterprise, in AddInput, unsettled bool) (Added, error) {
	if !unsettled && !same(in.Name, e.Name.ZH) || !unsettled && !same(in.Representative, e.LegalRepresentative) {
		return Added{}, ErrInvalid.At("name", ErrMismatch.Code)
	}
	if in.Paper == nil {
		return Added{}, ErrInvalid.At("paper", ErrPaper.Code)
	}
	blob, err := s.put(ctx, actor, in.Paper)
	if err != nil {
		return Added{}, err
	}
	out := Added{Firm: e.ID}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		owners, err := s.owners(ctx, e.ID)
		if err != nil {
			return err
		}
		c := Claim{Firm: e, Level: auth.LevelManager, State: Open}
		if unsettled {
			c.SaidName, c.SaidPerson = in.Name, in.Representative
		}
		if len(owners) > 0 {
			c.Level = auth.LevelAgent
		}
		out.Claim, out.State, err = s.open(ctx, actor, c, blob, in.Paper, owners)
		return err
	})
	return out, err
}

// addDeclared opens the file of a firm while the register does not answer. Who
// did so acts for it for the time being; nothing is decided for it until then.
func (s *Service) addDeclared(ctx context.Context, actor auth.Actor, a identity.Account, in AddInput) (Added, error) {
	himself := same(in.Representative, a.Name.ZH)
	waiting, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM identity_claim WHERE account_id=$1 AND state='waiting'`, actor.ID)
	switch {
	case err != nil:
		return Added{}, err
	case !in.Declare:
		return Added{}, ErrDown
	case !s.Identity.PhoneProven(a):
		return Added{}, ErrInvalid.At("uscc", ErrPhone.Code)
	case waiting >= mayWait:
		return Added{}, ErrInvalid.At("uscc", ErrMany.Code, "max", mayWait)
	case in.Region == "":
		return Added{}, ErrInvalid.At("region", ErrRegion.Code)
	case !himself && in.Paper == nil:
		return Added{}, ErrInvalid.At("paper", ErrPaper.Code)
	}
	blob, err := s.put(ctx, actor, in.Paper)
	if err != nil {
		return Added{}, err
	}
	var out Added
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		sys := auth.SystemActor()
		ref := "account:" + actor.ID
		words := []dossier.Word{{Key: "name", Value: in.Name, Ref: ref}, {Key: "legal_representative", Value: in.Representative, Ref: ref}, {Key: "region", Value: in.Region, Ref: ref}}
		if in.Address != "" {
			words = append(words, dossier.Word{Key: "address", Value: in.Address, Ref: ref})
		}
		e, err := s.Dossier.OpenDeclared(ctx, sys, dossier.Opening{USCC: in.USCC, Confirmed: in.Confirmed, Words: words})
		if errors.Is(err, dossier.ErrSettled) { // somebody was quicker
			return ErrInvalid.At("uscc", ErrOpen.Code)
		}
		if err != nil {
			return outside(err, "region")
		}
		out.Firm = e.ID
		if err := s.Grants.Admit(ctx, sys, e.ID, actor.ID, auth.LevelAgent, "claim"); err != nil {
			return err
		}
		out.Claim, out.State, err = s.open(ctx, actor, Claim{Firm: e, Level: auth.LevelManager, Provisional: true, State: Waiting}, blob, in.Paper, nil)
		return err
	})
	return out, err
}

// put keeps the bytes of a paper, which count as every other file of its day:
// inside the transaction nothing waits for a disk.
func (s *Service) put(ctx context.Context, actor auth.Actor, p *Paper) (*files.Blob, error) {
	if p == nil {
		return nil, nil
	}
	if err := s.Quota.Spend(ctx, actor, quota.Files, 1); err != nil {
		return nil, atPaper(err)
	}
	b, err := s.Files.Put(ctx, p.Content, p.Name, p.Limit)
	if err == nil {
		err = s.Quota.Spend(ctx, actor, quota.Bytes, b.Size)
	}
	return &b, atPaper(err)
}

// atPaper puts what is wrong with a file, or is too much for a day, beside its input.
func atPaper(err error) error {
	if e, ok := errors.AsType[*errs.Error](err); ok && (e.Kind == errs.Invalid || e.Kind == errs.TooMany) {
		var kv []any
		for k, v := range e.Params {
			kv = append(kv, k, v)
		}
		return ErrInvalid.At("paper", e.Code, kv...)
	}
	return err
}

// open writes a claim and tells the owners.
func (s *Service) open(ctx context.Context, actor auth.Actor, c Claim, blob *files.Blob, p *Paper, owners []identity.Account) (id, state string, err error) {
	now := s.Clock.Now()
	id = ids.New(now)
	if blob != nil {
		f, err := s.Files.Register(ctx, *blob, p.Name, actor.ID)
		if err != nil {
			return "", "", err
		}
		c.Paper = f.ID
	}
	n, err := s.DB.Exec(ctx, `INSERT INTO identity_claim (id, enterprise_id, account_id, level, proven, provisional, paper, state, reason, decided_by, decided_name, decided_at, created_at, version, said_name, said_person)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,'','',$9,0,$10,1,$11,$12) ON CONFLICT DO NOTHING`, id, c.Firm.ID, actor.ID, string(c.Level), c.Proven, c.Provisional, c.Paper, c.State, db.ToJSON(i18n.Text{}), db.MS(now), c.SaidName, c.SaidPerson)
	if err == nil && n == 0 {
		err = ErrInvalid.At("uscc", ErrOpen.Code)
	}
	if err != nil {
		return "", "", err
	}
	if err := s.Audit.Record(ctx, actor, audit.Note{
		Action: "claim.open", Object: "claim:" + id, OnBehalf: c.Firm.ID, Change: map[string]any{"firm": c.Firm.ID, "level": c.Level, "proven": c.Proven, "provisional": c.Provisional},
	}); err != nil {
		return "", "", err
	}
	for _, o := range owners {
		if err := s.tell(ctx, o, "claim_opened", id, "/my/claims/"+id, c.Firm, map[string]any{"who": actor.Name}); err != nil {
			return "", "", err
		}
	}
	switch {
	case c.State == Waiting:
		err = s.tellDesk(ctx, "claim_unverified", "/work/unverified/"+c.Firm.ID, id, c.Firm, actor.Name)
	case len(owners) == 0: // else they come first; the desk has it in its list
		err = s.tellDesk(ctx, "claim_desk", "/work/claims/"+id, id, c.Firm, actor.Name)
	}
	return id, c.State, err
}

// tellDesk tells everybody of the department that keeps the register of companies
// where the firm is.
func (s *Service) tellDesk(ctx context.Context, kind, link, id string, e identity.Enterprise, who string) error {
	market, _ := dossier.Published().Register(dossier.Market)
	holders, err := s.Identity.Holders(ctx, []string{market.Department}, dossier.Keepers...)
	if err != nil {
		return err
	}
	var desk []string
	for _, h := range holders {
		if strings.HasPrefix(e.Region, auth.Reach(h.Post.Region)) && !slices.Contains(desk, h.ID) {
			desk = append(desk, h.ID)
		}
	}
	accounts, err := s.Identity.Accounts(ctx, desk)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if err := s.tell(ctx, a, kind, id, link, e, map[string]any{"who": who}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) tell(ctx context.Context, to identity.Account, kind, id, link string, e identity.Enterprise, params map[string]any) error {
	params["firm"] = e.Name
	return s.Notify.Tell(ctx, notify.Reader{AccountID: to.ID, Locale: to.Locale, Mail: to.Email}, notify.News{Key: kind + ":" + id, Kind: kind, Link: link, Params: params})
}
