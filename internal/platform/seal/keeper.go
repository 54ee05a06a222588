package seal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/platform/db"
)

// Column is one that holds sealed text, alone or inside a JSON text.
type Column struct {
	Table   string
	ID      string // primary key, or its first column
	Part    string // its second column, a number, "" for none
	Row     string // column whose value the text is bound to
	Text    string
	Purpose string
	Index   string                    // column of the blind index, "" for none
	Form    func(plain string) string // in which it is indexed, nil for as it is
	Where   string                    // narrows to the rows that are sealed, "" for all
	JSON    bool                      // the sealed texts stand inside a JSON value
	// Plain seals what an older release left in clear; nil seals the whole text.
	// Row and text are those of the row; the same text again means: nothing to do.
	Plain func(ctx context.Context, row, text string) (string, error)
	// Also brings what else hangs on the index of a row up to date, in the same transaction.
	Also func(ctx context.Context, id, plain string) error
}

func (c Column) name() string { return c.Table + "." + c.Text }

func (c Column) where() string {
	if c.Where == "" {
		return ""
	}
	return " AND " + c.Where
}

// text of the column in SQL: JSON is compared as text.
func (c Column) text() string {
	if c.JSON {
		return "CAST(" + c.Text + " AS TEXT)"
	}
	return "COALESCE(" + c.Text + ", '')"
}

// Vault is what holds sealed files.
type Vault interface {
	// Plain counts the files that an older release wrote in clear.
	Plain(ctx context.Context) (int, error)
	// Uses counts the files that need each key.
	Uses(ctx context.Context) (map[string]int64, error)
	// Reseal seals with the key write what is in clear, or sealed with another.
	Reseal(ctx context.Context, write string) (int, error)
}

// vaultName stands for the files where columns are named.
const vaultName = "files"

// Keeper sees to the sealed columns of all modules, and to the files.
type Keeper struct {
	ring    *Ring
	db      *db.DB
	clock   clock.Clock
	columns []Column
	vault   Vault
}

// Watch has the keeper see to files, too.
func (k *Keeper) Watch(v Vault) { k.vault = v }

// NewKeeper returns the keeper of some columns.
func NewKeeper(r *Ring, d *db.DB, c clock.Clock, columns ...Column) *Keeper {
	return &Keeper{ring: r, db: d, clock: c, columns: columns}
}

// Known returns the ids of keys that the database was sealed with and that are
// not retired: a ring without them cannot read it.
func Known(ctx context.Context, d *db.DB) (map[string]string, error) {
	out := map[string]string{}
	_, err := db.List(ctx, d.Read(ctx), func(s db.Scanner) (x struct{}, err error) {
		var id, print string
		err = s.Scan(&id, &print)
		out[id] = print
		return x, err
	}, `SELECT id, fingerprint FROM seal_key WHERE retired_at = 0`)
	if err != nil {
		return nil, fmt.Errorf("seal: known keys: %w", err)
	}
	return out, nil
}

// Open returns the ring for a migrated database. The file of keys is made only
// for a database that nothing was sealed in; for any other a missing or wrong
// key is an error, before anything is written.
func Open(ctx context.Context, src Source, c clock.Clock, d *db.DB) (*Ring, error) {
	known, err := Known(ctx, d)
	if err != nil {
		return nil, err
	}
	var r *Ring
	if len(known) == 0 {
		r, err = Make(src, c)
	} else if r, err = Read(src, c); errors.Is(err, ErrNoKeys) {
		err = fmt.Errorf("%w at %s, but the database holds text that was sealed with some: bring the file back from its copy", err, src.File)
	}
	if err != nil {
		return nil, err
	}
	have := r.Keys()
	by := make(map[string]string, len(have))
	for _, k := range have {
		by[k.ID] = k.fingerprint
	}
	for id, print := range known {
		if got, ok := by[id]; !ok {
			return nil, fmt.Errorf("seal: the database holds text that was sealed with key %s, which the ring does not have: bring the keys back from their copy", id)
		} else if got != print {
			return nil, fmt.Errorf("seal: key %s of the ring is another than the one that sealed text in the database", id)
		}
	}
	return r, d.InTx(ctx, func(ctx context.Context) error { return note(ctx, d, c, have, known) })
}

