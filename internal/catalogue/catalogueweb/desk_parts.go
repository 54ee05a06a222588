package catalogueweb

import (
	"slices"

	"github.com/tongban/tongban/internal/catalogue"
	re "github.com/tongban/tongban/internal/catalogue/catalogueweb/rowedit"
)

// part of an item that is edited on a page of its own.
type part struct {
	Key   string
	Nodes []re.Node
	For   func(catalogue.Definition) bool // nil for all
}

// labels is the prefix of the texts of inputs.
const labels = "catalogue.desk.f."

// parts of an item in the order in which one describes a service. Together they
// hold everything of a Definition; a test walks the type.
var parts = []part{
	{Key: "basics", Nodes: []re.Node{
		{Key: "name", Kind: re.Text, Required: true, Max: 200},
		{Key: "summary", Kind: re.LongText, Required: true, Max: 1000, Hint: "catalogue.desk.h.summary"},
		{Key: "family", Kind: re.Choice, Source: "families", Required: true},
		{Key: "type", Kind: re.Choice, Source: "types", Blank: true, Hint: "catalogue.desk.h.type"},
		{Key: "base_code", Max: 12, Hint: "catalogue.desk.h.base_code"},
		{Key: "impl_code", Max: 33, Hint: "catalogue.desk.h.impl_code"},
		{Key: "local_code", Max: 100, Hint: "catalogue.desk.h.local_code"},
		{Key: "department", Kind: re.Choice, Source: "departments", Blank: true, Hint: "catalogue.desk.h.department"},
		{Key: "shelf", Kind: re.Choice, Source: "shelves", Blank: true},
		{Key: "level", Kind: re.Choice, Source: "levels", Blank: true},
		{Key: "area", Kind: re.Choice, Source: "regions", Blank: true},
		{Key: "audience", Kind: re.Many, Source: "audiences"},
		{Key: "themes", Kind: re.Many, Source: "themes"},
		{Key: "keywords", Kind: re.Words, Hint: "catalogue.edit.keywords_hint"},
		{Key: "popularity", Kind: re.Whole, High: 100, Hint: "catalogue.edit.popularity_hint"},
		{Key: "kind", Kind: re.Choice, Source: "kinds", Blank: true, Hint: "catalogue.desk.h.kind"},
		{Key: "main", Kind: re.Text, Max: 200, Hint: "catalogue.desk.h.main"},
		{Key: "action", Kind: re.Choice, Source: "actions", Blank: true, Hint: "catalogue.desk.h.action"},
		{Key: "agency", Kind: re.Group, Hint: "catalogue.desk.h.agency", Nodes: []re.Node{{Key: "name", Kind: re.Text, Max: 200}, {Key: "uscc", Max: 18}}},
		{Key: "guide_url", Max: 500, Hint: "catalogue.desk.h.guide_url"},
		{Key: "guide_only", Kind: re.Bool, Hint: "catalogue.desk.h.guide_only"},
	}},
	{Key: "time", Nodes: []re.Node{
		{Key: "case_type", Kind: re.Choice, Source: "case_types", Required: true},
		{Key: "statutory", Kind: re.Span, Hint: "catalogue.desk.h.statutory"},
		{Key: "promised", Kind: re.Span, Hint: "catalogue.desk.h.promised"},
		{Key: "supplement", Kind: re.Group, Hint: "catalogue.desk.h.supplement", Nodes: []re.Node{
			{Key: "limit", Kind: re.Span, Label: "catalogue.desk.f.supplement_limit"}, {Key: "end", Kind: re.Choice, Source: "supplement_ends", Blank: true, Label: "catalogue.desk.f.supplement_end"},
		}},
		{Key: "trips", Kind: re.Whole, High: 9, Required: true},
		{Key: "trips_reason", Kind: re.LongText, Max: 500, Hint: "catalogue.desk.h.trips_reason"},
		{Key: "channels", Kind: re.Many, Source: "channels"},
		{Key: "halls", Kind: re.Many, Source: "halls", Hint: "catalogue.desk.h.halls"},
		{Key: "phones", Kind: re.Group, Hint: "catalogue.desk.h.phones", Nodes: []re.Node{{Key: "consult", Max: 30}, {Key: "complaint", Max: 30}}},
		{Key: "remedy", Kind: re.Group, Hint: "catalogue.desk.h.remedy", Nodes: []re.Node{{Key: "review", Kind: re.LongText, Max: 500}, {Key: "court", Kind: re.LongText, Max: 500}}},
	}},
	{Key: "fee", Nodes: []re.Node{
		{Key: "fee", Kind: re.Group, Nodes: []re.Node{
			{Key: "charged", Kind: re.Bool},
			{Key: "online", Kind: re.Bool},
			{Key: "standard", Kind: re.LongText, Max: 1000},
			{Key: "basis", Kind: re.LongText, Max: 1000},
			{Key: "cases", Kind: re.List, Hint: "catalogue.desk.h.fee_cases", Title: "standard", Nodes: []re.Node{
				{Key: "standard", Kind: re.LongText, Max: 1000, Required: true}, {Key: "when", Kind: re.When},
			}},
		}},
	}},
	{Key: "basis", Nodes: []re.Node{
		{Key: "conditions", Kind: re.List, Hint: "catalogue.desk.h.conditions", Nodes: []re.Node{{Kind: re.LongText, Label: "catalogue.desk.f.condition", Required: true}, {Key: "when", Kind: re.When}}},
		{Key: "legal_basis", Kind: re.List, Flat: true, Nodes: []re.Node{{Kind: re.LongText, Label: "catalogue.desk.f.basis", Required: true}}},
		{Key: "faq", Kind: re.List, Title: "q", Nodes: []re.Node{{Key: "q", Kind: re.Text, Max: 300, Required: true}, {Key: "a", Kind: re.LongText, Max: 3000, Required: true}}},
	}},
	{Key: "materials", For: notBundle, Nodes: []re.Node{
		{
			Key: "materials", Kind: re.List, ID: "key", Auto: "material_", Title: "name", Hint: "catalogue.desk.h.materials",
			Start: map[string]string{"need": "required", "kind": "document", "medium": "electronic", "source": "applicant", "copies": "1"},
			Nodes: []re.Node{
				{Key: "name", Kind: re.Text, Required: true, Max: 200},
				{Key: "need", Kind: re.Choice, Source: "needs"},
				{Key: "kind", Kind: re.Choice, Source: "material_kinds", Label: "catalogue.desk.f.material_kind"},
				{Key: "medium", Kind: re.Choice, Source: "media"},
				{Key: "copies", Kind: re.Whole, High: 99},
				{Key: "source", Kind: re.Choice, Source: "sources"},
				{Key: "issuer", Kind: re.Text, Max: 200, Hint: "catalogue.desk.h.issuer"},
				{Key: "standard", Kind: re.LongText, Max: 2000, Label: "catalogue.desk.f.accepted"},
				{Key: "basis", Kind: re.LongText, Max: 1000, Label: "catalogue.desk.f.material_basis"},
				{Key: "satisfied_by", Kind: re.Choice, Source: "certificates", Blank: true, Hint: "catalogue.desk.h.satisfied_by"},
				{Key: "commitment", Kind: re.Bool},
				{Key: "original", Kind: re.Bool},
				{Key: "valid_months", Kind: re.Whole, High: 600, Hint: "catalogue.desk.h.valid_months"},
				{Key: "expires", Kind: re.Bool, Hint: "catalogue.desk.h.expires"},
				{Key: "late_days", Kind: re.Whole, High: 120, Hint: "catalogue.desk.h.late_days"},
				{Key: "when", Kind: re.When, Label: "catalogue.desk.f.needed_when"},
				{Key: "blank", Kind: re.File},
				{Key: "sample", Kind: re.File},
				{Key: "paper", Max: 50, Hint: "catalogue.desk.h.paper"},
				{Key: "key", Max: 50, Hint: "catalogue.desk.h.key"},
			},
		},
		{Key: "late", Kind: re.Choice, Source: "lates", Blank: true, Hint: "catalogue.desk.h.late"},
	}},
	{Key: "questions", Nodes: []re.Node{
		{Key: "situation", Kind: re.List, ID: "id", Auto: "question_", Title: "label", Hint: "catalogue.desk.h.situation", Start: map[string]string{"type": "yesno", "required": "on"}, Nodes: fieldNodes},
	}},
	{Key: "form", For: notBundle, Nodes: []re.Node{
		{Key: "form", Kind: re.Group, Hint: "catalogue.desk.h.form", Nodes: []re.Node{
			{Key: "sections", Kind: re.List, ID: "key", Auto: "section_", Title: "title", Nodes: []re.Node{
				{Key: "title", Kind: re.Text, Required: true, Max: 200},
				{Key: "key", Max: 50, Hint: "catalogue.desk.h.key"},
				{Key: "repeat", Kind: re.Group, Hint: "catalogue.desk.h.repeat", Nodes: []re.Node{
					{Key: "row", Kind: re.Text, Max: 50, Hint: "catalogue.desk.h.row"},
					{Key: "min", Kind: re.Whole, High: catalogue.MaxRows, Label: "catalogue.desk.f.rows_min"},
					{Key: "max", Kind: re.Whole, High: catalogue.MaxRows, Label: "catalogue.desk.f.rows_max", Hint: "catalogue.desk.h.rows_max"},
					{Key: "when", Kind: re.When, Label: "catalogue.desk.f.shown_when"},
					{Key: "prefill", Kind: re.Choice, Source: "row_prefills", Blank: true, Hint: "catalogue.desk.h.row_prefill"},
				}},
				{Key: "fields", Kind: re.List, ID: "id", Auto: "field_", Title: "label", Start: map[string]string{"type": "text"}, Nodes: formFieldNodes},
				{Key: "checks", Kind: re.List, Title: "message", Hint: "catalogue.desk.h.section_checks", Nodes: checkNodes},
			}},
			{Key: "checks", Kind: re.List, Title: "message", Hint: "catalogue.desk.h.checks", Nodes: checkNodes},
		}},
	}},
	{Key: "flow", For: notBundle, Nodes: []re.Node{
		{Key: "flow", Kind: re.Group, Hint: "catalogue.desk.h.flow", Nodes: []re.Node{
			{Key: "automatic", Kind: re.When, Never: "catalogue.desk.never", Hint: "catalogue.desk.h.automatic"},
			{Key: "on_commitment", Kind: re.Choice, Source: "trust", Blank: true, Hint: "catalogue.desk.h.on_commitment", Label: "catalogue.desk.f.on_commitment"},
			{Key: "verify", Kind: re.Span, Hint: "catalogue.desk.h.verify", Label: "catalogue.desk.f.verify"},
			{Key: "stages", Kind: re.List, ID: "key", Auto: "stage_", Title: "name", Hint: "catalogue.desk.h.stages", Nodes: []re.Node{
				{Key: "name", Kind: re.Text, Required: true, Max: 200, Label: "catalogue.desk.f.stage"},
				{Key: "key", Max: 50, Hint: "catalogue.desk.h.key"},
				{Key: "tasks", Kind: re.List, ID: "key", Auto: "task_", Title: "name", Start: map[string]string{"role": "handler"}, Nodes: []re.Node{
					{Key: "name", Kind: re.Text, Required: true, Max: 200, Label: "catalogue.desk.f.task"},
					{Key: "department", Kind: re.Choice, Source: "departments", Blank: true},
					{Key: "role", Kind: re.Choice, Source: "roles"},
					{Key: "group", Kind: re.Choice, Source: "groups", Blank: true, Label: "catalogue.desk.f.task_group", Hint: "catalogue.desk.h.task_group"},
					{Key: "limit", Kind: re.Span},
					{Key: "when", Kind: re.When, Label: "catalogue.desk.f.done_when"},
					{Key: "decides", Kind: re.Bool},
					{Key: "kind", Kind: re.Choice, Source: "task_kinds", Blank: true, Label: "catalogue.desk.f.task_kind", Hint: "catalogue.desk.h.task_kind"},
					{Key: "members", Kind: re.List, Title: "department", Flat: true, Hint: "catalogue.desk.h.members", Start: map[string]string{"role": "handler"}, Nodes: []re.Node{
						{Key: "department", Kind: re.Choice, Source: "departments", Blank: true}, {Key: "role", Kind: re.Choice, Source: "roles"}, {Key: "limit", Kind: re.Span},
					}},
					{Key: "need", Kind: re.Whole, High: 20, Label: "catalogue.desk.f.signatures", Hint: "catalogue.desk.h.signatures"},
					{Key: "period", Kind: re.Span, Hint: "catalogue.desk.h.period"},
					{Key: "shows", Kind: re.Words, Hint: "catalogue.desk.h.shows"},
					{Key: "uncounted", Kind: re.Choice, Source: "uncounted", Blank: true, Hint: "catalogue.desk.h.uncounted"},
					{Key: "key", Max: 50, Hint: "catalogue.desk.h.key"},
				}},
			}},
		}},
	}},
	{Key: "procedure", For: notBundle, Nodes: []re.Node{
		{Key: "procedure", Kind: re.Group, Hint: "catalogue.desk.h.procedure", Nodes: []re.Node{
			{Key: "kind", Kind: re.Choice, Source: "procedures", Blank: true, Label: "catalogue.desk.f.procedure_kind"},
			{Key: "params", Kind: re.List, ID: "name", Title: "name", Hint: "catalogue.desk.h.procedure_params", Nodes: []re.Node{
				{Key: "name", Required: true, Max: 50, Label: "catalogue.desk.f.param_name"}, {Key: "value", Max: 200, Label: "catalogue.desk.f.param_value"},
			}},
		}},
	}},
	{Key: "bundle", For: isBundle, Nodes: []re.Node{
		{Key: "bundle", Kind: re.Group, Hint: "catalogue.desk.h.bundle", Nodes: []re.Node{
			{Key: "groups", Kind: re.List, ID: "key", Auto: "group_", Title: "name", Nodes: []re.Node{
				{Key: "name", Kind: re.Text, Required: true, Max: 200, Label: "catalogue.desk.f.group"},
				{Key: "key", Max: 50, Hint: "catalogue.desk.h.key"},
				{Key: "items", Kind: re.List, ID: "item", Title: "item", Nodes: []re.Node{
					{Key: "item", Required: true, Max: 64, Hint: "catalogue.desk.h.item"}, {Key: "when", Kind: re.When, Label: "catalogue.desk.f.taken_when"},
				}},
			}},
			{Key: "same", Kind: re.List, ID: "id", Title: "id", Hint: "catalogue.desk.h.same", Nodes: []re.Node{
				{Key: "id", Max: 50, Label: "catalogue.desk.f.same_id"}, {Key: "fields", Kind: re.Words, Label: "catalogue.desk.f.same_fields", Hint: "catalogue.desk.h.same_fields"},
			}},
		}},
	}},
	{Key: "result", Nodes: []re.Node{
		{Key: "result", Kind: re.Group, Nodes: []re.Node{
			{Key: "name", Kind: re.Text, Required: true, Max: 200, Label: "catalogue.desk.f.result_name"},
			{Key: "certificate_type", Kind: re.Choice, Source: "certificates", Blank: true, Hint: "catalogue.desk.h.certificate_type"},
			{Key: "months", Kind: re.Whole, High: 1200, Hint: "catalogue.desk.h.months"},
			{Key: "sample", Kind: re.File},
		}},
		{Key: "decision", Kind: re.Group, Hint: "catalogue.desk.h.decision", Nodes: []re.Node{{Key: "grant", Kind: re.LongText, Max: 4000}, {Key: "part", Kind: re.LongText, Max: 4000}, {Key: "deny", Kind: re.LongText, Max: 4000}, {Key: "end", Kind: re.LongText, Max: 4000}}},
	}},
	{Key: "offer", For: isService, Nodes: []re.Node{
		{Key: "offer", Kind: re.Group, Hint: "catalogue.desk.h.offer", Nodes: []re.Node{
			{Key: "provider", Kind: re.Text, Required: true, Max: 200},
			{Key: "uscc", Max: 18},
			{Key: "price", Kind: re.LongText, Required: true, Max: 500},
			{Key: "delivery", Kind: re.LongText, Required: true, Max: 500},
			{Key: "coverage", Kind: re.LongText, Max: 500},
			{Key: "vouchers", Kind: re.Bool},
			{Key: "qualifications", Kind: re.List, Title: "name", Flat: true, Nodes: []re.Node{
				{Key: "name", Kind: re.Text, Required: true, Max: 200, Label: "catalogue.desk.f.qualification"}, {Key: "number", Max: 100}, {Key: "until", Max: 10, Hint: "catalogue.desk.h.until"},
			}},
		}},
	}},
}

