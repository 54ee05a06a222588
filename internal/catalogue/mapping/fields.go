package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// ignore is the target of a column that is known and of no use.
const ignore = "ignore"

// Field is a part of a definition that a sheet can bring. Several values stand
// in one cell; put gets what is left of them when words are translated and
// empty ones dropped.
type Field struct {
	Name  string
	many  bool     // values parted by the separator
	lines bool     // values parted by line ends: sentences may hold any separator
	vocab []string // the only values that there are
	get   func(d *catalogue.Definition) []string
	put   func(d *catalogue.Definition, values []string, m *Mapping)
}

// parts are the targets of columns that are put together to one field, since
// 20 and "working days" change together or not at all.
var parts = map[string][]string{
	"statutory":  {"statutory.n", "statutory.unit"},
	"promised":   {"promised.n", "promised.unit"},
	"department": {"department.key", "department.name", "department.code"},
}

// targets that are no field of a definition.
var otherTargets = []string{ignore, "code", "version"}

func isTarget(name string) bool {
	if slices.Contains(otherTargets, name) {
		return true
	}
	for whole, list := range parts {
		if name == whole {
			return false
		}
		if slices.Contains(list, name) {
			return true
		}
	}
	_, ok := fieldNamed(name)
	return ok
}

// Targets lists everything that a column can feed, for the help of the editor.
func Targets() []string {
	out := slices.Clone(otherTargets)
	for _, f := range fields {
		if list, ok := parts[f.Name]; ok {
			out = append(out, list...)
		} else {
			out = append(out, f.Name)
		}
	}
	return out
}

func fieldNamed(name string) (Field, bool) {
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return fields[i], true
}

var (
	units         = []string{string(workday.UnitWorkday), string(workday.UnitDay), string(workday.UnitHour), string(workday.UnitMinute), string(workday.UnitMonth)}
	materialKinds = []string{"certificate", "form", "document"}
	levels        = []string{"nation", "province", "city", "county", "town", "village"}
	yesNo         = []string{"yes", "no"}
)

func vocabOf(name string, f Field) []string {
	if strings.HasSuffix(name, ".unit") {
		return units
	}
	return f.vocab
}

// text is a field of one text, by the place where it is kept.
func text(name string, at func(d *catalogue.Definition) *string) Field {
	return Field{
		Name: name,
		get:  func(d *catalogue.Definition) []string { return one(*at(d)) },
		put:  func(d *catalogue.Definition, v []string, _ *Mapping) { *at(d) = first(v) },
	}
}

// word is a text that has to be one of a few.
func word[T ~string](name string, vocab []string, at func(d *catalogue.Definition) *T) Field {
	return Field{
		Name: name, vocab: vocab,
		get: func(d *catalogue.Definition) []string { return one(string(*at(d))) },
		put: func(d *catalogue.Definition, v []string, _ *Mapping) { *at(d) = T(first(v)) },
	}
}

func number(name string, at func(d *catalogue.Definition) *int) Field {
	return Field{
		Name: name,
		get:  func(d *catalogue.Definition) []string { return one(strconv.Itoa(*at(d))) },
		put:  func(d *catalogue.Definition, v []string, _ *Mapping) { *at(d), _ = strconv.Atoi(first(v)) }, // Entry has checked
	}
}

func limit(name string, at func(d *catalogue.Definition) *workday.Limit) Field {
	return Field{
		Name: name,
		get: func(d *catalogue.Definition) []string {
			if l := *at(d); !l.IsZero() {
				return []string{strconv.Itoa(l.N), string(l.Unit)}
			}
			return nil
		},
		put: func(d *catalogue.Definition, v []string, _ *Mapping) {
			*at(d) = workday.Limit{}
			if len(v) == 2 {
				n, _ := strconv.Atoi(v[0])
				*at(d) = workday.Limit{N: n, Unit: workday.Unit(v[1])}
			}
		},
	}
}

func yes(name string, at func(d *catalogue.Definition) *bool) Field {
	return Field{
		Name: name, vocab: yesNo,
		get: func(d *catalogue.Definition) []string {
			if *at(d) {
				return one("yes")
			}
			return one("no")
		},
		put: func(d *catalogue.Definition, v []string, _ *Mapping) { *at(d) = first(v) == "yes" },
	}
}

