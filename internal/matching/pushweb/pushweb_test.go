package pushweb_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// What was told is new until somebody looks; one click ends it all.
func TestMine(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	if _, err := a.Push.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	who := a.Actor(t, "applicant")
	marks, err := a.Push.Marks(t.Context(), who, who.Firms[0])
	if err != nil || len(marks) == 0 {
		t.Fatal(err)
	}
	c := a.As(t, "applicant")
	p := c.Get("/my/policies?firm=" + who.Firms[0])
	at := strings.Index(p.Body, "/my/policies/open/")
	if at < 0 {
		t.Fatal("nothing is new")
	}
	link, _, _ := strings.Cut(p.Body[at:], `"`)
	id := strings.TrimPrefix(link, "/my/policies/open/")
	if p := a.As(t, "luzhengping").Get(link); p.Status != http.StatusNotFound {
		t.Errorf("a stranger: %d", p.Status)
	}
	if p := c.Get(link); p.Status != http.StatusOK || !strings.HasPrefix(p.Path, "/policies/clauses/") {
		t.Errorf("%d %s", p.Status, p.Path)
	}
	p = c.Get("/my/policies?firm=" + who.Firms[0])
	if strings.Contains(p.Body, link+`"`) {
		t.Error("it is still new")
	}
	p = c.Submit(p, "/my/policies/decline/"+id, nil)
	if !p.Has("不会再提醒这一条") || !p.Has("您已表示不需要") {
		t.Error("not declined")
	}
	p = c.Submit(p, "/my/policies/push", nil)
	webtest.A11y(t, p.Doc())
	if !p.Has("您已关闭按企业情况推送") || p.Has("差一步") {
		t.Error("not switched off")
	}
	if p = c.Submit(p, "/my/policies/push", nil); !p.Has("已开启按企业情况推送") {
		t.Error("not switched on")
	}
}

// The department invites and notes; others find nothing.
func TestDeskAndCommissioner(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	if _, err := a.Push.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := a.Push.Looking(t.Context(), a.Actor(t, "handler-kj"))
	if err != nil || len(list) == 0 {
		t.Fatal(err)
	}
	key := list[0].Key
	c := a.As(t, "handler-kj")
	for _, l := range []string{"zh-CN", "en"} {
		for login, paths := range map[string][]string{
			"handler-kj":   {"/work/candidates", "/work/candidates/" + key, "/work/candidates/" + key + "?standing=near", "/work/candidates/" + key + "?standing=open"},
			"commissioner": {"/work/push", "/work/push?state=told", "/work/push?state=granted", "/work/push?firm=" + a.Actor(t, "commissioner").Portfolio[0]},
		} {
			c := a.As(t, login)
			c.Header.Set("Accept-Language", l)
			for _, path := range paths {
				p := c.Get(path)
				if p.Status != http.StatusOK || strings.Contains(p.Body, "push.") {
					t.Errorf("%s %s: %d, or a text is missing", l, path, p.Status)
				}
				webtest.A11y(t, p.Doc())
			}
		}
	}
	page := "/work/candidates/" + key
	p := c.Get(page)
	p = c.Submit(p, page+"/invite?page=1&standing=fits", nil)
	if !p.Has("已发出邀请") || !p.Has("已邀请") {
		t.Errorf("not invited: %d", p.Status)
	}
	p = c.Submit(p, page+"/note?page=1&standing=fits", url.Values{"words": {" "}})
	if p.Status != http.StatusUnprocessableEntity || !p.Has("不超过 300 字") {
		t.Errorf("an empty note: %d", p.Status)
	}
	if p = c.Submit(p, page+"/note?page=1&standing=fits", url.Values{"words": {"已电话联系"}}); !p.Has("已电话联系") {
		t.Error("the note is not there")
	}
	for _, login := range []string{"handler-rs", "head-rc"} {
		if p := a.As(t, login).Get(page); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", login, p.Status)
		}
	}
	if p := a.As(t, "leader").Get(page); p.Status != http.StatusOK || p.Has("邀请申报") {
		t.Errorf("leader: %d, or may invite", p.Status)
	}
}
