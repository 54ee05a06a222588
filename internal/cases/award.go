package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Awarding is what a public list gives a firm that did not apply for it (免申即享).
type Awarding struct {
	Key     string    // such as "grant:<line id>": a second call returns the case there is
	Item    string    // code of the item that the clause names
	Firm    string    // id of the enterprise
	Account string    // who confirmed for the firm, "" for nobody; who does not act for it any more counts as nobody
	Amount  money.Fen // more than nothing
	Basis   i18n.Text // document, clause, list and its publicity: the applicant reads it as the reason of the decision
	Link    string    // path of the public list, "" for none
}

// awardKeys is whose keys those of awards are, whoever gives the command.
const awardKeys = "award"

func (a *Awarding) check() error {
	a.Basis = i18n.Text{ZH: strings.TrimSpace(a.Basis.ZH), EN: strings.TrimSpace(a.Basis.EN)}
	if a.Key == "" || a.Firm == "" || a.Amount <= 0 || a.Basis.ZH == "" || utf8.RuneCountInString(a.Basis.ZH) > 1000 || utf8.RuneCountInString(a.Basis.EN) > 2000 ||
		a.Link != "" && (!strings.HasPrefix(a.Link, "/") || strings.HasPrefix(a.Link, "//")) {
		return fmt.Errorf("cases: award %q: %w", a.Key, ErrAward.With("item", a.Item))
	}
	return nil
}

// Award opens, decides and delivers a case that nobody applied for, in one
// transaction, or in that of the caller. It has a number, a decision and everything
// that granted cases have, but no answers and no papers (data version 0), and was
// never accepted: no limit ran, so its clock shows none. What the actor may do is
// the business of the caller.
//
// The procedure of the item takes no part in it, now or later: the list has a fund
// of its own, of which the caller books (budget.Grant), and an item would ask for
// an amount that nobody typed.
//
// An item that its department suspended is catalogue.ErrSuspended, one withdrawn
// for good catalogue.ErrWithdrawn, each with its code. Whether it can be applied for
// today is no matter: a list that was published is kept though the window of the
// item is closed, its offer lapsed or its form unknown. A bundle is ErrAward: its
// steps are given one by one. A firm about which nothing may be decided is ErrHeld.
func (s *Service) Award(ctx context.Context, actor auth.Actor, a Awarding) (Case, error) {
	if err := a.check(); err != nil {
		return Case{}, err
	}
	var out Case
	var err error
	for try := range 2 {
		err = s.DB.InTx(ctx, func(ctx context.Context) error {
			var again bool
			if out, again, err = s.Awarded(ctx, a.Key); err != nil || again {
				return err
			}
			out, err = s.award(ctx, actor, a)
			return err
		})
		if !errors.Is(err, db.ErrDuplicate) || try == 1 || db.Tx(ctx) != nil {
			break
		}
		// Somebody awarded it at the same moment; the second try finds that one.
	}
	if err != nil {
		return Case{}, fmt.Errorf("cases: award %s: %w", a.Key, err)
	}
	return out, nil
}

// Awarded is the case that was awarded under a key; false for none. Who may read
// it is the business of the caller.
func (s *Service) Awarded(ctx context.Context, key string) (Case, bool, error) {
	return s.again(ctx, auth.Actor{ID: awardKeys}, key)
}

// Unaward undoes the decision of an awarded case, as Revoke does: what rests on it
// loses its validity, the applicant is told, and who booked money for it hears of it
// and takes it back. A case that is undone already is returned as it is; no case for
// the key is ErrNotFound.
func (s *Service) Unaward(ctx context.Context, actor auth.Actor, key, reason string) (Case, error) {
	k, ok, err := s.Awarded(ctx, key)
	switch {
	case err != nil:
		return Case{}, fmt.Errorf("cases: unaward %s: %w", key, err)
	case !ok:
		return Case{}, ErrNotFound
	case k.State == Revoked:
		return k, nil
	}
	return s.Revoke(ctx, actor, Ref{ID: k.ID}, reason)
}

