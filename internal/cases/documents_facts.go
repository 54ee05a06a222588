package cases

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/cases/docs"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/rules"
)

// factsOf gathers what the documents of an event say: from the event, from what
// had been submitted then, and from the version of the item; of the case only
// what never changes after the event.
func (s *Service) factsOf(v *View, e Event, snap Snapshot) docs.Facts {
	f := docs.NewFacts()
	s.partiesOf(f, v, e)
	f.Set("time", i18n.Moment(i18n.DateTime, e.At))
	f.Set("submitted", i18n.Moment(i18n.Day, cmpTime(snap.SubmittedAt, v.SubmittedAt)))
	f.Say("reason", strings.TrimRight(e.Reason, "。.；;，, "))
	switch e.Command {
	case CmdSubmit, CmdReceive, CmdReply:
		placeOf(f, e)
		f.Flag("first_approval", v.Item.Family != catalogue.ScienceService && snap.DataVersion == 1 && !acceptedAtOnce(v, e))
		materialFacts(f, v.Item, snap, v.Gaps)
	case CmdAccept:
		placeOf(f, e)
		f.Set("accepted", i18n.Moment(i18n.Day, v.AcceptedAt))
		f.Flag("deemed", e.Detail["deemed"] == true)
		if due := e.Instant("due"); !due.IsZero() {
			f.Set("due", i18n.Moment(i18n.LastDay, due))
			f.Set("limits", limitsOf(v.Item))
		}
		materialFacts(f, v.Item, snap, v.Gaps)
		feeFacts(f, v.Item, snap.Answers)
	case CmdAskSupplement, CmdSendBack:
		for _, p := range pointsOf(e) {
			f.Add("points", pointText(v.Item, p), i18n.Text{ZH: p.Reason})
		}
		note := e.Word("note")
		f.Say("note", note)
		if len(pointsOf(e)) == 0 { // a notice in words only
			f.Add("points", docs.Word("point.other"), i18n.Text{ZH: note})
			delete(f.Text, "note")
		}
	case CmdPause:
		kind := e.Word("kind")
		f.Set("kind", docs.Word("pause."+kind))
		if until := e.Instant("until"); !until.IsZero() {
			f.Set("until", i18n.Moment(i18n.LastDay, until))
		}
	case CmdExpire:
		f.Flag("deemed_withdrawn", true)
		f.Flag("unanswered", true)
		f.Set("due", i18n.Moment(i18n.LastDay, e.Instant("due")))
		if q := askedBefore(v.Requests, e.At); q != nil {
			for _, p := range q.Points {
				f.Add("points", pointText(v.Item, p), i18n.Text{ZH: p.Reason})
			}
			if len(q.Points) == 0 { // a notice in words only
				f.Add("points", docs.Word("point.other"), i18n.Text{ZH: q.Note})
			}
		}
	case CmdLapse:
		f.Flag("unaccepted", e.To == Refused)
		f.Flag("deemed_withdrawn", e.To == Withdrawn)
		f.Flag("not_handed_in", true)
	case CmdExtend:
		if n := e.Number("days"); n > 0 {
			f.Say("days", strconv.Itoa(n))
		}
		f.Set("due", i18n.Moment(i18n.LastDay, e.Instant("due")))
	case CmdDecide, CmdAward:
		s.decisionFacts(f, v, e)
	case CmdRevoke:
		s.certificateFacts(f, v, e)
	case CmdDeliver, CmdOpen:
		s.deliveryFacts(f, v, e)
	}
	return f
}

// placeOf is the window at which something was done.
func placeOf(f docs.Facts, e Event) {
	if e.ActorRole == string(auth.Clerk) {
		f.Set("place", e.Place)
	}
}

// acceptedAtOnce says that a submission was accepted in the same command.
func acceptedAtOnce(v *View, e Event) bool {
	return slices.ContainsFunc(v.Events, func(x Event) bool { return x.Command == CmdAccept && x.At.Equal(e.At) })
}

