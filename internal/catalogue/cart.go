package catalogue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// MaxCart is how many items a cart holds.
const MaxCart = 20

// Composed is the state of an item that was put together for an order, and of
// its versions: it stands in no list, no search and no count, and no
// administrator keeps it.
const Composed State = "composed"

// ReservedPrefix of the codes of what is composed; nobody else may use it.
const ReservedPrefix = "CART-"

// Reserved says that a code is one of those that the program gives itself.
func Reserved(code string) bool { return strings.HasPrefix(strings.ToUpper(code), ReservedPrefix) }

// ForCart says whether the item can be put into a cart: it is ordered here and
// handled here.
func (d Definition) ForCart() bool { return d.Online() && !d.External() }

// Cart returns what the actor wants to order together, the first put in first,
// without what has been suspended since.
func (s *Service) Cart(ctx context.Context, actor auth.Actor) ([]*Item, error) {
	if actor.Kind != auth.Person {
		return nil, nil
	}
	list, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT item_id FROM catalogue_cart WHERE account_id=$1 ORDER BY at, item_id`, actor.ID)
	if err != nil {
		return nil, fmt.Errorf("catalogue: cart: %w", err)
	}
	now, out := s.Snapshot(), []*Item{}
	for _, id := range list {
		if it, err := now.ItemByID(id); err == nil {
			out = append(out, it)
		}
	}
	return out, nil
}

// AddToCart puts items into the actor's cart; what is in it stays once. An item
// that cannot be ordered here is ErrNotForCart, one too many ErrCartFull.
func (s *Service) AddToCart(ctx context.Context, actor auth.Actor, codes ...string) error {
	if actor.Kind != auth.Person {
		return ErrForbidden
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		now := s.Clock.Now()
		for i, code := range codes {
			it, err := s.Item(code)
			if err != nil {
				return err
			}
			if !it.ForCart() {
				return ErrNotForCart.With("item", it.Name)
			}
			if _, err := s.DB.Exec(ctx, `INSERT INTO catalogue_cart (account_id, item_id, at) VALUES ($1,$2,$3) ON CONFLICT (account_id, item_id) DO NOTHING`,
				actor.ID, it.ID, db.MS(now)+int64(i)); err != nil {
				return err
			}
		}
		n, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM catalogue_cart WHERE account_id=$1`, actor.ID)
		if err == nil && n > MaxCart {
			err = ErrCartFull.With("max", MaxCart)
		}
		return err
	})
}

// DropFromCart takes items out of the actor's cart, suspended ones too.
func (s *Service) DropFromCart(ctx context.Context, actor auth.Actor, codes ...string) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		args := db.Args{actor.ID}
		_, err := s.DB.Exec(ctx, `DELETE FROM catalogue_cart WHERE account_id=$1 AND item_id IN (SELECT id FROM catalogue_item WHERE code IN `+db.In(&args, codes)+`)`, args...)
		return err
	})
}

// MergeCart adds what a visitor put into his cart before he signed in. What
// cannot be ordered any more, or is too much, is left out without a word: it
// must not keep anybody from signing in.
func (s *Service) MergeCart(ctx context.Context, account string, codes []string) error {
	actor := auth.Actor{Kind: auth.Person, ID: account}
	have, err := s.Cart(ctx, actor)
	if err != nil {
		return err
	}
	var fit []string
	for _, code := range codes {
		it, err := s.Item(code)
		if err == nil && it.ForCart() && !slices.Contains(have, it) && len(have)+len(fit) < MaxCart {
			fit = append(fit, code)
		}
	}
	if len(fit) == 0 {
		return nil
	}
	return s.AddToCart(ctx, actor, fit...)
}

// Together puts several items into one hidden bundle, to be ordered with one
// form (点餐): bundles bring their groups in order, other items go into the
// first group, and what is named twice, or is a step of a bundle too, is taken
// once. One item alone is that item. Items that nobody can ask for together are
// ErrNotTogether, those that make no sound order ErrNotMerged. It writes
// nothing: see Keep.
func (s *Service) Together(codes []string) (*Item, error) {
	shown := s.Snapshot()
	var items []*Item
	for _, code := range codes {
		it, err := shown.Item(code)
		if err != nil {
			return nil, err
		}
		if !it.ForCart() {
			return nil, ErrNotForCart.With("item", it.Name)
		}
		if !slices.Contains(items, it) {
			items = append(items, it)
		}
	}
	if len(items) == 1 { // nothing to put together
		return items[0], nil
	}
	d, err := compose(items)
	if err != nil {
		return nil, err
	}
	if d, err = Resolve(d, shown.Item); err != nil {
		return nil, err
	}
	if err := d.Validate(); err != nil { // too much of it, or parts that do not go together
		return nil, ErrNotMerged.Because(err)
	}
	return (Revision{Definition: d}).item(), nil
}

