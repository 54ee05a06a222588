// Package form reads what a browser sends and keeps it for showing again: a
// rejected form loses nothing.
//
// A form checks shape only (there, short enough in characters, a number, a
// date); business rules stay in the service, whose complaints Reject puts
// beside the inputs.
//
//	f, err := form.Parse(r)
//	in := cases.AcceptInput{Reason: f.Text("reason", form.Max(500))}
//	if f.OK() {
//		err := svc.Accept(…)
//		if err == nil { redirect }
//		if !f.Reject(err) { return err }
//	}
//	render with status f.Status()
package form

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/money"
)

// Errors of shape. Their texts are "error.form.…".
var (
	ErrUnreadable = errs.Define(errs.BadRequest, "form.unreadable")
	ErrTooLarge   = errs.Define(errs.TooLarge, "form.too_large")
	ErrFields     = errs.Define(errs.Invalid, "form.fields")
	errRequired   = errs.Define(errs.Invalid, "form.required")
	errTooLong    = errs.Define(errs.Invalid, "form.too_long")
	errNumber     = errs.Define(errs.Invalid, "form.number")
	errMoney      = errs.Define(errs.Invalid, "form.money")
	errChoice     = errs.Define(errs.Invalid, "form.choice")
)

// Form holds the values as they came and the complaints about them.
type Form struct {
	values url.Values
	errors []errs.Field
}

// New returns an empty form for the first showing, with start values.
func New(kv ...string) *Form {
	f := &Form{values: url.Values{}}
	for i := 0; i+1 < len(kv); i += 2 {
		f.values.Add(kv[i], kv[i+1])
	}
	return f
}

// FromValues wraps values that are known already.
func FromValues(v url.Values) *Form { return &Form{values: v} }

// Parse reads a urlencoded or multipart body, or the query of a GET. Text that
// is not UTF-8 is refused as a whole: half a name must not reach a file.
func Parse(r *http.Request) (*Form, error) {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	if media == "multipart/form-data" {
		err = r.ParseMultipartForm(1 << 20) // beyond that files go to disk, and are bounded by the body limit of the route
	} else {
		err = r.ParseForm()
	}
	if err != nil {
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			return nil, ErrTooLarge
		}
		return nil, ErrUnreadable.Because(err)
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return readable(r.Form)
	}
	return readable(r.PostForm)
}

// Bounds of ParseTexts.
const (
	maxTexts     = 1000      // parts, as of ParseMultipartForm
	maxTextBytes = 256 << 10 // of all texts together
)

// ParseTexts is Parse for a request that was refused: only to show again what
// was typed. Files that came along are read past and kept nowhere, so that
// nobody fills the disk who may not upload.
func ParseTexts(r *http.Request) (*Form, error) {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if media != "multipart/form-data" || r.MultipartForm != nil {
		return Parse(r)
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, ErrUnreadable.Because(err)
	}
	values, room := url.Values{}, int64(maxTextBytes)
	for range maxTexts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return readable(values)
		}
		if err != nil {
			return nil, ErrUnreadable.Because(err)
		}
		if part.FormName() == "" || part.FileName() != "" {
			if _, err := io.Copy(io.Discard, part); err != nil {
				return nil, ErrUnreadable.Because(err)
			}
			continue
		}
		text, err := io.ReadAll(io.LimitReader(part, room+1))
		if err != nil {
			return nil, ErrUnreadable.Because(err)
		}
		if room -= int64(len(text)); room < 0 {
			return nil, ErrTooLarge
		}
		values.Add(part.FormName(), string(text))
	}
	return nil, ErrUnreadable
}

// readable refuses what is not text and makes line ends alike.
func readable(values url.Values) (*Form, error) {
	f := &Form{values: values}
	for k, vs := range f.values {
		if !utf8.ValidString(k) {
			return nil, ErrUnreadable
		}
		for i, v := range vs {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return nil, ErrUnreadable
			}
			vs[i] = strings.ReplaceAll(v, "\r\n", "\n")
		}
	}
	return f, nil
}

// Rule checks one text.
type Rule func(v string) *errs.Field

// Required refuses an empty text.
func Required(v string) *errs.Field {
	if v == "" {
		return &errs.Field{Code: errRequired.Code}
	}
	return nil
}

