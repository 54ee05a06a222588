package cases

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/rules"
)

// MaxFiles of one material.
const MaxFiles = 20

// StartInput opens a draft.
type StartInput struct {
	ItemCode     string
	EnterpriseID string // "": the person asks for himself
	AccountID    string // the visitor for whom a clerk files; "" when the actor files for himself
	USCC         string // API: the firm by its credit code
	Idempotency  string // API: the same key gives the same case again
}

// Start opens a draft of an item and prefills what is known. Somebody who has
// an unsubmitted draft of the same item for the same party gets that one
// again: two half-filled forms are how applications get lost.
func (s *Service) Start(ctx context.Context, actor auth.Actor, in StartInput) (Case, error) {
	item, err := s.Catalogue.Item(in.ItemCode)
	if err != nil {
		return Case{}, err
	}
	k := Case{
		ItemID: item.ID, ItemVersionID: item.VersionID, ItemCode: item.Code, ItemName: item.Name, DepartmentID: item.Department,
		Region: s.regionOf(item), FiledBy: actor.ID, State: Draft, Version: 1, Channel: Online, Collect: Electronic,
	}
	switch {
	case actor.Kind == auth.Person:
		k.AccountID = actor.ID
		if in.EnterpriseID != "" && !actor.ActsFor(in.EnterpriseID) {
			return Case{}, identity.ErrNotFound
		}
	case actor.Kind == auth.Client && actor.HasScope(auth.ScopeCasesWrite):
		k.Channel = API
	case actor.Has(auth.Clerk) && in.AccountID != "":
		visitor, err := s.Identity.ActAs(ctx, in.AccountID)
		if err != nil {
			return Case{}, err
		}
		if in.EnterpriseID != "" && !visitor.ActsFor(in.EnterpriseID) {
			return Case{}, identity.ErrNotFound
		}
		k.AccountID, k.Channel, k.Collect = visitor.ID, Window, AtWindow
	default:
		return Case{}, ErrForbidden
	}
	if !slices.Contains(item.Channels, map[Channel]catalogue.Channel{Online: catalogue.Online, API: catalogue.Online, Window: catalogue.AtWindow}[k.Channel]) {
		return Case{}, ErrChannel
	}
	if k.Party, err = s.partyOf(ctx, k.AccountID, in); err != nil {
		return Case{}, err
	}
	if !item.For(map[identity.HolderKind]catalogue.Audience{identity.HolderPerson: catalogue.ForPerson, identity.HolderEnterprise: catalogue.ForEnterprise}[k.Party.Kind]) {
		return Case{}, ErrAudience
	}
	for try := range 2 {
		if err = s.open(ctx, actor, &k, item, in); !errors.Is(err, db.ErrDuplicate) || try == 1 || db.Tx(ctx) != nil {
			break
		}
		// Somebody opened it at the same moment; the second try finds that one.
	}
	if err != nil {
		return Case{}, fmt.Errorf("cases: start %s: %w", in.ItemCode, err)
	}
	return k, nil
}

// open writes the draft k, or makes k the one that is there already.
func (s *Service) open(ctx context.Context, actor auth.Actor, k *Case, item *catalogue.Item, in StartInput) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if in.Idempotency != "" {
			if old, found, err := s.again(ctx, actor, in.Idempotency); err != nil || found {
				*k = old
				return err
			}
		} else if old, found, err := s.openDraft(ctx, k); err != nil || found {
			*k = old
			return err
		}
		now := s.Clock.Now()
		k.ID, k.PickupCode, k.CreatedAt, k.UpdatedAt = ID(ids.New(now)), ids.Digits(6), now, now
		if err := s.store.insert(ctx, *k); err != nil {
			return err
		}
		known := map[string]any{}
		if k.AccountID != "" {
			enterprise := ""
			if k.Party.Kind == identity.HolderEnterprise {
				enterprise = k.Party.ID
			}
			var err error
			if known, err = s.Identity.Applicant(ctx, k.AccountID, enterprise); err != nil {
				return err
			}
		}
		typed, source := prefilled(item, known)
		if err := s.store.insertBuffer(ctx, k.ID, Buffer{Typed: typed, Prefill: source}, actor.ID, now); err != nil {
			return err
		}
		if in.Idempotency != "" {
			if _, err := s.DB.Exec(ctx, `INSERT INTO cases_idempotency (actor_id, key, case_id, at) VALUES ($1,$2,$3,$4)`, actor.ID, in.Idempotency, string(k.ID), db.MS(now)); err != nil {
				return err
			}
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "cases.start", Object: "case:" + string(k.ID), Change: map[string]any{"item": k.ItemCode, "party": k.Party.ID}})
	})
}

