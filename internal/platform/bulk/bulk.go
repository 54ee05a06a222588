package bulk

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/db"
)

// Plan says what belongs to an object.
type Plan struct {
	Root    string              // table of the object
	By      string              // column by which other tables name it
	Also    map[string]string   // further tables with the condition that finds their rows ($1: the id)
	Without []string            // tables that have the column and are not copied
	Unique  map[string][]string // columns whose texts must be unique, by table: random ones of the same length are made
	Blank   map[string][]string // columns that a copy leaves empty, by table: what names the original and cannot be made up
	Dated   []string            // tables in whose texts dates are written out
	Sealed  Sealed              // what is sealed for the object in its texts; nil when nothing is
	Object  string              // name of the object in the audit trail: "case" for "case:ID"
}

// Sealed opens a text that is sealed for an object, and seals it for its copy.
type Sealed interface {
	Open(id, text string) (string, bool)
	Seal(id, plain string) string
}

// Copier makes copies.
type Copier struct {
	db     *db.DB
	audit  *audit.Log
	plan   Plan
	tables []chosen
	days   *days
}

// New reads the schema.
func New(ctx context.Context, d *db.DB, log *audit.Log, cal *workday.Calendar, now time.Time, p Plan) (*Copier, error) {
	all, err := schema(ctx, d)
	if err != nil {
		return nil, err
	}
	if all[p.Root] == nil {
		return nil, fmt.Errorf("bulk: no table %s", p.Root)
	}
	return &Copier{db: d, audit: log, plan: p, tables: choose(all, p.Root, p.By, p.Also, p.Without), days: newDays(cal, now)}, nil
}

// Tables names what is copied, in the order of writing.
func (c *Copier) Tables() []string {
	var out []string
	for _, t := range c.tables {
		out = append(out, t.name)
	}
	return out
}

// Original is an object with all its rows, taken apart.
type Original struct {
	ID    string
	start int // day on which it began
	rows  [][][]cell
	audit []audit.Entry
	notes []noteCells

	ids     []string
	places  []place
	uniques []string
	known   map[string]part // what is replaced in texts
	finder  *regexp.Regexp
}

type noteCells struct{ object, actor, change, reason []part }

// cell is a value of a row: as it is, an instant, or a text in parts.
type cell struct {
	value any
	at    int // index of the instant + 1
	parts []part
}

// part of a text.
type part struct {
	kind  partKind
	text  string
	index int
	months,
	days int // of a validity
}

type partKind int

const (
	literal partKind = iota
	identifier
	number   // of the object, given by the caller
	unique   // a random text
	instant  // in milliseconds
	chinese  // a date written out
	english  // likewise
	isoDate  // likewise, 2026-03-02
	validity // the end of a validity: so many months after its beginning
	sealed   // a text that is sealed for the object
)

var sealedText = regexp.MustCompile(`tb1\.[a-z0-9]{3}\.k[0-9a-f]{6}\.[A-Za-z0-9_-]+`)

var millis = regexp.MustCompile(`\b1[5-9]\d{11}\b`)

