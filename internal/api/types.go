package api

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
)

// zone is that of every instant that goes out.
var zone = time.FixedZone("CST", 8*3600)

// at is an instant for JSON, nil for "never".
func at(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.In(zone)
	return &t
}

// CaseItem is the item of a case.
type CaseItem struct {
	Code string    `json:"code"`
	Name i18n.Text `json:"name"`
}

// Party is who asks in a case.
type Party struct {
	Kind string    `json:"kind"`
	Name i18n.Text `json:"name"`
	Code string    `json:"code"`
}

// CaseSummary is a case in a list.
type CaseSummary struct {
	ID             string     `json:"id"`
	Number         string     `json:"number,omitempty"`
	Item           CaseItem   `json:"item"`
	Party          Party      `json:"party"`
	State          string     `json:"state" enum:"draft,submitted,supplementing,refused,handling,decided,delivered,withdrawn,revoked"`
	Outcome        string     `json:"outcome,omitempty" enum:"granted,partly,denied,ended"`
	Collect        string     `json:"collect" enum:"electronic,window,post"`
	NeedsApplicant bool       `json:"needs_applicant"`
	Paused         bool       `json:"paused"`
	Version        int        `json:"version"`
	CreatedAt      *time.Time `json:"created_at,omitempty"`
	SubmittedAt    *time.Time `json:"submitted_at,omitempty"`
	AcceptedAt     *time.Time `json:"accepted_at,omitempty"`
	DueAt          *time.Time `json:"due_at,omitempty"`
	DecidedAt      *time.Time `json:"decided_at,omitempty"`
	ClosedAt       *time.Time `json:"closed_at,omitempty"`
	UpdatedAt      *time.Time `json:"updated_at,omitempty"`
}

// Case is a case with everything its client may see.
type Case struct {
	CaseSummary
	PickupCode string         `json:"pickup_code,omitempty"`
	Department Department     `json:"department"`
	Can        []string       `json:"can"`
	Answers    map[string]any `json:"answers"`
	Materials  []CaseMaterial `json:"materials"`
	Request    *CaseRequest   `json:"request,omitempty"`
	ToDo       []ToDo         `json:"to_do"`
	Decision   *Decision      `json:"decision,omitempty"`
	Order      string         `json:"order,omitempty"`
	Steps      []CaseStep     `json:"steps,omitempty"`
}

// CaseStep is one step of the order that a case is, or belongs to: of a bundle.
// A step that runs has a case of its own, which is asked for by its id.
type CaseStep struct {
	Item       CaseItem   `json:"item"`
	Group      int        `json:"group"`
	Department Department `json:"department"`
	State      string     `json:"state" enum:"waiting,running,done,skipped,cancelled"`
	Outcome    string     `json:"outcome,omitempty" enum:"granted,partly,denied,ended,withdrawn"`
	Case       string     `json:"case,omitempty"`
	DueAt      *time.Time `json:"due_at,omitempty"`
	EndedAt    *time.Time `json:"ended_at,omitempty"`
}

// CaseMaterial is how one needed material stands.
type CaseMaterial struct {
	Key    string     `json:"key"`
	Name   i18n.Text  `json:"name"`
	Need   string     `json:"need" enum:"required,optional,tolerated"`
	How    string     `json:"how" enum:"upload,earlier,certificate,commitment,window,later,not_given,missing"`
	Ref    string     `json:"ref,omitempty"`
	Reason string     `json:"reason,omitempty"`
	Files  []CaseFile `json:"files"`
	Until  string     `json:"until,omitempty"` // last day of the paper itself, where the item asks for it

	Earlier []EarlierPaper `json:"reusable,omitempty"` // given in another case: would do, see set-material
}

// CaseFile is an uploaded file.
type CaseFile struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Size      int64  `json:"size"`
	SHA256    string `json:"sha256"`
}

// CaseRequest is what the applicant has been asked for and not answered yet.
type CaseRequest struct {
	Kind    string      `json:"kind" enum:"supplement,return"`
	Points  []CasePoint `json:"points"`
	Note    string      `json:"note,omitempty"`
	AskedAt *time.Time  `json:"asked_at"`
}

// CasePoint is one thing asked for.
type CasePoint struct {
	Kind   string `json:"kind" enum:"material,field,other"`
	Key    string `json:"key"`
	Reason string `json:"reason"`
}

// ToDo is what stands in the way of submitting.
type ToDo struct {
	Location string `json:"location"`
	Code     string `json:"code"`
	Message  string `json:"message"`
}

// Decision on a case.
type Decision struct {
	Outcome   string     `json:"outcome" enum:"granted,partly,denied,ended"`
	Text      i18n.Text  `json:"text"`
	Reason    string     `json:"reason,omitempty"`
	DecidedAt *time.Time `json:"decided_at"`
}

// Event is one thing that happened to a case, as the applicant may know it.
type Event struct {
	Seq     int       `json:"seq"`
	Command string    `json:"command"`
	At      time.Time `json:"at"`
	By      EventBy   `json:"by"`
	From    string    `json:"from"`
	To      string    `json:"to"`
	Reason  string    `json:"reason,omitempty"`
}

