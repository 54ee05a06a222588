package catalogue

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/catalogue/index"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/rules"
)

// itemTypes are the types that people apply for. The numbering differs between
// provinces: 20 is 公共服务 in most, and 其他行政权力 in Guangdong where 21 is
// 公共服务, so both pass. Penalties, coercion, levies and inspections (02, 03,
// 04, 06) have no guide.
var itemTypes = []string{"01", "05", "07", "08", "09", "10", "20", "21"}

// PrefillNames lists what a field can be filled in from.
var PrefillNames = []string{
	"enterprise.name", "enterprise.uscc", "enterprise.legal_representative", "enterprise.address", "enterprise.phone", "enterprise.email",
	"enterprise.industry", "enterprise.registered_on", "enterprise.capital_wan",
	"person.name", "person.phone", "person.email", "person.id_number",
	"figures.staff", "figures.rd_staff", "figures.revenue_wan", "figures.rd_wan", "figures.profit_wan", "figures.tax_wan",
}

// WordingNames lists what a decision can hold besides the ids of the form's fields.
var WordingNames = []string{"applicant", "item", "number", "date", "reason", "results"}

var (
	codeForm    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`) // the longest of a real county has 56
	webAddress  = regexp.MustCompile(`^https?://[^\s"<>]{3,500}$`)
	baseForm    = regexp.MustCompile(`^[0-9]{12}$`)
	keyForm     = regexp.MustCompile(`^[a-z][a-z0-9-]{0,49}$`)
	idForm      = regexp.MustCompile(`^[a-z][a-z0-9_]{0,49}$`)
	placeholder = regexp.MustCompile(`\{([^{}]*)\}`)
	answerName  = regexp.MustCompile(`\banswers\.([A-Za-z_][A-Za-z0-9_]*)`)

	// catchAll is a name that lets an office ask for anything: forbidden, since
	// nobody can prepare such a material.
	catchAll = regexp.MustCompile(`^(法律法规规定的|需要(提交|提供)的|(主管)?(部门|机关|机构)(要求|认为需要)的)*(其他|其它|其余|有关|相关|必要)(的|必要|需要|相关|有关|证明|补充|规定|要求|提交|提供)*(材料|资料|文件|证件|证明)(等)?$`)
)

// checker collects complaints under the place that they are about.
type checker struct {
	err        *errs.Error
	both       bool            // English is asked for, too
	procedural bool            // the item has a procedure, which brings words of its own
	long       int             // bytes that a condition may have; 0 is rules.MaxLength
	personal   map[string]bool // fields that nobody but the office reads
}

func (c *checker) at(where, code string, params ...any) { c.err = c.err.At(where, code, params...) }

// text wants Chinese, the source, once there is a text at all. What is not in
// English yet is a finding of Lint: a catalogue that comes from a sheet has none.
func (c *checker) text(where string, t i18n.Text, required bool) {
	c.length(where, t, maxText)
	switch {
	case t.IsZero():
		if required {
			c.at(where, badRequired)
		}
	case strings.TrimSpace(t.ZH) == "":
		c.at(where, badChinese)
	case strings.TrimSpace(t.EN) == "" && c.both:
		c.at(where, badEnglish)
	}
}

// known wants one of a few values.
func known[T ~string](c *checker, where string, v T, among []T) {
	switch {
	case v == "":
		c.at(where, badRequired)
	case !slices.Contains(among, v):
		c.at(where, badUnknown, "value", string(v))
	}
}

// several wants at least one value, each known and none twice.
func several[T ~string](c *checker, where string, vs, among []T) {
	if len(vs) == 0 {
		c.at(where, badRequired)
	}
	for i, v := range vs {
		known(c, where, v, among)
		if slices.Contains(vs[:i], v) {
			c.at(where, badTwice, "value", string(v))
		}
	}
}

// key wants a name in lower case that is new to seen.
func (c *checker) key(where, v string, seen map[string]bool) {
	switch {
	case !idForm.MatchString(v):
		c.at(where, badForm, "value", v)
	case seen[v]:
		c.at(where, badTwice, "value", v)
	}
	seen[v] = true
}

func (c *checker) limit(where string, l workday.Limit) bool {
	if l.Validate() != nil {
		c.at(where, badLimit)
		return false
	}
	return true
}

// condition wants an expression that compiles and reads only answers that the
// form asks for: a slip in a name would make it false for ever, silently.
func (c *checker) condition(where, source string, fields map[string]bool) {
	_, err := rules.Compile(source)
	if long := cmp.Or(c.long, rules.MaxLength); err == nil && len(source) > long {
		err = fmt.Errorf("rules: longer than %d bytes", long)
	}
	if err != nil {
		c.at(where, badCondition, "reason", err.Error())
		return
	}
	for _, m := range answerName.FindAllStringSubmatch(source, -1) {
		if !fields[m[1]] {
			c.at(where, badAnswer, "value", m[1])
		}
	}
}

