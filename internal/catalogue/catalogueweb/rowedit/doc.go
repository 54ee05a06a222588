// Package rowedit edits and compares anything that is written as JSON (a
// definition, a life event, a list of themes) by a description of its parts:
// one editor for all lists, with rows to add, remove and move, that works
// without script.
//
//	struct ──Tree──▶ tree ──Values──▶ form ──Read──▶ tree ──Into──▶ struct
//	                                   │  ▲
//	                                   └──┴─ Do: add, remove, up, down
//
// A form names its inputs by their path: "materials.2.name.zh". The buttons of
// a row change the names only, so that nothing typed is lost, whether or not it
// could be read. What a description does not name stays as it is, in the
// object itself; within rows everything must be named.
package rowedit
