package catalogueweb

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/platform/view"
)

const (
	cartPath = "/cart"
	keptCart = "cart" // of a visitor, in the session: codes between spaces
)

// MayCart says who has a cart: applicants, and visitors who may become one.
func MayCart(a auth.Actor) bool { return a.Kind == auth.Person || !a.SignedIn() }

// Cart returns the codes in the reader's cart: that of his account, or before
// signing in that of his session.
func Cart(ctx context.Context, s *catalogue.Service, m *session.Manager, a auth.Actor) ([]string, error) {
	var out []string
	if a.Kind == auth.Person {
		items, err := s.Cart(ctx, a)
		for _, it := range items {
			out = append(out, it.Code)
		}
		return out, err
	}
	if a.SignedIn() {
		return nil, nil
	}
	for _, code := range strings.Fields(m.Kept(ctx, keptCart)) {
		if it, err := s.Item(code); err == nil && it.ForCart() {
			out = append(out, code)
		}
	}
	return out, nil
}

// MergeCart takes what a visitor collected over into the cart of his account.
func MergeCart(ctx context.Context, s *catalogue.Service, m *session.Manager, account string) error {
	codes := strings.Fields(m.Kept(ctx, keptCart))
	if len(codes) == 0 {
		return nil
	}
	m.Keep(ctx, keptCart, "")
	return s.MergeCart(ctx, account, codes)
}

// addToCart puts items into the cart: one, or all that the guide leads to.
func (p *Pages) addToCart(w http.ResponseWriter, r *http.Request) error {
	return p.changeCart(w, r, "orders.cart.flash.added", func(ctx context.Context, actor auth.Actor, codes []string) error {
		if actor.Kind == auth.Person {
			return p.Service.AddToCart(ctx, actor, codes...)
		}
		have, err := Cart(ctx, p.Service, p.Sessions, actor)
		if err != nil {
			return err
		}
		for _, code := range codes {
			it, err := p.Service.Item(code)
			switch {
			case err != nil:
				return err
			case !it.ForCart():
				return catalogue.ErrNotForCart.With("item", it.Name)
			case slices.Contains(have, code):
				continue
			case len(have) >= catalogue.MaxCart:
				return catalogue.ErrCartFull.With("max", catalogue.MaxCart)
			}
			have = append(have, code)
		}
		p.Sessions.Keep(ctx, keptCart, strings.Join(have, " "))
		return nil
	})
}

// removeFromCart takes an item out of the cart again.
func (p *Pages) removeFromCart(w http.ResponseWriter, r *http.Request) error {
	return p.changeCart(w, r, "orders.cart.flash.removed", func(ctx context.Context, actor auth.Actor, codes []string) error {
		if actor.Kind == auth.Person {
			return p.Service.DropFromCart(ctx, actor, codes[0])
		}
		have := strings.Fields(p.Sessions.Kept(ctx, keptCart))
		p.Sessions.Keep(ctx, keptCart, strings.Join(slices.DeleteFunc(have, func(c string) bool { return c == codes[0] }), " "))
		return nil
	})
}

func (p *Pages) changeCart(w http.ResponseWriter, r *http.Request, flash string, change func(ctx context.Context, actor auth.Actor, codes []string) error) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, actor := r.Context(), auth.From(r.Context())
	if !MayCart(actor) {
		return catalogue.ErrForbidden
	}
	code := f.Text("item", form.Required, form.Max(64))
	codes := f.All("item")
	if !f.OK() || len(codes) > catalogue.MaxCart {
		return form.ErrFields
	}
	if err := change(ctx, actor, codes); err != nil {
		return err
	}
	if !view.IsFragment(r) {
		p.Sessions.Flash(ctx, flash)
		return httpx.SeeOther(w, r, httpx.LocalPath(f.Value("back"), cartPath))
	}
	c := view.ChromeOf(ctx)
	if c.Cart, err = Cart(ctx, p.Service, p.Sessions, actor); err != nil {
		return err
	}
	c.Path, c.CanCart = httpx.LocalPath(f.Value("back"), c.Path), true
	name := code
	if it, err := p.Service.Item(code); err == nil {
		name = it.Name.For(ctx)
	}
	return view.Render(w, r.WithContext(view.WithChrome(ctx, c)), http.StatusOK, cartAnswer(code, name, f.Value("short") != ""))
}

// cartPage is what the reader wants to order together.
type cartPage struct {
	Directory *identity.Directory
	Orders    []cartOrder
	SignedIn  bool
}

