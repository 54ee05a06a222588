package cases_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/db"
)

// TestDetailReadsTheSameTwice: as a command writes it, and as it comes back.
func TestDetailReadsTheSameTwice(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1_790_000_000_123)
	written := cases.Event{Detail: map[string]any{
		"days": 5, "many": int64(12), "due": db.MS(at), "how": "post", "task": i18n.Text{ZH: "核查", EN: "Inspection"}, "none": int64(0),
	}}
	b, err := json.Marshal(written.Detail)
	if err != nil {
		t.Fatal(err)
	}
	var read cases.Event
	if err := json.Unmarshal(b, &read.Detail); err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]cases.Event{"written": written, "read": read} {
		if e.Number("days") != 5 || e.Number("many") != 12 || !e.Instant("due").Equal(at) || e.Word("how") != "post" || e.Text("task").EN != "Inspection" {
			t.Errorf("%s: %+v", name, e.Detail)
		}
		if e.Number("how") != 0 || !e.Instant("none").IsZero() || !e.Instant("task").IsZero() || e.Word("days") != "" || !e.Text("how").IsZero() || e.Number("missing") != 0 {
			t.Errorf("%s: what is not there was read", name)
		}
	}
}
