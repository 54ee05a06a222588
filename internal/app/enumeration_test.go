package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/config"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// someone is by what a door asks for somebody.
type someone struct{ id, phone, login, mail string }

// seen is what an outsider can tell from an answer, and what it cost.
type seen struct {
	steps  []string // status, where to, cookies and page of each request
	hashed int64    // how often a password was worked on
	queued int64    // how many jobs were left behind
}

// TestAccountsCannotBeEnumerated tries every door that takes a number, a name or
// an address, with such as somebody has and such as nobody has: answers, redirects,
// cookies and the costly steps are the same. It is not parallel, because it counts
// what the process does.
func TestAccountsCannotBeEnumerated(t *testing.T) {
	for name, sms := range map[string]bool{"with short messages": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			a := apptest.Changed(t, func(c *config.Config) {
				c.RegisterURL = config.Memory
				if sms {
					c.SMTP, c.SMS = config.Memory, config.Memory
				}
			})
			z, err := demo.Load()
			if err != nil {
				t.Fatal(err)
			}
			a.FillRegister(z)
			e := &enumerator{App: a, t: t}
			known := someone{"371602195702190025", "13900010004", "citizen", "citizen@mail.example"}
			nobody := someone{"371602198802290027", "13900019998", "nobody", "nobody@mail.example"}
			mixed := someone{nobody.id, known.phone, nobody.login, nobody.mail}  // his telephone, another person
			foreign := someone{known.id, nobody.phone, nobody.login, known.mail} // his number, another telephone

			for _, door := range []struct {
				name    string
				needSMS bool
				walk    func(who someone) *walker
				others  []someone
			}{
				{"sign in by login", false, func(x someone) *walker { return e.signIn(x, x.login) }, nil},
				{"sign in by telephone", false, func(x someone) *walker { return e.signIn(x, x.phone) }, nil},
				{"sign in by identity number", false, func(x someone) *walker { return e.signIn(x, x.id) }, nil},
				{"sign up", false, e.signUp, []someone{mixed, foreign}},
				{"forgotten password by telephone", true, func(x someone) *walker { return e.forgot(x, x.phone, "phone") }, nil},
				{"forgotten password by identity number", true, func(x someone) *walker { return e.forgot(x, x.id, "mail") }, nil},
				{"a code that was never sent", false, func(x someone) *walker { return e.recover(x) }, nil},
				{"another telephone", true, func(x someone) *walker { return e.contact(x, "phone", x.phone) }, nil},
				{"another address", true, func(x someone) *walker { return e.contact(x, "mail", x.mail) }, nil},
				{"invitation by telephone", true, func(x someone) *walker { return e.invite(x, x.phone) }, nil},
				{"invitation by mail", true, func(x someone) *walker { return e.invite(x, x.mail) }, nil},
			} {
				if door.needSMS && !sms {
					continue
				}
				want := e.look(door.walk, nobody)
				for _, who := range append([]someone{known}, door.others...) {
					if got := e.look(door.walk, who); !slices.Equal(got.steps, want.steps) || got.hashed != want.hashed || got.queued != want.queued {
						t.Errorf("%s tells %+v from nobody: %d and %d hashes, %d and %d jobs\n%s", door.name, who, got.hashed, want.hashed, got.queued, want.queued, firstDifference(got.steps, want.steps))
					}
				}
			}
			e.claims(z)
			if sms {
				e.toldByMessage(known, foreign)
			}
		})
	}
}

// firstDifference of two walks.
func firstDifference(a, b []string) string {
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			x, y := a[i], "(nothing)"
			if i < len(b) {
				y = b[i]
			}
			at := 0
			for at < len(x) && at < len(y) && x[at] == y[at] {
				at++
			}
			at = max(0, at-60)
			return fmt.Sprintf("step %d: %.300q\nand     %.300q", i+1, x[min(at, len(x)):], y[min(at, len(y)):])
		}
	}
	return ""
}

type enumerator struct {
	*apptest.App
	t *testing.T
}

// walker is a browser that notes what it is told.
type walker struct {
	*webtest.Client
	hide  *strings.Replacer
	steps []string
}

func (e *enumerator) walker(login string, who someone) *walker {
	c := e.As(e.t, login)
	c.Follow = false
	c.Header.Set("Accept-Language", "zh-CN")
	return &walker{Client: c, hide: strings.NewReplacer(
		who.id, "ID", idcode.MaskID(who.id), "ID", who.phone, "PHONE", idcode.MaskPhone(who.phone), "PHONE", who.mail, "MAIL", idcode.MaskEmail(who.mail), "MAIL",
		`value="`+who.login+`"`, `value="LOGIN"`,
	)}
}

