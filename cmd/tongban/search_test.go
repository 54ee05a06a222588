package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSearchCommand(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if out, err := call(t, "", "admin", "load-zone", "--data", data, "../../demo"); err != nil {
		t.Fatal(err, out)
	}
	out, err := call(t, "", "search", "--data", data, "--limit", "5", "--json", "想注册一家有限公司")
	if err != nil {
		t.Fatal(err, out)
	}
	var list []found
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list) != 5 {
		t.Fatalf("%d items, %v: %s", len(list), err, out)
	}
	if f := list[0]; f.Code != "SC-0001" || f.Name == "" || f.Kind != "apply" || f.Department != "市场监督管理局" || f.Score <= list[4].Score {
		t.Errorf("%+v", f)
	}
	if out, err := call(t, "", "search", "--data", data, "--json", "量子纠缠"); err != nil || strings.TrimSpace(out) != "[]" {
		t.Errorf("nothing found is an empty array: %v %s", err, out)
	}
	if _, err := call(t, "", "search", "--data", data); err == nil {
		t.Error("no question is no error")
	}
	questions := filepath.Join(data, "questions.csv")
	if err := os.WriteFile(questions, []byte("query,kind,codes\n注册公司,near,SC-0001|YJS-0001\n高企,abbreviation,KJ-0002|KJ-0103\n量子纠缠,everyday,SC-0001\n没有答案,near,ZZ-9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err = call(t, "", "search", "--data", data, "--questions", questions, "--json")
	var g grade
	if err != nil || json.Unmarshal([]byte(out), &g) != nil {
		t.Fatal(err, out)
	}
	// Two of three are answered first; the fourth has no answer in this catalogue.
	if g.Questions != 3 || g.Hit1 != 0.667 || g.Hit5 != 0.667 || g.MRR != 0.667 || g.Kinds["near"].Questions != 1 {
		t.Errorf("%+v", g)
	}
	out, err = call(t, "", "search", "--data", data, "--questions", questions, "--misses")
	if err != nil || !strings.Contains(out, "missed: 量子纠缠") || !strings.Contains(out, "hit@5") {
		t.Errorf("%v %s", err, out)
	}
}
