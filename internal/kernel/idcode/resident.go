package idcode

import "github.com/tongban/tongban/internal/kernel/workday"

// Sex as the numbers of GB/T 2261.1.
type Sex int

// The sexes a number can state.
const (
	SexUnknown Sex = 0
	Male       Sex = 1
	Female     Sex = 2
)

// IDKind tells who holds a number in the form of a resident ID.
type IDKind string

// The holders.
const (
	Resident   IDKind = "resident"             // 居民身份证
	HMTPermit  IDKind = "hmt_residence_permit" // 港澳台居民居住证
	Foreigner  IDKind = "foreigner_permanent"  // 外国人永久居留身份证, form of 2023
	noSuchKind IDKind = ""
)

// ResidentID is the result for a resident number and, unless it is Invalid, what
// the number states. These are personal data.
type ResidentID struct {
	Result
	Kind   IDKind
	BornOn workday.Date
	Sex    Sex
}

// CheckResidentID checks a number of 18 characters: division (6), birth date (8),
// order (3, odd for men), check character. A number of 15 digits is completed
// and comes back as Confirm, as it has no check digit of its own.
func CheckResidentID(s string) ResidentID {
	s = normalise(s)
	if s == "" {
		return ResidentID{Result: invalid("", ReasonEmpty)}
	}
	if len(s) == 15 && only(s, digits) {
		id := CheckResidentID(complete15(s))
		if id.Verdict != Valid {
			return ResidentID{Result: invalid(s, id.Reason)}
		}
		if id.Kind != Resident { // the others never had 15 digits
			return ResidentID{Result: invalid(s, ReasonDivision)}
		}
		id.Verdict, id.Reason = Confirm, ReasonOld
		return id
	}
	fail := func(reason string) ResidentID { return ResidentID{Result: invalid(s, reason)} }
	if !only(s, digits+"X") {
		return fail(ReasonAlphabet)
	}
	if len(s) != 18 {
		return fail(ReasonLength)
	}
	if !only(s[:17], digits) {
		return fail(ReasonAlphabet)
	}
	kind := idKind(s)
	if kind == noSuchKind {
		return fail(ReasonDivision)
	}
	// The first residents ever counted were born after 1800.
	born, err := workday.Parse(s[6:10] + "-" + s[10:12] + "-" + s[12:14])
	if err != nil || born.Year() < 1800 {
		return fail(ReasonDate)
	}
	if s[17] != residentCheck(s[:17]) {
		return fail(ReasonCheck)
	}
	sex := Female
	if (s[16]-'0')%2 == 1 {
		sex = Male
	}
	return ResidentID{Result: valid(s), Kind: kind, BornOn: born, Sex: sex}
}

func idKind(s string) IDKind {
	switch {
	case s[0] == '9' && isProvince(s[1:3]): // then three digits of nationality
		return Foreigner
	case s[:6] == "810000", s[:6] == "820000", s[:6] == "830000":
		return HMTPermit
	case isProvince(s[:2]) && s[0] != '8':
		return Resident
	default:
		return noSuchKind
	}
}

// complete15 turns a number of the first kind (until 1999) into one of today.
// The orders 996 to 999 were kept for people who were over a hundred then.
func complete15(s string) string {
	century := "19"
	if s[12:] >= "996" {
		century = "18"
	}
	return WithResidentIDCheck(s[:6] + century + s[6:])
}

// WithResidentIDCheck completes the first 17 digits of a resident number. It
// returns nothing for anything else. Use it with made-up numbers only.
func WithResidentIDCheck(first17 string) string {
	if len(first17) != 17 || !only(first17, digits) {
		return ""
	}
	return first17 + string(residentCheck(first17))
}

// residentCheck is ISO 7064 MOD 11-2 over 17 digits.
func residentCheck(s string) byte {
	sum := 0
	for i, weight := range [...]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(s[i]-'0') * weight
	}
	return "10X98765432"[sum%11]
}
