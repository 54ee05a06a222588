package feedbackweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/feedback"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

type ratingsPage struct {
	Filter    feedback.Filter
	Result    page.Result[feedback.Rating]
	Shown     feedback.Summary // of this view
	ToRectify int
	Directory *identity.Directory
	Now       time.Time
}

// ratings lists what the reader's department or region was told.
func (p *Pages) ratings(w http.ResponseWriter, r *http.Request) error {
	ctx, actor, q := r.Context(), auth.From(r.Context()), r.URL.Query()
	f := feedback.Filter{ToRectify: q.Get("show") == "bad", Department: q.Get("department"), Item: q.Get("item"), Request: page.Request{After: q.Get("after")}}
	rows, err := p.Service.Ratings(ctx, actor, f)
	if err != nil {
		return err
	}
	shown, err := p.Service.Overview(ctx, actor, f)
	if err != nil {
		return err
	}
	bad := f
	bad.ToRectify = true
	open, err := p.Service.Overview(ctx, actor, bad)
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, ratingList(ratingsPage{f, rows, shown, open.N, p.Identity.Directory(), p.Clock.Now()}))
}

// href is the list with another view or from another row on.
func (p ratingsPage) href(bad bool, after string) string {
	q := url.Values{}
	for name, v := range map[string]string{"department": p.Filter.Department, "item": p.Filter.Item, "after": after} {
		if v != "" {
			q.Set(name, v)
		}
	}
	if bad {
		q.Set("show", "bad")
	}
	if len(q) == 0 {
		return "/work/ratings"
	}
	return "/work/ratings?" + q.Encode()
}

func (p ratingsPage) tabs(ctx context.Context) []view.Tab {
	return []view.Tab{
		{Href: p.href(false, ""), Text: i18n.T(ctx, "feedback.work.all"), Active: !p.Filter.ToRectify},
		{Href: p.href(true, ""), Text: i18n.T(ctx, "feedback.work.bad"), Count: p.ToRectify, Active: p.Filter.ToRectify},
	}
}

// filtered says to what the list is narrowed, "" for nothing.
func (p ratingsPage) filtered(ctx context.Context) string {
	switch {
	case p.Filter.Item != "" && len(p.Result.Rows) > 0:
		return p.Result.Rows[0].ItemName.For(ctx)
	case p.Filter.Item != "":
		return p.Filter.Item
	case p.Filter.Department != "":
		return p.Directory.Department(p.Filter.Department).Name.For(ctx)
	default:
		return ""
	}
}

// lead says in numbers what the list says in rows.
func (p ratingsPage) lead(ctx context.Context) string {
	s := p.Shown
	if s.N == 0 || p.Filter.ToRectify {
		return ""
	}
	return i18n.T(ctx, "feedback.work.lead", "n", s.N, "average", strconv.FormatFloat(s.Average(), 'f', 1, 64), "share", s.Share(5)+s.Share(4))
}

// reasons are the ticked boxes in words.
func reasons(ctx context.Context, r feedback.Rating) string {
	out := make([]string, len(r.Reasons))
	for i, c := range r.Reasons {
		out[i] = i18n.T(ctx, "feedback.reason."+c)
	}
	return strings.Join(out, i18n.T(ctx, "view.file.comma"))
}

// late says that the author of a bad rating should have been called by now.
func (p ratingsPage) late(r feedback.Rating) bool {
	return !r.ContactDueAt.IsZero() && !p.Now.Before(r.ContactDueAt)
}

// contact says by when the author of a bad rating is to be called.
func (p ratingsPage) contact(ctx context.Context, r feedback.Rating) string {
	switch {
	case r.ContactDueAt.IsZero():
		return i18n.T(ctx, "feedback.work.anonymous")
	case p.late(r):
		return i18n.T(ctx, "feedback.work.contact_over", "day", i18n.ShortDate(r.ContactDueAt.Add(-time.Millisecond)))
	default:
		return i18n.T(ctx, "feedback.work.contact", "day", i18n.ShortDate(r.ContactDueAt.Add(-time.Millisecond)))
	}
}

// hall is where the case was received, "" for nowhere.
func (p ratingsPage) hall(ctx context.Context, r feedback.Rating) string {
	h, _ := p.Directory.Hall(r.HallID)
	return h.Name.For(ctx)
}

func levelKey(score int) string { return "view.stars." + strconv.Itoa(score) }

func rateLead(ctx context.Context, i feedback.Invitation) string {
	return i18n.T(ctx, "feedback.rate.lead."+string(i.Moment), "item", i.ItemName, "number", i.CaseNumber)
}

func nextOf(p ratingsPage) string {
	if p.Result.Next == "" {
		return ""
	}
	return p.href(p.Filter.ToRectify, p.Result.Next)
}
