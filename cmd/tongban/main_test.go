package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/platform/db"
)

// call runs the program with arguments and input, as a shell would.
func call(t *testing.T, input string, args ...string) (string, error) {
	t.Helper()
	cmd := root()
	var out bytes.Buffer
	cmd.SetArgs(args)
	cmd.SetIn(strings.NewReader(input))
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	err := cmd.ExecuteContext(context.Background())
	return out.String(), err
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	steps := []struct {
		name  string
		input string
		args  []string
		want  string // part of the output, or of the error when fails
		fails bool
	}{
		{"version", "", []string{"version"}, "tongban dev", false},
		{"help of each command", "", []string{"backup", "--help"}, "pg_dump", false},
		{"the example of the law", "", []string{"workday", "due", "--from", "2026-09-30", "--days", "45"}, "2026-12-08", false},
		{"a day that is none", "", []string{"workday", "due", "--from", "2026-02-30", "--days", "1"}, "--from", true},
		{"migrate", "", []string{"migrate", "--data", data}, "sqlite: schema is at version", false},
		{"the register of a demonstration", "", []string{"serve", "--data", data, "--register-url", "memory:"}, "register-url", true},
		{"a setting that is wrong", "", []string{"serve", "--data", data, "--listen", "8080"}, "listen", true},
		{"a user without a department", "a long password\n", []string{"admin", "create-user", "--data", data, "--login", "root", "--name", "管理员", "--role", "system_admin"}, "identity.invalid", true},
		{"a zone that is none", "", []string{"admin", "load-zone", "--data", data, "/nowhere"}, "holds neither", true},
		{"the frame of a zone", "", []string{"admin", "load-zone", "--data", data, "../../demo"}, "created", false},
		{"the same again", "", []string{"admin", "load-zone", "--data", data, "../../demo"}, "0 created, 0 updated", false},
		{"the report of the catalogue", "", []string{"catalogue", "report", "--data", data}, "handling items", false},
		{"an administrator whom nobody confirms", "a long password\n", []string{"admin", "create-user", "--data", data, "--login", "root", "--name", "管理员", "--role", "system_admin", "--department", "zw", "--region", "371671"}, "--without-confirmation", true},
		{"the first user", "a long password\n", []string{"admin", "create-user", "--data", data, "--login", "root", "--name", "管理员", "--role", "system_admin", "--department", "zw", "--region", "371671", "--without-confirmation"}, "created root", false},
		{"a token", "", []string{"admin", "create-token", "--data", data, "--name", "bank", "--scope", "items:read"}, "tb_", false},
		{"a token with a scope that is none", "", []string{"admin", "create-token", "--data", data, "--name", "bank", "--scope", "all"}, "scope", true},
		{"the audit trail", "", []string{"audit", "verify", "--data", data}, "all links hold", false},
		{"backup", "", []string{"backup", filepath.Join(data, "copy.db"), "--data", data}, "bytes", false},
		{"backup over a file", "", []string{"backup", filepath.Join(data, "copy.db"), "--data", data}, "exists already", true},
	}
	for _, s := range steps {
		out, err := call(t, s.input, s.args...)
		if (err != nil) != s.fails {
			t.Errorf("%s: %v\n%s", s.name, err, out)
			continue
		}
		if err != nil {
			out += err.Error()
		}
		if !strings.Contains(out, s.want) {
			t.Errorf("%s: %q does not hold %q", s.name, out, s.want)
		}
	}
}

func TestReportIsJSON(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if out, err := call(t, "", "admin", "load-zone", "--data", data, "../../demo"); err != nil {
		t.Fatal(err, out)
	}
	out, err := call(t, "", "catalogue", "report", "--data", data, "--json")
	var r struct {
		Shelves       int            `json:"shelves"`
		HandlingItems int            `json:"handling_items"`
		CompleteItems int            `json:"complete_items"`
		Bundles       *int           `json:"bundles"`
		ByDepartment  map[string]int `json:"by_department"`
		ByShelf       map[string]int `json:"by_shelf"`
		Lint          []struct {
			Code, Level string
			Count       int
			Items       []string
		} `json:"lint"`
	}
	if err != nil || json.Unmarshal([]byte(out), &r) != nil {
		t.Fatal(err, out)
	}
	if r.Shelves != 13 || r.HandlingItems < 100 || r.CompleteItems < 12 || r.Bundles == nil || r.ByDepartment["kj"] == 0 || len(r.ByShelf) != 13 {
		t.Errorf("%+v", r)
	}
	for _, f := range r.Lint {
		if f.Level == "error" || f.Count < len(f.Items) || len(f.Items) == 0 {
			t.Errorf("%+v", f)
		}
	}
}

