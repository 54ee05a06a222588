package notify

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"github.com/wneessen/go-mail"
)

// SMTP sends mail through a server.
type SMTP struct {
	host string
	opts []mail.Option
	from string
}

// NewSMTP reads smtp://user:password@host:port (STARTTLS where offered) or
// smtps://… (TLS from the start).
func NewSMTP(address, from string) (*SMTP, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("notify: smtp address: %w", err)
	}
	s := &SMTP{host: u.Hostname(), from: from, opts: []mail.Option{mail.WithTLSPortPolicy(mail.TLSOpportunistic)}}
	if u.Scheme == "smtps" {
		s.opts = []mail.Option{mail.WithSSL()}
	}
	if p := u.Port(); p != "" {
		n, err := strconv.Atoi(p)
		if err != nil {
			return nil, fmt.Errorf("notify: smtp port: %w", err)
		}
		s.opts = append(s.opts, mail.WithPort(n))
	}
	if pw, ok := u.User.Password(); ok {
		s.opts = append(s.opts, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(pw))
	}
	return s, nil
}

// Send sends one mail in plain text.
func (s *SMTP) Send(ctx context.Context, to, subject, body, messageID string) error {
	m := mail.NewMsg()
	if err := m.From(s.from); err != nil {
		return fmt.Errorf("notify: sender: %w", err)
	}
	if err := m.To(to); err != nil {
		return fmt.Errorf("notify: recipient: %w", err)
	}
	m.Subject(subject)
	m.SetMessageIDWithValue(messageID + "@tongban")
	m.SetBodyString(mail.TypeTextPlain, body)
	c, err := mail.NewClient(s.host, s.opts...)
	if err != nil {
		return fmt.Errorf("notify: mail client: %w", err)
	}
	if err := c.DialAndSendWithContext(ctx, m); err != nil {
		return fmt.Errorf("notify: send: %w", err)
	}
	return nil
}
