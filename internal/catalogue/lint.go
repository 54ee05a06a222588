package catalogue

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Level of a finding.
type Level string

// An error breaks a rule of the field, a warning deserves a second look. None
// of them blocks publishing; what does is Validate's.
const (
	Warning Level = "warning"
	Fault   Level = "error"
)

// Finding of Lint; the text is "catalogue.lint.<code>".
type Finding struct {
	Code  string
	Level Level
	Where string
}

// Contact is what Lint wants to know of a department.
type Contact struct {
	Phone          string
	ComplaintPhone string
}

// Surroundings is what Lint looks up beside the item; a lookup that is nil is
// not asked.
type Surroundings struct {
	Department      func(key string) (Contact, bool)
	Theme           func(key string) (Theme, bool)
	CertificateType func(key string) bool
	Hall            func(key string) bool
	Group           func(key, department string) bool // open, and of the department
	Item            func(code string) (*Item, error)  // that is published
}

var (
	areaCode = regexp.MustCompile(`^(0[0-9]{2,3}-[0-9]{7,8}|1[0-9]{10}|12[0-9]{3}|9[0-9]{4}|400-?[0-9]{3}-?[0-9]{4})$`)

	lintCodes = []string{
		"trips_reason", "trips_needless", "trips_post", "trips_online", "fee_standard", "fee_basis", "fee_needless", "fee_online", "case_type", "instant_steps",
		"result_type", "result_name", "sample", "licence_faq", "licence_steps", "basis", "flow_longer", "inspection_late", "automatic", "material_issuer", "material_standard", "material_blank",
		"proof_basis", "proof_issuer", "proof_route", "keywords", "english", "summary", "department", "phone_same", "phone_area", "theme", "theme_enterprise", "theme_person",
		"certificate", "hall", "group", "code_odd", "unreachable", "bundle_stale",
	}
)

// linter collects findings.
type linter struct {
	Definition
	around Surroundings
	out    []Finding
}

func (l *linter) add(when bool, level Level, code, where string) {
	if when {
		l.out = append(l.out, Finding{Code: code, Level: level, Where: where})
	}
}

// Lint is LintIn where only departments are known.
func Lint(d Definition, department func(key string) (Contact, bool)) []Finding {
	return LintIn(d, Surroundings{Department: department})
}

// LintIn checks a definition against the rules that good catalogues keep, those
// of a municipal checker and of the laws it follows: promise and case type
// agree, results are what they are called, trips have reasons, fees a basis,
// proofs a way around them. What Validate refuses (a promise beyond the law, a
// catch-all material) is not told again. A bundle is checked for what it says
// itself; its parts are checked as the items that they are of. An item of
// another administration is that one's to improve.
func LintIn(d Definition, around Surroundings) []Finding {
	if d.External() {
		return nil
	}
	l := &linter{Definition: d.Source(), around: around}
	if d.Family == Bundled {
		l.Definition.Promised, l.Definition.Statutory = d.Promised, d.Statutory
	}
	l.trips()
	l.fee()
	l.caseType()
	l.result()
	l.licence()
	l.materials()
	l.words()
	l.places()
	l.conditions()
	l.stale(d)
	return l.out
}

func (l *linter) administrative() bool { return l.Family == Administrative }

// stale finds a bundle that cannot follow its items as they are published now.
func (l *linter) stale(d Definition) {
	if d.Family != Bundled || l.around.Item == nil {
		return
	}
	now, err := Resolve(d.Source(), l.around.Item)
	l.add(err == nil && now.Validate() != nil, Fault, "bundle_stale", "bundle")
}

func (l *linter) trips() {
	online := l.Online()
	l.add(l.Trips > 0 && l.TripsReason.IsZero(), Fault, "trips_reason", "trips_reason")
	l.add(l.Trips == 0 && !l.TripsReason.IsZero(), Warning, "trips_needless", "trips_reason")
	l.add(l.Trips == 0 && len(l.Channels) > 0 && !online && !slices.Contains(l.Channels, ByPost), Fault, "trips_post", "channels")
	// 全程网办: what can be filed online only is done without a trip.
	l.add(l.Trips > 0 && online && len(l.Channels) == 1, Warning, "trips_online", "trips")
}

