package catalogue_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/locales"
)

func text(zh string) i18n.Text { return i18n.Text{ZH: zh, EN: "English of " + zh} }

func limit(n int, u workday.Unit) workday.Limit { return workday.Limit{N: n, Unit: u} }

// sample is a definition without faults, complete to the last field.
func sample(code string) catalogue.Definition {
	return catalogue.Definition{
		Code: code, BaseCode: "370103001002", Name: text("实验动物使用许可"), Family: catalogue.Administrative, Type: "01",
		Shelf: "permit", Department: "kj", Audience: []catalogue.Audience{catalogue.ForEnterprise}, CaseType: catalogue.Promised,
		Summary: text("使用实验动物之前办理。"), Statutory: limit(20, workday.UnitWorkday), Promised: limit(8, workday.UnitWorkday),
		Channels: []catalogue.Channel{catalogue.Online, catalogue.AtWindow}, Result: catalogue.Result{Name: text("许可证"), CertificateType: "lab_animal_permit"},
		Keywords: []string{"小鼠"}, Popularity: 50, Conditions: []catalogue.Condition{{Text: text("有合格的动物房。")}}, LegalBasis: []i18n.Text{text("《实验动物管理条例》")},
		Materials: []catalogue.Material{{
			Key: "audit", Name: text("审计报告"), Need: catalogue.Required, Kind: "document", Medium: "electronic", Copies: 1, Source: "applicant",
			Standard: text("加盖公章"), When: "answers.has_branch == 'yes'",
		}},
		FAQ: []catalogue.FAQ{{Q: text("要多久？"), A: text("八个工作日。")}},
		Form: catalogue.Form{Sections: []catalogue.Section{{Key: "project", Title: text("项目"), Fields: []catalogue.Field{
			{ID: "has_branch", Type: catalogue.FieldYesNo, Label: text("有分公司"), Required: true},
			{ID: "site", Type: catalogue.FieldChoice, Label: text("场所"), Options: []catalogue.Option{{Value: "own", Label: text("自有")}, {Value: "rented", Label: text("租用")}}},
			{ID: "firm", Type: catalogue.FieldText, Label: text("单位"), Prefill: "enterprise.name", When: "answers.site == 'own'"},
		}}}},
		Flow: catalogue.Flow{Stages: []catalogue.Stage{
			{Key: "review", Name: text("审查"), Tasks: []catalogue.Task{
				{Key: "fire", Name: text("消防"), Department: "xf", Role: "handler", Limit: limit(2, workday.UnitWorkday)},
				{Key: "site", Name: text("现场"), Department: "kj", Role: "handler", Limit: limit(5, workday.UnitWorkday), When: "answers.site == 'rented'"},
			}},
			{Key: "decide", Name: text("审批"), Tasks: []catalogue.Task{
				{Key: "decide", Name: text("决定"), Department: "kj", Role: "approver", Limit: limit(1, workday.UnitWorkday), Decides: true},
			}},
		}},
		Decision: catalogue.Wording{Grant: text("{applicant}的{item}（{number}）准予，{firm}。{date}"), Deny: text("不予批准：{reason}")},
	}
}

// copied gives a definition whose parts can be changed without changing others.
func copied(d catalogue.Definition) catalogue.Definition {
	d.Materials = slices.Clone(d.Materials)
	d.Form.Sections = slices.Clone(d.Form.Sections)
	for i := range d.Form.Sections {
		d.Form.Sections[i].Fields = slices.Clone(d.Form.Sections[i].Fields)
	}
	d.Flow.Stages = slices.Clone(d.Flow.Stages)
	for i := range d.Flow.Stages {
		d.Flow.Stages[i].Tasks = slices.Clone(d.Flow.Stages[i].Tasks)
	}
	return d
}

