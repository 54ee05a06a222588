package dossier

import (
	"cmp"
	"slices"
)

// Resolve says which of the values said in one place of a file is present and
// how all the others stand. It looks at nothing but its arguments and not at
// their order, so that the same words lead to the same present value in
// whichever order they arrived. The result has the order of facts.
func Resolve(facts []Fact, decisions []Decision) []Fact {
	out := slices.Clone(facts)
	for i := range out {
		out[i].State, out[i].Disputed = Past, false
	}
	d := last(decisions)
	verified := latest(out, func(f *Fact) bool { return f.Source.Verified() })
	candidates, decided := candidatesOf(out, verified, d)
	declared := latest(out, func(f *Fact) bool { return f.Source == Declared })
	if len(candidates) == 0 {
		settle(out, declared, d)
		return out
	}
	present := settleVerified(out, candidates, decided)
	for _, i := range verified {
		if i != present && out[i].State == Past && out[i].Value == out[present].Value {
			out[i].State = Agrees
		}
	}
	newest := out[present].AsOf
	for _, i := range candidates {
		newest = max(newest, out[i].AsOf)
	}
	for _, i := range declared {
		f := &out[i]
		switch {
		case f.Value == out[present].Value:
			f.State = Agrees
		case d != nil && !f.RecordedAt.After(d.At):
			f.State = Rejected
		case f.Asked || f.AsOf > newest:
			f.State = Waiting
		}
	}
	return out
}

// last is the decision in force.
func last(decisions []Decision) *Decision {
	if len(decisions) == 0 {
		return nil
	}
	d := slices.MaxFunc(decisions, func(a, b Decision) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return &d
}

// latest are the positions of the newest word of each voice.
func latest(facts []Fact, of func(*Fact) bool) []int {
	at := map[voice]int{}
	for i := range facts {
		if !of(&facts[i]) {
			continue
		}
		if j, ok := at[facts[i].voice()]; !ok || newer(facts[i], facts[j]) > 0 {
			at[facts[i].voice()] = i
		}
	}
	out := make([]int, 0, len(at))
	for _, i := range at {
		out = append(out, i)
	}
	slices.SortFunc(out, func(a, b int) int { // not by position: that is the order of arrival
		return cmp.Or(cmp.Compare(facts[a].Source.rank(), facts[b].Source.rank()), cmp.Compare(facts[a].Origin, facts[b].Origin))
	})
	return out
}

// settled says that the decision was taken knowing the word, or later than it.
func settled(f *Fact, d *Decision) bool {
	return f.AsOf < d.Day || f.AsOf == d.Day && !f.RecordedAt.After(d.At)
}

// candidatesOf are the verified words that still count beside a decision; decided
// is the one that the decision took, or -1. Those that it settled are marked.
func candidatesOf(facts []Fact, verified []int, d *Decision) (candidates []int, decided int) {
	if d == nil {
		return verified, -1
	}
	replaced := false // the source whose word was taken says something newer
	for _, i := range verified {
		f := &facts[i]
		switch {
		case slices.Contains(d.Not, f.said()):
			f.State = Rejected
		case settled(f, d):
			if f.Value != d.Value {
				f.State = Rejected
			}
		default:
			candidates = append(candidates, i)
			replaced = replaced || f.voice() == voice{d.Source, d.Origin} && f.Value != d.Value
		}
	}
	if replaced {
		return candidates, -1
	}
	decided = -1
	for i := range facts { // the word that was taken, whoever repeats it
		f := &facts[i]
		if f.Value == d.Value && (f.voice() == voice{d.Source, d.Origin}) && (decided < 0 || newer(*f, facts[decided]) > 0) {
			decided = i
		}
	}
	if decided >= 0 && !slices.Contains(candidates, decided) {
		candidates = append(candidates, decided)
	}
	return candidates, decided
}

// settleVerified chooses the present one of verified words and marks the rest.
func settleVerified(facts []Fact, candidates []int, decided int) (present int) {
	differ := false
	for _, i := range candidates[1:] {
		differ = differ || facts[i].Value != facts[candidates[0]].Value
	}
	present = candidates[0]
	switch {
	case differ && decided >= 0:
		present = decided // until somebody decides anew
	case differ:
		for _, i := range candidates[1:] { // by rank; the newer one of the same
			if a, b := standing(&facts[i]), standing(&facts[present]); a < b || a == b && facts[i].AsOf > facts[present].AsOf {
				present = i
			}
		}
	default:
		for _, i := range candidates[1:] {
			if facts[i].AsOf > facts[present].AsOf {
				present = i
			}
		}
	}
	for _, i := range candidates {
		if facts[i].Value == facts[present].Value {
			facts[i].State = Agrees
		} else {
			facts[i].State = Conflict
		}
	}
	facts[present].State, facts[present].Disputed = Present, differ
	return present
}

// standing is the rank of a verified word while words differ. A register counts
// first for the facts that it keeps, and after everybody else who has verified
// them for those of other registers. Which ones those are is the published
// vocabulary, which never changes.
func standing(f *Fact) int {
	if d := Published().Def(f.Key); d != nil && f.Source == Registry && f.Origin != d.Register {
		return len(Sources)
	}
	return f.Source.rank()
}

// settle marks declared words where nothing is verified: the last one is present.
func settle(facts []Fact, declared []int, d *Decision) {
	for _, i := range declared {
		f := &facts[i]
		if d != nil && !f.RecordedAt.After(d.At) && f.Value != d.Value {
			f.State = Rejected
			continue
		}
		f.State = Present
	}
}
