package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	return s.supplementDue(&v.Case, v.Item, q.AskedAt)
}

// lapseSupplement ends a case whose supplement notice nobody answered in time: deemed
// withdrawn, or refused where the item says so. Some days before the applicant
// is reminded, once.
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
	if now.Before(due) {
		remind := workday.StartOf(s.CalendarOf(&v.Case).Add(workday.DateOf(due.Add(-time.Second)), -remindBefore))
		if now.Before(remind) || slices.ContainsFunc(v.Events, func(e Event) bool { return e.Command == CmdRemind && !e.At.Before(q.AskedAt) }) {
			return nil
		}
		_, err := s.run(ctx, auth.SystemActor(), ref, CmdRemind, "", func(_ context.Context, w *work) error {
			w.detail["due"] = db.MS(due)
			return nil
		})
		return err
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

// renewals are the items by which a certificate is renewed, by id.
func (s *Service) renewals() []string {
	var out []string
	for _, it := range s.Catalogue.List(catalogue.Filter{}).Items {
		if it.Action == catalogue.ActRenew && it.Result.CertificateType != "" {
			out = append(out, it.ID)
		}
	}
	return out
}

// sweepRenewals deems renewed what was asked for in time and not decided before
// the expiry.
func (s *Service) sweepRenewals(ctx context.Context) error {
	list := s.renewals()
	if len(list) == 0 {
		return nil
	}
	var args db.Args
	ids := db.In(&args, list)
	before := args.Add(db.MS(s.Clock.Now().AddDate(0, 0, -RenewalAsked)))
	var live db.Args
	if err := s.sweepEach(ctx, "renewals near expiry", s.warnRenewal, `c.item_id IN `+db.In(&live, list)+` AND c.state='handling'`, live...); err != nil {
		return err
	}
	return s.sweepEach(ctx, "renewals", s.renew, `c.item_id IN `+ids+` AND c.state='handling' AND NOT c.needs_applicant AND c.submitted_at <= `+before, args...)
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
	_, end, ok, err := s.expiring(ctx, &k, item)
	now := s.Clock.Now()
	if err != nil || !ok || now.Before(workday.StartOf(s.CalendarOf(&k).Add(end, -RenewalWarned))) || !now.Before(workday.EndOf(end)) {
		return err
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

// expiring is the certificate that a case asks to renew: the last one of its
// type that the party held when it asked; ok is false when there is none with an end.
func (s *Service) expiring(ctx context.Context, k *Case, item *catalogue.Item) (identity.Certificate, workday.Date, bool, error) {
	list, err := s.Identity.Certificates(ctx, []string{k.Party.ID})
	if err != nil {
		return identity.Certificate{}, workday.Date{}, false, err
	}
	for _, c := range list {
		if c.Type != item.Result.CertificateType || c.State != "valid" || c.ValidTo == "" || c.IssuedAt.After(k.SubmittedAt) {
			continue
		}
		end, err := workday.Parse(c.ValidTo)
		return c, end, err == nil, nil
	}
	return identity.Certificate{}, workday.Date{}, false, nil
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
	_, end, ok, err := s.expiring(ctx, &k, item)
	if err != nil || !ok || s.Clock.Now().Before(workday.EndOf(end)) || workday.DateOf(k.SubmittedAt).After(end.AddDays(-RenewalAsked)) {
		return err
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