func (l *linter) fee() {
	f := l.Fee
	l.add(f.Charged && f.Standard.IsZero() && len(f.Cases) == 0, Fault, "fee_standard", "fee.standard")
	l.add(f.Charged && l.administrative() && f.Basis.IsZero(), Fault, "fee_basis", "fee.basis")
	l.add(f.Charged && l.administrative() && l.Online() && !f.Online, Warning, "fee_online", "fee.online")
	l.add(!f.Charged && (!f.Standard.IsZero() || !f.Basis.IsZero() || len(f.Cases) > 0 || f.Online), Warning, "fee_needless", "fee.charged")
}

func (l *linter) caseType() {
	atOnce := l.Promised.Unit == workday.UnitMinute || l.Promised.Unit == workday.UnitHour && l.Promised.N <= 8
	l.add(l.CaseType == Promised && !l.Promised.IsZero() && atOnce, Warning, "case_type", "case_type")
	l.add(l.CaseType != Instant && l.Flow.Automatic != "", Warning, "automatic", "flow.automatic")
	// 即审即办: what is decided at once is not examined by several offices first.
	l.add(l.CaseType == Instant && len(l.Flow.Stages) > 2, Warning, "instant_steps", "flow")
	l.add(flowLonger(l.Definition), Fault, "flow_longer", "flow")
	for i, s := range l.Flow.Stages {
		for _, t := range s.Tasks { // within five working days of acceptance (行政许可法 art. 55)
			l.add(i > 0 && t.Kind == TaskInspection, Warning, "inspection_late", "flow."+s.Key+"."+t.Key+".kind")
		}
	}
}

// documentEnds are the ends of names of what is handed over as a document.
var documentEnds = []string{"许可证", "证书", "执照", "资格证", "居住证", "登记证", "合格证", "通知书", "证明书", "批准书", "决定书", "备案表", "认定书", "同意书", "意见书", "告知书", "批复", "批文", "证明", "函", "证", "照", "书", "牌", "凭证", "报告", "名单", "文件", "公告", "码", "章", "卡", "券"}

func (l *linter) result() {
	name := l.Result.Name.ZH
	l.add(l.Result.CertificateType == "" && licenceName(name), Warning, "result_type", "result.certificate_type")
	l.add(l.Result.CertificateType != "" && !slices.ContainsFunc(documentEnds, func(end string) bool { return strings.HasSuffix(plain(name), end) }), Warning, "result_name", "result.name")
	l.add(l.administrative() && l.Asks() != KindLookup && name != "" && l.Result.CertificateType == "" && l.Result.Sample == "", Warning, "sample", "result.sample")
	if l.around.CertificateType != nil {
		l.add(l.Result.CertificateType != "" && !l.around.CertificateType(l.Result.CertificateType), Fault, "certificate", "result.certificate_type")
	}
}

var bracketed = regexp.MustCompile(`[(（][^()（）]*[)）]`)

// plain drops what stands in brackets in a name.
func plain(name string) string { return strings.TrimSpace(bracketed.ReplaceAllString(name, "")) }

// licenceName says that a result sounds like a document that is issued.
func licenceName(zh string) bool {
	for _, end := range []string{"许可证", "证书", "执照", "资格证", "居住证"} {
		if strings.HasSuffix(zh, end) {
			return true
		}
	}
	return false
}

// licence wants of a licence a question that people ask, and the five steps:
// acceptance, notice of the end and delivery are the engine's, so that its flow
// has to hold an examination before the decision.
func (l *linter) licence() {
	if l.Type != "01" || !l.administrative() {
		return
	}
	l.add(len(l.FAQ) == 0, Warning, "licence_faq", "faq")
	examined := slices.ContainsFunc(l.Flow.Stages, func(s Stage) bool {
		return slices.ContainsFunc(s.Tasks, func(t Task) bool { return t.Role == string(auth.Handler) })
	})
	l.add(len(l.Flow.Stages) > 0 && l.Flow.Automatic == "" && l.CaseType == Promised && !examined, Warning, "licence_steps", "flow")
}

// proofName is how a proof (证明) is called, as against a certificate (证书).
var proofName = regexp.MustCompile(`证明(材料|文件|信|函)?$`)

