package identityweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/identity/personal"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/view"
)

// auditRow is an entry as auditors read it: who, what and why, without what
// would name a citizen.
type auditRow struct {
	ID                 string
	At                 time.Time
	Kind, Who, Actor   string
	Action, ActionName string // code, and what it is called
	Object, ObjectWord string
	OnBehalf           string
	Reason, Change     string
	From, Hash         string
}

type auditPage struct {
	Form     *form.Form
	Rows     []auditRow
	Next     string
	Filtered bool
}

// auditLog lists who did what, newest first.
func (p *Pages) auditLog(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	limit := page.Request{}.Limit()
	filter := audit.Filter{Object: f.Text("object", form.Max(100)), Actor: f.Text("actor", form.Max(100)), Action: f.Text("action", form.Max(100)), Before: f.Text("before", form.Max(36)), Limit: limit + 1}
	entries, err := p.Audit.List(ctx, filter)
	if err != nil {
		return err
	}
	list := page.Cut(entries, limit, func(e audit.Entry) string { return e.ID })
	v := auditPage{
		Form: f, Filtered: filter.Object != "" || filter.Actor != "" || filter.Action != "",
		Next: nextPage("/admin/audit", f, "before", list.Next, "object", "actor", "action"),
	}
	for _, e := range list.Rows {
		v.Rows = append(v.Rows, auditLine(ctx, e))
	}
	return view.Render(w, r, http.StatusOK, auditView(v))
}

func auditLine(ctx context.Context, e audit.Entry) auditRow {
	kind, _, _ := strings.Cut(e.Actor, ":")
	row := auditRow{
		ID: e.ID, At: e.At, Kind: i18n.T(ctx, "identity.kind."+kind), Who: e.Name, Actor: e.Actor, Action: e.Action, ActionName: actionName(ctx, e.Action), Object: e.Object, ObjectWord: shortObject(e.Object),
		OnBehalf: e.OnBehalf, Reason: personal.MaskText(e.Reason), Change: personal.MaskText(e.Change), From: e.From, Hash: e.Hash,
	}
	switch auth.Kind(kind) {
	case auth.Person:
		row.Who = personal.Shown(personal.Name, personal.List, personal.Reader{}, e.Name)
	case auth.System:
		row.Who = ""
	}
	return row
}

// actionName is what an action is called; "" for one that this version does not
// write any more.
func actionName(ctx context.Context, action string) string {
	key := "audit.action." + action
	if name := i18n.T(ctx, key); name != key {
		return name
	}
	return ""
}

// shortObject keeps the kind and the end of an id, which is its random part.
func shortObject(s string) string {
	kind, id, ok := strings.Cut(s, ":")
	if !ok || len(id) < 20 {
		return s
	}
	return kind + ":…" + id[len(id)-8:]
}

// auditLink is the list for one actor or one object.
func auditLink(name, value string) string {
	return "/admin/audit?" + url.Values{name: {value}}.Encode()
}

// verifyAudit walks every chain and reports the first broken link, if any.
func (p *Pages) verifyAudit(w http.ResponseWriter, r *http.Request) error {
	report, err := p.Audit.Verify(r.Context())
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, auditReportView(report))
}

// thousands puts separators into the whole part of a number.
func thousands(s string) string {
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
