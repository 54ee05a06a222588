package arch_test

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
)

// TestEveryActionOfTheAuditTrailHasAName finds what is written as Action of an
// audit.Note: literals, and what functions are handed as the action by name.
func TestEveryActionOfTheAuditTrailHasAName(t *testing.T) {
	t.Parallel()
	a := &actions{found: map[string]string{}, seen: map[string]bool{}}
	for _, s := range sources(t) {
		if s.test() {
			continue
		}
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
				a.funcs = append(a.funcs, function{s.pkg, f})
			}
		}
	}
	for _, f := range a.funcs {
		ast.Inspect(f.Body, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			if sel, ok := lit.Type.(*ast.SelectorExpr); !ok || sel.Sel.Name != "Note" || !isIdent(sel.X, "audit") {
				return true
			}
			for _, e := range lit.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok && isIdent(kv.Key, "Action") {
					a.add(t, f, "", kv.Value)
				}
			}
			return true
		})
	}
	for _, k := range cases.EventKinds {
		a.found["cases."+string(k)] = "cases.EventKinds"
	}
	if len(a.found) < 100 {
		t.Errorf("%d actions: the search has gone blind", len(a.found))
	}
	c := load(t)
	for action, at := range a.found {
		for _, l := range i18n.Locales {
			if _, ok := c.Raw(l, "audit.action."+action); !ok {
				t.Errorf("%s: %s has no text for audit.action.%s", at, l, action)
			}
		}
	}
	for _, key := range c.Keys(i18n.Source) {
		if action, ok := strings.CutPrefix(key, "audit.action."); ok && a.found[action] == "" {
			t.Errorf("nothing writes %s", key)
		}
	}
}

func isIdent(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

type function struct {
	pkg string
	*ast.FuncDecl
}

// param is the place of a parameter; -1 for another name.
func (f function) param(name string) int {
	n := 0
	for _, field := range f.Type.Params.List {
		for _, id := range field.Names {
			if id.Name == name {
				return n
			}
			n++
		}
	}
	return -1
}

// needs is how many arguments a call has at least.
func (f function) needs() int {
	n := f.Type.Params.NumFields()
	if last := f.Type.Params.List[len(f.Type.Params.List)-1]; last != nil {
		if _, more := last.Type.(*ast.Ellipsis); more {
			n--
		}
	}
	return n
}

type actions struct {
	funcs []function
	found map[string]string // action to where it is written
	seen  map[string]bool
}

// add notes what an expression inside a function can be: a literal, a literal
// before something, what a variable was given, or what callers hand over.
func (a *actions) add(t *testing.T, f function, prefix string, e ast.Expr) {
	where := fset.Position(e.Pos()).String()
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		if err == nil && e.Kind == token.STRING {
			a.found[prefix+s] = where
		}
	case *ast.BinaryExpr:
		if lit, ok := e.X.(*ast.BasicLit); ok && e.Op == token.ADD {
			s, _ := strconv.Unquote(lit.Value)
			a.add(t, f, prefix+s, e.Y)
			return
		}
		t.Errorf("%s: an action put together", where)
	case *ast.CallExpr: // string(all[0].Command): every event, see above
		if isIdent(e.Fun, "string") && prefix == "cases." {
			return
		}
		t.Errorf("%s: an action from a call", where)
	case *ast.Ident:
		key := f.pkg + "." + f.Name.Name + " " + e.Name + " " + prefix
		if a.seen[key] {
			return
		}
		a.seen[key] = true
		if n := f.param(e.Name); n >= 0 {
			a.calls(t, f, prefix, n)
			return
		}
		a.assigned(t, f, prefix, e.Name)
	default:
		t.Errorf("%s: an action that cannot be read", where)
	}
}

// calls follows what the callers in the package hand over.
func (a *actions) calls(t *testing.T, f function, prefix string, n int) {
	for _, g := range a.funcs {
		if g.pkg != f.pkg {
			continue
		}
		ast.Inspect(g.Body, func(x ast.Node) bool {
			call, ok := x.(*ast.CallExpr)
			if !ok || len(call.Args) <= n {
				return true
			}
			name := ""
			switch fun := call.Fun.(type) {
			case *ast.Ident:
				name = fun.Name
			case *ast.SelectorExpr:
				name = fun.Sel.Name
			}
			if name == f.Name.Name && len(call.Args) >= f.needs() {
				a.add(t, g, prefix, call.Args[n])
			}
			return true
		})
	}
}

// assigned follows what a variable is given in a function.
func (a *actions) assigned(t *testing.T, f function, prefix, name string) {
	some := false
	ast.Inspect(f.Body, func(x ast.Node) bool {
		as, ok := x.(*ast.AssignStmt)
		if !ok {
			return true
		}
		if i := slices.IndexFunc(as.Lhs, func(l ast.Expr) bool { return isIdent(l, name) }); i >= 0 {
			for j, r := range as.Rhs {
				if len(as.Rhs) == 1 || j == i {
					some = true
					a.add(t, f, prefix, r)
				}
			}
		}
		return true
	})
	if !some {
		t.Errorf("%s.%s: nobody gives %s", f.pkg, f.Name.Name, name)
	}
}
