package cases

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// condition collects conditions on a case c.
type condition struct {
	args  *db.Args
	parts []string
}

// add adds a condition; each %s stands for one value.
func (x *condition) add(format string, v ...any) {
	for i := range v {
		format = strings.Replace(format, "%s", x.args.Add(v[i]), 1)
	}
	x.parts = append(x.parts, format)
}

// about is the condition of a list without who may see what: what the list is
// about, and what it is narrowed by.
func (s *Service) about(args *db.Args, a auth.Actor, f Filter) string {
	x := &condition{args: args}
	s.listed(x, a, f)
	if q := strings.TrimSpace(f.Query); q != "" {
		s.searched(x, q)
	}
	for _, eq := range [][2]string{
		{"department_id", f.Department},
		{"item_code", f.Item},
		{"state", string(f.State)},
		{"channel", string(f.Channel)},
		{"party_kind", string(f.PartyKind)},
		{"outcome", string(f.Outcome)},
		{"party_id", f.Party},
	} {
		if eq[1] != "" {
			x.add("c."+eq[0]+" = %s", eq[1])
		}
	}
	if f.State == Handling { // also so that the index of the running cases is seen to fit
		x.add("c.state = 'handling'")
	}
	if f.Region != "" {
		x.add(`c.region LIKE %s ESCAPE '\'`, db.LikePrefix(auth.Reach(f.Region)))
	}
	if f.Window != "" {
		w := args.Add(f.Window)
		x.add("(c.hall_id = " + w + " OR c.window_id = " + w + ")")
	}
	x.desk(f)
	if f.Light != "" {
		x.add(lit(args, f.Light, db.MS(s.Clock.Now())))
	}
	if !f.Since.IsZero() {
		x.add("c.updated_at >= %s", db.MS(f.Since))
	}
	for column, span := range [...]Span{f.Submitted, f.Due, f.Decided} {
		name := [...]string{"c.submitted_at", "c.due_at", "c.decided_at"}[column]
		if !span.From.IsZero() {
			x.add(name+" >= %s", db.MS(span.From))
		}
		if !span.To.IsZero() {
			x.add(name+" < %s AND "+name+" > 0", db.MS(span.To))
		}
	}
	return strings.Join(x.parts, " AND ")
}

// desk narrows by where the open tasks lie: with a department, with a person, or
// both by one and the same task.
func (x *condition) desk(f Filter) {
	where := ""
	if f.Desk != "" {
		where = " AND t.department_id = " + x.args.Add(f.Desk)
	}
	switch {
	case f.Assignee == Nobody:
		where += " AND t.assignee_id = ''"
	case strings.HasPrefix(f.Assignee, GroupPrefix):
		where += " AND t.group_id <> '' AND t.group_id = " + x.args.Add(strings.TrimPrefix(f.Assignee, GroupPrefix))
	case f.Assignee != "":
		where += " AND t.assignee_id = " + x.args.Add(f.Assignee)
	case where == "":
		return
	}
	x.add("c.id IN (SELECT t.case_id FROM cases_task t WHERE t.state = 'open'" + where + ")")
}

// doneMost bounds how far back a list of what somebody, or a department, had a
// part in goes while nothing is looked for in it: who has been at his desk for
// years has tens of thousands.
const doneMost = 2000

// narrowed says whether something is looked for in a list.
func (f Filter) narrowed() bool {
	f.List, f.Request, f.Sort, f.Desc = "", page.Request{}, "", false
	return f != Filter{}
}

// Backwards is how many of the newest cases a list goes back while nothing is
// looked for in it; 0 for all.
func (f Filter) Backwards() int {
	if (f.List == ListDone || f.List == ListDoneUs) && !f.narrowed() {
		return doneMost
	}
	return 0
}

