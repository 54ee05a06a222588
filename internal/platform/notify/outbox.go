package notify

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
)

// Sent is what an outbox keeps.
type Sent struct {
	At       time.Time
	Way      Way
	To       string
	Subject  string
	Text     string
	Segments int
	hide     []string
}

// outboxMost is how many an outbox keeps.
const outboxMost = 200

// Outbox is gateway and mail server of a demonstration: it keeps in memory what
// would leave, for an administrator to look at, without the codes in it. It honours keys.
type Outbox struct {
	clock clock.Clock
	mu    sync.Mutex
	sent  []Sent
	keys  map[string]bool
}

// NewOutbox makes an empty one.
func NewOutbox(c clock.Clock) *Outbox { return &Outbox{clock: c, keys: map[string]bool{}} }

func (o *Outbox) keep(key string, x Sent) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.keys[key] {
		return
	}
	o.keys[key] = true
	x.At = o.clock.Now()
	o.sent = append(o.sent, x)
	if len(o.sent) > outboxMost {
		o.sent = slices.Delete(o.sent, 0, len(o.sent)-outboxMost)
	}
}

// Sent lists what left, newest first, with dots for codes.
func (o *Outbox) Sent() []Sent {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := slices.Clone(o.sent)
	slices.Reverse(out)
	for i := range out {
		for _, x := range out[i].hide {
			out[i].Subject, out[i].Text = strings.ReplaceAll(out[i].Subject, x, blank), strings.ReplaceAll(out[i].Text, x, blank)
		}
		out[i].hide = nil
	}
	return out
}

// LastTo is what left for an address last, whole: for its own reader, who has
// no other way to it in a demonstration.
func (o *Outbox) LastTo(address string) (x Sent, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range slices.Backward(o.sent) {
		if s.To == address {
			return s, true
		}
	}
	return Sent{}, false
}

// Gateway is the side for short messages.
func (o *Outbox) Gateway() Gateway { return outboxGateway{o} }

// Mailer is the side for mails.
func (o *Outbox) Mailer() Mailer { return outboxMailer{o} }

type outboxGateway struct{ *Outbox }

func (o outboxGateway) Send(_ context.Context, m Short) (string, error) {
	o.keep(string(BySMS)+m.Key, Sent{Way: BySMS, To: m.To, Text: m.Text, Segments: Segments(m.Text), hide: m.Hide})
	return m.Key, nil
}

type outboxMailer struct{ *Outbox }

func (o outboxMailer) Send(_ context.Context, m Mail) error {
	o.keep(string(ByMail)+m.MessageID, Sent{Way: ByMail, To: m.To, Subject: m.Subject, Text: m.Text, hide: m.Hide})
	return nil
}
