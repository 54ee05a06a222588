package catalogueweb

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	re "github.com/tongban/tongban/internal/catalogue/catalogueweb/rowedit"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
	"github.com/tongban/tongban/internal/platform/yamlx"
)

const eventsPath = "/admin/catalogue/life-events"

// eventIcons are the icons that a life event can have.
var eventIcons = []string{
	"building-store", "building-factory", "building-community", "building", "flask", "bulb", "certificate", "coin-yuan", "discount", "door", "heart-handshake", "home",
	"package", "rubber-stamp", "school", "stairs-up", "star", "ticket", "user", "users", "users-group",
}

// eventNodes are the parts of a life event.
var eventNodes = []re.Node{
	{Key: "key", Required: true, Max: 50, Label: "catalogue.event.key", Hint: "catalogue.event.key_hint"},
	{Key: "name", Kind: re.Text, Required: true, Max: 100, Label: "catalogue.event.name"},
	{Key: "hint", Kind: re.LongText, Max: 300, Label: "catalogue.event.hint"},
	{Key: "icon", Kind: re.Choice, Source: "icons", Label: "catalogue.event.icon"},
	{Key: "audience", Kind: re.Many, Source: "audiences"},
	{Key: "keywords", Kind: re.Words, Label: "catalogue.event.keywords", Hint: "catalogue.event.keywords_hint"},
	{Key: "questions", Kind: re.List, ID: "id", Auto: "question_", Title: "label", Label: "catalogue.event.questions", Hint: "catalogue.event.questions_hint", Start: map[string]string{"type": "yesno", "required": "on"}, Nodes: fieldNodes},
	{Key: "items", Kind: re.List, ID: "item", Title: "item", Label: "catalogue.event.items", Hint: "catalogue.event.items_hint", Nodes: []re.Node{
		{Key: "item", Required: true, Max: 64, Hint: "catalogue.desk.h.item"},
		{Key: "when", Kind: re.When, Label: "catalogue.event.when"},
		{Key: "why", Kind: re.LongText, Max: 300, Label: "catalogue.event.why"},
	}},
}

// deskEvent edits a life event.
type deskEvent struct {
	Key      string // "" for a new one
	Event    catalogue.LifeEvent
	Version  int
	Editor   re.Editor
	Versions []catalogue.LifeEventVersion
	Names    map[string]string
	Answers  []answer
	Find     string
	Found    []catalogue.Hit
	Saved    bool
	Conflict bool
	All      *form.Form // of the YAML
	YAML     []yamlFault
	Env      deskEnv
}

func (e deskEvent) path() string {
	if e.Key == "" {
		return eventsPath + "/new"
	}
	return eventsPath + "/" + e.Key
}

// eventEnv lets the conditions of a life event read its questions.
func (p *Pages) eventEnv(e catalogue.LifeEvent) deskEnv {
	full := catalogue.Definition{Form: catalogue.Form{Sections: []catalogue.Section{{Key: "questions", Fields: e.Questions}}}}
	return deskEnv{p: p, full: full}
}

// lifeEventsPage lists the life events.
type lifeEventsPage struct {
	Events  []catalogue.LifeEvent
	Removed []catalogue.LifeEventVersion
	Done    string
}

// lifeEvents lists the life events in their order.
func (p *Pages) lifeEvents(w http.ResponseWriter, r *http.Request) (err error) {
	ctx, actor := r.Context(), auth.From(r.Context())
	page := lifeEventsPage{}
	if page.Events, err = p.Service.AllLifeEvents(ctx, actor); err != nil {
		return err
	}
	if page.Removed, err = p.Service.RemovedLifeEvents(ctx, actor); err != nil {
		return err
	}
	switch done := r.URL.Query().Get("done"); done {
	case "removed", "restored", "moved":
		page.Done = done
	}
	return view.Render(w, r, http.StatusOK, lifeEventsView(page))
}

