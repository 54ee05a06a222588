package certsheet

import (
	"testing"

	"github.com/tongban/tongban/internal/identity"
)

// What keeps two masked identity numbers apart in the register is a piece of
// their blind index: no sheet shows it.
func TestNumberOnASheet(t *testing.T) {
	t.Parallel()
	for kept, want := range map[string]string{
		"3716**********0018-a1b2c3": "3716**********0018",
		"LAP-2026-000012":           "LAP-2026-000012",
	} {
		if got := number(identity.Certificate{Number: kept}); got != want {
			t.Errorf("%s: %s", kept, got)
		}
	}
}