// listed is what a list is about.
func (s *Service) listed(x *condition, a auth.Actor, f Filter) {
	l := f.List
	newest := func(order string) string { // of what follows, the last
		if n := f.Backwards(); n > 0 {
			return ` ORDER BY ` + order + ` DESC LIMIT ` + strconv.Itoa(n)
		}
		return ""
	}
	ms := db.MS(s.Clock.Now())
	running := `c.state = 'handling' AND NOT c.paused AND NOT c.bundle` // an order is worked on in its steps
	switch l {
	case ListMine:
		x.add(`c.id IN (SELECT t.case_id FROM cases_task t WHERE t.state='open' AND t.assignee_id IN ` + db.In(x.args, append(a.StandsInFor(), a.ID)) + `) AND NOT c.needs_applicant`)
	case ListGroup:
		x.add(`NOT c.needs_applicant AND c.id IN (SELECT t.case_id FROM cases_task t WHERE t.state='open' AND t.assignee_id='' AND ` + posts(x.args, a) + `)`)
	case ListToAccept:
		x.add(`c.state = 'submitted'`)
	case ListMessages:
		x.add(`c.id IN (SELECT t.case_id FROM cases_thread t WHERE t.unread_staff > 0) AND ` + answering(x.args, a))
	case ListWaiting:
		x.add(`c.id IN (SELECT n.id FROM cases_case n WHERE n.needs_applicant UNION SELECT q.case_id FROM cases_ask q WHERE q.state = 'open')`) // few; the next looks at each
		x.add(`(c.needs_applicant AND (c.state = 'supplementing' OR c.state = 'handling' AND NOT c.bundle) OR NOT c.bundle AND ` + asked + `)`) // an order waits in its steps
	case ListOthers:
		s.elsewhere(x, a)
	case ListSpecial:
		x.add(`c.state = 'handling' AND c.paused AND NOT c.bundle AND NOT c.needs_applicant`)
	case ListStalled:
		x.add(stalled(x.args.Add(ms), x.args.Add(db.MS(s.longAgo()))))
	case ListNear:
		now := x.args.Add(ms)
		x.add(running + ` AND c.warn_at > 0 AND c.warn_at <= ` + now + ` AND (c.yellow_at = 0 OR c.yellow_at > ` + now + `) AND (c.red_at = 0 OR c.red_at > ` + now + `)`)
	case ListOverdue:
		now := x.args.Add(ms)
		x.add(running + ` AND (c.yellow_at > 0 AND c.yellow_at <= ` + now + ` OR c.red_at > 0 AND c.red_at <= ` + now + `)`)
	case ListToDeliver:
		x.add(`c.state = 'decided' AND (c.parent_id = '' OR EXISTS (SELECT 1 FROM cases_case o WHERE o.id = c.parent_id AND o.state IN ('withdrawn', 'delivered')))`) // the results of steps are handed over with their order, as long as it has not ended
	case ListToVerify:
		x.add(`c.id IN (SELECT v.id FROM cases_case v WHERE v.verify_at > 0)`) // few, with an index of their own
	case ListDone:
		me := x.args.Add(a.ID)
		x.add(`c.id IN (SELECT case_id FROM (SELECT t.case_id FROM cases_task t WHERE t.done_by=` + me + newest("t.done_at") + `) d
			UNION SELECT id FROM (SELECT k.id FROM cases_case k WHERE k.receiver_id=` + me + newest("k.id") + `) r)`)
	case ListDoneUs:
		parts := []string{`SELECT '' AS id WHERE 1=0`}
		for _, d := range deskDepartments(a) {
			parts = append(parts, `SELECT case_id FROM (SELECT t.case_id FROM cases_task t WHERE t.state = 'done' AND t.department_id = `+x.args.Add(d)+newest("t.case_id")+`) d`)
		}
		for _, h := range halls(a) {
			parts = append(parts, `SELECT id FROM (SELECT k.id FROM cases_case k WHERE k.hall_id <> '' AND k.hall_id = `+x.args.Add(h)+newest("k.submitted_at")+`) h`)
		}
		x.add(`c.id IN (` + strings.Join(parts, " UNION ") + `)`)
	case ListNeedsMe:
		x.add(`(c.needs_applicant OR c.offered_to = ` + x.args.Add(a.ID) + ` OR ` + asked + `)`)
	case ListRunning:
		x.add(`c.state IN ('submitted','supplementing','handling','decided')`)
	case ListEndedMine:
		x.add(`c.state IN ('delivered','refused','withdrawn','revoked')`)
	case ListDraftsMine:
		x.add(`c.state = 'draft'`)
	}
	switch l { // a draft that was thrown away stands in no list
	case ListDraftsMine:
	case ListApplicant:
		x.add(`(c.submitted_at > 0 OR c.state = 'draft')`)
	case ListNeedsMe:
		x.add(`(c.submitted_at > 0 OR c.state = 'draft' AND c.offered_to <> '')`)
	default:
		x.add(`c.submitted_at > 0`)
	}
	if l.ofApplicant() { // the steps stand on the page of their order
		x.add(`c.parent_id = ''`)
	}
}

