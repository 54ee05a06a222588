package arch_test

import (
	"encoding/json"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	_ "github.com/tongban/tongban/internal/app" // links every package, so that every error code is defined
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/feedback"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/locales"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
	"github.com/tongban/tongban/internal/queue"
	"github.com/tongban/tongban/internal/shell"
)

var placeholder = regexp.MustCompile(`\{[a-zA-Z_]+\}`)

func placeholders(s string) []string {
	p := placeholder.FindAllString(s, -1)
	sort.Strings(p)
	return slices.Compact(p)
}

func load(t *testing.T) *i18n.Catalog {
	t.Helper()
	c, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLanguagesHaveTheSameTexts(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, key := range c.Keys(i18n.Source) {
		src, _ := c.Raw(i18n.Source, key)
		for _, l := range i18n.Locales {
			text, ok := c.Raw(l, key)
			switch {
			case !ok:
				t.Errorf("%s has no text for %s", l, key)
			case strings.TrimSpace(text) == "":
				t.Errorf("%s: %s is empty", l, key)
			case !slices.Equal(placeholders(src), placeholders(text)):
				t.Errorf("%s: %s has placeholders %v, the source %v", l, key, placeholders(text), placeholders(src))
			}
			if strings.ContainsAny(text, "<>") && strings.Contains(text, "</") {
				t.Errorf("%s: %s holds HTML", l, key)
			}
		}
	}
	for _, key := range c.Keys(i18n.English) {
		if _, ok := c.Raw(i18n.Source, key); !ok {
			t.Errorf("%s stands in English only", key)
		}
	}
}

// TestTextsStandInTheirFile: the first word of a key names its file, of an error
// the second, so that everybody finds a text and puts the next one beside it.
func TestTextsStandInTheirFile(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../locales/*/*.json")
	if err != nil || len(paths) < 20 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]string
		if err := json.Unmarshal(b, &texts); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for key := range texts {
			words := strings.SplitN(strings.TrimPrefix(key, "error."), ".", 2)
			if file := words[0] + ".json"; filepath.Base(path) != file {
				t.Errorf("%s stands in %s, not in %s", key, filepath.Base(path), file)
			}
		}
	}
}

func TestEveryErrorCodeHasAText(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, code := range append(errs.Codes(), "internal") {
		for _, l := range i18n.Locales {
			if _, ok := c.Raw(l, "error."+code); !ok {
				t.Errorf("%s has no text for error.%s", l, code)
			}
		}
	}
}

// noticeKinds are those that the modules list because they put the names together.
func noticeKinds() []string {
	return slices.Concat(cases.NoticeKinds(), talk.NoticeKinds(), queue.NoticeKinds(), feedback.NoticeKinds())
}

// TestEveryNoticeThatIsSentHasTexts finds notify.News{Kind: "name"} in the code,
// so that a notice that no list names has its texts as well.
func TestEveryNoticeThatIsSentHasTexts(t *testing.T) {
	t.Parallel()
	c, found := load(t), 0
	for _, s := range sources(t) {
		if s.test() {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			x, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			if sel, ok := x.Type.(*ast.SelectorExpr); !ok || sel.Sel.Name != "News" {
				return true
			}
			for _, e := range x.Elts {
				kv, ok := e.(*ast.KeyValueExpr)
				if !ok {
					continue
				}
				lit, ok := kv.Value.(*ast.BasicLit)
				if name, is := kv.Key.(*ast.Ident); !ok || !is || name.Name != "Kind" {
					continue
				}
				found++
				kind, _ := strconv.Unquote(lit.Value)
				for _, part := range []string{"title", "body"} {
					for _, l := range i18n.Locales {
						if _, ok := c.Raw(l, "notify."+kind+"."+part); !ok {
							t.Errorf("%s: %s has no text for notify.%s.%s", fset.Position(lit.Pos()), l, kind, part)
						}
					}
				}
			}
			return true
		})
	}
	if found < 5 {
		t.Errorf("only %d notices found: the test looks in the wrong place", found)
	}
}

func TestEveryNoticeHasATitleAndABody(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, kind := range noticeKinds() {
		for _, part := range []string{"title", "body"} {
			for _, l := range i18n.Locales {
				if _, ok := c.Raw(l, "notify."+kind+"."+part); !ok {
					t.Errorf("%s has no text for notify.%s.%s", l, kind, part)
				}
			}
		}
	}
}

// TestEverythingWithANameHasItsTexts looks up what the pages put together from
// a prefix and a name, which the search for literals below cannot see.
func TestEverythingWithANameHasItsTexts(t *testing.T) {
	t.Parallel()
	c := load(t)
	var keys []string
	for _, k := range cases.EventKinds {
		keys = append(keys, "cases.event."+string(k))
	}
	for _, k := range cases.AllStepNews {
		keys = append(keys, "cases.event.step_"+string(k))
	}
	for _, k := range cases.Commands {
		keys = append(keys, "cases.command."+string(k))
	}
	for _, k := range cases.States {
		keys = append(keys, "cases.state."+string(k))
	}
	for _, k := range cases.StaffLists {
		keys = append(keys, "work.list."+string(k), "work.empty."+string(k), "work.empty."+string(k)+".text")
	}
	everybody := auth.Actor{Kind: auth.Staff}
	for _, k := range auth.Roles {
		keys = append(keys, "role."+string(k))
		everybody.Posts = append(everybody.Posts, auth.Post{Role: k})
	}
	for _, k := range shell.Counted(everybody) {
		keys = append(keys, "shell.card."+string(k))
	}
	for _, key := range keys {
		if _, ok := c.Raw(i18n.Source, key); !ok {
			t.Errorf("no text for %s", key)
		}
	}
}

// TestEveryIconIsThere finds Icon: "name" and Icon("name") in the code.
func TestEveryIconIsThere(t *testing.T) {
	t.Parallel()
	check := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if name, err := strconv.Unquote(lit.Value); err == nil && name != "" && !view.HasIcon(name) {
				t.Errorf("%s: no icon %q in internal/platform/view/assets/icons", fset.Position(lit.Pos()), name)
			}
		}
	}
	for _, s := range sources(t) {
		if s.test() {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				if k, ok := n.Key.(*ast.Ident); ok && k.Name == "Icon" {
					check(n.Value)
				}
			case *ast.CallExpr:
				if sel, ok := n.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Icon" && len(n.Args) == 1 {
					check(n.Args[0])
				}
			}
			return true
		})
	}
}

var keyForm = regexp.MustCompile(`^[a-z][a-z_0-9]*\.([a-zA-Z_0-9-]+\.?)*$`)

// TestTextsAreUsedAndThere reads the string literals of the code: a literal
// that is asked for with T must have a text; a text whose key stands in no
// literal, nor begins with one that ends in a dot, is dead.
func TestTextsAreUsedAndThere(t *testing.T) {
	t.Parallel()
	c := load(t)
	literal, prefix, words := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, s := range sources(t) {
		if s.test() {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "T" && len(call.Args) >= 2 {
					if lit, ok := call.Args[1].(*ast.BasicLit); ok && lit.Kind == token.STRING {
						key, _ := strconv.Unquote(lit.Value)
						if _, ok := c.Raw(i18n.Source, key); !ok {
							t.Errorf("%s: no text for %s", fset.Position(lit.Pos()), key)
						}
					}
				}
			}
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				v, err := strconv.Unquote(lit.Value)
				if err == nil {
					words[v] = true
				}
				if err == nil && keyForm.MatchString(v) {
					if strings.HasSuffix(v, ".") {
						prefix[v] = true
					} else {
						literal[v] = true
					}
				}
			}
			return true
		})
	}
	kinds := map[string]bool{}
	for _, k := range noticeKinds() {
		kinds[k] = true
	}
	for _, key := range c.Keys(i18n.Source) {
		used := literal[key] || strings.HasPrefix(key, "error.")
		if rest, ok := strings.CutPrefix(key, "notify."); ok { // notify.<kind>.title and .body
			kind, _, _ := strings.Cut(rest, ".")
			used = used || kinds[kind] || words[kind]
			for w := range words { // "contact_changed_" + "mail"
				used = used || len(w) > 5 && strings.HasSuffix(w, "_") && strings.HasPrefix(kind, w)
			}
		}
		for p := range prefix {
			if p == "notify." {
				continue // the kinds are looked up by themselves
			}
			used = used || strings.HasPrefix(key, p)
		}
		for p := range literal { // "view.pager" + ".next", "cases.form.asked" + "_window"
			used = used || strings.HasPrefix(key, p+".") || strings.HasPrefix(key, p+"_")
		}
		if !used {
			t.Errorf("%s is used nowhere", key)
		}
	}
}
