// Package queueweb holds the pages of module queue: the ticket machine, the
// screen of the hall, the number on the phone, appointments, and the desk from
// which a window calls.
package queueweb

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/platform/view"
	"github.com/tongban/tongban/internal/queue"
)

// DeskPath is the desk from which a window calls.
const DeskPath = "/work/queue"

const myPath = "/my/appointments"

// Deps of the pages.
type Deps struct {
	Service  *queue.Service
	Identity *identity.Service
	Sessions *session.Manager
	Clock    clock.Clock
	BaseURL  string // of the installation, in the link that sets a ticket machine up
	Secure   bool   // cookies over https only
}

// Pages are the pages of the module.
type Pages struct{ Deps }

// New makes the pages.
func New(d Deps) *Pages { return &Pages{d} }

// Routes of the module.
func (p *Pages) Routes() []httpx.Route {
	clerk := auth.AsRole(auth.Clerk)
	return append(p.setupRoutes(), []httpx.Route{
		httpx.Get("/queue/{hall}", auth.Public, p.hall),
		httpx.Get("/queue/{hall}/screen", auth.Public, p.screen),
		httpx.Get(kioskPath, auth.Public, p.kiosk),
		httpx.Post(kioskPath, auth.Public, p.take),
		httpx.Get(openPath+"{link}", auth.Public, p.machineAsk),
		httpx.Post(openPath+"{link}", auth.Public, p.machineOpen),
		httpx.Get("/ticket/{token}", auth.Public, p.ticket),
		httpx.Get(myPath, auth.AsPerson, p.mine),
		httpx.Get(myPath+"/new", auth.AsPerson, p.choose),
		httpx.Post(myPath+"/new", auth.AsPerson, p.book),
		httpx.Post(myPath+"/{id}/cancel", auth.AsPerson, p.cancel),
		httpx.Get(DeskPath, clerk, p.desk),
		httpx.Post(DeskPath+"/{do}", clerk, p.act),
		httpx.Get(DeskPath+"/figures", auth.AsRole(queue.Readers...), p.figures),
	}...)
}

func (p *Pages) place(ctx context.Context, hall string) string {
	h, _ := p.Identity.Directory().Hall(hall)
	return h.Name.For(ctx)
}

func (p *Pages) window(ctx context.Context, id string) string {
	w, _ := p.Identity.Directory().Window(id)
	return w.Number
}

// waitWords is an estimated wait, or why there is none.
func waitWords(ctx context.Context, wait time.Duration, open int, known bool) string {
	switch {
	case open == 0:
		return i18n.T(ctx, "queue.wait.closed")
	case !known:
		return i18n.T(ctx, "queue.wait.unknown")
	case wait == 0:
		return i18n.T(ctx, "queue.wait.soon")
	default:
		return i18n.T(ctx, "queue.wait.about", "n", int(wait/time.Minute))
	}
}

// hallPage is how a hall stands, for who is not there yet.
type hallPage struct {
	queue.Hall
	Name  string
	Lanes []queue.LaneState
	Books bool // the reader may book a time here; staff have no appointments
}

func (p *Pages) hall(w http.ResponseWriter, r *http.Request) error {
	h, err := p.Service.Hall(r.Context(), r.PathValue("hall"))
	if err != nil {
		return err
	}
	d := hallPage{Hall: h, Name: p.place(r.Context(), h.ID), Books: h.Appointments && auth.From(r.Context()).Kind != auth.Staff}
	if d.Lanes, err = p.Service.Lanes(r.Context(), h); err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, hallView(d))
}

func (p *Pages) screen(w http.ResponseWriter, r *http.Request) error {
	s, err := p.Service.Screen(r.Context(), r.PathValue("hall"))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, screenView(s, p.place(r.Context(), s.Hall.ID)))
}

// kioskPage is the ticket machine.
type kioskPage struct {
	Name    string
	Lanes   []queue.LaneState
	Booking bool
	Form    *form.Form
}

// closed says that the machine gives no number at this hour.
func (d kioskPage) closed() bool {
	return !slices.ContainsFunc(d.Lanes, func(l queue.LaneState) bool { return l.Open })
}

func (p *Pages) kiosk(w http.ResponseWriter, r *http.Request) error {
	return p.showKiosk(w, r, form.New())
}

func (p *Pages) showKiosk(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	h, err := p.atMachine(r)
	if errors.Is(err, queue.ErrNotFound) {
		return view.Render(w, r, http.StatusOK, machineNotView())
	}
	if err != nil {
		return err
	}
	d := kioskPage{Name: p.place(r.Context(), h.ID), Booking: h.Appointments, Form: f}
	if d.Lanes, err = p.Service.Lanes(r.Context(), h); err != nil {
		return err
	}
	return view.Render(w, r, f.Status(), kioskView(d))
}

