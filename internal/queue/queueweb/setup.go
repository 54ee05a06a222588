package queueweb

import (
	"context"
	"net/http"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
	"github.com/tongban/tongban/internal/queue"
)

// SetupPath is where the queues of the halls are set up.
const SetupPath = "/admin/halls"

// setupPage lists the halls, or shows how one is set up.
type setupPage struct {
	Halls []queue.Hall
	hall  queue.Hall
	form  *form.Form
	names map[string]string

	machines []queue.Machine
}

// lanePage is a lane as it is set up.
type lanePage struct {
	hall  identity.Hall
	lane  queue.Lane
	fresh bool
	form  *form.Form
}

func (p *Pages) setups(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Service.Settable(r.Context(), auth.From(r.Context()))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, setupsView(p.setupOf(r.Context(), list)))
}

func (p *Pages) setupOf(ctx context.Context, list []queue.Hall) setupPage {
	d := setupPage{Halls: list, names: map[string]string{}}
	for _, h := range list {
		d.names[h.ID] = p.place(ctx, h.ID)
	}
	return d
}

func (p *Pages) setup(w http.ResponseWriter, r *http.Request) error {
	h, err := p.Service.SettableHall(r.Context(), auth.From(r.Context()), r.PathValue("hall"))
	if err != nil {
		return err
	}
	kv := []string{"horizon", itoa(h.HorizonDays), "miss_limit", itoa(h.MissLimit), "miss_days", itoa(h.MissDays)}
	if h.Appointments {
		kv = append(kv, "appointments", "on")
	}
	return p.showSetup(w, r, h, form.New(kv...))
}

func (p *Pages) showSetup(w http.ResponseWriter, r *http.Request, h queue.Hall, f *form.Form) error {
	d := p.setupOf(r.Context(), []queue.Hall{h})
	d.hall, d.form = h, f
	var err error
	if d.machines, err = p.Service.Machines(r.Context(), auth.From(r.Context()), h.ID); err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), setupView(d))
}

func (p *Pages) saveSetup(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("hall")
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	in := queue.Booking{
		Appointments: f.Bool("appointments"), HorizonDays: int(f.Int("horizon", 0, 999, false)),
		MissLimit: int(f.Int("miss_limit", 0, 999, false)), MissDays: int(f.Int("miss_days", 0, 999, false)),
	}
	if f.OK() {
		err := p.Service.SetBooking(ctx, auth.From(ctx), id, in)
		if err == nil {
			p.Sessions.Flash(ctx, "queue.setup.saved")
			return httpx.SeeOther(w, r, SetupPath+"/"+id)
		}
		if !f.Reject(err) {
			return err
		}
	}
	h, err := p.Service.SettableHall(ctx, auth.From(ctx), id)
	if err != nil {
		return err
	}
	return p.showSetup(w, r, h, f)
}

// laneIn finds the lane that an address names; "new" is one to be added.
func (p *Pages) laneIn(r *http.Request) (d lanePage, err error) {
	h, err := p.Service.SettableHall(r.Context(), auth.From(r.Context()), r.PathValue("hall"))
	if err != nil {
		return d, err
	}
	d.hall, _ = p.Identity.Directory().Hall(h.ID)
	if r.PathValue("letter") == "new" {
		d.fresh, d.lane = true, queue.Lane{SlotMinutes: 30, PerSlot: 2, PerDay: 20, Hours: []queue.Span{{From: 9 * 60, To: 12 * 60}, {From: 13*60 + 30, To: 17 * 60}}}
		return d, nil
	}
	l, ok := h.Lane(h.ID + "/" + r.PathValue("letter"))
	if !ok {
		return d, httpx.ErrNotFound
	}
	d.lane = l
	return d, nil
}

func (p *Pages) lane(w http.ResponseWriter, r *http.Request) error {
	d, err := p.laneIn(r)
	if err != nil {
		return err
	}
	l := d.lane
	d.form = form.New("letter", l.Letter, "name", l.Name.ZH, "name_en", l.Name.EN, "note", l.Note.ZH, "note_en", l.Note.EN, "hours", queue.HoursText(l.Hours),
		"slot", itoa(l.SlotMinutes), "per_slot", itoa(l.PerSlot), "per_day", itoa(l.PerDay), "tickets", itoa(l.Tickets))
	d.form.Values()["windows"] = l.Windows
	return view.Render(w, r, http.StatusOK, laneView(d))
}

