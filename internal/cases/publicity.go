package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/personal"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Publicity is a task in whose period everybody may object, as the public reads it.
type Publicity struct {
	TaskID    string
	CaseID    ID
	Token     string
	OpenedAt  time.Time
	UntilAt   time.Time // first instant that is too late for an objection
	EndedAt   time.Time
	Name      i18n.Text // of the task
	ItemName  i18n.Text
	Applicant i18n.Text // of a person without the middle; empty when the period is over, as are the answers
	Dept      i18n.Text
	Phone     string
	Fields    []catalogue.Field
	Answers   map[string]any // of those fields
}

// Open says whether objections can be raised.
func (p Publicity) Open(now time.Time) bool { return p.EndedAt.IsZero() && now.Before(p.UntilAt) }

// Objection against what is publicised.
type Objection struct {
	ID         string
	TaskID     string
	Name       string // of who objects; "" for a reader who may not know it
	Contact    string
	Body       string
	Channel    string // "online", "window"
	FiledAt    time.Time
	Upheld     bool
	Answer     string // "" while undecided
	AnsweredAt time.Time
	Version    int
}

// ObjectInput is an objection.
type ObjectInput struct {
	Name, Contact, Body string
}

func (in *ObjectInput) check() error {
	in.Name, in.Contact, in.Body = strings.TrimSpace(in.Name), strings.TrimSpace(in.Contact), strings.TrimSpace(in.Body)
	bad := ErrIncomplete
	for _, x := range []struct {
		name, v string
		max     int
	}{{"name", in.Name, 50}, {"contact", in.Contact, 50}, {"body", in.Body, 2000}} {
		switch n := utf8.RuneCountInString(x.v); {
		case n == 0:
			bad = bad.At(x.name, errRequired.Code)
		case n > x.max:
			bad = bad.At(x.name, errLong.Code, "max", x.max, "have", n)
		}
	}
	if in.Contact != "" && !reachable(in.Contact) {
		bad = bad.At("contact", ErrContact.Code)
	}
	return bad.OrNil()
}

