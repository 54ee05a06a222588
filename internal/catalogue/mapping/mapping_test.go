package mapping_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/catalogue/mapping"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/sheet"
)

func TestShippedMappings(t *testing.T) {
	t.Parallel()
	for _, key := range mapping.ShippedKeys {
		text, ok := mapping.Shipped(key)
		m, faults := mapping.Parse(text)
		if !ok || len(faults) > 0 {
			t.Fatalf("%s: %+v", key, faults)
		}
		if m.Name.ZH == "" || m.Name.EN == "" {
			t.Errorf("%s has no name", key)
		}
	}
	if _, ok := mapping.Shipped("../mapping"); ok {
		t.Error("a path is a key")
	}
	// An export writes every field that there is.
	m := mapping.MustShipped(mapping.Export)
	for _, target := range mapping.Targets() {
		if target != "ignore" && !m.Feeds(target) {
			t.Errorf("the export lacks %s", target)
		}
	}
}

func TestFaultsNameTheirLines(t *testing.T) {
	t.Parallel()
	const good = "name: {zh: 表}\ncolumns:\n  编码: code\n  名称: name\n"
	tests := map[string]struct {
		in   string
		line int
		key  string
	}{
		"good":                      {good, 0, ""},
		"nothing":                   {"", 0, "empty"},
		"a slip of the syntax":      {"name: {zh: 表\ncolumns: [", 0, "syntax"},
		"a key that there is not":   {good + "colums: {}\n", 5, "unknown"},
		"a key twice":               {good + "name: {zh: 又}\n", 5, "twice"},
		"a value of another kind":   {good + "required: 5\n", 5, "type"},
		"columns as a list":         {"columns: [a, b]\n", 1, "type"},
		"a field that there is not": {good + "  时限: statutory\n", 5, "column"},
		"a column twice":            {good + "  编 码: local_code\n", 5, "column_twice"},
		"a field fed twice":         {good + "  编码2: code\n", 5, "fed_twice"},
		"words for no field":        {good + "values:\n  colour: {红: red}\n", 6, "field"},
		"a word for no value":       {good + "values:\n  level: {省级: province, 火星级: mars}\n", 6, "value"},
		"a default for no value":    {good + "defaults: {level: mars}\n", 5, "value"},
		"a default for no field":    {good + "defaults: {colour: red}\n", 5, "field"},
		"a kind for no value":       {good + "material_kinds: [{words: [表], kind: paper}]\n", 0, "value"},
		"an unmapped requirement":   {good + "required: [部门]\n", 0, "required"},
		"no code":                   {"columns:\n  名称: name\n", 0, "no_code"},
		"no name":                   {"columns:\n  编码: code\n", 0, "no_name"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, faults := mapping.Parse(tt.in)
			if tt.key == "" {
				if m == nil || len(faults) > 0 {
					t.Errorf("%+v", faults)
				}
				return
			}
			if m != nil || len(faults) == 0 || faults[0].Key != tt.key || tt.line > 0 && (faults[0].Line != tt.line || faults[0].Source == "") {
				t.Errorf("%+v, want %s in line %d", faults, tt.key, tt.line)
			}
		})
	}
}

// entry reads one row through the mapping of the province, changed by columns.
func entry(t *testing.T, w *mapping.World, change map[string]string) mapping.Entry {
	t.Helper()
	cells := map[string]string{
		"task_code": "11440000006939801C244010300100103", "base_code": "440103001001", "type_code": "01", "name": "实验动物许可(新)", "dept": "广东省科学技术厅",
		"dept_uscc": "11440000006939801C", "area_code": "440000", "level": "省级", "statutory_days": "20", "statutory_unit": "workday", "promised_days": "8", "promised_unit": "工作日",
		"visits": "0", "online": "1", "accept_condition": "有|场地", "materials": "营业执照|申请表|营业执照", "service_objects": "自然人|企业法人|事业法人|行政机关", "themes": "其他|教育科研", "guide_url": "https://example.test/a",
	}
	for k, v := range change {
		cells[k] = v
	}
	var header, row []string
	for k, v := range cells {
		header, row = append(header, k), append(row, v)
	}
	return mapping.NewReader(mapping.MustShipped("gd"), w, header).Entry(sheet.Row{Number: 2, Cells: row})
}

