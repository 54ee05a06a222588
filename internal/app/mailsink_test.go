package app_test

import (
	"bufio"
	"io"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/db"
)

// mailSink is a mail server that counts what it takes by Message-ID.
type mailSink struct {
	address string
	mu      sync.Mutex
	times   map[string]int
}

func newMailSink(t *testing.T) *mailSink {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &mailSink{address: "smtp://" + l.Addr().String(), times: map[string]int{}}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { s.talk(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		wg.Wait()
	})
	return s
}

var messageID = regexp.MustCompile(`(?im)^Message-ID:\s*<([^@>]+)@`)

func (s *mailSink) talk(c net.Conn) {
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(clock.System{}.Now().Add(30 * time.Second))
	r := bufio.NewReader(c)
	say := func(line string) { _, _ = io.WriteString(c, line+"\r\n") }
	say("220 mail.example ESMTP")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		switch strings.ToUpper(strings.SplitN(strings.TrimSpace(line), " ", 2)[0]) {
		case "EHLO":
			say("250-mail.example")
			say("250 8BITMIME")
		case "DATA":
			say("354 go on")
			var text strings.Builder
			for {
				d, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if d == ".\r\n" {
					break
				}
				text.WriteString(d)
			}
			if m := messageID.FindStringSubmatch(text.String()); m != nil {
				s.mu.Lock()
				s.times[m[1]]++
				s.mu.Unlock()
			}
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// check holds what was taken against what is marked as sent: nothing is sent
// without its news, nothing marked without having been taken, and one piece of
// news goes to one person under one Message-ID. It returns how many were taken
// again: the process died after the server took them and before it could note
// so, and whoever receives them sees the same Message-ID.
func (s *mailSink) check(t *testing.T, a *app.App) (repeated int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	type row struct{ id, state string }
	rows, err := db.List(t.Context(), a.DB.Read(t.Context()), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.id, &x.state) },
		`SELECT d.id, d.state FROM notify_delivery d JOIN notify_message m ON m.id=d.message_id`)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, r := range rows {
		known[r.id] = true
		if r.state == "sent" && s.times[r.id] == 0 {
			t.Errorf("%s is marked as sent and never came", r.id)
		}
		if s.times[r.id] > 1 {
			repeated += s.times[r.id] - 1
		}
	}
	for id := range s.times {
		if !known[id] {
			t.Errorf("a mail %s came for news that were rolled back", id)
		}
	}
	if len(rows) == 0 || len(s.times) == 0 {
		t.Errorf("%d mails were to be sent, %d came: the test has become blind", len(rows), len(s.times))
	}
	return repeated
}
