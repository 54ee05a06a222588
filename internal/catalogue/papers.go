package catalogue

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
)

// MaxPaper is how large a blank or sample may be, in bytes.
const MaxPaper = 10 << 20

// KeepFile stores a blank or a sample for an item. It is served to keepers at
// once, and to everybody as soon as a published version names it.
func (s *Service) KeepFile(ctx context.Context, actor auth.Actor, code, name string, content io.Reader) (files.File, error) {
	if err := mayKeep(actor); err != nil {
		return files.File{}, err
	}
	blob, err := s.Files.Put(ctx, content, name, MaxPaper)
	if err != nil {
		return files.File{}, err
	}
	var f files.File
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if f, err = s.Files.Register(ctx, blob, name, actor.ID); err != nil {
			return err
		}
		if err := s.store.insertFile(ctx, f.ID, code, actor.ID, db.MS(s.Clock.Now())); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "catalogue.keep_file", Object: "file:" + f.ID, Change: map[string]any{"code": code, "name": f.Name}})
	})
	if err != nil {
		return files.File{}, fmt.Errorf("catalogue: keep %s of %s: %w", name, code, err)
	}
	return f, nil
}

// PublicFile returns a blank or sample that the published version of an item
// names, and nothing else: a file of a case never is one.
func (s *Service) PublicFile(ctx context.Context, code, id string) (files.File, error) {
	it, err := s.Item(code)
	if err != nil {
		return files.File{}, ErrNotFound
	}
	for _, named := range it.files() {
		if named == id && id != "" {
			return s.file(ctx, id)
		}
	}
	return files.File{}, ErrNotFound
}

// File returns any blank or sample, for those who keep the catalogue.
func (s *Service) File(ctx context.Context, actor auth.Actor, id string) (files.File, error) {
	if err := mayKeep(actor); err != nil {
		return files.File{}, err
	}
	return s.file(ctx, id)
}

// FileNames of a definition, by id, for pages; what is not there is left out.
func (s *Service) FileNames(ctx context.Context, d Definition) (map[string]files.File, error) {
	var ids []string
	for _, id := range d.files() {
		if id != "" {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 || s.Files == nil {
		return map[string]files.File{}, nil
	}
	return s.Files.FindAll(ctx, ids)
}

func (s *Service) file(ctx context.Context, id string) (files.File, error) {
	if _, ok, err := s.store.ownFile(ctx, id); err != nil {
		return files.File{}, fmt.Errorf("catalogue: file %s: %w", id, err)
	} else if !ok || s.Files == nil {
		return files.File{}, ErrNotFound
	}
	f, err := s.Files.Find(ctx, id)
	if errors.Is(err, files.ErrNotFound) {
		err = ErrNotFound
	}
	return f, err
}

func (s store) insertFile(ctx context.Context, id, code, by string, at int64) error {
	_, err := s.db.Exec(ctx, `INSERT INTO catalogue_file (file_id, item_code, added_by, added_at) VALUES ($1,$2,$3,$4)`, id, code, by, at)
	return err
}

func (s store) ownFile(ctx context.Context, id string) (string, bool, error) {
	return db.Maybe(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT item_code FROM catalogue_file WHERE file_id=$1`, id)
}