// partiesOf says who asked whom for what.
func (s *Service) partiesOf(f docs.Facts, v *View, e Event) {
	dir := s.Identity.Directory()
	d := dir.Department(departmentAt(v, e))
	f.Set("applicant", v.Party.Name)
	code := v.Party.Code
	if v.Party.Kind == identity.HolderPerson {
		code = idcode.MaskID(code)
		f.Flag("person", true)
	}
	f.Say("code", code)
	f.Set("item", v.ItemName)
	f.Say("case", v.Number)
	f.Set("body", bodyName(dir, d))
	f.Set("channel", docs.Word("channel."+string(v.Channel)))
	f.Set("collect", docs.Word("collect."+string(v.Collect)))
	phone, complaint := d.Phone, d.ComplaintPhone
	if v.Item.Phones.Consult != "" {
		phone = v.Item.Phones.Consult
	}
	if v.Item.Phones.Complaint != "" {
		complaint = v.Item.Phones.Complaint
	}
	f.Say("phone", phone)
	f.Say("complaint", complaint)
	f.Flag("approval", v.Item.Family != catalogue.ScienceService)
	f.Flag("service", v.Item.Family == catalogue.ScienceService)
	f.Flag("licence", v.Item.Family == catalogue.Administrative && v.Item.Type == licenceType)
	for _, b := range v.Item.LegalBasis {
		f.Add("legal_basis", b)
	}
	f.Set("review", reviewBody(dir, d, v.Item.Remedy))
	f.Set("court", v.Item.Remedy.Court)
	if v.Item.Remedy.Court.IsZero() {
		f.Set("court", docs.Word("court"))
	}
}

// departmentAt is the department that had the case at an event: a transfer after
// it says from where it went.
func departmentAt(v *View, e Event) string {
	for _, x := range v.Events {
		if x.Command == CmdTransfer && x.Seq > e.Seq {
			if from := x.Word("from"); from != "" {
				return from
			}
		}
	}
	return v.DepartmentID
}

// licenceType is the type of items to which the law on licences applies (行政许可).
const licenceType = "01"

// bodyName is a department with its region in front, as it signs.
func bodyName(dir *identity.Directory, d identity.Department) i18n.Text {
	region := dir.Region(d.Region).Name
	// An institution whose own name says where it is needs no region in front.
	if front := []rune(region.ZH); len(front) < 2 || strings.HasPrefix(d.Name.ZH, string(front[:2])) {
		return d.Name
	}
	return docs.Word("body", "region", region, "name", d.Name)
}

// zoneName is a region that has an administration but no government of its own.
var zoneName = regexp.MustCompile(`(创新区|开发区|高新区|新区管委会|产业园|园区|保税区|示范区|度假区)$`)

// reviewBody is who reviews a decision: the one that the item names, else the
// government of the region of the body, for a zone that of the city that set it
// up (行政复议法 art. 24).
func reviewBody(dir *identity.Directory, d identity.Department, r catalogue.Remedy) i18n.Text {
	if !r.Review.IsZero() {
		return r.Review
	}
	region := dir.Region(d.Region)
	for region.Parent != "" && (region.Level == "town" || zoneName.MatchString(region.Name.ZH)) {
		region = dir.Region(region.Parent)
	}
	return docs.Word("government", "name", region.Name)
}

func materialFacts(f docs.Facts, item *catalogue.Item, snap Snapshot, gaps []Gap) {
	for _, m := range snap.Materials {
		d, ok := item.Material(m.Key)
		if !ok {
			continue
		}
		copies := i18n.Text{ZH: strconv.Itoa(max(d.Copies, 1))}
		f.Add("materials", d.Name, copies, givenWords(m))
		switch m.How {
		case BySight:
			f.Add("originals", d.Name, copies, docs.Word("original"))
		case Later:
			by := docs.Word("later_by")
			if i := slices.IndexFunc(gaps, func(g Gap) bool { return g.Key == m.Key }); i >= 0 {
				by = i18n.Moment(i18n.LastMoment, gaps[i].DueAt)
			}
			f.Add("later", d.Name, by)
		case ByCommitment:
			why := d.Basis
			if why.IsZero() {
				why = d.Standard
			}
			f.Add("committed", d.Name, why)
		}
	}
}

func givenWords(m MaterialState) i18n.Text {
	ref := m.Ref
	if idcode.CheckResidentID(ref).OK(false) {
		ref = idcode.MaskID(ref)
	}
	t := docs.Word("given."+string(m.How), "n", len(m.Files), "ref", ref)
	if t.IsZero() {
		return docs.Word("given.other")
	}
	return t
}

// feeFacts say what is to be paid in the situation of the applicant.
func feeFacts(f docs.Facts, item *catalogue.Item, answers map[string]any) {
	if !item.Fee.Charged {
		return
	}
	standard := item.Fee.Standard
	for _, c := range item.Fee.Cases {
		if rules.Holds(c.When, answers) {
			standard = c.Standard
			break
		}
	}
	f.Set("fee", standard)
	f.Set("fee_basis", item.Fee.Basis)
	f.Set("fee_how", docs.Word("pay.window"))
	if item.Fee.Online {
		f.Set("fee_how", docs.Word("pay.online"))
	}
}

