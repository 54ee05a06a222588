package casesweb

import "github.com/tongban/tongban/internal/platform/httpx"

// workRoutes are the pages of the workbench.
func (p *Pages) workRoutes() []httpx.Route { return nil }
