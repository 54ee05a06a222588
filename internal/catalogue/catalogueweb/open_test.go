package catalogueweb_test

import (
	"encoding/xml"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// fresh asks for a document that the reader has, and returns its status.
func fresh(c *webtest.Client, path, etag string) int {
	return c.Do(http.MethodGet, path, nil, http.Header{"If-None-Match": {etag}}).Status
}

// address of a site map.
type address struct {
	Loc     string `xml:"loc"`
	Lastmod string `xml:"lastmod"`
}

func TestSiteMap(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	index := c.Get("/sitemap.xml")
	var maps struct {
		Sitemap []address `xml:"sitemap"`
	}
	if err := xml.Unmarshal([]byte(index.Body), &maps); err != nil || len(maps.Sitemap) != 1 || maps.Sitemap[0].Loc != "http://tongban.test/sitemap/1.xml" || maps.Sitemap[0].Lastmod == "" {
		t.Fatalf("%v %s", err, index.Body)
	}
	page := c.Get("/sitemap/1.xml")
	var urls struct {
		URL []address `xml:"url"`
	}
	if err := xml.Unmarshal([]byte(page.Body), &urls); err != nil {
		t.Fatal(err)
	}
	items := 0
	for _, u := range urls.URL {
		path, ok := strings.CutPrefix(u.Loc, "http://tongban.test")
		if !ok {
			t.Fatalf("%s", u.Loc)
		}
		if strings.HasPrefix(path, "/items/") {
			items++
			if u.Lastmod != "2026-03-02T01:00:00Z" {
				t.Errorf("%s: %s", path, u.Lastmod)
			}
			continue
		}
		if p := c.Get(path); p.Status != http.StatusOK {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	if want := len(a.Catalogue.Popular(10_000)); items != want {
		t.Errorf("%d of %d items", items, want)
	}
	for _, path := range []string{"/sitemap/2.xml", "/sitemap/0.xml", "/sitemap/1", "/sitemap/x.xml"} {
		if p := c.Get(path); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	if p := c.Get("/robots.txt"); !strings.Contains(p.Body, "\nSitemap: http://tongban.test/sitemap.xml\n") {
		t.Error(p.Body)
	}
	// Who has it is not sent it again, until something is published.
	etag := page.Header.Get("ETag")
	if etag == "" || fresh(c, "/sitemap/1.xml", `"other", `+etag) != http.StatusNotModified || !strings.Contains(page.Header.Get("Cache-Control"), "public") {
		t.Errorf("etag %q, %s", etag, page.Header.Get("Cache-Control"))
	}
	suspend(t, a, "KJ-0004")
	if fresh(c, "/sitemap/1.xml", etag) != http.StatusOK || strings.Contains(c.Get("/sitemap/1.xml").Body, "/items/KJ-0004<") {
		t.Error("a suspended item is still on the map")
	}
	packed := c.Do(http.MethodGet, "/sitemap/1.xml", nil, http.Header{"Accept-Encoding": {"gzip"}})
	if packed.Header.Get("Content-Encoding") != "gzip" || len(packed.Body) >= len(page.Body)/2 {
		t.Errorf("%d bytes packed, %d plain", len(packed.Body), len(page.Body))
	}
}

func suspend(t *testing.T, a *apptest.App, code string) {
	t.Helper()
	keeper := a.Actor(t, "catalogue-admin")
	record, _, err := a.Catalogue.History(t.Context(), keeper, code)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Catalogue.Suspend(t.Context(), keeper, code, record.Version, "检修"); err != nil {
		t.Fatal(err)
	}
	a.Clock.Advance(2 * time.Second)
}

func TestFeedOfChanges(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	a.Clock.Advance(time.Hour)
	before := c.Get("/changes.atom").Header.Get("ETag")
	suspend(t, a, "SC-0203")
	for lang, want := range map[string]string{"zh-CN": "暂停办理：标准制定奖励", "en": "Suspended: "} {
		c.Header.Set("Accept-Language", lang)
		p := c.Get("/changes.atom")
		var feed struct {
			ID      string `xml:"id"`
			Updated string `xml:"updated"`
			Entry   []struct {
				ID    string `xml:"id"`
				Title string `xml:"title"`
				Link  []struct {
					Href string `xml:"href,attr"`
				} `xml:"link"`
			} `xml:"entry"`
		}
		if err := xml.Unmarshal([]byte(p.Body), &feed); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(p.Header.Get("Content-Type"), "application/atom+xml") || feed.ID != "http://tongban.test/changes.atom" || feed.Updated != "2026-03-02T02:00:00Z" || len(feed.Entry) != 50 {
			t.Errorf("%+v", feed)
		}
		if e := feed.Entry[0]; !strings.HasPrefix(e.Title, want) || len(e.Link) != 0 {
			t.Errorf("%+v", e)
		}
		if e := feed.Entry[1]; len(e.Link) != 1 || !strings.HasPrefix(e.Link[0].Href, "http://tongban.test/items/") {
			t.Errorf("%+v", e)
		}
		ids := map[string]bool{}
		for _, e := range feed.Entry {
			if ids[e.ID] {
				t.Errorf("%s twice", e.ID)
			}
			ids[e.ID] = true
		}
	}
	c.Header.Set("Accept-Language", "zh-CN")
	if now := c.Get("/changes.atom").Header.Get("ETag"); now == before || fresh(c, "/changes.atom", now) != http.StatusNotModified {
		t.Error("the feed is not told apart from the one before")
	}
}

// TestOpenDocumentsCarryNoSession: a cache that many share may keep them.
func TestOpenDocumentsCarryNoSession(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "applicant")
	for _, path := range []string{"/sitemap.xml", "/sitemap/1.xml", "/changes.atom"} {
		p := c.Get(path)
		if h := p.Header; !strings.HasPrefix(h.Get("Cache-Control"), "public") || len(h["Cache-Control"]) != 1 || len(h["Set-Cookie"]) != 0 {
			t.Errorf("%s: %v %v", path, h["Cache-Control"], h["Set-Cookie"])
		}
	}
	if p := c.Get("/"); p.Header.Get("Cache-Control") != "private, no-store" {
		t.Error(p.Header)
	}
}
