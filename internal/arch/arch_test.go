package arch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const modulePath = "github.com/tongban/tongban"

// source is one Go file of the project.
type source struct {
	path string // from the root, with slashes
	pkg  string // folder
	file *ast.File
}

func (s source) test() bool      { return strings.HasSuffix(s.path, "_test.go") }
func (s source) generated() bool { return strings.HasSuffix(s.path, "_templ.go") }

var fset = token.NewFileSet()

func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

func sources(t *testing.T) []source {
	t.Helper()
	base := root(t)
	var out []source
	for _, top := range []string{"internal", "cmd", "demo"} {
		err := filepath.WalkDir(filepath.Join(base, top), func(p string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(p, ".go") {
				return err
			}
			f, err := parser.ParseFile(fset, p, nil, parser.ParseComments)
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(base, p)
			if err != nil {
				return err
			}
			rel = filepath.ToSlash(rel)
			out = append(out, source{path: rel, pkg: path.Dir(rel), file: f})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func (s source) imports() []string {
	var out []string
	for _, i := range s.file.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		out = append(out, p)
	}
	return out
}

// tiers from the bottom up. A package may import packages of lower tiers, and
// of its own module; inside kernel and platform also its neighbours.
var tiers = [][]string{
	{"internal/kernel"},
	{"internal/platform", "internal/locales"},
	{"internal/identity"},
	{"internal/catalogue"},
	{"internal/cases"},
	{"internal/matching", "internal/budget", "internal/care", "internal/feedback", "internal/vouchers", "internal/instruments", "internal/market", "internal/queue", "internal/finance", "internal/talent", "internal/park"},
	{"internal/insight"},
	{"internal/shell", "internal/api"},
	{"demo"},
	{"internal/app"},
	{"cmd"},
}

// place returns tier and module of a folder.
func place(folder string) (tier int, module string, ok bool) {
	for i, names := range tiers {
		for _, n := range names {
			if folder == n || strings.HasPrefix(folder, n+"/") {
				return i, n, true
			}
		}
	}
	return 0, "", false
}

func TestImportsGoDownwardOnly(t *testing.T) {
	t.Parallel()
	strange := map[string]bool{}
	for _, s := range sources(t) {
		if s.test() || strings.HasPrefix(s.pkg, "internal/testkit") || s.pkg == "internal/arch" {
			continue
		}
		tier, module, ok := place(s.pkg)
		if !ok {
			if !strange[s.pkg] {
				t.Errorf("%s lies in no tier: add its folder to the table tiers in internal/arch/arch_test.go", s.pkg)
			}
			strange[s.pkg] = true
			continue
		}
		for _, imp := range s.imports() {
			rel, ours := strings.CutPrefix(imp, modulePath+"/")
			if !ours {
				continue
			}
			if strings.HasPrefix(rel, "internal/testkit") {
				t.Errorf("%s imports the test kit", s.path)
				continue
			}
			other, target, ok := place(rel)
			switch {
			case !ok:
				t.Errorf("%s imports %s, which lies in no tier", s.path, rel)
			case other > tier:
				t.Errorf("%s imports upward: %s", s.path, rel)
			case other == tier && target != module:
				t.Errorf("%s imports sideways: %s; declare a port and let app pass it", s.path, rel)
			}
		}
	}
}

// knowTransport are the packages of domains that know HTTP although they show no
// pages, with the reason; of all others only web packages do, and what lies in them.
var knowTransport = map[string]string{
	"internal/cases/handout":      "sends a file with its marks; the web packages of staff share it, and it keeps the line in the audit trail with the sending",
	"internal/identity/certsheet": "sends a certificate with the headers that every page which offers it needs alike",
	"internal/identity/register":  "is the client of a register that answers over HTTP, and shows no page",
}

// isWeb says whether a package lies in a web package.
func isWeb(pkg string) bool {
	return slices.ContainsFunc(strings.Split(pkg, "/"), func(part string) bool { return strings.HasSuffix(part, "web") })
}

// Domain packages know neither HTTP nor SQL drivers nor pages; their web
// packages do the showing.
func TestDomainKnowsNoTransport(t *testing.T) {
	t.Parallel()
	found := 0
	for _, s := range sources(t) {
		tier, _, ok := place(s.pkg)
		if s.test() || !ok || tier < 2 || tier > 6 || isWeb(s.pkg) || knowTransport[s.pkg] != "" {
			continue
		}
		found++
		for _, imp := range s.imports() {
			for _, banned := range []string{"net/http", "database/sql", "github.com/a-h/templ", modulePath + "/internal/platform/view", modulePath + "/internal/platform/httpx", modulePath + "/internal/platform/form"} {
				if imp == banned {
					t.Errorf("%s imports %s", s.path, imp)
				}
			}
		}
	}
	if found < 200 {
		t.Errorf("only %d files of domains found: the test looks in the wrong place", found)
	}
}

func TestKernelIsStandardLibraryOnly(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if s.test() || !strings.HasPrefix(s.pkg, "internal/kernel") {
			continue
		}
		for _, imp := range s.imports() {
			if strings.Contains(strings.Split(imp, "/")[0], ".") && !strings.HasPrefix(imp, modulePath+"/internal/kernel") {
				t.Errorf("%s imports %s", s.path, imp)
			}
			if slices.Contains([]string{"os", "net", "net/http", "database/sql"}, imp) {
				t.Errorf("%s does I/O: %s", s.path, imp)
			}
		}
	}
}

// The parameter of an InTx literal hides the outer ctx, so that nothing inside
// can step out of the transaction by accident.
func TestTransactionsHideTheOuterContext(t *testing.T) {
	t.Parallel()
	found := 0
	for _, s := range sources(t) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || (sel.Sel.Name != "InTx" && sel.Sel.Name != "BeforeCommit") || len(call.Args) < 2 {
				return true
			}
			lit, ok := call.Args[len(call.Args)-1].(*ast.FuncLit)
			if !ok {
				return true
			}
			found++
			names := lit.Type.Params.List[0].Names
			if len(names) == 0 && sel.Sel.Name == "BeforeCommit" {
				return true
			}
			if len(names) != 1 || (names[0].Name != "ctx" && names[0].Name != "_") {
				t.Errorf("%s: the parameter of the %s literal must be named ctx", fset.Position(lit.Pos()), sel.Sel.Name)
			}
			return true
		})
	}
	if found < 20 {
		t.Errorf("only %d transactions found: the test looks in the wrong place", found)
	}
}

