package catalogue

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/catalogue/index"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// Bundle (一件事) orders several handling items as one: each fact is asked for
// once, each paper is handed in once, and what one step issues is never asked
// for by the next.
type Bundle struct {
	Groups []Group `json:"groups" yaml:"groups"` // one after the other
	Same   []Same  `json:"same,omitempty" yaml:"same"`
	Cart   bool    `json:"cart,omitempty" yaml:"-"` // composed for one order, not published

	Written *Written `json:"written,omitempty" yaml:"-"` // of a resolved one
}

// Written is what a bundle said itself before Resolve filled in what it left open.
type Written struct {
	Promised   workday.Limit `json:"promised,omitzero"`
	Statutory  workday.Limit `json:"statutory,omitzero"`
	Conditions []Condition   `json:"conditions,omitempty"`
	LegalBasis []i18n.Text   `json:"legal_basis,omitempty"`
	Fee        Fee           `json:"fee,omitzero"`
}

// Group of a bundle; its steps run side by side.
type Group struct {
	Key   string    `json:"key" yaml:"key"`
	Name  i18n.Text `json:"name" yaml:"name"`
	Items []Step    `json:"items" yaml:"items"`
}

// Step of a bundle: one handling item, which becomes one case. What Resolve
// fills in belongs to the version of the item that the bundle was put together
// with, so that a case of a bundle stays what it was submitted as.
type Step struct {
	Item string `json:"item" yaml:"item"`           // code
	When string `json:"when,omitempty" yaml:"when"` // CEL over answers; "" = always taken

	VersionID string            `json:"version_id,omitempty" yaml:"-"`
	Name      i18n.Text         `json:"name,omitzero" yaml:"-"`
	Fields    map[string]string `json:"fields,omitempty" yaml:"-"`    // field of the item → field of the merged form
	Materials map[string]string `json:"materials,omitempty" yaml:"-"` // material of the item → merged one; "" when an earlier step issues it
}

// Same names a fact that items ask for under different names.
type Same struct {
	ID     string   `json:"id" yaml:"id"`
	Fields []string `json:"fields" yaml:"fields"` // CODE.field
}

// Steps of all groups in their order.
func (b *Bundle) Steps() []Step {
	if b == nil {
		return nil
	}
	var out []Step
	for _, g := range b.Groups {
		out = append(out, g.Items...)
	}
	return out
}

// Has says whether the bundle has the item as a step.
func (b *Bundle) Has(code string) bool {
	return slices.ContainsFunc(b.Steps(), func(s Step) bool { return s.Item == code })
}

// Resolve puts a bundle together from the versions of its items that are
// published now: the merged form and materials, and what was left open of
// limits, conditions, legal basis and fee. Other definitions come back as they
// are. Items that are not there, twice, or bundles themselves are ErrInvalid.
func Resolve(d Definition, item func(code string) (*Item, error)) (Definition, error) {
	if d.Family != Bundled || d.Bundle == nil {
		return d, nil
	}
	m := newMerger(d.Bundle)
	for _, f := range d.Situation {
		m.add(f, f.ID, f.When, "")
	}
	out := *d.Bundle
	out.Written = &Written{d.Promised, d.Statutory, d.Conditions, d.LegalBasis, d.Fee}
	out.Groups = slices.Clone(out.Groups)
	var items []*Item
	for g := range out.Groups {
		group := &out.Groups[g]
		group.Items = slices.Clone(group.Items)
		var issued []issue
		for i := range group.Items {
			step := &group.Items[i]
			it, err := item(step.Item)
			switch {
			case err != nil:
				m.bad = m.bad.At("bundle."+step.Item, badUnknown, "value", step.Item)
				continue
			case slices.ContainsFunc(items, func(other *Item) bool { return other.Code == it.Code }):
				m.bad = m.bad.At("bundle."+step.Item, badTwice, "value", step.Item)
				continue
			case it.Family == Bundled || !it.Orderable():
				m.bad = m.bad.At("bundle."+step.Item, badNotStep, "value", step.Item)
				continue
			}
			items = append(items, it)
			step.VersionID, step.Name = it.VersionID, it.Name
			m.take(step, it)
			if ct := it.Result.CertificateType; ct != "" {
				issued = append(issued, issue{ct, step.When})
			}
		}
		m.issued = append(m.issued, issued...) // only for the groups that follow
	}
	if err := m.bad.OrNil(); err != nil {
		return d, err
	}
	d.Bundle = &out
	m.finish(&d, items)
	return d, nil
}

