package seal_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/tongban/tongban/internal/platform/seal"
)

const chunk = 64 << 10

func sealedFile(t testing.TB, r *seal.Ring, plain []byte, row string) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := r.NewWriter(&out, "files")
	if err != nil {
		t.Fatal(err)
	}
	for rest := plain; len(rest) > 0; { // in pieces that fit no chunk
		n := min(len(rest), 10_007)
		if _, err := w.Write(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	if err := w.Close(row); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func opened(r *seal.Ring, sealed []byte, row string) ([]byte, error) {
	f, err := r.OpenFile(bytes.NewReader(sealed), int64(len(sealed)), "files", row)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(f)
}

func noise(n int) []byte {
	rng := rand.New(rand.NewPCG(1, uint64(n))) //nolint:gosec // the same each time
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(rng.Uint32())
	}
	return out
}

// TestSealedFiles of every length about that of a chunk come back, whole and from
// anywhere, in both suites.
func TestSealedFiles(t *testing.T) {
	t.Parallel()
	for _, suite := range seal.Suites {
		r, _ := ring(t, filepath.Join(t.TempDir(), "keys.yaml"), suite.Name())
		for _, n := range []int{0, 1, 1000, chunk - 1, chunk, chunk + 1, 2 * chunk, 3*chunk + 7} {
			plain := noise(n)
			sealed := sealedFile(t, r, plain, "a")
			if n > 100 && bytes.Contains(sealed, plain[:100]) {
				t.Fatalf("%s, %d: readable", suite.Name(), n)
			}
			f, err := r.OpenFile(bytes.NewReader(sealed), int64(len(sealed)), "files", "a")
			if err != nil || f.Size() != int64(n) {
				t.Fatalf("%s, %d: %v", suite.Name(), n, err)
			}
			if err := iotest.TestReader(io.NewSectionReader(f, 0, f.Size()), plain); err != nil {
				t.Errorf("%s, %d: %v", suite.Name(), n, err)
			}
			if err := iotest.TestReader(f, plain); err != nil && n > 0 {
				t.Errorf("%s, %d: %v", suite.Name(), n, err)
			}
			if key, ok := seal.FileKey(sealed[:seal.HeadSize]); !ok || key != writeKey(r) {
				t.Errorf("%s: key %q", suite.Name(), key)
			}
		}
		if a, b := sealedFile(t, r, noise(10), "a"), sealedFile(t, r, noise(10), "a"); bytes.Equal(a, b) {
			t.Error("the same twice")
		}
	}
}

func writeKey(r *seal.Ring) string {
	for _, k := range r.Keys() {
		if k.Writes && k.For == "data" {
			return k.ID
		}
	}
	return ""
}

// TestSealedFilesThatWereTouched are refused: changed anywhere, cut, lengthened,
// put together anew, in another's place, or not finished.
func TestSealedFilesThatWereTouched(t *testing.T) {
	t.Parallel()
	for _, suite := range seal.Suites {
		r, _ := ring(t, filepath.Join(t.TempDir(), "keys.yaml"), suite.Name())
		plain := noise(2*chunk + 100)
		whole := sealedFile(t, r, plain, "a")
		const head, body = seal.HeadSize, chunk + 16
		if got, err := opened(r, whole, "a"); err != nil || !bytes.Equal(got, plain) {
			t.Fatal(err)
		}
		swapped := append(append(append(bytes.Clone(whole[:head]), whole[head+body:head+2*body]...), whole[head:head+body]...), whole[head+2*body:]...)
		other := sealedFile(t, r, plain, "a")
		mixed := append(append(bytes.Clone(whole[:head]), other[head:head+body]...), whole[head+body:]...)
		var open bytes.Buffer
		w, err := r.NewWriter(&open, "files")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(plain); err != nil {
			t.Fatal(err)
		}
		bad := map[string][]byte{
			"nothing": nil, "the head alone": whole[:head], "half a head": whole[:20], "plain": plain, "cut within a chunk": whole[:len(whole)-1], "cut at a chunk": whole[:head+2*body], "cut to one chunk": whole[:head+body],
			"lengthened": append(bytes.Clone(whole), 0), "lengthened by a chunk": append(bytes.Clone(whole), whole[head:head+body]...), "chunks swapped": swapped, "a chunk of another": mixed, "not finished": open.Bytes(),
		}
		for _, at := range []int{0, 5, 9, 16, 20, head, head + body - 1, head + body, len(whole) - 200, len(whole) - 1} {
			b := bytes.Clone(whole)
			b[at] ^= 1
			bad["changed at "+string(rune('a'+len(bad)))] = b
		}
		for name, b := range bad {
			if _, err := opened(r, b, "a"); !errors.Is(err, seal.ErrOpen) {
				t.Errorf("%s, %s: %v", suite.Name(), name, err)
			}
		}
		if _, err := opened(r, whole, "b"); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("of another row: %v", err)
		}
		if _, err := r.OpenFile(bytes.NewReader(whole), int64(len(whole)), "else", "a"); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("of another purpose: %v", err)
		}
		stranger, _ := ring(t, filepath.Join(t.TempDir(), "keys.yaml"), suite.Name())
		if _, err := opened(stranger, whole, "a"); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("with other keys: %v", err)
		}
		if err := w.Close("a"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("x")); err == nil {
			t.Error("written after its end")
		}
	}
}

func BenchmarkSealedFile(b *testing.B) {
	plain := noise(8 << 20)
	for _, suite := range seal.Suites {
		r, _ := ring(b, filepath.Join(b.TempDir(), "keys.yaml"), suite.Name())
		sealed := sealedFile(b, r, plain, "a")
		b.Run("write/"+suite.Name(), func(b *testing.B) {
			b.SetBytes(int64(len(plain)))
			for b.Loop() {
				w, err := r.NewWriter(io.Discard, "files")
				if err != nil {
					b.Fatal(err)
				}
				_, _ = w.Write(plain)
				if err := w.Close("a"); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("read/"+suite.Name(), func(b *testing.B) {
			b.SetBytes(int64(len(plain)))
			for b.Loop() {
				f, err := r.OpenFile(bytes.NewReader(sealed), int64(len(sealed)), "files", "a")
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
