package browser

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestATabReadsClicksAndTypes(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(`<!doctype html><html lang="zh-CN"><title>t</title><main><h1>你好 ` + r.FormValue("name") + `</h1><form><label>名 <input name="name"></label><button>提交</button></form></main>`))
	}))
	defer srv.Close()
	p := Start(t, srv.URL).Page(t, "somebody", 390, 844)
	p.Open("/")
	p.Wait("你好")
	p.Type("name", "世界")
	p.Click("提交")
	p.Wait("你好 世界")
	p.Axe()
}