// Source is the definition as people write it: a bundle without what Resolve
// took from its items.
func (d Definition) Source() Definition {
	if d.Bundle == nil {
		return d
	}
	b := *d.Bundle
	b.Groups = slices.Clone(b.Groups)
	for g := range b.Groups {
		b.Groups[g].Items = slices.Clone(b.Groups[g].Items)
		for i, s := range b.Groups[g].Items {
			b.Groups[g].Items[i] = Step{Item: s.Item, When: s.When}
		}
	}
	d.Form, d.Materials = Form{}, nil
	if w := d.Bundle.Written; w != nil {
		d.Promised, d.Statutory, d.Conditions, d.LegalBasis, d.Fee = w.Promised, w.Statutory, w.Conditions, w.LegalBasis, w.Fee
	}
	b.Written = nil
	d.Bundle = &b
	return d
}

// issue is a certificate that a step ends with.
type issue struct{ certificate, when string }

// mergedField is a field with everybody who asks for it.
type mergedField struct {
	Field
	whens []string // one for each item; "" = always
	items []string // codes; "" for the situation of the bundle
}

// merger puts forms and materials of several items together.
type merger struct {
	bad       *errs.Error
	same      map[string]string // CODE.field → merged field
	fields    map[string]*mergedField
	order     []string          // of the fields
	prefilled map[string]string // a fact of the firm → merged field
	groups    []*mergedGroup    // repeating sections
	checks    []Check
	materials []*mergedMaterial
	known     map[string]*mergedMaterial // by paper and by name
	keys      map[string]bool
	issued    []issue
}

type mergedMaterial struct {
	Material
	whens []string
}

func newMerger(b *Bundle) *merger {
	m := &merger{
		bad: ErrInvalid, same: map[string]string{}, fields: map[string]*mergedField{}, prefilled: map[string]string{},
		known: map[string]*mergedMaterial{}, keys: map[string]bool{},
	}
	for _, s := range b.Same {
		for _, f := range s.Fields {
			m.same[f] = s.ID
		}
	}
	return m
}

// take adds the form and the materials of an item.
func (m *merger) take(step *Step, it *Item) {
	step.Fields, step.Materials = map[string]string{}, map[string]string{}
	m.names(step, it)
	for _, s := range it.Form.Sections {
		if s.Repeat != nil {
			m.addGroup(s, step)
			continue
		}
		for _, f := range s.Fields {
			f.Formula = rewrite(f.Formula, step.Fields)
			m.add(f, renamed(f.ID, step.Fields), and(step.When, rewrite(f.When, step.Fields)), it.Code)
		}
		m.addChecks(s.Checks, step)
	}
	m.addChecks(it.Form.Checks, step)
	for _, x := range it.Materials {
		x.When = and(step.When, rewrite(x.When, step.Fields))
		step.Materials[x.Key] = m.material(x)
	}
}

// place finds the merged field for a field of an item: the one that is named,
// the one with the same fact of the firm, the one with the same id when it asks
// for the same kind of thing, else one of its own.
func (m *merger) place(code string, f Field) string {
	if id, ok := m.same[code+"."+f.ID]; ok {
		return id
	}
	if f.Formula != "" { // worked out of what this item asks for
		return m.hold(ownUnless(m.free(f.ID), code, f.ID, m.free), f)
	}
	fact := f.Prefill
	if !strings.HasPrefix(fact, "enterprise.") && !strings.HasPrefix(fact, "figures.") {
		fact = ""
	}
	if id, ok := m.prefilled[fact]; ok && fact != "" && alikeFields(m.fields[id].Field, f) {
		return id
	}
	id := f.ID
	if other, taken := m.fields[id]; taken && !alikeFields(other.Field, f) || !taken && !m.free(id) {
		id = ownUnless(false, code, f.ID, m.free)
	}
	if fact != "" {
		m.prefilled[fact] = id
	}
	return m.hold(id, f)
}

