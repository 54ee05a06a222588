package intake

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/catalogue/mapping"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// Reasons of findings that come from comparing.
var (
	errTwice   = errs.Define(errs.Invalid, "intake.twice")   // params: row; the same code stands in another row
	errHere    = errs.Define(errs.Invalid, "intake.here")    // params: here, sheet; changed here and in the sheet
	errOver    = errs.Define(errs.Invalid, "intake.over")    // params: here, sheet; overwritten as asked
	errDraft   = errs.Define(errs.Invalid, "intake.draft")   // somebody is working on the item
	errBundle  = errs.Define(errs.Invalid, "intake.bundle")  // a sheet makes no bundles
	errMapping = errs.Define(errs.Invalid, "intake.mapping") // params: key
)

// Options of an import.
type Options struct {
	SkipErrors        bool   `json:"skip_errors,omitempty"`        // rows with errors stay out, the others come in
	CreateDepartments bool   `json:"create_departments,omitempty"` // make departments that are not there
	Overwrite         bool   `json:"overwrite,omitempty"`          // the sheet's word counts also where the item was changed here
	Sheet             string `json:"sheet,omitempty"`              // of a workbook; "" for the first that is not hidden
}

// Counts of an import.
type Counts struct {
	Read      int `json:"read"`
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Errors    int `json:"errors"` // rows that cannot come in; 1 for a file that cannot be read
	Warnings  int `json:"warnings"`
	Notes     int `json:"notes"`
}

// Difference in one field of an item.
type Difference struct {
	Column string `json:"column"`
	From   string `json:"from"`
	To     string `json:"to"`
}

// Sample is a row as it becomes an item.
type Sample struct {
	Row        int                  `json:"row"`
	New        bool                 `json:"new"`
	Definition catalogue.Definition `json:"definition"`
	Changes    []Difference         `json:"changes,omitempty"` // of an item that is there
}

// Plan is what an import would do.
type Plan struct {
	Counts
	Findings    []mapping.Finding // errors first; at most keptFindings; the counts go on
	Left        int               // findings beyond those
	Samples     []Sample
	Departments []identity.Department // that would be made
	Digest      string                // of everything that would be written

	changes []catalogue.SheetChange
}

const (
	keptFindings = 5000
	keptSamples  = 10 // of new and of changed items each
	keptText     = 200
)

// Blocked says that nothing can come in, or nothing ought to.
func (p *Plan) Blocked(o Options) bool { return p.Read == 0 || p.Errors > 0 && !o.SkipErrors }

// Moves says that something would be written.
func (p *Plan) Moves() bool { return p.Created+p.Updated > 0 }

// Check reads a sheet and says what importing it would do. It writes nothing.
// What is wrong with the file or its rows is in the plan; an error is only what
// keeps the check from being made.
func (s *Service) Check(ctx context.Context, src sheet.Source, m *mapping.Mapping, o Options, progress func(done, total int)) (*Plan, error) {
	standings, err := s.Catalogue.Standings(ctx)
	if err != nil {
		return nil, err
	}
	return s.checkAgainst(ctx, 0, standings, src, m, o, progress)
}

// checkAgainst is Check with the items that are there, of the first rows only
// when most is not 0.
func (s *Service) checkAgainst(ctx context.Context, most int, standings map[string]catalogue.Standing, src sheet.Source, m *mapping.Mapping, o Options, progress func(done, total int)) (*Plan, error) {
	if progress == nil {
		progress = func(int, int) {}
	}
	directory := s.Identity.Directory()
	c := &checker{
		most: most, plan: &Plan{}, mapping: m, options: o, service: s, standings: standings, seen: map[string]*place{}, told: map[[16]byte]int{}, hash: sha256.New(),
		world: &mapping.World{Departments: directory.Departments, Regions: directory.Regions, Shelves: s.Catalogue.Shelves(), Themes: s.Catalogue.Snapshot().Themes(), Create: o.CreateDepartments},
	}
	limits := s.Limits
	limits.Sheet, limits.Known, limits.Required = o.Sheet, m.Known(), m.Required
	if err := c.read(ctx, src, limits, progress); err != nil {
		if errs.KindOf(err) != errs.Invalid {
			return nil, err
		}
		c.file(err)
	}
	c.finish()
	return c.plan, nil
}

// place is a row that has its code for itself so far.
type place struct {
	entry  mapping.Entry
	change *catalogue.SheetChange // nil when nothing is to be written
	kind   *int                   // the count that it is in
	twice  bool
	good   bool // nothing keeps the row out
}

type checker struct {
	most      int // rows that are read, 0 for all
	plan      *Plan
	mapping   *mapping.Mapping
	options   Options
	service   *Service
	standings map[string]catalogue.Standing
	world     *mapping.World
	places    []*place
	seen      map[string]*place
	told      map[[16]byte]int // what a finding says, as a digest → its position
	hash      hash.Hash
}

