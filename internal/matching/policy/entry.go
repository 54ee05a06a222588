package policy

import (
	"slices"
	"time"
)

// Standing of what is published, on a day.
type Standing string

// How published things stand.
const (
	Coming   Standing = "coming"   // its first day is still to come
	InForce  Standing = "in_force" //
	Expired  Standing = "expired"  // its last day is over
	Repealed Standing = "repealed" // by another document
)

// Issue is a published document.
type Issue struct {
	ID      string
	Edition int
	Document
	PublishedAt time.Time
	RepealedBy  string // key of the document that repeals it, "" for none
	RepealedOn  string // the first day on which it no longer holds
}

// Last is the last day on which it holds, "" for no end.
func (d Issue) Last() string {
	if d.RepealedOn == "" {
		return d.Until
	}
	last := dayBefore(d.RepealedOn)
	if d.Until != "" {
		last = min(last, d.Until)
	}
	return last
}

// Standing of the document on a day.
func (d Issue) Standing(day string) Standing {
	switch {
	case d.RepealedOn != "" && d.RepealedOn <= day:
		return Repealed
	case d.Until != "" && d.Until < day:
		return Expired
	case d.From > day:
		return Coming
	}
	return InForce
}

// Entry is a published clause with its document. What refers to a clause for good
// keeps its ID, and the Edition that it was about.
type Entry struct {
	ID      string
	Edition int
	Clause
	Document    Issue
	PublishedAt time.Time
}

// Holds says whether the clause is in force on a day.
func (e Entry) Holds(day string) bool { return e.Document.Standing(day) == InForce }

// Spans are the stretches in which one can apply, or in which the clause holds
// when it has no windows, from a day on.
func (e Entry) Spans(from string) []Span {
	return Spans(e.Windows, max(from, e.Document.From), e.Document.Last())
}

// Open says whether one can apply on a day, and until when; "" for no end.
func (e Entry) Open(day string) (until string, open bool) {
	if !e.Holds(day) {
		return "", false
	}
	for _, s := range e.Spans(day) {
		if s.Has(day) && (!open || s.Until == "" || until != "" && s.Until > until) {
			until, open = s.Until, true
		}
	}
	return until, open
}

// Window is the stretch that is open on a day, from the first day on which one
// could apply in it; of a clause without windows it is the term of its document. Of
// several the one that closes last.
func (e Entry) Window(day string) (Span, bool) {
	term := Span{e.Document.From, e.Document.Last()}
	if !e.Holds(day) || len(e.Windows) == 0 {
		return term, e.Holds(day)
	}
	var out Span
	found := false
	for _, w := range e.Windows {
		for year := yearOf(day) - 1; year <= yearOf(day); year++ {
			s := w.in(year)
			s.From = max(s.From, term.From)
			if term.Until != "" && (s.Until == "" || s.Until > term.Until) {
				s.Until = term.Until
			}
			if s.Has(day) && (!found || s.Until == "" || out.Until != "" && s.Until > out.Until) {
				out, found = s, true
			}
		}
	}
	return out, found
}

// Next is the stretch that opens next after a day.
func (e Entry) Next(day string) (Span, bool) {
	for _, s := range e.Spans(day) {
		if s.From > day {
			return s, true
		}
	}
	return Span{}, false
}

// Exclude says whether two clauses cannot be had besides each other.
func Exclude(a, b Entry) bool {
	return slices.Contains(a.Excludes, b.Key) || slices.Contains(b.Excludes, a.Key)
}
