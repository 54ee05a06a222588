package push

import (
	"context"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching/advice"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// Export writes the candidates of a clause as the page shows them, those worth most
// first, and notes who took them. Sums are in yuan. Who may not see the page gets
// ErrNotFound.
func (s *Service) Export(ctx context.Context, actor auth.Actor, key string, standing advice.Standing, w sheet.Writer) (policy.Entry, error) {
	e, err := s.entry(ctx, actor, key, false)
	if err != nil {
		return e, err
	}
	if !slices.Contains(advice.Standings, standing) {
		standing = advice.Fits
	}
	v, err := s.Matching.View(ctx)
	if err != nil {
		return e, err
	}
	firms := s.standings(v, e)[standing]
	firms = firms[:min(len(firms), candidatesMost)]
	head := []string{i18n.T(ctx, "push.col.firm"), i18n.T(ctx, "push.sheet.uscc"), i18n.T(ctx, "push.sheet.worth")}
	if standing != advice.Fits {
		head = append(head, i18n.T(ctx, "push.col.short"))
	}
	head = append(head, i18n.T(ctx, "push.col.officer"), i18n.T(ctx, "push.col.state"), i18n.T(ctx, "push.sheet.invited"), i18n.T(ctx, "push.sheet.refused"), i18n.T(ctx, "push.col.follow"))
	if err := w.Write(head); err != nil {
		return e, err
	}
	for part := range slices.Chunk(firms, atOnce) {
		rows, err := s.rows(ctx, v, e, part, standing)
		if err != nil {
			return e, err
		}
		for _, c := range rows {
			if err := w.Write(cells(ctx, c, standing)); err != nil {
				return e, err
			}
		}
	}
	return e, s.DB.InTx(ctx, func(ctx context.Context) error {
		return s.Audit.Record(ctx, actor, audit.Note{Action: "push.export", Object: "policy:" + e.ID, Change: map[string]any{"clause": key, "standing": string(standing), "rows": len(firms)}})
	})
}

// cells of a candidate.
func cells(ctx context.Context, c Candidate, standing advice.Standing) []string {
	yes := func(is bool) string {
		if is {
			return i18n.T(ctx, "push.sheet.yes")
		}
		return ""
	}
	worth := ""
	if c.Worth > 0 {
		worth = c.Worth.String()
	}
	out := []string{c.Name.For(ctx), c.USCC, worth}
	if standing != advice.Fits {
		out = append(out, strings.Join(c.Short, i18n.T(ctx, "push.line.join")))
	}
	state := "none"
	if c.State != "" {
		state = string(c.State)
	}
	notes := make([]string, len(c.Notes))
	for i, n := range c.Notes {
		notes[i] = workday.DateOf(n.At).String() + " " + n.By + " " + n.Words
	}
	return append(out, c.Officer.For(ctx), i18n.T(ctx, "push.state."+state), yes(c.Invited), yes(c.Refused), strings.Join(notes, "\n"))
}
