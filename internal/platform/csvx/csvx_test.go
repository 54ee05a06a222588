package csvx_test

import (
	"testing"

	"github.com/tongban/tongban/internal/platform/csvx"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":         "",
		"许可":       "许可",
		"a=b":      "a=b",
		"'quoted'": "'quoted'",
		"=1+1":     "'=1+1",
		"+86":      "'+86",
		"-5℃":      "'-5℃",
		"@SUM(A1)": "'@SUM(A1)",
		"＝1+1":     "'＝1+1",
		"＋1":       "'＋1",
		"－1":       "'－1",
		"＠SUM":     "'＠SUM",
		"\t=1":     "'\t=1",
		"\r=1":     "'\r=1",
		"\n=1":     "'\n=1",
		"'=1":      "''=1",
	} {
		got := csvx.Guard(in)
		if got != want || csvx.Unguard(got) != in {
			t.Errorf("%q became %q, want %q, and %q again", in, got, want, csvx.Unguard(got))
		}
	}
}
