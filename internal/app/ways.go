package app

import (
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/config"
	"github.com/tongban/tongban/internal/platform/notify"
)

// mailerOf and gatewayOf read the settings; the outbox takes what has no server.
func mailerOf(cfg config.Config, outbox *notify.Outbox) (notify.Mailer, error) {
	switch cfg.SMTP {
	case "":
		return nil, nil
	case config.Memory:
		return outbox.Mailer(), nil
	default:
		return notify.NewSMTP(cfg.SMTP, cfg.MailFrom)
	}
}

func gatewayOf(cfg config.Config, outbox *notify.Outbox, c clock.Clock) (notify.Gateway, error) {
	switch cfg.SMS {
	case "":
		return nil, nil
	case config.Memory:
		return outbox.Gateway(), nil
	default:
		return notify.NewHTTPGateway(cfg.SMS, cfg.SMSHeaders, cfg.SMSBody, cfg.SMSSecret, c)
	}
}

// contacts tells notify how to reach people.
type contacts struct{ *Modules }

// Contact of an account; one that is closed has none.
func (m contacts) Contact(ctx context.Context, account string) (notify.Contact, error) {
	a, err := m.Identity.Account(ctx, account)
	if err != nil || a.State == "closed" {
		return notify.Contact{}, err
	}
	if a.PhoneProvenAt.IsZero() { // only typed: it may be anybody's
		a.Phone = ""
	}
	return notify.Contact{Locale: a.Locale, Mail: a.Email, Phone: a.Phone}, nil
}

// briefing is the morning list of staff: what is near its limit or beyond, of
// their own desk, and for heads and leaders of all that they answer for.
type briefing struct {
	*Modules
	texts *i18n.Catalog
}

// briefed are the roles that get a morning list.
var briefed = []auth.Role{auth.Handler, auth.Approver, auth.Head, auth.Leader}

// Readers are the staff with a mail address.
func (m briefing) Readers(ctx context.Context) ([]string, error) {
	return m.Identity.Reachable(ctx, briefed...)
}

// Lines are those of today; none on a day off.
func (m briefing) Lines(ctx context.Context, account string) ([]notify.Line, error) {
	now := m.Clock.Now()
	actor, err := m.Identity.Actor(ctx, account)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(actor.Posts, func(p auth.Post) bool { return m.Calendar.For(p.Region, now).IsWorkday(workday.DateOf(now)) }) {
		return nil, nil
	}
	lists := []cases.ListName{cases.ListMine, cases.ListGroup}
	if actor.Has(auth.Head, auth.Leader) {
		lists = []cases.ListName{cases.ListOverdue, cases.ListNear}
	}
	var out []notify.Line
	for _, l := range lists {
		rows, err := m.Cases.List(ctx, actor, cases.Filter{List: l, Request: page.Request{Size: 50}})
		if err != nil {
			return nil, fmt.Errorf("app: briefing: %w", err)
		}
		for _, k := range rows.Rows {
			if k.Light(now) != workday.Normal {
				out = append(out, m.line(&k.Case))
			}
		}
	}
	return out, nil
}

func (m briefing) line(k *cases.Case) notify.Line {
	key := "notify.briefing.near"
	if !m.Clock.Now().Before(k.DueAt) {
		key = "notify.briefing.over"
	}
	text := func(l i18n.Locale) string {
		return m.texts.Text(l, key, "number", k.Number, "item", k.ItemName, "due", i18n.LastMoment(l, k.DueAt))
	}
	return notify.Line{Text: i18n.Text{ZH: text(i18n.Chinese), EN: text(i18n.English)}, Link: "/work/cases/" + string(k.ID)}
}

// left shows who proves an address what left for it, where nothing leaves the
// house; nil elsewhere.
func (a *App) left() func(address string) string {
	if a.Outbox == nil {
		return nil
	}
	return func(address string) string {
		x, _ := a.Outbox.LastTo(address)
		if x.Subject != "" {
			return x.Subject
		}
		return x.Text
	}
}
