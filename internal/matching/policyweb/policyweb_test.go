package policyweb_test

import (
	"net/http"
	"net/url"
	"os"
	"testing"

	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// TestForEverybody: the list, a document and a clause in both languages.
func TestForEverybody(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	for l, want := range map[string][]string{
		"zh-CN": {"企业服务专员", "惠企政策兑现办法", "直接享受"},
		"en":    {"An officer for your firm", "Measures for paying out support", "As of right"},
	} {
		c.Header.Set("Accept-Language", l)
		for _, path := range []string{"/policies", "/policies?q=%E4%B8%93%E5%91%98&open=on&topic=platform&level=zone&kind=service&ended=on", "/policies/zw-2026-01", "/policies/zw-2023-02", "/policies/clauses/zw-2026-01-1"} {
			p := c.Get(path)
			if p.Status != http.StatusOK {
				t.Errorf("%s: %d", path, p.Status)
			}
			webtest.A11y(t, p.Doc())
		}
		if p := c.Get("/policies?topic=platform"); !p.Has(want[0]) || !p.Has(want[2]) || p.Has("政策申报绿色通道") {
			t.Error(p.Text())
		}
		if p := c.Get("/policies/zw-2026-01"); !p.Has(want[0]) || !p.Has(want[1]) {
			t.Error(p.Text())
		}
	}
	c.Header.Set("Accept-Language", "zh-CN")
	if p := c.Get("/policies?ended=on&q=" + url.QueryEscape("政策申报绿色通道")); !p.Has("政策申报绿色通道") || !p.Has("已废止") {
		t.Error(p.Text())
	}
	for _, path := range []string{"/policies/nothing", "/policies/clauses/nothing"} {
		if p := c.Get(path); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
}