// Validate reports everything that keeps the definition from being published,
// as ErrInvalid with one field for each complaint, such as
// "materials.audit.when". It knows neither shelves nor departments. A
// bundle is checked as Resolve left it.
func (d Definition) Validate() error { return d.validate(false) }

// ValidateBoth is Validate, and wants every text in both languages.
func (d Definition) ValidateBoth() error { return d.validate(true) }

func (d Definition) validate(both bool) error {
	c := &checker{err: ErrInvalid, both: both}
	if d.Family == Bundled { // its conditions are put together from those of its items
		c.long = rules.MaxComposed
	}
	full := d.WithDefaults()
	fields := map[string]bool{}
	c.personal = map[string]bool{}
	for _, s := range full.Form.Sections {
		if s.Repeat != nil { // what is read of it is the list of its rows
			fields[s.Key] = true
			continue
		}
		for _, f := range s.Fields {
			fields[f.ID] = true
			c.personal[f.ID] = f.Type.Personal()
		}
	}
	c.bounds(d)
	c.head(d)
	c.limits(d)
	c.supplement(d.Supplement)
	c.guide(d, fields)
	c.materials(d, fields)
	c.form(full.Form, fields)
	for _, f := range d.Situation {
		if f.Formula != "" {
			c.at("form."+f.ID+".formula", badComputed)
		}
	}
	if d.Family == Bundled {
		c.bundle(d, fields)
	} else {
		c.flow(full.Flow, fields)
	}
	c.procedure(d)
	c.wording("decision.grant", d.Decision.Grant, fields)
	c.wording("decision.part", d.Decision.Part, fields)
	c.wording("decision.deny", d.Decision.Deny, fields)
	c.wording("decision.end", d.Decision.End, fields)
	return c.err.OrNil()
}

func (c *checker) head(d Definition) {
	if !codeForm.MatchString(d.Code) {
		c.at("code", badForm, "value", d.Code)
	}
	c.text("name", d.Name, true)
	c.text("summary", d.Summary, d.Orderable())
	known(c, "family", d.Family, []Family{Administrative, ScienceService, Bundled})
	if d.Kind != "" {
		known(c, "kind", d.Kind, []Kind{KindApply, KindLookup})
	}
	if d.Action != "" {
		known(c, "action", d.Action, actions)
	}
	c.text("main", d.Main, false)
	if d.ImplCode != "" && (len(d.ImplCode) != 31 && len(d.ImplCode) != 33 || d.BaseCode != "" && d.ImplCode[19:31] != d.BaseCode) {
		c.at("impl_code", badImplCode, "value", d.ImplCode)
	}
	if d.GuideURL != "" && !webAddress.MatchString(d.GuideURL) {
		c.at("guide_url", badURL, "value", d.GuideURL)
	}
	if d.Family != Administrative {
		if d.Type != "" {
			c.at("type", badNoCode)
		}
		if d.BaseCode != "" {
			c.at("base_code", badNoCode)
		}
	} else {
		known(c, "type", d.Type, itemTypes)
		switch {
		case d.BaseCode == "" && d.LocalCode != "": // an older catalogue that has none
		case !baseForm.MatchString(d.BaseCode):
			c.at("base_code", badBaseCode, "value", d.BaseCode)
		case d.BaseCode[2:4] != d.Type:
			c.at("base_code", badBaseType, "value", d.BaseCode[2:4], "type", d.Type)
		}
	}
	if d.External() { // of another administration: named, and on no shelf of ours
		c.text("department", d.Agency.Name, true)
	} else if d.Shelf == "" && d.Orderable() {
		c.at("shelf", badRequired)
	}
	several(c, "audience", d.Audience, []Audience{ForEnterprise, ForPerson})
	known(c, "case_type", d.CaseType, []CaseType{Instant, Promised})
	if d.Orderable() || len(d.Channels) > 0 { // of a guide alone they may be unknown
		several(c, "channels", d.Channels, []Channel{Online, AtWindow, ByPost})
	}
	if d.Popularity < 0 || d.Popularity > 100 {
		c.at("popularity", badRange)
	}
	seen := map[string]bool{}
	for _, k := range d.Keywords {
		switch n := index.Normalise(k); {
		case n == "":
			c.at("keywords", badForm, "value", k)
		case seen[n]:
			c.at("keywords", badTwice, "value", k)
		default:
			seen[n] = true
		}
	}
}

