package policyweb

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

const pageSize = 30

type listPage struct {
	Filter policy.Filter
	Found  policy.Listing
	Today  string
	Page   int
	Saved  saved

	BaseURL string
}

// feed is the calendar of what the list is narrowed to.
func (d listPage) feed() string {
	if d.Filter.Topic == "" {
		return calendarPath
	}
	return calendarPath + "?topic=" + url.QueryEscape(d.Filter.Topic)
}

// list shows what is published: everybody may read it.
func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	l, err := p.Service.Library(r.Context())
	if err != nil {
		return err
	}
	q := r.URL.Query()
	d := listPage{BaseURL: p.BaseURL, Today: p.Service.Today(), Filter: policy.Filter{Words: words(q.Get("q")), Open: q.Get("open") != "", Ended: q.Get("ended") != ""}}
	if t := q.Get("topic"); slices.Contains(policy.Topics, t) {
		d.Filter.Topic = t
	}
	if v := policy.Level(q.Get("level")); slices.Contains(policy.Levels, v) {
		d.Filter.Level = v
	}
	if k := policy.BenefitKind(q.Get("kind")); slices.Contains(policy.Kinds, k) {
		d.Filter.Kind = k
	}
	if d.Saved, err = p.savedBy(r.Context(), auth.From(r.Context())); err != nil {
		return err
	}
	d.Found = l.List(d.Filter, d.Today)
	n, _ := strconv.Atoi(q.Get("page"))
	d.Page = max(1, min(n, (len(d.Found.Entries)+pageSize-1)/pageSize))
	return view.Render(w, r, http.StatusOK, listView(d))
}

// words bounds what somebody looks for.
func words(s string) string {
	s = strings.TrimSpace(s)
	if rs := []rune(s); len(rs) > 60 {
		s = string(rs[:60])
	}
	return s
}

func (d listPage) shown() []policy.Entry {
	from := (d.Page - 1) * pageSize
	return d.Found.Entries[from:min(from+pageSize, len(d.Found.Entries))]
}

// query is the filter as an address carries it.
func (d listPage) query() url.Values {
	v := url.Values{}
	for k, s := range map[string]string{"q": d.Filter.Words, "topic": d.Filter.Topic, "level": string(d.Filter.Level), "kind": string(d.Filter.Kind)} {
		if s != "" {
			v.Set(k, s)
		}
	}
	if d.Filter.Open {
		v.Set("open", "on")
	}
	if d.Filter.Ended {
		v.Set("ended", "on")
	}
	return v
}

func (d listPage) next() string {
	if d.Page*pageSize >= len(d.Found.Entries) {
		return ""
	}
	return d.at(d.Page + 1)
}

// at is the address of a page of the list.
func (d listPage) at(page int) string {
	v := d.query()
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	if len(v) == 0 {
		return listPath
	}
	return listPath + "?" + v.Encode()
}
