package cases

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/events"
)

// ofPerson are the cases that somebody filed, or that are about himself.
const ofPerson = `(c.account_id=$1 OR c.party_kind='person' AND c.party_id=$1)`

// RunningOf lists the cases of somebody that have not ended, drafts apart.
func (s *Service) RunningOf(ctx context.Context, account string) ([]Case, error) {
	return s.casesOf(ctx, account, `c.state IN ('submitted','supplementing','handling','decided') AND c.parent_id=''`)
}

// Promised is what somebody was granted on his word, or with a paper that is to
// come: Until is by when that is looked at.
type Promised struct {
	Case
	Until time.Time
}

// PromisedBy lists what somebody was granted for himself and has not made good
// yet. What he filed for a firm is for the firm to make good.
func (s *Service) PromisedBy(ctx context.Context, account string) ([]Promised, error) {
	list, err := s.casesOf(ctx, account, `c.party_kind='person' AND c.party_id=$1 AND NOT (c.parent_id='' AND c.state IN ('submitted','supplementing','handling','decided'))
		AND (c.verify_at > 0 OR EXISTS (SELECT 1 FROM cases_gap g WHERE g.case_id=c.id AND g.closed_at=0))`)
	if err != nil {
		return nil, err
	}
	out := make([]Promised, len(list))
	for i, k := range list {
		gap, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int64], `SELECT COALESCE(max(due_at), 0) FROM cases_gap WHERE case_id=$1 AND closed_at=0`, string(k.ID))
		if err != nil {
			return nil, fmt.Errorf("cases: promised: %w", err)
		}
		out[i] = Promised{Case: k, Until: k.VerifyAt}
		if late := time.UnixMilli(gap); gap > 0 && late.After(out[i].Until) {
			out[i].Until = late
		}
	}
	return out, nil
}

// AllOf lists every case of somebody, the newest first.
func (s *Service) AllOf(ctx context.Context, account string) ([]Case, error) {
	return s.casesOf(ctx, account, `c.parent_id=''`)
}

func (s *Service) casesOf(ctx context.Context, account, where string) ([]Case, error) {
	list, err := db.List(ctx, s.DB.Read(ctx), s.store.scanCase, `SELECT `+caseColumns+` FROM cases_case c WHERE `+ofPerson+` AND `+where+` ORDER BY c.id DESC`, account)
	if err != nil {
		return nil, fmt.Errorf("cases: of a person: %w", err)
	}
	return list, nil
}

// DropDraftsOf throws away, in the transaction of ctx, what somebody began for
// himself and did not hand in. Drafts for a firm are the firm's, and stay.
func (s *Service) DropDraftsOf(ctx context.Context, account string) error {
	list, err := s.casesOf(ctx, account, `c.state='draft' AND c.party_kind='person'`)
	for _, k := range list {
		err = errors.Join(err, s.deleteDraft(ctx, k.ID))
	}
	return err
}

func (s *Service) deleteDraft(ctx context.Context, id ID) error {
	held, err := s.filesOf(ctx, id)
	if err != nil {
		return err
	}
	for _, table := range []string{"cases_buffer", "cases_material", "cases_file", "cases_idempotency", "cases_visit_case", "cases_event"} {
		if _, err := s.DB.Exec(ctx, `DELETE FROM `+table+` WHERE case_id=$1`, string(id)); err != nil {
			return err
		}
	}
	if _, err := s.DB.Exec(ctx, `DELETE FROM cases_case WHERE id=$1`, string(id)); err != nil {
		return err
	}
	if err := s.removeUnshared(ctx, held); err != nil {
		return err
	}
	return s.Audit.Record(ctx, auth.SystemActor(), audit.Note{Action: "cases.drop_draft", Object: "case:" + string(id)})
}