// reachable says whether somebody can be answered there: a telephone of any
// country, or a mail address. Who objects and cannot be reached has no answer.
func reachable(contact string) bool {
	digits := 0
	for _, r := range contact {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return digits >= 7 || strings.Contains(contact, "@")
}

// publicise puts a task of the kind before the public.
func (w *work) publicise(ctx context.Context, t *Task) error {
	token := ids.Token()
	if _, err := w.svc.DB.Exec(ctx, `INSERT INTO cases_publicity (task_id, case_id, token, opened_at, until_at, ended_at) VALUES ($1,$2,$3,$4,$5,0)`,
		t.ID, string(w.ID), token, db.MS(w.now), db.MS(t.DueAt)); err != nil {
		return err
	}
	w.also(CmdPublicise, true, map[string]any{"task": t.Name, "token": token, "until": db.MS(t.DueAt)})
	return nil
}

// endPublicities takes a task, or with "" all of the case, off the public page.
func (w *work) endPublicities(ctx context.Context, task string) error {
	if !slices.ContainsFunc(w.tasks, func(t Task) bool { return t.is(catalogue.TaskPublicity) }) {
		return nil
	}
	_, err := w.svc.DB.Exec(ctx, `UPDATE cases_publicity SET ended_at=$2 WHERE case_id=$1 AND ended_at=0 AND ($3='' OR task_id=$3)`, string(w.ID), db.MS(w.now), task)
	return err
}

// Object writes down an objection that came by telephone, letter or at a window.
func (s *Service) Object(ctx context.Context, actor auth.Actor, ref Ref, in ObjectInput) (Case, error) {
	return s.run(ctx, actor, ref, CmdObject, "", func(ctx context.Context, w *work) error {
		return w.object(ctx, in, "window", actor.ID)
	})
}

// FileObjection takes an objection in from the public page: from anybody, with
// a name and a way to answer him. Tries are counted by address.
func (s *Service) FileObjection(ctx context.Context, from auth.Actor, token string, in ObjectInput) error {
	if err := in.check(); err != nil {
		return err
	}
	p, err := s.PublicityByToken(ctx, token)
	if err != nil {
		return err
	}
	if err := s.Throttle.Hit(ctx, "objection:"+from.From, 10, time.Hour); err != nil {
		return err
	}
	_, err = s.run(ctx, auth.SystemActor(), Ref{ID: p.CaseID}, CmdObject, "", func(ctx context.Context, w *work) error {
		if w.task = taskByID(w.tasks, p.TaskID); w.task == nil || w.task.State != TaskOpen {
			return ErrOver
		}
		w.aside = true
		return w.object(ctx, in, "online", from.ID)
	})
	if errors.Is(err, ErrState) || errors.Is(err, ErrNoTask) {
		return ErrOver
	}
	return err
}

func taskByID(tasks []Task, id string) *Task {
	for i := range tasks {
		if tasks[i].ID == id {
			return &tasks[i]
		}
	}
	return nil
}

func (w *work) object(ctx context.Context, in ObjectInput, channel, by string) error {
	if err := in.check(); err != nil {
		return err
	}
	if !w.now.Before(w.task.DueAt) {
		return ErrOver
	}
	w.detail["task"], w.detail["channel"] = w.task.Name, channel
	id := ids.New(w.now)
	_, err := w.svc.DB.Exec(ctx, `INSERT INTO cases_objection (id, case_id, task_id, name, contact, body, channel, filed_by, filed_at, upheld, answer, answered_by, answered_at, version)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,FALSE,'','',0,1)`, id, string(w.ID), w.task.ID, in.Name, w.svc.store.ring.Seal(sealedContact, id, in.Contact), in.Body, channel, by, db.MS(w.now))
	return err
}

// sameVersion takes back what save did to the version, in the same transaction:
// whoever has the case open can go on.
func (s store) sameVersion(ctx context.Context, k *Case) error {
	err := s.db.ExecOne(ctx, `UPDATE cases_case SET version=version-1 WHERE id=$1 AND version=$2`, string(k.ID), k.Version)
	k.Version--
	return err
}

// AnswerInput decides an objection.
type AnswerInput struct {
	ObjectionID string
	Upheld      bool
	Text        string
}

// Answer decides an objection, with reasons. When the period is over and this
// was the last one, the publicity ends.
func (s *Service) Answer(ctx context.Context, actor auth.Actor, ref Ref, in AnswerInput) (Case, error) {
	return s.run(ctx, actor, ref, CmdAnswer, in.Text, func(ctx context.Context, w *work) error {
		if w.task.AssigneeID != "" && !inHand(actor, w.task) {
			return ErrTaken
		}
		n, err := s.DB.Exec(ctx, `UPDATE cases_objection SET upheld=$3, answer=$4, answered_by=$5, answered_at=$6, version=version+1 WHERE id=$1 AND task_id=$2 AND answer=''`,
			in.ObjectionID, w.task.ID, in.Upheld, w.reason, actor.ID, db.MS(w.now))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNoTask.At("objection", ErrNoTask.Code)
		}
		w.detail["task"], w.detail["upheld"] = w.task.Name, in.Upheld
		if w.now.Before(w.task.DueAt) {
			return nil
		}
		person, why := w.actor, w.reason
		w.system()
		w.reason = ""
		err = w.closePublicity(ctx, w.task)
		w.actor, w.reason = person, why
		if errors.Is(err, ErrObjections) {
			return nil // others are still undecided
		}
		return err
	})
}

// closePublicity ends a publicity whose period is over: with an objection when
// one was upheld.
func (w *work) closePublicity(ctx context.Context, t *Task) error {
	type counts struct{ open, upheld int }
	n, err := db.One(ctx, w.svc.DB.Write(ctx), func(r db.Scanner) (c counts, err error) { return c, r.Scan(&c.open, &c.upheld) },
		`SELECT count(*) FILTER (WHERE answer=''), count(*) FILTER (WHERE upheld) FROM cases_objection WHERE task_id=$1`, t.ID)
	if err != nil {
		return err
	}
	if n.open > 0 {
		return ErrObjections
	}
	result := "agree"
	if n.upheld > 0 {
		result = "object"
	}
	w.also(CmdEndorse, false, map[string]any{"task": t.Name, "result": result})
	w.task = t
	return w.complete(ctx, result)
}

// endPublicity is closePublicity by the sweep, for every publicity of the case
// whose day has come. What waits for the answer to an objection goes on.
func (s *Service) endPublicity(ctx context.Context, id ID) error {
	_, err := s.run(ctx, auth.SystemActor(), Ref{ID: id}, CmdEndorse, "", func(ctx context.Context, w *work) error {
		waits := false
		for i := range w.tasks {
			t := &w.tasks[i]
			if !t.is(catalogue.TaskPublicity) || t.State != TaskOpen || w.now.Before(t.DueAt) {
				continue
			}
			mark := len(w.more)
			if err := w.closePublicity(ctx, t); errors.Is(err, ErrObjections) {
				waits = true
				continue
			} else if err != nil {
				return err
			}
			// The command itself says it.
			w.detail = w.more[mark].Detail
			w.more = slices.Delete(w.more, mark, mark+1)
			return nil
		}
		if waits {
			return ErrObjections
		}
		return ErrState
	})
	if errors.Is(err, ErrObjections) || errors.Is(err, ErrNoTask) {
		return nil
	}
	return err
}

