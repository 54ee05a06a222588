package queueweb

import (
	"net/http"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
	"github.com/tongban/tongban/internal/queue"
)

// A ticket machine knows its hall by a cookie, so that nothing in its address,
// in a log or on a photograph of its screen lets anybody else draw numbers. An
// administrator makes a link that is good once and opens it on the device.

const (
	kioskPath   = "/kiosk"
	openPath    = "/kiosk/open/"
	kioskCookie = "tongban_kiosk"
	kioskKeep   = 400 * 24 * 3600 // seconds; browsers keep none longer
)

// atMachine is the hall of the device that asks.
func (p *Pages) atMachine(r *http.Request) (queue.Hall, error) {
	c, err := r.Cookie(kioskCookie)
	if err != nil {
		return queue.Hall{}, queue.ErrNotFound
	}
	return p.Service.MachineHall(r.Context(), c.Value)
}

// makeMachine shows a link that is good once.
func (p *Pages) makeMachine(w http.ResponseWriter, r *http.Request) error {
	ctx, hall := r.Context(), r.PathValue("hall")
	link, err := p.Service.MakeMachine(ctx, auth.From(ctx), hall)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return view.Render(w, r, http.StatusOK, machineLinkView(hall, p.place(ctx, hall), p.BaseURL+openPath+link))
}

// machineAsk asks before the link is used up: programs that look at links must
// not open it.
func (p *Pages) machineAsk(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	h, err := p.Service.LinkedHall(ctx, auth.From(ctx), r.PathValue("link"))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, machineAskView(p.place(ctx, h.ID), openPath+r.PathValue("link")))
}

// machineOpen makes the device a ticket machine.
func (p *Pages) machineOpen(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	token, err := p.Service.OpenMachine(ctx, auth.From(ctx), r.PathValue("link"))
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: kioskCookie, Value: token, Path: "/", MaxAge: kioskKeep, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: p.Secure})
	return httpx.SeeOther(w, r, kioskPath)
}

// endMachine takes a device out of service.
func (p *Pages) endMachine(w http.ResponseWriter, r *http.Request) error {
	ctx, hall := r.Context(), r.PathValue("hall")
	if err := p.Service.EndMachine(ctx, auth.From(ctx), hall, r.PathValue("machine")); err != nil {
		return err
	}
	p.Sessions.Flash(ctx, "queue.machine.ended")
	return httpx.SeeOther(w, r, SetupPath+"/"+hall)
}