func (l *linter) materials() {
	l.add(l.administrative() && len(l.Conditions) > 0 && len(l.LegalBasis) == 0, Fault, "basis", "legal_basis")
	for _, m := range l.Materials {
		at := "materials." + m.Key
		l.add(m.Source == "authority" && m.Issuer.IsZero(), Fault, "material_issuer", at+".issuer")
		l.add(m.Source == "other" && m.Issuer.IsZero(), Warning, "material_issuer", at+".issuer")
		l.add(m.Need == Required && m.Standard.IsZero(), Warning, "material_standard", at+".standard")
		l.add(m.Kind == "form" && m.Blank == "" && l.administrative(), Warning, "material_blank", at+".blank")
		if l.administrative() && proofName.MatchString(plain(m.Name.ZH)) {
			l.add(m.Basis.IsZero(), Warning, "proof_basis", at+".basis")
			l.add(m.Issuer.IsZero(), Warning, "proof_issuer", at+".issuer")
			l.add(m.SatisfiedBy == "" && !m.Commitment, Warning, "proof_route", at+".commitment")
		}
		if l.around.CertificateType != nil {
			l.add(m.SatisfiedBy != "" && !l.around.CertificateType(m.SatisfiedBy), Fault, "certificate", at+".satisfied_by")
		}
	}
}

func (l *linter) words() {
	l.add(len(l.Keywords) == 0, Warning, "keywords", "keywords")
	l.add(l.Name.EN == "", Warning, "english", "name")
	l.add(!l.Summary.IsZero() && l.Summary.EN == "", Warning, "english", "summary")
	l.add(l.Summary.IsZero(), Warning, "summary", "summary")
	odd := func(code string) bool { return code != "" && idcode.CheckItemCode(code).Verdict != idcode.Valid }
	l.add(l.administrative() && odd(l.BaseCode), Warning, "code_odd", "base_code")
	l.add(l.administrative() && odd(l.ImplCode), Warning, "code_odd", "impl_code")
}

// places checks departments, telephones, halls and themes.
func (l *linter) places() {
	for _, h := range l.Halls {
		l.add(l.around.Hall != nil && !l.around.Hall(h), Fault, "hall", "halls")
	}
	l.themes()
	if l.around.Department == nil {
		return
	}
	dept, ok := l.around.Department(l.Department)
	l.add(!ok, Fault, "department", "department")
	if ok {
		consult, complaint := or2(l.Phones.Consult, dept.Phone), or2(l.Phones.Complaint, dept.ComplaintPhone)
		at := "department"
		if l.Phones != (Phones{}) {
			at = "phones.consult"
		}
		l.add(consult == complaint, Fault, "phone_same", at)
		l.add(!areaCode.MatchString(consult) || !areaCode.MatchString(complaint), Warning, "phone_area", at)
	}
	for _, s := range l.Flow.Stages {
		for _, t := range s.Tasks {
			_, ok := l.around.Department(t.Department)
			l.add(!ok, Fault, "department", fmt.Sprintf("flow.%s.%s.department", s.Key, t.Key))
			l.add(t.Group != "" && l.around.Group != nil && !l.around.Group(t.Group, t.Department), Fault, "group", fmt.Sprintf("flow.%s.%s.group", s.Key, t.Key))
		}
	}
}

func or2(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// themes wants a topic of business for what firms ask for, and one of people
// for what people ask for, and none the other way round.
func (l *linter) themes() {
	if l.around.Theme == nil || len(l.Themes) == 0 {
		return
	}
	groups := map[string]bool{}
	for _, key := range l.Themes {
		t, ok := l.around.Theme(key)
		l.add(!ok, Warning, "theme", "themes")
		groups[t.Group] = true
	}
	l.add(groups["business"] != l.For(ForEnterprise), Warning, "theme_enterprise", "themes")
	l.add(groups["person"] != l.For(ForPerson), Warning, "theme_person", "themes")
}

// flowLonger says that the stages, each as long as its longest task, add up to
// more than what is promised. Only limits in one unit are added.
func flowLonger(d Definition) bool {
	sum := 0
	for _, s := range d.Flow.Stages {
		most := 0
		for _, t := range s.Tasks {
			n, ok := t.longest(d.Promised.Unit)
			if !ok {
				return false
			}
			most = max(most, n)
		}
		sum += most
	}
	return !d.Promised.IsZero() && sum > d.Promised.N
}