const publicityColumns = `p.task_id, p.case_id, p.token, p.opened_at, p.until_at, p.ended_at`

func scanPublicity(r db.Scanner) (p Publicity, err error) {
	return p, r.Scan(&p.TaskID, &p.CaseID, &p.Token, db.Time{Time: &p.OpenedAt}, db.Time{Time: &p.UntilAt}, db.Time{Time: &p.EndedAt})
}

// Bounds of the public pages.
const (
	publicSize = 50  // publicities on a page
	publicHits = 240 // pages that one address may read in a quarter of an hour
)

// Publicities lists what can be objected to now, the nearest end first, a page
// at a time; after is what the page before named as next. Of each it says what
// the list shows. Pages are counted by address.
func (s *Service) Publicities(ctx context.Context, from auth.Actor, after string) (list []Publicity, next string, err error) {
	if err := s.readsPublic(ctx, from); err != nil {
		return nil, "", err
	}
	at, id, _ := strings.Cut(after, "~")
	ms, _ := strconv.ParseInt(at, 10, 64) // nonsense is the first page
	ms = max(ms, db.MS(s.Clock.Now())+1)
	list, err = db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (p Publicity, err error) {
		var kind identity.HolderKind
		err = r.Scan(&p.TaskID, &p.CaseID, &p.Token, db.Time{Time: &p.OpenedAt}, db.Time{Time: &p.UntilAt}, db.Time{Time: &p.EndedAt},
			db.JSON[i18n.Text]{V: &p.ItemName}, &kind, db.JSON[i18n.Text]{V: &p.Applicant})
		p.Applicant = publicName(kind, p.Applicant)
		return p, err
	}, `SELECT `+publicityColumns+`, c.item_name, c.party_kind, c.party_name FROM cases_publicity p JOIN cases_case c ON c.id = p.case_id
		WHERE p.ended_at=0 AND p.until_at >= $1 AND (p.until_at > $1 OR p.task_id > $2) ORDER BY p.until_at, p.task_id LIMIT $3`, ms, id, publicSize+1)
	if err != nil {
		return nil, "", fmt.Errorf("cases: publicities: %w", err)
	}
	if len(list) > publicSize {
		list = list[:publicSize]
		last := list[publicSize-1]
		next = strconv.FormatInt(db.MS(last.UntilAt), 10) + "~" + last.TaskID
	}
	return list, next, nil
}

// readsPublic counts a page of what everybody may read.
func (s *Service) readsPublic(ctx context.Context, from auth.Actor) error {
	return s.Throttle.Hit(ctx, "publicity-from:"+from.From, publicHits, 15*time.Minute)
}

// publicName is an applicant as everybody may read him: of a person without the middle.
func publicName(kind identity.HolderKind, name i18n.Text) i18n.Text {
	if kind == identity.HolderEnterprise {
		return name
	}
	return i18n.Text{ZH: personal.Shown(personal.Name, personal.World, personal.Reader{}, name.ZH), EN: personal.Shown(personal.Name, personal.World, personal.Reader{}, name.In(i18n.English))}
}

// ReadPublicity is PublicityByToken for a reader, counted by his address.
func (s *Service) ReadPublicity(ctx context.Context, from auth.Actor, token string) (Publicity, error) {
	if err := s.readsPublic(ctx, from); err != nil {
		return Publicity{}, err
	}
	return s.PublicityByToken(ctx, token)
}

// PublicityByToken is what the public reads under an address.
func (s *Service) PublicityByToken(ctx context.Context, token string) (Publicity, error) {
	p, ok, err := db.Maybe(ctx, s.DB.Read(ctx), scanPublicity, `SELECT `+publicityColumns+` FROM cases_publicity p WHERE p.token=$1`, token)
	if err != nil {
		return p, fmt.Errorf("cases: publicity: %w", err)
	}
	if !ok {
		return p, ErrNotFound
	}
	return p, s.describe(ctx, &p)
}