// Keep writes what Together put together, so that a case can name it: the same
// items under the same versions are the same version again, which never
// changes. Call it in the transaction that opens the case, after everything
// that could refuse it. Other items come back as they are.
func (s *Service) Keep(ctx context.Context, it *Item) (*Item, error) {
	if it.Bundle == nil || !it.Bundle.Cart {
		return it, nil
	}
	return s.keepComposed(ctx, it.stored())
}

// Renewed is a composed item put together anew from its steps as they are
// published now, as a bundle that an administrator keeps is by every
// publishing. Others come back as they are. A step that is off the shelves is
// ErrSuspended or the like, one that is not ordered here any more ErrNotForCart,
// and steps that no longer go together are ErrNotMerged.
func (s *Service) Renewed(it *Item) (*Item, error) {
	if it.Bundle == nil || !it.Bundle.Cart {
		return it, nil
	}
	shown, moved := s.Snapshot(), false
	for _, step := range it.Bundle.Steps() {
		now, err := shown.Item(step.Item)
		if err != nil {
			return nil, err
		}
		if !now.Orderable() {
			return nil, ErrNotForCart.With("item", now.Name)
		}
		moved = moved || now.VersionID != step.VersionID
	}
	if !moved {
		return it, nil
	}
	d, err := Resolve(it.stored().Source(), shown.Item)
	if err == nil {
		err = d.Validate()
	}
	if err != nil {
		return nil, ErrNotMerged.Because(err)
	}
	return (Revision{ID: it.VersionID, ItemID: it.ID, Number: it.Version, Definition: d}).item(), nil
}

// Orderable returns the version of an item that a case is submitted under now;
// ErrSuspended when it, or a step of what was composed, is off the shelves, and
// what Renewed says of the others.
func (s *Service) Orderable(ctx context.Context, it *Item) (*Item, error) {
	if it.Bundle == nil || !it.Bundle.Cart {
		return s.Item(it.Code)
	}
	now, err := s.Renewed(it)
	if err != nil {
		return nil, err
	}
	return s.keepComposed(ctx, now.stored())
}

// stored is the definition of a composed item without the defaults, which are
// added at reading and may change with the program.
func (it *Item) stored() Definition {
	d := it.Definition
	d.Decision = Wording{}
	return d
}

// keepComposed finds the version of a composed item with this content, or adds it.
func (s *Service) keepComposed(ctx context.Context, d Definition) (*Item, error) {
	var out *Item
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		now, want := s.Clock.Now(), db.ToJSON(d)
		// The row is touched and so held until the case stands: SweepComposed
		// cannot take the version away in between.
		id, err := db.One(ctx, s.DB.Write(ctx), db.Scalar[string], `INSERT INTO catalogue_item (`+recordColumns+`) VALUES ($1,$2,$3,'',1,$4,$4,'','')
			ON CONFLICT (code) DO UPDATE SET updated_at=excluded.updated_at WHERE catalogue_item.state=$3 RETURNING id`,
			ids.New(now), d.Code, Composed, db.MS(now))
		if err != nil {
			return err
		}
		for range 5 { // somebody may add the very same version at the same moment
			versions, err := s.store.revisions(ctx, id)
			if err != nil {
				return err
			}
			last := 0
			for _, v := range versions {
				if last = max(last, v.Number); db.ToJSON(v.Definition) == want {
					out = v.item()
					return nil
				}
			}
			_, err = s.DB.Exec(ctx, `INSERT INTO catalogue_version (`+revisionColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$6,$7,$6,$7,0,1) ON CONFLICT (item_id, number) DO NOTHING`,
				ids.New(now), id, last+1, Composed, want, auth.SystemActor().ID, db.MS(now))
			if err != nil {
				return err
			}
		}
		return fmt.Errorf("catalogue: compose %s: too many at once", d.Code)
	})
	return out, err
}

// ComposedAge is how long what was composed stays without a case that names it.
const ComposedAge = 24 * time.Hour

// SweepComposed deletes the versions that were composed for orders and that no
// case names; named tells which versions of some items one does. What was kept
// within ComposedAge is left alone.
func (s *Service) SweepComposed(ctx context.Context, named func(ctx context.Context, items []string) ([]string, error)) error {
	limit := db.MS(s.Clock.Now().Add(-ComposedAge))
	list, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT id FROM catalogue_item WHERE state=$1 AND updated_at < $2 ORDER BY id`, Composed, limit)
	if err != nil {
		return fmt.Errorf("catalogue: sweep composed: %w", err)
	}
	for part := range slices.Chunk(list, fewAtOnce) {
		idle, err := s.idleVersions(ctx, part, named)
		if err != nil {
			return fmt.Errorf("catalogue: sweep composed: %w", err)
		}
		for _, item := range slices.Sorted(maps.Keys(idle)) {
			if err := s.dropComposed(ctx, item, limit, named); err != nil {
				return fmt.Errorf("catalogue: sweep composed %s: %w", item, err)
			}
		}
	}
	return nil
}

