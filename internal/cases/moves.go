package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/cases/moving"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

// movable are the states of cases that can go over to another version: what was
// decided stands on the version that it was decided under, a draft follows by itself.
var movable = []State{Submitted, Supplementing, Handling}

// Bounds of moves.
const (
	MaxMoves  = 500 // cases of one run
	moveRows  = 200 // shown to choose from
	moveRuns  = 10  // shown of those that were
	kindMoved = "case_moved_desk"
)

// MoveBoard is how the live cases of an item stand.
type MoveBoard struct {
	Item   *catalogue.Item // as published now, or last
	Groups []MoveGroup     // by version, the newest first
	Rows   []MoveRow       // on older versions, the oldest first, moveRows at most
	Older  int             // how many there are
	Runs   []MoveRun       // the last ones
}

// MoveGroup is a version with the live cases that stand on it.
type MoveGroup struct {
	VersionID string
	Number    int
	Now       bool // it is the published one
	N         int
	Stages    []MoveStage
}

// MoveStage is how many of them stand where.
type MoveStage struct {
	State State
	Name  i18n.Text // of the stage, zero before acceptance
	N     int
}

// MoveRow is a live case on an older version. Who keeps the catalogue reads its
// number and how it stands, not whose it is.
type MoveRow struct {
	Ref
	Number       string
	State        State
	From         int
	Stage        i18n.Text
	DepartmentID string
	AcceptedAt   time.Time
	DueAt        time.Time
}

// MoveResult is what came of a case in a run.
type MoveResult string

// The results. In a simulation a case is MoveCan or MoveCannot.
const (
	MoveCan     MoveResult = "can"
	MoveCannot  MoveResult = "cannot"
	MoveDone    MoveResult = "done"
	MoveChanged MoveResult = "changed" // somebody acted on it since the simulation
	MoveGone    MoveResult = "gone"    // it is no live case of this item (any more)
)

// MoveResults lists the results, for the test that looks for their texts.
var MoveResults = []MoveResult{MoveCan, MoveCannot, MoveDone, MoveChanged, MoveGone}

// MoveLine is one case of a simulation or of a run.
type MoveLine struct {
	Ref       Ref               `json:"ref"`
	Number    string            `json:"number"`
	From      int               `json:"from"`
	Result    MoveResult        `json:"result"`
	Obstacles []moving.Obstacle `json:"obstacles,omitempty"`
	Stage     i18n.Text         `json:"stage,omitzero"` // where it stands, or stood
	DueBefore time.Time         `json:"due_before,omitzero"`
	DueAfter  time.Time         `json:"due_after,omitzero"`
	Plan      moving.Plan       `json:"-"`
}

// MoveRun is a move of some cases to a version.
type MoveRun struct {
	ID        string
	ItemID    string
	VersionID string
	Number    int
	Reason    string
	ByID      string
	At        time.Time
	EndedAt   time.Time // zero while it runs, or when it was stopped half-way
	Lines     []MoveLine
	Version   int
}

// Count how many lines have a result.
func (r MoveRun) Count(of MoveResult) int {
	n := 0
	for _, l := range r.Lines {
		if l.Result == of {
			n++
		}
	}
	return n
}

// MoveInput chooses cases: those named, or all that stand on a version.
type MoveInput struct {
	Refs   []Ref
	All    string // version id, "" for those named
	To     string // version that was simulated
	Reason string
}

