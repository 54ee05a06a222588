package dossier

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// What a row of a sheet would do.
const (
	RowNew      = "new"
	RowChanged  = "changed"
	RowSame     = "same"
	RowConflict = "conflict" // differs from another verified source: a person decides
	RowWrong    = "wrong"
)

// SheetOptions are what a sheet does not say itself.
type SheetOptions struct {
	Register  string `json:"register"`  // whose sheet it is
	AsOf      string `json:"as_of"`     // ISO date for which it speaks
	Confirmed bool   `json:"confirmed"` // codes that fail the check were compared with the licences
}

// SheetFinding is what is wrong with a cell.
type SheetFinding struct {
	Column string         `json:"column"`
	Code   string         `json:"code"` // text is error.<code>
	Params map[string]any `json:"params,omitempty"`
}

// SheetRow is what one row would do.
type SheetRow struct {
	Row      int            `json:"row"`
	USCC     string         `json:"uscc"`
	Name     string         `json:"name"`
	Kind     string         `json:"kind"`
	Keys     []string       `json:"keys,omitempty"` // facts that change, or differ
	Findings []SheetFinding `json:"findings,omitempty"`
}

// SheetCounts of a sheet.
type SheetCounts struct {
	Read     int `json:"read"`
	New      int `json:"new"`
	Changed  int `json:"changed"`
	Same     int `json:"same"`
	Conflict int `json:"conflict"`
	Wrong    int `json:"wrong"`
}

func (c *SheetCounts) add(kind string) {
	c.Read++
	switch kind {
	case RowNew:
		c.New++
	case RowChanged:
		c.Changed++
	case RowSame:
		c.Same++
	case RowConflict:
		c.Conflict++
	default:
		c.Wrong++
	}
}

// Names of the columns that are no facts.
var (
	codeColumns = []string{"统一社会信用代码", "信用代码", "credit code", "uscc"}
	yearColumns = []string{"年度", "年份", "year"}
)

// column of a sheet that is a fact.
type column struct {
	at   int
	head string
	def  *Def
	yuan bool // money in yuan, not in 10,000
}

// layout is what the columns of a sheet mean.
type layout struct {
	code, year int
	facts      []column
}

// headOf takes the unit out of a head: 营业收入（元）.
func headOf(head string) (name string, yuan bool) {
	name = sheet.Canonical(head)
	for _, unit := range []string{"(元)", "(yuan)"} {
		if s, ok := strings.CutSuffix(name, unit); ok {
			return s, true
		}
	}
	for _, unit := range []string{"(万元)", "(人)", "(件)", "(项)", "(%)", "(平方米)", "(10,000yuan)"} {
		name = strings.TrimSuffix(name, unit)
	}
	return name, false
}

// columnsOf lists the heads that a sheet may have, and which fact each is.
func (v *Vocabulary) columnsOf() map[string]*Def {
	out := map[string]*Def{}
	for _, d := range v.Facts {
		if d.By(Registry) {
			for _, n := range []string{d.Key, d.Name.ZH, d.Name.EN} {
				out[sheet.Canonical(n)] = d
			}
		}
	}
	return out
}

// known are the heads by which the head of a sheet is found.
func (v *Vocabulary) known() []string {
	out := append(append([]string{}, codeColumns...), yearColumns...)
	for n, d := range v.columnsOf() {
		out = append(out, n)
		for _, unit := range []string{"(元)", "(万元)", "(" + d.Unit.ZH + ")"} {
			out = append(out, n+unit)
		}
	}
	return out
}

// layout finds out what the columns mean in a sheet of any register.
func (v *Vocabulary) layout(header []string) (layout, error) {
	l, names := layout{code: -1, year: -1}, v.columnsOf()
	for i, h := range header {
		name, yuan := headOf(h)
		switch {
		case isOne(name, codeColumns):
			l.code = i
		case isOne(name, yearColumns):
			l.year = i
		case names[name] != nil:
			l.facts = append(l.facts, column{i, h, names[name], yuan})
		}
	}
	if l.code < 0 {
		return l, sheet.ErrMissing.With("columns", codeColumns[0])
	}
	return l, nil
}

func isOne(name string, of []string) bool {
	for _, c := range of {
		if name == sheet.Canonical(c) {
			return true
		}
	}
	return false
}

