package notifyweb

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/view"
)

// preferencesPage is what the reader wants to be told how.
type preferencesPage struct {
	f       *form.Form
	staff   bool
	contact notify.Contact
	version int
}

// settings is where the menu leads.
func (p *Pages) settings(w http.ResponseWriter, r *http.Request) error {
	return httpx.SeeOther(w, r, notify.PreferencesPath)
}

// wayField is the checkbox of a class and a way.
func wayField(c notify.Class, w notify.Way) string { return string(c) + "." + string(w) }

func (p *Pages) preferences(w http.ResponseWriter, r *http.Request) error {
	x, err := p.Notify.Preferences(r.Context(), auth.From(r.Context()).ID)
	if err != nil {
		return err
	}
	return p.show(w, r, formOf(x), x.Version)
}

// formOf fills the form from the preferences.
func formOf(x notify.Preferences) *form.Form {
	kv := []string{
		"quiet_from", clockOf(x.QuietFrom), "quiet_to", clockOf(x.QuietTo), "digest", x.Digest,
		"hour", strconv.Itoa(x.Hour), "weekday", strconv.Itoa(int(x.Weekday)),
	}
	for _, c := range notify.Classes {
		for _, way := range notify.Ways {
			if x.Wants(c, way) {
				kv = append(kv, wayField(c, way), "on")
			}
		}
	}
	return form.New(kv...)
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, f *form.Form, version int) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	c, err := p.Notify.ContactOf(ctx, actor.ID)
	if err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), preferencesView(preferencesPage{f: f, staff: actor.Kind == auth.Staff, contact: c, version: version}))
}

