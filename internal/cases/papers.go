package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases/paper"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
)

// Origin says in which case an earlier paper was given first, and when.
type Origin struct {
	CaseID  ID        `json:"case"`
	Number  string    `json:"number,omitempty"`
	GivenAt time.Time `json:"given_at"`
}

// Offer is a paper that the party gave in another case and that would do for a
// material: one click, nothing to upload. The files are shared, never copied.
type Offer struct {
	CaseID ID
	Key    string // of the material there
	Number string // "" for a draft that the reader has in hand
	Given  time.Time
	Until  workday.Date // last day on which it serves
	Trust  paper.Level
	Files  []files.File
}

// Check says who held a copy against its original, and where.
type Check struct {
	FileID string
	By     string
	At     time.Time
	Place  i18n.Text
}

// attached is a file of a material.
type attached struct {
	id, key, fileID string
	identity        paper.Identity
	origin          Origin // zero for what was given in this case
	at              time.Time
	expires         string
	check           Check // zero while nobody held it against its original
}

func fileIDs(list []attached) []string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.fileID
	}
	return out
}

// after is now, or as soon after the last of the files that the order of pages
// handed in within one millisecond is kept.
func after(now time.Time, list []attached) time.Time {
	if n := len(list); n > 0 && !now.After(list[n-1].at) {
		return list[n-1].at.Add(time.Millisecond)
	}
	return now
}

func (s store) attachedFiles(ctx context.Context, id ID) ([]attached, error) {
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (a attached, err error) {
		return a, r.Scan(&a.id, &a.key, &a.fileID, &a.identity.Paper, &a.identity.Name, &a.origin.CaseID, &a.origin.Number, db.Time{Time: &a.origin.GivenAt}, db.Time{Time: &a.at}, &a.expires,
			&a.check.FileID, &a.check.By, db.Time{Time: &a.check.At}, db.JSON[i18n.Text]{V: &a.check.Place})
	}, `SELECT f.id, f.key, f.file_id, f.paper, f.paper_name, f.from_case, COALESCE(o.number, ''), f.given_at, f.added_at, f.expires_on,
			COALESCE(x.file_id, ''), COALESCE(x.checked_by, ''), COALESCE(x.checked_at, 0), COALESCE(x.place, '{}')
		FROM cases_file f LEFT JOIN cases_case o ON o.id=f.from_case LEFT JOIN cases_check x ON x.file_id=f.file_id WHERE f.case_id=$1 AND f.removed_at=0 ORDER BY f.added_at, f.id`, string(id))
}

func (s store) insertFile(ctx context.Context, a attached, id ID, by string) error {
	_, err := s.db.Exec(ctx, `INSERT INTO cases_file (id, case_id, key, file_id, added_by, added_at, removed_at, paper, paper_name, from_case, given_at, expires_on)
		VALUES ($1,$2,$3,$4,$5,$6,0,$7,$8,$9,$10,$11)`, a.id, string(id), a.key, a.fileID, by, db.MS(a.at), a.identity.Paper, a.identity.Name, string(a.origin.CaseID), db.MS(a.origin.GivenAt), a.expires)
	return err
}

// checksOf puts the checks of attached files by their file.
func checksOf(list []attached) map[string]Check {
	out := map[string]Check{}
	for _, a := range list {
		if a.check.FileID != "" {
			out[a.fileID] = a.check
		}
	}
	return out
}

// checks of files against their originals.
func (s store) checks(ctx context.Context, list []string) (map[string]Check, error) {
	out := map[string]Check{}
	if len(list) == 0 {
		return out, nil
	}
	var a db.Args
	rows, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (c Check, err error) {
		return c, r.Scan(&c.FileID, &c.By, db.Time{Time: &c.At}, db.JSON[i18n.Text]{V: &c.Place})
	}, `SELECT file_id, checked_by, checked_at, place FROM cases_check WHERE file_id IN `+db.In(&a, list), a...)
	for _, c := range rows {
		out[c.FileID] = c
	}
	return out, err
}

