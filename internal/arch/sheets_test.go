package arch_test

import (
	"go/ast"
	"strings"
	"testing"
)

// TestEveryCellIsGuarded: whoever writes CSV by himself passes the cells through
// csvx, so that what somebody typed into a name computes nothing on the machine
// of who opens the file. Everybody else writes by platform/sheet.
func TestEveryCellIsGuarded(t *testing.T) {
	t.Parallel()
	writers := 0
	for _, s := range sources(t) {
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		makes, guards := false, false
		ast.Inspect(s.file, func(n ast.Node) bool {
			x, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := x.X.(*ast.Ident); ok {
				makes = makes || pkg.Name == "csv" && x.Sel.Name == "NewWriter"
				guards = guards || pkg.Name == "csvx" && strings.HasPrefix(x.Sel.Name, "Guard")
			}
			return true
		})
		if makes {
			writers++
			if !guards {
				t.Errorf("%s writes CSV without csvx.Guard", s.path)
			}
		}
	}
	if writers == 0 {
		t.Error("no writer of CSV was found: the test looks for the wrong thing")
	}
}
