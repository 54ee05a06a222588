package api

import (
	"cmp"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/httpx"
)

// Errors of the interface itself; texts are error.<code>.
var (
	ErrInvalid       = errs.Define(errs.Invalid, "api.invalid") // with Fields
	ErrUnreadable    = errs.Define(errs.BadRequest, "api.unreadable")
	ErrMediaType     = errs.Define(errs.BadRequest, "api.media_type")    // answered with 415
	ErrTooLarge      = errs.Define(errs.TooLarge, "api.too_large")       //
	ErrTooMany       = errs.Define(errs.TooMany, "api.too_many")         // params: seconds
	ErrScope         = errs.Define(errs.Forbidden, "api.scope")          // params: scope
	ErrKeyReused     = errs.Define(errs.Conflict, "api.key_reused")      // the key belongs to a case of another item or firm
	ErrNoCertificate = errs.Define(errs.NotFound, "api.no_certificate")  // none yet, or the item has none
	errFirm          = errs.Define(errs.Invalid, "api.field.enterprise") // no such firm on file
	errAnswer        = errs.Define(errs.Invalid, "api.field.answer")     // the form has no such field
	errKind          = errs.Define(errs.Invalid, "api.field.type")
	errMissing       = errs.Define(errs.Invalid, "api.field.required")
	errUnknown       = errs.Define(errs.Invalid, "api.field.unknown")
	errLength        = errs.Define(errs.Invalid, "api.field.length")
	errRange         = errs.Define(errs.Invalid, "api.field.range")
	errChoice        = errs.Define(errs.Invalid, "api.field.choice")
	errFormat        = errs.Define(errs.Invalid, "api.field.format")
)

// Problem is httpx.Problem with the methods that huma asks for.
type Problem struct {
	Type     string               `json:"type"`
	Title    string               `json:"title"`
	Status   int                  `json:"status"`
	Detail   string               `json:"detail,omitempty"`
	Code     string               `json:"code"`
	Incident string               `json:"incident,omitempty"`
	Fields   []httpx.ProblemField `json:"errors,omitempty"`
}

// Error is the sentence.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the status to answer with.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of RFC 9457.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// huma keeps these two as variables of the package, to be set by who uses it;
// nobody else in the house does.
func init() {
	huma.NewError = func(status int, msg string, _ ...error) huma.StatusError {
		return &Problem{Status: status, Detail: msg} // for the schema only
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, list ...error) huma.StatusError {
		r, _ := humago.Unwrap(ctx)
		r = r.WithContext(ctx.Context())
		err := inOurWords(exchangeOf(r.Context()), status, msg, list)
		exchangeOf(r.Context()).note(r.Context(), err)
		p := Problem(httpx.NewProblem(r, err))
		if errors.Is(err, ErrMediaType) {
			p.Status, p.Title = http.StatusUnsupportedMediaType, http.StatusText(http.StatusUnsupportedMediaType)
		}
		return &p
	}
}

// inOurWords makes an error of the house of what huma complains about.
func inOurWords(x *exchange, status int, msg string, list []error) error {
	says := func(part string) bool {
		return strings.Contains(msg, part) || slices.ContainsFunc(list, func(err error) bool { return err != nil && strings.Contains(err.Error(), part) })
	}
	switch {
	case x != nil && x.tooLarge, status == http.StatusRequestEntityTooLarge:
		return ErrTooLarge
	case status == http.StatusUnsupportedMediaType, says(http.ErrNotMultipart.ErrorString):
		return ErrMediaType
	case status == http.StatusInternalServerError && len(list) == 1 && says("unexpected EOF"), says("cannot read multipart form"):
		return ErrUnreadable
	case status == http.StatusInternalServerError && len(list) == 1:
		return list[0] // of a service
	case status != http.StatusUnprocessableEntity:
		return ErrUnreadable.Because(errors.New(msg))
	}
	e := *ErrInvalid
	for _, err := range list {
		if d, ok := errors.AsType[*huma.ErrorDetail](err); ok {
			e.Fields = append(e.Fields, complaint(d))
		}
	}
	return &e
}

// phrases is what huma says, by how it begins, and our code for it.
var phrases = []struct {
	begins string
	code   string
}{
	{validation.MsgUnexpectedProperty, errUnknown.Code},
	{"unknown query parameter", errUnknown.Code},
	{"required ", errMissing.Code},
	{"File required", errMissing.Code},
	{"expected required property ", errMissing.Code},
	{"expected length ", errLength.Code},
	{"expected array length ", errLength.Code},
	{"expected object with at ", errLength.Code},
	{"expected number >", errRange.Code},
	{"expected number <", errRange.Code},
	{"expected value to be one of ", errChoice.Code},
	{validation.MsgExpectedBoolean, errKind.Code},
	{validation.MsgExpectedNumber, errKind.Code},
	{validation.MsgExpectedInteger, errKind.Code},
	{validation.MsgExpectedArray, errKind.Code},
	{validation.MsgExpectedObject, errKind.Code},
	{"invalid integer", errKind.Code},
	{"invalid float", errKind.Code},
	{"invalid boolean", errKind.Code},
}

var property = regexp.MustCompile(`^expected required property (\S+) to be present`)

// complaint is one complaint of huma; the value is not sent back.
func complaint(d *huma.ErrorDetail) errs.Field {
	f := errs.Field{Name: d.Location, Code: errFormat.Code}
	for _, p := range phrases {
		if strings.HasPrefix(d.Message, p.begins) {
			f.Code = p.code
			break
		}
	}
	if d.Message == validation.MsgExpectedString {
		f.Code = errKind.Code
	}
	if m := property.FindStringSubmatch(d.Message); m != nil {
		f.Name += "." + m[1]
	}
	if d.Location == "file" {
		f.Name = "body.file"
	}
	if f.Code == errLength.Code || f.Code == errRange.Code {
		words := strings.Fields(d.Message)
		f.Params = map[string]any{"rule": bound(words)}
	}
	if f.Code == errChoice.Code {
		f.Params = map[string]any{"choices": strings.Trim(strings.TrimPrefix(d.Message, "expected value to be one of "), `"`)}
	}
	return f
}

// bound is the end of a sentence such as "expected length >= 3": ≥ 3.
func bound(words []string) string {
	if len(words) < 2 {
		return ""
	}
	sign := words[len(words)-2]
	if s, ok := map[string]string{">=": "≥", "<=": "≤"}[sign]; ok {
		sign = s
	}
	return sign + " " + words[len(words)-1]
}

// renamed calls the fields of an error as the body does.
func renamed(err error, names map[string]string) error {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || len(e.Fields) == 0 {
		return err
	}
	c := *e
	c.Fields = slices.Clone(e.Fields)
	for i, f := range c.Fields {
		c.Fields[i].Name = cmp.Or(names[f.Name], f.Name)
	}
	return &c
}

// located puts the complaints of the case engine where they are in a request:
// its fields are answers, materials and the reason of a command.
func located(err error, answers string) error {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || len(e.Fields) == 0 {
		return err
	}
	c := *e
	c.Fields = slices.Clone(e.Fields)
	for i, f := range c.Fields {
		switch {
		case strings.HasPrefix(f.Name, "material."):
			c.Fields[i].Name = "materials." + strings.TrimPrefix(f.Name, "material.")
		case f.Name == "reason":
			c.Fields[i].Name = "body.reason"
		case !strings.HasPrefix(f.Name, "body."):
			c.Fields[i].Name = answers + "." + f.Name
		}
	}
	return &c
}
