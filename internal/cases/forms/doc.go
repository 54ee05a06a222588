// Package forms is what a form does, without a case around it: what is typed
// becomes answers, rows of repeating sections come and go, formulas are worked
// out, checks across fields complain, two submissions are compared.
//
// What is typed is a flat map from the name of an input to its values, as a
// browser posts it. A repeating section is there under its key with the names
// of its rows in their order, and each input of a row as "section.row.field":
//
//	shareholders            r31 r77
//	shareholders.r31.name   张三
//
// Its answer is a list of objects that keep the name of their row, so that a
// row stays itself when others come and go:
//
//	{"shareholders": [{"row": "r31", "name": "张三"}, …]}
//
// Everything here is pure: no clock, no database. The day that a formula sees
// is handed in.
package forms
