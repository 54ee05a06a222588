package cases

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases/paper"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/notify"
)

// GapEnd says how the waiting for a tolerated material ended.
type GapEnd string

// The ends.
const (
	GapGiven  GapEnd = "given"
	GapWaived GapEnd = "waived" // a desk does not need it after all
	GapLate   GapEnd = "late"   // it did not come in time
	GapEnded  GapEnd = "ended"  // the case ended otherwise
)

// Gap is a tolerated material of an accepted case (容缺): it has to come by a
// day, and until then, or until it is waived, nothing is decided.
type Gap struct {
	Key      string
	Name     i18n.Text
	DueAt    time.Time
	OpenedAt time.Time
	ClosedAt time.Time // zero while open
	How      GapEnd
	Reason   string // of a waiver

	reminded bool
}

// Open says that the material has not come yet.
func (g Gap) Open() bool { return g.ClosedAt.IsZero() }

// OpenGaps are the tolerated materials that have to come yet.
func (v *View) OpenGaps() []Gap {
	return slices.DeleteFunc(slices.Clone(v.Gaps), func(g Gap) bool { return !g.Open() })
}

// gaps of a case in the order of the item's materials.
func (s store) gaps(ctx context.Context, id ID, item *catalogue.Item) ([]Gap, error) {
	list, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (g Gap, err error) {
		var reminded time.Time
		err = r.Scan(&g.Key, db.Time{Time: &g.DueAt}, db.Time{Time: &g.OpenedAt}, db.Time{Time: &g.ClosedAt}, &g.How, &g.Reason, db.Time{Time: &reminded})
		g.reminded = !reminded.IsZero()
		return g, err
	}, `SELECT key, due_at, opened_at, closed_at, closed_how, reason, reminded_at FROM cases_gap WHERE case_id=$1 ORDER BY key`, string(id))
	if err != nil {
		return nil, fmt.Errorf("cases: gaps: %w", err)
	}
	position := func(g Gap) int {
		return slices.IndexFunc(item.Materials, func(m catalogue.Material) bool { return m.Key == g.Key })
	}
	slices.SortStableFunc(list, func(a, b Gap) int { return position(a) - position(b) })
	for i := range list {
		m, _ := item.Material(list[i].Key)
		list[i].Name = m.Name
	}
	return list, nil
}

// toleratesSome says whether an item lets something come later: most do not, and
// their commands need not look for gaps.
func toleratesSome(item *catalogue.Item) bool {
	return slices.ContainsFunc(item.Materials, func(m catalogue.Material) bool { return m.Need == catalogue.Tolerated })
}

// onTrustSome says whether something of an item may come later or be promised.
func onTrustSome(item *catalogue.Item) bool {
	return slices.ContainsFunc(item.Materials, func(m catalogue.Material) bool { return m.Need == catalogue.Tolerated || m.Commitment })
}

// openGaps notes, at acceptance, what was tolerated and by when it has to come.
// An order has none: each of its steps has its own.
func (w *work) openGaps(ctx context.Context, accepted time.Time) error {
	if !onTrustSome(w.item) || w.Bundle && w.cmd != CmdAccept {
		return nil
	}
	list, err := w.lastPapers(ctx)
	if err != nil {
		return err
	}
	if err := w.mayLean(ctx, list); err != nil || w.Bundle {
		return err
	}
	for _, m := range list {
		if m.How != Later {
			continue
		}
		due := paper.LateBy(w.cal(), m.Material, accepted)
		if _, err := w.svc.DB.Exec(ctx, `INSERT INTO cases_gap (case_id, key, due_at, opened_at, reminded_at, closed_at, closed_how, closed_by, reason, version)
			VALUES ($1,$2,$3,$4,0,0,'','','',1) ON CONFLICT (case_id, key) DO NOTHING`, string(w.ID), m.Key, db.MS(due), db.MS(w.now)); err != nil {
			return err
		}
	}
	return nil
}

// closeGap ends the waiting for one material, or with "" for all; it tells how
// many were open.
func (w *work) closeGap(ctx context.Context, key string, how GapEnd) (int64, error) {
	if !toleratesSome(w.item) {
		return 0, nil
	}
	return w.svc.DB.Exec(ctx, `UPDATE cases_gap SET closed_at=$3, closed_how=$4, closed_by=$5, reason=$6, version=version+1 WHERE case_id=$1 AND closed_at=0 AND ($2 = '' OR key=$2)`,
		string(w.ID), key, db.MS(w.now), string(how), w.actor.ID, w.reason)
}

