package policy

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/division"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/matching/facts"
	"github.com/tongban/tongban/internal/matching/rule"
	"github.com/tongban/tongban/internal/platform/db"
)

// Bounds of what a paper may hold.
const (
	longTitle   = 120
	longText    = 4000
	longSummary = 1000
	longPlace   = 60
	manyOf      = 30 // in any list
	maxRate     = 1000
	maxPublic   = 60
	maxFen      = money.Fen(100_000_000_000_000) // a trillion yuan
)

var keyForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

func isKey(s string) bool { return len(s) <= 60 && keyForm.MatchString(s) }

// draftable is what even a draft needs.
func draftable(key string, title i18n.Text) error {
	bad := ErrInvalid
	if !isKey(key) {
		bad = bad.At("key", badKey, "value", key)
	}
	if title.ZH == "" {
		bad = bad.At("title.zh", badRequired)
	}
	return bad.OrNil()
}

// complaints collects what is wrong with a paper.
type complaints struct{ err *errs.Error }

func (c *complaints) at(name, code string, params ...any) { c.err = c.err.At(name, code, params...) }

func (c *complaints) text(name string, t i18n.Text, most int, required bool) {
	if required && t.ZH == "" {
		c.at(name+".zh", badRequired)
	}
	for l, s := range map[string]string{"zh": t.ZH, "en": t.EN} {
		if utf8.RuneCountInString(s) > most {
			c.at(name+"."+l, badLong, "max", most)
		}
	}
}

func (c *complaints) line(name, s string, most int, required bool) {
	if required && s == "" {
		c.at(name, badRequired)
	}
	if utf8.RuneCountInString(s) > most {
		c.at(name, badLong, "max", most)
	}
}

// list checks a list of words: each known, none twice.
func (c *complaints) list(name string, list []string, known func(string) bool) {
	if len(list) > manyOf {
		c.at(name, badMany, "max", manyOf)
		return
	}
	for i, s := range list {
		if slices.Contains(list[:i], s) {
			c.at(name, badTwice, "value", s)
		}
		if !known(s) {
			c.at(name, badUnknown, "value", s)
		}
	}
}

// world is what papers refer to: what is published, and the papers that are to be
// published with them.
type world struct {
	documents map[string]Document
	clauses   map[string]bool
	known     Known
}

// Known says what of the neighbours is there.
type Known struct {
	Item       func(code string) bool
	Keeper     func(code string) string // department of an item, "" when nobody knows
	Department func(key string) bool
	Region     func(code string) bool // of the installation; those of the country are known
	Fund       func(key string) bool
}

// Sound says what is wrong with documents and clauses as files hold them, with the
// key before each place.
func Sound(seeds []Seed, known Known) []errs.Field {
	papers, err := papersOf(seeds)
	if err != nil {
		return errs.FieldsOf(err)
	}
	w := world{documents: map[string]Document{}, clauses: map[string]bool{}, known: known}
	for _, p := range papers {
		w.add(p.Draft)
	}
	return errs.FieldsOf(soundPapers(papers, w))
}

// known are the neighbours of this installation.
func (s *Service) known(ctx context.Context) (Known, error) {
	k := Known{
		Item: s.onOffer, Keeper: s.keeper, Department: s.Identity.Directory().HasDepartment,
		Region: func(code string) bool { return s.Identity.Directory().Region(code).Name.ZH != code },
		Fund:   func(string) bool { return true },
	}
	if s.Ports.Funds == nil {
		return k, nil
	}
	funds, err := s.Ports.Funds(ctx)
	k.Fund = func(key string) bool { _, ok := funds[key]; return ok }
	return k, err
}

func (s *Service) world(ctx context.Context, with []Paper) (world, error) {
	w := world{documents: map[string]Document{}, clauses: map[string]bool{}}
	live, err := s.store.live(ctx)
	if err != nil {
		return w, err
	}
	for _, p := range live {
		w.add(p.Published)
	}
	for _, p := range with {
		w.add(p.Draft)
	}
	w.known, err = s.known(ctx)
	return w, err
}

func (w world) add(b Body) {
	switch {
	case b.Document != nil:
		w.documents[b.Document.Key] = *b.Document
	case b.Clause != nil:
		w.clauses[b.Clause.Key] = true
	}
}

// Faults says what keeps a draft from being proposed.
func (s *Service) Faults(ctx context.Context, p Paper) ([]errs.Field, error) {
	file, err := s.store.file(ctx, p.Document)
	if err != nil {
		return nil, fmt.Errorf("policy: faults: %w", err)
	}
	// With the drafts of the same document, as they are proposed together.
	w, err := s.world(ctx, append(slices.DeleteFunc(file, func(x Paper) bool { return x.Stage == None }), p))
	if err != nil {
		return nil, fmt.Errorf("policy: faults: %w", err)
	}
	return errs.FieldsOf(check(p, w)), nil
}