func TestEntry(t *testing.T) {
	t.Parallel()
	ours := mapping.World{
		Departments: []identity.Department{{ID: "kj", USCC: "11371671MB0A00026N", Name: i18n.Text{ZH: "科技局"}}},
		Themes:      []catalogue.Theme{{Key: "edu", Name: i18n.Text{ZH: "教育科研"}}},
		Regions:     []identity.Region{{Code: "371600"}, {Code: "440000"}},
	}
	tests := map[string]struct {
		change  map[string]string
		field   string
		want    string // values joined by +
		finding string // level:column:reason
	}{
		"everything":                   {nil, "audience", "person+enterprise", ""},
		"materials once":               {nil, "materials", "营业执照+申请表", ""},
		"a sentence is not cut":        {nil, "conditions", "有|场地", ""},
		"themes of ours":               {nil, "themes", "edu", ""},
		"a body elsewhere":             {nil, "department", "+广东省科学技术厅+11440000006939801C", "note:dept:mapping.external"},
		"ours by credit code":          {map[string]string{"dept_uscc": "11371671mb0a00026n"}, "department", "kj", ""},
		"ours by name":                 {map[string]string{"dept": "科技局 "}, "department", "kj", ""},
		"no materials":                 {map[string]string{"materials": "无"}, "materials", "", ""},
		"no limit":                     {map[string]string{"statutory_days": "", "statutory_unit": ""}, "statutory", "", ""},
		"a number of a spreadsheet":    {map[string]string{"statutory_days": "20.0"}, "statutory", "20+workday", ""},
		"full-width digits":            {map[string]string{"visits": "２"}, "trips", "2", ""},
		"number and unit in one":       {map[string]string{"statutory_days": "3个月", "statutory_unit": ""}, "statutory", "3+month", ""},
		"at once":                      {map[string]string{"promised_days": "0"}, "case_type", "instant", ""},
		"promised":                     {nil, "case_type", "promised", ""},
		"an odd body":                  {map[string]string{"task_code": "TE440000GD030003VV2440103001001"}, "", "", "warning:task_code:mapping.code_body"},
		"no code":                      {map[string]string{"task_code": ""}, "", "", "error:task_code:mapping.no_code"},
		"a code of 32":                 {map[string]string{"task_code": "11440000006939801C2440103001001x"}, "", "", "error:task_code:mapping.code"},
		"a base of 11":                 {map[string]string{"base_code": "44010300100"}, "", "", "error:base_code:mapping.code"},
		"another base":                 {map[string]string{"base_code": "440103001002"}, "", "", "error:base_code:mapping.code_base"},
		"another type":                 {map[string]string{"type_code": "07"}, "", "", "error:type_code:mapping.code_type"},
		"another level":                {map[string]string{"level": "市级"}, "", "", "error:level:mapping.code_level"},
		"a level of another world":     {map[string]string{"level": "火星级"}, "", "", "error:level:mapping.unknown"},
		"an audience of another world": {map[string]string{"service_objects": "自然人|机器人"}, "", "", "error:service_objects:mapping.unknown"},
		"no number":                    {map[string]string{"visits": "几次"}, "", "", "error:visits:mapping.number"},
		"a negative one":               {map[string]string{"promised_days": "-1"}, "", "", "error:promised_days:mapping.number"},
		"an unknown unit":              {map[string]string{"promised_unit": "世纪"}, "", "", "error:promised_unit:mapping.unit"},
		"nobody's":                     {map[string]string{"dept": "", "dept_uscc": ""}, "", "", "error:dept:mapping.no_department"},
		"something else called a code": {map[string]string{"dept_uscc": "083372204"}, "department", "+广东省科学技术厅+", "note:dept_uscc:mapping.office_code"},
		"the code of another body":     {map[string]string{"dept_uscc": "11440000006940116U"}, "", "", "warning:dept:mapping.code_uscc"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := ours
			e := entry(t, &w, tt.change)
			if got := strings.Join(e.Said[tt.field], "+"); got != tt.want && tt.field != "" {
				t.Errorf("%s = %q, want %q", tt.field, got, tt.want)
			}
			var found []string
			for _, f := range e.Findings {
				found = append(found, fmt.Sprintf("%s:%s:%s", f.Level, f.Column, f.Reason))
			}
			if tt.finding != "" && !slices.Contains(found, tt.finding) {
				t.Errorf("findings %v, want %s", found, tt.finding)
			}
			if e.OK() == strings.HasPrefix(tt.finding, "error") {
				t.Errorf("OK %v with %v", e.OK(), found)
			}
		})
	}
	w := ours
	w.Create = true
	e := entry(t, &w, nil)
	if got := e.Said["department"]; len(got) != 1 || len(w.New) != 1 || w.New[0].ID != got[0] || w.New[0].Region != "440000" {
		t.Errorf("%v %+v", got, w.New)
	}
	w = mapping.World{Create: true}
	if e := entry(t, &w, nil); len(w.New) != 0 || e.Findings[0].Reason != "mapping.no_region" {
		t.Errorf("without a region: %+v %+v", w.New, e.Findings)
	}
}

