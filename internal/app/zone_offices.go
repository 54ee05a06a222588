package app

import (
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/mandate"
	"github.com/tongban/tongban/internal/identity/organisation"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
)

func postOf(p demo.Post) auth.Post {
	out := auth.Post{Role: auth.Role(p.Role), DepartmentID: p.Department, Region: p.Region, HallID: p.Hall}
	if p.Window != "" {
		out.WindowID = p.Hall + "/" + p.Window
	}
	return out
}

// seedOffices writes the posts that begin later or wait for a second person, and
// who else acts for firms: the same way as people do it, each by whom it is for.
func (m *Modules) seedOffices(ctx context.Context, z demo.Zone, accounts map[string]string) error {
	day := func(n int) string { return workday.DateOf(m.Clock.Now()).AddDays(n).String() }
	return m.DB.InTx(ctx, func(ctx context.Context) error {
		for _, s := range z.Staff {
			for _, p := range s.Posts {
				switch {
				case p.Now():
				case p.Proposed != "":
					by, err := m.Identity.Actor(ctx, accounts[proposer])
					if err != nil {
						return err
					}
					if _, err := m.Offices.Propose(ctx, by, organisation.Input{AccountID: accounts[s.Login], Post: postOf(p), Reason: p.Proposed}); err != nil {
						return fmt.Errorf("app: seed staff %s: %w", s.Login, err)
					}
				default:
					if _, err := m.Identity.GivePost(ctx, auth.SystemActor(), identity.Held{AccountID: accounts[s.Login], Post: postOf(p), From: day(p.FromDays)}); err != nil {
						return fmt.Errorf("app: seed staff %s: %w", s.Login, err)
					}
				}
			}
		}
		for _, g := range z.Groups {
			for _, x := range g.Members {
				in := organisation.MemberInput{Group: g.ID, AccountID: accounts[x.Login]}
				if x.Days > 0 {
					in.Until = day(x.Days)
				}
				if err := m.Offices.Join(ctx, auth.SystemActor(), in); err != nil {
					return fmt.Errorf("app: seed group %s: %w", g.ID, err)
				}
			}
		}
		owners := map[string]string{}
		for _, f := range z.Firms {
			if len(f.Agents) > 0 {
				owners[f.USCC] = accounts[f.Agents[0]]
			}
		}
		for _, x := range z.Authorisations {
			if err := m.seedAuthorisation(ctx, x, owners, accounts, day); err != nil {
				return fmt.Errorf("app: seed %s for %s: %w", x.Kind, x.Firm, err)
			}
		}
		return nil
	})
}

// openGroups opens the groups that are not there yet; who is of them is for people
// to say.
func (m *Modules) openGroups(ctx context.Context, z demo.Zone) error {
	known := m.Identity.Directory().Groups
	for _, g := range z.Groups {
		if slices.ContainsFunc(known, func(k identity.Group) bool { return k.ID == g.ID }) {
			continue
		}
		if err := m.Offices.OpenGroup(ctx, auth.SystemActor(), organisation.GroupInput{ID: g.ID, Department: g.Department, Name: g.Name}); err != nil {
			return fmt.Errorf("app: group %s: %w", g.ID, err)
		}
	}
	return nil
}

// proposer proposes the posts of the demonstration that wait.
const proposer = "system-admin"

func (m *Modules) seedAuthorisation(ctx context.Context, x demo.Authorisation, owners, accounts map[string]string, day func(int) string) error {
	owner, err := m.Identity.Actor(ctx, owners[x.Firm])
	if err != nil {
		return err
	}
	firm, err := m.Identity.EnterpriseByUSCC(ctx, x.Firm)
	if err != nil {
		return err
	}
	g := mandate.Grant{Level: auth.LevelAgent, Items: x.Items}
	if x.Days > 0 {
		g.Until = day(x.Days)
	}
	switch x.Kind {
	case "invitation":
		_, _, err = m.Mandates.Invite(ctx, owner, firm.ID, mandate.InviteInput{Name: x.Name, Grant: g})
		return err
	case "mandate":
		if err := m.Mandates.Commission(ctx, owner, firm.ID, x.Organisation, g); err != nil {
			return err
		}
		head, err := m.Identity.Actor(ctx, owners[x.Organisation])
		if err != nil {
			return err
		}
		organisation, err := m.Identity.EnterpriseByUSCC(ctx, x.Organisation)
		if err != nil {
			return err
		}
		_, held, err := m.Mandates.Commissions(ctx, head, organisation.ID)
		if err != nil {
			return err
		}
		for _, c := range held {
			if c.Firm == firm.ID {
				return m.Mandates.Name(ctx, head, c.ID, accounts[x.Person])
			}
		}
		return mandate.ErrNotFound
	case "manager":
		g.Level = auth.LevelManager
	}
	who, err := m.Identity.Account(ctx, accounts[x.Person])
	if err != nil {
		return err
	}
	_, err = m.Mandates.Appoint(ctx, owner, firm.ID, who.Phone, who.Name.ZH, g)
	return err
}
