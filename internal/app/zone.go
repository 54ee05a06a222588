package app

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/demo/firms"
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/credit"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching/tier"
	"github.com/tongban/tongban/internal/platform/auth"
)

// DemoPassword opens every account of the demonstration.
const DemoPassword = "tongban-demo"

// SeedZone writes the frame of a zone (organisation, people, firms, catalogue)
// into an empty installation. Every account gets the demonstration password,
// hashed once: hashing it for each of them would take longer than all the rest.
func (m *Modules) SeedZone(ctx context.Context, z demo.Zone) error {
	sys := auth.SystemActor()
	if err := m.saveHalls(ctx, z); err != nil {
		return err
	}
	hash := identity.HashPassword(DemoPassword)
	accounts := map[string]string{} // login to account id
	err := m.DB.InTx(ctx, func(ctx context.Context) error {
		for _, s := range z.Staff {
			var posts []auth.Post
			for _, p := range s.Posts {
				if p.Now() {
					posts = append(posts, postOf(p))
				}
			}
			a, err := m.Identity.SeedAccount(ctx, sys, identity.Account{Login: s.Login, Kind: auth.Staff, Name: s.Name, Email: s.Login + "@zone.example"}, posts, hash)
			if err != nil {
				return fmt.Errorf("app: seed staff %s: %w", s.Login, err)
			}
			accounts[s.Login] = a.ID
			if s.AppSecret != "" {
				if err := m.Factor.SeedApp(ctx, a.ID, s.AppSecret); err != nil {
					return fmt.Errorf("app: seed staff %s: %w", s.Login, err)
				}
			}
		}
		for _, p := range z.People {
			if err := m.seedPerson(ctx, p, hash, accounts); err != nil {
				return err
			}
		}
		today := workday.DateOf(m.Clock.Now())
		for _, f := range z.Firms {
			f.Facts = append(f.Facts, firms.Facts(f, today, firms.Seed)...)
			if err := m.seedFirm(ctx, f, accounts); err != nil {
				return fmt.Errorf("app: seed firm %s: %w", f.USCC, err)
			}
		}
		if _, err := m.Budget.Import(ctx, sys, z.Funds); err != nil { // before the items that name them
			return err
		}
		if _, err := m.Catalogue.Import(ctx, sys, seedOf(z)); err != nil {
			return err
		}
		return m.Talk.ImportPhrases(ctx, sys, phrasesOf(z))
	})
	if err != nil {
		return err
	}
	if err := m.Catalogue.Load(ctx); err != nil {
		return err
	}
	if _, err := m.Policies.Import(ctx, sys, z.Policies); err != nil { // they name items and funds
		return err
	}
	if err := m.openGroups(ctx, z); err != nil {
		return err
	}
	for _, t := range z.TierTargets {
		if err := m.Tiers.SetTarget(ctx, sys, tier.TargetInput{Rung: t.Rung, AccountID: accounts[t.Commissioner], Number: t.Number}); err != nil {
			return fmt.Errorf("app: target of %s: %w", t.Rung, err)
		}
	}
	return m.seedOffices(ctx, z, accounts)
}

// LoadFrame brings the frame of a real zone up to date: regions, departments,
// halls, certificate types, shelves and items. People and firms are not
// touched. A department or item that is known is changed, none is removed.
func (m *Modules) LoadFrame(ctx context.Context, z demo.Zone) (catalogue.ImportReport, error) {
	sys := auth.SystemActor()
	if err := m.saveHalls(ctx, z); err != nil {
		return catalogue.ImportReport{}, err
	}
	if _, err := m.Budget.Import(ctx, sys, z.Funds); err != nil {
		return catalogue.ImportReport{}, err
	}
	if err := m.openGroups(ctx, z); err != nil {
		return catalogue.ImportReport{}, err
	}
	r, err := m.Catalogue.Import(ctx, sys, seedOf(z))
	if err != nil {
		return r, err
	}
	if err := m.Catalogue.Load(ctx); err != nil {
		return r, err
	}
	_, err = m.Policies.Import(ctx, sys, z.Policies)
	return r, err
}

// seedPerson opens the account of a person and notes it under its login.
func (m *Modules) seedPerson(ctx context.Context, p demo.Person, hash string, accounts map[string]string) error {
	sys := auth.SystemActor()
	a, err := m.Identity.SeedAccount(ctx, sys, identity.Account{Login: p.Login, Kind: auth.Person, Name: p.Name, IDNumber: p.IDNumber, Phone: p.Phone, Email: p.Email}, nil, hash)
	if err != nil {
		return fmt.Errorf("app: seed person %s: %w", p.Login, err)
	}
	accounts[p.Login] = a.ID
	// Everybody has an identity card on file, as after a real-name sign-up.
	if _, err := m.Identity.Issue(ctx, sys, identity.IssueInput{Type: "id_card", Number: p.IDNumber, Holder: a.Party()}); err != nil {
		return fmt.Errorf("app: seed person %s: %w", p.Login, err)
	}
	return nil
}

