package casesweb

import (
	"context"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/rules"
)

// canned are the texts of the reader's departments with the facts of the case
// in them. ZH is what is written, EN how it is offered.
type canned struct {
	reasons, missing []i18n.Text
	unmet            []i18n.Text // of a denial: the conditions of the item
}

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
	out.unmet = unmet(v)
	return out, nil
}

// unmet offers as reason of a denial each condition of the item that applies in
// the situation of the applicant.
func unmet(v *cases.View) []i18n.Text {
	var out []i18n.Text
	for _, c := range v.Item.Conditions {
		if c.When == "" || rules.Holds(c.When, v.Answers) {
			zh := strings.TrimRight(c.ZH, "。")
			out = append(out, i18n.Text{ZH: "不符合“" + zh + "”的条件。", EN: "Not met: " + c.In(i18n.English)})
		}
	}
	return out
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
	if d.Command == cases.CmdDecide {
		return slices.Concat(d.Canned.unmet, x.Often, own)
	}
	return slices.Concat(x.Often, own)
}
