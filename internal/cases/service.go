package cases

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/events"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/quota"
	"github.com/tongban/tongban/internal/platform/seal"
	"github.com/tongban/tongban/internal/platform/throttle"
)

// Deps of the engine.
type Deps struct {
	DB        *db.DB
	Clock     clock.Clock
	Calendar  *workday.Calendar // of the notices
	Calendars Calendars         // of the regions; nil where the notices say all
	Catalogue *catalogue.Service
	Identity  *identity.Service
	Files     *files.Store
	Notify    *notify.Service
	Audit     *audit.Log
	Bus       *events.Bus
	Throttle  *throttle.Throttle
	Quota     *quota.Book
	Seal      *seal.Ring
	Holds     Holds    // nil: nothing is held
	Editions  Editions // nil: a change issues a certificate of its own
}

// Editions issues the next version of a certificate in the transaction of a
// decision; the former one is replaced.
type Editions interface {
	NextEdition(ctx context.Context, actor auth.Actor, certificate, caseID string, holder identity.Party) (identity.Certificate, error)
}

// Service is the engine. Its methods are the commands; one file per group.
type Service struct {
	Deps
	store      store
	procedures map[string]Procedure // fixed after the start
}

// New wires the engine.
func New(d Deps) *Service { return &Service{Deps: d, store: store{d.DB, d.Seal}} }

// Ref names a case as the actor saw it. Version 0 means "whatever it is now".
type Ref struct {
	ID      ID
	Version int
}

// work is a command in hand: the locked case and what it will leave behind.
type work struct {
	Case
	svc    *Service
	actor  auth.Actor
	item   *catalogue.Item
	tasks  []Task
	task   *Task // for commands that work on a task
	now    time.Time
	reason string
	detail map[string]any
	more   []Event // further events of the same command

	since     time.Time      // from when the ledger changes, where that is not now
	validFrom string         // of the certificate that a decision issues, "" for today
	known     map[string]any // answers of the last snapshot, once they are read

	// For the procedure of the item, see procedures.go.
	cmd    Command
	papers []MaterialState      // handed in by this command
	taken  map[string]any       // the answers handed in by this command
	typed  Typed                // what was said for the procedure, unchecked
	alike  bool                 // decided with others, so that nothing could be said for it
	said   map[string]any       // the same, checked
	words  map[string]i18n.Text // for the text of the decision
	aside  bool                 // the case keeps its version: what a stranger does makes no command of staff stale
}

// newWork is a locked case in hand.
func (s *Service) newWork(k Case, actor auth.Actor, now time.Time) *work {
	return &work{Case: k, svc: s, actor: actor, now: now, detail: map[string]any{}}
}

