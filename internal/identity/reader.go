package identity

import "github.com/tongban/tongban/internal/platform/notify"

// Reader is the account as the one whom a message is for.
func (a Account) Reader() notify.Reader {
	return notify.Reader{AccountID: a.ID, Locale: a.Locale, Mail: a.Email}
}