func (c *checker) limits(d Definition) {
	ok := c.limit("statutory", d.Statutory)
	ok = c.limit("promised", d.Promised) && ok
	switch {
	case !ok:
	case d.Promised.IsZero():
		// An item that promises nothing keeps what people order with it from doing so.
		if cart := d.Bundle != nil && d.Bundle.Cart; d.Orderable() && d.Asks() != KindLookup && !cart {
			c.at("promised", badRequired)
		}
	case longer(d.Promised, d.Statutory):
		c.at("promised", badLonger)
	case d.CaseType == Instant && longer(d.Promised, workday.Limit{N: 1, Unit: workday.UnitWorkday}):
		c.at("promised", badInstant)
	}
	if d.Trips < 0 || d.Trips > 9 {
		c.at("trips", badRange)
	}
}

// longer says whether a can end later than b. Working days and natural days
// are compared without holidays, in doubt against a: n working days last at
// most n days and a weekend for each begun week, at least n days and a weekend
// for each full week. A month counts as 30 days, as in the national exchange
// tables. Without b there is nothing to be longer than.
func longer(a, b workday.Limit) bool {
	if b.IsZero() {
		return false
	}
	if a.Unit == b.Unit {
		return a.N > b.N
	}
	if b.Unit == workday.UnitWorkday && (a.Unit == workday.UnitHour || a.Unit == workday.UnitMinute) {
		return minutes(a, true) > 24*60*b.N
	}
	return minutes(a, true) > minutes(b, false)
}

// minutes is the length of a limit, the longest or the shortest that it can be.
func minutes(l workday.Limit, longest bool) int {
	const day = 24 * 60
	switch l.Unit {
	case workday.UnitMinute:
		return l.N
	case workday.UnitHour:
		return l.N * 60
	case workday.UnitMonth:
		return l.N * 30 * day
	case workday.UnitWorkday:
		weekends := l.N / 5
		if longest {
			weekends = (l.N + 4) / 5
		}
		return (l.N + 2*weekends) * day
	default:
		return l.N * day
	}
}

func (c *checker) guide(d Definition, fields map[string]bool) {
	c.text("trips_reason", d.TripsReason, false)
	c.text("fee.standard", d.Fee.Standard, false)
	c.text("fee.basis", d.Fee.Basis, false)
	c.text("result.name", d.Result.Name, d.Orderable())
	if d.Result.Months < 0 || d.Result.Months > 1200 {
		c.at("result.months", badRange)
	}
	for i, t := range d.Conditions {
		c.text(fmt.Sprintf("conditions.%d", i+1), t.Text, true)
		c.condition(fmt.Sprintf("conditions.%d.when", i+1), t.When, fields)
	}
	for i, f := range d.Fee.Cases {
		at := fmt.Sprintf("fee.cases.%d", i+1)
		c.text(at, f.Standard, true)
		c.condition(at+".when", f.When, fields)
	}
	c.text("remedy.review", d.Remedy.Review, false)
	c.text("remedy.court", d.Remedy.Court, false)
	if o := d.Offer; o != nil {
		c.text("offer.provider", o.Provider, true)
		c.text("offer.price", o.Price, true)
		c.text("offer.delivery", o.Delivery, true)
		c.text("offer.coverage", o.Coverage, false)
		for i, q := range o.Qualifications {
			at := fmt.Sprintf("offer.qualifications.%d", i+1)
			c.text(at, q.Name, true)
			if _, err := workday.Parse(q.Until); q.Until != "" && err != nil {
				c.at(at+".until", badForm, "value", q.Until)
			}
		}
	}
	for i, t := range d.LegalBasis {
		c.text(fmt.Sprintf("legal_basis.%d", i+1), t, true)
	}
	for i, f := range d.FAQ {
		c.text(fmt.Sprintf("faq.%d.q", i+1), f.Q, true)
		c.text(fmt.Sprintf("faq.%d.a", i+1), f.A, true)
	}
}

func (c *checker) materials(d Definition, fields map[string]bool) {
	seen := map[string]bool{}
	if d.Late != "" {
		known(c, "late", d.Late, []LateEffect{Lapses, Unaccept})
	}
	for _, m := range d.Materials {
		at := "materials." + m.Key
		c.key(at+".key", m.Key, seen)
		c.text(at+".name", m.Name, true)
		if catchAll.MatchString(index.Normalise(m.Name.ZH)) {
			c.at(at+".name", badCatchAll, "value", m.Name.ZH)
		}
		known(c, at+".need", m.Need, []Need{Required, Optional, Tolerated})
		known(c, at+".kind", m.Kind, []string{"certificate", "form", "document"})
		known(c, at+".medium", m.Medium, []string{"electronic", "paper", "both"})
		known(c, at+".source", m.Source, []string{"applicant", "authority", "other"})
		if m.Copies < 0 || m.Copies > 99 {
			c.at(at+".copies", badRange)
		}
		if m.ValidMonths < 0 || m.ValidMonths > 600 {
			c.at(at+".valid_months", badRange)
		}
		if m.LateDays < 0 || m.LateDays > 120 {
			c.at(at+".late_days", badRange)
		}
		c.text(at+".issuer", m.Issuer, false)
		c.text(at+".standard", m.Standard, false)
		c.text(at+".basis", m.Basis, false)
		c.condition(at+".when", m.When, fields)
	}
}

