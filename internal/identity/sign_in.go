package identity

import (
	"context"

	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/db"
)

// accountToSignIn finds the account that was meant by a login, an identity
// number or a phone. Two people may share a phone: then it names nobody; but who
// only typed one is nothing beside the one who proved it.
func (s store) accountToSignIn(ctx context.Context, typed string) (Account, bool, error) {
	a, found, err := s.byLogin(ctx, typed)
	if err != nil || found {
		return a, found, err
	}
	if id := idcode.CheckResidentID(typed); id.OK(false) {
		return s.byIDNumber(ctx, id.Normalised)
	}
	phone := idcode.CheckPhone(typed)
	if !phone.OK(false) {
		return Account{}, false, nil
	}
	var args db.Args
	list, err := db.List(ctx, s.db.Read(ctx), s.scanAccount, `SELECT `+accountColumns+` FROM identity_account
		WHERE `+s.hasPhone(&args, phone.Normalised)+` AND kind='person' AND state='active' AND password_hash <> '' ORDER BY phone_proven_at = 0 LIMIT 2`, args...)
	if err == nil && len(list) == 2 && !list[0].PhoneProvenAt.IsZero() && list[1].PhoneProvenAt.IsZero() {
		list = list[:1]
	}
	if err != nil || len(list) != 1 {
		return Account{}, false, err
	}
	return list[0], true, nil
}

// asKept brings an identity number and a phone into the form in which they are
// kept. What is not valid stays as typed, for the complaint.
func asKept(idNumber, phone string) (string, string) {
	if r := idcode.CheckResidentID(idNumber); r.OK(false) {
		idNumber = r.Normalised
	}
	if r := idcode.CheckPhone(phone); r.OK(false) {
		phone = r.Normalised
	}
	return idNumber, phone
}
