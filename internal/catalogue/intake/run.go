package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tongban/tongban/internal/catalogue/mapping"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
)

// State of a run; the package comment draws them.
type State string

// The states.
const (
	Checking  State = "checking"
	Checked   State = "checked"
	Approved  State = "approved"
	Applying  State = "applying"
	Done      State = "done"
	Failed    State = "failed"
	Discarded State = "discarded"
)

// Errors of runs. A stale page is db.ErrStale.
var (
	ErrOwnRun  = errs.Define(errs.Forbidden, "intake.own_run")   // who had a hand in a sheet does not release it
	ErrOpen    = errs.Define(errs.Conflict, "intake.open")       // params: max; too many runs wait
	ErrState   = errs.Define(errs.Conflict, "intake.state")      // not possible in the state that the run is in
	ErrBlocked = errs.Define(errs.Conflict, "intake.blocked")    // rows with errors, and they are not to be left out
	ErrNothing = errs.Define(errs.Conflict, "intake.nothing")    // nothing would change
	ErrFile    = errs.Define(errs.Invalid, "intake.file")        // no file chosen
	errMoved   = errs.Define(errs.Conflict, "intake.moved_on")   // the catalogue changed since the check
	errDied    = errs.Define(errs.Internal, "intake.died")       // the process ended in the middle, twice
	errFailed  = errs.Define(errs.Internal, "intake.went_wrong") // something that is in the log
)

// Result of a check, as it is kept.
type Result struct {
	Findings    []mapping.Finding `json:"findings,omitempty"`
	Left        int               `json:"left,omitempty"` // findings that were too many to keep
	Samples     []Sample          `json:"samples,omitempty"`
	Departments []string          `json:"departments,omitempty"`      // names of those that would be made
	MoreOffices int               `json:"more_departments,omitempty"` // beyond those
	Failure     string            `json:"failure,omitempty"`          // code of the error that a run ended with
	MovedOn     bool              `json:"moved_on,omitempty"`         // checked anew, since the catalogue changed after the release
}

// Run is one upload on its way into the catalogue.
type Run struct {
	ID         string
	FileID     string
	FileName   string
	MappingKey string
	Mapping    string // content at the time
	Options    Options
	State      State
	Counts     Counts
	Result     Result
	Digest     string
	Progress   Progress
	CreatedBy  string // who uploaded the sheet
	CreatedAt  time.Time
	CheckedBy  string // who asked for the last check
	MappingBy  string // who last saved the mapping that is used, "" for one as it was shipped
	ChangesID  string // file of all differences, "" before they are known
	ApprovedBy string
	ApprovedAt time.Time
	FinishedAt time.Time
	Version    int
}

// Working says that a job has it in hand, or will have.
func (r Run) Working() bool { return r.State == Checking || r.State == Approved || r.State == Applying }

// Blocked says that it cannot be released as it is.
func (r Run) Blocked() bool {
	return r.Counts.Read == 0 || r.Counts.Errors > 0 && !r.Options.SkipErrors
}

// Moves says that releasing it would change something.
func (r Run) Moves() bool { return r.Counts.Created+r.Counts.Updated > 0 }

// Releasable says whether the actor may release it now, as an error if not.
func (r Run) Releasable(a auth.Actor) error {
	switch {
	case r.State != Checked:
		return ErrState
	case r.Blocked():
		return ErrBlocked
	case !r.Moves():
		return ErrNothing
	case a.ID == r.CreatedBy || a.ID == r.CheckedBy || a.ID == r.MappingBy:
		return ErrOwnRun
	}
	return nil
}

// UploadInput is a sheet with what is to be done with it.
type UploadInput struct {
	Name    string
	Content io.Reader
	Mapping string // key
	Options Options
}

// maxOpen is how many runs may wait in an installation: each has a file and work.
const maxOpen = 20

// room says whether another run may be opened.
func (s *Service) room(ctx context.Context) error {
	n, err := s.store.open(ctx)
	if err == nil && n >= maxOpen {
		err = ErrOpen.With("max", maxOpen)
	}
	return err
}

// Upload keeps a sheet and has it checked. ErrOpen says that too many wait.
func (s *Service) Upload(ctx context.Context, actor auth.Actor, in UploadInput) (Run, error) {
	m, err := s.Mapping(ctx, actor, in.Mapping)
	if errors.Is(err, ErrNotFound) {
		err = errMapping.With("key", in.Mapping)
	}
	if err != nil {
		return Run{}, err
	}
	if err := s.room(ctx); err != nil { // before the bytes are kept
		return Run{}, err
	}
	blob, err := s.Files.PutSheet(ctx, in.Content, in.Name, s.maxBytes())
	if err != nil {
		return Run{}, err
	}
	var r Run
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.room(ctx); err != nil {
			return err
		}
		now := s.Clock.Now()
		file, err := s.Files.Register(ctx, blob, in.Name, actor.ID)
		if err != nil {
			return err
		}
		r = Run{
			ID: ids.New(now), FileID: file.ID, FileName: file.Name, MappingKey: m.Key, Mapping: m.Content, Options: in.Options,
			State: Checking, CreatedBy: actor.ID, CreatedAt: now, CheckedBy: actor.ID, MappingBy: m.UpdatedBy, Version: 1,
		}
		if err := s.store.insertRun(ctx, r); err != nil {
			return err
		}
		return errors.Join(s.Jobs.EnqueueTries(ctx, checkArgs{r.ID}, tries), s.note(ctx, actor, "catalogue.import_upload", r, nil))
	})
	if err != nil {
		return Run{}, fmt.Errorf("intake: upload: %w", err)
	}
	return r, nil
}

