package casesweb

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/docs"
	"github.com/tongban/tongban/internal/cases/handout"
	"github.com/tongban/tongban/internal/cases/sheets"
	"github.com/tongban/tongban/internal/identity/certs"
	"github.com/tongban/tongban/internal/identity/certsheet"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// paperPage is a printable document of a case.
type paperPage struct {
	*cases.View
	docs.Text
	Issued cases.Issued
	base   string
	Pdf    string // address of the file
	Phones []string
}

// paperLink is a document of a case in its list.
type paperLink struct {
	Title, Href, PDF, Source string // Source: the Chinese file, for who reads another language
	Paper                    cases.Paper
}

// paperLinks lists the documents that the reader may have.
func (p *Pages) paperLinks(ctx context.Context, base string, v *cases.View) ([]paperLink, error) {
	list, err := p.Service.Papers(ctx, auth.From(ctx), v)
	if err != nil {
		return nil, err
	}
	var out []paperLink
	for _, x := range list {
		l := paperLink{Title: x.Title.For(ctx), Paper: x}
		if x.No > 1 {
			l.Title = i18n.T(ctx, "cases.paper.nth", "title", l.Title, "n", x.No)
		}
		no := ""
		if x.No > 1 {
			no = "no=" + strconv.Itoa(x.No)
		}
		l.Href = withQuery(casePath(base, v.ID, "papers", x.Key), no)
		l.PDF = withQuery(casePath(base, v.ID, "papers", x.Key, "pdf"), no)
		if i18n.LocaleOf(ctx) != i18n.Source {
			l.Source = withQuery(l.PDF, "lang="+string(i18n.Source))
		}
		out = append(out, l)
	}
	return out, nil
}

func withQuery(path, query string) string {
	switch {
	case query == "":
		return path
	case strings.Contains(path, "?"):
		return path + "&" + query
	default:
		return path + "?" + query
	}
}

// issued finds the document that an address names and makes it.
func (p *Pages) issued(r *http.Request) (*cases.View, cases.Paper, cases.Issued, error) {
	ctx, actor := r.Context(), auth.From(r.Context())
	v, err := p.Service.View(ctx, actor, cases.ID(r.PathValue("id")))
	if err != nil {
		return nil, cases.Paper{}, cases.Issued{}, err
	}
	list, err := p.Service.Papers(ctx, actor, v)
	if err != nil {
		return nil, cases.Paper{}, cases.Issued{}, err
	}
	no := max(1, atoi(r.FormValue("no")))
	i := slices.IndexFunc(list, func(x cases.Paper) bool { return x.Key == r.PathValue("kind") && x.No == no })
	if i < 0 {
		return nil, cases.Paper{}, cases.Issued{}, httpx.ErrNotFound
	}
	d, err := p.Service.Issue(ctx, v, list[i])
	return v, list[i], d, err
}

// paper shows a document that exists for the case, to applicant or staff.
func (p *Pages) paper(w http.ResponseWriter, r *http.Request) error {
	v, _, d, err := p.issued(r)
	if err != nil {
		return err
	}
	ctx, base := r.Context(), baseOf(r)
	text, ok := d.Compose(i18n.LocaleOf(ctx), p.onlyFor(ctx, base, v))
	if !ok {
		return httpx.ErrNotFound
	}
	no := ""
	if s := r.FormValue("no"); s != "" {
		no = "no=" + url.QueryEscape(s)
	}
	x := paperPage{View: v, Text: text, Issued: d, base: base, Phones: sheets.Phones(ctx, d)}
	x.Pdf = withQuery(casePath(base, v.ID, "papers", d.Kind, "pdf"), no)
	return view.Render(w, r, http.StatusOK, paperView(x))
}

