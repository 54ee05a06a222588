// Package sealtest has the keys of tests.
package sealtest

import (
	"sync"
	"testing"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/seal"
)

var text = sync.OnceValues(func() (string, error) { return seal.NewText(seal.StandardName, clock.System{}) })

// Text is a ring that all tests of a run share, so that a database that one of
// them made can be read by another.
func Text() string {
	s, err := text()
	if err != nil {
		panic(err)
	}
	return s
}

// Ring returns the ring of Text.
func Ring(t testing.TB) *seal.Ring {
	t.Helper()
	r, err := seal.Read(seal.Source{Text: Text()}, clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