// fieldNodes are those of a field of a form, and of a question.
var fieldNodes = []re.Node{
	{Key: "label", Kind: re.Text, Required: true, Max: 200},
	{Key: "type", Kind: re.Choice, Source: "field_types", Label: "catalogue.desk.f.field_type"},
	{Key: "required", Kind: re.Bool},
	{Key: "hint", Kind: re.Text, Max: 500},
	{Key: "options", Kind: re.List, ID: "value", Auto: "option_", Title: "label", Flat: true, Hint: "catalogue.desk.h.options", Nodes: []re.Node{{Key: "label", Kind: re.Text, Max: 200, Label: "catalogue.desk.f.option"}, {Key: "value", Max: 50, Hint: "catalogue.desk.h.value"}}},
	{Key: "min", Kind: re.Number, Hint: "catalogue.desk.h.min"},
	{Key: "max", Kind: re.Number, Hint: "catalogue.desk.h.max"},
	{Key: "prefill", Kind: re.Choice, Source: "prefills", Blank: true},
	{Key: "when", Kind: re.When, Label: "catalogue.desk.f.shown_when"},
	{Key: "id", Max: 50, Hint: "catalogue.desk.h.id"},
}

// formFieldNodes are those of a field of the form, which may be computed.
var formFieldNodes = append(slices.Clone(fieldNodes), re.Node{Key: "formula", Kind: re.Long, Max: 2000, Hint: "catalogue.desk.h.formula"})

