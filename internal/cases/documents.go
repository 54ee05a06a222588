package cases

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/cases/docs"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
)

// Paper is a document that exists for a case: the event that it proves has
// happened. It is made when somebody first asks for it, which costs the commands
// nothing and gives old cases their papers too; from then on its words are kept.
type Paper struct {
	docs.Kind
	No     int // 1 for the first of its kind in the case
	Number string
	Event  Event

	facts docs.Facts
}

// Issued is a document that was made, with what verifies it.
type Issued struct {
	docs.Document
	ID     string
	CaseID ID
	Seq    int
	Code   string
	Hash   string
}

// Papers lists the documents of a case that the actor may have, in the order of
// its life. Who sees an order from a desk only has none of them: they name what
// was handed in for others.
func (s *Service) Papers(ctx context.Context, actor auth.Actor, v *View) ([]Paper, error) {
	if v.SubmittedAt.IsZero() || ladderOnly(actor, &v.Case, v.Tasks) {
		return nil, nil
	}
	reader := docs.Staff
	if actor.Kind == auth.Person || actor.Kind == auth.Client {
		reader = docs.Applicant
	}
	snaps, err := s.store.snapshots(ctx, v.ID, 1000)
	if err != nil {
		return nil, fmt.Errorf("cases: papers: %w", err)
	}
	var out []Paper
	count := map[string]int{}
	for _, e := range v.Events {
		outcome := e.Word("outcome")
		for _, k := range docs.For(leaves(e.Command), outcome) {
			if !k.ReadBy(reader) {
				continue
			}
			p := Paper{Kind: k, Event: e, facts: s.factsOf(v, e, snapshotAt(snaps, e.At))}
			if !k.Due(p.facts) {
				continue
			}
			count[k.Key]++
			p.No = count[k.Key]
			p.Number = fmt.Sprintf("%s-%s%d", v.Number, k.Mark, p.No)
			out = append(out, p)
		}
	}
	return out, nil
}

// leaves is the command whose documents an event leaves: what is received as it
// is gets the receipt of what is submitted.
func leaves(c Command) string {
	if c == CmdReceive {
		c = CmdSubmit
	}
	return string(c)
}

// snapshotAt is what had been submitted at an instant; newest comes first.
func snapshotAt(newest []Snapshot, at time.Time) Snapshot {
	for _, x := range newest {
		if !x.SubmittedAt.After(at) {
			return x
		}
	}
	return Snapshot{}
}

// Issue returns the document of a paper and makes it if nobody has asked for it
// before. Two who ask at once get the same.
func (s *Service) Issue(ctx context.Context, v *View, p Paper) (Issued, error) {
	if d, ok, err := s.issued(ctx, `event_id=$1 AND kind=$2`, p.Event.ID, p.Key); err != nil || ok {
		return d, err
	}
	now := s.Clock.Now()
	d := Issued{
		ID: ids.New(now), CaseID: v.ID, Seq: p.Event.Seq, Code: ids.Token()[:codeLength],
		Document: docs.Document{Kind: p.Key, Version: p.Version, Number: p.Number, At: p.Event.At, Facts: p.facts},
	}
	d.Hash = d.Document.Hash()
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		_, err := s.DB.Exec(ctx, `INSERT INTO cases_document (id, case_id, event_id, seq, kind, template, number, code, hash, facts, at, made_at)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12) ON CONFLICT DO NOTHING`,
			d.ID, string(v.ID), p.Event.ID, d.Seq, d.Kind, d.Version, d.Number, d.Code, d.Hash, db.ToJSON(d.Facts), db.MS(d.At), db.MS(now))
		return err
	})
	if err != nil {
		return Issued{}, fmt.Errorf("cases: issue %s: %w", d.Number, err)
	}
	d, ok, err := s.issued(ctx, `event_id=$1 AND kind=$2`, p.Event.ID, p.Key)
	if err == nil && !ok {
		err = fmt.Errorf("cases: issue %s: not kept", p.Number)
	}
	return d, err
}

