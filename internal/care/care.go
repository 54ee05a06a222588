package care

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// ExpirySoon is how far ahead an expiring certificate is pointed out, in days.
const ExpirySoon = 90

// Firm is one line of the list of firms.
type Firm struct {
	identity.Enterprise
	CommissionerID   string // "" when nobody looks after it
	CommissionerName i18n.Text
	Since            time.Time
	Contact          i18n.Text // owner among the agents, zero when there is none
	Expiring         []identity.Certificate
	Running          int
	Waiting          int                   // of the running ones, for the firm itself
	Lights           map[workday.Light]int // of the running ones, without the normal
	Last             time.Time             // when something last happened in a case of the firm
}

// count adds a running case.
func (f *Firm) count(k *cases.Case, now time.Time) {
	f.Running++
	if k.NeedsApplicant {
		f.Waiting++
	}
	// The light of a decided case stays as it was at the decision: nobody has to hurry any more.
	if l := k.Light(now); l != workday.Normal && k.State == cases.Handling {
		f.Lights[l]++
	}
}

// urgency orders the list: the higher, the sooner somebody should call.
func (f *Firm) urgency() int {
	switch {
	case f.Lights[workday.Red] > 0:
		return 5
	case f.Lights[workday.Yellow] > 0:
		return 4
	case f.Waiting > 0:
		return 3
	case f.Lights[workday.Warning] > 0:
		return 2
	case len(f.Expiring) > 0:
		return 1
	default:
		return 0
	}
}

func byUrgency(a, b Firm) int {
	return cmp.Or(b.urgency()-a.urgency(), strings.Compare(a.Name.ZH, b.Name.ZH))
}

// File is everything about one firm.
type File struct {
	Firm
	Agents       []identity.Account // with masked phones, the owner first
	Figures      []identity.Figure
	Certificates []identity.Certificate
	Cases        page.Result[cases.Row]
}

// expiring are the valid certificates that end within ExpirySoon days, the
// nearest end first. Days are ISO dates and compare as text.
func expiring(list []identity.Certificate, today workday.Date) []identity.Certificate {
	from, to := today.String(), today.AddDays(ExpirySoon).String()
	var out []identity.Certificate
	for _, c := range list {
		if c.State == "valid" && c.ValidTo != "" && c.ValidTo >= from && c.ValidTo <= to {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b identity.Certificate) int { return strings.Compare(a.ValidTo, b.ValidTo) })
	return out
}
