package cases

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/quota"
)

// StartInput opens a draft.
type StartInput struct {
	ItemCode     string
	Cart         []string // codes to order together, instead of one item; they leave the actor's cart
	EnterpriseID string   // "": the person asks for himself
	AccountID    string   // the visitor for whom a clerk files; "" when the actor files for himself
	USCC         string   // API: the firm by its credit code
	Idempotency  string   // API: the same key gives the same case again
}

// Start opens a draft of an item and prefills what is known. Somebody who has
// an unsubmitted draft of the same item for the same party gets that one
// again: two half-filled forms are how applications get lost.
func (s *Service) Start(ctx context.Context, actor auth.Actor, in StartInput) (Case, error) {
	k, _, err := s.begin(ctx, actor, in)
	return k, err
}

// begin is Start; again says that the case was there already.
func (s *Service) begin(ctx context.Context, actor auth.Actor, in StartInput) (k Case, again bool, err error) {
	if len(in.Cart) > 0 && db.Tx(ctx) == nil {
		// Putting a cart together is work, and leaves a version of its own.
		if err := s.Throttle.Hit(ctx, "order:"+actor.ID, ordersWithin, time.Hour); err != nil {
			return Case{}, false, err
		}
	}
	item, err := s.asked(in)
	if err != nil {
		return Case{}, false, err
	}
	k = Case{
		ItemID: item.ID, ItemVersionID: item.VersionID, ItemCode: item.Code, ItemName: item.Name, DepartmentID: item.Department,
		Region: s.regionOf(item), FiledBy: actor.ID, State: Draft, Version: 1, Channel: Online, Collect: Electronic, Bundle: item.Bundle != nil,
	}
	switch {
	case actor.Kind == auth.Person:
		k.AccountID = actor.ID
		if err := MayAsk(actor, in.EnterpriseID, item); err != nil {
			return Case{}, false, err
		}
	case actor.Kind == auth.Client && actor.HasScope(auth.ScopeCasesWrite):
		k.Channel = API
	case actor.Has(auth.Clerk) && in.AccountID != "":
		visitor, err := s.Identity.ActAs(ctx, in.AccountID)
		if err != nil {
			return Case{}, false, err
		}
		if err := MayAsk(visitor, in.EnterpriseID, item); err != nil {
			return Case{}, false, err
		}
		k.AccountID, k.Channel, k.Collect = visitor.ID, Window, AtWindow
	default:
		return Case{}, false, ErrForbidden
	}
	if !item.Orderable() || !slices.Contains(item.Channels, map[Channel]catalogue.Channel{Online: catalogue.Online, API: catalogue.Online, Window: catalogue.AtWindow}[k.Channel]) {
		return Case{}, false, ErrChannel
	}
	if k.Party, err = s.partyOf(ctx, k.AccountID, in); err != nil {
		return Case{}, false, err
	}
	if !item.For(map[identity.HolderKind]catalogue.Audience{identity.HolderPerson: catalogue.ForPerson, identity.HolderEnterprise: catalogue.ForEnterprise}[k.Party.Kind]) {
		return Case{}, false, ErrAudience
	}
	for try := range 2 {
		if again, err = s.open(ctx, actor, &k, item, in); !errors.Is(err, db.ErrDuplicate) || try == 1 || db.Tx(ctx) != nil {
			break
		}
		// Somebody opened it at the same moment; the second try finds that one.
	}
	if err != nil {
		return Case{}, false, fmt.Errorf("cases: start %s: %w", in.ItemCode, err)
	}
	return k, again, nil
}

// ordersWithin an hour that one account may begin from its cart.
const ordersWithin = 60

// asked is what is asked for: an item, or what a cart is put together to. It
// writes nothing, since the order may still be refused.
func (s *Service) asked(in StartInput) (*catalogue.Item, error) {
	if len(in.Cart) > 0 {
		return s.Catalogue.Together(in.Cart)
	}
	return s.Catalogue.Item(in.ItemCode)
}

// emptied takes what is ordered now out of the cart.
func (s *Service) emptied(ctx context.Context, actor auth.Actor, in StartInput) error {
	if len(in.Cart) == 0 {
		return nil
	}
	return s.Catalogue.DropFromCart(ctx, actor, in.Cart...)
}

