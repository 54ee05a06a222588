package factor

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
)

// codesMade is how many recovery codes an account gets at a time.
const codesMade = 10

var codeText = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding) // no l, o, 0 or 1

// hashCode is what is kept of a recovery code. It is fast: a code has eighty bits.
func hashCode(account, code string) string {
	sum := sha256.Sum256([]byte("recovery:" + account + ":" + code))
	return hex.EncodeToString(sum[:])
}

// parseCode takes a recovery code out of what was typed.
func parseCode(s string) (string, bool) {
	s = strings.ToLower(strings.NewReplacer("-", "", " ", "", "\t", "").Replace(strings.TrimSpace(s)))
	_, err := codeText.DecodeString(s)
	return s, err == nil && len(s) == 16
}

// printedCode makes a code that is handed over on paper, as it is kept and as it
// is shown.
func printedCode() (code, shown string, err error) {
	raw := make([]byte, 8)
	if _, err := rand.Read(raw); err != nil {
		return "", "", fmt.Errorf("factor: code: %w", err)
	}
	code = codeText.EncodeToString(raw)[:windowDigits]
	return code, code[:4] + "-" + code[4:8] + "-" + code[8:], nil
}

// typedCode is a code as it is kept, of what somebody typed.
func typedCode(s string) string {
	return strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(s))
}

// newCodes replaces the recovery codes of an account, in the transaction of ctx.
func (s *Service) newCodes(ctx context.Context, account string) ([]string, error) {
	if err := s.store.dropCodes(ctx, account); err != nil {
		return nil, err
	}
	out := make([]string, codesMade)
	for i := range out {
		raw := make([]byte, 10)
		if _, err := rand.Read(raw); err != nil {
			return nil, fmt.Errorf("factor: codes: %w", err)
		}
		c := codeText.EncodeToString(raw)
		if err := s.store.addCode(ctx, account, hashCode(account, c), s.Clock.Now()); err != nil {
			return nil, err
		}
		out[i] = c[:4] + "-" + c[4:8] + "-" + c[8:12] + "-" + c[12:]
	}
	return out, nil
}

// NewCodes makes ten new recovery codes; those from before are over.
func (s *Service) NewCodes(ctx context.Context, actor auth.Actor, password string) ([]string, error) {
	state, err := s.Of(ctx, actor.ID)
	if err == nil && !state.Any() {
		err = ErrNotFound
	}
	if err == nil {
		err = s.Identity.ConfirmPassword(ctx, actor.ID, password)
	}
	if err != nil {
		return nil, err
	}
	var out []string
	err = s.DB.InTx(ctx, func(ctx context.Context) (err error) {
		if out, err = s.newCodes(ctx, actor.ID); err != nil {
			return err
		}
		return s.note(ctx, actor, "factor.codes_new", "factor_codes_new", nil)
	})
	return out, err
}

// useCode takes a recovery code, once, and tells the person.
func (s *Service) useCode(ctx context.Context, from auth.Actor, account, typed string) (bool, error) {
	code, ok := parseCode(typed)
	if !ok {
		return false, nil
	}
	used := false
	err := s.DB.InTx(ctx, func(ctx context.Context) (err error) {
		if used, err = s.store.useCode(ctx, account, hashCode(account, code), s.Clock.Now()); err != nil || !used {
			return err
		}
		left, err := s.store.codesLeft(ctx, account)
		if err != nil {
			return err
		}
		a, err := s.Identity.Account(ctx, account)
		if err != nil {
			return err
		}
		who := auth.Actor{Kind: a.Kind, ID: a.ID, Name: a.Name.ZH, From: from.From, RequestID: from.RequestID}
		if err := s.Audit.Record(ctx, who, audit.Note{Action: "factor.code_used", Object: "account:" + account, Change: map[string]any{"left": left}}); err != nil {
			return err
		}
		return s.tell(ctx, account, "factor_code_used", map[string]any{"left": left})
	})
	return used, err
}
