package casesweb

import (
	"net/http"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/handout"
	"github.com/tongban/tongban/internal/platform/auth"
)

// file sends an attached file, always as a download and never as a page of
// this site: what people upload must not run here. Staff get a marked copy.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	f, err := p.Service.File(r.Context(), auth.From(r.Context()), cases.ID(r.PathValue("id")), r.PathValue("file"))
	if err != nil {
		return err
	}
	return handout.Desk{Cases: p.Service}.Send(w, r, cases.ID(r.PathValue("id")), f)
}