const defaultMaxBytes = 64 << 20

func (s *Service) maxBytes() int64 {
	if s.Limits.MaxBytes > 0 {
		return s.Limits.MaxBytes
	}
	return defaultMaxBytes
}

// Runs lists the newest runs, without their findings and samples.
func (s *Service) Runs(ctx context.Context, actor auth.Actor) ([]Run, error) {
	if err := mayKeep(actor); err != nil {
		return nil, err
	}
	list, err := s.store.runs(ctx)
	for i := range list {
		list[i].Progress = s.now(list[i])
	}
	return list, err
}

// Run returns one with everything.
func (s *Service) Run(ctx context.Context, actor auth.Actor, id string) (Run, error) {
	if err := mayKeep(actor); err != nil {
		return Run{}, err
	}
	r, err := s.store.run(ctx, id)
	if err != nil {
		return Run{}, err
	}
	r.Progress = s.now(r)
	return r, nil
}

// Glance is Run without its mapping and its result: for a page that is asked
// for each second.
func (s *Service) Glance(ctx context.Context, actor auth.Actor, id string) (Run, error) {
	if err := mayKeep(actor); err != nil {
		return Run{}, err
	}
	r, err := s.store.brief(ctx, id)
	r.Progress = s.now(r)
	return r, err
}

// now is how far a run is: in this process to the row, else as it was noted.
func (s *Service) now(r Run) Progress {
	if p, ok := s.progress.Load(r.ID); ok && r.Working() {
		return p.(Progress)
	}
	return r.Progress
}

// Release lets a checked run into the catalogue. Who uploaded the sheet, last
// had it checked or last saved its mapping gets ErrOwnRun: as with a draft, two
// people see what applicants are told.
func (s *Service) Release(ctx context.Context, actor auth.Actor, id string, version int) error {
	return s.move(ctx, actor, id, version, "catalogue.import_release", func(ctx context.Context, r *Run) error {
		if err := r.Releasable(actor); err != nil {
			return err
		}
		r.State, r.ApprovedBy, r.ApprovedAt = Approved, actor.ID, s.Clock.Now()
		r.Result.MovedOn, r.Result.Failure, r.Progress = false, "", Progress{Total: r.Counts.Created + r.Counts.Updated}
		return s.Jobs.EnqueueTries(ctx, applyArgs{r.ID}, tries)
	})
}

// Again checks the file anew: with the mapping as it is now, and with other
// options. Who asks for it does not release it, nor does who uploaded it.
func (s *Service) Again(ctx context.Context, actor auth.Actor, id string, version int, o Options) error {
	return s.move(ctx, actor, id, version, "catalogue.import_again", func(ctx context.Context, r *Run) error {
		if r.State != Checked && r.State != Failed {
			return ErrState
		}
		if r.State == Failed {
			if err := s.room(ctx); err != nil {
				return err
			}
		}
		m, err := s.Mapping(ctx, actor, r.MappingKey)
		if err != nil {
			return err
		}
		r.State, r.Mapping, r.Options, r.CheckedBy, r.MappingBy = Checking, m.Content, o, actor.ID, m.UpdatedBy
		r.Counts, r.Result, r.Digest, r.Progress, r.FinishedAt = Counts{}, Result{}, "", Progress{}, time.Time{}
		return s.Jobs.EnqueueTries(ctx, checkArgs{r.ID}, tries)
	})
}

// Discard ends a run that has not been released.
func (s *Service) Discard(ctx context.Context, actor auth.Actor, id string, version int) error {
	return s.move(ctx, actor, id, version, "catalogue.import_discard", func(_ context.Context, r *Run) error {
		if r.State != Checking && r.State != Checked && r.State != Failed {
			return ErrState
		}
		r.State, r.FinishedAt = Discarded, s.Clock.Now()
		return nil
	})
}

func (s *Service) move(ctx context.Context, actor auth.Actor, id string, version int, action string, change func(ctx context.Context, r *Run) error) error {
	if err := mayKeep(actor); err != nil {
		return err
	}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		r, err := s.store.run(ctx, id)
		switch {
		case err != nil:
			return err
		case r.Version != version:
			return db.ErrStale
		}
		if err := change(ctx, &r); err != nil {
			return err
		}
		if err := s.store.saveRun(ctx, r); err != nil {
			return err
		}
		return s.note(ctx, actor, action, r, map[string]any{"counts": r.Counts})
	})
	if err != nil {
		return fmt.Errorf("%s %s: %w", action, id, err)
	}
	return nil
}

func (s *Service) note(ctx context.Context, actor auth.Actor, action string, r Run, change map[string]any) error {
	n := audit.Note{Action: action, Object: "import:" + r.ID}
	if change == nil {
		change = map[string]any{"file": r.FileName}
	}
	change["mapping"], change["uploaded"], change["checked"], change["mapping_by"] = r.MappingKey, r.CreatedBy, r.CheckedBy, r.MappingBy
	n.Change = change
	return s.Audit.Record(ctx, actor, n)
}

// File opens the sheet of a run.
func (s *Service) file(ctx context.Context, r Run) (io.ReadSeekCloser, files.File, error) {
	f, err := s.Files.Find(ctx, r.FileID)
	if err != nil {
		return nil, f, err
	}
	c, err := s.Files.Open(f)
	return c, f, err
}