// movesOf is the item of a page of moves and the version that cases can go to,
// for who keeps the catalogue.
func (s *Service) movesOf(ctx context.Context, actor auth.Actor, code string) (*catalogue.Item, error) {
	record, _, err := s.Catalogue.History(ctx, actor, code)
	if errors.Is(err, catalogue.ErrNotFound) || err == nil && record.VersionID == "" {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return s.Catalogue.Version(ctx, record.VersionID)
}

// MoveBoard says how the live cases of an item stand on its versions.
func (s *Service) MoveBoard(ctx context.Context, actor auth.Actor, code string) (MoveBoard, error) {
	item, err := s.movesOf(ctx, actor, code)
	if err != nil {
		return MoveBoard{}, err
	}
	b := MoveBoard{Item: item}
	type count struct {
		version, stage string
		state          State
		n              int
	}
	var args db.Args
	where := `c.item_id=` + args.Add(item.ID) + ` AND c.decided_at=0 AND c.state IN ` + db.In(&args, movable)
	counts, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x count, err error) { return x, r.Scan(&x.version, &x.stage, &x.state, &x.n) },
		`SELECT c.item_version_id, c.stage, c.state, count(*) FROM cases_case c WHERE `+where+` GROUP BY c.item_version_id, c.stage, c.state ORDER BY 1, 2, 3`, args...)
	if err != nil {
		return b, fmt.Errorf("cases: move board: %w", err)
	}
	for _, x := range counts {
		of, err := s.Catalogue.Version(ctx, x.version)
		if err != nil {
			return b, fmt.Errorf("cases: move board: %w", err)
		}
		i := slices.IndexFunc(b.Groups, func(g MoveGroup) bool { return g.VersionID == x.version })
		if i < 0 {
			i = len(b.Groups)
			b.Groups = append(b.Groups, MoveGroup{VersionID: x.version, Number: of.Version, Now: x.version == item.VersionID})
		}
		g := &b.Groups[i]
		g.N += x.n
		g.Stages = append(g.Stages, MoveStage{State: x.state, Name: stageName(of, x.stage), N: x.n})
		if !g.Now {
			b.Older += x.n
		}
	}
	slices.SortFunc(b.Groups, func(a, o MoveGroup) int { return o.Number - a.Number })
	list, err := db.List(ctx, s.DB.Read(ctx), s.store.scanCase, `SELECT `+caseColumns+` FROM cases_case c WHERE `+where+` AND c.item_version_id <> `+args.Add(item.VersionID)+
		` ORDER BY c.submitted_at, c.id LIMIT `+args.Add(moveRows), args...)
	if err != nil {
		return b, fmt.Errorf("cases: move board: %w", err)
	}
	for _, k := range list {
		of, err := s.Catalogue.Version(ctx, k.ItemVersionID)
		if err != nil {
			return b, err
		}
		b.Rows = append(b.Rows, MoveRow{
			Ref: Ref{ID: k.ID, Version: k.Version}, Number: k.Number, State: k.State, From: of.Version, Stage: stageName(of, k.Stage),
			DepartmentID: k.DepartmentID, AcceptedAt: k.AcceptedAt, DueAt: k.DueAt,
		})
	}
	b.Runs, err = db.List(ctx, s.DB.Read(ctx), scanRun, `SELECT `+runColumns+` FROM cases_move_run WHERE item_id=$1 ORDER BY at DESC, id DESC LIMIT $2`, item.ID, moveRuns)
	return b, err
}

func stageName(item *catalogue.Item, key string) i18n.Text {
	st, _, _ := item.Flow.Stage(key)
	return st.Name
}

// refsFor are the cases that a move is about.
func (s *Service) refsFor(ctx context.Context, item *catalogue.Item, in MoveInput) ([]Ref, error) {
	refs := in.Refs
	if in.All != "" {
		var args db.Args
		found, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x Ref, err error) { return x, r.Scan(&x.ID, &x.Version) },
			`SELECT c.id, c.version FROM cases_case c WHERE c.item_id=`+args.Add(item.ID)+` AND c.item_version_id=`+args.Add(in.All)+` AND c.decided_at=0 AND c.state IN `+db.In(&args, movable)+
				` ORDER BY c.submitted_at, c.id LIMIT `+args.Add(MaxMoves), args...)
		if err != nil {
			return nil, fmt.Errorf("cases: moves: %w", err)
		}
		refs = found
	}
	switch {
	case len(refs) == 0:
		return nil, ErrNoMoves.At("case", ErrNoMoves.Code)
	case len(refs) > MaxMoves:
		return nil, ErrTooMany.With("max", MaxMoves)
	}
	return refs, nil
}