func (c *checker) options(at string, f Field) {
	if chosen := f.Type == FieldChoice || f.Type == FieldMulti; chosen != (len(f.Options) > 0) {
		c.at(at+".options", badOptions)
	}
	seen := map[string]bool{}
	for _, o := range f.Options {
		where := at + ".options." + o.Value
		switch {
		case o.Value == "":
			c.at(where, badRequired)
		case seen[o.Value]:
			c.at(where, badTwice, "value", o.Value)
		}
		seen[o.Value] = true
		c.text(where, o.Label, true)
	}
}

// flow wants one decision, alone in saying yes or no, in the last stage: a
// case that nobody decides, or two people do, cannot end.
func (c *checker) flow(f Flow, fields map[string]bool) {
	c.condition("flow.automatic", f.Automatic, fields)
	stages, tasks := map[string]bool{}, map[string]bool{}
	for i, s := range f.Stages {
		at := "flow." + s.Key
		c.key(at+".key", s.Key, stages)
		c.text(at+".name", s.Name, true)
		if len(s.Tasks) == 0 {
			c.at(at+".tasks", badRequired)
		}
		decides := 0
		for _, t := range s.Tasks {
			at := at + "." + t.Key
			c.key(at+".key", t.Key, tasks)
			c.text(at+".name", t.Name, true)
			if t.Department == "" {
				c.at(at+".department", badRequired)
			}
			known(c, at+".role", t.Role, []string{string(auth.Handler), string(auth.Approver)})
			c.limit(at+".limit", t.Limit)
			c.condition(at+".when", t.When, fields)
			c.taskKind(at, t, fields)
			if t.Decides {
				decides++
				if t.When != "" || t.Role != string(auth.Approver) {
					c.at(at+".decides", badDecides)
				}
			}
		}
		if want := i == len(f.Stages)-1; want != (decides == 1) || decides > 1 {
			c.at(at+".decides", badDecides)
		}
	}
}

func (c *checker) wording(where string, t i18n.Text, fields map[string]bool) {
	c.text(where, t, false)
	for _, text := range []string{t.ZH, t.EN} {
		for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
			if !fields[m[1]] && !slices.Contains(WordingNames, m[1]) && !(c.procedural && strings.HasPrefix(m[1], "procedure.")) {
				c.at(where, badPlaceholder, "value", m[1])
			}
		}
	}
}

// procedure wants each parameter once and none without a kind; what they mean is
// checked by the module, see Ports.Procedure.
func (c *checker) procedure(d Definition) {
	p := d.Procedure
	c.procedural = p.Kind != ""
	if p.Kind == "" && len(p.Params) > 0 {
		c.at("procedure.kind", badRequired)
	}
	if p.Kind != "" && d.Family == Bundled { // its steps have theirs
		c.at("procedure.kind", badProcedure)
	}
	c.plain("procedure.kind", p.Kind, maxWord)
	seen := map[string]bool{}
	for _, x := range p.Params {
		c.key("procedure.params."+x.Name, x.Name, seen)
		c.plain("procedure.params."+x.Name, x.Value, maxPlain)
	}
}

// bundle wants two steps at least, groups with names, and conditions that read
// what the merged form asks for.
func (c *checker) bundle(d Definition, fields map[string]bool) {
	if d.Bundle == nil || len(d.Bundle.Steps()) < 2 {
		c.at("bundle", badSteps)
		return
	}
	seen, choosing := map[string]bool{}, map[string]bool{}
	for _, g := range d.Bundle.Groups {
		at := "bundle." + g.Key
		c.key(at, g.Key, seen)
		c.text(at+".name", g.Name, true)
		if len(g.Items) == 0 {
			c.at(at, badRequired)
		}
		for _, s := range g.Items {
			c.condition(at+"."+s.Item+".when", s.When, fields)
			for _, id := range namesIn(s.When) {
				choosing[id] = true
			}
		}
	}
	for _, f := range d.Situation { // without an answer nobody knows whether the step is taken
		if choosing[f.ID] && !f.Required {
			c.at("form."+f.ID+".required", badChooses, "value", f.ID)
		}
	}
	for _, s := range d.Bundle.Same {
		if !idForm.MatchString(s.ID) {
			c.at("bundle.same", badForm, "value", s.ID)
		}
		for _, f := range s.Fields {
			if code, _, ok := strings.Cut(f, "."); !ok || !d.Bundle.Has(code) {
				c.at("bundle.same", badUnknown, "value", f)
			}
		}
	}
}
