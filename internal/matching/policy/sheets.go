package policy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// A sheet goes in by two steps: it is said what each row would do, then somebody
// has it done. It makes drafts; what is published stays as it is.

// MaxRows of a sheet.
const MaxRows = 3000

// What a row of a sheet does.
const (
	RowNew     = "new"
	RowChanged = "changed"
	RowSame    = "same"
	RowWrong   = "wrong"
)

// Finding is something about a cell.
type Finding struct {
	Column string         `json:"column"` // as the sheet calls it, "" for the row
	Code   string         `json:"code"`   // text is error.<code>
	Params map[string]any `json:"params,omitempty"`
}

// Line is what one row of a sheet would do, or did.
type Line struct {
	Row      int       `json:"row"`
	Kind     Kind      `json:"kind"`
	Key      string    `json:"key"`
	Title    i18n.Text `json:"title"`
	Does     string    `json:"does"`
	Wrong    []Finding `json:"wrong,omitempty"` // why it is left out
	Open     []Finding `json:"open,omitempty"`  // to be mended before it is proposed
	paper    Paper
	existing Paper
}

// Counts of a sheet.
type Counts struct {
	New, Changed, Same, Wrong int
}

// Sheet is one that somebody brought.
type Sheet struct {
	ID        string
	FileID    string
	FileName  string
	State     string // checked, taken
	Counts    Counts
	Lines     []Line
	CreatedBy string
	CreatedAt time.Time
	Version   int
}

// States of sheets.
const (
	SheetChecked = "checked"
	SheetTaken   = "taken"
)

// word of a choice in both languages.
func (s *Service) word(key string) i18n.Text {
	return i18n.Text{ZH: s.Texts.Text(i18n.Chinese, key), EN: s.Texts.Text(i18n.English, key)}
}

// Heads are the names of the columns.
func Heads(l i18n.Locale) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.name.In(l)
	}
	return out
}

// Export writes the papers that the actor keeps, as they are published or, where
// nothing is, as they are drafted. It comes in again unchanged.
func (s *Service) Export(ctx context.Context, actor auth.Actor, w sheet.Writer, l i18n.Locale) error {
	papers, err := s.Papers(ctx, actor)
	if err != nil {
		return err
	}
	if err := w.Write(Heads(l)); err != nil {
		return err
	}
	for _, p := range papers {
		r := rowOf(p, p.Latest())
		cells := make([]string, len(columns))
		for i, c := range columns {
			cells[i] = c.write(&r, func(key string) string { return s.Texts.Text(l, key) })
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		return s.Audit.Record(ctx, actor, audit.Note{Action: "policy.export", Object: "policies", Change: map[string]any{"rows": len(papers)}})
	})
}

func rowOf(p Paper, b Body) row {
	r := row{clause: p.Kind == KindClause, document: Document{Key: p.Document}}
	switch {
	case b.Document != nil:
		r.document = *b.Document
	case b.Clause != nil:
		r.Clause = *b.Clause
	}
	return r
}

