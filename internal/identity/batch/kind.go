package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// Column of a sheet.
type Column struct {
	Key      string
	Name     i18n.Text // heads of both languages are known
	Also     []string  // other heads
	Required bool      // of every row
}

// Values are the cells of a row by the key of their column; "" for an empty one.
type Values map[string]string

// Finding is what is wrong with a cell.
type Finding struct {
	Column string         `json:"column"` // as the sheet calls it
	Code   string         `json:"code"`   // text is error.<code>
	Params map[string]any `json:"params,omitempty"`
}

// Verdict is what a row would do.
type Verdict struct {
	Number string // as it may be shown
	Unique string // two rows of one sheet with the same are wrong; "" is not compared
	Same   bool   // it is in the register so already
	Wrong  []Finding
	Take   func(ctx context.Context, actor auth.Actor) error
}

// Say adds what is wrong in a column.
func (v *Verdict) Say(column string, err *errs.Error) {
	v.Wrong = append(v.Wrong, Finding{Column: column, Code: err.Code, Params: err.Params})
}

// Kind is what a sheet can hold.
type Kind struct {
	Key       string
	Columns   []Column
	Bringers  []auth.Role // upload for their department
	Releasers []auth.Role // have it taken in
	TwoHands  bool        // not both the same person
	// Judge reads a row for a department. It is called in a transaction when the
	// sheet is taken in, and Take of its verdict directly afterwards.
	Judge func(ctx context.Context, department string, v Values) (Verdict, error)
}

// What a row does.
const (
	RowNew   = "new"
	RowSame  = "same"
	RowWrong = "wrong"
)

// Row is what one row of a sheet would do, or did.
type Row struct {
	Row      int       `json:"row"`
	Holder   string    `json:"holder"` // code as it may be shown
	Number   string    `json:"number"`
	Kind     string    `json:"kind"`
	Findings []Finding `json:"findings,omitempty"`
}

// Counts of a sheet.
type Counts struct {
	Read  int `json:"read"`
	New   int `json:"new"`
	Same  int `json:"same"`
	Wrong int `json:"wrong"`
}

func (c *Counts) add(kind string) {
	c.Read++
	switch kind {
	case RowNew:
		c.New++
	case RowSame:
		c.Same++
	default:
		c.Wrong++
	}
}

// Bounds of a sheet.
const (
	MaxRows = 20_000
	maxCell = 2000
)

// HolderColumn is the column of every kind that says whom a row is about.
var HolderColumn = Column{Key: "holder", Name: i18n.Text{ZH: "主体代码", EN: "Holder"}, Also: []string{"统一社会信用代码", "信用代码", "身份证号", "持证主体代码", "持有人代码", "uscc"}, Required: true}

// NameColumn is how the holder is called, which must be as it is here.
var NameColumn = Column{Key: "name", Name: i18n.Text{ZH: "主体名称", EN: "Holder name"}, Also: []string{"企业名称", "姓名", "持证主体", "持有人"}}

// Holder finds whom a row is about. A person must be named as well as numbered.
func Holder(ctx context.Context, id *identity.Service, v Values, out *Verdict) (identity.Party, error) {
	code, name := v[HolderColumn.Key], v[NameColumn.Key]
	if code == "" {
		return identity.Party{}, nil // said already
	}
	person := idcode.CheckResidentID(code).OK(true) && !idcode.CheckUSCC(code).OK(true)
	if !person && !idcode.CheckUSCC(code).OK(true) {
		out.Say(HolderColumn.Key, errHolderCode)
		return identity.Party{}, nil
	}
	p, err := id.PartyByCode(ctx, code)
	switch {
	case errors.Is(err, identity.ErrNotProven):
		out.Say(HolderColumn.Key, identity.ErrNotProven)
		return identity.Party{}, nil
	case errors.Is(err, identity.ErrNotFound):
		out.Say(HolderColumn.Key, errHolderUnknown)
		return identity.Party{}, nil
	case err != nil:
		return p, err
	case person && name == "":
		out.Say(NameColumn.Key, errRequired)
	case name != "" && name != p.Name.ZH && name != p.Name.EN:
		out.Say(NameColumn.Key, errHolderName)
	}
	return p, nil
}

// shownHolder is a code as reports may show it.
func shownHolder(code string) string {
	if idcode.CheckUSCC(code).OK(true) {
		return idcode.CheckUSCC(code).Normalised
	}
	return idcode.MaskID(code)
}

