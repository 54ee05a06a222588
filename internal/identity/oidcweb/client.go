package oidcweb

import (
	"context"
	"net/http"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
)

// client asks providers; one that hangs holds a visitor for ten seconds at most.
var client = &http.Client{Timeout: 10 * time.Second}

// WithClient is the Client of oidc.Deps.
func WithClient(ctx context.Context) context.Context { return gooidc.ClientContext(ctx, client) }
