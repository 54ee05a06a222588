package paper

import (
	"cmp"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/catalogue/index"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// Level says how far what satisfies a material is to be trusted (国办函〔2016〕108号).
type Level string

// The levels.
const (
	Issued   Level = "A" // by an authority, in the certificate store: used directly
	Checked  Level = "B" // held against the original once by somebody of staff: used directly, here and elsewhere
	Uploaded Level = "C" // a copy: its original has to be seen before it is used
	SelfMade Level = "D" // made by the applicant himself, who promises that it is true: used directly
)

// Levels lists them, the most trusted first.
var Levels = []Level{Issued, Checked, Uploaded, SelfMade}

// LevelOf is that of an uploaded copy of a material. What the applicant writes
// himself has no original elsewhere; of everything else the upload is a copy.
func LevelOf(m catalogue.Material, checked bool) Level {
	switch {
	case checked:
		return Checked
	case m.Original, m.Kind == "certificate", m.Source == "authority", m.Source == "other":
		return Uploaded
	default:
		return SelfMade
	}
}

// Identity of a material over items: the paper of the library, and the name.
// Two materials ask for the same paper when one of both agrees.
type Identity struct{ Paper, Name string }

// IdentityOf a material. A form is filled in for one item: two of one name are
// not the same paper, unless the library says so. The same holds for identity
// cards, which are of different people.
func IdentityOf(m catalogue.Material) Identity {
	id := Identity{Paper: m.Paper}
	if m.Kind != "form" && m.SatisfiedBy != "id_card" {
		id.Name = strings.ReplaceAll(index.Normalise(m.Name.ZH), " ", "")
	}
	return id
}

// Same says whether both name the same paper.
func (a Identity) Same(b Identity) bool {
	return a.Paper != "" && a.Paper == b.Paper || a.Name != "" && a.Name == b.Name
}

// ReusableUntil is the last day on which a copy given at an instant serves for a
// material: the period of the material, cut short by the paper's own last day
// ("" for none, an ISO date).
func ReusableUntil(m catalogue.Material, given time.Time, expires string) workday.Date {
	last := workday.DateOf(given).AddMonths(cmp.Or(m.ValidMonths, catalogue.ReuseMonths))
	if own, err := workday.Parse(expires); err == nil && expires != "" && own.Before(last) {
		return own
	}
	return last
}

// Forever is the last day of a paper that has none (长期有效).
const Forever = "9999-12-31"

// Expired says whether a paper's own last day lies before a day.
func Expired(expires string, today workday.Date) bool {
	own, err := workday.Parse(expires)
	return expires != "" && err == nil && own.Before(today)
}

// LateBy is the end of the day by which a tolerated material has to come: so
// many working days after that of the acceptance.
func LateBy(cal *workday.Calendar, m catalogue.Material, accepted time.Time) time.Time {
	return workday.EndOf(cal.Add(workday.DateOf(accepted), workday.Days(DaysOf(m))))
}

// DaysOf is how many working days a tolerated material may take.
func DaysOf(m catalogue.Material) int { return cmp.Or(m.LateDays, catalogue.ToleranceDays) }

// RemindWithin is how many working days before the last one a reminder goes out.
const RemindWithin workday.Days = 2

// Remind says whether it is time to remind of what is due.
func Remind(cal *workday.Calendar, now, due time.Time) bool {
	return now.Before(due) && cal.Remaining(now, due) <= RemindWithin
}
