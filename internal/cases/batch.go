package cases

import (
	"context"

	"github.com/tongban/tongban/internal/platform/auth"
)

// MaxBatch is how many cases one batch may hold.
const MaxBatch = 500

// BatchInput is what a batch gives to every one of its cases; what the command
// does not need is left empty.
type BatchInput struct {
	Decide   DecideInput
	Endorse  EndorseInput
	Reassign ReassignInput
	Transfer TransferInput
	Reason   string // of a command that asks for nothing else
}

// Result of one case of a batch.
type Result struct {
	Ref
	Number string // "" for a case that the actor may not see
	Err    error  // nil when it was done; else why not, and nothing changed
	Case   Case   // as it stands now, when it was done
}

// batchable are the commands that can be given to many cases at once.
var batchable = map[Command]func(s *Service, ctx context.Context, a auth.Actor, ref Ref, in BatchInput) (Case, error){
	CmdAccept: func(s *Service, ctx context.Context, a auth.Actor, ref Ref, _ BatchInput) (Case, error) {
		return s.Accept(ctx, a, ref)
	},
	CmdClaim: func(s *Service, ctx context.Context, a auth.Actor, ref Ref, _ BatchInput) (Case, error) {
		return s.Claim(ctx, a, ref)
	},
	CmdRelease: func(s *Service, ctx context.Context, a auth.Actor, ref Ref, _ BatchInput) (Case, error) {
		return s.Release(ctx, a, ref)
	},
	CmdEndorse: func(s *Service, ctx context.Context, a auth.Actor, ref Ref, in BatchInput) (Case, error) {
		return s.Endorse(ctx, a, ref, in.Endorse)
	},
	CmdDecide: func(s *Service, ctx context.Context, a auth.Actor, ref Ref, in BatchInput) (Case, error) {
		return s.Decide(ctx, a, ref, in.Decide)
	},
	CmdReassign: func(s *Service, ctx context.Context, a auth.Actor, ref Ref, in BatchInput) (Case, error) {
		return s.Reassign(ctx, a, ref, in.Reassign)
	},
	CmdTransfer: func(s *Service, ctx context.Context, a auth.Actor, ref Ref, in BatchInput) (Case, error) {
		return s.Transfer(ctx, a, ref, in.Transfer)
	},
	CmdNote: func(s *Service, ctx context.Context, a auth.Actor, ref Ref, in BatchInput) (Case, error) {
		return s.Note(ctx, a, ref, in.Reason)
	},
}

// Batchable says whether a command can be given to many cases at once.
func Batchable(c Command) bool { return batchable[c] != nil }

// Batch gives one command to up to MaxBatch cases, each in a transaction of its
// own under the same checks as a single one: what cannot be done is in its
// result and holds up no other. A case that was named twice is done once. When
// ctx ends, the results of the rest say so. The results come in the order of refs.
func (s *Service) Batch(ctx context.Context, actor auth.Actor, cmd Command, refs []Ref, in BatchInput) ([]Result, error) {
	do := batchable[cmd]
	if do == nil {
		return nil, ErrForbidden
	}
	if len(refs) > MaxBatch {
		return nil, ErrTooMany.With("max", MaxBatch)
	}
	out := make([]Result, 0, len(refs))
	seen := map[ID]bool{}
	for _, ref := range refs {
		if seen[ref.ID] {
			continue
		}
		seen[ref.ID] = true
		r := Result{Ref: ref}
		if r.Err = ctx.Err(); r.Err == nil {
			r.Case, r.Err = do(s, ctx, actor, ref, in)
		}
		if r.Number = r.Case.Number; r.Err != nil {
			r.Number = s.numberFor(ctx, actor, ref.ID)
		}
		out = append(out, r)
	}
	return out, nil
}

// numberFor is the number of a case for who may see it.
func (s *Service) numberFor(ctx context.Context, actor auth.Actor, id ID) string {
	k, err := s.store.find(ctx, `c.id=$1`, string(id))
	if err != nil {
		return ""
	}
	tasks, err := s.store.tasks(ctx, id)
	if err != nil || !sees(actor, &k, tasks) {
		return ""
	}
	return k.Number
}
