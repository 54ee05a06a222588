package view

import (
	"context"
	"slices"

	"github.com/tongban/tongban/internal/kernel/i18n"
)

// InCart says whether the reader has put the item into his cart.
func (c Chrome) InCart(code string) bool { return slices.Contains(c.Cart, code) }

func cartAction(c Chrome, code string) string {
	if c.InCart(code) {
		return "/cart/remove"
	}
	return "/cart/add"
}

func cartWord(ctx context.Context, c Chrome, code string) string {
	if c.InCart(code) {
		return i18n.T(ctx, "orders.cart.remove")
	}
	return i18n.T(ctx, "orders.cart.add")
}

// cartState is what the button in a row says: what it does, or what was done.
func cartState(ctx context.Context, c Chrome, code string) string {
	if c.InCart(code) {
		return i18n.T(ctx, "orders.cart.in")
	}
	return i18n.T(ctx, "orders.cart.add")
}

// cartSentence is the button in words, for those who do not see where it stands.
func cartSentence(ctx context.Context, c Chrome, code, name string) string {
	if c.InCart(code) {
		return i18n.T(ctx, "orders.cart.remove_item", "item", name)
	}
	return i18n.T(ctx, "orders.cart.add_item", "item", name)
}
