package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

// SupplementWithin is how long an applicant has to answer a supplement notice
// where the item names no limit.
var SupplementWithin = workday.Limit{N: 30, Unit: workday.UnitDay}

// remindBefore is how many working days before that end he is reminded.
const remindBefore workday.Days = 3

// supplementDue is the first instant at which an answer to a supplement notice is too late.
func (s *Service) supplementDue(k *Case, item *catalogue.Item, asked time.Time) time.Time {
	limit := item.Supplement.Limit
	if limit.IsZero() {
		limit = SupplementWithin
	}
	due, _ := s.CalendarOf(k).Due(asked, limit)
	return due
}

// AnswerDue is until when the open supplement notice of a case can be answered,
// or what a desk asked for should be; zero when there is none.
func (s *Service) AnswerDue(v *View) time.Time {
	q, ok := v.OpenRequest()
	switch {
	case !ok || v.Item == nil:
		return time.Time{}
	case v.State == Handling && q.Kind == "return":
		return q.DueAt
	case v.State != Supplementing || q.Kind != "supplement":
		return time.Time{}
	}
	due := s.supplementDue(&v.Case, v.Item, q.AskedAt)
	if e := reminded(v, q); e != nil && e.Detail["late"] == true {
		if later := e.Instant("due"); later.After(due) {
			due = later
		}
	}
	return due
}

// reminded is the event of the reminder of a request, nil when none went out.
func reminded(v *View, q Request) *Event {
	for i := range v.Events {
		if e := &v.Events[i]; e.Command == CmdRemind && !e.At.Before(q.AskedAt) {
			return e
		}
	}
	return nil
}

// lapseSupplement ends a case whose supplement notice nobody answered in time: deemed
// withdrawn, or refused where the item says so. Some days before the applicant
// is reminded, once. Where the platform stood still meanwhile and the reminder
// did not go out, it goes out first, and gives one working day more, as with a
// tolerated material: nobody loses a case without a warning.
func (s *Service) lapseSupplement(ctx context.Context, id ID) error {
	v, err := s.View(ctx, auth.SystemActor(), id)
	if err != nil {
		return err
	}
	due, now := s.AnswerDue(v), s.Clock.Now()
	if due.IsZero() {
		return nil
	}
	q, _ := v.OpenRequest()
	ref := Ref{ID: id, Version: v.Version}
	late := !now.Before(due)
	if remind := reminded(v, q); remind == nil {
		cal := s.CalendarOf(&v.Case)
		if !late && now.Before(workday.StartOf(cal.Add(workday.DateOf(due.Add(-time.Second)), -remindBefore))) {
			return nil
		}
		if late {
			due = workday.EndOf(cal.Add(workday.DateOf(now), 1))
		}
		_, err := s.run(ctx, auth.SystemActor(), ref, CmdRemind, "", func(_ context.Context, w *work) error {
			w.detail["due"] = db.MS(due)
			if late {
				w.detail["late"] = true
			}
			return nil
		})
		return err
	}
	if !late {
		return nil
	}
	if v.Item.Supplement.End == catalogue.SupplementRefused {
		_, err := s.run(ctx, auth.SystemActor(), ref, CmdRefuse, "逾期没有补充材料。", func(ctx context.Context, w *work) error {
			w.State = Refused
			return w.closeLedger(ctx)
		})
		return err
	}
	_, err = s.run(ctx, auth.SystemActor(), ref, CmdExpire, "", func(ctx context.Context, w *work) error {
		w.State = Withdrawn
		w.detail["due"] = db.MS(due)
		return w.closeLedger(ctx)
	})
	return err
}

// RenewalAsked is how many days before its expiry a renewal has to be asked for
// to be protected by the law (行政许可法 art. 50).
const RenewalAsked = 30

