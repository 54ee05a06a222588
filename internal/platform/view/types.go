package view

import (
	"net/url"
	"time"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/kernel/workday"
)

// Page is what a page tells its layout. Texts are in the reader's language.
type Page struct {
	Title       string
	NoHeading   bool // the page writes its own h1
	Lead        string
	Crumbs      []Link // from the outermost in; the page itself is added
	Back        Link   // print layout: where to go back to
	Width       string // one of the Width constants
	NoIndex     bool   // not for search engines
	Description string // for search engines
	Canonical   string // path that search engines are to remember, without what a reader chose
	Data        string // schema.org description as JSON, from json.Marshal
	Feed        Link   // Atom feed of what the page shows
	Charts      bool   // load the charts
	Script      string // a script of its own in assets, "" for none
	Device      bool   // print layout: a machine or a wall shows the page, so there is nothing to print or go back to
	OwnQR       bool   // the page shows a QR code itself, so the footer shows none
	Keys        []Key  // workbench: keys beyond the usual ones
}

// Widths of a page.
const (
	WidthFull   = ""
	WidthNarrow = "narrow" // sign-in and other short forms
	WidthRead   = "read"   // 44 Chinese characters
	WidthSplit  = "split"  // workbench: ListPane and CasePane side by side; implies NoHeading
)

// Link is a link with its text.
type Link struct{ Href, Text string }

// Key is a key of the workbench and what it does.
type Key struct{ Key, Text string }

// In describes an input. Value and complaint come from the form.
type In struct {
	Name, Label, Hint, Type       string
	Autocomplete, Inputmode       string
	Placeholder, Pattern          string
	Required, Optional, Autofocus bool
	Rows, MaxLength               int
	Options                       []Opt
	Accept                        string // of a file, as ".pdf,.jpg"
	MaxBytes                      int64  // of one file
	Suffix                        string // unit behind the input, as 元
	Width                         string // "xs", "sm", "md", "" for the whole line
	Attrs                         templ.Attributes
}

// Opt is one choice.
type Opt struct{ Value, Label, Hint string }

// Span is a pause of a clock; a zero To is still under way.
type Span struct {
	From, To time.Time
	Reason   string
}

// ClockView is a limit as it stands.
type ClockView struct {
	Accepted  time.Time
	Due       time.Time // zero without a limit
	Now       time.Time // the instant of the decision once Done
	Statutory time.Time // zero when it need not be shown
	Words     string    // "还剩 3 个工作日(承诺 5 日,法定 20 日)": what stands before the bracket is bold
	Pauses    []Span
	Light     workday.Light
	Done      bool
}

// TimelineEvent is one line of what happened.
type TimelineEvent struct {
	Who, Role, What, Reason string
	At                      time.Time
	Now                     bool // the present state
}

// Pair is one line of a list of facts. Component goes before Value.
type Pair struct {
	Key       string
	Value     string
	Component templ.Component
}

// Tab is one of several views of a list.
type Tab struct {
	Href, Text string
	Count      int // shown when above 0
	Active     bool
}

// StepState is how far a step is.
type StepState string

// The states of a step.
const (
	StepDone StepState = "done"
	StepNow  StepState = "now"
	StepTodo StepState = "todo"
)

// Step is one step of a form or a flow; Href leads back to a done one.
type Step struct {
	Text  string
	State StepState
	Href  string
}

// MaterialState is how a material stands.
type MaterialState string

// The states of a material.
const (
	MaterialMissing MaterialState = "missing" // nothing yet
	MaterialOK      MaterialState = "ok"      // there: uploaded, on file, committed
	MaterialNeeds   MaterialState = "needs"   // the reader must do something
	MaterialLater   MaterialState = "later"   // may follow by a date
	MaterialWindow  MaterialState = "window"  // is handed in at the window
	MaterialListed  MaterialState = "listed"  // in a guide: how it stands with the reader is not known
)

// MaterialRow is one material of a list.
type MaterialRow struct {
	State    MaterialState
	Name     string
	Href     string          // of the preview, "" for none
	Need     string          // badge beside the name: 必要, 可以后补
	NeedsYou string          // filled badge: 等您补充
	How      []string        // how it is satisfied, in short sentences
	Trust    string          // trust level of what is on file: A, B, C, D
	Why      string          // what is wrong or missing
	Standard string          // what is accepted, folded away
	Body     templ.Component // below: an upload form
	Actions  templ.Component // at the right: buttons
}

// Head is the head of one column.
type Head struct {
	Text  string
	Num   bool // figures, at the right
	Spare bool // left out while a case stands beside the list
}

// TableView is the frame of a table; the rows are its children.
type TableView struct {
	Caption string // "" when a heading right above says it
	Label   string // for screen readers when there is no caption
	Heads   []Head
	Stack   bool // reads as a list on a phone: cells carry data-label
	Keys    bool // j, k and Enter walk the rows: rows carry data-row
}

// CardView is a thing to pick up; its place is a list below a Section.
type CardView struct {
	Href, Title string
	Texts       []string // the last one goes to the bottom edge
}

// RowView is one row of a list of things.
type RowView struct {
	Href, Title, Note string
	Side              templ.Component // chips
}

// KPI is one number of a cockpit: what it is, how much, against what.
type KPI struct {
	Href, Label, Figure, Unit string
	Note                      string
	NoteComponent             templ.Component // instead of Note
}

// PaneHead is the head of a pane of the workbench.
type PaneHead struct {
	Title string
	Count string          // "12 件"
	Tools templ.Component // filters and buttons at the right
}

// CaseHead is the head of a case in the workbench.
type CaseHead struct {
	Number string
	Title  string
	Lead   string
	Chips  templ.Component // state and light
	Acts   templ.Component // buttons at the bottom edge
	Main   bool            // there is no list beside it: the title is the h1
	Back   Link            // to the list that the case covers on a phone
}

// PaperView is a notice or a receipt; its paragraphs are the children.
type PaperView struct {
	Title, Number, To string
	SignedBy          string
	SignedOn          time.Time
	Foot              []string // lines beside the QR code
	QR                string   // path behind the QR code, "" for none
}

// SheetView is a certificate on one A4 sheet.
type SheetView struct {
	Title, Number string
	Pairs         []Pair
	SignedBy      string
	SignedOn      time.Time
	QR            string // path behind the QR code, "" for none
	QRWords       string
}

// ErrorData is what the error page shows.
type ErrorData struct {
	Status   int
	Code     string
	Params   map[string]any
	Incident string     // number to quote, for 500
	Typed    url.Values // what the person had typed
	SignIn   string     // where to sign in, for 401
	Action   string     // where the form went
	Back     string     // the page it came from
}