// SimulateMoves says of each case what a move to the published version would do.
// Nothing is changed.
func (s *Service) SimulateMoves(ctx context.Context, actor auth.Actor, code string, in MoveInput) (*catalogue.Item, []MoveLine, error) {
	item, err := s.movesOf(ctx, actor, code)
	if err != nil {
		return nil, nil, err
	}
	refs, err := s.refsFor(ctx, item, in)
	if err != nil {
		return nil, nil, err
	}
	has, err := s.posts(ctx)
	if err != nil {
		return nil, nil, err
	}
	out := make([]MoveLine, 0, len(refs))
	for _, ref := range refs {
		k, err := s.store.find(ctx, `c.id=$1`, string(ref.ID))
		if errors.Is(err, ErrNotFound) || err == nil && (k.ItemID != item.ID || k.State == Draft) {
			out = append(out, MoveLine{Ref: ref, Result: MoveGone})
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("cases: simulate moves: %w", err)
		}
		w := s.newWork(k, auth.SystemActor(), s.Clock.Now())
		if w.item, err = s.itemOf(ctx, &k); err != nil {
			return nil, nil, fmt.Errorf("cases: simulate moves: %w", err)
		}
		if w.tasks, err = s.store.tasks(ctx, k.ID); err != nil {
			return nil, nil, fmt.Errorf("cases: simulate moves: %w", err)
		}
		l := MoveLine{Ref: Ref{ID: k.ID, Version: k.Version}, Number: k.Number, From: w.item.Version, Stage: stageName(w.item, k.Stage), DueBefore: k.DueAt, Result: MoveCan}
		if l.Plan, err = w.planMove(ctx, item, has); err != nil {
			return nil, nil, fmt.Errorf("cases: simulate moves: %w", err)
		}
		if !l.Plan.OK() {
			l.Result, l.Obstacles = MoveCannot, l.Plan.Obstacles
		} else if !k.AcceptedAt.IsZero() {
			pauses, err := s.store.pauses(ctx, k.ID)
			if err != nil {
				return nil, nil, err
			}
			extensions, err := s.store.extensions(ctx, k.ID)
			if err != nil {
				return nil, nil, err
			}
			w.Kept, w.item = moving.Keep(w.Kept, w.item, item), item
			w.clock(pauses, extensions)
			l.DueAfter = w.DueAt
		}
		out = append(out, l)
	}
	return item, out, nil
}

// posts says whether somebody holds a post, in the words of a flow.
func (s *Service) posts(ctx context.Context) (func(role, department string) bool, error) {
	has, err := s.Identity.Staffed(ctx)
	return func(role, department string) bool { return has(auth.Role(role), department) }, err
}

// planMove plans the move of the case in hand.
func (w *work) planMove(ctx context.Context, to *catalogue.Item, has func(role, department string) bool) (moving.Plan, error) {
	if !slices.Contains(movable, w.State) {
		return moving.Plan{Obstacles: []moving.Obstacle{{Why: moving.WhyEnded}}}, nil
	}
	k := moving.Case{
		Accepted: w.State == Handling, Order: w.Bundle || w.ParentID != "", Waiting: w.NeedsApplicant || w.State == Supplementing,
		Stage: w.Stage, Department: w.DepartmentID, Today: w.svc.today(), Answers: map[string]any{},
	}
	for _, t := range w.tasks {
		k.Tasks = append(k.Tasks, moving.Task{
			ID: t.ID, Stage: t.Stage, Key: t.Key, Kind: t.Kind, Name: t.Name, Department: t.DepartmentID, Role: t.Role, Decides: t.Decides,
			Open: t.State == TaskOpen, Skipped: t.State == TaskSkipped,
		})
	}
	list, err := w.svc.store.snapshots(ctx, w.ID, 1)
	if err != nil {
		return moving.Plan{}, err
	}
	if len(list) > 0 {
		k.Answers = list[0].Answers
		for _, m := range list[0].Materials {
			if m.How != Missing && m.How != NotGiven {
				k.Given = append(k.Given, m.Key)
			}
		}
	}
	if toleratesSome(w.item) {
		gaps, err := w.svc.store.gaps(ctx, w.ID, w.item)
		if err != nil {
			return moving.Plan{}, err
		}
		for _, g := range gaps {
			if g.Open() {
				k.Tolerated = append(k.Tolerated, g.Key)
			}
		}
	}
	return moving.Make(k, w.item, to, has), nil
}

// MoveCases moves cases to the version that was simulated, each in its own
// transaction, and says what came of each. A case on which somebody acted since
// the simulation is left as it is. ErrStale: another version was published since.
func (s *Service) MoveCases(ctx context.Context, actor auth.Actor, code string, in MoveInput) (MoveRun, error) {
	item, err := s.movesOf(ctx, actor, code)
	if err != nil {
		return MoveRun{}, err
	}
	in.Reason = strings.TrimSpace(in.Reason)
	if n := utf8.RuneCountInString(in.Reason); n == 0 || n > 1000 {
		return MoveRun{}, ErrReason.At("reason", ErrReason.Code)
	}
	if in.To != item.VersionID {
		return MoveRun{}, ErrStale
	}
	refs, err := s.refsFor(ctx, item, in)
	if err != nil {
		return MoveRun{}, err
	}
	has, err := s.posts(ctx)
	if err != nil {
		return MoveRun{}, err
	}
	run := MoveRun{ID: ids.New(s.Clock.Now()), ItemID: item.ID, VersionID: item.VersionID, Number: item.Version, Reason: in.Reason, ByID: actor.ID, At: s.Clock.Now(), Version: 1}
	if err := s.DB.InTx(ctx, func(ctx context.Context) error { return s.store.insertRun(ctx, run) }); err != nil {
		return run, fmt.Errorf("cases: moves: %w", err)
	}
	var failed error
	for _, ref := range refs {
		line, err := s.moveCase(ctx, actor, ref, item, in.Reason, has)
		if err != nil { // what was moved until now stays on the record
			failed = fmt.Errorf("cases: move %s: %w", ref.ID, err)
			break
		}
		run.Lines = append(run.Lines, line)
	}
	if failed == nil {
		run.EndedAt = s.Clock.Now()
	}
	return run, errors.Join(failed, s.DB.InTx(ctx, func(ctx context.Context) error {
		x := run // this may run twice
		return s.store.saveRun(ctx, &x)
	}))
}

