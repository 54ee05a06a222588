package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
)

// ItemMore is what an item is beside its guide: where it belongs, under what
// numbers it is known, where and whom to ask.
type ItemMore struct {
	PublishedAt *time.Time        `json:"published_at,omitempty"`
	Kind        string            `json:"kind" enum:"apply,lookup,service,bundle"`
	Main        i18n.Text         `json:"main,omitzero"`
	Action      string            `json:"action,omitempty" enum:"new,change,renew,cancel,replace,other"`
	Themes      []string          `json:"themes"`
	Keywords    []string          `json:"keywords"`
	Popularity  int               `json:"popularity"`
	Type        string            `json:"type,omitempty"`
	Level       string            `json:"level,omitempty"`
	Area        string            `json:"area,omitempty"`
	Codes       ItemCodes         `json:"codes"`
	Agency      *catalogue.Agency `json:"agency,omitempty"`
	Phones      catalogue.Phones  `json:"phones"`
	Remedy      catalogue.Remedy  `json:"remedy"`
	Halls       []ItemHall        `json:"halls"`
	Situation   []catalogue.Field `json:"situation"`
	Offer       *catalogue.Offer  `json:"offer,omitempty"`
	Siblings    []CaseItem        `json:"siblings"`
	PartOf      []CaseItem        `json:"part_of"`
	RealTime    *RealTime         `json:"real_time,omitempty"`
}

// ItemCodes are the national numbers of an item, as issued or generated.
type ItemCodes struct {
	Base           string `json:"base,omitempty"`
	Implementation string `json:"implementation,omitempty"`
	Handling       string `json:"handling,omitempty"`
	Local          string `json:"local,omitempty"`
}

// ItemHall is a hall where an item is received.
type ItemHall struct {
	ID      string    `json:"id"`
	Name    i18n.Text `json:"name"`
	Address i18n.Text `json:"address"`
	Hours   i18n.Text `json:"hours"`
	Phone   string    `json:"phone,omitempty"`
}

// RealTime is how long an item really took in the last 90 days, in working days.
type RealTime struct {
	Cases  int `json:"cases"`
	Median int `json:"median"`
	P90    int `json:"p90"`
}

// enoughCases to be a figure and not an anecdote about a person.
const enoughCases = 5

// more of an item.
func (s *server) more(ctx context.Context, it *catalogue.Item) (ItemMore, error) {
	now, directory := s.Catalogue.Snapshot(), s.Identity.Directory()
	d := directory.Department(it.Department)
	out := ItemMore{
		PublishedAt: at(it.PublishedAt), Kind: string(it.Asks()), Main: it.Main, Action: string(it.Action), Themes: list(it.Themes), Keywords: list(it.Keywords),
		Popularity: it.Popularity, Type: it.Type, Level: it.Level, Area: it.Area, Phones: it.Phones, Remedy: it.Remedy, Halls: []ItemHall{},
		Situation: list(it.Situation), Offer: it.Offer, Siblings: names(now.Siblings(it)), PartOf: names(now.BundlesWith(it.Code)),
	}
	uscc := d.USCC
	if it.External() {
		uscc, out.Agency = it.Agency.USCC, &it.Agency
	} else if out.Level == "" {
		out.Level = directory.Region(d.Region).Level
	}
	out.Codes = ItemCodes{Base: it.BaseCode, Local: it.LocalCode}
	out.Codes.Implementation, out.Codes.Handling = it.Codes(uscc, out.Level)
	if out.Phones.Consult == "" {
		out.Phones.Consult = d.Phone
	}
	if out.Phones.Complaint == "" {
		out.Phones.Complaint = d.ComplaintPhone
	}
	for _, h := range directory.Halls {
		if !it.External() && (len(it.Halls) == 0 || slices.Contains(it.Halls, h.ID)) {
			out.Halls = append(out.Halls, ItemHall{h.ID, h.Name, h.Address, h.Hours, h.Phone})
		}
	}
	t, err := s.Cases.RealTimes(ctx, it.ID)
	if err == nil && t.N >= enoughCases {
		out.RealTime = &RealTime{t.N, t.Median, t.P90}
	}
	return out, err
}

func names(items []*catalogue.Item) []CaseItem {
	out := make([]CaseItem, len(items))
	for i, it := range items {
		out[i] = CaseItem{it.Code, it.Name}
	}
	return out
}

// ItemChange is one line of the feed of changes.
type ItemChange struct {
	Code    string     `json:"code"`
	Change  string     `json:"change" enum:"created,updated,suspended,resumed,withdrawn"`
	Version int        `json:"version"`
	At      *time.Time `json:"at"`
}

// ItemChanges is a part of the feed. Cursor is where to go on, also when
// nothing is new; more says that there is more to read at once.
type ItemChanges struct {
	Changes []ItemChange `json:"changes"`
	Cursor  string       `json:"cursor"`
	More    bool         `json:"more"`
}

type itemChangesInput struct {
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	After string `query:"after" maxLength:"20" pattern:"^[0-9]*$"`
}

type itemChangesOutput struct{ Body ItemChanges }

func (s *server) itemChanges() {
	add(s, auth.ScopeItems, huma.Operation{OperationID: "list-item-changes", Method: http.MethodGet, Path: "/items/changes", Tags: []string{"items"}}, s.listItemChanges)
}

func (s *server) listItemChanges(ctx context.Context, in *itemChangesInput) (*itemChangesOutput, error) {
	after := int64(0)
	if in.After != "" {
		var err error
		if after, err = strconv.ParseInt(in.After, 10, 64); err != nil {
			return nil, ErrInvalid.At("query.after", errFormat.Code)
		}
	}
	r, err := s.Catalogue.Changes(ctx, after, in.Limit)
	if err != nil {
		return nil, err
	}
	if len(r.Rows) == 0 && after > 0 {
		// A number that was never given out: the client follows another
		// installation, or one that was put back to an older state. It has to
		// begin anew, else it would wait for ever.
		last, err := s.Catalogue.LastChanges(ctx, 1)
		if err != nil {
			return nil, err
		}
		if len(last) == 0 || last[0].Seq < after {
			return nil, ErrInvalid.At("query.after", errFormat.Code)
		}
	}
	out := &itemChangesOutput{Body: ItemChanges{Changes: []ItemChange{}, Cursor: strconv.FormatInt(after, 10), More: r.Next != ""}}
	for _, c := range r.Rows {
		out.Body.Changes = append(out.Body.Changes, ItemChange{c.Code, string(c.Kind), c.Number, at(c.At)})
		out.Body.Cursor = strconv.FormatInt(c.Seq, 10)
	}
	return out, nil
}
