package forms

import (
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/division"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
)

// Parts of the answer to a field of type address. The name of the division is
// kept beside its code: what was submitted reads the same when divisions are
// abolished later.
const (
	AddressCode   = "code"
	AddressRegion = "region"
	AddressDetail = "detail"
)

const longestDetail = 120

// AddressTyped takes apart what stands in the inputs of an address: one for each
// level, then one for what lies within the division.
func AddressTyped(typed []string) (codes []string, detail string) {
	if len(typed) == 0 {
		return nil, ""
	}
	for _, c := range typed[:len(typed)-1] {
		codes = append(codes, strings.TrimSpace(c))
	}
	return codes, strings.TrimSpace(typed[len(typed)-1])
}

// TypedAddress is AddressTyped the other way round.
func TypedAddress(code, detail string) []string {
	if code == "" && detail == "" {
		return nil
	}
	return []string{code, detail}
}

// address checks the inputs of an address.
func address(f catalogue.Field, typed []string) (any, *errs.Error, map[string]any) {
	codes, detail := AddressTyped(typed)
	known := division.Known()
	path := known.Chosen(codes...)
	code := ""
	if len(path) > 0 {
		code = path[len(path)-1].Code
	}
	if strings.Join(codes, "") == "" && detail == "" {
		return nil, nil, nil
	}
	longest := float64(longestDetail)
	if f.Max != nil {
		longest = *f.Max
	}
	switch n := utf8.RuneCountInString(detail); {
	case !known.Exact(code):
		return nil, ErrDivision, nil
	case n < 2:
		return nil, ErrDetail, nil
	case float64(n) > longest:
		return nil, ErrLong, map[string]any{"max": int(longest), "have": n}
	}
	return map[string]any{AddressCode: code, AddressRegion: known.Name(code), AddressDetail: detail}, nil, nil
}

// shownAddress is an address as one line.
func shownAddress(v map[string]any, l i18n.Locale) string {
	region, _ := v[AddressRegion].(string)
	detail, _ := v[AddressDetail].(string)
	if l == i18n.English && region != "" && detail != "" {
		return region + " " + detail
	}
	return region + detail
}

// addressAnswer reads an address given as JSON.
func addressAnswer(v map[string]any) []string {
	code, _ := v[AddressCode].(string)
	detail, _ := v[AddressDetail].(string)
	return TypedAddress(code, detail)
}