// hold keeps the name for the items that follow.
func (m *merger) hold(id string, f Field) string {
	if _, taken := m.fields[id]; !taken {
		f.ID = id
		m.fields[id] = &mergedField{Field: f}
		m.order = append(m.order, id)
	}
	return id
}

// longestID of a field or section, see idForm.
const longestID = 50

// ownID is a name of an item's own for one of its fields, which is not taken.
// One that is too long is cut, and a short sum of the whole keeps it apart from
// others that are cut to the same.
func ownID(code, id string, taken func(string) bool) string {
	whole := strings.Trim(strings.ToLower(strings.NewReplacer("-", "_", ".", "_").Replace(code))+"_"+id, "_")
	if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz", rune(whole[0])) {
		whole = "item_" + whole
	}
	out := whole
	for n := 0; len(out) > longestID || taken(out); n++ {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d", code, id, n))
		tail := "_" + hex.EncodeToString(sum[:4])
		out = whole[:min(len(whole), longestID-len(tail))] + tail
	}
	return out
}

// alikeFields says whether one answer can serve both.
func alikeFields(a, b Field) bool {
	return a.Type == b.Type && a.Formula == "" && b.Formula == "" && slices.EqualFunc(a.Options, b.Options, func(a, b Option) bool { return a.Value == b.Value })
}

func (m *merger) add(f Field, id, when, code string) {
	at, ok := m.fields[id]
	if !ok {
		f.ID = id
		at = &mergedField{Field: f}
		m.fields[id] = at
		m.order = append(m.order, id)
	}
	at.Required = at.Required || f.Required
	if f.Formula != "" {
		at.Formula = f.Formula
	}
	if at.Min == nil || f.Min != nil && *f.Min > *at.Min {
		at.Min = f.Min
	}
	if at.Max == nil || f.Max != nil && *f.Max < *at.Max {
		at.Max = f.Max
	}
	if at.Prefill == "" {
		at.Prefill = f.Prefill
	}
	at.whens, at.items = append(at.whens, when), append(at.items, code)
}

// material adds a material and returns the key of the merged one; "" when an
// earlier step issues it in any case.
func (m *merger) material(x Material) string {
	for _, i := range m.issued {
		if x.SatisfiedBy == "" || x.SatisfiedBy != i.certificate {
			continue
		}
		if i.when == "" {
			return ""
		}
		// Asked for, unless the step that issues it certainly runs.
		x.When = and(x.When, "!certainly("+i.when+")")
	}
	// The same paper by the library, by the certificate that replaces it, or by
	// its name. Identity cards are of different people.
	identities := []string{"name:" + strings.ReplaceAll(index.Normalise(x.Name.ZH), " ", "")}
	if x.Paper != "" {
		identities = append(identities, "paper:"+x.Paper)
	}
	if x.SatisfiedBy != "" && x.SatisfiedBy != "id_card" {
		identities = append(identities, "certificate:"+x.SatisfiedBy)
	}
	var at *mergedMaterial
	for _, id := range identities {
		if at == nil {
			at = m.known[id]
		}
	}
	if at == nil {
		key := x.Key
		for n := 2; m.keys[key]; n++ {
			key = fmt.Sprintf("%s_%d", x.Key, n)
		}
		m.keys[key] = true
		at = &mergedMaterial{Material: x}
		at.Key = key
		m.materials = append(m.materials, at)
	}
	for _, id := range identities {
		m.known[id] = at
	}
	if needOrder(x.Need) < needOrder(at.Need) {
		at.Need = x.Need
	}
	at.Copies = max(at.Copies, x.Copies)
	at.Commitment = at.Commitment && x.Commitment
	at.Original = at.Original || x.Original // the strictest of all that ask for it
	at.Expires = at.Expires || x.Expires
	at.ValidMonths, at.LateDays = shorter(at.ValidMonths, x.ValidMonths), shorter(at.LateDays, x.LateDays)
	if at.SatisfiedBy == "" {
		at.SatisfiedBy = x.SatisfiedBy
	}
	at.whens = append(at.whens, x.When)
	return at.Key
}

