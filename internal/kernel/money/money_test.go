package money

import "testing"

func TestParse(t *testing.T) {
	t.Parallel()
	good := map[string]Fen{"0": 0, "1,250,000.5": 125000050, "¥ 3.05": 305, "-12.30": -1230, "9999999999999.99": 999999999999999}
	for in, want := range good {
		if got, err := Parse(in); err != nil || got != want {
			t.Errorf("Parse(%q) = %d, %v; want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"", ".", "1.234", "1e5", "--1", "+1", "1_000", "12345678901234", "一百", "1.-2"} {
		if got, err := Parse(in); err == nil {
			t.Errorf("Parse(%q) = %d, want an error", in, got)
		}
	}
}

func TestString(t *testing.T) {
	t.Parallel()
	for f, want := range map[Fen]string{0: "0.00", 5: "0.05", 125000000: "1,250,000.00", -100: "-1.00", 99999: "999.99"} {
		if got := f.String(); got != want {
			t.Errorf("%d = %q, want %q", int64(f), got, want)
		}
	}
	if got := Fen(35_000_000).Wan(); got != "35" {
		t.Errorf("Wan = %q", got)
	}
}
