package catalogue

import (
	"slices"
	"strings"
	"testing"
)

// TestEveryFieldTypeHasARow: a type that the table forgets would be shown whole
// to everybody.
func TestEveryFieldTypeHasARow(t *testing.T) {
	t.Parallel()
	for _, x := range FieldTypes {
		r, ok := typeRules[x]
		if !ok {
			t.Errorf("typeRules says nothing of %s", x)
		}
		if (r.ofPerson || r.list != nil || r.file != nil) && !r.personal {
			t.Errorf("%s is masked or of a person, yet the public may see it", x)
		}
		if r.file != nil && r.list == nil {
			t.Errorf("%s is masked on the page of a case, but not in lists", x)
		}
		if r.ofPerson {
			if s, _ := x.InList("371602199001010018").(string); !strings.Contains(s, "*") {
				t.Errorf("%s in a list: %s", x, s)
			}
		}
	}
	for x := range typeRules {
		if !slices.Contains(FieldTypes, x) {
			t.Errorf("%s cannot be chosen", x)
		}
	}
	if got := FieldAddress.InFile(map[string]any{"code": "371602"}); got == nil {
		t.Error("an address is gone")
	}
	if got := FieldBankAccount.InFile("6222000012345678"); got != "****5678" {
		t.Errorf("a bank account on the page of a case: %v", got)
	}
}