// shorter of two spans, where 0 says nothing.
func shorter(a, b int) int {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}

func needOrder(n Need) int { return slices.Index([]Need{Required, Tolerated, Optional}, n) }

// The parts of a merged form, in their order.
const (
	partSituation = iota
	partShared
	partOwn
)

// parts says which field goes where. A condition reads only what was asked
// before it, so what a field reads goes no later than the field: what is read by
// a shared one, or by one of another item, is shared too.
func (m *merger) parts() map[string]int {
	part := map[string]int{}
	for id, f := range m.fields {
		f.When = or(f.whens)
		switch {
		case f.items[0] == "":
			part[id], f.When = partSituation, or(m.asked(id))
		case len(f.items) > 1:
			part[id] = partShared
		default:
			part[id] = partOwn
		}
	}
	for moved := true; moved; {
		moved = false
		for id, f := range m.fields {
			for _, read := range namesIn(f.When) {
				other, ok := m.fields[read]
				if !ok || other.Formula != "" { // computed, it may stand anywhere
					continue
				}
				latest := part[id]
				if latest == partOwn && f.items[0] != other.items[0] {
					latest = partShared
				}
				if part[read] > latest {
					part[read], moved = latest, true
				}
			}
		}
	}
	return part
}

// asked says when a question of the situation is asked: when the bundle says so,
// and when an item asks the same in a case that the questions before it decide.
// A step that is taken by this very answer cannot be why it is asked.
func (m *merger) asked(id string) []string {
	f, before := m.fields[id], m.order[:slices.Index(m.order, id)]
	out := f.whens[:1:1]
	for _, when := range f.whens[1:] {
		if !slices.ContainsFunc(namesIn(when), func(read string) bool {
			return !slices.Contains(before, read) || m.fields[read] == nil || m.fields[read].items[0] != ""
		}) {
			out = append(out, when)
		}
	}
	return out
}

// readable puts fields into an order in which each condition reads only what
// comes before it, and changes it no more than that needs. Conditions that read
// each other stay as they are: Validate says so.
func readable(fields []Field) []Field {
	rest, out := slices.Clone(fields), make([]Field, 0, len(fields))
	for len(rest) > 0 {
		next := slices.IndexFunc(rest, func(f Field) bool {
			read := namesIn(f.When)
			return !slices.ContainsFunc(rest, func(other Field) bool { return other.Formula == "" && slices.Contains(read, other.ID) })
		})
		next = max(next, 0)
		out, rest = append(out, rest[next]), slices.Delete(rest, next, next+1)
	}
	return out
}

// form is what several ask for first, then each item's own part.
func (m *merger) form(title func(code string) i18n.Text) Form {
	situation := Section{Key: "situation", Title: i18n.Text{ZH: "您的情况", EN: "Your situation"}}
	shared := Section{Key: "shared", Title: i18n.Text{ZH: "共用信息（只填一次）", EN: "Asked once for all"}}
	var own []Section
	at := map[string]int{} // code → place in own
	part := m.parts()
	for _, id := range m.order {
		f := m.fields[id]
		switch part[id] {
		case partSituation:
			situation.Fields = append(situation.Fields, f.Field)
		case partShared:
			shared.Fields = append(shared.Fields, f.Field)
		default:
			i, ok := at[f.items[0]]
			if !ok {
				key := ownID(f.items[0], "", func(key string) bool {
					return key == situation.Key || key == shared.Key || slices.ContainsFunc(own, func(s Section) bool { return s.Key == key })
				})
				i = len(own)
				own, at[f.items[0]] = append(own, Section{Key: key, Title: title(f.items[0])}), i
			}
			own[i].Fields = append(own[i].Fields, f.Field)
		}
	}
	own = append(own, m.repeating()...)
	out := Form{Checks: m.checks}
	for _, s := range append([]Section{situation, shared}, own...) {
		if len(s.Fields) > 0 {
			if s.Repeat == nil {
				s.Fields = readable(s.Fields)
			}
			out.Sections = append(out.Sections, s)
		}
	}
	return out
}

