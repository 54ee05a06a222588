// Package oidctest starts providers of OpenID Connect for tests: a real one, made
// of a certified library (Provider), and one that signs whatever it is told to
// (Liar).
package oidctest

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// The client that is registered at a Provider.
const (
	ClientID = "tongban"
	Secret   = "a secret between two"
	Password = "at-the-provider" // of every person there
)

// Provider is a running provider.
type Provider struct {
	Issuer string
}

// Person is somebody whom the provider knows.
type Person struct{ Subject, Login, IDNumber string }

type people map[string]*storage.User

func (p people) GetUserByID(id string) *storage.User { return p[id] }
func (p people) ExampleClientID() string             { return "service" }

func (p people) GetUserByUsername(name string) *storage.User {
	for _, u := range p {
		if u.Username == name {
			return u
		}
	}
	return nil
}

// client asserts what the provider knows in the ID token, as the unified logins
// of provinces do.
type client struct{ *storage.Client }

func (client) IDTokenUserinfoClaimsAssertion() bool { return true }

type store struct {
	*storage.Storage
	numbers map[string]string // identity number by subject
}

func (s store) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	c, err := s.Storage.GetClientByClientID(ctx, id)
	if plain, ok := c.(*storage.Client); ok {
		return client{plain}, err
	}
	return c, err
}

func (s store) SetUserinfoFromRequest(ctx context.Context, info *oidc.UserInfo, req op.IDTokenRequest, scopes []string) error {
	if err := s.Storage.SetUserinfoFromRequest(ctx, info, req, scopes); err != nil {
		return err
	}
	if n := s.numbers[req.GetSubject()]; n != "" {
		info.AppendClaims("id_number", n)
	}
	return nil
}

// Start starts a provider with some people, for a client that comes back to one
// of the addresses.
func Start(t testing.TB, persons []Person, back ...string) *Provider {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("oidctest: %v", err)
	}
	issuer := "http://" + l.Addr().String()
	users, numbers := people{}, map[string]string{}
	for _, x := range persons {
		users[x.Subject] = &storage.User{ID: x.Subject, Username: x.Login, Password: Password}
		numbers[x.Subject] = x.IDNumber
	}
	clients := map[string]*storage.Client{ClientID: storage.WebClient(ClientID, Secret, back...)}
	h := exampleop.SetupServer(issuer, store{storage.NewStorageWithClients(users, clients), numbers}, dbtest.Quiet(), false)
	srv := httptest.NewUnstartedServer(h)
	_ = srv.Listener.Close()
	srv.Listener = l
	srv.Start()
	t.Cleanup(srv.Close)
	return &Provider{Issuer: issuer}
}

var requestID = regexp.MustCompile(`name="id" value="([^"]*)"`)

// SignIn goes through the pages of the provider as a person and returns the path,
// with code and state, at which he is sent back.
func (p *Provider) SignIn(t testing.TB, address, login string) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatalf("oidctest: %v", err)
	}
	last := ""
	c := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), p.Issuer) {
			last = r.URL.RequestURI()
			return http.ErrUseLastResponse
		}
		return nil
	}}
	do := func(method, to string, form url.Values) string {
		r, err := http.NewRequestWithContext(t.Context(), method, to, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatalf("oidctest: %v", err)
		}
		if method == http.MethodPost {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		res, err := c.Do(r)
		if err != nil {
			t.Fatalf("oidctest: %v", err)
		}
		defer func() { _ = res.Body.Close() }()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatalf("oidctest: %v", err)
		}
		return string(b)
	}
	page := do(http.MethodGet, address, nil)
	id := requestID.FindStringSubmatch(page)
	if id == nil {
		t.Fatalf("oidctest: the provider asks for no login: %s", page)
	}
	page = do(http.MethodPost, p.Issuer+"/login/username", url.Values{"id": {id[1]}, "username": {login}, "password": {Password}})
	if last == "" {
		t.Fatalf("oidctest: the provider leads nowhere: %s", page)
	}
	return last
}
