package catalogueweb_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// TestChangesForPeople: by day, in words, with a way to what is still there; the
// footer leads here and the feed is one step further.
func TestChangesForPeople(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	a.Clock.Advance(time.Hour)
	suspend(t, a, "SC-0203")
	c := a.As(t, "")
	if p := c.Get("/shelves"); !strings.Contains(p.Body, `href="/changes"`) {
		t.Error("nothing leads to the changes")
	}
	for lang, want := range map[string]string{"zh-CN": "暂停办理：标准制定奖励", "en": "Suspended: "} {
		c.Header.Set("Accept-Language", lang)
		p := c.Get("/changes")
		webtest.A11y(t, p.Doc())
		if p.Status != 200 || !p.Has(want) || !strings.Contains(p.Body, `href="/changes.atom"`) || strings.Contains(p.Body, `href="/items/SC-0203"`) {
			t.Errorf("%s: %d %s", lang, p.Status, p.Body)
		}
	}
}

// TestConditionsOfStepsStandApart: a bundle without conditions of its own shows
// those of its steps step by step.
func TestConditionsOfStepsStandApart(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	for _, it := range a.Catalogue.Popular(10_000) {
		if it.Bundle == nil {
			continue
		}
		p := a.As(t, "").Get("/items/" + it.Code)
		if p.Has("各步的条件") && len(webtest.FindAll(p.Doc(), "details", "class", "tb-fold")) > 0 && p.Has("第 1 步 · ") {
			return
		}
	}
	t.Error("no bundle shows the conditions of its steps")
}
