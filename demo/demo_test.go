package demo

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/budget"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/tier"
	"github.com/tongban/tongban/internal/platform/auth"
)

func load(t *testing.T) Zone {
	t.Helper()
	z, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// keys makes a set and complains about what is in it twice or not at all.
func keys[T any](t *testing.T, what string, list []T, key func(T) string) map[string]T {
	t.Helper()
	m := make(map[string]T, len(list))
	for _, v := range list {
		k := key(v)
		if _, twice := m[k]; twice || k == "" {
			t.Errorf("%s %q is empty or there twice", what, k)
		}
		m[k] = v
	}
	return m
}

func TestEverythingIsThere(t *testing.T) {
	t.Parallel()
	z := load(t)
	complete := 0
	for _, d := range z.Items {
		if d.Complete() {
			complete++
		}
	}
	for _, c := range []struct {
		what      string
		have, min int
	}{
		{"items", len(z.Items), 100},
		{"complete items", complete, 12},
		{"firms", len(z.Firms), 60},
		{"shelves", len(z.Shelves), 13},
		{"people", len(z.People), 10},
	} {
		if c.have < c.min {
			t.Errorf("%d %s, want at least %d", c.have, c.what, c.min)
		}
	}
	if len(z.Shelves) != 13 {
		t.Errorf("%d shelves, want thirteen", len(z.Shelves))
	}
	used := map[string]int{}
	for _, d := range z.Items {
		used[d.Shelf]++
	}
	for _, s := range z.Shelves {
		if used[s.Key] == 0 {
			t.Errorf("shelf %s is empty", s.Key)
		}
	}
}

func TestItems(t *testing.T) {
	t.Parallel()
	z := load(t)
	departments := keys(t, "department", z.Departments, func(d Department) string { return d.Key })
	shelves := keys(t, "shelf", z.Shelves, func(s catalogue.Shelf) string { return s.Key })
	types := keys(t, "certificate type", z.CertificateTypes, func(c CertificateType) string { return c.Key })
	keys(t, "item", z.Items, func(d catalogue.Definition) string { return d.Code })
	themes := keys(t, "theme", z.Themes, func(v catalogue.Theme) string { return v.Key })
	bases, names := map[string]string{}, map[string]string{}
	contact := func(key string) (catalogue.Contact, bool) {
		d, ok := departments[key]
		return catalogue.Contact{Phone: d.Phone, ComplaintPhone: d.ComplaintPhone}, ok
	}
	siblings := map[string]catalogue.Definition{}
	for _, d := range resolved(t, z) {
		if err := d.ValidateBoth(); err != nil {
			for _, f := range errs.FieldsOf(err) {
				t.Errorf("%s: %s: %s %v", d.Code, f.Name, f.Code, f.Params)
			}
		}
		for _, f := range catalogue.Lint(d, contact) {
			if f.Level == catalogue.Fault {
				t.Errorf("%s: %s: lint says %s", d.Code, f.Where, f.Code)
			}
		}
		if _, ok := shelves[d.Shelf]; !ok {
			t.Errorf("%s: no shelf %q", d.Code, d.Shelf)
		}
		// Handling items share the code of their sub item, each with an action of its own.
		if other, twice := siblings[d.BaseCode+string(d.Action)]; twice && d.BaseCode != "" {
			t.Errorf("%s: base code %s is that of %s, and the action %q, too", d.Code, d.BaseCode, other.Code, d.Action)
		}
		siblings[d.BaseCode+string(d.Action)] = d
		if main, ok := bases[d.BaseCode]; ok && d.BaseCode != "" && (main != d.Main.ZH || main == "") {
			t.Errorf("%s: base code %s belongs to the main item %q", d.Code, d.BaseCode, main)
		}
		bases[d.BaseCode] = d.Main.ZH
		if other, twice := names[d.Name.ZH]; twice {
			t.Errorf("%s is called %s, as is %s", d.Code, d.Name.ZH, other)
		}
		names[d.Name.ZH] = d.Code
		for _, theme := range d.Themes {
			if _, ok := themes[theme]; !ok {
				t.Errorf("%s: no theme %q", d.Code, theme)
			}
		}
		if d.BaseCode != "" && idcode.CheckItemCode(d.BaseCode).Verdict != idcode.Valid {
			t.Errorf("%s: base code %s: %+v", d.Code, d.BaseCode, idcode.CheckItemCode(d.BaseCode).Result)
		}
		if ct := d.Result.CertificateType; ct != "" {
			if _, ok := types[ct]; !ok {
				t.Errorf("%s: no certificate type %q", d.Code, ct)
			}
		}
		for _, m := range d.Materials {
			if _, ok := types[m.SatisfiedBy]; !ok && m.SatisfiedBy != "" {
				t.Errorf("%s: material %s: no certificate type %q", d.Code, m.Key, m.SatisfiedBy)
			}
		}
	}
}

// resolved puts the bundles together.
func resolved(t *testing.T, z Zone) []catalogue.Definition {
	t.Helper()
	items := map[string]*catalogue.Item{}
	for _, d := range z.Items {
		items[d.Code] = &catalogue.Item{VersionID: d.Code, Definition: d.WithDefaults()}
	}
	out := make([]catalogue.Definition, len(z.Items))
	for i, d := range z.Items {
		r, err := catalogue.Resolve(d, func(code string) (*catalogue.Item, error) {
			if it, ok := items[code]; ok {
				return it, nil
			}
			return nil, catalogue.ErrNotFound
		})
		for _, f := range errs.FieldsOf(err) {
			t.Errorf("%s: %s: %s %v", d.Code, f.Name, f.Code, f.Params)
		}
		out[i] = r
	}
	return out
}

func TestLifeEvents(t *testing.T) {
	t.Parallel()
	z := load(t)
	items := keys(t, "item", z.Items, func(d catalogue.Definition) string { return d.Code })
	keys(t, "life event", z.LifeEvents, func(e catalogue.LifeEvent) string { return e.Key })
	for _, e := range z.LifeEvents {
		for _, f := range errs.FieldsOf(e.Validate()) {
			t.Errorf("life event %s: %s: %s %v", e.Key, f.Name, f.Code, f.Params)
		}
		if len(e.Questions) > 6 {
			t.Errorf("life event %s asks %d questions, more than a handful", e.Key, len(e.Questions))
		}
		for _, s := range e.Items {
			if _, ok := items[s.Item]; !ok {
				t.Errorf("life event %s: no item %q", e.Key, s.Item)
			}
		}
	}
}

// TestTasksHaveSomebody sees to it that a case never waits for nobody.
func TestTasksHaveSomebody(t *testing.T) {
	t.Parallel()
	z := load(t)
	type desk struct{ department, role string }
	held := map[desk]bool{}
	for _, s := range z.Staff {
		for _, p := range s.Posts {
			held[desk{p.Department, p.Role}] = held[desk{p.Department, p.Role}] || p.Now()
		}
	}
	missing := map[desk]bool{}
	for _, d := range z.Items {
		need := []desk{{d.Department, string(auth.Handler)}, {d.Department, string(auth.Approver)}}
		for _, s := range d.WithDefaults().Flow.Stages {
			for _, task := range s.Tasks {
				need = append(need, desk{task.Department, task.Role})
			}
		}
		for _, n := range need {
			if !held[n] && !missing[n] {
				missing[n] = true
				t.Errorf("%s needs the role %s in department %q, and nobody has it", d.Code, n.role, n.department)
			}
		}
	}
}

func TestZone(t *testing.T) {
	t.Parallel()
	z := load(t)
	regions := keys(t, "region", z.Regions, func(r Region) string { return r.Code })
	departments := keys(t, "department", z.Departments, func(d Department) string { return d.Key })
	halls := keys(t, "hall", z.Halls, func(h Hall) string { return h.Key })
	staff := keys(t, "staff member", z.Staff, func(s Staff) string { return s.Login })
	people := keys(t, "person", z.People, func(p Person) string { return p.Login })
	types := keys(t, "certificate type", z.CertificateTypes, func(c CertificateType) string { return c.Key })
	keys(t, "firm", z.Firms, func(f Firm) string { return f.USCC })
	keys(t, "name of a firm", z.Firms, func(f Firm) string { return f.Name.ZH })
	keys(t, "credit code of a department", z.Departments, func(d Department) string { return d.USCC })
	keys(t, "identity number", z.People, func(p Person) string { return p.IDNumber })

	text := func(where string, texts ...i18n.Text) {
		for _, x := range texts {
			if x.ZH == "" || x.EN == "" {
				t.Errorf("%s: a text lacks a language: %+v", where, x)
			}
		}
	}
	region := func(where, code string) {
		if _, ok := regions[code]; !ok {
			t.Errorf("%s: no region %q", where, code)
		}
	}
	date := func(where, s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Errorf("%s: %v", where, err)
		}
		return d
	}

	form := map[string]*regexp.Regexp{"province": regexp.MustCompile(`^\d\d0000$`), "city": regexp.MustCompile(`^\d{4}00$`), "county": regexp.MustCompile(`^\d{6}$`), "town": regexp.MustCompile(`^\d{9}$`)}
	for _, r := range z.Regions {
		text("region "+r.Code, r.Name)
		if f := form[r.Level]; f == nil || !f.MatchString(r.Code) {
			t.Errorf("region %s is no %q", r.Code, r.Level)
		}
		if r.Parent != "" {
			region("parent of region "+r.Code, r.Parent)
		}
	}
	for _, d := range z.Departments {
		text("department "+d.Key, d.Name, d.Address)
		region("department "+d.Key, d.Region)
		if got := idcode.CheckUSCC(d.USCC); got.Verdict != idcode.Valid {
			t.Errorf("department %s: credit code: %+v", d.Key, got)
		}
		for _, p := range []string{d.Phone, d.ComplaintPhone} {
			if got := idcode.CheckPhone(p); got.Verdict == idcode.Invalid {
				t.Errorf("department %s: phone %s: %+v", d.Key, p, got)
			}
		}
	}
	for _, h := range z.Halls {
		text("hall "+h.Key, h.Name, h.Address, h.Hours)
		region("hall "+h.Key, h.Region)
		for _, w := range keys(t, "window of hall "+h.Key, h.Windows, func(w Window) string { return w.No }) {
			text("window "+w.No, w.Name)
		}
		if h.Queue == nil {
			continue
		}
		for _, l := range keys(t, "lane of hall "+h.Key, h.Queue.Lanes, func(l Lane) string { return l.Letter }) {
			text("lane "+l.Letter, l.Name, l.Note)
			for _, no := range l.Windows {
				if !slices.ContainsFunc(h.Windows, func(w Window) bool { return w.No == no }) {
					t.Errorf("hall %s: lane %s: no window %s", h.Key, l.Letter, no)
				}
			}
		}
	}
	for _, c := range z.CertificateTypes {
		if c.Code != "" && (len(c.Code) != 21 || idcode.CheckUSCC(c.Code[:18]).Verdict != idcode.Valid) {
			t.Errorf("certificate type %s: code %q", c.Key, c.Code)
		}
		if c.Item != "" && !slices.ContainsFunc(z.Items, func(d catalogue.Definition) bool { return d.Code == c.Item && d.Result.CertificateType == c.Key }) {
			t.Errorf("certificate type %s: item %s does not renew it", c.Key, c.Item)
		}
	}
	for _, c := range z.CertificateTypes {
		text("certificate type "+c.Key, c.Name)
		if c.Holder != "enterprise" && c.Holder != "person" || c.Level != "A" && c.Level != "B" {
			t.Errorf("certificate type %s: holder %q, level %q", c.Key, c.Holder, c.Level)
		}
	}
	for _, s := range z.Shelves {
		text("shelf "+s.Key, s.Name, s.Hint)
	}

	admins := 0
	separate := map[string]int{"system_admin": 0, "security_admin": 0, "audit_admin": 0}
	for _, s := range z.Staff {
		mine := 0
		text("staff "+s.Login, s.Name)
		if _, both := people[s.Login]; both {
			t.Errorf("login %s is that of a person, too", s.Login)
		}
		if len(s.Posts) == 0 {
			t.Errorf("staff %s has no post", s.Login)
		}
		for _, p := range s.Posts {
			if !slices.Contains(auth.Roles, auth.Role(p.Role)) {
				t.Errorf("staff %s: no role %q", s.Login, p.Role)
			}
			if p.Role == string(auth.CatalogueAdmin) {
				admins++
			}
			if n, ok := separate[p.Role]; ok {
				separate[p.Role], mine = n+1, mine+1
			}
			if _, ok := departments[p.Department]; !ok {
				t.Errorf("staff %s: no department %q", s.Login, p.Department)
			}
			region("staff "+s.Login, p.Region)
			if p.Hall == "" {
				continue
			}
			if h, ok := halls[p.Hall]; !ok || !slices.ContainsFunc(h.Windows, func(w Window) bool { return w.No == p.Window }) {
				t.Errorf("staff %s: no window %s in hall %q", s.Login, p.Window, p.Hall)
			}
		}
		if mine > 1 {
			t.Errorf("staff %s is two administrators", s.Login)
		}
	}
	for role, n := range separate {
		if n < 2 {
			t.Errorf("everything hangs on one %s", role)
		}
	}
	if admins < 2 {
		t.Error("publishing needs two people who keep the catalogue")
	}

	groups := map[string]string{}
	for _, g := range z.Groups {
		text("group "+g.ID, g.Name)
		if groups[g.ID] = g.Department; len(g.Members) < 2 {
			t.Errorf("group %s: nobody to share with", g.ID)
		}
		for _, m := range g.Members {
			i := slices.IndexFunc(z.Staff, func(s Staff) bool { return s.Login == m.Login })
			if i < 0 || !slices.ContainsFunc(z.Staff[i].Posts, func(p Post) bool { return p.Now() && p.Department == g.Department && p.Role == string(auth.Handler) }) {
				t.Errorf("group %s: %s does no work there", g.ID, m.Login)
			}
		}
	}
	used := map[string]bool{}
	for _, d := range z.Items {
		for _, s := range d.Flow.Stages {
			for _, x := range s.Tasks {
				if x.Group != "" && groups[x.Group] != x.Department {
					t.Errorf("%s: no group %s in %s", d.Code, x.Group, x.Department)
				}
				used[x.Group] = true
			}
		}
	}
	for id := range groups {
		if !used[id] {
			t.Errorf("group %s has nothing to do", id)
		}
	}
	for _, x := range z.Authorisations {
		at := "authorisation " + x.Kind + " for " + x.Firm
		own := slices.IndexFunc(z.Firms, func(f Firm) bool { return f.USCC == x.Firm })
		org := slices.IndexFunc(z.Firms, func(f Firm) bool { return f.USCC == x.Organisation })
		_, person := people[x.Person]
		if own < 0 || slices.Contains(z.Firms[own].Agents, x.Person) {
			t.Errorf("%s: no such firm, or %s acts for it anyway", at, x.Person)
		}
		switch x.Kind {
		case "manager":
			if !person || len(x.Items) > 0 || x.Days > 0 {
				t.Errorf("%s: %+v", at, x)
			}
		case "agent":
			if !person {
				t.Errorf("%s: no person %q", at, x.Person)
			}
		case "mandate":
			if org < 0 || org == own || !slices.Contains(z.Firms[org].Agents, x.Person) {
				t.Errorf("%s: %q is not of %q", at, x.Person, x.Organisation)
			}
		case "invitation":
			if x.Name == "" {
				t.Errorf("%s: nobody is invited", at)
			}
		default:
			t.Errorf("%s: no such kind", at)
		}
		for _, code := range x.Items {
			if !slices.ContainsFunc(z.Items, func(d catalogue.Definition) bool { return d.Code == code }) {
				t.Errorf("%s: no item %q", at, code)
			}
		}
	}
	for _, p := range z.People {
		text("person "+p.Login, p.Name)
		if got := idcode.CheckResidentID(p.IDNumber); got.Verdict != idcode.Valid {
			t.Errorf("person %s: identity number: %+v", p.Login, got.Result)
		}
		if got := idcode.CheckPhone(p.Phone); got.Verdict == idcode.Invalid {
			t.Errorf("person %s: phone: %+v", p.Login, got)
		}
	}
	for _, f := range z.Firms {
		at := "firm " + f.Name.ZH
		text(at, f.Name)
		region(at, f.Region)
		if got := idcode.CheckUSCC(f.USCC); got.Verdict != idcode.Valid {
			t.Errorf("%s: credit code: %+v", at, got)
		}
		registered := date(at, f.RegisteredOn)
		if s, ok := staff[f.Commissioner]; f.Commissioner != "" && (!ok || !slices.ContainsFunc(s.Posts, func(p Post) bool { return p.Role == string(auth.Commissioner) })) {
			t.Errorf("%s: %q is no commissioner", at, f.Commissioner)
		}
		if len(f.Agents) == 0 {
			t.Errorf("%s: no owner", at)
		}
		for _, a := range f.Agents {
			if _, ok := people[a]; !ok {
				t.Errorf("%s: no person %q", at, a)
			}
		}
		year := 0
		for _, g := range f.Figures {
			if g.Year <= year || g.Year < registered.Year() {
				t.Errorf("%s: figures of %d do not fit", at, g.Year)
			}
			for _, bad := range g.Contradictions() {
				t.Errorf("%s: figures of %d: %s", at, g.Year, bad)
			}
			year = g.Year
		}
		for _, c := range f.Credit {
			if !slices.Contains([]string{"good", "bad", "honour", "broken", "penalty", "severe_penalty", "arrears"}, c.Kind) || c.Reason == "" || c.Source == "" || !date(at+" credit", c.To).After(date(at+" credit", c.From)) {
				t.Errorf("%s: credit %+v", at, c)
			}
		}
		for _, c := range f.Certificates {
			if ct, ok := types[c.Type]; !ok || ct.Holder != "enterprise" || c.Number == "" {
				t.Errorf("%s: certificate %q %q", at, c.Type, c.Number)
			}
			from := date(at+" certificate "+c.Type, c.From)
			if from.Before(registered) {
				t.Errorf("%s: certificate %s is older than the firm", at, c.Number)
			}
			if c.To != "" && !date(at+" certificate "+c.Type, c.To).After(from) {
				t.Errorf("%s: certificate %s ends before it begins", at, c.Number)
			}
		}
	}
}

