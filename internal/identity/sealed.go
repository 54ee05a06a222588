package identity

import (
	"context"
	"fmt"
	"strings"

	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/seal"
)

// What is sealed in the tables of this module (platform/seal). Identity numbers
// and telephones are found again by their blind index; nobody looks for the rest.
const (
	sealedIDNumber = "identity_account.id_number"
	sealedPhone    = "identity_account.phone"
	sealedEmail    = "identity_account.email"
	sealedContact  = "identity_contact.address"
)

// A login that is somebody's own telephone or identity number is not kept as
// typed: "phone:" with its blind index, which keeps it unique, and "id:" with the
// account, since the number itself finds the account. Logins have no colon.
const (
	loginByPhone = "phone:"
	loginByID    = "id:"
)

func idNumberForm(number string) string {
	if r := idcode.CheckResidentID(number); r.OK(false) {
		return r.Normalised
	}
	return strings.ToUpper(strings.TrimSpace(number))
}

func phoneForm(phone string) string {
	if r := idcode.CheckPhone(phone); r.OK(false) {
		return r.Normalised
	}
	return strings.TrimSpace(phone)
}

func (s store) idNumberIndex(number string) string {
	return s.ring.Index(sealedIDNumber, idNumberForm(number))
}

func (s store) phoneIndex(phone string) string { return s.ring.Index(sealedPhone, phoneForm(phone)) }

// IDNumberIndexes are the blind indexes under which an identity number may stand
// in identity_account.id_number_index.
func (s *Service) IDNumberIndexes(number string) []string {
	return s.store.ring.Indexes(sealedIDNumber, idNumberForm(number))
}

// PhoneIndexes are the blind indexes under which a telephone may stand in
// identity_account.phone_index.
func (s *Service) PhoneIndexes(phone string) []string { return s.store.phoneIndexes(phone) }

func (s store) phoneIndexes(phone string) []string {
	return s.ring.Indexes(sealedPhone, phoneForm(phone))
}

// hasIDNumber and hasPhone are conditions on identity_account.
func (s store) hasIDNumber(args *db.Args, number string) string {
	return `id_number_index IN ` + db.In(args, s.ring.Indexes(sealedIDNumber, idNumberForm(number)))
}

func (s store) hasPhone(args *db.Args, phone string) string {
	return `phone_index IN ` + db.In(args, s.phoneIndexes(phone))
}

// byIDNumber finds the account with an identity number.
func (s store) byIDNumber(ctx context.Context, number string) (Account, bool, error) {
	var args db.Args
	return s.account(ctx, s.hasIDNumber(&args, number), args...)
}

// byLogin finds the account with a login, which may be its telephone.
func (s store) byLogin(ctx context.Context, login string) (Account, bool, error) {
	if strings.Contains(login, ":") {
		return Account{}, false, nil
	}
	a, found, err := s.account(ctx, `login=$1`, login)
	if err != nil || found || !idcode.CheckPhone(login).OK(false) {
		return a, found, err
	}
	var args db.Args
	return s.account(ctx, `login IN `+db.In(&args, s.phoneLogins(login)), args...)
}

func (s store) phoneLogins(phone string) []string {
	list := s.phoneIndexes(phone)
	for i := range list {
		list[i] = loginByPhone + list[i]
	}
	return list
}

// keptLogin is a login as the database holds it.
func (s store) keptLogin(ctx context.Context, a Account) (string, error) {
	if r := idcode.CheckResidentID(a.Login); r.OK(false) && r.Normalised == idNumberForm(a.IDNumber) {
		return loginByID + a.ID, nil
	}
	if a.Login == "" || phoneForm(a.Login) != phoneForm(a.Phone) {
		return a.Login, nil
	}
	// While an index key is replaced, the same telephone may be kept under the old one.
	if forms := s.phoneLogins(a.Phone); len(forms) > 1 {
		args := db.Args{a.ID}
		_, taken, err := db.Maybe(ctx, s.db.Write(ctx), db.Scalar[string], `SELECT id FROM identity_account WHERE id<>$1 AND login IN `+db.In(&args, forms), args...)
		if err != nil {
			return "", err
		}
		if taken {
			return "", db.ErrDuplicate
		}
	}
	return loginByPhone + s.phoneIndex(a.Phone), nil
}

