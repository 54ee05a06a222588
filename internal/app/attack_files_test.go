package app_test

import (
	"archive/zip"
	"bytes"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// draftOf starts a case with places for papers and returns its page and one of
// the places.
func draftOf(t *testing.T, a *apptest.App, login, item string) (at, key string, papers func() []cases.MaterialState) {
	t.Helper()
	who := a.Actor(t, login)
	k, err := a.Cases.Start(t.Context(), who, cases.StartInput{ItemCode: item, EnterpriseID: who.Firms[0]})
	if err != nil {
		t.Fatal(err)
	}
	papers = func() []cases.MaterialState {
		form, err := a.Cases.Form(context.WithoutCancel(t.Context()), who, k.ID)
		if err != nil {
			t.Fatal(err)
		}
		return form.Materials
	}
	i := slices.IndexFunc(papers(), func(m cases.MaterialState) bool { return m.How == cases.Missing })
	if i < 0 {
		t.Fatal("no place for a paper")
	}
	return "/my/cases/" + string(k.ID), papers()[i].Key, papers
}

// bomb is a workbook whose sheet unpacks to far more than it weighs.
func bomb(t *testing.T, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range map[string]string{
		"[Content_Types].xml": `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
		"xl/workbook.xml":     `<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets><sheet name="a" sheetId="1"/></sheets></workbook>`,
	} {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	f, err := w.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	zeros := bytes.Repeat([]byte(" "), 1<<20)
	for range size {
		if _, err := f.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestUploadsThatLie sends papers that are something else than they say, through
// the page of the applicant. What is no paper is refused at its field; what is
// taken comes back as a download under a name without tricks, and cannot run.
func TestUploadsThatLie(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	at, key, papers := draftOf(t, a, "applicant", "KJ-0001")
	c := a.As(t, "applicant")
	html := []byte("<!doctype html><html><body><script>alert(document.cookie)</script></body></html>")
	svg := []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>`)
	gifar := slices.Concat([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), html)
	polyglot := slices.Concat([]byte("%PDF-1.4\n"), html, []byte("\n%%EOF\n"))
	pdf := []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
	eicar := []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-` + `ANTIVIRUS-TEST-FILE!$H+H*`)
	for name, f := range map[string]struct {
		name    string
		kind    string
		content []byte
		taken   bool
	}{
		"a page called PDF":                  {"合同.pdf", "application/pdf", html, false},
		"a page with a PDF's media type":     {"a.html", "application/pdf", html, false},
		"SVG called PNG":                     {"图.png", "image/png", svg, false},
		"SVG":                                {"a.svg", "image/svg+xml", svg, false},
		"GIF with a page behind":             {"a.gif", "image/gif", gifar, false},
		"GIF with a page behind, called PNG": {"a.png", "image/png", gifar, false},
		"a program":                          {"a.pdf", "application/pdf", []byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff"), false},
		"a script":                           {"a.pdf", "application/pdf", []byte("#!/bin/sh\nrm -rf /\n"), false},
		"a double extension":                 {"合同.pdf.exe", "application/pdf", pdf, false},
		"a double extension of a page":       {"合同.pdf.html", "application/pdf", pdf, false},
		"EICAR":                              {"eicar.com", "application/pdf", eicar, false},
		"EICAR called PDF":                   {"eicar.pdf", "application/pdf", eicar, false},
		"EICAR called EICAR.PDF .":           {"eicar.com\x00.pdf", "application/pdf", eicar, false},
		"nothing":                            {"a.pdf", "application/pdf", nil, false},
		"PDF and page in one":                {"混合.pdf", "text/html", polyglot, true},
		"a path in the name":                 {"../../../../etc/passwd.pdf", "application/pdf", slices.Concat(pdf, []byte("%path")), true},
		"a path of another system":           {`C:\Users\x\..\..\合同.pdf`, "application/pdf", slices.Concat(pdf, []byte("%path2")), true},
		"written from right to left":         {"合同\u202efdp.pdf", "application/pdf", slices.Concat(pdf, []byte("%rtl")), true},
		"line ends in the name":              {"a\r\nX-Evil: 1\r\n.pdf", "application/pdf", slices.Concat(pdf, []byte("%crlf")), false},
		"quotes and tags in the name":        {`"><img src=x onerror=alert(1)>.pdf`, "application/pdf", slices.Concat(pdf, []byte("%tags")), true},
		"a name of a thousand characters":    {strings.Repeat("长", 1000) + ".pdf", "application/pdf", slices.Concat(pdf, []byte("%long")), true},
	} {
		had := filesOf(papers(), key)
		p := c.Upload(at+"/materials/"+key, url.Values{}, webtest.File{Field: "material." + key, Name: f.name, Content: f.content, Type: f.kind})
		now := filesOf(papers(), key)
		if p.Status >= 500 || (len(now) > len(had)) != f.taken || !f.taken && p.Status < 400 {
			t.Errorf("%s: %d, %d files before and %d after", name, p.Status, len(had), len(now))
			continue
		}
		if strings.Contains(p.Body, "<img src=x") || strings.Contains(p.Body, "<script>alert") || strings.ContainsRune(p.Body, '\u202e') {
			t.Errorf("%s: what was sent stands in the page", name)
		}
		if !f.taken {
			continue
		}
		id := now[slices.IndexFunc(now, func(id string) bool { return !slices.Contains(had, id) })]
		d := c.Get(at + "/files/" + id)
		h := d.Header
		disposition := h.Get("Content-Disposition")
		if d.Status != http.StatusOK || !bytes.Equal([]byte(d.Body), f.content) || !strings.HasPrefix(disposition, "attachment;") || !strings.HasPrefix(h.Get("Content-Type"), "application/pdf") ||
			h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || h.Get("X-Evil") != "" {
			t.Errorf("%s comes back with %d %v", name, d.Status, h)
		}
		if name, err := url.PathUnescape(disposition); err != nil || strings.ContainsAny(name, "\r\n\x00\u202e/\\<>") || strings.Contains(name, "..") || !strings.HasSuffix(strings.TrimSuffix(name, `"`), ".pdf") || len(name) > 700 {
			t.Errorf("%s comes back as %q", f.name, disposition)
		}
		if p := c.Post(at+"/materials/"+key+"/remove/"+id, nil); p.Status >= 400 {
			t.Errorf("remove: %d", p.Status)
		}
	}
}

