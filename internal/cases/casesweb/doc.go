// Package casesweb holds the pages of the case engine: the applicant's below
// /my, the workbench's below /work, and the public look at a case at /track.
//
// shared.go has what both faces need (clock, timeline, materials, notices);
// form_* is a form in hand, for an applicant or for a clerk who files for a
// visitor; my_*, track_* and paper_* belong to the applicant and to what is
// printed; work_* are the lists, the case and the desk of the workbench.
// commands.go is the one table of the commands that staff give: a row there is
// a form, a button and a key.
//
// The pages decide nothing: a route names the coarse gate, the engine checks
// every right again, and somebody else's case is not found.
package casesweb
