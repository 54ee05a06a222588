package grant

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Booking is money of a fund.
type Booking struct {
	Fund       string // its key
	Key        string // what it is for; once for a sum
	From       string // of a grant: the key of the reservation that it comes out of
	CaseID     string
	CaseNumber string
	Party      i18n.Text
	Amount     money.Fen
	Reason     string
}

// Awarding is a case that nobody applied for.
type Awarding struct {
	Key     string // one case for a key, however often it is asked for
	Item    string // code
	Firm    string
	Account string // who answered for the firm, "" when nobody is left
	Amount  money.Fen
	Basis   i18n.Text
	Link    string // the list that it comes from
}

// Awarded is that case.
type Awarded struct {
	ID     string
	Number string
}

// Ports are what the package asks of its neighbours. What changes something joins
// the transaction of ctx.
type Ports struct {
	// Having says which of the firms applied for an item at since or later (zero: at
	// any time), in a case that runs or was granted. What a list gave is no such case:
	// several clauses may name one item, and lines say which of them was given.
	Having func(ctx context.Context, item string, firms []string, since time.Time) (map[string]bool, error)
	// Left is what is left in a fund; false for one that is not known or closed.
	Left func(ctx context.Context, fund string) (name i18n.Text, left money.Fen, ok bool, err error)
	// Reserve sets money aside; again with the same key and sum it does nothing.
	Reserve func(ctx context.Context, actor auth.Actor, b Booking) error
	// Grant pays out of a reservation; again with the same key and sum it does nothing.
	Grant func(ctx context.Context, actor auth.Actor, b Booking) error
	// Release gives back what is left of a reservation.
	Release func(ctx context.Context, actor auth.Actor, key, reason string) error
	// Return takes a grant back into the fund; again it does nothing.
	Return func(ctx context.Context, actor auth.Actor, key, reason string) error
	// Award makes the case of a line; again with the same key it is the same case.
	Award func(ctx context.Context, actor auth.Actor, a Awarding) (Awarded, error)
	// Unaward undoes the case of a key.
	Unaward func(ctx context.Context, actor auth.Actor, key, reason string) error
}
