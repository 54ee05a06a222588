package errs

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Kind classifies an error by what the caller can do about it.
type Kind int

// The kinds, with the HTTP status that package httpx gives them.
const (
	Internal     Kind = iota // 500, with an incident number
	Invalid                  // 422: the input breaks a rule
	Unauthorized             // 401: sign in first
	Forbidden                // 403: you may see it, but not do this
	NotFound                 // 404: not there, or not yours
	Conflict                 // 409: not possible in this state
	Stale                    // 412: somebody changed it in between
	TooMany                  // 429: slow down
	Unavailable              // 503: try again later
	TooLarge                 // 413: the request is bigger than allowed
	BadRequest               // 400: the request cannot be read
	Method                   // 405: not that way
)

// Field is one complaint about one input, shown beside it.
type Field struct {
	Name   string         // name of the input
	Code   string         // text is "error.<code>"
	Params map[string]any // for the text
}

// Error is a classified error with a text for people.
type Error struct {
	Kind   Kind
	Code   string         // text is "error.<code>"
	Params map[string]any // for the text
	Fields []Field        // complaints about single inputs
	Err    error          // cause, for the log only
}

var (
	registryMu sync.Mutex
	registry   = map[string]Kind{}
)

// Define makes a sentinel. It panics when the code is taken, since two
// meanings under one code is a programmer's error.
func Define(kind Kind, code string) *Error {
	registryMu.Lock()
	defer registryMu.Unlock()
	if _, taken := registry[code]; taken {
		panic("errs: code defined twice: " + code)
	}
	registry[code] = kind
	return &Error{Kind: kind, Code: code}
}

// Codes lists every defined code in order; tests hold it against the locale files.
func Codes() []string {
	registryMu.Lock()
	defer registryMu.Unlock()
	return slices.Sorted(maps.Keys(registry))
}

// Error returns the code and the cause, for logs.
func (e *Error) Error() string {
	s := e.Code
	if len(e.Params) > 0 {
		s += fmt.Sprintf(" %v", e.Params)
	}
	for _, f := range e.Fields {
		s += fmt.Sprintf(" [%s: %s]", f.Name, f.Code)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is matches by code, so a copy made by With still is its sentinel.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// With returns a copy carrying one more message parameter.
func (e *Error) With(key string, v any) *Error {
	c := *e
	c.Params = maps.Clone(e.Params)
	if c.Params == nil {
		c.Params = map[string]any{}
	}
	c.Params[key] = v
	return &c
}

// maxFields is how many complaints At collects. Nobody reads more, and input
// made to break every rule a hundred thousand times must not cost its square.
const maxFields = 200

// At returns a copy that also complains about one input, unless there are 200
// complaints already. params are alternating keys and values for the text of code.
func (e *Error) At(field, code string, params ...any) *Error {
	if len(e.Fields) >= maxFields {
		return e
	}
	c := *e
	c.Fields = append(slices.Clone(e.Fields), Field{Name: field, Code: code, Params: pairs(params)})
	return &c
}

// Because returns a copy with a cause for the log.
func (e *Error) Because(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

// OrNil returns nil when no field complaint has been added: checks collect
// into one Error and end with it.
func (e *Error) OrNil() error {
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// KindOf classifies any error; a stranger's error is Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// CodeOf returns the code of a classified error, or "internal".
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return "internal"
}

// FieldsOf returns the complaints about single inputs, if any.
func FieldsOf(err error) []Field {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Fields
	}
	return nil
}

func pairs(kv []any) map[string]any {
	if len(kv) == 0 {
		return nil
	}
	m := make(map[string]any, len(kv)/2)
	for i := 0; i+1 < len(kv); i += 2 {
		m[fmt.Sprint(kv[i])] = kv[i+1]
	}
	return m
}
