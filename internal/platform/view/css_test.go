package view

import (
	"os"
	"strings"
	"testing"
)

// TestStyleSheetIsBalanced: a brace lost in a merge hides all rules after it, and
// nothing else would say so.
func TestStyleSheetIsBalanced(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("assets/tongban.css")
	if err != nil {
		t.Fatal(err)
	}
	depth, opened := 0, 0
	for i, line := range strings.Split(string(b), "\n") {
		for _, c := range line {
			switch c {
			case '{':
				if depth++; depth == 1 {
					opened = i + 1
				}
			case '}':
				depth--
			}
		}
		if depth < 0 || depth > 2 {
			t.Fatalf("line %d: depth %d, since line %d", i+1, depth, opened)
		}
	}
	if depth != 0 {
		t.Errorf("the block of line %d does not end", opened)
	}
}
