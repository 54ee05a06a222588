package idcode

import (
	"regexp"
	"strings"
)

var (
	mobile   = regexp.MustCompile(`^1[3-9]\d{9}$`)
	hotline  = regexp.MustCompile(`^(?:12\d{3}|96\d{3,4}|95\d{3,4}|11[0-9])$`)
	freeCall = regexp.MustCompile(`^[48]00\d{7}$`)
	// 010 and 02x have eight digits behind them, the others seven or eight.
	landline = regexp.MustCompile(`^(010|02\d)([2-9]\d{7})$|^(0[3-9]\d\d)([2-9]\d{6,7})$`)
	// A hotline called from elsewhere, such as 0543-12345.
	farHotline = regexp.MustCompile(`^(010|02\d|0[3-9]\d\d)(12\d{3}|96\d{3,4})$`)
	// Area code, number and extension that the writer kept apart.
	apart     = regexp.MustCompile(`^(0\d{2,3}-?\d{7,8})-(\d{1,6})$`)
	extension = regexp.MustCompile(`^(.+?)-?(?:转|分机|EXT\.?|#)-?(\d{1,6})$`)
	country   = regexp.MustCompile(`^(?:\+|00)86-?`)
	brackets  = strings.NewReplacer("(", "", ")", "-", "—", "-", "–", "-", "－", "-")
)

// CheckPhone checks a mobile number of the mainland, or a landline number with
// its area code and perhaps an extension. Numbers of services (12345, 400) are
// left to a person, as nobody can be reached there by text message.
//
// Stored forms are 13812345678, 0543-3212345 and 0543-3212345-801.
func CheckPhone(s string) Result {
	s = brackets.Replace(normalise(s))
	if s == "" {
		return invalid("", ReasonEmpty)
	}
	number, ext := s, ""
	if m := extension.FindStringSubmatch(s); m != nil {
		number, ext = m[1], m[2]
	}
	if n := country.FindString(number); n != "" {
		number = number[len(n):]
		// Abroad the 0 of the area code is left out.
		if plain := strings.ReplaceAll(number, "-", ""); !mobile.MatchString(plain) && !strings.HasPrefix(number, "0") {
			number = "0" + number
		}
	}
	if m := apart.FindStringSubmatch(number); m != nil && ext == "" {
		number, ext = m[1], m[2]
	}
	number = strings.ReplaceAll(number, "-", "")

	switch {
	case !only(number, digits):
		return invalid(s, ReasonAlphabet)
	case mobile.MatchString(number) && ext == "":
		return valid(number)
	case freeCall.MatchString(number), hotline.MatchString(number):
		return unconfirmed(number, ReasonService)
	}
	if m := farHotline.FindStringSubmatch(number); m != nil {
		return unconfirmed(m[1]+"-"+m[2], ReasonService)
	}
	if m := landline.FindStringSubmatch(number); m != nil {
		n := m[1] + m[3] + "-" + m[2] + m[4]
		if ext != "" {
			n += "-" + ext
		}
		return valid(n)
	}
	switch {
	case len(number) == 11 && number[0] == '1':
		return invalid(s, ReasonPrefix)
	case (len(number) == 7 || len(number) == 8) && number[0] >= '2':
		return invalid(s, ReasonAreaCode)
	case len(number) >= 10 && len(number) <= 12 && number[0] == '0' && (number[1] < '3' && number[1] != '1' && number[1] != '2'):
		return invalid(s, ReasonAreaCode)
	default:
		return invalid(s, ReasonLength)
	}
}