// elsewhere is what the actor or his department had a part in, or follows to
// its end as the receiving window, and what lies on somebody else's desk now.
func (s *Service) elsewhere(x *condition, a auth.Actor) {
	me, ours := x.args.Add(a.ID), db.In(x.args, deskDepartments(a))
	x.add(`c.state = 'handling' AND NOT c.paused AND NOT c.bundle AND NOT c.needs_applicant
		AND (c.receiver_id = ` + me + ` OR c.department_id IN ` + ours + ` OR EXISTS (SELECT 1 FROM cases_task d WHERE d.case_id = c.id AND d.state = 'done' AND d.department_id IN ` + ours + `))
		AND EXISTS (SELECT 1 FROM cases_task o WHERE o.case_id = c.id AND o.state = 'open')
		AND NOT EXISTS (SELECT 1 FROM cases_task o WHERE o.case_id = c.id AND o.state = 'open' AND o.department_id IN ` + ours + `)`)
}

// deskDepartments are those in which the actor works on cases.
func deskDepartments(a auth.Actor) []string {
	var out []string
	for _, p := range a.PostsOf(auth.Handler, auth.Approver, auth.Head) {
		if !slices.Contains(out, p.DepartmentID) {
			out = append(out, p.DepartmentID)
		}
	}
	return out
}

// halls are those at whose windows the actor sits.
func halls(a auth.Actor) []string {
	var out []string
	for _, p := range a.PostsOf(auth.Clerk) {
		if p.HallID != "" && !slices.Contains(out, p.HallID) {
			out = append(out, p.HallID)
		}
	}
	return out
}

// lit is Case.Light in SQL.
func lit(args *db.Args, light string, now int64) string {
	at := `(CASE WHEN c.decided_at > 0 THEN c.decided_at ELSE ` + args.Add(now) + ` END)`
	lives := `c.accepted_at > 0 AND NOT c.paused AND c.state NOT IN ('withdrawn', 'refused')`
	red := `(c.red_at > 0 AND c.red_at <= ` + at + `)`
	yellow := `(c.yellow_at > 0 AND c.yellow_at <= ` + at + `)`
	warning := `(c.decided_at = 0 AND c.warn_at > 0 AND c.warn_at <= ` + at + `)`
	switch light {
	case workday.Red.String():
		return lives + ` AND ` + red
	case workday.Yellow.String():
		return lives + ` AND ` + yellow + ` AND NOT ` + red
	case workday.Warning.String():
		return lives + ` AND ` + warning + ` AND NOT ` + yellow + ` AND NOT ` + red
	case workday.Normal.String():
		return `NOT (` + lives + ` AND (` + red + ` OR ` + yellow + ` OR ` + warning + `))`
	default:
		return `1=0`
	}
}

// Lights that a list can be narrowed by.
var Lights = []string{workday.Red.String(), workday.Yellow.String(), workday.Warning.String(), workday.Normal.String()}

var (
	wholeNumber = regexp.MustCompile(`^[0-9]{6}-[0-9]{8}-[0-9]{5,}(-[0-9]{2,})?$`) // of a case, and of a step of an order
	someFigures = regexp.MustCompile(`^[0-9-]*[0-9][0-9-]*$`)
	somePhone   = regexp.MustCompile(`^1[0-9]{10}$`)
	someCode    = regexp.MustCompile(`^[0-9A-Z]{15,18}$`)
)