// errUnmovable takes back the transaction of a case that cannot move.
var errUnmovable = errors.New("cases: cannot move")

// moveCase is the command on one case. Who keeps the catalogue sees no case, so
// the engine gives it; the record says who did it and why.
func (s *Service) moveCase(ctx context.Context, actor auth.Actor, ref Ref, to *catalogue.Item, reason string, has func(role, department string) bool) (MoveLine, error) {
	line := MoveLine{Ref: ref, Result: MoveDone}
	_, err := s.run(ctx, auth.SystemActor(), ref, CmdMove, reason, func(ctx context.Context, w *work) error {
		if w.ItemID != to.ID {
			return ErrNotFound
		}
		w.actor = actor
		line.Number, line.From, line.Stage, line.DueBefore = w.Number, w.item.Version, stageName(w.item, w.Stage), w.DueAt
		plan, err := w.planMove(ctx, to, has)
		if err != nil {
			return err
		}
		line.Plan = plan
		if !plan.OK() {
			return errUnmovable
		}
		if err := w.moveTo(ctx, to, plan); err != nil {
			return err
		}
		line.DueAfter = w.DueAt
		return nil
	})
	switch {
	case errors.Is(err, errUnmovable):
		line.Result, line.Obstacles = MoveCannot, line.Plan.Obstacles
	case errors.Is(err, ErrStale):
		line.Result = MoveChanged
	case errors.Is(err, ErrState), errors.Is(err, ErrNotFound):
		line.Result = MoveGone
	default:
		return line, err
	}
	if line.Number == "" {
		if k, err := s.store.find(ctx, `c.id=$1 AND c.item_id=$2`, string(ref.ID), to.ID); err == nil {
			line.Number = k.Number
		}
	}
	return line, nil
}

// moveTo does what was planned.
func (w *work) moveTo(ctx context.Context, to *catalogue.Item, plan moving.Plan) error {
	due := w.DueAt
	w.detail["from"], w.detail["to"], w.detail["from_version"], w.detail["to_version"] = w.item.Version, to.Version, w.ItemVersionID, to.VersionID
	w.Kept = moving.Keep(w.Kept, w.item, to)
	w.item, w.ItemVersionID, w.ItemName = to, to.VersionID, to.Name
	if plan.Department != w.DepartmentID {
		w.detail["from_department"], w.detail["to_department"] = w.DepartmentID, plan.Department
		w.DepartmentID, w.Region = plan.Department, w.svc.Identity.Directory().Department(plan.Department).Region
	}
	told, err := w.moveDesks(ctx, plan)
	if err != nil {
		return err
	}
	var opened []Task
	for _, d := range plan.Skips {
		t := newTask(w.cal(), w.ID, plan.Stage.Key, d, w.now)
		t.State, t.DoneAt = TaskSkipped, w.now
		opened = append(opened, t)
	}
	var names []i18n.Text
	for _, d := range plan.Opens {
		opened = append(opened, parts(w.cal(), &w.Case, to, plan.Stage.Key, d, w.now)...)
		names = append(names, d.Name)
	}
	if len(names) > 0 {
		w.detail["opened"] = names
	}
	if len(plan.Passed) > 0 {
		w.detail["passed"] = plan.Passed
	}
	if err := w.open(ctx, opened); err != nil {
		return err
	}
	if !w.AcceptedAt.IsZero() {
		if err := w.tick(ctx); err != nil {
			return err
		}
		w.detail["due"], w.detail["sooner"] = db.MS(w.DueAt), w.DueAt.Before(due)
	}
	for _, t := range opened {
		if t.State == TaskOpen {
			told = append(told, t)
		}
	}
	return w.tellDesks(ctx, told)
}