func (c *checker) read(ctx context.Context, src sheet.Source, limits sheet.Options, progress func(done, total int)) (err error) {
	t, err := sheet.Open(src, limits)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	reader := mapping.NewReader(c.mapping, c.world, t.Header)
	progress(0, t.Total)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if c.most > 0 && c.plan.Read == c.most {
			return nil
		}
		row, err := t.Next()
		if errors.Is(err, io.EOF) {
			progress(c.plan.Read, c.plan.Read)
			return nil
		}
		if err != nil {
			return err
		}
		c.plan.Read++
		c.row(reader, row)
		if c.plan.Read%100 == 0 {
			progress(c.plan.Read, max(t.Total, c.plan.Read))
		}
	}
}

// row decides what becomes of one row.
func (c *checker) row(reader *mapping.Reader, row sheet.Row) {
	e := reader.Entry(row)
	if first := c.seen[e.Code]; first != nil && e.Code != "" {
		c.twice(first, e)
		return
	}
	p := &place{entry: e}
	c.places = append(c.places, p)
	if e.Code != "" {
		c.seen[e.Code] = p
	}
	if e.OK() {
		c.compare(reader, p)
	}
	p.good = p.entry.OK()
	c.tell(p.entry.Findings...)
	// What the row said is in the change by now, or of no use any more; its code
	// is copied, since a cell holds on to the row that it was cut from.
	p.entry = mapping.Entry{Row: p.entry.Row, Code: strings.Clone(p.entry.Code)}
	if !p.good {
		c.plan.Errors++
		p.change = nil
		return
	}
	*p.kind++
	c.sample(p)
}

// twice takes the first row with a code out again, and names both.
func (c *checker) twice(first *place, second mapping.Entry) {
	at := func(row, other int) mapping.Finding {
		return mapping.Finding{Row: row, Code: second.Code, Column: c.mapping.ColumnOf("code"), Level: mapping.Error, Reason: errTwice.Code, Params: map[string]any{"row": other}}.Short()
	}
	if !first.twice {
		first.twice = true
		c.tell(at(first.entry.Row, second.Row))
		if first.good {
			*first.kind--
			c.plan.Errors++
			first.change = nil
		}
	}
	c.tell(at(second.Row, first.entry.Row))
	c.plan.Errors++
}

// compare holds an entry against the item that is there.
func (c *checker) compare(reader *mapping.Reader, p *place) {
	e := &p.entry
	before := c.standings[e.Code]
	d, said, moved := c.merge(reader, before, e)
	if d.Family == catalogue.Bundled && (!before.Has || moved) {
		e.Findings = append(e.Findings, c.finding(e, mapping.Error, "family", errBundle))
		return
	}
	if before.Has && !moved {
		p.kind = &c.plan.Unchanged
		if !maps.Equal(said, before.Said) {
			p.change = &catalogue.SheetChange{Before: before, Definition: d, Said: said}
		}
		return
	}
	for _, f := range errs.FieldsOf(c.service.Catalogue.Faults(d)) {
		field, _, _ := strings.Cut(f.Name, ".")
		found := c.finding(e, mapping.Error, field, nil)
		found.Reason, found.Params = f.Code, f.Params
		e.Findings = append(e.Findings, found.Short())
	}
	if before.HasDraft {
		e.Findings = append(e.Findings, c.finding(e, mapping.Warning, "code", errDraft))
	}
	p.kind = &c.plan.Created
	if before.Has {
		p.kind = &c.plan.Updated
	}
	p.change = &catalogue.SheetChange{Before: before, Definition: d, Said: said}
}

func (c *checker) finding(e *mapping.Entry, level mapping.Level, field string, reason *errs.Error) mapping.Finding {
	f := mapping.Finding{Row: e.Row, Code: e.Code, Column: c.mapping.ColumnOf(field), Level: level}
	if reason != nil {
		f.Reason, f.Params = reason.Code, reason.Params
	}
	return f.Short()
}

// unsettled is what is kept of a field that differs and was left alone: no
// sheet can say it, so the difference is reported until somebody ends it.
const unsettled = "\x1e"

// merge puts what the sheet says into the item that is there, field by field;
// the package comment says by which rules.
func (c *checker) merge(reader *mapping.Reader, before catalogue.Standing, e *mapping.Entry) (d catalogue.Definition, said map[string]string, moved bool) {
	d = before.Definition
	d.Code = e.Code
	said = maps.Clone(before.Said)
	if said == nil {
		said = map[string]string{}
	}
	current := e.Version > 0 && e.Version == before.Number
	for _, field := range mapping.FieldNames() {
		values, brought := e.Said[field]
		if !brought {
			continue
		}
		sheets, here := mapping.Join(values), c.mapping.Has(&d, field)
		last, known := before.Said[field]
		take := false
		switch {
		case sheets == here:
		case !before.Has, current:
			take = true
		case known && last == sheets: // the sheet says what it said: what was changed here stays
		case known && last == here:
			take = true
		case !known && sheets == "": // a sheet that is silent asks for nothing
		case !known && !before.ByHand && e.Version == 0:
			take = true
		case c.options.Overwrite:
			take = true
			c.differs(e, mapping.Note, field, errOver, here, sheets)
		default:
			c.differs(e, mapping.Warning, field, errHere, here, sheets)
			if sheets = last; !known {
				sheets = unsettled
			}
		}
		said[field] = sheets
		if take {
			c.mapping.Put(&d, field, values)
			moved = true
		}
	}
	if !before.Has {
		c.mapping.Fill(&d, c.world)
		return d, said, true
	}
	return d, said, moved && db.ToJSON(d) != db.ToJSON(before.Definition)
}

