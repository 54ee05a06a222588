package cases

import (
	"context"
	"io"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
)

// purposeOf an upload: which material of which case.
func purposeOf(id ID, key string) string { return "case:" + string(id) + ":" + key }

// BeginUpload announces a file for a material that comes in pieces, or takes up
// again one that rests half way.
func (s *Service) BeginUpload(ctx context.Context, actor auth.Actor, id ID, key, name, mark string, size, limit int64) (files.Upload, error) {
	_, item, err := s.editable(ctx, actor, id)
	if err != nil {
		return files.Upload{}, err
	}
	if _, ok := item.Material(key); !ok {
		return files.Upload{}, ErrMaterial
	}
	return s.Files.Begin(ctx, actor.ID, purposeOf(id, key), name, mark, size, limit)
}

// BeginLate is BeginUpload for a tolerated material of a case in handling.
func (s *Service) BeginLate(ctx context.Context, actor auth.Actor, id ID, key, name, mark string, size, limit int64) (files.Upload, error) {
	if err := s.waitsFor(ctx, actor, id, key); err != nil {
		return files.Upload{}, err
	}
	return s.Files.Begin(ctx, actor.ID, purposeOf(id, key), name, mark, size, limit)
}

// ReceiveUpload is Receive for a file that came in pieces.
func (s *Service) ReceiveUpload(ctx context.Context, actor auth.Actor, id ID, key, upload string, limit int64) (Received, error) {
	if err := s.waitsFor(ctx, actor, id, key); err != nil {
		return Received{}, err
	}
	blob, name, err := s.Files.PutStaged(ctx, actor.ID, purposeOf(id, key), upload, limit)
	return Received{Name: name, blob: blob, upload: upload}, err
}

// UploadOf is a file on its way, as far as it came.
func (s *Service) UploadOf(ctx context.Context, actor auth.Actor, upload string) (files.Upload, error) {
	return s.Files.Upload(ctx, actor.ID, upload)
}

// AppendUpload adds a piece to a file on its way.
func (s *Service) AppendUpload(ctx context.Context, actor auth.Actor, upload string, offset int64, r io.Reader) (files.Upload, error) {
	return s.Files.Append(ctx, actor.ID, upload, offset, r)
}

// AttachUpload keeps a file that came in pieces for its material. Rights are
// looked at again: the case may have been submitted while it came in.
func (s *Service) AttachUpload(ctx context.Context, actor auth.Actor, id ID, key, upload string, limit int64) (files.File, error) {
	_, item, err := s.editable(ctx, actor, id)
	if err != nil {
		return files.File{}, err
	}
	m, ok := item.Material(key)
	if !ok {
		return files.File{}, ErrMaterial
	}
	blob, name, err := s.Files.PutStaged(ctx, actor.ID, purposeOf(id, key), upload, limit)
	if err != nil {
		return files.File{}, err
	}
	f, err := s.keep(ctx, actor, id, key, name, m, blob)
	if err != nil {
		return files.File{}, err
	}
	return f, s.Files.Forget(ctx, actor.ID, upload)
}