func list[T ~string](name string, vocab []string, at func(d *catalogue.Definition) *[]T) Field {
	return Field{
		Name: name, many: true, vocab: vocab,
		get: func(d *catalogue.Definition) []string {
			var out []string
			for _, v := range *at(d) {
				out = append(out, string(v))
			}
			return out
		},
		put: func(d *catalogue.Definition, v []string, _ *Mapping) {
			*at(d) = nil
			for _, x := range v {
				*at(d) = append(*at(d), T(x))
			}
		},
	}
}

// fields in the order in which they are put: the department decides whether an
// item is a guide only, which a column may then say otherwise.
var fields = []Field{
	word("family", []string{"administrative", "science_service", "bundle"}, func(d *catalogue.Definition) *catalogue.Family { return &d.Family }),
	text("base_code", func(d *catalogue.Definition) *string { return &d.BaseCode }),
	text("impl_code", func(d *catalogue.Definition) *string { return &d.ImplCode }),
	text("local_code", func(d *catalogue.Definition) *string { return &d.LocalCode }),
	text("type", func(d *catalogue.Definition) *string { return &d.Type }),
	text("name", func(d *catalogue.Definition) *string { return &d.Name.ZH }),
	text("name.en", func(d *catalogue.Definition) *string { return &d.Name.EN }),
	text("main", func(d *catalogue.Definition) *string { return &d.Main.ZH }),
	text("main.en", func(d *catalogue.Definition) *string { return &d.Main.EN }),
	word("action", []string{"new", "change", "renew", "cancel", "replace", "other"}, func(d *catalogue.Definition) *catalogue.Action { return &d.Action }),
	word("kind", []string{"apply", "lookup"}, func(d *catalogue.Definition) *catalogue.Kind { return &d.Kind }),
	department,
	yes("guide_only", func(d *catalogue.Definition) *bool { return &d.GuideOnly }),
	text("area", func(d *catalogue.Definition) *string { return &d.Area }),
	word("level", levels, func(d *catalogue.Definition) *string { return &d.Level }),
	list("audience", []string{"enterprise", "person"}, func(d *catalogue.Definition) *[]catalogue.Audience { return &d.Audience }),
	word("case_type", []string{"instant", "promised"}, func(d *catalogue.Definition) *catalogue.CaseType { return &d.CaseType }),
	limit("statutory", func(d *catalogue.Definition) *workday.Limit { return &d.Statutory }),
	limit("promised", func(d *catalogue.Definition) *workday.Limit { return &d.Promised }),
	number("trips", func(d *catalogue.Definition) *int { return &d.Trips }),
	text("trips_reason", func(d *catalogue.Definition) *string { return &d.TripsReason.ZH }),
	text("trips_reason.en", func(d *catalogue.Definition) *string { return &d.TripsReason.EN }),
	list("channels", []string{"online", "window", "post"}, func(d *catalogue.Definition) *[]catalogue.Channel { return &d.Channels }),
	text("shelf", func(d *catalogue.Definition) *string { return &d.Shelf }),
	list("themes", nil, func(d *catalogue.Definition) *[]string { return &d.Themes }),
	text("summary", func(d *catalogue.Definition) *string { return &d.Summary.ZH }),
	text("summary.en", func(d *catalogue.Definition) *string { return &d.Summary.EN }),
	yes("fee", func(d *catalogue.Definition) *bool { return &d.Fee.Charged }),
	text("fee.standard", func(d *catalogue.Definition) *string { return &d.Fee.Standard.ZH }),
	text("fee.standard.en", func(d *catalogue.Definition) *string { return &d.Fee.Standard.EN }),
	text("fee.basis", func(d *catalogue.Definition) *string { return &d.Fee.Basis.ZH }),
	text("fee.basis.en", func(d *catalogue.Definition) *string { return &d.Fee.Basis.EN }),
	text("result", func(d *catalogue.Definition) *string { return &d.Result.Name.ZH }),
	text("result.en", func(d *catalogue.Definition) *string { return &d.Result.Name.EN }),
	list("keywords", nil, func(d *catalogue.Definition) *[]string { return &d.Keywords }),
	number("popularity", func(d *catalogue.Definition) *int { return &d.Popularity }),
	conditions,
	legalBasis,
	materials,
	text("guide_url", func(d *catalogue.Definition) *string { return &d.GuideURL }),
	text("phone.consult", func(d *catalogue.Definition) *string { return &d.Phones.Consult }),
	text("phone.complaint", func(d *catalogue.Definition) *string { return &d.Phones.Complaint }),
}