// Max refuses more than n characters (not bytes: a Chinese name has three per character).
func Max(n int) Rule {
	return func(v string) *errs.Field {
		if utf8.RuneCountInString(v) > n {
			return &errs.Field{Code: errTooLong.Code, Params: map[string]any{"max": n}}
		}
		return nil
	}
}

// OneOf refuses what is not offered.
func OneOf(options ...string) Rule {
	return func(v string) *errs.Field {
		if v != "" && !slices.Contains(options, v) {
			return &errs.Field{Code: errChoice.Code}
		}
		return nil
	}
}

// Text returns a trimmed text. Without a Max rule, 5,000 characters is the bound.
func (f *Form) Text(name string, rules ...Rule) string {
	v := strings.TrimSpace(f.values.Get(name))
	for _, rule := range append(rules, Max(5000)) {
		if e := rule(v); e != nil {
			f.Complain(name, e.Code, e.Params)
			break
		}
	}
	return v
}

// Secret returns a text untrimmed: a password may begin with a space.
func (f *Form) Secret(name string, rules ...Rule) string {
	v := f.values.Get(name)
	for _, rule := range append(rules, Max(200)) {
		if e := rule(v); e != nil {
			f.Complain(name, e.Code, e.Params)
			break
		}
	}
	return v
}

// All returns every value of a name, as of checkboxes.
func (f *Form) All(name string) []string { return f.values[name] }

// Bool says whether a checkbox is ticked.
func (f *Form) Bool(name string) bool {
	switch f.values.Get(name) {
	case "on", "true", "yes", "1":
		return true
	}
	return false
}

// Int returns a whole number within the bounds; empty is 0 unless required.
func (f *Form) Int(name string, lowest, highest int64, required bool) int64 {
	s := strings.TrimSpace(f.values.Get(name))
	if s == "" {
		if required {
			f.Complain(name, errRequired.Code, nil)
		}
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < lowest || n > highest {
		f.Complain(name, errNumber.Code, map[string]any{"min": lowest, "max": highest})
		return 0
	}
	return n
}

// Money returns an amount in fen typed in yuan.
func (f *Form) Money(name string, required bool) money.Fen {
	s := strings.TrimSpace(f.values.Get(name))
	if s == "" && !required {
		return 0
	}
	n, err := money.Parse(s)
	if err != nil || n < 0 {
		f.Complain(name, errMoney.Code, nil)
		return 0
	}
	return n
}

// Value returns what to show in an input.
func (f *Form) Value(name string) string { return f.values.Get(name) }

// Values returns everything that came.
func (f *Form) Values() url.Values { return f.values }

// Has says whether a checkbox or option with this value is chosen.
func (f *Form) Has(name, value string) bool { return slices.Contains(f.values[name], value) }

// Complain adds a complaint about an input; only the first about each is kept.
func (f *Form) Complain(name, code string, params map[string]any) {
	if f.Error(name) == nil {
		f.errors = append(f.errors, errs.Field{Name: name, Code: code, Params: params})
	}
}

// Error returns the complaint about an input, nil when there is none.
func (f *Form) Error(name string) *errs.Field {
	for i := range f.errors {
		if f.errors[i].Name == name {
			return &f.errors[i]
		}
	}
	return nil
}

// Errors lists the complaints in the order found, for the summary on top.
func (f *Form) Errors() []errs.Field { return f.errors }

// OK says that nothing is wrong so far.
func (f *Form) OK() bool { return len(f.errors) == 0 }

// Status is 200, or 422 once something is wrong.
func (f *Form) Status() int {
	if f.OK() {
		return http.StatusOK
	}
	return http.StatusUnprocessableEntity
}

// Reject takes over what a service says about single inputs, or about the
// input as a whole (shown in the summary under no name). It returns false for
// an error that is not about the input: the caller returns that one.
func (f *Form) Reject(err error) bool {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || (e.Kind != errs.Invalid && e.Kind != errs.Conflict && e.Kind != errs.TooMany) {
		return false
	}
	for _, field := range e.Fields {
		f.Complain(field.Name, field.Code, field.Params)
	}
	if len(e.Fields) == 0 {
		f.Complain("", e.Code, e.Params)
	}
	return true
}