// cartOrder is what can be ordered with one form: all of the cart, or the part
// of it that one kind of applicant can ask for.
type cartOrder struct {
	Audience catalogue.Audience // "" when all of it fits together
	Alone    bool               // its form or papers do not go together with the others
	Items    []*catalogue.Item
	Whole    *catalogue.Item // put together; the item itself when there is only one
	Parties  []identity.Party
	Fields   [2]int // asked for together, and one by one
	Papers   [2]int
	Used     []usedMaterial
}

func (p *Pages) cart(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	if !MayCart(actor) {
		return catalogue.ErrForbidden
	}
	codes, err := Cart(ctx, p.Service, p.Sessions, actor)
	if err != nil {
		return err
	}
	d := cartPage{Directory: p.Identity.Directory(), SignedIn: actor.Kind == auth.Person}
	var parties []identity.Party
	if d.SignedIn {
		if parties, err = p.Identity.Parties(ctx, actor); err != nil {
			return err
		}
	}
	if d.Orders, err = p.cartOrders(ctx, codes); err != nil {
		return err
	}
	for i := range d.Orders {
		for _, party := range parties {
			if d.Orders[i].Whole.For(catalogue.Audience(party.Kind)) && mayAsk(actor, party, d.Orders[i].Whole) {
				d.Orders[i].Parties = append(d.Orders[i].Parties, party)
			}
		}
	}
	return view.Render(w, r, http.StatusOK, cartView(d))
}

// cartOrders puts the cart together, by applicant where it does not fit as a whole.
func (p *Pages) cartOrders(ctx context.Context, codes []string) ([]cartOrder, error) {
	if len(codes) == 0 {
		return nil, nil
	}
	all, err := p.cartOrder(ctx, "", codes)
	switch {
	case errors.Is(err, catalogue.ErrNotMerged):
		return p.oneByOne(ctx, "", codes)
	case err == nil || !errors.Is(err, catalogue.ErrNotTogether):
		return []cartOrder{all}, err
	}
	var out []cartOrder
	left := codes
	for _, a := range []catalogue.Audience{catalogue.ForEnterprise, catalogue.ForPerson} {
		var fit, rest []string
		for _, code := range left {
			if it, err := p.Service.Item(code); err == nil && it.For(a) {
				fit = append(fit, code)
			} else {
				rest = append(rest, code)
			}
		}
		if left = rest; len(fit) == 0 {
			continue
		}
		o, err := p.cartOrder(ctx, a, fit)
		part := []cartOrder{o}
		if errors.Is(err, catalogue.ErrNotMerged) {
			part, err = p.oneByOne(ctx, a, fit)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
	}
	return out, nil
}

// oneByOne shows what does not go together each by itself, so that it can be
// ordered or taken out.
func (p *Pages) oneByOne(ctx context.Context, a catalogue.Audience, codes []string) ([]cartOrder, error) {
	var out []cartOrder
	for _, code := range codes {
		o, err := p.cartOrder(ctx, a, []string{code})
		if err != nil {
			return nil, err
		}
		o.Alone = true
		out = append(out, o)
	}
	return out, nil
}

func (p *Pages) cartOrder(ctx context.Context, a catalogue.Audience, codes []string) (cartOrder, error) {
	o := cartOrder{Audience: a}
	var err error
	if o.Whole, err = p.Service.Together(codes); err != nil {
		return o, err
	}
	for _, code := range codes {
		it, err := p.Service.Item(code)
		if err != nil {
			return o, err
		}
		o.Items = append(o.Items, it)
	}
	count := func(it *catalogue.Item) (fields int) {
		for _, s := range it.Form.Sections {
			fields += len(s.Fields)
		}
		return fields
	}
	o.Fields[0], o.Papers[0] = count(o.Whole), len(o.Whole.Materials)
	single := o.Items
	if o.Whole.Bundle != nil {
		if single, err = p.stepItems(ctx, o.Whole); err != nil {
			return o, err
		}
	}
	for _, it := range single {
		o.Fields[1] += count(it)
		o.Papers[1] += len(it.Materials)
	}
	o.Used = used(o.Whole)
	return o, nil
}

func (o cartOrder) orderWord(ctx context.Context) string {
	if len(o.Items) == 1 {
		return i18n.T(ctx, "orders.cart.order_one")
	}
	return i18n.T(ctx, "orders.cart.order", "n", len(o.Items))
}

// formID names the form of an order, for the button at the bottom edge.
func (o cartOrder) formID() string {
	if o.Alone {
		return "order-" + o.Items[0].Code
	}
	return "order" + string(o.Audience)
}
