package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// run gives a command line and returns what it printed.
func workdayRun(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := root()
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(append([]string{"workday"}, args...))
	err := cmd.Execute()
	return strings.TrimSpace(out.String()), err
}

func TestWorkdayDue(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"due --from 2026-09-30 --days 45":             "2026-12-08",
		"due --from 2026-09-30 --days 7 --unit day":   "2026-10-08",
		"due --from 2026-01-31 --days 1 --unit month": "2026-02-28", // a make-up Saturday
		"due --from 2026-02-13 --days 1 --json":       `"due": "2026-02-14"`,
	} {
		got, err := workdayRun(t, strings.Fields(line)...)
		if err != nil || !strings.Contains(strings.ReplaceAll(got, `":"`, `": "`), want) {
			t.Errorf("%s: %q %v", line, got, err)
		}
	}
	for _, line := range []string{"due --from soon --days 5", "due --from 2026-09-30 --days 0", "due --from 2026-09-30 --days 5 --unit hour", "due --from 2026-09-30 --days 5 --unit year"} {
		if got, err := workdayRun(t, strings.Fields(line)...); err == nil {
			t.Errorf("%s: %q", line, got)
		}
	}
}

func TestWorkdayCheck(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "vectors.csv")
	write := func(s string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("accepted,limit,due\n2026-09-30,45,2026-12-08\n2026-02-14,1,2026-02-24\n")
	if got, err := workdayRun(t, "check", file); err != nil || !strings.Contains(got, "all 2 vectors agree") {
		t.Errorf("%q %v", got, err)
	}
	write("accepted,limit,due\n2026-09-30,45,2026-12-09\n")
	if got, err := workdayRun(t, "check", file); err == nil || !strings.Contains(got, "2026-12-08, expected 2026-12-09") {
		t.Errorf("%q %v", got, err)
	}
	write("accepted,limit,due\n")
	if _, err := workdayRun(t, "check", file); err == nil {
		t.Error("an empty file agrees")
	}
}

func TestWorkdayVectorsOfTheSharedFolder(t *testing.T) {
	t.Parallel()
	file := filepath.Join("..", "..", "..", "shared", "data", "calendar", "workday-vectors.csv")
	if _, err := os.Stat(file); err != nil {
		t.Skip("needs the shared data folder beside the repository")
	}
	if got, err := workdayRun(t, "check", file); err != nil {
		t.Errorf("%s %v", got, err)
	}
}
