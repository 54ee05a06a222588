package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/db"
)

// Errors about a file that comes in pieces.
var (
	ErrOffset   = errs.Define(errs.Conflict, "files.offset")  // params received
	ErrUploads  = errs.Define(errs.TooMany, "files.uploads")  // too many on their way; param max
	ErrUnfinish = errs.Define(errs.Invalid, "files.unfinish") // not all of it has come
)

// Bounds of what one account may have on its way.
const (
	Piece       = 1 << 20 // bytes of one piece at most
	MaxOnTheWay = 20      // uploads
	staleAfter  = 24 * time.Hour
	idleBefore  = 5 * time.Second // an upload that rests so long may be taken up by a page loaded anew
)

// Upload is a file on its way in. Received is what is safely on disk: after a
// lost network, another tab or a restart it goes on from there.
type Upload struct {
	ID, Owner, Purpose, Name, Mark string
	Size, Received                 int64
	UpdatedAt                      time.Time
	Fresh                          bool // announced just now, not taken up again
}

const uploadColumns = `id, owner, purpose, name, mark, size, received, updated_at`

func scanUpload(s db.Scanner) (u Upload, err error) {
	return u, s.Scan(&u.ID, &u.Owner, &u.Purpose, &u.Name, &u.Mark, &u.Size, &u.Received, db.Time{Time: &u.UpdatedAt})
}

func (s *Store) staged(id string) string { return filepath.Join(s.dir, "staging", id) }

// Begin announces a file. The same file for the same purpose that rests half
// way, known by its name, size and mark, is taken up again.
func (s *Store) Begin(ctx context.Context, owner, purpose, name, mark string, size, limit int64) (Upload, error) {
	switch {
	case size <= 0:
		return Upload{}, ErrEmpty
	case size > limit:
		return Upload{}, ErrTooLarge.With("mb", limit>>20)
	case !known(name):
		return Upload{}, ErrType
	}
	name = CleanName(name)
	if len(mark) > 100 {
		mark = strings.ToValidUTF8(mark[:100], "")
	}
	now := s.clock.Now()
	u := Upload{ID: ids.New(now), Owner: owner, Purpose: purpose, Name: name, Mark: mark, Size: size, UpdatedAt: now}
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		old, err := db.List(ctx, s.db.Read(ctx), scanUpload, `SELECT `+uploadColumns+` FROM files_upload WHERE owner=$1 ORDER BY received DESC, id`, owner) // what came farthest goes on
		if err != nil {
			return err
		}
		for _, o := range old {
			if o.Purpose == purpose && o.Name == name && o.Mark == mark && o.Size == size && now.Sub(o.UpdatedAt) >= idleBefore {
				u = o
				return nil
			}
		}
		if len(old) >= MaxOnTheWay {
			return ErrUploads.With("max", MaxOnTheWay)
		}
		u.Fresh = true
		_, err = s.db.Exec(ctx, `INSERT INTO files_upload (id, owner, purpose, name, mark, size, received, created_at, updated_at) VALUES ($1,$2,$3,$4,$5,$6,0,$7,$7)`,
			u.ID, owner, purpose, name, mark, size, db.MS(now))
		return err
	})
	if err != nil {
		return Upload{}, fmt.Errorf("files: begin: %w", err)
	}
	return u, nil
}