// note writes down the keys of the ring that the database does not know.
func note(ctx context.Context, d *db.DB, c clock.Clock, have []KeyInfo, known map[string]string) error {
	for _, k := range have {
		if _, ok := known[k.ID]; ok {
			continue
		}
		if _, err := d.Exec(ctx, `INSERT INTO seal_key (id, suite, fingerprint, noted_at, retired_at) VALUES ($1,$2,$3,$4,0) ON CONFLICT (id) DO NOTHING`,
			k.ID, k.Suite, k.fingerprint, db.MS(c.Now())); err != nil {
			return fmt.Errorf("seal: note keys: %w", err)
		}
	}
	return nil
}

// Note writes down keys that were made since the start.
func (k *Keeper) Note(ctx context.Context) error {
	known, err := Known(ctx, k.db)
	if err != nil {
		return err
	}
	return k.db.InTx(ctx, func(ctx context.Context) error { return note(ctx, k.db, k.clock, k.ring.Keys(), known) })
}

// atOnce is how many rows one transaction rewrites: it holds the only writer of
// SQLite for some milliseconds.
const atOnce = 100

type sealedRow struct {
	id, row, text, index string
	part                 int64
}

// walk takes the rows of a column that a condition holds for, in the order of
// their keys, and rewrites them.
func (k *Keeper) walk(ctx context.Context, c Column, cond string, args []any, change func(ctx context.Context, r sealedRow) (text, plain string, err error)) (int, error) {
	index := "''"
	if c.Index != "" {
		index = c.Index
	}
	part := "0+0" // a plain 0 would be the place of a column in ORDER BY
	if c.Part != "" {
		part = c.Part
	}
	var last sealedRow
	n := 0
	for {
		var a db.Args = append(db.Args{}, args...)
		rows, err := db.List(ctx, k.db.Read(ctx), func(s db.Scanner) (r sealedRow, err error) {
			return r, s.Scan(&r.id, &r.row, &r.text, &r.index, &r.part)
		}, `SELECT `+c.ID+`, `+c.Row+`, `+c.text()+`, `+index+`, `+part+` FROM `+c.Table+` WHERE (`+cond+`)`+c.where()+` AND (`+c.ID+` > `+a.Add(last.id)+` OR `+c.ID+` = `+a.Add(last.id)+` AND `+part+` > `+a.Add(last.part)+`) ORDER BY `+c.ID+`, `+part+` LIMIT `+a.Add(atOnce), a...)
		if err != nil {
			return n, fmt.Errorf("seal: %s: %w", c.name(), err)
		}
		if len(rows) == 0 {
			return n, nil
		}
		err = k.db.InTx(ctx, func(ctx context.Context) error {
			for _, r := range rows {
				text, plain, err := change(ctx, r)
				if err != nil {
					return fmt.Errorf("row %s: %w", r.id, err)
				}
				if err := k.put(ctx, c, r, text, plain); err != nil {
					return fmt.Errorf("row %s: %w", r.id, err)
				}
			}
			return nil
		})
		if err != nil {
			return n, fmt.Errorf("seal: %s: %w", c.name(), err)
		}
		n += len(rows)
		last = rows[len(rows)-1]
	}
}

// put writes a row that nobody changed meanwhile; what somebody did change, he
// sealed with the newest key. The version of the row stays: it says the same.
func (k *Keeper) put(ctx context.Context, c Column, r sealedRow, text, plain string) error {
	index := ""
	if c.Index != "" {
		if c.Form != nil {
			plain = c.Form(plain)
		}
		index = k.ring.Index(c.Purpose, plain)
	}
	if text == r.text && index == r.index {
		return nil
	}
	set, args := c.Text+`=$3`, []any{r.id, r.text, text}
	if c.Index != "" {
		set, args = set+`, `+c.Index+`=$4`, append(args, index)
	}
	where := c.ID + `=$1 AND ` + c.text() + `=$2`
	if c.Part != "" {
		args = append(args, r.part)
		where += fmt.Sprintf(` AND %s=$%d`, c.Part, len(args))
	}
	n, err := k.db.Exec(ctx, `UPDATE `+c.Table+` SET `+set+` WHERE `+where, args...)
	if err != nil || n == 0 || c.Also == nil {
		return err
	}
	return c.Also(ctx, r.id, plain)
}

