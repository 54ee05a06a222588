package identity

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Live is the condition that a row of identity_agent or identity_mandate, named
// by its alias, is in force at an instant: begun, not over, not ended. A period
// ends by itself, without a job that would have to run.
func Live(alias, at string) string {
	return "(" + alias + ".ended_at = 0 AND " + alias + ".since <= " + at + " AND (" + alias + ".until_at = 0 OR " + alias + ".until_at > " + at + "))"
}

// MandateColumns are those that ScanMandate reads, of identity_agent as g.
const MandateColumns = `g.id, g.enterprise_id, g.level, g.modules, g.items, g.read_only, g.since, g.until_at, ''`

// byOrganisation are the same of identity_mandate as m.
const byOrganisation = `m.id, m.enterprise_id, 'agent', m.modules, m.items, m.read_only, m.since, m.until_at, m.organisation_id`

// ScanMandate reads MandateColumns, and more columns behind them.
func ScanMandate(r db.Scanner, more ...any) (m auth.Mandate, err error) {
	var modules, items string
	err = r.Scan(append([]any{&m.ID, &m.Firm, &m.Level, &modules, &items, &m.ReadOnly, db.Time{Time: &m.From}, db.Time{Time: &m.Until}, &m.Via}, more...)...)
	for x := range strings.FieldsSeq(modules) {
		m.Modules = append(m.Modules, auth.Module(x))
	}
	m.Items = strings.Fields(items)
	return m, err
}

// mandates are the authorisations of an account that are in force at an instant:
// those that firms gave it, and those by way of an organisation that it still
// belongs to.
func (s store) mandates(ctx context.Context, account string, now time.Time) ([]auth.Mandate, error) {
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (auth.Mandate, error) { return ScanMandate(r) },
		`SELECT `+MandateColumns+` FROM identity_agent g WHERE g.account_id=$1 AND `+Live("g", "$2")+`
		UNION ALL SELECT `+byOrganisation+` FROM identity_mandate m JOIN identity_mandate_person p ON p.mandate_id = m.id
		WHERE p.account_id=$1 AND p.ended_at=0 AND `+Live("m", "$2")+` AND EXISTS (SELECT 1 FROM identity_agent g WHERE g.enterprise_id=m.organisation_id AND g.account_id=$1 AND `+Live("g", "$2")+`)
		ORDER BY 7, 1`, account, db.MS(now))
}

// firmsOf lists the firms of authorisations, each once.
func firmsOf(list []auth.Mandate) []string {
	var out []string
	seen := map[string]bool{}
	for _, m := range list {
		if !seen[m.Firm] {
			seen[m.Firm] = true
			out = append(out, m.Firm)
		}
	}
	return out
}

// Authorised is somebody who may act for a firm, with how far.
type Authorised struct {
	Account Account
	Mandate auth.Mandate
}

// Authorised lists who may act for a firm at an instant and can be reached, the
// owners first, then the firm's own people, then those of organisations. Somebody
// with two authorisations stands in it twice.
func (s *Service) Authorised(ctx context.Context, firm string, now time.Time) ([]Authorised, error) {
	type row struct {
		account string
		mandate auth.Mandate
	}
	rows, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (x row, err error) {
		x.mandate, err = ScanMandate(r, &x.account)
		return x, err
	}, `SELECT `+MandateColumns+`, g.account_id FROM identity_agent g WHERE g.enterprise_id=$1 AND `+Live("g", "$2")+`
		UNION ALL SELECT `+byOrganisation+`, p.account_id FROM identity_mandate m JOIN identity_mandate_person p ON p.mandate_id = m.id
		WHERE m.enterprise_id=$1 AND p.ended_at=0 AND `+Live("m", "$2")+` AND EXISTS (SELECT 1 FROM identity_agent g WHERE g.enterprise_id=m.organisation_id AND g.account_id=p.account_id AND `+Live("g", "$2")+`)
		ORDER BY 9, 7, 1`, firm, db.MS(now))
	if err != nil {
		return nil, fmt.Errorf("identity: authorised: %w", err)
	}
	ids := make([]string, len(rows))
	for i, x := range rows {
		ids[i] = x.account
	}
	accounts, err := s.Accounts(ctx, ids)
	if err != nil {
		return nil, err
	}
	by := make(map[string]Account, len(accounts))
	for _, a := range accounts {
		by[a.ID] = a
	}
	var out []Authorised
	for _, owners := range []bool{true, false} {
		for _, x := range rows {
			if a, ok := by[x.account]; ok && a.State == "active" && owners == (x.mandate.Level == auth.LevelOwner) {
				out = append(out, Authorised{a, x.mandate})
			}
		}
	}
	return out, nil
}

// PartiesFor returns for whom a person can ask in a module, and for an item when
// one is named: the person, then the firms for which he may do more than read.
func (s *Service) PartiesFor(ctx context.Context, actor auth.Actor, module auth.Module, item string) ([]Party, error) {
	all, err := s.Parties(ctx, actor)
	var out []Party
	for _, p := range all {
		if p.Kind == HolderPerson || actor.May(p.ID, module, item, true) {
			out = append(out, p)
		}
	}
	return out, err
}
