// Package mapping says how the columns of a sheet become the fields of an item
// (事项), and back. A mapping is a small YAML file that administrators read and
// change; shipped/ holds those of two real dialects and of our own export:
//
//	gd       the provincial catalogue of Guangdong (2021)
//	sc       a county catalogue of Sichuan
//	tongban  what `tongban export items` writes, and takes in again unchanged
//
//	name: {zh: 广东省事项目录, en: Guangdong provincial catalogue}
//	separator: "|"                      # between several values in one cell
//	nothing: [无]                        # words that mean that there is nothing
//	required: [task_code, name]         # columns without which nothing is read
//	columns:
//	  task_code: [code, impl_code]      # one column may feed several fields
//	  statutory_days: statutory.n
//	  parent_base_code: ignore          # known, and of no use here
//	values:
//	  level: {省级: province, 市级: city}  # words of the sheet → ours; "" drops
//	defaults: {family: administrative}  # for new items, where the sheet says nothing
//	departments: {区审批局: zw}           # names or codes of the sheet → keys of ours
//	shelves:                            # the first rule whose word stands in name or theme
//	  - {words: [专利, 商标], shelf: ip}
//	material_kinds:
//	  - {words: [申请表, 申请书], kind: form}
//
// A column that the mapping does not name is left aside. What a mapping brings
// of an item is compared field by field with what is there (see package
// intake): fields that no column feeds are never touched.
//
// # Codes
//
// A national code says much about its item: 31 or 33 digits hold the credit
// code of the body, its level, and the base code of 12. Entry takes it apart
// and holds the parts against the other columns. A body whose credit code does
// not check is warned of, and taken in: six of the 2,262 codes of a real
// catalogue are so.
package mapping
