package app

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/matching/grant"
)

// grantPorts are what lists of automatic grants ask of cases and of the funds.
func (m *Modules) grantPorts() grant.Ports {
	return grant.Ports{
		Having: func(context.Context, string, []string, time.Time) (map[string]bool, error) { return nil, nil },
	}
}
