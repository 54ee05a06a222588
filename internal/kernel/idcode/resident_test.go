package idcode

import (
	"testing"

	"github.com/tongban/tongban/internal/kernel/workday"
)

// All numbers are made up or examples of the standard.
func TestCheckResidentID(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in     string
		want   Verdict
		reason string
		kind   IDKind
		born   string
		sex    Sex
	}{
		"man":                        {"371602199001010018", Valid, "", Resident, "1990-01-01", Male},
		"woman":                      {"371602198802290027", Valid, "", Resident, "1988-02-29", Female},
		"check X, written small":     {"37160219920315006x", Valid, "", Resident, "1992-03-15", Female},
		"with spaces":                {"371602 19900101 0018", Valid, "", Resident, "1990-01-01", Male},
		"example of the standard":    {"440524188001010014", Valid, "", Resident, "1880-01-01", Male},
		"Hong Kong":                  {"81000019980902013X", Valid, "", HMTPermit, "1998-09-02", Male},
		"Macao":                      {"820000200009100032", Valid, "", HMTPermit, "2000-09-10", Male},
		"Taiwan":                     {"830000200209060065", Valid, "", HMTPermit, "2002-09-06", Female},
		"foreigner":                  {"932682198501010017", Valid, "", Foreigner, "1985-01-01", Male},
		"abolished county":           {WithResidentIDCheck("37232419900101001"), Valid, "", Resident, "1990-01-01", Male},
		"15 digits":                  {"371602900101001", Confirm, ReasonOld, Resident, "1990-01-01", Male},
		"15 digits of a centenarian": {"371602900101998", Confirm, ReasonOld, Resident, "1890-01-01", Female},
		"15 digits, month 13":        {"371602901301001", Invalid, ReasonDate, "", "", 0},
		"15 digits, no resident":     {"932682850101001", Invalid, ReasonDivision, "", "", 0},
		"wrong check":                {"371602199001010011", Invalid, ReasonCheck, "", "", 0},
		"X for a digit":              {"37160219900101001X", Invalid, ReasonCheck, "", "", 0},
		"30 February":                {"371602199902300012", Invalid, ReasonDate, "", "", 0},
		"29 February 1900":           {WithResidentIDCheck("37160219000229001"), Invalid, ReasonDate, "", "", 0},
		"born in 1799":               {WithResidentIDCheck("37160217990101001"), Invalid, ReasonDate, "", "", 0},
		"no such province":           {"999999199001010016", Invalid, ReasonDivision, "", "", 0},
		"no such permit":             {WithResidentIDCheck("81010019900101001"), Invalid, ReasonDivision, "", "", 0},
		"17 characters":              {"37160219900101001", Invalid, ReasonLength, "", "", 0},
		"X inside":                   {"3716021990010X0018", Invalid, ReasonAlphabet, "", "", 0},
		"letters":                    {"37160219900101OO18", Invalid, ReasonAlphabet, "", "", 0},
		"nothing":                    {"", Invalid, ReasonEmpty, "", "", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := CheckResidentID(tt.in)
			expect(t, tt.in, got.Result, tt.want, tt.reason)
			if got.Kind != tt.kind || got.BornOn.String() != tt.born || got.Sex != tt.sex {
				t.Errorf("%s: %q, %s, %d", tt.in, got.Kind, got.BornOn, got.Sex)
			}
		})
	}
}

func TestResidentIDVectors(t *testing.T) {
	t.Parallel()
	var v struct {
		Valid     []string          `json:"resident_id_synthetic_valid"`
		Standard  []string          `json:"resident_id_standard_examples"`
		HMT       []string          `json:"hmt_residence_permit_valid"`
		Foreigner []string          `json:"foreigner_permanent_id_2023_valid"`
		Invalid   map[string]string `json:"resident_id_invalid"`
		Old       map[string]string `json:"resident_id_15_to_18"`
	}
	sharedJSON(t, "ids/vectors.json", &v)
	if len(v.Valid) == 0 || len(v.Invalid) == 0 || len(v.Old) == 0 {
		t.Fatal("no vectors")
	}
	for kind, list := range map[IDKind][]string{Resident: append(v.Valid, v.Standard...), HMTPermit: v.HMT, Foreigner: v.Foreigner} {
		for _, s := range list {
			got := CheckResidentID(s)
			expect(t, s, got.Result, Valid, "")
			if got.Kind != kind {
				t.Errorf("%s is of kind %s", s, got.Kind)
			}
		}
	}
	for s, why := range v.Invalid {
		if got := CheckResidentID(s); got.Verdict != Invalid {
			t.Errorf("%s (%s) is %+v", s, why, got.Result)
		}
	}
	for s, want := range v.Old {
		if got := CheckResidentID(s); got.Verdict != Confirm || got.Normalised != want {
			t.Errorf("%s = %+v, want %s", s, got.Result, want)
		}
	}
}

func TestResidentIDRoundTrip(t *testing.T) {
	t.Parallel()
	first := workday.NewDate(1930, 1, 1)
	for i := range 3000 {
		born := first.AddDays(i * 11)
		y, m, d := born.Date()
		order := []byte{byte('0' + i%10), byte('0' + i/10%10), byte('0' + i/7%10)}
		s := WithResidentIDCheck("371602" + compact(y, int(m), d) + string(order))
		got := CheckResidentID(s)
		want := Female
		if order[2]%2 == 1 {
			want = Male
		}
		if got.Verdict != Valid || got.BornOn != born || got.Sex != want {
			t.Fatalf("%s = %+v", s, got)
		}
		// One wrong digit is always seen.
		k := i % 17
		if slip := s[:k] + string('0'+(s[k]-'0'+1)%10) + s[k+1:]; CheckResidentID(slip).Verdict != Invalid {
			t.Fatalf("%s passes for %s", slip, s)
		}
	}
}

func compact(y, m, d int) string {
	s := make([]byte, 8)
	for i, n := 7, y*10000+m*100+d; i >= 0; i, n = i-1, n/10 {
		s[i] = byte('0' + n%10)
	}
	return string(s)
}
