package casesweb

import (
	"context"
	"strings"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/view"
)

// reckoningView is how the due day of a case came about, for one reader.
type reckoningView struct {
	cases.Reckoning
	Rows   []reckoningRow
	Lights bool // staff see when they change
}

type reckoningRow struct {
	What, Law, Who string
	Part           cases.ReckoningPart
}

// reckoning explains the due day of a case; nil where there is nothing to explain.
func (p *Pages) reckoning(ctx context.Context, v *cases.View, to reader) *reckoningView {
	r, ok := p.Service.Reckon(v)
	if !ok {
		return nil
	}
	x := &reckoningView{Reckoning: r, Lights: to == forStaff}
	for _, part := range r.Parts {
		row := reckoningRow{Part: part, Law: i18n.T(ctx, "ledger.law."+part.Kind)}
		switch part.Kind {
		case cases.PartExtension, cases.PartOther:
			row.What = i18n.T(ctx, "ledger."+part.Kind)
		default:
			row.What = pauseReason(ctx, part.Kind, stoppedBy(ctx, v, part.From, part.Reason))
			part.Reason = ""
		}
		if part.Reason != "" {
			row.What = i18n.T(ctx, "cases.colon", "a", row.What, "b", part.Reason)
		}
		if part.Event != nil {
			role, who := whoWords(ctx, v, *part.Event, to)
			row.Who = strings.TrimSpace(role + " " + who)
		}
		x.Rows = append(x.Rows, row)
	}
	return x
}

// limit names the limit that counts.
func (x reckoningView) limit(ctx context.Context) string {
	key := "ledger.statutory"
	if x.Promised {
		key = "ledger.promised"
	}
	return i18n.T(ctx, key)
}

func ledgerHeads(ctx context.Context) []view.Head {
	var out []view.Head
	for _, key := range []string{"what", "from", "to", "who", "days"} {
		out = append(out, view.Head{Text: i18n.T(ctx, "ledger.col."+key), Num: key == "days"})
	}
	return out
}
