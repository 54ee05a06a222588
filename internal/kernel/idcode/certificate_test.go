package idcode

import "testing"

func TestCheckCertificateID(t *testing.T) {
	t.Parallel()
	const root = "1.2.156.3005.2."
	good := WithCertificateCheck(root + "11100000000013338W011.340100.20260302001.001")
	tests := map[string]struct {
		in     string
		want   Verdict
		reason string
	}{
		"issued by a division":             {good, Valid, ""},
		"small letters":                    {"1.2.156.3005.2.11100000000013338w009.11330105002500287c.2025052201.002.0", Valid, ""},
		"check letter":                     {root + "11100000000013338W011.11430000006122244L.20230000403.001.U", Valid, ""},
		"wrong check letter":               {root + "11100000000013338W011.11430000006122244L.20230000403.001.V", Invalid, ReasonCheck},
		"another root":                     {"1.2.156.3005.3" + good[len(root)-1:], Invalid, ReasonPrefix},
		"a part missing":                   {root + "11100000000013338W011.340100.001.6", Invalid, ReasonLength},
		"an empty part":                    {root + "11100000000013338W011..1.001.6", Invalid, ReasonLength},
		"type too short":                   {root + "11100000000013338W.340100.1.001.6", Invalid, ReasonLength},
		"check too long":                   {good + "0", Invalid, ReasonLength},
		"version with a letter":            {root + "11100000000013338W011.340100.1.00A.6", Invalid, ReasonAlphabet},
		"serial with a sign":               {root + "11100000000013338W011.340100.1-2.001.6", Invalid, ReasonAlphabet},
		"owner without a true credit code": {WithCertificateCheck(root + "11100000000013339W011.340100.1.001"), Confirm, ReasonBody},
		"nothing":                          {"", Invalid, ReasonEmpty},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, tt.in, CheckCertificateID(tt.in).Result, tt.want, tt.reason)
		})
	}
	c := CheckCertificateID(good)
	if c.Type != "11100000000013338W011" || c.Issuer != "340100" || c.Serial != "20260302001" || c.Version != "001" {
		t.Errorf("parts = %+v", c)
	}
}

func TestCertificateVectors(t *testing.T) {
	t.Parallel()
	var v struct {
		Valid   []string `json:"elicence_valid_mod37_36"`
		Invalid []string `json:"elicence_invalid"`
	}
	sharedJSON(t, "ids/vectors.json", &v)
	if len(v.Valid) == 0 || len(v.Invalid) == 0 {
		t.Fatal("no vectors")
	}
	for _, s := range v.Valid {
		expect(t, s, CheckCertificateID(s).Result, Valid, "")
		if got := WithCertificateCheck(s[:len(s)-2]); got != s {
			t.Errorf("WithCertificateCheck = %s, want %s", got, s)
		}
	}
	for _, s := range v.Invalid {
		if got := CheckCertificateID(s); got.Verdict != Invalid {
			t.Errorf("%s is %+v", s, got.Result)
		}
	}
}