// SealPlain seals what older releases wrote in clear. It takes up where it
// stopped, and looks at a column only until it is done with it.
func (k *Keeper) SealPlain(ctx context.Context) error {
	for _, c := range k.columns {
		_, done, err := db.Maybe(ctx, k.db.Read(ctx), db.Scalar[int64], `SELECT done_at FROM seal_column WHERE name=$1`, c.name())
		if err != nil {
			return fmt.Errorf("seal: %s: %w", c.name(), err)
		}
		if done {
			continue
		}
		cond := c.text() + ` NOT LIKE 'tb1.%' AND ` + c.text() + ` <> ''`
		if c.Plain != nil {
			cond = c.text() + ` <> ''`
		}
		if _, err := k.walk(ctx, c, cond, nil, func(ctx context.Context, r sealedRow) (string, string, error) {
			if c.Plain != nil {
				text, err := c.Plain(ctx, r.row, r.text)
				return text, "", err
			}
			return k.ring.Seal(c.Purpose, r.row, r.text), r.text, nil
		}); err != nil {
			return err
		}
		if err := k.db.InTx(ctx, func(ctx context.Context) error {
			_, err := k.db.Exec(ctx, `INSERT INTO seal_column (name, done_at) VALUES ($1,$2) ON CONFLICT (name) DO NOTHING`, c.name(), db.MS(k.clock.Now()))
			return err
		}); err != nil {
			return fmt.Errorf("seal: %s: %w", c.name(), err)
		}
	}
	return nil
}

// Plain names the columns in which something may still stand in clear, as an
// older release wrote it, and "files" for those; none once SealPlain and Reseal
// are through.
func (k *Keeper) Plain(ctx context.Context) ([]string, error) {
	var out []string
	for _, c := range k.columns {
		_, done, err := db.Maybe(ctx, k.db.Read(ctx), db.Scalar[int64], `SELECT done_at FROM seal_column WHERE name=$1`, c.name())
		if err != nil {
			return nil, fmt.Errorf("seal: %s: %w", c.name(), err)
		}
		if !done {
			out = append(out, c.name())
		}
	}
	if k.vault == nil {
		return out, nil
	}
	n, err := k.vault.Plain(ctx)
	if err != nil {
		return nil, fmt.Errorf("seal: %s: %w", vaultName, err)
	}
	if n > 0 {
		out = append(out, vaultName)
	}
	return out, nil
}

// Reseal rewrites what was not sealed, or not indexed, with the present keys. It
// may be stopped at any time and run again. It returns how many rows it rewrote.
func (k *Keeper) Reseal(ctx context.Context, told func(column string, rows int)) (int, error) {
	if at := k.ring.Settled(); !at.IsZero() {
		return 0, fmt.Errorf("seal: the new index key is written with from %s; try again then", at.Format(time.TimeOnly))
	}
	if err := k.Note(ctx); err != nil {
		return 0, err
	}
	var write, index string
	for _, key := range k.ring.Keys() {
		if key.Writes && key.For == "data" {
			write = key.ID
		}
		if key.Writes && key.For == "index" {
			index = key.ID
		}
	}
	all := 0
	for _, c := range k.columns {
		cond, args := c.text()+` LIKE 'tb1.%' AND `+c.text()+` NOT LIKE $1`, []any{"tb1.____" + write + ".%"}
		if c.JSON { // rows with several texts are looked at whole: those under the newest key alone stay as they are
			cond, args = c.text()+` LIKE '%tb1.%' AND (`+k.olderIn(c, write)+`)`, nil
		}
		if c.Index != "" {
			args = append(args, index+".%")
			cond = `(` + cond + `) OR ` + c.Index + ` <> '' AND ` + c.Index + ` NOT LIKE $2`
		}
		n, err := k.walk(ctx, c, cond, args, func(_ context.Context, r sealedRow) (string, string, error) { return k.again(c, r, write) })
		all += n
		if err != nil {
			return all, err
		}
		if told != nil {
			told(c.name(), n)
		}
	}
	if k.vault == nil {
		return all, nil
	}
	n, err := k.vault.Reseal(ctx, write)
	if err != nil {
		return all + n, fmt.Errorf("seal: %s: %w", vaultName, err)
	}
	if told != nil {
		told(vaultName, n)
	}
	return all + n, nil
}

