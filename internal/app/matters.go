package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/claim"
	"github.com/tongban/tongban/internal/identity/credit"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
)

// SampleMatters shows in a demonstration what waits for a person: what
// demo/zone/matters.yaml says, each done by who does it otherwise. One person was
// checked at a window, so that he can add the firm that is his.
func (a *App) SampleMatters(ctx context.Context, z demo.Zone) error {
	a.FillRegister(z)
	talent, err := a.actorByLogin(ctx, "talent")
	if err != nil {
		return err
	}
	if err := a.DB.InTx(ctx, func(ctx context.Context) error {
		return a.Identity.NoteRealName(ctx, talent.ID, identity.RealWindow, i18n.Text{ZH: "科创园区政务服务大厅", EN: "Service hall of the science zone"})
	}); err != nil {
		return err
	}
	for i, x := range z.Matters {
		var err error
		switch {
		case x.Said != nil:
			err = a.sampleSaid(ctx, *x.Said)
		case x.Declared != nil:
			err = a.sampleDeclared(ctx, *x.Declared)
		case x.Claim != nil:
			err = a.sampleClaim(ctx, *x.Claim)
		case x.Unverified != nil:
			err = a.sampleUnverified(ctx, *x.Unverified)
		case x.Objection != nil:
			err = a.sampleObjection(ctx, *x.Objection)
		case x.Certificate != nil:
			err = a.sampleEnding(ctx, *x.Certificate)
		case x.Drafted != nil:
			err = a.sampleDrafted(ctx, *x.Drafted)
		case x.Revised != nil:
			err = a.sampleRevised(ctx, *x.Revised)
		}
		if err != nil {
			return fmt.Errorf("app: matter %d: %w", i+1, err)
		}
	}
	return nil
}

// daysAgo is a day before today.
func (m *Modules) daysAgo(n int) string { return workday.DateOf(m.Clock.Now()).AddDays(-n).String() }

// sampleFile is what a paper with a title looks like.
func sampleFile(title string) (name string, content *bytes.Reader) {
	return title + ".pdf", bytes.NewReader(samplePDF("Paper of a demonstration"))
}

func (m *Modules) sampleSaid(ctx context.Context, x demo.FirmSaid) error {
	in := dossier.Opening{USCC: x.Firm}
	for _, f := range x.Facts {
		def := dossier.Published().Def(f.Key)
		if def == nil {
			return fmt.Errorf("no fact %s", f.Key)
		}
		value, err := def.Parse(f.Value)
		if err != nil {
			return err
		}
		in.Words = append(in.Words, dossier.Word{Key: f.Key, Year: f.Year, Value: value, Source: dossier.Registry, Origin: x.Register, AsOf: m.daysAgo(x.DaysAgo)})
	}
	_, err := m.Dossier.Take(ctx, auth.SystemActor(), in)
	return err
}

func (m *Modules) sampleDeclared(ctx context.Context, x demo.FirmDeclared) error {
	who, err := m.actorByLogin(ctx, x.By)
	if err != nil {
		return err
	}
	e, err := m.Identity.EnterpriseByUSCC(ctx, x.Firm)
	if err != nil {
		return err
	}
	in := dossier.Declaration{Key: x.Key, Year: x.Year, Value: x.Value, Reason: x.Reason}
	if x.Paper != "" {
		name, content := sampleFile(x.Paper)
		in.Paper = &dossier.Paper{Name: name, Content: content, Limit: 1 << 20}
	}
	_, err = m.Dossier.Declare(ctx, who, e.ID, in)
	return err
}

// sampleClaim asks to act for a firm with what its file says.
func (m *Modules) sampleClaim(ctx context.Context, x demo.FirmClaim) error {
	who, err := m.actorByLogin(ctx, x.By)
	if err != nil {
		return err
	}
	e, err := m.Identity.EnterpriseByUSCC(ctx, x.Firm)
	if err != nil {
		return err
	}
	name, content := sampleFile(x.Paper)
	_, err = m.Claims.Add(ctx, who, claim.AddInput{
		USCC: x.Firm, Name: e.Name.ZH, Representative: e.LegalRepresentative, Paper: &claim.Paper{Name: name, Content: content, Limit: 1 << 20},
	})
	return err
}

