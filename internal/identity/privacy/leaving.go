package privacy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
)

// Errors of leaving; the texts are error.privacy.*.
var (
	ErrKept = errs.Define(errs.Conflict, "privacy.kept") // something keeps the account
	errSure = errs.Define(errs.Invalid, "privacy.sure")
)

// ThinkItOver is for how long somebody can change his mind.
const ThinkItOver = 7 * 24 * time.Hour

// Leaving is an account whose owner wants it gone.
type Leaving struct{ AskedAt, DueAt time.Time }

// Obstacle keeps an account: a case that runs, a firm that would be without an
// owner, a promise that nobody has verified, a bad record that counts or an
// objection against one. Who left would come back with the same number and a
// clean record; the law lets a record be kept for as long as it demands it.
type Obstacle struct {
	Kind  string // case, firm, promise, credit, objection
	Name  i18n.Text
	Href  string
	Until time.Time // first instant after the day on which it ends, zero where none is known
}

// Obstacles lists what keeps an account from going.
func (s *Service) Obstacles(ctx context.Context, account string) ([]Obstacle, error) {
	out, err := s.Keeps(ctx, account)
	if err != nil {
		return nil, fmt.Errorf("privacy: obstacles: %w", err)
	}
	now := db.MS(s.Clock.Now())
	firms, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (o Obstacle, err error) {
		var id string
		err = r.Scan(&id, db.JSON[i18n.Text]{V: &o.Name})
		o.Kind, o.Href = "firm", "/my/firms/"+id+"/colleagues"
		return o, err
	}, `SELECT e.id, e.name FROM identity_agent g JOIN identity_enterprise e ON e.id = g.enterprise_id
		WHERE g.account_id=$1 AND g.level='owner' AND g.ended_at=0 AND NOT EXISTS (
			SELECT 1 FROM identity_agent o JOIN identity_account a ON a.id = o.account_id WHERE o.enterprise_id = g.enterprise_id AND o.account_id <> $1
				AND o.level='owner' AND o.ended_at=0 AND o.since <= $2 AND a.state='active' AND NOT EXISTS (SELECT 1 FROM identity_leaving l WHERE l.account_id = a.id AND l.done_at=0))
		ORDER BY e.id`, account, now)
	if err != nil {
		return nil, fmt.Errorf("privacy: obstacles: %w", err)
	}
	return append(out, firms...), nil
}

// LeavingOf says whether the owner of an account wants it gone.
func (s *Service) LeavingOf(ctx context.Context, account string) (Leaving, bool, error) {
	l, found, err := db.Maybe(ctx, s.DB.Read(ctx), func(r db.Scanner) (l Leaving, err error) {
		return l, r.Scan(db.Time{Time: &l.AskedAt}, db.Time{Time: &l.DueAt})
	}, `SELECT asked_at, due_at FROM identity_leaving WHERE account_id=$1 AND done_at=0`, account)
	if err != nil {
		return l, false, fmt.Errorf("privacy: leaving: %w", err)
	}
	return l, found, nil
}

// AskLeave says that the actor wants his account gone. It is refused while
// something keeps it; else it goes once he had time to change his mind. He proves
// that he is its owner.
func (s *Service) AskLeave(ctx context.Context, actor auth.Actor, sure bool, proof Proof) error {
	if actor.Kind != auth.Person {
		return ErrNotFound
	}
	if !sure {
		return ErrInvalid.At("sure", errSure.Code)
	}
	if err := s.prove(ctx, actor, proof); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.holdOwners(ctx, actor.ID); err != nil {
			return err
		}
		list, err := s.Obstacles(ctx, actor.ID)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			return ErrKept
		}
		now := s.Clock.Now()
		n, err := s.DB.Exec(ctx, `INSERT INTO identity_leaving (account_id, asked_at, due_at, told_at, done_at, version) VALUES ($1,$2,$3,0,0,1) ON CONFLICT (account_id) DO NOTHING`, actor.ID, db.MS(now), db.MS(now.Add(ThinkItOver)))
		if err != nil || n == 0 {
			return err
		}
		account, err := s.Identity.Account(ctx, actor.ID)
		if err != nil {
			return err
		}
		if err := s.Notify.Tell(ctx, notify.Reader{AccountID: account.ID, Locale: account.Locale, Mail: account.Email}, notify.News{
			Key: "leaving:" + actor.ID + ":" + i18n.ShortDate(now), Kind: "leaving_asked", Link: OwnPath, Legal: true, Params: map[string]any{"until": i18n.Moment(i18n.DateTime, now.Add(ThinkItOver))},
		}); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "privacy.ask_leave", Object: "account:" + actor.ID})
	})
}

