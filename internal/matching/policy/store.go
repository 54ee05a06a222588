package policy

import (
	"context"

	"github.com/tongban/tongban/internal/platform/db"
)

type store struct{ db *db.DB }

const paperColumns = `id, kind, key, document, position, state, edition, published, published_at, draft, stage, saved_by, saved_at, proposed_by, note, version`

func scanPaper(s db.Scanner) (p Paper, err error) {
	return p, s.Scan(&p.ID, &p.Kind, &p.Key, &p.Document, &p.Position, &p.State, &p.Edition, db.JSON[Body]{V: &p.Published}, db.Time{Time: &p.PublishedAt},
		db.JSON[Body]{V: &p.Draft}, &p.Stage, &p.SavedBy, db.Time{Time: &p.SavedAt}, &p.ProposedBy, &p.Note, &p.Version)
}

func (s store) paper(ctx context.Context, kind Kind, key string) (Paper, bool, error) {
	return db.Maybe(ctx, s.db.Read(ctx), scanPaper, `SELECT `+paperColumns+` FROM matching_policy WHERE kind=$1 AND key=$2`, kind, key)
}

// papers returns all, each document before its clauses.
func (s store) papers(ctx context.Context) ([]Paper, error) {
	return db.List(ctx, s.db.Read(ctx), scanPaper, `SELECT `+paperColumns+` FROM matching_policy ORDER BY document, kind DESC, position, key`)
}

// file returns a document with its clauses.
func (s store) file(ctx context.Context, document string) ([]Paper, error) {
	return db.List(ctx, s.db.Read(ctx), scanPaper, `SELECT `+paperColumns+` FROM matching_policy WHERE document=$1 ORDER BY kind DESC, position, key`, document)
}

// live returns what is published.
func (s store) live(ctx context.Context) ([]Paper, error) {
	return db.List(ctx, s.db.Read(ctx), scanPaper, `SELECT `+paperColumns+` FROM matching_policy WHERE state=$1 ORDER BY document, kind DESC, position, key`, Live)
}

func (s store) insert(ctx context.Context, p Paper) error {
	_, err := s.db.Exec(ctx, `INSERT INTO matching_policy (`+paperColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16)`,
		p.ID, p.Kind, p.Key, p.Document, p.Position, p.State, p.Edition, db.ToJSON(p.Published), db.MS(p.PublishedAt), db.ToJSON(p.Draft), p.Stage,
		p.SavedBy, db.MS(p.SavedAt), p.ProposedBy, p.Note, p.Version)
	return err
}

// save writes what can change, if nobody did since it was read.
func (s store) save(ctx context.Context, p Paper) error {
	return s.db.ExecOne(ctx, `UPDATE matching_policy SET position=$1, state=$2, edition=$3, published=$4, published_at=$5, draft=$6, stage=$7, saved_by=$8, saved_at=$9,
		proposed_by=$10, note=$11, version=version+1 WHERE id=$12 AND version=$13`,
		p.Position, p.State, p.Edition, db.ToJSON(p.Published), db.MS(p.PublishedAt), db.ToJSON(p.Draft), p.Stage, p.SavedBy, db.MS(p.SavedAt), p.ProposedBy, p.Note, p.ID, p.Version)
}

// remove takes away what was never published.
func (s store) remove(ctx context.Context, p Paper) error {
	return s.db.ExecOne(ctx, `DELETE FROM matching_policy WHERE id=$1 AND version=$2 AND edition=0`, p.ID, p.Version)
}

const editionColumns = `id, number, body, saved_by, published_by, reason, published_at`

func scanEdition(s db.Scanner) (e Edition, err error) {
	return e, s.Scan(&e.ID, &e.Number, db.JSON[Body]{V: &e.Body}, &e.SavedBy, &e.PublishedBy, &e.Reason, db.Time{Time: &e.PublishedAt})
}

func (s store) editions(ctx context.Context, id string) ([]Edition, error) {
	return db.List(ctx, s.db.Read(ctx), scanEdition, `SELECT `+editionColumns+` FROM matching_edition WHERE policy_id=$1 ORDER BY number DESC`, id)
}

func (s store) insertEdition(ctx context.Context, policyID string, e Edition) error {
	_, err := s.db.Exec(ctx, `INSERT INTO matching_edition (policy_id, `+editionColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`,
		policyID, e.ID, e.Number, db.ToJSON(e.Body), e.SavedBy, e.PublishedBy, e.Reason, db.MS(e.PublishedAt))
	return err
}

// lastOf returns what somebody published of each paper last.
func (s store) lastOf(ctx context.Context, account string) (map[string]Body, error) {
	type row struct {
		id   string
		body Body
	}
	list, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (x row, err error) {
		return x, r.Scan(&x.id, db.JSON[Body]{V: &x.body})
	}, `SELECT policy_id, body FROM matching_edition WHERE published_by=$1 ORDER BY number`, account)
	out := make(map[string]Body, len(list))
	for _, x := range list {
		out[x.id] = x.body
	}
	return out, err
}

func (s store) generation(ctx context.Context) (int64, error) {
	return db.One(ctx, s.db.Read(ctx), db.Scalar[int64], `SELECT value FROM matching_generation WHERE id=1`)
}

func (s store) raiseGeneration(ctx context.Context) error {
	return s.db.ExecOne(ctx, `UPDATE matching_generation SET value=value+1 WHERE id=1`)
}
