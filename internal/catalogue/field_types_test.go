package catalogue

import (
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/identity/personal"
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
		if r.datum != personal.None && !r.office {
			t.Errorf("%s is personal, yet the public may see it", x)
		}
		if x.OfPerson() {
			if s, _ := x.InList("371602199001010018").(string); !strings.Contains(s, "*") {
				t.Errorf("%s in a list: %s", x, s)
			}
			if s, _ := x.InFile(personal.Reader{}, "371602199001010018").(string); !strings.Contains(s, "*") {
				t.Errorf("%s on the page of a case, for who does not handle it: %s", x, s)
			}
		}
	}
	for x := range typeRules {
		if !slices.Contains(FieldTypes, x) {
			t.Errorf("%s cannot be chosen", x)
		}
	}
	if got := FieldAddress.InFile(personal.Reader{}, map[string]any{"code": "371602"}); got == nil {
		t.Error("an address is gone")
	}
	for _, pays := range []bool{false, true} {
		want := map[bool]string{false: "****5678", true: "6222000012345678"}[pays]
		if got := FieldBankAccount.InFile(personal.Reader{Pays: pays}, "6222000012345678"); got != want {
			t.Errorf("a bank account, pays %v: %v", pays, got)
		}
	}
	if got := FieldPhone.InFile(personal.Reader{Handles: true}, "13812343210"); got != "13812343210" {
		t.Errorf("who handles a case cannot call: %v", got)
	}
}
