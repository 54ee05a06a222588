package certs

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Page is a certificate with all that belongs to it.
type Page struct {
	identity.Certificate
	Type   identity.CertificateType
	Status string // today
	Past   []Past
	Acts   []Act
	Uses   []Use
	Saved  int // papers that it spared its holder

	Complains bool // the holder who reads may doubt a use

	// For staff.
	Reason string // for which it is open, "" for the holder
	Can    []Kind
	Waits  *Act // what waits for a second person
	Decide bool // who reads may be that person
	Check  bool // who reads may hold it against the original
}

// Held returns a certificate to its holder, with every use. To everybody else it
// is ErrNotFound.
func (s *Service) Held(ctx context.Context, actor auth.Actor, id string) (Page, error) {
	c, err := s.certificate(ctx, id)
	if err != nil {
		return Page{}, err
	}
	if !holds(actor, &c, false) {
		return Page{}, ErrNotFound
	}
	p, err := s.page(ctx, c)
	p.Complains = holds(actor, &c, true)
	return p, err
}

func (s *Service) page(ctx context.Context, c identity.Certificate) (Page, error) {
	p := Page{Certificate: c, Status: c.Status(s.Identity.Today())}
	p.Type, _ = s.Identity.Directory().CertificateType(c.Type)
	var err error
	if p.Past, p.Acts, err = s.history(ctx, c.ID); err != nil {
		return p, err
	}
	if p.Uses, err = s.uses(ctx, c.ID); err != nil {
		return p, err
	}
	p.Saved, err = db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM identity_proof_saved WHERE certificate_id=$1`, c.ID)
	return p, err
}

// Kept returns a certificate to staff who gave a reason; open is false while
// they have not, and the page is empty then but for its id.
func (s *Service) Kept(ctx context.Context, actor auth.Actor, id string) (p Page, open bool, err error) {
	c, err := s.certificate(ctx, id)
	if err != nil {
		return p, false, err
	}
	if !sees(actor, &c) {
		return p, false, ErrNotFound
	}
	reason, ok, err := s.opened(ctx, actor, id)
	if err != nil || !ok {
		p.ID = c.ID
		return p, false, err
	}
	if p, err = s.page(ctx, c); err != nil {
		return p, false, err
	}
	p.Reason = reason
	p.Check = c.State == identity.CertUnchecked && actor.Has(auth.Clerk)
	for i, a := range p.Acts {
		if a.State == Proposed {
			p.Waits = &p.Acts[i]
			p.Decide = keeps(actor, &c, second) && a.ProposedBy != actor.ID && !standsFor(actor, a.ProposedBy)
		}
	}
	if p.Waits == nil && keeps(actor, &c, desks) {
		for _, k := range Kinds {
			if possible(k, &c) {
				p.Can = append(p.Can, k)
			}
		}
	}
	return p, true, nil
}

// Tabs of the list of staff.
const (
	TabOurs    = ""        // issued or kept by the departments of the actor
	TabWaiting = "waiting" // something waits for a second person
	TabEnding  = "ending"  // ends within sixty days
)

// Tabs in their order.
var Tabs = []string{TabOurs, TabWaiting, TabEnding}

// listed is how many one list shows.
const listed = 50

// Find lists certificates: those of the actor's departments, or, for a query,
// those with this very number or identifier, or of the holder with this very
// code or, for a firm, name.
func (s *Service) Find(ctx context.Context, actor auth.Actor, tab, query string) ([]identity.Certificate, error) {
	if actor.Kind != auth.Staff || !actor.Has(Staff...) {
		return nil, ErrForbidden
	}
	var args db.Args
	cond := ""
	if query = strings.TrimSpace(query); query != "" {
		found, err := s.matches(ctx, actor, query, &args)
		if err != nil {
			return nil, err
		}
		cond = found
		if !actor.Has(auth.Clerk) {
			cond += ` AND ` + s.ours(actor, &args)
		}
	} else {
		cond = s.ours(actor, &args)
		switch tab {
		case TabWaiting:
			cond += ` AND id IN (SELECT certificate_id FROM identity_certificate_act WHERE state='proposed')`
		case TabEnding:
			cond += ` AND state='valid' AND valid_to >= ` + args.Add(s.Identity.Today()) + ` AND valid_to <= ` + args.Add(s.day(endsSoon))
		}
	}
	order := `id DESC`
	if tab == TabEnding && query == "" {
		order = `valid_to, id`
	}
	list, err := db.List(ctx, s.DB.Read(ctx), identity.ScanCertificate, `SELECT `+identity.CertificateColumns+` FROM identity_certificate WHERE `+cond+` ORDER BY `+order+` LIMIT `+args.Add(listed), args...)
	if err != nil {
		return nil, fmt.Errorf("certs: find: %w", err)
	}
	return list, nil
}

// ours is the condition for what the departments of the actor issued or keep.
func (s *Service) ours(actor auth.Actor, args *db.Args) string {
	of := []string{}
	for _, p := range actor.PostsOf(Staff...) {
		of = append(of, p.DepartmentID)
	}
	return `(issuer_id IN ` + db.In(args, of) + ` OR keeper_id IN ` + db.In(args, of) + `)`
}

// matches is the condition for a query.
func (s *Service) matches(ctx context.Context, actor auth.Actor, query string, args *db.Args) (string, error) {
	q := strings.ToUpper(query)
	typed, kept := args.Add(query), args.Add(s.Identity.KeptNumber(q))
	cond := `number IN (` + typed + `, ` + kept + `) OR paper_number IN (` + typed + `, ` + kept + `)`
	if r := idcode.CheckCertificateID(query); r.OK(true) {
		cond += ` OR code=` + args.Add(r.Normalised)
	}
	holders := []string{}
	if idcode.CheckUSCC(query).OK(true) {
		if e, err := s.Identity.EnterpriseByUSCC(ctx, query); err == nil {
			holders = append(holders, e.ID)
		}
	}
	if actor.Has(auth.Clerk) && utf8.RuneCountInString(query) >= 2 {
		visitors, err := s.Identity.FindVisitor(ctx, actor, query)
		if err != nil {
			return "", err
		}
		for _, v := range visitors {
			if v.Account.IDNumber == q || v.Account.Phone == query || v.Account.Name.ZH == query {
				holders = append(holders, v.Account.ID)
			}
			for _, e := range v.Firms {
				if e.Name.ZH == query {
					holders = append(holders, e.ID)
				}
			}
		}
	}
	if len(holders) > 0 {
		cond += ` OR holder_id IN ` + db.In(args, holders)
	}
	return `(` + cond + `)`, nil
}

// number of a certificate as it may be told; that of an identity card is the
// identity number.
func number(c *identity.Certificate) string { return NumberOf(c.Number) }

// NumberOf writes a number for who reads it: an identity number is masked, and
// without the characters that identity.Service.KeptNumber adds.
func NumberOf(n string) string { return identity.ShownNumber(n) }
