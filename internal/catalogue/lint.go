package catalogue

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/kernel/workday"
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

var (
	areaCode = regexp.MustCompile(`^(0[0-9]{2,3}-[0-9]{7,8}|1[0-9]{10}|12[0-9]{3}|9[0-9]{4}|400-?[0-9]{3}-?[0-9]{4})$`)

	lintCodes = []string{
		"trips_reason", "trips_needless", "trips_post", "fee_basis", "fee_needless", "case_type", "result_type", "licence_faq",
		"basis", "flow_longer", "automatic", "material_issuer", "material_standard", "keywords", "english", "summary", "department", "phone_same", "phone_area",
	}
)

// Lint checks a definition against the rules that good catalogues keep. The
// lookup of departments may be nil. An item of another administration is that
// one's to improve.
func Lint(d Definition, department func(key string) (Contact, bool)) []Finding {
	if d.External() {
		return nil
	}
	var out []Finding
	add := func(when bool, level Level, code, where string) {
		if when {
			out = append(out, Finding{Code: code, Level: level, Where: where})
		}
	}
	administrative := d.Family == Administrative

	add(d.Trips > 0 && d.TripsReason.IsZero(), Fault, "trips_reason", "trips_reason")
	add(d.Trips == 0 && !d.TripsReason.IsZero(), Warning, "trips_needless", "trips_reason")
	add(d.Trips == 0 && !d.Online() && !slices.Contains(d.Channels, ByPost), Fault, "trips_post", "channels")

	add(d.Fee.Charged && d.Fee.Standard.IsZero(), Fault, "fee_basis", "fee.standard")
	add(d.Fee.Charged && administrative && d.Fee.Basis.IsZero(), Fault, "fee_basis", "fee.basis")
	add(!d.Fee.Charged && !(d.Fee.Standard.IsZero() && d.Fee.Basis.IsZero()), Warning, "fee_needless", "fee")

	atOnce := d.Promised.Unit == workday.UnitMinute || d.Promised.Unit == workday.UnitHour && d.Promised.N <= 8
	add(d.CaseType == Promised && !d.Promised.IsZero() && atOnce, Warning, "case_type", "case_type")
	add(d.CaseType != Instant && d.Flow.Automatic != "", Warning, "automatic", "flow.automatic")

	add(d.Result.CertificateType == "" && licenceName(d.Result.Name.ZH), Warning, "result_type", "result.certificate_type")
	add(d.Type == "01" && len(d.FAQ) == 0, Warning, "licence_faq", "faq")
	add(administrative && len(d.Conditions) > 0 && len(d.LegalBasis) == 0, Fault, "basis", "legal_basis")
	add(flowLonger(d), Fault, "flow_longer", "flow")
	add(len(d.Keywords) == 0, Warning, "keywords", "keywords")
	add(d.Name.EN == "", Warning, "english", "name")
	add(!d.Summary.IsZero() && d.Summary.EN == "", Warning, "english", "summary")
	add(d.Summary.IsZero(), Warning, "summary", "summary")

	for _, m := range d.Materials {
		add(m.Source != "applicant" && m.Issuer.IsZero(), Warning, "material_issuer", "materials."+m.Key+".issuer")
		add(m.Need == Required && m.Standard.IsZero(), Warning, "material_standard", "materials."+m.Key+".standard")
	}
	if department == nil {
		return out
	}
	dept, ok := department(d.Department)
	add(!ok, Fault, "department", "department")
	if ok {
		add(dept.Phone == dept.ComplaintPhone, Fault, "phone_same", "department")
		add(!areaCode.MatchString(dept.Phone) || !areaCode.MatchString(dept.ComplaintPhone), Warning, "phone_area", "department")
	}
	for _, s := range d.Flow.Stages {
		for _, t := range s.Tasks {
			_, ok := department(t.Department)
			add(!ok, Fault, "department", fmt.Sprintf("flow.%s.%s.department", s.Key, t.Key))
		}
	}
	return out
}

// licenceName says that a result sounds like a document that is issued.
func licenceName(zh string) bool {
	for _, end := range []string{"许可证", "证书", "执照", "资格证", "居住证"} {
		if strings.HasSuffix(zh, end) {
			return true
		}
	}
	return false
}

// flowLonger says that the stages, each as long as its longest task, add up to
// more than what is promised. Only limits in one unit are added.
func flowLonger(d Definition) bool {
	sum := 0
	for _, s := range d.Flow.Stages {
		most := 0
		for _, t := range s.Tasks {
			if !t.Limit.IsZero() && t.Limit.Unit != d.Promised.Unit {
				return false
			}
			most = max(most, t.Limit.N)
		}
		sum += most
	}
	return !d.Promised.IsZero() && sum > d.Promised.N
}