func (s *Service) issued(ctx context.Context, where string, args ...any) (Issued, bool, error) {
	return db.Maybe(ctx, s.DB.Read(ctx), func(r db.Scanner) (d Issued, err error) {
		return d, r.Scan(&d.ID, &d.CaseID, &d.Seq, &d.Kind, &d.Version, &d.Number, &d.Code, &d.Hash, db.JSON[docs.Facts]{V: &d.Facts}, db.Time{Time: &d.At})
	}, `SELECT id, case_id, seq, kind, template, number, code, hash, facts, at FROM cases_document WHERE `+where, args...)
}

// HandedOut keeps the sum of a file that was made of a document, so that the
// public verification knows it again.
func (s *Service) HandedOut(ctx context.Context, d Issued, l i18n.Locale, file []byte) error {
	sum := sha256.Sum256(file)
	hash := hex.EncodeToString(sum[:])
	_, known, err := db.Maybe(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT sha256 FROM cases_document_file WHERE document_id=$1 AND sha256=$2`, d.ID, hash)
	if err != nil || known {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		_, err := s.DB.Exec(ctx, `INSERT INTO cases_document_file (sha256, document_id, locale, made_at) VALUES ($1,$2,$3,$4) ON CONFLICT DO NOTHING`,
			hash, d.ID, string(l), clock.Millis(s.Clock.Now()))
		return err
	})
}

// codeLength of a document's verification code: 80 bits.
const codeLength = 16

// ErrBadDocument says that what is kept of a document does not fit its fingerprint.
var ErrBadDocument = errs.Define(errs.Internal, "cases.bad_document")

// Standing of a document when it is verified.
type Standing string

// The standings. Changed: a later paper of the case says otherwise.
const (
	StandsValid   Standing = "valid"
	StandsChanged Standing = "changed"
	StandsRevoked Standing = "revoked"
)

// Verified is what anybody may know of a document whose code he has.
type Verified struct {
	Issued
	Standing  Standing
	ChangedBy docs.Kind // the kind of paper that changed it
	ChangedAt time.Time
}

// VerifyDocument returns the document behind a code to anybody, sixty times from
// one address in a quarter of an hour. An unknown code is ErrNotFound.
func (s *Service) VerifyDocument(ctx context.Context, from auth.Actor, code string) (Verified, error) {
	if err := s.Throttle.Hit(ctx, "verify-from:"+from.From, 60, 15*time.Minute); err != nil {
		return Verified{}, err
	}
	d, ok, err := s.issued(ctx, `code=$1`, code)
	switch {
	case err != nil:
		return Verified{}, fmt.Errorf("cases: verify: %w", err)
	case !ok:
		return Verified{}, ErrNotFound
	case d.Document.Hash() != d.Hash:
		return Verified{}, ErrBadDocument
	}
	out := Verified{Issued: d, Standing: StandsValid}
	later, err := s.store.events(ctx, d.CaseID, true)
	if err != nil {
		return Verified{}, fmt.Errorf("cases: verify: %w", err)
	}
	for _, e := range later {
		if e.Seq <= d.Seq {
			continue
		}
		outcome := e.Word("outcome")
		for _, k := range docs.For(leaves(e.Command), outcome) {
			switch {
			case slices.Contains(k.Revokes, d.Kind):
				out.Standing, out.ChangedBy, out.ChangedAt = StandsRevoked, k, e.At
			case slices.Contains(k.Changes, d.Kind) && out.Standing != StandsRevoked:
				out.Standing, out.ChangedBy, out.ChangedAt = StandsChanged, k, e.At
			}
		}
	}
	return out, nil
}

// SameFile says whether a file is one that was handed out of a document.
func (s *Service) SameFile(ctx context.Context, d Issued, sha256 string) (bool, error) {
	_, ok, err := db.Maybe(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT sha256 FROM cases_document_file WHERE document_id=$1 AND sha256=$2`, d.ID, sha256)
	return ok, err
}

// DocumentFile returns a file that a document shows, such as a signature.
func (s *Service) DocumentFile(ctx context.Context, id string) (files.File, error) {
	return s.Files.Find(ctx, id)
}