func (s *Service) partyOf(ctx context.Context, account string, in StartInput) (identity.Party, error) {
	switch {
	case in.USCC != "":
		e, err := s.Identity.EnterpriseByUSCC(ctx, in.USCC)
		return e.Party(), err
	case in.EnterpriseID != "":
		e, err := s.Identity.Enterprise(ctx, in.EnterpriseID)
		return e.Party(), err
	case account != "":
		a, err := s.Identity.Account(ctx, account)
		return a.Party(), err
	default:
		return identity.Party{}, ErrAudience
	}
}

func (s *Service) again(ctx context.Context, actor auth.Actor, key string) (Case, bool, error) {
	k, err := s.store.find(ctx, `c.id = (SELECT case_id FROM cases_idempotency WHERE actor_id=$1 AND key=$2)`, actor.ID, key)
	if errors.Is(err, ErrNotFound) {
		return k, false, nil
	}
	return k, err == nil, err
}

func (s *Service) openDraft(ctx context.Context, k *Case) (Case, bool, error) {
	if k.AccountID == "" {
		return Case{}, false, nil
	}
	old, err := s.store.find(ctx, `c.id = (SELECT id FROM cases_case WHERE state='draft' AND account_id=$1 AND filed_by=$2 AND item_id=$3 AND party_id=$4 ORDER BY id DESC LIMIT 1)`,
		k.AccountID, k.FiledBy, k.ItemID, k.Party.ID)
	if errors.Is(err, ErrNotFound) {
		return old, false, nil
	}
	return old, err == nil, err
}

// editable loads a case whose form and materials the actor may change now: a
// draft, or one to which the applicant was asked to add something.
func (s *Service) editable(ctx context.Context, actor auth.Actor, id ID) (Case, *catalogue.Item, error) {
	k, err := s.store.find(ctx, `c.id=$1`, string(id))
	if err != nil {
		return Case{}, nil, err
	}
	tasks, err := s.store.tasks(ctx, id)
	if err != nil {
		return Case{}, nil, err
	}
	if !sees(actor, &k, tasks) {
		return Case{}, nil, ErrNotFound
	}
	cmd := CmdSubmit
	if k.State == Handling {
		cmd = CmdReply
	}
	if !allowed(actor, cmd, &k, tasks, nil) {
		return Case{}, nil, ErrForbidden
	}
	if !cmd.possible(&k) || (k.State == Handling && !k.NeedsApplicant) {
		return Case{}, nil, ErrState.With("command", string(cmd)).With("state", string(k.State))
	}
	item, err := s.itemOf(ctx, &k)
	return k, item, err
}

// lockedEditable is editable inside a transaction that is going to write: the
// case is held, so that nothing is added while somebody submits it.
func (s *Service) lockedEditable(ctx context.Context, actor auth.Actor, id ID) (Case, *catalogue.Item, error) {
	if _, err := s.store.locked(ctx, id); err != nil {
		return Case{}, nil, err
	}
	return s.editable(ctx, actor, id)
}

// touch notes that the applicant worked on the form, also when he typed nothing.
func (s *Service) touch(ctx context.Context, id ID) error {
	_, err := s.DB.Exec(ctx, `UPDATE cases_buffer SET saved_at=$2 WHERE case_id=$1`, string(id), db.MS(s.Clock.Now()))
	return err
}

// SaveTyped keeps what was typed so far, unchecked. rev is the revision that
// the page was loaded with; when somebody saved since then nothing is
// overwritten and ErrTyped is returned. It returns the new revision.
func (s *Service) SaveTyped(ctx context.Context, actor auth.Actor, id ID, rev int, posted url.Values) (Buffer, error) {
	var out Buffer
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		k, item, err := s.lockedEditable(ctx, actor, id)
		if err != nil {
			return err
		}
		b, err := s.store.buffer(ctx, id)
		if err != nil {
			return err
		}
		if b.Rev != rev {
			return ErrTyped
		}
		now := s.Clock.Now()
		typed := KeepKnown(item, posted)
		for field := range b.Prefill { // a value that was changed is the person's own from now on
			if !slices.Equal(typed[field], b.Typed[field]) {
				delete(b.Prefill, field)
			}
		}
		b.Typed = typed
		if err := s.store.saveBuffer(ctx, id, b, actor.ID, now); err != nil {
			return err
		}
		b.Rev, b.SavedAt = b.Rev+1, now
		if c := Collect(posted.Get("collect")); c != "" && c != k.Collect && slices.Contains([]Collect{Electronic, AtWindow, ByPost}, c) {
			if _, err := s.DB.Exec(ctx, `UPDATE cases_case SET collect=$2 WHERE id=$1`, string(id), string(c)); err != nil {
				return err
			}
		}
		out = b
		return nil
	})
	return out, err
}