// take puts the files of a material into its state, in the order in which they
// came, and where they are from: when all of them were given in one other case
// the material is an earlier paper.
func (st *MaterialState) take(list []attached, rows map[string]files.File) {
	var from *Origin
	own := false
	for _, a := range list {
		if a.key != st.Key {
			continue
		}
		st.Files = append(st.Files, rows[a.fileID])
		if a.expires != "" && (st.Until == "" || a.expires < st.Until) {
			st.Until = a.expires
		}
		if a.origin.CaseID == "" {
			own = true
		} else if from == nil {
			from = &a.origin
		}
	}
	if !own {
		st.From = from
	}
}

// trust derives the level of what satisfies a material.
func (s *Service) trust(st *MaterialState, checks map[string]Check) {
	st.Check = nil
	switch st.How {
	case ByCertificate:
		st.Trust = paper.Issued
		if t, ok := s.Identity.Directory().CertificateType(st.Material.SatisfiedBy); ok && t.Level != "" {
			st.Trust = paper.Level(t.Level)
		}
	case BySight:
		st.Trust = paper.Checked
	case ByCommitment:
		st.Trust = paper.SelfMade
	case ByUpload, ByEarlier:
		checked := len(st.Files) > 0
		for _, f := range st.Files {
			c, ok := checks[f.ID]
			if checked = checked && ok; ok && st.Check == nil {
				st.Check = &c
			}
		}
		if !checked {
			st.Check = nil
		}
		st.Trust = paper.LevelOf(st.Material, checked)
	default:
		st.Trust = ""
	}
}

// refresh brings materials of a snapshot up to what happened to their files
// since: checks against the original. The snapshot itself never changes.
func (s *Service) refresh(ctx context.Context, list []MaterialState) error {
	var all []string
	for _, m := range list {
		for _, f := range m.Files {
			all = append(all, f.ID)
		}
	}
	checks, err := s.store.checks(ctx, all)
	if err != nil {
		return err
	}
	for i := range list {
		s.trust(&list[i], checks)
	}
	if !s.Files.Guarded() {
		return nil
	}
	rows, err := s.Files.FindAll(ctx, all)
	if err != nil {
		return err
	}
	for i := range list {
		for j := range list[i].Files {
			list[i].Files[j].Scan = rows[list[i].Files[j].ID].Scan
		}
	}
	return nil
}

// MaxOffers of earlier papers for one material: more only make choosing hard.
const MaxOffers = 3

// offer adds to the materials that are not there yet the papers that the party
// gave in its other cases and that still serve. Only what the reader may see
// anyway is offered; what was withdrawn, refused or taken off is not.
func (s *Service) offer(ctx context.Context, actor auth.Actor, k *Case, list []MaterialState) error {
	var papers, names []string
	for _, m := range list {
		if !open(m) {
			continue
		}
		id := paper.IdentityOf(m.Material)
		if id.Paper != "" {
			papers = append(papers, id.Paper)
		}
		if id.Name != "" {
			names = append(names, id.Name)
		}
	}
	if len(papers)+len(names) == 0 || k.Party.ID == "" {
		return nil
	}
	found, err := s.store.earlier(ctx, actor, k, papers, names)
	if err != nil || len(found) == 0 {
		return err
	}
	var all []string
	for _, e := range found {
		all = append(all, e.fileID)
	}
	rows, err := s.Files.FindAll(ctx, all)
	if err != nil {
		return err
	}
	checks, err := s.store.checks(ctx, all)
	if err != nil {
		return err
	}
	today := workday.DateOf(s.Clock.Now())
	for i := range list {
		if open(list[i]) {
			list[i].Offers = offers(list[i].Material, found, rows, checks, today)
		}
	}
	return nil
}

// open says that a material still waits for something.
func open(m MaterialState) bool { return m.How == Missing || m.How == Later || m.How == NotGiven }

// given is a file of another case.
type given struct {
	attached
	caseID ID
	number string
}

// Of a party's papers those of its newest cases are looked at, and the newest
// files of them: who files every day has tens of thousands.
const (
	maxEarlier      = 300
	maxEarlierCases = 300
)

