package certs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

// UseKind is how a certificate was used.
type UseKind string

// The kinds.
const (
	Lent       UseKind = "lent"       // the engine took it into a case instead of a paper
	Opened     UseKind = "opened"     // staff looked at it
	Downloaded UseKind = "downloaded" // staff took a copy
	Printed    UseKind = "printed"    // staff set it for handing it over
)

// CaseOf says for which case a certificate is used.
type CaseOf struct {
	ID       string
	Number   string
	Item     i18n.Text
	Material string
}

// Use of a certificate.
type Use struct {
	ID           string
	Kind         UseKind
	Edition      int
	ActorKind    auth.Kind
	ActorID      string
	DepartmentID string
	Case         CaseOf
	Reason       string // "" for one in a case: the case is the reason
	At           time.Time
	Times        int       // how often within a short while, by the same person for the same reason
	LastAt       time.Time // the last of them
	Complaint    *Complaint
}

const useColumns = `id, certificate_id, kind, edition, actor_kind, actor_id, department_id, case_id, case_number, item_name, material, reason, at`

// again is how long the same person using the same certificate for the same
// reason is one use that counts on: the log is for its holder to read, and nobody
// makes it unreadable by asking a thousand times.
const again = 30 * time.Minute

// Note enters a use. For one outside a case the reason is required, else the
// case is the reason. A certificate is lent to a case for a material once,
// however often the case is handed in.
func (s *Service) Note(ctx context.Context, actor auth.Actor, c identity.Certificate, kind UseKind, of CaseOf, reason string) error {
	reason, ok := words(reason, maxText)
	if of.ID == "" && !ok {
		return ErrInvalid.At("reason", errReason.Code)
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		now := s.now()
		n, err := s.DB.Exec(ctx, `UPDATE identity_certificate_use SET times=times+1, last_at=$1 WHERE id=(SELECT u.id FROM identity_certificate_use u WHERE u.actor_id=$2 AND u.certificate_id=$3
			AND u.at >= $4 AND u.kind=$5 AND u.kind <> 'lent' AND u.actor_kind=$6 AND u.edition=$7 AND u.case_id=$8 AND u.material=$9 AND u.reason=$10
			AND NOT EXISTS (SELECT 1 FROM identity_certificate_complaint k WHERE k.use_id=u.id) ORDER BY u.id DESC LIMIT 1)`,
			db.MS(now), actor.ID, c.ID, db.MS(now.Add(-again)), string(kind), string(actor.Kind), c.Edition, of.ID, of.Material, reason)
		if err != nil {
			return fmt.Errorf("certs: note a use: %w", err)
		}
		if n == 0 {
			_, err = s.DB.Exec(ctx, `INSERT INTO identity_certificate_use (`+useColumns+`)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13) ON CONFLICT DO NOTHING`,
				ids.New(now), c.ID, string(kind), c.Edition, string(actor.Kind), actor.ID, departmentOf(actor), of.ID, of.Number, db.ToJSON(of.Item), of.Material, reason, db.MS(now))
		}
		if err != nil {
			return fmt.Errorf("certs: note a use: %w", err)
		}
		if kind == Lent { // the case tells that itself
			return nil
		}
		action := "certs.opened"
		switch kind {
		case Downloaded:
			action = "certs.downloaded"
		case Printed:
			action = "certs.printed"
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: action, Object: "certificate:" + c.ID, Reason: reason, Change: map[string]any{"case": of.ID}})
	})
}

// opening is how long somebody who gave a reason may go on looking at a certificate.
const opening = 30 * time.Minute

// Bounds of opening certificates outside a case.
const (
	openings    = 120 // of one member of staff in an hour
	openingsOne = 20  // of one certificate
)

// Open lets staff look at a certificate outside a case, for a reason that its
// holder reads.
func (s *Service) Open(ctx context.Context, actor auth.Actor, id, reason string) error {
	c, err := s.certificate(ctx, id)
	if err != nil {
		return err
	}
	if !sees(actor, &c) {
		return ErrNotFound
	}
	if _, ok := words(reason, maxText); !ok {
		return ErrInvalid.At("reason", errReason.Code)
	}
	if err := s.Throttle.Hit(ctx, "certificate:"+actor.ID, openings, time.Hour); err != nil {
		return err
	}
	if err := s.Throttle.Hit(ctx, "certificate:"+actor.ID+":"+id, openingsOne, time.Hour); err != nil {
		return err
	}
	return s.Note(ctx, actor, c, Opened, CaseOf{}, reason)
}