// sound refuses drafts that are not fit to be published together.
func (s *Service) sound(ctx context.Context, refs []Ref) error {
	var papers []Paper
	for _, r := range refs {
		p, ok, err := s.store.paper(ctx, r.Kind, r.Key)
		switch {
		case err != nil:
			return err
		case !ok:
			return ErrNotFound
		case p.Version != r.Version:
			return db.ErrStale
		case p.Stage == None:
			return ErrState
		case p.State == Live && p.Draft.Same(p.Published):
			return ErrSame
		}
		papers = append(papers, p)
	}
	w, err := s.world(ctx, papers)
	if err != nil {
		return err
	}
	for _, p := range papers {
		if bad := errs.FieldsOf(check(p, w)); len(bad) > 0 {
			return ErrUnsound.With("key", p.Key).With("n", len(bad))
		}
	}
	return nil
}

// soundPapers checks papers of an import, with the key before each place.
func soundPapers(papers []Paper, w world) error {
	bad, seen := ErrInvalid, map[string]bool{}
	for _, p := range papers {
		id := string(p.Kind) + " " + p.Key
		if seen[id] {
			bad = bad.At(p.Key+": key", badTwice, "value", p.Key)
		}
		seen[id] = true
		for _, f := range errs.FieldsOf(check(p, w)) {
			bad = bad.At(p.Key+": "+f.Name, f.Code, i18n.Map(f.Params)...)
		}
	}
	return bad.OrNil()
}

// check says all that is wrong with the draft of a paper.
func check(p Paper, w world) error {
	c := &complaints{err: ErrInvalid}
	switch {
	case p.Draft.Document != nil:
		checkDocument(c, *p.Draft.Document, w)
	case p.Draft.Clause != nil:
		document, ok := w.documents[p.Document]
		if !ok {
			c.at("", badUnknown, "value", p.Document)
		}
		checkClause(c, *p.Draft.Clause, document, w)
	}
	return c.err.OrNil()
}

func checkDocument(c *complaints, d Document, w world) {
	if !isKey(d.Key) {
		c.at("key", badKey, "value", d.Key)
	}
	c.line("number", d.Number, longPlace, true)
	c.text("title", d.Title, longTitle, true)
	c.text("issuer", d.Issuer, longTitle, true)
	c.text("text", d.Text, longText, true)
	if !w.known.Department(d.Department) {
		c.at("department", badUnknown, "value", d.Department)
	}
	if !slices.Contains(Levels, d.Level) {
		c.at("level", badChoice, "value", string(d.Level))
	}
	if !place(d, w) {
		c.at("region", badUnknown, "value", d.Region)
	}
	for name, day := range map[string]string{"issued": d.Issued, "from": d.From} {
		if !isDay(day) {
			c.at(name, badDate, "value", day)
		}
	}
	if d.Until != "" && !isDay(d.Until) {
		c.at("until", badDate, "value", d.Until)
	} else if d.Until != "" && d.Until < d.From {
		c.at("until", badOrder)
	}
	if d.Source != "" {
		if u, err := url.Parse(d.Source); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(d.Source) > 500 {
			c.at("source", badAddress)
		}
	}
	c.list("repeals", d.Repeals, func(key string) bool { _, ok := w.documents[key]; return ok })
	if slices.Contains(d.Repeals, d.Key) {
		c.at("repeals", badSelf)
	}
}

// place says whether the division of a document is one. What holds in the whole
// country may name none.
func place(d Document, w world) bool {
	if d.Region == "" || d.Region == "100000" {
		return d.Level == National
	}
	if _, ok := division.National().Find(d.Region); ok {
		return true
	}
	return w.known.Region(d.Region)
}

func checkClause(c *complaints, x Clause, d Document, w world) {
	if !isKey(x.Key) {
		c.at("key", badKey, "value", x.Key)
	}
	c.line("place", x.Place, longPlace, false)
	c.text("title", x.Title, longTitle, true)
	c.text("summary", x.Summary, longSummary, true)
	checkBenefit(c, x.Benefit, w)
	checkWay(c, x, d, w)
	checkWindows(c, x.Windows, d)
	if len(x.Materials) > manyOf {
		c.at("materials", badMany, "max", manyOf)
	}
	for _, m := range x.Materials {
		if m.ZH == "" || utf8.RuneCountInString(m.ZH) > longTitle || utf8.RuneCountInString(m.EN) > 2*longTitle {
			c.at("materials", badLong, "max", longTitle)
		}
	}
	checkRule(c, x)
	c.list("topics", x.Topics, func(t string) bool { return slices.Contains(Topics, t) })
	if len(x.Topics) == 0 {
		c.at("topics", badRequired)
	}
	c.list("excludes", x.Excludes, func(key string) bool { return w.clauses[key] })
	if slices.Contains(x.Excludes, x.Key) {
		c.at("excludes", badSelf)
	}
	if x.Package != "" && !isKey(x.Package) {
		c.at("package", badKey, "value", x.Package)
	}
}

