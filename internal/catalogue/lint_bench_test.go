package catalogue_test

import (
	"testing"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/catalogue"
)

// BenchmarkLint checks the whole catalogue of the demonstration, as the list of
// administrators and the report do for each view.
func BenchmarkLint(b *testing.B) {
	z, err := demo.Load()
	if err != nil {
		b.Fatal(err)
	}
	around := catalogue.Surroundings{Department: func(string) (catalogue.Contact, bool) {
		return catalogue.Contact{Phone: "0543-8100101", ComplaintPhone: "0543-8100102"}, true
	}}
	n := 0
	for b.Loop() {
		for i := range z.Items {
			n += len(catalogue.LintIn(z.Items[i], around))
		}
	}
	b.ReportMetric(float64(len(z.Items)), "items/op")
	if n == 0 {
		b.Error("nothing was found in hundreds of items")
	}
}
