package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/platform/seal"
)

const (
	sealedExt     = ".sealed" // of bytes that are kept sealed; what an older release wrote has none
	purposeBytes  = "files.bytes"
	purposePieces = "files.pieces"
)

// Seal has everything that comes in from now on kept sealed, on its way too.
// What was kept in clear is read on; Reseal seals it.
func (s *Store) Seal(r *seal.Ring) { s.ring = r }

// content is what a file holds, wherever it stands and however it is kept.
type content interface {
	io.ReadSeekCloser
	io.ReaderAt
}

type sealedContent struct {
	*seal.File
	io.Closer
}

// unseal reads a file of the disk that is sealed for a purpose and row.
func (s *Store) unseal(f *os.File, purpose, row string) (content, error) {
	if s.ring == nil {
		return nil, errors.Join(errors.New("files: the bytes are sealed, and there are no keys"), f.Close())
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	r, err := s.ring.OpenFile(f, info.Size(), purpose, row)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("files: %w", err), f.Close())
	}
	return sealedContent{r, f}, nil
}

// open opens bytes by their hash, sealed or as an older release wrote them.
func (s *Store) open(sum string) (content, error) {
	f, err := os.Open(s.path(sum) + sealedExt)
	if errors.Is(err, fs.ErrNotExist) {
		var plain *os.File
		if plain, err = os.Open(s.path(sum)); err == nil {
			return plain, nil
		}
		f, err = os.Open(s.path(sum) + sealedExt) // it may have been sealed this moment
	}
	if err != nil {
		return nil, err
	}
	return s.unseal(f, purposeBytes, sum)
}

// has says that the bytes lie at dst already, whole and under a key that there is.
func (s *Store) has(dst string, b Blob) bool {
	if s.ring == nil {
		info, err := os.Stat(dst)
		return err == nil && info.Size() == b.Size
	}
	f, err := os.Open(dst)
	if err != nil {
		return false
	}
	c, err := s.unseal(f, purposeBytes, b.SHA256)
	if err != nil {
		return false
	}
	size, err := c.Seek(0, io.SeekEnd)
	return errors.Join(err, c.Close()) == nil && size == b.Size
}

// keep gives a written temporary file its place.
func (s *Store) keep(tmp *os.File, dst string) error {
	if err := tmp.Sync(); err != nil {
		return fmt.Errorf("files: sync: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(dst), 0o700); err != nil {
		return fmt.Errorf("files: %w", err)
	}
	if err := os.Rename(tmp.Name(), dst); err != nil {
		return fmt.Errorf("files: %w", err)
	}
	// Only a synced folder makes the rename survive a loss of power.
	if dir, err := os.Open(filepath.Dir(dst)); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
	return nil
}

// walk calls do for all bytes that are kept: for which hash, and whether sealed.
func (s *Store) walk(ctx context.Context, do func(sum string, sealed bool) error) error {
	return filepath.WalkDir(s.dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil && errors.Is(err, fs.ErrNotExist):
			return nil // it went meanwhile
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case e.IsDir():
			if path == filepath.Join(s.dir, "staging") || path == filepath.Join(s.dir, "incoming") {
				return fs.SkipDir
			}
			return nil
		}
		sum, sealed := strings.CutSuffix(e.Name(), sealedExt)
		if len(sum) != 64 {
			return nil
		}
		return do(sum, sealed)
	})
}

// keyOf names the key that sealed bytes need; "" when they are gone meanwhile.
func (s *Store) keyOf(sum string) (string, error) {
	f, err := os.Open(s.path(sum) + sealedExt)
	if err != nil {
		return "", gone(err)
	}
	defer func() { _ = f.Close() }()
	head := make([]byte, seal.HeadSize)
	if _, err := io.ReadFull(f, head); err != nil {
		return "", fmt.Errorf("files: %s: %w", sum, err)
	}
	key, ok := seal.FileKey(head)
	if !ok {
		return "", fmt.Errorf("files: %s: %w", sum, seal.ErrOpen)
	}
	return key, nil
}

// Plain counts the files that an older release wrote in clear.
func (s *Store) Plain(ctx context.Context) (n int, err error) {
	err = s.walk(ctx, func(_ string, sealed bool) error {
		if !sealed {
			n++
		}
		return nil
	})
	return n, err
}