// department holds one of ours by its key, or a body elsewhere by name and
// credit code. Who moves from elsewhere to us becomes a guide only: nobody has
// said yet how it is handled here.
var department = Field{
	Name: "department",
	get: func(d *catalogue.Definition) []string {
		if d.Department != "" {
			return one(d.Department)
		}
		return []string{"", d.Agency.Name.ZH, d.Agency.USCC}
	},
	put: func(d *catalogue.Definition, v []string, _ *Mapping) {
		if len(v) == 3 {
			if d.Agency.Name.ZH != v[1] {
				d.Agency.Name = i18n.Text{ZH: v[1]}
			}
			d.Agency.USCC, d.Department, d.GuideOnly = v[2], "", false
			return
		}
		if d.Department == "" {
			d.GuideOnly = true
		}
		d.Department, d.Agency = first(v), catalogue.Agency{}
	},
}

var conditions = Field{
	Name: "conditions", lines: true,
	get: func(d *catalogue.Definition) []string {
		var out []string
		for _, c := range d.Conditions {
			out = append(out, c.ZH)
		}
		return out
	},
	put: func(d *catalogue.Definition, v []string, _ *Mapping) {
		var next []catalogue.Condition
		for _, t := range v {
			i := slices.IndexFunc(d.Conditions, func(c catalogue.Condition) bool { return c.ZH == t })
			if i >= 0 { // with its English and its situation
				next = append(next, d.Conditions[i])
			} else {
				next = append(next, catalogue.Condition{Text: i18n.Text{ZH: t}})
			}
		}
		d.Conditions = next
	},
}

var legalBasis = Field{
	Name: "legal_basis", lines: true,
	get: func(d *catalogue.Definition) []string {
		var out []string
		for _, t := range d.LegalBasis {
			out = append(out, t.ZH)
		}
		return out
	},
	put: func(d *catalogue.Definition, v []string, _ *Mapping) {
		var next []i18n.Text
		for _, t := range v {
			i := slices.IndexFunc(d.LegalBasis, func(b i18n.Text) bool { return b.ZH == t })
			if i >= 0 {
				next = append(next, d.LegalBasis[i])
			} else {
				next = append(next, i18n.Text{ZH: t})
			}
		}
		d.LegalBasis = next
	},
}

// materials are known by their names. One that was there keeps everything that
// was said about it here; a new one is what most are: needed, once, as a file,
// from the applicant.
var materials = Field{
	Name: "materials", many: true,
	get: func(d *catalogue.Definition) []string {
		var out []string
		for _, m := range d.Materials {
			out = append(out, m.Name.ZH)
		}
		return out
	},
	put: func(d *catalogue.Definition, v []string, m *Mapping) {
		var next []catalogue.Material
		keys := map[string]bool{}
		for _, name := range v {
			i := slices.IndexFunc(d.Materials, func(x catalogue.Material) bool { return x.Name.ZH == name })
			one := catalogue.Material{
				Key: materialKey(name), Name: i18n.Text{ZH: name}, Need: catalogue.Required, Kind: m.kindOf(name), Medium: "electronic", Copies: 1, Source: "applicant",
			}
			if i >= 0 {
				one = d.Materials[i]
			}
			if !keys[one.Key] {
				next = append(next, one)
			}
			keys[one.Key] = true
		}
		d.Materials = next
	},
}

// materialKey is made of the name, so that the order of a sheet does not matter.
func materialKey(name string) string {
	sum := sha256.Sum256([]byte(name))
	return "m_" + hex.EncodeToString(sum[:5])
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func first(v []string) string {
	if len(v) == 0 {
		return ""
	}
	return v[0]
}
