package talk

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/quota"
)

// Write adds a message and tells the other side. A reply that comes too late
// for its question is kept out with ErrNoAsk: the writer sees what happened
// before he sends it as a message of its own. It returns the id of the message.
func (s *Service) Write(ctx context.Context, actor auth.Actor, id cases.ID, in Input) (string, error) {
	in.Text = strings.TrimSpace(in.Text)
	k, voice, err := s.mayWrite(ctx, actor, id)
	if err != nil {
		return "", err
	}
	due, err := s.check(&in, &k, voice)
	if err != nil {
		return "", err
	}
	blobs := make([]files.Blob, len(in.Files)) // bytes first: inside the transaction nothing waits for a disk
	for i, f := range in.Files {
		if err := s.Quota.Spend(ctx, actor, quota.Files, 1); err != nil {
			return "", err
		}
		if blobs[i], err = s.Files.Put(ctx, f.Content, f.Name, in.Limit); err != nil {
			return "", err
		}
		if err := s.Quota.Spend(ctx, actor, quota.Bytes, blobs[i].Size); err != nil {
			return "", err
		}
	}
	now := s.Clock.Now()
	if in.Once == "" {
		in.Once = ids.New(now)
	}
	m := Message{ID: ids.New(now), Side: voice.Side, AuthorID: actor.ID, AuthorName: actor.Name, Text: in.Text, Answers: in.Answers, WrittenAt: now}
	if voice.Side == cases.StaffSide {
		m.AuthorRole, m.Place = string(voice.Post.Role), s.Identity.Directory().Place(voice.Post)
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, _, err := s.mayWrite(ctx, actor, id); err != nil {
			return err // the case ended, or the right to it, while the files came in
		}
		fresh, err := s.insert(ctx, &k, &m, in.Once)
		if err != nil || !fresh {
			return err
		}
		if err := s.Quota.Spend(ctx, actor, quota.Messages, 1); err != nil {
			return err
		}
		for i, f := range in.Files {
			file, err := s.Files.Register(ctx, blobs[i], f.Name, actor.ID)
			if err != nil {
				return err
			}
			if _, err := s.DB.Exec(ctx, `INSERT INTO cases_message_file (message_id, file_id, position) VALUES ($1,$2,$3) ON CONFLICT DO NOTHING`, m.ID, file.ID, i); err != nil {
				return err
			}
		}
		if err := s.question(ctx, &k, &m, due); err != nil {
			return err
		}
		note := audit.Note{Action: "cases.message", Object: "case:" + string(id), Change: map[string]any{"message": m.ID, "files": len(in.Files), "ask": in.ReplyBy, "answers": in.Answers}}
		if k.Party.Kind == identity.HolderEnterprise {
			note.OnBehalf = k.Party.ID
		}
		if err := s.Audit.Record(ctx, actor, note); err != nil {
			return err
		}
		return s.tell(ctx, &k, m.Side, actor.ID)
	})
	if err != nil {
		return "", err
	}
	return m.ID, nil
}

// mayWrite checks right and state.
func (s *Service) mayWrite(ctx context.Context, actor auth.Actor, id cases.ID) (cases.Case, cases.Voice, error) {
	k, voice, err := s.Cases.Voice(ctx, actor, id)
	if err != nil {
		return k, voice, err
	}
	if !voice.Writes {
		return k, voice, ErrSilent
	}
	if end := closes(&k); voice.Side == cases.PartySide && !end.IsZero() && !s.Clock.Now().Before(end) {
		return k, voice, ErrClosed.With("days", OpenAfter)
	}
	if k.State.Ended() {
		gone, err := s.Cases.ErasedAlready(ctx, id)
		if err != nil {
			return k, voice, err
		}
		if gone {
			return k, voice, ErrSilent
		}
	}
	return k, voice, nil
}

// check says what is wrong with the input, and until when a reply is wanted.
func (s *Service) check(in *Input, k *cases.Case, voice cases.Voice) (due time.Time, err error) {
	switch {
	case in.Text == "" && len(in.Files) == 0:
		return due, ErrNothing.At("text", ErrNothing.Code)
	case utf8.RuneCountInString(in.Text) > MaxText:
		return due, ErrLong.At("text", ErrLong.Code, "max", MaxText)
	case len(in.Files) > MaxFiles:
		return due, ErrFiles.At("files", ErrFiles.Code, "max", MaxFiles)
	case in.ReplyBy == "":
		return due, nil
	case voice.Side != cases.StaffSide:
		return due, ErrForbidden
	case k.State.Ended():
		return due, ErrEnded
	}
	day, err := workday.Parse(in.ReplyBy)
	today := workday.DateOf(s.Clock.Now())
	if err != nil || day.Before(today) || day.After(today.AddDays(MaxDue)) {
		return due, ErrDue.At("reply_by", ErrDue.Code, "days", MaxDue)
	}
	return workday.EndOf(day), nil
}

