package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Procedure is a procedure kind (办理程序): how a module takes part in the
// commands of the cases whose item names it, in the same transaction. What it
// writes stands with the command or falls with it: a budget is reserved, or the
// decision does not happen. Register it in internal/app.
type Procedure interface {
	// Kind is the key that items name.
	Kind() string
	// Check reports what is wrong with what an item says of the procedure, as
	// parameter and error code, when the item is published.
	Check(ctx context.Context, p catalogue.Procedure, d catalogue.Definition) []errs.Field
	// Asks lists what has to be said with a decision that grants, besides what the
	// engine asks for, and what is proposed for it. It is asked for with no other
	// command or outcome, and a case that asks for something is not granted
	// together with others.
	Asks(ctx context.Context, a *Act) ([]catalogue.Field, Typed, error)
	// Before is asked when the command is known to be possible and before it
	// changes anything; an error refuses it. It only reads. A refusal of the
	// engine's own decision (an instant item) leaves the case to people; one that
	// concerns a step of an order refuses what was to be done with the order.
	Before(ctx context.Context, a *Act) error
	// After writes what follows from one event of the command. An error refuses
	// the whole command.
	After(ctx context.Context, a *Act) error
	// Facts says how the procedure stands, for the page of the case.
	Facts(ctx context.Context, a *Act) ([]Fact, error)
}

// Act is a command on a case in the eyes of a procedure.
type Act struct {
	Case    Case // as it stands; in After as the command left it
	Item    *catalogue.Item
	Command Command // "" in Facts
	Outcome Outcome // of a decision
	Actor   auth.Actor
	Reason  string
	Answers map[string]any // as submitted last
	Said    map[string]any // the answers to Asks, checked
	At      time.Time

	words map[string]i18n.Text
}

// Param is what the item says of the procedure.
func (a *Act) Param(name string) string { return a.Item.Procedure.Param(name) }

// Word fills {procedure.<name>} in the text of the decision; for After of a
// decision it comes too late, so Before sets it.
func (a *Act) Word(name string, t i18n.Text) {
	if a.words == nil {
		a.words = map[string]i18n.Text{}
	}
	a.words[name] = t
}

// Fact is one line about a procedure: locale keys with their parameters.
type Fact struct {
	Label  string // locale key
	Text   string // locale key
	Params map[string]any
	Warn   bool
	Public bool // the applicant sees it, too
}

// Register adds a procedure kind. Two of one kind are a mistake of the program.
func (s *Service) Register(p Procedure) {
	if s.procedures == nil {
		s.procedures = map[string]Procedure{}
	}
	if _, twice := s.procedures[p.Kind()]; twice {
		panic("cases: two procedures of kind " + p.Kind())
	}
	s.procedures[p.Kind()] = p
}