// TestSheetsOnTheCommandLine imports, imports again, exports and imports what
// was exported.
func TestSheetsOnTheCommandLine(t *testing.T) {
	t.Parallel()
	data, folder := t.TempDir(), t.TempDir()
	const good = "../../internal/catalogue/intake/testdata/gd.csv"
	bad, mapped, out, report := filepath.Join(folder, "bad.csv"), filepath.Join(folder, "m.yaml"), filepath.Join(folder, "out.xlsx"), filepath.Join(folder, "report.csv")
	b, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		bad: strings.Replace(string(b), ",20,workday,5,workday", ",20,workday,25,workday", 1), mapped: "columns:\n  code: code\n  name: nome\n",
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	items := func(args ...string) []string {
		return append([]string{"import", "items", "--data", data}, args...)
	}
	steps := []struct {
		name  string
		args  []string
		want  string
		fails bool
	}{
		{"dry", items("--map", "gd", "--dry-run", good), "4 rows read: 4 items would be created", false},
		{"bad", items("--map", "gd", "--json", "--report", report, bad), `{"read":4,"created":0,"updated":0,"unchanged":0,"errors":1,"warnings":1,"notes":2,"applied":false,"seconds":`, true},
		{"in words", items("--map", "gd", bad), "row 2    11371671MB0A00026N437070300100001 promised_days: The promised limit", true},
		{"without the bad one", items("--map", "gd", "--json", "--skip-errors", bad), `"created":3,"updated":0,"unchanged":0,"errors":1`, true},
		{"all", items("--map", "gd", "--json", good), `{"read":4,"created":1,"updated":0,"unchanged":3,"errors":0,"warnings":1,"notes":2,"applied":true,"seconds":`, false},
		{"again", items("--map", "gd", "--json", good), `"created":0,"updated":0,"unchanged":4,"errors":0`, false},
		{"no such mapping", items("--map", "mars", good), "--map mars", true},
		{"a mapping with a fault", items("--map", mapped, good), "line 3: column nome", true},
		{"out", []string{"export", "items", "--data", data, out}, "4 items", false},
		{"narrowed", []string{"export", "items", "--data", data, "--query", "通关", "-"}, "通关信息查询", false},
		{"a format that is none", []string{"export", "items", "--data", data, "--format", "pdf", "-"}, "--format pdf", true},
		{"what went out", items("--json", out), `"unchanged":4,"errors":0`, false},
	}
	for _, s := range steps {
		out, err := call(t, "", s.args...)
		if (err != nil) != s.fails {
			t.Errorf("%s: %v\n%s", s.name, err, out)
			continue
		}
		if err != nil {
			out += err.Error()
		}
		if !strings.Contains(out, s.want) {
			t.Errorf("%s: %q does not hold %q", s.name, out, s.want)
		}
	}
	if b, err := os.ReadFile(report); err != nil || !strings.Contains(string(b), "承诺时限不能比法定时限长") {
		t.Errorf("%v %s", err, b)
	}
}

func TestOpenAPIIsJSON(t *testing.T) {
	t.Parallel()
	out, err := call(t, "", "openapi")
	var doc struct {
		OpenAPI string `json:"openapi"`
	}
	if err != nil || json.Unmarshal([]byte(out), &doc) != nil || !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("%v %.100s", err, out)
	}
}

// TestAuditVerifyTells: the command ends with 1 and names the link when the
// trail was tampered with, also when only heads kept elsewhere can show it.
func TestAuditVerifyTells(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if out, err := call(t, "", "admin", "load-zone", "--data", data, "../../demo"); err != nil {
		t.Fatal(err, out)
	}
	before, err := call(t, "", "audit", "verify", "--data", data)
	if err != nil || !strings.Contains(before, "all links hold") {
		t.Fatal(err, before)
	}
	kept := filepath.Join(data, "heads.txt")
	if err := os.WriteFile(kept, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := call(t, "", "audit", "verify", "--data", data, "--heads", kept); err != nil {
		t.Fatal(err, out)
	}
	tamper := func(sql ...string) {
		t.Helper()
		d, err := db.Open(t.Context(), filepath.Join(data, "tongban.db"), db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = d.Close() }()
		if err := d.InTx(t.Context(), func(ctx context.Context) error {
			for _, s := range sql {
				if _, err := d.Exec(ctx, s); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	// The last entry of the longest chain goes, and its head with it.
	const longest = `(SELECT chain FROM (SELECT chain FROM audit_head ORDER BY seq DESC, chain LIMIT 1) x)`
	tamper(`DELETE FROM audit_entry WHERE chain=`+longest+` AND seq=(SELECT max(seq) FROM audit_head)`,
		`UPDATE audit_head SET seq=seq-1, hash=COALESCE((SELECT hash FROM audit_entry e WHERE e.chain=audit_head.chain AND e.seq=audit_head.seq-1), '') WHERE chain=`+longest)
	if out, err := call(t, "", "audit", "verify", "--data", data); err != nil {
		t.Errorf("alone it cannot know: %v %s", err, out)
	}
	if _, err := call(t, "", "audit", "verify", "--data", data, "--heads", kept); err == nil || exitCode(err) != 1 || !strings.Contains(err.Error(), "BROKEN") || !strings.Contains(err.Error(), "cut") {
		t.Errorf("with the heads kept: %v", err)
	}
	tamper(`UPDATE audit_entry SET reason='nothing happened' WHERE id=(SELECT min(id) FROM audit_entry)`)
	if _, err := call(t, "", "audit", "verify", "--data", data); err == nil || exitCode(err) != 1 || !strings.Contains(err.Error(), "entry 1 (") || !strings.Contains(err.Error(), "changed") {
		t.Errorf("a changed row: %v", err)
	}
	if _, err := call(t, "", "audit", "verify", "--data", data, "--heads", filepath.Join("..", "..", "LICENSE")); err == nil {
		t.Error("a file without heads")
	}
}