// Uses counts the files that need each key.
func (s *Store) Uses(ctx context.Context) (map[string]int64, error) {
	out := map[string]int64{}
	err := s.walk(ctx, func(sum string, sealed bool) error {
		if !sealed {
			return nil
		}
		key, err := s.keyOf(sum)
		if err == nil && key != "" {
			out[key]++
		}
		return err
	})
	return out, err
}

// Reseal seals what is in clear, and anew what another key than write sealed. It
// may be stopped and run again; whoever reads a file meanwhile reads on.
func (s *Store) Reseal(ctx context.Context, write string) (n int, err error) {
	err = s.walk(ctx, func(sum string, sealed bool) error {
		if sealed {
			key, err := s.keyOf(sum)
			if err != nil || key == "" || key == write {
				return err
			}
		}
		if err := s.sealAgain(sum, !sealed); err != nil {
			return gone(err)
		}
		n++
		return nil
	})
	return n, err
}

func (s *Store) sealAgain(sum string, plain bool) error {
	old, err := s.open(sum)
	if err != nil {
		return err
	}
	defer func() { _ = old.Close() }()
	tmp, err := os.CreateTemp(filepath.Join(s.dir, "incoming"), "up-*")
	if err != nil {
		return fmt.Errorf("files: %w", err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	defer func() { _ = tmp.Close() }()
	w, err := s.ring.NewWriter(tmp, purposeBytes)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, old); err != nil {
		return fmt.Errorf("files: seal: %w", err)
	}
	if err := w.Close(sum); err != nil {
		return err
	}
	if err := s.keep(tmp, s.path(sum)+sealedExt); err != nil || !plain {
		return err
	}
	return os.Remove(s.path(sum))
}

// Pieces of a file on its way are sealed one by one: staging/<id>.<offset>.

func (s *Store) piece(id string, offset int64) string {
	return s.staged(id) + "." + strconv.FormatInt(offset, 10)
}

func pieceRow(id string, offset int64) string { return id + ":" + strconv.FormatInt(offset, 10) }

// writeSealed keeps a piece; one that came before at this offset makes way.
func (s *Store) writeSealed(id string, offset int64, piece []byte) error {
	tmp, err := os.CreateTemp(filepath.Join(s.dir, "staging"), id+".up-*")
	if err != nil {
		return fmt.Errorf("files: stage: %w", err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	defer func() { _ = tmp.Close() }()
	w, err := s.ring.NewWriter(tmp, purposePieces)
	if err != nil {
		return err
	}
	if _, err := w.Write(piece); err != nil {
		return err
	}
	if err := w.Close(pieceRow(id, offset)); err != nil {
		return err
	}
	return s.keep(tmp, s.piece(id, offset))
}

// stagedContent is what came of an upload, in one. One that an older release
// began lies in one file, in clear, and goes on there.
func (s *Store) stagedContent(id string) (io.ReadCloser, error) {
	f, err := os.Open(s.staged(id))
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	return &pieces{store: s, id: id}, nil
}

// pieces reads the pieces of an upload, one after the other.
type pieces struct {
	store *Store
	id    string
	pos   int64
	now   content
}

func (p *pieces) Read(b []byte) (int, error) {
	for {
		if p.now == nil {
			f, err := os.Open(p.store.piece(p.id, p.pos))
			if errors.Is(err, fs.ErrNotExist) {
				return 0, io.EOF // who reads knows how much there has to be
			}
			if err == nil {
				p.now, err = p.store.unseal(f, purposePieces, pieceRow(p.id, p.pos))
			}
			if err != nil {
				return 0, err
			}
		}
		n, err := p.now.Read(b)
		p.pos += int64(n)
		if errors.Is(err, io.EOF) {
			err = p.Close()
			if n == 0 && err == nil {
				continue
			}
		}
		return n, err
	}
}

// Close closes the piece that is being read.
func (p *pieces) Close() error {
	if p.now == nil {
		return nil
	}
	err := p.now.Close()
	p.now = nil
	return err
}

// dropStaged removes what came of an upload.
func (s *Store) dropStaged(id string) error {
	list, err := filepath.Glob(s.staged(id) + ".*") // an id holds nothing that means something in a pattern
	for _, name := range append(list, s.staged(id)) {
		err = errors.Join(err, gone(os.Remove(name)))
	}
	return err
}
