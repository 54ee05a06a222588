package app

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/api"
	"github.com/tongban/tongban/internal/budget/budgetweb"
	"github.com/tongban/tongban/internal/care/careweb"
	"github.com/tongban/tongban/internal/cases/calendarweb"
	"github.com/tongban/tongban/internal/cases/casesweb"
	"github.com/tongban/tongban/internal/cases/retentionweb"
	"github.com/tongban/tongban/internal/cases/rightsweb"
	"github.com/tongban/tongban/internal/cases/talkweb"
	"github.com/tongban/tongban/internal/catalogue/catalogueweb"
	"github.com/tongban/tongban/internal/catalogue/intakeweb"
	"github.com/tongban/tongban/internal/feedback/feedbackweb"
	"github.com/tongban/tongban/internal/identity/batchweb"
	"github.com/tongban/tongban/internal/identity/certsweb"
	"github.com/tongban/tongban/internal/identity/claimweb"
	"github.com/tongban/tongban/internal/identity/creditweb"
	"github.com/tongban/tongban/internal/identity/dossierweb"
	"github.com/tongban/tongban/internal/identity/factorweb"
	"github.com/tongban/tongban/internal/identity/identityweb"
	"github.com/tongban/tongban/internal/identity/mandateweb"
	"github.com/tongban/tongban/internal/identity/oidcweb"
	"github.com/tongban/tongban/internal/identity/organisationweb"
	"github.com/tongban/tongban/internal/identity/privacyweb"
	"github.com/tongban/tongban/internal/insight/insightweb"
	"github.com/tongban/tongban/internal/matching/grantweb"
	"github.com/tongban/tongban/internal/matching/matchingweb"
	"github.com/tongban/tongban/internal/matching/policyweb"
	"github.com/tongban/tongban/internal/matching/pushweb"
	"github.com/tongban/tongban/internal/matching/tierweb"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/notify/notifyweb"
	"github.com/tongban/tongban/internal/platform/quota/quotaweb"
	"github.com/tongban/tongban/internal/platform/view"
	"github.com/tongban/tongban/internal/queue/queueweb"
	"github.com/tongban/tongban/internal/shell"
)

