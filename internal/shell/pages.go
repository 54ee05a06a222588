package shell

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/skip2/go-qrcode"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/view"
)

// halls shows where to go.
func (s *Shell) halls(w http.ResponseWriter, r *http.Request) error {
	return view.Render(w, r, http.StatusOK, hallsView(s.Identity.Directory()))
}

// help says how to use the site and whom to call.
func (s *Shell) help(w http.ResponseWriter, r *http.Request) error {
	return view.Render(w, r, http.StatusOK, helpView(s.Catalogue.Shelves()))
}

const feedSize = 20

// feedPage is what was told to the reader.
type feedPage struct {
	Messages []notify.Message
	First    bool   // page
	Next     string // address
	Unread   int
	Shell    *Shell
}

// feed shows what was told to the reader, newest first.
func (s *Shell) feed(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, actor := r.Context(), auth.From(r.Context())
	after := f.Value("after")
	list, err := s.Notify.Feed(ctx, actor.ID, page.Request{After: after, Size: feedSize})
	if err != nil {
		return err
	}
	p := feedPage{Messages: list.Rows, First: after == "", Unread: view.ChromeOf(ctx).Unread, Shell: s}
	if list.Next != "" {
		p.Next = "/my/feed?after=" + list.Next
	}
	return view.Render(w, r, http.StatusOK, feedView(p, actor.Kind == auth.Staff))
}

// feedOpen leads to what a message is about; it counts as read from then on.
func (s *Shell) feedOpen(w http.ResponseWriter, r *http.Request) error {
	actor := auth.From(r.Context())
	link, ok, err := s.Notify.Open(r.Context(), actor.ID, r.PathValue("id"))
	if err != nil {
		return err
	}
	if !ok {
		return httpx.ErrNotFound
	}
	s.glances.drop(actor.ID)
	return httpx.SeeOther(w, r, link)
}

// feedRead marks what was shown as read.
func (s *Shell) feedRead(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if err := s.Notify.MarkRead(r.Context(), auth.From(r.Context()).ID, f.Text("up_to", form.Max(64))); err != nil {
		return err
	}
	return httpx.SeeOther(w, r, "/my/feed")
}

// statusDone tells htmx to ask no more.
const statusDone = 286

// progress says how far the filling of a demonstration is: as a fragment for
// the head of every page, and as a page that comes again by itself.
func (s *Shell) progress(w http.ResponseWriter, r *http.Request) error {
	done, total := s.Progress()
	if view.IsFragment(r) {
		status := http.StatusOK
		if total == 0 {
			status = statusDone
		}
		return view.Render(w, r, status, progressBar(done, total))
	}
	if total > 0 {
		w.Header().Set("Refresh", "3")
	}
	return view.Render(w, r, http.StatusOK, progressView(done, total))
}

const year = 365 * 24 * time.Hour

// appearance remembers the display settings: only the switch that was pressed.
func (s *Shell) appearance(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	for field, c := range map[string]struct{ cookie, on string }{"theme": {themeCookie, "dark"}, "elder": {elderCookie, "on"}, "text": {textCookie, "large"}} {
		if v := f.Value(field); v == c.on {
			s.remember(w, c.cookie, v, year)
		} else if v != "" {
			s.remember(w, c.cookie, "", -1)
		}
	}
	if l, ok := i18n.Parse(f.Value("locale")); ok {
		s.remember(w, httpx.LocaleCookie, string(l), year)
		if err := s.Identity.SetLocale(r.Context(), auth.From(r.Context()), l); err != nil {
			return err
		}
	}
	return httpx.SeeOther(w, r, httpx.LocalPath(f.Value("back"), "/"))
}

func (s *Shell) remember(w http.ResponseWriter, name, value string, keep time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(keep / time.Second), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(s.BaseURL, "https://"),
	})
}

const (
	longestPath = 500 // characters in a QR code, so that it stays readable for a camera
	qrPixels    = 240
)

// qr draws the address of a page of this site, to go on by phone.
func (s *Shell) qr(w http.ResponseWriter, r *http.Request) error {
	path := r.URL.Query().Get("path")
	if httpx.LocalPath(path, "") == "" || len(path) > longestPath {
		return httpx.ErrNotFound
	}
	png, err := qrcode.Encode(strings.TrimSuffix(s.BaseURL, "/")+path, qrcode.Medium, qrPixels)
	if err != nil {
		return fmt.Errorf("shell: qr: %w", err)
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "private, max-age=86400")
	_, _ = w.Write(png) // a reader who left is no error of ours
	return nil
}

// robots keeps search engines to what is for everybody.
func (s *Shell) robots(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	_, _ = fmt.Fprint(w, "User-agent: *\nDisallow: /my\nDisallow: /work\nDisallow: /admin\nDisallow: /search\nDisallow: /qr\nDisallow: /cart\nDisallow: /track\nDisallow: /verify\nDisallow: /api\n\nSitemap: "+strings.TrimSuffix(s.BaseURL, "/")+"/sitemap.xml\n")
	return nil
}

// favicon is for browsers that ask without looking at the page.
func favicon(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, view.Asset(r.Context(), "favicon.svg"), http.StatusFound)
	return nil
}
