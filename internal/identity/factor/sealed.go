package factor

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/db"
)

var errSealed = errors.New("factor: a sealed secret cannot be read")

// seal keeps the secret of an app so that who reads the table cannot use it; it
// is bound to the account.
func (s *Service) seal(ctx context.Context, account, plain string) (string, error) {
	box, err := s.box(ctx)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, box.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return "", fmt.Errorf("factor: seal: %w", err)
	}
	return base64.RawStdEncoding.EncodeToString(box.Seal(nonce, nonce, []byte(plain), []byte(account))), nil
}

func (s *Service) open(ctx context.Context, account, sealed string) (string, error) {
	box, err := s.box(ctx)
	if err != nil {
		return "", err
	}
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil || len(raw) < box.NonceSize() {
		return "", errSealed
	}
	plain, err := box.Open(nil, raw[:box.NonceSize()], raw[box.NonceSize():], []byte(account))
	if err != nil {
		return "", fmt.Errorf("%w: %w", errSealed, err)
	}
	return string(plain), nil
}

// box seals under a secret of the installation, made when it is first needed.
func (s *Service) box(ctx context.Context) (cipher.AEAD, error) {
	const key = "factor.secret"
	read := func(ctx context.Context) (string, bool, error) {
		return db.Maybe(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT value FROM db_setting WHERE key=$1`, key)
	}
	secret, ok, err := read(ctx)
	if err == nil && !ok {
		err = s.DB.InTx(ctx, func(ctx context.Context) error {
			if _, err := s.DB.Exec(ctx, `INSERT INTO db_setting (key, value) VALUES ($1,$2) ON CONFLICT (key) DO NOTHING`, key, ids.Token()); err != nil {
				return err
			}
			secret, _, err = read(ctx)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("factor: secret: %w", err)
	}
	sum := sha256.Sum256([]byte("factor/sealed/" + secret))
	block, err := aes.NewCipher(sum[:])
	if err != nil {
		return nil, fmt.Errorf("factor: seal: %w", err)
	}
	return cipher.NewGCM(block)
}