var (
	cookieValue = regexp.MustCompile(`=[^;]*`)
	changing    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}`)
)

// note keeps an answer, and follows it if it leads on.
func (w *walker) note(p *webtest.Page) *webtest.Page {
	var cookies []string
	for _, c := range p.Header.Values("Set-Cookie") {
		cookies = append(cookies, cookieValue.ReplaceAllString(strings.SplitN(c, ";", 2)[0], "=…"))
	}
	slices.Sort(cookies)
	w.steps = append(w.steps, fmt.Sprint(p.Status, " ", changing.ReplaceAllString(w.hide.Replace(p.Location()), "…"), " ", cookies, "\n", changing.ReplaceAllString(w.hide.Replace(p.Body), "…")))
	if to := p.Location(); to != "" && p.Status < 400 {
		return w.note(w.Get(to))
	}
	return p
}

func (e *enumerator) look(walk func(someone) *walker, who someone) seen {
	jobs := func() (n int64) {
		counts, err := e.Jobs.Counts(e.t.Context())
		if err != nil {
			e.t.Fatal(err)
		}
		for _, k := range counts {
			n += k
		}
		return n
	}
	hashed, queued := identity.Hashed(), jobs()
	w := walk(who)
	return seen{w.steps, identity.Hashed() - hashed, jobs() - queued}
}

func (e *enumerator) signIn(x someone, typed string) *walker {
	w := e.walker("", x)
	w.hide = strings.NewReplacer(`value="`+typed+`"`, `value="TYPED"`)
	w.note(w.Post("/sign-in", url.Values{"login": {typed}, "password": {"not the password"}}))
	return w
}

func (e *enumerator) signUp(x someone) *walker {
	w := e.walker("", x)
	w.note(w.Post("/sign-up", url.Values{"name": {"何某某"}, "id_number": {x.id}, "phone": {x.phone}, "email": {x.mail}, "password": {"a long pass"}, "login": {x.login}}))
	for range 6 { // until the tries are over
		w.note(w.Post("/sign-up/code", url.Values{"code": {"000000"}}))
	}
	e.forget()
	return w
}

// forget takes back what one walk leaves for the next: what was opened, and counts.
func (e *enumerator) forget() {
	ctx := e.t.Context()
	if err := e.DB.InTx(ctx, func(ctx context.Context) error {
		for _, sql := range []string{
			`DELETE FROM identity_account WHERE name LIKE '%何某某%'`, `DELETE FROM identity_sign_up`, `DELETE FROM throttle_window`, `DELETE FROM identity_contact`,
		} {
			if _, err := e.DB.Exec(ctx, sql); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		return nil
	}); err != nil {
		e.t.Fatal(err)
	}
}

func (e *enumerator) forgot(x someone, typed, way string) *walker {
	w := e.walker("", x)
	w.hide = strings.NewReplacer(`value="`+typed+`"`, `value="TYPED"`)
	w.note(w.Post("/sign-in/forgot", url.Values{"login": {typed}, "way": {way}}))
	w.note(w.Post("/sign-in/forgot/code", url.Values{"login": {typed}, "code": {"00000000"}, "new_password": {"another long pass"}}))
	return w
}

func (e *enumerator) recover(x someone) *walker {
	w := e.walker("", x)
	for range 6 {
		w.note(w.Post("/sign-in/forgot/code", url.Values{"login": {x.login}, "code": {"xxxx-xxxx-xxxx"}, "new_password": {"another long pass"}}))
	}
	return w
}

func (e *enumerator) contact(x someone, kind, address string) *walker {
	w := e.walker("talent", x)
	w.note(w.Post("/settings/contact/"+kind, url.Values{"address_" + kind: {address}, "password_" + kind: {app.DemoPassword}}))
	w.note(w.Post("/settings/contact/"+kind+"/code", url.Values{"code": {"000000"}}))
	e.forget()
	return w
}

func (e *enumerator) invite(x someone, address string) *walker {
	w := e.walker("applicant", x)
	firm := e.Actor(e.t, "applicant").Firms[0]
	p := w.Post("/my/firms/"+firm+"/colleagues/invite", url.Values{"name": {"何某某"}, "address": {address}, "level": {"agent"}, "all": {"on"}, "modules": {"cases"}})
	if p.Status >= 400 {
		e.t.Fatalf("the form of an invitation has changed: %d %.300s", p.Status, p.Text())
	}
	w.note(p)
	return w
}

// claims: whether somebody acts for a firm already is told to nobody who has not
// shown that he may.
func (e *enumerator) claims(z demo.Zone) {
	pdf := webtest.File{Field: "paper", Name: "a.pdf", Content: []byte("%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")}
	claim := func(f demo.Firm) []string {
		w := e.walker("talent", someone{"-", "--", "---", "----"})
		w.hide = strings.NewReplacer(f.USCC, "CODE", f.Name.ZH, "FIRM", f.LegalRepresentative, "PERSON")
		in := url.Values{"uscc": {f.USCC}, "name": {f.Name.ZH}, "representative": {f.LegalRepresentative}}
		w.note(w.Post("/my/firms/new", in))
		w.note(w.Upload("/my/firms/new", in, pdf))
		return w.steps
	}
	owned, free := claim(z.Firms[1]), claim(z.Registered[1])
	if !slices.Equal(owned, free) {
		e.t.Errorf("a claim tells who has an owner:\n%s", firstDifference(owned, free))
	}
}

// toldByMessage: what is not said on a page is said to the telephones.
func (e *enumerator) toldByMessage(known, foreign someone) {
	ctx := e.t.Context()
	e.forget()
	if err := e.Jobs.Start(ctx); err != nil {
		e.t.Fatal(err)
	}
	defer func() { _ = e.Jobs.Stop(context.WithoutCancel(ctx)) }()
	heard := func(phone, what string) string {
		for range 600 { // the queue polls once a second
			if x, ok := e.Outbox.LastTo(phone); ok && strings.Contains(x.Text, what) {
				return x.Text
			}
			time.Sleep(20 * time.Millisecond)
		}
		x, _ := e.Outbox.LastTo(phone)
		e.t.Errorf("%s was not told %q, but %q", phone, what, x.Text)
		return ""
	}
	form := func(x someone) url.Values {
		return url.Values{"name": {"何某某"}, "id_number": {x.id}, "phone": {x.phone}, "password": {"a long pass"}}
	}
	e.As(e.t, "").Post("/sign-up", form(foreign))
	if text := heard(foreign.phone, "已经有账号"); regexp.MustCompile(`[0-9]{6}`).MatchString(text) {
		e.t.Errorf("a code for an account of somebody else: %s", text)
	}
	heard(known.phone, "有人用您的身份证号")

	// Who is nobody yet gets a code, and an account for it; with a telephone that
	// somebody else signs in by, too.
	fresh := someone{id: "371602198802290027", phone: known.phone}
	c := e.As(e.t, "")
	p := c.Post("/sign-up?next=%2Fmy%2Faccount", form(fresh))
	webtest.A11y(e.t, p.Doc())
	if p.Path != "/sign-up/code" || p.Status != http.StatusOK {
		e.t.Fatalf("%d %s", p.Status, p.Path)
	}
	code := regexp.MustCompile(`[0-9]{6}`).FindString(heard(fresh.phone, "15 分钟内有效"))
	if p := e.As(e.t, "").Post("/sign-up/code", url.Values{"code": {code}}); p.Path == "/" || e.account(fresh.id) {
		e.t.Errorf("a code from another browser: %s", p.Path)
	}
	wrong := c.Post("/sign-up/code", url.Values{"code": {"x"}})
	webtest.A11y(e.t, wrong.Doc())
	if wrong.Status != http.StatusUnprocessableEntity || !wrong.Has("还可以试 4 次") {
		e.t.Errorf("%d %s", wrong.Status, wrong.Text())
	}
	if p := c.Post("/sign-up/code", url.Values{"code": {code[:3] + " " + code[3:]}}); p.Status != http.StatusOK || !p.Has("注册成功") || !e.account(fresh.id) {
		e.t.Errorf("%d %s %.300s", p.Status, p.Path, p.Text())
	}
	if p := c.Post("/sign-up/code", url.Values{"code": {code}}); !strings.HasPrefix(p.Path, "/") || p.Has("注册成功") {
		e.t.Errorf("a code twice: %s", p.Path)
	}
	a, found, err := e.Identity.ToSignIn(ctx, fresh.id)
	if err != nil || !found || a.PhoneProvenAt.IsZero() || a.Login != strings.ToLower(fresh.id) {
		e.t.Errorf("%+v %v", a, err)
	}
	if x, err := e.Identity.AccountByLogin(ctx, known.phone); err == nil && x.ID == a.ID {
		e.t.Error("the telephone of another has become a login")
	}
}

func (e *enumerator) account(id string) bool {
	var args db.Args
	n, err := db.One(e.t.Context(), e.DB.Read(e.t.Context()), db.Scalar[int], `SELECT count(*) FROM identity_account WHERE id_number_index IN `+db.In(&args, e.Identity.IDNumberIndexes(id)), args...)
	if err != nil {
		e.t.Fatal(err)
	}
	return n > 0
}
