package cases

import (
	"context"
	"io"
	"slices"

	"github.com/tongban/tongban/internal/cases/paper"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/rules"
)

// MaxFiles of one material.
const MaxFiles = 20

// touch notes that the applicant worked on the form, also when he typed nothing.
func (s *Service) touch(ctx context.Context, id ID) error {
	_, err := s.DB.Exec(ctx, `UPDATE cases_buffer SET saved_at=$2 WHERE case_id=$1`, string(id), db.MS(s.Clock.Now()))
	return err
}

// materials works out how each needed material of a case stands.
func (s *Service) materials(ctx context.Context, k *Case, item *catalogue.Item, answers map[string]any, open *Request) ([]MaterialState, error) {
	onFile, err := s.Identity.OnFileOf(ctx, k.Party.ID, satisfying(item))
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
	rows, err := s.Files.FindAll(ctx, fileIDs(list))
	if err != nil {
		return nil, err
	}
	checks := checksOf(list)
	out := []MaterialState{}
	for _, m := range item.Materials {
		if !rules.Asked(m.When, answers) {
			continue
		}
		st := MaterialState{Key: m.Key, Material: m}
		st.take(list, rows)
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
			if st.How = ByUpload; st.From != nil {
				st.How = ByEarlier
			}
			if slices.ContainsFunc(st.Files, func(f files.File) bool { return f.Scan == files.ScanInfected }) {
				st.How = Missing // to be taken off and replaced
			}
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
		s.lasts(&st)
		s.trust(&st, checks)
		out = append(out, st)
	}
	return out, nil
}

// satisfying are the types of certificates that spare a paper of an item.
func satisfying(item *catalogue.Item) []string {
	var out []string
	for _, m := range item.Materials {
		if m.SatisfiedBy != "" && !slices.Contains(out, m.SatisfiedBy) {
			out = append(out, m.SatisfiedBy)
		}
	}
	return out
}

// Attach keeps an uploaded file for a material. The bytes are written before
// the transaction; when it fails they are orphans and swept.
func (s *Service) Attach(ctx context.Context, actor auth.Actor, id ID, key, name string, r io.Reader, limit int64) (files.File, error) {
	_, item, err := s.editable(ctx, actor, id) // before taking in megabytes from somebody who may not
	if err != nil {
		return files.File{}, err
	}
	m, ok := item.Material(key)
	if !ok {
		return files.File{}, ErrMaterial
	}
	blob, err := s.takeIn(ctx, actor, r, name, limit)
	if err != nil {
		return files.File{}, err
	}
	return s.keep(ctx, actor, id, key, name, m, blob)
}

// keep gives the bytes of a file their place at a material.
func (s *Service) keep(ctx context.Context, actor auth.Actor, id ID, key, name string, m catalogue.Material, blob files.Blob) (files.File, error) {
	var f files.File
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
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
		now := after(s.Clock.Now(), list)
		if err := s.store.insertFile(ctx, attached{id: ids.New(now), key: key, fileID: f.ID, identity: paper.IdentityOf(m), at: now}, id, actor.ID); err != nil {
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
		k, item, err := s.lockedEditable(ctx, actor, id)
		if err != nil {
			return err
		}
		m, ok := item.Material(key)
		switch {
		case !ok, how == ByCommitment && !m.Commitment:
			return ErrMaterial
		case how == ByCommitment:
			if err := s.mayPromise(ctx, k.Party.ID); err != nil {
				return err
			}
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
