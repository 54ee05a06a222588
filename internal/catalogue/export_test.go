package catalogue

import (
	"fmt"

	"github.com/tongban/tongban/internal/catalogue/index"
)

// Complaints lists every code that Validate uses, LintCodes those of Lint.
var (
	Complaints = complaints
	LintCodes  = lintCodes
	Longer     = longer
	Normalise  = index.Normalise
	EventsFor  = eventsFor
)

// SnapshotOf makes a snapshot without a database.
func SnapshotOf(shelves []Shelf, definitions []Definition) *Snapshot {
	var records []Record
	var live []Revision
	for i, d := range definitions {
		id := fmt.Sprint(i)
		records = append(records, Record{ID: id, Code: d.Code, State: Live})
		live = append(live, Revision{ID: "v" + id, ItemID: id, Number: 1, State: Live, Definition: d})
	}
	return newSnapshot(contents{generation: 1, shelves: shelves, records: records, live: live})
}
