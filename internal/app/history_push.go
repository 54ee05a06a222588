package app

import (
	"context"
	"maps"
	"slices"
	"time"
)

// pushedBefore is how long ago the firms of a demonstration were first told of
// policies: what they have applied for since follows from it.
const pushedBefore = 150 * 24 * time.Hour

// pushEarlier tells the firms of the policies that they fitted some months ago,
// before the first of the cases, of which from are there.
func (h *history) pushEarlier(ctx context.Context, from int) error {
	if from > 0 {
		return nil
	}
	h.clock.Set(h.now.Add(-pushedBefore))
	_, err := h.Push.Run(ctx)
	return err
}

// look lets the people of firms open some of what they were told; what was applied
// for was looked at before.
func (h *history) look(ctx context.Context) error {
	for n, who := range h.people {
		for _, firm := range who.Firms {
			marks, err := h.Push.Marks(ctx, who, firm)
			if err != nil { // he has nothing to do with the file of the firm
				continue
			}
			i := 0
			for _, key := range slices.Sorted(maps.Keys(marks)) {
				m := marks[key]
				i++
				if !m.New && m.State != "applied" && m.State != "granted" || m.New && (i+n)%3 == 0 {
					continue
				}
				h.clock.Set(h.now.Add(-pushedBefore + 20*time.Hour))
				if _, err := h.Push.Open(ctx, who, m.ID); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