// handler puts the routes of all modules behind the edge.
func (a *App) handler() (http.Handler, error) {
	sh := shell.New(shell.Deps{
		Clock: a.Clock, Identity: a.Identity, Catalogue: a.Catalogue, Cases: a.Cases, Notify: a.Notify, Sessions: a.Sessions,
		BaseURL: a.Config.BaseURL, Progress: a.Filling.Now, Saved: a.Certs.SavedTotal, Samples: a.samples(),
	})
	casePages := casesweb.New(casesweb.Deps{
		Service: a.Cases, Lists: a.Lists, Identity: a.Identity, Certs: a.Certs, Credit: a.Credit, Catalogue: a.Catalogue, Notify: a.Notify, Sessions: a.Sessions, Clock: a.Clock,
		BaseURL: a.Config.BaseURL, MaxUpload: int64(a.Config.MaxUploadMB) << 20, Talk: a.Talk,
		Visits: a.Visits, QueueHome: queueweb.DeskPath,
	})
	oidcPages := oidcweb.New(oidcweb.Deps{Service: a.OIDC, Identity: a.Identity, Sessions: a.Sessions})
	factorPages := factorweb.New(factorweb.Deps{
		Factor: a.Factor, Identity: a.Identity, Sessions: a.Sessions, Clock: a.Clock, Actor: a.ActorOf, DemoCode: a.demoCode(), Left: a.left(),
		Sections: []func(context.Context, auth.Actor) (templ.Component, error){oidcPages.Section}, Providers: oidcPages.Buttons,
	})
	oidcPages.Enter, factorPages.Then = factorPages.EnterBy, oidcPages.Then
	a.Routes = slices.Concat(
		sh.Routes(),
		identityweb.New(identityweb.Deps{
			SignUps: a.SignUps,
			Service: a.Identity, Sessions: a.Sessions, Audit: a.Audit, BaseURL: a.Config.BaseURL, Papers: casePages.VerifyPaper, Spared: a.Certs.SavedForAll,
			Create: a.Offices.Create,
			Demo:   a.Demo, DemoLogins: demoLogins(), DemoPassword: DemoPassword, Left: a.left(),
			Enter: factorPages.Enter, More: factorPages.SignInMore,
		}).Routes(),
		dossierweb.New(dossierweb.Deps{Service: a.Dossier, Identity: a.Identity, Files: a.Files, Sessions: a.Sessions, MaxUpload: int64(a.Config.MaxUploadMB) << 20}).Routes(),
		claimweb.New(claimweb.Deps{
			Service: a.Claims, Dossier: a.Dossier, Identity: a.Identity, Files: a.Files, Sessions: a.Sessions, Register: a.Register, MaxUpload: int64(a.Config.MaxUploadMB) << 20,
		}).Routes(),
		creditweb.New(creditweb.Deps{Service: a.Credit, Sessions: a.Sessions}).Routes(),
		batchweb.New(batchweb.Deps{Service: a.Batches, Identity: a.Identity, Sessions: a.Sessions, MaxUpload: int64(a.Config.MaxUploadMB) << 20}).Routes(),
		mandateweb.New(mandateweb.Deps{Service: a.Mandates, Identity: a.Identity, Sessions: a.Sessions, Clock: a.Clock, Ports: a.mandatePorts()}).Routes(),
		organisationweb.New(organisationweb.Deps{Service: a.Offices, Identity: a.Identity, Sessions: a.Sessions}).Routes(),
		certsweb.New(certsweb.Deps{Service: a.Certs, Identity: a.Identity, Sessions: a.Sessions, Clock: a.Clock, BaseURL: a.Config.BaseURL}).Routes(),
		factorPages.Routes(),
		oidcPages.Routes(),
		catalogueweb.New(catalogueweb.Deps{
			Service: a.Catalogue, Intake: a.Intake, Identity: a.Identity, RealTimes: a.realTimes, Ratings: a.ratings, Sessions: a.Sessions, BaseURL: a.Config.BaseURL,
		}).Routes(),
		intakeweb.New(intakeweb.Deps{Service: a.Intake, Catalogue: a.Catalogue, Identity: a.Identity}).Routes(),
		casePages.Routes(),
		calendarweb.New(calendarweb.Deps{Service: a.Calendar, Identity: a.Identity, Sessions: a.Sessions, Clock: a.Clock}).Routes(),
		(&privacyweb.Pages{Service: a.Privacy, Identity: a.Identity, Sessions: a.Sessions}).Routes(),
		(&retentionweb.Pages{Service: a.Retention, Identity: a.Identity, Sessions: a.Sessions}).Routes(),
		(&quotaweb.Pages{Book: a.Quota, NameOf: a.Identity.NameOf}).Routes(),
		notifyweb.New(notifyweb.Deps{Notify: a.Notify, Outbox: a.Outbox, Sessions: a.Sessions, Clock: a.Clock}).Routes(),
		talkweb.New(talkweb.Deps{Talk: a.Talk, Identity: a.Identity, Sessions: a.Sessions, Clock: a.Clock, MaxUpload: int64(a.Config.MaxUploadMB) << 20}).Routes(),
		feedbackweb.New(feedbackweb.Deps{Service: a.Feedback, Identity: a.Identity, Clock: a.Clock}).Routes(),
		budgetweb.New(budgetweb.Deps{Service: a.Budget, Identity: a.Identity, Sessions: a.Sessions}).Routes(),
		grantweb.New(grantweb.Deps{Service: a.Grants, Identity: a.Identity, Sessions: a.Sessions, Clock: a.Clock}).Routes(),
		matchingweb.New(matchingweb.Deps{Matching: a.Matching, Advice: a.Advice, Policies: a.Policies, Identity: a.Identity, Push: a.Push}).Routes(),
		pushweb.New(pushweb.Deps{Service: a.Push, Sessions: a.Sessions, Clock: a.Clock}).Routes(),
		policyweb.New(policyweb.Deps{Service: a.Policies, Push: a.Push, Advice: a.Advice, Identity: a.Identity, Catalogue: a.Catalogue, Sessions: a.Sessions, BaseURL: a.Config.BaseURL, MaxUpload: int64(a.Config.MaxUploadMB) << 20, Trial: matchingweb.TrialButton}).Routes(),
		tierweb.New(tierweb.Deps{Service: a.Tiers, Identity: a.Identity, Sessions: a.Sessions, Clock: a.Clock, Item: a.itemName}).Routes(),
		careweb.New(careweb.Deps{Service: a.Care, Identity: a.Identity, Clock: a.Clock}).Routes(),
		queueweb.New(queueweb.Deps{Service: a.Queue, Identity: a.Identity, Sessions: a.Sessions, Clock: a.Clock, BaseURL: a.Config.BaseURL, Secure: a.Config.SecureCookies}).Routes(),
		insightweb.New(insightweb.Deps{Service: a.Insight}).Routes(),
		rightsweb.New(rightsweb.Deps{Cases: a.Cases, Identity: a.Identity, ActorOf: a.ActorOf, RouteOf: a.routeOf}).Routes(),
	)
	a.Routes = append(a.Routes, api.Routes()...)
	edge := &httpx.Edge{
		Log: a.Log, Clock: a.Clock, Catalog: a.Texts, Sessions: a.Sessions, Actor: a.ActorOf, Chrome: sh.Chrome, ErrorPage: sh.ErrorPage,
		BehindProxy: a.Config.BehindProxy, Registry: a.Registry,
	}
	pages, err := edge.Mux(a.Routes)
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	programs, err := api.New(api.Deps{
		Catalogue: a.Catalogue, Cases: a.Cases, Talk: a.Talk, Dossier: a.Dossier, Identity: a.Identity, Certs: a.Certs, Log: a.Log, Clock: a.Clock, Texts: a.Texts, BaseURL: a.Config.BaseURL,
		MaxUpload: int64(a.Config.MaxUploadMB) << 20, BehindProxy: a.Config.BehindProxy, Registry: a.Registry,
	})
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/api/", programs)
	mux.Handle(api.DocsPath, pages)
	mux.Handle("GET /assets/", view.AssetsHandler())
	mux.Handle("/", pages)
	return mux, nil
}