func checkBenefit(c *complaints, b Benefit, w world) {
	if !slices.Contains(Kinds, b.Kind) {
		c.at("benefit.kind", badChoice, "value", string(b.Kind))
	}
	if !slices.Contains(Pers, b.Per) {
		c.at("benefit.per", badChoice, "value", string(b.Per))
	}
	for name, fen := range map[string]money.Fen{"amount": b.Amount, "cap": b.Cap, "budget": b.Budget} {
		if fen < 0 || fen > maxFen {
			c.at("benefit."+name, badMoney)
		}
	}
	if b.Rate < 0 || b.Rate > maxRate || math.IsNaN(b.Rate) || math.Abs(b.Rate*1e4-math.Round(b.Rate*1e4)) > 1e-6 {
		c.at("benefit.rate", badRate)
	}
	if b.Amount > 0 && b.Rate > 0 {
		c.at("benefit.amount", badEither)
	}
	if b.Of != "" {
		terms, ok := Terms(b.Of)
		if !ok {
			c.at("benefit.of", badOf, "value", b.Of)
		}
		for _, t := range terms {
			if w, ok := facts.Published().Word(t.Key); !ok || !w.Money || t.Back < min(1, w.Years) || t.Back > w.Years {
				c.at("benefit.of", badMoneyOf, "value", t.Key)
			}
		}
		if b.Rate == 0 {
			c.at("benefit.rate", badRequired)
		}
	}
	if b.Fund != "" && !w.known.Fund(b.Fund) {
		c.at("benefit.fund", badFund, "value", b.Fund)
	}
	if b.Covers != "" && !slices.Contains(Costs, b.Covers) {
		c.at("benefit.covers", badChoice, "value", b.Covers)
	}
	c.text("benefit.text", b.Text, longSummary, false)
	if b.Amount == 0 && b.Rate == 0 && b.Text.ZH == "" {
		c.at("benefit.text.zh", badNothing)
	}
}

func checkWay(c *complaints, x Clause, d Document, w world) {
	if !slices.Contains(Ways, x.Way) {
		c.at("way", badChoice, "value", string(x.Way))
	}
	switch {
	case x.Item == "" && (x.Way == Apply || x.Way == Prefilled || x.Way == Automatic):
		c.at("item", badRequired)
	case x.Item != "" && !w.known.Item(x.Item):
		c.at("item", badItem, "value", x.Item)
	case x.Item != "" && x.Way == Automatic && d.Department != "":
		// The case of an award belongs to the department of its item: who releases the
		// list has to be able to undo it.
		if is := w.known.Keeper(x.Item); is != "" && is != d.Department {
			c.at("item", badKeeper, "value", x.Item)
		}
	}
	if x.Way == Automatic && !x.Matched() {
		c.at("rule", badRule)
	}
	if x.Publicity < 0 || x.Publicity > maxPublic || x.Publicity > 0 && x.Way != Automatic {
		c.at("publicity", badDays, "max", maxPublic)
	}
}

// onOffer says whether an item is there. One that is off the shelves for a time
// counts: it comes back.
func (s *Service) onOffer(code string) bool {
	_, err := s.Catalogue.Item(code)
	return err == nil || errors.Is(err, catalogue.ErrSuspended)
}

// keeper is the department of an item, also of one that is off the shelves for a
// time; "" for one that is not known.
func (s *Service) keeper(code string) string {
	now := s.Catalogue.Snapshot()
	if item, err := now.Item(code); err == nil {
		return item.Department
	}
	if x, ok := now.Stopped(code); ok && x.Item != nil {
		return x.Item.Department
	}
	return ""
}

func checkWindows(c *complaints, windows []Window, d Document) {
	if len(windows) > manyOf {
		c.at("windows", badMany, "max", manyOf)
		return
	}
	for _, w := range windows {
		shown := w.From + " ~ " + w.Until
		switch {
		case isYearly(w.From) && isYearly(w.Until):
		case !isDay(w.From) || !isDay(w.Until):
			c.at("windows", badWindow, "value", shown)
		case w.Until < w.From:
			c.at("windows", badOrder)
		case isDay(d.From) && w.Until < d.From, isDay(d.Until) && w.From > d.Until:
			c.at("windows", badTerm, "value", shown)
		}
	}
}

func checkRule(c *complaints, x Clause) {
	if _, known := rule.Zeros[x.Zero]; x.Zero != "" && !known {
		c.at("zero", badChoice, "value", x.Zero)
		return
	}
	if !x.Matched() {
		return
	}
	_, err := facts.Vocabulary().Compile(x.Rule, x.Zero)
	faults, ok := errors.AsType[rule.Faults](err)
	if err != nil && !ok {
		c.at("rule", "policy.rule."+rule.Syntax, "line", 1, "column", 1, "detail", "", "near", "")
	}
	for _, f := range faults {
		at := "rule"
		if f.Problem == rule.Zero {
			at = "zero"
		}
		c.at(at, "policy.rule."+f.Problem, "line", f.Line, "column", f.Column, "detail", f.Detail, "near", f.Near)
	}
}

func countFields(err error) int { return len(errs.FieldsOf(err)) }
