package facts

import (
	"strconv"
	"testing"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/matching/engine"
)

// TestFewFactsTakeLittle: firms that say little take little, however many words the
// vocabulary has.
func TestFewFactsTakeLittle(t *testing.T) {
	t.Parallel()
	f := Published()
	table := engine.NewTable(f.Rules.Schema())
	for i := range 8192 {
		n := strconv.Itoa(1000 + i)
		firm := &dossier.Firm{ID: n, Facts: []dossier.Fact{
			{Key: "rd_cost", Year: 2024, Value: n},
			{Key: "rd_cost", Year: 2025, Value: n},
			{Key: "region", Value: "371671"},
			{Key: "revenue", Year: 2024, Value: n},
			{Key: "revenue", Year: 2025, Value: n},
			{Key: "staff", Year: 2025, Value: n},
		}}
		row := f.Row(firm, "2026-03-02")
		known := 0
		for _, v := range row {
			if v.State == engine.Known && v.N != 0 {
				known++
			}
		}
		if known != len(firm.Facts) {
			t.Fatalf("%d of %d facts are read", known, len(firm.Facts))
		}
		if _, err := table.Append(row); err != nil {
			t.Fatal(err)
		}
	}
	if per := table.Bytes() / table.Len(); per > 48 {
		t.Errorf("%d facts of %d columns take %d bytes a firm", 6, len(table.Schema.Attrs), per)
	}
}
