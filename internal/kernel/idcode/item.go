package idcode

// ItemCode is the result for the code of a service item and, unless it is
// Invalid, the parts of the code. Which parts there are depends on its length.
type ItemCode struct {
	Result
	Body   string // credit code of the implementing body, in 31 and 33
	Level  int    // 1 nation, 2 province, 3 city, 4 county, 5 town, 6 village; in 31 and 33
	Base   string // 基本编码, the 12 that all three forms have
	Area   string // two digits, 00 for the nation
	Type   string // two digits; their meaning differs between provinces
	Dept   string // two digits, numbered by the area
	Main   string // three digits
	Sub    string // three digits; 000 without sub items, 00Y on an item that has them
	Handle string // running number 01-99 of the 业务办理项, in 33
}

// HasSubItems reports whether the code names an item that is only a heading for
// others.
func (c ItemCode) HasSubItems() bool { return c.Sub == parentSub }

const parentSub = "00Y"

// CheckItemCode checks a base code (12), an implementation code (31 = credit code
// 18, level 1, base 12) or the code of a handled item (33 = 31 and a number of
// 2). Older local codes are not checked at all; keep them beside these.
func CheckItemCode(s string) ItemCode {
	c := ItemCode{}
	s = normalise(s)
	fail := func(reason string) ItemCode { return ItemCode{Result: invalid(s, reason)} }

	rest := s
	switch {
	case s == "":
		return fail(ReasonEmpty)
	case !only(s, alphanum):
		return fail(ReasonAlphabet)
	}
	switch len(s) {
	case 33:
		c.Handle, rest = s[31:], s[:31]
	case 31, 12:
	default:
		return fail(ReasonLength)
	}
	if len(rest) == 31 {
		c.Body, c.Level, rest = rest[:18], int(rest[18])-'0', rest[19:]
	}
	c.Base = rest
	c.Area, c.Type, c.Dept, c.Main, c.Sub = rest[:2], rest[2:4], rest[4:6], rest[6:9], rest[9:]

	switch {
	case !only(rest[:9], digits), !only(c.Sub, digits) && c.Sub != parentSub, !only(c.Handle, digits):
		return fail(ReasonAlphabet)
	case c.Body != "" && (c.Level < 1 || c.Level > 6):
		return fail(ReasonLevel)
	case c.Handle == "00":
		return fail(ReasonHandle)
	case c.Body != "" && CheckUSCC(c.Body).Verdict != Valid:
		c.Result = unconfirmed(s, ReasonBody)
	case c.Area != "00" && !isProvince(c.Area):
		c.Result = unconfirmed(s, ReasonDivision)
	default:
		c.Result = valid(s)
	}
	return c
}
