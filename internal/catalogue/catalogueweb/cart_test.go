package catalogueweb_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestGuideOfABundle(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "talent")
	p := look(t, c, "/items/YJS-0001", "用于：", "Side by side")
	for _, want := range []string{"单独办合计 6 个工作日", "营业执照：由第 1 步“有限责任公司设立登记”自动提供", "前一批办好后自动开始", "“开业时是否有职工”为“是”时需要"} {
		if !p.Has(want) {
			t.Errorf("the guide lacks %q: %s", want, p.Text())
		}
	}
	if n := len(webtest.FindAll(p.Doc(), "li", "class", "tb-rung")); n != 6 {
		t.Errorf("%d steps", n)
	}
	look(t, c, "/items/YJS-0001/print", "办理步骤", "Steps")
	look(t, c, "/items/SC-0102", "企业变更、搬迁一件事", "Rename, move or change a firm")
}

func TestCartPages(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "applicant")
	look(t, c, "/cart", "清单还是空的", "Your list is empty")
	shelf := c.Get("/shelves/start?page=1")
	add := webtest.FindAll(shelf.Doc(), "form", "action", "/cart/add")
	if len(add) != rows(shelf) {
		t.Errorf("%d buttons for %d items", len(add), rows(shelf))
	}
	p := c.Submit(shelf, "/cart/add", nil)
	if p.Path != "/shelves/start?page=1" || !p.Has("已加入办事清单") || !p.Has("办事清单，1 项") {
		t.Errorf("%s: %s", p.Path, p.Text())
	}
	part := c.Do(http.MethodPost, "/cart/add", strings.NewReader(url.Values{"item": {"CZ-0201"}, "back": {"/search"}, "short": {"on"}}.Encode()),
		http.Header{"Hx-Request": {"true"}, "Content-Type": {"application/x-www-form-urlencoded"}})
	if part.Status != http.StatusOK || strings.Contains(part.Body, "<html") || !strings.Contains(part.Body, `action="/cart/remove"`) || !strings.Contains(part.Body, `hx-swap-oob="true"`) || !part.Has("办事清单，2 项") {
		t.Errorf("%d %s", part.Status, part.Body)
	}
	c.Post("/cart/add", url.Values{"item": {"SC-0102"}})
	look(t, c, "/cart", "这些事项办理对象不同", "two orders") // a firm is opened by a person, its registration changed by the firm
	if p := c.Post("/cart/add", url.Values{"item": {"GJJ-0101"}, "back": {"https://elsewhere.example/"}}); p.Path != "/cart" {
		t.Errorf("led away to %s", p.Path)
	}
	if p := c.Post("/cart/add", nil); p.Status != http.StatusUnprocessableEntity && p.Status != http.StatusBadRequest {
		t.Errorf("nothing named: %d", p.Status)
	}
	visitor := a.As(t, "")
	n := 0
	for _, it := range a.Catalogue.Popular(200) {
		if !it.ForCart() {
			continue
		}
		n++
		if p := visitor.Post("/cart/add", url.Values{"item": {it.Code}}); n <= catalogue.MaxCart && p.Status != http.StatusOK || n > catalogue.MaxCart && p.Status != http.StatusConflict {
			t.Fatalf("item %d of a cart: %d %s %s", n, p.Status, it.Code, p.Text())
		}
		if n > catalogue.MaxCart {
			break
		}
	}
	full := visitor.Get("/cart")
	if !full.Has(fmt.Sprintf("办事清单，%d 项", catalogue.MaxCart)) || webtest.Find(full.Doc(), "form", "action", "/my/order") != nil {
		t.Error(full.Text())
	}
	if p := a.As(t, "clerk").Post("/cart/add", url.Values{"item": {"CZ-0201"}}); p.Status != http.StatusForbidden {
		t.Errorf("a clerk: %d", p.Status)
	}
}

// TestEveryAnswerOfEveryBundle: whatever is answered, the guide and its paper
// come, with no more steps than there are.
func TestEveryAnswerOfEveryBundle(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	for _, it := range a.Catalogue.List(catalogue.Filter{Kind: catalogue.KindBundle}).Items {
		for _, q := range it.Questions() {
			values := []string{"yes", "no"}
			if len(q.Options) > 0 {
				values = nil
				for _, o := range q.Options {
					values = append(values, o.Value)
				}
			}
			for _, v := range values {
				path := "/items/" + it.Code + "?" + url.Values{q.ID: {v}}.Encode()
				p := c.Get(path)
				if n := len(webtest.FindAll(p.Doc(), "li", "class", "tb-rung")); p.Status != http.StatusOK || n == 0 || n > len(it.Bundle.Steps()) {
					t.Errorf("%s: %d, %d steps", path, p.Status, n)
				}
			}
		}
	}
}