// Read takes an object apart. number is its public number, began the instant
// from which the working days of its copies are counted.
func (c *Copier) Read(ctx context.Context, id, publicNumber string, began time.Time) (*Original, error) {
	o := &Original{ID: id, start: c.days.day(began), known: map[string]part{}}
	if publicNumber != "" {
		o.known[publicNumber] = part{kind: number}
	}
	raw := make([][][]any, len(c.tables))
	for i, t := range c.tables {
		rows, err := db.List(ctx, c.db.Read(ctx), func(s db.Scanner) ([]any, error) {
			values, into := make([]any, len(t.columns)), make([]any, len(t.columns))
			for k := range values {
				into[k] = &values[k]
			}
			return values, s.Scan(into...)
		}, `SELECT `+strings.Join(t.columns, ", ")+` FROM `+t.name+` WHERE `+t.where, id)
		if err != nil {
			return nil, fmt.Errorf("bulk: read %s: %w", t.name, err)
		}
		raw[i] = rows
		for _, row := range rows {
			for k, column := range t.columns {
				if b, ok := row[k].([]byte); ok {
					row[k] = string(b)
				}
				switch v := row[k].(type) {
				case string:
					if slices.Contains(c.plan.Blank[t.name], column) {
						row[k] = ""
					} else if column == "valid_to" && v != "" {
						o.known[v] = c.validity(o, row[slices.Index(t.columns, "valid_from")], v)
					} else if column == "id" && v != "" {
						o.known[v] = part{kind: identifier, index: len(o.ids)}
						o.ids = append(o.ids, v)
					} else if slices.Contains(c.plan.Unique[t.name], column) && v != "" {
						o.known[v] = part{kind: unique, index: len(o.uniques)}
						o.uniques = append(o.uniques, v)
					}
				case int64:
					if isInstant(v) {
						c.see(o, clock.FromMillis(v))
					}
				}
			}
		}
	}
	entries, err := c.audit.OfObject(ctx, c.plan.Object+":"+id)
	if err != nil {
		return nil, err
	}
	o.audit = entries
	for _, e := range entries {
		c.see(o, e.At)
	}
	var names []string
	for n := range o.known {
		names = append(names, regexp.QuoteMeta(n))
	}
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	o.finder = regexp.MustCompile(strings.Join(names, "|"))
	for i, t := range c.tables {
		dated := slices.Contains(c.plan.Dated, t.name)
		var rows [][]cell
		for _, row := range raw[i] {
			cells := make([]cell, len(row))
			for k, v := range row {
				switch v := v.(type) {
				case int64:
					if isInstant(v) {
						cells[k].at = c.see(o, clock.FromMillis(v)) + 1
						continue
					}
				case string:
					if p := c.split(o, v, dated); len(p) > 1 || len(p) == 1 && p[0].kind != literal {
						cells[k].parts = p
						continue
					}
				}
				cells[k].value = v
			}
			rows = append(rows, cells)
		}
		o.rows = append(o.rows, rows)
	}
	for _, e := range entries {
		o.notes = append(o.notes, noteCells{c.split(o, e.Object, false), c.split(o, e.Actor, false), c.split(o, e.Change, true), c.split(o, e.Reason, true)})
	}
	return o, nil
}

// validity says how long after its beginning something ends.
func (c *Copier) validity(o *Original, from any, to string) part {
	text, ok := from.(string)
	a, err := time.ParseInLocation(time.DateOnly, text, workday.Zone)
	b, err2 := time.ParseInLocation(time.DateOnly, to, workday.Zone)
	if !ok || err != nil || err2 != nil {
		return part{text: to}
	}
	months := (b.Year()-a.Year())*12 + int(b.Month()) - int(a.Month())
	if a.AddDate(0, months, -1).Before(b) && a.AddDate(0, months, 0).Sub(b) > 20*day {
		months--
	}
	return part{kind: validity, index: c.see(o, a.Add(day)), months: months, days: int(b.Sub(a.AddDate(0, months, 0)) / day)}
}

func isInstant(v int64) bool { return v > 1_500_000_000_000 && v < 2_000_000_000_000 }

// see notes an instant and the dates under which it may be written out.
func (c *Copier) see(o *Original, t time.Time) int {
	p := c.days.place(o.start, t)
	i := slices.Index(o.places, p)
	if i < 0 {
		i = len(o.places)
		o.places = append(o.places, p)
	}
	return i
}

