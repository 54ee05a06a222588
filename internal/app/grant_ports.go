package app

import (
	"context"
	"errors"

	"github.com/tongban/tongban/internal/budget"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/matching/grant"
	"github.com/tongban/tongban/internal/platform/auth"
)

// grantPorts are what lists of automatic grants ask of cases and of the funds.
func (m *Modules) grantPorts() grant.Ports {
	booking := func(b grant.Booking) budget.Booking {
		return budget.Booking{Fund: b.Fund, Key: b.Key, From: b.From, CaseID: b.CaseID, CaseNumber: b.CaseNumber, Party: b.Party, Amount: b.Amount, Reason: b.Reason}
	}
	there := func(err error) error {
		if errors.Is(err, budget.ErrNotFound) {
			return grant.ErrFund
		}
		return err
	}
	return grant.Ports{
		Having: m.Cases.Applied,
		Left: func(ctx context.Context, fund string) (i18n.Text, money.Fen, bool, error) {
			f, ok, err := m.Budget.Money(ctx, fund)
			return f.Name, f.Left(), ok && !f.Closed, err
		},
		Reserve: func(ctx context.Context, actor auth.Actor, b grant.Booking) error {
			return there(m.Budget.Reserve(ctx, actor, booking(b)))
		},
		Grant: func(ctx context.Context, actor auth.Actor, b grant.Booking) error {
			return there(m.Budget.Grant(ctx, actor, booking(b)))
		},
		Release: func(ctx context.Context, actor auth.Actor, key, reason string) error {
			_, err := m.Budget.Release(ctx, actor, key, reason)
			return err
		},
		Return: func(ctx context.Context, actor auth.Actor, key, reason string) error {
			_, err := m.Budget.Return(ctx, actor, key, reason)
			return err
		},
		Award: func(ctx context.Context, actor auth.Actor, a grant.Awarding) (grant.Awarded, error) {
			k, err := m.Cases.Award(ctx, actor, cases.Awarding{Key: a.Key, Item: a.Item, Firm: a.Firm, Account: a.Account, Amount: a.Amount, Basis: a.Basis, Link: a.Link})
			return grant.Awarded{ID: string(k.ID), Number: k.Number}, err
		},
		Unaward: func(ctx context.Context, actor auth.Actor, key, reason string) error {
			_, err := m.Cases.Unaward(ctx, actor, key, reason)
			return err
		},
	}
}
