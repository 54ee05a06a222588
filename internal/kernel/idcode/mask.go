package idcode

import (
	"strings"
	"unicode/utf8"
)

// MaskName hides a name but for its ends: 张*, 李*敏, 欧**娜. A name of one
// character is hidden altogether.
func MaskName(s string) string {
	r := []rune(strings.TrimSpace(s))
	switch len(r) {
	case 0:
		return ""
	case 1:
		return "*"
	case 2:
		return string(r[0]) + "*"
	default:
		return string(r[0]) + stars(len(r)-2) + string(r[len(r)-1])
	}
}

// MaskID hides an identity number but for the division and the last four. Shorter
// papers such as passports keep the first and the last two; what is too short for
// that is hidden altogether.
func MaskID(s string) string {
	r := []rune(normalise(s))
	switch n := len(r); {
	case n >= 15:
		return string(r[:6]) + stars(n-10) + string(r[n-4:])
	case n >= 7:
		return string(r[:1]) + stars(n-3) + string(r[n-2:])
	default:
		return stars(n)
	}
}

// MaskPhone hides the middle of a mobile number (138****5678) and the first part
// of a landline number (0543-***2345); extensions are left out. What is no number
// keeps its last two characters at most.
func MaskPhone(s string) string {
	n := CheckPhone(s).Normalised
	if mobile.MatchString(n) {
		return n[:3] + "****" + n[7:]
	}
	if area, local, ok := strings.Cut(n, "-"); ok && len(area) <= 4 {
		local, _, _ = strings.Cut(local, "-")
		if len(local) >= 7 {
			return area + "-" + stars(len(local)-4) + local[len(local)-4:]
		}
	}
	r := []rune(n)
	if len(r) < 7 {
		return stars(len(r))
	}
	return stars(len(r)-2) + string(r[len(r)-2:])
}

// MaskEmail hides the name in an address but for its first character, always
// with three stars so that its length stays unknown: d***@example.org.
func MaskEmail(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	at := strings.LastIndexByte(s, '@')
	if at <= 0 {
		return "***"
	}
	first, _ := utf8.DecodeRuneInString(s)
	return string(first) + "***" + s[at:]
}

// MaskAccount hides the number of a bank account but for its last four digits,
// always with four stars so that its length stays unknown: ****5678. What is too
// short for an account is hidden altogether.
func MaskAccount(s string) string {
	r := []rune(normalise(s))
	if len(r) < 8 {
		return stars(len(r))
	}
	return stars(4) + string(r[len(r)-4:])
}

func stars(n int) string { return strings.Repeat("*", n) }
