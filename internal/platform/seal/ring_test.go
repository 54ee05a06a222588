package seal_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/seal"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

var start = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

func ring(t testing.TB, file, suite string) (*seal.Ring, *clock.Moved) {
	t.Helper()
	c := clock.At(start)
	r, err := seal.Make(seal.Source{File: file, Suite: suite}, c)
	if err != nil {
		t.Fatal(err)
	}
	return r, c
}

func TestSealedTextStaysInItsPlace(t *testing.T) {
	t.Parallel()
	for _, suite := range []string{seal.StandardName, seal.NationalName} {
		r, _ := ring(t, filepath.Join(t.TempDir(), "keys.yaml"), suite)
		const number = "371602199001010018"
		text := r.Seal("account.id_number", "one", number)
		if !seal.Sealed(text) || strings.Contains(text, number) || text == r.Seal("account.id_number", "one", number) {
			t.Errorf("%s: %s", suite, text)
		}
		if got, err := r.Open("account.id_number", "one", text); err != nil || got != number {
			t.Errorf("%s: %q %v", suite, got, err)
		}
		changed := []byte(text)
		changed[len(changed)-3] ^= 2
		for name, x := range map[string][3]string{
			"another row": {"account.id_number", "two", text}, "another column": {"account.phone", "one", text}, "changed": {"account.id_number", "one", string(changed)},
			"cut": {"account.id_number", "one", text[:20]}, "no parts": {"account.id_number", "one", "tb1.aes"}, "another suite": {"account.id_number", "one", strings.NewReplacer("aes", "sm4", "sm4", "aes").Replace(text)},
			"a key that is not there": {"account.id_number", "one", text[:8] + "k000000" + text[15:]}, "row and purpose shifted": {"account.id_numbero", "ne", text},
		} {
			if got, err := r.Open(x[0], x[1], x[2]); !errors.Is(err, seal.ErrOpen) {
				t.Errorf("%s: %s opens: %q %v", suite, name, got, err)
			}
		}
		if r.Seal("p", "r", "") != "" || r.Index("p", "") != "" {
			t.Error("nothing does not stay nothing")
		}
		if got, err := r.Open("p", "r", "13900010001"); err != nil || got != "13900010001" {
			t.Errorf("text from before: %q %v", got, err)
		}
		a, b := r.Index("account.phone", "13900010001"), r.Index("account.phone", "13900010002")
		if a == b || a != r.Index("account.phone", "13900010001") || a == r.Index("other", "13900010001") || strings.Contains(a, "139") {
			t.Errorf("indexes %s %s", a, b)
		}
		sig, err := r.Sign("export", []byte("all of it"))
		if err != nil || !r.Verify("export", []byte("all of it"), sig) || r.Verify("export", []byte("some of it"), sig) || r.Verify("other", []byte("all of it"), sig) || r.Verify("export", nil, "x") {
			t.Errorf("%s: signature %s %v", suite, sig, err)
		}
	}
}

