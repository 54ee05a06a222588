package catalogue

import (
	"slices"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// Family of an item.
type Family string

// The families. A science service never carries an administrative code and is
// never a condition of an approval (优化营商环境条例 art. 43).
const (
	Administrative Family = "administrative"
	ScienceService Family = "science_service"
	Bundled        Family = "bundle" // 一件事: several handling items with one form, see Bundle
)

// Kind says what somebody gets who asks for an item.
type Kind string

// The kinds. Searches put what can be asked for above what can only be looked
// up, when the words fit both alike.
const (
	KindApply   Kind = "apply"   // 申请办理
	KindLookup  Kind = "lookup"  // 查询, 咨询, 公示: nothing is decided
	KindService Kind = "service" // a science service of a provider
	KindBundle  Kind = "bundle"
)

// Action is what a handling item (业务办理项) does to the result of its main item.
type Action string

// The actions.
const (
	ActNew     Action = "new"     // 新办
	ActChange  Action = "change"  // 变更
	ActRenew   Action = "renew"   // 延续
	ActCancel  Action = "cancel"  // 注销
	ActReplace Action = "replace" // 补证
	ActOther   Action = "other"
)

var actions = []Action{ActNew, ActChange, ActRenew, ActCancel, ActReplace, ActOther}

// CaseType says how fast an item is handled.
type CaseType string

// 即办件 and 承诺件.
const (
	Instant  CaseType = "instant"
	Promised CaseType = "promised"
)

// Audience of an item.
type Audience string

// Who can ask.
const (
	ForEnterprise Audience = "enterprise"
	ForPerson     Audience = "person"
)

// Channel by which a case can be filed.
type Channel string

// The channels of an item.
const (
	Online   Channel = "online"
	AtWindow Channel = "window"
	ByPost   Channel = "post"
)

// Definition is everything about a handling item (业务办理项) that one version
// fixes: guide, materials, form, flow and wording. It is stored as one JSON
// document and never changes once published. The same keys are used in the
// YAML files described in docs/demo-data.md.
type Definition struct {
	Code        string        `json:"code" yaml:"code"`
	BaseCode    string        `json:"base_code,omitempty" yaml:"base_code"`
	Name        i18n.Text     `json:"name" yaml:"name"`
	Family      Family        `json:"family" yaml:"family"`
	Type        string        `json:"type,omitempty" yaml:"type"`
	Shelf       string        `json:"shelf" yaml:"shelf"`
	Department  string        `json:"department" yaml:"department"`
	Audience    []Audience    `json:"audience" yaml:"audience"`
	CaseType    CaseType      `json:"case_type" yaml:"case_type"`
	Summary     i18n.Text     `json:"summary" yaml:"summary"`
	Statutory   workday.Limit `json:"statutory,omitzero" yaml:"statutory"`
	Promised    workday.Limit `json:"promised,omitzero" yaml:"promised"`
	Trips       int           `json:"trips" yaml:"trips"`
	TripsReason i18n.Text     `json:"trips_reason,omitzero" yaml:"trips_reason"`
	Channels    []Channel     `json:"channels" yaml:"channels"`
	Fee         Fee           `json:"fee" yaml:"fee"`
	Result      Result        `json:"result" yaml:"result"`
	Keywords    []string      `json:"keywords,omitempty" yaml:"keywords"`
	Popularity  int           `json:"popularity" yaml:"popularity"`
	Conditions  []Condition   `json:"conditions,omitempty" yaml:"conditions"`
	LegalBasis  []i18n.Text   `json:"legal_basis,omitempty" yaml:"legal_basis"`
	Materials   []Material    `json:"materials,omitempty" yaml:"materials"`
	Late        LateEffect    `json:"late,omitempty" yaml:"late"` // what happens when a tolerated material does not come in time; "" for Lapses
	FAQ         []FAQ         `json:"faq,omitempty" yaml:"faq"`
	Form        Form          `json:"form,omitzero" yaml:"form"`
	Flow        Flow          `json:"flow,omitzero" yaml:"flow"`
	Decision    Wording       `json:"decision,omitzero" yaml:"decision"`
	Supplement  Supplement    `json:"supplement,omitzero" yaml:"supplement"`
	Procedure   Procedure     `json:"procedure,omitzero" yaml:"procedure"`

	// What the item belongs to.
	Kind   Kind      `json:"kind,omitempty" yaml:"kind"`     // only where the name misleads, see Asks
	Main   i18n.Text `json:"main,omitzero" yaml:"main"`      // name of the main item (主项); handling items of one main item are shown together
	Action Action    `json:"action,omitempty" yaml:"action"` // "" for an item without siblings
	Themes []string  `json:"themes,omitempty" yaml:"themes"` // keys of life events and topics

	// What a real sheet brings along.
	ImplCode  string `json:"impl_code,omitempty" yaml:"impl_code"`   // 31 or 33 digits, as issued; else see Codes
	LocalCode string `json:"local_code,omitempty" yaml:"local_code"` // of another system, free
	Agency    Agency `json:"agency,omitzero" yaml:"agency"`          // the implementing body, where it is no department of ours
	Level     string `json:"level,omitempty" yaml:"level"`           // 行使层级: province city county town
	Area      string `json:"area,omitempty" yaml:"area"`             // division code
	GuideURL  string `json:"guide_url,omitempty" yaml:"guide_url"`   // where it is handled, when not here
	GuideOnly bool   `json:"guide_only,omitempty" yaml:"guide_only"` // known from a sheet only, see Orderable

	// Where to go, whom to call, and what to do when you disagree.
	Halls  []string `json:"halls,omitempty" yaml:"halls"` // keys; empty for every hall
	Phones Phones   `json:"phones,omitzero" yaml:"phones"`
	Remedy Remedy   `json:"remedy,omitzero" yaml:"remedy"`

	// Situation (情形) is asked first, on the guide page and as the first section
	// of the form: its answers choose conditions, materials, fees and tasks.
	Situation []Field `json:"situation,omitempty" yaml:"situation"`

	Offer  *Offer  `json:"offer,omitempty" yaml:"offer"`   // of a science service
	Bundle *Bundle `json:"bundle,omitempty" yaml:"bundle"` // of a bundle
}

// Condition that an applicant must meet.
type Condition struct {
	i18n.Text `yaml:",inline"`
	When      string `json:"when,omitempty" yaml:"when"` // CEL over answers; "" = always
}

// Agency is an implementing body by name, for items of other administrations.
type Agency struct {
	Name i18n.Text `json:"name" yaml:"name"`
	USCC string    `json:"uscc,omitempty" yaml:"uscc"`
}

// Phones of an item, where they differ from those of its department.
type Phones struct {
	Consult   string `json:"consult,omitempty" yaml:"consult"`
	Complaint string `json:"complaint,omitempty" yaml:"complaint"`
}

// Remedy names the bodies that review a decision (复议, 诉讼).
type Remedy struct {
	Review i18n.Text `json:"review,omitzero" yaml:"review"`
	Court  i18n.Text `json:"court,omitzero" yaml:"court"`
}

// Offer is what a provider says of a science service. It is taken off the
// shelves on the day after one of its qualifications ends.
type Offer struct {
	Provider       i18n.Text       `json:"provider" yaml:"provider"`
	USCC           string          `json:"uscc,omitempty" yaml:"uscc"`
	Price          i18n.Text       `json:"price" yaml:"price"`                 // "from 800 yuan a sample", "by quote"
	Delivery       i18n.Text       `json:"delivery" yaml:"delivery"`           // how long it takes and what is handed over
	Coverage       i18n.Text       `json:"coverage,omitzero" yaml:"coverage"`  // where and for whom
	Vouchers       bool            `json:"vouchers,omitempty" yaml:"vouchers"` // can be paid by innovation vouchers
	Qualifications []Qualification `json:"qualifications,omitempty" yaml:"qualifications"`
}

// Qualification of a provider.
type Qualification struct {
	Name   i18n.Text `json:"name" yaml:"name"`
	Number string    `json:"number,omitempty" yaml:"number"`
	Until  string    `json:"until,omitempty" yaml:"until"` // ISO date, "" without an end
}

// Lapsed says that a qualification has ended before the day (ISO date).
func (o *Offer) Lapsed(day string) bool {
	return o != nil && slices.ContainsFunc(o.Qualifications, func(q Qualification) bool { return q.Until != "" && q.Until < day })
}

// Fee of an item.
type Fee struct {
	Charged  bool      `json:"charged" yaml:"charged"`
	Standard i18n.Text `json:"standard,omitzero" yaml:"standard"`
	Basis    i18n.Text `json:"basis,omitzero" yaml:"basis"`
	Cases    []FeeCase `json:"cases,omitempty" yaml:"cases"`   // what depends on the situation; the first that holds counts
	Online   bool      `json:"online,omitempty" yaml:"online"` // can be paid online
}

// FeeCase is the standard of a fee in one situation.
type FeeCase struct {
	When     string    `json:"when" yaml:"when"` // CEL over answers
	Standard i18n.Text `json:"standard" yaml:"standard"`
}

// Result that a granted case ends with.
type Result struct {
	Name            i18n.Text `json:"name" yaml:"name"`
	CertificateType string    `json:"certificate_type,omitempty" yaml:"certificate_type"` // "": no certificate is issued
	Months          int       `json:"months,omitempty" yaml:"months"`                     // validity, 0 for unlimited
	Sample          string    `json:"sample,omitempty" yaml:"sample"`                     // id of a file that shows one; a certificate has its specimen anyway
}

// Need says whether a material can be left out.
type Need string

// Required stops acceptance when missing, Optional never does, Tolerated may
// follow later (容缺后补).
const (
	Required  Need = "required"
	Optional  Need = "optional"
	Tolerated Need = "tolerated"
)

// Material that an applicant hands in.
type Material struct {
	Key         string    `json:"key" yaml:"key"`
	Name        i18n.Text `json:"name" yaml:"name"`
	Need        Need      `json:"need" yaml:"need"`
	Kind        string    `json:"kind" yaml:"kind"`     // certificate, form, document
	Medium      string    `json:"medium" yaml:"medium"` // electronic, paper, both
	Copies      int       `json:"copies" yaml:"copies"`
	Source      string    `json:"source" yaml:"source"` // applicant, authority, other
	Issuer      i18n.Text `json:"issuer,omitzero" yaml:"issuer"`
	Standard    i18n.Text `json:"standard,omitzero" yaml:"standard"`
	SatisfiedBy string    `json:"satisfied_by,omitempty" yaml:"satisfied_by"` // certificate type on file that replaces it
	Commitment  bool      `json:"commitment,omitempty" yaml:"commitment"`     // 告知承诺 may replace it
	When        string    `json:"when,omitempty" yaml:"when"`                 // CEL over answers; "" = always needed
	Paper       string    `json:"paper,omitempty" yaml:"paper"`               // of the library of papers: the same one is handed in once for several items
	Basis       i18n.Text `json:"basis,omitzero" yaml:"basis"`                // why it may be asked for
	Blank       string    `json:"blank,omitempty" yaml:"blank"`               // id of a file to fill in
	Sample      string    `json:"sample,omitempty" yaml:"sample"`             // id of a file that shows a good one
	Original    bool      `json:"original,omitempty" yaml:"original"`         // a copy counts only once somebody held it against the original
	ValidMonths int       `json:"valid_months,omitempty" yaml:"valid_months"` // how long one handed in serves for other cases, too; 0: see ReuseMonths
	Expires     bool      `json:"expires,omitempty" yaml:"expires"`           // the paper has a last day of its own, which is asked for
	LateDays    int       `json:"late_days,omitempty" yaml:"late_days"`       // working days after acceptance to hand in a tolerated one; 0: see ToleranceDays
}

// What holds where a material does not say otherwise.
const (
	ReuseMonths   = 12 // a paper handed in serves for other cases this long
	ToleranceDays = 10 // working days to hand in what was tolerated
)

// LateEffect says what becomes of an accepted case when a tolerated material
// does not come in time (容缺受理逾期).
type LateEffect string

// The effects.
const (
	Lapses   LateEffect = "lapse"  // counts as withdrawn by the applicant (视为撤回申请)
	Unaccept LateEffect = "refuse" // the acceptance is taken back (撤销受理)
)

// FAQ is a question that people ask.
type FAQ struct {
	Q i18n.Text `json:"q" yaml:"q"`
	A i18n.Text `json:"a" yaml:"a"`
}

// Form is what the applicant fills in.
type Form struct {
	Sections []Section `json:"sections,omitempty" yaml:"sections"`
	Checks   []Check   `json:"checks,omitempty" yaml:"checks"` // across fields
}

// Section of a form. One that repeats is a list of rows, each with the fields
// of the section; its key is stable for ever then, since answers are kept
// under it, and its fields have names of their own.
type Section struct {
	Key    string    `json:"key" yaml:"key"`
	Title  i18n.Text `json:"title" yaml:"title"`
	Repeat *Repeat   `json:"repeat,omitempty" yaml:"repeat"`
	Fields []Field   `json:"fields" yaml:"fields"`
	Checks []Check   `json:"checks,omitempty" yaml:"checks"` // of a repeating section: of each row
}

// Field of a form. ID is stable for ever: it is the key in stored answers.
type Field struct {
	ID       string    `json:"id" yaml:"id"`
	Type     FieldType `json:"type" yaml:"type"`
	Label    i18n.Text `json:"label" yaml:"label"`
	Hint     i18n.Text `json:"hint,omitzero" yaml:"hint"`
	Required bool      `json:"required,omitempty" yaml:"required"`
	Min      *float64  `json:"min,omitempty" yaml:"min"`
	Max      *float64  `json:"max,omitempty" yaml:"max"` // characters of a text, largest number
	Options  []Option  `json:"options,omitempty" yaml:"options"`
	Prefill  string    `json:"prefill,omitempty" yaml:"prefill"`
	When     string    `json:"when,omitempty" yaml:"when"`
	Formula  string    `json:"formula,omitempty" yaml:"formula"` // CEL: computed, not typed
}

// Option of a choice.
type Option struct {
	Value string    `json:"value" yaml:"value"`
	Label i18n.Text `json:"label" yaml:"label"`
}

// Flow says who does what after acceptance: stages one after the other, tasks
// within a stage in parallel.
type Flow struct {
	Automatic string `json:"automatic,omitempty" yaml:"automatic"` // CEL: decided at once by the engine when it holds
	// OnCommitment decides at once, too, when something is promised instead of
	// proved (告知承诺), and who did so is trusted; it is verified afterwards.
	OnCommitment Trust         `json:"on_commitment,omitempty" yaml:"on_commitment"`
	Verify       workday.Limit `json:"verify,omitzero" yaml:"verify"` // by when a commitment is verified; 60 working days when not said
	Stages       []Stage       `json:"stages,omitempty" yaml:"stages"`
}

// Trust says whose commitment is enough for a decision.
type Trust string

// TrustAll is everybody without a bad record, TrustGood who has a good one, "" nobody.
const (
	TrustAll  Trust = "all"
	TrustGood Trust = "good"
)

// Stage of a flow.
type Stage struct {
	Key   string    `json:"key" yaml:"key"`
	Name  i18n.Text `json:"name" yaml:"name"`
	Tasks []Task    `json:"tasks" yaml:"tasks"`
}

// Task of a stage: one department has one thing to do within its own limit.
type Task struct {
	Key        string        `json:"key" yaml:"key"`
	Name       i18n.Text     `json:"name" yaml:"name"`
	Department string        `json:"department" yaml:"department"`
	Role       string        `json:"role" yaml:"role"`             // handler or approver
	Group      string        `json:"group,omitempty" yaml:"group"` // of the department; "" for all with the role
	Limit      workday.Limit `json:"limit,omitzero" yaml:"limit"`
	When       string        `json:"when,omitempty" yaml:"when"`       // CEL; skipped, on the record, when it does not hold
	Decides    bool          `json:"decides,omitempty" yaml:"decides"` // the task that decides the case

	Kind      TaskKind      `json:"kind,omitempty" yaml:"kind"`           // "" for a review
	Members   []Member      `json:"members,omitempty" yaml:"members"`     // of a joint review or a countersignature
	Need      int           `json:"need,omitempty" yaml:"need"`           // signatures that are enough, 0 for all
	Uncounted string        `json:"uncounted,omitempty" yaml:"uncounted"` // the legal kind under which its time does not count, "" when it does
	Period    workday.Limit `json:"period,omitzero" yaml:"period"`        // of a publicity
	Shows     []string      `json:"shows,omitempty" yaml:"shows"`         // fields that a publicity shows to everybody
}

// Procedure names the module that takes part in the commands on the cases of an
// item (procedure kind), and what it has to know; see cases.Procedure.
type Procedure struct {
	Kind   string  `json:"kind,omitempty" yaml:"kind"`
	Params []Param `json:"params,omitempty" yaml:"params"`
}

// Param is one thing that a procedure has to know.
type Param struct {
	Name  string `json:"name" yaml:"name"`
	Value string `json:"value" yaml:"value"`
}

// Param returns the value with the name, "" when it is not there.
func (p Procedure) Param(name string) string {
	for _, x := range p.Params {
		if x.Name == name {
			return x.Value
		}
	}
	return ""
}

// Wording of a decision; {applicant} {item} {number} {date} and field ids are filled in.
type Wording struct {
	Grant i18n.Text `json:"grant,omitzero" yaml:"grant"`
	Part  i18n.Text `json:"part,omitzero" yaml:"part"` // granted in part
	Deny  i18n.Text `json:"deny,omitzero" yaml:"deny"`
	End   i18n.Text `json:"end,omitzero" yaml:"end"` // ended without a decision on the merits
}

// Shelf is one of the thirteen modules that people see.
type Shelf struct {
	Key      string    `yaml:"key"`
	Icon     string    `yaml:"icon"`
	Name     i18n.Text `yaml:"name"`
	Hint     i18n.Text `yaml:"hint"`
	Position int       `yaml:"-"`
}

// Item is a published version of an item, as pages and the case engine use it.
// It is shared and must not be changed.
type Item struct {
	ID          string
	VersionID   string
	Version     int
	Modelled    bool // its form and flow are its own, not the common ones
	PublishedAt time.Time
	Definition

	written *Definition // as published, without defaults
}

// Complete says that the item has a form and a flow of its own.
func (d Definition) Complete() bool { return len(d.Form.Sections) > 0 && len(d.Flow.Stages) > 0 }

// Online says that the item can be filed here.
func (d Definition) Online() bool { return d.Orderable() && slices.Contains(d.Channels, Online) }

// Window says that a window here takes the item in.
func (d Definition) Window() bool { return d.Orderable() && slices.Contains(d.Channels, AtWindow) }

// By says that the item can be asked for by this channel.
func (d Definition) By(c Channel) bool { return slices.Contains(d.Channels, c) }

// About says that the item belongs to the theme.
func (d Definition) About(theme string) bool { return slices.Contains(d.Themes, theme) }

// For says whether somebody of this kind can ask for the item.
func (d Definition) For(a Audience) bool { return slices.Contains(d.Audience, a) }

// Field returns the field with the id; those of rows are found by At.
func (d Definition) Field(id string) (Field, bool) {
	for _, s := range d.Form.Sections {
		if s.Repeat != nil {
			continue
		}
		for _, f := range s.Fields {
			if f.ID == id {
				return f, true
			}
		}
	}
	return Field{}, false
}

// Material returns the material with the key.
func (d Definition) Material(key string) (Material, bool) {
	for _, m := range d.Materials {
		if m.Key == key {
			return m, true
		}
	}
	return Material{}, false
}

// Stage returns the stage with the key and its position.
func (f Flow) Stage(key string) (Stage, int, bool) {
	for i, s := range f.Stages {
		if s.Key == key {
			return s, i, true
		}
	}
	return Stage{}, -1, false
}

// WithDefaults completes an item that is not modelled to the last field: the
// short common form, one examination by its department and one decision. The
// questions of the situation become the first section of the form. A guide that
// nobody can order by is left without: a form and steps would promise that.
func (d Definition) WithDefaults() Definition {
	if d.Family == Bundled { // its form is made of its items', its cases run by themselves
		return d.withBundleWords()
	}
	if d.Orderable() {
		d = d.withCommon()
	}
	if d.Decision.Grant.IsZero() {
		d.Decision.Grant = i18n.Text{
			ZH: "{applicant}：您申请的“{item}”（受理号 {number}）经审查符合规定的条件，决定准予。{date}",
			EN: "{applicant}: your application for “{item}” (number {number}) meets the conditions and is granted. {date}",
		}
	}
	if d.Decision.Part.IsZero() {
		d.Decision.Part = i18n.Text{
			ZH: "{applicant}：您申请的“{item}”（受理号 {number}）经审查部分符合规定的条件，决定部分准予。不予批准的部分及理由：{reason}。您对不予批准的部分不服的，可以自收到本决定之日起六十日内申请行政复议，或者六个月内提起行政诉讼。{date}",
			EN: "{applicant}: your application for “{item}” (number {number}) meets the conditions in part and is granted in part. What is not granted, and why: {reason}. As to that part you may ask for administrative review within sixty days of receiving this decision or go to court within six months. {date}",
		}
	}
	if d.Decision.Deny.IsZero() {
		d.Decision.Deny = i18n.Text{
			ZH: "{applicant}：您申请的“{item}”（受理号 {number}）经审查不符合规定的条件，决定不予批准。理由：{reason}。您可以自收到本决定之日起六十日内申请行政复议，或者六个月内提起行政诉讼。{date}",
			EN: "{applicant}: your application for “{item}” (number {number}) does not meet the conditions and is refused. Reason: {reason}. You may ask for administrative review within sixty days of receiving this decision or go to court within six months. {date}",
		}
	}
	return d.withEnd()
}

// withEnd says how a case is ended without a decision on the merits.
func (d Definition) withEnd() Definition {
	if d.Decision.End.IsZero() {
		d.Decision.End = i18n.Text{
			ZH: "{applicant}：您申请的“{item}”（受理号 {number}）因下列原因不能继续办理：{reason}。决定终止办理，对申请的内容不作准予或者不予批准的决定。原因消除后，您可以再次申请。您对终止办理不服的，可以自收到本决定之日起六十日内申请行政复议，或者六个月内提起行政诉讼。{date}",
			EN: "{applicant}: your application for “{item}” (number {number}) cannot go on: {reason}. The procedure is ended without a decision on what you asked for. You may apply again once the cause is gone. If you disagree with the ending you may ask for administrative review within sixty days of receiving this decision or go to court within six months. {date}",
		}
	}
	return d
}

// withBundleWords completes a bundle: its decision lists what came of its steps.
func (d Definition) withBundleWords() Definition {
	if d.Decision.Grant.IsZero() {
		d.Decision.Grant = i18n.Text{
			ZH: "{applicant}：您申请的“{item}”（受理号 {number}）已全部办结。办理结果：{results}。{date}",
			EN: "{applicant}: everything in your application “{item}” (number {number}) is done. Results: {results}. {date}",
		}
	}
	if d.Decision.Part.IsZero() {
		d.Decision.Part = i18n.Text{
			ZH: "{applicant}：您申请的“{item}”（受理号 {number}）部分办成。办理结果：{results}。已经办成的继续有效；不予批准的，理由见各自的决定，您可以按决定上写明的途径申请行政复议或者提起行政诉讼；没有办成的，可以单独再申请。{date}",
			EN: "{applicant}: part of your application “{item}” (number {number}) is granted. Results: {results}. What was granted stays valid. Each refusal gives its reasons and says how to ask for a review or go to court. You may apply again by itself for what was not done. {date}",
		}
	}
	if d.Decision.Deny.IsZero() {
		d.Decision.Deny = i18n.Text{
			ZH: "{applicant}：您申请的“{item}”（受理号 {number}）没有全部办成。办理结果：{results}。已经办成的继续有效；没有办成的，理由见各自的决定，您可以按决定上写明的途径申请行政复议或者提起行政诉讼，也可以补齐后单独再申请。{date}",
			EN: "{applicant}: not everything in your application “{item}” (number {number}) could be granted. Results: {results}. What was granted stays valid. Each refusal gives its reasons and says how to ask for a review or go to court; you may also apply for that item again by itself. {date}",
		}
	}
	if d.Decision.End.IsZero() {
		d.Decision.End = i18n.Text{
			ZH: "{applicant}：您申请的“{item}”（受理号 {number}）终止办理。办理结果：{results}。理由见各自的决定；原因消除后，您可以再次申请。{date}",
			EN: "{applicant}: your application “{item}” (number {number}) is ended. Results: {results}. Each decision gives its reasons; you may apply again once the cause is gone. {date}",
		}
	}
	return d
}

func (d Definition) withCommon() Definition {
	if len(d.Form.Sections) == 0 {
		d.Form = commonForm
	}
	if len(d.Situation) > 0 {
		first := Section{Key: "situation", Title: i18n.Text{ZH: "您的情况", EN: "Your situation"}, Fields: d.Situation}
		d.Form.Sections = append([]Section{first}, d.Form.Sections...)
	}
	if len(d.Flow.Stages) == 0 {
		d.Flow = commonFlow(d.Department, d.Flow.Automatic)
	}
	return d
}

var commonForm = Form{Sections: []Section{{
	Key: "request", Title: i18n.Text{ZH: "申请内容", EN: "Your request"},
	Fields: []Field{
		{ID: "contact_name", Type: FieldText, Required: true, Max: num(50), Prefill: "person.name", Label: i18n.Text{ZH: "联系人", EN: "Contact person"}},
		{ID: "contact_phone", Type: FieldPhone, Required: true, Prefill: "person.phone", Label: i18n.Text{ZH: "联系电话", EN: "Telephone"}},
		{
			ID: "request_text", Type: FieldTextarea, Required: true, Min: num(5), Max: num(1000), Label: i18n.Text{ZH: "申请事由", EN: "What you ask for"},
			Hint: i18n.Text{ZH: "用一两句话说明您要办什么、有什么特殊情况。", EN: "Say in a sentence or two what you need and anything special about it."},
		},
	},
}}}

func num(n float64) *float64 { return &n }

func commonFlow(department, automatic string) Flow {
	return Flow{Automatic: automatic, Stages: []Stage{
		{Key: "examine", Name: i18n.Text{ZH: "审查", EN: "Examination"}, Tasks: []Task{
			{Key: "examine", Name: i18n.Text{ZH: "审查", EN: "Examination"}, Department: department, Role: "handler"},
		}},
		{Key: "decide", Name: i18n.Text{ZH: "审批", EN: "Decision"}, Tasks: []Task{
			{Key: "decide", Name: i18n.Text{ZH: "审批决定", EN: "Decision"}, Department: department, Role: "approver", Decides: true},
		}},
	}}
}
