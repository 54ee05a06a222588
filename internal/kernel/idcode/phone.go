package idcode

import (
	"regexp"
	"strings"
)

var (
	mobile   = regexp.MustCompile(`^1[3-9]\d{9}$`)
	hotline  = regexp.MustCompile(`^(?:12\d{3}|9[56]\d{3,4})$`)
	freeCall = regexp.MustCompile(`^[48]00\d{7}$`)
	// 010 and 02x have eight digits behind them, the others seven or eight.
	landline = regexp.MustCompile(`^(010|02\d)([2-9]\d{7})$|^(0[3-9]\d\d)([2-9]\d{6,7})$`)
	// A hotline called from elsewhere, such as 0543-12345.
	farHotline = regexp.MustCompile(`^(010|02\d|0[3-9]\d\d)(12\d{3}|96\d{3,4})$`)
	// Area code, number and extension that the writer kept apart.
	apart     = regexp.MustCompile(`^(0\d{2,3}-?\d{7,8})-(\d{1,6})$`)
	extension = regexp.MustCompile(`^(.+?)-?(?:转|分机|EXT\.?|#)-?(\d{1,6})$`)
	areaCode  = regexp.MustCompile(`^(?:010|02\d|0[3-9]\d\d)`)
	country   = regexp.MustCompile(`^(?:\+|00)86-?`)
	brackets  = strings.NewReplacer("(", "", ")", "-", "—", "-", "–", "-")
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
	plain := func() string { return strings.ReplaceAll(number, "-", "") }
	if n := country.FindString(number); n != "" {
		number = number[len(n):]
		// Abroad the 0 of the area code is left out.
		if !mobile.MatchString(plain()) && !strings.HasPrefix(number, "0") {
			number = "0" + number
		}
	} else if bare, ok := strings.CutPrefix(plain(), "86"); ok && mobile.MatchString(bare) {
		number = bare
	}
	if m := apart.FindStringSubmatch(number); m != nil && ext == "" {
		number, ext = m[1], m[2]
	}
	number = plain()

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
	return invalid(s, phoneReason(number))
}

// phoneReason says what is wrong with digits that are no number.
func phoneReason(number string) string {
	area := areaCode.FindString(number)
	local := len(number) - len(area)
	switch {
	case area == "" && len(number) >= 10 && number[0] == '0',
		local >= 7 && local <= 8 && area == "":
		return ReasonAreaCode
	case area == "" && len(number) == 11, // no mobile network
		area != "" && local >= 7 && local <= 8 && number[len(area)] < '2':
		return ReasonPrefix
	default:
		return ReasonLength
	}
}
