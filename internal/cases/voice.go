package cases

import (
	"context"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Side of the conversation about a case; package talk holds the conversation,
// the table of rights stays here.
type Side string

// The sides.
const (
	PartySide Side = "party" // the applicant, and all who act for him
	StaffSide Side = "staff"
)

// Voice is the part of an actor in the conversation about a case.
type Voice struct {
	Side   Side
	Writes bool      // may write
	Desk   bool      // of staff: it is up to his desk to answer, so what he has read counts as read
	Post   auth.Post // of staff: under which he writes
}

// voices are the roles whose right to see a case lets them write in its
// conversation; commissioners and leaders read.
func voices(r auth.Role) bool {
	return r == auth.Clerk || r == auth.Handler || r == auth.Approver || r == auth.Head
}

// Voice says what part the actor has in the conversation about a case. Somebody
// else's case, a draft, and an order of which the actor reads the ladder only
// are ErrNotFound.
func (s *Service) Voice(ctx context.Context, actor auth.Actor, id ID) (Case, Voice, error) {
	k, err := s.store.find(ctx, `c.id=$1`, string(id))
	if err != nil {
		return Case{}, Voice{}, err
	}
	tasks, err := s.store.tasks(ctx, id)
	if err != nil {
		return Case{}, Voice{}, fmt.Errorf("cases: voice: %w", err)
	}
	if !handedIn(&k) || !sees(actor, &k, tasks) || ladderOnly(actor, &k, tasks) {
		return Case{}, Voice{}, ErrNotFound
	}
	if actor.Kind != auth.Staff {
		return k, Voice{Side: PartySide, Writes: actor.Kind != auth.Person || own.holds(actor, auth.Post{}, &k, nil) && own.gives(actor, &k)}, nil
	}
	v := Voice{Side: StaffSide}
	each(actor, func(r right, p auth.Post) {
		if !voices(r.role) || !r.scope.holds(actor, p, &k, tasks) || passedOn(r, p, &k, tasks) {
			return
		}
		if !v.Writes {
			v.Writes, v.Post = true, p
		}
		if !v.Desk && answers(actor, r.role, &k) {
			v.Desk, v.Post = true, p
		}
	})
	return k, v, nil
}

// answers says that it is up to people of the role to answer the applicant:
// while a case is handled the desks, else any window, and always the clerk who
// received it. An order is of no desk.
func answers(a auth.Actor, r auth.Role, k *Case) bool {
	if r != auth.Clerk {
		return !k.Bundle
	}
	return k.State != Handling || k.Bundle || k.ReceiverID == a.ID
}

// answering is Voice.Desk as SQL over c, for lists.
func answering(args *db.Args, a auth.Actor) string {
	where := "1=0"
	each(a, func(r right, p auth.Post) {
		switch {
		case !voices(r.role):
		case r.role == auth.Clerk:
			where += ` OR (c.state <> 'handling' OR c.bundle OR c.receiver_id = ` + args.Add(a.ID) + `) AND ` + r.scope.where(args, a, p)
		case r.scope.name == desk.name: // as passedOn
			d := args.Add(p.DepartmentID)
			where += ` OR NOT c.bundle AND c.submitted_at > 0 AND (` + ofDepartment(d) + ` OR ` + hasTask(d, ` AND t.state = 'open'`) + `
				OR ` + hasTask(d, "") + ` AND NOT ` + hasTask(d, ` AND t.state = 'cancelled' AND t.result = '`+TransferredAway+`'`) + `)`
		default:
			where += ` OR NOT c.bundle AND ` + r.scope.where(args, a, p)
		}
	})
	return "(" + where + ")"
}

// asked is the condition on c that a reply of the applicant is waited for, with
// the steps of an order for the order.
const asked = `(c.state NOT IN ('delivered','refused','withdrawn') AND (EXISTS (SELECT 1 FROM cases_ask q WHERE q.case_id = c.id AND q.state = 'open')
	OR c.bundle AND EXISTS (SELECT 1 FROM cases_case k JOIN cases_ask q ON q.case_id = k.id AND q.state = 'open' WHERE k.parent_id = c.id AND k.state NOT IN ('delivered','refused','withdrawn'))))`

// Talk is how the conversation about a case stands for the reader of a list.
type Talk struct {
	Unread int       // messages that the reader's side has not read
	Asked  int       // replies of the applicant that are waited for
	By     time.Time // the first of these
	In     ID        // the case whose conversation it is: of an order it may be a step
}

// Talks says how the conversations about cases stand for the side of the actor;
// those of its steps count for an order. Cases without anything new or asked are
// not in the map.
func (s *Service) Talks(ctx context.Context, actor auth.Actor, list ...ID) (map[ID]Talk, error) {
	out := map[ID]Talk{}
	if len(list) == 0 {
		return out, nil
	}
	unread := "t.unread_party"
	if actor.Kind == auth.Staff {
		unread = "t.unread_staff"
	}
	type row struct {
		Talk
		of ID
	}
	var args db.Args
	in := db.In(&args, list)
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x row, err error) {
		return x, r.Scan(&x.of, &x.In, &x.Unread, &x.Asked, db.Time{Time: &x.By})
	}, `SELECT CASE WHEN c.id IN `+in+` THEN c.id ELSE c.parent_id END, c.id, `+unread+`,
			(SELECT count(*) FROM cases_ask q WHERE q.case_id = c.id AND q.state = 'open' AND c.closed_at = 0),
			(SELECT COALESCE(min(q.due_at), 0) FROM cases_ask q WHERE q.case_id = c.id AND q.state = 'open' AND c.closed_at = 0)
		FROM cases_thread t JOIN cases_case c ON c.id = t.case_id WHERE t.case_id IN
			(SELECT k.id FROM cases_case k WHERE k.id IN `+in+` UNION SELECT k.id FROM cases_case k WHERE k.parent_id <> '' AND k.parent_id IN `+in+`)
		ORDER BY c.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("cases: talks: %w", err)
	}
	for _, r := range rows {
		if r.Unread == 0 && r.Asked == 0 {
			continue
		}
		t := out[r.of]
		t.Unread, t.Asked = t.Unread+r.Unread, t.Asked+r.Asked
		if r.Asked > 0 && (t.By.IsZero() || r.By.Before(t.By)) {
			t.By, t.In = r.By, r.In
		}
		if t.In == "" {
			t.In = r.In
		}
		out[r.of] = t
	}
	return out, nil
}

// addTalks marks the rows of a list.
func (s *Service) addTalks(ctx context.Context, actor auth.Actor, rows []Row) error {
	list := make([]ID, len(rows))
	for i := range rows {
		list[i] = rows[i].ID
	}
	talks, err := s.Talks(ctx, actor, list...)
	for i := range rows {
		rows[i].Talk = talks[rows[i].ID]
	}
	return err
}

// Readers are those of the applicant's side who are told of something: the
// person who acts, and for what needs doing all who act for the firm.
func (s *Service) Readers(ctx context.Context, k *Case, needsYou bool) ([]identity.Account, error) {
	return s.readers(ctx, k, needsYou)
}

// Hands returns the accounts that have the case in hand: who claimed a task
// that is open, else the clerk who received it.
func (s *Service) Hands(ctx context.Context, k *Case) ([]string, error) {
	tasks, err := s.store.tasks(ctx, k.ID)
	if err != nil {
		return nil, fmt.Errorf("cases: hands: %w", err)
	}
	var out []string
	for _, t := range tasks {
		if t.State == TaskOpen && t.AssigneeID != "" {
			out = append(out, t.AssigneeID)
		}
	}
	if len(out) == 0 && k.ReceiverID != "" {
		out = append(out, k.ReceiverID)
	}
	return out, nil
}
