package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// TokenPrefix marks API tokens, so that a leaked one is recognised.
const TokenPrefix = "tb_"

// CreateClient registers an API client and returns its token, which is shown
// this once and kept only as a hash. A token lives at most 18 months.
func (s *Service) CreateClient(ctx context.Context, actor auth.Actor, name string, scopes []auth.Scope, expires time.Time) (Client, string, error) {
	return s.CreateClientFor(ctx, actor, name, "", scopes, expires)
}

// CreateClientFor is CreateClient for a program of a department: it sees, issues
// and asks to revoke certificates of that department, as far as its scopes go.
func (s *Service) CreateClientFor(ctx context.Context, actor auth.Actor, name, department string, scopes []auth.Scope, expires time.Time) (Client, string, error) {
	if actor.Kind != auth.System && !actor.Has(auth.SystemAdmin) {
		return Client{}, "", ErrForbidden
	}
	now := s.clock.Now()
	bad := ErrInvalid
	if n := utf8.RuneCountInString(strings.TrimSpace(name)); n < 1 || n > 80 {
		bad = bad.At("name", errName.Code)
	}
	if len(scopes) == 0 || slices.ContainsFunc(scopes, func(x auth.Scope) bool { return !slices.Contains(auth.Scopes, x) }) {
		bad = bad.At("scopes", errScope.Code)
	}
	if !expires.After(now) || expires.After(now.AddDate(0, 18, 0)) {
		bad = bad.At("expires", errExpiry.Code)
	}
	if department != "" && !s.Directory().HasDepartment(department) {
		bad = bad.At("department", errDepartment.Code)
	}
	if err := bad.OrNil(); err != nil {
		return Client{}, "", err
	}
	token := TokenPrefix + ids.Token()
	c := Client{ID: ids.New(now), Name: strings.TrimSpace(name), DepartmentID: department, Scopes: scopes, CreatedAt: now, ExpiresAt: expires, Version: 1}
	names := make([]string, len(scopes))
	for i, x := range scopes {
		names[i] = string(x)
	}
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.db.Exec(ctx, `INSERT INTO identity_client (id, name, token_hash, scopes, created_by, created_at, expires_at, department_id, revoked_at, used_at, version) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,0,0,1)`,
			c.ID, c.Name, hashToken(token), strings.Join(names, " "), actor.ID, db.MS(now), db.MS(expires), department); err != nil {
			return err
		}
		return s.audit.Record(ctx, actor, audit.Note{Action: "identity.create_client", Object: "client:" + c.ID, Change: map[string]any{"name": c.Name, "scopes": scopes, "department": department}})
	})
	return c, token, err
}

// RevokeClient ends a token at once.
func (s *Service) RevokeClient(ctx context.Context, actor auth.Actor, id string, version int) error {
	if !actor.Has(auth.SystemAdmin) {
		return ErrForbidden
	}
	return s.db.InTx(ctx, func(ctx context.Context) error {
		if err := s.db.ExecOne(ctx, `UPDATE identity_client SET revoked_at=$3, version=version+1 WHERE id=$1 AND version=$2 AND revoked_at=0`, id, version, db.MS(s.clock.Now())); err != nil {
			return err
		}
		return s.audit.Record(ctx, actor, audit.Note{Action: "identity.revoke_client", Object: "client:" + id})
	})
}

// Clients lists the API clients, newest first; those that work on after the account
// of who made them was closed are marked. Administrators only.
func (s *Service) Clients(ctx context.Context, actor auth.Actor) ([]Client, error) {
	if !actor.Has(auth.SystemAdmin, auth.SecurityAdmin, auth.AuditAdmin) {
		return nil, ErrForbidden
	}
	list, err := db.List(ctx, s.db.Read(ctx), scanClient, `SELECT `+clientColumns+` FROM identity_client ORDER BY id DESC`)
	if err != nil {
		return nil, err
	}
	orphans, err := db.List(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT c.id FROM identity_client c JOIN identity_account a ON a.id = c.created_by WHERE a.state <> 'active'`)
	for i := range list {
		list[i].Orphan = slices.Contains(orphans, list[i].ID) && s.ClientState(list[i]) == "live"
	}
	return list, err
}

// ClientByToken returns the actor behind an API token; an unknown, revoked or
// expired one is ErrClientToken, without saying which.
func (s *Service) ClientByToken(ctx context.Context, token string) (auth.Actor, error) {
	if !strings.HasPrefix(token, TokenPrefix) {
		return auth.Actor{}, ErrClientToken
	}
	now := s.clock.Now()
	c, found, err := db.Maybe(ctx, s.db.Read(ctx), scanClient, `SELECT `+clientColumns+` FROM identity_client WHERE token_hash=$1`, hashToken(token))
	if err != nil {
		return auth.Actor{}, fmt.Errorf("identity: client: %w", err)
	}
	if !found || !c.RevokedAt.IsZero() || !now.Before(c.ExpiresAt) {
		return auth.Actor{}, ErrClientToken
	}
	if now.Sub(c.UsedAt) > time.Hour { // "last used" to the hour, so that reading costs no write
		if err := s.db.InTx(ctx, func(ctx context.Context) error {
			_, err := s.db.Exec(ctx, `UPDATE identity_client SET used_at=$2 WHERE id=$1`, c.ID, db.MS(now))
			return err
		}); err != nil {
			return auth.Actor{}, fmt.Errorf("identity: client: %w", err)
		}
	}
	return auth.Actor{Kind: auth.Client, ID: c.ID, Name: c.Name, Scopes: c.Scopes, DepartmentID: c.DepartmentID}, nil
}

// A token has 160 random bits, so a plain hash is enough to keep it.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