func TestValidate(t *testing.T) {
	t.Parallel()
	if err := sample("KJ-0001").Validate(); err != nil {
		t.Fatalf("the sample has faults: %v", err)
	}
	fields := func(d *catalogue.Definition) []catalogue.Field { return d.Form.Sections[0].Fields }
	tests := map[string]struct {
		change      func(*catalogue.Definition)
		where, code string
	}{
		"a code with a space":                      {func(d *catalogue.Definition) { d.Code = "KJ 1" }, "code", "form"},
		"no Chinese name":                          {func(d *catalogue.Definition) { d.Name.ZH = " " }, "name", "chinese"},
		"no English name":                          {func(d *catalogue.Definition) { d.Name.EN = "" }, "name", "english"},
		"no summary":                               {func(d *catalogue.Definition) { d.Summary = i18n.Text{} }, "summary", "required"},
		"an unknown family":                        {func(d *catalogue.Definition) { d.Family = "other" }, "family", "unknown"},
		"a type nobody applies for":                {func(d *catalogue.Definition) { d.Type = "02"; d.BaseCode = "370203001002" }, "type", "unknown"},
		"a base code of eleven digits":             {func(d *catalogue.Definition) { d.BaseCode = "37010300100" }, "base_code", "base_code"},
		"a base code of another type":              {func(d *catalogue.Definition) { d.BaseCode = "370703001002" }, "base_code", "base_type"},
		"a science service with a code":            {func(d *catalogue.Definition) { d.Family = catalogue.ScienceService; d.Type = "" }, "base_code", "no_code"},
		"a science service with a type":            {func(d *catalogue.Definition) { d.Family = catalogue.ScienceService; d.BaseCode = "" }, "type", "no_code"},
		"no shelf":                                 {func(d *catalogue.Definition) { d.Shelf = "" }, "shelf", "required"},
		"no audience":                              {func(d *catalogue.Definition) { d.Audience = nil }, "audience", "required"},
		"a channel twice":                          {func(d *catalogue.Definition) { d.Channels = []catalogue.Channel{"online", "online"} }, "channels", "twice"},
		"an unknown case type":                     {func(d *catalogue.Definition) { d.CaseType = "slow" }, "case_type", "unknown"},
		"no promise":                               {func(d *catalogue.Definition) { d.Promised = workday.Limit{} }, "promised", "required"},
		"a promise in fortnights":                  {func(d *catalogue.Definition) { d.Promised.Unit = "fortnight" }, "promised", "limit"},
		"a promise longer than the law":            {func(d *catalogue.Definition) { d.Promised.N = 21 }, "promised", "longer"},
		"an instant item that takes days":          {func(d *catalogue.Definition) { d.CaseType = catalogue.Instant; d.Promised.N = 2 }, "promised", "instant"},
		"a keyword twice but for its width":        {func(d *catalogue.Definition) { d.Keywords = []string{"VC", "ＶＣ"} }, "keywords", "twice"},
		"a popularity over a hundred":              {func(d *catalogue.Definition) { d.Popularity = 101 }, "popularity", "range"},
		"a result without a name":                  {func(d *catalogue.Definition) { d.Result.Name = i18n.Text{} }, "result.name", "required"},
		"a catch-all material":                     {func(d *catalogue.Definition) { d.Materials[0].Name = text("其他材料") }, "materials.audit.name", "catch_all"},
		"a longer catch-all material":              {func(d *catalogue.Definition) { d.Materials[0].Name = text("法律法规规定的其它相关资料") }, "materials.audit.name", "catch_all"},
		"a material twice":                         {func(d *catalogue.Definition) { d.Materials = append(d.Materials, d.Materials[0]) }, "materials.audit.key", "twice"},
		"a material of an unknown need":            {func(d *catalogue.Definition) { d.Materials[0].Need = "perhaps" }, "materials.audit.need", "unknown"},
		"a condition that does not compile":        {func(d *catalogue.Definition) { d.Materials[0].When = "answers.site ==" }, "materials.audit.when", "condition"},
		"a condition that is a number":             {func(d *catalogue.Definition) { d.Materials[0].When = "1 + 1" }, "materials.audit.when", "condition"},
		"a condition over a field that is not":     {func(d *catalogue.Definition) { d.Materials[0].When = "answers.sitee == 'own'" }, "materials.audit.when", "answer"},
		"an id that is not snake case":             {func(d *catalogue.Definition) { fields(d)[2].ID = "FirmName" }, "form.FirmName.id", "form"},
		"an id twice":                              {func(d *catalogue.Definition) { fields(d)[2].ID = "site" }, "form.site.id", "twice"},
		"an unknown field type":                    {func(d *catalogue.Definition) { fields(d)[2].Type = "colour" }, "form.firm.type", "unknown"},
		"a choice without options":                 {func(d *catalogue.Definition) { fields(d)[1].Options = nil }, "form.site.options", "options"},
		"options of a text":                        {func(d *catalogue.Definition) { fields(d)[1].Type = catalogue.FieldText }, "form.site.options", "options"},
		"an unknown prefill":                       {func(d *catalogue.Definition) { fields(d)[2].Prefill = "firm.name" }, "form.firm.prefill", "unknown"},
		"a label in one language":                  {func(d *catalogue.Definition) { fields(d)[2].Label.EN = "" }, "form.firm.label", "english"},
		"a smallest above the largest":             {func(d *catalogue.Definition) { fields(d)[2].Min, fields(d)[2].Max = new(5.0), new(2.0) }, "form.firm.max", "range"},
		"a task without a department":              {func(d *catalogue.Definition) { d.Flow.Stages[0].Tasks[0].Department = "" }, "flow.review.fire.department", "required"},
		"a task for a clerk":                       {func(d *catalogue.Definition) { d.Flow.Stages[0].Tasks[0].Role = "clerk" }, "flow.review.fire.role", "unknown"},
		"a task twice":                             {func(d *catalogue.Definition) { d.Flow.Stages[1].Tasks[0].Key = "fire" }, "flow.decide.fire.key", "twice"},
		"nobody decides":                           {func(d *catalogue.Definition) { d.Flow.Stages[1].Tasks[0].Decides = false }, "flow.decide.decides", "decides"},
		"a decision before the end":                {func(d *catalogue.Definition) { d.Flow.Stages[0].Tasks[0].Decides = true }, "flow.review.decides", "decides"},
		"a decision by who examines":               {func(d *catalogue.Definition) { d.Flow.Stages[1].Tasks[0].Role = "handler" }, "flow.decide.decide.decides", "decides"},
		"a decision under a condition":             {func(d *catalogue.Definition) { d.Flow.Stages[1].Tasks[0].When = "answers.site == 'own'" }, "flow.decide.decide.decides", "decides"},
		"an automatic decision that cannot be":     {func(d *catalogue.Definition) { d.Flow.Automatic = "answers.gone > 1" }, "flow.automatic", "answer"},
		"wording with a placeholder for nothing":   {func(d *catalogue.Definition) { d.Decision.Grant.ZH = "准予{申请人}" }, "decision.grant", "placeholder"},
		"wording with the id of a field that left": {func(d *catalogue.Definition) { d.Decision.Deny.EN = "{old_field}" }, "decision.deny", "placeholder"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := copied(sample("KJ-0001"))
			tt.change(&d)
			err := d.ValidateBoth()
			if !errors.Is(err, catalogue.ErrInvalid) {
				t.Fatalf("Validate = %v", err)
			}
			found := slices.ContainsFunc(errs.FieldsOf(err), func(f errs.Field) bool {
				return f.Name == tt.where && f.Code == "catalogue.field."+tt.code
			})
			if !found {
				t.Errorf("no complaint %q at %q in %v", tt.code, tt.where, err)
			}
		})
	}
	if len(errs.FieldsOf(catalogue.ErrInvalid)) != 0 {
		t.Error("the sentinel itself collects complaints")
	}
}

