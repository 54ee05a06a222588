package careweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/tongban/tongban/internal/care"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

type filePage struct {
	care.File
	Directory *identity.Directory
	Clock     clock.Clock
}

// file shows everything about one firm.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	f, err := p.Service.File(r.Context(), auth.From(r.Context()), r.PathValue("id"), page.Request{After: r.URL.Query().Get("after"), Size: 20})
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, firmFile(filePage{f, p.Identity.Directory(), p.Clock}))
}

func (p filePage) today() workday.Date { return workday.DateOf(p.Clock.Now()) }

func (p filePage) next() string {
	if p.Cases.Next == "" {
		return ""
	}
	return firmPath(p.ID) + "?" + url.Values{"after": {p.Cases.Next}}.Encode() + "#cases"
}

// facts are what the register says.
func (p filePage) facts(ctx context.Context) []view.Pair {
	pair := func(key, value string) view.Pair {
		return view.Pair{Key: i18n.T(ctx, "care.fact."+key), Value: value}
	}
	out := []view.Pair{
		pair("uscc", p.USCC),
		pair("legal_representative", p.LegalRepresentative),
		pair("region", p.Directory.Region(p.Region).Name.For(ctx)),
		pair("address", p.Address),
		pair("registered_on", p.RegisteredOn),
		{Key: i18n.T(ctx, "care.fact.capital"), Component: view.MoneyWan(p.Capital)},
		pair("industry", industryWords(p.Industry)),
	}
	if p.CommissionerID != "" {
		return append(out, view.Pair{
			Key:   i18n.T(ctx, "care.fact.commissioner"),
			Value: i18n.T(ctx, "care.fact.commissioner_since", "name", p.CommissionerName, "day", i18n.ShortDate(p.Since)),
		})
	}
	return append(out, view.Pair{Key: i18n.T(ctx, "care.fact.commissioner"), Component: view.Chip(i18n.T(ctx, "care.firms.nobody"), true)})
}

// industryWords are the code and the name of an industry.
func industryWords(code string) string {
	_, name, _ := dossier.Industry(code)
	return strings.TrimSpace(code + " " + name)
}

// status of a certificate in a word; needs says that it ends soon.
func (p filePage) status(ctx context.Context, c identity.Certificate) (word string, soon bool) {
	s := c.Status(p.today().String())
	if left := daysLeft(c, p.today()); s == "valid" && c.ValidTo != "" && left <= care.ExpirySoon {
		if left == 0 {
			return i18n.T(ctx, "care.certificate.today"), true
		}
		return i18n.Count(ctx, "care.certificate.left", left), true
	}
	return i18n.T(ctx, "care.certificate."+s), false
}
