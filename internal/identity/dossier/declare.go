package dossier

import (
	"context"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
)

const maxReason = 500

// Declaration is a value that the firm says of itself, as it was typed.
type Declaration struct {
	Key    string
	Year   int
	Value  string
	Reason string
	Paper  *Paper
}

// Paper is a file that proves what is said.
type Paper struct {
	Name    string
	Content io.Reader
	Limit   int64
}

// Declare lets the people of a firm say or correct a value. It is present at
// once where nothing is verified; against a verified value it is a request, which
// needs a reason and waits for the department that keeps the fact.
func (s *Service) Declare(ctx context.Context, actor auth.Actor, firm string, in Declaration) (State, error) {
	if !says(actor, firm) {
		return "", ErrNotFound
	}
	if _, err := s.firm(ctx, actor, firm); err != nil {
		return "", err
	}
	value, err := s.declared(in)
	if err != nil {
		return "", err
	}
	var blob *files.Blob
	if in.Paper != nil { // bytes first: inside the transaction nothing waits for a disk
		b, err := s.Files.Put(ctx, in.Paper.Content, in.Paper.Name, in.Paper.Limit)
		if err != nil {
			return "", at("paper", err)
		}
		blob = &b
	}
	var state State
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.adoptFirst(ctx, firm); err != nil {
			return err
		}
		w := Word{Key: in.Key, Year: in.Year, Value: value, Source: Declared, Ref: "account:" + actor.ID, Reason: strings.TrimSpace(in.Reason)}
		present, err := s.store.facts(ctx, `enterprise_id=$1 AND key=$2 AND year=$3 AND state='present'`, firm, in.Key, in.Year)
		if err != nil {
			return err
		}
		if len(present) > 0 {
			if present[0].Value == value {
				return ErrInvalid.At("value", ErrSame.Code)
			}
			if w.Asked = present[0].Source.Verified(); w.Asked && w.Reason == "" {
				return ErrInvalid.At("reason", ErrReason.Code, "max", maxReason)
			}
		}
		if blob != nil {
			f, err := s.Files.Register(ctx, *blob, in.Paper.Name, actor.ID)
			if err != nil {
				return err
			}
			w.Paper = f.ID
		}
		out, err := s.record(ctx, actor, firm, []Word{w})
		if err != nil {
			return err
		}
		for _, f := range out.Lines {
			if f.Source == Declared && f.Value == value {
				state = f.State
			}
		}
		return s.Audit.Record(ctx, actor, audit.Note{
			Action: "dossier.declare", Object: "enterprise:" + firm, OnBehalf: firm, Reason: w.Reason, Change: map[string]any{"key": in.Key, "year": in.Year, "state": state},
		})
	})
	return state, err
}

// declared checks what was typed and returns the canonical value.
func (s *Service) declared(in Declaration) (string, error) {
	d := s.vocab.Def(in.Key)
	if d == nil || d.Yearly != (in.Year != 0) || !d.By(Declared) {
		return "", ErrNotFound
	}
	e := ErrInvalid
	if d.Yearly && !s.yearOK(in.Year) {
		e = e.At("year", ErrYear.Code, "from", firstYear, "to", s.closedYear()+1)
	}
	if utf8.RuneCountInString(in.Reason) > maxReason {
		e = e.At("reason", ErrReason.Code, "max", maxReason)
	}
	value, err := d.Parse(in.Value)
	switch x, ok := err.(*errs.Error); {
	case ok:
		e = e.At("value", x.Code, pairs(x.Params)...)
	case err != nil:
		return "", err
	case value == "":
		e = e.At("value", ErrEmpty.Code)
	}
	if len(e.Fields) > 0 {
		return "", e
	}
	return value, nil
}

func pairs(m map[string]any) []any {
	var out []any
	for k, v := range m {
		out = append(out, k, v)
	}
	return out
}

// at puts an error about a file beside its input.
func at(field string, err error) error {
	if x, ok := err.(*errs.Error); ok && x.Kind == errs.Invalid {
		return ErrInvalid.At(field, x.Code, pairs(x.Params)...)
	}
	return err
}

// PaperOf returns the file that came with a line of a file, to who may read it:
// the firm itself, and the department that settles the fact.
func (s *Service) PaperOf(ctx context.Context, actor auth.Actor, firm, factID string) (files.File, error) {
	e, err := s.firm(ctx, actor, firm)
	if err != nil {
		return files.File{}, err
	}
	lines, err := s.store.facts(ctx, `id=$1 AND enterprise_id=$2`, factID, firm)
	if err != nil {
		return files.File{}, err
	}
	if len(lines) == 0 || lines[0].Paper == "" || actor.Kind != auth.Person && !contains(s.vocab.keeps(actor, e.Region), lines[0].Key) {
		return files.File{}, ErrNotFound
	}
	return s.Files.Find(ctx, lines[0].Paper)
}
