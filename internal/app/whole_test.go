package app_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/worklist"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/personal"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/testkit/apptest"
)

// number is one that tells of a person, and stands nowhere else in the house.
type number struct {
	kind  personal.Kind
	value string
	of    cases.ID // the case in which it was said; "" for one of the account
}

// numbered plants a case of a person and one of a firm whose forms hold a number
// of each kind, in an answer and in a row, and returns the numbers with the
// account that has numbers of its own.
func numbered(t *testing.T, a *apptest.App) (of []cases.ID, list []number, person identity.Account) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	id := func(n int) string { return idcode.WithResidentIDCheck(fmt.Sprintf("37160219910315%03d", n)) }
	kinds := []struct {
		key  string
		kind catalogue.FieldType
		what personal.Kind
		make func(n int) string
	}{
		{"card", catalogue.FieldIDCard, personal.IDNumber, id},
		{"phone", catalogue.FieldPhone, personal.Phone, func(n int) string { return fmt.Sprintf("13955518%03d", n) }},
		{"mail", catalogue.FieldEmail, personal.Email, func(n int) string { return fmt.Sprintf("zhou.wen.%d@example.com", n) }},
		{"bank", catalogue.FieldBankAccount, personal.Account, func(n int) string { return fmt.Sprintf("6228480018371%06d", n) }},
	}
	extra := func(d *catalogue.Definition) {
		name := func(s string) i18n.Text { return i18n.Text{ZH: "核对" + s, EN: "Check " + s} }
		one := catalogue.Section{Key: "planted", Title: name("1")}
		rows := catalogue.Section{Key: "planted_rows", Title: name("2"), Repeat: &catalogue.Repeat{Row: name("3"), Max: 3}}
		for _, k := range kinds {
			one.Fields = append(one.Fields, catalogue.Field{ID: "planted_" + k.key, Type: k.kind, Label: name(k.key)})
			rows.Fields = append(rows.Fields, catalogue.Field{ID: "rowed_" + k.key, Type: k.kind, Label: name(k.key)})
		}
		d.Form.Sections = append(d.Form.Sections, one, rows)
	}
	a.Renew(t, "KJ-0001", extra)
	a.Renew(t, "RC-0001", extra)

	person, err := a.Identity.SignUp(ctx, auth.Actor{From: "192.0.2.9"}, identity.SignUpInput{
		Name: "周文", IDNumber: id(901), Phone: "13955518901", Email: "zhou.wen.901@example.com", Login: "zhouwen", Password: "a long pass", Locale: i18n.Chinese,
	})
	must(err)
	self, err := a.ActorOf(ctx, person.ID)
	must(err)
	list = []number{{personal.IDNumber, person.IDNumber, ""}, {personal.Phone, person.Phone, ""}, {personal.Email, person.Email, ""}}

	n := 0
	for _, x := range []struct {
		who  auth.Actor
		item string
	}{{self, "RC-0001"}, {a.Actor(t, "applicant"), "KJ-0001"}} {
		in := cases.StartInput{ItemCode: x.item}
		if len(x.who.Firms) > 0 {
			in.EnterpriseID = x.who.Firms[0]
		}
		k, err := a.Cases.Start(ctx, x.who, in)
		must(err)
		change := map[string]string{"planted_rows": "n1"}
		for _, f := range kinds {
			for _, field := range []string{"planted_" + f.key, catalogue.FieldName("planted_rows", "n1", "rowed_"+f.key)} {
				n++
				change[field] = f.make(n)
				list = append(list, number{f.what, f.make(n), k.ID})
			}
		}
		must(a.Cases.TypeSample(ctx, x.who, k.ID, 7, change))
		must(a.Cases.AttachSample(ctx, x.who, k.ID))
		k, err = a.Cases.Submit(ctx, x.who, cases.Ref{ID: k.ID})
		must(err)
		of = append(of, k.ID)
	}
	return of, list, person
}

// deskPages are where a number may be read whole: on the page of a case and of
// what is done with it, by who has to call, to write or to pay.
var deskPages = []string{"/work/cases/{id}", "/work/cases/{id}/do/{command}"}

// windowPages are where the window goes on typing for who stands before it.
var windowPages = []string{"/work/cases/{id}/form", "/work/cases/{id}/later", "/work/cases/{id}/review"}

