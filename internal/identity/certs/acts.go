package certs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

// Kind of what is done to a certificate.
type Kind string

// The kinds.
const (
	Change  Kind = "change"
	Suspend Kind = "suspend"
	Resume  Kind = "resume"
	Revoke  Kind = "revoke"
)

// Kinds in the order of the form.
var Kinds = []Kind{Change, Suspend, Resume, Revoke}

// from says in which states it can be done.
var from = map[Kind][]string{
	Change:  {identity.CertValid, identity.CertSuspended},
	Suspend: {identity.CertValid},
	Resume:  {identity.CertSuspended},
	Revoke:  {identity.CertValid, identity.CertSuspended},
}

// The states of an act.
const (
	Proposed = "proposed" // waits for the second person
	Done     = "done"
	Refused  = "refused"
)

// Changes are what a change writes; an empty text leaves what is there.
type Changes struct {
	Holder string `json:"holder,omitempty"` // how the holder is called now
	From   string `json:"from,omitempty"`
	Until  string `json:"until,omitempty"`
	Always bool   `json:"always,omitempty"` // without an end from now on
}

// Act is one thing that staff did to a certificate, or want to.
type Act struct {
	ID            string
	CertificateID string
	Kind          Kind
	State         string
	Reason        string
	Changes       Changes
	ProposedBy    string
	ProposedAt    time.Time
	DecidedBy     string // "" when it took nobody else
	DecidedAt     time.Time
	Note          string
	Version       int
}

const actColumns = `id, certificate_id, kind, state, reason, input, proposed_by, proposed_at, decided_by, decided_at, note, version`

func scanAct(r db.Scanner) (a Act, err error) {
	return a, r.Scan(&a.ID, &a.CertificateID, &a.Kind, &a.State, &a.Reason, db.JSON[Changes]{V: &a.Changes}, &a.ProposedBy, db.Time{Time: &a.ProposedAt},
		&a.DecidedBy, db.Time{Time: &a.DecidedAt}, &a.Note, &a.Version)
}

// Proposal is what somebody wants to do to a certificate.
type Proposal struct {
	Kind    Kind
	Reason  string
	Changes Changes
	Version int // of the certificate that was seen
}

// check looks a proposal over; the complaints stand beside the inputs.
func check(c *identity.Certificate, p *Proposal, today string) error {
	bad, ok := ErrInvalid, false
	if p.Reason, ok = words(p.Reason, maxText); !ok {
		bad = bad.At("reason", errReason.Code)
	}
	if _, known := from[p.Kind]; !known {
		return bad.At("kind", ErrState.Code)
	}
	if p.Kind != Change {
		p.Changes = Changes{}
		return bad.OrNil()
	}
	ch := &p.Changes
	for name, day := range map[string]*string{"from": &ch.From, "until": &ch.Until} {
		if *day == "" {
			continue
		}
		d, err := workday.Parse(*day)
		if err != nil {
			bad = bad.At(name, errDay.Code)
			continue
		}
		*day = d.String()
	}
	if ch.Always {
		ch.Until = ""
	}
	begin, end := orElse(ch.From, c.ValidFrom), orElse(ch.Until, c.ValidTo)
	switch {
	case !ch.Always && end != "" && end < begin:
		bad = bad.At("until", errOrder.Code)
	case ch.Until != "" && ch.Until < today:
		bad = bad.At("until", errEnded.Code)
	}
	if ch.Holder != "" {
		if ch.Holder, ok = words(ch.Holder, 200); !ok {
			bad = bad.At("holder", errHolder.Code)
		}
	}
	if !ch.changes(c) {
		bad = bad.At("until", errNothing.Code)
	}
	return bad.OrNil()
}