// idleVersions lists by item the versions that no case names.
func (s *Service) idleVersions(ctx context.Context, items []string, named func(ctx context.Context, items []string) ([]string, error)) (map[string][]string, error) {
	keep, err := named(ctx, items)
	if err != nil {
		return nil, err
	}
	used := make(map[string]bool, len(keep))
	for _, v := range keep {
		used[v] = true
	}
	var args db.Args
	type version struct{ id, item string }
	all, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (v version, err error) { return v, r.Scan(&v.id, &v.item) },
		`SELECT id, item_id FROM catalogue_version WHERE item_id IN `+db.In(&args, items), args...)
	out := map[string][]string{}
	for _, v := range all {
		if !used[v.id] {
			out[v.item] = append(out[v.item], v.id)
		}
	}
	return out, err
}

// dropComposed deletes the idle versions of one item, and the item with its last.
func (s *Service) dropComposed(ctx context.Context, item string, limit int64, named func(ctx context.Context, items []string) ([]string, error)) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		// Held like in keepComposed, which may have come first.
		n, err := s.DB.Exec(ctx, `UPDATE catalogue_item SET version=version+1 WHERE id=$1 AND updated_at < $2`, item, limit)
		if err != nil || n == 0 {
			return err
		}
		idle, err := s.idleVersions(ctx, []string{item}, named)
		if err != nil {
			return err
		}
		for _, v := range idle[item] {
			if _, err := s.DB.Exec(ctx, `DELETE FROM catalogue_version WHERE id=$1`, v); err != nil {
				return err
			}
		}
		_, err = s.DB.Exec(ctx, `DELETE FROM catalogue_item WHERE id=$1 AND NOT EXISTS (SELECT 1 FROM catalogue_version v WHERE v.item_id=$1)`, item)
		return err
	})
}

// compose is the source of the bundle for some items.
func compose(items []*Item) (Definition, error) {
	items = slices.Clone(items)
	slices.SortFunc(items, func(a, b *Item) int { return strings.Compare(a.Code, b.Code) }) // the same items are the same order
	codes := make([]string, len(items))
	d := Definition{
		Family: Bundled, Shelf: items[0].Shelf, Department: items[0].Department, Audience: []Audience{ForEnterprise, ForPerson}, Channels: []Channel{Online, AtWindow, ByPost},
		CaseType: Promised, Result: Result{Name: i18n.Text{ZH: "各事项的办理结果", EN: "The result of each item"}}, Bundle: &Bundle{Cart: true},
	}
	for i, it := range items {
		codes[i] = it.Code
		d.Audience = slices.DeleteFunc(d.Audience, func(a Audience) bool { return !it.For(a) })
		d.Channels = slices.DeleteFunc(d.Channels, func(c Channel) bool { return !slices.Contains(it.Channels, c) })
		d.Trips = max(d.Trips, it.Trips)
		if d.TripsReason.IsZero() {
			d.TripsReason = it.TripsReason
		}
	}
	if len(d.Audience) == 0 {
		return d, ErrNotTogether
	}
	sum := sha256.Sum256([]byte(strings.Join(codes, "\n")))
	d.Code = ReservedPrefix + strings.ToUpper(hex.EncodeToString(sum[:8]))
	d.Name = togetherName(items)
	d.Summary = i18n.Text{ZH: "您自己组合的几个事项，填一张表、交一次材料、一起办。", EN: "Several items that you put together: one form, each paper once, handled side by side."}
	d.Situation, d.Bundle.Same, d.Bundle.Groups = groupsOf(items)
	return d, nil
}