// opened reads what is sealed of an account that was just scanned.
func (s store) opened(a Account) (Account, error) {
	var err error
	for _, x := range []struct {
		purpose string
		text    *string
	}{{sealedIDNumber, &a.IDNumber}, {sealedPhone, &a.Phone}, {sealedEmail, &a.Email}} {
		if *x.text, err = s.ring.Open(x.purpose, a.ID, *x.text); err != nil {
			return a, fmt.Errorf("identity: account %s: %w", a.ID, err)
		}
	}
	switch {
	case strings.HasPrefix(a.Login, loginByPhone):
		a.Login = a.Phone
	case strings.HasPrefix(a.Login, loginByID):
		a.Login = strings.ToLower(a.IDNumber)
	}
	return a, nil
}

// KeptNumber is the number of a certificate as it is kept: that of an identity
// card is the identity number, and stands masked, with a few characters of its
// blind index, which tell two apart that look the same masked. The number itself
// is with the account of the holder.
func (s *Service) KeptNumber(number string) string {
	r := idcode.CheckResidentID(number)
	if !r.OK(false) {
		return number
	}
	_, index, _ := strings.Cut(s.store.idNumberIndex(r.Normalised), ".")
	return idcode.MaskID(r.Normalised) + "-" + index[:6]
}

// ShownNumber writes a number of a certificate for who reads it: an identity
// number is masked, and without the characters of its index that KeptNumber adds.
func ShownNumber(n string) string {
	if before, _, cut := strings.Cut(n, "-"); cut && strings.Contains(before, "*") {
		return before
	}
	if idcode.CheckResidentID(n).OK(false) {
		return idcode.MaskID(n)
	}
	return n
}

// SealedColumns lists what the keeper of the keys has to look after.
func (s *Service) SealedColumns() []seal.Column {
	login := func(ctx context.Context, id, plain string) error {
		index := s.store.phoneIndex(plain)
		_, err := s.db.Exec(ctx, `UPDATE identity_account SET login=$2 WHERE id=$1 AND (login=$3 OR login LIKE 'phone:%' AND login<>$2)`, id, loginByPhone+index, plain)
		return err
	}
	// A login that is the identity number of its account; only older releases wrote it.
	number := func(ctx context.Context, id, plain string) error {
		if plain == "" {
			return nil
		}
		if _, err := s.db.Exec(ctx, `UPDATE identity_account SET login=$2 WHERE id=$1 AND login=$3`, id, loginByID+id, strings.ToLower(plain)); err != nil {
			return err
		}
		for _, column := range []string{"number", "paper_number"} {
			if _, err := s.db.Exec(ctx, `UPDATE identity_certificate SET `+column+`=$2 WHERE holder_id=$1 AND (`+column+`=$3 OR `+column+` LIKE $4)`, id, s.KeptNumber(plain), plain, idcode.MaskID(plain)+"-%"); err != nil {
				return err
			}
		}
		return nil
	}
	return []seal.Column{
		{Table: "identity_account", ID: "id", Row: "id", Text: "id_number", Purpose: sealedIDNumber, Index: "id_number_index", Form: idNumberForm, Also: number},
		{Table: "identity_account", ID: "id", Row: "id", Text: "phone", Purpose: sealedPhone, Index: "phone_index", Form: phoneForm, Also: login},
		{Table: "identity_account", ID: "id", Row: "id", Text: "email", Purpose: sealedEmail},
		{Table: "identity_contact", ID: "account_id || '/' || kind", Row: "account_id", Text: "address", Purpose: sealedContact},
	}
}
