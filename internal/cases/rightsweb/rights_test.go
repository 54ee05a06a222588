package rightsweb_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// TestTheAnswerIsWhatHappens: for everybody of the zone and every command, the
// explanation says "may" exactly when the page of the case offers the command,
// and "unseen" exactly when there is no page.
func TestTheAnswerIsWhatHappens(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	k := a.Submitted(t, "applicant", "KJ-0001")
	k, err := a.Cases.Accept(t.Context(), a.Actor(t, "clerk"), cases.Ref{ID: k.ID})
	if err != nil {
		t.Fatal(err)
	}
	admin, said := a.Actor(t, "security-admin"), map[cases.Because]int{}
	ask := func(who auth.Actor, c cases.Command) cases.Because {
		e, err := a.Cases.Explain(t.Context(), admin, who, k.Number, c)
		if err != nil {
			t.Fatal(err)
		}
		said[e.Because]++
		return e.Because
	}
	for _, login := range []string{
		"applicant", "agent", "talent", "clerk", "clerk2", "handler-kj", "approver", "handler-hb", "handler-rs", "head-kj", "head-rs", "commissioner", "fuwu05", "leader", "catalogue-admin", "system-admin",
	} {
		who := a.Actor(t, login)
		v, err := a.Cases.View(t.Context(), who, k.ID)
		sees := err == nil
		if b := ask(who, ""); (b == cases.BecauseMay) != sees {
			t.Errorf("%s sees it: %v, said %s", login, sees, b)
		}
		for _, c := range cases.Commands {
			if b := ask(who, c); (b == cases.BecauseMay) != (sees && v.May(c)) {
				t.Errorf("%s may %s: %v, said %s", login, c, sees && v.May(c), b)
			}
		}
	}
	for _, b := range []cases.Because{cases.BecauseMay, cases.BecauseUnseen, cases.BecauseLine, cases.BecauseState, cases.BecauseNoTask, cases.BecauseNoCases} {
		if said[b] == 0 {
			t.Errorf("nobody was told %s: %v", b, said)
		}
	}
	if _, err := a.Cases.Explain(t.Context(), a.Actor(t, "head-kj"), admin, k.Number, ""); err != cases.ErrForbidden {
		t.Errorf("somebody who is no administrator asked: %v", err)
	}
}

func TestThePageAnswers(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	k := a.Submitted(t, "applicant", "KJ-0001")
	for lang, words := range map[string][3]string{
		"zh-CN": {"做“作出决定”", "打不开这个页面", "没有这个登录名"}, "en": {"may do this now: Accept", "can open this page", "Nobody has this login"},
	} {
		c := a.As(t, "audit-admin")
		c.Header.Set("Accept-Language", lang)
		who, command, page := "approver", "decide", "/admin/staff"
		if lang == "en" {
			who, command, page = "clerk", "accept", "/work/desk"
		}
		p := c.Get("/admin/rights?" + url.Values{"login": {who}, "case": {k.Number}, "command": {command}, "page": {page}}.Encode())
		webtest.A11y(t, p.Doc())
		if p.Status != http.StatusOK || !p.Has(words[0]) || !p.Has(words[1]) {
			t.Errorf("%s: %d %s", lang, p.Status, p.Text())
		}
		for _, raw := range []string{"rights.", "role.", "cases.command."} {
			if i := strings.Index(p.Text(), raw); i >= 0 {
				t.Errorf("%s shows a key: %.60s", lang, p.Text()[i:])
			}
		}
		if p := c.Get("/admin/rights?login=nobody&case=x"); p.Status != http.StatusUnprocessableEntity || !p.Has(words[2]) {
			t.Errorf("%s: %d", lang, p.Status)
		}
		if p := c.Get("/admin/rights?login=clerk&case=nothing&page=%2Fnowhere%2Fat%2Fall"); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", lang, p.Status)
		}
	}
}
