package budgetweb

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/tongban/tongban/internal/budget"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

const fundsPath = "/work/funds"

type fundsPage struct {
	Funds     []budget.Fund
	Directory *identity.Directory
	Leader    bool
}

// funds lists those that the reader sees.
func (p *Pages) funds(w http.ResponseWriter, r *http.Request) error {
	actor := auth.From(r.Context())
	list, err := p.Service.Funds(r.Context(), actor)
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, fundList(fundsPage{list, p.Identity.Directory(), actor.Has(auth.Leader)}))
}

type fundPage struct {
	Fund       budget.Fund
	Department i18n.Text
	Ledger     page.Result[budget.Entry]
	MayChange  bool
	Form       *form.Form
}

// fund shows one fund with its ledger.
func (p *Pages) fund(w http.ResponseWriter, r *http.Request) error {
	d, err := p.fundPage(r)
	if err != nil {
		return err
	}
	d.Form = form.New("total", d.Fund.Total.String())
	if d.Fund.Closed {
		d.Form = form.New("total", d.Fund.Total.String(), "closed", "on")
	}
	return view.Render(w, r, http.StatusOK, fundView(d))
}

func (p *Pages) fundPage(r *http.Request) (d fundPage, err error) {
	ctx, actor, key := r.Context(), auth.From(r.Context()), r.PathValue("key")
	if d.Fund, err = p.Service.Fund(ctx, actor, key); err != nil {
		return d, err
	}
	d.Department, d.MayChange = p.Identity.Directory().Department(d.Fund.DepartmentID).Name, p.Service.MayChange(actor, d.Fund)
	d.Ledger, err = p.Service.Ledger(ctx, actor, key, page.Request{After: r.URL.Query().Get("after")})
	return d, err
}

// change sets the total, or closes the fund.
func (p *Pages) change(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(f.Value("version"))
	in := budget.ChangeInput{Version: version, Total: f.Money("total", true), Closed: f.Bool("closed"), Reason: f.Text("reason", form.Required, form.Max(300))}
	key := r.PathValue("key")
	if f.OK() {
		if _, err := p.Service.Change(r.Context(), auth.From(r.Context()), key, in); err == nil {
			p.Sessions.Flash(r.Context(), "budget.flash.changed")
			return httpx.SeeOther(w, r, fundPath(key))
		} else if !f.Reject(err) {
			return err
		}
	}
	d, err := p.fundPage(r)
	if err != nil {
		return err
	}
	d.Form = f
	return view.Render(w, r, f.Status(), fundView(d))
}

func fundPath(key string) string { return fundsPath + "/" + url.PathEscape(key) }

// percent of the total that is spoken for.
func percent(f budget.Fund) int {
	if f.Total <= 0 {
		return 100
	}
	return int(int64(f.Reserved+f.Granted) * 100 / int64(f.Total))
}

func usedWords(ctx context.Context, f budget.Fund) string {
	return i18n.T(ctx, "budget.used", "percent", percent(f))
}

func nextOf(d fundPage) string {
	if d.Ledger.Next == "" {
		return ""
	}
	return fundPath(d.Fund.Key) + "?after=" + url.QueryEscape(d.Ledger.Next)
}

// signed is an amount of the ledger: what leaves the rest of the fund is negative.
func signed(e budget.Entry) string {
	switch e.Kind {
	case budget.EntryReserve, budget.EntryGrant:
		return (-e.Amount).String()
	default:
		return plus(e.Amount)
	}
}

// entryWords say what an entry does: what is set aside for a list was no acceptance.
func entryWords(ctx context.Context, e budget.Entry) string {
	if e.Kind == budget.EntryReserve && e.Key != "" {
		return i18n.T(ctx, "budget.entry.set_aside")
	}
	return i18n.T(ctx, "budget.entry."+string(e.Kind))
}

func plus(f money.Fen) string {
	if f > 0 {
		return "+" + f.String()
	}
	return f.String()
}

func totalIn(ctx context.Context) view.In {
	return view.In{Name: "total", Label: i18n.T(ctx, "budget.change.total"), Hint: i18n.T(ctx, "budget.change.total_hint"), Inputmode: "decimal", Width: "md", Suffix: i18n.T(ctx, "work.do.yuan"), Required: true}
}

func reasonIn(ctx context.Context) view.In {
	return view.In{Name: "reason", Label: i18n.T(ctx, "budget.change.reason"), MaxLength: 300, Required: true, Rows: 2}
}

func leadOf(ctx context.Context, d fundsPage) string {
	if d.Leader {
		return i18n.T(ctx, "budget.lead_leader")
	}
	return i18n.T(ctx, "budget.lead")
}

func fundPairs(ctx context.Context, f budget.Fund) []view.Pair {
	var out []view.Pair
	for _, x := range []struct {
		key string
		fen money.Fen
	}{{"total", f.Total}, {"reserved", f.Reserved}, {"granted", f.Granted}, {"left", f.Left()}} {
		out = append(out, view.Pair{Key: i18n.T(ctx, "budget.col."+x.key), Component: view.Money(x.fen)})
	}
	return out
}

// byWhom names who gave the command; the program by its word.
func byWhom(ctx context.Context, e budget.Entry) string {
	if e.ByID == auth.SystemActor().ID {
		return i18n.T(ctx, "budget.by_system")
	}
	return e.ByName
}