// run does one command: it locks the case, checks that the actor may see it
// (else it is not found), may do this, that the state allows it and that nobody
// acted in between; then does it and writes case, events, audit and notices in
// one transaction.
func (s *Service) run(ctx context.Context, actor auth.Actor, ref Ref, cmd Command, reason string, do func(ctx context.Context, w *work) error) (Case, error) {
	rule, ok := commands[cmd]
	if !ok {
		return Case{}, fmt.Errorf("cases: no command %q", cmd)
	}
	reason = strings.TrimSpace(reason)
	if rule.reason == required && reason == "" || utf8.RuneCountInString(reason) > 1000 {
		return Case{}, ErrReason.At("reason", ErrReason.Code)
	}
	var out Case
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		k, order, err := s.store.lockedWithOrder(ctx, ref.ID)
		if err != nil {
			return err
		}
		var tasks []Task
		if k.State != Draft { // a draft has none
			if tasks, err = s.store.tasks(ctx, k.ID); err != nil {
				return err
			}
		}
		if !sees(actor, &k, tasks) {
			return ErrNotFound
		}
		if ref.Version != 0 && ref.Version != k.Version {
			return ErrStale // before the rights: what somebody else did may have taken them away
		}
		w := s.newWork(k, actor, s.Clock.Now())
		w.tasks, w.reason, w.cmd = tasks, reason, cmd
		if rule.task {
			if w.task = taskFor(actor, tasks, cmd); w.task == nil && actor.Kind == auth.System {
				w.task = openTask(tasks)
			}
			if w.task == nil && cmd.possible(&k) {
				return ErrNoTask
			}
		}
		if !allowed(actor, cmd, &k, tasks, w.task) {
			return ErrForbidden
		}
		if !cmd.possible(&k) {
			return ErrState.With("command", string(cmd)).With("state", string(k.State))
		}
		if k.State.Ended() {
			gone, err := s.ErasedAlready(ctx, k.ID)
			if err != nil {
				return err
			}
			if gone {
				return ErrState.With("command", string(cmd)).With("state", string(k.State))
			}
		}
		if w.item, err = s.itemOf(ctx, &k); err != nil {
			return fmt.Errorf("cases: item of %s: %w", k.ID, err)
		}
		if err := w.wholeOrder(ctx); err != nil {
			return err
		}
		// About what is handed in, and about an outcome, the procedure is asked when it is known.
		if cmd != CmdSubmit && cmd != CmdReply && cmd != CmdDecide {
			if err := w.before(ctx, cmd, ""); err != nil {
				return err
			}
		}
		w.notePrincipal(ctx)
		w.noteOrganisation(ctx)
		if err := do(ctx, w); err != nil {
			return err
		}
		if err := w.finish(ctx, k.State, cmd, rule.public); err != nil {
			return fmt.Errorf("cases: %s %s: %w", cmd, k.ID, err)
		}
		out = w.Case
		if order == nil {
			return nil
		}
		if err := s.advance(ctx, *order, &k, w, cmd); err != nil {
			return fmt.Errorf("cases: %s %s: its order: %w", cmd, k.ID, err)
		}
		return nil
	})
	return out, err
}

// finish writes what a command leaves behind.
func (w *work) finish(ctx context.Context, from State, cmd Command, public bool) error {
	main := w.event(cmd, public)
	main.From, main.To, main.Reason, main.Detail = from, w.State, w.reason, w.detail
	return w.leave(ctx, from, append([]Event{main}, w.more...))
}

// leave writes the case and what happened to it; the first event names the command.
func (w *work) leave(ctx context.Context, from State, all []Event) error {
	s := w.svc
	w.UpdatedAt = w.now
	if w.State.Ended() && w.ClosedAt.IsZero() {
		w.ClosedAt = w.now
	}
	inLine(all, from, w.State)
	for i := range all {
		w.LastSeq++
		all[i].Seq = w.LastSeq
	}
	if err := s.store.save(ctx, &w.Case); err != nil {
		return err
	}
	if w.aside {
		if err := s.store.sameVersion(ctx, &w.Case); err != nil {
			return err
		}
	}
	if err := s.store.insertEvents(ctx, all); err != nil {
		return err
	}
	if err := w.after(ctx, all); err != nil {
		return err
	}
	why := w.reason
	if all[0].Command == CmdNote {
		why = "" // what colleagues tell each other about a case is for those who see the case
	}
	note := audit.Note{
		Action: "cases." + string(all[0].Command), Object: "case:" + string(w.ID), Reason: why,
		Change: map[string]any{"from": from, "to": w.State, "version": w.Version, "detail": all[0].Detail},
	}
	if w.Party.Kind == identity.HolderEnterprise {
		note.OnBehalf = w.Party.ID
	}
	if err := s.Audit.Record(ctx, w.actor, note); err != nil {
		return err
	}
	for _, e := range all {
		if err := s.tell(ctx, &w.Case, e); err != nil {
			return err
		}
		if err := events.Publish(ctx, s.Bus, Happened{Case: w.Case, Event: e}); err != nil {
			return err
		}
	}
	return nil
}

// inLine makes the events of one command lead from one state to the next without
// a gap: each was made in the state that the case had just then.
func inLine(all []Event, from, to State) {
	if len(all) > 1 {
		all[0].To = all[1].From
	}
	for i := range all {
		all[i].From = from
		if i == len(all)-1 {
			all[i].To = to
		}
		from = all[i].To
	}
}