// Form is a form in hand: what is typed, what is complained about, materials.
type Form struct {
	Case      Case
	Item      *catalogue.Item
	Buffer    Buffer
	Answers   map[string]any  // what is typed, as far as it can be read
	Bad       []errs.Field    // complaints about the fields
	Materials []MaterialState // as they stand for these answers
	Request   *Request        // what was asked for, when it was

	before map[string]any // what was submitted last
}

// Form returns the form of a case that the actor may edit now.
func (s *Service) Form(ctx context.Context, actor auth.Actor, id ID) (Form, error) {
	k, item, err := s.editable(ctx, actor, id)
	if err != nil {
		return Form{}, err
	}
	f := Form{Case: k, Item: item}
	if f.Buffer, err = s.store.buffer(ctx, id); err != nil {
		return Form{}, err
	}
	f.Answers, f.Bad = Answers(item, f.Buffer.Typed)
	requests, err := s.store.requests(ctx, id)
	if err != nil {
		return Form{}, err
	}
	for i := range requests {
		if requests[i].AnsweredAt.IsZero() {
			f.Request = &requests[i]
		}
	}
	last, err := s.store.snapshots(ctx, id, 1)
	if err != nil {
		return Form{}, err
	}
	if len(last) > 0 {
		f.before = last[0].Answers
	}
	f.Bad = append(f.Bad, unchanged(f.Request, f.before, f.Answers)...)
	f.Materials, err = s.materials(ctx, &k, item, f.Answers, f.Request)
	return f, err
}

// materials works out how each needed material of a case stands.
func (s *Service) materials(ctx context.Context, k *Case, item *catalogue.Item, answers map[string]any, open *Request) ([]MaterialState, error) {
	onFile, err := s.Identity.OnFile(ctx, k.Party.ID)
	if err != nil {
		return nil, err
	}
	marks, err := s.store.marks(ctx, k.ID)
	if err != nil {
		return nil, err
	}
	list, err := s.store.attachedFiles(ctx, k.ID)
	if err != nil {
		return nil, err
	}
	fileIDs := make([]string, len(list))
	for i, a := range list {
		fileIDs[i] = a.fileID
	}
	rows, err := s.Files.FindAll(ctx, fileIDs)
	if err != nil {
		return nil, err
	}
	out := []MaterialState{}
	for _, m := range item.Materials {
		if !rules.Holds(m.When, answers) {
			continue
		}
		st := MaterialState{Key: m.Key, Material: m}
		for _, a := range list {
			if a.key == m.Key {
				st.Files = append(st.Files, rows[a.fileID])
			}
		}
		if open != nil {
			for _, p := range open.Points {
				if p.Kind == "material" && p.Key == m.Key {
					st.Reason = p.Reason
				}
			}
		}
		cert, have := onFile[m.SatisfiedBy]
		switch {
		case len(st.Files) > 0:
			st.How = ByUpload
		case st.Reason != "" && marks[m.Key] == "":
			st.How = Missing // it was asked for: what is on file, optional or tolerated is no answer to that
		case m.SatisfiedBy != "" && have:
			st.How, st.Ref = ByCertificate, cert.Number
		case marks[m.Key] != "":
			st.How = marks[m.Key]
		case m.Need == catalogue.Optional:
			st.How = NotGiven
		case m.Need == catalogue.Tolerated:
			st.How = Later
		default:
			st.How = Missing
		}
		out = append(out, st)
	}
	return out, nil
}

