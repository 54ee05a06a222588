package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail"

	"github.com/tongban/tongban/internal/kernel/i18n"
)

// Mail is one mail. MessageID is the same in every try; Hide are parts of its
// text that nobody but its reader may see.
type Mail struct {
	To, Subject, Text, HTML string
	MessageID               string
	Unsubscribe             string // address that takes a POST without sign-in (RFC 8058), "" for none
	Hide                    []string
}

// Mailer sends one mail. An error that wraps ErrRefused is not tried again.
type Mailer interface {
	Send(ctx context.Context, m Mail) error
}

// SMTP sends mail through a server.
type SMTP struct {
	host string
	opts []mail.Option
	from string
}

// NewSMTP reads smtp://user:password@host:port (STARTTLS where offered) or
// smtps://… (TLS from the start). With ?starttls=must a server without it gets
// nothing.
func NewSMTP(address, from string) (*SMTP, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("notify: smtp address: %w", err)
	}
	policy := mail.TLSOpportunistic
	if u.Query().Get("starttls") == "must" {
		policy = mail.TLSMandatory
	}
	s := &SMTP{host: u.Hostname(), from: from, opts: []mail.Option{mail.WithTLSPortPolicy(policy)}}
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

// Trust sets whose certificates are believed, for a server with one of its own.
func (s *SMTP) Trust(c *tls.Config) {
	c = c.Clone()
	if c.ServerName == "" {
		c.ServerName = s.host
	}
	s.opts = append(s.opts, mail.WithTLSConfig(c))
}

// Send sends one mail as text and HTML.
func (s *SMTP) Send(ctx context.Context, in Mail) error {
	m := mail.NewMsg()
	if err := m.From(s.from); err != nil {
		return fmt.Errorf("notify: sender: %w", err)
	}
	if err := m.To(in.To); err != nil {
		return fmt.Errorf("notify: recipient: %w: %w", ErrRefused, err) // it is no address
	}
	m.Subject(in.Subject)
	m.SetMessageIDWithValue(in.MessageID + "@tongban")
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no absence notes, please
	if in.Unsubscribe != "" {
		m.SetGenHeaderPreformatted(mail.HeaderListUnsubscribe, "<"+in.Unsubscribe+">")
		m.SetGenHeaderPreformatted(mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	m.SetBodyString(mail.TypeTextPlain, in.Text)
	if in.HTML != "" {
		m.AddAlternativeString(mail.TypeTextHTML, in.HTML)
	}
	c, err := mail.NewClient(s.host, s.opts...)
	if err != nil {
		return fmt.Errorf("notify: mail client: %w", err)
	}
	if err := c.DialAndSendWithContext(ctx, m); err != nil {
		// A sender that is refused is our own fault and may be mended; a recipient is not.
		e, ok := errors.AsType[*mail.SendError](err)
		if ok && e.ErrorCode() >= 500 && e.ErrorCode() < 600 && e.Reason != mail.ErrSMTPMailFrom {
			return fmt.Errorf("notify: send: %w: %w", ErrRefused, err)
		}
		return fmt.Errorf("notify: send: %w", err)
	}
	return nil
}

// mail writes the mail of a delivery in the reader's language.
func (s *Service) mail(ctx context.Context, d delivery) (Mail, error) {
	title, body := s.Text(d.locale, d.message)
	link := s.baseURL + d.message.Link
	m := Mail{To: d.address, Subject: title, MessageID: d.key()}
	lines := linesOf(d.message.Params)
	var b strings.Builder
	b.WriteString(body + "\n\n")
	for _, l := range lines {
		b.WriteString("- " + l.Text.In(d.locale) + "\n  " + s.baseURL + l.Link + "\n")
	}
	if len(lines) == 0 {
		b.WriteString(link + "\n")
	}
	page := mailPage{Lang: string(d.locale), Title: title, Body: strings.Split(body, "\n"), Link: link, Open: s.catalog.Text(d.locale, "notify.mail.open")}
	for _, l := range lines {
		page.Lines = append(page.Lines, mailLine{l.Text.In(d.locale), s.baseURL + l.Link})
	}
	if !d.message.Legal && d.account != "" {
		token, err := s.UnsubscribeToken(ctx, d.account, d.message.Class)
		if err != nil {
			return m, err
		}
		m.Unsubscribe = s.baseURL + UnsubscribePath + token
		page.Foot, page.Unsubscribe, page.Off = s.catalog.Text(d.locale, "notify.mail.foot"), m.Unsubscribe, s.catalog.Text(d.locale, "notify.mail.off")
		b.WriteString("\n--\n" + page.Foot + " " + page.Off + "\n" + m.Unsubscribe + "\n")
	}
	m.Text = b.String()
	var h strings.Builder
	if err := mailTemplate.Execute(&h, page); err != nil {
		return m, fmt.Errorf("notify: mail: %w", err)
	}
	m.HTML = h.String()
	return m, nil
}

type mailPage struct {
	Lang, Title, Link, Open, Foot, Unsubscribe, Off string
	Body                                            []string
	Lines                                           []mailLine
}

type mailLine struct{ Text, Link string }

// mailTemplate is plain on purpose: mail programs know little HTML, and the
// text part says the same.
var mailTemplate = template.Must(template.New("mail").Parse(`<!DOCTYPE html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><title>{{.Title}}</title></head>
<body style="margin:0;padding:24px;font-family:sans-serif;font-size:16px;line-height:1.6;color:#1f2933">
<h1 style="font-size:20px;margin:0 0 16px">{{.Title}}</h1>
{{range .Body}}<p style="margin:0 0 8px">{{.}}</p>
{{end}}{{if .Lines}}<ul style="padding-left:20px">{{range .Lines}}<li style="margin:0 0 8px"><a href="{{.Link}}">{{.Text}}</a></li>
{{end}}</ul>{{else}}<p style="margin:16px 0"><a href="{{.Link}}">{{.Open}}</a></p>
{{end}}{{if .Unsubscribe}}<p style="margin:24px 0 0;font-size:13px;color:#52606d">{{.Foot}} <a href="{{.Unsubscribe}}">{{.Off}}</a></p>
{{end}}</body></html>
`))

// linesOf reads the lines of a digest, which went through JSON.
func linesOf(params map[string]any) []Line {
	list, _ := params["lines"].([]any)
	var out []Line
	for _, x := range list {
		m, _ := x.(map[string]any)
		text, _ := m["text"].(map[string]any)
		zh, _ := text["zh"].(string)
		en, _ := text["en"].(string)
		link, _ := m["link"].(string)
		out = append(out, Line{Text: i18n.Text{ZH: zh, EN: en}, Link: link})
	}
	return out
}