// holdOwners lets two owners of one firm who leave at once wait for each other.
func (s *Service) holdOwners(ctx context.Context, account string) error {
	_, err := s.DB.Exec(ctx, `UPDATE identity_agent SET version=version+1 WHERE level='owner' AND ended_at=0 AND enterprise_id IN (SELECT enterprise_id FROM identity_agent WHERE account_id=$1 AND level='owner' AND ended_at=0)`, account)
	return err
}

// Stay takes back what AskLeave said.
func (s *Service) Stay(ctx context.Context, actor auth.Actor) error {
	if actor.Kind != auth.Person {
		return ErrNotFound
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := s.DB.Exec(ctx, `DELETE FROM identity_leaving WHERE account_id=$1 AND done_at=0`, actor.ID)
		if err != nil || n == 0 {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "privacy.stay", Object: "account:" + actor.ID})
	})
}

// sweepLeaving lets the accounts go whose time has come. What keeps one since it
// was asked for is told once; it goes when that is over.
func (s *Service) sweepLeaving(ctx context.Context) error {
	list, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT account_id FROM identity_leaving WHERE done_at=0 AND due_at <= $1 ORDER BY due_at LIMIT 50`, db.MS(s.Clock.Now()))
	for _, id := range list {
		err = errors.Join(err, s.DB.InTx(ctx, func(ctx context.Context) error { return s.leave(ctx, id) }))
	}
	if err != nil {
		return fmt.Errorf("privacy: leaving: %w", err)
	}
	return nil
}

// ownRows are the tables in which nothing about somebody stays once he has left.
var ownRows = []string{
	"identity_contact", "identity_desk_code", "identity_totp", "identity_recovery_code", "identity_passkey", "identity_password_code", "identity_oidc_link",
	"identity_sign_in", "identity_real_name", "identity_consent",
}

// Gone is what stands for the name of who left.
var Gone = i18n.Text{ZH: "已注销用户", EN: "Closed account"}

// leave lets an account go. What stays of it is an id that names nobody; cases
// stay as long as their kind is kept.
func (s *Service) leave(ctx context.Context, id string) error {
	now := db.MS(s.Clock.Now())
	n, err := s.DB.Exec(ctx, `UPDATE identity_leaving SET done_at=$2, version=version+1 WHERE account_id=$1 AND done_at=0 AND due_at <= $2`, id, now)
	if err != nil || n == 0 {
		return err // he changed his mind
	}
	if err := s.holdOwners(ctx, id); err != nil {
		return err
	}
	list, err := s.Obstacles(ctx, id)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		return s.postpone(ctx, id)
	}
	for _, end := range []string{
		`UPDATE identity_agent SET ended_at=$2, ended_by=$1, version=version+1 WHERE account_id=$1 AND ended_at=0`,
		`UPDATE identity_mandate_person SET ended_at=$2 WHERE account_id=$1 AND ended_at=0`,
	} {
		if _, err := s.DB.Exec(ctx, end, id, now); err != nil {
			return err
		}
	}
	if _, err := s.DB.Exec(ctx, `UPDATE identity_fact SET by_name=$2 WHERE recorded_by=$1`, id, db.ToJSON(Gone)); err != nil {
		return err
	}
	if err := s.dropPapers(ctx, id); err != nil {
		return err
	}
	for _, table := range append([]string{"identity_data_copy"}, ownRows...) {
		if _, err := s.DB.Exec(ctx, `DELETE FROM `+table+` WHERE account_id=$1`, id); err != nil {
			return err
		}
	}
	if err := s.DB.ExecOne(ctx, `UPDATE identity_account SET login=$2, name=$3, id_number=NULL, id_number_index='', phone='', phone_index='', email='', password_hash='', state='closed', phone_proven_at=0, mail_proven_at=0,
		version=version+1 WHERE id=$1 AND kind='person'`, id, "gone:"+id, db.ToJSON(Gone)); err != nil {
		return err
	}
	if err := s.Forget(ctx, id); err != nil {
		return err
	}
	if err := s.EndSessions(ctx, id); err != nil {
		return err
	}
	return s.Audit.Record(ctx, auth.SystemActor(), audit.Note{Action: "privacy.leave", Object: "account:" + id})
}

// ownPapers are what somebody brought himself, whoever looked at it since. What
// an office issued is its record, and stays with it.
const ownPapers = `holder_id=$1 AND holder_kind='person' AND source IN ('holder','window')`

// dropPapers takes out the files that were kept for who leaves, what he brought,
// and what he asked for and nobody has answered. What a case rests on that has to
// be kept stays with it: DropKept takes that out.
func (s *Service) dropPapers(ctx context.Context, id string) error {
	list, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT file_id FROM identity_data_copy WHERE account_id=$1
		UNION SELECT paper FROM identity_claim WHERE account_id=$1`, id)
	if err != nil {
		return err
	}
	for _, drop := range []string{
		`DELETE FROM identity_claim WHERE account_id=$1 AND state IN ('waiting','open')`,
		`UPDATE identity_claim SET paper='', version=version+1 WHERE account_id=$1 AND paper <> ''`, // that it was decided stays
	} {
		if _, err := s.DB.Exec(ctx, drop, id); err != nil {
			return err
		}
	}
	if err := s.Files.Remove(ctx, list...); err != nil {
		return err
	}
	return s.dropBrought(ctx, id)
}

