package view

import "github.com/a-h/templ"

// SearchView is the large search field of the portal.
type SearchView struct {
	Query       string
	Label       string // "" hides it: a heading above says it
	Placeholder string
	Hints       []Link // below the field
	HintsLabel  string
	Action      string // "" for the search of services
	Suggest     bool   // asks for suggestions while typing
	Autofocus   bool
}

// suggestAttrs ask for suggestions a moment after the last key.
func suggestAttrs(v SearchView) templ.Attributes {
	if !v.Suggest {
		return nil
	}
	return templ.Attributes{
		"hx-get": "/search/suggest", "hx-trigger": "input changed delay:150ms", "hx-target": "#suggest", "hx-sync": "this:replace",
	}
}
