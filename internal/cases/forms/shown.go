package forms

import (
	"math"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
)

// Shown returns an answer as text for people.
func Shown(f catalogue.Field, v any, l i18n.Locale) string {
	label := func(value string) string {
		for _, o := range f.Options {
			if o.Value == value {
				return o.Label.In(l)
			}
		}
		return value
	}
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if f.Type == catalogue.FieldYesNo {
			return map[bool]string{true: i18n.Text{ZH: "是", EN: "Yes"}.In(l), false: i18n.Text{ZH: "否", EN: "No"}.In(l)}[v == "yes"]
		}
		return label(v)
	case float64:
		if f.Type == catalogue.FieldMoney {
			return "¥ " + money.Fen(math.Round(v*100)).String()
		}
		if f.Type == catalogue.FieldPercent {
			return strconv.FormatFloat(v, 'f', -1, 64) + "%"
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			s, _ := x.(string)
			parts[i] = label(s)
		}
		return strings.Join(parts, i18n.Text{ZH: "、", EN: ", "}.In(l))
	case map[string]any:
		return shownAddress(v, l)
	default:
		return ""
	}
}

// ShownRows returns the rows of a repeating section as one text, for a sentence,
// a cell or a message: "1. 张三，60%；2. 李四，40%".
func ShownRows(s catalogue.Section, answer any, l i18n.Locale) string {
	var rows []string
	for i, row := range RowsOf(answer) {
		var parts []string
		for _, f := range s.Fields {
			if v := Shown(f, row[f.ID], l); v != "" {
				parts = append(parts, v)
			}
		}
		rows = append(rows, strconv.Itoa(i+1)+". "+strings.Join(parts, i18n.Text{ZH: "，", EN: ", "}.In(l)))
	}
	return strings.Join(rows, i18n.Text{ZH: "；", EN: "; "}.In(l))
}
