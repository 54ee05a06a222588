package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/jobs"
)

// Reader is whom a message is for.
type Reader struct {
	AccountID string
	Locale    i18n.Locale
	Mail      string // "" when the person wants or has none
}

// News is what to tell. Params fill the text; values are texts, numbers or i18n.Text.
type News struct {
	Key      string // de-duplication: the same key to the same reader is told once
	Kind     string // text is notify.<kind>.title and .body
	Params   map[string]any
	Link     string // path on this site
	NeedsYou bool   // the reader has to do something
	Class    Class  // what the reader has preferences for; "" is Action or Progress by NeedsYou
	Legal    bool   // the law wants the reader told: at least one way stays

	// Secret names parameters that nobody but who gets the message may read, such
	// as a code: they are kept sealed, and taken out once the message has left or
	// Until has come. For SendTo only.
	Secret []string
	Until  time.Time
}

// Message is one entry of a feed.
type Message struct {
	ID        string
	Kind      string
	Params    map[string]any
	Link      string
	NeedsYou  bool
	Class     Class
	Legal     bool
	CreatedAt time.Time
	ReadAt    time.Time
}

// Service tells people.
type Service struct {
	db      *db.DB
	clock   clock.Clock
	jobs    *jobs.Queue
	catalog *i18n.Catalog
	mailer  Mailer // nil: no mail server is configured, so no deliveries are made
	baseURL string
	Connection
}

// New returns the service. With a mailer, its job handler is added to the queue.
func New(d *db.DB, c clock.Clock, q *jobs.Queue, catalog *i18n.Catalog, m Mailer, baseURL string) *Service {
	s := &Service{db: d, clock: c, jobs: q, catalog: catalog, mailer: m, baseURL: baseURL}
	s.Connect(Connection{})
	jobs.HandleFor(q, lease, s.deliver)
	jobs.Handle(q, func(ctx context.Context, _ sweepArgs) error { return s.Sweep(ctx) })
	jobs.Every(q, 5*time.Minute, sweepArgs{})
	jobs.Handle(q, func(ctx context.Context, _ digestArgs) error { return s.Digests(ctx) })
	jobs.Every(q, 10*time.Minute, digestArgs{})
	return s
}

// Tell writes the message into the reader's feed, and a delivery for each way
// that the reader has and wants. It joins the transaction of ctx.
func (s *Service) Tell(ctx context.Context, to Reader, n News) error {
	if n.Class == "" {
		n.Class = Progress
		if n.NeedsYou {
			n.Class = Action
		}
	}
	return s.tell(ctx, to, n, true)
}

func (s *Service) tell(ctx context.Context, to Reader, n News, feed bool) error {
	now := s.clock.Now()
	id := ids.New(now)
	added, err := s.db.Exec(ctx, `INSERT INTO notify_message (id, account_id, dedup_key, kind, params, link, needs_you, created_at, read_at, class, legal, feed)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,0,$9,$10,$11) ON CONFLICT (dedup_key) DO NOTHING`,
		id, to.AccountID, n.Key+":"+to.AccountID, n.Kind, db.ToJSON(n.Params), n.Link, n.NeedsYou, db.MS(now), string(n.Class), n.Legal, feed)
	if err != nil {
		return fmt.Errorf("notify: message: %w", err)
	}
	if added == 0 {
		return nil
	}
	return s.send(ctx, to, Message{ID: id, Class: n.Class, Legal: n.Legal, NeedsYou: n.NeedsYou})
}

// Text returns title and body of a message in a language.
func (s *Service) Text(l i18n.Locale, m Message) (title, body string) {
	kv := i18n.Map(m.Params)
	return s.catalog.Text(l, "notify."+m.Kind+".title", kv...), s.catalog.Text(l, "notify."+m.Kind+".body", kv...)
}

// Feed returns the messages of an account, newest first.
func (s *Service) Feed(ctx context.Context, account string, p page.Request) (page.Result[Message], error) {
	after := p.After
	if after == "" {
		after = "~" // beyond every id
	}
	rows, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (m Message, err error) {
		return m, r.Scan(&m.ID, &m.Kind, db.JSON[map[string]any]{V: &m.Params}, &m.Link, &m.NeedsYou, db.Time{Time: &m.CreatedAt}, db.Time{Time: &m.ReadAt})
	}, `SELECT id, kind, params, link, needs_you, created_at, read_at FROM notify_message
		WHERE account_id=$1 AND id<$2 AND feed ORDER BY id DESC LIMIT $3`, account, after, p.Limit()+1)
	if err != nil {
		return page.Result[Message]{}, fmt.Errorf("notify: feed: %w", err)
	}
	return page.Cut(rows, p.Limit(), func(m Message) string { return m.ID }), nil
}

// Unread counts the unread messages of an account.
func (s *Service) Unread(ctx context.Context, account string) (int, error) {
	return db.One(ctx, s.db.Read(ctx), db.Scalar[int], `SELECT count(*) FROM notify_message WHERE account_id=$1 AND read_at=0 AND feed`, account)
}

// MarkRead marks everything up to and including a message as read.
func (s *Service) MarkRead(ctx context.Context, account, upTo string) error {
	return s.db.InTx(ctx, func(ctx context.Context) error {
		_, err := s.db.Exec(ctx, `UPDATE notify_message SET read_at=$3 WHERE account_id=$1 AND id<=$2 AND read_at=0`, account, upTo, db.MS(s.clock.Now()))
		return err
	})
}
