package policy

import (
	"strings"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
)

// Level of who issued a document.
type Level string

// Levels of documents.
const (
	National Level = "national"
	Province Level = "province"
	City     Level = "city"
	Zone     Level = "zone"
)

// Levels lists them from the top.
var Levels = []Level{National, Province, City, Zone}

// Document is a policy as it was issued: what its clauses have in common.
type Document struct {
	Key        string    `yaml:"key" json:"key"`       // never changed: kj-2026-01
	Number     string    `yaml:"number" json:"number"` // 发文字号
	Title      i18n.Text `yaml:"title" json:"title"`
	Issuer     i18n.Text `yaml:"issuer" json:"issuer"`
	Department string    `yaml:"department" json:"department"` // key of the department that carries it out here
	Level      Level     `yaml:"level" json:"level"`
	Region     string    `yaml:"region" json:"region"` // code of the division for which it holds
	Issued     string    `yaml:"issued" json:"issued"` // ISO date
	From       string    `yaml:"from" json:"from"`     // ISO date: the first day on which it holds
	Until      string    `yaml:"until" json:"until"`   // ISO date: the last one, "" for no end
	Text       i18n.Text `yaml:"text" json:"text"`     // what it is about, in paragraphs
	Source     string    `yaml:"source" json:"source"` // address of the published text
	Repeals    []string  `yaml:"repeals" json:"repeals"`
}

// Way in which a clause comes to a firm.
type Way string

// Ways of clauses.
const (
	Plain     Way = "plain"     // information: nothing is applied for
	Apply     Way = "apply"     // the firm applies by the item
	Prefilled Way = "prefilled" // the item comes filled in, the firm confirms
	Automatic Way = "automatic" // 免申即享: the department grants to everybody who fits
)

// Ways lists them all.
var Ways = []Way{Plain, Apply, Prefilled, Automatic}

// BenefitKind is what a clause gives.
type BenefitKind string

// Kinds of benefits.
const (
	Grant    BenefitKind = "grant"    // a sum
	Share    BenefitKind = "share"    // part of what was spent
	Tax      BenefitKind = "tax"      // relief
	Loan     BenefitKind = "loan"     // credit
	Interest BenefitKind = "interest" // part of the interest
	Rent     BenefitKind = "rent"     // space for less
	Land     BenefitKind = "land"     // space to build on
	Talent   BenefitKind = "talent"   // for people whom the firm brings
	Voucher  BenefitKind = "voucher"  // to be spent on services
	Help     BenefitKind = "service"  // a green channel, an officer, a mark
)

// Kinds lists them all.
var Kinds = []BenefitKind{Grant, Share, Tax, Loan, Interest, Rent, Land, Talent, Voucher, Help}

// Per says how often a firm can have a benefit.
type Per string

// How often.
const (
	Once Per = "once" // once and never again
	Year Per = "year" // every year
	Each Per = "each" // for each thing: a project, a person, a contract
)

// Pers lists them all.
var Pers = []Per{Once, Year, Each}

// Benefit is what a firm gets. The amount for one firm is Amount, or Rate percent
// of Of, at most Cap where there is one.
type Benefit struct {
	Kind   BenefitKind `yaml:"kind" json:"kind"`
	Amount money.Fen   `yaml:"-" json:"amount"`
	Yuan   string      `yaml:"amount" json:"-"`      // Amount as people write it in files: "500,000"
	Rate   float64     `yaml:"rate" json:"rate"`     // percent, at most four decimals
	Of     string      `yaml:"of" json:"of"`         // a sum of money facts, in the words of rules: rd_cost(-1) - rd_cost(-2)
	Cap    money.Fen   `yaml:"-" json:"cap"`         //
	Most   string      `yaml:"cap" json:"-"`         // Cap as people write it in files
	Per    Per         `yaml:"per" json:"per"`       //
	Budget money.Fen   `yaml:"-" json:"budget"`      // of a year for all firms together; 0: none is set
	All    string      `yaml:"budget" json:"-"`      // Budget as people write it in files
	Fund   string      `yaml:"fund" json:"fund"`     // key of the fund that pays, "" for none
	Covers string      `yaml:"covers" json:"covers"` // key of the cost that it takes over, see Costs: two clauses that cover one cost are told
	Text   i18n.Text   `yaml:"text" json:"text"`     // in words, for what has no sum or beyond it
}

// Costs that a benefit can take over.
var Costs = []string{"rd", "equipment", "rent", "interest", "guarantee", "insurance", "talent", "housing", "training", "ip", "standard", "certification", "exhibition", "listing", "contract", "energy", "land", "utilities", "travel", "cloud"}

// Window is a time in which one can apply.
type Window struct {
	From  string `yaml:"from" json:"from"`   // ISO date; of a yearly one --03-01
	Until string `yaml:"until" json:"until"` // the last day
}

// Clause is one thing that a document gives, to whom, and how.
type Clause struct {
	Key       string      `yaml:"key" json:"key"`     // never changed: kj-2026-01-3
	Place     string      `yaml:"place" json:"place"` // in the document: 第三条第一款
	Title     i18n.Text   `yaml:"title" json:"title"`
	Summary   i18n.Text   `yaml:"summary" json:"summary"` // for the firm: what it gets and what it has to do
	Benefit   Benefit     `yaml:"benefit" json:"benefit"`
	Way       Way         `yaml:"way" json:"way"`
	Item      string      `yaml:"item" json:"item"`           // code of the item that receives applications
	Windows   []Window    `yaml:"windows" json:"windows"`     // none: always
	Materials []i18n.Text `yaml:"materials" json:"materials"` // besides those of the item
	Rule      string      `yaml:"rule" json:"rule"`           // who fits, in the language of package rule; "" for nobody in particular: it is not matched
	Zero      string      `yaml:"zero" json:"zero"`           // what a division by zero means in it
	Topics    []string    `yaml:"topics" json:"topics"`       // see Topics
	Excludes  []string    `yaml:"excludes" json:"excludes"`   // keys of clauses that cannot be had besides
	Package   string      `yaml:"package" json:"package"`     // key that clauses of one combined incentive share
	Publicity int         `yaml:"publicity" json:"publicity"` // working days for which the list of an automatic grant is shown
}

// Topics under which people look for clauses.
var Topics = []string{"rd", "growth", "tier", "finance", "talent", "ip", "digital", "green", "space", "market", "trade", "startup", "jobs", "platform"}

// Matched says that the clause is held against firms.
func (c Clause) Matched() bool { return strings.TrimSpace(c.Rule) != "" }