// The clock is injected; only the clock itself and the two places that measure
// durations or wait may read the machine's.
func TestTimeIsInjected(t *testing.T) {
	t.Parallel()
	allowed := []string{"internal/kernel/clock/clock.go", "internal/platform/httpx/metrics.go"}
	for _, s := range sources(t) {
		if s.test() || slices.Contains(allowed, s.path) || strings.HasPrefix(s.pkg, "internal/testkit") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok {
				return true
			}
			switch x.Name + "." + sel.Sel.Name {
			case "time.Now", "time.Since", "time.Until":
				t.Errorf("%s reads the machine's clock", fset.Position(sel.Pos()))
			case "fmt.Print", "fmt.Println", "fmt.Printf", "http.DefaultClient", "http.Error":
				if x.Name == "http" && (s.pkg == "internal/platform/httpx" || s.pkg == "internal/app" || s.pkg == "internal/platform/view" || s.pkg == "internal/api") {
					return true
				}
				t.Errorf("%s uses %s.%s", fset.Position(sel.Pos()), x.Name, sel.Sel.Name)
			}
			return true
		})
	}
}

func TestEveryPackageIsDescribed(t *testing.T) {
	t.Parallel()
	described, all := map[string]bool{}, map[string]bool{}
	for _, s := range sources(t) {
		if s.test() {
			continue
		}
		all[s.pkg] = true
		if s.file.Doc != nil && (strings.HasPrefix(s.file.Doc.Text(), "Package ") || strings.HasPrefix(s.file.Doc.Text(), "Command ")) {
			described[s.pkg] = true
		}
	}
	for pkg := range all {
		if !described[pkg] {
			t.Errorf("%s has no package comment", pkg)
		}
	}
}

var tableWord = regexp.MustCompile(`(?i)\b(?:FROM|JOIN|INTO|UPDATE|TABLE|VIEW|INDEX|ON)\s+(?:IF NOT EXISTS )?([a-z]+)_([a-z_]+)\b`)

// A module touches its own tables only; insight reads the views (…_v_…) that
// the owners ship; identity_ may be joined by all.
func TestModulesTouchTheirOwnTables(t *testing.T) {
	t.Parallel()
	prefixes := map[string]bool{}
	for _, names := range tiers[2:7] {
		for _, n := range names {
			prefixes[path.Base(n)] = true
		}
	}
	for _, s := range sources(t) {
		tier, module, ok := place(s.pkg)
		if s.test() || s.generated() || !ok || tier < 2 || tier > 6 {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			for _, m := range tableWord.FindAllStringSubmatch(lit.Value, -1) {
				owner := m[1]
				if !prefixes[owner] || owner == path.Base(module) {
					continue
				}
				if owner == "identity" && strings.Contains(strings.ToUpper(lit.Value), "SELECT") {
					continue
				}
				if strings.HasPrefix(m[2], "v_") {
					continue
				}
				t.Errorf("%s: %s touches %s_%s", fset.Position(lit.Pos()), path.Base(module), owner, m[2])
			}
			return true
		})
	}
}

// Soft limits, for the eye: a file of hand-written code beyond 700 lines is
// several things in one.
func TestFilesStaySmall(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if s.generated() || s.test() {
			continue
		}
		if n := fset.Position(s.file.End()).Line; n > 700 {
			t.Errorf("%s has %d lines", s.path, n)
		}
	}
}
