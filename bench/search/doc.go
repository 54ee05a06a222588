// Package search compares the search of the catalogue with what one could have
// taken instead: SQLite FTS5 with trigrams and bleve with its analyser for
// Chinese. It is a module of its own, so that the peers never become
// dependencies of the product.
//
// The data are made from the names of the demonstration: each name with the
// name of a district before it, as a province has them, always in the same
// order. The questions are those of docs/search/questions.csv. Speed is
// measured over all of them in turn; p50 and p99 are of single searches in one
// goroutine, build is the time from nothing to ready, size what the index
// takes in memory (ours) or on disk (peers).
//
// A search engine that is fast and finds the wrong thing is of no use, so the
// same run prints how many of the graded questions each engine answers within
// its first five, on the two real catalogues where they are at hand.
package search
