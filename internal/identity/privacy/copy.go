package privacy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
)

// ErrUnderWay says that a copy is being made already; the text is error.privacy.under_way.
var ErrUnderWay = errs.Define(errs.Conflict, "privacy.under_way")

// Bounds of copies.
const (
	CopyAge    = 3 * 24 * time.Hour // from when it was made
	copiesADay = 3
	copyTries  = 5
	maxCopy    = 2 << 30 // bytes
)

// Copy is a copy of everything that is kept about somebody.
type Copy struct {
	ID        string
	AccountID string
	State     string // waiting, done, taken; failed and over are worked out
	FileID    string
	Size      int64
	CreatedAt time.Time
	ExpiresAt time.Time
}

// CopyStates lists what a copy can be; the texts are privacy.copy.state.*.
var CopyStates = []string{"waiting", "done", "taken", "failed", "over"}

type copyArgs struct {
	ID string `json:"id"`
}

// Kind names the job.
func (copyArgs) Kind() string { return "privacy.copy" }

type sweepArgs struct{}

// Kind names the job.
func (sweepArgs) Kind() string { return "privacy.sweep" }

// Workers adds the jobs of the package to the queue.
func (s *Service) Workers(q *jobs.Queue) {
	jobs.HandleFor(q, 4*time.Minute, func(ctx context.Context, a copyArgs) error { return s.MakeCopy(ctx, a.ID) })
	jobs.HandleFor(q, 4*time.Minute, func(ctx context.Context, _ sweepArgs) error { return s.Sweep(ctx) })
	jobs.Every(q, time.Hour, sweepArgs{})
}

// Sweep does what time asks for: copies that nobody fetched go, and so do the
// accounts whose owners wanted that and did not change their minds.
func (s *Service) Sweep(ctx context.Context) error {
	return errors.Join(s.sweepCopies(ctx), s.sweepLeaving(ctx))
}

const copyColumns = `id, account_id, state, file_id, size, created_at, expires_at`

func scanCopy(r db.Scanner) (c Copy, err error) {
	return c, r.Scan(&c.ID, &c.AccountID, &c.State, &c.FileID, &c.Size, db.Time{Time: &c.CreatedAt}, db.Time{Time: &c.ExpiresAt})
}

// Copies lists the last copies of the actor's data, newest first.
func (s *Service) Copies(ctx context.Context, actor auth.Actor) ([]Copy, error) {
	if actor.Kind != auth.Person {
		return nil, ErrNotFound
	}
	list, err := db.List(ctx, s.DB.Read(ctx), scanCopy, `SELECT `+copyColumns+` FROM identity_data_copy WHERE account_id=$1 ORDER BY id DESC LIMIT 5`, actor.ID)
	if err != nil {
		return nil, fmt.Errorf("privacy: copies: %w", err)
	}
	for i := range list {
		c := &list[i]
		switch {
		case c.State == "waiting":
			waits, err := s.Jobs.Waits(ctx, copyArgs{}.Kind(), c.ID)
			if err != nil {
				return nil, fmt.Errorf("privacy: copies: %w", err)
			}
			if !waits {
				c.State = "failed"
			}
		case c.State == "done" && !s.Clock.Now().Before(c.ExpiresAt):
			c.State = "over"
		}
	}
	return list, nil
}

// AskCopy has a copy of everything that is kept about the actor made. He proves
// that he is it: a browser that somebody left open is not enough.
func (s *Service) AskCopy(ctx context.Context, actor auth.Actor, proof Proof) error {
	list, err := s.Copies(ctx, actor)
	if err != nil {
		return err
	}
	if err := s.prove(ctx, actor, proof); err != nil {
		return err
	}
	for _, c := range list {
		if c.State == "waiting" {
			return ErrUnderWay
		}
	}
	if err := s.Throttle.Hit(ctx, "copy:"+actor.ID, copiesADay, 24*time.Hour); err != nil {
		return err
	}
	now := s.Clock.Now()
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		id := ids.New(now)
		if _, err := s.DB.Exec(ctx, `INSERT INTO identity_data_copy (id, account_id, state, file_id, size, created_at, expires_at, taken_at, version) VALUES ($1,$2,'waiting','',0,$3,0,0,1)`, id, actor.ID, db.MS(now)); err != nil {
			return err
		}
		if err := s.Jobs.EnqueueTries(ctx, copyArgs{ID: id}, copyTries); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "privacy.ask_copy", Object: "account:" + actor.ID, Change: map[string]any{"copy": id}})
	})
}

