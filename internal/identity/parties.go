package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Enterprise returns a firm's file by id.
func (s *Service) Enterprise(ctx context.Context, id string) (Enterprise, error) {
	list, err := s.store.enterprises(ctx, `id=$1`, id)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Enterprise{}, err
	}
	return list[0], nil
}

// EnterpriseByUSCC returns a firm's file by its credit code.
func (s *Service) EnterpriseByUSCC(ctx context.Context, uscc string) (Enterprise, error) {
	list, err := s.store.enterprises(ctx, `uscc=$1`, strings.ToUpper(strings.TrimSpace(uscc)))
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Enterprise{}, err
	}
	return list[0], nil
}

// Enterprises returns the files of several firms, in the order of their names.
func (s *Service) Enterprises(ctx context.Context, list []string) ([]Enterprise, error) {
	var a db.Args
	return s.store.enterprises(ctx, `id IN `+db.In(&a, list)+` ORDER BY name->>'zh'`, a...)
}

// Parties returns for whom a person can ask: the person, then the firms.
func (s *Service) Parties(ctx context.Context, actor auth.Actor) ([]Party, error) {
	if actor.Kind != auth.Person {
		return nil, nil
	}
	a, err := s.Account(ctx, actor.ID)
	if err != nil {
		return nil, err
	}
	out := []Party{a.Party()}
	firms, err := s.Enterprises(ctx, actor.Firms)
	if err != nil {
		return nil, fmt.Errorf("identity: parties: %w", err)
	}
	for _, e := range firms {
		out = append(out, e.Party())
	}
	return out, nil
}

// Party is the person as one who asks.
func (a Account) Party() Party {
	return Party{Kind: HolderPerson, ID: a.ID, Name: a.Name, Code: a.IDNumber}
}

// Party is the firm as one who asks.
func (e Enterprise) Party() Party {
	return Party{Kind: HolderEnterprise, ID: e.ID, Name: e.Name, Code: e.USCC}
}

// Agents returns the accounts that act for a firm in whatever, the owners first.
func (s *Service) Agents(ctx context.Context, enterpriseID string) ([]Account, error) {
	all, err := s.Authorised(ctx, enterpriseID, s.clock.Now())
	var out []Account
	for _, x := range all {
		if !slices.ContainsFunc(out, func(a Account) bool { return a.ID == x.Account.ID }) {
			out = append(out, x.Account)
		}
	}
	return out, err
}

// AgentsFor returns the accounts whose authorisation for a firm is for a module,
// were it only to read, the owners first: whom to tell of what is new there.
func (s *Service) AgentsFor(ctx context.Context, enterpriseID string, module auth.Module) ([]Account, error) {
	all, err := s.Authorised(ctx, enterpriseID, s.clock.Now())
	var out []Account
	for _, x := range all {
		if x.Mandate.Covers(module, "", false) && !slices.ContainsFunc(out, func(a Account) bool { return a.ID == x.Account.ID }) {
			out = append(out, x.Account)
		}
	}
	return out, err
}

// Visitor is who stands at a window: a person, with the firms he acts for.
type Visitor struct {
	Account Account
	Firms   []Enterprise
}

// Bounds of looking for people at a window.
const (
	visitorsShown    = 5   // people of one search
	visitorSearches  = 300 // of one clerk in an hour
	visitorFirmRunes = 3   // of a firm's name, or of a login
)

