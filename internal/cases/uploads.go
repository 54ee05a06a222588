package cases

import (
	"context"
	"errors"
	"io"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/quota"
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
	return s.announce(ctx, actor, purposeOf(id, key), name, mark, size, limit)
}

// announce begins an upload; what is new counts as a file of its day.
func (s *Service) announce(ctx context.Context, actor auth.Actor, purpose, name, mark string, size, limit int64) (files.Upload, error) {
	u, err := s.Files.Begin(ctx, actor.ID, purpose, name, mark, size, limit)
	if err != nil || !u.Fresh {
		return u, err
	}
	err = s.Quota.Spend(ctx, actor, quota.Files, 1)
	if err == nil {
		err = s.Quota.Spend(ctx, actor, quota.Bytes, size)
	}
	if err != nil {
		return files.Upload{}, errors.Join(err, s.Files.Forget(ctx, actor.ID, u.ID))
	}
	return u, nil
}

// takeIn writes the bytes of a file that came whole, and counts them: also those
// that find no place afterwards, which lie on the disk until they are swept.
func (s *Service) takeIn(ctx context.Context, actor auth.Actor, r io.Reader, name string, limit int64) (files.Blob, error) {
	if err := s.Quota.Spend(ctx, actor, quota.Files, 1); err != nil {
		return files.Blob{}, err
	}
	blob, err := s.Files.Put(ctx, r, name, limit)
	if err != nil {
		return files.Blob{}, err
	}
	return blob, s.Quota.Spend(ctx, actor, quota.Bytes, blob.Size)
}

// BeginLate is BeginUpload for a tolerated material of a case in handling.
func (s *Service) BeginLate(ctx context.Context, actor auth.Actor, id ID, key, name, mark string, size, limit int64) (files.Upload, error) {
	if err := s.waitsFor(ctx, actor, id, key); err != nil {
		return files.Upload{}, err
	}
	return s.announce(ctx, actor, purposeOf(id, key), name, mark, size, limit)
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
