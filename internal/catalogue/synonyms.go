package catalogue

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/catalogue/index"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Synonyms are words that people use for one another, kept by administrators
// beside those of the product.
type Synonyms struct {
	ID        string
	Words     []string
	Version   int
	UpdatedBy string // account
	UpdatedAt time.Time
}

// Bounds of a group of synonyms.
const (
	mostWords   = 20
	longestWord = 30 // characters
)

// Synonyms lists the groups, the one changed last first.
func (s *Service) Synonyms(ctx context.Context, actor auth.Actor) ([]Synonyms, error) {
	if err := mayKeep(actor); err != nil {
		return nil, err
	}
	return s.store.synonyms(ctx)
}

// SaveSynonyms adds a group (id and version zero) or changes one, and searches
// follow at once. ErrInvalid names "words".
func (s *Service) SaveSynonyms(ctx context.Context, actor auth.Actor, id string, version int, words []string) error {
	if err := mayKeep(actor); err != nil {
		return err
	}
	words, err := alike(words)
	if err != nil {
		return err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		now := s.Clock.Now()
		g := Synonyms{ID: id, Words: words, Version: version, UpdatedBy: actor.ID, UpdatedAt: now}
		if id == "" {
			g.ID, g.Version = ids.New(now), 1
		}
		if err := s.store.saveSynonyms(ctx, g, id == ""); err != nil {
			return err
		}
		return s.wordsChanged(ctx, actor, "catalogue.save_synonyms", g.ID, map[string]any{"words": words})
	})
	if err != nil {
		return fmt.Errorf("catalogue: save synonyms: %w", err)
	}
	return nil
}

// RemoveSynonyms takes a group away.
func (s *Service) RemoveSynonyms(ctx context.Context, actor auth.Actor, id string, version int) error {
	if err := mayKeep(actor); err != nil {
		return err
	}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.removeSynonyms(ctx, id, version); err != nil {
			return err
		}
		return s.wordsChanged(ctx, actor, "catalogue.remove_synonyms", id, nil)
	})
	if err != nil {
		return fmt.Errorf("catalogue: remove synonyms %s: %w", id, err)
	}
	return nil
}

func (s *Service) wordsChanged(ctx context.Context, actor auth.Actor, action, id string, change map[string]any) error {
	if err := s.changed(ctx); err != nil {
		return err
	}
	n := audit.Note{Action: action, Object: "synonyms:" + id}
	if change != nil {
		n.Change = change
	}
	return s.Audit.Record(ctx, actor, n)
}

// alike cleans a group of words: two at least, none twice.
func alike(words []string) ([]string, error) {
	bad, out := ErrInvalid, []string{}
	seen := map[string]bool{}
	for _, w := range words {
		w = strings.Join(strings.Fields(w), " ")
		n := index.Normalise(w)
		switch {
		case n == "" && w == "", seen[n]:
			continue
		case n == "" || len([]rune(w)) > longestWord:
			bad = bad.At("words", badForm, "value", w)
		}
		seen[n] = true
		out = append(out, w)
	}
	switch {
	case len(out) < 2:
		bad = bad.At("words", badTwoWords)
	case len(out) > mostWords:
		bad = bad.At("words", badRange)
	}
	return out, bad.OrNil()
}

// DropMiss takes a vain search off the log: it has been seen to.
func (s *Service) DropMiss(ctx context.Context, actor auth.Actor, query string) error {
	if err := mayKeep(actor); err != nil {
		return err
	}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := s.store.dropMiss(ctx, query)
		if err != nil || n == 0 { // another keeper was quicker: the same end
			return err
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "catalogue.drop_miss", Object: "search", Change: map[string]any{"query": query, "times": n}})
	})
	if err != nil {
		return fmt.Errorf("catalogue: drop vain search: %w", err)
	}
	return nil
}

// AddKeyword adds what people call an item to its draft, or begins one; a
// second person publishes it as any other change.
func (s *Service) AddKeyword(ctx context.Context, actor auth.Actor, code, word string) (Revision, error) {
	record, versions, err := s.History(ctx, actor, code)
	if err != nil {
		return Revision{}, err
	}
	word = strings.Join(strings.Fields(word), " ")
	if index.Normalise(word) == "" || len([]rune(word)) > longestWord {
		return Revision{}, ErrInvalid.At("keyword", badForm, "value", word)
	}
	for _, v := range versions { // a draft has the highest number
		if v.State != Draft && v.ID != record.VersionID {
			continue
		}
		d, version := v.Definition.Source(), 0
		if v.State == Draft {
			version = v.Version
		}
		if slices.ContainsFunc(d.Keywords, func(k string) bool { return index.Normalise(k) == index.Normalise(word) }) {
			return Revision{}, ErrInvalid.At("keyword", badTwice, "value", word)
		}
		d.Keywords = append(slices.Clone(d.Keywords), word)
		return s.SaveDraft(ctx, actor, d, version)
	}
	return Revision{}, ErrNotFound
}

func (s store) synonyms(ctx context.Context) ([]Synonyms, error) {
	return db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (g Synonyms, err error) {
		return g, r.Scan(&g.ID, db.JSON[[]string]{V: &g.Words}, &g.Version, &g.UpdatedBy, db.Time{Time: &g.UpdatedAt})
	}, `SELECT id, words, version, updated_by, updated_at FROM catalogue_synonym ORDER BY updated_at DESC, id DESC`)
}

func (s store) saveSynonyms(ctx context.Context, g Synonyms, isNew bool) error {
	if isNew {
		_, err := s.db.Exec(ctx, `INSERT INTO catalogue_synonym (id, words, version, updated_by, updated_at) VALUES ($1,$2,1,$3,$4)`, g.ID, db.ToJSON(g.Words), g.UpdatedBy, db.MS(g.UpdatedAt))
		return err
	}
	return s.db.ExecOne(ctx, `UPDATE catalogue_synonym SET words=$1, updated_by=$2, updated_at=$3, version=version+1 WHERE id=$4 AND version=$5`,
		db.ToJSON(g.Words), g.UpdatedBy, db.MS(g.UpdatedAt), g.ID, g.Version)
}

func (s store) removeSynonyms(ctx context.Context, id string, version int) error {
	return s.db.ExecOne(ctx, `DELETE FROM catalogue_synonym WHERE id=$1 AND version=$2`, id, version)
}

func (s store) dropMiss(ctx context.Context, query string) (int64, error) {
	return s.db.Exec(ctx, `DELETE FROM catalogue_search_miss WHERE query=$1`, query)
}
