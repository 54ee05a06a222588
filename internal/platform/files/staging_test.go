package files_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// broken gives so many bytes and then fails, as a network does.
type broken struct{ r io.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// TestPieces: a file that breaks off anywhere, again and again, over two stores
// as after a restart, arrives byte by byte as it was.
func TestPieces(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c, dir, ctx := clock.At(time.Now()), t.TempDir(), t.Context()
		ring := keys(t, c)
		open := func() *files.Store { return store(t, d, c, dir, ring) }
		whole := append(bytes.Clone(pdf), make([]byte, 3<<20)...)
		rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a fixed course
		for i := len(pdf); i < len(whole); i++ {
			whole[i] = byte(rng.Uint32())
		}
		s := open()
		u, err := s.Begin(ctx, "me", "case:1:a", "审计报告.pdf", "m1", int64(len(whole)), 20<<20)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.PutStaged(ctx, "me", "case:1:a", u.ID, 20<<20); !errors.Is(err, files.ErrUnfinish) {
			t.Fatalf("put before it came: %v", err)
		}
		for u.Received < u.Size {
			end := min(u.Received+files.Piece, u.Size)
			cut := u.Received + rng.Int64N(end-u.Received+1)
			before := u.Received
			u, err = s.Append(ctx, "me", u.ID, u.Received, broken{bytes.NewReader(whole[before:cut])})
			if err == nil || u.Received != cut {
				t.Fatalf("%v, %d of %d", err, u.Received, cut)
			}
			s = open() // the server starts again; what was received is known
			if u, err = s.Upload(ctx, "me", u.ID); err != nil || u.Received != cut {
				t.Fatalf("%v %+v", err, u)
			}
			end = min(u.Received+files.Piece, u.Size)
			if u, err = s.Append(ctx, "me", u.ID, u.Received, bytes.NewReader(whole[u.Received:end])); err != nil || u.Received != end {
				t.Fatalf("%v %+v", err, u)
			}
			// Another tab that is behind changes nothing.
			if _, err := s.Append(ctx, "me", u.ID, before, bytes.NewReader([]byte("xxxx"))); before != u.Received && !errors.Is(err, files.ErrOffset) {
				t.Fatal(err)
			}
		}
		if _, err := s.Append(ctx, "me", u.ID, u.Size, bytes.NewReader([]byte("more"))); !errors.Is(err, files.ErrTooLarge) {
			t.Fatalf("more than was announced: %v", err)
		}
		for owner, purpose := range map[string]string{"you": "case:1:a", "me": "case:2:a"} {
			if _, _, err := s.PutStaged(ctx, owner, purpose, u.ID, 20<<20); !errors.Is(err, files.ErrNotFound) {
				t.Errorf("%s for %s: %v", owner, purpose, err)
			}
		}
		if _, err := s.Upload(ctx, "you", u.ID); !errors.Is(err, files.ErrNotFound) {
			t.Error(err)
		}
		if _, err := s.Append(ctx, "you", u.ID, 0, bytes.NewReader(whole[:4])); !errors.Is(err, files.ErrNotFound) {
			t.Error(err)
		}
		b, name, err := s.PutStaged(ctx, "me", "case:1:a", u.ID, 20<<20)
		if err != nil || name != "审计报告.pdf" {
			t.Fatal(err, name)
		}
		r, err := s.Open(files.File{Blob: b})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		if got, _ := io.ReadAll(r); !bytes.Equal(got, whole) {
			t.Error("the bytes differ")
		}
		if err := s.Forget(ctx, "me", u.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Upload(ctx, "me", u.ID); !errors.Is(err, files.ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestPiecesHaveBounds(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c, ctx := clock.At(time.Now()), t.Context()
		s, err := files.New(d, c, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		begin := func(name, mark string, size int64) (files.Upload, error) {
			return s.Begin(ctx, "me", "p", name, mark, size, 1<<20)
		}
		for name, tt := range map[string]struct {
			file string
			size int64
			want error
		}{
			"nothing":   {"a.pdf", 0, files.ErrEmpty},
			"too large": {"a.pdf", 1<<20 + 1, files.ErrTooLarge},
			"a program": {"a.exe", 10, files.ErrType},
		} {
			if _, err := begin(tt.file, "", tt.size); !errors.Is(err, tt.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		// The same file in two tabs at one time is two uploads; later it is taken up again.
		one, err := begin("a.pdf", "m", 100)
		if err != nil {
			t.Fatal(err)
		}
		if two, err := begin("a.pdf", "m", 100); err != nil || two.ID == one.ID {
			t.Fatalf("%v: two tabs share an upload", err)
		}
		if one, err = s.Append(ctx, "me", one.ID, 0, bytes.NewReader(make([]byte, 40))); err != nil {
			t.Fatal(err)
		}
		c.Advance(time.Minute)
		if again, err := begin("a.pdf", "m", 100); err != nil || again.ID != one.ID || again.Received != 40 {
			t.Fatalf("%v %+v", err, again)
		}
		if other, err := begin("a.pdf", "other", 100); err != nil || other.ID == one.ID {
			t.Fatal("another file was taken for it")
		}
		for i := 3; i < files.MaxOnTheWay; i++ {
			if _, err := begin("b.pdf", string(rune('a'+i)), 10); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := begin("c.pdf", "c", 10); !errors.Is(err, files.ErrUploads) {
			t.Fatal(err)
		}
		if n, err := s.SweepStaged(ctx); err != nil || n != 0 {
			t.Fatal(n, err)
		}
		c.Advance(25 * time.Hour)
		if n, err := s.SweepStaged(ctx); err != nil || n != files.MaxOnTheWay {
			t.Fatal(n, err)
		}
		if _, err := s.Upload(ctx, "me", one.ID); !errors.Is(err, files.ErrNotFound) {
			t.Fatal(err)
		}
	})
}
