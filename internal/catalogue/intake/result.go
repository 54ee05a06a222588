package intake

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tongban/tongban/internal/catalogue/mapping"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/csvx"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
)

// What is kept of a result, in bytes of its JSON: it is one value of one row,
// and every page of the run reads it.
const (
	maxResult   = 2 << 20
	maxSamples  = 1 << 20
	maxOffices  = 500
	officeRunes = 120
)

// bounded is what is kept of a plan: as many departments, samples and findings
// as fit, and how many there are beyond those.
func bounded(p *Plan) Result {
	var r Result
	left := maxResult - 1<<10 // the names of the parts
	for _, d := range p.Departments[:min(len(p.Departments), maxOffices)] {
		name := d.Name.ZH
		if runes := []rune(name); len(runes) > officeRunes {
			name = string(runes[:officeRunes]) + "…"
		}
		left -= len(db.ToJSON(name)) + 1
		r.Departments = append(r.Departments, name)
	}
	r.MoreOffices = len(p.Departments) - len(r.Departments)
	room := maxSamples
	for _, s := range p.Samples {
		if n := len(db.ToJSON(s)) + 1; n <= room {
			room, left = room-n, left-n
			r.Samples = append(r.Samples, s)
		}
	}
	r.Left = p.Left
	for i, f := range p.Findings {
		n := len(db.ToJSON(f)) + 1
		if n > left {
			r.Left += len(p.Findings) - i
			break
		}
		left -= n
		r.Findings = append(r.Findings, f)
	}
	return r
}

const changesName = "changes.csv"

// maxChanges bounds the file of differences, in bytes.
const maxChanges = 512 << 20

// putChanges keeps the file of all differences: code, field, before, after. It
// is made by the check, so that it shows what is released; a plan that changes
// nothing has none.
func (s *Service) putChanges(ctx context.Context, r Run, plan *Plan) (files.Blob, error) {
	m, faults := mapping.Parse(r.Mapping)
	if len(faults) > 0 {
		return files.Blob{}, ErrMappingBad
	}
	if !plan.Moves() {
		return files.Blob{}, nil
	}
	read, write := io.Pipe()
	go func() { write.CloseWithError(writeChanges(write, m, plan)) }()
	blob, err := s.Files.PutSheet(ctx, read, changesName, maxChanges)
	return blob, errors.Join(err, read.Close())
}

func writeChanges(w io.Writer, m *mapping.Mapping, plan *Plan) error {
	out := csv.NewWriter(w)
	for _, d := range plan.Departments {
		_ = out.Write(csvx.GuardAll([]string{d.ID, m.ColumnOf("department"), "", d.Name.ZH})) // what went wrong is told by Error
	}
	for i := range plan.changes {
		c := &plan.changes[i]
		for _, field := range mapping.FieldNames() {
			from, to := "", m.Has(&c.Definition, field)
			if c.Before.Has {
				from = m.Has(&c.Before.Definition, field)
			}
			if from != to {
				_ = out.Write(csvx.GuardAll([]string{c.Definition.Code, m.ColumnOf(field), whole(from), whole(to)}))
			}
		}
		if err := out.Error(); err != nil {
			return fmt.Errorf("intake: changes: %w", err)
		}
	}
	out.Flush()
	return out.Error()
}

// whole is a value of a field with its parts one below the other.
func whole(v string) string { return strings.Trim(strings.ReplaceAll(v, "\x1f", "\n"), "\n") }

// Changes gives every difference that releasing the run would make: code of the
// item (or key of a department that would be made), column, before, after.
// ErrNotFound says that the run has none, or has them no more.
func (s *Service) Changes(ctx context.Context, actor auth.Actor, id string, each func(cells []string) error) (err error) {
	r, err := s.Glance(ctx, actor, id)
	if err != nil {
		return err
	}
	if r.ChangesID == "" {
		return ErrNotFound
	}
	f, err := s.Files.Find(ctx, r.ChangesID)
	if err != nil {
		return err
	}
	content, err := s.Files.Open(f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	in := csv.NewReader(content)
	in.ReuseRecord = true
	for {
		cells, err := in.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("intake: changes of %s: %w", id, err)
		}
		for i := range cells {
			cells[i] = csvx.Unguard(cells[i])
		}
		if err := each(cells); err != nil {
			return err
		}
	}
}
