package oidc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tongban/tongban/internal/kernel/i18n"
)

// Provider is one that people can sign in over.
type Provider struct {
	Key        string    `yaml:"key"`  // in addresses: small letters, figures and lines
	Name       i18n.Text `yaml:"name"` // on the button
	Issuer     string    `yaml:"issuer"`
	ClientID   string    `yaml:"client-id"`
	SecretFile string    `yaml:"secret-file"` // either a file or
	SecretEnv  string    `yaml:"secret-env"`  // a variable of the environment holds the secret
	Scopes     []string  `yaml:"scopes"`      // besides openid
	// IDNumberClaim names the claim with the resident identity number, "" when the
	// provider tells none. It must be that of the account to be linked.
	IDNumberClaim string `yaml:"id-number-claim"`
	secret        string
}

var keyForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,30}$`)

// Load reads a file of providers; "" is none.
func Load(file string, getenv func(string) string) ([]Provider, error) {
	if file == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("oidc: %w", err)
	}
	var in struct {
		Providers []Provider `yaml:"providers"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&in); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("oidc: %s: %w", file, err)
	}
	var all []error
	seen := map[string]bool{}
	for i := range in.Providers {
		p := &in.Providers[i]
		if err := p.complete(getenv); err != nil {
			all = append(all, fmt.Errorf("oidc: %s: provider %d (%s): %w", file, i+1, p.Key, err))
		}
		if seen[p.Key] || seen[p.Issuer] {
			all = append(all, fmt.Errorf("oidc: %s: provider %d (%s): key and issuer can stand once only", file, i+1, p.Key))
		}
		seen[p.Key], seen[p.Issuer] = true, true
	}
	return in.Providers, errors.Join(all...)
}

func (p *Provider) complete(getenv func(string) string) error {
	if !keyForm.MatchString(p.Key) {
		return errors.New("key: small letters, figures and lines only")
	}
	if p.Name.ZH == "" || p.ClientID == "" {
		return errors.New("name and client-id are needed")
	}
	u, err := url.Parse(p.Issuer)
	local := err == nil && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1")
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && local) {
		return errors.New("issuer: an https address is needed")
	}
	switch {
	case p.SecretFile != "":
		raw, err := os.ReadFile(p.SecretFile)
		if err != nil {
			return fmt.Errorf("secret-file: %w", err)
		}
		p.secret = strings.TrimSpace(string(raw))
	case p.SecretEnv != "":
		p.secret = getenv(p.SecretEnv)
	}
	if p.secret == "" {
		return errors.New("secret-file or secret-env must lead to a secret")
	}
	return nil
}