// FindVisitor looks for people at a window by whole identity number, phone,
// login, credit code of a firm or name, or by three characters of the name of a
// firm: by what who stands there says or shows, not by leafing through. A few at
// most, clerks only; who was found is told in the audit trail.
func (s *Service) FindVisitor(ctx context.Context, actor auth.Actor, query string) ([]Visitor, error) {
	if !actor.Has(auth.Clerk) {
		return nil, ErrForbidden
	}
	query = strings.TrimSpace(query)
	n := utf8.RuneCountInString(query)
	if n < 2 {
		return nil, nil
	}
	if err := s.throttle.Hit(ctx, "visitor:"+actor.ID, visitorSearches, time.Hour); err != nil {
		return nil, err
	}
	login, firm := "", "" // which find nobody
	if n >= visitorFirmRunes {
		login, firm = strings.ToLower(query), db.LikeAnywhere(query)
	}
	args := db.Args{strings.ToUpper(query), login, query, firm, visitorsShown, s.provenFrom(), db.MS(s.clock.Now())}
	accounts, err := db.List(ctx, s.db.Read(ctx), s.store.scanAccount, `SELECT `+accountColumns+` FROM identity_account
		WHERE kind='person' AND state='active' AND (`+s.store.hasIDNumber(&args, query)+` OR `+s.store.hasPhone(&args, query)+` AND phone_proven_at >= $6 OR login=$2 AND login<>'' OR name->>'zh'=$3
			OR id IN (SELECT g.account_id FROM identity_agent g JOIN identity_enterprise e ON e.id=g.enterprise_id
				WHERE `+Live("g", "$7")+` AND (e.uscc=$1 OR e.name->>'zh' LIKE $4 ESCAPE '\')))
		ORDER BY login LIMIT $5`, args...)
	if err != nil {
		return nil, fmt.Errorf("identity: find visitor: %w", err)
	}
	if len(accounts) > 0 {
		found := make([]string, len(accounts))
		for i := range accounts {
			found[i] = accounts[i].ID
		}
		if err := s.db.InTx(ctx, func(ctx context.Context) error {
			for _, id := range found { // each reads it under who looked at his data
				if err := s.audit.Record(ctx, actor, audit.Note{Action: "identity.find_visitor", Object: "account:" + id}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return nil, fmt.Errorf("identity: find visitor: %w", err)
		}
	}
	out := make([]Visitor, len(accounts))
	for i, a := range accounts {
		out[i].Account = a
		mandates, err := s.store.mandates(ctx, a.ID, s.clock.Now())
		if err != nil {
			return nil, fmt.Errorf("identity: find visitor: %w", err)
		}
		if out[i].Firms, err = s.Enterprises(ctx, firmsOf(mandates)); err != nil {
			return nil, fmt.Errorf("identity: find visitor: %w", err)
		}
	}
	return out, nil
}

// OpenVisitor is ActAs for a clerk who opens the file of somebody at the window:
// that he looked is told in the audit trail.
func (s *Service) OpenVisitor(ctx context.Context, actor auth.Actor, accountID string) (auth.Actor, error) {
	if !actor.Has(auth.Clerk) {
		return auth.Actor{}, ErrForbidden
	}
	visitor, err := s.ActAs(ctx, accountID)
	if err != nil {
		return visitor, err
	}
	return visitor, s.db.InTx(ctx, func(ctx context.Context) error {
		return s.audit.Record(ctx, actor, audit.Note{Action: "identity.open_visitor", Object: "account:" + accountID})
	})
}

// ActAs returns the actor that a clerk files for: the visitor with his firms.
// What is filed so carries the clerk in its event as who typed it.
func (s *Service) ActAs(ctx context.Context, accountID string) (auth.Actor, error) {
	a, err := s.Actor(ctx, accountID)
	if err == nil && a.Kind != auth.Person {
		err = ErrNotFound
	}
	return a, err
}

// Authorise lets an account act for a firm. The engine itself only, in this form.
func (s *Service) Authorise(ctx context.Context, actor auth.Actor, enterpriseID, accountID string, level Level) error {
	if actor.Kind != auth.System {
		return ErrForbidden
	}
	return s.db.InTx(ctx, func(ctx context.Context) error {
		e, err := s.Enterprise(ctx, enterpriseID)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		since := now // what is taken in was so before: since the firm began
		if d, err := workday.Parse(e.RegisteredOn); err == nil && workday.StartOf(d).Before(now) {
			since = workday.StartOf(d)
		}
		if _, err := s.db.Exec(ctx, `INSERT INTO identity_agent (id, enterprise_id, account_id, level, since, ended_at) VALUES ($1,$2,$3,$4,$5,0)
			ON CONFLICT (enterprise_id, account_id) WHERE ended_at = 0 DO NOTHING`, ids.New(now), enterpriseID, accountID, string(level), db.MS(since)); err != nil {
			return err
		}
		return s.audit.Record(ctx, actor, audit.Note{Action: "identity.authorise", Object: "enterprise:" + enterpriseID, Change: map[string]any{"account": accountID, "level": level}})
	})
}

// Applicant gathers what a form can be prefilled with: "person.name",
// "enterprise.uscc", "figures.rd_wan" and so on. Empty values are left out.
func (s *Service) Applicant(ctx context.Context, accountID, enterpriseID string) (map[string]any, error) {
	a, err := s.Account(ctx, accountID)
	if err != nil {
		return nil, err
	}
	out := map[string]any{"person.name": a.Name.ZH, "person.phone": a.Phone, "person.email": a.Email, "person.id_number": a.IDNumber}
	if enterpriseID == "" {
		return clean(out), nil
	}
	e, err := s.Enterprise(ctx, enterpriseID)
	if err != nil {
		return nil, err
	}
	for k, v := range map[string]any{
		"name": e.Name.ZH, "uscc": e.USCC, "legal_representative": e.LegalRepresentative, "address": e.Address, "region": e.Region, "phone": e.Phone, "email": e.Email,
		"industry": e.Industry, "registered_on": e.RegisteredOn, "capital_wan": float64(e.Capital) / 1e6,
	} {
		out["enterprise."+k] = v
	}
	figures, err := s.Figures(ctx, enterpriseID)
	if err != nil {
		return nil, err
	}
	if len(figures) > 0 {
		figures[0].prefill(out)
	}
	return clean(out), nil
}

func clean(m map[string]any) map[string]any {
	for k, v := range m {
		if v == "" {
			delete(m, k)
		}
	}
	return m
}

// NameOf returns the name of an account for a timeline; the id where it is unknown.
func (s *Service) NameOf(ctx context.Context, accountID string) i18n.Text {
	if a, ok, err := s.store.account(ctx, `id=$1`, accountID); err == nil && ok {
		return a.Name
	}
	if name, ok, err := db.Maybe(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT name FROM identity_client WHERE id=$1`, accountID); err == nil && ok {
		return i18n.Text{ZH: name}
	}
	return i18n.Text{ZH: accountID}
}
