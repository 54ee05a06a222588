package intake

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/catalogue/mapping"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// Export writes the published versions of the items that keep lets pass, by
// code, through our own mapping: taken in again they change nothing. Items that
// were never published have nothing to export.
func (s *Service) Export(ctx context.Context, actor auth.Actor, w sheet.Writer, keep func(catalogue.Standing) bool) (int, error) {
	if err := mayKeep(actor); err != nil {
		return 0, err
	}
	standings, err := s.Catalogue.Standings(ctx)
	if err != nil {
		return 0, err
	}
	var list []catalogue.Standing
	for _, st := range standings {
		if st.Has && keep(st) {
			list = append(list, st)
		}
	}
	slices.SortFunc(list, func(a, b catalogue.Standing) int { return cmp.Compare(a.Code, b.Code) })
	m, directory := mapping.MustShipped(mapping.Export), s.Identity.Directory()
	office := func(key string) (name, uscc string) {
		d := directory.Department(key)
		return d.Name.ZH, d.USCC
	}
	err = w.Write(m.Header())
	for i := range list {
		if err == nil {
			err = w.Write(m.Row(&list[i].Definition, list[i].Number, office))
		}
	}
	if err != nil {
		return 0, fmt.Errorf("intake: export: %w", err)
	}
	return len(list), w.Close()
}
