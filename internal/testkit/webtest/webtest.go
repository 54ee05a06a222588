// Package webtest lets tests read and use pages as people do: it parses HTML,
// looks at it with the eyes of a screen reader, fills in forms and keeps the
// cookies of a browser.
//
//	c := webtest.New(t, app)
//	p := c.Get("/sign-in")
//	webtest.A11y(t, p.Doc())
//	p = c.Submit(p, "/sign-in", url.Values{"user": {"wang"}, "password": {"…"}})
//	if p.Status != 200 || !strings.Contains(p.Text(), "王敏") { … }
package webtest

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Parse reads a page or a part of one.
func Parse(t testing.TB, body string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatalf("webtest: parse: %v", err)
	}
	return doc
}

// Attr returns the value of an attribute, "" without one.
func Attr(n *html.Node, name string) string {
	v, _ := attr(n, name)
	return v
}

func attr(n *html.Node, name string) (string, bool) {
	if n == nil {
		return "", false
	}
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// Find returns the first element with the tag whose attribute has the value.
// "" stands for any tag, any attribute, any value; the value of class is one
// of the classes. It returns nil when there is none.
func Find(n *html.Node, tag, name, value string) *html.Node {
	for e := range elements(n) {
		if is(e, tag, name, value) {
			return e
		}
	}
	return nil
}

// FindAll returns every such element in the order of the page.
func FindAll(n *html.Node, tag, name, value string) []*html.Node {
	var out []*html.Node
	for e := range elements(n) {
		if is(e, tag, name, value) {
			out = append(out, e)
		}
	}
	return out
}

func is(e *html.Node, tag, name, value string) bool {
	if tag != "" && e.Data != tag {
		return false
	}
	if name == "" {
		return true
	}
	got, ok := attr(e, name)
	switch {
	case !ok:
		return false
	case value == "":
		return true
	case name == "class":
		return slices.Contains(strings.Fields(got), value)
	default:
		return got == value
	}
}

// elements walks n and the elements below it. A nil node has none.
func elements(n *html.Node) func(func(*html.Node) bool) {
	return func(yield func(*html.Node) bool) {
		if n == nil {
			return
		}
		if n.Type == html.ElementNode && !yield(n) {
			return
		}
		for e := range n.Descendants() {
			if e.Type == html.ElementNode && !yield(e) {
				return
			}
		}
	}
}

// Text returns what can be read in n, with single spaces; a space stands
// between two elements of a block.
func Text(n *html.Node) string {
	var b strings.Builder
	write(&b, n, false)
	return strings.Join(strings.Fields(b.String()), " ")
}

var inline = map[atom.Atom]bool{atom.A: true, atom.B: true, atom.Span: true, atom.Small: true, atom.Time: true, atom.Kbd: true, atom.Strong: true, atom.Em: true, atom.Code: true}

func write(b *strings.Builder, n *html.Node, spoken bool) {
	if n == nil {
		return
	}
	switch n.Type {
	case html.TextNode:
		b.WriteString(n.Data)
		return
	case html.ElementNode:
		switch n.DataAtom {
		case atom.Script, atom.Style, atom.Template, atom.Head:
			return
		}
		if spoken {
			if Attr(n, "aria-hidden") == "true" {
				return
			}
			if n.DataAtom == atom.Img {
				b.WriteString(" " + Attr(n, "alt") + " ")
			}
			if l := Attr(n, "aria-label"); l != "" {
				b.WriteString(" " + l + " ")
				return
			}
		}
	}
	block := n.Type == html.ElementNode && !inline[n.DataAtom]
	if block {
		b.WriteByte(' ')
	}
	for c := range n.ChildNodes() {
		write(b, c, spoken)
	}
	if block {
		b.WriteByte(' ')
	}
}

// name is what a screen reader says for a button or a link.
func name(doc, n *html.Node) string {
	for id := range strings.FieldsSeq(Attr(n, "aria-labelledby")) {
		if s := Text(Find(doc, "", "id", id)); s != "" {
			return s
		}
	}
	var b strings.Builder
	write(&b, n, true)
	if s := strings.Join(strings.Fields(b.String()), " "); s != "" {
		return s
	}
	return Attr(n, "title")
}

// Form returns where the form goes whose action ends so, and the values that a
// browser would send for it as it stands, without those of its buttons. The
// action is "" when there is no such form.
func Form(doc *html.Node, actionSuffix string) (action string, values url.Values) {
	form := findForm(doc, actionSuffix)
	if form == nil {
		return "", nil
	}
	return Attr(form, "action"), Values(form)
}

func findForm(doc *html.Node, actionSuffix string) *html.Node {
	for _, f := range FindAll(doc, "form", "", "") {
		if action := Attr(f, "action"); action == actionSuffix || strings.HasSuffix(action, actionSuffix) {
			return f
		}
	}
	return nil
}

// Values returns what a browser would send for a form, without its buttons.
func Values(form *html.Node) url.Values {
	values := url.Values{}
	for e := range elements(form) {
		key := Attr(e, "name")
		_, disabled := attr(e, "disabled")
		if key == "" || disabled {
			continue
		}
		switch e.DataAtom {
		case atom.Input:
			inputValue(values, e, key)
		case atom.Textarea:
			values.Add(key, strings.TrimPrefix(raw(e), "\n"))
		case atom.Select:
			selectValues(values, e, key)
		}
	}
	return values
}

func inputValue(values url.Values, e *html.Node, key string) {
	v, given := attr(e, "value")
	switch Attr(e, "type") {
	case "submit", "button", "reset", "image", "file":
	case "checkbox", "radio":
		if _, checked := attr(e, "checked"); checked {
			if !given {
				v = "on"
			}
			values.Add(key, v)
		}
	default:
		values.Add(key, v)
	}
}

func selectValues(values url.Values, e *html.Node, key string) {
	var chosen []string
	options := FindAll(e, "option", "", "")
	for _, o := range options {
		if _, ok := attr(o, "selected"); ok {
			chosen = append(chosen, optionValue(o))
		}
	}
	_, multiple := attr(e, "multiple")
	if !multiple && len(options) > 0 {
		if len(chosen) == 0 {
			chosen = []string{optionValue(options[0])}
		}
		chosen = chosen[len(chosen)-1:]
	}
	for _, v := range chosen {
		values.Add(key, v)
	}
}

func optionValue(o *html.Node) string {
	if v, ok := attr(o, "value"); ok {
		return v
	}
	return Text(o)
}

// raw is the text of a node as it is.
func raw(n *html.Node) string {
	var b strings.Builder
	for c := range n.ChildNodes() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}
