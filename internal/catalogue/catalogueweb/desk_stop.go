package catalogueweb

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/view"
)

// stopFormOf is the form of a command as it was sent, or an empty one.
func (a adminItemPage) stopFormOf(what string) *form.Form {
	if a.Stopping == what {
		return a.Form
	}
	return form.New()
}

// stopName is the name of an input of a command; those of withdrawing differ
// from those of suspending, which may stand on the same page.
func stopName(what, name string) string {
	if what == "withdraw" {
		return "withdraw_" + name
	}
	return name
}

func stopLabel(ctx context.Context, name string) string {
	if strings.HasSuffix(name, "replaced_by") {
		return i18n.T(ctx, "catalogue.stop.replaced_by")
	}
	return i18n.T(ctx, "catalogue.stop.reason")
}

// storyPage is everything that happened to an item.
type storyPage struct {
	adminItemPage
	Events []view.TimelineEvent
}

// story shows everything that happened to an item, in words.
func (p *Pages) story(w http.ResponseWriter, r *http.Request) error {
	a, err := p.itemPage(r.Context(), r.PathValue("code"))
	if err != nil {
		return err
	}
	entries, err := p.Service.Story(r.Context(), auth.From(r.Context()), r.PathValue("code"))
	if err != nil {
		return err
	}
	s := storyPage{adminItemPage: a}
	for _, e := range entries {
		s.Events = append(s.Events, storyEvent(r.Context(), e))
	}
	return view.Render(w, r, http.StatusOK, storyView(s))
}

// told are the actions that the story has words of its own for.
var told = []string{"catalogue.save_draft", "catalogue.publish", "catalogue.suspend", "catalogue.resume", "catalogue.withdraw", "catalogue.keep_bundle"}

func storyEvent(ctx context.Context, e audit.Entry) view.TimelineEvent {
	var change struct {
		Number     int    `json:"number"`
		ReplacedBy string `json:"replaced_by"`
	}
	_ = json.Unmarshal([]byte(e.Change), &change) // an entry without details is told without them
	out := view.TimelineEvent{Who: e.Name, At: e.At, Reason: e.Reason, What: e.Action}
	if slices.Contains(told, e.Action) {
		_, what, _ := strings.Cut(e.Action, ".")
		out.What = i18n.T(ctx, "catalogue.story."+what, "n", change.Number)
	}
	if e.Actor == "system:"+auth.SystemActor().ID {
		out.Who = i18n.T(ctx, "catalogue.admin.system")
	}
	if change.ReplacedBy != "" {
		out.Reason = i18n.T(ctx, "catalogue.story.replaced", "reason", e.Reason, "code", change.ReplacedBy)
	}
	return out
}
