package certs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Spared is a paper that a case did not have to ask for.
type Spared struct {
	Material    string
	Certificate identity.Certificate
}

// Handed is a case that was handed in, with the papers that it was spared.
type Handed struct {
	Case         CaseOf
	HolderID     string
	AccountID    string
	ItemCode     string
	DepartmentID string
	Region       string
	Spared       []Spared
}

// Count enters what a case was spared and that it was lent: each paper once,
// however often the case is handed in. It joins the transaction of the command.
func (s *Service) Count(ctx context.Context, actor auth.Actor, h Handed) error {
	if len(h.Spared) == 0 {
		return nil
	}
	var uses, proofs db.Args
	var lent, saved []string
	now := s.now()
	for _, x := range h.Spared {
		c := x.Certificate
		lent = append(lent, uses.Row(ids.New(now), c.ID, string(Lent), c.Edition, string(actor.Kind), actor.ID, departmentOf(actor), h.Case.ID, h.Case.Number, db.ToJSON(h.Case.Item), x.Material, "", db.MS(now)))
		saved = append(saved, proofs.Row(h.Case.ID, x.Material, c.ID, c.Type, h.HolderID, h.AccountID, h.ItemCode, db.ToJSON(h.Case.Item), h.DepartmentID, h.Region, db.MS(now)))
	}
	if _, err := s.DB.Exec(ctx, `INSERT INTO identity_certificate_use (`+useColumns+`) VALUES `+strings.Join(lent, ",")+` ON CONFLICT DO NOTHING`, uses...); err != nil {
		return fmt.Errorf("certs: note a use: %w", err)
	}
	if _, err := s.DB.Exec(ctx, `INSERT INTO identity_proof_saved (case_id, material, certificate_id, certificate_type, holder_id, account_id, item_code, item_name, department_id, region, at)
		VALUES `+strings.Join(saved, ",")+` ON CONFLICT (case_id, material) DO NOTHING`, proofs...); err != nil {
		return fmt.Errorf("certs: proofs saved: %w", err)
	}
	return nil
}

// Uncount takes back what a case counted that was withdrawn or not accepted: who
// asks again is spared the same papers again, and they count then.
func (s *Service) Uncount(ctx context.Context, caseID string) error {
	if _, err := s.DB.Exec(ctx, `DELETE FROM identity_proof_saved WHERE case_id=$1`, caseID); err != nil {
		return fmt.Errorf("certs: proofs saved: %w", err)
	}
	return nil
}

// SavedFor says how many papers a holder was spared.
func (s *Service) SavedFor(ctx context.Context, holder string) (int, error) {
	return db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM identity_proof_saved WHERE holder_id=$1`, holder)
}

// SavedForAll says how many papers several holders were spared together.
func (s *Service) SavedForAll(ctx context.Context, holders []string) (int, error) {
	var args db.Args
	return db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM identity_proof_saved WHERE holder_id IN `+db.In(&args, holders), args...)
}

// SavedLine is one line of the list of proofs saved.
type SavedLine struct {
	Key  string // code of the item, or key of the certificate type
	Name i18n.Text
	N    int
}

// Saved is how many papers nobody had to bring, since a day.
type Saved struct {
	All   int
	Cases int
	Items []SavedLine
	Types []SavedLine
}

// totalFor is how long the total of all is kept: everybody's home page shows it.
const totalFor = time.Minute

// total is the last count of all.
type total struct {
	at time.Time
	n  int
}

// SavedTotal says how many papers nobody had to bring, for anybody; at most a
// minute old.
func (s *Service) SavedTotal(ctx context.Context) (int, error) {
	now := s.now()
	if t := s.total.Load(); t != nil && now.Sub(t.at) < totalFor && !now.Before(t.at) {
		return t.n, nil
	}
	n, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM identity_proof_saved`)
	if err != nil {
		return 0, fmt.Errorf("certs: proofs saved: %w", err)
	}
	s.total.Store(&total{now, n})
	return n, nil
}

// savedFew is below how many a line is not told to everybody: it might tell of
// somebody.
const savedFew = 5

// SavedPublic counts for everybody: all, and by item and type as far as many are
// counted together.
func (s *Service) SavedPublic(ctx context.Context) (Saved, error) {
	out, err := s.savedSince(ctx, time.Time{})
	few := func(l SavedLine) bool { return l.N < savedFew }
	out.Items, out.Types = slices.DeleteFunc(out.Items, few), slices.DeleteFunc(out.Types, few)
	return out, err
}

// SavedSince counts for staff who lead: all, by item and by type of certificate.
func (s *Service) SavedSince(ctx context.Context, actor auth.Actor, since time.Time) (Saved, error) {
	if actor.Kind != auth.Staff {
		return Saved{}, ErrForbidden
	}
	return s.savedSince(ctx, since)
}

func (s *Service) savedSince(ctx context.Context, since time.Time) (Saved, error) {
	var out Saved
	var err error
	if out.All, err = db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM identity_proof_saved WHERE at >= $1`, db.MS(since)); err != nil {
		return out, fmt.Errorf("certs: proofs saved: %w", err)
	}
	if out.Cases, err = db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(DISTINCT case_id) FROM identity_proof_saved WHERE at >= $1`, db.MS(since)); err != nil {
		return out, fmt.Errorf("certs: proofs saved: %w", err)
	}
	if out.Items, err = db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (l SavedLine, err error) {
		return l, r.Scan(&l.Key, db.JSON[i18n.Text]{V: &l.Name}, &l.N)
	}, `SELECT p.item_code, (SELECT q.item_name FROM identity_proof_saved q WHERE q.item_code=p.item_code ORDER BY q.at DESC, q.case_id DESC, q.material LIMIT 1), p.n
		FROM (SELECT item_code, count(*) AS n FROM identity_proof_saved WHERE at >= $1 GROUP BY item_code) p ORDER BY p.n DESC, p.item_code LIMIT 100`, db.MS(since)); err != nil {
		return out, fmt.Errorf("certs: proofs saved: %w", err)
	}
	if out.Types, err = db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (l SavedLine, err error) {
		return l, r.Scan(&l.Key, &l.N)
	}, `SELECT certificate_type, count(*) FROM identity_proof_saved WHERE at >= $1 GROUP BY certificate_type ORDER BY count(*) DESC, certificate_type`, db.MS(since)); err != nil {
		return out, fmt.Errorf("certs: proofs saved: %w", err)
	}
	for i, l := range out.Types {
		t, _ := s.Identity.Directory().CertificateType(l.Key)
		out.Types[i].Name = t.Name
	}
	return out, nil
}
