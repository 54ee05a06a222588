package intake

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/catalogue/mapping"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Errors of mappings and runs.
var (
	ErrForbidden   = errs.Define(errs.Forbidden, "intake.forbidden")
	ErrNotFound    = errs.Define(errs.NotFound, "intake.not_found")
	ErrMappingKey  = errs.Define(errs.Invalid, "intake.mapping_key")
	ErrMappingBad  = errs.Define(errs.Invalid, "intake.mapping_bad") // its faults come beside it
	ErrMappingLong = errs.Define(errs.Invalid, "intake.mapping_long")
)

// Stored is a mapping as it is kept.
type Stored struct {
	Key       string
	Content   string // YAML
	Version   int    // 0 for one that is as it was shipped
	Shipped   bool   // the product brings one under this key
	UpdatedBy string
	UpdatedAt time.Time
}

// Parsed reads the content. It was without faults when it was saved.
func (s Stored) Parsed() (*mapping.Mapping, []mapping.Fault) { return mapping.Parse(s.Content) }

var mappingKey = regexp.MustCompile(`^[a-z][a-z0-9-]{1,39}$`)

// Mappings lists those that are shipped and those that were added, each as it
// is used now.
func (s *Service) Mappings(ctx context.Context, actor auth.Actor) ([]Stored, error) {
	if err := mayKeep(actor); err != nil {
		return nil, err
	}
	stored, err := s.store.mappings(ctx)
	if err != nil {
		return nil, fmt.Errorf("intake: mappings: %w", err)
	}
	var out []Stored
	for _, key := range mapping.ShippedKeys {
		i := slices.IndexFunc(stored, func(v Stored) bool { return v.Key == key })
		if i >= 0 {
			out = append(out, stored[i])
			continue
		}
		content, _ := mapping.Shipped(key)
		out = append(out, Stored{Key: key, Content: content, Shipped: true})
	}
	for _, v := range stored {
		if !v.Shipped {
			out = append(out, v)
		}
	}
	return out, nil
}

// Mapping is the one with the key, as it is used now.
func (s *Service) Mapping(ctx context.Context, actor auth.Actor, key string) (Stored, error) {
	if err := mayKeep(actor); err != nil {
		return Stored{}, err
	}
	v, ok, err := s.store.mapping(ctx, key)
	switch {
	case err != nil:
		return v, fmt.Errorf("intake: mapping %s: %w", key, err)
	case ok:
		return v, nil
	}
	content, ok := mapping.Shipped(key)
	if !ok {
		return v, ErrNotFound
	}
	return Stored{Key: key, Content: content, Shipped: true}, nil
}

// SaveMapping keeps a mapping; version is that of the one that was edited, 0
// for a new one and for one that is as it was shipped. A mapping with faults is
// ErrMappingBad, and the faults are returned. Runs that are under way keep the
// content that they began with.
func (s *Service) SaveMapping(ctx context.Context, actor auth.Actor, key, content string, version int) ([]mapping.Fault, error) {
	if err := mayKeep(actor); err != nil {
		return nil, err
	}
	content = strings.ReplaceAll(content, "\r\n", "\n")
	switch {
	case !mappingKey.MatchString(key):
		return nil, ErrMappingKey
	case len(content) > mapping.MaxBytes:
		return nil, ErrMappingLong
	}
	if _, faults := mapping.Parse(content); len(faults) > 0 {
		return faults, ErrMappingBad
	}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		now := s.Clock.Now()
		if err := s.store.saveMapping(ctx, Stored{Key: key, Content: content, Version: version, UpdatedBy: actor.ID, UpdatedAt: now}); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "catalogue.save_mapping", Object: "mapping:" + key, Change: map[string]any{"version": version + 1}})
	})
	if err != nil {
		return nil, fmt.Errorf("intake: save mapping %s: %w", key, err)
	}
	return nil, nil
}

func mayKeep(a auth.Actor) error {
	if a.Kind != auth.System && !(a.Kind == auth.Staff && a.Has(auth.CatalogueAdmin)) {
		return ErrForbidden
	}
	return nil
}

const mappingColumns = `key, content, version, updated_by, updated_at`

func scanMapping(s db.Scanner) (v Stored, err error) {
	err = s.Scan(&v.Key, &v.Content, &v.Version, &v.UpdatedBy, db.Time{Time: &v.UpdatedAt})
	v.Shipped = slices.Contains(mapping.ShippedKeys, v.Key)
	return v, err
}

func (s store) mappings(ctx context.Context) ([]Stored, error) {
	return db.List(ctx, s.db.Read(ctx), scanMapping, `SELECT `+mappingColumns+` FROM catalogue_mapping ORDER BY key`)
}

func (s store) mapping(ctx context.Context, key string) (Stored, bool, error) {
	return db.Maybe(ctx, s.db.Read(ctx), scanMapping, `SELECT `+mappingColumns+` FROM catalogue_mapping WHERE key=$1`, key)
}

func (s store) saveMapping(ctx context.Context, v Stored) error {
	if v.Version == 0 {
		n, err := s.db.Exec(ctx, `INSERT INTO catalogue_mapping (`+mappingColumns+`) VALUES ($1,$2,1,$3,$4) ON CONFLICT (key) DO NOTHING`, v.Key, v.Content, v.UpdatedBy, db.MS(v.UpdatedAt))
		if err == nil && n == 0 {
			err = db.ErrStale
		}
		return err
	}
	return s.db.ExecOne(ctx, `UPDATE catalogue_mapping SET content=$1, updated_by=$2, updated_at=$3, version=version+1 WHERE key=$4 AND version=$5`,
		v.Content, v.UpdatedBy, db.MS(v.UpdatedAt), v.Key, v.Version)
}
