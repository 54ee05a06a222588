package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/feedback"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/jobs"
)

// DemoCases is how many past cases a demonstration lives through.
const DemoCases = 1200

// history lives through past cases with the engine itself: every step is a
// command, given by the person whose turn it is, on a clock moved to that
// moment. The course of each case is drawn from a seed, so that two
// demonstrations of one day are alike.
type history struct {
	*Modules
	clock   *clock.Moved
	cal     *workday.Calendar
	now     time.Time // where the past ends
	people  []auth.Actor
	staff   map[string][]auth.Actor // department/role → who
	clerks  []auth.Actor
	items   []*catalogue.Item
	weights []int
}

// errPast says that the next step lies in the future: the case stays as it is.
var errPast = errors.New("app: the past ends here")

// PastFailedError says which past cases could not be lived through to their
// end. What was done up to there stands, and all others are there.
type PastFailedError struct{ Cases []error }

// Error tells the first of them.
func (e *PastFailedError) Error() string {
	return fmt.Sprintf("app: history: %d cases stopped half-way, the first: %v", len(e.Cases), e.Cases[0])
}

// Unwrap returns what stopped them.
func (e *PastFailedError) Unwrap() []error { return e.Cases }

// pastMayFail is how many cases may stop half-way before something greater
// must be wrong.
const pastMayFail = 20