// ProcedureKinds lists the kinds that items can name.
func (s *Service) ProcedureKinds() []string {
	out := make([]string, 0, len(s.procedures))
	for k := range s.procedures {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// CheckProcedure reports what is wrong with the procedure of an item, for the
// catalogue at publishing.
func (s *Service) CheckProcedure(ctx context.Context, d catalogue.Definition) []errs.Field {
	if d.Procedure.Kind == "" {
		return nil
	}
	p, ok := s.procedures[d.Procedure.Kind]
	if !ok {
		return []errs.Field{{Name: "kind", Code: errNoProcedure.Code, Params: map[string]any{"value": d.Procedure.Kind}}}
	}
	return p.Check(ctx, d.Procedure, d)
}

// procedureOf the item; nil for most, and for what was awarded, whatever the item.
func (s *Service) procedureOf(k *Case, item *catalogue.Item) (Procedure, error) {
	if item.Procedure.Kind == "" || k.Channel == ByAward {
		return nil, nil
	}
	p, ok := s.procedures[item.Procedure.Kind]
	if !ok { // an older version of the item names what this program does not know: better nothing than half of it
		return nil, fmt.Errorf("cases: item %s: %w", item.Code, ErrNoProcedure.With("kind", item.Procedure.Kind))
	}
	return p, nil
}

// act describes the work for a procedure.
func (w *work) act(ctx context.Context, cmd Command, o Outcome) (*Act, error) {
	answers := w.taken
	if answers == nil {
		var err error
		if answers, err = w.answers(ctx); err != nil {
			return nil, err
		}
	}
	return &Act{Case: w.Case, Item: w.item, Command: cmd, Outcome: o, Actor: w.actor, Reason: w.reason, Answers: answers, Said: w.said, At: w.now}, nil
}

// before asks the procedure of the item, if it has one, whether the command may
// be done. A decision is asked about when its outcome is known.
func (w *work) before(ctx context.Context, cmd Command, o Outcome) error {
	p, err := w.svc.procedureOf(&w.Case, w.item)
	if p == nil || err != nil {
		return err
	}
	a, err := w.act(ctx, cmd, o)
	if err != nil {
		return err
	}
	if cmd == CmdDecide && o.Grants() {
		fields, proposed, err := p.Asks(ctx, a)
		if err != nil {
			return err
		}
		if w.alike && len(fields) > 0 { // nobody saw what would be granted
			return ErrOneByOne
		}
		typed := w.typed
		if w.actor.Kind == auth.System || typed == nil { // nobody was asked: what is proposed holds
			typed = proposed
		}
		if a.Said, err = said(fields, typed); err != nil {
			return err
		}
		w.said = a.Said
	}
	if err := p.Before(ctx, a); err != nil {
		return err
	}
	w.words = a.words
	return nil
}

// beforeStep asks the procedure of a step of an order, which is done along with
// a command on the order or on another of its steps. A refusal names the step,
// for whoever gave the command looks at something else, and refuses it whole.
func (w *work) beforeStep(ctx context.Context, cmd Command) error {
	err := w.before(ctx, cmd, "")
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Kind == errs.Internal {
		return err
	}
	why := i18n.Sentence{Key: "error." + e.Code, Params: e.Params}
	if len(e.Fields) > 0 {
		why = i18n.Sentence{Key: "error." + e.Fields[0].Code, Params: e.Fields[0].Params}
	}
	return ErrStepRefused.With("step", w.ItemName).With("why", why).Because(err)
}

// after lets the procedure write what follows from the events of the command.
func (w *work) after(ctx context.Context, all []Event) error {
	p, err := w.svc.procedureOf(&w.Case, w.item)
	if p == nil || err != nil {
		return err
	}
	for _, e := range all {
		a, err := w.act(ctx, e.Command, "")
		if err != nil {
			return err
		}
		if e.Command == CmdDecide {
			a.Outcome = w.Outcome
		}
		a.Reason = e.Reason
		if err := p.After(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// people says that the engine left a decision of its own to people because the
// procedure refused it, and why; any other error is returned.
func (w *work) people(err error) (bool, error) {
	var e *errs.Error
	if !errors.As(err, &e) || e.Kind != errs.Conflict && e.Kind != errs.Invalid {
		return false, err
	}
	w.also(CmdNote, false, map[string]any{"not_automatic": e.Code})
	w.more[len(w.more)-1].Reason = "没有自动办理，转由工作人员处理。"
	return true, nil
}

// said checks what was said for a procedure like the fields of a form.
func said(fields []catalogue.Field, typed Typed) (map[string]any, error) {
	answers := map[string]any{}
	bad := ErrIncomplete
	wrong := false
	for _, f := range fields {
		v, code, params := answer(f, typed[f.ID])
		if code == "" && v == nil && f.Required {
			code = errRequired.Code
		}
		if code != "" {
			bad, wrong = bad.At(SaidPrefix+f.ID, code, i18n.Map(params)...), true
			continue
		}
		if v != nil {
			answers[f.ID] = v
		}
	}
	if wrong {
		return nil, bad
	}
	return answers, nil
}

// SaidPrefix of the names of what Asks asks for, in forms and complaints.
const SaidPrefix = "procedure."

// Said lists what the procedure of a case asks for with a command, which is a
// decision that grants, and what is proposed; nothing for most items.
func (s *Service) Said(ctx context.Context, actor auth.Actor, v *View, cmd Command) ([]catalogue.Field, Typed, error) {
	if cmd != CmdDecide {
		return nil, nil, nil
	}
	p, err := s.procedureOf(&v.Case, v.Item)
	if p == nil || err != nil {
		return nil, nil, err
	}
	return p.Asks(ctx, &Act{Case: v.Case, Item: v.Item, Command: cmd, Outcome: Granted, Actor: actor, Answers: v.Answers, At: s.Clock.Now()})
}

// facts of the procedure of a case, for who may see them.
func (s *Service) facts(ctx context.Context, actor auth.Actor, v *View) ([]Fact, error) {
	p, ok := s.procedures[v.Item.Procedure.Kind]
	if !ok || v.State == Draft || v.Channel == ByAward { // a case whose kind is gone can still be read
		return nil, nil
	}
	out, err := p.Facts(ctx, &Act{Case: v.Case, Item: v.Item, Actor: actor, Answers: v.Answers, At: s.Clock.Now()})
	if err != nil {
		return nil, err
	}
	if actor.Kind == auth.Person || actor.Kind == auth.Client {
		out = slices.DeleteFunc(out, func(f Fact) bool { return !f.Public })
	}
	return out, nil
}

// worded fills the words of the procedure into a text.
func worded(t i18n.Text, words map[string]i18n.Text) i18n.Text {
	if len(words) == 0 {
		return t
	}
	var zh, en []string
	for name, w := range words {
		zh, en = append(zh, "{procedure."+name+"}", w.ZH), append(en, "{procedure."+name+"}", w.In(i18n.English))
	}
	return i18n.Text{ZH: strings.NewReplacer(zh...).Replace(t.ZH), EN: strings.NewReplacer(en...).Replace(t.EN)}
}