// filesOf are the files that hang on a case, wherever they do.
func (s *Service) filesOf(ctx context.Context, id ID) ([]string, error) {
	return db.List(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT file_id FROM cases_file WHERE case_id=$1
		UNION SELECT file_id FROM cases_task_file WHERE case_id=$1
		UNION SELECT f.file_id FROM cases_message_file f JOIN cases_message m ON m.id = f.message_id WHERE m.case_id=$1
		UNION SELECT signature FROM cases_delivery WHERE case_id=$1 AND signature <> ''`, string(id))
}

// removeUnshared removes those of some files that no other case has: what was
// handed in once serves for others.
func (s *Service) removeUnshared(ctx context.Context, list []string) error {
	for _, f := range list {
		_, used, err := db.Maybe(ctx, s.DB.Write(ctx), db.Scalar[string], `SELECT file_id FROM cases_file WHERE file_id=$1
			UNION SELECT file_id FROM cases_task_file WHERE file_id=$1 UNION SELECT file_id FROM cases_message_file WHERE file_id=$1 LIMIT 1`, f)
		if err != nil {
			return err
		}
		if used {
			continue
		}
		if _, err := s.DB.Exec(ctx, `DELETE FROM cases_check WHERE file_id=$1`, f); err != nil {
			return err
		}
		if err := s.Files.Remove(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// erased is what stands for the name of a person in a case that was erased.
var erased = i18n.Text{ZH: "已删除", EN: "Deleted"}

// Erased says, in the transaction that did it, that what people said in a case is
// gone: what other modules keep of it goes too. Case is as it was before.
type Erased struct{ Case Case }

// Erase takes out of an ended case, in the transaction of ctx, what people said
// in it: answers, files, papers, messages, words of decisions and opinions, and
// the person who asked. What figures are made of stays. Package retention decides
// when; what still runs is refused.
func (s *Service) Erase(ctx context.Context, id ID) error {
	k, err := s.store.locked(ctx, id)
	if err != nil {
		return err
	}
	if !k.State.Ended() {
		return ErrState
	}
	was := k
	held, err := s.filesOf(ctx, id)
	if err != nil {
		return err
	}
	for _, stmt := range []string{
		`DELETE FROM cases_message_file WHERE message_id IN (SELECT id FROM cases_message WHERE case_id=$1)`,
		`DELETE FROM cases_ask WHERE case_id=$1`, `DELETE FROM cases_message WHERE case_id=$1`, `DELETE FROM cases_told WHERE case_id=$1`, `DELETE FROM cases_thread WHERE case_id=$1`,
		`DELETE FROM cases_file WHERE case_id=$1`, `DELETE FROM cases_task_file WHERE case_id=$1`, `DELETE FROM cases_buffer WHERE case_id=$1`, `DELETE FROM cases_material WHERE case_id=$1`,
		`DELETE FROM cases_document_file WHERE document_id IN (SELECT id FROM cases_document WHERE case_id=$1)`, `DELETE FROM cases_document WHERE case_id=$1`,
		`UPDATE cases_snapshot SET answers='{}', materials='[]' WHERE case_id=$1`,
		`UPDATE cases_event SET reason='', detail='{}', actor_name=CASE WHEN actor_kind='staff' THEN actor_name ELSE '' END WHERE case_id=$1`,
		`UPDATE cases_task SET opinion='' WHERE case_id=$1`, `UPDATE cases_pause SET reason='' WHERE case_id=$1`, `UPDATE cases_extension SET reason='' WHERE case_id=$1`,
		`UPDATE cases_transfer SET reason='' WHERE case_id=$1`, `UPDATE cases_gap SET reason='' WHERE case_id=$1`, `UPDATE cases_inspection SET place='' WHERE case_id=$1`,
		`UPDATE cases_request SET points='[]', note='' WHERE case_id=$1`, `UPDATE cases_decision SET text='{}', reason='' WHERE case_id=$1`,
		`UPDATE cases_delivery SET receiver='', tracking='', signature='' WHERE case_id=$1`,
		`UPDATE cases_visit SET note='' WHERE id IN (SELECT v.visit_id FROM cases_visit_case v WHERE v.case_id=$1) AND NOT EXISTS (SELECT 1 FROM cases_visit_case o
			WHERE o.visit_id=cases_visit.id AND o.case_id <> $1 AND NOT EXISTS (SELECT 1 FROM cases_retention r WHERE r.case_id=o.case_id AND r.erased_at > 0))`, // what else it was about may need it
		`UPDATE cases_objection SET name='', contact='', body='', answer=CASE WHEN answer='' THEN '' ELSE '—' END WHERE case_id=$1`,
	} {
		if _, err := s.DB.Exec(ctx, stmt, string(id)); err != nil {
			return fmt.Errorf("cases: erase: %w", err)
		}
	}
	if k.Party.Kind == identity.HolderPerson {
		k.Party.Name, k.Party.Code = erased, ""
	}
	if err := s.DB.ExecOne(ctx, `UPDATE cases_case SET party_name=$3, party_code=$4, pickup_code='', offered_to='', version=version+1 WHERE id=$1 AND version=$2`,
		string(id), k.Version, db.ToJSON(k.Party.Name), s.store.partyCode(k.Party)); err != nil {
		return fmt.Errorf("cases: erase: %w", err)
	}
	if err := s.removeUnshared(ctx, held); err != nil {
		return fmt.Errorf("cases: erase: %w", err)
	}
	if err := s.Notify.ForgetNews(ctx, "case:"+string(id)+":"); err != nil {
		return err
	}
	return events.Publish(ctx, s.Bus, Erased{Case: was})
}

// ErasedAlready says whether what people said in a case is gone: nothing is
// written into it any more.
func (s *Service) ErasedAlready(ctx context.Context, id ID) (bool, error) {
	_, gone, err := db.Maybe(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT 1 FROM cases_retention WHERE case_id=$1 AND erased_at > 0`, string(id))
	if err != nil {
		return false, fmt.Errorf("cases: erased: %w", err)
	}
	return gone, nil
}