func (p *Pages) setPreferences(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	version := int(f.Int("version", 0, 1<<31, false))
	in := notify.Preferences{
		Ways: map[notify.Class][]notify.Way{}, Digest: f.Text("digest", form.Required, form.OneOf(notify.Rhythms...)), Version: version,
		Hour: int(f.Int("hour", 0, 23, true)), Weekday: time.Weekday(f.Int("weekday", 0, 6, false)),
		QuietFrom: minutes(f, "quiet_from"), QuietTo: minutes(f, "quiet_to"),
	}
	for _, c := range notify.Classes {
		for _, way := range notify.Ways {
			if f.Bool(wayField(c, way)) {
				in.Ways[c] = append(in.Ways[c], way)
			}
		}
	}
	if f.OK() {
		err := p.Notify.SetPreferences(r.Context(), auth.From(r.Context()).ID, in)
		if err == nil {
			p.Sessions.Flash(r.Context(), "notices.saved")
			return httpx.SeeOther(w, r, notify.PreferencesPath)
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.show(w, r, f, version)
}

// minutes reads a time of day.
func minutes(f *form.Form, name string) int {
	s := f.Text(name, form.Required, form.Max(5))
	t, err := time.Parse("15:04", s)
	if err != nil && s != "" {
		f.Complain(name, notify.ErrPreference.Code, nil)
	}
	return t.Hour()*60 + t.Minute()
}

func clockOf(m int) string { return fmt.Sprintf("%02d:%02d", m/60, m%60) }

// unsubscribePage asks before it switches off: mail programs open links by
// themselves, so looking must change nothing.
type unsubscribePage struct {
	class notify.Class
	token string
	done  bool
}

func (p *Pages) unsubscribeAsk(w http.ResponseWriter, r *http.Request) error {
	_, c, err := p.Notify.Unsubscribable(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, unsubscribeView(unsubscribePage{class: c, token: r.PathValue("token")}))
}

// unsubscribe takes the one click of RFC 8058 and that of the page.
func (p *Pages) unsubscribe(w http.ResponseWriter, r *http.Request) error {
	c, err := p.Notify.Unsubscribe(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, unsubscribeView(unsubscribePage{class: c, done: true}))
}

// report takes what the gateway says; programs get no page.
func (p *Pages) report(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = p.Notify.Report(r.Context(), r.Header.Get("X-Tongban-Time"), r.Header.Get("X-Tongban-Signature"), body)
	}
	if err != nil {
		httpx.WriteProblem(w, r, err)
		return nil
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// deadSize is how many dead letters a page shows.
const deadSize = 50

type deadPage struct {
	list          []notify.Dead
	next          string
	waiting, dead int
	outbox        bool
	tell          func(notify.Message) string
}

func (p *Pages) dead(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	d := deadPage{outbox: p.Outbox != nil, tell: func(m notify.Message) string {
		title, _ := p.Notify.Text(i18n.LocaleOf(ctx), m)
		return title
	}}
	var err error
	if d.waiting, d.dead, err = p.Notify.Counts(ctx, actor); err != nil {
		return err
	}
	if d.list, err = p.Notify.Dead(ctx, actor, r.URL.Query().Get("after"), deadSize+1); err != nil {
		return err
	}
	if len(d.list) > deadSize {
		d.list = d.list[:deadSize]
		d.next = "/admin/notices?after=" + d.list[deadSize-1].ID
	}
	return view.Render(w, r, http.StatusOK, deadView(d))
}

func (p *Pages) again(w http.ResponseWriter, r *http.Request) error {
	if err := p.Notify.Resend(r.Context(), auth.From(r.Context()), r.PathValue("id")); err != nil {
		return err
	}
	p.Sessions.Flash(r.Context(), "notices.dead.again_done")
	return httpx.SeeOther(w, r, "/admin/notices")
}

// outbox shows what a demonstration would have sent.
func (p *Pages) outbox(w http.ResponseWriter, r *http.Request) error {
	if p.Outbox == nil {
		return httpx.ErrNotFound
	}
	return view.Render(w, r, http.StatusOK, outboxView(p.Outbox.Sent()))
}

func masked(way notify.Way, address string) string {
	if way == notify.BySMS {
		return idcode.MaskPhone(address)
	}
	return idcode.MaskEmail(address)
}

func rhythms(ctx context.Context) []view.Opt {
	out := make([]view.Opt, len(notify.Rhythms))
	for i, x := range notify.Rhythms {
		out[i] = view.Opt{Value: x, Label: i18n.T(ctx, "notices.digest."+x)}
	}
	return out
}

func weekdays(ctx context.Context) []view.Opt {
	var out []view.Opt
	for _, d := range []int{1, 2, 3, 4, 5, 6, 0} {
		out = append(out, view.Opt{Value: strconv.Itoa(d), Label: i18n.T(ctx, "notices.weekday."+strconv.Itoa(d))})
	}
	return out
}

func hours() []view.Opt {
	out := make([]view.Opt, 24)
	for h := range out {
		out[h] = view.Opt{Value: strconv.Itoa(h), Label: clockOf(h * 60)}
	}
	return out
}

func (d preferencesPage) ins(ctx context.Context) []view.In {
	return []view.In{
		{Name: "digest", Label: i18n.T(ctx, "notices.digest"), Hint: i18n.T(ctx, "notices.digest_hint"), Options: rhythms(ctx)},
		{Name: "hour", Label: i18n.T(ctx, "notices.hour"), Options: hours(), Width: "xs"},
		{Name: "weekday", Label: i18n.T(ctx, "notices.weekday"), Options: weekdays(ctx), Width: "xs"},
		{Name: "quiet_from", Label: i18n.T(ctx, "notices.quiet_from"), Type: "time", Width: "xs"},
		{Name: "quiet_to", Label: i18n.T(ctx, "notices.quiet_to"), Type: "time", Width: "xs"},
	}
}

// reach is where a way leads, masked.
func (d preferencesPage) reach(ctx context.Context, w notify.Way) string {
	address, none := d.contact.Mail, "notices.no_mail"
	if w == notify.BySMS {
		address, none = d.contact.Phone, "notices.no_sms"
	}
	if address == "" {
		return i18n.T(ctx, none)
	}
	return masked(w, address)
}

func (d preferencesPage) label(ctx context.Context, c notify.Class, w notify.Way) string {
	return strings.Join([]string{i18n.T(ctx, "notices.class."+string(c)), i18n.T(ctx, "notices.way."+string(w))}, " · ")
}