// EventBy is who did it; officials are named by role and place.
type EventBy struct {
	Kind  string    `json:"kind" enum:"person,staff,client,system"`
	Role  string    `json:"role,omitempty"`
	Place i18n.Text `json:"place,omitzero"`
}

// Certificate that a case ended with.
type Certificate struct {
	Number     string     `json:"number"`
	Type       string     `json:"type"`
	Title      i18n.Text  `json:"title"`
	HolderName i18n.Text  `json:"holder_name"`
	Issuer     Department `json:"issuer"`
	ValidFrom  string     `json:"valid_from"`
	ValidTo    string     `json:"valid_to,omitempty"`
	Status     string     `json:"status" enum:"valid,expired,revoked"`
	Token      string     `json:"token"`
	IssuedAt   time.Time  `json:"issued_at"`
}

func summaryOf(k *cases.Case) CaseSummary {
	return CaseSummary{
		ID: string(k.ID), Number: k.Number, Item: CaseItem{k.ItemCode, k.ItemName}, Party: Party{string(k.Party.Kind), k.Party.Name, k.Party.Code},
		State: string(k.State), Outcome: string(k.Outcome), Collect: string(k.Collect), NeedsApplicant: k.NeedsApplicant, Paused: k.Paused, Version: k.Version,
		CreatedAt: at(k.CreatedAt), SubmittedAt: at(k.SubmittedAt), AcceptedAt: at(k.AcceptedAt), DueAt: at(k.DueAt), DecidedAt: at(k.DecidedAt), ClosedAt: at(k.ClosedAt),
		UpdatedAt: at(k.UpdatedAt),
	}
}

func (s *server) caseOf(ctx context.Context, v *cases.View, form *cases.Form) Case {
	out := Case{
		CaseSummary: summaryOf(&v.Case), PickupCode: v.PickupCode, Department: s.department(v.DepartmentID), Can: texts(v.Can), Answers: v.Answers,
		Materials: []CaseMaterial{}, ToDo: []ToDo{},
	}
	materials := v.Materials
	if form != nil { // in hand: what is typed now, and what is still missing
		out.Answers, materials, out.ToDo = form.Answers, form.Materials, toDo(ctx, form)
	}
	if out.Answers == nil {
		out.Answers = map[string]any{}
	}
	for _, m := range materials {
		cm := CaseMaterial{Key: m.Key, Name: m.Material.Name, Need: string(m.Material.Need), How: string(m.How), Ref: m.Ref, Reason: m.Reason, Files: []CaseFile{}, Until: m.Until}
		for _, f := range m.Files {
			cm.Files = append(cm.Files, CaseFile{f.ID, f.Name, f.MediaType, f.Size, f.SHA256})
		}
		for _, o := range m.Offers {
			cm.Earlier = append(cm.Earlier, EarlierPaper{string(o.CaseID), o.Key, o.Number, o.Until.String()})
		}
		out.Materials = append(out.Materials, cm)
	}
	if q, ok := v.OpenRequest(); ok {
		out.Request = &CaseRequest{Kind: q.Kind, Points: []CasePoint{}, Note: q.Note, AskedAt: at(q.AskedAt)}
		for _, p := range q.Points {
			out.Request.Points = append(out.Request.Points, CasePoint(p))
		}
	}
	if v.SeesOrder {
		out.Order = string(v.ParentID)
	}
	for _, st := range v.Steps {
		x := CaseStep{Item: CaseItem{st.ItemCode, st.Name}, Group: st.Group, Department: s.department(st.DepartmentID), State: string(st.State), Outcome: string(st.Outcome), EndedAt: at(st.EndedAt)}
		if st.Open {
			x.Case, x.DueAt = string(st.CaseID), at(st.Case.DueAt)
		}
		out.Steps = append(out.Steps, x)
	}
	if d := v.Decision; d != nil {
		out.Decision = &Decision{Outcome: string(d.Outcome), Text: d.Text, Reason: d.Reason, DecidedAt: at(d.DecidedAt)}
	}
	return out
}

// toDo says in the reader's language what Submit would complain about.
func toDo(ctx context.Context, f *cases.Form) []ToDo {
	out := []ToDo{}
	for _, bad := range f.Bad {
		out = append(out, ToDo{"answers." + bad.Name, bad.Code, i18n.T(ctx, "error."+bad.Code, i18n.Map(bad.Params)...)})
	}
	for _, m := range f.Materials {
		if m.How == cases.Missing {
			_, code := m.Complaint()
			out = append(out, ToDo{"materials." + m.Key, code, i18n.T(ctx, "error."+code, "material", m.Material.Name)})
		}
	}
	return out
}

func eventOf(e cases.Event) Event {
	return Event{Seq: e.Seq, Command: string(e.Command), At: e.At.In(zone), By: EventBy{e.ActorKind, e.ActorRole, e.Place}, From: string(e.From), To: string(e.To), Reason: e.Reason}
}

func (s *server) certificateOf(c identity.Certificate) Certificate {
	return Certificate{
		Number: c.Number, Type: c.Type, Title: c.Title, HolderName: c.HolderName, Issuer: s.department(c.IssuerID), ValidFrom: c.ValidFrom, ValidTo: c.ValidTo,
		Status: c.Status(s.Identity.Today()), Token: c.Token, IssuedAt: c.IssuedAt.In(zone),
	}
}
