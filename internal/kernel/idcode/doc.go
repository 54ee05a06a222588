// Package idcode checks the codes that people, organisations, service items,
// certificates and telephones are known by, and masks them for display. It knows
// their form only; whether a code was issued is for a register to say. It has no
// clock, so a birth date in the future is for the caller to refuse.
//
//	CheckUSCC           统一社会信用代码     GB 32100-2015
//	CheckOrgCode        组织机构代码         GB 11714
//	CheckResidentID     公民身份号码         GB 11643-1999, residence permits in the same form
//	CheckItemCode       基本编码、实施编码、业务办理项编码 (12, 31, 33)
//	CheckCertificateID  电子证照标识         GB/T 36904
//	CheckPhone          mainland mobile or landline with area code
//
// # Verdicts
//
// A code is [Valid], [Invalid], or one that a clerk may [Confirm]: it breaks the
// standard but such codes were really issued or are really in use. Turning their
// holders away would be worse than a warning, so callers let a person confirm
// and record that. [Result.OK] says it in one word.
//
//   - Some enterprises of the early credit-code pilots (Xiamen, before 2016) hold
//     codes with another check character: early_pilot.
//   - Codes whose organisation part is all zeros fit the standard and belong to
//     nobody: placeholder.
//   - Item codes of real catalogues name bodies without a true credit code: body.
//   - Resident numbers with 15 digits ended in 2013 and have no check digit: old.
//
// Check functions read what people type: spaces are dropped, letters may be
// small, full-width characters count as their plain forms. Result.Normalised is
// what to store; it is set unless the text cannot be such a code at all.
//
// Division codes are looked at only as far as the province, since abolished
// counties stay in numbers for life; the table of divisions is elsewhere.
package idcode