// TestARingTurns: a new key, the other suite and a new index key, while another
// process goes on with the same file.
func TestARingTurns(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "keys.yaml")
	r, c := ring(t, file, "")
	other, _ := ring(t, file, "")
	one, index := r.Seal("p", "r", "text"), r.Index("p", "text")
	if _, err := r.Rotate(); err != nil {
		t.Fatal(err)
	}
	two := r.Seal("p", "r", "text")
	if one[:15] == two[:15] {
		t.Errorf("the key is the same: %s %s", one, two)
	}
	if err := r.Switch(seal.NationalName); err != nil {
		t.Fatal(err)
	}
	three := r.Seal("p", "r", "text")
	if !strings.HasPrefix(three, "tb1.sm4.") {
		t.Errorf("after the switch: %s", three)
	}
	for _, x := range []string{one, two, three} { // the other process reads at once what it has no key for
		if got, err := other.Open("p", "r", x); err != nil || got != "text" {
			t.Errorf("%.20s: %q %v", x, got, err)
		}
	}
	if r.Index("p", "text") != index {
		t.Error("the index changed with the data key")
	}
	if _, err := r.RotateIndex(); err != nil {
		t.Fatal(err)
	}
	if r.Index("p", "text") != index || len(r.Indexes("p", "text")) != 2 || r.Settled().IsZero() {
		t.Error("a new index key is written with before every process reads it")
	}
	c.Advance(time.Minute)
	if now := r.Index("p", "text"); now == index || r.Indexes("p", "text")[0] != index || r.Indexes("p", "text")[1] != now || !r.Settled().IsZero() {
		t.Errorf("index %s, then %s", index, now)
	}
	again, err := seal.Read(seal.Source{File: file}, clock.At(start))
	if err != nil || again.Suite() != seal.National {
		t.Errorf("read again: %v", err)
	}
	if _, err := seal.Read(seal.Source{File: file, Suite: seal.StandardName}, clock.At(start)); err != nil {
		t.Error(err)
	}
	if other, _ = ring(t, file, ""); other.Suite() != seal.Standard {
		t.Error("the setting does not switch the ring")
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "keys.yaml")
	ring(t, file, "")
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v %v", info.Mode(), err)
	}
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o640); err != nil { //nolint:gosec // that is what is to be refused
		t.Fatal(err)
	}
	if _, err := seal.Read(seal.Source{File: file}, clock.At(start)); err == nil || !strings.Contains(err.Error(), "chmod") {
		t.Errorf("a file that others read: %v", err)
	}
	text := string(good)
	for name, bad := range map[string]string{
		"empty": "", "not yaml": "{", "unknown field": text + "more: 1\n", "no index": strings.Split(text, "index:")[0],
		"suite": strings.Replace(text, "standard", "rot13", 1), "writes with nothing": strings.Replace(text, "write: k", "write: k0", 1),
		"short key": regexp.MustCompile(`key: .*`).ReplaceAllString(text, "key: AAAA"),
	} {
		if _, err := seal.Read(seal.Source{Text: bad + "\n#"}, clock.At(start)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	fixed, err := seal.Read(seal.Source{Text: text}, clock.At(start))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fixed.Rotate(); !errors.Is(err, seal.ErrFixed) {
		t.Errorf("keys from the environment: %v", err)
	}
}

// notes is a table of the test with a sealed column and a JSON that holds sealed text.
func notes(t *testing.T, d *db.DB) []seal.Column {
	t.Helper()
	err := d.InTx(t.Context(), func(ctx context.Context) error {
		_, err := d.Exec(ctx, `CREATE TABLE seal_note (id TEXT PRIMARY KEY, phone TEXT NOT NULL, phone_index TEXT NOT NULL DEFAULT '', answers JSONB NOT NULL)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return []seal.Column{
		{Table: "seal_note", ID: "id", Row: "id", Text: "phone", Purpose: "note.phone", Index: "phone_index", Form: strings.TrimSpace},
		{Table: "seal_note", ID: "id", Row: "id", Text: "answers", Purpose: "note.answers", JSON: true, Plain: func(_ context.Context, _, text string) (string, error) { return text, nil }},
	}
}

func TestKeeper(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, file := t.Context(), filepath.Join(t.TempDir(), "keys.yaml")
		c := clock.At(start)
		src := seal.Source{File: file}
		r, err := seal.Open(ctx, src, c, d)
		if err != nil {
			t.Fatal(err)
		}
		k := seal.NewKeeper(r, d, c, notes(t, d)...)
		put := func(id, phone, answers string) {
			t.Helper()
			if err := d.InTx(ctx, func(ctx context.Context) error {
				_, err := d.Exec(ctx, `INSERT INTO seal_note (id, phone, answers) VALUES ($1,$2,$3)`, id, phone, answers)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		type row struct{ phone, index, answers string }
		get := func(id string) row {
			t.Helper()
			x, err := db.One(ctx, d.Read(ctx), func(s db.Scanner) (x row, err error) { return x, s.Scan(&x.phone, &x.index, &x.answers) },
				`SELECT phone, phone_index, CAST(answers AS TEXT) FROM seal_note WHERE id=$1`, id)
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		for i := range 250 { // more than one round takes
			put("n"+time.Duration(i).String(), "1390001"+time.Duration(i).String(), "{}")
		}
		put("empty", "", "{}")
		put("json", " 13900010001", `{"a":"`+r.Seal("note.answers", "json", "371602199001010018")+`","b":"`+r.Seal("note.answers", "json", `quote " here`)+`"}`)
		if err := k.SealPlain(ctx); err != nil {
			t.Fatal(err)
		}
		if x := get("json"); !seal.Sealed(x.phone) || x.index != r.Index("note.phone", "13900010001") {
			t.Errorf("%+v", x)
		}
		if x := get("empty"); x.phone != "" || x.index != "" {
			t.Errorf("nothing was sealed: %+v", x)
		}
		old := r.Keys()
		var oldData, oldIndex string
		for _, key := range old {
			switch key.For {
			case "data":
				oldData = key.ID
			case "index":
				oldIndex = key.ID
			}
		}
		if err := r.Switch(seal.NationalName); err != nil {
			t.Fatal(err)
		}
		if _, err := r.RotateIndex(); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Reseal(ctx, nil); err == nil {
			t.Error("reseals before every process reads with the new index key")
		}
		c.Advance(2 * time.Minute)
		if err := k.Retire(ctx, oldData); !errors.Is(err, seal.ErrUsed) {
			t.Errorf("retired while in use: %v", err)
		}
		stopped, stop := context.WithCancel(ctx)
		stop()
		if _, err := k.Reseal(stopped, nil); err == nil {
			t.Error("a stopped round says nothing")
		}
		n, err := k.Reseal(ctx, nil)
		if err != nil || n != 252 {
			t.Errorf("resealed %d: %v", n, err)
		}
		if n, err := k.Reseal(ctx, nil); err != nil || n != 0 {
			t.Errorf("again: %d %v", n, err)
		}
		uses, err := k.Uses(ctx)
		if err != nil || len(uses) != 3 {
			t.Errorf("uses %+v %v", uses, err)
		}
		for _, u := range uses {
			if u.Key == oldData || u.Key == oldIndex {
				t.Errorf("%+v", u)
			}
		}
		for _, id := range []string{oldData, oldIndex} {
			if err := k.Retire(ctx, id); err != nil {
				t.Error(err)
			}
		}
		x := get("json")
		if !strings.HasPrefix(x.phone, "tb1.sm4.") || x.index != r.Index("note.phone", "13900010001") || strings.Contains(x.answers, "aes") {
			t.Errorf("%+v", x)
		}
		// The next start: with the file all is well, without it or with another nothing begins.
		if _, err := seal.Open(ctx, src, c, d); err != nil {
			t.Error(err)
		}
		if _, err := seal.Open(ctx, seal.Source{File: filepath.Join(t.TempDir(), "gone.yaml")}, c, d); !errors.Is(err, seal.ErrNoKeys) {
			t.Errorf("without the file: %v", err)
		}
		strange := filepath.Join(t.TempDir(), "keys.yaml")
		ring(t, strange, "")
		if _, err := seal.Open(ctx, seal.Source{File: strange}, c, d); err == nil || !strings.Contains(err.Error(), "bring the keys back") {
			t.Errorf("with another: %v", err)
		}
	})
}
