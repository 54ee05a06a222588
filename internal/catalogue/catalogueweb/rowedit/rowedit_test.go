package rowedit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	re "github.com/tongban/tongban/internal/catalogue/catalogueweb/rowedit"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/locales"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/view"
)

var nodes = []re.Node{
	{Key: "title", Kind: re.Text},
	{Key: "count", Kind: re.Whole, Low: 0, High: 9},
	{Key: "words", Kind: re.Words},
	{Key: "rows", Kind: re.List, ID: "key", Auto: "row_", Title: "name", Start: map[string]string{"kind": "a"}, Nodes: []re.Node{
		{Key: "key"},
		{Key: "name", Kind: re.Text},
		{Key: "kind", Kind: re.Choice, Source: "kinds"},
		{Key: "when", Kind: re.When},
		{Key: "on", Kind: re.Bool},
		{Key: "inner", Kind: re.List, Nodes: []re.Node{{Kind: re.Text}}},
	}},
}

func tree(t *testing.T, text string) map[string]any {
	t.Helper()
	out := map[string]any{}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

const two = `{"title":{"zh":"甲"},"rows":[{"key":"a","name":{"zh":"一"},"kind":"a","when":"answers.x == 'y'","inner":[{"zh":"里"}]},{"key":"b","name":{"zh":"二"},"kind":"b","on":true}]}`

func known(string) bool { return false }

// keysIn are the keys of the rows of a form, in their order.
func keysIn(v url.Values) (out []string) {
	for i := range re.Rows(v, "rows") {
		out = append(out, v.Get(fmt.Sprintf("rows.%d.key", i)))
	}
	return out
}

func TestButtons(t *testing.T) {
	t.Parallel()
	for do, tt := range map[string]struct {
		keys  []string
		focus string
		ok    bool
	}{
		"add|rows":         {[]string{"a", "b", ""}, "rows.2", true},
		"put|rows|key|c":   {[]string{"a", "b", "c"}, "rows.2", true},
		"up|rows|1":        {[]string{"b", "a"}, "rows.0", true},
		"up|rows|0":        {[]string{"a", "b"}, "rows.0", true},
		"down|rows|0":      {[]string{"b", "a"}, "rows.1", true},
		"remove|rows|0":    {[]string{"b"}, "rows.0", true},
		"remove|rows|7":    {[]string{"a", "b"}, "", false},
		"remove|title|0":   {[]string{"a", "b"}, "", false},
		"explode|rows|0":   {[]string{"a", "b"}, "", false},
		"add|rows.0.inner": {[]string{"a", "b"}, "rows.0.inner.1", true},
		"add":              {[]string{"a", "b"}, "", false},
		"up|rows|x":        {[]string{"a", "b"}, "", false},
	} {
		v := re.Values(nodes, tree(t, two), known)
		v.Set("rows.1.typed", "kept")
		focus, ok := re.Do(nodes, v, do)
		if focus != tt.focus || ok != tt.ok || !slices.Equal(keysIn(v), tt.keys) {
			t.Errorf("%s: %v %q %v", do, keysIn(v), focus, ok)
		}
		for i, k := range keysIn(v) { // what belongs to a row goes with it
			if got := v.Get(fmt.Sprintf("rows.%d.typed", i)); (k == "b") != (got == "kept") {
				t.Errorf("%s: row %s has %q", do, k, got)
			}
			if inner := re.Rows(v, fmt.Sprintf("rows.%d.inner", i)); k == "a" && inner == 0 {
				t.Errorf("%s: the inner rows are lost", do)
			}
		}
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	f := form.FromValues(re.Values(nodes, tree(t, two), known))
	v := f.Values()
	v.Set("count", "x")
	v.Set("words", "甲、乙\n甲")
	v.Set("rows.0.when"+":pick", "") // from a written condition back to always
	v.Set("rows.1.key", "")
	v.Set("rows.1.name.en", "Second row")
	out := tree(t, `{"untouched":1}`)
	re.Read(nodes, f, out)
	if f.Error("count") == nil {
		t.Error("a word is no number")
	}
	got, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"rows":[{"inner":[{"zh":"里"}],"key":"a","kind":"a","name":{"zh":"一"}},{"key":"second_row","kind":"b","name":{"en":"Second row","zh":"二"},"on":true}],"title":{"zh":"甲"},"untouched":1,"words":["甲","乙"]}`
	if string(got) != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestConditionsThatAreTyped(t *testing.T) {
	t.Parallel()
	for what, tt := range map[string]struct{ typed, pick, was, want string }{
		"always":                   {"", "", "", ""},
		"chosen":                   {"", "answers.a == 'b'", "", "answers.a == 'b'"},
		"chosen over what stood":   {"answers.x > 1", "answers.a == 'b'", "answers.x > 1", "answers.a == 'b'"},
		"written":                  {"answers.x > 1", "own", "", "answers.x > 1"},
		"written without choosing": {"answers.x > 1", "", "", "answers.x > 1"},
		"back to always":           {"answers.x > 1", "", "answers.x > 1", ""},
	} {
		f := form.New("w", tt.typed, "w:pick", tt.pick, "w:was", tt.was)
		out := map[string]any{}
		re.Read([]re.Node{{Key: "w", Kind: re.When}}, f, out)
		if got, _ := out["w"].(string); got != tt.want {
			t.Errorf("%s: %q", what, got)
		}
	}
}

// plain is an editor of nothing in particular.
type plain struct{}

func (plain) Options(context.Context, string) []view.Opt {
	return []view.Opt{{Value: "a", Label: "种类甲"}, {Value: "b", Label: "种类乙"}}
}
func (plain) Conditions(context.Context) []view.Opt             { return nil }
func (plain) ConditionWords(_ context.Context, w string) string { return w }
func (plain) FileLink(string) view.Link                         { return view.Link{} }
func (plain) RowWords(context.Context, string, string) string   { return "" }

func chinese(t *testing.T) context.Context {
	t.Helper()
	c, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	return i18n.With(t.Context(), c, i18n.Chinese)
}

func TestCompare(t *testing.T) {
	t.Parallel()
	ctx := chinese(t)
	for what, tt := range map[string]struct{ next, want string }{
		"the same":      {two, ""},
		"a text":        {strings.Replace(two, `"甲"`, `"乙"`, 1), "changed title/中文: 甲→乙"},
		"in a row":      {strings.Replace(two, `"kind":"b"`, `"kind":"a"`, 1), "changed rows/二/kind: 种类乙→种类甲"},
		"yes to no":     {strings.Replace(two, `,"on":true`, "", 1), "changed rows/二/on: 是→否"},
		"a row goes":    {`{"title":{"zh":"甲"},"rows":[{"key":"b","name":{"zh":"二"},"kind":"b","on":true}]}`, "removed rows/一: →"},
		"a row more":    {strings.Replace(two, `"rows":[`, `"rows":[{"key":"c","name":{"zh":"新"}},`, 1), "added rows/新: →"},
		"another order": {`{"title":{"zh":"甲"},"rows":[{"key":"b","name":{"zh":"二"},"kind":"b","on":true},{"key":"a","name":{"zh":"一"},"kind":"a","when":"answers.x == 'y'","inner":[{"zh":"里"}]}]}`, "moved rows: 一、二→二、一"},
	} {
		var got []string
		for _, c := range re.Compare(ctx, plain{}, "", nodes, tree(t, two), tree(t, tt.next)) {
			got = append(got, fmt.Sprintf("%s %s: %s→%s", c.Sort, strings.Join(c.Place, "/"), c.Old, c.New))
		}
		if strings.Join(got, "; ") != tt.want {
			t.Errorf("%s: %v", what, got)
		}
	}
}

func TestDiffer(t *testing.T) {
	t.Parallel()
	for _, tt := range [][6]string{
		{"承诺五日办结", "承诺三日办结", "承诺", "五", "三", "日办结"},
		{"", "新", "", "", "新", ""},
		{"同", "同", "同", "", "", ""},
		{"aa", "aaa", "aa", "", "a", ""},
	} {
		head, gone, come, tail := re.Differ(tt[0], tt[1])
		if [4]string{head, gone, come, tail} != [4]string{tt[2], tt[3], tt[4], tt[5]} {
			t.Errorf("%v: %q %q %q %q", tt, head, gone, come, tail)
		}
	}
}
