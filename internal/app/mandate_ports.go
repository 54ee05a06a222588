package app

import (
	"context"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity/mandateweb"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
)

// hasItem says whether an authorisation can name an item.
func (m *Modules) hasItem(code string) bool {
	_, err := m.Catalogue.Item(code)
	return err == nil
}

// itemName is the name of an item that can be applied for.
func (m *Modules) itemName(code string) (i18n.Text, bool) {
	item, err := m.Catalogue.Item(code)
	return item.Name, err == nil && item.Orderable()
}

// mandatePorts are what the pages of authorisations need of the catalogue and
// of the cases.
func (m *Modules) mandatePorts() mandateweb.Ports {
	return mandateweb.Ports{
		Left: func(ctx context.Context, actor auth.Actor, firm string) ([]mandateweb.Left, error) {
			list, err := m.Cases.LeftBehind(ctx, actor, firm)
			out := make([]mandateweb.Left, len(list))
			for i, l := range list {
				out[i] = mandateweb.Left{AccountID: l.Account.ID, Name: l.Account.Name}
				for _, k := range l.Cases {
					out[i].Items = append(out[i].Items, k.ItemName)
				}
			}
			return out, err
		},
		Give: m.Cases.Recover,
		Acts: func(ctx context.Context, actor auth.Actor, firm, mandate, before string) ([]mandateweb.Act, error) {
			list, err := m.Cases.ActsUnder(ctx, actor, firm, mandate, before)
			out := make([]mandateweb.Act, len(list))
			for i, x := range list {
				out[i] = mandateweb.Act{ID: x.ID, At: x.At, Who: m.Identity.NameOf(ctx, x.ActorID), What: "cases.command." + string(x.Command), Item: x.ItemName, Number: x.Number, Link: "/my/cases/" + string(x.CaseID)}
			}
			return out, err
		},
		Item: func(words string) (mandateweb.Item, bool) {
			item, err := m.Catalogue.Item(strings.ToUpper(words))
			if err == nil {
				return mandateweb.Item{Code: item.Code, Name: item.Name}, true
			}
			for _, h := range m.Catalogue.Search(words, 5, catalogue.Filter{}) {
				if h.Item.Name.ZH == words || strings.EqualFold(h.Item.Name.EN, words) {
					return mandateweb.Item{Code: h.Item.Code, Name: h.Item.Name}, true
				}
			}
			return mandateweb.Item{}, false
		},
		Popular: func() []mandateweb.Item {
			var out []mandateweb.Item
			for _, item := range m.Catalogue.Popular(60) {
				if item.For(catalogue.ForEnterprise) && item.Orderable() && len(out) < 8 {
					out = append(out, mandateweb.Item{Code: item.Code, Name: item.Name})
				}
			}
			return out
		},
	}
}
