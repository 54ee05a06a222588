package oidctest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Liar is a provider whose next ID token says what the test wants.
type Liar struct {
	Issuer string
	mu     sync.Mutex
	token  string
	own    jose.Signer
	other  jose.Signer
}

// StartLiar starts one.
func StartLiar(t testing.TB) *Liar {
	t.Helper()
	l := &Liar{}
	signer := func() (*ecdsa.PrivateKey, jose.Signer) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatalf("oidctest: %v", err)
		}
		s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "k"}}, nil)
		if err != nil {
			t.Fatalf("oidctest: %v", err)
		}
		return key, s
	}
	key, own := signer()
	_, l.other = signer()
	l.own = own
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{
			"issuer": l.Issuer, "authorization_endpoint": l.Issuer + "/auth", "token_endpoint": l.Issuer + "/token", "jwks_uri": l.Issuer + "/keys",
			"id_token_signing_alg_values_supported": []string{"ES256"},
		})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Algorithm: "ES256", Use: "sig"}}})
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, _ *http.Request) {
		l.mu.Lock()
		defer l.mu.Unlock()
		answer(w, map[string]any{"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": l.token})
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	l.Issuer = srv.URL
	return l
}

// Say sets the next token: an honest one, changed.
func (l *Liar) Say(t testing.TB, now time.Time, nonce string, foreign bool, change map[string]any) {
	t.Helper()
	claims := map[string]any{"iss": l.Issuer, "sub": "somebody", "aud": ClientID, "nonce": nonce, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix()}
	for k, v := range change {
		claims[k] = v
	}
	signer := l.own
	if foreign {
		signer = l.other
	}
	text, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatalf("oidctest: %v", err)
	}
	l.SayRaw(text)
}

// SayRaw sets the next token as it is.
func (l *Liar) SayRaw(token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.token = token
}