// moveDesks gives open tasks the names and the desks of the new version, and
// returns those that changed, also as they were for who had them in hand.
func (w *work) moveDesks(ctx context.Context, plan moving.Plan) (changed []Task, err error) {
	for i := range w.tasks {
		t := &w.tasks[i]
		d, ok := w.defined(t)
		if t.State != TaskOpen || !ok {
			continue
		}
		at := slices.IndexFunc(plan.Changes, func(c moving.Change) bool { return c.ID == t.ID })
		if at < 0 && d.Name == t.Name {
			continue
		}
		if at >= 0 {
			changed = append(changed, *t)
			t.DepartmentID, t.Role, t.AssigneeID, t.GroupID = plan.Changes[at].Department, plan.Changes[at].Role, "", ""
			changed = append(changed, *t)
		}
		t.Name = d.Name
		if _, err := w.svc.DB.Exec(ctx, `UPDATE cases_task SET name=$2, department_id=$3, role=$4, assignee_id=$5, group_id=$6, version=version+1 WHERE id=$1`,
			t.ID, db.ToJSON(t.Name), t.DepartmentID, t.Role, t.AssigneeID, t.GroupID); err != nil {
			return nil, err
		}
		t.Version++
	}
	return changed, nil
}

// tellDesks writes to the feeds of those whose tasks changed.
func (w *work) tellDesks(ctx context.Context, tasks []Task) error {
	return w.svc.tellHands(ctx, tasks, notify.News{
		Key: fmt.Sprintf("moved:%s:%d", w.ID, w.LastSeq+1), Kind: kindMoved, Link: "/work/cases/" + string(w.ID), Class: notify.Progress,
		Params: map[string]any{"item": w.ItemName, "number": w.Number, "reason": strings.TrimRight(w.reason, "。.； ")},
	})
}

// tellHands tells staff about tasks: who has one in hand, else everybody who
// holds its post.
func (s *Service) tellHands(ctx context.Context, tasks []Task, n notify.News) error {
	var who []string
	for _, t := range tasks {
		holders := []identity.Holder{{ID: t.AssigneeID}}
		if t.AssigneeID == "" {
			var err error
			if holders, err = s.Identity.Holders(ctx, []string{t.DepartmentID}, auth.Role(t.Role)); err != nil {
				return err
			}
			holders = slices.DeleteFunc(holders, func(h identity.Holder) bool { return !fits(h.Post, &t) })
		}
		for _, h := range holders {
			if !slices.Contains(who, h.ID) {
				who = append(who, h.ID)
			}
		}
	}
	for _, id := range who {
		a, err := s.Identity.Account(ctx, id)
		if err != nil {
			return err
		}
		if err := s.Notify.Tell(ctx, a.Reader(), n); err != nil {
			return err
		}
	}
	return nil
}

// MoveRun is a run of an item, for who keeps the catalogue.
func (s *Service) MoveRun(ctx context.Context, actor auth.Actor, code, id string) (*catalogue.Item, MoveRun, error) {
	item, err := s.movesOf(ctx, actor, code)
	if err != nil {
		return nil, MoveRun{}, err
	}
	run, ok, err := db.Maybe(ctx, s.DB.Read(ctx), scanRun, `SELECT `+runColumns+` FROM cases_move_run WHERE id=$1 AND item_id=$2`, id, item.ID)
	if err == nil && !ok {
		err = ErrNotFound
	}
	return item, run, err
}

const runColumns = `id, item_id, version_id, number, reason, by_id, at, ended_at, lines, version`

func scanRun(r db.Scanner) (x MoveRun, err error) {
	return x, r.Scan(&x.ID, &x.ItemID, &x.VersionID, &x.Number, &x.Reason, &x.ByID, db.Time{Time: &x.At}, db.Time{Time: &x.EndedAt}, db.JSON[[]MoveLine]{V: &x.Lines}, &x.Version)
}

func (s store) insertRun(ctx context.Context, x MoveRun) error {
	_, err := s.db.Exec(ctx, `INSERT INTO cases_move_run (`+runColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,0,'[]',1)`,
		x.ID, x.ItemID, x.VersionID, x.Number, x.Reason, x.ByID, db.MS(x.At))
	return err
}

func (s store) saveRun(ctx context.Context, x *MoveRun) error {
	err := s.db.ExecOne(ctx, `UPDATE cases_move_run SET ended_at=$3, lines=$4, version=version+1 WHERE id=$1 AND version=$2`, x.ID, x.Version, db.MS(x.EndedAt), db.ToJSON(x.Lines))
	x.Version++
	return err
}