// eventPageOf reads a life event with its versions.
func (p *Pages) eventPageOf(ctx context.Context, key string) (deskEvent, error) {
	page := deskEvent{Key: key, Names: map[string]string{}}
	if key == "" {
		page.Event.Icon = eventIcons[0]
		return page, nil
	}
	all, err := p.Service.AllLifeEvents(ctx, auth.From(ctx))
	if err != nil {
		return page, err
	}
	i := slices.IndexFunc(all, func(e catalogue.LifeEvent) bool { return e.Key == key })
	if i < 0 {
		return page, catalogue.ErrNotFound
	}
	page.Event, page.Version = all[i], all[i].Version
	if page.Versions, err = p.Service.LifeEventVersions(ctx, auth.From(ctx), key); err != nil {
		return page, err
	}
	for _, v := range page.Versions {
		if _, known := page.Names[v.SavedBy]; !known && v.SavedBy != "" {
			page.Names[v.SavedBy] = p.Identity.NameOf(ctx, v.SavedBy).For(ctx)
		}
	}
	return page, nil
}

// editEvent shows a life event, or saves it.
func (p *Pages) editEvent(w http.ResponseWriter, r *http.Request) error {
	page, err := p.eventPageOf(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	if r.Method == http.MethodPost {
		return p.saveEvent(w, r, page)
	}
	page.Saved = r.URL.Query().Get("done") == "saved"
	tree, err := re.Tree(page.Event)
	if err != nil {
		return err
	}
	return p.showEvent(w, r, page, form.FromValues(re.Values(eventNodes, tree, p.eventEnv(page.Event).knows)), http.StatusOK)
}

func (p *Pages) saveEvent(w http.ResponseWriter, r *http.Request, page deskEvent) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	page.Version = int(f.Int("version", 0, 1<<31, false))
	do := f.Value("do")
	if strings.Contains(do, "|") {
		focus, ok := re.Do(eventNodes, f.Values(), do)
		if !ok {
			return form.ErrUnreadable
		}
		page.Editor.Focus = focus
	}
	next, err := readEvent(f, page.Event)
	if err != nil {
		return err
	}
	if do != "save" { // a row was changed, or the page is only looked at
		page.Event, page.Find = next, strings.TrimSpace(f.Value("find"))
		page.Found = p.stepsFor(page.Find)
		return p.showEvent(w, r, page, form.FromValues(f.Values()), http.StatusOK)
	}
	if page.Key != "" && next.Key != page.Key {
		f.Complain("key", "catalogue.event.key_fixed", nil)
	}
	if f.OK() {
		err := p.Service.SaveLifeEvent(r.Context(), auth.From(r.Context()), next, page.Version)
		switch {
		case err == nil:
			return httpx.SeeOther(w, r, eventsPath+"/"+next.Key+"?done=saved")
		case errors.Is(err, db.ErrStale):
			return p.staleEvent(w, r, page, next, f)
		case !errors.Is(err, catalogue.ErrInvalid):
			return err
		}
		for _, x := range errs.FieldsOf(err) {
			f.Complain(eventInput(next, x.Name), x.Code, x.Params)
		}
	}
	page.Event = next
	return p.showEvent(w, r, page, f, http.StatusUnprocessableEntity)
}

// staleEvent shows what was typed over what somebody else saved meanwhile.
func (p *Pages) staleEvent(w http.ResponseWriter, r *http.Request, page deskEvent, next catalogue.LifeEvent, f *form.Form) error {
	now, err := p.eventPageOf(r.Context(), page.Key)
	if err != nil {
		return err
	}
	now.Event, now.Conflict = next, true
	return p.showEvent(w, r, now, f, http.StatusPreconditionFailed)
}

func readEvent(f *form.Form, before catalogue.LifeEvent) (catalogue.LifeEvent, error) {
	tree, err := re.Tree(before)
	if err != nil {
		return before, err
	}
	re.Read(eventNodes, f, tree)
	var next catalogue.LifeEvent
	return next, re.Into(tree, &next)
}

