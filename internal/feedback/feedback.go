package feedback

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// Moment of a service that can be rated by itself.
type Moment string

// The moments.
const (
	Acceptance Moment = "accept" // the case was not accepted
	Finish     Moment = "finish" // the result was handed over
)

// State of a rating.
type State string

// The states.
const (
	Closed    State = "closed"
	ToRectify State = "to_rectify"
)

// Open is how long a link can be used.
const Open = 30 * 24 * time.Hour

// MaxText is the longest remark, in characters.
const MaxText = 500

// Scores, the best first: very satisfied to very dissatisfied.
var Scores = []int{5, 4, 3, 2, 1}

// Praise and Complaints are the codes of the boxes to tick.
var (
	Praise     = []string{"fast", "clear", "friendly", "few_papers", "online"}
	Complaints = []string{"slow", "unclear", "rude", "many_papers", "trips", "fees", "website"}
)

// Bad says whether a score is a bad rating (差评).
func Bad(score int) bool { return score <= 2 }

// Invitation to rate one moment of a case.
type Invitation struct {
	ID           string
	CaseID       string
	CaseNumber   string
	Moment       Moment
	ItemCode     string
	ItemName     i18n.Text
	DepartmentID string
	Region       string
	HallID       string
	ClerkID      string
	AccountID    string
	CreatedAt    time.Time
	ExpiresAt    time.Time
	AnsweredAt   time.Time
}

// check says why an invitation cannot be answered at an instant, if so.
func (i Invitation) check(now time.Time) error {
	switch {
	case !i.AnsweredAt.IsZero():
		return ErrUsed
	case !now.Before(i.ExpiresAt):
		return ErrExpired
	default:
		return nil
	}
}

// RateInput is what somebody says about a service.
type RateInput struct {
	Score     int
	Reasons   []string
	Text      string
	Anonymous bool
}

// check trims the input, drops what was ticked twice and names what is wrong.
func (in *RateInput) check() error {
	bad := ErrInvalid
	if !slices.Contains(Scores, in.Score) {
		bad = bad.At("score", errScore.Code)
	}
	var kept []string
	for _, r := range in.Reasons {
		if !slices.Contains(Praise, r) && !slices.Contains(Complaints, r) {
			bad = bad.At("reasons", errReason.Code)
			break
		}
		if !slices.Contains(kept, r) {
			kept = append(kept, r)
		}
	}
	in.Reasons, in.Text = kept, strings.TrimSpace(in.Text)
	if n := utf8.RuneCountInString(in.Text); n > MaxText {
		bad = bad.At("text", errText.Code, "max", MaxText, "have", n)
	}
	return bad.OrNil()
}

// judge gives the state of a rating and by when its author is to be called;
// zero when nobody is, because the rating is good or anonymous.
func (in RateInput) judge(cal *workday.Calendar, now time.Time) (State, time.Time) {
	switch {
	case !Bad(in.Score):
		return Closed, time.Time{}
	case in.Anonymous:
		return ToRectify, time.Time{}
	default:
		return ToRectify, workday.EndOf(cal.Add(workday.DateOf(now), 1))
	}
}

// Rating as the rated may see it.
type Rating struct {
	ID           string
	Moment       Moment
	ItemCode     string
	ItemName     i18n.Text
	DepartmentID string
	HallID       string
	Score        int
	Reasons      []string
	Text         string
	Anonymous    bool
	State        State
	ContactDueAt time.Time    // zero when nobody is called
	On           workday.Date // the day, so that a rating is not matched with a visit
}

// Summary counts ratings.
type Summary struct {
	N      int
	Counts map[int]int // by score
}

// Average of the scores, 0 without ratings.
func (s Summary) Average() float64 {
	if s.N == 0 {
		return 0
	}
	sum := 0
	for score, n := range s.Counts {
		sum += score * n
	}
	return float64(sum) / float64(s.N)
}

// Share of a score in percent, rounded.
func (s Summary) Share(score int) int {
	if s.N == 0 {
		return 0
	}
	return (200*s.Counts[score] + s.N) / (2 * s.N)
}
