package certs

import (
	"context"
	"fmt"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

// NextEdition issues the next version of a certificate because a case about its
// change was granted, in the transaction of the decision: the holder is called as
// he is called now, the days stay, identifier and link are new, and the former
// version is replaced. Who may decide was asked there.
func (s *Service) NextEdition(ctx context.Context, actor auth.Actor, id, caseID string, holder identity.Party) (identity.Certificate, error) {
	var c identity.Certificate
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		var err error
		if c, err = s.certificate(ctx, id); err != nil {
			return err
		}
		if c.HolderID != holder.ID {
			return ErrNotFound
		}
		if !possible(Change, &c) {
			return ErrState
		}
		was := c
		if err := s.supersede(ctx, &c, Changes{}); err != nil {
			return err
		}
		c.HolderName, c.CaseID = holder.Name, caseID
		if err := s.DB.ExecOne(ctx, `UPDATE identity_certificate SET holder_name=$3, token=$4, code=$5, edition=$6, issued_at=$7, file_id=$8, case_id=$9, version=version+1 WHERE id=$1 AND version=$2`,
			c.ID, was.Version, db.ToJSON(c.HolderName), c.Token, c.Code, c.Edition, db.MS(c.IssuedAt), c.FileID, caseID); err != nil {
			return fmt.Errorf("certs: next edition: %w", staleOr(err))
		}
		c.Version++
		if err := s.Audit.Record(ctx, actor, audit.Note{Action: "certs.change", Object: "certificate:" + c.ID, Change: map[string]any{"before": snapshot(&was), "after": snapshot(&c), "case": caseID}}); err != nil {
			return err
		}
		return s.tellHolder(ctx, &c, notify.News{
			Key: "certs:" + caseID, Kind: "certs_edition", Link: PathOf(c.ID), Class: notify.Progress, Params: map[string]any{"title": c.Title, "number": number(&c)},
		})
	})
	return c, err
}
