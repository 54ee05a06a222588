package catalogueweb

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

const (
	pageSize     = 20
	longestQuery = 100 // characters
)

// finding is what a reader looks for on one of the pages that list items, and
// what there is.
type finding struct {
	Path      string // of the page
	Query     string
	Filter    catalogue.Filter
	Fixed     catalogue.Filter // parts that the page sets and the reader does not choose
	Page      int
	Found     catalogue.Found
	Shelves   []catalogue.Shelf
	Themes    []catalogue.Theme
	Directory *identity.Directory
}

// find reads what is looked for from the address and looks for it.
func (p *Pages) find(r *http.Request, fixed catalogue.Filter) (finding, error) {
	f, err := form.Parse(r)
	if err != nil {
		return finding{}, err
	}
	in := finding{Path: r.URL.Path, Query: f.Value("q"), Fixed: fixed, Shelves: p.Service.Shelves(), Themes: p.Service.Snapshot().Themes(), Directory: p.Identity.Directory()}
	if rs := []rune(in.Query); len(rs) > longestQuery {
		in.Query = string(rs[:longestQuery])
	}
	in.Filter = catalogue.Filter{
		Shelf: f.Value("shelf"), Department: f.Value("department"), Theme: f.Value("theme"), Audience: catalogue.Audience(f.Value("audience")),
		Kind: catalogue.Kind(f.Value("kind")), Channel: catalogue.Channel(f.Value("channel")), Sort: catalogue.Sort(f.Value("sort")),
		Today: f.Value("fast") != "", ZeroTrips: f.Value("trips") == "0",
	}
	in.Filter.Shelf = cmp.Or(fixed.Shelf, in.Filter.Shelf)
	in.Filter.Department = cmp.Or(fixed.Department, in.Filter.Department)
	in.Filter.Theme = cmp.Or(fixed.Theme, in.Filter.Theme)
	in.Found = p.Service.Find(in.Query, in.Filter)
	in.Page, _ = strconv.Atoi(f.Value("page"))
	in.Page = min(max(in.Page, 1), in.pages())
	return in, nil
}

func (f finding) pages() int { return max((len(f.Found.Items)+pageSize-1)/pageSize, 1) }

func (f finding) shown() []*catalogue.Item {
	from := (f.Page - 1) * pageSize
	return f.Found.Items[from:min(from+pageSize, len(f.Found.Items))]
}

// narrowed says whether the reader has chosen anything but the words.
func (f finding) narrowed() bool {
	g := f.Filter
	g.Sort = ""
	return g != f.Fixed
}

// address of this list with another page number.
func (f finding) address(page int) string {
	v := url.Values{}
	set := func(key, value string) {
		if value != "" {
			v.Set(key, value)
		}
	}
	set("q", f.Query)
	if f.Fixed.Shelf == "" {
		set("shelf", f.Filter.Shelf)
	}
	if f.Fixed.Department == "" {
		set("department", f.Filter.Department)
	}
	if f.Fixed.Theme == "" {
		set("theme", f.Filter.Theme)
	}
	set("audience", string(f.Filter.Audience))
	set("kind", string(f.Filter.Kind))
	set("channel", string(f.Filter.Channel))
	set("sort", string(f.Filter.Sort))
	if f.Filter.Today {
		set("fast", "on")
	}
	if f.Filter.ZeroTrips {
		set("trips", "0")
	}
	if page > 1 {
		set("page", strconv.Itoa(page))
	}
	if len(v) == 0 {
		return f.Path
	}
	return f.Path + "?" + v.Encode()
}

// without is the list with the words alone.
func (f finding) without() string {
	f.Filter = catalogue.Filter{}
	return f.address(1)
}

func (f finding) next() string {
	if f.Page >= f.pages() {
		return ""
	}
	return f.address(f.Page + 1)
}

// choice is one value of a part of the filter with how much it would leave.
type choice struct {
	Value, Text string
	N           int
	Chosen      bool
}

// departments that have something, in the order of the directory, so that they
// stay where they were when the list is narrowed; the chosen one is always there.
func (f finding) departments(text func(id string) string) []choice {
	out := []choice{}
	for id, n := range f.Found.Departments {
		if id == "" { // bodies elsewhere are none of ours to choose from
			continue
		}
		out = append(out, choice{Value: id, Text: text(id), N: n, Chosen: id == f.Filter.Department})
	}
	if f.Filter.Department != "" && f.Found.Departments[f.Filter.Department] == 0 {
		out = append(out, choice{Value: f.Filter.Department, Text: text(f.Filter.Department), Chosen: true})
	}
	place := map[string]int{}
	for i, d := range f.Directory.Departments {
		place[d.ID] = i
	}
	slices.SortFunc(out, func(a, b choice) int {
		return cmp.Or(cmp.Compare(place[a.Value], place[b.Value]), cmp.Compare(a.Value, b.Value))
	})
	return out
}

// search shows what fits some words.
func (p *Pages) search(w http.ResponseWriter, r *http.Request) error {
	in, err := p.find(r, catalogue.Filter{})
	if err != nil {
		return err
	}
	if in.Query != "" && len(in.Found.Items) == 0 && !in.narrowed() {
		if err := p.Service.NoteMiss(r.Context(), in.Query); err != nil {
			return err
		}
	}
	recent, err := Recent(p.Service, r)
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, searchPage(in, Popular(p.Service, 5), recent, eventsBeside(p.Service.Snapshot(), in)))
}

// suggest completes what somebody types; without script it is the search.
func (p *Pages) suggest(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	q := f.Value("q")
	if !view.IsFragment(r) {
		return httpx.SeeOther(w, r, "/search?q="+url.QueryEscape(q))
	}
	return view.Render(w, r, http.StatusOK, suggestions(q, p.Service.Suggest(q, 7)))
}

// shelf shows what stands on one of the thirteen.
func (p *Pages) shelf(w http.ResponseWriter, r *http.Request) error {
	s, ok := p.Service.Snapshot().Shelf(r.PathValue("key"))
	if !ok {
		return httpx.ErrNotFound
	}
	in, err := p.find(r, catalogue.Filter{Shelf: s.Key})
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, shelfPage(s, in))
}

// department shows what one department is responsible for.
func (p *Pages) department(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if !p.Identity.Directory().HasDepartment(id) {
		return httpx.ErrNotFound
	}
	in, err := p.find(r, catalogue.Filter{Department: id})
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, departmentPage(p.Identity.Directory().Department(id), in))
}

// shelves shows all thirteen with what they are for.
func (p *Pages) shelves(w http.ResponseWriter, r *http.Request) error {
	return view.Render(w, r, http.StatusOK, shelvesPage(p.Service.Shelves(), p.Service.ShelfCounts()))
}