// closeGiven closes the gaps of what a reply brought along.
func (w *work) closeGiven(ctx context.Context, list []MaterialState) error {
	for _, m := range list {
		if m.Trust == "" || m.Material.Need != catalogue.Tolerated || w.State != Handling {
			continue
		}
		if _, err := w.closeGap(ctx, m.Key, GapGiven); err != nil {
			return err
		}
	}
	return nil
}

// noGaps refuses to decide while a tolerated material has to come yet.
func (w *work) noGaps(ctx context.Context) error {
	if !toleratesSome(w.item) {
		return nil
	}
	list, err := w.svc.store.gaps(ctx, w.ID, w.item)
	if err != nil {
		return err
	}
	var zh, en []string
	for _, g := range list {
		if g.Open() {
			zh, en = append(zh, g.Name.ZH), append(en, g.Name.In(i18n.English))
		}
	}
	if len(zh) > 0 {
		return ErrGaps.With("materials", i18n.Text{ZH: strings.Join(zh, "、"), EN: strings.Join(en, ", ")})
	}
	return nil
}

// settled says that everything was handed in and seen, so that a decision can
// be made on the spot.
func settled(list []MaterialState) bool {
	return len(Unchecked(list)) == 0 && !slices.ContainsFunc(list, func(m MaterialState) bool { return m.How == Later })
}

// Received is a file that was taken in and has no place yet.
type Received struct {
	Name   string
	blob   files.Blob
	upload string // when it came in pieces
}

// Receive takes in the bytes of a tolerated material, before the command that
// hands it in; without that they are swept.
func (s *Service) Receive(ctx context.Context, actor auth.Actor, id ID, key, name string, r io.Reader, limit int64) (Received, error) {
	if err := s.waitsFor(ctx, actor, id, key); err != nil {
		return Received{}, err
	}
	blob, err := s.takeIn(ctx, actor, r, name, limit)
	return Received{Name: name, blob: blob}, err
}

// waitsFor says that a case waits for a tolerated material that the actor may hand in.
func (s *Service) waitsFor(ctx context.Context, actor auth.Actor, id ID, key string) error {
	v, err := s.View(ctx, actor, id)
	if err != nil {
		return err
	}
	if err := s.Refusal(actor, v, CmdHandIn); err != nil {
		return err
	}
	if !slices.ContainsFunc(v.OpenGaps(), func(g Gap) bool { return g.Key == key }) {
		return ErrMaterial
	}
	return nil
}

// HandInInput is how a tolerated material comes: as files, as a paper given in
// another case, or seen at a window. With none of them a certificate that is on
// file by now does.
type HandInInput struct {
	Key   string
	Files []Received
	Until string // last day of the paper itself, where the item asks for it
	From  *Offer // on offer for the material, see LaterForm
	Seen  bool   // a clerk has the original before him
}

// HandIn brings a tolerated material of a case in handling. What was submitted
// stays; the material stands in a new version of the data.
func (s *Service) HandIn(ctx context.Context, actor auth.Actor, ref Ref, in HandInInput) (Case, error) {
	return s.run(ctx, actor, ref, CmdHandIn, "", func(ctx context.Context, w *work) error {
		m, ok := w.item.Material(in.Key)
		if n, err := w.closeGap(ctx, in.Key, GapGiven); err != nil {
			return err
		} else if in.Key == "" || !ok || n == 0 {
			return ErrMaterial.At(materialAt(in.Key), ErrMaterial.Code)
		}
		if err := w.bring(ctx, m, in); err != nil {
			return err
		}
		w.detail["material"], w.detail["data_version"] = m.Name, w.DataVersion
		if w.ParentID == "" {
			return nil
		}
		return w.bringToSiblings(ctx, m)
	})
}

func materialAt(key string) string { return "material." + key }