// TestCodesComeApartAndTogether makes codes of random parts: what is put
// together is taken apart into the same, and the 12, 31 and 33 of one item agree.
func TestCodesComeApartAndTogether(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	levels := []string{"", "nation", "province", "city", "county", "town", "village"}
	provinces := []string{"00", "11", "37", "44", "51"}
	for range 500 {
		first := "1137" + fmt.Sprintf("%04d", random.IntN(10000))
		for range 9 {
			first += string(alphabet[random.IntN(len(alphabet))])
		}
		body, level := idcode.WithUSCCCheck(first), 1+random.IntN(6)
		typ := []string{"01", "05", "07", "20"}[random.IntN(4)]
		base := provinces[random.IntN(len(provinces))] + typ + fmt.Sprintf("%02d%03d%03d", random.IntN(100), random.IntN(1000), random.IntN(1000))
		implementation := fmt.Sprintf("%s%d%s", body, level, base)
		handling := fmt.Sprintf("%s%02d", implementation, 1+random.IntN(6))

		d := catalogue.Definition{BaseCode: base, Type: typ, Action: []catalogue.Action{catalogue.ActNew, catalogue.ActChange, catalogue.ActRenew, catalogue.ActCancel, catalogue.ActReplace, catalogue.ActOther}[handling[32]-'1']}
		i, h := d.Codes(body, levels[level])
		if i != implementation || h != handling {
			t.Fatalf("%s %d %s: made %s %s", body, level, base, i, h)
		}
		for _, code := range []string{implementation, handling} {
			c := idcode.CheckItemCode(code)
			if joined := fmt.Sprintf("%s%d%s%s%s%s%s%s", c.Body, c.Level, c.Area, c.Type, c.Dept, c.Main, c.Sub, c.Handle); joined != code || c.Base != base || c.Body != body {
				t.Fatalf("%s came apart into %+v", code, c)
			}
		}
	}
}

// TestAFieldIsWhatItWas writes a definition to a row and reads it again.
func TestAFieldIsWhatItWas(t *testing.T) {
	t.Parallel()
	m := mapping.MustShipped(mapping.Export)
	d := catalogue.Definition{
		Code: "X-1", Name: i18n.Text{ZH: "多|竖线", EN: "Bars"}, Family: catalogue.Administrative, Type: "20", BaseCode: "370720001000", Agency: catalogue.Agency{Name: i18n.Text{ZH: "某市局"}, USCC: "11440000006939801C"},
		Audience: []catalogue.Audience{catalogue.ForPerson}, CaseType: catalogue.Instant, Channels: []catalogue.Channel{catalogue.Online, catalogue.ByPost}, Themes: []string{"a", "b"}, Trips: 2,
		Conditions: []catalogue.Condition{{Text: i18n.Text{ZH: "第一|条\n第二行", EN: "One"}, When: "answers.x == 'yes'"}, {Text: i18n.Text{ZH: "第三"}}},
		Materials:  []catalogue.Material{{Key: "id", Name: i18n.Text{ZH: "身份证|护照", EN: "ID"}, Need: catalogue.Optional}},
		Keywords:   []string{"词"}, Level: "county", Area: "371671", LocalCode: "L 1", GuideURL: "https://a.test/?b=c",
	}
	row := m.Row(&d, 7, func(string) (string, string) { return "", "" })
	w := mapping.World{}
	e := mapping.NewReader(m, &w, m.Header()).Entry(sheet.Row{Number: 2, Cells: row})
	if !e.OK() || e.Version != 7 || e.Code != d.Code {
		t.Fatalf("%+v", e)
	}
	for _, field := range mapping.FieldNames() {
		if got, want := mapping.Join(e.Said[field]), m.Has(&d, field); got != want {
			t.Errorf("%s: read %q, was %q", field, got, want)
		}
	}
}
