package files_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

var pdf = []byte("%PDF-1.4\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\n%%EOF\n")

func office(t *testing.T, member string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if _, err := z.Create(member); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// crowded is a container with so many members that their list outgrows the file many times.
func crowded(t *testing.T, members int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for range members {
		if _, err := z.Create("word/document.xml"); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCrowdedContainers(t *testing.T) {
	t.Parallel()
	s, err := files.New(dbtest.New(t), clock.System{}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for members, want := range map[int]error{2000: nil, 40_000: files.ErrType} {
		if _, err := s.Put(t.Context(), bytes.NewReader(crowded(t, members)), "a.docx", 20<<20); !errors.Is(err, want) {
			t.Errorf("%d members: %v, want %v", members, err, want)
		}
	}
}

func TestPutTrustsContentOnly(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		name string
		data []byte
		want error
	}{
		"a pdf":                            {"报告.PDF", pdf, nil},
		"a word file":                      {"a.docx", office(t, "word/document.xml"), nil},
		"a program called pdf":             {"a.pdf", []byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00"), files.ErrType},
		"a web page called pdf":            {"a.pdf", []byte("<html><script>alert(1)</script>"), files.ErrType},
		"a picture with script":            {"a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`), files.ErrType},
		"a pdf called png":                 {"a.png", pdf, files.ErrDisguised},
		"a pdf called exe":                 {"a.pdf.exe", pdf, files.ErrDisguised},
		"a zip with something else in":     {"a.docx", office(t, "evil.sh"), files.ErrType},
		"nothing":                          {"a.pdf", nil, files.ErrEmpty},
		"one byte more than the limit":     {"a.pdf", append(bytes.Clone(pdf), make([]byte, 4096-len(pdf)+1)...), files.ErrTooLarge},
		"exactly the limit":                {"a.pdf", append(bytes.Clone(pdf), make([]byte, 4096-len(pdf))...), nil},
		"a path in the name":               {"../../etc/passwd.pdf", pdf, nil},
		"a name that is only an extension": {".pdf", pdf, nil},
	}
	d := dbtest.New(t)
	s, err := files.New(d, clock.System{}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b, err := s.Put(t.Context(), bytes.NewReader(tt.data), tt.name, 4096)
			if !errors.Is(err, tt.want) {
				t.Fatalf("err = %v, want %v", err, tt.want)
			}
			if err == nil && b.Size != int64(len(tt.data)) {
				t.Errorf("size %d", b.Size)
			}
		})
	}
}

func TestRegisteredFilesComeBackAndOrphansGo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.At(time.Now())
		s := store(t, d, c, t.TempDir(), keys(t, c))
		ctx := t.Context()
		kept, err := s.Put(ctx, bytes.NewReader(pdf), "a.pdf", 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Put(ctx, strings.NewReader(string(pdf)+"orphan"), "b.pdf", 1<<20); err != nil {
			t.Fatal(err)
		}
		var f files.File
		if err := d.InTx(ctx, func(ctx context.Context) (err error) {
			f, err = s.Register(ctx, kept, `C:\fakepath\合同<b>.pdf`, "acc")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if f.Name != "合同b.pdf" {
			t.Errorf("name %q", f.Name)
		}
		got, err := s.Find(ctx, f.ID)
		if err != nil || got != f {
			t.Fatalf("%+v, %v", got, err)
		}
		c.Advance(48 * time.Hour)
		if n, err := s.Sweep(ctx); err != nil || n != 1 {
			t.Fatalf("swept %d, %v", n, err)
		}
		r, err := s.Open(got)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		if b, _ := io.ReadAll(r); !bytes.Equal(b, pdf) {
			t.Error("bytes differ")
		}
		if _, err := s.Find(ctx, "nope"); !errors.Is(err, files.ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestCleanName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"../../a.pdf": "a.pdf", `..\..\a.pdf`: "a.pdf", "a\x00b.pdf": "ab.pdf", "\u202efdp.exe": "fdp.exe",
		"": "file", "/": "file", "..": "file", strings.Repeat("长", 200) + ".pdf": strings.Repeat("长", 110) + ".pdf",
	} {
		if got := files.CleanName(in); got != want {
			t.Errorf("%q = %q, want %q", in, got, want)
		}
	}
}
