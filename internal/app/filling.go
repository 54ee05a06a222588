package app

import "sync/atomic"

// Filling is the progress of filling a demonstration: its firms, then its year
// of history.
type Filling struct {
	firms, cases part
}

// part of the work.
type part struct{ done, total atomic.Int64 }

func (p *part) begin(from, total int) {
	p.total.Store(int64(total))
	p.done.Store(int64(from))
}

// Plan tells beforehand how much there will be, so that the bar does not stand
// at its end when the first part is done.
func (f *Filling) Plan(firms, cases int) {
	f.firms.begin(0, firms)
	f.cases.begin(0, cases)
}

// Now returns how many firms and cases of how many are there; total is 0 when
// nothing is being filled.
func (f *Filling) Now() (done, total int) {
	d := int(f.firms.done.Load() + f.cases.done.Load())
	t := int(f.firms.total.Load() + f.cases.total.Load())
	if d >= t {
		return 0, 0
	}
	return d, t
}
