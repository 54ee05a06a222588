package shell

import (
	"context"
	"net/http"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/casesweb"
	"github.com/tongban/tongban/internal/cases/talkweb"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/catalogue/catalogueweb"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// eventsShown is how many life events the home page names.
const eventsShown = 8

// popularShown is how many popular items the home page names.
const popularShown = 6

// recentShown is how many of what the reader looked at last.
const recentShown = 3

// homePage is the portal's first page.
type homePage struct {
	Firms     bool // the reader acts for one
	Shelves   []catalogue.Shelf
	Events    []catalogue.LifeEvent
	Recent    []*catalogue.Item // what the reader looked at last
	Popular   []*catalogue.Item
	Directory *identity.Directory
	SignedIn  bool
	Needs     []cases.Row // what the reader must do now
	Running   []cases.Row
	Counts    map[cases.ListName]int
	Saved     int // papers that nobody had to bring
	Shell     *Shell
}

// home is the first page: staff go to the workbench.
func (s *Shell) home(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	if actor.Kind == auth.Staff {
		if flash := view.ChromeOf(ctx).Flash; flash != "" {
			s.Sessions.Flash(ctx, flash) // for the page that is seen
		}
		return httpx.SeeOther(w, r, "/work")
	}
	recent, err := catalogueweb.Recent(s.Catalogue, r)
	if err != nil {
		return err
	}
	events := s.Catalogue.Snapshot().LifeEvents()
	h := homePage{Events: events[:min(len(events), eventsShown)], Recent: recent, Shelves: s.Catalogue.Shelves(), Popular: catalogueweb.Popular(s.Catalogue, popularShown), Directory: s.Identity.Directory(), SignedIn: actor.Kind == auth.Person, Shell: s}
	if s.Saved != nil {
		if h.Saved, err = s.Saved(ctx); err != nil {
			return err
		}
	}
	if h.SignedIn {
		if err := s.forMe(ctx, actor, &h); err != nil {
			return err
		}
	}
	return view.Render(w, r, http.StatusOK, homeView(h))
}

// forMe adds what the reader must do now and what goes on without him.
func (s *Shell) forMe(ctx context.Context, actor auth.Actor, h *homePage) error {
	h.Firms = len(actor.Firms) > 0
	needs, err := s.Cases.List(ctx, actor, cases.Filter{List: cases.ListNeedsMe, Request: page.Request{Size: 3}})
	if err != nil {
		return err
	}
	running, err := s.Cases.List(ctx, actor, cases.Filter{List: cases.ListRunning, Request: page.Request{Size: 8}})
	if err != nil {
		return err
	}
	if h.Counts, err = s.Cases.Counts(ctx, actor, cases.ListNeedsMe, cases.ListRunning); err != nil {
		return err
	}
	h.Needs = needs.Rows
	for _, row := range running.Rows {
		if !row.NeedsApplicant && row.Talk.Asked == 0 && len(h.Running) < 5 {
			h.Running = append(h.Running, row)
		}
	}
	return nil
}

// clockWords says how long is left.
func (s *Shell) clockWords(ctx context.Context, k *cases.Case) string {
	switch {
	case k.State == cases.Decided:
		return i18n.T(ctx, "shell.home.decided")
	case k.Channel == cases.ByAward:
		return i18n.T(ctx, "cases.clock.award")
	case k.AcceptedAt.IsZero():
		return i18n.T(ctx, "cases.clock.not_accepted")
	case k.Paused:
		return i18n.T(ctx, "cases.clock.paused")
	case k.DueAt.IsZero():
		return i18n.T(ctx, "cases.clock.no_limit")
	default:
		return casesweb.LeftWords(ctx, s.Cases.Calendar, s.Clock.Now(), k.DueAt)
	}
}

// rowOf shows a case of the reader; a firm's case names the firm.
func (s *Shell) rowOf(ctx context.Context, k cases.Row) view.RowView {
	note := s.clockWords(ctx, &k.Case)
	if k.NeedsApplicant {
		note = i18n.T(ctx, "shell.home.needs_note")
	} else if k.Talk.Asked > 0 {
		note = talkweb.TodoWords(ctx, k.Talk)
	}
	if k.Talk.Unread > 0 {
		note = i18n.Count(ctx, "talk.mark", k.Talk.Unread) + " · " + note
	}
	if k.Party.Kind == identity.HolderEnterprise {
		note = k.Party.Name.For(ctx) + " · " + note
	}
	word, needs := casesweb.StateWord(ctx, &k.Case)
	href := "/my/cases/" + string(k.ID)
	if k.Talk.Asked > 0 && !k.NeedsApplicant {
		href = talkweb.Path("/my", k.Talk.In)
	}
	return view.RowView{Href: href, Title: k.ItemName.For(ctx), Note: note, Side: view.Chip(word, needs)}
}

func (s *Shell) rowsOf(ctx context.Context, list []cases.Row) []view.RowView {
	out := make([]view.RowView, len(list))
	for i, k := range list {
		out[i] = s.rowOf(ctx, k)
	}
	return out
}
