package httpx

import (
	"net/http"

	"github.com/tongban/tongban/internal/platform/auth"
)

// Handler answers a request or returns an error for the edge to show.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Route is one line of a module's route table.
type Route struct {
	Method  string // GET or POST; HEAD comes with GET
	Path    string // pattern of net/http.ServeMux
	Need    auth.Need
	Handle  Handler
	MaxBody int64 // bytes of the request body; 0 means 256 KB
}

// Get is a route that shows.
func Get(path string, need auth.Need, h Handler) Route {
	return Route{Method: http.MethodGet, Path: path, Need: need, Handle: h}
}

// Post is a route that changes.
func Post(path string, need auth.Need, h Handler) Route {
	return Route{Method: http.MethodPost, Path: path, Need: need, Handle: h}
}

// WithMaxBody returns the route with another limit for its body.
func (r Route) WithMaxBody(n int64) Route {
	r.MaxBody = n
	return r
}

// SeeOther answers a POST that went well.
func SeeOther(w http.ResponseWriter, r *http.Request, url string) error {
	http.Redirect(w, r, url, http.StatusSeeOther)
	return nil
}
