package pushweb_test

import (
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/tongban/tongban/internal/matching/advice"
	"github.com/tongban/tongban/internal/matching/push"
	"github.com/tongban/tongban/internal/platform/db"
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

// The list goes out as a sheet to those who see the page, in their language and with
// a note of who took it; what is typed into a note is never a formula.
func TestExport(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	ctx, desk := t.Context(), a.Actor(t, "handler-kj")
	list, err := a.Push.Looking(ctx, desk)
	if err != nil || len(list) == 0 {
		t.Fatal(err)
	}
	at := slices.IndexFunc(list, func(l push.Looking) bool { return l.Funnel.Fits > 0 })
	if at < 0 {
		t.Fatal("no clause that somebody fits")
	}
	key, page := list[at].Key, "/work/candidates/"+list[at].Key
	c, err := a.Push.Candidates(ctx, desk, key, advice.Fits, 1)
	if err != nil || len(c.Rows) == 0 {
		t.Fatal(err)
	}
	if err := a.Push.Write(ctx, desk, key, c.Rows[0].ID, "=1+1"); err != nil {
		t.Fatal(err)
	}
	client := a.As(t, "handler-kj")
	if p := client.Get(page); webtest.Find(p.Doc(), "a", "href", page+"/export?standing=fits") == nil {
		t.Error("no way to the sheet")
	}
	for _, standing := range []string{"fits", "near", "open"} {
		for _, l := range []string{"zh-CN", "en"} {
			client.Header.Set("Accept-Language", l)
			p := client.Get(page + "/export?standing=" + standing)
			if p.Status != http.StatusOK || !strings.HasPrefix(p.Header.Get("Content-Disposition"), "attachment") {
				t.Fatalf("%s: %d", standing, p.Status)
			}
			book, err := excelize.OpenReader(strings.NewReader(p.Body))
			if err != nil {
				t.Fatal(err)
			}
			rows, err := book.GetRows(book.GetSheetName(0))
			if err != nil || strings.Contains(strings.Join(rows[0], " "), "push.") {
				t.Fatalf("%v %v", rows, err)
			}
			want := map[string]int{"fits": c.Funnel.Fits, "near": c.Funnel.Near, "open": c.Funnel.Open}[standing]
			if len(rows) != want+1 {
				t.Errorf("%s %s: %d rows, want %d", l, standing, len(rows), want+1)
			}
			if standing == "fits" {
				if rows[1][1] != c.Rows[0].USCC || !strings.Contains(rows[1][len(rows[1])-1], "=1+1") {
					t.Errorf("%v", rows[1])
				}
				for col := 'A'; col <= 'H'; col++ {
					if f, err := book.GetCellFormula(book.GetSheetName(0), string(col)+"2"); err != nil || f != "" {
						t.Errorf("a formula: %s %v", f, err)
					}
				}
			}
		}
	}
	took := func() int {
		n, err := db.One(ctx, a.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM audit_entry WHERE action='push.export'`)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := took(); n != 6 {
		t.Errorf("%d notes of who took it", n)
	}
	for _, login := range []string{"handler-rs", "head-rc"} {
		if p := a.As(t, login).Get(page + "/export"); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", login, p.Status)
		}
	}
	if n := took(); n != 6 {
		t.Errorf("%d notes after those who may not", n)
	}
	if p := a.As(t, "leader").Get(page + "/export"); p.Status != http.StatusOK {
		t.Errorf("leader: %d", p.Status)
	}
}
