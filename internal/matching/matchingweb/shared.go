package matchingweb

import (
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// grouped writes a number with commas between its thousands: 1,000,000.5.
func grouped(number string) string {
	whole, part, _ := strings.Cut(number, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if part != "" {
		part = "." + part
	}
	return sign + whole + part
}
