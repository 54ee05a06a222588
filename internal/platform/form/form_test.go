package form_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/form"
)

func post(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func TestARejectedFormKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	f, err := form.Parse(post(url.Values{"name": {"  " + strings.Repeat("长", 51)}, "n": {"12a"}, "pay": {"1.234"}, "kind": {"x"}, "empty": {""}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	f.Text("name", form.Required, form.Max(50))
	f.Int("n", 1, 10, true)
	f.Money("pay", true)
	f.Text("kind", form.OneOf("a", "b"))
	f.Text("empty", form.Required)
	if f.OK() || f.Status() != http.StatusUnprocessableEntity {
		t.Fatal("accepted")
	}
	for name, code := range map[string]string{"name": "form.too_long", "n": "form.number", "pay": "form.money", "kind": "form.choice", "empty": "form.required"} {
		if e := f.Error(name); e == nil || e.Code != code {
			t.Errorf("%s: %+v, want %s", name, e, code)
		}
	}
	if f.Value("n") != "12a" || !strings.HasPrefix(f.Value("name"), "  长") {
		t.Error("what was typed is lost")
	}
}

func TestLengthIsInCharacters(t *testing.T) {
	t.Parallel()
	f := form.New("name", strings.Repeat("长", 50))
	if f.Text("name", form.Max(50)); !f.OK() {
		t.Errorf("fifty characters are fifty: %+v", f.Errors())
	}
}

func TestHalfANameIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"invalid UTF-8": "name=%ff%fe", "a NUL": "name=a%00b", "broken escapes": "name=%zz"} {
		if _, err := form.Parse(post(body)); !errors.Is(err, form.ErrUnreadable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := post("name=" + strings.Repeat("x", 2000))
	r.Body = http.MaxBytesReader(httptest.NewRecorder(), r.Body, 1000)
	if _, err := form.Parse(r); !errors.Is(err, form.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
}

var errRule = errs.Define(errs.Invalid, "form_test.rule")

func TestRejectTakesComplaintsOfTheService(t *testing.T) {
	t.Parallel()
	f := form.New("amount", "5")
	if !f.Reject(errRule.At("amount", "form_test.rule", "max", 3)) || f.Error("amount") == nil {
		t.Error("a complaint about a field was not taken")
	}
	if f.Reject(errors.New("disk full")) {
		t.Error("a stranger's error was shown as one of the input")
	}
}
