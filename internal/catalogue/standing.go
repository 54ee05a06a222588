package catalogue

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
)

// Obstacles are what Publish would refuse a definition for: what Validate says,
// and what it names that is not there (shelf, departments, posts, files).
func (s *Service) Obstacles(ctx context.Context, d Definition) error {
	resolved, err := Resolve(d.Source(), s.publishedIn(ctx))
	if err != nil {
		return err
	}
	return s.standing(ctx, resolved, s.Shelves())
}

// standing is check, and that everybody and everything named is there: a task
// for a department without anybody in the role would never be done.
func (s *Service) standing(ctx context.Context, d Definition, shelves []Shelf) error {
	bad := ErrInvalid
	for _, f := range errs.FieldsOf(check(d, shelves)) {
		bad = bad.At(f.Name, f.Code, i18n.Map(f.Params)...)
	}
	bad, err := s.people(ctx, bad, d)
	if err != nil {
		return fmt.Errorf("catalogue: check %s: %w", d.Code, err)
	}
	bad = stagesReached(bad, d)
	if bad, err = s.papers(ctx, bad, d); err != nil {
		return fmt.Errorf("catalogue: check %s: %w", d.Code, err)
	}
	if s.Ports.Procedure != nil {
		for _, f := range s.Ports.Procedure(ctx, d) {
			bad = bad.At("procedure."+f.Name, f.Code, i18n.Map(f.Params)...)
		}
	}
	return bad.OrNil()
}

// people wants the departments that are named, and somebody in each role.
func (s *Service) people(ctx context.Context, bad *errs.Error, d Definition) (*errs.Error, error) {
	if d.External() || s.Ports.Department == nil {
		return bad, nil
	}
	if _, ok := s.Ports.Department(d.Department); !ok {
		bad = bad.At("department", badUnknown, "value", d.Department)
	}
	if d.Family == Bundled || !d.Orderable() { // its cases are those of its items; or nobody asks for it here
		return bad, nil
	}
	has := func(string, string) bool { return true }
	if s.Ports.Staffed != nil {
		var err error
		if has, err = s.Ports.Staffed(ctx); err != nil {
			return bad, err
		}
	}
	officers := func(string) int { return 2 }
	if s.Ports.Officers != nil {
		var err error
		if officers, err = s.Ports.Officers(ctx); err != nil {
			return bad, err
		}
	}
	for _, stage := range d.WithDefaults().Flow.Stages {
		for _, t := range stage.Tasks {
			at := "flow." + stage.Key + "." + t.Key
			if len(d.Flow.Stages) == 0 { // the common flow is the department's own
				at = "department"
			}
			_, known := s.Ports.Department(t.Department)
			switch {
			case t.Department == "", at == "department" && !known: // told already
			case !known:
				bad = bad.At(at+".department", badUnknown, "value", t.Department)
			case t.Manner() != TaskCountersign && !has(t.Role, t.Department): // whose members sign
				where := at + ".role"
				if at == "department" {
					where = at
				}
				bad = bad.At(where, badNobody, "role", t.Role)
			case t.Manner() == TaskInspection && officers(t.Department) < 2: // two at least have to go (行政许可法 34)
				bad = bad.At(at+".department", badOfficers)
			}
			for i, m := range t.Members {
				where := fmt.Sprintf("%s.members.%d", at, i)
				if _, ok := s.Ports.Department(m.Department); !ok && m.Department != "" {
					bad = bad.At(where+".department", badUnknown, "value", m.Department)
				} else if ok && !has(m.Role, m.Department) {
					bad = bad.At(where+".role", badNobody, "role", m.Role)
				}
			}
		}
	}
	return bad, nil
}

// stagesReached wants every stage to have a task that some answers ask for: one
// without is a mistake in its conditions.
func stagesReached(bad *errs.Error, d Definition) *errs.Error {
	full := d.WithDefaults()
	fields := full.conditionFields()
	for _, stage := range full.Flow.Stages {
		if len(stage.Tasks) > 0 && !slices.ContainsFunc(stage.Tasks, func(t Task) bool { return t.When == "" || reachable(t.When, fields) }) {
			bad = bad.At("flow."+stage.Key+".tasks", badUnreached)
		}
	}
	return bad
}

// papers wants blanks and samples to be files of the catalogue: what is named
// here is served to everybody.
func (s *Service) papers(ctx context.Context, bad *errs.Error, d Definition) (*errs.Error, error) {
	for where, id := range d.files() {
		if id == "" {
			continue
		}
		if _, err := s.file(ctx, id); errors.Is(err, ErrNotFound) {
			bad = bad.At(where, badFile)
		} else if err != nil {
			return bad, err
		}
	}
	return bad, nil
}

// files of a definition by their place.
func (d Definition) files() map[string]string {
	out := map[string]string{"result.sample": d.Result.Sample}
	for _, m := range d.Materials {
		out["materials."+m.Key+".blank"], out["materials."+m.Key+".sample"] = m.Blank, m.Sample
	}
	return out
}
