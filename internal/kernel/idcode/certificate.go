package idcode

import "strings"

// CertificateRoot is the arc under which electronic certificates are numbered.
const CertificateRoot = "1.2.156.3005.2"

const certificateRoot = CertificateRoot + "."

// CertificateID is the result for the identifier of an electronic certificate and,
// unless it is Invalid, its parts.
type CertificateID struct {
	Result
	Type    string // 21: credit code of the body that owns the type, and 3 of its own
	Issuer  string // credit code or division code
	Serial  string
	Version string // three digits
}

// CheckCertificateID checks root, type, issuer, serial, version and check
// character, separated by dots. A type whose owner has no true credit code is
// left to a person (Confirm, body).
func CheckCertificateID(s string) CertificateID {
	s = normalise(s)
	fail := func(reason string) CertificateID { return CertificateID{Result: invalid(s, reason)} }
	if s == "" {
		return fail(ReasonEmpty)
	}
	rest, ok := strings.CutPrefix(s, certificateRoot)
	if !ok {
		return fail(ReasonPrefix)
	}
	parts := strings.Split(rest, ".")
	if len(parts) != 5 {
		return fail(ReasonLength)
	}
	c := CertificateID{Type: parts[0], Issuer: parts[1], Serial: parts[2], Version: parts[3]}
	switch {
	case len(c.Type) != 21, c.Issuer == "", c.Serial == "", len(c.Version) != 3, len(parts[4]) != 1:
		return fail(ReasonLength)
	case !only(strings.Join(parts, ""), alphanum), !only(c.Version, digits):
		return fail(ReasonAlphabet)
	case parts[4][0] != certificateCheck(strings.Join(parts[:4], "")):
		return fail(ReasonCheck)
	case CheckUSCC(c.Type[:18]).Verdict != Valid:
		c.Result = unconfirmed(s, ReasonBody)
	default:
		c.Result = valid(s)
	}
	return c
}

// WithCertificateCheck completes an identifier from root to version. It returns
// nothing if the result would not be one.
func WithCertificateCheck(untilVersion string) string {
	rest, ok := strings.CutPrefix(untilVersion, certificateRoot)
	joined := strings.ReplaceAll(rest, ".", "")
	if !ok || !only(joined, alphanum) {
		return ""
	}
	s := untilVersion + "." + string(certificateCheck(joined))
	if CheckCertificateID(s).Verdict == Invalid {
		return ""
	}
	return s
}

// certificateCheck is ISO 7064 MOD 37,36: the digit that brings the sum to 1.
func certificateCheck(s string) byte {
	p := 36
	for i := range len(s) {
		sum := (p + strings.IndexByte(alphanum, s[i])) % 36
		if sum == 0 {
			sum = 36
		}
		p = sum * 2 % 37
	}
	return alphanum[(37-p)%36]
}
