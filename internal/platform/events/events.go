// Package events lets a module tell others what happened, inside the same
// transaction. A subscriber that fails fails the command; what must not be
// able to fail it (mail, SMS, webhooks) is enqueued as a job instead.
//
// All subscriptions stand in internal/app/reactions.go, which so doubles as
// the map of who reacts to whom.
package events

import (
	"context"
	"fmt"
	"reflect"
)

// Bus carries typed events from publishers to subscribers in the order in
// which these subscribed. Subscribe at start only; Publish from any goroutine.
type Bus struct {
	subscribers map[reflect.Type][]func(ctx context.Context, event any) error
}

// New returns an empty bus.
func New() *Bus {
	return &Bus{subscribers: map[reflect.Type][]func(context.Context, any) error{}}
}

// Subscribe calls f for each published E.
func Subscribe[E any](b *Bus, f func(ctx context.Context, event E) error) {
	t := reflect.TypeFor[E]()
	b.subscribers[t] = append(b.subscribers[t], func(ctx context.Context, event any) error {
		return f(ctx, event.(E))
	})
}

// Publish hands the event to each subscriber in turn, within the transaction
// of ctx, and stops at the first error.
func Publish[E any](ctx context.Context, b *Bus, event E) error {
	for _, f := range b.subscribers[reflect.TypeFor[E]()] {
		if err := f(ctx, event); err != nil {
			return fmt.Errorf("reaction to %T: %w", event, err)
		}
	}
	return nil
}
