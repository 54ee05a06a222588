package casesweb

import (
	"slices"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
)

// applicantRoutes are the pages of the person who asks, what both faces share
// (papers and files), and the public look at a case.
func (p *Pages) applicantRoutes() []httpx.Route {
	return slices.Concat([]httpx.Route{
		httpx.Get("/my", auth.AsPerson, p.myHome),
		httpx.Get("/my/cases", auth.AsPerson, p.myCases),
		httpx.Post("/my/start", auth.AsPerson, p.start),
		httpx.Post("/my/order", auth.AsPerson, p.order),
		httpx.Get("/my/cases/{id}", auth.AsPerson, p.myCaseShow),
		httpx.Get("/my/cases/{id}/versions", auth.AsPerson, p.versions(my)),
		httpx.Get("/my/cases/{id}/receipt", auth.AsPerson, p.myReceipt),
		httpx.Get("/my/cases/{id}/withdraw", auth.AsPerson, p.withdrawAsk),
		httpx.Post("/my/cases/{id}/copy", auth.AsPerson, p.copyCase),
		httpx.Get("/my/cases/{id}/handover", auth.AsPerson, p.handOverAsk),
		httpx.Post("/my/cases/{id}/handover", auth.AsPerson, p.handOver),
		httpx.Post("/my/cases/{id}/withdraw", auth.AsPerson, p.withdraw),
		httpx.Get("/my/cases/{id}/papers/{kind}", auth.AsPerson, p.paper),
		httpx.Get("/work/cases/{id}/papers/{kind}", auth.AsStaff, p.paper),
		httpx.Get("/my/cases/{id}/papers/{kind}/pdf", auth.AsPerson, p.paperFile),
		httpx.Get("/work/cases/{id}/papers/{kind}/pdf", auth.AsStaff, p.paperFile),
		httpx.Get("/work/cases/{id}/certificate", auth.AsStaff, p.certificateFile),
		httpx.Get("/work/cases/{id}/lent/{key}", auth.AsStaff, p.lentFile),
		httpx.Get("/my/cases/{id}/files/{file}", auth.AsPerson, p.file),
		httpx.Get("/work/cases/{id}/files/{file}", auth.AsStaff, p.file),
		httpx.Post("/verify/{token}/file", auth.Public, p.verifyFile).WithMaxBody(verifyLimit),
		httpx.Get("/track", auth.Public, p.trackAsk),
		httpx.Post("/track", auth.Public, p.track),
	}, p.formRoutes(my, auth.AsPerson))
}
