package catalogueweb

import (
	"context"
	"net/url"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/view"
)

// questionnaire is a handful of questions whose answers stand in the address,
// so that a link or a QR code holds them.
type questionnaire struct {
	All     []catalogue.Field
	Asked   []catalogue.Field // with the answers so far
	Answers map[string]any
}

// answered reads the questions of an address.
func answered(questions []catalogue.Field, values url.Values) questionnaire {
	answers := catalogue.Picked(questions, values)
	return questionnaire{All: questions, Asked: catalogue.AskedWith(questions, answers), Answers: answers}
}

// values of an address that holds the answers. They are those that count: what
// was answered to a question that is no longer asked is gone.
func (q questionnaire) values() url.Values {
	v := url.Values{}
	for id, a := range q.Answers {
		switch a := a.(type) {
		case string:
			v.Set(id, a)
		case []any:
			for _, x := range a {
				v.Add(id, x.(string))
			}
		}
	}
	return v
}

// missing is how many of the questions have no answer.
func (q questionnaire) missing() int {
	n := 0
	for _, f := range q.Asked {
		if _, ok := q.Answers[f.ID]; !ok {
			n++
		}
	}
	return n
}

func (q questionnaire) form() *form.Form { return form.FromValues(q.values()) }

// in is a question as an input.
func (q questionnaire) in(ctx context.Context, f catalogue.Field) view.In {
	in := view.In{Name: f.ID, Label: f.Label.For(ctx), Hint: f.Hint.For(ctx)}
	if f.Type == catalogue.FieldYesNo {
		in.Options = []view.Opt{{Value: "yes", Label: upperFirst(i18n.T(ctx, "catalogue.answer.yes"))}, {Value: "no", Label: upperFirst(i18n.T(ctx, "catalogue.answer.no"))}}
	}
	for _, o := range f.Options {
		in.Options = append(in.Options, view.Opt{Value: o.Value, Label: o.Label.For(ctx)})
	}
	return in
}

// said are the answers in words, for paper: "有食堂：是".
func (q questionnaire) said(ctx context.Context) string {
	var out []string
	for _, f := range q.Asked {
		var words []string
		for _, v := range q.values()[f.ID] {
			for _, o := range q.in(ctx, f).Options {
				if o.Value == v {
					words = append(words, o.Label)
				}
			}
		}
		if len(words) > 0 {
			out = append(out, i18n.T(ctx, "catalogue.more.said", "question", f.Label, "answer", strings.Join(words, i18n.T(ctx, "catalogue.comma"))))
		}
	}
	return strings.Join(out, i18n.T(ctx, "catalogue.more.semicolon"))
}

// withQuery is a path with the answers.
func withQuery(path string, v url.Values) string {
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}