// plan says what each row of a sheet would do.
func (s *Service) plan(ctx context.Context, actor auth.Actor, src sheet.Source) ([]Line, error) {
	var known []string
	for _, c := range columns {
		known = append(known, c.key, c.name.ZH, c.name.EN)
	}
	t, err := sheet.Open(src, sheet.Options{Known: known, MaxRows: MaxRows, MaxCell: 8 * longText})
	if err != nil {
		return nil, err
	}
	defer func() { _ = t.Close() }()
	at := map[string]int{}
	for i, h := range t.Header {
		for _, c := range columns {
			if slices.ContainsFunc([]string{c.key, c.name.ZH, c.name.EN}, func(n string) bool { return sheet.Canonical(n) == sheet.Canonical(h) }) {
				if _, twice := at[c.key]; twice {
					return nil, sheet.ErrColumnTwice.With("column", h)
				}
				at[c.key] = i
			}
		}
	}
	for _, key := range []string{"document", "clause", "title"} {
		if _, ok := at[key]; !ok {
			i := slices.IndexFunc(columns, func(c column) bool { return c.key == key })
			return nil, sheet.ErrMissing.With("columns", columns[i].name.ZH)
		}
	}
	have, err := s.store.papers(ctx)
	if err != nil {
		return nil, fmt.Errorf("policy: plan: %w", err)
	}
	p := &planner{s: s, actor: actor, at: at, header: t.Header, have: map[Ref]Paper{}, departments: map[string]string{}, seen: map[Ref]int{}}
	for _, x := range have {
		p.have[Ref{Kind: x.Kind, Key: x.Key}] = x
		if x.Kind == KindDocument {
			p.departments[x.Key] = departmentOf(x)
		}
	}
	var rows []sheet.Row
	for {
		r, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	// Documents first: a clause may stand above its own.
	order := func(r sheet.Row) int { return min(1, len(r.Cells[at["clause"]])) }
	slices.SortStableFunc(rows, func(a, b sheet.Row) int { return order(a) - order(b) })
	for _, r := range rows {
		p.take(r)
	}
	return p.lines, p.look(ctx)
}

// planner gathers what the rows of a sheet would do.
type planner struct {
	s           *Service
	actor       auth.Actor
	at          map[string]int
	header      []string
	have        map[Ref]Paper
	departments map[string]string // of documents, those of the sheet among them
	seen        map[Ref]int
	lines       []Line
}

func (p *planner) take(r sheet.Row) {
	cell := func(key string) string {
		if i, ok := p.at[key]; ok {
			return r.Cells[i]
		}
		return ""
	}
	x := row{clause: cell("clause") != ""}
	l := Line{Row: r.Number, Kind: KindDocument, Does: RowNew}
	if x.clause {
		l.Kind = KindClause
	}
	wrong := func(column string, err *errs.Error) {
		l.Wrong = append(l.Wrong, Finding{column, err.Code, err.Params})
	}
	for _, f := range r.Faults {
		wrong(f.Column, f.Err)
	}
	// Columns that the sheet does not have stay as they are.
	key := map[bool]string{true: "clause", false: "document"}[x.clause]
	old, exists := p.have[Ref{Kind: l.Kind, Key: cell(key)}]
	foreign := exists && !edits(p.actor, p.departments[old.Document])
	if foreign { // nothing of it goes into the report but that its key is taken
		old, exists = Paper{}, false
	}
	if exists {
		x = rowOf(old, old.Latest())
	}
	for _, c := range columns {
		i, there := p.at[c.key]
		if !there {
			continue
		}
		switch {
		case !c.of(x.clause) && r.Cells[i] != "":
			wrong(p.header[i], errPlace)
		case c.of(x.clause) && !c.read(&x, r.Cells[i], p.s.word):
			wrong(p.header[i], errCell.With("value", r.Cells[i]))
		}
	}
	l.paper = Paper{Kind: l.Kind, Key: x.document.Key, Document: x.document.Key}
	if x.clause {
		c := x.tidy()
		l.paper.Key, l.paper.Draft, l.Title = c.Key, Body{Clause: &c}, c.Title
	} else {
		d := x.document.tidy()
		l.paper.Key, l.paper.Draft, l.Title = d.Key, Body{Document: &d}, d.Title
	}
	l.Key, l.existing = l.paper.Key, old
	if foreign {
		wrong(p.headOf(key), ErrKeyTaken.With("key", l.Key))
		l.Does = RowWrong
	} else {
		p.judge(&l, x, exists)
	}
	p.lines = append(p.lines, l)
}

// judge says whether a row can be taken in, and what that does.
func (p *planner) judge(l *Line, x row, exists bool) {
	wrong := func(column string, err *errs.Error) {
		l.Wrong = append(l.Wrong, Finding{column, err.Code, err.Params})
	}
	for _, f := range errs.FieldsOf(draftable(l.Key, l.Title)) {
		at := f.Name
		if at == "key" && !x.clause {
			at = "document"
		}
		l.Wrong = append(l.Wrong, Finding{p.headOf(at), f.Code, f.Params})
	}
	id := Ref{Kind: l.Kind, Key: l.Key}
	if first, twice := p.seen[id]; twice {
		wrong("", errRowTwice.With("row", first))
	}
	p.seen[id] = l.Row
	department, known := p.departments[l.paper.Document]
	switch {
	case x.clause && !known:
		wrong(p.headOf("document"), ErrNotFound)
	case !x.clause && !known:
		department = x.document.Department
		p.departments[l.Key] = department
	case x.clause && exists && l.existing.Document != l.paper.Document:
		wrong(p.headOf("document"), ErrOther.With("key", l.Key).With("document", l.existing.Document))
	}
	switch {
	case len(l.Wrong) > 0:
	case known && !edits(p.actor, department):
		wrong(p.headOf("document"), ErrNotFound)
	case !x.clause && !edits(p.actor, x.document.Department), x.clause && !edits(p.actor, department):
		l.Wrong = append(l.Wrong, Finding{Column: "", Code: badForeign})
	}
	switch {
	case len(l.Wrong) > 0:
		l.Does = RowWrong
	case exists && l.existing.Latest().Same(l.paper.Draft):
		l.Does = RowSame
	case exists:
		l.Does = RowChanged
		if l.existing.Stage != None {
			l.Open = append(l.Open, Finding{Code: errOverDraft.Code})
		}
	}
}

// headOf is the column of a field as the sheet calls it.
func (p *planner) headOf(field string) string {
	c, ok := columnFor(field)
	if i, there := p.at[c.key]; ok && there {
		return p.header[i]
	}
	return c.name.ZH
}

// look adds what is to be mended before a row can be proposed.
func (p *planner) look(ctx context.Context) error {
	var with []Paper
	for _, l := range p.lines {
		if l.Does != RowWrong {
			with = append(with, l.paper)
		}
	}
	w, err := p.s.world(ctx, with)
	if err != nil {
		return err
	}
	for i := range p.lines {
		l := &p.lines[i]
		if l.Does != RowNew && l.Does != RowChanged {
			continue
		}
		for _, f := range errs.FieldsOf(check(l.paper, w)) {
			l.Open = append(l.Open, Finding{p.headOf(f.Name), f.Code, f.Params})
		}
	}
	return nil
}

// inOrder is the order of the sheet.
func inOrder(a, b Line) int { return a.Row - b.Row }

func count(lines []Line) (c Counts) {
	for _, l := range lines {
		switch l.Does {
		case RowNew:
			c.New++
		case RowChanged:
			c.Changed++
		case RowSame:
			c.Same++
		default:
			c.Wrong++
		}
	}
	return c
}

const sheetColumns = `id, file_id, file_name, state, counts, lines, created_by, created_at, version`

func scanSheet(r db.Scanner) (x Sheet, err error) {
	return x, r.Scan(&x.ID, &x.FileID, &x.FileName, &x.State, db.JSON[Counts]{V: &x.Counts}, db.JSON[[]Line]{V: &x.Lines}, &x.CreatedBy, db.Time{Time: &x.CreatedAt}, &x.Version)
}

// Upload is a sheet that somebody hands in.
type Upload struct {
	Name    string
	Content io.Reader
	Limit   int64
}

// Bring keeps a sheet and says what its rows would do; nothing else is changed yet.
func (s *Service) Bring(ctx context.Context, actor auth.Actor, in Upload) (string, error) {
	if !Administers(actor) && len(Departments(actor)) == 0 {
		return "", ErrForbidden
	}
	blob, err := s.Files.PutSheet(ctx, in.Content, in.Name, in.Limit)
	if err != nil {
		return "", atFile(err)
	}
	now := s.Clock.Now()
	id := ids.New(now)
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		f, err := s.Files.Register(ctx, blob, in.Name, actor.ID)
		if err != nil {
			return err
		}
		lines, err := s.planFile(ctx, actor, f)
		if err != nil {
			return err
		}
		slices.SortStableFunc(lines, inOrder)
		if _, err := s.DB.Exec(ctx, `INSERT INTO matching_sheet (`+sheetColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,1)`,
			id, f.ID, f.Name, SheetChecked, db.ToJSON(count(lines)), db.ToJSON(lines), actor.ID, db.MS(now)); err != nil {
			return fmt.Errorf("policy: bring: %w", err)
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "policy.bring", Object: "policies", Change: map[string]any{"sheet": id, "sha256": blob.SHA256, "counts": count(lines)}})
	})
	return id, atFile(err)
}

// atFile puts what is wrong with a file as a whole at its input.
func atFile(err error) error {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Kind != errs.Invalid || len(e.Fields) > 0 {
		return err
	}
	return ErrInvalid.At("file", e.Code, i18n.Map(e.Params)...)
}

func (s *Service) planFile(ctx context.Context, actor auth.Actor, f files.File) ([]Line, error) {
	content, err := s.Files.Open(f)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	defer func() { _ = content.Close() }()
	b, err := io.ReadAll(content)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	return s.plan(ctx, actor, sheet.Source{ReaderAt: strings.NewReader(string(b)), Size: int64(len(b))})
}

// Sheets lists those that the actor brought, an administrator all, the newest first.
func (s *Service) Sheets(ctx context.Context, actor auth.Actor) ([]Sheet, error) {
	if !Administers(actor) && len(Departments(actor)) == 0 {
		return nil, ErrForbidden
	}
	list, err := db.List(ctx, s.DB.Read(ctx), scanSheet, `SELECT `+sheetColumns+` FROM matching_sheet WHERE created_by=$1 OR $2 ORDER BY created_at DESC, id DESC LIMIT 50`, actor.ID, Administers(actor))
	if err != nil {
		return nil, fmt.Errorf("policy: sheets: %w", err)
	}
	return list, nil
}

// Sheet returns one; somebody else's is ErrNotFound but for administrators.
func (s *Service) Sheet(ctx context.Context, actor auth.Actor, id string) (Sheet, error) {
	x, ok, err := db.Maybe(ctx, s.DB.Read(ctx), scanSheet, `SELECT `+sheetColumns+` FROM matching_sheet WHERE id=$1`, id)
	if err != nil {
		return x, fmt.Errorf("policy: sheet: %w", err)
	}
	if !ok || x.CreatedBy != actor.ID && !Administers(actor) || actor.Kind != auth.Staff {
		return Sheet{}, ErrNotFound
	}
	return x, nil
}

// Take makes drafts of the rows of a checked sheet; those that are wrong are left
// out, and each row is judged once more as things stand now.
func (s *Service) Take(ctx context.Context, actor auth.Actor, id string, version int) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		x, err := s.Sheet(ctx, actor, id)
		switch {
		case err != nil:
			return err
		case x.State != SheetChecked:
			return ErrState
		case x.Version != version:
			return db.ErrStale
		}
		f, err := s.Files.Find(ctx, x.FileID)
		if err != nil {
			return err
		}
		lines, err := s.planFile(ctx, actor, f)
		if err != nil {
			return err
		}
		for _, l := range lines {
			if l.Does != RowNew && l.Does != RowChanged {
				continue
			}
			if _, err := s.keepIn(ctx, actor, l.paper, l.existing.Version); err != nil {
				return fmt.Errorf("policy: row %d: %w", l.Row, err)
			}
		}
		slices.SortStableFunc(lines, inOrder)
		if err := s.DB.ExecOne(ctx, `UPDATE matching_sheet SET state=$1, counts=$2, lines=$3, version=version+1 WHERE id=$4 AND version=$5`,
			SheetTaken, db.ToJSON(count(lines)), db.ToJSON(lines), id, version); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "policy.take", Object: "policies", Change: map[string]any{"sheet": id, "counts": count(lines)}})
	})
}