// DropKept takes out, in the transaction of ctx, papers of a closed account that
// were kept for a case which is erased now, and for no other.
func (s *Service) DropKept(ctx context.Context, account string) error {
	if account == "" {
		return nil
	}
	state, found, err := db.Maybe(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT state FROM identity_account WHERE id=$1`, account)
	if err != nil || !found || state != "closed" {
		return err
	}
	return s.dropBrought(ctx, account)
}

// dropBrought takes out what somebody brought, as far as no case rests on it;
// what is kept for one counts for nothing else any more.
func (s *Service) dropBrought(ctx context.Context, id string) error {
	kept, err := s.Cited(ctx, id)
	if err != nil {
		return err
	}
	type paper struct{ id, file string }
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (p paper, err error) { return p, r.Scan(&p.id, &p.file) },
		`SELECT id, file_id FROM identity_certificate WHERE `+ownPapers+` AND number <> 'gone:' || id`, id)
	if err != nil {
		return err
	}
	for _, p := range list {
		if slices.Contains(kept, p.id) {
			if _, err := s.DB.Exec(ctx, `UPDATE identity_certificate SET state='revoked', version=version+1 WHERE id=$1 AND state <> 'revoked'`, p.id); err != nil {
				return err
			}
			continue
		}
		past, err := db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT file_id FROM identity_certificate_past WHERE certificate_id=$1`, p.id)
		if err != nil {
			return err
		}
		if _, err := s.DB.Exec(ctx, `DELETE FROM identity_certificate_past WHERE certificate_id=$1`, p.id); err != nil {
			return err
		}
		if _, err := s.DB.Exec(ctx, `UPDATE identity_certificate SET state='revoked', number='gone:' || id, paper_number='', code='', holder_name=$2, file_id='', version=version+1 WHERE id=$1`, p.id, db.ToJSON(Gone)); err != nil {
			return err
		}
		if err := s.Files.Remove(ctx, append(past, p.file)...); err != nil {
			return err
		}
	}
	return nil
}

// postpone keeps an account that something keeps, and tells its owner once.
func (s *Service) postpone(ctx context.Context, id string) error {
	now := s.Clock.Now()
	told, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int64], `SELECT told_at FROM identity_leaving WHERE account_id=$1`, id)
	if err != nil {
		return err
	}
	if _, err := s.DB.Exec(ctx, `UPDATE identity_leaving SET done_at=0, due_at=$2, told_at=$3, version=version+1 WHERE account_id=$1`, id, db.MS(now.Add(24*time.Hour)), db.MS(now)); err != nil || told > 0 {
		return err
	}
	account, err := s.Identity.Account(ctx, id)
	if err != nil {
		return err
	}
	return s.Notify.Tell(ctx, notify.Reader{AccountID: account.ID, Locale: account.Locale, Mail: account.Email}, notify.News{
		Key: "leaving:" + id + ":kept:" + i18n.ShortDate(now), Kind: "leaving_kept", Link: OwnPath, NeedsYou: true,
	})
}
