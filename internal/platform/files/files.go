package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/seal"
)

// Blob is what Put wrote: bytes without a name yet.
type Blob struct {
	SHA256    string // hex
	Size      int64
	MediaType string // one of Accepted
}

// File is a registered upload.
type File struct {
	ID        string
	Name      string // as the person called it, cleaned
	Owner     string // account
	CreatedAt time.Time
	Scan      string `json:"-"` // ScanWaiting or ScanInfected; "" when it may be used
	Blob
}

// Store keeps files in a folder and their rows in the database.
type Store struct {
	db      *db.DB
	clock   clock.Clock
	dir     string
	staging sync.Mutex // one piece is written at a time

	ring       *seal.Ring // nil keeps bytes in clear
	scanner    Scanner    // nil for none
	quarantine bool
}

// New returns a store in the folder dir, which it makes.
func New(d *db.DB, c clock.Clock, dir string) (*Store, error) {
	for _, name := range []string{"incoming", "staging"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			return nil, fmt.Errorf("files: %w", err)
		}
	}
	return &Store{db: d, clock: c, dir: dir}, nil
}

// Put reads at most limit bytes, checks what they are against the name, and
// keeps them. When it returns, the bytes are on disk. It must not be called
// inside a transaction: it is slow.
func (s *Store) Put(ctx context.Context, r io.Reader, name string, limit int64) (Blob, error) {
	return s.put(ctx, r, limit, func(f io.ReaderAt, size int64) (string, error) {
		media, err := sniff(f, size)
		if err == nil && !fits(name, media) {
			err = ErrDisguised
		}
		return media, err
	})
}

// PutSheet is Put for lists that administrators import: XLSX, and CSV, which is
// not accepted elsewhere. Who reads the file judges what is in it.
func (s *Store) PutSheet(ctx context.Context, r io.Reader, name string, limit int64) (Blob, error) {
	return s.put(ctx, r, limit, func(f io.ReaderAt, size int64) (string, error) {
		media, err := sniff(f, size)
		switch ext := strings.ToLower(filepath.Ext(name)); {
		case err == nil && media == xlsxType && ext == ".xlsx":
			return media, nil
		case errors.Is(err, ErrType) && (ext == ".csv" || ext == ".txt"):
			return "text/csv", nil
		case err != nil:
			return "", err
		default:
			return "", ErrType
		}
	})
}

// PutArchive is Put for an archive that the program itself put together. It is no
// type that people may upload.
func (s *Store) PutArchive(ctx context.Context, r io.Reader, limit int64) (Blob, error) {
	return s.put(ctx, r, limit, func(io.ReaderAt, int64) (string, error) { return ArchiveType, nil })
}

// ArchiveType is the type of what PutArchive keeps.
const ArchiveType = "application/zip"