// split takes a text apart; in dated texts also the dates written out in it.
func (c *Copier) split(o *Original, s string, dated bool) []part {
	type hit struct {
		from, to int
		part
	}
	var hits []hit
	if len(o.known) > 0 {
		for _, m := range o.finder.FindAllStringIndex(s, -1) {
			hits = append(hits, hit{m[0], m[1], o.known[s[m[0]:m[1]]]})
		}
	}
	for _, m := range millis.FindAllStringIndex(s, -1) {
		var v int64
		_, _ = fmt.Sscan(s[m[0]:m[1]], &v)
		hits = append(hits, hit{m[0], m[1], part{kind: instant, index: c.see(o, clock.FromMillis(v))}})
	}
	if c.plan.Sealed != nil {
		for _, m := range sealedText.FindAllStringIndex(s, -1) {
			if plain, ok := c.plan.Sealed.Open(o.ID, s[m[0]:m[1]]); ok {
				hits = append(hits, hit{m[0], m[1], part{kind: sealed, text: plain}})
			}
		}
	}
	if dated {
		for i, p := range slices.Clone(o.places) {
			t := c.days.at(o.start, p).Add(-time.Millisecond)
			for kind, written := range map[partKind]string{chinese: i18n.Date(i18n.Chinese, t), english: i18n.Date(i18n.English, t), isoDate: i18n.ShortDate(t)} {
				for from := 0; ; {
					k := strings.Index(s[from:], written)
					if k < 0 {
						break
					}
					hits = append(hits, hit{from + k, from + k + len(written), part{kind: kind, index: i}})
					from += k + len(written)
				}
			}
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return b.to - a.to
	})
	var out []part
	at := 0
	for _, h := range hits {
		if h.from < at {
			continue
		}
		if h.from > at {
			out = append(out, part{text: s[at:h.from]})
		}
		out = append(out, h.part)
		at = h.to
	}
	if at < len(s) || len(out) == 0 {
		out = append(out, part{text: s[at:]})
	}
	return out
}

// Copy is one copy to be written.
type Copy struct {
	Of     *Original
	Began  time.Time // a working day
	Number string
	Seed   uint64
	// Set replaces columns of the root's row; move tells where an instant of the
	// original lies in the copy.
	Set func(move func(t time.Time) time.Time) map[string]any
}

// making is a copy on its way.
type making struct {
	Copy
	ids, uniques []string
	at           []time.Time
	sealed       Sealed
}

func (m *making) join(parts []part) string {
	if len(parts) == 1 && parts[0].kind == literal {
		return parts[0].text
	}
	var b strings.Builder
	for _, p := range parts {
		switch p.kind {
		case literal:
			b.WriteString(p.text)
		case identifier:
			b.WriteString(m.ids[p.index])
		case sealed:
			b.WriteString(m.sealed.Seal(m.ids[m.Of.known[m.Of.ID].index], p.text))
		case number:
			b.WriteString(m.Number)
		case unique:
			b.WriteString(m.uniques[p.index])
		case instant:
			fmt.Fprintf(&b, "%d", clock.Millis(m.at[p.index]))
		case chinese:
			b.WriteString(i18n.Date(i18n.Chinese, m.at[p.index].Add(-time.Millisecond)))
		case english:
			b.WriteString(i18n.Date(i18n.English, m.at[p.index].Add(-time.Millisecond)))
		case isoDate:
			b.WriteString(i18n.ShortDate(m.at[p.index].Add(-time.Millisecond)))
		case validity:
			from := m.at[p.index].Add(-time.Millisecond)
			b.WriteString(i18n.ShortDate(from.AddDate(0, p.months, p.days)))
		}
	}
	return b.String()
}

// insert is the statement that writes so many rows.
func (t chosen) insert(rows int) string {
	if text, ok := t.texts[rows]; ok {
		return text
	}
	var args db.Args
	parts := make([]string, rows)
	for i := range parts {
		parts[i] = args.Row(make([]any, len(t.columns))...)
	}
	text := `INSERT INTO ` + t.name + ` (` + strings.Join(t.columns, ", ") + `) VALUES ` + strings.Join(parts, ",")
	t.texts[rows] = text
	return text
}

// values bound at once; SQLite takes 32,766.
const valuesAtOnce = 3000

