package policy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// departmentOf is the department that carries a document out: as it is published,
// so that nobody takes over what is in force by drafting it for himself.
func departmentOf(document Paper) string {
	if d := document.Published.Document; d != nil {
		return d.Department
	}
	if d := document.Draft.Document; d != nil {
		return d.Department
	}
	return ""
}

// find returns a paper and the department of its document, if the actor may see drafts of it.
func (s *Service) find(ctx context.Context, actor auth.Actor, kind Kind, key string) (p Paper, department string, err error) {
	p, ok, err := s.store.paper(ctx, kind, key)
	if err != nil {
		return p, "", fmt.Errorf("policy: find %s: %w", key, err)
	}
	if !ok {
		return p, "", ErrNotFound
	}
	document := p
	if kind == KindClause {
		if document, ok, err = s.store.paper(ctx, KindDocument, p.Document); err != nil || !ok {
			return p, "", errors.Join(err, ErrNotFound)
		}
	}
	if department = departmentOf(document); !edits(actor, department) {
		return p, department, ErrNotFound
	}
	return p, department, nil
}

// Papers lists those whose drafts the actor may see, each document before its clauses.
func (s *Service) Papers(ctx context.Context, actor auth.Actor) ([]Paper, error) {
	if actor.Kind != auth.Staff || !actor.Has(Keepers...) {
		return nil, ErrForbidden
	}
	all, err := s.store.papers(ctx)
	if err != nil {
		return nil, fmt.Errorf("policy: papers: %w", err)
	}
	mine := map[string]bool{}
	for _, p := range all {
		if p.Kind == KindDocument && edits(actor, departmentOf(p)) {
			mine[p.Key] = true
		}
	}
	return slices.DeleteFunc(all, func(p Paper) bool { return !mine[p.Document] }), nil
}

// File returns a document with its clauses, drafts and all.
func (s *Service) File(ctx context.Context, actor auth.Actor, document string) (Paper, []Paper, error) {
	p, _, err := s.find(ctx, actor, KindDocument, document)
	if err != nil {
		return p, nil, err
	}
	all, err := s.store.file(ctx, document)
	if err != nil || len(all) == 0 {
		return p, nil, errors.Join(err, ErrNotFound)
	}
	return all[0], all[1:], nil
}

// Paper returns one paper with its editions, the newest first.
func (s *Service) Paper(ctx context.Context, actor auth.Actor, kind Kind, key string) (Paper, []Edition, error) {
	p, _, err := s.find(ctx, actor, kind, key)
	if err != nil {
		return p, nil, err
	}
	list, err := s.store.editions(ctx, p.ID)
	if err != nil {
		return p, nil, fmt.Errorf("policy: editions of %s: %w", key, err)
	}
	return p, list, nil
}

// Editions of a published paper, for everybody: the newest first.
func (s *Service) Editions(ctx context.Context, id string) ([]Edition, error) {
	list, err := s.store.editions(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("policy: editions: %w", err)
	}
	return list, nil
}

// SaveDocument keeps a document as a draft. version is that of the paper that was
// edited, 0 for a new one.
func (s *Service) SaveDocument(ctx context.Context, actor auth.Actor, d Document, version int) (Paper, error) {
	d = d.tidy()
	if err := draftable(d.Key, d.Title); err != nil {
		return Paper{}, err
	}
	if !Administers(actor) && !slices.Contains(Departments(actor), d.Department) {
		if len(Departments(actor)) == 0 {
			return Paper{}, ErrForbidden
		}
		return Paper{}, ErrInvalid.At("department", badForeign)
	}
	return s.keep(ctx, actor, Paper{Kind: KindDocument, Key: d.Key, Document: d.Key, Draft: Body{Document: &d}}, version)
}

// SaveClause keeps a clause of a document as a draft. version is that of the paper
// that was edited, 0 for a new one.
func (s *Service) SaveClause(ctx context.Context, actor auth.Actor, document string, c Clause, version int) (Paper, error) {
	c = c.tidy()
	if err := draftable(c.Key, c.Title); err != nil {
		return Paper{}, err
	}
	return s.keep(ctx, actor, Paper{Kind: KindClause, Key: c.Key, Document: document, Draft: Body{Clause: &c}}, version)
}

// keep writes the draft of a paper.
func (s *Service) keep(ctx context.Context, actor auth.Actor, in Paper, version int) (out Paper, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		out, err = s.keepIn(ctx, actor, in, version)
		return err
	})
	if errors.Is(err, db.ErrDuplicate) { // two began it at one moment
		err = ErrInvalid.At("key", ErrKeyTaken.Code, "key", in.Key)
	}
	return out, err
}

