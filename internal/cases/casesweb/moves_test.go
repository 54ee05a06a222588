package casesweb_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// Who keeps the catalogue simulates and confirms a move, by the forms.
func TestMovesByForm(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c, path := a.As(t, "catalogue-admin"), "/admin/items/KJ-0001/moves"
	inBoth(t, c, path, nil) // nothing live
	var list []cases.Case
	for range 2 {
		k := a.Submitted(t, "applicant", "KJ-0001")
		k, err := a.Cases.Accept(t.Context(), a.Actor(t, "clerk"), cases.Ref{ID: k.ID})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, k)
	}
	inBoth(t, c, path, nil) // all on the current version
	a.Renew(t, "KJ-0001", func(d *catalogue.Definition) {
		st := &d.Flow.Stages[0]
		st.Tasks = st.Tasks[:len(st.Tasks)-1]
	})
	want(t, a.As(t, "approver").Get(path), http.StatusForbidden)
	want(t, a.As(t, "system-admin").Get(path), http.StatusForbidden)
	inBoth(t, c, path, func(p *webtest.Page) {
		if !strings.Contains(p.Text(), list[0].Number) || strings.Contains(p.Text(), list[0].Party.Name.ZH) {
			t.Error("the board shows numbers, and not whose the cases are")
		}
	})
	want(t, c.Get("/admin/items/KJ-0001"), http.StatusOK, "办件迁移")
	if p := c.Post(path+"/simulate", url.Values{}); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Text(), "请至少选择一件") {
		t.Errorf("nothing chosen: %d", p.Status)
	}
	for _, lang := range []string{"en", "zh-CN"} {
		c.Header.Set("Accept-Language", lang)
		p := c.Post(path+"/simulate", url.Values{"all": {list[0].ItemVersionID}})
		want(t, p, http.StatusOK, list[0].Number, list[1].Number)
		webtest.A11y(t, p.Doc())
		if raw := untranslated(p); raw != "" {
			t.Errorf("no text for %s", raw)
		}
	}
	// An open task has no counterpart: all that was simulated cannot move. Publish it back with a desk more.
	want(t, c.Post(path+"/simulate", url.Values{"all": {list[0].ItemVersionID}}), http.StatusOK, "可以迁移 0 件")
	a.Renew(t, "KJ-0001", func(d *catalogue.Definition) {
		st := &d.Flow.Stages[0]
		last := list[0]
		old, err := a.Catalogue.Version(t.Context(), last.ItemVersionID)
		if err != nil {
			t.Fatal(err)
		}
		st.Tasks = append(st.Tasks, old.Flow.Stages[0].Tasks[len(st.Tasks)])
		d.Promised.N--
	})
	item, err := a.Catalogue.Item("KJ-0001")
	if err != nil {
		t.Fatal(err)
	}
	ref := func(k cases.Case) string { return string(k.ID) + ":" + strconv.Itoa(k.Version) }
	in := url.Values{"to": {item.VersionID}, "case": {ref(list[0]), ref(list[1])}}
	want(t, c.Post(path+"/simulate", in), http.StatusOK, "可以迁移 2 件")
	want(t, c.Post(path, in), http.StatusUnprocessableEntity, list[0].Number)
	in.Set("reason", "时限压缩一天")
	p := c.Post(path, in)
	want(t, p, http.StatusOK, "已迁移 2 件", "时限压缩一天")
	webtest.A11y(t, p.Doc())
	want(t, c.Post(path, in), http.StatusOK, "试算以后有人办理过")
	want(t, c.Get(path), http.StatusOK, "转到第 3 版，成功 2 件")
	want(t, c.Get(path+"/nothing"), http.StatusNotFound)
	want(t, a.As(t, "applicant").Get("/my/cases/"+string(list[0].ID)), http.StatusOK, "转到第 3 版办理")
	want(t, c.Get("/admin/items/nothing/moves"), http.StatusNotFound)
}
