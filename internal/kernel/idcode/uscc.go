package idcode

import "strings"

// usccAlphabet leaves out I, O, S, V and Z, which look like digits.
const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// CheckUSCC checks a unified social credit code: registrar, class, division (6),
// organisation code (9), check character.
func CheckUSCC(s string) Result {
	s = normalise(s)
	switch {
	case s == "":
		return invalid("", ReasonEmpty)
	case !only(s, usccAlphabet):
		return invalid(s, ReasonAlphabet)
	case len(s) != 18:
		return invalid(s, ReasonLength)
	case !only(s[2:8], digits):
		return invalid(s, ReasonAlphabet)
	case s[17] != usccCheck(s[:17]):
		if isEarlyPilot(s) {
			return unconfirmed(s, ReasonEarlyPilot)
		}
		return invalid(s, ReasonCheck)
	case s[8:17] == "000000000":
		return unconfirmed(s, ReasonPlaceholder)
	case !isProvince(s[2:4]) && s[2:4] != "10" && s[2:4] != "99": // 10 nation, 99 新疆兵团
		return unconfirmed(s, ReasonDivision)
	}
	return valid(s)
}

// isEarlyPilot reports the form of the codes that were issued with a wrong check
// character: registered as a business, and an organisation code beginning M0
// whose own check digit is right. A slip of one character in any other code, or
// inside the organisation code of these, stays an error.
func isEarlyPilot(s string) bool {
	org := s[8:17]
	return s[0] == '9' && strings.HasPrefix(org, "M0") && org[8] == orgCheck(org[:8])
}

// WithUSCCCheck completes the first 17 characters of a credit code. It returns
// nothing if they cannot begin one.
func WithUSCCCheck(first17 string) string {
	if len(first17) != 17 || !only(first17, usccAlphabet) {
		return ""
	}
	return first17 + string(usccCheck(first17))
}

// usccCheck computes the check character of 17 characters of the alphabet.
func usccCheck(s string) byte {
	sum, weight := 0, 1
	for i := range 17 {
		sum += strings.IndexByte(usccAlphabet, s[i]) * weight
		weight = weight * 3 % 31
	}
	return usccAlphabet[(31-sum%31)%31]
}

// CheckOrgCode checks an organisation code, which is now characters 9 to 17 of
// the credit code. Old papers write it with a hyphen before the check digit.
func CheckOrgCode(s string) Result {
	s = normalise(s)
	if len(s) == 10 && s[8] == '-' {
		s = s[:8] + s[9:]
	}
	switch {
	case s == "":
		return invalid("", ReasonEmpty)
	case !only(s, alphanum):
		return invalid(s, ReasonAlphabet)
	case len(s) != 9:
		return invalid(s, ReasonLength)
	case s[8] != orgCheck(s[:8]):
		return invalid(s, ReasonCheck)
	case s == "000000000":
		return unconfirmed(s, ReasonPlaceholder)
	}
	return valid(s)
}

// WithOrgCheck completes the first 8 characters of an organisation code. It
// returns nothing if they cannot begin one.
func WithOrgCheck(first8 string) string {
	if len(first8) != 8 || !only(first8, alphanum) {
		return ""
	}
	return first8 + string(orgCheck(first8))
}

// orgCheck computes the check digit of GB 11714.
func orgCheck(s string) byte {
	sum := 0
	for i, weight := range [...]int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += strings.IndexByte(alphanum, s[i]) * weight
	}
	switch v := 11 - sum%11; v {
	case 10:
		return 'X'
	case 11:
		return '0'
	default:
		return digits[v]
	}
}
