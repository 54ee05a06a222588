package catalogueweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

// reportPage is the state of health of the catalogue.
type reportPage struct {
	catalogue.Report
	AllShelves []catalogue.Shelf
	Directory  *identity.Directory
}

// report shows the state of health of the catalogue.
func (p *Pages) report(w http.ResponseWriter, r *http.Request) error {
	rep, err := p.Service.Report(r.Context(), auth.From(r.Context()), r.URL.Query().Get("department"))
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, reportView(reportPage{Report: rep, AllShelves: p.Service.Shelves(), Directory: p.Identity.Directory()}))
}

// catalogueTabs are the pages about the catalogue as a whole.
func catalogueTabs(ctx context.Context, now string) []view.Tab {
	out := []view.Tab{{Href: "/admin/items", Text: i18n.T(ctx, "catalogue.admin.title"), Active: now == "items"}}
	for _, key := range []string{"report", "words", "life-events", "themes"} {
		out = append(out, view.Tab{Href: "/admin/catalogue/" + key, Text: i18n.T(ctx, "catalogue.tab."+key), Active: key == now})
	}
	return out
}

// departments that handle items, for the filter.
func (r reportPage) departments() []identity.Department {
	if r.Department != "" {
		return r.Directory.Departments
	}
	return slices.DeleteFunc(slices.Clone(r.Directory.Departments), func(d identity.Department) bool { return r.ByDepartment[d.ID] == 0 })
}

// kpis are the numbers that say most.
func (r reportPage) kpis(ctx context.Context) []view.KPI {
	share := func(key string, s catalogue.Share) view.KPI {
		return view.KPI{
			Href: "/admin/items", Label: i18n.T(ctx, "catalogue.report."+key), Figure: percent(s.Of()), Unit: "%",
			Note: i18n.T(ctx, "catalogue.report.part", "part", s.Part, "whole", s.Whole),
		}
	}
	press := view.KPI{Href: "#press", Label: i18n.T(ctx, "catalogue.report.press"), Figure: "—"}
	if r.All.Items > 0 {
		press.Figure, press.Unit = percent(r.All.Median), "%"
		press.Note = i18n.T(ctx, "catalogue.report.press_note", "share", percent(r.All.Pressed), "n", r.All.Items)
	}
	return []view.KPI{
		{
			Href: "/admin/items", Label: i18n.T(ctx, "catalogue.report.items"), Figure: strconv.Itoa(r.HandlingItems),
			Note: i18n.T(ctx, "catalogue.report.items_note", "services", r.Services, "bundles", r.Bundles, "external", r.External),
		},
		{
			Href: "#by-shelf", Label: i18n.T(ctx, "catalogue.report.complete"), Figure: strconv.Itoa(r.CompleteItems),
			Note: i18n.T(ctx, "catalogue.report.states", "drafts", r.Drafts, "suspended", r.Suspended, "withdrawn", r.Withdrawn),
		},
		press, share("online", r.Online), share("zero", r.ZeroTrips), share("instant", r.Instant),
	}
}

func percent(x float64) string { return strconv.FormatFloat(100*x, 'f', 0, 64) }

// name of an item, with its code.
func (r reportPage) name(ctx context.Context, code string) string {
	return r.Names[code].For(ctx)
}

// missing are the lists of what is not there, in the order of the page.
func (r reportPage) missing() []struct {
	Key   string
	Codes []string
} {
	return []struct {
		Key   string
		Codes []string
	}{{"never_used", r.NeverUsed}, {"without_sample", r.WithoutSample}, {"without_keywords", r.WithoutKeywords}, {"without_english", r.WithoutEnglish}}
}

func (r reportPage) lintHref(code string) string {
	v := url.Values{"state": {withFindings}, "finding": {code}}
	if r.Department != "" {
		v.Set("department", r.Department)
	}
	return "/admin/items?" + v.Encode()
}
