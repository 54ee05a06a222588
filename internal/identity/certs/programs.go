package certs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/batch"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// ErrDepartment says that a program works for no department, which is what lets
// it issue and revoke.
var ErrDepartment = errs.Define(errs.Forbidden, "certs.no_department")

// programKeeps says whether the program works for the department that issued a
// certificate or keeps the copy.
func programKeeps(a auth.Actor, c *identity.Certificate) bool {
	return a.Kind == auth.Client && a.DepartmentID != "" && (a.DepartmentID == c.IssuerID || a.DepartmentID == c.KeeperID)
}

// ForProgram returns a certificate by identifier of GB/T 36904 or by id to a
// program of its department, or to the one that filed the case it came of
// (filed says so). To everybody else it is ErrNotFound; so is what a holder
// uploaded and nobody has seen.
func (s *Service) ForProgram(ctx context.Context, actor auth.Actor, code string, filed func(caseID string) bool) (identity.Certificate, error) {
	if actor.Kind != auth.Client {
		return identity.Certificate{}, ErrForbidden
	}
	cond, arg := `id=$1`, code
	if r := idcode.CheckCertificateID(code); r.OK(true) {
		cond, arg = `code=$1`, r.Normalised
	}
	list, err := db.List(ctx, s.DB.Read(ctx), identity.ScanCertificate, `SELECT `+identity.CertificateColumns+` FROM identity_certificate WHERE `+cond+` AND state NOT IN ('unchecked', 'declared') ORDER BY id`, arg)
	if err != nil {
		return identity.Certificate{}, fmt.Errorf("certs: program: %w", err)
	}
	for i := range list {
		if programKeeps(actor, &list[i]) || list[i].CaseID != "" && filed(list[i].CaseID) {
			return list[i], nil
		}
	}
	return identity.Certificate{}, ErrNotFound
}

// ListForProgram lists what the department of a program issued or keeps, the
// newest first; after is the id of the last one of the page before.
func (s *Service) ListForProgram(ctx context.Context, actor auth.Actor, after string, size int) ([]identity.Certificate, error) {
	if actor.Kind != auth.Client || actor.DepartmentID == "" {
		return nil, nil
	}
	var args db.Args
	dept := args.Add(actor.DepartmentID)
	cond := `(issuer_id=` + dept + ` OR keeper_id=` + dept + `) AND state NOT IN ('unchecked', 'declared')`
	if after != "" {
		cond += ` AND id < ` + args.Add(after)
	}
	list, err := db.List(ctx, s.DB.Read(ctx), identity.ScanCertificate, `SELECT `+identity.CertificateColumns+` FROM identity_certificate WHERE `+cond+` ORDER BY id DESC LIMIT `+args.Add(size), args...)
	if err != nil {
		return nil, fmt.Errorf("certs: program: %w", err)
	}
	return list, nil
}

// programUses bounds how often one program opens certificates in an hour.
const programUses = 3000

// UseByProgram opens a certificate for a program with a reason that its holder
// reads, and says whose it is: a credit code, or an identity number masked.
func (s *Service) UseByProgram(ctx context.Context, actor auth.Actor, c identity.Certificate, reason string) (holder string, err error) {
	if actor.Kind != auth.Client {
		return "", ErrForbidden
	}
	if _, ok := words(reason, maxText); !ok {
		return "", ErrInvalid.At("reason", errReason.Code)
	}
	if err := s.Throttle.Hit(ctx, "certificate:"+actor.ID, programUses, time.Hour); err != nil {
		return "", err
	}
	if err := s.Note(ctx, actor, c, Opened, CaseOf{}, reason); err != nil {
		return "", err
	}
	if c.HolderKind == identity.HolderEnterprise {
		e, err := s.Identity.Enterprise(ctx, c.HolderID)
		return e.USCC, err
	}
	a, err := s.Identity.Account(ctx, c.HolderID)
	return idcode.MaskID(a.IDNumber), err
}

// IssueByProgram puts a certificate on file that the system of a department
// issued. It is judged as a row of a sheet is: the same once more is the one that
// is there, and another one of the number is refused. What is wrong stands in the
// fields of the error.
func (s *Service) IssueByProgram(ctx context.Context, actor auth.Actor, v batch.Values) (c identity.Certificate, created bool, err error) {
	if actor.Kind != auth.Client || !actor.HasScope(auth.ScopeCertsWrite) {
		return c, false, ErrForbidden
	}
	if actor.DepartmentID == "" || !s.Identity.Directory().HasDepartment(actor.DepartmentID) {
		return c, false, ErrDepartment
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		verdict, err := s.judgeRow(ctx, actor.DepartmentID, v)
		if err != nil {
			return err
		}
		bad := ErrInvalid
		for _, f := range verdict.Wrong {
			bad = bad.At(f.Column, f.Code)
		}
		if err := bad.OrNil(); err != nil {
			return err
		}
		if !verdict.Same {
			if err := verdict.Take(ctx, actor); err != nil {
				return err
			}
		}
		t, _ := typeNamed(s.Identity.Directory(), v["type"])
		list, err := s.onFile(ctx, identity.IssueInput{Type: t.Key, Number: v["number"]})
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return ErrNotFound
		}
		c, created = list[0], !verdict.Same
		return nil
	})
	if errors.Is(err, db.ErrDuplicate) { // at the same moment by somebody else
		err = ErrInvalid.At("number", errTaken.Code)
	}
	return c, created, err
}

// RevokeByProgram asks for a certificate of the department to be revoked. As with
// everything that takes a right away it waits for a person of the department.
func (s *Service) RevokeByProgram(ctx context.Context, actor auth.Actor, id, reason string) (Act, error) {
	var act Act
	if actor.Kind != auth.Client || !actor.HasScope(auth.ScopeCertsWrite) {
		return act, ErrForbidden
	}
	if actor.DepartmentID == "" {
		return act, ErrDepartment
	}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		c, err := s.certificate(ctx, id)
		if err != nil {
			return err
		}
		if !programKeeps(actor, &c) {
			return ErrNotFound
		}
		p := Proposal{Kind: Revoke, Reason: reason, Version: c.Version}
		if err := check(&c, &p, s.Identity.Today()); err != nil {
			return err
		}
		if !possible(p.Kind, &c) {
			return ErrState
		}
		act, err = s.propose(ctx, actor, id, p)
		return err
	})
	return act, err
}

// propose writes down what somebody asks for.
func (s *Service) propose(ctx context.Context, actor auth.Actor, id string, p Proposal) (Act, error) {
	now := s.now()
	act := Act{ID: ids.New(now), CertificateID: id, Kind: p.Kind, State: Proposed, Reason: p.Reason, Changes: p.Changes, ProposedBy: actor.ID, ProposedAt: now, Version: 1}
	if _, err := s.DB.Exec(ctx, `INSERT INTO identity_certificate_act (`+actColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)`, act.ID, id, string(act.Kind),
		act.State, act.Reason, db.ToJSON(act.Changes), act.ProposedBy, db.MS(act.ProposedAt), "", db.MS(act.DecidedAt), "", 1); err != nil {
		if errors.Is(err, db.ErrDuplicate) {
			return act, ErrOpenAct
		}
		return act, fmt.Errorf("certs: propose: %w", err)
	}
	return act, s.Audit.Record(ctx, actor, audit.Note{Action: "certs.propose", Object: "certificate:" + id, Reason: p.Reason, Change: map[string]any{"kind": p.Kind, "act": act.ID}})
}