func (m *Modules) seedFirm(ctx context.Context, f demo.Firm, accounts map[string]string) error {
	sys := auth.SystemActor()
	in := identity.EnterpriseInput{Enterprise: identity.Enterprise{
		USCC: f.USCC, Name: f.Name, LegalRepresentative: f.LegalRepresentative, Industry: f.Industry,
		Region: f.Region, Address: f.Address, RegisteredOn: f.RegisteredOn, Capital: wan(f.CapitalWan), Phone: f.Phone, Email: f.Email,
	}}
	for _, y := range f.Figures {
		in.Figures = append(in.Figures, identity.Figure{
			Year: y.Year, Staff: y.Staff, RDStaff: y.RDStaff, Revenue: fen(y.RevenueWan), Main: fen(y.MainWan), HighTech: fen(y.HighTechWan), Costs: fen(y.CostsWan), RD: fen(y.RDWan),
			Profit: fen(y.ProfitWan), Tax: fen(y.TaxWan), Assets: fen(y.AssetsWan), NetAssets: fen(y.NetAssetsWan), Patents1: y.Patents1, Patents2: y.Patents2,
		})
	}
	more, err := wordsOf(f, workday.DateOf(m.Clock.Now()))
	if err != nil {
		return err
	}
	e, err := m.Dossier.Take(ctx, sys, dossier.Opening{USCC: f.USCC, Words: append(m.Dossier.WordsOf(in.Enterprise, in.Figures), more...)})
	if err != nil {
		return err
	}
	for i, login := range f.Agents {
		level := identity.Agent
		if i == 0 {
			level = identity.Owner
		}
		if err := m.Identity.Authorise(ctx, sys, e.ID, accounts[login], level); err != nil {
			return err
		}
	}
	for _, c := range f.Certificates {
		if _, err := m.Identity.Issue(ctx, sys, identity.IssueInput{Type: c.Type, Number: c.Number, Holder: e.Party(), From: c.From, Until: c.To}); err != nil {
			return err
		}
	}
	for _, c := range f.Credit {
		if kind := credit.Kind(c.Kind); slices.Contains(credit.Kinds, kind) {
			if err := m.Credit.Seed(ctx, sys, credit.Record{Party: e.Party(), Kind: kind, Reason: c.Reason, Source: c.Source, DepartmentID: c.Department, From: c.From, Until: c.To}); err != nil {
				return err
			}
			continue
		}
		if err := m.Identity.RecordCredit(ctx, sys, identity.CreditRecord{Party: e.Party(), Kind: identity.Standing(c.Kind), Reason: c.Reason, Source: c.Source, From: c.From, Until: c.To}); err != nil {
			return err
		}
	}
	if f.Commissioner != "" {
		return m.Care.Assign(ctx, sys, e.ID, accounts[f.Commissioner])
	}
	return nil
}

// wordsOf are what the registers say of a firm beyond its figures; staff have
// seen what no register keeps.
func wordsOf(f demo.Firm, today workday.Date) ([]dossier.Word, error) {
	var out []dossier.Word
	for _, x := range f.Facts {
		d := dossier.Published().Def(x.Key)
		if d == nil {
			return nil, fmt.Errorf("app: there is no fact %q", x.Key)
		}
		value, err := d.Parse(x.Value)
		if err != nil {
			return nil, fmt.Errorf("app: %s %q: %w", x.Key, x.Value, err)
		}
		w := dossier.Word{Key: x.Key, Year: x.Year, Value: value, Source: dossier.Registry, Origin: d.Register, AsOf: today.String()}
		if x.Year != 0 {
			w.AsOf = min(strconv.Itoa(x.Year+1)+"-06-30", w.AsOf)
		}
		if !d.By(dossier.Registry) {
			w.Source = dossier.Officer
		}
		out = append(out, w)
	}
	return out, nil
}

func seedOf(z demo.Zone) catalogue.Seed {
	return catalogue.Seed{Shelves: z.Shelves, Themes: z.Themes, LifeEvents: z.LifeEvents, Items: z.Items}
}

func organisationOf(z demo.Zone) identity.Organisation {
	var o identity.Organisation
	for _, r := range z.Regions {
		o.Regions = append(o.Regions, identity.Region{Code: r.Code, Level: r.Level, Parent: r.Parent, Name: r.Name})
	}
	for _, d := range z.Departments {
		o.Departments = append(o.Departments, identity.Department{ID: d.Key, USCC: d.USCC, Region: d.Region, Name: d.Name, Phone: d.Phone, ComplaintPhone: d.ComplaintPhone, Address: d.Address})
	}
	for _, h := range z.Halls {
		hall := identity.Hall{ID: h.Key, Region: h.Region, Name: h.Name, Address: h.Address, Hours: h.Hours, Phone: h.Phone}
		for _, w := range h.Windows {
			hall.Windows = append(hall.Windows, identity.Window{Number: w.No, Name: w.Name})
		}
		o.Halls = append(o.Halls, hall)
	}
	for _, t := range z.CertificateTypes {
		o.CertificateTypes = append(o.CertificateTypes, identity.CertificateType{
			Key: t.Key, Name: t.Name, Holder: identity.HolderKind(t.Holder), Level: t.Level, Code: t.Code, Proves: t.Proves, Remind: t.Remind, Item: t.Item,
		})
	}
	return o
}

// fen is wan for what may be missing.
func fen(n *float64) *money.Fen {
	if n == nil {
		return nil
	}
	return new(wan(*n))
}

// wan turns 10,000 yuan into fen.
func wan(n float64) money.Fen { return money.Fen(math.Round(n * 1e6)) }

func phrasesOf(z demo.Zone) []talk.Phrase {
	out := make([]talk.Phrase, len(z.Phrases))
	for i, p := range z.Phrases {
		out[i] = talk.Phrase{Department: p.Department, Use: talk.Use(p.Use), Title: p.Title, Text: p.Text}
	}
	return out
}
