package talk

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Use is where a canned text is offered.
type Use string

// The uses.
const (
	ForMessage    Use = "message"
	ForSupplement Use = "supplement" // what is missing, and why
	ForReason     Use = "reason"     // of a command
)

// Uses lists every use in the order shown.
var Uses = []Use{ForMessage, ForSupplement, ForReason}

// Placeholders that a canned text may hold; Fill puts the facts of a case in.
var Placeholders = []string{"applicant", "number", "item", "due"}

// Phrase is a canned text of a department. Its language is that of its author:
// it goes to applicants as it is written.
type Phrase struct {
	ID         string
	Department string
	Use        Use
	Title      string
	Text       string
	Position   int
	Version    int
}

// Keepers are the roles that look after the canned texts of their department.
var Keepers = []auth.Role{auth.Head, auth.Approver}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// Fill puts the facts of a case into a canned text.
func Fill(text string, k *cases.Case) string {
	due := "规定的期限"
	if !k.DueAt.IsZero() {
		due = i18n.LastMoment(i18n.Chinese, k.DueAt)
	}
	return strings.NewReplacer("{applicant}", k.Party.Name.ZH, "{number}", k.Number, "{item}", k.ItemName.ZH, "{due}", due).Replace(text)
}

// keeps says whether the actor looks after the texts of a department.
func keeps(a auth.Actor, department string) bool {
	return slices.ContainsFunc(a.PostsOf(Keepers...), func(p auth.Post) bool { return p.DepartmentID == department })
}

// departments of some of the actor's posts, each once.
func departments(posts []auth.Post) []string {
	var out []string
	for _, p := range posts {
		if p.DepartmentID != "" && !slices.Contains(out, p.DepartmentID) {
			out = append(out, p.DepartmentID)
		}
	}
	return out
}

// Kept are the departments whose texts the actor looks after.
func Kept(a auth.Actor) []string { return departments(a.PostsOf(Keepers...)) }

// Phrases returns the canned texts of some departments for some uses, all uses
// without one, in their order.
func (s *Service) Phrases(ctx context.Context, of []string, uses ...Use) ([]Phrase, error) {
	if len(of) == 0 {
		return nil, nil
	}
	if len(uses) == 0 {
		uses = Uses
	}
	var args db.Args
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (p Phrase, err error) {
		return p, r.Scan(&p.ID, &p.Department, &p.Use, &p.Title, &p.Text, &p.Position, &p.Version)
	}, `SELECT id, department_id, uses, title, text, position, version FROM cases_phrase
		WHERE department_id IN `+db.In(&args, of)+` AND uses IN `+db.In(&args, uses)+` AND removed_at=0 ORDER BY department_id, uses, position, id LIMIT 500`, args...)
	if err != nil {
		return nil, fmt.Errorf("talk: phrases: %w", err)
	}
	return list, nil
}

// PhrasesFor returns what the actor is offered: the texts of the departments of
// his posts.
func (s *Service) PhrasesFor(ctx context.Context, actor auth.Actor, use Use) ([]Phrase, error) {
	return s.Phrases(ctx, departments(actor.Posts), use)
}

func (p *Phrase) check() error {
	p.Title, p.Text = strings.TrimSpace(p.Title), strings.TrimSpace(p.Text)
	switch n := utf8.RuneCountInString(p.Text); {
	case !slices.Contains(Uses, p.Use):
		return ErrPhrase.At("use", ErrPhrase.Code)
	case p.Title == "" || utf8.RuneCountInString(p.Title) > 50:
		return ErrLong.At("title", ErrLong.Code, "max", 50)
	case n == 0 || n > 1000:
		return ErrLong.At("text", ErrLong.Code, "max", 1000)
	case p.Use == ForSupplement && n > 300: // as long as the reason of a point may be
		return ErrLong.At("text", ErrLong.Code, "max", 300)
	}
	for _, x := range placeholder.FindAllString(p.Text, -1) {
		if !slices.Contains(Placeholders, strings.Trim(x, "{}")) {
			return ErrPhrase.At("text", ErrPhrase.Code, "placeholder", x)
		}
	}
	return nil
}