// finish writes the merged parts into the definition, and what it left open.
func (m *merger) finish(d *Definition, items []*Item) {
	byCode := map[string]*Item{}
	for _, it := range items {
		byCode[it.Code] = it
	}
	d.Form = m.form(func(code string) i18n.Text { return byCode[code].Name })
	d.Materials = nil
	for _, x := range m.materials {
		x.When = or(x.whens)
		d.Materials = append(d.Materials, x.Material)
	}
	if d.Promised.IsZero() {
		d.Promised = joint(d.Bundle, func(code string) workday.Limit { return byCode[code].Promised })
	}
	if d.Statutory.IsZero() {
		d.Statutory = joint(d.Bundle, func(code string) workday.Limit { return byCode[code].Statutory })
	}
	var fees i18n.Text
	conditions, basis := len(d.Conditions) == 0, len(d.LegalBasis) == 0
	d.Conditions, d.LegalBasis = slices.Clone(d.Conditions), slices.Clone(d.LegalBasis)
	for _, it := range items {
		for _, c := range it.Conditions {
			if conditions && c.When == "" && !slices.Contains(d.Conditions, c) {
				d.Conditions = append(d.Conditions, c)
			}
		}
		for _, b := range it.LegalBasis {
			if basis && !slices.Contains(d.LegalBasis, b) {
				d.LegalBasis = append(d.LegalBasis, b)
			}
		}
		if it.Fee.Charged {
			fees.ZH += it.Name.ZH + "：" + it.Fee.Standard.ZH + " "
			fees.EN += it.Name.EN + ": " + it.Fee.Standard.In(i18n.English) + " "
		}
	}
	if fees.ZH != "" && !d.Fee.Charged {
		d.Fee = Fee{Charged: true, Standard: i18n.Text{ZH: strings.TrimSpace(fees.ZH), EN: strings.TrimSpace(fees.EN)}, Basis: i18n.Text{ZH: "见各事项办事指南", EN: "See the guide of each item"}}
	}
}

// joint is the limit of all steps: the groups follow one another, and each
// takes as long as its slowest step. Zero when one of them has none.
func joint(b *Bundle, of func(code string) workday.Limit) workday.Limit {
	total := 0
	for _, g := range b.Groups {
		most := 0
		for _, s := range g.Items {
			l := of(s.Item)
			if l.IsZero() {
				return workday.Limit{}
			}
			most = max(most, Workdays(l))
		}
		total += most
	}
	return workday.Limit{N: total, Unit: workday.UnitWorkday}
}

// rewrite puts other names for answers into a condition.
func rewrite(when string, names map[string]string) string {
	return answerName.ReplaceAllStringFunc(when, func(found string) string {
		return "answers." + renamed(strings.TrimPrefix(found, "answers."), names)
	})
}

func renamed(id string, names map[string]string) string {
	if other, ok := names[id]; ok {
		return other
	}
	return id
}

func and(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "" || a == b:
		return a
	}
	return "(" + a + ") && (" + b + ")"
}

// or of conditions; "" is always.
func or(whens []string) string {
	var parts []string
	for _, w := range whens {
		switch {
		case w == "":
			return ""
		case !slices.Contains(parts, w):
			parts = append(parts, w)
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, ") || (") + ")"
}

// Own takes out of the merged answers what one step asks for, under the step's
// own names.
func (s Step) Own(it *Item, merged map[string]any) map[string]any {
	out := map[string]any{}
	for _, section := range it.Form.Sections {
		if section.Repeat != nil {
			if v, ok := merged[renamed(section.Key, s.Fields)]; ok {
				out[section.Key] = v
			}
			continue
		}
		for _, f := range section.Fields {
			if v, ok := merged[renamed(f.ID, s.Fields)]; ok {
				out[f.ID] = v
			}
		}
	}
	return out
}
