package worklist

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// Query is a list as it stands in an address: filter, order and columns.
type Query struct {
	Text, Department, Desk, Item, Light, Region, Window, Assignee string

	State     cases.State
	Channel   cases.Channel
	PartyKind identity.HolderKind
	Outcome   cases.Outcome
	Submitted Days
	Due       Days
	Decided   Days
	Sort      cases.Sort
	Desc      bool
	Columns   []string // nil for the usual ones
}

// Days is a span of whole days as typed, both ends with it: "2026-03-02".
type Days struct{ From, To string }

// Me stands for the reader as assignee: a view that a department shares then
// shows to each his own.
const Me = "me"

// ParseQuery reads what an address carries; what no list knows is left out.
func ParseQuery(v url.Values) Query {
	text := func(name string, most int) string {
		r := []rune(strings.TrimSpace(v.Get(name)))
		return string(r[:min(len(r), most)])
	}
	q := Query{
		Text: text("q", 100), Department: text("department", 50), Desk: text("desk", 50), Item: strings.ToUpper(text("item", 50)), Region: text("region", 12), Window: text("window", 50), Assignee: text("assignee", 50),
		Light: known(text("light", 10), cases.Lights), State: known(cases.State(v.Get("state")), cases.States), Channel: known(cases.Channel(v.Get("channel")), cases.Channels),
		PartyKind: known(identity.HolderKind(v.Get("kind")), []identity.HolderKind{identity.HolderPerson, identity.HolderEnterprise}),
		Outcome:   known(cases.Outcome(v.Get("outcome")), cases.Outcomes),
		Submitted: days(v, "submitted"), Due: days(v, "due"), Decided: days(v, "decided"),
	}
	by, desc := strings.CutPrefix(v.Get("sort"), "-")
	if q.Sort = known(cases.Sort(by), []cases.Sort{cases.ByDue, cases.BySubmitted, cases.ByNumber, cases.ByParty}); q.Sort != "" {
		q.Desc = desc
	}
	chosen := strings.Split(strings.Join(v["cols"], ","), ",")
	for _, c := range Columns { // in their own order, each once
		if slices.Contains(chosen, c) {
			q.Columns = append(q.Columns, c)
		}
	}
	q.Columns = append(q.Columns, askedOf(q.Item, chosen)...)
	return q
}

func known[T comparable](v T, all []T) T {
	if slices.Contains(all, v) {
		return v
	}
	var zero T
	return zero
}

func days(v url.Values, name string) Days {
	one := func(key string) string {
		if d, err := workday.Parse(strings.TrimSpace(v.Get(key))); err == nil {
			return d.String()
		}
		return ""
	}
	return Days{one(name + "_from"), one(name + "_to")}
}

// Values is the query as it stands in an address.
func (q Query) Values() url.Values {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	for _, kv := range [][2]string{
		{"q", q.Text},
		{"department", q.Department},
		{"desk", q.Desk},
		{"item", q.Item},
		{"light", q.Light},
		{"region", q.Region},
		{"window", q.Window},
		{"assignee", q.Assignee},
		{"state", string(q.State)},
		{"channel", string(q.Channel)},
		{"kind", string(q.PartyKind)},
		{"outcome", string(q.Outcome)},
		{"submitted_from", q.Submitted.From},
		{"submitted_to", q.Submitted.To},
		{"due_from", q.Due.From},
		{"due_to", q.Due.To},
		{"decided_from", q.Decided.From},
		{"decided_to", q.Decided.To},
		{"cols", strings.Join(q.Columns, ",")},
	} {
		set(kv[0], kv[1])
	}
	if q.Sort != "" {
		v.Set("sort", map[bool]string{true: "-"}[q.Desc]+string(q.Sort))
	}
	return v
}

// Narrows says whether the query leaves cases of the list out.
func (q Query) Narrows() bool {
	q.Sort, q.Desc, q.Columns = "", false, nil
	return len(q.Values()) > 0
}

// MoreThan says how many conditions there are beside the words searched for and
// the state, which stand in sight.
func (q Query) MoreThan() int {
	q.Text, q.State, q.Sort, q.Desc, q.Columns = "", "", "", false, nil
	v := q.Values()
	for _, name := range []string{"submitted", "due", "decided"} { // two ends are one condition
		if v.Has(name+"_from") && v.Has(name+"_to") {
			v.Del(name + "_to")
		}
	}
	return len(v)
}

// Filter is the query in the words of the engine, for one reader.
func (q Query) Filter(list cases.ListName, reader string) cases.Filter {
	f := cases.Filter{
		List: list, Query: q.Text, Department: q.Department, Desk: q.Desk, Item: q.Item, Light: q.Light, Region: q.Region, Window: q.Window, Assignee: q.Assignee,
		State: q.State, Channel: q.Channel, PartyKind: q.PartyKind, Outcome: q.Outcome,
		Submitted: q.Submitted.span(), Due: q.Due.dueSpan(), Decided: q.Decided.span(), Sort: q.Sort, Desc: q.Desc,
	}
	if f.Assignee == Me {
		f.Assignee = reader
	}
	return f
}

func (d Days) span() (s cases.Span) {
	if from, err := workday.Parse(d.From); err == nil {
		s.From = workday.StartOf(from)
	}
	if to, err := workday.Parse(d.To); err == nil {
		s.To = workday.EndOf(to)
	}
	return s
}

// dueSpan is span for limits: one that ends at 24:00 belongs to the day before.
func (d Days) dueSpan() cases.Span {
	s := d.span()
	for _, t := range []*time.Time{&s.From, &s.To} {
		if !t.IsZero() {
			*t = t.Add(time.Millisecond)
		}
	}
	return s
}

func parseValues(s string) url.Values {
	v, err := url.ParseQuery(s)
	if err != nil {
		return url.Values{}
	}
	return v
}

func joined(list []string) string { return strings.Join(list, ",") }
