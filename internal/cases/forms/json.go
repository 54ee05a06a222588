package forms

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/tongban/tongban/internal/catalogue"
)

// FromAnswers turns answers given as JSON (by the API) into typed values. A row
// without a name, or with one that is taken, is named by its place.
func FromAnswers(answers map[string]any) Typed {
	out := Typed{}
	for k, v := range answers {
		switch v := v.(type) {
		case string:
			out[k] = []string{v}
		case float64:
			out[k] = []string{strconv.FormatFloat(v, 'f', -1, 64)}
		case json.Number:
			out[k] = []string{v.String()}
		case bool:
			out[k] = []string{map[bool]string{true: "yes", false: "no"}[v]}
		case map[string]any:
			if typed := addressAnswer(v); typed != nil {
				out[k] = typed
			}
		case []any:
			if rows := RowsOf(v); len(rows) > 0 {
				out.addRows(k, rows)
				continue
			}
			for _, x := range v {
				if s, ok := x.(string); ok {
					out[k] = append(out[k], s)
				}
			}
		}
	}
	return out
}

// addRows adds the rows of a repeating section.
func (t Typed) addRows(group string, rows []map[string]any) {
	names := make([]string, len(rows))
	for i, row := range rows {
		if id := RowID(row); rowID.MatchString(id) && !slices.Contains(names, id) {
			names[i] = id
		}
	}
	for i, row := range rows {
		for n := i + 1; names[i] == ""; n++ {
			if id := "n" + itoa(n); !slices.Contains(names, id) {
				names[i] = id
			}
		}
		for field, values := range FromAnswers(row) {
			if field != catalogue.RowKey {
				t[catalogue.FieldName(group, names[i], field)] = values
			}
		}
	}
	t[group] = names
}
