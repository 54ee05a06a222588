package talk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
)

// Thread returns the last messages of the conversation, or those before one;
// questions that are still open come always.
func (s *Service) Thread(ctx context.Context, actor auth.Actor, id cases.ID, before string) (*Thread, error) {
	k, voice, err := s.Cases.Voice(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	t := &Thread{Case: k, Voice: voice}
	t.Until = closes(&k)
	t.Writes = voice.Writes && (voice.Side == cases.StaffSide || t.Until.IsZero() || s.Clock.Now().Before(t.Until))
	t.Asks = voice.Side == cases.StaffSide && voice.Writes && !k.State.Ended()
	if t.Messages, err = s.messages(ctx, actor, voice, id, before); err != nil {
		return nil, fmt.Errorf("talk: thread: %w", err)
	}
	if len(t.Messages) > threadShown {
		t.Messages = t.Messages[1:]
		t.Earlier = t.Messages[0].ID
	}
	return t, nil
}

// closes is when the conversation ends for the applicant's side; zero while the
// case goes on.
func closes(k *cases.Case) time.Time {
	if !k.State.Ended() || k.ClosedAt.IsZero() {
		return time.Time{}
	}
	return workday.EndOf(workday.DateOf(k.ClosedAt).AddDays(OpenAfter))
}

func (s *Service) messages(ctx context.Context, actor auth.Actor, voice cases.Voice, id cases.ID, before string) ([]Message, error) {
	if before == "" {
		before = "~" // beyond every id
	}
	now := s.Clock.Now()
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (m Message, err error) {
		var a Ask
		var state string
		err = r.Scan(&m.ID, &m.Side, &m.AuthorID, &m.AuthorName, &m.AuthorRole, db.JSON[i18n.Text]{V: &m.Place}, &m.Text, &m.Answers,
			db.Time{Time: &m.WrittenAt}, db.Time{Time: &m.ReadAt}, db.Time{Time: &m.WithdrawnAt}, &state, db.Time{Time: &a.DueAt}, db.Time{Time: &a.ClosedAt})
		if state != "" {
			a.MessageID, a.State = m.ID, state
			m.Ask = &a
		}
		return m, err
	}, `SELECT m.id, m.side, m.author_id, m.author_name, m.author_role, m.place, m.text, m.answers, m.written_at, m.read_at, m.withdrawn_at,
			COALESCE(q.state, ''), COALESCE(q.due_at, 0), COALESCE(q.closed_at, 0)
		FROM cases_message m LEFT JOIN cases_ask q ON q.message_id = m.id
		WHERE m.case_id=$1 AND m.id < $2 ORDER BY m.id DESC LIMIT $3`, string(id), before, threadShown+1)
	if err != nil {
		return nil, err
	}
	slices.Reverse(list)
	if err := s.addFiles(ctx, list); err != nil {
		return nil, err
	}
	for i := range list {
		m := &list[i]
		m.Mine = m.AuthorID == actor.ID
		m.Withdrawal = m.Mine && m.WithdrawnAt.IsZero() && m.ReadAt.IsZero() && now.Before(m.WrittenAt.Add(Withdrawal))
		if !m.WithdrawnAt.IsZero() {
			m.Text, m.Files = "", nil
		}
		if m.Side == cases.StaffSide && voice.Side == cases.PartySide {
			m.AuthorName = "" // applicants deal with an office, not with a name
		}
	}
	return list, nil
}

func (s *Service) addFiles(ctx context.Context, list []Message) error {
	if len(list) == 0 {
		return nil
	}
	type row struct{ message, file string }
	var args db.Args
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	rows, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.message, &x.file) },
		`SELECT message_id, file_id FROM cases_message_file WHERE message_id IN `+db.In(&args, ids)+` ORDER BY message_id, position`, args...)
	if err != nil || len(rows) == 0 {
		return err
	}
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = r.file
	}
	found, err := s.Files.FindAll(ctx, names)
	if err != nil {
		return err
	}
	for i := range list {
		for _, r := range rows {
			if r.message == list[i].ID {
				list[i].Files = append(list[i].Files, found[r.file])
			}
		}
	}
	return nil
}

// Open returns the questions about a case that wait for a reply, the most
// urgent first.
func (s *Service) Open(ctx context.Context, actor auth.Actor, id cases.ID) ([]Message, error) {
	k, _, err := s.Cases.Voice(ctx, actor, id)
	if err != nil || k.State.Ended() {
		return nil, err
	}
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (m Message, err error) {
		m.Ask = &Ask{State: askOpen}
		err = r.Scan(&m.ID, &m.Text, db.JSON[i18n.Text]{V: &m.Place}, &m.AuthorRole, db.Time{Time: &m.WrittenAt}, db.Time{Time: &m.Ask.DueAt})
		m.Side, m.Ask.MessageID = cases.StaffSide, m.ID
		return m, err
	}, `SELECT m.id, m.text, m.place, m.author_role, m.written_at, q.due_at FROM cases_ask q JOIN cases_message m ON m.id = q.message_id
		WHERE q.case_id=$1 AND q.state='open' ORDER BY q.due_at, m.id`, string(id))
	if err != nil {
		return nil, fmt.Errorf("talk: open questions: %w", err)
	}
	return list, nil
}

// Read notes that the reader has seen the conversation. What staff read counts
// when it is up to their desk to answer; what applicants read always does.
func (s *Service) Read(ctx context.Context, actor auth.Actor, id cases.ID) error {
	_, voice, err := s.Cases.Voice(ctx, actor, id)
	if err != nil {
		return err
	}
	count, other := "unread_party", cases.StaffSide
	if voice.Side == cases.StaffSide {
		if !voice.Desk {
			return nil
		}
		count, other = "unread_staff", cases.PartySide
	}
	if n, _, err := db.Maybe(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT `+count+` FROM cases_thread WHERE case_id=$1`, string(id)); err != nil || n == 0 {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.DB.Exec(ctx, `UPDATE cases_thread SET `+count+`=0, version=version+1 WHERE case_id=$1`, string(id)); err != nil {
			return err
		}
		_, err := s.DB.Exec(ctx, `UPDATE cases_message SET read_at=$3, read_by=$4 WHERE case_id=$1 AND side=$2 AND read_at=0 AND withdrawn_at=0`,
			string(id), string(other), db.MS(s.Clock.Now()), actor.ID)
		return err
	})
}

// File returns a file of the conversation for who may read it; one of a message
// that was withdrawn is gone.
func (s *Service) File(ctx context.Context, actor auth.Actor, id cases.ID, fileID string) (files.File, error) {
	if _, _, err := s.Cases.Voice(ctx, actor, id); err != nil {
		return files.File{}, err
	}
	n, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM cases_message_file f JOIN cases_message m ON m.id = f.message_id
		WHERE m.case_id=$1 AND f.file_id=$2 AND m.withdrawn_at=0`, string(id), fileID)
	if err != nil {
		return files.File{}, fmt.Errorf("talk: file: %w", err)
	}
	if n == 0 {
		return files.File{}, ErrNotFound
	}
	return s.Files.Find(ctx, fileID)
}