// MakeCopy puts a copy together and tells its owner. It may be repeated.
func (s *Service) MakeCopy(ctx context.Context, id string) error {
	c, found, err := db.Maybe(ctx, s.DB.Read(ctx), scanCopy, `SELECT `+copyColumns+` FROM identity_data_copy WHERE id=$1 AND state='waiting'`, id)
	if err != nil || !found {
		return err
	}
	account, err := s.Identity.Account(ctx, c.AccountID)
	if err != nil {
		return fmt.Errorf("privacy: copy: %w", err)
	}
	if account.State != "active" {
		return nil
	}
	actor, err := s.ActorOf(ctx, c.AccountID)
	if err != nil {
		return fmt.Errorf("privacy: copy: %w", err)
	}
	blob, err := s.pack(i18n.With(ctx, s.Texts, account.Locale), actor, string(account.Locale))
	if err != nil {
		return fmt.Errorf("privacy: copy: %w", err)
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		f, err := s.Files.Register(ctx, blob, "my-data-"+i18n.ShortDate(s.Clock.Now())+".zip", c.AccountID)
		if err != nil {
			return err
		}
		until := s.Clock.Now().Add(CopyAge)
		n, err := s.DB.Exec(ctx, `UPDATE identity_data_copy SET state='done', file_id=$2, size=$3, expires_at=$4, version=version+1 WHERE id=$1 AND state='waiting'`, id, f.ID, f.Size, db.MS(until))
		if err != nil {
			return err
		}
		if n == 0 {
			return s.Files.Remove(ctx, f.ID)
		}
		return s.Notify.Tell(ctx, notify.Reader{AccountID: account.ID, Locale: account.Locale, Mail: account.Email}, notify.News{
			Key: "copy:" + id, Kind: "data_copy", Link: OwnPath, NeedsYou: true, Params: map[string]any{"until": i18n.Moment(i18n.DateTime, until)},
		})
	})
}

// OwnPath is the page of one's own data.
const OwnPath = "/my/privacy"

// pack puts the archive together while it is being sealed: it lies nowhere in clear.
func (s *Service) pack(ctx context.Context, actor auth.Actor, lang string) (files.Blob, error) {
	r, w := io.Pipe()
	written := make(chan struct{})
	go func() {
		defer close(written)
		_ = w.CloseWithError(s.write(ctx, actor, lang, w))
	}()
	blob, err := s.Files.PutArchive(ctx, r, maxCopy)
	_ = r.CloseWithError(errGivenUp)
	<-written
	return blob, err
}

// errGivenUp ends the writing of an archive that nobody reads any more.
var errGivenUp = errors.New("privacy: nobody takes the archive")

func (s *Service) write(ctx context.Context, actor auth.Actor, lang string, w io.Writer) error {
	now := s.Clock.Now()
	a := newArchive(w, now)
	if err := s.ownParts(ctx, actor, a); err != nil {
		return err
	}
	if err := s.Collect(ctx, actor, a); err != nil {
		return err
	}
	return a.close(lang, i18n.T(ctx, "privacy.copy.title"), i18n.T(ctx, "privacy.copy.made", "at", i18n.FormatDateTime(ctx, now)))
}