// describe adds what everybody may know, and no more: who asks for what, and
// the answers that the flow names.
func (s *Service) describe(ctx context.Context, p *Publicity) error {
	k, err := s.store.find(ctx, `c.id=$1`, string(p.CaseID))
	if err != nil {
		return err
	}
	item, err := s.itemOf(ctx, &k)
	if err != nil {
		return err
	}
	dept := s.Identity.Directory().Department(k.DepartmentID)
	p.ItemName, p.Dept, p.Phone = k.ItemName, dept.Name, dept.Phone
	p.Applicant = publicName(k.Party.Kind, k.Party.Name)
	tasks, err := s.store.tasks(ctx, p.CaseID)
	if err != nil {
		return err
	}
	w := work{item: item}
	t := taskByID(tasks, p.TaskID)
	if t == nil {
		return nil
	}
	p.Name = t.Name
	if !p.Open(s.Clock.Now()) { // its purpose is served: who asked for what is nobody's business any more
		p.Applicant = i18n.Text{}
		return nil
	}
	d, _ := w.defined(t)
	snaps, err := s.store.snapshots(ctx, p.CaseID, 1)
	if err != nil || len(snaps) == 0 {
		return err
	}
	p.Answers = map[string]any{}
	for _, id := range d.Shows {
		if f, ok := item.Field(id); ok && !f.Type.Personal() && snaps[0].Answers[id] != nil {
			p.Fields, p.Answers[id] = append(p.Fields, f), snaps[0].Answers[id]
		}
	}
	return nil
}

// TaskFacts is what belongs to a task beside its row.
type TaskFacts struct {
	Inspection *Inspection
	Publicity  *Publicity // only its address and days
	Objections []Objection
	Files      []string // ids
}

// facts of the tasks of a case, for staff. Who objects is told only to the
// department that has the publicity in hand.
func (s *Service) taskFacts(ctx context.Context, actor auth.Actor, tasks []Task) (map[string]TaskFacts, error) {
	has := func(kinds ...catalogue.TaskKind) bool {
		return slices.ContainsFunc(tasks, func(t Task) bool { return slices.Contains(kinds, catalogue.TaskKind(t.Kind)) })
	}
	if !has(catalogue.TaskInspection, catalogue.TaskOpinion, catalogue.TaskPublicity) {
		return nil, nil
	}
	out := map[string]TaskFacts{}
	id := string(tasks[0].CaseID)
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (x [2]string, err error) { return x, r.Scan(&x[0], &x[1]) },
		`SELECT task_id, file_id FROM cases_task_file WHERE case_id=$1 AND removed_at=0 ORDER BY added_at, id`, id)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		f := out[x[0]]
		f.Files = append(f.Files, x[1])
		out[x[0]] = f
	}
	if has(catalogue.TaskInspection) {
		list, err := db.List(ctx, s.DB.Read(ctx), scanInspection, `SELECT `+inspectionColumns+` FROM cases_inspection WHERE case_id=$1`, id)
		if err != nil {
			return nil, err
		}
		for i := range list {
			for _, o := range list[i].Officers {
				list[i].Names = append(list[i].Names, s.Identity.NameOf(ctx, o))
			}
			f := out[list[i].TaskID]
			f.Inspection = &list[i]
			out[list[i].TaskID] = f
		}
	}
	if has(catalogue.TaskPublicity) {
		return out, s.publicityFacts(ctx, actor, tasks, out)
	}
	return out, nil
}

func (s *Service) publicityFacts(ctx context.Context, actor auth.Actor, tasks []Task, out map[string]TaskFacts) error {
	id := string(tasks[0].CaseID)
	list, err := db.List(ctx, s.DB.Read(ctx), scanPublicity, `SELECT `+publicityColumns+` FROM cases_publicity p WHERE p.case_id=$1`, id)
	if err != nil {
		return err
	}
	for i := range list {
		f := out[list[i].TaskID]
		f.Publicity = &list[i]
		out[list[i].TaskID] = f
	}
	objections, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (o Objection, err error) {
		err = r.Scan(&o.ID, &o.TaskID, &o.Name, &o.Contact, &o.Body, &o.Channel, db.Time{Time: &o.FiledAt}, &o.Upheld, &o.Answer, db.Time{Time: &o.AnsweredAt}, &o.Version)
		if err == nil {
			o.Contact, err = s.store.ring.Open(sealedContact, o.ID, o.Contact)
		}
		return o, err
	}, `SELECT id, task_id, name, contact, body, channel, filed_at, upheld, answer, answered_at, version FROM cases_objection WHERE case_id=$1 ORDER BY id`, id)
	if err != nil {
		return err
	}
	for _, o := range objections {
		t := taskByID(tasks, o.TaskID)
		if t == nil || !slices.ContainsFunc(actor.Posts, func(p auth.Post) bool { return p.DepartmentID == t.DepartmentID }) {
			o.Name, o.Contact = "", ""
		}
		f := out[o.TaskID]
		f.Objections = append(f.Objections, o)
		out[o.TaskID] = f
	}
	return nil
}

// EndPublicities ends those whose period is over; the sweep calls it.
func (s *Service) EndPublicities(ctx context.Context) error {
	return s.sweepEach(ctx, "publicities", s.endPublicity, `c.state='handling' AND c.id IN (SELECT p.case_id FROM cases_publicity p WHERE p.ended_at=0 AND p.until_at <= $1)`, db.MS(s.Clock.Now()))
}
