package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/db"
)

// Pages that messages lead to; notifyweb and the shell serve them.
const (
	FeedPath        = "/my/feed"
	PreferencesPath = "/settings/notices"
	UnsubscribePath = "/unsubscribe/"
)

var token32 = base32.StdEncoding.WithPadding(base32.NoPadding)

// macSize is how many bytes of the signature a token holds.
const macSize = 16

// UnsubscribeToken names a reader and a class and is signed: whoever holds the
// mail may switch mails of its class off, and nothing else.
func (s *Service) UnsubscribeToken(ctx context.Context, account string, c Class) (string, error) {
	mac, err := s.mac(ctx, account, c)
	if err != nil {
		return "", err
	}
	return strings.ToLower(token32.EncodeToString(append([]byte(string(c)+"/"+account), mac...))), nil
}

func (s *Service) mac(ctx context.Context, account string, c Class) ([]byte, error) {
	secret, err := s.secret(ctx)
	if err != nil {
		return nil, err
	}
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte("unsubscribe/" + string(c) + "/" + account))
	return h.Sum(nil)[:macSize], nil
}

// Unsubscribable reads a token; ErrToken when it was not made here.
func (s *Service) Unsubscribable(ctx context.Context, token string) (account string, c Class, err error) {
	raw, err := token32.DecodeString(strings.ToUpper(token))
	if err != nil || len(raw) <= macSize || strings.ToLower(token32.EncodeToString(raw)) != token {
		return "", "", ErrToken
	}
	name, account, ok := strings.Cut(string(raw[:len(raw)-macSize]), "/")
	if c = Class(name); !ok || !slices.Contains(Classes, c) {
		return "", "", ErrToken
	}
	mac, err := s.mac(ctx, account, c)
	if err != nil {
		return "", "", err
	}
	if !hmac.Equal(mac, raw[len(raw)-macSize:]) {
		return "", "", ErrToken
	}
	return account, c, nil
}

// Unsubscribe switches mails of a class off. It may be repeated.
func (s *Service) Unsubscribe(ctx context.Context, token string) (Class, error) {
	account, c, err := s.Unsubscribable(ctx, token)
	if err != nil {
		return "", err
	}
	return c, s.db.InTx(ctx, func(ctx context.Context) error {
		p, err := s.Preferences(ctx, account)
		if err != nil || !p.Wants(c, ByMail) {
			return err
		}
		return s.savePreferences(ctx, account, p.without(c, ByMail))
	})
}

// secret of the installation, made when it is first needed.
func (s *Service) secret(ctx context.Context) (string, error) {
	const key = "notify.secret"
	read := func(ctx context.Context) (string, bool, error) {
		return db.Maybe(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT value FROM db_setting WHERE key=$1`, key)
	}
	if v, ok, err := read(ctx); err != nil || ok {
		return v, err
	}
	var out string
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.db.Exec(ctx, `INSERT INTO db_setting (key, value) VALUES ($1,$2) ON CONFLICT (key) DO NOTHING`, key, ids.Token()); err != nil {
			return err
		}
		var err error
		out, _, err = read(ctx)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("notify: secret: %w", err)
	}
	return out, nil
}
