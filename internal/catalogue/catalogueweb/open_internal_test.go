package catalogueweb

import "testing"

func TestPagesOfTheSiteMap(t *testing.T) {
	t.Parallel()
	all := make([]siteURL, 7)
	for n, want := range map[int][]int{3: {3, 3, 1}, 7: {7}, 8: {7}} {
		pages := pagesOf(all, n)
		if len(pages) != len(want) {
			t.Fatalf("%d pages of %d", len(pages), n)
		}
		for i, p := range pages {
			if len(p) != want[i] {
				t.Errorf("page %d of %d: %d", i+1, n, len(p))
			}
		}
	}
	if pages := pagesOf(nil, 3); len(pages) != 1 {
		t.Errorf("an empty map has %d pages", len(pages))
	}
	if got := newest([]siteURL{{LastMod: ""}, {LastMod: "2026-03-02T01:00:00Z"}, {LastMod: "2025-12-31T23:00:00Z"}}); got != "2026-03-02T01:00:00Z" {
		t.Error(got)
	}
}