// open writes the draft k, or makes k the one that is there already.
func (s *Service) open(ctx context.Context, actor auth.Actor, k *Case, item *catalogue.Item, in StartInput) (again bool, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if item, err = s.Catalogue.Keep(ctx, item); err != nil {
			return err
		}
		k.ItemID, k.ItemVersionID = item.ID, item.VersionID
		var old Case
		if in.Idempotency != "" {
			old, again, err = s.again(ctx, actor, in.Idempotency)
		} else {
			old, again, err = s.openDraft(ctx, actor, k)
		}
		if err != nil {
			return err
		}
		if again {
			*k = old
			return s.emptied(ctx, actor, in)
		}
		if err := s.Quota.Spend(ctx, actor, quota.Drafts, 1); err != nil {
			return err
		}
		now := s.Clock.Now()
		k.ID, k.PickupCode, k.CreatedAt, k.UpdatedAt = ID(ids.New(now)), ids.Digits(6), now, now
		if err := s.store.insert(ctx, *k); err != nil {
			return err
		}
		typed, source := Typed{}, map[string]string{}
		if k.AccountID != "" { // a program states everything itself
			if typed, source, err = s.prefill(ctx, k, item); err != nil {
				return err
			}
		}
		if err := s.store.insertBuffer(ctx, k.ID, Buffer{Typed: typed, Prefill: source, VersionID: item.VersionID}, actor.ID, now); err != nil {
			return err
		}
		if err := s.emptied(ctx, actor, in); err != nil {
			return err
		}
		if in.Idempotency != "" {
			if _, err := s.DB.Exec(ctx, `INSERT INTO cases_idempotency (actor_id, key, case_id, at) VALUES ($1,$2,$3,$4)`, actor.ID, in.Idempotency, string(k.ID), db.MS(now)); err != nil {
				return err
			}
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "cases.start", Object: "case:" + string(k.ID), Change: map[string]any{"item": k.ItemCode, "party": k.Party.ID}})
	})
	return again, err
}

func (s *Service) partyOf(ctx context.Context, account string, in StartInput) (identity.Party, error) {
	switch {
	case in.USCC != "":
		e, err := s.Identity.EnterpriseByUSCC(ctx, in.USCC)
		return e.Party(), err
	case in.EnterpriseID != "":
		e, err := s.Identity.Enterprise(ctx, in.EnterpriseID)
		return e.Party(), err
	case account != "":
		a, err := s.Identity.Account(ctx, account)
		return a.Party(), err
	default:
		return identity.Party{}, ErrAudience
	}
}

func (s *Service) again(ctx context.Context, actor auth.Actor, key string) (Case, bool, error) {
	k, err := s.store.find(ctx, `c.id = (SELECT case_id FROM cases_idempotency WHERE actor_id=$1 AND key=$2)`, actor.ID, key)
	if errors.Is(err, ErrNotFound) {
		return k, false, nil
	}
	return k, err == nil, err
}

// openDraft finds the draft that the actor has for this party already. One from
// before the item became a bundle, or ceased to be one, can never be submitted:
// it is thrown away to make room.
func (s *Service) openDraft(ctx context.Context, actor auth.Actor, k *Case) (Case, bool, error) {
	if k.AccountID == "" {
		return Case{}, false, nil
	}
	old, err := s.store.find(ctx, `c.id = (SELECT id FROM cases_case WHERE state='draft' AND account_id=$1 AND filed_by=$2 AND item_id=$3 AND party_id=$4 ORDER BY id DESC LIMIT 1)`,
		k.AccountID, k.FiledBy, k.ItemID, k.Party.ID)
	if errors.Is(err, ErrNotFound) {
		return old, false, nil
	}
	if err == nil && old.Bundle != k.Bundle {
		_, err = s.Withdraw(ctx, actor, Ref{ID: old.ID}, "")
		return Case{}, false, err
	}
	return old, err == nil, err
}

// editable loads a case whose form and materials the actor may change now: a
// draft, or one to which the applicant was asked to add something.
func (s *Service) editable(ctx context.Context, actor auth.Actor, id ID) (Case, *catalogue.Item, error) {
	k, err := s.store.find(ctx, `c.id=$1`, string(id))
	if err != nil {
		return Case{}, nil, err
	}
	tasks, err := s.store.tasks(ctx, id)
	if err != nil {
		return Case{}, nil, err
	}
	if !sees(actor, &k, tasks) {
		return Case{}, nil, ErrNotFound
	}
	cmd := CmdSubmit
	if k.State == Handling {
		cmd = CmdReply
	}
	if !allowed(actor, cmd, &k, tasks, nil) {
		return Case{}, nil, ErrForbidden
	}
	if !cmd.possible(&k) || k.State == Handling && (!k.NeedsApplicant || k.Bundle) { // an order is answered in its steps
		return Case{}, nil, ErrState.With("command", string(cmd)).With("state", string(k.State))
	}
	item, err := s.itemOf(ctx, &k)
	return k, item, err
}

