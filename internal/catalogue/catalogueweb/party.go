package catalogueweb

import (
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/auth"
)

// mayAsk says whether the reader's authorisation for a party is for an item and
// all its steps. It only chooses what is offered: the case engine decides.
func mayAsk(actor auth.Actor, party identity.Party, item *catalogue.Item) bool {
	if party.Kind == identity.HolderPerson {
		return true
	}
	if item.Bundle != nil {
		for _, s := range item.Bundle.Steps() {
			if !actor.May(party.ID, auth.ModuleCases, s.Item, true) {
				return false
			}
		}
	}
	return actor.May(party.ID, auth.ModuleCases, item.Code, true)
}
