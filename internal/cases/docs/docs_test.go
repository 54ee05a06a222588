package docs_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases/docs"
	"github.com/tongban/tongban/internal/kernel/i18n"
)

// TestPublishedKindsNeverChange holds the files against their sums: papers that
// were handed out must read the same for ever. Change the words in a new file
// with the next version, and run this test with TONGBAN_UPDATE=1 to add its sum.
func TestPublishedKindsNeverChange(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("kinds/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		fmt.Fprintf(&b, "%s  %s\n", hex.EncodeToString(sum[:]), filepath.Base(name))
	}
	if os.Getenv("TONGBAN_UPDATE") != "" {
		if err := os.WriteFile("kinds/sums.txt", []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("kinds/sums.txt")
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != b.String() {
		t.Errorf("a published kind was changed, or one was added:\n%s", b.String())
	}
}

var place = regexp.MustCompile(`\{([a-z_]+)\}`)

// TestKindsAreWhole holds every kind to both languages, the same places in
// each, and at least one reader.
func TestKindsAreWhole(t *testing.T) {
	t.Parallel()
	marks := map[string]bool{}
	for _, k := range docs.Kinds() {
		if marks[k.Mark] || k.Mark == "" {
			t.Errorf("%s: mark %q", k.Key, k.Mark)
		}
		marks[k.Mark] = true
		if len(k.Readers) == 0 || len(k.Events) == 0 || len(k.Blocks) == 0 {
			t.Errorf("%s has no reader, event or text", k.Key)
		}
		for _, c := range k.Changes {
			if !slices.ContainsFunc(docs.Kinds(), func(o docs.Kind) bool { return o.Key == c }) {
				t.Errorf("%s changes %s, which is none", k.Key, c)
			}
		}
		texts := append([]i18n.Text{k.Title}, k.Basis...)
		for _, b := range k.Blocks {
			texts = append(texts, b.To, b.P, b.H, b.Small, b.Big.Label, b.Picture.Label)
			texts = append(texts, b.Lines...)
			texts = append(texts, b.Table.Heads...)
			for _, f := range b.Facts {
				texts = append(texts, f.Label)
			}
			if n := len(b.Table.Heads); n != len(b.Table.Shares) {
				t.Errorf("%s: %d heads, %d shares", k.Key, n, len(b.Table.Shares))
			}
		}
		for _, x := range texts {
			zh, en := place.FindAllString(x.ZH, -1), place.FindAllString(x.EN, -1)
			slices.Sort(zh)
			slices.Sort(en)
			if (x.ZH == "") != (x.EN == "") || !slices.Equal(zh, en) {
				t.Errorf("%s: the languages differ: %q, %q", k.Key, x.ZH, x.EN)
			}
		}
	}
}

func TestComposeTakesFactsAsTheyAre(t *testing.T) {
	t.Parallel()
	f := docs.NewFacts()
	f.Set("applicant", i18n.Text{ZH: "{reason}公司", EN: "{reason} Ltd"})
	f.Say("reason", "{code}")
	f.Say("code", "SECRET")
	f.Say("item", "x")
	f.Say("body", "科技局")
	d := docs.Document{Kind: "refusal", Version: 1, Number: "n", At: time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC), Facts: f}
	text, ok := d.Compose(i18n.Chinese, nil)
	if !ok || text.On != "2026年3月2日" || text.By != "科技局" {
		t.Fatalf("%+v", text)
	}
	for _, p := range text.Parts {
		if strings.Contains(p.Text, "SECRET") {
			t.Errorf("a fact was read as a place: %q", p.Text)
		}
	}
	if text.Parts[0].Text != "{reason}公司：" {
		t.Errorf("%q", text.Parts[0].Text)
	}
	h := d.Hash()
	f.Say("reason", "other")
	if d.Hash() == h {
		t.Error("another reason has the same fingerprint")
	}
}

func TestShort(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"abcdefghijkl": "abcd-efgh-ijkl", "abc": "abc", "abcdef": "abcd-ef", "": ""} {
		if got := docs.Short(in, 16); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestAReceiptIsOneSheet: what most people get home has its signature and its QR
// code on the same sheet, and a long name is set in lines within the sheet.
func TestAReceiptIsOneSheet(t *testing.T) {
	t.Parallel()
	f := docs.NewFacts()
	f.Set("applicant", i18n.Text{ZH: strings.Repeat("渤海科技创新区高性能膜材料联合研究中心", 3), EN: "Bohai Joint Research Centre for Membrane Materials"})
	for _, name := range []string{"code", "case", "channel", "collect", "item", "time", "body", "pickup"} {
		f.Say(name, "371671-20260302-00012")
	}
	f.Flag("first_approval", true)
	for range 3 {
		f.Add("materials", i18n.Text{ZH: "营业执照副本（加盖公章的复印件）", EN: "Business licence, copy with seal"}, i18n.Text{ZH: "1"}, docs.Word("given.upload", "n", 2))
		f.Add("later", i18n.Text{ZH: "检测报告", EN: "Test report"}, i18n.Text{ZH: "2026年3月20日", EN: "20 March 2026"})
	}
	for _, kind := range []string{"receipt", "tolerance"} { // the second is signed by the applicant
		for _, l := range i18n.Locales {
			text, ok := docs.Document{Kind: kind, Version: 1, Number: "n", At: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC), Facts: f}.Compose(l, nil)
			if !ok {
				t.Fatal(kind)
			}
			file, _, err := docs.Sheet{Text: text, Code: "abcd1234efgh5678", URL: "https://tongban.example/verify/abcd1234efgh5678", Say: func(key string, _ ...any) string { return key + " " + key }}.PDF()
			if err != nil || !strings.Contains(string(file), "/Count 1 ") {
				t.Errorf("%s in %s takes more than one sheet, %v", kind, l, err)
			}
		}
	}
}
