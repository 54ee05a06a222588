package worklist

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// View is a list with its filter, order and columns under a name.
type View struct {
	ID           string
	OwnerID      string
	DepartmentID string // shared with this department, "" for the owner alone
	List         cases.ListName
	Name         string
	Query        Query
	Default      bool // the reader sees it first when he opens the list
	UpdatedAt    time.Time
	Version      int
}

// MaxViews that a person may keep.
const MaxViews = 50

const viewColumns = `v.id, v.owner_id, v.department_id, v.list, v.name, v.query, v.updated_at, v.version`

func scanView(r db.Scanner) (v View, err error) {
	var q string
	err = r.Scan(&v.ID, &v.OwnerID, &v.DepartmentID, &v.List, &v.Name, &q, db.Time{Time: &v.UpdatedAt}, &v.Version)
	v.Query = ParseQuery(parseValues(q))
	return v, err
}

// Sharing are the departments with which the actor may share a view: those
// that he heads or approves for.
func Sharing(a auth.Actor) []string {
	var out []string
	for _, p := range a.PostsOf(auth.Head, auth.Approver) {
		if !slices.Contains(out, p.DepartmentID) {
			out = append(out, p.DepartmentID)
		}
	}
	return out
}

// departments are all those that the actor belongs to.
func departments(a auth.Actor) []string {
	var out []string
	for _, p := range a.Posts {
		if !slices.Contains(out, p.DepartmentID) {
			out = append(out, p.DepartmentID)
		}
	}
	return out
}

// Views returns the views of a list that the actor has, or that his department
// shares, by name; all lists for "".
func (s *Service) Views(ctx context.Context, a auth.Actor, list cases.ListName) ([]View, error) {
	var args db.Args
	where := `(v.owner_id = ` + args.Add(a.ID) + ` OR v.department_id <> '' AND v.department_id IN ` + db.In(&args, departments(a)) + `)`
	if list != "" {
		where += ` AND v.list = ` + args.Add(string(list))
	}
	out, err := db.List(ctx, s.DB.Read(ctx), scanView, `SELECT `+viewColumns+` FROM cases_view v WHERE `+where+` ORDER BY v.list, v.name, v.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("worklist: views: %w", err)
	}
	chosen, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT view_id FROM cases_view_default WHERE account_id = $1`, a.ID)
	if err != nil {
		return nil, fmt.Errorf("worklist: views: %w", err)
	}
	for i := range out {
		out[i].Default = slices.Contains(chosen, out[i].ID)
	}
	return out, nil
}

// ViewInput is a view to keep.
type ViewInput struct {
	List       cases.ListName
	Name       string
	Query      Query
	Department string // to share it with, "" to keep it
	Default    bool
}

