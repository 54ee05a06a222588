package app

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/demo/firms"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// firmsAtOnce go into one transaction: few enough that a visitor who writes
// meanwhile hardly waits.
const firmsAtOnce = 25

// FillFirms invents firms until the demonstration has n, each with a person
// who can sign in, telling the progress now and then. It goes on where an
// earlier start was stopped, with the firms of that day, and returns at once
// when all are there.
func (a *App) FillFirms(ctx context.Context, n int, progress func(done, total int)) error {
	begun, err := a.setting(ctx, "demo.firms")
	if err != nil {
		return err
	}
	day, text, _ := strings.Cut(begun, " ")
	from, _ := strconv.Atoi(text)
	a.Filling.firms.begin(min(from, n), n)
	if from >= n && a.Register == nil { // which lives in memory only
		return nil
	}
	defer a.Filling.firms.done.Store(int64(n))
	z, err := demo.Load()
	if err != nil {
		return err
	}
	today, err := workday.Parse(day)
	if err != nil { // the first start
		today = workday.DateOf(a.Clock.Now())
		// The zone may have been filled by an edition that knew fewer types of certificates.
		if err := a.saveHalls(ctx, z); err != nil {
			return err
		}
	}
	list, people := firms.Generate(z, max(n, from), today, firms.Seed)
	a.register(people, list)
	if from >= n {
		return nil
	}
	accounts := map[string]string{}
	for _, s := range z.Staff {
		account, err := a.Identity.AccountByLogin(ctx, s.Login)
		if err != nil {
			return fmt.Errorf("app: firms: %s: %w", s.Login, err)
		}
		accounts[s.Login] = account.ID
	}
	hash := identity.HashPassword(DemoPassword)
	own := len(z.Firms)
	for i := max(0, from-own); i < len(list); i += firmsAtOnce {
		to := min(i+firmsAtOnce, len(list))
		if err := a.DB.InTx(ctx, func(ctx context.Context) error {
			for k := i; k < to; k++ {
				if err := a.seedPerson(ctx, people[k], hash, accounts); err != nil {
					return err
				}
				if err := a.seedFirm(ctx, list[k], accounts); err != nil {
					return fmt.Errorf("app: seed firm %s: %w", list[k].USCC, err)
				}
			}
			return a.set(ctx, "demo.firms", today.String()+" "+strconv.Itoa(own+to))
		}); err != nil {
			return err
		}
		a.Filling.firms.done.Store(int64(own + to))
		progress(own+to, n)
	}
	return a.Tiers.Sweep(ctx)
}
