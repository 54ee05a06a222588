package files_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/seal"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func keys(t testing.TB, c clock.Clock) *seal.Ring {
	t.Helper()
	r, err := seal.Make(seal.Source{File: filepath.Join(t.TempDir(), "keys.yaml")}, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// store is one in a folder, sealed when there are keys.
func store(t testing.TB, d *db.DB, c clock.Clock, dir string, r *seal.Ring) *files.Store {
	t.Helper()
	s, err := files.New(d, c, dir)
	if err != nil {
		t.Fatal(err)
	}
	if r != nil {
		s.Seal(r)
	}
	return s
}

// readable lists the files below a folder in which a text stands.
func readable(t *testing.T, dir string, text []byte) (out []string) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, text) {
			out = append(out, path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func reads(t *testing.T, s *files.Store, b files.Blob) []byte {
	t.Helper()
	r, err := s.Open(files.File{Blob: b})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestBytesAreSealed: nothing that somebody hands in can be read on the disk, on
// its way or after; it is served whole and in parts; and what is exchanged or
// changed on the disk is not served.
func TestBytesAreSealed(t *testing.T) {
	t.Parallel()
	ctx, dir, c, d := t.Context(), t.TempDir(), clock.At(time.Now()), dbtest.New(t)
	s := store(t, d, c, dir, keys(t, c))
	secret := []byte("371602199001010018")
	whole := append(append(bytes.Clone(pdf), secret...), bytes.Repeat([]byte("x"), 300_000)...)
	b, err := s.Put(ctx, bytes.NewReader(whole), "a.pdf", 1<<20)
	if err != nil || b.Size != int64(len(whole)) {
		t.Fatal(b, err)
	}
	if again, err := s.Put(ctx, bytes.NewReader(whole), "b.pdf", 1<<20); err != nil || again != b {
		t.Fatal(again, err)
	}
	u, err := s.Begin(ctx, "me", "p", "a.pdf", "m", int64(len(whole)), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(ctx, "me", u.ID, 0, bytes.NewReader(whole[:100_000])); err != nil {
		t.Fatal(err)
	}
	if list := readable(t, dir, secret); len(list) > 0 {
		t.Errorf("can be read in %v", list)
	}
	r, err := s.Open(files.File{Blob: b})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if err := iotest.TestReader(r, whole); err != nil {
		t.Error(err)
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { http.ServeContent(w, req, "a.pdf", time.Time{}, r) }))
	defer web.Close()
	for span, want := range map[string][]byte{"bytes=65530-65545": whole[65530:65546], "bytes=-5": whole[len(whole)-5:], "bytes=200000-": whole[200_000:]} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, web.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Range", span)
		res, err := web.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		if err = errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusPartialContent || !bytes.Equal(got, want) {
			t.Errorf("%s: %d, %d bytes, %v", span, res.StatusCode, len(got), err)
		}
	}

	other, err := s.Put(ctx, strings.NewReader(string(pdf)+"another"), "c.pdf", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	at := func(b files.Blob) string { return filepath.Join(dir, b.SHA256[:2], b.SHA256[2:4], b.SHA256+".sealed") }
	kept, err := os.ReadFile(at(other))
	if err != nil {
		t.Fatal(err)
	}
	for name, bytes := range map[string][]byte{"cut": kept[:len(kept)-1], "exchanged": must(os.ReadFile(at(b)))} {
		if err := os.WriteFile(at(other), bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(files.File{Blob: other}); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Handed in again, it is whole again.
	if _, err := s.Put(ctx, strings.NewReader(string(pdf)+"another"), "c.pdf", 1<<20); err != nil || string(reads(t, s, other)) != string(pdf)+"another" {
		t.Error(err)
	}
	if _, err := store(t, d, c, dir, nil).Open(files.File{Blob: b}); err == nil {
		t.Error("opened without keys")
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// TestOldFilesAreSealed: what an older release wrote in clear is read on, sealed
// by Reseal, and follows each new key and suite; a key that a file needs cannot
// be retired; and nobody who reads meanwhile notices.
func TestOldFilesAreSealed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, dir, c := t.Context(), t.TempDir(), clock.At(time.Now())
		old := store(t, d, c, dir, nil)
		text := []byte("from an older release 371602199001010018")
		var list []files.Blob
		for i := range 3 {
			b, err := old.Put(ctx, bytes.NewReader(append(append(bytes.Clone(pdf), byte('0'+i)), text...)), "a.pdf", 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, b)
		}
		ring, err := seal.Open(ctx, seal.Source{File: filepath.Join(t.TempDir(), "keys.yaml")}, c, d)
		if err != nil {
			t.Fatal(err)
		}
		s := store(t, d, c, dir, ring)
		keeper := seal.NewKeeper(ring, d, c)
		keeper.Watch(s)
		whole := func(when string) {
			t.Helper()
			for i, b := range list {
				if got := reads(t, s, b); !bytes.HasSuffix(got, text) || got[len(pdf)] != byte('0'+i) {
					t.Errorf("%s: file %d differs", when, i)
				}
			}
		}
		whole("in clear")
		if plain, err := keeper.Plain(ctx); err != nil || len(plain) != 1 || plain[0] != "files" {
			t.Errorf("%v %v", plain, err)
		}
		reader, err := s.Open(files.File{Blob: list[0]})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = reader.Close() }()
		if n, err := keeper.Reseal(ctx, nil); err != nil || n != 3 {
			t.Fatal(n, err)
		}
		if got, err := io.ReadAll(reader); err != nil || !bytes.HasSuffix(got, text) {
			t.Errorf("who read meanwhile: %v", err)
		}
		if left := readable(t, dir, text); len(left) > 0 {
			t.Errorf("still in clear: %v", left)
		}
		if plain, err := keeper.Plain(ctx); err != nil || len(plain) != 0 {
			t.Errorf("%v %v", plain, err)
		}
		whole("sealed")
		for _, turn := range []func() error{func() error { _, err := ring.Rotate(); return err }, func() error { return ring.Switch(seal.NationalName) }} {
			before := writes(ring)
			if err := turn(); err != nil {
				t.Fatal(err)
			}
			c.Advance(2 * time.Minute)
			whole("after a turn")
			if err := keeper.Retire(ctx, before); !errors.Is(err, seal.ErrUsed) {
				t.Errorf("retired although files need it: %v", err)
			}
			if n, err := keeper.Reseal(ctx, nil); err != nil || n != 3 {
				t.Fatal(n, err)
			}
			if n, err := keeper.Reseal(ctx, nil); err != nil || n != 0 {
				t.Errorf("twice: %d %v", n, err)
			}
			if err := keeper.Retire(ctx, before); err != nil {
				t.Error(err)
			}
			whole("resealed")
		}
		if uses, err := s.Uses(ctx); err != nil || uses[writes(ring)] != 3 || len(uses) != 1 {
			t.Errorf("%v %v", uses, err)
		}
		c.Advance(48 * time.Hour)
		if n, err := s.Sweep(ctx); err != nil || n != 3 {
			t.Errorf("swept %d of what nobody registered: %v", n, err)
		}
		// An upload that was on its way while the new release came goes on.
		u, err := old.Begin(ctx, "me", "p", "b.pdf", "m", int64(len(pdf)), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := old.Append(ctx, "me", u.ID, 0, bytes.NewReader(pdf[:4])); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Append(ctx, "me", u.ID, 4, bytes.NewReader(pdf[4:])); err != nil {
			t.Fatal(err)
		}
		b, _, err := s.PutStaged(ctx, "me", "p", u.ID, 1<<20)
		if err != nil || !bytes.Equal(reads(t, s, b), pdf) {
			t.Error(err)
		}
		if err := s.Forget(ctx, "me", u.ID); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(filepath.Join(dir, "staging")); err != nil || len(left) > 0 {
			t.Errorf("%v %v", left, err)
		}
	})
}

func writes(r *seal.Ring) string {
	for _, k := range r.Keys() {
		if k.Writes && k.For == "data" {
			return k.ID
		}
	}
	return ""
}

func BenchmarkPut(b *testing.B) {
	d, c := dbtest.New(b), clock.System{}
	whole := append(bytes.Clone(pdf), bytes.Repeat([]byte("0123456789abcdef"), 4<<16)...) // 4 MB
	for name, r := range map[string]*seal.Ring{"clear": nil, "sealed": keys(b, c)} {
		b.Run(name, func(b *testing.B) {
			s := store(b, d, c, b.TempDir(), r)
			b.SetBytes(int64(len(whole)))
			n := byte(0)
			for b.Loop() {
				n++
				whole[len(whole)-1] = n
				if _, err := s.Put(context.Background(), bytes.NewReader(whole), "a.pdf", 8<<20); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
