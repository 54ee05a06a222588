package casesweb

import (
	"context"
	"strings"

	"github.com/tongban/tongban/internal/identity/mandateweb"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
)

// authority says to a clerk how far and how long somebody acts for a firm, each
// authorisation for itself: "经办人，企业年报，2026-03-02 起，至2026-12-31".
func (p *Pages) authority(ctx context.Context, person auth.Actor, firm string) string {
	var all []string
	for _, m := range person.Mandates {
		if m.Firm != firm {
			continue
		}
		words := []string{i18n.T(ctx, "mandate.level."+string(m.Level)), mandateweb.ScopeWords(ctx, m, p.itemName), mandateweb.PeriodWords(ctx, m)}
		if m.Via != "" {
			if e, err := p.Identity.Enterprise(ctx, m.Via); err == nil {
				words = append(words, i18n.T(ctx, "mandate.via", "organisation", e.Name))
			}
		}
		all = append(all, strings.Join(words, " · "))
	}
	return strings.Join(all, "; ")
}

// itemName is what an item is called; its code where it is offered no more.
func (p *Pages) itemName(code string) i18n.Text {
	item, err := p.Catalogue.Item(code)
	if err != nil {
		return i18n.Text{ZH: code}
	}
	return item.Name
}
