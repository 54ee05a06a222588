package casesweb

import (
	"context"
	"slices"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
)

// canned are the texts of the reader's departments with the facts of the case
// in them. ZH is what is written, EN how it is offered.
type canned struct{ reasons, missing []i18n.Text }

func (p *Pages) cannedFor(ctx context.Context, actor auth.Actor, v *cases.View) (out canned, err error) {
	for use, list := range map[talk.Use]*[]i18n.Text{talk.ForReason: &out.reasons, talk.ForSupplement: &out.missing} {
		phrases, err := p.Talk.PhrasesFor(ctx, actor, use)
		if err != nil {
			return out, err
		}
		for _, x := range phrases {
			*list = append(*list, i18n.Text{ZH: talk.Fill(x.Text, &v.Case), EN: x.Title})
		}
	}
	return out, nil
}

// often is what is offered for a reason: what is often said everywhere, and
// the texts of the department. A note is nobody's business but the office's.
func (d *commandPage) often(x input) []i18n.Text {
	if d.Command == cases.CmdNote {
		return nil
	}
	own := make([]i18n.Text, len(d.Canned.reasons))
	for i, s := range d.Canned.reasons {
		own[i] = i18n.Text{ZH: s.ZH} // shown as it will be written
	}
	return slices.Concat(x.Often, own)
}