// SaveView keeps a view. One of the same owner, list and name is replaced: the
// name is how people mean it.
func (s *Service) SaveView(ctx context.Context, a auth.Actor, in ViewInput) (View, error) {
	if a.Kind != auth.Staff || !slices.Contains(cases.StaffLists, in.List) {
		return View{}, ErrForbidden
	}
	name := strings.TrimSpace(in.Name)
	if name == "" || utf8.RuneCountInString(name) > 30 {
		return View{}, ErrName.At("name", ErrName.Code)
	}
	if in.Department != "" && !slices.Contains(Sharing(a), in.Department) {
		return View{}, ErrForbidden
	}
	now := s.Clock.Now()
	v := View{OwnerID: a.ID, DepartmentID: in.Department, List: in.List, Name: name, Query: in.Query, Default: in.Default, UpdatedAt: now}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		old, again, err := db.Maybe(ctx, s.DB.Read(ctx), scanView, `SELECT `+viewColumns+` FROM cases_view v WHERE v.owner_id=$1 AND v.list=$2 AND v.name=$3`, a.ID, string(in.List), name)
		if err != nil {
			return err
		}
		if again {
			v.ID, v.Version = old.ID, old.Version+1
			if err := s.DB.ExecOne(ctx, `UPDATE cases_view SET department_id=$3, query=$4, updated_at=$5, version=version+1 WHERE id=$1 AND version=$2`,
				old.ID, old.Version, in.Department, in.Query.Values().Encode(), db.MS(now)); err != nil {
				return err
			}
		} else {
			n, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM cases_view WHERE owner_id=$1`, a.ID)
			if err != nil {
				return err
			}
			if n >= MaxViews {
				return ErrManyViews.With("max", MaxViews)
			}
			v.ID, v.Version = ids.New(now), 1
			if _, err := s.DB.Exec(ctx, `INSERT INTO cases_view (id, owner_id, department_id, list, name, query, created_at, updated_at, version) VALUES ($1,$2,$3,$4,$5,$6,$7,$7,1)`,
				v.ID, a.ID, in.Department, string(in.List), name, in.Query.Values().Encode(), db.MS(now)); err != nil {
				return err
			}
		}
		if err := s.setDefault(ctx, a, v, in.Default); err != nil {
			return err
		}
		return s.Audit.Record(ctx, a, audit.Note{Action: "cases.save_view", Object: "view:" + v.ID, Change: map[string]any{"list": in.List, "department": in.Department}})
	})
	if err != nil {
		return View{}, fmt.Errorf("worklist: save view: %w", err)
	}
	return v, nil
}

// setDefault makes a view the first that the actor sees of its list, or not any more.
func (s *Service) setDefault(ctx context.Context, a auth.Actor, v View, on bool) error {
	if !on {
		_, err := s.DB.Exec(ctx, `DELETE FROM cases_view_default WHERE account_id=$1 AND view_id=$2`, a.ID, v.ID)
		return err
	}
	_, err := s.DB.Exec(ctx, `INSERT INTO cases_view_default (account_id, list, view_id) VALUES ($1,$2,$3)
		ON CONFLICT (account_id, list) DO UPDATE SET view_id = excluded.view_id`, a.ID, string(v.List), v.ID)
	return err
}

// visibleView returns a view that the actor has or that is shared with him.
func (s *Service) visibleView(ctx context.Context, a auth.Actor, id string) (View, error) {
	all, err := s.Views(ctx, a, "")
	if err != nil {
		return View{}, err
	}
	i := slices.IndexFunc(all, func(v View) bool { return v.ID == id })
	if i < 0 {
		return View{}, ErrNotFound
	}
	return all[i], nil
}

// MakeDefault says whether the actor sees a view first; also one that is shared.
func (s *Service) MakeDefault(ctx context.Context, a auth.Actor, id string, on bool) (View, error) {
	v, err := s.visibleView(ctx, a, id)
	if err != nil {
		return v, err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error { return s.setDefault(ctx, a, v, on) })
	return v, err
}

// RenameView gives a view of the actor's another name.
func (s *Service) RenameView(ctx context.Context, a auth.Actor, id, name string) (View, error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > 30 {
		return View{}, ErrName.At("name", ErrName.Code)
	}
	return s.changeView(ctx, a, id, "cases.rename_view", func(ctx context.Context, v View) error {
		_, err := s.DB.Exec(ctx, `UPDATE cases_view SET name=$2, updated_at=$3, version=version+1 WHERE id=$1`, v.ID, name, db.MS(s.Clock.Now()))
		return err
	})
}

// DeleteView forgets a view of the actor's.
func (s *Service) DeleteView(ctx context.Context, a auth.Actor, id string) (View, error) {
	return s.changeView(ctx, a, id, "cases.delete_view", func(ctx context.Context, v View) error {
		if _, err := s.DB.Exec(ctx, `DELETE FROM cases_view_default WHERE view_id=$1`, v.ID); err != nil {
			return err
		}
		_, err := s.DB.Exec(ctx, `DELETE FROM cases_view WHERE id=$1`, v.ID)
		return err
	})
}

// MayChange says whether a view is the actor's own, or shared with a
// department that he answers for: he may rename and delete it.
func (v View) MayChange(a auth.Actor) bool {
	return v.OwnerID == a.ID || v.DepartmentID != "" && slices.Contains(Sharing(a), v.DepartmentID)
}

func (s *Service) changeView(ctx context.Context, a auth.Actor, id, action string, do func(ctx context.Context, v View) error) (View, error) {
	var v View
	err := s.DB.InTx(ctx, func(ctx context.Context) (err error) {
		if v, err = s.visibleView(ctx, a, id); err != nil {
			return err
		}
		if !v.MayChange(a) {
			return ErrForbidden
		}
		if err := do(ctx, v); err != nil {
			return err
		}
		return s.Audit.Record(ctx, a, audit.Note{Action: action, Object: "view:" + v.ID, Change: map[string]any{"name": v.Name}})
	})
	return v, err
}
