package audit

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

const (
	chains        = 16
	entriesAtOnce = 100 // written with one statement
)

// Entry is one thing that somebody did.
type Entry struct {
	ID       string
	Chain    int
	Seq      int64
	At       time.Time
	Actor    string // kind:id
	Name     string // of the actor, as it was
	Action   string // "cases.accept"
	Object   string // "case:0190…"
	OnBehalf string // enterprise acted for, "" for oneself
	Reason   string
	Change   string // JSON: what changed
	From     string // network address
	Request  string
	Prev     string // hash of the entry before, hex
	Hash     string // hex
}

// Log writes entries.
type Log struct {
	db    *db.DB
	clock clock.Clock
	hash  func() Hash
}

// New returns a log on the database.
func New(d *db.DB, c clock.Clock) *Log { return &Log{db: d, clock: c} }

// Note is what a caller tells about an entry; the rest comes from the actor and the clock.
type Note struct {
	Action   string
	Object   string
	OnBehalf string
	Reason   string
	Change   any // marshalled to JSON; no personal data beyond what the object itself holds
}

type pendingKey struct{ l *Log }

// Record notes an entry in the transaction of ctx; outside one it is db.ErrNoTx.
func (l *Log) Record(ctx context.Context, a auth.Actor, n Note) error {
	change := ""
	if n.Change != nil {
		b, err := json.Marshal(n.Change)
		if err != nil {
			return fmt.Errorf("audit: %s: %w", n.Action, err)
		}
		change = string(b)
	}
	now := l.clock.Now()
	e := Entry{
		ID: ids.New(now), At: now, Actor: string(cmp.Or(a.Kind, "anonymous")) + ":" + a.ID, Name: a.Name,
		Action: n.Action, Object: n.Object, OnBehalf: n.OnBehalf, Reason: n.Reason, Change: change, From: a.From, Request: a.RequestID,
	}
	return db.Batch(ctx, pendingKey{l}, e, l.flush)
}

// flush links the entries of one transaction to one chain.
func (l *Log) flush(ctx context.Context, entries []Entry) error {
	return l.link(ctx, chainOf(entries[0].Object), entries)
}

func chainOf(object string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(object))
	return int(h.Sum32() % chains)
}

// Append links entries that were made elsewhere: a filled database whose
// history the engine did not live through one by one. Each goes to the chain of
// its object.
func (l *Log) Append(ctx context.Context, entries []Entry) error {
	by := map[int][]Entry{}
	for _, e := range entries {
		c := chainOf(e.Object)
		by[c] = append(by[c], e)
	}
	for c := range chains {
		if len(by[c]) == 0 {
			continue
		}
		if err := l.link(ctx, c, by[c]); err != nil {
			return err
		}
	}
	return nil
}

// OfObject returns all entries of an object, oldest first.
func (l *Log) OfObject(ctx context.Context, object string) ([]Entry, error) {
	out, err := db.List(ctx, l.db.Read(ctx), scan, `SELECT `+columns+` FROM audit_entry WHERE object=$1 ORDER BY id`, object)
	if err != nil {
		return nil, fmt.Errorf("audit: of %s: %w", object, err)
	}
	return out, nil
}

