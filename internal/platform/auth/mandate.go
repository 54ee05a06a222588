package auth

import (
	"slices"
	"time"
)

// Module of the house in which somebody may act for a firm.
type Module string

// The modules.
const (
	ModuleCases Module = "cases" // to apply, and to follow what was applied for
	ModuleQueue Module = "queue" // to come to a hall
	ModuleFile  Module = "file"  // to read the file of the firm and what it has on file
)

// Modules lists every module in the order shown in a form.
var Modules = []Module{ModuleCases, ModuleQueue, ModuleFile}

// Level of an authorisation.
type Level string

// The levels. A manager appoints and ends agents, but no owner and no manager.
const (
	LevelOwner   Level = "owner"
	LevelManager Level = "manager"
	LevelAgent   Level = "agent"
)

// Mandate is one authorisation that is in force: for which firm, and how far. An
// actor carries only those that are in force at the moment of his request.
type Mandate struct {
	ID       string
	Firm     string
	Level    Level
	Modules  []Module // none: all
	Items    []string // codes of single items; none: all
	ReadOnly bool
	From     time.Time
	Until    time.Time // first instant at which it is over; zero without an end
	Via      string    // the organisation (an enterprise) under whose mandate he acts; "" when the firm named him itself
}

// Covers says whether the authorisation is for an item, or for a module as a
// whole with item "", and whether it allows to act (write) or only to read. It
// is the one source for what an agent may do; filters of lists are made of it.
func (m Mandate) Covers(module Module, item string, write bool) bool {
	return m.in(module) && (!write || !m.ReadOnly) && (item == "" || len(m.Items) == 0 || slices.Contains(m.Items, item))
}

func (m Mandate) in(module Module) bool {
	return len(m.Modules) == 0 || slices.Contains(m.Modules, module)
}

// Limited says that it is for less than everything.
func (m Mandate) Limited() bool { return len(m.Modules) > 0 || len(m.Items) > 0 || m.ReadOnly }

// May says whether one of the person's authorisations for the firm covers this.
func (a Actor) May(firm string, module Module, item string, write bool) bool {
	return slices.ContainsFunc(a.Mandates, func(m Mandate) bool { return m.Firm == firm && firm != "" && m.Covers(module, item, write) })
}

// MandateFor is the authorisation under which the person does this: one that the
// firm gave him itself before one by way of an organisation.
func (a Actor) MandateFor(firm string, module Module, item string, write bool) (Mandate, bool) {
	best, ok := Mandate{}, false
	for _, m := range a.Mandates {
		if m.Firm == firm && m.Covers(module, item, write) && (!ok || best.Via != "" && m.Via == "") {
			best, ok = m, true
		}
	}
	return best, ok
}

// Leads says whether the person has one of the levels for the firm.
func (a Actor) Leads(firm string, levels ...Level) bool {
	return slices.ContainsFunc(a.Mandates, func(m Mandate) bool { return m.Firm == firm && m.Via == "" && slices.Contains(levels, m.Level) })
}

// ItemScope is how far a person acts for firms in a module, for a filter: the firms of
// which he has every item, and of others which.
func (a Actor) ItemScope(module Module, write bool) (whole []string, some map[string][]string) {
	for _, m := range a.Mandates {
		if m.Covers(module, "", write) && len(m.Items) == 0 && !slices.Contains(whole, m.Firm) {
			whole = append(whole, m.Firm)
		}
	}
	some = map[string][]string{}
	for _, m := range a.Mandates {
		if m.Covers(module, "", write) && !slices.Contains(whole, m.Firm) {
			some[m.Firm] = append(some[m.Firm], m.Items...)
		}
	}
	return whole, some
}

// FirmsIn lists the firms for which the person may do something in a module.
func (a Actor) FirmsIn(module Module) []string {
	var out []string
	for _, f := range a.Firms {
		if a.May(f, module, "", false) {
			out = append(out, f)
		}
	}
	return out
}
