// Package view holds the layouts and the parts that every page is made of:
// portal, workbench and print layout, inputs, chips, clocks, timelines.
//
// A page is rendered into a buffer before its first byte is sent. The parts
// know no module: what the navigation shows comes in through Chrome.
package view

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"sync"

	"github.com/a-h/templ"
)

//go:embed assets
var embedded embed.FS

// Assets is everything below /assets/.
func Assets() fs.FS {
	sub, err := fs.Sub(embedded, "assets")
	if err != nil {
		panic("view: " + err.Error()) // the folder is embedded above
	}
	return sub
}

// Chrome is what the layout shows around a page.
type Chrome struct {
	Path       string // of this page with its query; where the switches come back to
	User       string // name of who is signed in, "" for a visitor
	Post       string // where a member of staff works, as "A03 企业开办窗口"
	Staff      bool
	Unread     int
	Nav        []NavItem
	PortalNav  []NavItem // what staff see on pages of the portal, instead of Nav
	Flash      string    // locale key of a message from the page before
	Dark       bool
	Elder      bool
	LargeText  bool
	AssetsHash string // "" for that of the embedded files
	BaseURL    string
	HelpPhone  string
	HelpHours  string   // when somebody answers the phone, in the reader's language
	Cart       []string // codes of what the reader put together to order at once
	CanCart    bool     // the reader may do so: a visitor or an applicant
	Zone       string   // name of the place, in the reader's language
	Progress   string   // path polled for the progress of filling the demonstration, "" when there is none
}

// NavItem is one entry of the navigation.
type NavItem struct {
	Href   string
	Key    string // locale key
	Group  string // locale key of a heading that begins with this entry, workbench only
	Icon   string
	Count  int
	Active bool
}

type chromeKey struct{}

// WithChrome puts the chrome into ctx.
func WithChrome(ctx context.Context, c Chrome) context.Context {
	return context.WithValue(ctx, chromeKey{}, c)
}

// ChromeOf returns the chrome of ctx.
func ChromeOf(ctx context.Context) Chrome {
	c, _ := ctx.Value(chromeKey{}).(Chrome)
	return c
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Render renders a page and sends it with the status; nothing is sent when
// rendering fails.
func Render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := c.Render(r.Context(), b); err != nil {
		return fmt.Errorf("view: render %s: %w", r.URL.Path, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = w.Write(b.Bytes()) // a reader who left is no error of ours
	return nil
}

// IsFragment says that htmx asks for a part of the page only.
func IsFragment(r *http.Request) bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-Boosted") == ""
}
