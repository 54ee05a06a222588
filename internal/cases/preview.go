package cases

import (
	"context"
	"maps"
	"net/url"

	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/platform/auth"
)

// FormItem is the item whose form the actor may fill in now, with the questions
// and rows that it has.
func (s *Service) FormItem(ctx context.Context, actor auth.Actor, id ID) (*catalogue.Item, error) {
	_, item, err := s.editable(ctx, actor, id)
	return item, err
}

// FormWith returns the form as it would stand with what is posted, and keeps
// nothing: for the fields that an answer opens, and for showing a rejected
// form again with what was typed. The prefill marks of changed fields go.
func (s *Service) FormWith(ctx context.Context, actor auth.Actor, id ID, posted url.Values) (Form, error) {
	f, err := s.Form(ctx, actor, id)
	if err != nil {
		return Form{}, err
	}
	typed := forms.WithRows(f.Item, KeepKnown(f.Item, posted))
	maps.DeleteFunc(f.Buffer.Prefill, func(field, _ string) bool { return !forms.Untouched(f.Buffer.Typed, typed, field) })
	f.Buffer.Typed = typed
	f.Answers, f.Bad = Answers(f.Item, typed, s.today())
	f.Bad = append(f.Bad, unchanged(f.Request, f.before, f.Answers)...)
	if f.Materials, err = s.materials(ctx, &f.Case, f.Item, f.Answers, f.Request); err != nil {
		return f, err
	}
	if err := s.restrain(ctx, f.Case.Party.ID, f.Materials); err != nil {
		return f, err
	}
	return f, s.offer(ctx, actor, &f.Case, f.Materials)
}