// eachRow reads a sheet and hands over what each row says.
func (s *Service) eachRow(ctx context.Context, src sheet.Source, o SheetOptions, ref string, f func(SheetRow, Opening) error) error {
	t, err := sheet.Open(src, sheet.Options{Known: s.vocab.known()})
	if err != nil {
		return err
	}
	defer func() { _ = t.Close() }()
	l, err := s.vocab.layout(t.Header)
	if err != nil {
		return err
	}
	for {
		r, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		row, in := s.readRow(r, l, t.Header, o, ref)
		if err := f(row, in); err != nil {
			return err
		}
	}
}

// readRow reads one row; what is wrong with it is named at its cell.
func (s *Service) readRow(r sheet.Row, l layout, header []string, o SheetOptions, ref string) (SheetRow, Opening) {
	row := SheetRow{Row: r.Number}
	wrong := func(column, code string, params map[string]any) {
		row.Findings = append(row.Findings, SheetFinding{column, code, params})
	}
	for _, f := range r.Faults {
		wrong(f.Column, f.Err.Code, f.Err.Params)
	}
	checked := idcode.CheckUSCC(r.Cells[l.code])
	row.USCC = checked.Normalised
	if !checked.OK(true) {
		wrong(header[l.code], ErrUSCC.Code, nil)
	} else if !checked.OK(o.Confirmed) {
		wrong(header[l.code], ErrConfirm.Code, nil)
	}
	year := 0
	if l.year >= 0 && r.Cells[l.year] != "" {
		n, err := strconv.Atoi(strings.TrimSuffix(r.Cells[l.year], "年"))
		if year = n; err != nil || !s.yearOK(n) {
			wrong(header[l.year], ErrYear.Code, map[string]any{"from": firstYear, "to": s.closedYear() + 1})
			year = 0
		}
	}
	in := Opening{USCC: row.USCC, Confirmed: o.Confirmed}
	for _, c := range l.facts {
		if r.Cells[c.at] == "" {
			continue // what a sheet does not say stays as it is
		}
		if c.def.Register != o.Register {
			wrong(c.head, ErrNotSaid.Code, nil) // what another register keeps
			continue
		}
		value, err := c.parse(r.Cells[c.at])
		switch x, ok := errors.AsType[*errs.Error](err); {
		case ok:
			wrong(c.head, x.Code, x.Params)
			continue
		case c.def.Yearly && year == 0:
			wrong(c.head, ErrYear.Code, map[string]any{"from": firstYear, "to": s.closedYear() + 1})
			continue
		}
		w := Word{Key: c.def.Key, Value: value, Source: Registry, Origin: o.Register, Ref: ref, AsOf: o.AsOf}
		if c.def.Yearly {
			w.Year = year
		}
		if c.def.Key == "name" {
			row.Name = value
		}
		in.Words = append(in.Words, w)
	}
	if len(row.Findings) > 0 {
		row.Kind = RowWrong
	}
	return row, in
}

func (c column) parse(cell string) (string, error) {
	if c.yuan && c.def.Type == Money {
		return c.def.Yuan(cell)
	}
	return c.def.Parse(cell)
}

// judge says what a row would do that is right in itself.
func (s *Service) judge(ctx context.Context, actor auth.Actor, row *SheetRow, in Opening) error {
	e, err := s.Identity.EnterpriseByUSCC(ctx, in.USCC)
	if isNotFound(err) {
		region, ok := "", false
		for _, w := range in.Words {
			if w.Key == "region" {
				region, ok = s.regionHere(w.Value)
			}
		}
		if !ok {
			region, ok = s.regionHere(in.Region)
		}
		if !ok || !s.steward(actor, region, "") {
			row.Kind, row.Findings = RowWrong, append(row.Findings, SheetFinding{Column: "region", Code: ErrOutside.Code})
			return nil
		}
		row.Kind = RowNew
		return nil
	}
	if err != nil {
		return err
	}
	row.Name = e.Name.ZH
	if !s.steward(actor, e.Region, "") {
		row.Kind, row.Findings = RowWrong, append(row.Findings, SheetFinding{Column: "region", Code: ErrOutside.Code})
		return nil
	}
	for _, w := range in.Words { // nor is a firm moved to where others keep the register
		at, _ := s.regionHere(w.Value)
		if w.Key == "region" && at != e.Region && !s.steward(actor, at, "") {
			row.Kind, row.Findings = RowWrong, append(row.Findings, SheetFinding{Column: "region", Code: ErrOutside.Code})
			return nil
		}
	}
	w, err := s.work(ctx, actor, e.ID, in.Words)
	if err != nil {
		return err
	}
	row.Kind, row.Keys = kindOf(w)
	return nil
}