// ImportPhrases adds those that a department never had under their title; the
// system only.
func (s *Service) ImportPhrases(ctx context.Context, actor auth.Actor, list []Phrase) error {
	if actor.Kind != auth.System {
		return ErrForbidden
	}
	for _, p := range list {
		if err := p.check(); err != nil {
			return fmt.Errorf("talk: phrase %s: %w", p.Title, err)
		}
		n, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM cases_phrase WHERE department_id=$1 AND uses=$2 AND title=$3`, p.Department, string(p.Use), p.Title)
		if err != nil {
			return fmt.Errorf("talk: phrase %s: %w", p.Title, err)
		}
		if n == 0 {
			if err := s.DB.InTx(ctx, func(ctx context.Context) error { return s.addPhrase(ctx, actor, &p) }); err != nil {
				return fmt.Errorf("talk: phrase %s: %w", p.Title, err)
			}
		}
	}
	return nil
}

func (s *Service) addPhrase(ctx context.Context, actor auth.Actor, p *Phrase) error {
	now := s.Clock.Now()
	p.ID, p.Version = ids.New(now), 1
	_, err := s.DB.Exec(ctx, `INSERT INTO cases_phrase (id, department_id, uses, title, text, position, changed_by, changed_at, removed_at, version)
		SELECT $1,$2,$3,$4,$5,COALESCE(max(position),0)+1,$6,$7,0,1 FROM cases_phrase WHERE department_id=$2 AND uses=$3`,
		p.ID, p.Department, string(p.Use), p.Title, p.Text, actor.ID, db.MS(now))
	return err
}

// SavePhrase adds a canned text, or changes one that has an id and a version.
func (s *Service) SavePhrase(ctx context.Context, actor auth.Actor, p Phrase) (Phrase, error) {
	if !keeps(actor, p.Department) {
		return p, ErrForbidden
	}
	if err := p.check(); err != nil {
		return p, err
	}
	now := s.Clock.Now()
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		if p.ID == "" {
			if err := s.addPhrase(ctx, actor, &p); err != nil {
				return err
			}
		} else {
			n, err := s.DB.Exec(ctx, `UPDATE cases_phrase SET uses=$4, title=$5, text=$6, changed_by=$7, changed_at=$8, version=version+1 WHERE id=$1 AND version=$2 AND department_id=$3 AND removed_at=0`,
				p.ID, p.Version, p.Department, string(p.Use), p.Title, p.Text, actor.ID, db.MS(now))
			if err != nil {
				return err
			}
			if n == 0 {
				return ErrStale
			}
			p.Version++
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "cases.phrase", Object: "phrase:" + p.ID, Change: map[string]any{"department": p.Department, "use": p.Use, "title": p.Title, "text": p.Text}})
	})
	return p, err
}

// Phrase returns one that the actor looks after.
func (s *Service) Phrase(ctx context.Context, actor auth.Actor, id string) (Phrase, error) {
	list, err := s.Phrases(ctx, Kept(actor))
	if err != nil {
		return Phrase{}, err
	}
	i := slices.IndexFunc(list, func(p Phrase) bool { return p.ID == id })
	if i < 0 {
		return Phrase{}, ErrNotFound
	}
	return list[i], nil
}

// RemovePhrase takes a canned text away; what was sent with it stays.
func (s *Service) RemovePhrase(ctx context.Context, actor auth.Actor, id string, version int) error {
	p, err := s.Phrase(ctx, actor, id)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		n, err := s.DB.Exec(ctx, `UPDATE cases_phrase SET removed_at=$3, changed_by=$4, version=version+1 WHERE id=$1 AND version=$2 AND removed_at=0`, id, version, db.MS(now), actor.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrStale
		}
		return s.Audit.Record(ctx, actor, audit.Note{Action: "cases.phrase_remove", Object: "phrase:" + id, Change: map[string]any{"department": p.Department, "title": p.Title}})
	})
}
