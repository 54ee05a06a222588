package cases

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases/forms"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
)

// TypeSample fills the form of a case as a person would, with what is known and
// samples for the rest: an answer can open further fields, so it takes a few
// passes, and what is known but does not fit this item is typed anew. change
// sets values over both; "collect" is how the result is wanted.
func (s *Service) TypeSample(ctx context.Context, who auth.Actor, id ID, seed uint64, change map[string]string) error {
	for pass := range samplePasses {
		f, err := s.Form(ctx, who, id)
		if err != nil {
			return err
		}
		if pass > 1 && len(f.Bad) == 0 {
			return nil
		}
		posted := url.Values{}
		for k, v := range f.Buffer.Typed {
			posted[k] = v
		}
		for _, bad := range f.Bad {
			posted.Del(bad.Name)
		}
		if pass > 3 { // what is drawn alone does not fit: days that hang together are drawn anew together
			for _, s := range f.Item.Form.Sections {
				if s.Repeat == nil && slices.ContainsFunc(s.Fields, func(x catalogue.Field) bool {
					return len(posted[x.ID]) == 0 && x.Type == catalogue.FieldDate && x.Required
				}) {
					for _, x := range s.Fields {
						if x.Type == catalogue.FieldDate {
							posted.Del(x.ID)
						}
					}
				}
			}
		}
		for _, s := range f.Item.Form.Sections { // rows that only stand there to be filled in
			if s.Repeat != nil && len(forms.RowsOf(f.Answers[s.Key])) == 0 {
				posted.Del(s.Key)
			}
		}
		for k, v := range Sample(f.Item, f.Answers, seed+uint64(pass)) {
			if len(posted[k]) == 0 {
				posted[k] = v
			}
		}
		for k, v := range change {
			posted.Set(k, v)
		}
		if _, err := s.SaveTyped(ctx, who, id, f.Buffer.Rev, posted); err != nil {
			return err
		}
	}
	return nil
}

// samplePasses is how often a form is filled until its checks hold.
const samplePasses = 24

// AttachSample hands in a small document for each material that is missing or
// could come later.
func (s *Service) AttachSample(ctx context.Context, who auth.Actor, id ID) error {
	f, err := s.Form(ctx, who, id)
	if err != nil {
		return err
	}
	for _, m := range f.Materials {
		if m.How != Missing && m.How != Later {
			continue
		}
		if m.Flaw != nil {
			if err := s.SetUntil(ctx, who, id, m.Key, sampleUntil(s.Clock.Now())); err != nil {
				return err
			}
			continue
		}
		body := fmt.Sprintf("%%PDF-1.4\n%% %s %s\n%%%%EOF\n", id, m.Key)
		if _, err := s.Attach(ctx, who, id, m.Key, m.Key+".pdf", strings.NewReader(body), 1<<20); err != nil {
			return err
		}
		if m.Material.Expires {
			if err := s.SetUntil(ctx, who, id, m.Key, sampleUntil(s.Clock.Now())); err != nil {
				return err
			}
		}
	}
	return nil
}

// sampleUntil is the last day of a paper that is made up.
func sampleUntil(now time.Time) string { return workday.DateOf(now).AddMonths(9).String() }