// bring puts the material into its place and makes the next version of the data.
func (w *work) bring(ctx context.Context, m catalogue.Material, in HandInInput) error {
	s := w.svc
	switch {
	case len(in.Files) > MaxFiles:
		return ErrTooManyFile.At(materialAt(m.Key), ErrTooManyFile.Code, "max", MaxFiles)
	case len(in.Files) > 0:
		until, err := untilOf(m, in.Until, s.Clock.Now())
		if err != nil {
			return err
		}
		for _, x := range in.Files {
			if x.upload != "" {
				if err := s.Files.Forget(ctx, w.actor.ID, x.upload); err != nil {
					return err
				}
			}
			f, err := s.Files.Register(ctx, x.blob, x.Name, w.actor.ID)
			if err != nil {
				return err
			}
			if err := s.store.insertFile(ctx, attached{id: ids.New(w.now), key: m.Key, fileID: f.ID, identity: paper.IdentityOf(m), at: w.now, expires: until}, w.ID, w.actor.ID); err != nil {
				return err
			}
		}
	case in.From != nil:
		state := []MaterialState{{Key: m.Key, How: Later, Material: m}}
		if err := s.offer(ctx, w.actor, &w.Case, state); err != nil {
			return err
		}
		i := slices.IndexFunc(state[0].Offers, func(o Offer) bool { return o.CaseID == in.From.CaseID && o.Key == in.From.Key })
		if i < 0 {
			return ErrNotFound
		}
		if err := s.reuse(ctx, w.actor, w.ID, m, state[0].Offers[i]); err != nil {
			return err
		}
	case in.Seen && w.actor.Has(auth.Clerk):
		if err := s.mark(ctx, w.actor, w.ID, m.Key, BySight); err != nil {
			return err
		}
	}
	return w.nextVersion(ctx, m.Key)
}

// nextVersion makes a snapshot in which one material is as it is now.
func (w *work) nextVersion(ctx context.Context, key string) error {
	s := w.svc
	snaps, err := s.store.snapshots(ctx, w.ID, 1)
	if err != nil {
		return err
	}
	if len(snaps) == 0 {
		return fmt.Errorf("cases: %s was accepted without a snapshot", w.ID)
	}
	now, err := s.materials(ctx, &w.Case, w.item, snaps[0].Answers, nil)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(now, func(m MaterialState) bool { return m.Key == key })
	if i >= 0 && now[i].Flaw != nil {
		return now[i].Flaw.At(untilAt(key), now[i].Flaw.Code)
	}
	if i < 0 || now[i].Trust == "" {
		return files.ErrEmpty.At(materialAt(key), files.ErrEmpty.Code)
	}
	x := snaps[0]
	j := slices.IndexFunc(x.Materials, func(m MaterialState) bool { return m.Key == key })
	if j < 0 {
		x.Materials = append(x.Materials, now[i])
	} else {
		x.Materials[j] = now[i]
	}
	w.DataVersion++
	x.DataVersion, x.SubmittedAt = w.DataVersion, w.now
	return s.store.insertSnapshot(ctx, w.ID, x, w.actor.ID)
}

// bringToSiblings hands the same paper in for the other running steps of an
// order that wait for it, too: once for all of them. The order is locked.
func (w *work) bringToSiblings(ctx context.Context, m catalogue.Material) error {
	s := w.svc
	own, err := s.store.attachedFiles(ctx, w.ID)
	if err != nil {
		return err
	}
	marks, err := s.store.marks(ctx, w.ID)
	if err != nil {
		return err
	}
	list, err := s.store.lockedSteps(ctx, w.ParentID, Handling)
	if err != nil {
		return err
	}
	for _, k := range list {
		if k.ID == w.ID {
			continue
		}
		c := s.newWork(k, w.actor, w.now)
		if c.item, err = s.itemOf(ctx, &k); err != nil {
			return err
		}
		gaps, err := s.store.gaps(ctx, k.ID, c.item)
		if err != nil {
			return err
		}
		for _, g := range gaps {
			other, ok := c.item.Material(g.Key)
			if !ok || !g.Open() || !paper.IdentityOf(other).Same(paper.IdentityOf(m)) {
				continue
			}
			if err := c.bringAlong(ctx, other, m.Key, own, marks[m.Key]); err != nil {
				return err
			}
		}
	}
	return nil
}