// take gives a number, or that of an appointment by its code.
func (p *Pages) take(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	h, err := p.atMachine(r)
	if err != nil {
		return err
	}
	var t queue.Ticket
	if lane := f.Value("lane"); lane != "" {
		t, err = p.Service.Take(ctx, auth.From(ctx), queue.TakeInput{Kiosk: h.KioskKey, LaneID: lane})
	} else {
		t, err = p.Service.CheckIn(ctx, auth.From(ctx), h.KioskKey, f.Text("code", form.Max(20)))
	}
	if err != nil {
		if !f.Reject(err) {
			return err
		}
		return p.showKiosk(w, r, f)
	}
	return httpx.SeeOther(w, r, "/ticket/"+t.Token)
}

// ticketPage is a number: on paper at the machine, then on the phone.
type ticketPage struct {
	queue.Status
	Name, Window string
	AtMachine    bool // shown on the machine that gave it
}

func (p *Pages) ticket(w http.ResponseWriter, r *http.Request) error {
	s, err := p.Service.Status(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	d := ticketPage{Status: s, Name: p.place(r.Context(), s.HallID), Window: p.window(r.Context(), s.WindowID)}
	if h, err := p.atMachine(r); err == nil {
		d.AtMachine = h.ID == s.HallID
	}
	return view.Render(w, r, http.StatusOK, ticketView(d))
}

// ---- appointments ----

// mineRow is an appointment in words.
type mineRow struct {
	queue.Appointment
	Hall, Lane, When string
	Live             bool
}

func (p *Pages) mine(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	list, err := p.Service.Appointments(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	var rows []mineRow
	for _, a := range list {
		x := mineRow{Appointment: a, Hall: p.place(ctx, a.HallID), When: i18n.FormatDate(ctx, a.Begins()) + " " + queue.Clocktime(a.Slot), Live: a.State == queue.Booked && p.Clock.Now().Before(a.Begins())}
		if h, err := p.Service.Hall(ctx, a.HallID); err == nil {
			l, _ := h.Lane(a.LaneID)
			x.Lane = l.Name.For(ctx)
		}
		rows = append(rows, x)
	}
	return view.Render(w, r, http.StatusOK, mineView(rows))
}

// choosePage goes from the hall to the lane, the day and the time, one choice
// after the other; each is a link, so that it works without script.
type choosePage struct {
	Halls []queue.Hall
	Hall  *queue.Hall
	Lane  *queue.Lane
	Days  []workday.Date
	Day   workday.Date
	Slots []queue.SlotState
	Firms []identity.Enterprise
	Move  string
	Name  func(string) string
	Form  *form.Form
}

func (p *Pages) choose(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	return p.showChoose(w, r, f)
}

func (p *Pages) showChoose(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	d := choosePage{Move: f.Value("move"), Form: f, Name: func(id string) string { return p.place(ctx, id) }}
	halls, err := p.Service.Halls(ctx)
	if err != nil {
		return err
	}
	lane := f.Value("lane")
	if d.Move != "" {
		a, err := p.Service.Appointment(ctx, actor, d.Move)
		if err != nil {
			return err
		}
		if lane == "" {
			lane = a.LaneID
		}
	}
	for _, h := range halls {
		if !h.Appointments {
			continue
		}
		d.Halls = append(d.Halls, h)
		if l, ok := h.Lane(lane); ok {
			d.Hall, d.Lane = &h, &l
		}
	}
	if d.Lane != nil {
		d.Days = p.Service.Days(*d.Hall)
		if day, err := workday.Parse(f.Value("day")); err == nil && slices.Contains(d.Days, day) {
			d.Day = day
			if d.Slots, err = p.Service.Slots(ctx, *d.Hall, *d.Lane, day); err != nil {
				return err
			}
		}
		if d.Firms, err = p.Identity.Enterprises(ctx, actor.FirmsIn(auth.ModuleQueue)); err != nil {
			return err
		}
	}
	return view.Render(w, r, f.Status(), chooseView(d))
}

func (p *Pages) book(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, actor := r.Context(), auth.From(r.Context())
	in := queue.BookInput{
		LaneID: f.Text("lane", form.Required, form.Max(60)), Day: f.Text("day", form.Required, form.Max(10)), Slot: int(f.Int("slot", 0, 1440, true)),
		EnterpriseID: f.Text("party", form.Max(50)), Topic: f.Text("topic", form.Max(100)),
	}
	if f.OK() {
		if move := f.Value("move"); move != "" {
			_, err = p.Service.Move(ctx, actor, move, in)
		} else {
			_, err = p.Service.Book(ctx, actor, in)
		}
		if err == nil {
			p.Sessions.Flash(ctx, "queue.flash.booked")
			return httpx.SeeOther(w, r, myPath)
		}
		if !f.Reject(err) {
			return err
		}
	}
	return p.showChoose(w, r, f)
}

func (p *Pages) cancel(w http.ResponseWriter, r *http.Request) error {
	if err := p.Service.Cancel(r.Context(), auth.From(r.Context()), r.PathValue("id")); err != nil {
		return err
	}
	p.Sessions.Flash(r.Context(), "queue.flash.cancelled")
	return httpx.SeeOther(w, r, myPath)
}

// ---- the desk of a window ----

// deskPage is the queue as a window sees it.
type deskPage struct {
	queue.Board
	Name, Window string
	Wait         func(queue.Ticket) string
	Form         *form.Form
}

func (p *Pages) desk(w http.ResponseWriter, r *http.Request) error {
	return p.showDesk(w, r, form.New())
}

func (p *Pages) showDesk(w http.ResponseWriter, r *http.Request, f *form.Form) error {
	ctx := r.Context()
	b, err := p.Service.Board(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	now := p.Clock.Now()
	d := deskPage{Board: b, Name: p.place(ctx, b.Hall.ID), Window: p.window(ctx, b.Window.ID), Form: f, Wait: func(t queue.Ticket) string {
		return i18n.T(ctx, "queue.desk.waits", "n", int(now.Sub(t.TakenAt)/time.Minute))
	}}
	return view.Render(w, r, f.Status(), deskView(d))
}

// act does what a button of the desk says.
func (p *Pages) act(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	ctx, actor := r.Context(), auth.From(r.Context())
	to := DeskPath
	switch r.PathValue("do") {
	case "next":
		_, err = p.Service.Next(ctx, actor)
	case "again":
		err = p.Service.Again(ctx, actor)
	case "no-show":
		err = p.Service.NoShow(ctx, actor)
	case "serve":
		v, e := p.Service.Serve(ctx, actor)
		err, to = e, "/work/visits/"+string(v.ID)
	case "finish":
		err = p.Service.Finish(ctx, actor)
	case "transfer":
		lane, window := f.Text("to", form.Required, form.Max(60)), ""
		err = p.Service.Transfer(ctx, actor, lane, window)
	case "sit":
		err = p.Service.Sit(ctx, actor)
	case "pause":
		err = p.Service.Pause(ctx, actor, f.Text("reason", form.Max(100)), false)
	case "leave":
		err = p.Service.Pause(ctx, actor, "", true)
	case "recall":
		err = p.Service.Recall(ctx, actor, f.Text("ticket", form.Max(50)))
	case "prefer":
		err = p.Service.Prefer(ctx, actor, f.Text("ticket", form.Max(50)), f.Bool("on"))
	case "take":
		t, e := p.Service.Take(ctx, actor, queue.TakeInput{LaneID: f.Text("lane", form.Max(60)), Priority: f.Bool("priority")})
		err, to = e, "/ticket/"+t.Token
	case "check-in":
		_, err = p.Service.CheckIn(ctx, actor, "", f.Text("code", form.Max(20)))
	default:
		return httpx.ErrNotFound
	}
	if err != nil {
		if !f.Reject(err) {
			return err
		}
		return p.showDesk(w, r, f)
	}
	return httpx.SeeOther(w, r, to)
}

// figuresPage is how a hall stood on a day.
type figuresPage struct {
	queue.Figures
	Halls []queue.Hall
	Name  func(string) string
}

func (p *Pages) figures(w http.ResponseWriter, r *http.Request) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	halls, err := p.Service.Halls(ctx)
	if err != nil {
		return err
	}
	day := workday.DateOf(p.Clock.Now())
	if d, err := workday.Parse(r.FormValue("day")); err == nil {
		day = d
	}
	out := figuresPage{Name: func(id string) string { return p.place(ctx, id) }}
	want := r.FormValue("hall")
	for _, h := range halls {
		f, err := p.Service.Figures(ctx, actor, h.ID, day.String())
		if err != nil {
			continue // not his
		}
		out.Halls = append(out.Halls, h)
		if out.Hall.ID == "" || h.ID == want {
			out.Figures = f
		}
	}
	if len(out.Halls) == 0 {
		return queue.ErrNotFound
	}
	return view.Render(w, r, http.StatusOK, figuresView(out))
}

func minutes(ctx context.Context, d time.Duration) string {
	return i18n.T(ctx, "queue.minutes", "n", int((d+30*time.Second)/time.Minute))
}
