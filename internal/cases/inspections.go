package cases

import (
	"context"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
)

// Inspection is what was arranged for a site inspection.
type Inspection struct {
	TaskID    string
	Officers  []string    // accounts
	Names     []i18n.Text // of the officers
	PlannedOn string      // date
	Place     string
	HeldOn    string // date, "" before the findings
	Version   int
}

// ArrangeInput arranges a site inspection, or arranges it anew.
type ArrangeInput struct {
	Officers []string
	On       string // date
	Place    string
	Reason   string // why it begins later than the law says, when it does
}

// Inspecting are the posts that inspect for a department: those who examine or decide there.
var Inspecting = []auth.Role{auth.Handler, auth.Approver}

// Inspectors are those who can be sent on an inspection.
func (s *Service) Inspectors(ctx context.Context, a auth.Actor, v *View) ([]Colleague, error) {
	t := taskFor(a, v.Tasks, CmdArrange)
	if t == nil {
		return nil, nil
	}
	holders, err := s.Identity.Holders(ctx, []string{t.DepartmentID}, Inspecting...)
	var out []Colleague
	for _, h := range holders {
		if !slices.ContainsFunc(out, func(c Colleague) bool { return c.ID == h.ID }) {
			out = append(out, Colleague{Holder: h})
		}
	}
	return out, err
}

// Arrange names two officers at least and the day of a site inspection; the
// applicant is told. Later than five working days after acceptance needs a reason.
func (s *Service) Arrange(ctx context.Context, actor auth.Actor, ref Ref, in ArrangeInput) (Case, error) {
	return s.run(ctx, actor, ref, CmdArrange, in.Reason, func(ctx context.Context, w *work) error {
		if err := w.mine(); err != nil {
			return err
		}
		names, err := w.officers(ctx, in.Officers)
		if err != nil {
			return err
		}
		day, err := workday.Parse(strings.TrimSpace(in.On))
		in.Place = strings.TrimSpace(in.Place)
		switch {
		case err != nil:
			return ErrPeriod.At("on", ErrDay.Code)
		case day.Before(workday.DateOf(w.now)):
			return ErrPeriod.At("on", ErrDayPast.Code)
		case in.Place == "":
			return errRequired.At("place", errRequired.Code)
		case utf8.RuneCountInString(in.Place) > 200:
			return errLong.At("place", errLong.Code, "max", 200, "have", utf8.RuneCountInString(in.Place))
		case day.After(s.StartBy(&w.Case)) && w.reason == "":
			return ErrReason.At("reason", ErrReason.Code)
		}
		if w.task.AssigneeID == "" {
			w.task.AssigneeID = actor.ID
			if err := s.store.saveTask(ctx, w.task); err != nil {
				return err
			}
		}
		w.detail["task"], w.detail["on"], w.detail["place"], w.detail["officers"] = w.task.Name, day.String(), in.Place, names
		if day.After(s.StartBy(&w.Case)) {
			w.detail["late"] = true
		}
		_, err = s.DB.Exec(ctx, `INSERT INTO cases_inspection (task_id, case_id, officers, planned_on, place, arranged_by, arranged_at, held_on, version) VALUES ($1,$2,$3,$4,$5,$6,$7,'',1)
			ON CONFLICT (task_id) DO UPDATE SET officers=excluded.officers, planned_on=excluded.planned_on, place=excluded.place, arranged_by=excluded.arranged_by,
			arranged_at=excluded.arranged_at, version=cases_inspection.version+1`,
			w.task.ID, string(w.ID), db.ToJSON(in.Officers), day.String(), in.Place, actor.ID, db.MS(w.now))
		return err
	})
}

// officers wants two different ones of the department of the task.
func (w *work) officers(ctx context.Context, list []string) ([]i18n.Text, error) {
	holders, err := w.svc.Identity.Holders(ctx, []string{w.task.DepartmentID}, Inspecting...)
	if err != nil {
		return nil, err
	}
	var names []i18n.Text
	for i, id := range list {
		at := slices.IndexFunc(holders, func(h identity.Holder) bool { return h.ID == id })
		if at < 0 || slices.Contains(list[:i], id) {
			return nil, ErrOfficers.At("officers", ErrOfficers.Code)
		}
		names = append(names, holders[at].Name)
	}
	if len(names) < 2 || len(names) > 10 {
		return nil, ErrOfficers.At("officers", ErrOfficers.Code)
	}
	return names, nil
}

// inspected checks the findings of an inspection and notes on which day it was held.
func (w *work) inspected(ctx context.Context, in EndorseInput) error {
	x, ok, err := db.Maybe(ctx, w.svc.DB.Write(ctx), scanInspection, `SELECT `+inspectionColumns+` FROM cases_inspection WHERE task_id=$1`, w.task.ID)
	if err != nil {
		return err
	}
	if !ok {
		return ErrInspection
	}
	held := strings.TrimSpace(in.HeldOn)
	if held == "" {
		held = x.PlannedOn
	}
	day, err := workday.Parse(held)
	switch {
	case err != nil:
		return ErrPeriod.At("held_on", ErrDay.Code)
	case day.After(workday.DateOf(w.now)):
		return ErrPeriod.At("held_on", ErrDayFuture.Code)
	case day.Before(workday.DateOf(w.AcceptedAt)):
		return ErrPeriod.At("held_on", ErrDayEarly.Code)
	}
	if w.reason == "" {
		return ErrReason.At("reason", ErrReason.Code)
	}
	w.detail["held_on"] = day.String()
	_, err = w.svc.DB.Exec(ctx, `UPDATE cases_inspection SET held_on=$2, version=version+1 WHERE task_id=$1`, w.task.ID, day.String())
	return err
}

