package register

import (
	"context"
	"errors"
)

// Record is what the register says of a firm.
type Record struct {
	USCC             string            `json:"uscc"`
	AsOf             string            `json:"as_of"` // ISO date
	Facts            map[string]string `json:"facts"` // by key of the vocabulary, as people write them
	RepresentativeID string            `json:"representative_id,omitempty"`
}

// Name of the firm.
func (r Record) Name() string { return r.Facts["name"] }

// Representative is the name of the legal representative.
func (r Record) Representative() string { return r.Facts["legal_representative"] }

// The two ways in which there is no record.
var (
	ErrUnknown = errors.New("register: no such firm")
	ErrDown    = errors.New("register: no answer")
)

// Register looks firms up. The error is ErrUnknown or, for everything else,
// wraps ErrDown.
type Register interface {
	Look(ctx context.Context, uscc string) (Record, error)
}

// None stands for an installation that has no register to ask: as one that
// never answers, so that people verify by hand.
type None struct{}

// Look never answers.
func (None) Look(context.Context, string) (Record, error) { return Record{}, ErrDown }
