package idcode

import "testing"

func TestCheckItemCode(t *testing.T) {
	t.Parallel()
	const body = "11440000006939801C"
	tests := map[string]struct {
		in     string
		want   Verdict
		reason string
	}{
		"base":                    {"440103001001", Valid, ""},
		"base of the nation":      {"000103001000", Valid, ""},
		"heading for sub items":   {"44010200200y", Valid, ""},
		"implementation":          {body + "2442003005000", Valid, ""},
		"handled item":            {body + "244010300100103", Valid, ""},
		"with spaces":             {body + " 2 442003005000", Valid, ""},
		"placeholder body":        {"TE440000GD030003VV2442199374000", Confirm, ReasonBody},
		"body with a wrong check": {"13440000515356094L2442199643000", Confirm, ReasonBody},
		"no such province":        {"990103001001", Confirm, ReasonDivision},
		"level 0":                 {body + "0442003005000", Invalid, ReasonLevel},
		"level 7":                 {body + "7442003005000", Invalid, ReasonLevel},
		"level A":                 {body + "A442003005000", Invalid, ReasonLevel},
		"handled item 00":         {body + "244010300100100", Invalid, ReasonHandle},
		"handled item 0A":         {body + "24401030010010A", Invalid, ReasonAlphabet},
		"letter in the base":      {"44010300A001", Invalid, ReasonAlphabet},
		"Y elsewhere":             {"440103001Y00", Invalid, ReasonAlphabet},
		"hyphens":                 {"44-01-03-001-001", Invalid, ReasonAlphabet},
		"32 characters":           {body + "24420030050001", Invalid, ReasonLength},
		"Chinese of 12 bytes":     {"事项编码", Invalid, ReasonAlphabet},
		"nothing":                 {"", Invalid, ReasonEmpty},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := CheckItemCode(tt.in)
			expect(t, tt.in, got.Result, tt.want, tt.reason)
			if got.Verdict == Invalid && got != (ItemCode{Result: got.Result}) {
				t.Errorf("parts of an invalid code: %+v", got)
			}
		})
	}
}

func TestItemCodeParts(t *testing.T) {
	t.Parallel()
	got := CheckItemCode("11440000006939801C244010300100103")
	want := ItemCode{
		Result: valid("11440000006939801C244010300100103"),
		Body:   "11440000006939801C", Level: 2, Base: "440103001001",
		Area: "44", Type: "01", Dept: "03", Main: "001", Sub: "001", Handle: "03",
	}
	if got != want {
		t.Errorf("parts = %+v, want %+v", got, want)
	}
	if !CheckItemCode("44010200200Y").HasSubItems() || got.HasSubItems() {
		t.Error("only a code ending in 00Y has sub items")
	}
}

func TestItemCodeVectors(t *testing.T) {
	t.Parallel()
	var v struct {
		Task   []string `json:"task_code_31"`
		Handle []string `json:"task_handle_item_33"`
		Base   []string `json:"base_code_12"`
	}
	sharedJSON(t, "ids/vectors.json", &v)
	if len(v.Task) == 0 || len(v.Handle) == 0 || len(v.Base) == 0 {
		t.Fatal("no vectors")
	}
	for _, list := range [][]string{v.Task, v.Handle, v.Base} {
		for _, s := range list {
			expect(t, s, CheckItemCode(s).Result, Valid, "")
		}
	}
}

// Not one code of a whole provincial catalogue may be refused.
func TestItemCodesOfARealCatalogue(t *testing.T) {
	t.Parallel()
	levels := map[string]int{"省级": 2, "市级": 3}
	confirm := 0
	rows := sharedCSV(t, "items/gd-items.csv")
	for _, r := range rows {
		got := CheckItemCode(r["task_code"])
		if got.Verdict == Confirm && got.Reason == ReasonBody {
			confirm++
		} else {
			expect(t, r["task_code"], got.Result, Valid, "")
		}
		if got.Base != r["base_code"] || got.Type != r["type_code"] || got.Level != levels[r["level"]] {
			t.Errorf("%s: %+v", r["task_code"], got)
		}
		expect(t, r["parent_base_code"], CheckItemCode(r["parent_base_code"]).Result, Valid, "")
	}
	if len(rows) != 2262 || confirm != 6 {
		t.Errorf("%d of %d codes have a body to confirm, want 6 of 2262", confirm, len(rows))
	}
}