func (c *checker) differs(e *mapping.Entry, level mapping.Level, field string, reason *errs.Error, here, sheets string) {
	e.Findings = append(e.Findings, c.finding(e, level, field, reason.With("here", readable(here)).With("sheet", readable(sheets))))
}

// readable is a value as a report shows it.
func readable(v string) string {
	v = strings.Trim(strings.ReplaceAll(v, "\x1f", " · "), " ·")
	if r := []rune(v); len(r) > keptText {
		v = string(r[:keptText]) + "…"
	}
	return v
}

// tell adds findings to the report. Those that are no errors and say the same
// of many rows are told once, with how many.
func (c *checker) tell(list ...mapping.Finding) {
	for _, f := range list {
		if f.Level != mapping.Error {
			sum := sha256.Sum256([]byte(fmt.Sprint(f.Level, f.Reason, f.Column, f.Params)))
			key := [16]byte(sum[:16])
			if at, again := c.told[key]; again {
				if at < len(c.plan.Findings) {
					c.plan.Findings[at].Rows = max(c.plan.Findings[at].Rows, 1) + 1
				}
				continue
			}
			c.told[key] = len(c.plan.Findings)
			if f.Level == mapping.Warning {
				c.plan.Warnings++
			} else {
				c.plan.Notes++
			}
		}
		if len(c.plan.Findings) < keptFindings || f.Level == mapping.Error && len(c.plan.Findings) < 2*keptFindings {
			c.plan.Findings = append(c.plan.Findings, f)
		} else {
			c.plan.Left++
		}
	}
}

// file reports what is wrong with the file as a whole: nothing of it counts.
func (c *checker) file(err error) {
	e, _ := errors.AsType[*errs.Error](err)
	f := mapping.Finding{Level: mapping.Error, Reason: e.Code, Params: e.Params}.Short()
	if line, ok := e.Params["line"].(int); ok {
		f.Row = line
	}
	c.tell(f)
	c.plan.Errors++
	c.plan.Created, c.plan.Updated, c.plan.Unchanged, c.plan.Samples, c.places = 0, 0, 0, nil, nil
}

// sample keeps the first rows of each kind for the preview.
func (c *checker) sample(p *place) {
	if p.kind == &c.plan.Unchanged || *p.kind > keptSamples {
		return
	}
	s := Sample{Row: p.entry.Row, New: p.kind == &c.plan.Created, Definition: p.change.Definition}
	if !s.New {
		for _, field := range mapping.FieldNames() {
			from, to := c.mapping.Has(&p.change.Before.Definition, field), c.mapping.Has(&p.change.Definition, field)
			if from != to {
				s.Changes = append(s.Changes, Difference{c.mapping.ColumnOf(field), readable(from), readable(to)})
			}
		}
	}
	c.plan.Samples = append(c.plan.Samples, s)
}

// finish collects what is to be written, and its digest.
func (c *checker) finish() {
	used, gone := map[string]bool{}, map[int]bool{}
	for _, p := range c.places {
		if gone[p.entry.Row] = p.change == nil; p.change == nil {
			continue
		}
		c.plan.changes = append(c.plan.changes, *p.change)
		used[p.change.Definition.Department] = true
		_, _ = fmt.Fprintf(c.hash, "%s %d %s %s\n", p.entry.Code, p.change.Before.Version, db.ToJSON(p.change.Definition), db.ToJSON(p.change.Said))
	}
	c.plan.Samples = slices.DeleteFunc(c.plan.Samples, func(s Sample) bool { return gone[s.Row] })
	for _, d := range c.world.New {
		if used[d.ID] {
			c.plan.Departments = append(c.plan.Departments, d)
			_, _ = fmt.Fprintf(c.hash, "%s\n", db.ToJSON(d))
		}
	}
	weight := map[mapping.Level]int{mapping.Error: 0, mapping.Warning: 1, mapping.Note: 2}
	slices.SortStableFunc(c.plan.Findings, func(a, b mapping.Finding) int { return cmp.Compare(weight[a.Level], weight[b.Level]) })
	c.plan.Digest = hex.EncodeToString(c.hash.Sum(nil))
}