func TestValidateLetsPass(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*catalogue.Definition){
		"an item without form, flow and wording": func(d *catalogue.Definition) {
			d.Form, d.Flow, d.Decision, d.Materials = catalogue.Form{}, catalogue.Flow{}, catalogue.Wording{}, nil
		},
		"a science service":             func(d *catalogue.Definition) { d.Family, d.Type, d.BaseCode = catalogue.ScienceService, "", "" },
		"no statutory limit":            func(d *catalogue.Definition) { d.Statutory = workday.Limit{} },
		"an instant item in half a day": func(d *catalogue.Definition) { d.CaseType, d.Promised = catalogue.Instant, limit(4, workday.UnitHour) },
		"a material of others by name":  func(d *catalogue.Definition) { d.Materials[0].Name = text("其他股东的身份证明复印件") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := copied(sample("KJ-0001"))
			change(&d)
			if err := d.ValidateBoth(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestLonger(t *testing.T) {
	t.Parallel()
	const wd, day, hour, month = workday.UnitWorkday, workday.UnitDay, workday.UnitHour, workday.UnitMonth
	for _, tt := range []struct {
		a, b workday.Limit
		want bool
	}{
		{limit(20, wd), limit(20, wd), false},
		{limit(21, wd), limit(20, wd), true},
		{limit(99, wd), workday.Limit{}, false},
		{limit(20, wd), limit(28, day), false},
		{limit(20, wd), limit(27, day), true},
		{limit(7, day), limit(5, wd), false},
		{limit(8, day), limit(5, wd), true},
		{limit(20, wd), limit(1, month), false},
		{limit(2, month), limit(45, day), true},
		{limit(24, hour), limit(1, wd), false},
		{limit(25, hour), limit(1, wd), true},
		{limit(90, workday.UnitMinute), limit(1, hour), true},
		{limit(1, wd), limit(8, hour), true},
	} {
		if got := catalogue.Longer(tt.a, tt.b); got != tt.want {
			t.Errorf("%v longer than %v = %v", tt.a, tt.b, got)
		}
	}
}

func TestLint(t *testing.T) {
	t.Parallel()
	departments := func(key string) (catalogue.Contact, bool) {
		switch key {
		case "kj", "xf":
			return catalogue.Contact{Phone: "0543-8100101", ComplaintPhone: "0543-8100102"}, true
		case "same":
			return catalogue.Contact{Phone: "8100101", ComplaintPhone: "8100101"}, true
		}
		return catalogue.Contact{}, false
	}
	around := catalogue.Surroundings{
		Department: departments,
		Theme: func(key string) (catalogue.Theme, bool) {
			group, ok := map[string]string{"open_firm": "business", "baby": "person"}[key]
			return catalogue.Theme{Key: key, Group: group}, ok
		},
		CertificateType: func(key string) bool { return key == "lab_animal_permit" },
		Hall:            func(key string) bool { return key == "main" },
		Group:           func(key, department string) bool { return key == "sites" && department == "kj" },
		Item: func(code string) (*catalogue.Item, error) {
			for _, d := range steps() {
				if d.Code == code {
					return &catalogue.Item{Definition: d}, nil
				}
			}
			return nil, catalogue.ErrNotFound
		},
	}
	if got := catalogue.LintIn(sample("KJ-0001"), around); len(got) != 0 {
		t.Fatalf("findings in the sample: %+v", got)
	}
	tests := map[string]func(*catalogue.Definition){
		"trips_reason":   func(d *catalogue.Definition) { d.Trips = 1 },
		"trips_needless": func(d *catalogue.Definition) { d.TripsReason = text("核对原件") },
		"trips_post":     func(d *catalogue.Definition) { d.Channels = []catalogue.Channel{catalogue.AtWindow} },
		"fee_basis":      func(d *catalogue.Definition) { d.Fee.Charged = true },
		"fee_needless":   func(d *catalogue.Definition) { d.Fee.Standard = text("十元") },
		"case_type":      func(d *catalogue.Definition) { d.Promised = limit(4, workday.UnitHour) },
		"result_type":    func(d *catalogue.Definition) { d.Result.CertificateType = "" },
		"licence_faq":    func(d *catalogue.Definition) { d.FAQ = nil },
		"basis":          func(d *catalogue.Definition) { d.LegalBasis = nil },
		"flow_longer":    func(d *catalogue.Definition) { d.Promised.N = 5 },
		"inspection_late": func(d *catalogue.Definition) {
			late := catalogue.Task{Key: "visit", Name: d.Name, Department: "kj", Role: "handler", Kind: catalogue.TaskInspection}
			d.Flow.Stages = []catalogue.Stage{d.Flow.Stages[0], {Key: "visits", Name: d.Name, Tasks: []catalogue.Task{late}}, d.Flow.Stages[1]}
		},
		"automatic":         func(d *catalogue.Definition) { d.Flow.Automatic = "true" },
		"material_issuer":   func(d *catalogue.Definition) { d.Materials[0].Source = "authority" },
		"material_standard": func(d *catalogue.Definition) { d.Materials[0].Standard = i18n.Text{} },
		"keywords":          func(d *catalogue.Definition) { d.Keywords = nil },
		"english":           func(d *catalogue.Definition) { d.Name.EN = "" },
		"summary":           func(d *catalogue.Definition) { d.Summary = i18n.Text{} },
		"department":        func(d *catalogue.Definition) { d.Flow.Stages[0].Tasks[0].Department = "gone" },
		"group": func(d *catalogue.Definition) {
			d.Flow.Stages[0].Tasks[0].Department, d.Flow.Stages[0].Tasks[0].Group = "xf", "sites" // of another department
		},
		"phone_same":   func(d *catalogue.Definition) { d.Department = "same" },
		"phone_area":   func(d *catalogue.Definition) { d.Phones.Consult = "8100101" },
		"trips_online": func(d *catalogue.Definition) { d.Trips, d.Channels = 1, []catalogue.Channel{catalogue.Online} },
		"fee_standard": func(d *catalogue.Definition) { d.Fee.Charged = true },
		"fee_online": func(d *catalogue.Definition) {
			d.Fee = catalogue.Fee{Charged: true, Standard: text("十元"), Basis: text("规定")}
		},
		"instant_steps": func(d *catalogue.Definition) {
			d.CaseType, d.Flow.Stages = catalogue.Instant, append(d.Flow.Stages, d.Flow.Stages[0])
		},
		"result_name":    func(d *catalogue.Definition) { d.Result.Name = text("办理结果") },
		"sample":         func(d *catalogue.Definition) { d.Result.CertificateType = "" },
		"licence_steps":  func(d *catalogue.Definition) { d.Flow.Stages = d.Flow.Stages[1:] },
		"material_blank": func(d *catalogue.Definition) { d.Materials[0].Kind = "form" },
		"proof_basis":    func(d *catalogue.Definition) { d.Materials[0].Name = text("无违法记录证明（近三年）") },
		"proof_issuer":   func(d *catalogue.Definition) { d.Materials[0].Name = text("纳税证明") },
		"proof_route":    func(d *catalogue.Definition) { d.Materials[0].Name = text("住所证明材料") },
		"theme":          func(d *catalogue.Definition) { d.Themes = []string{"open_firm", "gone"} },
		"theme_enterprise": func(d *catalogue.Definition) {
			d.Themes, d.Audience = []string{"baby"}, append(d.Audience, catalogue.ForPerson)
		},
		"theme_person": func(d *catalogue.Definition) { d.Themes = []string{"open_firm", "baby"} },
		"certificate":  func(d *catalogue.Definition) { d.Materials[0].SatisfiedBy = "gone" },
		"hall":         func(d *catalogue.Definition) { d.Halls = []string{"main", "gone"} },
		"code_odd":     func(d *catalogue.Definition) { d.ImplCode = "TE440000GD030003VV2" + d.BaseCode },
		"bundle_stale": func(d *catalogue.Definition) {
			*d = bundle()
			d.Bundle.Groups[1].Items[0].When = "answers.gone == 'yes'"
		},
		"unreachable": func(d *catalogue.Definition) { d.Materials[0].When = "answers.site == 'bought'" },
	}
	for code, change := range tests {
		d := copied(sample("KJ-0001"))
		change(&d)
		if !slices.ContainsFunc(catalogue.LintIn(d, around), func(f catalogue.Finding) bool { return f.Code == code }) {
			t.Errorf("%s is not found in %+v", code, catalogue.LintIn(d, around))
		}
	}
	for _, code := range catalogue.LintCodes {
		if tests[code] == nil {
			t.Errorf("no test of %s", code)
		}
	}
}

// TestReachable: what some answer makes true is no finding.
func TestReachable(t *testing.T) {
	t.Parallel()
	area := catalogue.Field{ID: "area", Type: catalogue.FieldNumber, Label: text("面积")}
	kinds := catalogue.Field{ID: "kinds", Type: catalogue.FieldMulti, Label: text("种类"), Options: []catalogue.Option{{Value: "a", Label: text("甲")}, {Value: "b", Label: text("乙")}}}
	for when, want := range map[string]bool{
		"answers.site == 'own'":                                    true,
		"answers.site == 'own' && answers.site == 'rented'":        false,
		"answers.site == 'bought' || answers.has_branch == 'no'":   true,
		"answers.has_branch == 'maybe'":                            false,
		"answers.area > 300":                                       true,
		"answers.area > 300 && answers.area < 200":                 false,
		"'a' in answers.kinds && 'b' in answers.kinds":             true,
		"'c' in answers.kinds":                                     false,
		"answers.firm == 'anything' && answers.site == 'bought'":   true, // a text can be anything: not tried
		"!has(answers.area) && answers.has_branch == 'yes'":        true,
		"!has(answers.site) && answers.site == 'own'":              false,
		"size(answers.kinds) == 0 || answers.firm.startsWith('某')": true,
	} {
		d := copied(sample("KJ-0001"))
		d.Form.Sections[0].Fields = append(d.Form.Sections[0].Fields, area, kinds)
		d.Materials[0].When = when
		found := slices.ContainsFunc(catalogue.Lint(d, nil), func(f catalogue.Finding) bool { return f.Code == "unreachable" && f.Where == "materials.audit.when" })
		if found == want {
			t.Errorf("%s: reachable = %v", when, !found)
		}
	}
}

func TestComplaintsHaveTexts(t *testing.T) {
	t.Parallel()
	c, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, code := range catalogue.Complaints {
		keys = append(keys, "error."+code)
	}
	for _, code := range catalogue.LintCodes {
		keys = append(keys, "catalogue.lint."+code)
	}
	for _, key := range keys {
		for _, l := range i18n.Locales {
			if _, ok := c.Raw(l, key); !ok {
				t.Errorf("%s has no text in %s", key, l)
			}
		}
	}
}

func TestNormalise(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"  高企！！ ": "高企", "ＧＸＱＹ": "gxqy", "High-Tech": "high tech", "Ⅲ类射线": "3类射线", "专精特新“小巨人”": "专精特新 小巨人", "…": "",
	} {
		if got := catalogue.Normalise(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}
