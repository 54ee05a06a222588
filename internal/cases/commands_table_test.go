package cases

import (
	"slices"
	"testing"

	"github.com/tongban/tongban/internal/cases/docs"
)

// TestTheTablesOfCommandsAgree: what the engine knows is listed, and what is
// listed it knows and somebody may give.
func TestTheTablesOfCommandsAgree(t *testing.T) {
	t.Parallel()
	for c := range commands {
		if !slices.Contains(EventKinds, c) {
			t.Errorf("%s is in the table, but neither in Commands nor among what the engine leaves itself", c)
		}
	}
	for _, c := range Commands {
		if _, ok := commands[c]; !ok {
			t.Errorf("%s is listed, but the table has no row for it", c)
		}
		if !slices.ContainsFunc(rights, func(r right) bool { return slices.Contains(r.commands, c) }) {
			t.Errorf("nobody may give %s", c)
		}
	}
	for c := range notices {
		if !slices.Contains(EventKinds, c) {
			t.Errorf("there is a notice of %s, which never happens", c)
		}
	}
	for _, c := range toldByLaw {
		if _, ok := notices[c]; !ok {
			t.Errorf("the law wants %s told, but there is no notice of it", c)
		}
	}
	for _, kind := range PauseKinds {
		if docs.Word("pause." + kind).IsZero() {
			t.Errorf("cases/docs/words.yaml has no pause.%s", kind)
		}
	}
}