// event makes an event of the actor; the numbers come in finish.
func (w *work) event(cmd Command, public bool) Event {
	e := Event{
		ID: ids.New(w.now), CaseID: w.ID, Command: cmd, ActorKind: string(w.actor.Kind), ActorID: w.actor.ID, ActorName: w.actor.Name,
		At: w.now, From: w.State, To: w.State, Public: public, Detail: map[string]any{},
	}
	if w.actor.Kind == auth.Staff {
		p := postFor(w.actor, w.task, auth.Clerk, auth.Head, auth.Leader, auth.Commissioner)
		e.ActorRole, e.Place = string(p.Role), w.svc.Identity.Directory().Place(p)
	}
	return e
}

// also leaves a further event of the same command.
func (w *work) also(cmd Command, public bool, detail map[string]any) {
	e := w.event(cmd, public)
	e.Detail = detail
	w.more = append(w.more, e)
}

// system is the same work done by the engine itself from here on.
func (w *work) system() { w.actor = auth.SystemActor() }

func openTask(tasks []Task) *Task {
	for i := range tasks {
		if tasks[i].State == TaskOpen {
			return &tasks[i]
		}
	}
	return nil
}

// answers returns those of the last snapshot.
func (w *work) answers(ctx context.Context) (map[string]any, error) {
	if w.known != nil {
		return w.known, nil
	}
	list, err := w.lastSnapshot(ctx)
	if err != nil {
		return map[string]any{}, err
	}
	w.known = map[string]any{}
	if len(list) > 0 && list[0].Answers != nil {
		w.known = list[0].Answers
	}
	return w.known, nil
}

// tick renews the deadlines after a change of acceptance or ledger.
func (w *work) tick(ctx context.Context) error {
	pauses, err := w.svc.store.pauses(ctx, w.ID)
	if err != nil {
		return err
	}
	extensions, err := w.svc.store.extensions(ctx, w.ID)
	if err != nil {
		return err
	}
	w.clock(pauses, extensions)
	if w.Bundle {
		if err := w.reachExtended(ctx); err != nil {
			return err
		}
	}
	return w.tickTasks(ctx, pauses)
}

// clock derives the deadlines from the ledger.
func (w *work) clock(pauses []Pause, extensions []Extension) {
	setDeadlines(w.cal(), &w.Case, w.item, pauses, extensions, w.now)
}

// tickTasks moves the step limits of the open tasks by the pauses, as the limit
// of the case moves.
func (w *work) tickTasks(ctx context.Context, pauses []Pause) error {
	for i := range w.tasks {
		t := &w.tasks[i]
		d, ok := w.defined(t)
		// A special procedure does not stop its own limit, nor what was promised to the public.
		if !ok || t.State != TaskOpen || t.DueAt.IsZero() || d.Uncounted != "" || t.Kind == string(catalogue.TaskPublicity) {
			continue
		}
		due := w.cal().Deadline(t.CreatedAt, d.Limit, stands(pauses), nil, w.now).Due
		if due.Equal(t.DueAt) {
			continue
		}
		t.DueAt = due
		if _, err := w.svc.DB.Exec(ctx, `UPDATE cases_task SET due_at=$2 WHERE id=$1`, t.ID, db.MS(due)); err != nil {
			return err
		}
	}
	return nil
}

// regionOf is where an item is owned: the region of its department.
func (s *Service) regionOf(item *catalogue.Item) string {
	return s.Identity.Directory().Department(item.Department).Region
}

// itemOf is the version of the item that a case stands under: a draft follows
// what is published now, a submitted case keeps its version for ever.
func (s *Service) itemOf(ctx context.Context, k *Case) (*catalogue.Item, error) {
	if k.State == Draft {
		if item, err := s.Catalogue.ItemByID(k.ItemID); err == nil {
			return item, nil
		} // suspended: the draft can still be read and thrown away, Submit refuses it
	}
	item, err := s.Catalogue.Version(ctx, k.ItemVersionID)
	if err == nil && k.State == Draft {
		// A cart is put together anew when its items move on. One that cannot be
		// is shown as it was; Submit refuses it.
		if now, err := s.Catalogue.Renewed(item); err == nil {
			return now, nil
		}
	}
	return item, err
}