// paperFile hands a document out as PDF, in the language of the page or the one
// asked for.
func (p *Pages) paperFile(w http.ResponseWriter, r *http.Request) error {
	v, _, d, err := p.issued(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if l, ok := i18n.Parse(r.FormValue("lang")); ok {
		ctx = i18n.In(ctx, l)
	}
	name, file, err := p.sheets().PDF(ctx, d, p.onlyFor(ctx, baseOf(r), v))
	if err != nil {
		return err
	}
	return servePDF(w, name, file)
}

func (p *Pages) sheets() sheets.Maker { return sheets.Maker{Cases: p.Service, BaseURL: p.BaseURL} }

// servePDF answers with a file that opens in the browser.
func servePDF(w http.ResponseWriter, name string, file []byte) error {
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", "inline; filename*=UTF-8''"+url.PathEscape(name)+".pdf")
	h.Set("Content-Length", strconv.Itoa(len(file)))
	h.Set("Cache-Control", "private, no-store")
	_, err := w.Write(file)
	return err
}

func baseOf(r *http.Request) string {
	if strings.HasPrefix(r.URL.Path, work+"/") {
		return work
	}
	return my
}

// onlyFor are facts for this reader alone. The code proves who collects: of
// staff only who took the paper in prints it.
func (p *Pages) onlyFor(ctx context.Context, base string, v *cases.View) map[string]i18n.Text {
	if base == work && v.FiledBy != auth.From(ctx).ID {
		return nil
	}
	return map[string]i18n.Text{"pickup": {ZH: v.PickupCode}}
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

func (d paperPage) view(ctx context.Context) view.PaperView {
	x := view.PaperView{
		Title: d.Title, Number: i18n.T(ctx, "docs.sheet.number", "number", d.Text.Number), SignedBy: d.By, SignedOn: d.Issued.At, QR: "/verify/" + d.Issued.Code,
		Foot: append([]string{i18n.T(ctx, "docs.sheet.verify", "code", docs.Short(d.Issued.Code, 16))}, d.Phones...),
	}
	if i18n.LocaleOf(ctx) != i18n.Source {
		x.Foot = append(x.Foot, i18n.T(ctx, "docs.sheet.language"))
	}
	return x
}

// pairsOf are rows of two for the page.
func pairsOf(rows [][]string) []view.Pair {
	out := make([]view.Pair, len(rows))
	for i, r := range rows {
		out[i] = view.Pair{Key: r[0], Value: r[1]}
	}
	return out
}

// opened notes that the applicant has a result before him that was delivered
// electronically, and returns the case with that.
func (p *Pages) opened(ctx context.Context, v *cases.View) (*cases.View, error) {
	if !v.Unopened() {
		return v, nil
	}
	if err := p.Service.Open(ctx, auth.From(ctx), v.ID); err != nil {
		return nil, err
	}
	return p.Service.View(ctx, auth.From(ctx), v.ID)
}

// certificateFile is the certificate that a case ended with, for who hands it over.
func (p *Pages) certificateFile(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := p.Service.View(ctx, auth.From(ctx), cases.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	c, ok, err := p.Service.Certificate(ctx, v)
	if err != nil {
		return err
	}
	if !ok {
		return httpx.ErrNotFound
	}
	file, err := certsheet.PDF(ctx, p.Identity.Directory(), c, p.Identity.Today(), p.BaseURL)
	if err != nil {
		return err
	}
	if actor := auth.From(ctx); actor.Kind == auth.Staff { // the holder's own looking is no use by others
		if err := p.Certs.Note(ctx, actor, c, certs.Printed, useFor(v, ""), ""); err != nil {
			return err
		}
	}
	return certsheet.Serve(ctx, w, c, file)
}

// useFor says for which case a certificate is used.
func useFor(v *cases.View, material string) certs.CaseOf {
	return certs.CaseOf{ID: string(v.ID), Number: v.Number, Item: v.ItemName, Material: material}
}

// lentFile is a copy of a certificate on file that a case uses instead of a
// paper, for who works on the case: with who took it, when, and for what.
func (p *Pages) lentFile(w http.ResponseWriter, r *http.Request) error {
	ctx, actor, id := r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id"))
	c, err := p.Service.Lent(ctx, actor, id, r.PathValue("key"))
	if err != nil {
		return err
	}
	file, err := certsheet.PDF(ctx, p.Identity.Directory(), c, p.Identity.Today(), p.BaseURL)
	if err != nil {
		return err
	}
	marked, err := handout.Desk{Cases: p.Service}.Mark(ctx, actor, id, "certificate:"+c.ID, "application/pdf", bytes.NewReader(file))
	if err != nil {
		return err
	}
	if marked == nil { // never without: it is lent, not given
		return httpx.ErrNotFound
	}
	v, err := p.Service.View(ctx, actor, id)
	if err != nil {
		return err
	}
	if err := p.Certs.Note(ctx, actor, c, certs.Downloaded, useFor(v, r.PathValue("key")), ""); err != nil {
		return err
	}
	return certsheet.Serve(ctx, w, c, marked)
}
