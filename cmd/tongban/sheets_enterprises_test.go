package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestImportEnterprises(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if out, err := call(t, "", "admin", "load-zone", "--data", data, "../../demo"); err != nil {
		t.Fatal(err, out)
	}
	file := filepath.Join(data, "firms.csv")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	with := func(more ...string) []string {
		return append(append([]string{"import", "enterprises", "--data", data, "--register", "market", "--as-of", "2026-02-28"}, more...), file)
	}
	const good = "统一社会信用代码,企业名称,注册地\n91371671MA3TB0009L,渤海智联传感科技有限公司,371671\n"
	write(good)
	for _, step := range []struct {
		args []string
		want string
	}{
		{with("--dry-run"), "1 rows: 1 new, 0 changed"},
		{with(), "1 rows: 1 new, 0 changed"}, // the dry run wrote nothing
		{with("--json"), `"same":1`},
	} {
		if out, err := call(t, "", step.args...); err != nil || !strings.Contains(out, step.want) {
			t.Errorf("%v: %v %s", step.args, err, out)
		}
	}
	write(good + "91371671MA3TB0009X,写错了,371671\n")
	if out, err := call(t, "", with()...); err == nil || !strings.Contains(out+err.Error(), "1 rows are wrong") {
		t.Errorf("a wrong row ends well: %v %s", err, out)
	}
	if out, err := call(t, "", "import", "enterprises", "--data", data, "--as-of", "2026-02-28", "--register", "moon", file); err == nil {
		t.Errorf("an unknown register is taken: %s", out)
	}
}
