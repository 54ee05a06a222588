package identity

import (
	"context"
	"strings"

	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

const figureColumns = `year, staff, rd_staff, revenue_fen, rd_fen, profit_fen, tax_fen, missing, main_fen, high_tech_fen, costs_fen, assets_fen, net_assets_fen, patents_1, patents_2`

// firstFigures are those whose columns cannot be empty; the column "missing" names
// the ones that nobody has said.
func (f *Figure) firstFigures() (names []string, counts []**int, amounts []**money.Fen) {
	return []string{"staff", "rd_staff", "revenue", "rd", "profit", "tax"}, []**int{&f.Staff, &f.RDStaff}, []**money.Fen{&f.Revenue, &f.RD, &f.Profit, &f.Tax}
}

func scanFigure(r db.Scanner) (f Figure, err error) {
	var staff, rdStaff int
	var revenue, rd, profit, tax money.Fen
	var missing string
	if err := r.Scan(&f.Year, &staff, &rdStaff, &revenue, &rd, &profit, &tax, &missing, &f.Main, &f.HighTech, &f.Costs, &f.Assets, &f.NetAssets, &f.Patents1, &f.Patents2); err != nil {
		return f, err
	}
	f.Staff, f.RDStaff, f.Revenue, f.RD, f.Profit, f.Tax = &staff, &rdStaff, &revenue, &rd, &profit, &tax
	names, counts, amounts := f.firstFigures()
	for word := range strings.FieldsSeq(missing) {
		for i, n := range names {
			switch {
			case n != word:
			case i < len(counts):
				*counts[i] = nil
			default:
				*amounts[i-len(counts)] = nil
			}
		}
	}
	return f, nil
}

// Figures returns the yearly figures of a firm, newest first.
func (s *Service) Figures(ctx context.Context, enterpriseID string) ([]Figure, error) {
	return db.List(ctx, s.db.Read(ctx), scanFigure, `SELECT `+figureColumns+` FROM identity_figure WHERE enterprise_id=$1 ORDER BY year DESC`, enterpriseID)
}

// prefill adds what is known of the year to what a form can be filled with.
func (f *Figure) prefill(out map[string]any) {
	for k, v := range map[string]*int{"staff": f.Staff, "rd_staff": f.RDStaff, "patents_1": f.Patents1, "patents_2": f.Patents2} {
		if v != nil {
			out["figures."+k] = float64(*v)
		}
	}
	for k, v := range map[string]*money.Fen{
		"revenue": f.Revenue, "main": f.Main, "high_tech": f.HighTech, "costs": f.Costs, "rd": f.RD, "profit": f.Profit, "tax": f.Tax, "assets": f.Assets, "net_assets": f.NetAssets,
	} {
		if v != nil {
			out["figures."+k+"_wan"] = float64(*v) / 1e6
		}
	}
}

// EnterpriseInput is what is known of a firm at present.
type EnterpriseInput struct {
	Enterprise
	Figures []Figure
}

// SaveEnterprise opens the file of a firm under its credit code, or brings the
// columns with its present values up to date. What they are and who said so is
// the business of package dossier, which calls it; the engine itself only.
func (s *Service) SaveEnterprise(ctx context.Context, actor auth.Actor, in EnterpriseInput) (Enterprise, error) {
	if actor.Kind != auth.System {
		return Enterprise{}, ErrForbidden
	}
	if !idcode.CheckUSCC(in.USCC).OK(true) {
		return Enterprise{}, ErrInvalid.At("uscc", errUSCC.Code)
	}
	e := in.Enterprise
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		now := s.clock.Now()
		id, err := db.One(ctx, s.db.Write(ctx), db.Scalar[string], `INSERT INTO identity_enterprise
			(id, uscc, name, legal_representative, industry, region, address, registered_on, capital_fen, phone, email, created_at, version)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,1)
			ON CONFLICT (uscc) DO UPDATE SET name=excluded.name, legal_representative=excluded.legal_representative, industry=excluded.industry,
				region=excluded.region, address=excluded.address, registered_on=excluded.registered_on, capital_fen=excluded.capital_fen,
				phone=excluded.phone, email=excluded.email, version=identity_enterprise.version+1 RETURNING id`,
			ids.New(now), e.USCC, db.ToJSON(e.Name), e.LegalRepresentative, e.Industry, e.Region, e.Address, e.RegisteredOn, int64(e.Capital), e.Phone, e.Email, db.MS(now))
		if err != nil {
			return err
		}
		e.ID = id
		for _, f := range in.Figures {
			if err := s.store.saveFigure(ctx, id, f); err != nil {
				return err
			}
		}
		return s.audit.Record(ctx, actor, audit.Note{Action: "identity.save_enterprise", Object: "enterprise:" + id})
	})
	return e, err
}

func (s store) saveFigure(ctx context.Context, enterpriseID string, f Figure) error {
	var args db.Args
	values := []any{enterpriseID, f.Year}
	var missing []string
	names, counts, amounts := f.firstFigures()
	for i, p := range counts {
		values = append(values, deref(*p))
		if *p == nil {
			missing = append(missing, names[i])
		}
	}
	for i, p := range amounts {
		values = append(values, int64(deref(*p)))
		if *p == nil {
			missing = append(missing, names[len(counts)+i])
		}
	}
	values = append(values, strings.Join(missing, " "))
	for _, p := range []*money.Fen{f.Main, f.HighTech, f.Costs, f.Assets, f.NetAssets} {
		if p == nil {
			values = append(values, nil)
		} else {
			values = append(values, int64(*p))
		}
	}
	values = append(values, f.Patents1, f.Patents2)
	columns := strings.Split(strings.ReplaceAll(figureColumns, " ", ""), ",")[1:]
	set := make([]string, len(columns))
	for i, c := range columns {
		set[i] = c + "=excluded." + c
	}
	_, err := s.db.Exec(ctx, `INSERT INTO identity_figure (enterprise_id, `+figureColumns+`) VALUES `+args.Row(values...)+`
		ON CONFLICT (enterprise_id, year) DO UPDATE SET `+strings.Join(set, ", "), args...)
	return err
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
