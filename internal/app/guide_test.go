package app_test

import (
	"net/http/httptest"
	"testing"

	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/browser"
)

// TestGuideInTheBrowser answers the questions of a guide with script: parts of
// the page change where they stand, and the address holds the answers.
func TestGuideInTheBrowser(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	srv := httptest.NewServer(a.Handler)
	t.Cleanup(srv.Close)
	b := browser.Start(t, srv.URL)

	p := b.Page(t, "founder", 390, 844)
	p.Open("/items/SC-0001")
	p.Axe()
	p.Until("be the same page", `(window.__same = true)`)
	p.Choose("address_kind", "rented")
	p.Until("lose the certificate of the owner", `!document.body.innerText.includes("住所不动产权证书")`)
	p.WaitPath("address_kind=rented")
	p.Until("stay on the page, and take the answers to paper", `window.__same && document.querySelector('#guide-share a[href$="/print?address_kind=rented"]')`)
	p.Until("still have a way to copy the address", `!document.querySelector('#guide-share [data-copy]').hidden`)
	p.Axe()

	p.Open("/guide/open-firm")
	p.Until("be the same page", `(window.__same = true)`)
	p.Choose("form", "company")
	p.Wait("您要办")
	p.Choose("science", "yes") // asked only of companies
	p.Wait("雏鹰企业入库")
	p.Until("stay on the page with both answers", `window.__same && location.search.includes("form=company") && location.search.includes("science=yes")`)
	p.Axe()

	// On a phone nothing is wider than the window.
	for _, path := range []string{"/guide", "/guide/open-firm/print?form=company", "/themes", "/shelves/print", "/items/KJ-0001/specimen", "/items/SC-0001/blank", "/search?theme=innovation", "/"} {
		p.Open(path)
		p.Axe()
	}
}
