package view

import (
	"context"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/form"
)

// FieldID is the id of the input of that name, for links to it.
func FieldID(name string) string { return "f-" + strings.ReplaceAll(name, " ", "_") }

// choiceID gives the first choice the id of the field, so that links arrive.
func choiceID(name string, i int) string {
	if i == 0 {
		return FieldID(name)
	}
	return FieldID(name) + "-" + strconv.Itoa(i)
}

func complaintOf(f *form.Form, in In) *errs.Field {
	if f == nil {
		return nil
	}
	return f.Error(in.Name)
}

func bad(f *form.Form, in In) bool { return complaintOf(f, in) != nil }

func complaint(ctx context.Context, e *errs.Field) string {
	return i18n.T(ctx, "error."+e.Code, i18n.Map(e.Params)...)
}

// complaintOn is the complaint about an input: where there is only to choose,
// nobody is asked to write.
func complaintOn(ctx context.Context, e *errs.Field, in In) string {
	if len(in.Options) > 0 && (e.Code == "form.required" || e.Code == "cases.field.required") {
		return i18n.T(ctx, "screens.choose")
	}
	return complaint(ctx, e)
}

// errorTitle counts what is to be changed; where no input is at fault there is
// nothing to change, and it only says that nothing was done.
func errorTitle(ctx context.Context, f *form.Form) string {
	n := 0
	for _, e := range f.Errors() {
		if e.Name != "" {
			n++
		}
	}
	if n == 0 {
		return i18n.T(ctx, "view.errors.refused")
	}
	return i18n.T(ctx, "view.errors.title", "n", n)
}

func value(f *form.Form, name string) string {
	if f == nil {
		return ""
	}
	return f.Value(name)
}

func has(f *form.Form, name, value string) bool { return f != nil && f.Has(name, value) }

func widthOf(in In) string {
	if in.Width == "" {
		return ""
	}
	return "tb-w-" + in.Width
}

func orInt(n, fallback int) int {
	if n == 0 {
		return fallback
	}
	return n
}

// describedBy joins the input with its hint, its complaint and its unit.
func describedBy(f *form.Form, in In) templ.Attributes {
	var ids []string
	if in.Hint != "" {
		ids = append(ids, FieldID(in.Name)+"-h")
	}
	if bad(f, in) || in.Type == "file" {
		ids = append(ids, FieldID(in.Name)+"-e")
	}
	if in.Suffix != "" {
		ids = append(ids, FieldID(in.Name)+"-u")
	}
	a := templ.Attributes{}
	if len(ids) > 0 {
		a["aria-describedby"] = strings.Join(ids, " ")
	}
	return a
}

// common are the attributes that all inputs share.
func common(f *form.Form, in In) templ.Attributes {
	a := describedBy(f, in)
	a["id"], a["name"] = FieldID(in.Name), in.Name
	if bad(f, in) {
		a["aria-invalid"] = "true"
	}
	if in.Required {
		a["required"] = true
	}
	if in.Autofocus && (f == nil || f.OK()) { // else the summary takes the focus
		a["autofocus"] = true
	}
	if in.MaxLength > 0 {
		a["maxlength"] = strconv.Itoa(in.MaxLength)
	}
	for k, v := range map[string]string{"autocomplete": in.Autocomplete, "inputmode": in.Inputmode, "placeholder": in.Placeholder} {
		if v != "" {
			a[k] = v
		}
	}
	return a
}

// control adds what an <input> has beyond.
func control(f *form.Form, in In) templ.Attributes {
	a := common(f, in)
	a["type"] = textOr(in.Type, "text")
	if v := value(f, in.Name); v != "" && in.Type != "password" {
		a["value"] = v
	}
	if in.Pattern != "" {
		a["pattern"] = in.Pattern
	}
	return a
}

func fileAttrs(ctx context.Context, f *form.Form, in In) templ.Attributes {
	a := common(f, in)
	a["type"] = "file"
	if in.Accept != "" {
		a["accept"] = in.Accept
	}
	if in.MaxBytes > 0 {
		a["data-max-bytes"] = strconv.FormatInt(in.MaxBytes, 10)
		a["data-text-too-big"] = i18n.T(ctx, "view.file.too_big")
	}
	return a
}

// fileHint says what is accepted unless the page does.
func fileHint(ctx context.Context, in In) In {
	in.Type, in.Suffix, in.Placeholder, in.MaxLength = "file", "", "", 0
	if in.Hint != "" {
		return in
	}
	var kinds []string
	for part := range strings.SplitSeq(in.Accept, ",") {
		if ext, ok := strings.CutPrefix(strings.TrimSpace(part), "."); ok && ext != "jpeg" {
			kinds = append(kinds, strings.ToUpper(ext))
		}
	}
	list := strings.Join(kinds, i18n.T(ctx, "view.file.comma"))
	size := Size(in.MaxBytes)
	switch {
	case list != "" && in.MaxBytes > 0:
		in.Hint = i18n.T(ctx, "view.file.hint", "kinds", list, "size", size)
	case list != "":
		in.Hint = i18n.T(ctx, "view.file.hint_kinds", "kinds", list)
	case in.MaxBytes > 0:
		in.Hint = i18n.T(ctx, "view.file.hint_size", "size", size)
	}
	return in
}

// Size writes the size of a file: 340 KB, 1.2 MB, 20 MB.
func Size(n int64) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return strconv.FormatInt(n>>20, 10) + " MB"
	case n >= 1<<20:
		return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MB"
	default:
		return strconv.FormatInt((n+1023)/1024, 10) + " KB"
	}
}

// withoutTyping drops what only a typed input has.
func withoutTyping(in In) In {
	in.Placeholder, in.Inputmode, in.MaxLength, in.Suffix = "", "", 0, ""
	return in
}

// withoutHint is for a checkbox, whose hint is part of its label.
func withoutHint(in In) In {
	in.Hint, in.Suffix = "", ""
	return in
}

func confirmAttrs(label, question string) templ.Attributes {
	if question == "" {
		return nil
	}
	return templ.Attributes{"data-confirm": question, "data-confirm-ok": label}
}

// AutosaveAttrs make a form save itself to url. key names the copy kept in the
// browser until the server has confirmed, unique to person and draft; "" keeps
// none. The form also holds AutosaveRev and AutosaveStatus.
func AutosaveAttrs(url, key string, rev int) templ.Attributes {
	a := templ.Attributes{"data-autosave": url, "data-autosave-rev": strconv.Itoa(rev)}
	if key != "" {
		a["data-autosave-key"] = key
	}
	return a
}

// named puts the label of an input before what is said about it.
func named(ctx context.Context, e *errs.Field, inputs []In) string {
	for _, in := range inputs {
		if in.Name == e.Name && in.Label != "" {
			return i18n.T(ctx, "view.errors.named", "label", in.Label, "text", complaintOn(ctx, e, in))
		}
	}
	return complaint(ctx, e)
}
