package factor

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// maxPasskeys of one account.
const maxPasskeys = 10

// ceremonyTTL is how long a challenge may be answered.
const ceremonyTTL = 5 * time.Minute

type credential = webauthn.Credential

// Passkey is a key that a device or a stick keeps for one account.
type Passkey struct {
	ID         string
	Name       string // as its owner calls it
	CreatedAt  time.Time
	UsedAt     time.Time // zero before the first use
	account    string
	credential credential
	version    int
}

// relyingParty is the site as passkeys know it: bound to the host of its public
// address. A machine of one's own is "localhost" to a browser, under whatever
// number; any other address without a name has no passkeys.
func relyingParty(baseURL, brand string) (*webauthn.WebAuthn, error) {
	u, err := url.Parse(baseURL)
	if err != nil {
		return nil, err
	}
	host, origin := u.Hostname(), u.Scheme+"://"+u.Host
	if ip := net.ParseIP(host); ip != nil {
		if !ip.IsLoopback() {
			return nil, nil
		}
		host, origin = "localhost", "http://localhost"
		if port := u.Port(); port != "" {
			origin += ":" + port
		}
	}
	return webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: brand, RPOrigins: []string{origin}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired},
	})
}

// Origin is the address under which passkeys work, "" where they do not at all.
func (s *Service) Origin() string {
	if s.web == nil {
		return ""
	}
	return s.web.Config.RPOrigins[0]
}

// holder is an account as the library wants it.
type holder struct {
	identity.Account
	keys []Passkey
}

func (h holder) WebAuthnID() []byte          { return []byte(h.ID) }
func (h holder) WebAuthnName() string        { return h.Name.ZH }
func (h holder) WebAuthnDisplayName() string { return h.Name.ZH }

func (h holder) WebAuthnCredentials() []credential {
	out := make([]credential, len(h.keys))
	for i, k := range h.keys {
		out[i] = k.credential
	}
	return out
}

func (s *Service) holder(ctx context.Context, account string) (holder, error) {
	a, err := s.Identity.Account(ctx, account)
	if err != nil {
		return holder{}, err
	}
	keys, err := s.store.passkeys(ctx, account)
	return holder{a, keys}, err
}

// Ceremony is a question to a browser and what has to be kept to judge the
// answer. It is judged once: the caller forgets it before.
type Ceremony struct {
	Options []byte // JSON, for the browser
	Kept    string // for the session of who was asked
}

type kept struct {
	Data  webauthn.SessionData `json:"data"`
	Until int64                `json:"until"` // unix ms
}

func (s *Service) ceremony(options any, data *webauthn.SessionData) (Ceremony, error) {
	o, err := json.Marshal(options)
	if err != nil {
		return Ceremony{}, fmt.Errorf("factor: passkey: %w", err)
	}
	k, err := json.Marshal(kept{Data: *data, Until: s.Clock.Now().Add(ceremonyTTL).UnixMilli()})
	if err != nil {
		return Ceremony{}, fmt.Errorf("factor: passkey: %w", err)
	}
	return Ceremony{Options: o, Kept: string(k)}, nil
}

func (s *Service) unpack(text string) (webauthn.SessionData, error) {
	var k kept
	if s.web == nil {
		return k.Data, ErrNoDomain
	}
	if text == "" || json.Unmarshal([]byte(text), &k) != nil || s.Clock.Now().UnixMilli() > k.Until {
		return k.Data, ErrPasskey
	}
	return k.Data, nil
}

// BeginPasskey asks the browser of the actor to make a passkey. The password is
// asked for again.
func (s *Service) BeginPasskey(ctx context.Context, actor auth.Actor, password string) (Ceremony, error) {
	if s.web == nil {
		return Ceremony{}, ErrNoDomain
	}
	if err := s.Identity.ConfirmPassword(ctx, actor.ID, password); err != nil {
		return Ceremony{}, err
	}
	h, err := s.holder(ctx, actor.ID)
	if err != nil {
		return Ceremony{}, err
	}
	if len(h.keys) >= maxPasskeys {
		return Ceremony{}, ErrTooMany
	}
	var have []protocol.CredentialDescriptor
	for _, k := range h.keys {
		have = append(have, k.credential.Descriptor())
	}
	options, data, err := s.web.BeginRegistration(h, webauthn.WithExclusions(have))
	if err != nil {
		return Ceremony{}, fmt.Errorf("factor: passkey: %w", err)
	}
	return s.ceremony(options, data)
}

