package catalogueweb

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/httpx"
)

// object of schema.org.
type object map[string]any

// data describes the guide to search engines (schema.org GovernmentService;
// Service for those of providers). What has no value is left out.
func (g guidePage) data(ctx context.Context) string {
	it := g.Whole
	provider := object{"@type": "GovernmentOrganization", "name": g.agency().For(ctx)}
	for key, value := range map[string]string{"telephone": g.consult(), "address": g.Department.Address.For(ctx)} {
		if value != "" {
			provider[key] = value
		}
	}
	out := object{
		"@context": "https://schema.org", "@type": "GovernmentService", "name": it.Name.For(ctx), "description": it.Summary.For(ctx), "identifier": it.Code,
		"url": g.BaseURL + g.path(), "inLanguage": string(i18n.LocaleOf(ctx)), "provider": provider, "audience": object{"@type": "Audience", "audienceType": audienceWords(ctx, it.Audience)},
		"areaServed": g.Region.Name.For(ctx), "dateModified": it.PublishedAt.Format(time.RFC3339),
	}
	if it.Family == catalogue.ScienceService {
		out["@type"], provider["@type"] = "Service", "Organization"
		if it.Offer != nil {
			provider["name"] = it.Offer.Provider.For(ctx)
		}
	} else if it.Type != "" {
		out["serviceType"] = i18n.T(ctx, "catalogue.more.type."+it.Type)
	}
	if !it.Fee.Charged {
		out["offers"] = object{"@type": "Offer", "price": "0", "priceCurrency": "CNY"}
	}
	var channels []object
	if it.Online() {
		channels = append(channels, object{"@type": "ServiceChannel", "serviceUrl": g.BaseURL + g.path()})
	}
	for _, h := range g.Halls {
		channels = append(channels, object{"@type": "ServiceChannel", "servicePhone": h.Phone, "serviceLocation": object{
			"@type": "Place", "name": h.Name.For(ctx), "address": h.Address.For(ctx),
		}})
	}
	if len(channels) > 0 {
		out["availableChannel"] = channels
	}
	if g.Rating.N > 0 {
		out["aggregateRating"] = object{"@type": "AggregateRating", "ratingValue": oneDecimal(g.Rating.Average), "ratingCount": g.Rating.N, "bestRating": 5}
	}
	b, err := json.Marshal(out)
	if err != nil {
		return "" // a description is no reason to show no guide
	}
	return string(b)
}

// feedAge is how long a copy of an open document is taken as it is.
const feedAge = 5 * time.Minute

// send answers with an open document, or with 304 to who has it already. The
// tag comes from what is published, so nothing is written for those.
func send(w http.ResponseWriter, r *http.Request, kind, tag string, write func() ([]byte, error)) error {
	sum := sha256.Sum256([]byte(r.URL.RequestURI() + "|" + tag))
	etag := fmt.Sprintf(`W/"%x"`, sum[:8])
	h := w.Header()
	h.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(feedAge.Seconds())))
	h.Set("ETag", etag)
	h.Add("Vary", "Accept-Encoding")
	for known := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if strings.TrimPrefix(strings.TrimSpace(known), "W/") == strings.TrimPrefix(etag, "W/") {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	body, err := write()
	if err != nil {
		h.Del("ETag")
		h.Set("Cache-Control", "no-store")
		return err
	}
	h.Set("Content-Type", kind)
	if len(body) > 4<<10 && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		var z bytes.Buffer
		zw := gzip.NewWriter(&z)
		_, _ = zw.Write(body) // a buffer takes everything
		_ = zw.Close()
		body = z.Bytes()
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = w.Write(body) // a reader who left is no error of ours
	return nil
}

// document is XML with its declaration.
func document(v any) ([]byte, error) {
	b, err := xml.MarshalIndent(v, "", " ")
	if err != nil {
		return nil, fmt.Errorf("catalogueweb: xml: %w", err)
	}
	return append([]byte(xml.Header), b...), nil
}

// sitemapMost is how many addresses a page of the site map holds, as its
// protocol has it.
const sitemapMost = 50_000

// siteURL is one page for search engines.
type siteURL struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod,omitempty"`
}

type urlSet struct {
	XMLName xml.Name  `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	URLs    []siteURL `xml:"url"`
}

type siteIndex struct {
	XMLName xml.Name  `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
	Maps    []siteURL `xml:"sitemap"`
}

// siteURLs are all pages of the catalogue: the lists, then each guide.
func siteURLs(base string, now *catalogue.Snapshot, d *identity.Directory) []siteURL {
	var out []siteURL
	add := func(path string, at time.Time) {
		u := siteURL{Loc: base + path}
		if !at.IsZero() {
			u.LastMod = at.UTC().Format(time.RFC3339)
		}
		out = append(out, u)
	}
	for _, path := range []string{"/", "/shelves", "/themes", "/guide", "/changes", "/halls", "/help"} {
		add(path, time.Time{})
	}
	for _, s := range now.Shelves() {
		add("/shelves/"+s.Key, time.Time{})
	}
	for _, t := range now.Themes() {
		add("/themes/"+t.Key, time.Time{})
	}
	for _, e := range now.LifeEvents() {
		add("/guide/"+e.Key, time.Time{})
	}
	for _, x := range d.Departments {
		add("/departments/"+x.ID, time.Time{})
	}
	for _, it := range now.List(catalogue.Filter{}).Items {
		add("/items/"+it.Code, it.PublishedAt)
	}
	return out
}