// opened returns the reason for which the actor may look at a certificate now.
func (s *Service) opened(ctx context.Context, actor auth.Actor, id string) (reason string, ok bool, err error) {
	return db.Maybe(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT reason FROM identity_certificate_use WHERE actor_id=$1 AND certificate_id=$2 AND (at >= $3 OR last_at >= $3) AND kind='opened' AND case_id=''
		ORDER BY id DESC LIMIT 1`, actor.ID, id, db.MS(s.now().Add(-opening)))
}

// usesShown is how many uses one page shows.
const usesShown = 200

// Uses of a certificate, the newest first.
func (s *Service) uses(ctx context.Context, id string) ([]Use, error) {
	list, err := db.List(ctx, s.DB.Read(ctx), scanUse, useQuery+` WHERE u.certificate_id=$1 ORDER BY u.id DESC LIMIT $2`, id, usesShown)
	if err != nil {
		return nil, fmt.Errorf("certs: uses: %w", err)
	}
	return list, nil
}

const useQuery = `SELECT u.id, u.kind, u.edition, u.actor_kind, u.actor_id, u.department_id, u.case_id, u.case_number, u.item_name, u.material, u.reason, u.at, u.times, u.last_at,
	COALESCE(k.id,''), COALESCE(k.text,''), COALESCE(k.by_id,''), COALESCE(k.at,0), COALESCE(k.answer,''), COALESCE(k.upheld,FALSE), COALESCE(k.answered_by,''), COALESCE(k.answered_at,0), COALESCE(k.version,0)
	FROM identity_certificate_use u LEFT JOIN identity_certificate_complaint k ON k.use_id=u.id`

func scanUse(r db.Scanner) (u Use, err error) {
	var k Complaint
	err = r.Scan(&u.ID, &u.Kind, &u.Edition, &u.ActorKind, &u.ActorID, &u.DepartmentID, &u.Case.ID, &u.Case.Number, db.JSON[i18n.Text]{V: &u.Case.Item}, &u.Case.Material, &u.Reason, db.Time{Time: &u.At}, &u.Times, db.Time{Time: &u.LastAt},
		&k.ID, &k.Text, &k.ByID, db.Time{Time: &k.At}, &k.Answer, &k.Upheld, &k.AnsweredBy, db.Time{Time: &k.AnsweredAt}, &k.Version)
	if k.ID != "" {
		u.Complaint = &k
	}
	return u, err
}

// Complaint of a holder about a use.
type Complaint struct {
	ID         string
	Text       string
	ByID       string
	At         time.Time
	Answer     string // "" while it is open
	Upheld     bool
	AnsweredBy string
	AnsweredAt time.Time
	Version    int
}

// Complain takes a complaint of the holder about a use.
func (s *Service) Complain(ctx context.Context, actor auth.Actor, useID, text string) error {
	text, ok := words(text, maxText)
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		u, c, err := s.useOf(ctx, useID)
		if err != nil {
			return err
		}
		if !holds(actor, &c, true) {
			return ErrNotFound
		}
		if !ok {
			return ErrInvalid.At("text", errText.Code)
		}
		now := s.now()
		_, err = s.DB.Exec(ctx, `INSERT INTO identity_certificate_complaint (id, use_id, department_id, text, by_id, at, answer, upheld, answered_by, answered_at, version) VALUES ($1,$2,$3,$4,$5,$6,'',FALSE,'',0,1)`,
			ids.New(now), u.ID, u.DepartmentID, text, actor.ID, db.MS(now))
		if errors.Is(err, db.ErrDuplicate) {
			return ErrComplaint
		}
		if err != nil {
			return fmt.Errorf("certs: complain: %w", err)
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "certs.complain", Object: "certificate:" + c.ID, Reason: text, Change: map[string]any{"use": u.ID}})
	})
}

// useOf returns a use and its certificate.
func (s *Service) useOf(ctx context.Context, id string) (Use, identity.Certificate, error) {
	of, ok, err := db.Maybe(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT certificate_id FROM identity_certificate_use WHERE id=$1`, id)
	if err != nil {
		return Use{}, identity.Certificate{}, fmt.Errorf("certs: use: %w", err)
	}
	if !ok {
		return Use{}, identity.Certificate{}, ErrNotFound
	}
	u, err := db.One(ctx, s.DB.Read(ctx), scanUse, useQuery+` WHERE u.id=$1`, id)
	if err != nil {
		return Use{}, identity.Certificate{}, fmt.Errorf("certs: use: %w", err)
	}
	c, err := s.certificate(ctx, of)
	return u, c, err
}