// bringAlong gives a sibling the files, or the mark, of the material key.
func (w *work) bringAlong(ctx context.Context, m catalogue.Material, key string, own []attached, mark How) error {
	s := w.svc
	if err := w.beforeStep(ctx, CmdHandIn); err != nil {
		return err
	}
	if _, err := w.closeGap(ctx, m.Key, GapGiven); err != nil {
		return err
	}
	for _, a := range own {
		if a.key != key {
			continue
		}
		a.id, a.key, a.identity, a.at = ids.New(w.now), m.Key, paper.IdentityOf(m), w.now
		if err := s.store.insertFile(ctx, a, w.ID, w.actor.ID); err != nil {
			return err
		}
	}
	if mark != "" {
		if err := s.mark(ctx, w.actor, w.ID, m.Key, mark); err != nil {
			return err
		}
	}
	if err := w.nextVersion(ctx, m.Key); err != nil {
		return err
	}
	w.detail["material"], w.detail["data_version"] = m.Name, w.DataVersion
	return w.finish(ctx, w.State, CmdHandIn, true)
}

// LaterForm are the tolerated materials that have to come yet, with the earlier
// papers that would do.
func (s *Service) LaterForm(ctx context.Context, actor auth.Actor, v *View) ([]MaterialState, error) {
	onFile, err := s.Identity.OnFileOf(ctx, v.Party.ID, satisfying(v.Item))
	if err != nil {
		return nil, err
	}
	var out []MaterialState
	for _, g := range v.OpenGaps() {
		m, ok := v.Item.Material(g.Key)
		if !ok {
			continue
		}
		st := MaterialState{Key: g.Key, How: Later, Material: m, Gap: &g}
		if c, ok := onFile[m.SatisfiedBy]; ok && m.SatisfiedBy != "" {
			st.How, st.Ref = ByCertificate, c.Number
		}
		out = append(out, st)
	}
	return out, s.offer(ctx, actor, &v.Case, out)
}

// Waive lets go of a tolerated material that a desk does not need after all.
func (s *Service) Waive(ctx context.Context, actor auth.Actor, ref Ref, key, reason string) (Case, error) {
	return s.run(ctx, actor, ref, CmdWaive, reason, func(ctx context.Context, w *work) error {
		m, ok := w.item.Material(key)
		n, err := w.closeGap(ctx, key, GapWaived)
		if err != nil {
			return err
		}
		if key == "" || !ok || n == 0 {
			return ErrMaterial.At("material", ErrMaterial.Code)
		}
		w.detail["material"] = m.Name
		return nil
	})
}

// ---- what time asks for ----

// errNotDue says that what was due was given meanwhile.
var errNotDue = errors.New("cases: nothing is due")

// dueCases lists the cases in handling with an open gap that is due before an instant.
func (s store) dueCases(ctx context.Context, before time.Time, unreminded bool) ([]ID, error) {
	more := ""
	if unreminded {
		more = ` AND g.reminded_at=0`
	}
	return db.List(ctx, s.db.Read(ctx), db.Scalar[ID], `SELECT DISTINCT c.id FROM cases_gap g JOIN cases_case c ON c.id=g.case_id
		WHERE g.closed_at=0 AND g.due_at <= $1`+more+` AND c.state='handling' ORDER BY c.id`, db.MS(before))
}

// sweepGaps reminds of what is due soon and ends what was due and did not come.
// A case whose reminder could not go out in time, because the platform stood
// still, gets one working day more and its reminder now.
func (s *Service) sweepGaps(ctx context.Context) error {
	now := s.Clock.Now()
	// Far enough for two working days over the longest holidays.
	soon, err := s.store.dueCases(ctx, now.AddDate(0, 0, 16), true)
	if err != nil {
		return err
	}
	var failed []error
	for _, id := range soon {
		if err := s.remind(ctx, id); err != nil {
			failed = append(failed, fmt.Errorf("cases: remind %s: %w", id, err))
		}
	}
	due, err := s.store.dueCases(ctx, now, false)
	if err != nil {
		return errors.Join(append(failed, err)...)
	}
	for _, id := range due {
		if err := s.lapse(ctx, id); err != nil && !errors.Is(err, errNotDue) && !errors.Is(err, ErrState) && !errors.Is(err, ErrStale) {
			failed = append(failed, fmt.Errorf("cases: lapse %s: %w", id, err))
		}
	}
	return errors.Join(failed...)
}

