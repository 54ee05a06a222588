package idcode

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// shared opens a file of the data folder that lies beside the repository.
func shared(t *testing.T, name string) *os.File {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	f, err := os.Open(filepath.Join(dir, "..", "shared", "data", name))
	if err != nil {
		t.Skip("needs the shared data folder beside the repository; the own vectors cover the same rules")
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func sharedJSON(t *testing.T, name string, v any) {
	t.Helper()
	if err := json.NewDecoder(shared(t, name)).Decode(v); err != nil {
		t.Fatal(err)
	}
}

// sharedCSV returns rows by column name.
func sharedCSV(t *testing.T, name string) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(shared(t, name)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, column := range rows[0] {
			m[column] = r[i]
		}
		out = append(out, m)
	}
	return out
}

// expect compares a result with a verdict and a reason.
func expect(t *testing.T, what string, got Result, want Verdict, reason string) {
	t.Helper()
	if got.Verdict != want || got.Reason != reason {
		t.Errorf("%s: %s %q, want %s %q", what, got.Verdict, got.Reason, want, reason)
	}
}
