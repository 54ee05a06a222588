package notify

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/seal"
)

// ErrSealOver says that a message held a code that is over: who wants one asks
// for a new one. The text is error.notify.seal_over.
var ErrSealOver = errs.Define(errs.Conflict, "notify.seal_over")

// errBlank ends a delivery whose secret is gone: there is nothing left to send.
var errBlank = errors.New("what it held is over")

const (
	sealMark = "sealed:" // begins a parameter that only a delivery can read
	blank    = "······"  // stands for what was sealed, to everybody else
)

// sealedAddress is the purpose of sealing where a delivery goes.
const sealedAddress = "notify_delivery.address"

// SealedColumns lists what the keeper of the keys has to look after.
func SealedColumns() []seal.Column {
	return []seal.Column{{Table: "notify_delivery", ID: "id", Row: "id", Text: "address", Purpose: sealedAddress}}
}

// kept is the address of a delivery as the database holds it; plain reads it.
func (s *Service) kept(delivery, address string) string {
	if s.Seal == nil {
		return address
	}
	return s.Seal.Seal(sealedAddress, delivery, address)
}

func (s *Service) plain(delivery, address string) (string, error) {
	if s.Seal == nil {
		return address, nil
	}
	return s.Seal.Open(sealedAddress, delivery, address)
}

// sealed returns the parameters as they are kept: those that News.Secret names
// can be read by deliveries only.
func (s *Service) sealed(ctx context.Context, n News) (map[string]any, error) {
	if len(n.Secret) == 0 {
		return n.Params, nil
	}
	box, err := s.box(ctx)
	if err != nil {
		return nil, err
	}
	out := maps.Clone(n.Params)
	for _, name := range n.Secret {
		nonce := make([]byte, box.NonceSize())
		if _, err := rand.Read(nonce); err != nil {
			return nil, fmt.Errorf("notify: seal: %w", err)
		}
		out[name] = sealMark + base64.RawStdEncoding.EncodeToString(box.Seal(nonce, nonce, []byte(fmt.Sprint(out[name])), []byte(n.Kind+"/"+name)))
	}
	return out, nil
}

// opened returns the parameters for a delivery, and what of them nobody but the
// reader may see. errBlank says that a secret is gone.
func (s *Service) opened(ctx context.Context, m Message) (params map[string]any, secret []string, err error) {
	var box cipher.AEAD
	params = m.Params
	for name, v := range m.Params {
		text, _ := v.(string)
		if text == blank {
			return nil, nil, errBlank
		}
		code, is := strings.CutPrefix(text, sealMark)
		if !is {
			continue
		}
		if box == nil {
			if box, err = s.box(ctx); err != nil {
				return nil, nil, err
			}
			params = maps.Clone(m.Params)
		}
		raw, err := base64.RawStdEncoding.DecodeString(code)
		if err != nil || len(raw) < box.NonceSize() {
			return nil, nil, fmt.Errorf("notify: sealed %s cannot be read", name)
		}
		plain, err := box.Open(nil, raw[:box.NonceSize()], raw[box.NonceSize():], []byte(m.Kind+"/"+name))
		if err != nil {
			return nil, nil, fmt.Errorf("notify: sealed %s: %w", name, err)
		}
		params[name] = string(plain)
		secret = append(secret, string(plain))
	}
	return params, secret, nil
}

// hidden returns parameters as everybody but a delivery reads them.
func hidden(params map[string]any) map[string]any {
	var out map[string]any
	for name, v := range params {
		if text, ok := v.(string); ok && strings.HasPrefix(text, sealMark) {
			if out == nil {
				out = maps.Clone(params)
			}
			out[name] = blank
		}
	}
	if out == nil {
		return params
	}
	return out
}

// box seals under the secret of the installation.
func (s *Service) box(ctx context.Context) (cipher.AEAD, error) {
	secret, err := s.secret(ctx)
	if err != nil {
		return nil, err
	}
	key := sha256.Sum256([]byte("notify/sealed/" + secret))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("notify: seal: %w", err)
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("notify: seal: %w", err)
	}
	return box, nil
}

// forget takes the secrets out of a message, in the transaction of ctx.
func (s *Service) forget(ctx context.Context, message string) error {
	params, ok, err := db.Maybe(ctx, s.db.Write(ctx), func(r db.Scanner) (p map[string]any, err error) {
		return p, r.Scan(db.JSON[map[string]any]{V: &p})
	}, `SELECT params FROM notify_message WHERE id=$1 AND secret_until > 0`, message)
	if err != nil || !ok {
		return err
	}
	_, err = s.db.Exec(ctx, `UPDATE notify_message SET params=$2, secret_until=0 WHERE id=$1`, message, db.ToJSON(hidden(params)))
	return err
}

// forgetOver takes out secrets that nobody can use any more, and gives up what
// would still have been sent with them.
func (s *Service) forgetOver(ctx context.Context, now time.Time) error {
	list, err := db.List(ctx, s.db.Read(ctx), db.Scalar[string], `SELECT id FROM notify_message WHERE secret_until > 0 AND secret_until <= $1 ORDER BY secret_until LIMIT 500`, db.MS(now))
	if err != nil {
		return fmt.Errorf("notify: sweep: %w", err)
	}
	for chunk := range slices.Chunk(list, 50) {
		err := s.db.InTx(ctx, func(ctx context.Context) error {
			for _, id := range chunk {
				if _, err := s.db.Exec(ctx, `UPDATE notify_delivery SET state='failed', error=$2 WHERE message_id=$1 AND state='waiting'`, id, errBlank.Error()); err != nil {
					return err
				}
				if err := s.forget(ctx, id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("notify: sweep: %w", err)
		}
	}
	return nil
}
