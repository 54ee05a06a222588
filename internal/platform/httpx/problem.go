package httpx

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/logx"
)

// Status maps the kind of an error to its HTTP status; the only such map.
func Status(err error) int {
	switch errs.KindOf(err) {
	case errs.Invalid:
		return http.StatusUnprocessableEntity
	case errs.Unauthorized:
		return http.StatusUnauthorized
	case errs.Forbidden:
		return http.StatusForbidden
	case errs.NotFound:
		return http.StatusNotFound
	case errs.Conflict:
		return http.StatusConflict
	case errs.Stale:
		return http.StatusPreconditionFailed
	case errs.TooMany:
		return http.StatusTooManyRequests
	case errs.Unavailable:
		return http.StatusServiceUnavailable
	case errs.TooLarge:
		return http.StatusRequestEntityTooLarge
	case errs.BadRequest:
		return http.StatusBadRequest
	case errs.Method:
		return http.StatusMethodNotAllowed
	default:
		return http.StatusInternalServerError
	}
}

// Problem is an RFC 9457 document: code is stable and for programs, detail is
// a sentence in the reader's language.
type Problem struct {
	Type     string         `json:"type"`
	Title    string         `json:"title"`
	Status   int            `json:"status"`
	Detail   string         `json:"detail,omitempty"`
	Code     string         `json:"code"`
	Incident string         `json:"incident,omitempty"`
	Fields   []ProblemField `json:"errors,omitempty"`
}

// ProblemField is a complaint about one input.
type ProblemField struct {
	Location string `json:"location"`
	Code     string `json:"code"`
	Message  string `json:"message"`
}

// NewProblem describes an error for a program; an internal error shows nothing
// of itself but its incident number.
func NewProblem(r *http.Request, err error) Problem {
	ctx := r.Context()
	p := Problem{Type: "about:blank", Status: Status(err), Code: errs.CodeOf(err)}
	p.Title = http.StatusText(p.Status)
	if p.Status >= 500 {
		p.Incident = logx.RequestID(ctx)
	}
	var params map[string]any
	if x, ok := errors.AsType[*errs.Error](err); ok {
		params = x.Params
	}
	p.Detail = i18n.T(ctx, "error."+p.Code, i18n.Map(params)...)
	for _, f := range errs.FieldsOf(err) {
		p.Fields = append(p.Fields, ProblemField{Location: f.Name, Code: f.Code, Message: i18n.T(ctx, "error."+f.Code, i18n.Map(f.Params)...)})
	}
	return p
}

// WriteProblem answers with a problem document.
func WriteProblem(w http.ResponseWriter, r *http.Request, err error) {
	p := NewProblem(r, err)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}
