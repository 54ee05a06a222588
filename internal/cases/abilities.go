package cases

import (
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Ability is a case with what the reader may do to it now.
type Ability struct {
	Case  Case
	Can   []Command
	tasks []Task
}

// Refusal says why the actor may not give a command to the case now, as the
// command itself would say it; nil when he may.
func (x Ability) Refusal(actor auth.Actor, c Command) error {
	task := taskOf(actor, x.tasks)
	switch {
	case slices.Contains(x.Can, c):
		return nil
	case !c.possible(&x.Case):
		return ErrState.With("command", string(c)).With("state", string(x.Case.State))
	case commands[c].task && task == nil:
		return ErrNoTask
	case !allowed(actor, c, &x.Case, x.tasks, task):
		return ErrForbidden
	case x.Case.NeedsApplicant:
		return ErrWaiting
	case x.Case.Paused && c != CmdResume:
		return ErrPaused
	case c == CmdResume:
		return ErrNotPaused
	case commands[c].task && task.AssigneeID != "" && task.AssigneeID != actor.ID:
		return ErrTaken
	default:
		return ErrNoTask
	}
}

// Reassignable are the tasks of the case that the actor may give to a colleague.
func (x Ability) Reassignable(actor auth.Actor) []Task { return reassignable(actor, x.tasks) }

// Abilities returns what the actor may do to each of several cases now, as
// View does for one; those that he may not see are left out.
func (s *Service) Abilities(ctx context.Context, actor auth.Actor, list []ID) (map[ID]Ability, error) {
	out := make(map[ID]Ability, len(list))
	for part := range slices.Chunk(list, 200) {
		var args db.Args
		in := db.In(&args, texts(part))
		found, err := db.List(ctx, s.DB.Read(ctx), s.store.scanCase, `SELECT `+caseColumns+` FROM cases_case c WHERE c.id IN `+in, args...)
		if err != nil {
			return nil, fmt.Errorf("cases: abilities: %w", err)
		}
		tasks, err := db.List(ctx, s.DB.Read(ctx), scanTask, `SELECT `+taskColumns+` FROM cases_task WHERE case_id IN `+in+` ORDER BY created_at, id`, args...)
		if err != nil {
			return nil, fmt.Errorf("cases: abilities: %w", err)
		}
		type pause struct {
			id   ID
			kind string
		}
		pauses, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x pause, err error) { return x, r.Scan(&x.id, &x.kind) },
			`SELECT case_id, kind FROM cases_pause WHERE to_at = 0 AND case_id IN `+in, args...)
		if err != nil {
			return nil, fmt.Errorf("cases: abilities: %w", err)
		}
		of, kinds := map[ID][]Task{}, map[ID]string{}
		for _, t := range tasks {
			of[t.CaseID] = append(of[t.CaseID], t)
		}
		for _, p := range pauses {
			kinds[p.id] = p.kind
		}
		for i := range found {
			k := &found[i]
			if sees(actor, k, of[k.ID]) {
				out[k.ID] = Ability{*k, can(actor, k, of[k.ID], kinds[k.ID]), of[k.ID]}
			}
		}
	}
	return out, nil
}

func texts(list []ID) []string {
	out := make([]string, len(list))
	for i, id := range list {
		out[i] = string(id)
	}
	return out
}
