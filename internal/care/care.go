package care

import (
	"fmt"
	"strconv"
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
	Score            int                   // completeness of its file, 0 to 100
	Last             time.Time             // when something last happened in a case of the firm
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

// cursor is the place in the list: who should be called first has the lowest,
// among those alike whose certificate ends first.
func (f Firm) cursor() string {
	ends := "9999-12-31"
	if len(f.Expiring) > 0 {
		ends = f.Expiring[0].ValidTo
	}
	return strconv.Itoa(9-f.urgency()) + ends + f.USCC
}

// place is the same where those with the least complete files come first.
func (f Firm) place() string { return fmt.Sprintf("%03d", f.Score) + f.USCC }

// List is a page of firms, and what the whole list asks for.
type List struct {
	page.Result[Firm]
	All      int // firms in all
	Late     int // of them with overdue cases
	Expiring int // of them with certificates that end within ExpirySoon days
}

// File is everything about one firm.
type File struct {
	Firm
	Agents       []identity.Account // with masked phones, the owner first
	Figures      []identity.Figure
	Certificates []identity.Certificate
	Cases        page.Result[cases.Row]
}
