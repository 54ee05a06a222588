package catalogueweb

import (
	"context"
	"net/http"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/view"
)

// changesShown is how many changes the page for people goes back.
const changesShown = 100

// changedItem is a change in words; Href leads to what is still there.
type changedItem struct {
	Text, Summary, Href string
}

// changedDay are the changes of one day.
type changedDay struct {
	Day   string
	Items []changedItem
}

// changes shows people what changed in the catalogue, by day, newest first.
func (p *Pages) changes(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	list, err := p.Service.LastChanges(ctx, changesShown)
	if err != nil {
		return err
	}
	var days []changedDay
	for _, c := range list {
		day := i18n.FormatDate(ctx, c.At)
		if len(days) == 0 || days[len(days)-1].Day != day {
			days = append(days, changedDay{Day: day})
		}
		last := &days[len(days)-1]
		last.Items = append(last.Items, p.changed(ctx, c))
	}
	return view.Render(w, r, http.StatusOK, changesPage(days))
}

// changed says a change in words.
func (p *Pages) changed(ctx context.Context, c catalogue.Change) changedItem {
	name, out := c.Code, changedItem{}
	if it, err := p.Service.Snapshot().ItemByID(c.ItemID); err == nil {
		name, out.Summary, out.Href = it.Name.For(ctx), it.Summary.For(ctx), "/items/"+c.Code
	} else if v, err := p.Service.LastVersion(ctx, c.ItemID); err == nil {
		name = v.Name.For(ctx)
	}
	out.Text = i18n.T(ctx, "catalogue.open.change."+string(c.Kind), "name", name)
	return out
}
