package cases

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Lists show numbers of people masked. Who looks for a whole one learns, by what
// is found, whose it is: he asks like somebody who opens the data of a person. It
// is bounded by the hour, and the person reads who did it.

const (
	findPerHour = 60 // searches for the number of a person, of one member of staff or program
	findShown   = 20 // of what is counted, whose owners are written down
)

var someID = regexp.MustCompile(`^[0-9]{15}$|^[0-9]{17}[0-9X]$`)

// namesPerson says whether what is looked for can only be a number of a person:
// a telephone, or an identity number. A credit code that looks like one is none.
func namesPerson(query string) bool {
	q := strings.ToUpper(strings.TrimSpace(query))
	if somePhone.MatchString(q) {
		return true
	}
	return someID.MatchString(q) && (idcode.CheckResidentID(q).OK(false) || !idcode.CheckUSCC(q).OK(true))
}

// asksForPerson says whether somebody who sees numbers masked looks for one.
func asksForPerson(a auth.Actor, f Filter) bool {
	return a.Kind != auth.Person && a.Kind != auth.System && namesPerson(f.Query)
}

// mayFind counts a search for the number of a person.
func (s *Service) mayFind(ctx context.Context, a auth.Actor, f Filter) error {
	if !asksForPerson(a, f) {
		return nil
	}
	return s.Throttle.Hit(ctx, "find-person:"+string(a.Kind)+":"+a.ID, findPerHour, time.Hour)
}

// found writes down whose number a search has found, before it is shown.
func (s *Service) found(ctx context.Context, a auth.Actor, f Filter, rows []Row) error {
	if len(rows) == 0 || !asksForPerson(a, f) {
		return nil
	}
	seen := map[string]bool{"": true}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		for _, r := range rows {
			if seen[r.AccountID] {
				continue
			}
			seen[r.AccountID] = true
			if err := s.Audit.Record(ctx, a, audit.Note{Action: "cases.find_person", Object: "account:" + r.AccountID, Change: map[string]any{"list": f.List}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("cases: find: %w", err)
	}
	return nil
}