// earlier lists the files of the other cases of a party that are one of the
// papers, the newest case first and the files of a material in their order.
func (s store) earlier(ctx context.Context, actor auth.Actor, k *Case, papers, names []string) ([]given, error) {
	var args db.Args
	where := visible(&args, actor) + ` AND c.party_kind = ` + args.Add(string(k.Party.Kind)) + ` AND c.party_id = ` + args.Add(k.Party.ID) + ` AND c.id <> ` + args.Add(string(k.ID)) +
		` AND c.id IN (SELECT id FROM cases_case WHERE party_id = ` + args.Add(k.Party.ID) + ` ORDER BY id DESC LIMIT ` + args.Add(maxEarlierCases) + `)` +
		` AND c.state NOT IN ('withdrawn','refused') AND f.removed_at = 0
		AND NOT EXISTS (SELECT 1 FROM cases_file x WHERE x.file_id = f.file_id AND x.set_aside AND (SELECT y.party_id FROM cases_case y WHERE y.id = x.case_id) = c.party_id)`
	var same []string
	if len(papers) > 0 {
		same = append(same, `f.paper IN `+db.In(&args, papers))
	}
	if len(names) > 0 {
		same = append(same, `f.paper_name IN `+db.In(&args, names))
	}
	list, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (g given, err error) {
		return g, r.Scan(&g.caseID, &g.number, &g.key, &g.fileID, &g.identity.Paper, &g.identity.Name, &g.origin.CaseID, &g.origin.Number, db.Time{Time: &g.origin.GivenAt}, db.Time{Time: &g.at}, &g.expires)
	}, `SELECT c.id, COALESCE(c.number, ''), f.key, f.file_id, f.paper, f.paper_name, f.from_case, COALESCE(o.number, ''), f.given_at, f.added_at, f.expires_on
		FROM cases_file f JOIN cases_case c ON c.id=f.case_id LEFT JOIN cases_case o ON o.id=f.from_case
		WHERE `+where+` AND (`+strings.Join(same, " OR ")+`) ORDER BY c.id DESC, f.added_at, f.id LIMIT `+args.Add(maxEarlier), args...)
	if err != nil {
		return nil, fmt.Errorf("cases: earlier papers: %w", err)
	}
	return list, nil
}

// offers puts the files together that were given for one material of one case
// and leaves out what does not serve any more, and the same files twice.
func offers(m catalogue.Material, found []given, rows map[string]files.File, checks map[string]Check, today workday.Date) []Offer {
	want := paper.IdentityOf(m)
	var out []Offer
	spoilt := map[string]bool{}
	at := map[string]int{}
	for _, g := range found {
		f, ok := rows[g.fileID]
		if !want.Same(g.identity) || !ok {
			continue
		}
		first := g.at
		if !g.origin.GivenAt.IsZero() {
			first = g.origin.GivenAt
		}
		until := paper.ReusableUntil(m, first, g.expires)
		group := string(g.caseID) + " " + g.key
		spoilt[group] = spoilt[group] || until.Before(today)
		i, ok := at[group]
		if !ok {
			i = len(out)
			at[group] = i
			out = append(out, Offer{CaseID: g.caseID, Key: g.key, Number: g.number, Given: first, Until: until, Trust: paper.LevelOf(m, true)})
		}
		o := &out[i]
		o.Files = append(o.Files, f)
		if until.Before(o.Until) {
			o.Until = until
		}
		if first.Before(o.Given) {
			o.Given = first
		}
		if _, ok := checks[f.ID]; !ok {
			o.Trust = paper.LevelOf(m, false)
		}
	}
	var kept []Offer
	for _, o := range out {
		same := func(x Offer) bool {
			return slices.EqualFunc(x.Files, o.Files, func(a, b files.File) bool { return a.SHA256 == b.SHA256 })
		}
		if spoilt[string(o.CaseID)+" "+o.Key] || slices.ContainsFunc(kept, same) {
			continue
		}
		kept = append(kept, o)
	}
	// What was checked against the original goes first, then the newest.
	slices.SortStableFunc(kept, func(a, b Offer) int { return strings.Compare(string(a.Trust), string(b.Trust)) })
	return kept[:min(len(kept), MaxOffers)]
}

