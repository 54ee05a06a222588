package catalogueweb

import (
	"context"
	"net/http"
	"strconv"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/view"
)

// codeLine says what a code is, part by part, and whether it keeps the rule.
type codeLine struct {
	Name  string // which code
	Code  string
	Good  bool
	Said  string      // what is wrong, or that nothing is
	Parts []view.Pair // of the code
}

// checkCodes explains the codes that are being typed.
func (p *Pages) checkCodes(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, codeLinesView(p.codeLines(r.Context(), f)))
}

// codeLines of the codes in a form. What is not typed is made from the parts
// where it can be.
func (p *Pages) codeLines(ctx context.Context, f *form.Form) []codeLine {
	var out []codeLine
	d := catalogue.Definition{
		Code: f.Value("code"), BaseCode: f.Value("base_code"), ImplCode: f.Value("impl_code"), Type: f.Value("type"),
		Action: catalogue.Action(f.Value("action")), Level: f.Value("level"), Department: f.Value("department"),
	}
	if d.BaseCode != "" {
		line := explain(ctx, "base_code", d.BaseCode)
		if c := idcode.CheckItemCode(d.BaseCode); c.Verdict != idcode.Invalid && d.Type != "" && c.Type != d.Type {
			line.Good, line.Said = false, i18n.T(ctx, "error.catalogue.field.base_type", "value", c.Type, "type", d.Type)
		}
		out = append(out, line)
	}
	if d.ImplCode != "" {
		line := explain(ctx, "impl_code", d.ImplCode)
		if c := idcode.CheckItemCode(d.ImplCode); c.Verdict != idcode.Invalid && d.BaseCode != "" && c.Base != d.BaseCode {
			line.Good, line.Said = false, i18n.T(ctx, "catalogue.code.other_base", "base", c.Base)
		}
		return append(out, line)
	}
	department := p.Identity.Directory().Department(d.Department)
	implementation, handling := d.Codes(department.USCC, d.Level)
	if implementation != "" {
		line := explain(ctx, "made_impl", implementation)
		out = append(out, line)
	}
	if handling != "" {
		out = append(out, explain(ctx, "made_handling", handling))
	}
	return out
}

// explain says what the digits of a code mean.
func explain(ctx context.Context, name, code string) codeLine {
	c := idcode.CheckItemCode(code)
	line := codeLine{Name: i18n.T(ctx, "catalogue.code."+name), Code: code, Good: c.Verdict == idcode.Valid, Said: i18n.T(ctx, "catalogue.code.good")}
	if c.Verdict != idcode.Valid {
		line.Said = i18n.T(ctx, "catalogue.code.bad."+c.Reason, "n", len([]rune(code)))
	}
	if c.Verdict == idcode.Invalid {
		return line
	}
	add := func(key, value, more string) {
		if value != "" {
			if more != "" {
				value = i18n.T(ctx, "catalogue.code.with", "value", value, "more", more)
			}
			line.Parts = append(line.Parts, view.Pair{Key: i18n.T(ctx, "catalogue.code.part."+key), Value: value})
		}
	}
	add("body", c.Body, "")
	if c.Level > 0 {
		add("level", strconv.Itoa(c.Level), i18n.T(ctx, "catalogue.code.level."+strconv.Itoa(c.Level)))
	}
	add("area", c.Area, "")
	add("type", c.Type, typeWords(ctx, c.Type))
	add("department", c.Dept, "")
	add("main", c.Main, "")
	sub := ""
	switch {
	case c.Sub == "000":
		sub = i18n.T(ctx, "catalogue.code.sub_none")
	case c.HasSubItems():
		sub = i18n.T(ctx, "catalogue.code.sub_has")
	}
	add("sub", c.Sub, sub)
	add("handle", c.Handle, "")
	return line
}

// typeWords names a type of items, "" for an unknown one.
func typeWords(ctx context.Context, code string) string {
	for _, v := range sources["types"].values {
		if v == code {
			return i18n.T(ctx, "catalogue.type."+code)
		}
	}
	return ""
}
