package budget

import (
	"context"
	"fmt"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
)

// Procedure is the part that funds take in cases.
type Procedure struct{ svc *Service }

// Procedure of kind "subsidy".
func (s *Service) Procedure() Procedure { return Procedure{s} }

var _ cases.Procedure = Procedure{}

// Kind names the procedure.
func (Procedure) Kind() string { return Kind }

// Check wants a fund that is there, a field that holds an amount, and a unit.
// An unknown fund is said when the item is published, not when it is loaded
// with the zone, which brings items and funds together.
func (p Procedure) Check(ctx context.Context, x catalogue.Procedure, d catalogue.Definition) []errs.Field {
	var bad []errs.Field
	t, param, value := readTerms(x)
	switch param {
	case "unit":
		bad = append(bad, errs.Field{Name: "params.unit", Code: errUnit.Code, Params: map[string]any{"value": value}})
	case "max":
		bad = append(bad, errs.Field{Name: "params.max", Code: errMax.Code, Params: map[string]any{"value": value}})
	}
	if f, ok := d.WithDefaults().Field(t.field); !ok || f.Type != catalogue.FieldNumber && f.Type != catalogue.FieldMoney {
		bad = append(bad, errs.Field{Name: "params.field", Code: errField.Code, Params: map[string]any{"value": t.field}})
	}
	if _, err := p.svc.store.fund(ctx, `key=$1`, t.fund); err != nil {
		bad = append(bad, errs.Field{Name: "params.fund", Code: errFund.Code, Params: map[string]any{"value": t.fund}})
	}
	return bad
}

// standing is what a case has to do with its fund.
type standing struct {
	terms   terms
	fund    Fund
	entries map[EntryKind]Entry
}

func (p Procedure) standing(ctx context.Context, a *cases.Act) (st standing, err error) {
	var bad string
	if st.terms, bad, _ = readTerms(a.Item.Procedure); bad != "" {
		return st, fmt.Errorf("budget: item %s: parameter %s", a.Item.Code, bad)
	}
	if st.fund, err = p.svc.store.fund(ctx, `key=$1`, st.terms.fund); err != nil {
		return st, fmt.Errorf("budget: fund %s of item %s: %w", st.terms.fund, a.Item.Code, err)
	}
	st.entries, err = p.svc.store.ofCase(ctx, string(a.Case.ID))
	return st, err
}

// reserved is what the case still holds.
func (st standing) reserved() money.Fen {
	if _, done := st.entries[EntryRelease]; done {
		return 0
	}
	return st.entries[EntryReserve].Amount
}

// Asks wants the amount granted, which may be less than what was asked for.
func (p Procedure) Asks(ctx context.Context, a *cases.Act) ([]catalogue.Field, cases.Typed, error) {
	if a.Command != cases.CmdDecide {
		return nil, nil, nil
	}
	st, err := p.standing(ctx, a)
	if err != nil {
		return nil, nil, err
	}
	asked := st.terms.asked(a.Answers)
	least := 0.01
	return []catalogue.Field{{
		ID: "amount", Type: catalogue.FieldMoney, Required: true, Min: &least,
		Label: p.svc.text("budget.ask.amount"), Hint: p.svc.text("budget.ask.amount_hint", "asked", asked.String(), "left", (st.fund.Left() + st.reserved()).String()),
	}}, cases.Typed{"amount": {yuan(asked)}}, nil
}

// amount that a decision grants.
func amount(a *cases.Act) money.Fen {
	v, _ := a.Said["amount"].(float64)
	fen, err := money.Parse(yuanOf(v))
	if err != nil {
		return 0
	}
	return fen
}

// Before refuses to grant what was not asked for or is not there.
func (p Procedure) Before(ctx context.Context, a *cases.Act) error {
	if a.Command != cases.CmdDecide || !a.Outcome.Grants() {
		return nil
	}
	st, err := p.standing(ctx, a)
	if err != nil {
		return err
	}
	grant, asked := amount(a), st.terms.asked(a.Answers)
	left := st.fund.Left() + st.reserved()
	switch {
	case st.fund.Closed:
		return ErrClosed.With("fund", st.fund.Name)
	case grant <= 0 || grant > asked:
		return ErrInvalid.At(cases.SaidPrefix+"amount", errAmount.Code, "max", asked.String())
	case grant > left:
		return ErrExhausted.With("fund", st.fund.Name).With("left", left.String()).With("asked", grant.String())
	}
	a.Word("amount", i18n.Text{ZH: grant.String() + "元", EN: grant.String() + " yuan"})
	a.Word("fund", st.fund.Name)
	return nil
}

// After books what follows from the event.
func (p Procedure) After(ctx context.Context, a *cases.Act) error {
	decided := a.Command == cases.CmdDecide
	// However a case ends, what it held goes back: the state says so, not a list of commands.
	if a.Command != cases.CmdAccept && !decided && !a.Case.State.Ended() || a.Case.Number == "" { // a draft that was thrown away
		return nil
	}
	st, err := p.standing(ctx, a)
	if err != nil {
		return err
	}
	switch {
	case a.Command == cases.CmdAccept:
		return p.reserve(ctx, a, st)
	case decided && a.Outcome.Grants():
		return p.grant(ctx, a, st)
	case a.Case.State == cases.Revoked:
		return p.takeBack(ctx, a, st)
	default:
		return p.release(ctx, a, st)
	}
}