// Reuse satisfies a material by a paper that is on offer: its files are shared.
// What is not on offer, or not any more, is not found.
func (s *Service) Reuse(ctx context.Context, actor auth.Actor, id ID, key string, from ID, fromKey string) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.store.locked(ctx, id); err != nil {
			return err
		}
		f, err := s.Form(ctx, actor, id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(f.Materials, func(m MaterialState) bool { return m.Key == key })
		if i < 0 {
			return ErrMaterial
		}
		m := f.Materials[i]
		j := slices.IndexFunc(m.Offers, func(o Offer) bool { return o.CaseID == from && o.Key == fromKey })
		if j < 0 {
			return ErrNotFound
		}
		o := m.Offers[j]
		if err := s.reuse(ctx, actor, id, m.Material, o); err != nil {
			return err
		}
		if err := s.touch(ctx, id); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "cases.reuse", Object: "case:" + string(id), Change: map[string]any{"material": key, "from": o.CaseID, "files": len(o.Files)}})
	})
}

// reuse shares the files of an offer.
func (s *Service) reuse(ctx context.Context, actor auth.Actor, id ID, m catalogue.Material, o Offer) error {
	source, err := s.store.attachedFiles(ctx, o.CaseID)
	if err != nil {
		return err
	}
	there, err := s.store.attachedFiles(ctx, id)
	if err != nil {
		return err
	}
	now := after(s.Clock.Now(), there)
	for _, a := range source {
		if a.key != o.Key {
			continue
		}
		now = now.Add(time.Millisecond) // the pages keep their order
		if a.origin.CaseID == "" {
			a.origin = Origin{CaseID: o.CaseID, GivenAt: a.at}
		}
		a.id, a.key, a.identity, a.at = ids.New(now), m.Key, paper.IdentityOf(m), now
		if err := s.store.insertFile(ctx, a, id, actor.ID); err != nil {
			return err
		}
	}
	return nil
}

// handDownFile gives a step a file of its order, with where it came from.
func (s *Service) handDownFile(ctx context.Context, o *order, id ID, item *catalogue.Item, key, file string) error {
	a, ok, err := db.Maybe(ctx, s.DB.Read(ctx), func(r db.Scanner) (a attached, err error) {
		return a, r.Scan(&a.origin.CaseID, db.Time{Time: &a.origin.GivenAt}, &a.expires)
	}, `SELECT f.from_case, f.given_at, f.expires_on FROM cases_file f JOIN cases_case c ON c.id=f.case_id
		WHERE f.file_id=$1 AND (c.id=$2 OR c.parent_id=$2) ORDER BY f.added_at LIMIT 1`, file, string(o.ID))
	if err != nil {
		return err
	}
	if !ok {
		a = attached{}
	}
	m, _ := item.Material(key)
	a.id, a.key, a.fileID, a.identity, a.at = ids.New(o.now), key, file, paper.IdentityOf(m), o.now
	return s.store.insertFile(ctx, a, id, o.FiledBy)
}

// ---- checks against the original ----

// CheckOriginal notes that a copy that was handed in was held against its
// original. From then on it counts as checked here and wherever it is used.
func (s *Service) CheckOriginal(ctx context.Context, actor auth.Actor, ref Ref, key string) (Case, error) {
	return s.run(ctx, actor, ref, CmdCheck, "", func(ctx context.Context, w *work) error {
		if ladderOnly(actor, &w.Case, w.tasks) {
			return ErrForbidden
		}
		v := &View{Case: w.Case} // the materials as the page shows them
		if err := s.fill(ctx, v, false); err != nil {
			return err
		}
		list := v.Materials
		i := slices.IndexFunc(list, func(m MaterialState) bool { return m.Key == key && m.Trust == paper.Uploaded })
		if i < 0 {
			return ErrMaterial.At("material", ErrMaterial.Code)
		}
		w.detail["material"] = list[i].Material.Name
		return s.check(ctx, actor, w.ID, list[i])
	})
}

// CheckTyped is CheckOriginal for a form that a clerk fills in at a window: the
// original lies before him.
func (s *Service) CheckTyped(ctx context.Context, actor auth.Actor, id ID, key string) error {
	if !actor.Has(auth.Clerk) {
		return ErrForbidden
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.store.locked(ctx, id); err != nil {
			return err
		}
		f, err := s.Form(ctx, actor, id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(f.Materials, func(m MaterialState) bool { return m.Key == key && len(m.Files) > 0 })
		if i < 0 {
			return ErrMaterial
		}
		if err := s.check(ctx, actor, id, f.Materials[i]); err != nil {
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "cases.check", Object: "case:" + string(id), Change: map[string]any{"material": key}})
	})
}