func (s *Service) award(ctx context.Context, actor auth.Actor, a Awarding) (Case, error) {
	item, err := s.awardable(a.Item)
	if err != nil {
		return Case{}, err
	}
	firm, err := s.Identity.Enterprise(ctx, a.Firm)
	if err != nil {
		return Case{}, err
	}
	now := s.Clock.Now()
	k := Case{
		ID: ID(ids.New(now)), PickupCode: ids.Digits(6), ItemID: item.ID, ItemVersionID: item.VersionID, ItemCode: item.Code, ItemName: item.Name,
		DepartmentID: item.Department, Region: s.regionOf(item), Party: firm.Party(), Channel: ByAward, Collect: Electronic,
		State: Submitted, CreatedAt: now, UpdatedAt: now, Version: 1,
	}
	if k.AccountID, err = s.confirmed(ctx, &k, a.Account); err != nil {
		return Case{}, err
	}
	if err := s.store.insert(ctx, k); err != nil {
		return Case{}, err
	}
	n, err := s.DB.Exec(ctx, `INSERT INTO cases_idempotency (actor_id, key, case_id, at) VALUES ($1,$2,$3,$4) ON CONFLICT DO NOTHING`, awardKeys, a.Key, string(k.ID), db.MS(now))
	if err != nil {
		return Case{}, err
	}
	if n == 0 {
		return Case{}, db.ErrDuplicate
	}
	if k.Number, err = s.store.number(ctx, k.Region, now); err != nil {
		return Case{}, err
	}
	w := s.newWork(k, actor, now)
	w.item, w.cmd, w.reason, w.known = item, CmdAward, a.Basis.ZH, map[string]any{}
	if err := w.held(ctx, Granted); err != nil {
		return Case{}, err
	}
	w.State, w.Outcome, w.SubmittedAt, w.DecidedAt = Decided, Granted, now, now
	text := i18n.Text{ZH: s.awardWords(i18n.Chinese, &k, a), EN: s.awardWords(i18n.English, &k, a)}
	if _, err := s.DB.Exec(ctx, `INSERT INTO cases_decision (case_id, outcome, text, reason, task_id, decided_by, decided_at) VALUES ($1,$2,$3,$4,'',$5,$6)`,
		string(k.ID), string(Granted), db.ToJSON(text), a.Basis.ZH, actor.ID, db.MS(now)); err != nil {
		return Case{}, err
	}
	main := w.event(CmdAward, true)
	main.From, main.Reason = Draft, w.reason
	main.Detail = map[string]any{"outcome": string(Granted), "key": a.Key, "fen": int64(a.Amount), "basis": a.Basis, "link": a.Link}
	if item.Result.CertificateType != "" {
		c, err := w.issue(ctx)
		if err != nil {
			return Case{}, err
		}
		w.also(CmdIssue, true, map[string]any{"number": c.Number, "title": c.Title, "until": c.ValidTo})
	}
	w.also(CmdDeliver, true, map[string]any{"how": string(Electronic)})
	if err := w.deliver(ctx, Electronic, k.Party.Name.ZH, auth.Post{}); err != nil {
		return Case{}, err
	}
	err = w.leave(ctx, Draft, append([]Event{main}, w.more...))
	return w.Case, err
}

// awardWords is the decision in one language. The template of the item is for those
// who applied: it names what they asked for.
func (s *Service) awardWords(l i18n.Locale, k *Case, a Awarding) string {
	t := awardText
	return strings.NewReplacer("{applicant}", k.Party.Name.In(l), "{item}", k.ItemName.In(l), "{amount}", a.Amount.String(), "{basis}", strings.TrimRight(a.Basis.In(l), "。.；; ")).Replace(t.In(l))
}

var awardText = i18n.Text{
	ZH: "{applicant}：依据{basis}，给予“{item}”{amount}元。本项免申即享，无需申请。",
	EN: "To {applicant}: on the basis of {basis}, you are granted {amount} yuan under “{item}”. No application is needed for it.",
}

// awardable is the item as it is published, or was: see Award.
func (s *Service) awardable(code string) (*catalogue.Item, error) {
	now := s.Catalogue.Snapshot()
	item, err := now.Item(code)
	if errors.Is(err, catalogue.ErrSuspended) {
		// An offer that has lapsed was suspended by nobody: there is no word of it.
		if x, ok := now.Stopped(code); ok && x.Item != nil && x.Stop == (catalogue.Stop{}) && x.Item.Bundle == nil {
			item, err = x.Item, nil
		}
	}
	if err == nil && item.Bundle != nil {
		err = ErrAward.With("item", code)
	}
	return item, err
}

// confirmed is the account if it acts for the party of the case, else "": then
// everybody who acts for the firm is told.
func (s *Service) confirmed(ctx context.Context, k *Case, account string) (string, error) {
	if account == "" {
		return "", nil
	}
	a, err := s.Identity.ActAs(ctx, account)
	if errors.Is(err, identity.ErrNotFound) {
		return "", nil
	}
	if err != nil || covers(a, k, false) {
		return account, err
	}
	return "", nil
}

// Award is what was given without an application, as the event of it says.
type Award struct {
	Key    string
	Amount money.Fen
	Basis  i18n.Text
	Link   string
}

// Award of an event of the command award.
func (e Event) Award() Award {
	return Award{Key: e.Word("key"), Amount: money.Fen(e.Number("fen")), Basis: e.Text("basis"), Link: e.Word("link")}
}

// Award says what was given without an application; ok is false for all other cases.
func (v *View) Award() (a Award, ok bool) {
	i := slices.IndexFunc(v.Events, func(e Event) bool { return e.Command == CmdAward })
	if i < 0 {
		return a, false
	}
	return v.Events[i].Award(), true
}

// Having are those of the firms that have a case of an item which is running or was
// granted, handed in at or after an instant; zero for ever. Drafts do not count, nor
// what was withdrawn, refused, not granted or undone. It is asked before something
// is given, so that nobody gets the same by a list and by an application; the rights
// of the actor are the business of the caller.
func (s *Service) Having(ctx context.Context, item string, firms []string, since time.Time) (map[string]bool, error) {
	out := map[string]bool{}
	for part := range slices.Chunk(firms, 500) {
		var args db.Args
		list, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT DISTINCT c.party_id FROM cases_case c
			WHERE c.party_id IN `+db.In(&args, part)+` AND c.party_kind='enterprise' AND c.item_code=`+args.Add(item)+` AND c.submitted_at > 0 AND c.submitted_at >= `+args.Add(db.MS(since))+`
			AND c.state NOT IN ('draft','withdrawn','refused','revoked') AND c.outcome NOT IN ('denied','ended')`, args...)
		if err != nil {
			return nil, fmt.Errorf("cases: having %s: %w", item, err)
		}
		for _, id := range list {
			out[id] = true
		}
	}
	return out, nil
}