// pagesOf cuts the addresses into pages of the site map.
func pagesOf(all []siteURL, most int) [][]siteURL {
	var out [][]siteURL
	for len(all) > most {
		out = append(out, all[:most])
		all = all[most:]
	}
	return append(out, all)
}

// newest is the day of the latest change of a page of the site map.
func newest(urls []siteURL) string {
	last := ""
	for _, u := range urls {
		last = max(last, u.LastMod) // all in UTC and of one form
	}
	return last
}

// sitemap lists the pages of the site map.
func (p *Pages) sitemap(w http.ResponseWriter, r *http.Request) error {
	now := p.Service.Snapshot()
	return send(w, r, "application/xml; charset=utf-8", now.Version(), func() ([]byte, error) {
		var index siteIndex
		for i, page := range pagesOf(siteURLs(p.BaseURL, now, p.Identity.Directory()), sitemapMost) {
			index.Maps = append(index.Maps, siteURL{Loc: fmt.Sprintf("%s/sitemap/%d.xml", p.BaseURL, i+1), LastMod: newest(page)})
		}
		return document(index)
	})
}

// sitemapPage is one page of the site map.
func (p *Pages) sitemapPage(w http.ResponseWriter, r *http.Request) error {
	number, isXML := strings.CutSuffix(r.PathValue("page"), ".xml")
	n, err := strconv.Atoi(number)
	if err != nil || !isXML || n < 1 {
		return httpx.ErrNotFound
	}
	now := p.Service.Snapshot()
	return send(w, r, "application/xml; charset=utf-8", now.Version(), func() ([]byte, error) {
		pages := pagesOf(siteURLs(p.BaseURL, now, p.Identity.Directory()), sitemapMost)
		if n > len(pages) {
			return nil, httpx.ErrNotFound
		}
		return document(urlSet{URLs: pages[n-1]})
	})
}

// The Atom feed (RFC 4287) of what changed.
type (
	atomFeed struct {
		XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Lang    string      `xml:"xml:lang,attr"`
		ID      string      `xml:"id"`
		Title   string      `xml:"title"`
		Updated string      `xml:"updated"`
		Author  atomAuthor  `xml:"author"`
		Links   []atomLink  `xml:"link"`
		Entries []atomEntry `xml:"entry"`
	}
	atomAuthor struct {
		Name string `xml:"name"`
	}
	atomLink struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	}
	atomEntry struct {
		ID      string    `xml:"id"`
		Title   string    `xml:"title"`
		Updated string    `xml:"updated"`
		Link    *atomLink `xml:"link,omitempty"`
		Summary string    `xml:"summary,omitempty"`
	}
)

// feedEntries is how many changes the feed holds.
const feedEntries = 50

// atom tells people what changed in the catalogue, newest first. Which change
// is the last one decides whether there is news: a shelf is none.
func (p *Pages) atom(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	changes, err := p.Service.LastChanges(ctx, feedEntries)
	if err != nil {
		return err
	}
	last := int64(0)
	if len(changes) > 0 {
		last = changes[0].Seq
	}
	w.Header().Add("Vary", "Accept-Language, Cookie")
	tag := fmt.Sprintf("%d-%s-%s", last, i18n.LocaleOf(ctx), p.Service.Snapshot().Version())
	return send(w, r, "application/atom+xml; charset=utf-8", tag, func() ([]byte, error) { return p.feedOf(ctx, changes) })
}

func (p *Pages) feedOf(ctx context.Context, changes []catalogue.Change) ([]byte, error) {
	self := p.BaseURL + "/changes.atom"
	feed := atomFeed{
		Lang: string(i18n.LocaleOf(ctx)), ID: self, Title: i18n.T(ctx, "catalogue.open.feed"), Updated: time.Unix(0, 0).UTC().Format(time.RFC3339),
		Author: atomAuthor{i18n.T(ctx, "view.brand")}, Links: []atomLink{{"self", self}, {"alternate", p.BaseURL + "/changes"}},
	}
	for i, c := range changes {
		at := c.At.UTC().Format(time.RFC3339)
		if i == 0 {
			feed.Updated = at
		}
		e := atomEntry{ID: fmt.Sprintf("%s#%d", self, c.Seq), Updated: at}
		x := p.changed(ctx, c)
		if e.Title, e.Summary = x.Text, x.Summary; x.Href != "" {
			e.Link = &atomLink{"alternate", p.BaseURL + x.Href}
		}
		feed.Entries = append(feed.Entries, e)
	}
	return document(feed)
}