const inspectionColumns = `task_id, officers, planned_on, place, held_on, version`

func scanInspection(r db.Scanner) (x Inspection, err error) {
	return x, r.Scan(&x.TaskID, db.JSON[[]string]{V: &x.Officers}, &x.PlannedOn, &x.Place, &x.HeldOn, &x.Version)
}

// onSite says whether somebody was sent on an inspection of the case, which is
// as much as having examined it.
func (w *work) onSite(ctx context.Context, who ...string) (bool, error) {
	if !slices.ContainsFunc(w.tasks, func(t Task) bool { return t.is(catalogue.TaskInspection) }) {
		return false, nil
	}
	list, err := db.List(ctx, w.svc.DB.Write(ctx), scanInspection, `SELECT `+inspectionColumns+` FROM cases_inspection WHERE case_id=$1`, string(w.ID))
	return slices.ContainsFunc(list, func(x Inspection) bool {
		return slices.ContainsFunc(x.Officers, func(id string) bool { return slices.Contains(who, id) })
	}), err
}

// AttachToTask keeps a photo or a paper of a task that the actor has in hand.
func (s *Service) AttachToTask(ctx context.Context, actor auth.Actor, id ID, taskID, name string, r io.Reader, limit int64) (files.File, error) {
	if _, err := s.taskInHand(ctx, actor, id, taskID); err != nil { // before taking in megabytes from somebody who may not
		return files.File{}, err
	}
	blob, err := s.takeIn(ctx, actor, r, name, limit)
	if err != nil {
		return files.File{}, err
	}
	var f files.File
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.store.locked(ctx, id); err != nil {
			return err
		}
		if _, err := s.taskInHand(ctx, actor, id, taskID); err != nil {
			return err
		}
		n, err := db.One(ctx, s.DB.Write(ctx), db.Scalar[int], `SELECT count(*) FROM cases_task_file WHERE task_id=$1 AND removed_at=0`, taskID)
		if err != nil {
			return err
		}
		if n >= MaxFiles {
			return ErrTooManyFile.With("max", MaxFiles)
		}
		if f, err = s.Files.Register(ctx, blob, name, actor.ID); err != nil {
			return err
		}
		now := s.Clock.Now()
		if _, err := s.DB.Exec(ctx, `INSERT INTO cases_task_file (id, case_id, task_id, file_id, added_by, added_at, removed_at) VALUES ($1,$2,$3,$4,$5,$6,0)`,
			ids.New(now), string(id), taskID, f.ID, actor.ID, db.MS(now)); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "cases.attach_to_task", Object: "case:" + string(id), Change: map[string]any{"task": taskID, "file": f.ID, "sha256": f.SHA256}})
	})
	return f, err
}

// DetachFromTask takes a file off an open task again; its row stays for the audit.
func (s *Service) DetachFromTask(ctx context.Context, actor auth.Actor, id ID, taskID, fileID string) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.store.locked(ctx, id); err != nil {
			return err
		}
		if _, err := s.taskInHand(ctx, actor, id, taskID); err != nil {
			return err
		}
		n, err := s.DB.Exec(ctx, `UPDATE cases_task_file SET removed_at=$3 WHERE task_id=$1 AND file_id=$2 AND removed_at=0`, taskID, fileID, db.MS(s.Clock.Now()))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNotFound
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "cases.detach_from_task", Object: "case:" + string(id), Change: map[string]any{"task": taskID, "file": fileID}})
	})
}

// taskInHand is an open task of the case that the actor may work on.
func (s *Service) taskInHand(ctx context.Context, actor auth.Actor, id ID, taskID string) (*Task, error) {
	k, err := s.store.find(ctx, `c.id=$1`, string(id))
	if err != nil {
		return nil, err
	}
	tasks, err := s.store.tasks(ctx, id)
	if err != nil {
		return nil, err
	}
	if !sees(actor, &k, tasks) {
		return nil, ErrNotFound
	}
	i := slices.IndexFunc(tasks, func(t Task) bool { return t.ID == taskID })
	if i < 0 {
		return nil, ErrNotFound
	}
	t := &tasks[i]
	switch {
	case t.State != TaskOpen || k.State != Handling:
		return nil, ErrNoTask
	case !slices.ContainsFunc(actor.Posts, func(p auth.Post) bool { return fits(p, t) }):
		return nil, ErrForbidden
	case t.AssigneeID != "" && !inHand(actor, t):
		return nil, ErrTaken
	}
	return t, nil
}
