package app

import "sync/atomic"

// Filling is the progress of filling a demonstration with its year of history.
type Filling struct {
	done, total atomic.Int64
}

// Now returns how many cases of how many are there; total is 0 when nothing is
// being filled.
func (f *Filling) Now() (done, total int) {
	d, t := int(f.done.Load()), int(f.total.Load())
	if d >= t {
		return 0, 0
	}
	return d, t
}