func (s *Service) decisionFacts(f docs.Facts, v *View, e Event) {
	if v.Decision == nil {
		return
	}
	text := v.Decision.Text
	f.Set("text", text)
	f.Say("reason", strings.TrimRight(v.Decision.Reason, "。.；;，, "))
	if r := f.Text["reason"].ZH; r != "" && strings.Contains(text.ZH, r) {
		delete(f.Text, "reason")
	}
	f.Flag("addressed", strings.HasPrefix(text.ZH, v.Party.Name.ZH))
	tells := strings.Contains(text.ZH, "行政复议")
	f.Flag("approval_rights", f.Text["approval"].ZH != "" && !tells)
	f.Flag("service_rights", f.Text["service"].ZH != "" && !tells)
	s.certificateFacts(f, v, e)
}

// certificateFacts name the certificate that was issued with a decision.
func (s *Service) certificateFacts(f docs.Facts, v *View, e Event) {
	for _, x := range v.Events {
		if x.Command != CmdIssue || x.Seq < e.Seq && (e.Command == CmdDecide || e.Command == CmdAward) {
			continue
		}
		number := x.Word("number")
		until := x.Word("until")
		f.Set("certificate", x.Text("title"))
		f.Say("certificate_number", number)
		if day, err := time.Parse(time.DateOnly, until); err == nil {
			f.Set("certificate_until", docs.Word("until", "day", i18n.Moment(i18n.Day, day)))
		}
	}
}

func (s *Service) deliveryFacts(f docs.Facts, v *View, e Event) {
	how := e.Word("how")
	if e.Command == CmdOpen {
		how = string(Electronic)
		f.Flag("opened", true)
		f.Set("sent", i18n.Moment(i18n.DateTime, v.ClosedAt))
	} else if how == string(Electronic) {
		return // that it was sent proves nothing yet: it is delivered when it is opened
	}
	f.Flag("handed_over", true)
	f.Set("outcome", docs.Word("outcome."+string(v.Outcome)))
	f.Set("how", docs.Word("how."+how))
	receiver := e.Word("receiver")
	if receiver == "" && e.Command == CmdOpen {
		receiver = e.ActorName
	}
	f.Say("receiver", receiver)
	for _, name := range []string{"carrier", "tracking", "signature"} {
		s := e.Word(name)
		f.Say(name, s)
	}
	f.Flag("sign_by_hand", how == string(AtWindow) && f.Text["signature"].IsZero())
	if how == string(AtWindow) {
		f.Set("place", e.Place)
	}
	s.certificateFacts(f, v, e)
	decided := CmdDecide
	if v.Channel == ByAward {
		decided = CmdAward
	}
	for _, k := range docs.For(string(decided), string(v.Outcome)) {
		paper := k.Title
		if c := f.Text["certificate"]; !c.IsZero() {
			and := docs.Word("and")
			paper = i18n.Text{ZH: paper.ZH + and.ZH + c.ZH, EN: paper.EN + and.EN + c.In(i18n.English)}
		}
		f.Set("paper", paper)
	}
}

// limitsOf names promise and law in brackets.
func limitsOf(item *catalogue.Item) i18n.Text {
	word := func(l workday.Limit) i18n.Text { return docs.Word("limit."+string(l.Unit), "n", l.N) }
	switch {
	case !item.Promised.IsZero() && !item.Statutory.IsZero():
		return docs.Word("limits.both", "a", word(item.Promised), "b", word(item.Statutory))
	case !item.Promised.IsZero():
		return docs.Word("limits.promised", "a", word(item.Promised))
	case !item.Statutory.IsZero():
		return docs.Word("limits.statutory", "b", word(item.Statutory))
	}
	return i18n.Text{}
}

// askedBefore is the last request made before an instant; nil when there is none.
func askedBefore(list []Request, at time.Time) *Request {
	var last *Request
	for i := range list {
		if !list[i].AskedAt.After(at) && (last == nil || list[i].AskedAt.After(last.AskedAt)) {
			last = &list[i]
		}
	}
	return last
}

// pointsOf reads what a notice asked for out of its event.
func pointsOf(e Event) []Point {
	var out []Point
	b, err := json.Marshal(e.Detail["points"])
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		return nil
	}
	return out
}

func pointText(item *catalogue.Item, p Point) i18n.Text {
	if m, ok := item.Material(p.Key); ok && p.Kind == "material" {
		return m.Name
	}
	if f, ok := item.Field(p.Key); ok {
		return f.Label
	}
	return docs.Word("point.other")
}

func cmpTime(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}