// reserve sets aside what was asked for while there is enough. An accepted case
// is not refused for want of money (it may be there by the decision), so too
// little is no error.
func (p Procedure) reserve(ctx context.Context, a *cases.Act, st standing) error {
	asked := st.terms.asked(a.Answers)
	if _, again := st.entries[EntryReserve]; again || asked <= 0 || st.fund.Closed {
		return nil
	}
	ok, err := p.svc.store.book(ctx, st.fund.ID, asked, 0, a.At)
	if err != nil || !ok {
		return err
	}
	return p.enter(ctx, a, st, EntryReserve, asked)
}

func (p Procedure) release(ctx context.Context, a *cases.Act, st standing) error {
	held := st.reserved()
	if held == 0 {
		return nil
	}
	return p.giveBack(ctx, a, st, EntryRelease, held, 0)
}

func (p Procedure) grant(ctx context.Context, a *cases.Act, st standing) error {
	if _, again := st.entries[EntryGrant]; again {
		return fmt.Errorf("budget: case %s was granted already", a.Case.ID)
	}
	held, fen := st.reserved(), amount(a)
	ok, err := p.svc.store.book(ctx, st.fund.ID, -held, fen, a.At)
	if err != nil {
		return err
	}
	if !ok { // somebody else took it since Before
		return ErrExhausted.With("fund", st.fund.Name).With("left", (st.fund.Left()+held).String()).With("asked", fen.String())
	}
	if held > 0 {
		if err := p.enter(ctx, a, st, EntryRelease, held); err != nil {
			return err
		}
	}
	return p.enter(ctx, a, st, EntryGrant, fen)
}

// takeBack returns the money of a decision that was undone to the fund.
func (p Procedure) takeBack(ctx context.Context, a *cases.Act, st standing) error {
	g, ok := st.entries[EntryGrant]
	if _, again := st.entries[EntryReturn]; !ok || again {
		return nil
	}
	return p.giveBack(ctx, a, st, EntryReturn, 0, g.Amount)
}

// giveBack lowers the sums of the fund by what the case held, one of the two.
func (p Procedure) giveBack(ctx context.Context, a *cases.Act, st standing, kind EntryKind, reserved, granted money.Fen) error {
	ok, err := p.svc.store.book(ctx, st.fund.ID, -reserved, -granted, a.At)
	if err == nil && !ok {
		err = fmt.Errorf("budget: %s of case %s is more than the fund holds", kind, a.Case.ID)
	}
	if err != nil {
		return err
	}
	return p.enter(ctx, a, st, kind, reserved+granted)
}

func (p Procedure) enter(ctx context.Context, a *cases.Act, st standing, kind EntryKind, fen money.Fen) error {
	return p.svc.store.enter(ctx, Entry{
		FundID: st.fund.ID, Kind: kind, CaseID: string(a.Case.ID), CaseNumber: a.Case.Number, PartyName: a.Case.Party.Name,
		Amount: fen, ByID: a.Actor.ID, ByName: a.Actor.Name, Reason: a.Reason, At: a.At,
	})
}

// Facts says what the case asks for, what is set aside and what is left.
func (p Procedure) Facts(ctx context.Context, a *cases.Act) ([]cases.Fact, error) {
	st, err := p.standing(ctx, a)
	if err != nil {
		return nil, err
	}
	asked := st.terms.asked(a.Answers)
	out := []cases.Fact{{Label: "budget.fact.fund", Text: "budget.fact.fund_text", Params: map[string]any{"fund": st.fund.Name, "left": st.fund.Left().String()}}}
	if asked > 0 {
		out = append(out, cases.Fact{Label: "budget.fact.asked", Text: "budget.fact.amount", Params: map[string]any{"amount": asked.String()}})
	}
	switch _, returned := st.entries[EntryReturn]; {
	case returned:
		out = append(out, cases.Fact{Label: "budget.fact.state", Text: "budget.fact.returned", Params: map[string]any{"amount": st.entries[EntryReturn].Amount.String()}, Public: true})
	case st.entries[EntryGrant].Amount > 0:
		out = append(out, cases.Fact{Label: "budget.fact.granted", Text: "budget.fact.amount", Params: map[string]any{"amount": st.entries[EntryGrant].Amount.String()}, Public: true})
	case st.reserved() > 0:
		out = append(out, cases.Fact{Label: "budget.fact.state", Text: "budget.fact.reserved", Params: map[string]any{"amount": st.reserved().String()}})
	case a.Case.State == cases.Handling:
		out = append(out, cases.Fact{Label: "budget.fact.state", Text: "budget.fact.not_reserved", Params: map[string]any{}, Warn: true})
	}
	return out, nil
}
