package catalogue

import (
	"slices"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// Together is what somebody faces who asks for several items: each paper once,
// what one item issues for another, and how long it takes.
type Together struct {
	Papers   []Paper
	Supplied []Supply
	Asked    int // papers that the items ask for one by one

	// Sum is the time one after the other, Shortest the time when everything
	// begins as soon as it can: what needs the result of another waits for it.
	// Both count promises only; Untimed items have none.
	Sum, Shortest int // working days
	Untimed       []*Item
	Charged       []*Item // with a fee

	// Rounds are the items in the order of what they need: those of the second
	// wait for a result of the first.
	Rounds [][]*Item
}

// Paper is a material with the items that it serves.
type Paper struct {
	Material
	For []Purpose
}

// Purpose is one item that a paper serves; When is the item's own condition,
// "" when it asks for the paper in any case.
type Purpose struct {
	Item *Item
	When string
}

// Supply is a paper that nobody has to bring: one item issues it, another uses it.
type Supply struct {
	Name     i18n.Text
	From, To *Item
}

// Gather puts several items together for one person, in the order they are to
// be asked for. It merges as a bundle does: papers of the library, or with one
// name, are one paper.
func Gather(items []*Item) Together {
	var out Together
	m := newMerger(&Bundle{})
	serves := map[string][]Purpose{}
	begins, ends, round := map[string]int{}, map[string]int{}, map[string]int{} // working days and rounds, by code
	for i, it := range items {
		for _, x := range it.Materials {
			out.Asked++
			if from := issuer(items[:i], x.SatisfiedBy); from != nil {
				if !slices.ContainsFunc(out.Supplied, func(s Supply) bool { return s.To == it && s.Name == x.Name }) {
					out.Supplied = append(out.Supplied, Supply{x.Name, from, it})
				}
				begins[it.Code] = max(begins[it.Code], ends[from.Code])
				round[it.Code] = max(round[it.Code], round[from.Code]+1)
				continue
			}
			key := m.material(x)
			if !slices.ContainsFunc(serves[key], func(p Purpose) bool { return p.Item == it }) {
				serves[key] = append(serves[key], Purpose{it, x.When})
			}
		}
		days := 0
		switch {
		case it.CaseType == Instant && it.Promised.IsZero():
		case it.Promised.IsZero():
			out.Untimed = append(out.Untimed, it)
		default:
			days = Workdays(it.Promised)
		}
		ends[it.Code] = begins[it.Code] + days
		out.Sum += days
		out.Shortest = max(out.Shortest, ends[it.Code])
		for len(out.Rounds) <= round[it.Code] {
			out.Rounds = append(out.Rounds, nil)
		}
		out.Rounds[round[it.Code]] = append(out.Rounds[round[it.Code]], it)
		if it.Fee.Charged {
			out.Charged = append(out.Charged, it)
		}
	}
	for _, x := range m.materials {
		x.When = or(x.whens)
		out.Papers = append(out.Papers, Paper{x.Material, serves[x.Key]})
	}
	slices.SortStableFunc(out.Papers, func(a, b Paper) int { return needOrder(a.Need) - needOrder(b.Need) })
	return out
}

// issuer is the item that issues a certificate of the type.
func issuer(items []*Item, certificate string) *Item {
	for _, it := range items {
		if certificate != "" && it.Result.CertificateType == certificate {
			return it
		}
	}
	return nil
}

// Workdays is a limit in working days, rounded up; natural days count as
// working days, which is the careful way round for who plans.
func Workdays(l workday.Limit) int {
	if l.IsZero() {
		return 0
	}
	if l.Unit == workday.UnitWorkday {
		return l.N
	}
	return max(1, (minutes(l, false)+24*60-1)/(24*60))
}