func (ch Changes) changes(c *identity.Certificate) bool {
	return ch.Holder != "" && ch.Holder != c.HolderName.ZH || ch.From != "" && ch.From != c.ValidFrom || ch.Until != "" && ch.Until != c.ValidTo || ch.Always && c.ValidTo != ""
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// Propose asks for something to be done to a certificate that the actor opened
// for a reason. Whether it takes a right away or gives one, nobody does it alone:
// it waits for a second person.
func (s *Service) Propose(ctx context.Context, actor auth.Actor, id string, p Proposal) (Act, error) {
	var act Act
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		c, err := s.certificate(ctx, id)
		switch {
		case err != nil:
			return err
		case !sees(actor, &c):
			return ErrNotFound
		case !keeps(actor, &c, desks):
			return ErrForbidden
		case p.Version != c.Version:
			return ErrStale
		}
		if err := check(&c, &p, s.Identity.Today()); err != nil {
			return err
		}
		if !possible(p.Kind, &c) {
			return ErrState
		}
		if _, open, err := s.opened(ctx, actor, id); err != nil {
			return err
		} else if !open {
			return ErrInvalid.At("reason", errReason.Code)
		}
		act, err = s.propose(ctx, actor, id, p)
		return err
	})
	return act, err
}

func possible(k Kind, c *identity.Certificate) bool {
	for _, state := range from[k] {
		if c.State == state {
			return true
		}
	}
	return false
}

// Decide confirms or refuses what somebody else proposed.
func (s *Service) Decide(ctx context.Context, actor auth.Actor, actID string, version int, confirm bool, note string) error {
	note, ok := words(note, maxText)
	if !confirm && !ok {
		return ErrInvalid.At("note", errReason.Code)
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		act, found, err := db.Maybe(ctx, s.DB.Read(ctx), scanAct, `SELECT `+actColumns+` FROM identity_certificate_act WHERE id=$1`, actID)
		if err != nil {
			return err
		}
		if !found {
			return ErrNotFound
		}
		c, err := s.certificate(ctx, act.CertificateID)
		switch {
		case err != nil:
			return err
		case !sees(actor, &c):
			return ErrNotFound
		case !keeps(actor, &c, second):
			return ErrForbidden
		case act.ProposedBy == actor.ID || standsFor(actor, act.ProposedBy):
			return ErrSame
		case act.State != Proposed || act.Version != version:
			return ErrStale
		}
		act.State, act.DecidedBy, act.DecidedAt, act.Note = Refused, actor.ID, s.now(), note
		if confirm {
			act.State = Done
		}
		if err := s.DB.ExecOne(ctx, `UPDATE identity_certificate_act SET state=$3, decided_by=$4, decided_at=$5, note=$6, version=version+1 WHERE id=$1 AND version=$2 AND state='proposed'`,
			act.ID, version, act.State, actor.ID, db.MS(act.DecidedAt), note); err != nil {
			return staleOr(err)
		}
		if !confirm {
			return s.Audit.Record(ctx, actor, audit.Note{Action: "certs.refuse", Object: "certificate:" + c.ID, Reason: note, Change: map[string]any{"act": act.ID}})
		}
		if !possible(act.Kind, &c) { // the decision behind it was undone meanwhile
			return ErrState
		}
		return s.apply(ctx, actor, c, act)
	})
}

// standsFor says that somebody acts as the deputy of an account.
func standsFor(a auth.Actor, account string) bool {
	for _, id := range a.StandsInFor() {
		if id == account {
			return true
		}
	}
	return false
}

func staleOr(err error) error {
	if errors.Is(err, db.ErrStale) {
		return ErrStale
	}
	return err
}