// ownParts are those that identity itself keeps.
func (s *Service) ownParts(ctx context.Context, actor auth.Actor, a *Archive) error {
	who, err := s.Identity.Account(ctx, actor.ID)
	if err != nil {
		return err
	}
	line := func(key, value string) Line { return Line{key, i18n.T(ctx, "privacy.copy."+key), value} }
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return i18n.FormatDateTime(ctx, t)
	}
	allows, err := s.Allows(ctx, actor.ID, Recommend)
	if err != nil {
		return err
	}
	recommend := "no"
	if allows {
		recommend = "yes"
	}
	part := Part{Key: "account", Title: i18n.T(ctx, "privacy.kept.identity"), Rows: [][]Line{{
		line("name", who.Name.For(ctx)), line("id_number", who.IDNumber), line("phone", who.Phone), line("email", who.Email), line("login", who.Login),
		line("since", at(who.CreatedAt)), line("recommend", i18n.T(ctx, "privacy.copy.recommend."+recommend)),
	}}}
	levels, err := s.Identity.RealNameOf(ctx, who)
	if err != nil {
		return err
	}
	for _, l := range levels {
		part.Rows = append(part.Rows, []Line{line("checked", i18n.T(ctx, "factor.real."+string(l.Level))), line("where", l.Source.For(ctx)), line("at", at(l.At))})
	}
	if err := a.Add(part); err != nil {
		return err
	}
	firms, err := s.Identity.FirmsOf(ctx, actor)
	if err != nil {
		return err
	}
	part = Part{Key: "firms", Title: i18n.T(ctx, "privacy.copy.firms")}
	for _, f := range firms {
		part.Rows = append(part.Rows, []Line{line("firm", f.Name.For(ctx)), line("uscc", f.USCC)})
	}
	if err := a.Add(part); err != nil {
		return err
	}
	tries, err := s.Identity.SignIns(ctx, actor, 500)
	if err != nil {
		return err
	}
	part = Part{Key: "sign_ins", Title: i18n.T(ctx, "privacy.copy.sign_ins")}
	for _, x := range tries {
		ok := "no"
		if x.OK {
			ok = "yes"
		}
		part.Rows = append(part.Rows, []Line{line("at", at(x.At)), line("address", x.From), line("ok", i18n.T(ctx, "privacy.copy.ok."+ok))})
	}
	if err := a.Add(part); err != nil {
		return err
	}
	looks, err := s.Looks(ctx, actor)
	if err != nil {
		return err
	}
	part = Part{Key: "looks", Title: i18n.T(ctx, "privacy.looks")}
	for _, l := range looks {
		why := l.Words
		if l.Reason != "" {
			why = i18n.T(ctx, "privacy.reason."+l.Reason) + ": " + l.Words
		}
		part.Rows = append(part.Rows, []Line{line("at", at(l.At)), line("staff", l.Who), line("why", why)})
	}
	if err := a.Add(part); err != nil {
		return err
	}
	papers, err := s.Identity.Certificates(ctx, []string{actor.ID})
	if err != nil {
		return err
	}
	part = Part{Key: "certificates", Title: i18n.T(ctx, "privacy.copy.certificates")}
	for _, c := range papers {
		part.Rows = append(part.Rows, []Line{line("about", c.Title.For(ctx)), line("number", c.Number), line("valid_from", c.ValidFrom), line("valid_to", c.ValidTo)})
	}
	return a.Add(part)
}

// TakeCopy hands a copy over, once, to who proves that he is its owner: from then
// on it is gone.
func (s *Service) TakeCopy(ctx context.Context, actor auth.Actor, id string, proof Proof) (files.File, io.ReadSeekCloser, error) {
	c, found, err := db.Maybe(ctx, s.DB.Read(ctx), scanCopy, `SELECT `+copyColumns+` FROM identity_data_copy WHERE id=$1 AND account_id=$2 AND state='done' AND expires_at > $3`, id, actor.ID, db.MS(s.Clock.Now()))
	if err == nil && (!found || actor.Kind != auth.Person) {
		err = ErrNotFound
	}
	if err == nil {
		err = s.prove(ctx, actor, proof)
	}
	if err != nil {
		return files.File{}, nil, err
	}
	f, err := s.Files.Find(ctx, c.FileID)
	if err != nil {
		return files.File{}, nil, err
	}
	content, err := s.Files.Open(f) // before its row goes: the bytes stay while it is open
	if err != nil {
		return files.File{}, nil, err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := s.DB.Exec(ctx, `UPDATE identity_data_copy SET state='taken', file_id='', taken_at=$2, version=version+1 WHERE id=$1 AND state='done'`, id, db.MS(s.Clock.Now()))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNotFound
		}
		if err := s.Files.Remove(ctx, f.ID); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "privacy.take_copy", Object: "account:" + actor.ID, Change: map[string]any{"copy": id}})
	})
	if err != nil {
		return files.File{}, nil, errors.Join(err, content.Close())
	}
	return f, content, nil
}

// sweepCopies throws away what nobody fetched in time.
func (s *Service) sweepCopies(ctx context.Context) error {
	list, err := db.List(ctx, s.DB.Read(ctx), scanCopy, `SELECT `+copyColumns+` FROM identity_data_copy WHERE file_id <> '' AND expires_at <= $1 ORDER BY id LIMIT 200`, db.MS(s.Clock.Now()))
	for _, c := range list {
		err = errors.Join(err, s.DB.InTx(ctx, func(ctx context.Context) error {
			if err := s.DB.ExecOne(ctx, `UPDATE identity_data_copy SET file_id='', version=version+1 WHERE id=$1 AND file_id=$2`, c.ID, c.FileID); err != nil {
				return err
			}
			return s.Files.Remove(ctx, c.FileID)
		}))
	}
	if err != nil {
		return fmt.Errorf("privacy: sweep copies: %w", err)
	}
	return nil
}
