package webtest

import (
	"bytes"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Origin is where the pages of a Client live.
const Origin = "https://tongban.test"

// Client is a browser of one person: it keeps cookies and follows redirects.
type Client struct {
	// Follow says whether redirects are followed; New sets it.
	Follow bool
	// Header goes with each request, as Accept-Language.
	Header http.Header

	t       testing.TB
	handler http.Handler
	jar     *cookiejar.Jar
	last    string // address of the page before, sent as Referer
}

// Page is what came back.
type Page struct {
	Status int
	Header http.Header
	Body   string
	Path   string   // path and query that answered, after redirects
	Via    []string // where redirects led to, in order

	t   testing.TB
	doc *html.Node
}

// File is a file to upload.
type File struct {
	Field, Name string
	Content     []byte
	Type        string // "" for application/octet-stream
}

// New returns a browser in front of a handler.
func New(t testing.TB, handler http.Handler) *Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatalf("webtest: %v", err)
	}
	return &Client{Follow: true, Header: http.Header{}, t: t, handler: handler, jar: jar}
}

// Get opens a page.
func (c *Client) Get(path string) *Page {
	c.t.Helper()
	return c.Do(http.MethodGet, path, nil, nil)
}

// Post sends a form.
func (c *Client) Post(path string, values url.Values) *Page {
	c.t.Helper()
	return c.Do(http.MethodPost, path, strings.NewReader(values.Encode()), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
}

// Upload sends a form with files.
func (c *Client) Upload(path string, fields url.Values, files ...File) *Page {
	c.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		for _, v := range fields[key] {
			c.must(w.WriteField(key, v))
		}
	}
	for _, f := range files {
		kind := f.Type
		if kind == "" {
			kind = "application/octet-stream"
		}
		part, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {`form-data; name=` + strconv.Quote(f.Field) + `; filename="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(f.Name) + `"`},
			"Content-Type":        {kind},
		})
		c.must(err)
		_, err = part.Write(f.Content)
		c.must(err)
	}
	c.must(w.Close())
	return c.Do(http.MethodPost, path, &b, http.Header{"Content-Type": {w.FormDataContentType()}})
}

// Submit sends the form of a page whose action ends so, with the values it
// shows and the changes; a change to no values leaves a name out.
func (c *Client) Submit(p *Page, actionSuffix string, changes url.Values) *Page {
	c.t.Helper()
	form := findForm(p.Doc(), actionSuffix)
	if form == nil {
		c.t.Fatalf("webtest: %s has no form for …%s", p.Path, actionSuffix)
	}
	values := Values(form)
	for key, vs := range changes {
		if len(vs) == 0 {
			values.Del(key)
			continue
		}
		values[key] = vs
	}
	action := Attr(form, "action")
	if action == "" {
		action = p.Path
	}
	if !strings.EqualFold(Attr(form, "method"), "post") {
		u, err := url.Parse(action)
		c.must(err)
		u.RawQuery = values.Encode()
		return c.Get(u.String())
	}
	if strings.HasPrefix(Attr(form, "enctype"), "multipart/") {
		return c.Upload(action, values)
	}
	return c.Post(action, values)
}

// Do sends any request. A POST carries Sec-Fetch-Site: same-origin.
func (c *Client) Do(method, path string, body io.Reader, header http.Header) *Page {
	c.t.Helper()
	base, err := url.Parse(Origin + "/")
	c.must(err)
	at, err := base.Parse(path)
	c.must(err)
	page := &Page{t: c.t}
	for range 10 {
		w := c.send(method, at, body, header)
		page.Status, page.Header, page.Body, page.Path = w.Code, w.Header(), w.Body.String(), at.RequestURI()
		where := w.Header().Get("Location")
		if !c.Follow || where == "" || w.Code < 300 || w.Code > 399 {
			return page
		}
		if at, err = at.Parse(where); err != nil || at.Host != base.Host {
			c.t.Fatalf("webtest: redirect to %q", where)
		}
		page.Via = append(page.Via, at.RequestURI())
		if w.Code != http.StatusTemporaryRedirect && w.Code != http.StatusPermanentRedirect {
			method, body, header = http.MethodGet, nil, nil
		}
	}
	c.t.Fatalf("webtest: %s redirects without end: %v", path, page.Via)
	return nil
}

func (c *Client) send(method string, at *url.URL, body io.Reader, header http.Header) *httptest.ResponseRecorder {
	c.t.Helper()
	asked := *at
	asked.Fragment, asked.RawFragment = "", "" // a browser keeps it to itself
	r := httptest.NewRequestWithContext(c.t.Context(), method, asked.String(), body)
	for _, h := range []http.Header{c.Header, header} {
		for k, vs := range h {
			r.Header[http.CanonicalHeaderKey(k)] = vs
		}
	}
	if method == http.MethodPost && r.Header.Get("Sec-Fetch-Site") == "" {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if c.last != "" && r.Header.Get("Referer") == "" {
		r.Header.Set("Referer", c.last)
	}
	for _, k := range c.jar.Cookies(at) {
		r.AddCookie(k)
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	res := w.Result()
	defer func() { _ = res.Body.Close() }()
	c.jar.SetCookies(at, res.Cookies())
	if method == http.MethodGet && w.Code == http.StatusOK {
		c.last = at.String()
	}
	return w
}

func (c *Client) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatalf("webtest: %v", err)
	}
}

// Doc is the parsed page.
func (p *Page) Doc() *html.Node {
	p.t.Helper()
	if p.doc == nil {
		p.doc = Parse(p.t, p.Body)
	}
	return p.doc
}

// Text is what can be read on the page.
func (p *Page) Text() string {
	p.t.Helper()
	return Text(p.Doc())
}

// Has says whether the text can be read on the page.
func (p *Page) Has(text string) bool {
	p.t.Helper()
	return strings.Contains(p.Text(), text)
}

// Location is where a redirect that was not followed leads.
func (p *Page) Location() string { return p.Header.Get("Location") }