func (s *Store) put(ctx context.Context, r io.Reader, limit int64, judge func(f io.ReaderAt, size int64) (media string, err error)) (Blob, error) {
	tmp, err := os.CreateTemp(filepath.Join(s.dir, "incoming"), "up-*")
	if err != nil {
		return Blob{}, fmt.Errorf("files: %w", err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	defer func() { _ = tmp.Close() }()
	sum := sha256.New()
	var kept io.Writer = tmp
	var sealed *seal.Writer
	if s.ring != nil {
		if sealed, err = s.ring.NewWriter(tmp, purposeBytes); err != nil {
			return Blob{}, err
		}
		kept = sealed
	}
	n, err := io.Copy(io.MultiWriter(kept, sum), io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return Blob{}, fmt.Errorf("files: read upload: %w", err)
	case n == 0:
		return Blob{}, ErrEmpty
	case n > limit:
		return Blob{}, ErrTooLarge.With("mb", limit>>20)
	}
	b := Blob{SHA256: hex.EncodeToString(sum.Sum(nil)), Size: n}
	var written io.ReaderAt = tmp
	dst := s.path(b.SHA256)
	if sealed != nil {
		if err := sealed.Close(b.SHA256); err != nil {
			return Blob{}, err
		}
		length, err := tmp.Seek(0, io.SeekEnd)
		if err != nil {
			return Blob{}, fmt.Errorf("files: %w", err)
		}
		if written, err = s.ring.OpenFile(tmp, length, purposeBytes, b.SHA256); err != nil {
			return Blob{}, fmt.Errorf("files: %w", err)
		}
		dst += sealedExt
	}
	if b.MediaType, err = judge(written, n); err != nil {
		return Blob{}, err
	}
	state, err := s.examine(ctx, written, n)
	if err != nil {
		return Blob{}, err
	}
	if err := s.scanned(ctx, b.SHA256, state, ""); err != nil {
		return Blob{}, fmt.Errorf("files: %w", err)
	}
	if s.has(dst, b) {
		// The same bytes are there already and were synced then. Their age is
		// renewed, so that a sweep does not take them before they are registered.
		now := s.clock.Now()
		return b, errors.Join(os.Chtimes(dst, now, now), ctx.Err())
	}
	if err := s.keep(tmp, dst); err != nil {
		return Blob{}, err
	}
	return b, ctx.Err()
}

// Register gives a blob a name and an owner, in the transaction of ctx.
func (s *Store) Register(ctx context.Context, b Blob, name, owner string) (File, error) {
	now := s.clock.Now()
	f := File{ID: ids.New(now), Name: CleanName(name), Owner: owner, CreatedAt: now, Blob: b}
	_, err := s.db.Exec(ctx, `INSERT INTO files_file (id, sha256, name, media_type, size, owner, created_at) VALUES ($1,$2,$3,$4,$5,$6,$7)`,
		f.ID, f.SHA256, f.Name, f.MediaType, f.Size, f.Owner, db.MS(f.CreatedAt))
	if err != nil {
		return File{}, fmt.Errorf("files: register: %w", err)
	}
	return f, nil
}

// rows is the SELECT of files, with the state of their scan where there is a scanner.
func (s *Store) rows() string {
	const columns = `SELECT f.id, f.sha256, f.name, f.media_type, f.size, f.owner, f.created_at, `
	if s.scanner == nil {
		return columns + `'clean' FROM files_file f`
	}
	return columns + `COALESCE(x.state, 'waiting') FROM files_file f LEFT JOIN files_scan x ON x.sha256=f.sha256`
}

func scan(s db.Scanner) (f File, err error) {
	err = s.Scan(&f.ID, &f.SHA256, &f.Name, &f.MediaType, &f.Size, &f.Owner, db.Time{Time: &f.CreatedAt}, &f.Scan)
	if f.Scan == scanClean {
		f.Scan = ""
	}
	return f, err
}

// Find returns the row of a file.
func (s *Store) Find(ctx context.Context, id string) (File, error) {
	f, ok, err := db.Maybe(ctx, s.db.Read(ctx), scan, s.rows()+` WHERE f.id=$1`, id)
	if err == nil && !ok {
		err = ErrNotFound
	}
	return f, err
}

// FindAll returns the rows of several files; unknown ids are left out.
func (s *Store) FindAll(ctx context.Context, list []string) (map[string]File, error) {
	out := map[string]File{}
	if len(list) == 0 {
		return out, nil
	}
	var a db.Args
	rows, err := db.List(ctx, s.db.Read(ctx), scan, s.rows()+` WHERE f.id IN `+db.In(&a, list), a...)
	for _, f := range rows {
		out[f.ID] = f
	}
	return out, err
}

// Remove forgets files, in the transaction of ctx; their bytes go with the next
// Sweep when no other row names them. Empty and unknown ids do not matter.
func (s *Store) Remove(ctx context.Context, list ...string) error {
	for _, id := range list {
		if id == "" {
			continue
		}
		if _, err := s.db.Exec(ctx, `DELETE FROM files_file WHERE id=$1`, id); err != nil {
			return fmt.Errorf("files: remove: %w", err)
		}
	}
	return nil
}

// Open opens the bytes of a registered file.
func (s *Store) Open(f File) (io.ReadSeekCloser, error) {
	if err := s.mayLeave(context.Background(), f.SHA256); err != nil {
		return nil, err
	}
	r, err := s.open(f.SHA256)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound.Because(err)
	}
	return r, err
}

func (s *Store) path(sum string) string { return filepath.Join(s.dir, sum[:2], sum[2:4], sum) }

// Sweep removes bytes that no row names and that are older than a day.
func (s *Store) Sweep(ctx context.Context) (removed int, err error) {
	before := s.clock.Now().Add(-24 * time.Hour)
	err = filepath.WalkDir(s.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if path == filepath.Join(s.dir, "staging") {
				return fs.SkipDir // see SweepStaged
			}
			return nil
		}
		info, err := e.Info()
		if err != nil || info.ModTime().After(before) {
			return nil //nolint:nilerr // a file that vanished meanwhile is none of ours
		}
		_, used, err := db.Maybe(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT id FROM files_file WHERE sha256=$1 LIMIT 1`, strings.TrimSuffix(e.Name(), sealedExt))
		if err != nil || used {
			return err
		}
		removed++
		return os.Remove(path)
	})
	return removed, err
}