// insert writes the message and counts it; fresh is false when the same form
// was sent before.
func (s *Service) insert(ctx context.Context, k *cases.Case, m *Message, once string) (fresh bool, err error) {
	staff, party := 0, 0
	if m.Side == cases.PartySide {
		staff = 1
	} else {
		party = 1
	}
	// The thread first: its row is the lock of all that is in it.
	if _, err := s.DB.Exec(ctx, `INSERT INTO cases_thread (case_id, messages, unread_staff, unread_party, last_at, version) VALUES ($1,0,0,0,0,1) ON CONFLICT (case_id) DO UPDATE SET version=cases_thread.version+1`, string(k.ID)); err != nil {
		return false, fmt.Errorf("talk: thread: %w", err)
	}
	n, err := s.DB.Exec(ctx, `INSERT INTO cases_message (id, case_id, side, author_id, author_name, author_role, place, text, answers, once, written_at, read_at, read_by, withdrawn_at)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,0,'',0) ON CONFLICT (case_id, author_id, once) DO NOTHING`,
		m.ID, string(k.ID), string(m.Side), m.AuthorID, m.AuthorName, m.AuthorRole, db.ToJSON(m.Place), m.Text, m.Answers, once, db.MS(m.WrittenAt))
	if err != nil {
		return false, fmt.Errorf("talk: message: %w", err)
	}
	if n == 0 {
		m.ID, err = db.One(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT id FROM cases_message WHERE case_id=$1 AND author_id=$2 AND once=$3`, string(k.ID), m.AuthorID, once)
		return false, err
	}
	_, err = s.DB.Exec(ctx, `UPDATE cases_thread SET messages=messages+1, unread_staff=unread_staff+$2, unread_party=unread_party+$3, last_at=$4 WHERE case_id=$1`,
		string(k.ID), staff, party, db.MS(m.WrittenAt))
	return true, err
}

// question asks for a reply, or gives one.
func (s *Service) question(ctx context.Context, k *cases.Case, m *Message, due time.Time) error {
	if !due.IsZero() {
		if _, err := s.DB.Exec(ctx, `INSERT INTO cases_ask (message_id, case_id, asked_by, due_at, state, answer_id, closed_at, closed_by) VALUES ($1,$2,$3,$4,'open','',0,'')`,
			m.ID, string(k.ID), m.AuthorID, db.MS(due)); err != nil {
			return fmt.Errorf("talk: ask: %w", err)
		}
	}
	if m.Answers == "" {
		return nil
	}
	if m.Side != cases.PartySide {
		return ErrForbidden
	}
	n, err := s.DB.Exec(ctx, `UPDATE cases_ask SET state='answered', answer_id=$3, closed_at=$4, closed_by=$5 WHERE message_id=$1 AND case_id=$2 AND state='open'`,
		m.Answers, string(k.ID), m.ID, db.MS(m.WrittenAt), m.AuthorID)
	if err == nil && n == 0 {
		err = ErrNoAsk
	}
	return err
}

// Withdraw takes back a message of the actor's own that nobody of the other
// side has read, within two minutes. A question falls with it; a question that
// it answered is open again.
func (s *Service) Withdraw(ctx context.Context, actor auth.Actor, id cases.ID, message string) error {
	if _, _, err := s.Cases.Voice(ctx, actor, id); err != nil {
		return err
	}
	now := s.Clock.Now()
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.DB.Exec(ctx, `UPDATE cases_thread SET version=version+1 WHERE case_id=$1`, string(id)); err != nil {
			return err
		}
		side, found, err := db.Maybe(ctx, s.DB.Read(ctx), db.Scalar[string], `SELECT side FROM cases_message WHERE id=$1 AND case_id=$2 AND author_id=$3 AND withdrawn_at=0`, message, string(id), actor.ID)
		if err != nil {
			return err
		}
		if !found {
			return ErrNotFound
		}
		n, err := s.DB.Exec(ctx, `UPDATE cases_message SET withdrawn_at=$2 WHERE id=$1 AND read_at=0 AND withdrawn_at=0 AND written_at > $3`, message, db.MS(now), db.MS(now.Add(-Withdrawal)))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrTooLate
		}
		count := "unread_party"
		if cases.Side(side) == cases.PartySide {
			count = "unread_staff"
		}
		if _, err := s.DB.Exec(ctx, `UPDATE cases_thread SET `+count+`=`+count+`-1 WHERE case_id=$1`, string(id)); err != nil {
			return err
		}
		if _, err := s.DB.Exec(ctx, `UPDATE cases_ask SET state='dropped', closed_at=$2, closed_by=$3 WHERE message_id=$1 AND state='open'`, message, db.MS(now), actor.ID); err != nil {
			return err
		}
		if _, err := s.DB.Exec(ctx, `UPDATE cases_ask SET state='open', answer_id='', closed_at=0, closed_by='' WHERE answer_id=$1 AND state='answered'`, message); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "cases.message_withdraw", Object: "case:" + string(id), Change: map[string]any{"message": message}})
	})
}

// Drop says that a reply is not needed any more.
func (s *Service) Drop(ctx context.Context, actor auth.Actor, id cases.ID, message string) error {
	_, voice, err := s.Cases.Voice(ctx, actor, id)
	if err != nil {
		return err
	}
	if voice.Side != cases.StaffSide || !voice.Writes {
		return ErrForbidden
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := s.DB.Exec(ctx, `UPDATE cases_ask SET state='dropped', closed_at=$3, closed_by=$4 WHERE message_id=$1 AND case_id=$2 AND state='open'`, message, string(id), db.MS(s.Clock.Now()), actor.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNoAsk
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "cases.message_drop", Object: "case:" + string(id), Change: map[string]any{"message": message}})
	})
}

// dueText is the last day for a reply, in both languages.
func dueText(t time.Time) i18n.Text {
	return i18n.Moment(i18n.LastMoment, t)
}
