package factor

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/platform/db"
)

// store is the SQL of the package.
type store struct{ db *db.DB }

type appRow struct {
	secret              string // sealed
	confirmedAt, usedAt time.Time
	lastStep            int64
}

func (s store) app(ctx context.Context, account string) (appRow, bool, error) {
	return db.Maybe(ctx, s.db.Read(ctx), func(r db.Scanner) (a appRow, err error) {
		return a, r.Scan(&a.secret, &a.lastStep, db.Time{Time: &a.confirmedAt}, db.Time{Time: &a.usedAt})
	}, `SELECT secret, last_step, confirmed_at, used_at FROM identity_totp WHERE account_id=$1`, account)
}

// confirm puts a new app into use, in the place of the one before. The code that
// proved it is used.
func (s store) confirm(ctx context.Context, account, sealed string, step int64, now time.Time) error {
	_, err := s.db.Exec(ctx, `INSERT INTO identity_totp (account_id, secret, last_step, confirmed_at, used_at, version) VALUES ($1,$2,$3,$4,0,1)
		ON CONFLICT (account_id) DO UPDATE SET secret=excluded.secret, last_step=excluded.last_step, confirmed_at=excluded.confirmed_at, used_at=0, version=identity_totp.version+1`,
		account, sealed, step, db.MS(now))
	return err
}

// use notes a code as used; false when it, or a later one, was used before.
func (s store) use(ctx context.Context, account string, step int64, now time.Time) (bool, error) {
	n, err := s.db.Exec(ctx, `UPDATE identity_totp SET last_step=$2, used_at=$3, version=version+1 WHERE account_id=$1 AND last_step < $2 AND secret <> ''`, account, step, db.MS(now))
	return n > 0, err
}

func (s store) dropApp(ctx context.Context, account string) error {
	_, err := s.db.Exec(ctx, `DELETE FROM identity_totp WHERE account_id=$1`, account)
	return err
}

func (s store) codesLeft(ctx context.Context, account string) (int, error) {
	return db.One(ctx, s.db.Read(ctx), db.Scalar[int], `SELECT count(*) FROM identity_recovery_code WHERE account_id=$1 AND used_at=0`, account)
}

func (s store) addCode(ctx context.Context, account, hash string, now time.Time) error {
	_, err := s.db.Exec(ctx, `INSERT INTO identity_recovery_code (account_id, hash, created_at, used_at) VALUES ($1,$2,$3,0)`, account, hash, db.MS(now))
	return err
}

func (s store) useCode(ctx context.Context, account, hash string, now time.Time) (bool, error) {
	n, err := s.db.Exec(ctx, `UPDATE identity_recovery_code SET used_at=$3 WHERE account_id=$1 AND hash=$2 AND used_at=0`, account, hash, db.MS(now))
	return n > 0, err
}

func (s store) dropCodes(ctx context.Context, account string) error {
	_, err := s.db.Exec(ctx, `DELETE FROM identity_recovery_code WHERE account_id=$1`, account)
	return err
}

const passkeyColumns = `id, account_id, name, credential, created_at, used_at, version`

func scanPasskey(r db.Scanner) (p Passkey, err error) {
	return p, r.Scan(&p.ID, &p.account, &p.Name, db.JSON[credential]{V: &p.credential}, db.Time{Time: &p.CreatedAt}, db.Time{Time: &p.UsedAt}, &p.version)
}

func (s store) passkeys(ctx context.Context, account string) ([]Passkey, error) {
	return db.List(ctx, s.db.Read(ctx), scanPasskey, `SELECT `+passkeyColumns+` FROM identity_passkey WHERE account_id=$1 ORDER BY id`, account)
}

func (s store) addPasskey(ctx context.Context, p Passkey, credentialID string) error {
	_, err := s.db.Exec(ctx, `INSERT INTO identity_passkey (id, account_id, credential_id, name, credential, created_at, used_at, version) VALUES ($1,$2,$3,$4,$5,$6,0,1)`,
		p.ID, p.account, credentialID, p.Name, db.ToJSON(p.credential), db.MS(p.CreatedAt))
	return err
}

// usedPasskey keeps the counter of a passkey that was shown. Of two uses at once one loses.
func (s store) usedPasskey(ctx context.Context, p Passkey, now time.Time) error {
	return s.db.ExecOne(ctx, `UPDATE identity_passkey SET credential=$3, used_at=$4, version=version+1 WHERE id=$1 AND version=$2`, p.ID, p.version, db.ToJSON(p.credential), db.MS(now))
}

func (s store) dropPasskey(ctx context.Context, account, id string) (bool, error) {
	n, err := s.db.Exec(ctx, `DELETE FROM identity_passkey WHERE account_id=$1 AND id=$2`, account, id)
	return n > 0, err
}

func (s store) dropPasskeys(ctx context.Context, account string) error {
	_, err := s.db.Exec(ctx, `DELETE FROM identity_passkey WHERE account_id=$1`, account)
	return err
}
