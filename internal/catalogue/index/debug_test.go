package index

import (
	"fmt"
	"strings"
)

// Explain prints units.
func (x *Index) Explain(s string) string {
	q := x.understand(s, false)
	var b strings.Builder
	fmt.Fprintf(&b, "core %q pieces %q acts %b\n", q.core, q.pieces, q.acts)
	for _, u := range q.units {
		fmt.Fprintf(&b, "  unit %.2f:", u.weight)
		for _, w := range u.ways {
			fmt.Fprintf(&b, " (%.2f terms %d total %.2f)", w.weight, len(w.terms), w.total)
		}
		b.WriteString("\n")
	}
	return b.String()
}
