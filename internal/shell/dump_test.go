package shell_test

import (
	"net/http"
	"os"
	"testing"

	"github.com/tongban/tongban/internal/testkit/apptest"
)


func TestServe(t *testing.T) {
	addr := os.Getenv("SHELL_SERVE")
	if addr == "" {
		t.Skip()
	}
	a := apptest.New(t)
	seedCases(t, a)
	mux := http.NewServeMux()
	mux.Handle("/-/as", a.Sessions.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		acc, err := a.Identity.AccountByLogin(r.Context(), r.FormValue("login"))
		if err == nil {
			_ = a.Sessions.SignIn(r.Context(), acc.ID)
		}
		for _, k := range []string{"tongban_locale", "tongban_theme", "tongban_elder"} {
			if v := r.FormValue(k); v != "" {
				http.SetCookie(w, &http.Cookie{Name: k, Value: v, Path: "/"})
			}
		}
		http.Redirect(w, r, r.FormValue("to"), 303)
	})))
	mux.Handle("/", a.Handler)
	t.Fatal(http.ListenAndServe(addr, mux))
}
