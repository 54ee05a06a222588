package recent_test

import (
	"testing"

	"github.com/tongban/tongban/internal/kernel/recent"
)

func TestMapForgetsWhatIsNotUsed(t *testing.T) {
	t.Parallel()
	m := recent.Map[int, string]{Size: 10}
	m.Store(-1, "in use")
	for i := range 1000 {
		m.Store(i, "x")
		if v, ok := m.Load(-1); !ok || v != "in use" {
			t.Fatalf("what is in use was forgotten after %d", i)
		}
		if m.Len() > 10 {
			t.Fatalf("%d values", m.Len())
		}
	}
	if _, ok := m.Load(0); ok {
		t.Error("what nobody used is still there")
	}
	m.Store(-1, "new")
	if v, _ := m.Load(-1); v != "new" {
		t.Errorf("%q", v)
	}
}