// FinishPasskey takes what the browser made. The recovery codes come back when
// there were none; they are not shown again.
func (s *Service) FinishPasskey(ctx context.Context, actor auth.Actor, keptText, answer, name string) ([]string, error) {
	data, err := s.unpack(keptText)
	if err != nil {
		return nil, err
	}
	h, err := s.holder(ctx, actor.ID)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return nil, ErrPasskey.Because(err)
	}
	made, err := s.web.CreateCredential(h, data, parsed)
	if err != nil {
		return nil, ErrPasskey.Because(err)
	}
	now := s.Clock.Now()
	p := Passkey{ID: ids.New(now), Name: strings.TrimSpace(name), CreatedAt: now, account: actor.ID, credential: *made}
	var codes []string
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.addPasskey(ctx, p, base64.RawURLEncoding.EncodeToString(made.ID)); err != nil {
			if errors.Is(err, db.ErrDuplicate) {
				return ErrPasskey
			}
			return err
		}
		n, err := s.store.codesLeft(ctx, actor.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			if codes, err = s.newCodes(ctx, actor.ID); err != nil {
				return err
			}
		}
		return s.note(ctx, actor, "factor.passkey_on", "factor_passkey_on", map[string]any{"name": p.Name})
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// DropPasskey takes a passkey off.
func (s *Service) DropPasskey(ctx context.Context, actor auth.Actor, id, password string) error {
	state, err := s.Of(ctx, actor.ID)
	if err == nil {
		err = s.mayDrop(ctx, actor)
	}
	if err == nil {
		err = s.Identity.ConfirmPassword(ctx, actor.ID, password)
	}
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		gone, err := s.store.dropPasskey(ctx, actor.ID, id)
		if err != nil {
			return err
		}
		if !gone {
			return ErrNotFound
		}
		if state.left() < 1 {
			if err := s.store.dropCodes(ctx, actor.ID); err != nil {
				return err
			}
		}
		return s.note(ctx, actor, "factor.passkey_off", "factor_passkey_off", nil)
	})
}

// AskPasskey asks the browser for a passkey: one of an account that has shown
// its password, or anybody's ("").
func (s *Service) AskPasskey(ctx context.Context, account string) (Ceremony, error) {
	if s.web == nil {
		return Ceremony{}, ErrNoDomain
	}
	if account == "" {
		options, data, err := s.web.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
		if err != nil {
			return Ceremony{}, fmt.Errorf("factor: passkey: %w", err)
		}
		return s.ceremony(options, data)
	}
	h, err := s.holder(ctx, account)
	if err != nil {
		return Ceremony{}, err
	}
	if len(h.keys) == 0 {
		return Ceremony{}, ErrPasskey
	}
	options, data, err := s.web.BeginLogin(h, webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, fmt.Errorf("factor: passkey: %w", err)
	}
	return s.ceremony(options, data)
}

// CheckPasskey judges the answer to AskPasskey and returns whose passkey it is.
// The device has asked for a finger, a face or a number, so this alone is two
// factors. A counter that runs backwards is a copied key and is refused.
func (s *Service) CheckPasskey(ctx context.Context, from auth.Actor, keptText, answer string) (string, error) {
	if err := s.Throttle.Hit(ctx, "passkey-from:"+from.From, 60, triesIn); err != nil {
		return "", err
	}
	data, err := s.unpack(keptText)
	if err != nil {
		return "", err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return "", ErrPasskey.Because(err)
	}
	var h holder
	var shown *credential
	if len(data.UserID) > 0 {
		if h, err = s.holder(ctx, string(data.UserID)); err != nil {
			return "", err
		}
		shown, err = s.web.ValidateLogin(h, data, parsed)
	} else {
		_, shown, err = s.web.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
			h, err = s.holder(ctx, string(handle))
			return h, err
		}, data, parsed)
	}
	if err != nil {
		if h.ID != "" {
			err = errors.Join(err, s.Identity.NoteFailure(ctx, from, h.ID, WayPasskey))
		}
		return "", ErrPasskey.Because(err)
	}
	if h.State != "active" || shown.Authenticator.CloneWarning {
		return "", errors.Join(ErrPasskey, s.Identity.NoteFailure(ctx, from, h.ID, WayPasskey))
	}
	for _, k := range h.keys {
		if string(k.credential.ID) != string(shown.ID) {
			continue
		}
		k.credential = *shown
		err := s.DB.InTx(ctx, func(ctx context.Context) error { return s.store.usedPasskey(ctx, k, s.Clock.Now()) })
		if err != nil {
			return "", ErrPasskey.Because(err)
		}
		return h.ID, nil
	}
	return "", ErrPasskey
}
