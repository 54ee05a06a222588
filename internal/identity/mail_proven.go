package identity

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/platform/db"
)

// MailProvenAt is when the owner of an account proved its mail address, or an
// administrator wrote it down; zero while it is only typed, or without one.
func (s *Service) MailProvenAt(ctx context.Context, account string) (time.Time, error) {
	at, err := db.One(ctx, s.db.Read(ctx), func(r db.Scanner) (t time.Time, err error) { return t, r.Scan(db.Time{Time: &t}) },
		`SELECT CASE WHEN email = '' THEN 0 ELSE mail_proven_at END FROM identity_account WHERE id=$1`, account)
	if err != nil {
		return at, fmt.Errorf("identity: mail: %w", err)
	}
	return at, nil
}

// mailProven notes that the mail address of an account is its owner's.
func (s store) mailProven(ctx context.Context, account string, now time.Time) error {
	_, err := s.db.Exec(ctx, `UPDATE identity_account SET mail_proven_at=$2 WHERE id=$1`, account, db.MS(now))
	return err
}

// ToSignIn finds the account that is meant by a login, an identity number or a
// phone, as at signing in. Whether there is one must not be told to a visitor.
func (s *Service) ToSignIn(ctx context.Context, typed string) (Account, bool, error) {
	return s.store.accountToSignIn(ctx, typed)
}