// olderIn says in SQL that a JSON text holds something of another key of the ring.
func (k *Keeper) olderIn(c Column, write string) string {
	conds := []string{"1=0"}
	for _, key := range k.ring.Keys() {
		if key.For == "data" && key.ID != write {
			conds = append(conds, c.text()+` LIKE '%tb1.____`+key.ID+`.%'`)
		}
	}
	return strings.Join(conds, " OR ")
}

// again seals the texts of a row under the present key.
func (k *Keeper) again(c Column, r sealedRow, write string) (text, plain string, err error) {
	text = sealedText.ReplaceAllStringFunc(r.text, func(old string) string {
		p, e := k.ring.Open(c.Purpose, r.row, old)
		if e != nil {
			err = errors.Join(err, e)
			return old
		}
		if plain = p; strings.HasPrefix(old[len("tb1.aes."):], write+".") {
			return old
		}
		return k.ring.Seal(c.Purpose, r.row, p)
	})
	return text, plain, err
}

// Use says how many rows of a column use a key.
type Use struct {
	Column string
	Key    string
	Rows   int64
}

// Uses counts what uses which key of the ring.
func (k *Keeper) Uses(ctx context.Context) ([]Use, error) {
	var out []Use
	for _, c := range k.columns {
		for _, key := range k.ring.Keys() {
			cond, arg := "", ""
			switch {
			case key.For == "data" && c.JSON:
				cond, arg = c.text()+` LIKE $1`, "%tb1.____"+key.ID+".%"
			case key.For == "data":
				cond, arg = c.text()+` LIKE $1`, "tb1.____"+key.ID+".%"
			case key.For == "index" && c.Index != "":
				cond, arg = c.Index+` LIKE $1`, key.ID+".%"
			default:
				continue
			}
			n, err := db.One(ctx, k.db.Read(ctx), db.Scalar[int64], `SELECT count(*) FROM `+c.Table+` WHERE `+cond+c.where(), arg)
			if err != nil {
				return nil, fmt.Errorf("seal: %s: %w", c.name(), err)
			}
			if n > 0 {
				out = append(out, Use{Column: c.name(), Key: key.ID, Rows: n})
			}
		}
	}
	if k.vault == nil {
		return out, nil
	}
	files, err := k.vault.Uses(ctx)
	if err != nil {
		return nil, fmt.Errorf("seal: %s: %w", vaultName, err)
	}
	for _, id := range slices.Sorted(maps.Keys(files)) {
		out = append(out, Use{Column: vaultName, Key: id, Rows: files[id]})
	}
	return out, nil
}

// ErrUsed says that something still needs a key.
var ErrUsed = errors.New("seal: the key is still in use; reseal first")

// Retire takes a key out of the ring that nothing uses any more. What only an
// old copy of the database holds under it can then be read with an old copy of
// the keys only.
func (k *Keeper) Retire(ctx context.Context, id string) error {
	uses, err := k.Uses(ctx)
	if err != nil {
		return err
	}
	for _, u := range uses {
		if u.Key == id {
			return fmt.Errorf("%w: %d rows of %s", ErrUsed, u.Rows, u.Column)
		}
	}
	// First the database: a ring without a key that the database asks for cannot start.
	if err := k.db.InTx(ctx, func(ctx context.Context) error {
		_, err := k.db.Exec(ctx, `UPDATE seal_key SET retired_at=$2 WHERE id=$1`, id, db.MS(k.clock.Now()))
		return err
	}); err != nil {
		return fmt.Errorf("seal: retire: %w", err)
	}
	if err := k.ring.drop(id); err != nil {
		return errors.Join(err, k.db.InTx(ctx, func(ctx context.Context) error {
			_, err := k.db.Exec(ctx, `UPDATE seal_key SET retired_at=0 WHERE id=$1`, id)
			return err
		}))
	}
	return nil
}