// Judges are the roles that answer complaints: who heads the department whose
// use it was, and the security administrators, who stand beside the departments.
var Judges = []auth.Role{auth.Head, auth.SecurityAdmin}

// judges says whether the actor may answer a complaint about a use.
func judges(a auth.Actor, u *Use) bool {
	if a.Kind != auth.Staff || a.ID == u.ActorID {
		return false
	}
	for _, p := range a.PostsOf(auth.Head) {
		if p.DepartmentID == u.DepartmentID {
			return true
		}
	}
	return a.Has(auth.SecurityAdmin)
}

// Complained is a complaint with what it is about.
type Complained struct {
	Use
	Certificate identity.Certificate
}

// Complaints lists what the actor may answer: the open ones first, then what was
// answered last.
func (s *Service) Complaints(ctx context.Context, actor auth.Actor) ([]Complained, error) {
	if actor.Kind != auth.Staff || !actor.Has(Judges...) {
		return nil, ErrForbidden
	}
	args, cond := db.Args{}, `1=1`
	if !actor.Has(auth.SecurityAdmin) {
		var of []string
		for _, p := range actor.PostsOf(auth.Head) {
			of = append(of, p.DepartmentID)
		}
		cond = `k.department_id IN ` + db.In(&args, of)
	}
	list, err := db.List(ctx, s.DB.Read(ctx), scanUse, useQuery+` WHERE k.id IS NOT NULL AND `+cond+` ORDER BY CASE WHEN k.answer='' THEN 0 ELSE 1 END, k.id DESC LIMIT 100`, args...)
	if err != nil {
		return nil, fmt.Errorf("certs: complaints: %w", err)
	}
	out := make([]Complained, 0, len(list))
	for _, u := range list {
		if !judges(actor, &u) {
			continue
		}
		_, c, err := s.useOf(ctx, u.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, Complained{Use: u, Certificate: c})
	}
	return out, nil
}

// Answer answers a complaint; the holder is told.
func (s *Service) Answer(ctx context.Context, actor auth.Actor, useID string, version int, upheld bool, text string) error {
	text, ok := words(text, maxText)
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		u, c, err := s.useOf(ctx, useID)
		switch {
		case err != nil:
			return err
		case u.Complaint == nil || !judges(actor, &u):
			return ErrNotFound
		case !ok:
			return ErrInvalid.At("answer", errText.Code)
		}
		if err := s.DB.ExecOne(ctx, `UPDATE identity_certificate_complaint SET answer=$3, upheld=$4, answered_by=$5, answered_at=$6, version=version+1 WHERE use_id=$1 AND version=$2 AND answer=''`,
			useID, version, text, upheld, actor.ID, db.MS(s.now())); err != nil {
			return staleOr(err)
		}
		if err := s.Audit.Record(ctx, actor, audit.Note{Action: "certs.answer", Object: "certificate:" + c.ID, Reason: text, Change: map[string]any{"use": u.ID, "upheld": upheld}}); err != nil {
			return err
		}
		a, err := s.Identity.Account(ctx, u.Complaint.ByID)
		if err != nil {
			return err
		}
		return s.Notify.Tell(ctx, notify.Reader{AccountID: a.ID, Locale: a.Locale, Mail: a.Email}, notify.News{
			Key: "certs_complaint:" + u.Complaint.ID, Kind: "certs_answer", Link: PathOf(c.ID), Class: notify.Progress, Params: map[string]any{"title": c.Title, "number": number(&c), "reason": text},
		})
	})
}