// FillHistory lives through n past cases, telling the progress after each. It
// goes on where an earlier start was stopped and returns at once when all are
// there. A case that fails is left where it stands: the error is then a
// PastFailedError, and all that should follow was done.
func (a *App) FillHistory(ctx context.Context, n int, progress func(done, total int)) error {
	text, err := a.setting(ctx, "demo.history")
	if err != nil {
		return err
	}
	from, _ := strconv.Atoi(text)
	a.Filling.cases.begin(min(from, n), n)
	if from >= n {
		return nil
	}
	defer a.Filling.cases.done.Store(int64(n))
	h, err := a.newHistory(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(h.tidy(ctx), h.pushEarlier(ctx, from)); err != nil {
		return err
	}
	starts := h.starts(n)
	var failed []error
	for i := from; i < n; i++ {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := h.live(ctx, starts[i], uint64(i)); err != nil {
			err = fmt.Errorf("case %d: %w", i, err)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if failed = append(failed, err); len(failed) > pastMayFail {
				return &PastFailedError{Cases: failed}
			}
		}
		if err := a.set(ctx, "demo.history", strconv.Itoa(i+1)); err != nil {
			return err
		}
		a.Filling.cases.done.Store(int64(i + 1))
		progress(i+1, n)
	}
	if err := h.readOldNews(ctx); err != nil {
		return err
	}
	if err := errors.Join(h.converse(ctx), h.look(ctx), h.grants(ctx)); err != nil {
		return err
	}
	if len(failed) > 0 {
		return &PastFailedError{Cases: failed}
	}
	return nil
}

// newHistory wires a second set of modules on the same database under a moved
// clock. Mail is off: nobody wants a year of letters.
func (a *App) newHistory(ctx context.Context) (*history, error) {
	q, err := jobs.New(a.DB, a.Log)
	if err != nil {
		return nil, err
	}
	cfg := a.Config
	cfg.SMTP, cfg.SMS = "", "" // the past is told in feeds only
	now := a.Clock.Now()
	moved := clock.At(now.AddDate(-1, 0, 0))
	m, err := newModules(a.DB, moved, q, a.Texts, cfg, a.Seal)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(m.Identity.Load(ctx), m.Catalogue.Load(ctx), m.Calendar.Load(ctx)); err != nil {
		return nil, err
	}
	h := &history{Modules: m, clock: moved, cal: workday.Official(), now: now, staff: map[string][]auth.Actor{}}
	return h, h.cast(ctx)
}

// cast finds the people of the demonstration and what they can ask for.
func (h *history) cast(ctx context.Context) error {
	z, err := demo.Load()
	if err != nil {
		return err
	}
	actor := func(login string) (auth.Actor, error) {
		acc, err := h.Identity.AccountByLogin(ctx, login)
		if err != nil {
			return auth.Actor{}, err
		}
		return h.Identity.Actor(ctx, acc.ID)
	}
	for _, s := range z.Staff {
		who, err := actor(s.Login)
		if err != nil {
			return err
		}
		for _, p := range who.Posts {
			switch p.Role {
			case auth.Clerk:
				h.clerks = append(h.clerks, who)
			case auth.Handler, auth.Approver:
				key := p.DepartmentID + "/" + string(p.Role)
				h.staff[key] = append(h.staff[key], who)
			}
		}
	}
	for _, p := range z.People {
		who, err := actor(p.Login)
		if err != nil {
			return err
		}
		h.people = append(h.people, who)
	}
	for _, it := range h.Catalogue.List(catalogue.Filter{}).Items {
		w := 5 + it.Popularity
		if it.Modelled {
			w *= 5
		}
		h.items, h.weights = append(h.items, it), append(h.weights, w)
	}
	return nil
}

// starts draws the moments at which the cases begin, in order: spread over the
// year, denser towards its end so that the workbench has something to do.
func (h *history) starts(n int) []time.Time {
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a demonstration, not a secret
	out := make([]time.Time, n)
	for i := range out {
		day := int(365 * rng.Float64())
		if i%6 == 0 {
			day = 350 + int(15*rng.Float64())
		}
		out[i] = h.office(h.now.AddDate(0, 0, day-365), rng)
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// office moves an instant into the office hours of that working day or the next.
func (h *history) office(t time.Time, rng *rand.Rand) time.Time {
	d := workday.DateOf(t)
	for !h.cal.IsWorkday(d) {
		d = d.AddDays(1)
	}
	minutes := 9*60 + rng.IntN(3*60)
	if rng.IntN(2) == 0 {
		minutes = 13*60 + 30 + rng.IntN(3*60+20)
	}
	return workday.StartOf(d).Add(time.Duration(minutes)*time.Minute + time.Duration(rng.IntN(60_000))*time.Millisecond)
}

// one case on its way.
type course struct {
	*history
	rng  *rand.Rand
	at   time.Time
	who  auth.Actor
	k    cases.Case
	item *catalogue.Item
}

// later moves the clock on by some working days, at least to the next office minute.
func (c *course) later(days float64) error {
	next := c.after(days)
	if next.After(c.now) {
		return errPast
	}
	c.at = next
	c.clock.Set(next)
	return nil
}

// after is the moment some working days on, in office hours.
func (c *course) after(days float64) time.Time {
	var next time.Time
	if whole := int(days); whole > 0 {
		next = c.office(workday.StartOf(c.cal.Add(workday.DateOf(c.at), workday.Days(whole))).Add(time.Hour), c.rng)
	} else {
		next = c.at.Add(time.Duration((20 + 160*days) * float64(time.Minute)))
		if local := next.In(workday.Zone); local.Hour() >= 17 || !c.cal.IsWorkday(workday.DateOf(next)) {
			next = c.office(workday.StartOf(c.cal.Add(workday.DateOf(next), 1)).Add(time.Hour), c.rng)
		}
	}
	return next
}

func (c *course) chance(percent int) bool { return c.rng.IntN(100) < percent }

func (c *course) one(list []auth.Actor) auth.Actor { return list[c.rng.IntN(len(list))] }

func (c *course) ref() cases.Ref { return cases.Ref{ID: c.k.ID} }

// live lives through one case, as far as the past reaches.
func (h *history) live(ctx context.Context, start time.Time, seed uint64) error {
	c := &course{history: h, rng: rand.New(rand.NewPCG(seed, 3)), at: start} //nolint:gosec // a demonstration
	if start.After(h.now) {
		c.at = h.now
	}
	h.clock.Set(c.at)
	for _, step := range []func(context.Context) error{c.file, c.receive, c.handle, c.decide, c.collect} {
		if err := step(ctx); errors.Is(err, errPast) {
			return nil
		} else if err != nil {
			return err
		}
		if c.k.State.Ended() {
			break
		}
	}
	if err := c.open(ctx); errors.Is(err, errPast) {
		return nil
	} else if err != nil {
		return err
	}
	return c.afterwards(ctx)
}

// open is the applicant who looks at what was delivered electronically; one in
// five has not yet.
func (c *course) open(ctx context.Context) error {
	if c.k.State != cases.Delivered || c.k.Collect != cases.Electronic || !c.chance(80) {
		return nil
	}
	if err := c.later(0.02 + c.rng.Float64()); err != nil {
		return err
	}
	return c.Cases.Open(ctx, c.who, c.k.ID)
}

// pick draws an item and somebody who can ask for it.
func (c *course) pick() (enterprise string) {
	total := 0
	for _, w := range c.weights {
		total += w
	}
	n := c.rng.IntN(total)
	for i, w := range c.weights {
		if n -= w; n < 0 {
			c.item = c.items[i]
			break
		}
	}
	for {
		c.who = c.one(c.people)
		firms := slices.DeleteFunc(slices.Clone(c.who.Firms), func(f string) bool { return !c.who.May(f, auth.ModuleCases, c.item.Code, true) })
		switch {
		case c.item.For(catalogue.ForEnterprise) && len(firms) > 0:
			return firms[c.rng.IntN(len(firms))]
		case c.item.For(catalogue.ForPerson):
			return ""
		}
	}
}

// file opens, fills in and hands in the form: online, or by a clerk for a visitor.
func (c *course) file(ctx context.Context) error {
	enterprise := c.pick()
	typist, in := c.who, cases.StartInput{ItemCode: c.item.Code, EnterpriseID: enterprise}
	if atWindow := slices.Contains(c.item.Channels, catalogue.AtWindow) && (c.chance(25) || !c.item.Online()); atWindow {
		typist, in.AccountID = c.one(c.clerks), c.who.ID
	} else if !c.item.Online() {
		return errPast // by post only: nobody files that here
	}
	var err error
	if c.k, err = c.Cases.Start(ctx, typist, in); err != nil {
		return err
	}
	if err := c.set(ctx, "demo.current", string(c.k.ID)); err != nil {
		return err
	}
	if err := c.fillIn(ctx, typist); err != nil {
		return err
	}
	c.k, err = c.Cases.Submit(ctx, typist, c.ref())
	return err
}

func (c *course) fillIn(ctx context.Context, typist auth.Actor) error {
	change := map[string]string{}
	if c.chance(20) && typist.Kind == auth.Person {
		change["collect"] = string(cases.AtWindow)
	}
	if err := c.Cases.TypeSample(ctx, typist, c.k.ID, c.rng.Uint64(), change); err != nil {
		return err
	}
	return c.attach(ctx, typist)
}

// attach hands in what is missing: papers at a window are seen by the clerk.
func (c *course) attach(ctx context.Context, typist auth.Actor) error {
	f, err := c.Cases.Form(ctx, typist, c.k.ID)
	if err != nil {
		return err
	}
	for _, m := range f.Materials {
		if m.How != cases.Missing && (m.How != cases.Later || c.chance(25)) {
			continue
		}
		if len(m.Offers) > 0 && c.chance(80) {
			if err := c.Cases.Reuse(ctx, typist, c.k.ID, m.Key, m.Offers[0].CaseID, m.Offers[0].Key); err != nil {
				return err
			}
			continue
		}
		if typist.Kind == auth.Staff && c.chance(60) {
			if err := c.Cases.Mark(ctx, typist, c.k.ID, m.Key, cases.BySight); err != nil {
				return err
			}
			continue
		}
		if _, err := c.Cases.Attach(ctx, typist, c.k.ID, m.Key, m.Material.Name.ZH+".pdf", bytes.NewReader(samplePDF(m.Material.Name.In("en"))), 1<<20); err != nil {
			return err
		}
		if m.Material.Expires {
			if err := c.Cases.SetUntil(ctx, typist, c.k.ID, m.Key, c.lastDay()); err != nil {
				return err
			}
		}
	}
	return nil
}

// receive is the window: a question for a few, a refusal for fewer.
func (c *course) receive(ctx context.Context) error {
	if c.k.State != cases.Submitted {
		return nil
	}
	clerk := c.one(c.clerks)
	if err := c.later(0.2 + c.rng.Float64()*0.9); err != nil {
		return err
	}
	var err error
	switch {
	case c.chance(3):
		c.k, err = c.Cases.Refuse(ctx, clerk, c.ref(), "申请事项不属于本区办理范围，请向住所地所在县区提出。")
		return err
	case c.chance(2):
		c.k, err = c.Cases.Withdraw(ctx, c.who, c.ref(), "情况有变，暂不办理。")
		return err
	case c.chance(13):
		if err := c.ask(ctx, func(in cases.AskInput) (cases.Case, error) { return c.Cases.AskSupplement(ctx, clerk, c.ref(), in) }); err != nil {
			return err
		}
		if c.k.State == cases.Supplementing {
			if err := c.later(1 + c.rng.Float64()*4); err != nil {
				return err
			}
			if err := c.correct(ctx); err != nil {
				return err
			}
			if err := c.attach(ctx, c.who); err != nil {
				return err
			}
			if c.k, err = c.Cases.Submit(ctx, c.who, c.ref()); err != nil {
				return err
			}
			if err := c.later(c.rng.Float64()); err != nil {
				return err
			}
		}
	}
	c.k, err = c.Cases.Accept(ctx, clerk, c.ref())
	return err
}

// ask asks for one of the uploaded materials again; nothing when there is none.
func (c *course) ask(ctx context.Context, give func(cases.AskInput) (cases.Case, error)) error {
	v, err := c.Cases.View(ctx, c.who, c.k.ID)
	if err != nil {
		return err
	}
	reasons := []string{"扫描件不清晰，请重新上传。", "缺少公章，请盖章后上传。", "日期与申请表不一致，请核对后重新提交。", "缺少最后一页，请补齐。"}
	for _, m := range v.Materials {
		if m.How == cases.ByUpload {
			c.k, err = give(cases.AskInput{Points: []cases.Point{{Kind: "material", Key: m.Key, Reason: reasons[c.rng.IntN(len(reasons))]}}})
			return err
		}
	}
	return nil
}

// handle works through the stages up to the decision.
func (c *course) handle(ctx context.Context) error {
	if c.k.Bundle && c.k.State == cases.Handling {
		return c.handleSteps(ctx)
	}
	for range 20 {
		if c.k.State != cases.Handling {
			return nil
		}
		t, err := c.nextTask(ctx)
		if err != nil || t == nil || t.Decides {
			return err
		}
		if t.Kind == string(catalogue.TaskPublicity) {
			if err := c.waitOut(ctx, t); err != nil {
				return err
			}
			continue
		}
		handler := c.handlerOf(t)
		if t.Kind == string(catalogue.TaskInspection) && t.AssigneeID == "" {
			if err := c.arrange(ctx, handler, t); err != nil {
				return err
			}
			continue
		}
		if t.AssigneeID == "" && c.chance(70) {
			if err := c.later(0.3); err != nil {
				return err
			}
			if c.k, err = c.Cases.Claim(ctx, handler, c.ref()); err != nil {
				return err
			}
		}
		if err := c.later(c.pace(t)); err != nil {
			return err
		}
		if c.chance(5) {
			if err := c.ask(ctx, func(in cases.AskInput) (cases.Case, error) { return c.Cases.SendBack(ctx, handler, c.ref(), in) }); err != nil {
				return err
			}
			if c.k.NeedsApplicant {
				if err := c.later(1 + c.rng.Float64()*4); err != nil {
					return err
				}
				if err := c.attach(ctx, c.who); err != nil {
					return err
				}
				if c.k, err = c.Cases.Reply(ctx, c.who, c.ref()); err != nil {
					return err
				}
				if err := c.later(c.rng.Float64()); err != nil {
					return err
				}
			}
		}
		if c.chance(5) {
			if err := c.special(ctx, handler); err != nil {
				return err
			}
		}
		opinions := []string{"经审查，材料齐全，符合条件。", "现场核查情况与申报一致，同意。", "符合有关规定，建议批准。", "已核对，无异议。"}
		in := cases.EndorseInput{Opinion: opinions[c.rng.IntN(len(opinions))]}
		if c.chance(3) {
			in = cases.EndorseInput{Object: true, Opinion: "部分指标接近下限，建议从严把关。"}
		}
		if c.k, err = c.Cases.Endorse(ctx, handler, c.ref(), in); err != nil {
			return err
		}
	}
	return nil
}

// special is a procedure for which the clock stands still.
func (c *course) special(ctx context.Context, handler auth.Actor) (err error) {
	kinds := [][2]string{{"inspection", "需要到现场核查。"}, {"expert", "需要组织专家评审。"}}
	kind := kinds[c.rng.IntN(len(kinds))]
	if c.k, err = c.Cases.PauseFor(ctx, handler, c.ref(), cases.PauseInput{Kind: kind[0], Until: workday.DateOf(c.clock.Now()).AddDays(14).String(), Reason: kind[1]}); err != nil {
		return err
	}
	if err := c.later(2 + c.rng.Float64()*4); err != nil {
		return err
	}
	c.k, err = c.Cases.Resume(ctx, handler, c.ref(), "")
	return err
}

// nextTask is the open task that comes first.
func (c *course) nextTask(ctx context.Context) (*cases.Task, error) {
	v, err := c.Cases.View(ctx, auth.SystemActor(), c.k.ID)
	if err != nil {
		return nil, err
	}
	var next *cases.Task
	for i := range v.Tasks {
		if t := &v.Tasks[i]; t.State == cases.TaskOpen && t.Role != "" && (next == nil || turn(t) < turn(next)) {
			next = t
		}
	}
	return next, nil
}

// pace is how long a desk takes, in working days: most are well within their
// limit, one in twenty is late.
func (c *course) pace(t *cases.Task) float64 {
	limit := 2.0
	if !t.DueAt.IsZero() {
		limit = max(0.3, float64(c.cal.Between(workday.DateOf(t.CreatedAt), workday.DateOf(t.DueAt.Add(-time.Second)))))
	} else if c.item.Promised.Unit == workday.UnitWorkday {
		limit = max(0.3, float64(c.item.Promised.N)/3)
	}
	if c.chance(5) {
		return limit * (1.3 + c.rng.Float64()*2)
	}
	return limit * (0.1 + 0.6*c.rng.Float64())
}

func (c *course) decide(ctx context.Context) error {
	if c.k.State != cases.Handling || c.k.Bundle {
		return nil
	}
	t, err := c.nextTask(ctx)
	if err != nil || t == nil {
		return err
	}
	if err := c.later(c.pace(t)); err != nil {
		return err
	}
	if heads := c.staff[c.k.DepartmentID+"/"+string(auth.Approver)]; c.chance(4) && len(heads) > 0 {
		switch k, err := c.Cases.Extend(ctx, c.one(heads), c.ref(), 5, "情况复杂，需要进一步核实。"); {
		case err == nil:
			c.k = k
		case !errors.Is(err, cases.ErrTooLate): // a desk that is late already can not ask for more time
			return err
		}
	}
	if err := c.settle(ctx); err != nil {
		return err
	}
	in := cases.DecideInput{Outcome: cases.Granted}
	if c.chance(5) {
		in = []cases.DecideInput{
			{Outcome: cases.Denied, Reason: "申报数据与财务报表不一致，未达到规定条件。"},
			{Outcome: cases.Partly, Reason: "所附清单中后两项与本事项无关，不符合规定条件，其余予以批准。"},
			{Outcome: cases.Denied, Reason: "提交的证明已经过期，未达到规定条件。"},
			{Outcome: cases.Ended, Reason: "申请人已经注销，申请的内容失去意义。"},
		}[c.k.SubmittedAt.Unix()%4]
		if in.Outcome == cases.Partly && !strings.ContainsAny(c.k.ItemName.ZH, "补奖助券") { // money can be granted in part, a licence hardly
			in = cases.DecideInput{Outcome: cases.Denied, Reason: "提交的证明已经过期，未达到规定条件。"}
		}
	}
	c.k, err = c.Cases.Decide(ctx, c.one(c.staff[t.DepartmentID+"/"+t.Role]), c.ref(), in)
	return err
}

// collect hands the result over at any window of the city.
func (c *course) collect(ctx context.Context) error {
	if c.k.State != cases.Decided {
		return nil
	}
	if err := c.later(0.5 + c.rng.Float64()*4); err != nil {
		return err
	}
	in := cases.DeliverInput{How: cases.AtWindow, Receiver: c.who.Name, Pickup: c.k.PickupCode}
	if c.k.Collect == cases.ByPost {
		in = cases.DeliverInput{How: cases.ByPost, Carrier: "EMS", Tracking: fmt.Sprintf("10%09d", c.rng.IntN(1e9))}
	}
	var err error
	c.k, err = c.Cases.Deliver(ctx, c.one(c.clerks), c.ref(), in)
	return err
}

// tidy ends the case that a stopped start was in the middle of: its applicant
// withdraws it, so that no deadline of months ago stands open.
func (h *history) tidy(ctx context.Context) error {
	id, err := h.setting(ctx, "demo.current")
	if err != nil || id == "" {
		return err
	}
	k, err := h.Cases.Find(ctx, cases.ID(id))
	if errors.Is(err, cases.ErrNotFound) || err == nil && (k.State.Ended() || k.State == cases.Decided) {
		return nil
	}
	if err != nil {
		return err
	}
	h.clock.Set(k.UpdatedAt.Add(time.Hour))
	_, err = h.Cases.Withdraw(ctx, auth.SystemActor(), cases.Ref{ID: k.ID}, "")
	return err
}

// readOldNews marks what is older than five days as read, as people do.
func (h *history) readOldNews(ctx context.Context) error {
	upTo := ids.New(h.now.AddDate(0, 0, -5))
	for _, p := range h.people {
		if err := h.Notify.MarkRead(ctx, p.ID, upTo); err != nil {
			return err
		}
	}
	return nil
}

// samplePDF is a one-page document that names what it stands for.
func samplePDF(title string) []byte {
	ascii := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`()\`, r) {
			return ' '
		}
		return r
	}, title)
	text := "BT /F1 20 Tf 72 720 Td (" + ascii + ") Tj 0 -32 Td /F1 12 Tf (Sample document of the Tongban demonstration) Tj ET"
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(text), text),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}

// afterwards is the rating, by somewhat more than half of those who were asked.
func (c *course) afterwards(ctx context.Context) error {
	if (c.k.State != cases.Delivered && c.k.State != cases.Refused) || !c.chance(60) {
		return nil
	}
	if err := c.later(c.rng.Float64() * 3); err != nil {
		return nil //nolint:nilerr // the past ends before the rating
	}
	score := []int{5, 5, 5, 5, 5, 4, 4, 4, 3, 3, 2, 1}[c.rng.IntN(12)]
	if c.k.Outcome == cases.Granted && score < 3 && c.chance(60) {
		score = 4
	}
	texts := map[int][]string{
		5: {"", "很快，材料只交了一次。", "窗口态度好，说得清楚。"}, 4: {"", "比以前方便。"}, 3: {"", "等的时间有点长。"},
		2: {"要补的材料没有一次说清。", "电话很难打通。"}, 1: {"没有说明不批准的具体原因。"},
	}[score]
	err := c.Feedback.RateCase(ctx, c.who, string(c.k.ID), feedback.RateInput{Score: score, Text: texts[c.rng.IntN(len(texts))], Anonymous: c.chance(30)})
	if errors.Is(err, feedback.ErrNotFound) {
		return nil // nobody was asked
	}
	return err
}
