package policy

import (
	"strings"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/db"
)

// Kind of a paper.
type Kind string

// Kinds of papers.
const (
	KindDocument Kind = "document"
	KindClause   Kind = "clause"
)

// State of a paper for readers.
type State string

// States of papers.
const (
	Unseen    State = "new" // nothing of it was published yet
	Live      State = "published"
	Withdrawn State = "withdrawn"
)

// Stage of a draft.
type Stage string

// Stages of drafts.
const (
	None     Stage = "" // there is no draft
	Draft    Stage = "draft"
	Proposed Stage = "proposed"
)

// Body is what a paper says: exactly one of its parts is there.
type Body struct {
	Document *Document `json:"document,omitempty"`
	Clause   *Clause   `json:"clause,omitempty"`
}

// Title of the paper.
func (b Body) Title() i18n.Text {
	switch {
	case b.Document != nil:
		return b.Document.Title
	case b.Clause != nil:
		return b.Clause.Title
	}
	return i18n.Text{}
}

// IsZero says that nothing is there.
func (b Body) IsZero() bool { return b.Document == nil && b.Clause == nil }

// Same says whether two bodies say the same.
func (b Body) Same(o Body) bool { return db.ToJSON(b) == db.ToJSON(o) }

// Paper is a document or a clause as those who keep the library see it.
type Paper struct {
	ID          string
	Kind        Kind
	Key         string
	Document    string // key of the document
	Position    int
	State       State
	Edition     int
	Published   Body
	PublishedAt time.Time
	Draft       Body
	Stage       Stage
	SavedBy     string // accounts
	SavedAt     time.Time
	ProposedBy  string
	Note        string
	Version     int
}

// Latest is the draft, or what is published when there is none.
func (p Paper) Latest() Body {
	if p.Stage != None {
		return p.Draft
	}
	return p.Published
}

// Edition of a paper as it was published.
type Edition struct {
	ID          string
	Number      int
	Body        Body
	SavedBy     string
	PublishedBy string
	Reason      string
	PublishedAt time.Time
}

// Ref is a paper in the version that somebody looked at.
type Ref struct {
	Kind    Kind
	Key     string
	Version int
}

// Ref of the paper as it is.
func (p Paper) Ref() Ref { return Ref{p.Kind, p.Key, p.Version} }

func trimText(t i18n.Text) i18n.Text {
	return i18n.Text{ZH: strings.TrimSpace(t.ZH), EN: strings.TrimSpace(t.EN)}
}

func trimList(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// tidy makes what means the same the same: it drops blanks around texts and empty
// lines of lists, and what only files say.
func (d Document) tidy() Document {
	for _, s := range []*string{&d.Key, &d.Number, &d.Department, &d.Region, &d.Issued, &d.From, &d.Until, &d.Source} {
		*s = strings.TrimSpace(*s)
	}
	d.Title, d.Issuer, d.Text, d.Repeals = trimText(d.Title), trimText(d.Issuer), trimText(d.Text), trimList(d.Repeals)
	return d
}

func (c Clause) tidy() Clause {
	for _, s := range []*string{&c.Key, &c.Place, &c.Item, &c.Rule, &c.Zero, &c.Package, &c.Benefit.Of, &c.Benefit.Fund, &c.Benefit.Covers} {
		*s = strings.TrimSpace(*s)
	}
	c.Title, c.Summary, c.Benefit.Text = trimText(c.Title), trimText(c.Summary), trimText(c.Benefit.Text)
	c.Topics, c.Excludes = trimList(c.Topics), trimList(c.Excludes)
	c.Benefit.Yuan, c.Benefit.Most, c.Benefit.All = "", "", ""
	materials := make([]i18n.Text, 0, len(c.Materials))
	for _, m := range c.Materials {
		if m = trimText(m); !m.IsZero() {
			materials = append(materials, m)
		}
	}
	windows := make([]Window, 0, len(c.Windows))
	for _, w := range c.Windows {
		if w = (Window{strings.TrimSpace(w.From), strings.TrimSpace(w.Until)}); w != (Window{}) {
			windows = append(windows, w)
		}
	}
	c.Materials, c.Windows = materials, windows
	return c
}
