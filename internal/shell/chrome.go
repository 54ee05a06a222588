package shell

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue/catalogueweb"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

// Cookies of the display settings.
const (
	themeCookie = "tongban_theme" // dark
	elderCookie = "tongban_elder" // on
	textCookie  = "tongban_text"  // large
)

// Chrome adds what the layout shows to the context of a request.
func (s *Shell) Chrome(ctx context.Context, r *http.Request) (context.Context, error) {
	actor := auth.From(ctx)
	c := view.Chrome{
		Path: here(r), Staff: actor.Kind == auth.Staff, BaseURL: s.BaseURL,
		Dark: cookie(r, themeCookie) == "dark", Elder: cookie(r, elderCookie) == "on", LargeText: cookie(r, textCookie) == "large",
	}
	s.place(ctx, &c)
	if r.URL.Path != "/progress" {
		if _, total := s.Progress(); total > 0 {
			c.Progress = "/progress"
		}
	}
	g, err := s.glance(ctx, r, actor)
	if err != nil {
		return nil, err
	}
	c.User, c.Unread = g.name.For(ctx), g.unread
	if c.CanCart = catalogueweb.MayCart(actor); c.CanCart {
		if c.Cart = g.cart; actor.Kind != auth.Person {
			if c.Cart, err = catalogueweb.Cart(ctx, s.Catalogue, s.Sessions, actor); err != nil {
				return nil, err
			}
		}
	}
	if actor.Kind == auth.Staff {
		c.Post = s.postOf(ctx, actor)
		c.Nav = mark(append(staffNav(actor, g.counts), s.samples(actor)...), r.URL.Path)
		c.PortalNav = mark(portalNav(actor, nil), section(r.URL.Path))
	} else {
		c.Nav = mark(portalNav(actor, g.counts), section(r.URL.Path))
	}
	if looked(r) {
		c.Flash = s.Sessions.PopFlash(ctx)
	}
	return view.WithChrome(ctx, c), nil
}

// place is where we are: the first hall answers the phone of the whole site.
func (s *Shell) place(ctx context.Context, c *view.Chrome) {
	d := s.Identity.Directory()
	if len(d.Halls) == 0 {
		return
	}
	h := d.Halls[0]
	c.Zone, c.HelpPhone, c.HelpHours = d.Region(h.Region).Name.For(ctx), h.Phone, h.Hours.For(ctx)
}

// postOf is where a member of staff works.
func (s *Shell) postOf(ctx context.Context, a auth.Actor) string {
	if len(a.Posts) == 0 {
		return ""
	}
	return s.Identity.Directory().Place(a.Posts[0]).For(ctx)
}

func cookie(r *http.Request, name string) string {
	if c, err := r.Cookie(name); err == nil {
		return c.Value
	}
	return ""
}

// here is the address of the page, where the switches come back to: of a form
// that was sent, the page that it stands on.
func here(r *http.Request) string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return r.URL.RequestURI()
	}
	if local := referer(r); local != "" {
		return local
	}
	return "/"
}

// referer is the page of this site that a request came from, "" for none.
func referer(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host || !strings.HasPrefix(u.Path, "/") {
		return ""
	}
	return u.RequestURI()
}

// looked says that a person will look at the answer: a page, no image, no
// fragment, no command.
func looked(r *http.Request) bool {
	if r.Method != http.MethodGet || view.IsFragment(r) {
		return false
	}
	switch r.URL.Path {
	case "/qr", "/robots.txt", "/favicon.ico", "/progress":
		return false
	}
	accept := r.Header.Get("Accept")
	return accept == "" || strings.Contains(accept, "text/html") || strings.HasPrefix(accept, "*/*")
}

// glance is what the frame shows of an account.
type glance struct {
	at     time.Time
	name   i18n.Text
	unread int
	counts map[cases.ListName]int
	cart   []string
}

// glances keeps what was counted for a few seconds.
type glances struct {
	mu  sync.Mutex
	all map[string]glance
}

const (
	glanceAge  = 4 * time.Second
	glanceMost = 10_000 // accounts; then everything is counted anew
)

func (g *glances) get(account string) (glance, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	x, ok := g.all[account]
	return x, ok
}

func (g *glances) put(account string, x glance) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.all == nil || len(g.all) >= glanceMost {
		g.all = map[string]glance{}
	}
	g.all[account] = x
}

func (g *glances) drop(account string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.all, account)
}

// glance counts for a page that is looked at. A command drops what was kept,
// and shows it once more should its form be rejected.
func (s *Shell) glance(ctx context.Context, r *http.Request, actor auth.Actor) (glance, error) {
	if actor.Kind != auth.Person && actor.Kind != auth.Staff {
		return glance{}, nil
	}
	old, ok := s.glances.get(actor.ID)
	now := s.Clock.Now()
	switch age := now.Sub(old.at); {
	case !looked(r):
		if r.Method == http.MethodPost && r.Header.Get("X-Autosave") == "" {
			s.glances.drop(actor.ID)
		}
		if !ok {
			old.name = i18n.Text{ZH: actor.Name}
		}
		return old, nil
	case ok && age > 0 && age < glanceAge: // under a clock that stands still, count each time
		return old, nil
	}
	fresh := glance{at: now, name: s.Identity.NameOf(ctx, actor.ID)}
	var err error
	if fresh.unread, err = s.Notify.Unread(ctx, actor.ID); err != nil {
		return glance{}, err
	}
	if lists := Counted(actor); len(lists) > 0 {
		if fresh.counts, err = s.Cases.Counts(ctx, actor, lists...); err != nil {
			return glance{}, err
		}
	}
	if fresh.cart, err = catalogueweb.Cart(ctx, s.Catalogue, s.Sessions, actor); err != nil {
		return glance{}, err
	}
	s.glances.put(actor.ID, fresh)
	return fresh, nil
}
