package shell

import (
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/budget"
	"github.com/tongban/tongban/internal/care"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/retention"
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/feedback"
	"github.com/tongban/tongban/internal/identity/certs"
	"github.com/tongban/tongban/internal/identity/claimweb"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/identity/dossierweb"
	"github.com/tongban/tongban/internal/matching/grant"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/policyweb"
	"github.com/tongban/tongban/internal/matching/push"
	"github.com/tongban/tongban/internal/matching/tier"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

// portalNav is the navigation of visitors and applicants.
func portalNav(a auth.Actor, counts map[cases.ListName]int) []view.NavItem {
	nav := []view.NavItem{{Href: "/", Key: "view.home"}, {Href: "/shelves", Key: "shell.nav.shelves"}, {Href: "/policies", Key: "policy.nav"}}
	if a.Kind != auth.Staff {
		nav = append(nav, view.NavItem{Href: "/my/cases", Key: "shell.nav.my", Count: counts[cases.ListNeedsMe]})
	}
	if a.Kind == auth.Person {
		nav = append(nav, view.NavItem{Href: "/my/appointments", Key: "queue.nav.my"})
	}
	if a.Kind != auth.Person { // who is signed in follows his cases in his own list
		nav = append(nav, view.NavItem{Href: "/track", Key: "shell.nav.track"})
	}
	return append(nav, view.NavItem{Href: "/halls", Key: "shell.nav.halls"})
}

// workers are the roles that see cases.
var workers = []auth.Role{auth.Clerk, auth.Handler, auth.Approver, auth.Commissioner, auth.Head, auth.Leader}

// listIcons are the icons of the lists of the workbench.
var listIcons = map[cases.ListName]string{
	cases.ListToAccept: "inbox", cases.ListToDeliver: "package", cases.ListMine: "list-check", cases.ListGroup: "users-group", cases.ListWaiting: "user",
	cases.ListMessages: "message", cases.ListOthers: "arrows-exchange", cases.ListSpecial: "player-pause", cases.ListStalled: "hand-stop", cases.ListDoneUs: "clipboard-check",
	cases.ListNear: "clock", cases.ListOverdue: "alert-triangle", cases.ListDone: "history", cases.ListToVerify: "shield-check", cases.ListAll: "file-text",
}

// staffLists are the lists of an actor, those of the window apart.
func staffLists(a auth.Actor) (window, desk []cases.ListName) {
	if a.Has(auth.Clerk) {
		window = []cases.ListName{cases.ListToAccept, cases.ListToDeliver}
	}
	if a.Has(auth.Handler, auth.Approver) {
		desk = []cases.ListName{cases.ListMine, cases.ListGroup}
	}
	if a.Has(workers...) {
		if a.Has(auth.Clerk, auth.Handler, auth.Approver, auth.Head) {
			desk = append(desk, cases.ListMessages, cases.ListWaiting, cases.ListOthers)
		} else {
			desk = append(desk, cases.ListWaiting)
		}
		desk = append(desk, cases.ListSpecial, cases.ListStalled, cases.ListNear, cases.ListOverdue, cases.ListToVerify, cases.ListDone)
		if a.Has(auth.Clerk, auth.Handler, auth.Approver, auth.Head) {
			desk = append(desk, cases.ListDoneUs)
		}
		desk = append(desk, cases.ListAll)
	}
	return window, desk
}

// Counted are the lists whose length says that there is something to do.
func Counted(a auth.Actor) []cases.ListName {
	if a.Kind == auth.Person {
		return []cases.ListName{cases.ListNeedsMe}
	}
	window, desk := staffLists(a)
	return slices.DeleteFunc(slices.Concat(window, desk), func(l cases.ListName) bool {
		return slices.Contains([]cases.ListName{cases.ListOthers, cases.ListSpecial, cases.ListDone, cases.ListDoneUs, cases.ListAll}, l)
	})
}

func listPath(l cases.ListName) string { return "/work/lists/" + string(l) }

// staffNav is the navigation of the workbench: what the posts of the actor are for.
func staffNav(a auth.Actor, counts map[cases.ListName]int) []view.NavItem {
	window, desk := staffLists(a)
	nav := []view.NavItem{{Href: "/work", Key: "shell.nav.overview", Icon: "home"}}
	group := func(key string, items ...view.NavItem) {
		if len(items) > 0 {
			items[0].Group = key
			nav = append(nav, items...)
		}
	}
	lists := func(names []cases.ListName) []view.NavItem {
		out := make([]view.NavItem, len(names))
		for i, l := range names {
			out[i] = view.NavItem{Href: listPath(l), Key: "work.list." + string(l), Icon: listIcons[l], Count: counts[l]}
		}
		return out
	}
	if len(window) > 0 {
		group("shell.nav.window", append([]view.NavItem{{Href: "/work/desk", Key: "work.desk.title", Icon: "users"}, {Href: "/work/queue", Key: "queue.nav.desk", Icon: "ticket"}}, append(lists(window), view.NavItem{Href: "/work/password-code", Key: "factor.window.nav", Icon: "key"})...)...)
	}
	group("shell.nav.cases", lists(desk)...)
	var more []view.NavItem
	if a.Has(certs.Staff...) {
		more = append(more, view.NavItem{Href: "/work/certificates", Key: "certs.title", Icon: "certificate"})
	}
	if a.Has(auth.Handler, auth.Approver, auth.Head, auth.Leader) {
		more = append(more, view.NavItem{Href: "/work/credit", Key: "credit.work.title", Icon: "star"})
	}
	if a.Has(talk.Keepers...) {
		more = append(more, view.NavItem{Href: "/work/phrases", Key: "shell.nav.phrases", Icon: "copy"})
	}
	if a.Has(auth.Handler, auth.Approver) {
		more = append(more, view.NavItem{Href: "/work/deputies", Key: "shell.nav.deputies", Icon: "users-group"})
	}
	if a.Has(feedback.Readers...) {
		more = append(more, view.NavItem{Href: "/work/ratings", Key: "shell.nav.ratings", Icon: "star"})
	}
	if a.Has(auth.Commissioner) {
		more = append(more, view.NavItem{Href: "/work/certificates/ending", Key: "certs.ending.title", Icon: "calendar-due"})
		more = append(more, view.NavItem{Href: "/care/firms", Key: "shell.nav.firms", Icon: "heart-handshake"})
	} else if a.Has(care.Readers...) {
		more = append(more, view.NavItem{Href: "/care/firms", Key: "shell.nav.firms_all", Icon: "heart-handshake"})
	}
	if a.Has(tier.Readers...) {
		more = append(more, view.NavItem{Href: "/work/tiers", Key: "tier.nav.work", Icon: "stairs-up"})
	}
	if dossier.Keeps(a) {
		more = append(more, view.NavItem{Href: dossierweb.DeskPath, Key: "dossier.nav", Icon: "clipboard-check"})
	}
	if dossier.Verifies(a) {
		more = append(more, view.NavItem{Href: claimweb.DeskPath, Key: "claim.nav", Icon: "id"})
	}
	if dossier.Imports(a) {
		more = append(more, view.NavItem{Href: dossierweb.SheetsPath, Key: "dossier.sheet.nav", Icon: "upload"})
	}
	if a.Has(grant.Readers...) {
		more = append(more, view.NavItem{Href: "/work/grants", Key: "grant.nav", Icon: "clipboard-check"})
	}
	if a.Has(push.Desk...) {
		more = append(more, view.NavItem{Href: "/work/candidates", Key: "push.looking.title", Icon: "bulb"})
	}
	if a.Has(push.Watchers...) {
		more = append(more, view.NavItem{Href: "/work/push", Key: "push.told.title", Icon: "send"})
	}
	if a.Has(policy.Keepers...) {
		more = append(more, view.NavItem{Href: policyweb.DeskPath, Key: "policy.desk.title", Icon: "discount"})
	}
	if a.Has(budget.Readers...) {
		more = append(more, view.NavItem{Href: "/work/funds", Key: "budget.nav", Icon: "coin-yuan"})
	}
	if a.Has(auth.Leader, auth.Head) {
		more = append(more, view.NavItem{Href: "/work/board", Key: "board.title", Icon: "users-group"})
		more = append(more, view.NavItem{Href: "/work/queue/figures", Key: "queue.nav.figures", Icon: "clock"})
		more = append(more, view.NavItem{Href: "/lead", Key: "shell.nav.lead", Icon: "chart-bar"})
	}
	group("shell.nav.more", more...)
	group("shell.nav.admin", adminNav(a)...)
	return nav
}

// adminNav are the administration pages that the actor may use.
func adminNav(a auth.Actor) []view.NavItem {
	var out []view.NavItem
	if a.Has(auth.CatalogueAdmin) {
		out = append(out, view.NavItem{Href: "/admin/items", Key: "shell.nav.items", Icon: "cards"}, view.NavItem{Href: "/admin/import", Key: "shell.nav.import", Icon: "upload"})
		out = append(out, view.NavItem{Href: "/admin/catalogue/report", Key: "shell.nav.report", Icon: "clipboard-check"}, view.NavItem{Href: "/admin/catalogue/words", Key: "shell.nav.words", Icon: "search"},
			view.NavItem{Href: "/admin/catalogue/life-events", Key: "shell.nav.life_events", Icon: "bulb"})
	}
	if a.Has(auth.SystemAdmin) {
		out = append(out, view.NavItem{Href: "/admin/halls", Key: "queue.setup.title", Icon: "ticket"})
		out = append(out, view.NavItem{Href: "/admin/clients", Key: "shell.nav.clients", Icon: "key"},
			view.NavItem{Href: "/admin/calendar", Key: "shell.nav.calendar", Icon: "calendar"}, view.NavItem{Href: "/admin/notices", Key: "shell.nav.notices", Icon: "send"},
			view.NavItem{Href: "/admin/quotas", Key: "shell.nav.quotas", Icon: "database"})
	}
	if a.Has(retention.Readers...) {
		out = append(out, view.NavItem{Href: "/admin/retention", Key: "retention.nav", Icon: "history"})
	}
	if a.Has(auth.SystemAdmin, auth.SecurityAdmin, auth.AuditAdmin) {
		out = append(out, view.NavItem{Href: "/admin/staff", Key: "shell.nav.staff", Icon: "id"}, view.NavItem{Href: "/admin/posts", Key: "organisation.proposals.title", Icon: "clipboard-check"},
			view.NavItem{Href: "/admin/departments", Key: "organisation.department.title", Icon: "building"},
			view.NavItem{Href: "/admin/groups", Key: "organisation.group.title", Icon: "users"})
	}
	if a.Has(auth.SecurityAdmin) {
		out = append(out, view.NavItem{Href: "/work/certificate-complaints", Key: "certs.complaints.title", Icon: "message"})
		out = append(out, view.NavItem{Href: "/admin/factors", Key: "factor.nav", Icon: "lock"})
	}
	if a.Has(cases.Explainers...) {
		out = append(out, view.NavItem{Href: "/admin/rights", Key: "shell.nav.rights", Icon: "list-check"})
	}
	if a.Has(auth.SecurityAdmin, auth.AuditAdmin) {
		out = append(out, view.NavItem{Href: "/admin/audit", Key: "shell.nav.audit", Icon: "shield-check"})
	}
	return out
}

// section is where a page of the portal belongs in its navigation: all that
// shows the catalogue is finding services.
func section(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if slices.Contains([]string{"guide", "search", "themes", "items", "departments", "changes"}, first) {
		return "/shelves"
	}
	return path
}

// mark makes the entry active that the path lies closest below.
func mark(nav []view.NavItem, path string) []view.NavItem {
	best := -1
	for i, n := range nav {
		exact := n.Href == "/" || n.Href == "/work"
		if path == n.Href || !exact && strings.HasPrefix(path, n.Href+"/") {
			if best < 0 || len(n.Href) > len(nav[best].Href) {
				best = i
			}
		}
	}
	if best >= 0 {
		nav[best].Active = true
	}
	return nav
}