func (s *Service) keepIn(ctx context.Context, actor auth.Actor, in Paper, version int) (Paper, error) {
	now := s.Clock.Now()
	p, ok, err := s.store.paper(ctx, in.Kind, in.Key)
	if err == nil && ok && version != 0 { // how somebody else's stands is not told
		_, _, err = s.find(ctx, actor, in.Kind, in.Key)
	}
	switch {
	case err != nil:
		return p, err
	case ok && version == 0:
		return p, ErrInvalid.At("key", ErrKeyTaken.Code, "key", in.Key)
	case !ok && version != 0, ok && p.Version != version:
		return p, db.ErrStale
	case ok && p.Document != in.Document:
		return p, ErrOther.With("key", in.Key).With("document", p.Document)
	}
	if ok || in.Kind == KindClause {
		at := in.Document
		if _, _, err := s.find(ctx, actor, KindDocument, at); err != nil {
			return p, err
		}
	}
	fresh := !ok
	if fresh {
		p = Paper{ID: ids.New(now), Kind: in.Kind, Key: in.Key, Document: in.Document, State: Unseen, Version: 1}
		if in.Kind == KindClause {
			file, err := s.store.file(ctx, in.Document)
			if err != nil {
				return p, err
			}
			for _, x := range file {
				p.Position = max(p.Position, x.Position+1)
			}
		}
	}
	p.Draft, p.Stage, p.SavedBy, p.SavedAt, p.ProposedBy, p.Note = in.Draft, Draft, actor.ID, now, "", ""
	if p.State == Live && p.Draft.Same(p.Published) {
		p.Draft, p.Stage = Body{}, None // nothing is left to be published
	}
	if fresh {
		err = s.store.insert(ctx, p)
	} else if err = s.store.save(ctx, p); err == nil {
		p.Version++
	}
	if err != nil {
		return p, err
	}
	return p, s.note(ctx, actor, "policy.save", p, "", map[string]any{"version": p.Version})
}

// reason checks why somebody does something.
func reason(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" || utf8.RuneCountInString(s) > 300 {
		return "", ErrInvalid.At("reason", ErrReason.Code)
	}
	return s, nil
}

// each hands the papers of refs, as they stand, to f in one transaction.
func (s *Service) each(ctx context.Context, actor auth.Actor, refs []Ref, f func(ctx context.Context, p Paper, department string) error) error {
	if len(refs) == 0 {
		return ErrState
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		for _, r := range refs {
			p, department, err := s.find(ctx, actor, r.Kind, r.Key)
			switch {
			case err != nil:
				return err
			case p.Version != r.Version:
				return db.ErrStale
			}
			if err := f(ctx, p, department); err != nil {
				return err
			}
		}
		return nil
	})
}

