// Package money holds amounts as whole fen (分), the hundredth of a yuan.
package money

import (
	"errors"
	"strconv"
	"strings"
)

// Fen is an amount of money in 1/100 yuan. Nothing smaller exists here:
// shares are computed in basis points and rounded down.
type Fen int64

// ErrSyntax says that a text is not an amount.
var ErrSyntax = errors.New("money: not an amount in yuan with at most two decimals")

// Parse reads an amount in yuan as people type it: "1250000", "1,250,000.5".
// At most two decimals and 13 digits before the point are taken.
func Parse(s string) (Fen, error) {
	s = strings.NewReplacer(",", "", ",", "", "¥", "", "¥", "", " ", "").Replace(strings.TrimSpace(s))
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	whole, frac, _ := strings.Cut(s, ".")
	if whole == "" || len(whole) > 13 || len(frac) > 2 || strings.ContainsAny(whole+frac, "+-eE_") {
		return 0, ErrSyntax
	}
	n, err := strconv.ParseInt(whole+(frac + "00")[:2], 10, 64)
	if err != nil {
		return 0, ErrSyntax
	}
	if neg {
		n = -n
	}
	return Fen(n), nil
}

// String renders yuan with two decimals and thousands separators: "1,250,000.00".
func (f Fen) String() string {
	sign, n := "", int64(f)
	if n < 0 {
		sign, n = "-", -n
	}
	yuan := strconv.FormatInt(n/100, 10)
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range yuan {
		if i > 0 && (len(yuan)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	b.WriteByte('.')
	b.WriteByte(byte('0' + n%100/10))
	b.WriteByte(byte('0' + n%10))
	return b.String()
}

// Grouped puts separators into the whole part of a number: "12,500.5".
func Grouped(s string) string {
	whole, frac, dot := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if dot {
		whole += "." + frac
	}
	return sign + whole
}

// Wan renders the amount in 万元 (10,000 yuan), the unit officials think in,
// with as many decimals as needed, at most four: "125", "3.5".
func (f Fen) Wan() string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(float64(f)/1_000_000, 'f', 4, 64), "0"), ".")
}