func (p *Pages) saveLane(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	d, err := p.laneIn(r)
	if err != nil {
		return err
	}
	if d.form, err = form.Parse(r); err != nil {
		return err
	}
	f, letter := d.form, d.lane.Letter
	if d.fresh {
		letter = f.Text("letter", form.Max(1))
	}
	in := queue.Lane{
		Letter: letter, Name: i18n.Text{ZH: f.Text("name", form.Max(100)), EN: f.Text("name_en", form.Max(100))},
		Note: i18n.Text{ZH: f.Text("note", form.Max(200)), EN: f.Text("note_en", form.Max(200))}, Windows: f.All("windows"),
		SlotMinutes: int(f.Int("slot", 0, 9999, true)), PerSlot: int(f.Int("per_slot", 0, 9999, true)), PerDay: int(f.Int("per_day", 0, 9999, true)), Tickets: int(f.Int("tickets", 0, 9999, false)),
	}
	if in.Hours, err = queue.ParseHours(f.Text("hours", form.Max(200))); err != nil && !f.Reject(err) {
		return err
	}
	if f.OK() {
		err := p.Service.SetLane(ctx, auth.From(ctx), d.hall.ID, d.fresh, in)
		if err == nil {
			p.Sessions.Flash(ctx, "queue.setup.saved")
			return httpx.SeeOther(w, r, SetupPath+"/"+d.hall.ID)
		}
		if !f.Reject(err) {
			return err
		}
	}
	return view.Render(w, r, f.Status(), laneView(d))
}

func (d setupPage) ins(ctx context.Context) []view.In {
	n := func(name string) view.In {
		return view.In{Name: name, Label: i18n.T(ctx, "queue.setup."+name), Hint: i18n.T(ctx, "queue.setup."+name+"_hint"), Inputmode: "numeric", Width: "xs", MaxLength: 3}
	}
	return []view.In{{Name: "appointments", Label: i18n.T(ctx, "queue.setup.appointments")}, n("horizon"), n("miss_limit"), n("miss_days")}
}

func (d lanePage) ins(ctx context.Context) []view.In {
	text := func(name string, optional bool) view.In {
		return view.In{Name: name, Label: i18n.T(ctx, "queue.setup."+name), MaxLength: 100, Required: !optional, Optional: optional}
	}
	n := func(name string) view.In {
		return view.In{Name: name, Label: i18n.T(ctx, "queue.setup."+name), Hint: i18n.T(ctx, "queue.setup."+name+"_hint"), Inputmode: "numeric", Width: "xs", MaxLength: 3, Required: true}
	}
	windows := view.In{Name: "windows", Label: i18n.T(ctx, "queue.setup.windows"), Hint: i18n.T(ctx, "queue.setup.windows_hint"), Required: true}
	for _, w := range d.hall.Windows {
		windows.Options = append(windows.Options, view.Opt{Value: w.ID, Label: w.Number, Hint: w.Name.For(ctx)})
	}
	hours := view.In{Name: "hours", Label: i18n.T(ctx, "queue.setup.hours"), Hint: i18n.T(ctx, "queue.setup.hours_hint"), MaxLength: 200, Optional: true}
	out := []view.In{text("name", false), text("name_en", true), text("note", true), text("note_en", true), windows, hours, n("slot"), n("per_slot"), n("per_day"), n("tickets")}
	if d.fresh {
		letter := text("letter", false)
		letter.Width, letter.MaxLength, letter.Hint = "xs", 1, i18n.T(ctx, "queue.setup.letter_hint")
		out = append([]view.In{letter}, out...)
	}
	return out
}

func (d lanePage) title(ctx context.Context) string {
	if d.fresh {
		return i18n.T(ctx, "queue.setup.new_lane")
	}
	return d.lane.Letter + " · " + d.lane.Name.For(ctx)
}

func (p *Pages) setupRoutes() []httpx.Route {
	setters := auth.AsRole(queue.Setters...)
	one := SetupPath + "/{hall}"
	return []httpx.Route{
		httpx.Get(SetupPath, setters, p.setups),
		httpx.Get(one, setters, p.setup),
		httpx.Post(one, setters, p.saveSetup),
		httpx.Post(one+"/machines", setters, p.makeMachine),
		httpx.Post(one+"/machines/{machine}/end", setters, p.endMachine),
		httpx.Get(one+"/lanes/{letter}", setters, p.lane),
		httpx.Post(one+"/lanes/{letter}", setters, p.saveLane),
	}
}