// known says whether a name carries the extension of something that is accepted.
func known(name string) bool {
	ext := strings.ToLower(filepath.Ext(strings.ReplaceAll(name, `\`, "/")))
	for _, list := range accepted {
		for _, e := range list {
			if e == ext {
				return true
			}
		}
	}
	return false
}

// Upload returns a file on its way; somebody else's is not found.
func (s *Store) Upload(ctx context.Context, owner, id string) (Upload, error) {
	u, ok, err := db.Maybe(ctx, s.db.Read(ctx), scanUpload, `SELECT `+uploadColumns+` FROM files_upload WHERE id=$1 AND owner=$2`, id, owner)
	if err == nil && !ok {
		err = ErrNotFound
	}
	return u, err
}

// Append adds a piece at an offset, which must be what was received so far. A
// piece that breaks off is kept as far as it came. What it returns as received
// is on disk. It must not be called inside a transaction.
func (s *Store) Append(ctx context.Context, owner, id string, offset int64, r io.Reader) (Upload, error) {
	u, err := s.Upload(ctx, owner, id)
	if err != nil {
		return u, err
	}
	if u.Received != offset {
		return u, ErrOffset.With("received", u.Received)
	}
	piece, broken := io.ReadAll(io.LimitReader(r, min(Piece, u.Size-offset)+1))
	if int64(len(piece)) > min(Piece, u.Size-offset) {
		return u, ErrTooLarge.With("mb", Piece>>20)
	}
	// The network of the sender may be gone; what came is kept all the same.
	ctx = context.WithoutCancel(ctx)
	s.staging.Lock()
	defer s.staging.Unlock()
	if len(piece) > 0 {
		// Somebody else may have got ahead while the piece came in; his bytes are not touched.
		if now, err := s.Upload(ctx, owner, id); err != nil || now.Received != offset {
			return now, errors.Join(err, ErrOffset.With("received", now.Received))
		}
		if err := s.write(id, offset, piece); err != nil {
			return u, err
		}
		now := s.clock.Now()
		err = s.db.InTx(ctx, func(ctx context.Context) error {
			n, err := s.db.Exec(ctx, `UPDATE files_upload SET received=$3, updated_at=$4 WHERE id=$1 AND received=$2`, id, offset, offset+int64(len(piece)), db.MS(now))
			if err == nil && n == 0 {
				err = ErrOffset.With("received", offset)
			}
			return err
		})
		if err != nil {
			return u, err
		}
		u.Received, u.UpdatedAt = offset+int64(len(piece)), now
	}
	if broken != nil {
		return u, fmt.Errorf("files: piece broke off: %w", broken)
	}
	return u, nil
}

// write puts bytes at an offset and syncs them.
func (s *Store) write(id string, offset int64, piece []byte) (err error) {
	if s.ring != nil {
		if _, err := os.Stat(s.staged(id)); errors.Is(err, fs.ErrNotExist) {
			return s.writeSealed(id, offset, piece)
		}
	}
	f, err := os.OpenFile(s.staged(id), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("files: stage: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.WriteAt(piece, offset); err != nil {
		return fmt.Errorf("files: stage: %w", err)
	}
	return f.Sync()
}

// PutStaged is Put for a file that came in pieces, all of it.
func (s *Store) PutStaged(ctx context.Context, owner, purpose, id string, limit int64) (Blob, string, error) {
	u, err := s.Upload(ctx, owner, id)
	switch {
	case err != nil:
		return Blob{}, "", err
	case u.Purpose != purpose:
		return Blob{}, "", ErrNotFound
	case u.Received != u.Size:
		return Blob{}, "", ErrUnfinish
	}
	f, err := s.stagedContent(id)
	if err != nil {
		return Blob{}, "", ErrNotFound.Because(err)
	}
	defer func() { _ = f.Close() }()
	b, err := s.Put(ctx, io.LimitReader(f, u.Size), u.Name, limit)
	if err == nil && b.Size != u.Size {
		err = ErrUnfinish
	}
	return b, u.Name, err
}

// Forget ends an upload whose bytes were put, or are not wanted.
func (s *Store) Forget(ctx context.Context, owner, id string) error {
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		_, err := s.db.Exec(ctx, `DELETE FROM files_upload WHERE id=$1 AND owner=$2`, id, owner)
		return err
	})
	if err == nil {
		err = s.dropStaged(id)
	}
	return err
}

func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// SweepStaged throws away what nobody went on with for a day.
func (s *Store) SweepStaged(ctx context.Context) (removed int, err error) {
	old, err := db.List(ctx, s.db.Read(ctx), scanUpload, `SELECT `+uploadColumns+` FROM files_upload WHERE updated_at < $1 ORDER BY id LIMIT 1000`, db.MS(s.clock.Now().Add(-staleAfter)))
	if err != nil {
		return 0, fmt.Errorf("files: sweep uploads: %w", err)
	}
	for _, u := range old {
		if err := s.Forget(ctx, u.Owner, u.ID); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}
