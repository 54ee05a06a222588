package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// checkOne returns the answer and the exit status.
func checkOne(t *testing.T, lang, kind, value string) (string, int) {
	t.Helper()
	out, err := call(t, "", "check", "--lang", lang, kind, "--", value)
	if err == nil {
		return out, 0
	}
	if err.Error() != "" {
		t.Fatalf("%s %q: %v", kind, value, err)
	}
	return out, exitCode(err)
}

func TestCheckSaysWhatAndWhere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, value string
		status      int
		zh, en      string
	}{
		{"uscc", "91350200776049653a", 0, "统一社会信用代码 91350200776049653a：正确\n规范写法：91350200776049653A\n", "valid"},
		{"uscc", "91371602MA3TETQ0X1", 1, "第 18 位校验码是“1”，按前面各位计算应为“0”", `number 18, is "1"; those before it ask for "0"`},
		{"uscc", "91350200776049653I", 1, "第 18 位是“I”", `Character 18 is "I"`},
		{"uscc", "9135O200776049653A", 1, "第 5 位是“O”", `Character 5 is "O"`},
		{"uscc", "91A50200776049653A", 1, "第 3 位是“A”，这里只能是数字", "only a digit"},
		{"uscc", "9135020077604965", 1, "一共 16 位，应为 18 位", "16 characters instead of 18"},
		{"uscc", "", 1, "没有内容", "There is nothing to check"},
		{"uscc", "91350203M0001QAY9B", 2, "试点初期发放过这样的代码", "first pilots"},
		{"uscc", "913716000000000000", 2, "第 9—17 位全是 0", "all zero"},
		{"uscc", "\x1b[31m91350200776049653A", 1, "第 1 位是“U+001B”", `Character 1 is "U+001B"`},
		{"id", "37160219920315006x", 0, "规范写法：37160219920315006X", "Normal form"},
		{"id", "371602199001010011", 1, "第 18 位校验码是“1”，按前面各位计算应为“8”", `ask for "8"`},
		{"id", "371602199902300012", 1, "第 7—14 位“19990230”不是真实的日期", "not a real date"},
		{"id", "37160219900101001", 1, "一共 17 位，应为 18 位", "17 characters"},
		{"id", "999999199001010016", 1, "第 1—2 位“99”不是省级行政区划代码", "code of a province"},
		{"id", "3716021990O1010018", 1, "第 11 位是“O”", "Character 11"},
		{"id", "371602900101001", 2, "371602199001010018", "371602199001010018"},
		{"id", "371602900231001", 1, "第 7—12 位“900231”", "900231"},
		{"id", "81000019980902013X", 0, "港澳台居民居住证号码", "Residence permit"},
		{"id", "932682198501010017", 0, "外国人永久居留身份证号码", "foreigner"},
		{"item-code", "44010200200Y", 0, "事项编码 44010200200Y：正确", "Item code"},
		{"item-code", "44010200200A", 1, "第 12 位是“A”，这里只能是数字", "Character 12"},
		{"item-code", "11440000006939801C7442003005000", 1, "第 19 位是行使层级，应为 1 到 6，现在是“7”", "1 to 6"},
		{"item-code", "11440000006939801C244010300100100", 1, "不能是 00", "cannot be 00"},
		{"item-code", "TE440000GD030003VV2442003005000", 2, "第 1—18 位“TE440000GD030003VV”", "true credit code"},
		{"item-code", "990300100100", 2, "第 1—2 位“99”", "province"},
		{"item-code", "4401", 1, "一共 4 位，应为 12/31/33 位", "instead of 12/31/33"},
		{"certificate", "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.V", 1, "校验码是“V”，按前面各位计算应为“U”", `ask for "U"`},
		{"certificate", "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.0A1.U", 1, "第 70 位是“A”，这里只能是数字", "Character 70"},
		{"certificate", "1.2.156.3005.2.11100000000013338W011.11430000006122244L.2023。0403.001.U", 1, "是“。”", "is \"。\""},
		{"certificate", "2.2.156", 1, "应以“1.2.156.3005.2.”开头", "has to begin"},
		{"certificate", "1.2.156.3005.2.1.2", 1, "应有 5 段", "Five parts"},
	} {
		for lang, want := range map[string]string{"zh": c.zh, "en": c.en} {
			out, status := checkOne(t, lang, c.kind, c.value)
			if status != c.status || !strings.Contains(out, want) || strings.ContainsAny(out, "\x1b") || strings.Contains(out, "check.why") || strings.Contains(out, "check.kind") {
				t.Errorf("%s %q in %s: %d %s, want %d %s", c.kind, c.value, lang, status, out, c.status, want)
			}
		}
	}
	for _, args := range [][]string{{"check", "uscc"}, {"check", "passport", "x"}, {"check", "--lang", "fr", "uscc", "x"}} {
		if _, err := call(t, "", args...); err == nil || err.Error() == "" {
			t.Errorf("%v: %v", args, err)
		}
	}
}

func TestCheckReadsLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in     string
		status int
		want   []string
	}{
		{"91350200776049653A\n\n 91350500798359476r \r\n", 0, []string{"valid", "valid"}},
		{"\ufeff91350200776049653A\n91350203M0001QAY9B\n", 2, []string{"valid", "confirm"}},
		{"91350203M0001QAY9B\n=1+1\n91350200776049653A", 1, []string{"confirm", "invalid", "valid"}},
	} {
		out, err := call(t, c.in, "check", "--lang", "en", "uscc", "-")
		if (err == nil) != (c.status == 0) || err != nil && exitCode(err) != c.status {
			t.Errorf("%q: %v, want %d", c.in, err, c.status)
		}
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil || len(rows) != len(c.want)+1 || rows[0][0] != "value" {
			t.Fatalf("%q: %v %v", c.in, rows, err)
		}
		for i, want := range c.want {
			r := rows[i+1]
			if r[1] != want || (r[4] == "") != (want == "valid") || strings.HasPrefix(r[0], "=") {
				t.Errorf("%q: %q, want %s", c.in, r, want)
			}
		}
	}
	if _, err := call(t, "\n", "check", "uscc", "-"); err == nil || exitCode(err) != 1 {
		t.Error("no codes: nothing said")
	}
}

// TestCheckKnowsTheVectors runs every code of the shared vectors. They lie
// beside the repository; the examples above cover the same rules.
func TestCheckKnowsTheVectors(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "ids", "vectors.json"))
	if err != nil {
		t.Skip("needs the shared data folder beside the repository; the own examples cover the same rules")
	}
	var groups map[string]json.RawMessage
	if err := json.Unmarshal(b, &groups); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]struct {
		kind   string
		status int
	}{
		"uscc_valid": {"uscc", 0}, "uscc_invalid_checksum_but_really_issued": {"uscc", 2}, "uscc_invalid": {"uscc", 1},
		"uscc_valid_but_degenerate": {"uscc", 2}, "uscc_normalise_then_valid": {"uscc", 0},
		"resident_id_synthetic_valid": {"id", 0}, "resident_id_invalid": {"id", 1}, "resident_id_standard_examples": {"id", 0}, "resident_id_15_to_18": {"id", 2},
		"hmt_residence_permit_valid": {"id", 0}, "foreigner_permanent_id_2023_valid": {"id", 0},
		"task_code_31": {"item-code", 0}, "task_handle_item_33": {"item-code", 0}, "base_code_12": {"item-code", 0},
		"elicence_valid_mod37_36": {"certificate", 0}, "elicence_invalid": {"certificate", 1},
	}
	for group, raw := range groups {
		if group == "notes" || group == "placeholder_org_codes_seen_in_real_catalogue" { // remarks, and codes inside of others: see the examples above
			continue
		}
		want, ok := kinds[group]
		if !ok {
			t.Errorf("the vectors have a new group %q", group)
			continue
		}
		var list []string
		var pairs map[string]string
		if json.Unmarshal(raw, &list) != nil {
			if err := json.Unmarshal(raw, &pairs); err != nil {
				t.Fatalf("%s: %v", group, err)
			}
			for v := range pairs {
				list = append(list, v)
			}
		}
		for _, v := range list {
			out, status := checkOne(t, "zh", want.kind, v)
			if status != want.status {
				t.Errorf("%s: %q: %d, want %d: %s", group, v, status, want.status, out)
			}
			if group == "resident_id_15_to_18" && !strings.Contains(out, "规范写法："+pairs[v]) {
				t.Errorf("%q: %s, want %s", v, out, pairs[v])
			}
		}
	}
}
