package casesweb

import "github.com/tongban/tongban/internal/platform/httpx"

// applicantRoutes are the pages of the person who asks.
func (p *Pages) applicantRoutes() []httpx.Route { return nil }