func filesOf(list []cases.MaterialState, key string) []string {
	var out []string
	for _, m := range list {
		if m.Key == key {
			for _, f := range m.Files {
				out = append(out, f.ID)
			}
		}
	}
	return out
}

// TestSheetsThatLie sends to the import of the catalogue what is no sheet: each
// is refused with words, and quickly.
func TestSheetsThatLie(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "catalogue-admin")
	for name, f := range map[string]webtest.File{
		"a bomb":                {Name: "a.xlsx", Content: bomb(t, 400)},
		"a bomb called CSV":     {Name: "a.csv", Content: bomb(t, 50)},
		"a page":                {Name: "a.xlsx", Content: []byte("<html><script>alert(1)</script>")},
		"a program":             {Name: "a.csv", Content: []byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00")},
		"a cut off workbook":    {Name: "a.xlsx", Content: bomb(t, 1)[:200]},
		"one quote without end": {Name: "a.csv", Content: append([]byte("task_code,name\n1,\""), bytes.Repeat([]byte("x"), 4<<20)...)},
		"a path in the name":    {Name: "../../../etc/passwd", Content: []byte("root:x:0:0\n")},
	} {
		f.Field = "file"
		p := c.Upload("/admin/import", url.Values{"mapping": {"gd"}}, f)
		if p.Status >= 500 || p.Status == http.StatusOK && !strings.HasPrefix(p.Path, "/admin/import/") {
			t.Errorf("%s: %d %s", name, p.Status, p.Path)
		}
		if strings.Contains(p.Body, "<script>alert") {
			t.Errorf("%s stands in the page", name)
		}
	}
}
