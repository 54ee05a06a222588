package errs

import (
	"errors"
	"fmt"
	"testing"
)

var errSample = Define(Conflict, "errs_test.sample")

func TestErrorKeepsItsIdentity(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("store: %w", errSample.With("max", 3).At("amount", "errs_test.field", "max", 3).Because(errors.New("boom")))
	if !errors.Is(err, errSample) {
		t.Error("a copy made by With, At and Because no longer is its sentinel")
	}
	if KindOf(err) != Conflict || CodeOf(err) != "errs_test.sample" {
		t.Errorf("kind %v code %q", KindOf(err), CodeOf(err))
	}
	if f := FieldsOf(err); len(f) != 1 || f[0].Name != "amount" || f[0].Params["max"] != 3 {
		t.Errorf("fields = %+v", f)
	}
	if len(errSample.Params) != 0 || len(errSample.Fields) != 0 {
		t.Error("the sentinel itself was changed")
	}
}

func TestStrangersAreInternal(t *testing.T) {
	t.Parallel()
	if KindOf(errors.New("x")) != Internal || CodeOf(errors.New("x")) != "internal" {
		t.Error("a stranger's error must be internal")
	}
}

func TestDefineRefusesATakenCode(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a code was defined twice without a panic")
		}
	}()
	Define(Invalid, "errs_test.sample")
}

// TestComplaintsAreBounded: a hundred thousand of them would take minutes.
func TestComplaintsAreBounded(t *testing.T) {
	t.Parallel()
	e := errSample
	for range 100_000 {
		e = e.At("field", "y")
	}
	if n := len(FieldsOf(e.OrNil())); n != 200 {
		t.Errorf("%d complaints", n)
	}
}