// remind tells the applicant of the tolerated materials of a case that are due soon.
func (s *Service) remind(ctx context.Context, id ID) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		k, err := s.store.locked(ctx, id)
		if err != nil {
			return err
		}
		item, err := s.itemOf(ctx, &k)
		if err != nil {
			return err
		}
		list, err := s.store.gaps(ctx, id, item)
		if err != nil {
			return err
		}
		now := s.Clock.Now()
		var zh, en []string
		var due time.Time
		for _, g := range list {
			late := !now.Before(g.DueAt)
			if !g.Open() || g.reminded || k.State != Handling || !late && !paper.Remind(s.CalendarOf(&k), now, g.DueAt) {
				continue
			}
			if late {
				g.DueAt = workday.EndOf(s.CalendarOf(&k).Add(workday.DateOf(now), 1))
			}
			if _, err := s.DB.Exec(ctx, `UPDATE cases_gap SET reminded_at=$3, due_at=$4, version=version+1 WHERE case_id=$1 AND key=$2`, string(id), g.Key, db.MS(now), db.MS(g.DueAt)); err != nil {
				return err
			}
			zh, en = append(zh, g.Name.ZH), append(en, g.Name.In(i18n.English))
			if due.IsZero() || g.DueAt.Before(due) {
				due = g.DueAt
			}
		}
		if len(zh) == 0 {
			return nil
		}
		readers, err := s.readers(ctx, &k, true)
		if err != nil {
			return err
		}
		for _, a := range readers {
			if err := s.Notify.Tell(ctx, a.Reader(), notify.News{
				Key: fmt.Sprintf("case:%s:gap:%s", id, strings.Join(zh, ",")), Kind: kindGap, NeedsYou: true, Link: "/my/cases/" + string(id) + "/later",
				Params: map[string]any{
					"item": k.ItemName, "number": k.Number, "materials": i18n.Text{ZH: strings.Join(zh, "、"), EN: strings.Join(en, ", ")},
					"due": lastMoment(due),
				},
			}); err != nil {
				return err
			}
		}
		return nil
	})
}

// kindGap is the reminder of a tolerated material.
const kindGap = "case_gap"

// lapse ends a case whose tolerated material did not come: as the item says, it
// counts as withdrawn, or its acceptance is taken back. A step always counts as
// withdrawn, so that its order goes on as with any step that is given up.
func (s *Service) lapse(ctx context.Context, id ID) error {
	_, err := s.run(ctx, auth.SystemActor(), Ref{ID: id}, CmdLapse, "", func(ctx context.Context, w *work) error {
		list, err := s.store.gaps(ctx, id, w.item)
		if err != nil {
			return err
		}
		var zh []string
		for _, g := range list {
			if g.Open() && g.reminded && !w.now.Before(g.DueAt) {
				zh = append(zh, g.Name.ZH)
			}
		}
		if len(zh) == 0 {
			return errNotDue
		}
		w.reason = "没有在期限内补交：" + strings.Join(zh, "、")
		w.detail["materials"] = len(zh)
		if _, err := w.closeGap(ctx, "", GapLate); err != nil {
			return err
		}
		if w.State = Withdrawn; w.item.Late == catalogue.Unaccept && w.ParentID == "" {
			w.State = Refused
		}
		w.detail["to"] = string(w.State)
		w.Stage = ""
		if err := s.store.cancelOpenTasks(ctx, w.ID, w.now); err != nil {
			return err
		}
		return w.closeLedger(ctx)
	})
	return err
}

// GapOf is a tolerated material that a party has to bring, for its list of what to do.
type GapOf struct {
	Case Case
	Gap
}

// MyGaps lists what an actor's own and his firms' cases still wait for, the
// most urgent first.
func (s *Service) MyGaps(ctx context.Context, actor auth.Actor) ([]GapOf, error) {
	var args db.Args
	list, err := db.List(ctx, s.DB.Read(ctx), s.store.scanCase, `SELECT `+caseColumns+` FROM cases_case c WHERE `+visible(&args, actor)+
		` AND c.state='handling' AND c.id IN (SELECT g.case_id FROM cases_gap g WHERE g.closed_at=0) ORDER BY c.id DESC LIMIT 100`, args...)
	if err != nil {
		return nil, fmt.Errorf("cases: my gaps: %w", err)
	}
	var out []GapOf
	for i := range list {
		item, err := s.itemOf(ctx, &list[i])
		if err != nil {
			return nil, err
		}
		gaps, err := s.store.gaps(ctx, list[i].ID, item)
		if err != nil {
			return nil, err
		}
		for _, g := range gaps {
			if g.Open() {
				out = append(out, GapOf{list[i], g})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b GapOf) int { return a.DueAt.Compare(b.DueAt) })
	return out, nil
}