// Attach keeps an uploaded file for a material. The bytes are written before
// the transaction; when it fails they are orphans and swept.
func (s *Service) Attach(ctx context.Context, actor auth.Actor, id ID, key, name string, r io.Reader, limit int64) (files.File, error) {
	_, item, err := s.editable(ctx, actor, id) // before taking in megabytes from somebody who may not
	if err != nil {
		return files.File{}, err
	}
	if _, ok := item.Material(key); !ok {
		return files.File{}, ErrMaterial
	}
	blob, err := s.Files.Put(ctx, r, name, limit)
	if err != nil {
		return files.File{}, err
	}
	var f files.File
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, _, err := s.lockedEditable(ctx, actor, id); err != nil {
			return err
		}
		list, err := s.store.attachedFiles(ctx, id)
		if err != nil {
			return err
		}
		n := 0
		for _, a := range list {
			if a.key == key {
				n++
			}
		}
		if n >= MaxFiles {
			return ErrTooManyFile.With("max", MaxFiles)
		}
		if f, err = s.Files.Register(ctx, blob, name, actor.ID); err != nil {
			return err
		}
		now := s.Clock.Now()
		if _, err := s.DB.Exec(ctx, `INSERT INTO cases_file (id, case_id, key, file_id, added_by, added_at, removed_at) VALUES ($1,$2,$3,$4,$5,$6,0)`,
			ids.New(now), string(id), key, f.ID, actor.ID, db.MS(now)); err != nil {
			return err
		}
		if err := s.touch(ctx, id); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "cases.attach", Object: "case:" + string(id), Change: map[string]any{"material": key, "file": f.ID, "sha256": f.SHA256}})
	})
	return f, err
}

// Detach takes a file off a material again; its row stays for the audit.
func (s *Service) Detach(ctx context.Context, actor auth.Actor, id ID, fileID string) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, _, err := s.lockedEditable(ctx, actor, id); err != nil {
			return err
		}
		n, err := s.DB.Exec(ctx, `UPDATE cases_file SET removed_at=$3 WHERE case_id=$1 AND file_id=$2 AND removed_at=0`, string(id), fileID, db.MS(s.Clock.Now()))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNotFound
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "cases.detach", Object: "case:" + string(id), Change: map[string]any{"file": fileID}})
	})
}

// Mark says how a material without a file is satisfied: by the applicant's
// commitment where the item allows one, or seen on paper by a clerk at the
// window; "" takes the mark back.
func (s *Service) Mark(ctx context.Context, actor auth.Actor, id ID, key string, how How) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		_, item, err := s.lockedEditable(ctx, actor, id)
		if err != nil {
			return err
		}
		m, ok := item.Material(key)
		switch {
		case !ok, how == ByCommitment && !m.Commitment:
			return ErrMaterial
		case how == BySight && !actor.Has(auth.Clerk):
			return ErrForbidden
		}
		if err := s.touch(ctx, id); err != nil {
			return err
		}
		return s.mark(ctx, actor, id, key, how)
	})
}

func (s *Service) mark(ctx context.Context, actor auth.Actor, id ID, key string, how How) error {
	if how == "" {
		_, err := s.DB.Exec(ctx, `DELETE FROM cases_material WHERE case_id=$1 AND key=$2`, string(id), key)
		return err
	}
	if how != ByCommitment && how != BySight {
		return ErrMaterial
	}
	if _, err := s.DB.Exec(ctx, `INSERT INTO cases_material (case_id, key, how, added_by, added_at) VALUES ($1,$2,$3,$4,$5)
		ON CONFLICT (case_id, key) DO UPDATE SET how=excluded.how, added_by=excluded.added_by, added_at=excluded.added_at`,
		string(id), key, string(how), actor.ID, db.MS(s.Clock.Now())); err != nil {
		return err
	}
	return s.Audit.Record(ctx, actor, audit.Note{Action: "cases.mark", Object: "case:" + string(id), Change: map[string]any{"material": key, "how": how}})
}