// apply writes what an act says, and tells the holder.
func (s *Service) apply(ctx context.Context, actor auth.Actor, c identity.Certificate, act Act) error {
	was, action := c, "certs.change"
	switch act.Kind {
	case Change:
		if err := s.supersede(ctx, &c, act.Changes); err != nil {
			return err
		}
	case Suspend:
		c.State, action = identity.CertSuspended, "certs.suspend"
	case Resume:
		c.State, action = identity.CertValid, "certs.resume"
	case Revoke:
		c.State, action = identity.CertRevoked, "certs.revoke"
	}
	if err := s.DB.ExecOne(ctx, `UPDATE identity_certificate SET state=$3, holder_name=$4, valid_from=$5, valid_to=$6, token=$7, code=$8, edition=$9, issued_at=$10, file_id=$11, version=version+1
		WHERE id=$1 AND version=$2`, c.ID, was.Version, c.State, db.ToJSON(c.HolderName), c.ValidFrom, c.ValidTo, c.Token, c.Code, c.Edition, db.MS(c.IssuedAt), c.FileID); err != nil {
		return fmt.Errorf("certs: %s: %w", act.Kind, staleOr(err))
	}
	if err := s.Identity.HeldChanged(ctx, c.HolderKind, c.HolderID); err != nil {
		return err
	}
	if err := s.Audit.Record(ctx, actor, audit.Note{
		Action: action, Object: "certificate:" + c.ID, Reason: act.Reason,
		Change: map[string]any{"before": snapshot(&was), "after": snapshot(&c), "act": act.ID, "proposed_by": act.ProposedBy},
	}); err != nil {
		return err
	}
	return s.tellHolder(ctx, &c, notify.News{
		Key: "certs:" + act.ID, Kind: "certs_" + string(act.Kind), Link: PathOf(c.ID), Class: notify.Progress, Legal: act.Kind == Revoke || act.Kind == Suspend,
		Params: map[string]any{"title": c.Title, "number": number(&c), "reason": act.Reason},
	})
}

// supersede makes the next version and keeps the present one as a former one.
func (s *Service) supersede(ctx context.Context, c *identity.Certificate, ch Changes) error {
	now := s.now()
	if _, err := s.DB.Exec(ctx, `INSERT INTO identity_certificate_past (id, certificate_id, edition, number, code, title, holder_name, valid_from, valid_to, file_id, token, issued_at, ended_at, case_id)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)`, ids.New(now), c.ID, c.Edition, c.Number, c.Code, db.ToJSON(c.Title), db.ToJSON(c.HolderName), c.ValidFrom, c.ValidTo,
		c.FileID, c.Token, db.MS(c.IssuedAt), db.MS(now), c.CaseID); err != nil {
		return fmt.Errorf("certs: former version: %w", err)
	}
	if ch.Holder != "" {
		c.HolderName = i18n.Text{ZH: ch.Holder}
	}
	c.ValidFrom, c.ValidTo = orElse(ch.From, c.ValidFrom), orElse(ch.Until, c.ValidTo)
	if ch.Always {
		c.ValidTo = ""
	}
	c.Edition++
	c.Token, c.IssuedAt, c.FileID = ids.Token(), now, "" // the old file shows what is no longer so
	if c.Code != "" {
		t, _ := s.Identity.Directory().CertificateType(c.Type)
		var err error
		if c.Code, err = s.Identity.FreeIdentifier(ctx, t, c.IssuerID, c.Number, c.Edition); err != nil {
			return fmt.Errorf("certs: identifier: %w", err)
		}
	}
	return nil
}

// snapshot is what of a certificate goes into the audit trail.
func snapshot(c *identity.Certificate) map[string]any {
	return map[string]any{"state": c.State, "edition": c.Edition, "from": c.ValidFrom, "until": c.ValidTo}
}

// Past is a former version of a certificate.
type Past struct {
	Edition    int
	Code       string
	HolderName i18n.Text
	ValidFrom  string
	ValidTo    string
	IssuedAt   time.Time
	EndedAt    time.Time
}

// history returns the former versions and the acts, the newest first.
func (s *Service) history(ctx context.Context, id string) ([]Past, []Act, error) {
	past, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (p Past, err error) {
		return p, r.Scan(&p.Edition, &p.Code, db.JSON[i18n.Text]{V: &p.HolderName}, &p.ValidFrom, &p.ValidTo, db.Time{Time: &p.IssuedAt}, db.Time{Time: &p.EndedAt})
	}, `SELECT edition, code, holder_name, valid_from, valid_to, issued_at, ended_at FROM identity_certificate_past WHERE certificate_id=$1 ORDER BY edition DESC`, id)
	if err != nil {
		return nil, nil, fmt.Errorf("certs: versions: %w", err)
	}
	acts, err := db.List(ctx, s.DB.Read(ctx), scanAct, `SELECT `+actColumns+` FROM identity_certificate_act WHERE certificate_id=$1 ORDER BY id DESC`, id)
	if err != nil {
		return nil, nil, fmt.Errorf("certs: acts: %w", err)
	}
	return past, acts, nil
}