// renewals are the versions of items by which a certificate is renewed, among
// those that live cases stand on: also of one that was suspended since.
func (s *Service) renewals(ctx context.Context) ([]string, error) {
	list, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT DISTINCT c.item_version_id FROM cases_case c WHERE c.state='handling' AND NOT c.bundle`)
	if err != nil {
		return nil, fmt.Errorf("cases: renewals: %w", err)
	}
	var out []string
	for _, id := range list {
		it, err := s.Catalogue.Version(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("cases: renewals: %w", err)
		}
		if it.Action == catalogue.ActRenew && it.Result.CertificateType != "" {
			out = append(out, id)
		}
	}
	return out, nil
}

// sweepRenewals deems renewed what was asked for in time and not decided before
// the expiry.
func (s *Service) sweepRenewals(ctx context.Context) error {
	list, err := s.renewals(ctx)
	if err != nil || len(list) == 0 {
		return err
	}
	var args db.Args
	ids := db.In(&args, list)
	before := args.Add(db.MS(s.Clock.Now().AddDate(0, 0, -RenewalAsked)))
	var live db.Args
	if err := s.sweepEach(ctx, "renewals near expiry", s.warnRenewal, `c.item_version_id IN `+db.In(&live, list)+` AND c.state='handling'`, live...); err != nil {
		return err
	}
	return s.sweepEach(ctx, "renewals", s.renew, `c.item_version_id IN `+ids+` AND c.state='handling' AND NOT c.needs_applicant AND c.submitted_at <= `+before, args...)
}

// RenewalWarned is how many working days before the expiry the desks of an
// undecided renewal are warned: afterwards silence decides.
const RenewalWarned workday.Days = 5

// kindRenewal is the notice to the desks of a renewal.
const kindRenewal = "case_renewal_near"

// warnRenewal tells those who have a renewal in hand, once, that the certificate
// is about to expire.
func (s *Service) warnRenewal(ctx context.Context, id ID) error {
	k, err := s.store.find(ctx, `c.id=$1`, string(id))
	if err != nil {
		return err
	}
	item, err := s.itemOf(ctx, &k)
	if err != nil {
		return err
	}
	meant, err := s.expiring(ctx, &k, item)
	if err != nil || len(meant) == 0 {
		return err
	}
	end, now := meant[0].end, s.Clock.Now() // where it is not clear which is meant, before the first of them ends
	if now.Before(workday.StartOf(s.CalendarOf(&k).Add(end, -RenewalWarned))) || !now.Before(workday.EndOf(end)) {
		return nil
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		tasks, err := s.store.tasks(ctx, k.ID)
		if err != nil {
			return err
		}
		tasks = slices.DeleteFunc(tasks, func(t Task) bool { return t.State != TaskOpen || t.Role == "" })
		day := i18n.Text{ZH: i18n.Date(i18n.Chinese, workday.StartOf(end)), EN: i18n.Date(i18n.English, workday.StartOf(end))}
		return s.tellHands(ctx, tasks, notify.News{
			Key: "renewal:" + string(k.ID) + ":" + end.String(), Kind: kindRenewal, Link: "/work/cases/" + string(k.ID), Class: notify.Action, NeedsYou: true,
			Params: map[string]any{"item": k.ItemName, "number": k.Number, "applicant": k.Party.Name, "day": day},
		})
	})
}

// ending is a certificate with the day on which it ends.
type ending struct {
	identity.Certificate
	end workday.Date
}

// expiring are the certificates that a case may ask to renew, the first to end
// first: what the party held of the type when it asked. Of several the one that
// the case names counts, by its number in an answer or by the paper that was
// taken from the file; none of them is guessed.
func (s *Service) expiring(ctx context.Context, k *Case, item *catalogue.Item) ([]ending, error) {
	list, err := s.Identity.Certificates(ctx, []string{k.Party.ID})
	if err != nil {
		return nil, err
	}
	var held []ending
	for _, c := range list {
		if c.Type != item.Result.CertificateType || c.State != "valid" || c.ValidTo == "" || c.IssuedAt.After(k.SubmittedAt) {
			continue
		}
		end, err := workday.Parse(c.ValidTo)
		if err != nil || end.Before(workday.DateOf(k.SubmittedAt)) { // that one had ended before
			continue
		}
		held = append(held, ending{c, end})
	}
	slices.SortFunc(held, func(a, b ending) int { return a.end.Compare(b.end) })
	return s.meant(ctx, k, held)
}

// meant is the certificate of several that a case names; all of them when it
// names none.
func (s *Service) meant(ctx context.Context, k *Case, held []ending) ([]ending, error) {
	if len(held) < 2 {
		return held, nil
	}
	snaps, err := s.store.snapshots(ctx, k.ID, 1)
	if err != nil || len(snaps) == 0 {
		return held, err
	}
	for _, named := range []func(number string) bool{
		func(number string) bool { return answersName(snaps[0].Answers, number) },
		func(number string) bool {
			return slices.ContainsFunc(snaps[0].Materials, func(m MaterialState) bool { return m.How == ByCertificate && m.Ref == number })
		},
	} {
		if meant := slices.DeleteFunc(slices.Clone(held), func(e ending) bool { return !named(e.Number) }); len(meant) == 1 {
			return meant, nil
		}
	}
	return held, nil
}

// answersName says whether an answer is a number, also in a repeated group.
func answersName(answer any, number string) bool {
	switch a := answer.(type) {
	case string:
		return strings.EqualFold(strings.TrimSpace(a), number)
	case []any:
		return slices.ContainsFunc(a, func(x any) bool { return answersName(x, number) })
	case map[string]any:
		for _, x := range a {
			if answersName(x, number) {
				return true
			}
		}
	}
	return false
}

// renewedText is the decision on a renewal that the law makes.
var renewedText = i18n.Text{
	ZH: "{applicant}：您在有效期届满三十日前申请延续（编号 {number}），本机关在有效期届满前没有作出决定。根据《中华人民共和国行政许可法》第五十条，视为准予延续。{date}",
	EN: "{applicant}: You asked for renewal (number {number}) thirty days before the expiry and no decision was made before it. Under article 50 of the Administrative Licensing Law it is deemed renewed. {date}",
}

// renew grants a renewal that nobody decided before the expiry: silence is
// renewal. The new certificate begins on the day after, however late this runs.
func (s *Service) renew(ctx context.Context, id ID) error {
	k, err := s.store.find(ctx, `c.id=$1`, string(id))
	if err != nil {
		return err
	}
	item, err := s.itemOf(ctx, &k)
	if err != nil {
		return err
	}
	meant, err := s.expiring(ctx, &k, item)
	if err != nil || len(meant) != 1 { // the law renews one that was named: with two, a person has to look
		return err
	}
	end := meant[0].end
	if s.Clock.Now().Before(workday.EndOf(end)) || workday.DateOf(k.SubmittedAt).After(end.AddDays(-RenewalAsked)) {
		return nil
	}
	_, err = s.run(ctx, auth.SystemActor(), Ref{ID: id, Version: k.Version}, CmdDecide, "", func(ctx context.Context, w *work) error {
		if w.NeedsApplicant {
			return ErrWaiting
		}
		answers, err := w.answers(ctx)
		if err != nil {
			return err
		}
		w.detail["deemed"], w.detail["automatic"] = true, true
		w.validFrom = end.AddDays(1).String()
		return w.decide(ctx, Granted, wording(renewedText, &w.Case, w.item, answers, "", i18n.Text{}, w.now), "")
	})
	if errors.Is(err, ErrWaiting) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cases: deemed renewed: %w", err)
	}
	return nil
}
