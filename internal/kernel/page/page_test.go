package page

import "testing"

func TestCut(t *testing.T) {
	t.Parallel()
	id := func(s string) string { return s }
	if r := Cut([]string{"a", "b", "c"}, 2, id); len(r.Rows) != 2 || r.Next != "b" {
		t.Errorf("%+v", r)
	}
	if r := Cut([]string{"a", "b"}, 2, id); len(r.Rows) != 2 || r.Next != "" {
		t.Errorf("the last page has no next: %+v", r)
	}
	for size, want := range map[int]int{0: 50, -1: 50, 20: 20, 10_000: 200} {
		if got := (Request{Size: size}).Limit(); got != want {
			t.Errorf("%d = %d, want %d", size, got, want)
		}
	}
}