// kindOf says what words did to a file.
func kindOf(w worked) (kind string, keys []string) {
	kind, keys = RowSame, w.Changed
	if len(w.Changed) > 0 {
		kind = RowChanged
	}
	for _, f := range w.changed {
		if f.Disputed {
			kind = RowConflict
		}
	}
	for _, f := range w.Lines {
		if f.State == Conflict && f.Source == Registry {
			kind = RowConflict
		}
	}
	return kind, keys
}

// steward says that the actor brings in sheets of the register ("" for any) for
// firms in the region.
func (s *Service) steward(actor auth.Actor, region, register string) bool {
	if actor.Kind == auth.System {
		return true
	}
	for _, p := range actor.PostsOf(Stewards...) {
		if actor.Kind != auth.Staff || !strings.HasPrefix(region, auth.Reach(p.Region)) {
			continue
		}
		for _, r := range s.vocab.Registers {
			if r.Department == p.DepartmentID && (register == "" || r.Key == register) {
				return true
			}
		}
	}
	return false
}

// Registers are those whose sheets the actor brings in.
func (s *Service) Registers(actor auth.Actor) []RegisterDef {
	var out []RegisterDef
	for _, r := range s.vocab.Registers {
		for _, p := range actor.PostsOf(Stewards...) {
			if actor.Kind == auth.Staff && p.DepartmentID == r.Department {
				out = append(out, r)
				break
			}
		}
		if actor.Kind == auth.System {
			out = append(out, r)
		}
	}
	return out
}

// CheckSheet reads a sheet and says what each row would do; nothing is written.
func (s *Service) CheckSheet(ctx context.Context, actor auth.Actor, src sheet.Source, o SheetOptions, each func(SheetRow)) (SheetCounts, error) {
	var counts SheetCounts
	if err := s.checkOptions(actor, o); err != nil {
		return counts, err
	}
	err := s.eachRow(ctx, src, o, "", func(row SheetRow, in Opening) error {
		if row.Kind == "" {
			if err := s.judge(ctx, actor, &row, in); err != nil {
				return err
			}
		}
		counts.add(row.Kind)
		each(row)
		return nil
	})
	return counts, err
}

func (s *Service) checkOptions(actor auth.Actor, o SheetOptions) error {
	day, err := parseDate(o.AsOf)
	switch _, known := s.vocab.Register(o.Register); {
	case !known:
		return ErrInvalid.At("register", ErrChoose.Code)
	case err != nil:
		return ErrInvalid.At("as_of", errDate.Code)
	case day > s.today():
		return ErrInvalid.At("as_of", ErrFuture.Code)
	}
	for _, r := range s.Registers(actor) {
		if r.Key == o.Register {
			return nil
		}
	}
	return ErrForbidden
}

// rowsAtOnce are written in one transaction.
const rowsAtOnce = 50

// ApplySheet takes a sheet in, some rows at a time; wrong rows are left out. The
// same sheet once more changes nothing, so that who was interrupted begins anew.
func (s *Service) ApplySheet(ctx context.Context, actor auth.Actor, src sheet.Source, o SheetOptions, ref string, each func(SheetRow)) (SheetCounts, error) {
	var counts SheetCounts
	if err := s.checkOptions(actor, o); err != nil {
		return counts, err
	}
	type pair struct {
		row SheetRow
		in  Opening
	}
	var batch []pair
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		done := make([]SheetRow, len(batch))
		err := s.DB.InTx(ctx, func(ctx context.Context) error {
			for i := range batch {
				done[i] = batch[i].row
				if done[i].Kind == RowWrong {
					continue
				}
				if err := s.judge(ctx, actor, &done[i], batch[i].in); err != nil {
					return err
				}
				if done[i].Kind == RowWrong {
					continue
				}
				if _, _, err := s.take(ctx, actor, batch[i].in); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, r := range done {
			counts.add(r.Kind)
			each(r)
		}
		batch = batch[:0]
		return nil
	}
	err := s.eachRow(ctx, src, o, ref, func(row SheetRow, in Opening) error {
		if batch = append(batch, pair{row, in}); len(batch) < rowsAtOnce {
			return nil
		}
		return flush()
	})
	if err != nil {
		return counts, err
	}
	return counts, flush()
}