// Submit hands in a draft, or the answer to a supplement notice. Everything
// that is wrong or missing is named at once (ErrIncomplete with Fields; names
// are field ids and "material.<key>"). An item with an automatic condition that
// holds is decided in the same transaction.
func (s *Service) Submit(ctx context.Context, actor auth.Actor, ref Ref) (Case, error) {
	return s.run(ctx, actor, ref, CmdSubmit, "", func(ctx context.Context, w *work) error {
		if w.State == Draft {
			if _, err := s.Catalogue.Item(w.ItemCode); err != nil {
				return err // suspended since the draft was opened
			}
			w.Region = s.regionOf(w.item)
		}
		answers, err := w.takeIn(ctx)
		if err != nil {
			return err
		}
		if w.State == Draft {
			w.SubmittedAt = w.now
			if w.Number, err = s.store.number(ctx, w.Region, w.now); err != nil {
				return err
			}
			if w.actor.Kind == auth.Staff { // received at a window
				p := postFor(w.actor, nil, auth.Clerk)
				w.ReceivingRegion, w.HallID, w.WindowID, w.ReceiverID = p.Region, p.HallID, p.WindowID, w.actor.ID
			} else {
				w.ReceivingRegion = w.Region
			}
			// Fixed from here on, as the item is today.
			w.ItemVersionID, w.ItemName, w.DepartmentID = w.item.VersionID, w.item.Name, w.item.Department
		}
		w.State = Submitted
		w.detail["data_version"] = w.DataVersion
		if w.item.Flow.Automatic != "" && rules.Holds(w.item.Flow.Automatic, answers) {
			return w.automatic(ctx, answers)
		}
		return nil
	})
}

// takeIn checks the buffer and makes the next snapshot of it.
func (w *work) takeIn(ctx context.Context) (map[string]any, error) {
	s := w.svc
	b, err := s.store.buffer(ctx, w.ID)
	if err != nil {
		return nil, err
	}
	answers, bad := Answers(w.item, b.Typed)
	requests, err := s.store.requests(ctx, w.ID)
	if err != nil {
		return nil, err
	}
	var open *Request
	for i := range requests {
		if requests[i].AnsweredAt.IsZero() {
			open = &requests[i]
		}
	}
	before, err := w.answers(ctx)
	if err != nil {
		return nil, err
	}
	materials, err := s.materials(ctx, &w.Case, w.item, answers, open)
	if err != nil {
		return nil, err
	}
	bad = append(bad, unchanged(open, before, answers)...)
	for _, m := range materials {
		if m.How == Missing {
			bad = append(bad, errs.Field{Name: "material." + m.Key, Code: errMissing.Code, Params: map[string]any{"material": m.Material.Name}})
		}
	}
	if len(bad) > 0 {
		e := *ErrIncomplete
		e.Fields = bad
		return nil, &e
	}
	w.DataVersion++
	if err := s.store.insertSnapshot(ctx, w.ID, Snapshot{DataVersion: w.DataVersion, Answers: answers, Materials: materials, SubmittedAt: w.now}, w.actor.ID); err != nil {
		return nil, err
	}
	if open != nil {
		if _, err := s.DB.Exec(ctx, `UPDATE cases_request SET answered_at=$2 WHERE id=$1`, open.ID, db.MS(w.now)); err != nil {
			return nil, err
		}
		w.NeedsApplicant = false
	}
	return answers, nil
}

// unchanged complains about the fields that a notice asked to be mended and
// that still hold what they held.
func unchanged(open *Request, before, now map[string]any) []errs.Field {
	if open == nil {
		return nil
	}
	var bad []errs.Field
	changed := Changed(before, now)
	for _, p := range open.Points {
		if p.Kind == "field" && !changed[p.Key] {
			bad = append(bad, errs.Field{Name: p.Key, Code: errUnchanged.Code, Params: map[string]any{"reason": p.Reason}})
		}
	}
	return bad
}

// Withdraw ends a case at the applicant's wish; a draft is thrown away so.
func (s *Service) Withdraw(ctx context.Context, actor auth.Actor, ref Ref, reason string) (Case, error) {
	return s.run(ctx, actor, ref, CmdWithdraw, reason, func(ctx context.Context, w *work) error {
		w.State, w.NeedsApplicant = Withdrawn, false
		if err := s.store.cancelOpenTasks(ctx, w.ID, w.now); err != nil {
			return err
		}
		return w.closeLedger(ctx)
	})
}

// closeLedger ends what is open when a case ends: the pause and the request.
func (w *work) closeLedger(ctx context.Context) error {
	if _, err := w.svc.DB.Exec(ctx, `UPDATE cases_pause SET to_at=$2, closed_by=$3 WHERE case_id=$1 AND to_at=0`, string(w.ID), db.MS(w.now), w.actor.ID); err != nil {
		return err
	}
	if _, err := w.svc.DB.Exec(ctx, `UPDATE cases_request SET answered_at=$2 WHERE case_id=$1 AND answered_at=0`, string(w.ID), db.MS(w.now)); err != nil {
		return err
	}
	return w.tick(ctx)
}

// DraftAge after which an untouched draft is thrown away.
const DraftAge = 90 * 24 * time.Hour
