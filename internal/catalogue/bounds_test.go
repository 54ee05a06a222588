package catalogue_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
)

func TestDefinitionsHaveASize(t *testing.T) {
	t.Parallel()
	zh := func(n int) i18n.Text { return i18n.Text{ZH: strings.Repeat("字", n)} }
	for name, tt := range map[string]struct {
		most   int
		change func(d *catalogue.Definition, n int)
		want   string
	}{
		"name":            {200, func(d *catalogue.Definition, n int) { d.Name = zh(n) }, "name catalogue.field.long"},
		"English name":    {400, func(d *catalogue.Definition, n int) { d.Name.EN = strings.Repeat("a", n) }, "name catalogue.field.long"},
		"summary":         {2000, func(d *catalogue.Definition, n int) { d.Summary = zh(n) }, "summary catalogue.field.long"},
		"a keyword":       {50, func(d *catalogue.Definition, n int) { d.Keywords = []string{strings.Repeat("字", n)} }, "keywords catalogue.field.long"},
		"a condition":     {4000, func(d *catalogue.Definition, n int) { d.Conditions = []catalogue.Condition{{Text: zh(n)}} }, "conditions.1 catalogue.field.long"},
		"reasons to come": {4000, func(d *catalogue.Definition, n int) { d.TripsReason = zh(n) }, "trips_reason catalogue.field.long"},
		"keywords": {60, func(d *catalogue.Definition, n int) {
			d.Keywords = nil
			for i := range n {
				d.Keywords = append(d.Keywords, fmt.Sprint("k", i))
			}
		}, "keywords catalogue.field.many"},
		"materials": {100, func(d *catalogue.Definition, n int) {
			d.Materials = make([]catalogue.Material, n)
		}, "materials catalogue.field.many"},
		"conditions":  {100, func(d *catalogue.Definition, n int) { d.Conditions = make([]catalogue.Condition, n) }, "conditions catalogue.field.many"},
		"legal basis": {50, func(d *catalogue.Definition, n int) { d.LegalBasis = make([]i18n.Text, n) }, "legal_basis catalogue.field.many"},
		"questions":   {50, func(d *catalogue.Definition, n int) { d.FAQ = make([]catalogue.FAQ, n) }, "faq catalogue.field.many"},
		"fields": {300, func(d *catalogue.Definition, n int) {
			d.Form.Sections = []catalogue.Section{{Key: "a", Fields: make([]catalogue.Field, n)}}
		}, "form catalogue.field.many"},
	} {
		complains := func(n int) bool {
			var d catalogue.Definition
			tt.change(&d, n)
			for _, f := range errs.FieldsOf(d.Validate()) {
				if f.Name+" "+f.Code == tt.want {
					return true
				}
			}
			return false
		}
		if complains(tt.most) || !complains(tt.most+1) {
			t.Errorf("%s: at most %d, says %v; one more, says %v", name, tt.most, complains(tt.most), complains(tt.most+1))
		}
	}
}