func (s *Service) check(ctx context.Context, actor auth.Actor, id ID, m MaterialState) error {
	place := s.Identity.Directory().Place(postFor(actor, nil, auth.Clerk, auth.Handler, auth.Approver))
	for _, f := range m.Files {
		if _, err := s.DB.Exec(ctx, `INSERT INTO cases_check (file_id, case_id, checked_by, checked_at, place) VALUES ($1,$2,$3,$4,$5) ON CONFLICT (file_id) DO NOTHING`,
			f.ID, string(id), actor.ID, db.MS(s.Clock.Now()), db.ToJSON(place)); err != nil {
			return err
		}
	}
	return nil
}

// lastPapers are those of the last submission as they count today.
func (w *work) lastPapers(ctx context.Context) ([]MaterialState, error) {
	snaps, err := w.lastSnapshot(ctx)
	if err != nil || len(snaps) == 0 {
		return nil, err
	}
	list := slices.Clone(snaps[0].Materials)
	named(list, w.item)
	return list, w.svc.refresh(ctx, list)
}

// named puts the definitions to the materials of a snapshot.
func named(list []MaterialState, item *catalogue.Item) {
	for i := range list {
		list[i].Material, _ = item.Material(list[i].Key)
	}
}

// useful leaves out the commands that have nothing to work on: no material, no
// limit that still runs.
func (v *View) useful(list []Command, ladderOnly bool, now time.Time) []Command {
	gaps := len(v.OpenGaps()) > 0
	copies := !ladderOnly && slices.ContainsFunc(v.Materials, func(m MaterialState) bool { return m.Trust == paper.Uploaded })
	return slices.DeleteFunc(list, func(c Command) bool {
		return c == CmdAnswer && !v.objected() || c == CmdExtend && v.overLimitAt(now) || c == CmdCheck && !copies || (c == CmdHandIn || c == CmdWaive) && !gaps
	})
}

// objected says whether an objection waits for its answer.
func (v *View) objected() bool {
	for _, f := range v.Facts {
		if slices.ContainsFunc(f.Objections, func(o Objection) bool { return o.Answer == "" }) {
			return true
		}
	}
	return false
}

// addGaps puts the tolerated materials to a view.
func (s *Service) addGaps(ctx context.Context, v *View) error {
	var err error
	if v.Gaps, err = s.store.gaps(ctx, v.ID, v.Item); err != nil {
		return err
	}
	for _, g := range v.Gaps {
		if i := slices.IndexFunc(v.Materials, func(m MaterialState) bool { return m.Key == g.Key }); i >= 0 {
			v.Materials[i].Gap = &g
		}
	}
	return nil
}

// Unchecked are the copies whose original the item wants to be seen and nobody
// has seen yet: the clerk is told at acceptance, and without it nothing is granted.
func Unchecked(list []MaterialState) []MaterialState {
	var out []MaterialState
	for _, m := range list {
		if m.Material.Original && m.Trust == paper.Uploaded {
			out = append(out, m)
		}
	}
	return out
}

// mayGrant refuses to grant while an original that the item asks for was not seen.
func (w *work) mayGrant(ctx context.Context) error {
	if !slices.ContainsFunc(w.item.Materials, func(m catalogue.Material) bool { return m.Original }) {
		return nil
	}
	list, err := w.lastPapers(ctx)
	if err != nil {
		return err
	}
	if open := Unchecked(list); len(open) > 0 {
		return ErrUnchecked.With("materials", materialNames(open))
	}
	return nil
}

func materialNames(list []MaterialState) i18n.Text {
	var zh, en []string
	for _, m := range list {
		zh, en = append(zh, m.Material.Name.ZH), append(en, m.Material.Name.In(i18n.English))
	}
	return i18n.Text{ZH: strings.Join(zh, "、"), EN: strings.Join(en, ", ")}
}
