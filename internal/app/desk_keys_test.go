package app_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/browser"
)

// TestDeskByKeys serves a visitor with two items without touching the mouse:
// found by the identity number, items added, the forms begun, the notice about
// what is missing issued, the visit ended.
func TestDeskByKeys(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	var codes []string
	for _, item := range a.Catalogue.Popular(400) {
		if len(codes) < 2 && item.Window() && item.For(catalogue.ForPerson) && item.ForCart() && (len(codes) == 0 || a.Visits.Together([]string{codes[0], item.Code})) {
			codes = append(codes, item.Code)
		}
	}
	if len(codes) < 2 {
		t.Fatal("no two items for a person that go together")
	}
	who, clerk := a.Actor(t, "talent"), a.Actor(t, "clerk")
	account, err := a.Identity.Account(t.Context(), who.ID)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(a.Handler)
	t.Cleanup(srv.Close)
	p := browser.Start(t, srv.URL).Page(t, "clerk", 1440, 1000)
	p.Open("/sign-in")
	p.Type("login", "clerk")
	p.Type("password", app.DemoPassword)
	p.ClickOn(`main form[action^="/sign-in"] button`)
	p.Until("be signed in", `!location.pathname.startsWith("/sign-in")`)
	focused := func(what, name string) {
		t.Helper()
		p.Until("the focus is on "+what, `document.readyState === "complete" && document.activeElement && document.activeElement.matches('`+name+`')`)
	}
	p.Open("/work/desk")
	focused("the search", `input[name="q"]`)
	p.Key(account.IDNumber)
	p.Key("\r")
	p.WaitPath("/work/desk?q=")
	focused("who was found", `form[action="/work/visits"] button`)
	p.Key("\r")
	p.WaitPath("/work/visits/")
	p.Axe()
	at := strings.Split(p.Path(), "?")[0]
	for _, code := range codes {
		focused("the search", `main input[name="q"]`)
		p.Key(code)
		p.Key("\r")
		p.WaitPath("?q=" + code)
		focused("the item", `form[action$="/items"] button`)
		p.Key("\r")
		p.Until("be back", `location.search === "" && document.readyState === "complete" && document.body.innerText.includes("`+code+`")`)
	}
	p.Key("\t") // out of the search, so that letters are keys
	p.Key("b")
	p.Until("the forms are begun", `document.querySelector('.tb-visit-case')`)
	p.Axe()
	focused("the form of the case", `.tb-visit-case a`)
	p.Key("s")
	p.WaitPath("/do/ask")
	p.Axe()
	p.JS(`document.querySelector('form[action$="/do/ask"] .btn-primary').focus()`)
	p.Key("\r")
	p.Until("the notice is out", `location.pathname === "`+at+`" && document.readyState === "complete"`)
	v, ok, err := a.Visits.Current(t.Context(), clerk)
	if err != nil || !ok || len(v.Cases) != 1 {
		t.Fatalf("%+v %v", v, err)
	}
	if k, err := a.Cases.Find(t.Context(), v.Cases[0].CaseID); err != nil || k.State != cases.Supplementing || !k.Bundle {
		t.Fatalf("%+v %v", k, err)
	}
	p.JS(`document.activeElement.blur()`)
	p.Key("e")
	p.Until("the visit is over", `location.pathname === "/work/desk"`)
}