// lockedEditable is editable inside a transaction that is going to write: the
// case is held, so that nothing is added while somebody submits it.
func (s *Service) lockedEditable(ctx context.Context, actor auth.Actor, id ID) (Case, *catalogue.Item, error) {
	if _, err := s.store.locked(ctx, id); err != nil {
		return Case{}, nil, err
	}
	return s.editable(ctx, actor, id)
}

// SaveTyped keeps what was typed so far, unchecked. rev is the revision that
// the page was loaded with; when somebody saved since then nothing is
// overwritten and ErrTyped is returned. It returns the new revision. "collect" in
// what is posted sets how the result is wanted, except for a step: its order
// says that for all of them.
func (s *Service) SaveTyped(ctx context.Context, actor auth.Actor, id ID, rev int, posted url.Values) (Buffer, error) {
	var out Buffer
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		k, item, err := s.lockedEditable(ctx, actor, id)
		if err != nil {
			return err
		}
		b, err := s.store.buffer(ctx, id)
		if err != nil {
			return err
		}
		now, was := s.Clock.Now(), b
		b, typed, err := s.moved(ctx, &k, item, b, posted)
		if err != nil {
			return err
		}
		if b.Rev != rev {
			// What was saved already, its answer lost on the way, is no conflict.
			if c := Collect(posted.Get("collect")); forms.Same(was.Typed, typed) && (c == "" || c == k.Collect || k.ParentID != "") {
				out = was
				return nil
			}
			return ErrTyped
		}
		for field := range b.Prefill { // a value that was changed is the person's own from now on
			if !forms.Untouched(b.Typed, typed, field) {
				delete(b.Prefill, field)
			}
		}
		b.Typed = typed
		if err := s.store.saveBuffer(ctx, id, b, actor.ID, now); err != nil {
			return err
		}
		b.Rev, b.SavedAt = b.Rev+1, now
		// The result of a step is collected with its order, whatever its reply says.
		if c := Collect(posted.Get("collect")); k.ParentID == "" && c != "" && c != k.Collect && slices.Contains([]Collect{Electronic, AtWindow, ByPost}, c) {
			if _, err := s.DB.Exec(ctx, `UPDATE cases_case SET collect=$2 WHERE id=$1`, string(id), string(c)); err != nil {
				return err
			}
		}
		out = b
		return nil
	})
	return out, err
}

// Form is a form in hand: what is typed, what is complained about, materials.
type Form struct {
	Case      Case
	Item      *catalogue.Item
	Buffer    Buffer
	Answers   map[string]any  // what is typed, as far as it can be read
	Bad       []errs.Field    // complaints about the fields
	Materials []MaterialState // as they stand for these answers
	Request   *Request        // what was asked for, when it was

	before map[string]any // what was submitted last
}

// Form returns the form of a case that the actor may edit now.
func (s *Service) Form(ctx context.Context, actor auth.Actor, id ID) (Form, error) {
	k, item, err := s.editable(ctx, actor, id)
	if err != nil {
		return Form{}, err
	}
	f := Form{Case: k, Item: item}
	if f.Buffer, err = s.store.buffer(ctx, id); err != nil {
		return Form{}, err
	}
	if f.Buffer, _, err = s.moved(ctx, &k, item, f.Buffer, nil); err != nil {
		return Form{}, err
	}
	f.Buffer.Typed = forms.WithRows(item, f.Buffer.Typed)
	f.Answers, f.Bad = Answers(item, f.Buffer.Typed, s.today())
	requests, err := s.store.requests(ctx, id)
	if err != nil {
		return Form{}, err
	}
	f.Request = unanswered(requests)
	last, err := s.store.snapshots(ctx, id, 1)
	if err != nil {
		return Form{}, err
	}
	if len(last) > 0 {
		f.before = last[0].Answers
	}
	f.Bad = append(f.Bad, unchanged(f.Request, f.before, f.Answers)...)
	if f.Materials, err = s.materials(ctx, &k, item, f.Answers, f.Request); err != nil {
		return f, err
	}
	if err := s.restrain(ctx, k.Party.ID, f.Materials); err != nil {
		return f, err
	}
	return f, s.offer(ctx, actor, &k, f.Materials)
}

// DraftAge after which an untouched draft is thrown away.
const DraftAge = 90 * 24 * time.Hour