// routeOf finds the route that answers an address.
func (a *App) routeOf(method, address string) (httpx.Route, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Host != "" {
		return httpx.Route{}, false
	}
	table := http.NewServeMux()
	for _, r := range a.Routes {
		table.Handle(r.Method+" "+r.Path, http.NotFoundHandler())
	}
	_, pattern := table.Handler(&http.Request{Method: method, URL: u})
	i := slices.IndexFunc(a.Routes, func(r httpx.Route) bool { return r.Method+" "+r.Path == pattern })
	if i < 0 {
		return httpx.Route{}, false
	}
	return a.Routes[i], true
}

// ActorOf is who acts in a session: a commissioner with the firms he looks after,
// a deputy with the posts of whom he stands in for.
func (m *Modules) ActorOf(ctx context.Context, account string) (auth.Actor, error) {
	actor, err := m.Identity.Actor(ctx, account)
	if err == nil {
		actor, err = m.Cases.WithDeputies(ctx, actor)
	}
	if err == nil && actor.Has(auth.Commissioner) {
		actor.Portfolio, err = m.Care.Portfolio(ctx, account)
	}
	return actor, err
}

// realTimes is what the guide page shows beside the promise.
func (a *App) realTimes(ctx context.Context, itemID string) (catalogueweb.RealTime, error) {
	t, err := a.Cases.RealTimes(ctx, itemID)
	return catalogueweb.RealTime(t), err
}

// ratings is what the guide page says of what people think.
func (a *App) ratings(ctx context.Context, itemCode string) (catalogueweb.Rating, error) {
	s, err := a.Feedback.Summary(ctx, itemCode)
	return catalogueweb.Rating{N: s.N, Average: s.Average(), Satisfied: s.Share(5) + s.Share(4)}, err
}
