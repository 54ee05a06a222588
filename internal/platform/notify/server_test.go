package notify_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/tongban/tongban/internal/kernel/clock"
)

// letter is one mail that the server took.
type letter struct{ from, to, data, user string }

// serverOptions of a mail server.
type serverOptions struct {
	tls      *tls.Config // offers STARTTLS
	implicit bool        // TLS from the start
	auth     bool        // wants user and password
}

// server is a real mail server for one test.
type server struct {
	t       *testing.T
	address string
	mu      sync.Mutex
	refuse  []error // of the next mails, one each; nil takes it
	rcpt    error   // of every recipient
	drop    bool    // takes the mail and breaks the connection before it says so
	tries   int
	taken   []letter
	wake    chan struct{}
	options serverOptions
}

func newServer(t *testing.T, o serverOptions) *server {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, address: l.Addr().String(), wake: make(chan struct{}, 64), options: o}
	x := smtp.NewServer(s)
	x.Domain, x.AllowInsecureAuth, x.ErrorLog = "mail.example", false, log.New(io.Discard, "", 0)
	x.ReadTimeout, x.WriteTimeout, x.MaxRecipients, x.MaxMessageBytes = 10*time.Second, 10*time.Second, 5, 1<<20
	x.TLSConfig = o.tls
	if o.implicit {
		l = tls.NewListener(l, o.tls)
	}
	var wg sync.WaitGroup
	wg.Go(func() { _ = x.Serve(l) })
	t.Cleanup(func() {
		_ = errors.Join(x.Close(), l.Close()) // Close knows no listener that Serve has not taken yet
		wg.Wait()
	})
	return s
}

func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &smtpSession{server: s, conn: c}, nil
}

// letters waits until n mails have come.
func (s *server) letters(n int) []letter {
	s.t.Helper()
	timeout := time.After(20 * time.Second)
	for range n {
		select {
		case <-s.wake:
		case <-timeout:
			s.t.Fatalf("%d of %d mails after 20 seconds", len(s.all()), n)
		}
	}
	return s.all()
}

func (s *server) all() []letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]letter(nil), s.taken...)
}

type smtpSession struct {
	*server
	conn *smtp.Conn
	l    letter
}

var errLogin = errors.New("wrong user or password")

func (s *smtpSession) AuthMechanisms() []string {
	if !s.options.auth {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *smtpSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "tongban" || password != "秘密" {
			return errLogin
		}
		s.l.user = user
		return nil
	}), nil
}

func (s *smtpSession) Mail(from string, _ *smtp.MailOptions) error {
	if s.options.auth && s.l.user == "" {
		return smtp.ErrAuthRequired
	}
	s.l.from = from
	return nil
}

func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rcpt != nil {
		s.tries++
		return s.rcpt
	}
	s.l.to = to
	return nil
}

func (s *smtpSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tries++; s.tries <= len(s.refuse) && s.refuse[s.tries-1] != nil {
		return s.refuse[s.tries-1]
	}
	s.l.data = string(b)
	s.taken = append(s.taken, s.l)
	s.wake <- struct{}{}
	if s.drop {
		_ = s.conn.Conn().Close()
	}
	return nil
}

func (s *smtpSession) Reset() { s.l = letter{user: s.l.user} }

func (s *smtpSession) Logout() error { return nil }

// certificate makes one for 127.0.0.1, and the pool that believes in it.
func certificate(t *testing.T) (serve, trust *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := clock.System{}.Now()
	x := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.example"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, x, x, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(made)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}
