package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/platform/db"
)

// Named finds the one person with a telephone number of his own and a name. What
// does not fit is not told apart from what is not there; a telephone that two
// share names nobody.
func (s *Service) Named(ctx context.Context, phone, name string) (Account, bool, error) {
	phone = strings.ReplaceAll(strings.TrimSpace(phone), " ", "")
	if phone == "" {
		return Account{}, false, nil
	}
	var args db.Args
	list, err := db.List(ctx, s.db.Read(ctx), s.store.scanAccount, `SELECT `+accountColumns+` FROM identity_account
		WHERE kind='person' AND state='active' AND `+s.store.hasPhone(&args, phone)+` AND phone_proven_at >= `+args.Add(s.provenFrom()), args...)
	if err != nil {
		return Account{}, false, fmt.Errorf("identity: named: %w", err)
	}
	list = slices.DeleteFunc(list, func(a Account) bool { return !a.Called(name) })
	if len(list) != 1 {
		return Account{}, false, nil
	}
	return list[0], true, nil
}

// Called says whether a name is the person's.
func (a Account) Called(name string) bool {
	name = strings.TrimSpace(name)
	return name != "" && (a.Name.ZH == name || a.Name.EN != "" && strings.EqualFold(a.Name.EN, name))
}
