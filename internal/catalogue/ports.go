package catalogue

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/kernel/errs"
)

// Ports are what the catalogue asks of other modules; app passes them. One
// that is nil knows nothing, and what depends on it is left out.
type Ports struct {
	Department      func(key string) (Contact, bool)
	CertificateType func(key string) bool
	Hall            func(key string) bool
	Group           func(key, department string) bool // open, and of the department
	// Staffed says who can act: whether somebody holds a post with the role in
	// the department.
	Staffed func(ctx context.Context) (func(role, department string) bool, error)
	// Officers counts who could be sent on an inspection by a department.
	Officers func(ctx context.Context) (func(department string) int, error)
	// OpenCases counts what is under way for an item.
	OpenCases func(ctx context.Context, itemID string) (OpenCases, error)
	// Used counts the cases submitted since an instant, by the id of the item.
	Used func(ctx context.Context, since time.Time) (map[string]int, error)
	// Ratings sums up the ratings since an instant, by the code of the item.
	Ratings func(ctx context.Context, since time.Time) (map[string]Rated, error)
	// Procedures lists the kinds of procedures that items can name, Procedure
	// complains about what an item says of its own, by parameter.
	Procedures func() []string
	Procedure  func(ctx context.Context, d Definition) []errs.Field
}

// OpenCases are the cases of an item that have not ended.
type OpenCases struct {
	States map[string]int // state → count, without drafts
	Drafts int            // of applicants, who have not submitted yet
}

// Total of what was submitted.
func (o OpenCases) Total() int {
	n := 0
	for _, v := range o.States {
		n += v
	}
	return n
}

// Rated is how an item was rated, 5 very satisfied to 1 very dissatisfied.
type Rated struct {
	N   int `json:"n"`
	Sum int `json:"-"`
	Bad int `json:"bad"` // 1 or 2
}

// Mean of the scores, 0 without any.
func (r Rated) Mean() float64 {
	if r.N == 0 {
		return 0
	}
	return float64(r.Sum) / float64(r.N)
}

// surroundings for Lint, from the ports and what is published.
func (s *Service) surroundings() Surroundings {
	now := s.Snapshot()
	return Surroundings{
		Department: s.Ports.Department, CertificateType: s.Ports.CertificateType, Hall: s.Ports.Hall, Group: s.Ports.Group, Item: now.Item,
		Theme: func(key string) (Theme, bool) {
			for _, t := range now.Themes() {
				if t.Key == key {
					return t, true
				}
			}
			return Theme{}, false
		},
	}
}

// Findings is Lint with all that the installation knows.
func (s *Service) Findings(d Definition) []Finding { return LintIn(d, s.surroundings()) }