// checkNodes are those of a check across fields.
var checkNodes = []re.Node{
	{Key: "rule", Kind: re.Long, Max: 2000, Required: true, Hint: "catalogue.desk.h.rule"},
	{Key: "message", Kind: re.Text, Required: true, Max: 300},
	{Key: "field", Kind: re.Choice, Source: "form_fields", Required: true, Hint: "catalogue.desk.h.check_field"},
	{Key: "when", Kind: re.When, Label: "catalogue.desk.f.checked_when"},
}

func notBundle(d catalogue.Definition) bool { return d.Family != catalogue.Bundled }

func isBundle(d catalogue.Definition) bool { return d.Family == catalogue.Bundled }

func isService(d catalogue.Definition) bool {
	return d.Family == catalogue.ScienceService || d.Offer != nil
}

// partsOf an item.
func partsOf(d catalogue.Definition) []part {
	var out []part
	for _, p := range parts {
		if p.For == nil || p.For(d) {
			out = append(out, p)
		}
	}
	return out
}

// allNodes of an item, for comparisons.
func allNodes(ds ...catalogue.Definition) []re.Node {
	var out []re.Node
	for _, p := range parts {
		for _, d := range ds {
			if p.For == nil || p.For(d) {
				out = append(out, p.Nodes...)
				break
			}
		}
	}
	return out
}
