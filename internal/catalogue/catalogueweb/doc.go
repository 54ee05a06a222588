// Package catalogueweb holds the pages of the catalogue.
//
// For everybody: the search with its suggestions, the thirteen shelves, the
// topics, the pages of departments, the guide of each item, on the screen and
// on paper, narrowed to the reader's situation; the guide from a life event to
// a personal list (智能导办); blank forms, specimens of certificates, and the
// whole catalogue to print; for other programs a site map, a feed of changes
// and a description in each guide (schema.org). Who is signed in sees what of the materials is on file, for whom he
// can ask, and keeps favourites. The form that begins a case goes to the pages
// of the engine.
//
// For those who keep the catalogue, below /admin/items: the list with what the
// checks say, an item with its versions, the editing of a draft by form or as
// YAML, and publishing by a second person.
package catalogueweb