// searched narrows by what somebody typed. What it is shows by its shape, so
// that each kind is looked up in one index: people and firms are few beside
// their cases, so a name is looked up among them. Lists mask the names of people,
// so that a part of one finds nobody: else the mask could be guessed away.
func (s *Service) searched(x *condition, q string) {
	upper, exact := strings.ToUpper(q), ""
	if wholeNumber.MatchString(upper) || someCode.MatchString(upper) && !somePhone.MatchString(upper) {
		exact = x.args.Add(upper) // only where it is used: an argument that no text names has no type
	}
	// Of whom a case was that is erased, nobody finds out any more.
	const kept = ` AND NOT EXISTS (SELECT 1 FROM cases_retention t WHERE t.case_id = %s.id AND t.erased_at > 0)`
	still := func(of string) string { return strings.Replace(kept, "%s", of, 1) }
	switch {
	case wholeNumber.MatchString(upper):
		x.add(`c.id IN (SELECT n.id FROM cases_case n WHERE n.number = ` + exact + ` UNION SELECT n.id FROM cases_case n JOIN cases_case o ON o.id = n.parent_id AND n.parent_id <> '' WHERE o.number = ` + exact + `)`)
	case somePhone.MatchString(upper):
		x.add(`c.account_id IN (SELECT p.id FROM identity_account p WHERE p.phone_index IN ` + db.In(x.args, s.Identity.PhoneIndexes(upper)) + `)` + still("c"))
	case someCode.MatchString(upper):
		x.add(`(c.party_code = ` + exact + ` OR c.account_id IN (SELECT p.id FROM identity_account p WHERE p.id_number_index IN ` + db.In(x.args, s.Identity.IDNumberIndexes(upper)) + `)` + still("c") + `)`)
	default:
		like, whole := x.args.Add(db.LikeAnywhere(q)), x.args.Add(q)
		x.add(`c.id IN (SELECT n.id FROM cases_case n WHERE n.party_id IN (SELECT e.id FROM identity_enterprise e WHERE e.name->>'zh' LIKE ` + like + ` ESCAPE '\' OR lower(e.name->>'en') LIKE lower(` + like + `) ESCAPE '\')
			UNION SELECT n.id FROM cases_case n WHERE n.party_id IN (SELECT p.id FROM identity_account p WHERE p.kind = 'person' AND (p.name->>'zh' = ` + whole + ` OR lower(p.name->>'en') = lower(` + whole + `)))` + still("n") + `
			UNION SELECT n.id FROM cases_case n WHERE n.item_id IN ` + db.In(x.args, s.itemsNamed(q)) + s.figures(q, like) + `)`)
	}
}

// figures also finds numbers by some of their figures, as people read them out.
func (s *Service) figures(q, like string) string {
	if !someFigures.MatchString(q) {
		return ""
	}
	return ` UNION SELECT n.id FROM cases_case n WHERE n.number LIKE ` + like + ` ESCAPE '\'`
}

// itemsNamed are the items with this code, or these words in their name; orders
// from a cart have no name of their own.
func (s *Service) itemsNamed(q string) []string {
	q = strings.ToLower(q)
	var out []string
	for _, it := range s.Catalogue.Snapshot().List(catalogue.Filter{}).Items {
		if strings.ToLower(it.Code) == q || strings.Contains(strings.ToLower(it.Name.ZH), q) || strings.Contains(strings.ToLower(it.Name.EN), q) {
			if out = append(out, it.ID); len(out) == 200 {
				break
			}
		}
	}
	return out
}

// sortKeys are the columns behind the orders of lists.
var sortKeys = map[Sort]string{ByDue: "c.due_at", BySubmitted: "c.submitted_at", ByNumber: "c.number", ByParty: "c.party_name ->> 'zh'"}

// walkOf says how a list is ordered, and what lies behind the cursor; ok is
// false for a cursor that is none.
func walkOf(args *db.Args, f Filter) (w walk, ok bool) {
	by, desc := f.Sorted()
	w = walk{key: sortKeys[by], desc: desc}
	if f.After == "" {
		return w, true
	}
	sign := " > "
	if desc {
		sign = " < "
	}
	id, at, _ := strings.Cut(f.After, "~")
	switch by {
	case "":
		w.after = "c.id" + sign + args.Add(id)
		return w, true
	case ByDue, BySubmitted:
		ms, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			return w, false
		}
		w.after = "(" + w.key + ", c.id)" + sign + "(" + args.Add(ms) + ", " + args.Add(id) + ")"
	default:
		w.after = "(" + w.key + ", c.id)" + sign + "(" + args.Add(at) + ", " + args.Add(id) + ")"
	}
	return w, true
}

// cursorOf is where the next page begins.
func cursorOf(by Sort, r Row) string {
	switch by {
	case ByDue:
		return string(r.ID) + "~" + strconv.FormatInt(db.MS(r.DueAt), 10)
	case BySubmitted:
		return string(r.ID) + "~" + strconv.FormatInt(db.MS(r.SubmittedAt), 10)
	case ByNumber:
		return string(r.ID) + "~" + r.Number
	case ByParty:
		return string(r.ID) + "~" + r.Party.Name.ZH
	default:
		return string(r.ID)
	}
}