// Propose hands drafts in to be published together.
func (s *Service) Propose(ctx context.Context, actor auth.Actor, refs []Ref, note string) error {
	note = strings.TrimSpace(note)
	if utf8.RuneCountInString(note) > 300 {
		return ErrInvalid.At("reason", ErrReason.Code)
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		// Rights first: what is wrong with a draft is told to nobody else.
		err := s.each(ctx, actor, refs, func(_ context.Context, p Paper, department string) error {
			switch {
			case !proposes(actor, department):
				return ErrForbidden
			case p.Stage != Draft:
				return ErrState
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := s.sound(ctx, refs); err != nil {
			return err
		}
		return s.each(ctx, actor, refs, func(ctx context.Context, p Paper, _ string) error {
			p.Stage, p.ProposedBy, p.Note = Proposed, actor.ID, note
			if err := s.store.save(ctx, p); err != nil {
				return err
			}
			return s.note(ctx, actor, "policy.propose", p, note, nil)
		})
	})
}

// Return gives proposed drafts back to those who write them: who looks them over,
// or they themselves.
func (s *Service) Return(ctx context.Context, actor auth.Actor, refs []Ref, why string) error {
	why, err := reason(why)
	if err != nil {
		return err
	}
	return s.each(ctx, actor, refs, func(ctx context.Context, p Paper, department string) error {
		switch {
		case !proposes(actor, department) && p.SavedBy != actor.ID:
			return ErrForbidden
		case p.Stage != Proposed:
			return ErrState
		}
		p.Stage, p.ProposedBy, p.Note = Draft, "", why
		if err := s.store.save(ctx, p); err != nil {
			return err
		}
		return s.note(ctx, actor, "policy.return", p, why, nil)
	})
}

// Discard throws a draft away; what was never published goes with it.
func (s *Service) Discard(ctx context.Context, actor auth.Actor, r Ref) error {
	return s.each(ctx, actor, []Ref{r}, func(ctx context.Context, p Paper, _ string) error {
		if p.Stage == None {
			return ErrState
		}
		if err := s.note(ctx, actor, "policy.discard", p, "", nil); err != nil {
			return err
		}
		if p.Edition > 0 {
			p.Draft, p.Stage, p.ProposedBy, p.Note = Body{}, None, "", ""
			return s.store.save(ctx, p)
		}
		if p.Kind == KindDocument {
			file, err := s.store.file(ctx, p.Key)
			if err != nil {
				return err
			}
			if len(file) > 1 {
				return ErrClauses
			}
		}
		return s.store.remove(ctx, p)
	})
}

// Publish makes proposed drafts what everybody sees.
func (s *Service) Publish(ctx context.Context, actor auth.Actor, refs []Ref) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		err := s.each(ctx, actor, refs, func(_ context.Context, p Paper, _ string) error { // rights first, as in Propose
			switch {
			case !Administers(actor):
				return ErrForbidden
			case p.Stage != Proposed:
				return ErrState
			case own(actor, p):
				return ErrOwn
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := s.sound(ctx, refs); err != nil {
			return err
		}
		var done []Paper
		err = s.each(ctx, actor, refs, func(ctx context.Context, p Paper, _ string) error {
			done = append(done, p)
			return s.live(ctx, actor, p)
		})
		if err != nil {
			return err
		}
		return s.published(ctx, done)
	})
}

// live makes the draft of a paper its next edition.
func (s *Service) live(ctx context.Context, actor auth.Actor, p Paper) error {
	now := s.Clock.Now()
	p.State, p.Published, p.PublishedAt = Live, p.Draft, now
	p.Edition++
	e := Edition{ID: ids.New(now), Number: p.Edition, Body: p.Published, SavedBy: p.SavedBy, PublishedBy: actor.ID, Reason: p.Note, PublishedAt: now}
	p.Draft, p.Stage, p.ProposedBy, p.Note = Body{}, None, "", ""
	if err := s.store.save(ctx, p); err != nil {
		return err
	}
	if err := s.store.insertEdition(ctx, p.ID, e); err != nil {
		return err
	}
	return s.note(ctx, actor, "policy.publish", p, e.Reason, map[string]any{"edition": e.Number, "saved_by": e.SavedBy})
}

// published tells of the clauses that papers, which have moved, are about: those of
// a document, and of the documents that it repealed or repeals, move with it.
func (s *Service) published(ctx context.Context, moved []Paper) error {
	var documents, keys []string
	for _, p := range moved {
		if p.Kind == KindClause {
			keys = append(keys, p.Key)
			continue
		}
		documents = append(documents, p.Key)
		for _, b := range []Body{p.Published, p.Draft} { // as it was and as it is
			if b.Document != nil {
				documents = append(documents, b.Document.Repeals...)
			}
		}
	}
	if len(documents) > 0 {
		all, err := s.store.live(ctx)
		if err != nil {
			return err
		}
		for _, p := range all {
			if p.Kind == KindClause && slices.Contains(documents, p.Document) {
				keys = append(keys, p.Key)
			}
		}
	}
	slices.Sort(keys)
	return s.changed(ctx, slices.Compact(keys))
}

// Withdraw takes something published off the library, for a reason. A document
// takes its clauses with it.
func (s *Service) Withdraw(ctx context.Context, actor auth.Actor, r Ref, why string) error {
	why, err := reason(why)
	if err != nil {
		return err
	}
	return s.each(ctx, actor, []Ref{r}, func(ctx context.Context, p Paper, _ string) error {
		switch {
		case !Administers(actor):
			return ErrForbidden
		case p.State != Live:
			return ErrState
		}
		moved := p
		p.State = Withdrawn
		if p.Stage == None { // what was there is where one goes on from
			p.Draft, p.Stage, p.SavedBy, p.SavedAt, p.Note = p.Published, Draft, actor.ID, s.Clock.Now(), why
		}
		if err := s.store.save(ctx, p); err != nil {
			return err
		}
		if err := s.note(ctx, actor, "policy.withdraw", p, why, nil); err != nil {
			return err
		}
		return s.published(ctx, []Paper{moved})
	})
}
