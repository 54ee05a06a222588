package app

import (
	"context"
	"slices"
	"strconv"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/claim"
	"github.com/tongban/tongban/internal/identity/claimweb"
	"github.com/tongban/tongban/internal/identity/register"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/config"
	"github.com/tongban/tongban/internal/platform/view"
)

// registerOf is the register of companies that the settings name.
func (m *Modules) registerOf(cfg config.Config) (register.Register, error) {
	switch cfg.RegisterURL {
	case "":
		return register.None{}, nil
	case config.Memory:
		m.Register = register.NewMemory()
		return m.Register, nil
	default:
		h, err := register.NewHTTP(cfg.RegisterURL, cfg.RegisterToken)
		if err != nil {
			return nil, err
		}
		return register.NewBreaker(h, m.Clock), nil
	}
}

// holds says in the words of cases why nothing is decided for a firm now.
func (m *Modules) holds(ctx context.Context, party identity.Party, account string) (*cases.Hold, error) {
	why, err := m.Claims.HoldOf(ctx, party.ID, account)
	if err != nil {
		return nil, err
	}
	switch why {
	case claim.HoldWaiting:
		return &cases.Hold{Staff: "claim.hold.waiting", Applicant: "claim.hold.waiting_you"}, nil
	case claim.HoldUnknown:
		return &cases.Hold{Staff: "claim.hold.unknown", Applicant: "claim.hold.unknown_you", Grants: true}, nil
	case claim.HoldClaim:
		return &cases.Hold{Staff: "claim.hold.claim", Applicant: "claim.hold.claim_you", Grants: true}, nil
	case claim.HoldRefused:
		return &cases.Hold{Staff: "claim.hold.refused", Applicant: "claim.hold.refused_you", Grants: true}, nil
	case claim.HoldRejected:
		return &cases.Hold{Staff: "claim.hold.rejected", Applicant: "claim.hold.rejected_you", Grants: true}, nil
	}
	return nil, nil
}

// FillRegister puts the firms of a zone into the register inside the program:
// those that have a file, and those that the register alone knows.
func (m *Modules) FillRegister(z demo.Zone) {
	if m.Register == nil {
		return
	}
	m.register(z.People, z.Firms, z.Registered)
	for _, x := range z.Matters {
		if x.Unverified != nil && x.Unverified.Silent {
			m.Register.Silence(x.Unverified.USCC)
		}
	}
}

func (m *Modules) actorByLogin(ctx context.Context, login string) (auth.Actor, error) {
	a, err := m.Identity.AccountByLogin(ctx, login)
	if err != nil {
		return auth.Actor{}, err
	}
	return m.ActorOf(ctx, a.ID)
}

// register puts firms into the register inside the program; who represents them
// is looked for among people.
func (m *Modules) register(people []demo.Person, lists ...[]demo.Firm) {
	if m.Register == nil {
		return
	}
	known := map[string]string{} // identity numbers by name
	for _, p := range people {
		known[p.Name.ZH] = p.IDNumber
	}
	day := m.Clock.Now().AddDate(0, 0, -1).Format("2006-01-02")
	for _, f := range slices.Concat(lists...) {
		facts := map[string]string{
			"name": f.Name.ZH, "legal_representative": f.LegalRepresentative, "industry": f.Industry, "region": f.Region, "address": f.Address, "registered_on": f.RegisteredOn,
			"capital": strconv.FormatFloat(f.CapitalWan, 'f', -1, 64),
		}
		if f.Name.EN != "" {
			facts["name_en"] = f.Name.EN
		}
		m.Register.Put(register.Record{USCC: f.USCC, AsOf: day, Facts: facts, RepresentativeID: known[f.LegalRepresentative]})
	}
}

// samples are pages that only a demonstration has.
func (m *Modules) samples() []view.NavItem {
	if m.Register == nil {
		return nil
	}
	return []view.NavItem{{Href: claimweb.RegisterPath, Key: "register.nav", Icon: "database"}}
}
