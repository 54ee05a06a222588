package mandate

import (
	"errors"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	known := func(code string) bool { return code == "A-1" || code == "B-2" }
	for name, tt := range map[string]struct {
		grant Grant
		bad   string // the field that is complained about
	}{
		"an agent for everything":       {Grant{Level: auth.LevelAgent}, ""},
		"an agent for two items":        {Grant{Level: auth.LevelAgent, Items: []string{"b-2", "A-1"}}, ""},
		"an item that is none":          {Grant{Level: auth.LevelAgent, Items: []string{"C-3"}}, "items"},
		"an item with a blank":          {Grant{Level: auth.LevelAgent, Items: []string{"A-1 B-2"}}, "items"},
		"a module that is none":         {Grant{Level: auth.LevelAgent, Modules: []auth.Module{"admin"}}, "modules"},
		"a level that is none":          {Grant{Level: "root"}, "level"},
		"no level":                      {Grant{}, "level"},
		"a day that has passed":         {Grant{Level: auth.LevelAgent, Until: "2026-03-01"}, "until"},
		"only today":                    {Grant{Level: auth.LevelAgent, Until: "2026-03-02"}, ""},
		"the end before the beginning":  {Grant{Level: auth.LevelAgent, From: "2026-04-01", Until: "2026-03-31"}, "until"},
		"one day":                       {Grant{Level: auth.LevelAgent, From: "2026-04-01", Until: "2026-04-01"}, ""},
		"a day that is none":            {Grant{Level: auth.LevelAgent, From: "2026-02-30"}, "from"},
		"a manager with limits":         {Grant{Level: auth.LevelManager, ReadOnly: true}, "level"},
		"a manager for a year":          {Grant{Level: auth.LevelManager, Until: "2027-03-01"}, ""},
		"an owner with an end":          {Grant{Level: auth.LevelOwner, Until: "2027-03-01"}, "level"},
		"an owner who is one tomorrow":  {Grant{Level: auth.LevelOwner, From: "2026-03-03"}, "level"},
		"an owner with some items only": {Grant{Level: auth.LevelOwner, Items: []string{"A-1"}}, "level"},
		"an owner":                      {Grant{Level: auth.LevelOwner}, ""},
	} {
		_, err := check(tt.grant, now, known)
		e, _ := errors.AsType[*errs.Error](err)
		switch {
		case tt.bad == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case tt.bad != "" && (e == nil || len(e.Fields) == 0 || e.Fields[0].Name != tt.bad):
			t.Errorf("%s: %v, want a complaint about %s", name, err, tt.bad)
		}
	}
	l, err := check(Grant{Level: auth.LevelAgent, Modules: auth.Modules, Items: []string{"b-2", "A-1", "A-1"}, Until: "2026-03-31"}, now, known)
	if err != nil || l.modules != "" || l.items != "A-1 B-2" || !l.until.Equal(time.Date(2026, 3, 31, 16, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v %v", l, err)
	}
}