// togetherName names an order after what is in it.
func togetherName(items []*Item) i18n.Text {
	first, n := items[0].Name, len(items)
	const most = 60 // characters of a name; two of them and the words between stay below what a name may have
	if len([]rune(first.ZH)) > 2*most || len([]rune(first.EN)) > 2*most {
		first = i18n.Text{ZH: clip(first.ZH, 2*most), EN: clip(first.EN, 2*most)}
	}
	if n == 2 && len([]rune(first.ZH+items[1].Name.ZH)) <= 2*most && len([]rune(first.EN+items[1].Name.EN)) <= 2*most {
		return i18n.Text{ZH: first.ZH + "、" + items[1].Name.ZH, EN: first.In(i18n.English) + " and " + items[1].Name.In(i18n.English)}
	}
	return i18n.Text{ZH: fmt.Sprintf("%s等%d项", first.ZH, n), EN: fmt.Sprintf("%s and %d more", first.In(i18n.English), n-1)}
}

// clip cuts a text to so many characters.
func clip(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

// groupsOf puts the steps of several items into groups: every step comes after
// all the groups that come before it in any of its bundles. Where two bundles
// contradict each other the order of the first counts.
func groupsOf(items []*Item) (situation []Field, same []Same, groups []Group) {
	type wish struct{ groups [][]string } // what one item of the cart wants: codes, in groups
	var wishes []wish
	var order []string // of codes, as met
	steps, level := map[string]Step{}, map[string]int{}
	take := func(s Step) {
		old, twice := steps[s.Item]
		switch {
		case !twice:
			order = append(order, s.Item)
			steps[s.Item] = s
		case old.When == "" || s.When == "":
			steps[s.Item] = Step{Item: s.Item}
		case old.When != s.When:
			steps[s.Item] = Step{Item: s.Item, When: or([]string{old.When, s.When})}
		}
	}
	taken := map[string]int{} // of the situations
	for _, it := range items {
		if it.Bundle == nil {
			take(Step{Item: it.Code})
			wishes = append(wishes, wish{[][]string{{it.Code}}})
			continue
		}
		names := map[string]string{}
		for _, f := range it.Situation {
			id := f.ID
			if at, ok := taken[id]; ok && !alikeFields(situation[at], f) {
				id = ownID(it.Code, id, func(id string) bool {
					at, ok := taken[id]
					return ok && !alikeFields(situation[at], f)
				})
				names[f.ID] = id
			}
			f.ID, f.When = id, rewrite(f.When, names)
			if at, ok := taken[id]; ok { // one question, asked when either asks it
				f.When, f.Required = or([]string{situation[at].When, f.When}), f.Required || situation[at].Required
				situation[at].When, situation[at].Required = f.When, f.Required
				continue
			}
			taken[id] = len(situation)
			situation = append(situation, f)
		}
		same = append(same, it.Bundle.Same...)
		var w wish
		for _, g := range it.Bundle.Groups {
			var codes []string
			for _, s := range g.Items {
				take(Step{Item: s.Item, When: rewrite(s.When, names)})
				codes = append(codes, s.Item)
			}
			w.groups = append(w.groups, codes)
		}
		wishes = append(wishes, w)
	}
	for _, s := range steps { // of a bundle from before that was a rule
		for _, id := range namesIn(s.When) {
			if at, ok := taken[id]; ok {
				situation[at].Required = true
			}
		}
	}
	// The longest way to each step. Bundles that want each other's steps the other
	// way round would push them on for ever, so it ends after as many rounds as
	// there are steps.
	for range order {
		moved := false
		for _, w := range wishes {
			from := 0
			for _, codes := range w.groups {
				next := from
				for _, c := range codes {
					if level[c] < from {
						level[c], moved = min(from, len(order)-1), true
					}
					next = max(next, level[c]+1)
				}
				from = next
			}
		}
		if !moved {
			break
		}
	}
	for at := range len(order) {
		var g Group
		for _, c := range order {
			if level[c] == at {
				g.Items = append(g.Items, steps[c])
			}
		}
		if len(g.Items) == 0 {
			continue
		}
		n := len(groups) + 1
		g.Key = fmt.Sprintf("part%d", n)
		g.Name = i18n.Text{ZH: fmt.Sprintf("第%d批", n), EN: fmt.Sprintf("Part %d", n)}
		groups = append(groups, g)
	}
	return situation, same, groups
}

// SumOf is how long the steps of a bundle would take one after the other, in
// working days; zero when one of them promises nothing.
func SumOf(items []*Item) workday.Limit {
	total := 0
	for _, it := range items {
		l := it.Promised
		if l.IsZero() {
			return workday.Limit{}
		}
		total += Workdays(l)
	}
	return workday.Limit{N: total, Unit: workday.UnitWorkday}
}