// eventInput finds the input that a complaint is about.
func eventInput(e catalogue.LifeEvent, where string) string {
	s := strings.Split(where, ".")
	switch {
	case s[0] == "items" && len(s) > 1:
		n, _ := strconv.Atoi(s[1])
		at := "items." + strconv.Itoa(max(n-1, 0))
		if len(s) == 2 {
			return at + ".item"
		}
		return leaf(eventNodes, at+"."+s[2])
	case (s[0] == "questions" || s[0] == "form") && len(s) > 1:
		if i := slices.IndexFunc(e.Questions, func(f catalogue.Field) bool { return f.ID == s[1] }); i >= 0 {
			return leaf(eventNodes, "questions."+strconv.Itoa(i)+tailOf(s[:min(len(s), 3)], 2))
		}
		return "questions"
	}
	return leaf(eventNodes, where)
}

func (p *Pages) showEvent(w http.ResponseWriter, r *http.Request, page deskEvent, f *form.Form, status int) error {
	page.Env = p.eventEnv(page.Event)
	page.Answers = page.Env.answers(r.Context())
	page.Editor = re.Editor{Env: page.Env, Prefix: labels, Nodes: eventNodes, Form: f, Focus: page.Editor.Focus}
	return view.Render(w, r, status, deskEventView(page))
}

// eventYAML edits a life event as one text.
func (p *Pages) eventYAML(w http.ResponseWriter, r *http.Request) error {
	page, err := p.eventPageOf(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	page.All = form.New("yaml", toYAML(page.Event))
	if r.Method != http.MethodPost {
		return view.Render(w, r, http.StatusOK, eventYAMLView(page))
	}
	if page.All, err = form.Parse(r); err != nil {
		return err
	}
	page.Version = int(page.All.Int("version", 0, 1<<31, false))
	next, faults := fromYAMLInto[catalogue.LifeEvent](page.All.Value("yaml"))
	if len(faults) == 0 && next.Key != page.Key {
		faults = []yamlFault{{Fault: yamlx.Fault{Key: "code", Value: page.Key}}}
	}
	if page.YAML = faults; len(faults) == 0 {
		err := p.Service.SaveLifeEvent(r.Context(), auth.From(r.Context()), next, page.Version)
		if err == nil {
			return httpx.SeeOther(w, r, page.path()+"?done=saved")
		}
		if !errors.Is(err, catalogue.ErrInvalid) {
			return err
		}
		for _, x := range errs.FieldsOf(err) {
			page.YAML = append(page.YAML, yamlFault{Fault: yamlx.Fault{Key: x.Name}, Code: x.Code, Params: x.Params})
		}
	}
	return view.Render(w, r, http.StatusUnprocessableEntity, eventYAMLView(page))
}

// moveEvent puts a life event one place up or down.
func (p *Pages) moveEvent(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if err := p.Service.MoveLifeEvent(r.Context(), auth.From(r.Context()), r.PathValue("key"), f.Value("to") == "up"); err != nil {
		return err
	}
	return httpx.SeeOther(w, r, eventsPath+"?done=moved")
}

// removeEvent takes a life event off the portal.
func (p *Pages) removeEvent(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	if err := p.Service.RemoveLifeEvent(r.Context(), auth.From(r.Context()), r.PathValue("key"), int(f.Int("version", 0, 1<<31, true))); err != nil {
		return err
	}
	return httpx.SeeOther(w, r, eventsPath+"?done=removed")
}

// restoreEvent brings back how a life event was.
func (p *Pages) restoreEvent(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	key := r.PathValue("key")
	if err := p.Service.RestoreLifeEvent(r.Context(), auth.From(r.Context()), key, int(f.Int("number", 1, 1<<31, true)), int(f.Int("version", 0, 1<<31, false))); err != nil {
		return err
	}
	return httpx.SeeOther(w, r, eventsPath+"/"+key+"?done=saved")
}
