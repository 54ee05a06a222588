package cases

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/rules"
)

// definition of a step in the bundle that the order was submitted under.
func (o *order) definition(st *Step) catalogue.Step {
	steps := o.item.Bundle.Steps()
	if i := slices.IndexFunc(steps, func(d catalogue.Step) bool { return d.Item == st.ItemCode }); i >= 0 {
		return steps[i]
	}
	return catalogue.Step{}
}

// mend is what the applicant changed by one reply to a step.
type mend struct {
	step        *Step
	before, now Snapshot
}

// allSnapshots of a case; nobody replies that often.
const allSnapshots = 1000

// mends lists the replies to the steps of the groups before st, oldest first.
func (o *order) mends(ctx context.Context, st *Step) ([]mend, error) {
	var out []mend
	for i := range o.steps {
		other := &o.steps[i]
		if other.CaseID == "" || other.Group >= st.Group {
			continue
		}
		snaps, err := o.svc.store.snapshots(ctx, other.CaseID, allSnapshots)
		if err != nil {
			return nil, err
		}
		for n := len(snaps) - 1; n > 0; n-- {
			out = append(out, mend{other, snaps[n], snaps[n-1]})
		}
	}
	slices.SortStableFunc(out, func(a, b mend) int { return a.now.SubmittedAt.Compare(b.now.SubmittedAt) })
	return out, nil
}

// ownAnswers takes a step's answers out of those of the order. What was mended
// in an earlier step counts for the later ones, too: each fact is asked once.
// Only what a reply changed counts, so that a reply about something else does
// not bring an old value back.
func (o *order) ownAnswers(ctx context.Context, st *Step, item *catalogue.Item, mended []mend) (map[string]any, error) {
	merged, err := o.answers(ctx)
	if err != nil {
		return nil, err
	}
	merged = maps.Clone(merged)
	for _, m := range mended {
		of, err := o.svc.Catalogue.Version(ctx, m.step.ItemVersionID)
		if err != nil {
			return nil, err
		}
		names := o.definition(m.step).Fields
		for id := range Changed(m.before.Answers, m.now.Answers) {
			shared := cmp.Or(names[id], id)
			v, answered := m.now.Answers[id]
			if answered {
				merged[shared] = v
			} else if f, ok := of.Field(id); ok && rules.Holds(f.When, m.now.Answers) { // emptied; what is only not asked there any more still stands
				delete(merged, shared)
			}
		}
	}
	own := o.definition(st).Own(item, merged)
	for _, section := range item.Form.Sections {
		if section.Repeat != nil {
			if !forms.OpensGroup(section, own) {
				delete(own, section.Key)
			}
			continue
		}
		for _, f := range section.Fields {
			if !Opens(f, own) { // answered for another step
				delete(own, f.ID)
			}
		}
	}
	return own, nil
}

// paper of a snapshot by its key.
func (x *Snapshot) paper(key string) (MaterialState, bool) {
	if i := slices.IndexFunc(x.Materials, func(m MaterialState) bool { return m.Key == key }); i >= 0 {
		return x.Materials[i], true
	}
	return MaterialState{}, false
}

// handDown gives a step the files and marks of the papers that it needs: as they
// were mended last in an earlier step, else as they came with the order. What
// an earlier step issued is on file by now.
func (o *order) handDown(ctx context.Context, st *Step, item *catalogue.Item, id ID, mended []mend) error {
	s := o.svc
	list, err := s.store.attachedFiles(ctx, o.ID)
	if err != nil {
		return err
	}
	papers := map[string][]string{} // shared key to files
	for _, a := range list {
		papers[a.key] = append(papers[a.key], a.fileID)
	}
	marks, err := s.store.marks(ctx, o.ID)
	if err != nil {
		return err
	}
	for _, m := range mended {
		names := o.definition(m.step).Materials
		for _, key := range slices.Sorted(maps.Keys(names)) {
			now, ok := m.now.paper(key)
			before, _ := m.before.paper(key)
			same := func(a, b files.File) bool { return a.ID == b.ID }
			if !ok || now.How == before.How && slices.EqualFunc(now.Files, before.Files, same) {
				continue
			}
			shared := names[key]
			delete(papers, shared)
			delete(marks, shared)
			for _, f := range now.Files {
				papers[shared] = append(papers[shared], f.ID)
			}
			if now.How == ByCommitment || now.How == BySight {
				marks[shared] = now.How
			}
		}
	}
	names := o.definition(st).Materials
	for _, key := range slices.Sorted(maps.Keys(names)) {
		shared := names[key]
		if shared == "" {
			continue
		}
		for _, file := range papers[shared] {
			if err := s.handDownFile(ctx, o, id, item, key, file); err != nil {
				return err
			}
		}
		if how := marks[shared]; how != "" {
			if _, err := s.DB.Exec(ctx, `INSERT INTO cases_material (case_id, key, how, added_by, added_at) VALUES ($1,$2,$3,$4,$5)`,
				string(id), key, string(how), o.FiledBy, db.MS(o.now)); err != nil {
				return err
			}
		}
	}
	return nil
}