// Write writes copies into the transaction of ctx.
func (c *Copier) Write(ctx context.Context, copies []Copy) error {
	all := make([]making, len(copies))
	for i, k := range copies {
		rng := rand.New(rand.NewPCG(k.Seed, 0x62756c6b)) //nolint:gosec // a course that repeats, no secret
		m := making{Copy: k, sealed: c.plan.Sealed, at: make([]time.Time, len(k.Of.places))}
		start := c.days.day(k.Began)
		for n, p := range k.Of.places {
			m.at[n] = c.days.at(start, p)
		}
		for n, old := range k.Of.ids {
			m.ids = append(m.ids, renewed(old, k.Of, c.days, start, n, rng))
		}
		for _, old := range k.Of.uniques {
			m.uniques = append(m.uniques, alike(old, rng))
		}
		all[i] = m
	}
	for ti, t := range c.tables {
		root := t.name == c.plan.Root
		atOnce := max(1, valuesAtOnce/len(t.columns))
		var args db.Args
		rows := 0
		flush := func() error {
			if rows == 0 {
				return nil
			}
			_, err := c.db.Exec(ctx, t.insert(rows), args...)
			args, rows = args[:0], 0
			if err != nil {
				return fmt.Errorf("bulk: %s: %w", t.name, err)
			}
			return nil
		}
		for i := range all {
			m := &all[i]
			for _, cells := range m.Of.rows[ti] {
				values := make([]any, len(cells))
				for k, x := range cells {
					switch {
					case x.parts != nil:
						values[k] = m.join(x.parts)
					case x.at > 0:
						values[k] = clock.Millis(m.at[x.at-1])
					default:
						values[k] = x.value
					}
				}
				if root && m.Set != nil {
					start := c.days.day(m.Began)
					for column, v := range m.Set(func(t time.Time) time.Time { return c.days.at(start, c.days.place(m.Of.start, t)) }) {
						values[slices.Index(t.columns, column)] = v
					}
				}
				args = append(args, values...)
				if rows++; rows == atOnce {
					if err := flush(); err != nil {
						return err
					}
				}
			}
		}
		if err := flush(); err != nil {
			return err
		}
	}
	var entries []audit.Entry
	for i := range all {
		m := &all[i]
		rng := rand.New(rand.NewPCG(m.Seed, 0x61756469)) //nolint:gosec // see above
		start := c.days.day(m.Began)
		for n, e := range m.Of.audit {
			cells := m.Of.notes[n]
			e.At = c.days.at(start, c.days.place(m.Of.start, e.At))
			e.ID = uuid(e.At, uint16(n), rng)
			e.Object, e.Actor, e.Change, e.Reason = m.join(cells.object), m.join(cells.actor), m.join(cells.change), m.join(cells.reason)
			entries = append(entries, e)
		}
	}
	return c.audit.Append(ctx, entries)
}

// renewed is an identifier at the place in time of the old one.
func renewed(old string, o *Original, d *days, start, n int, rng *rand.Rand) string {
	var ms int64
	if len(old) != 36 || old[14] != '7' {
		return alike(old, rng)
	}
	if _, err := fmt.Sscanf(old[:8]+old[9:13], "%x", &ms); err != nil {
		return alike(old, rng)
	}
	return uuid(d.at(start, d.place(o.start, clock.FromMillis(ms))), uint16(n), rng)
}

func uuid(t time.Time, n uint16, rng *rand.Rand) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[8:], rng.Uint64())
	binary.BigEndian.PutUint64(b[:8], uint64(t.UnixMilli())<<16|0x7000|uint64(n&0x0fff))
	b[8] = b[8]&0x3f | 0x80
	x := hex.EncodeToString(b[:])
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}

// alike is a random text of the same shape: letters, digits and marks where the
// old one has them.
func alike(old string, rng *rand.Rand) string {
	out := []byte(old)
	hexed := regexp.MustCompile(`^[0-9a-f]{32,}$`).MatchString(old)
	if len(old) < 20 { // too short to be unique by chance
		return old + "-" + strconv.FormatUint(rng.Uint64(), 36)
	}
	for i, b := range out {
		switch {
		case hexed:
			out[i] = "0123456789abcdef"[rng.IntN(16)]
		case b >= '0' && b <= '9':
			out[i] = byte('0' + rng.IntN(10))
		case b >= 'a' && b <= 'z':
			out[i] = byte('a' + rng.IntN(26))
		}
	}
	return string(out)
}
