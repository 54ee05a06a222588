package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"time"
	"unicode/utf16"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
)

// Short is one short message. Key is the same in every try: a gateway that has
// taken it under that key takes it as done.
type Short struct {
	Key  string
	To   string
	Text string
	Hide []string `json:"-"` // parts of the text that nobody else may see
}

// Gateway sends short messages. It returns what the gateway calls the message;
// an error that wraps ErrRefused is not tried again.
type Gateway interface {
	Send(ctx context.Context, m Short) (ref string, err error)
}

// Lengths of short messages with Chinese characters, in UTF-16 units: alone,
// and as a part of a longer one, where three go for the numbering.
const (
	oneSegment  = 70
	partSegment = 67
	mostUnits   = 2 * partSegment
)

// Segments says how many short messages a text is charged as.
func Segments(text string) int {
	n := len(utf16.Encode([]rune(text)))
	switch {
	case n == 0:
		return 0
	case n <= oneSegment:
		return 1
	default:
		return (n + partSegment - 1) / partSegment
	}
}

// number finds identity numbers, credit codes and card numbers: nothing of the
// kind goes through a third party in clear. Public case numbers have dashes.
var number = regexp.MustCompile(`[0-9A-Za-z]{15,}`)

// shortText is what a short message says: the title and where to read more. It
// is cut to one segment where a useful title fits, and never longer than two. To
// somebody without an account it says the title, and link if there is one.
func (s *Service) shortText(l i18n.Locale, title, account, link string) string {
	title = number.ReplaceAllStringFunc(title, func(x string) string { return x[:3] + "****" + x[len(x)-4:] })
	write := func(title string) string {
		switch {
		case account == "" && link == "":
			return s.catalog.Text(l, "notify.sms_bare", "title", title)
		case account == "":
			return s.catalog.Text(l, "notify.sms_open", "title", title, "link", s.baseURL+link)
		}
		return s.catalog.Text(l, "notify.sms", "title", title, "link", s.baseURL+FeedPath)
	}
	units := func(x string) int { return len(utf16.Encode([]rune(x))) }
	full := write(title)
	if units(full) <= oneSegment {
		return full
	}
	frame := units(write(""))
	room := oneSegment - frame
	if room < 20 { // the address of the site is long
		room = mostUnits - frame
	}
	return write(cut(title, room))
}

// cut shortens a text to so many UTF-16 units.
func cut(s string, most int) string {
	if len(utf16.Encode([]rune(s))) <= most {
		return s
	}
	n := 1 // of the dots
	var b strings.Builder
	for _, r := range s {
		if n += utf16.RuneLen(r); n > most {
			break
		}
		b.WriteRune(r)
	}
	return b.String() + "…"
}

// HTTPGateway sends through a gateway that takes one message in one POST. The
// body is a template over Short; headers hold the key of the installation. Each
// request is signed: X-Tongban-Signature is the HMAC-SHA256, in hex, of
// X-Tongban-Time, a dot, and the body.
type HTTPGateway struct {
	address string
	headers http.Header
	body    *template.Template
	secret  string
	clock   clock.Clock
	client  *http.Client
}

// DefaultBody is the body that gateways without a form of their own get.
const DefaultBody = `{"key":{{json .Key}},"to":{{json .To}},"text":{{json .Text}}}`

// NewHTTPGateway reads an http or https address, headers as "Name: value"
// separated by semicolons, and the template of the body, "" for DefaultBody.
func NewHTTPGateway(address, headers, body, secret string, c clock.Clock) (*HTTPGateway, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("notify: sms: %q is not an http or https address", address)
	}
	g := &HTTPGateway{address: address, headers: http.Header{"Content-Type": {"application/json"}}, secret: secret, clock: c, client: &http.Client{
		Timeout:       20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // a redirected POST would be sent nobody knows where
	}}
	for part := range strings.SplitSeq(headers, ";") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		name, value, ok := strings.Cut(part, ":")
		if !ok {
			return nil, fmt.Errorf("notify: sms headers: %q is not Name: value", name)
		}
		g.headers.Set(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	if body == "" {
		body = DefaultBody
	}
	if g.body, err = template.New("sms").Funcs(template.FuncMap{"json": quote, "url": url.QueryEscape}).Parse(body); err != nil {
		return nil, fmt.Errorf("notify: sms body: %w", err)
	}
	return g, nil
}

func quote(s string) (string, error) {
	b, err := json.Marshal(s)
	return string(b), err
}

// Send makes one try. 2xx is taken; 408, 425, 429 and 5xx are for now; other
// answers are for good.
func (g *HTTPGateway) Send(ctx context.Context, m Short) (string, error) {
	var body bytes.Buffer
	if err := g.body.Execute(&body, m); err != nil {
		return "", fmt.Errorf("notify: sms body: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, g.address, bytes.NewReader(body.Bytes()))
	if err != nil {
		return "", fmt.Errorf("notify: sms: %w", err)
	}
	r.Header = g.headers.Clone()
	r.Header.Set("Idempotency-Key", m.Key)
	if g.secret != "" {
		at := strconv.FormatInt(g.clock.Now().Unix(), 10)
		r.Header.Set("X-Tongban-Time", at)
		r.Header.Set("X-Tongban-Signature", Sign(g.secret, at, body.Bytes()))
	}
	answer, err := g.client.Do(r)
	if err != nil {
		if ue, ok := err.(*url.Error); ok { //nolint:errorlint // Do returns no other; its text holds the address, which may hold a key
			err = ue.Err
		}
		return "", fmt.Errorf("notify: sms gateway: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<10))
	switch c := answer.StatusCode; {
	case c >= 200 && c < 300:
		var x struct {
			ID string `json:"id"`
		}
		_ = json.Unmarshal(said, &x) // a gateway that names nothing is good too
		return firstRunes(x.ID, 100), nil
	case c == http.StatusRequestTimeout || c == http.StatusTooEarly || c == http.StatusTooManyRequests || c >= 500:
		return "", fmt.Errorf("notify: sms gateway says %d", c)
	case c == http.StatusUnauthorized || c == http.StatusForbidden || c >= 300 && c < 400 || c == http.StatusNotFound:
		return "", fmt.Errorf("notify: sms gateway says %d: check the settings", c) // ours to mend, so it is tried again
	default:
		return "", fmt.Errorf("notify: sms gateway says %d: %w", c, ErrRefused)
	}
}

// Sign is the signature of a request to the gateway, and of its reports.
func Sign(secret, at string, body []byte) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(at + "."))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}
