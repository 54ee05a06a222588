package idcode

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestCheckUSCC(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in     string
		want   Verdict
		reason string
	}{
		"enterprise":                  {"91371602MA3TETQ0X0", Valid, ""},
		"public institution":          {"12371600495001231W", Valid, ""},
		"private non-enterprise":      {"52371600MJD0000119", Valid, ""},
		"farmers' cooperative":        {"93371621MA3ABCD15W", Valid, ""},
		"registered with the nation":  {WithUSCCCheck("11100000MB0327169"), Valid, ""},
		"small letters":               {"91371602ma3tetq0x0", Valid, ""},
		"spaces as people group them": {" 91371602 MA3TETQ0X 0　", Valid, ""},
		"full-width characters":       {"９１３７１６０２ＭＡ３ＴＥＴＱ０Ｘ０", Valid, ""},
		"last character wrong":        {"91371602MA3TETQ0X1", Invalid, ReasonCheck},
		"inner character wrong":       {"91371602MABTETQ0X0", Invalid, ReasonCheck},
		"letter O for 0":              {"91371602MA3TETQOX0", Invalid, ReasonAlphabet},
		"letter in the division":      {"9137160AMA3TETQ0X0", Invalid, ReasonAlphabet},
		"too short":                   {"91371602MA3TETQ0X", Invalid, ReasonLength},
		"too long":                    {"91371602MA3TETQ0X00", Invalid, ReasonLength},
		"nothing":                     {" ", Invalid, ReasonEmpty},
		"Chinese":                     {"统一社会信用代码", Invalid, ReasonAlphabet},
		"pilot of Xiamen":             {"91350203M0001QAY9B", Confirm, ReasonEarlyPilot},
		"another pilot":               {"91350211M00013FA1N", Confirm, ReasonEarlyPilot},
		"a slip in a pilot code":      {"91350211M00013FA2N", Invalid, ReasonCheck},
		"organisation of zeros":       {"913716000000000000", Confirm, ReasonPlaceholder},
		"no such province":            {WithUSCCCheck("91901602MA3TETQ0X"), Confirm, ReasonDivision},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := CheckUSCC(tt.in)
			expect(t, tt.in, got, tt.want, tt.reason)
			if again := CheckUSCC(got.Normalised); again != got {
				t.Errorf("checking %q again gives %+v", got.Normalised, again)
			}
		})
	}
}

func TestUSCCVectors(t *testing.T) {
	t.Parallel()
	var v struct {
		Valid      []string `json:"uscc_valid"`
		Issued     []string `json:"uscc_invalid_checksum_but_really_issued"`
		Invalid    []string `json:"uscc_invalid"`
		Degenerate []string `json:"uscc_valid_but_degenerate"`
		Normalise  []string `json:"uscc_normalise_then_valid"`
	}
	sharedJSON(t, "ids/vectors.json", &v)
	if len(v.Valid) == 0 || len(v.Issued) == 0 || len(v.Invalid) == 0 {
		t.Fatal("no vectors")
	}
	for _, s := range append(v.Valid, v.Normalise...) {
		expect(t, s, CheckUSCC(s), Valid, "")
		n := CheckUSCC(s).Normalised
		expect(t, n[8:17], CheckOrgCode(n[8:17]), Valid, "")
		if got := WithUSCCCheck(n[:17]); got != n {
			t.Errorf("WithUSCCCheck(%s) = %s", n[:17], got)
		}
	}
	for _, s := range v.Issued {
		expect(t, s, CheckUSCC(s), Confirm, ReasonEarlyPilot)
	}
	for _, s := range v.Degenerate {
		expect(t, s, CheckUSCC(s), Confirm, ReasonPlaceholder)
	}
	for _, s := range v.Invalid {
		if got := CheckUSCC(s); got.Verdict != Invalid {
			t.Errorf("%s is %+v", s, got)
		}
	}
}

// The check character is there to catch what fingers do.
func TestUSCCSlipsAreCaught(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		var b strings.Builder
		b.WriteString("91371602MA")
		for range 6 {
			b.WriteByte(usccAlphabet[r.IntN(len(usccAlphabet))])
		}
		first := b.String()
		code := WithUSCCCheck(first[:8] + WithOrgCheck(first[8:]))
		expect(t, code, CheckUSCC(code), Valid, "")
		for i := range code {
			for _, c := range []byte(usccAlphabet) {
				if slip := code[:i] + string(c) + code[i+1:]; slip != code && CheckUSCC(slip).Verdict != Invalid {
					t.Fatalf("%s passes for %s", slip, code)
				}
			}
			if i > 0 && code[i] != code[i-1] {
				slip := code[:i-1] + string(code[i]) + string(code[i-1]) + code[i+1:]
				if CheckUSCC(slip).Verdict != Invalid {
					t.Fatalf("%s passes for %s", slip, code)
				}
			}
		}
	}
}

func TestCheckOrgCode(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Result{
		"59498494X":  valid("59498494X"),
		"59498494-x": valid("59498494X"),
		"MA3TETQ0X":  valid("MA3TETQ0X"),
		"59498494-1": invalid("594984941", ReasonCheck),
		"59498494":   invalid("59498494", ReasonLength),
		"59498494_X": invalid("59498494_X", ReasonAlphabet),
		"00000000-0": unconfirmed("000000000", ReasonPlaceholder),
		"":           invalid("", ReasonEmpty),
	} {
		if got := CheckOrgCode(in); got != want {
			t.Errorf("CheckOrgCode(%q) = %+v, want %+v", in, got, want)
		}
	}
}

func TestGeneratorsRefuseWhatCannotBe(t *testing.T) {
	t.Parallel()
	for name, got := range map[string]string{
		"credit code too short":    WithUSCCCheck("91371602"),
		"credit code with O":       WithUSCCCheck("91371602MA3TETQOX"),
		"organisation code":        WithOrgCheck("MA3TETQ0X"),
		"resident ID":              WithResidentIDCheck("3716021990010100A"),
		"certificate root":         WithCertificateCheck("1.2.3"),
		"certificate parts":        WithCertificateCheck("1.2.156.3005.2.11100000000013338W011.340100.1"),
		"certificate small letter": WithCertificateCheck("1.2.156.3005.2.11100000000013338W011.340100.a.001"),
	} {
		if got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestOK(t *testing.T) {
	t.Parallel()
	if !valid("x").OK(false) || unconfirmed("x", ReasonBody).OK(false) || !unconfirmed("x", ReasonBody).OK(true) ||
		invalid("x", ReasonCheck).OK(true) || (Result{}).OK(true) {
		t.Error("only what is valid, or confirmed and confirmable, is OK")
	}
}