// link writes entries as the next links of a chain.
func (l *Log) link(ctx context.Context, chain int, entries []Entry) error {
	type head struct {
		seq  int64
		hash string
	}
	// The UPDATE also locks the head until the commit that follows at once.
	hd, err := db.One(ctx, l.db.Write(ctx), func(s db.Scanner) (h head, err error) {
		return h, s.Scan(&h.seq, &h.hash)
	}, `INSERT INTO audit_head (chain, seq, hash) VALUES ($1, 0, '')
		ON CONFLICT (chain) DO UPDATE SET seq = audit_head.seq RETURNING seq, hash`, chain)
	if err != nil {
		return fmt.Errorf("audit: head: %w", err)
	}
	mark := ""
	if l.hash != nil {
		mark = string(l.hash())
	}
	for part := range slices.Chunk(entries, entriesAtOnce) {
		var args db.Args
		rows := make([]string, len(part))
		for i, e := range part {
			hd.seq++
			e.Chain, e.Seq, e.Prev = chain, hd.seq, hd.hash
			e.Hash = mark
			e.Hash = e.sum()
			hd.hash = e.Hash
			rows[i] = args.Row(e.ID, e.Chain, e.Seq, db.MS(e.At), e.Actor, e.Name, e.Action, e.Object, e.OnBehalf, e.Reason, e.Change, e.From, e.Request, e.Prev, e.Hash)
		}
		if _, err := l.db.Exec(ctx, `INSERT INTO audit_entry (`+columns+`) VALUES `+strings.Join(rows, ","), args...); err != nil {
			return fmt.Errorf("audit: entry: %w", err)
		}
	}
	if _, err := l.db.Exec(ctx, `UPDATE audit_head SET seq=$1, hash=$2 WHERE chain=$3`, hd.seq, hd.hash, chain); err != nil {
		return fmt.Errorf("audit: head: %w", err)
	}
	return nil
}

// Hash says with what an entry is hashed; it stands before its hash.
type Hash string

// The hashes. Entries from before there were two have no mark.
const (
	SHA256 Hash = ""
	SM3    Hash = "sm3:"
)

// Use asks before each write with what to hash. Call it before the first.
func (l *Log) Use(hash func() Hash) { l.hash = hash }

// hashOf is the hash that a text of one names.
func hashOf(text string) (hash.Hash, string) {
	if strings.HasPrefix(text, string(SM3)) {
		return sm3.New(), string(SM3)
	}
	return sha256.New(), string(SHA256)
}

// sum hashes the canonical form: each part with its length before it, so that
// no two different entries have the same bytes.
func (e Entry) sum() string {
	h, mark := hashOf(e.Hash)
	for _, part := range []string{
		e.Prev, e.ID, fmt.Sprint(e.Chain), fmt.Sprint(e.Seq), fmt.Sprint(db.MS(e.At)), e.Actor, e.Name, e.Action,
		e.Object, e.OnBehalf, e.Reason, e.Change, e.From, e.Request,
	} {
		_, _ = fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return mark + hex.EncodeToString(h.Sum(nil))
}

const columns = `id, chain, seq, at, actor, name, action, object, on_behalf, reason, change, origin, request, prev, hash`

func scan(s db.Scanner) (e Entry, err error) {
	return e, s.Scan(&e.ID, &e.Chain, &e.Seq, db.Time{Time: &e.At}, &e.Actor, &e.Name, &e.Action, &e.Object, &e.OnBehalf,
		&e.Reason, &e.Change, &e.From, &e.Request, &e.Prev, &e.Hash)
}

// Filter of a page of entries, newest first.
type Filter struct {
	Object string // exact
	Actor  string // exact
	Action string // prefix
	Before string // id of the last entry of the page before
	Limit  int
}

// List returns entries, newest first.
func (l *Log) List(ctx context.Context, f Filter) ([]Entry, error) {
	var a db.Args
	where := []string{"1=1"}
	if f.Object != "" {
		where = append(where, "object = "+a.Add(f.Object))
	}
	if f.Actor != "" {
		where = append(where, "actor = "+a.Add(f.Actor))
	}
	if f.Action != "" {
		where = append(where, "action LIKE "+a.Add(db.LikePrefix(f.Action))+` ESCAPE '\'`)
	}
	if f.Before != "" {
		where = append(where, "id < "+a.Add(f.Before))
	}
	return db.List(ctx, l.db.Read(ctx), scan, `SELECT `+columns+` FROM audit_entry WHERE `+strings.Join(where, " AND ")+
		` ORDER BY id DESC LIMIT `+a.Add(min(max(f.Limit, 1), 500)), a...)
}
