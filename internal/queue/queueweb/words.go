package queueweb

import (
	"context"
	"net/url"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/view"
	"github.com/tongban/tongban/internal/queue"
)

// back leads from a number to the machine that gave it.
func (d ticketPage) back(ctx context.Context) view.Link {
	if !d.AtMachine {
		return view.Link{}
	}
	return view.Link{Href: kioskPath, Text: i18n.T(ctx, "queue.ticket.back")}
}

// link keeps what was chosen and adds to it.
func (d choosePage) link(lane, day string) string {
	v := url.Values{"lane": {lane}}
	if day != "" {
		v.Set("day", day)
	}
	if d.Move != "" {
		v.Set("move", d.Move)
	}
	return myPath + "/new?" + v.Encode()
}

func (d choosePage) parties(ctx context.Context) []view.Opt {
	out := []view.Opt{{Value: "", Label: i18n.T(ctx, "queue.book.myself")}}
	for _, e := range d.Firms {
		out = append(out, view.Opt{Value: e.ID, Label: e.Name.For(ctx)})
	}
	return out
}

func current(yes bool) templ.Attributes {
	if !yes {
		return nil
	}
	return templ.Attributes{"aria-current": "true"}
}

// keys of the desk.
func (d deskPage) keys(ctx context.Context) []view.Key {
	var out []view.Key
	for _, x := range [][2]string{{"n", "next"}, {"b", "serve"}, {"g", "again"}, {"x", "no-show"}, {"e", "finish"}, {"p", "pause"}} {
		out = append(out, view.Key{Key: x[0], Text: i18n.T(ctx, "queue.desk.do."+x[1])})
	}
	return out
}

func keyAttrs(key string) templ.Attributes {
	if key == "" {
		return nil
	}
	return templ.Attributes{"data-key": key, "accesskey": key}
}

// marks say why a number has its place.
func marks(ctx context.Context, t queue.Ticket) string {
	switch {
	case t.Priority:
		return " · " + i18n.T(ctx, "queue.mark.priority")
	case t.Transferred:
		return " · " + i18n.T(ctx, "queue.mark.transferred")
	case t.AppointmentID != "":
		return " · " + i18n.T(ctx, "queue.mark.appointment")
	}
	return ""
}