// Day reads a day as sheets write it, as ISO date; "" for an empty cell.
func Day(cell string) (string, bool) {
	if cell == "" {
		return "", true
	}
	s := strings.NewReplacer("年", "-", "月", "-", "日", "", "/", "-", ".", "-").Replace(strings.TrimSuffix(cell, " 00:00:00"))
	if len(s) == 8 && !strings.Contains(s, "-") {
		s = s[:4] + "-" + s[4:6] + "-" + s[6:]
	}
	t, err := time.Parse("2006-1-2", s)
	if err != nil || t.Year() < 1900 || t.Year() > 2200 {
		return "", false
	}
	return t.Format(time.DateOnly), true
}

// heads are all names of a column.
func (c Column) heads() []string {
	return append([]string{c.Key, c.Name.ZH, c.Name.EN}, c.Also...)
}

// Template writes a sheet of the kind with its heads and nothing else.
func (k Kind) Template(w sheet.Writer) error {
	heads := make([]string, len(k.Columns))
	for i, c := range k.Columns {
		heads[i] = c.Name.ZH
	}
	return w.Write(heads)
}

// layout says which column of a sheet is which.
func (k Kind) layout(header []string) (map[string]int, error) {
	at, missing := map[string]int{}, []string{}
	for _, c := range k.Columns {
		for i, h := range header {
			for _, n := range c.heads() {
				if sheet.Canonical(h) != sheet.Canonical(n) {
					continue
				}
				if was, twice := at[c.Key]; twice && was != i {
					return nil, sheet.ErrColumnTwice.With("column", h)
				}
				at[c.Key] = i
			}
		}
		if _, ok := at[c.Key]; !ok && c.Required {
			missing = append(missing, c.Name.ZH)
		}
	}
	if len(missing) > 0 {
		return nil, sheet.ErrMissing.With("columns", strings.Join(missing, "、"))
	}
	return at, nil
}

// each reads a sheet and hands over its rows; what is wrong with their cells as
// such is found already.
func (k Kind) each(ctx context.Context, src sheet.Source, f func(Row, Values, []Finding) error) error {
	var known []string
	for _, c := range k.Columns {
		known = append(known, c.heads()...)
	}
	t, err := sheet.Open(src, sheet.Options{Known: known, MaxRows: MaxRows, MaxCell: maxCell})
	if err != nil {
		return err
	}
	defer func() { _ = t.Close() }()
	at, err := k.layout(t.Header)
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
		v, wrong := Values{}, []Finding(nil)
		for _, x := range r.Faults {
			wrong = append(wrong, Finding{x.Column, x.Err.Code, x.Err.Params})
		}
		for _, c := range k.Columns {
			i, ok := at[c.Key]
			if ok {
				v[c.Key] = r.Cells[i]
			}
			if c.Required && v[c.Key] == "" {
				wrong = append(wrong, Finding{t.Header[i], errRequired.Code, nil})
			}
		}
		if err := f(Row{Row: r.Number, Holder: shownHolder(v[HolderColumn.Key])}, v, wrong); err != nil {
			return err
		}
	}
}

// judge says what a row does. seen are the rows of the sheet so far.
func (k Kind) judge(ctx context.Context, department string, row *Row, v Values, wrong []Finding, seen map[string]int) (Verdict, error) {
	if len(wrong) > 0 {
		row.Kind, row.Findings = RowWrong, wrong
		return Verdict{}, nil
	}
	out, err := k.Judge(ctx, department, v)
	if err != nil {
		return out, fmt.Errorf("batch: row %d: %w", row.Row, err)
	}
	row.Number, row.Findings = out.Number, nil
	if first, twice := seen[out.Unique]; twice && out.Unique != "" && first != row.Row {
		out.Wrong = append(out.Wrong, Finding{Code: errTwice.Code, Params: map[string]any{"row": first}})
	} else if out.Unique != "" {
		seen[out.Unique] = row.Row
	}
	switch {
	case len(out.Wrong) > 0:
		row.Kind = RowWrong
		for _, f := range out.Wrong { // by the name that the office reads, not by our key
			for _, c := range k.Columns {
				if f.Column == c.Key {
					f.Column = c.Name.ZH
				}
			}
			row.Findings = append(row.Findings, f)
		}
	case out.Same:
		row.Kind = RowSame
	default:
		row.Kind = RowNew
	}
	return out, nil
}
