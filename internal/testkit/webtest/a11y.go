package webtest

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A11y complains about what keeps people with a screen reader, a keyboard or
// no script from using a page, and about what the content security policy of
// the site would block.
func A11y(t testing.TB, doc *html.Node) {
	t.Helper()
	for _, s := range Problems(doc) {
		t.Error("a11y: " + s)
	}
}

// Problems lists the complaints of A11y.
func Problems(doc *html.Node) []string {
	c := &checker{doc: doc, ids: map[string]int{}, labels: map[string]bool{}}
	for e := range elements(doc) {
		if id, ok := attr(e, "id"); ok {
			c.ids[id]++
		}
		if e.DataAtom == atom.Label {
			c.labels[Attr(e, "for")] = true
		}
	}
	c.frame()
	for e := range elements(doc) {
		c.element(e)
	}
	return c.found
}

type checker struct {
	doc     *html.Node
	ids     map[string]int
	labels  map[string]bool // ids that a label points at
	heading int             // level of the heading before
	found   []string
}

func (c *checker) say(format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf(format, args...))
}

// frame checks what a page has once.
func (c *checker) frame() {
	if Attr(Find(c.doc, "html", "", ""), "lang") == "" {
		c.say("html has no lang")
	}
	if title := Find(c.doc, "title", "", ""); title == nil || strings.TrimSpace(raw(title)) == "" {
		c.say("the title is empty")
	}
	for _, tag := range []string{"h1", "main"} {
		if n := len(FindAll(c.doc, tag, "", "")); n != 1 {
			c.say("%d %s instead of one", n, tag)
		}
	}
	for id, n := range c.ids {
		if n > 1 {
			c.say("id %q stands %d times", id, n)
		}
		if id == "" {
			c.say("an id is empty")
		}
	}
}

func (c *checker) element(e *html.Node) {
	c.policy(e)
	c.pointers(e)
	switch e.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		level := int(e.Data[1] - '0')
		if level > c.heading+1 {
			c.say("heading %s %q skips a level", e.Data, Text(e))
		}
		c.heading = level
		if name(c.doc, e) == "" {
			c.say("an %s is empty", e.Data)
		}
	case atom.Input, atom.Select, atom.Textarea:
		c.control(e)
	case atom.Img:
		if _, ok := attr(e, "alt"); !ok {
			c.say("img %s has no alt", Attr(e, "src"))
		}
	case atom.Svg:
		if Attr(e, "aria-hidden") != "true" && (Attr(e, "role") != "img" || Attr(e, "aria-label") == "" && Attr(e, "aria-labelledby") == "") {
			c.say("an svg is neither aria-hidden nor named: %s", show(e))
		}
	case atom.Table:
		if Find(e, "th", "", "") == nil {
			c.say("a table has no th: %.40s", Text(e))
		}
	case atom.Button, atom.Summary:
		if name(c.doc, e) == "" {
			c.say("a %s has no name: %s", e.Data, show(e))
		}
	case atom.A:
		if _, ok := attr(e, "href"); ok && name(c.doc, e) == "" {
			c.say("a link has no name: %s", show(e))
		}
	case atom.Fieldset:
		if Text(Find(e, "legend", "", "")) == "" {
			c.say("a fieldset has no legend: %s", show(e))
		}
	case atom.Iframe:
		if Attr(e, "title") == "" {
			c.say("an iframe has no title")
		}
	}
}

// policy holds the page against default-src 'self'.
func (c *checker) policy(e *html.Node) {
	for _, a := range e.Attr {
		switch {
		case a.Key == "style":
			c.say("inline style: %s", show(e))
		case strings.HasPrefix(a.Key, "on"):
			c.say("inline handler: %s", show(e))
		case (a.Key == "href" || a.Key == "src" || a.Key == "action") && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:"):
			c.say("script in an address: %s", show(e))
		}
	}
	switch e.DataAtom {
	case atom.Style:
		c.say("a style element")
	case atom.Script:
		if _, ok := attr(e, "src"); !ok && !strings.HasSuffix(Attr(e, "type"), "json") {
			c.say("a script without src")
		}
	}
}

// pointers checks that what is pointed at is there.
func (c *checker) pointers(e *html.Node) {
	for _, key := range []string{"aria-describedby", "aria-labelledby", "aria-controls", "for", "commandfor"} {
		v, ok := attr(e, key)
		if !ok {
			continue
		}
		if v == "" {
			c.say("%s is empty: %s", key, show(e))
		}
		for id := range strings.FieldsSeq(v) {
			if c.ids[id] == 0 {
				c.say("%s points at %q, which is not there", key, id)
			}
		}
	}
	if e.DataAtom == atom.A {
		if id, ok := strings.CutPrefix(Attr(e, "href"), "#"); ok && c.ids[id] == 0 {
			c.say("a link points at #%s, which is not there", id)
		}
	}
}

func (c *checker) control(e *html.Node) {
	kind := Attr(e, "type")
	switch kind {
	case "hidden":
		return
	case "submit", "button", "reset":
		if Attr(e, "value") == "" && Attr(e, "aria-label") == "" {
			c.say("a button has no name: %s", show(e))
		}
		return
	}
	if Attr(e, "aria-label") != "" || Attr(e, "aria-labelledby") != "" {
		return
	}
	if id := Attr(e, "id"); id != "" && c.labels[id] {
		return
	}
	for p := range e.Ancestors() {
		if p.DataAtom == atom.Label && Text(p) != "" {
			return
		}
	}
	c.say("an input has no label: %s", show(e))
}

// show names an element in a complaint.
func show(e *html.Node) string {
	var b strings.Builder
	b.WriteString("<" + e.Data)
	for _, a := range e.Attr {
		fmt.Fprintf(&b, " %s=%q", a.Key, a.Val)
	}
	b.WriteString(">")
	if b.Len() > 160 {
		return b.String()[:160] + "…"
	}
	return b.String()
}