// TestNoNumberIsShownWhole walks every page, list, search, export, paper and file
// as somebody of each role of the staff, and looks for numbers of people: in
// forms and their rows, of accounts, and of who objected. Identity numbers stand
// whole nowhere; the rest where the table of package personal says. Each of those
// is found there, or this test would find no leak either.
func TestNoNumberIsShownWhole(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	ctx := t.Context()
	path := concrete(t, a)
	of, list, person := numbered(t, a)
	for _, k := range of { // one step further, so that papers and notices are there
		if _, err := a.Cases.Accept(ctx, a.Actor(t, "clerk"), cases.Ref{ID: k}); err != nil {
			t.Fatal(err)
		}
	}
	token := strings.TrimPrefix(path("/publicity/{token}"), "/publicity/")
	objected := cases.ObjectInput{Name: "吴起", Contact: "13955518777", Body: "请打 13955518778 找我，身份证 " + idcode.WithResidentIDCheck("37160219910315778")}
	if err := a.Cases.FileObjection(ctx, auth.Actor{From: "192.0.2.10"}, token, objected); err != nil {
		t.Fatal(err)
	}
	shown, err := a.Cases.PublicityByToken(ctx, token)
	if err != nil {
		t.Fatal(err)
	}
	list = append(list, number{personal.Phone, objected.Contact, shown.CaseID}, number{personal.Phone, "13955518778", shown.CaseID})
	readers := map[cases.ID]map[personal.Kind][]string{}
	for k, desk := range map[cases.ID]struct{ handle, pay []string }{
		of[0]:        {[]string{"clerk", "handler-rc", "head-rc"}, []string{"handler-rc", "head-rc"}},
		of[1]:        {[]string{"clerk", "handler-kj", "approver", "head-kj", "handler-hb", "handler-wj"}, []string{"handler-kj", "approver", "head-kj"}},
		shown.CaseID: {[]string{"clerk", "handler-hb"}, nil},
	} {
		readers[k] = map[personal.Kind][]string{personal.Phone: desk.handle, personal.Email: desk.handle, personal.Account: desk.pay}
	}
	found := map[string]bool{}
	for _, login := range watchers {
		if login == "" || a.Actor(t, login).Kind != auth.Staff {
			continue
		}
		actor := a.Actor(t, login)
		look := func(route, typed string, body []byte) {
			text := unpacked(body)
			for _, x := range list {
				if x.value == typed || !strings.Contains(text, x.value) {
					continue
				}
				k := x.of
				if k == "" { // the form of his case asks for it, too
					k = of[0]
				}
				may := slices.Contains(readers[k][x.kind], login) && slices.Contains(deskPages, route) || login == "clerk" && x.kind != personal.IDNumber && slices.Contains(windowPages, route)
				if !may {
					t.Errorf("%s reads %s whole at %s", login, x.kind, route)
				}
				found[string(k)+" "+string(x.kind)+" "+login] = true
			}
		}
		walk := func(typed string) {
			c := a.As(t, login)
			get := func(route, address string) {
				if typed != "" {
					address = withQuery(address, url.Values{"q": {typed}, "query": {typed}})
				}
				p := c.Get(address)
				look(route, typed, []byte(p.Body+p.Header.Get("Location")))
			}
			for _, r := range a.Routes {
				if r.Method != http.MethodGet || !r.Need.Met(actor) || typed != "" && strings.Contains(r.Path, "{") {
					continue
				}
				switch address := path(r.Path); {
				case strings.Contains(r.Path, "/cases/{id}") || strings.Contains(r.Path, "cases/{case}"):
					for k := range readers {
						get(r.Path, planted{id: k, vars: map[string]string{}}.at(r.Path))
					}
				case strings.Contains(r.Path, "visitors/{id}"):
					get(r.Path, strings.Replace(r.Path, "{id}", person.ID, 1))
				default:
					get(r.Path, address)
				}
			}
			for _, l := range cases.StaffLists {
				get("list", withQuery("/work/lists/"+string(l), url.Values{"columns": {"number", "party", "code", "phone"}}))
			}
			if actor.Has(auth.AuditAdmin) {
				for _, object := range []string{"case:" + string(of[0]), "case:" + string(of[1]), "account:" + person.ID} {
					get("/admin/audit", withQuery("/admin/audit", url.Values{"object": {object}}))
				}
			}
		}
		for _, typed := range []string{"", "周文", person.Phone, person.IDNumber} {
			walk(typed)
		}
		for _, l := range cases.StaffLists {
			for _, item := range []string{"KJ-0001", "RC-0001"} {
				var asked []string
				for _, x := range a.Lists.Asks(item) {
					asked = append(asked, x.Column)
				}
				if len(asked) == 0 {
					t.Fatalf("no columns of %s", item)
				}
				for _, f := range worklist.Formats {
					var out bytes.Buffer
					if _, err := a.Lists.Direct(ctx, actor, worklist.ExportInput{List: l, Query: worklist.Query{Item: item}, Asked: asked, Format: f}, &out); err != nil {
						t.Fatal(err)
					}
					look("export of "+string(l), "", out.Bytes())
				}
			}
		}
	}
	for k, kinds := range readers {
		for kind, who := range kinds {
			for _, login := range who {
				if !found[string(k)+" "+string(kind)+" "+login] && (k != shown.CaseID || kind == personal.Phone) {
					t.Errorf("%s has to see the %s of a case and does not", login, kind)
				}
			}
		}
	}
}