// sampleUnverified adds a firm while the register is off.
func (m *Modules) sampleUnverified(ctx context.Context, x demo.FirmUnverified) error {
	if m.Register == nil {
		return errors.New("firms stay unverified with a register in memory only")
	}
	who, err := m.actorByLogin(ctx, x.By)
	if err != nil {
		return err
	}
	in := claim.AddInput{USCC: x.USCC, Name: x.Name, Representative: x.Representative, Declare: true, Region: x.Region, Address: x.Address}
	if x.Representative == "" {
		in.Representative = m.Identity.NameOf(ctx, who.ID).ZH
	}
	if x.Paper != "" {
		name, content := sampleFile(x.Paper)
		in.Paper = &claim.Paper{Name: name, Content: content, Limit: 1 << 20}
	}
	m.Register.Switch(true)
	done, err := m.Claims.Add(ctx, who, in)
	m.Register.Switch(false)
	if x.Silent {
		m.Register.Silence(x.USCC)
	}
	if err != nil || x.Item == "" {
		return err
	}
	return m.sampleHeld(ctx, who.ID, done.Firm, x.Item)
}

// sampleHeld asks for an item on behalf of a firm and accepts it at a window.
func (m *Modules) sampleHeld(ctx context.Context, account, firm, item string) error {
	who, err := m.ActorOf(ctx, account)
	if err != nil {
		return err
	}
	clerk, err := m.actorByLogin(ctx, "clerk")
	if err != nil {
		return err
	}
	k, err := m.Cases.Start(ctx, who, cases.StartInput{ItemCode: item, EnterpriseID: firm})
	if err != nil {
		return err
	}
	if err := m.Cases.TypeSample(ctx, who, k.ID, 3, nil); err != nil {
		return err
	}
	f, err := m.Cases.Form(ctx, who, k.ID)
	if err != nil {
		return err
	}
	for _, x := range f.Materials {
		if x.How != cases.Missing {
			continue
		}
		name, content := sampleFile(x.Material.Name.ZH)
		if _, err := m.Cases.Attach(ctx, who, k.ID, x.Key, name, content, 1<<20); err != nil {
			return err
		}
		if x.Material.Expires {
			if err := m.Cases.SetUntil(ctx, who, k.ID, x.Key, m.daysAgo(-400)); err != nil {
				return err
			}
		}
	}
	if k, err = m.Cases.Submit(ctx, who, cases.Ref{ID: k.ID}); err != nil || k.State != cases.Submitted {
		return err
	}
	_, err = m.Cases.Accept(ctx, clerk, cases.Ref{ID: k.ID})
	return err
}

func (m *Modules) sampleObjection(ctx context.Context, x demo.FirmObjection) error {
	who, err := m.actorByLogin(ctx, x.By)
	if err != nil {
		return err
	}
	e, err := m.Identity.EnterpriseByUSCC(ctx, x.Firm)
	if err != nil {
		return err
	}
	list, err := m.Credit.Mine(ctx, who)
	if err != nil {
		return err
	}
	for _, acc := range list {
		i := slices.IndexFunc(acc.Records, func(r credit.Record) bool { return r.DepartmentID != "" })
		if acc.Party.ID != e.ID || i < 0 {
			continue
		}
		name, content := sampleFile(x.Paper)
		return m.Credit.Ask(ctx, who, acc.Records[i].ID, credit.AskInput{Ask: credit.Object, Text: x.Text, File: &credit.Upload{Name: name, Content: content}})
	}
	return errors.New("nothing to object to")
}

// sampleEnding issues a certificate in the past and lives through its reminders.
func (a *App) sampleEnding(ctx context.Context, x demo.FirmEndingPaper) error {
	h, err := a.newHistory(ctx)
	if err != nil {
		return err
	}
	e, err := h.Identity.EnterpriseByUSCC(ctx, x.Firm)
	if err != nil {
		return err
	}
	h.clock.Set(a.Clock.Now().AddDate(0, 0, -x.DaysAgo))
	if _, err := h.Identity.Issue(ctx, auth.SystemActor(), identity.IssueInput{Type: x.Type, Number: x.Number, Holder: e.Party(), From: a.daysAgo(x.DaysAgo), Until: a.daysAgo(-x.Days)}); err != nil {
		return err
	}
	remind := identity.DefaultRemind
	if t, ok := h.Identity.Directory().CertificateType(x.Type); ok && len(t.Remind) > 0 {
		remind = t.Remind
	}
	for _, n := range remind {
		at := a.Clock.Now().AddDate(0, 0, x.Days-n)
		if at.After(a.Clock.Now()) {
			break
		}
		h.clock.Set(at)
		if err := h.Certs.Remind(ctx); err != nil {
			return err
		}
	}
	return nil
}