// TestTheLibraryIsSound: every document and clause is sound, says both languages, and
// names what is there.
func TestTheLibraryIsSound(t *testing.T) {
	t.Parallel()
	z := load(t)
	items := keys(t, "item", z.Items, func(d catalogue.Definition) string { return d.Code })
	departments := keys(t, "department", z.Departments, func(d Department) string { return d.Key })
	funds := keys(t, "fund", z.Funds, func(f budget.Seed) string { return f.Key })
	for _, x := range z.TierTargets {
		r := tier.Published().Rung(x.Rung)
		known := x.Commissioner == "" || slices.ContainsFunc(z.Staff, func(s Staff) bool { return s.Login == x.Commissioner })
		if r == nil || r.Certificate == "" || !known || x.Number < 1 {
			t.Errorf("target %+v: no such tier or commissioner, or nothing to reach", x)
		}
	}
	for _, l := range tier.Published().Ladders {
		for _, r := range l.Rungs {
			if _, ok := items[r.Item]; r.Item != "" && !ok {
				t.Errorf("tier %s: no item %s", r.Key, r.Item)
			}
			if r.Certificate != "" && !slices.ContainsFunc(z.CertificateTypes, func(c CertificateType) bool { return c.Key == r.Certificate }) {
				t.Errorf("tier %s: no certificate %s", r.Key, r.Certificate)
			}
		}
	}
	keys(t, "policy", z.Policies, func(s policy.Seed) string { return s.Key })
	for _, f := range policy.Sound(z.Policies, policy.Known{
		Item:       func(code string) bool { _, ok := items[code]; return ok },
		Keeper:     func(code string) string { return items[code].Department },
		Department: func(key string) bool { _, ok := departments[key]; return ok },
		Region: func(code string) bool {
			return slices.ContainsFunc(z.Regions, func(r Region) bool { return r.Code == code })
		},
		Fund: func(key string) bool { _, ok := funds[key]; return ok },
	}) {
		t.Errorf("%s: %s %v", f.Name, f.Code, f.Params)
	}
	both := func(at string, texts ...i18n.Text) {
		for _, x := range texts {
			if x.ZH != "" && x.EN == "" {
				t.Errorf("%s: no English for %q", at, x.ZH)
			}
		}
	}
	clauses := map[string]bool{}
	for _, d := range z.Policies {
		both(d.Key, d.Title, d.Issuer, d.Text)
		for _, c := range d.Clauses {
			if clauses[c.Key] {
				t.Errorf("clause %s stands twice", c.Key)
			}
			clauses[c.Key] = true
			both(c.Key, append([]i18n.Text{c.Title, c.Summary, c.Benefit.Text}, c.Materials...)...)
		}
	}
}
