package casesweb

import (
	"slices"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/locales"
	"github.com/tongban/tongban/internal/platform/auth"
)

// ofOtherPages are the commands that staff give from pages of their own.
var ofOtherPages = map[cases.Command]string{
	cases.CmdSubmit:  "the form of a case that a clerk fills in",
	cases.CmdReply:   "the form of a case that a desk sent back",
	cases.CmdHandIn:  "papers_later.go: files have to come first",
	cases.CmdReceive: "the visit at a window",
}

// TestEveryCommandOfStaffHasItsForm holds the tables of commands against each
// other: what a post may give has a form or a page, what has a form somebody may
// give, and each form has all of its texts.
func TestEveryCommandOfStaffHasItsForm(t *testing.T) {
	t.Parallel()
	c, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	has := func(key string) {
		for _, l := range i18n.Locales {
			if _, ok := c.Raw(l, key); !ok {
				t.Errorf("%s has no text for %s", l, key)
			}
		}
	}
	form := map[cases.Command]bool{}
	for _, f := range commandForms {
		if form[f.Command] {
			t.Errorf("%s has two forms", f.Command)
		}
		form[f.Command] = true
		at := "work.do." + string(f.Command)
		has(at)
		has("work.flash." + string(f.Command))
		if f.Asks {
			has(at + ".confirm")
		}
		for _, in := range f.Inputs {
			switch in.Kind {
			case kindPoints, kindMaterial, kindText: // words that all commands share
			case kindReason:
				if len(in.Often) > 0 {
					has(at + "." + in.Name)
				}
			case kindWording:
				for _, o := range cases.Outcomes {
					has(at + ".wording." + string(o))
				}
			default:
				has(at + "." + in.Name)
			}
			for _, o := range in.Options {
				has(at + "." + in.Name + "." + o)
			}
		}
	}
	given := map[cases.Command]bool{}
	for _, line := range cases.RightsTable() {
		for _, cmd := range line.Commands {
			given[cmd] = given[cmd] || line.Kind == auth.Staff
			if !slices.Contains(cases.Commands, cmd) {
				t.Errorf("%s of %s may give %s, which is no command", line.Role, line.Scope, cmd)
			}
		}
	}
	for _, cmd := range cases.Commands {
		switch _, elsewhere := ofOtherPages[cmd]; {
		case given[cmd] && !form[cmd] && !elsewhere:
			t.Errorf("staff may give %s, but it has no form: add a row to commandForms", cmd)
		case form[cmd] && !given[cmd] && cmd != cases.CmdWithdraw:
			t.Errorf("%s has a form, but nobody of staff may give it", cmd)
		case form[cmd] && elsewhere:
			t.Errorf("%s has a form, it is no exception", cmd)
		}
	}
}

// TestEveryGroundForAPauseHasItsWords: a special procedure has a name wherever
// the ledger of the clock is shown.
func TestEveryGroundForAPauseHasItsWords(t *testing.T) {
	t.Parallel()
	c, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range append(slices.Clone(cases.PauseKinds), cases.PauseWrongBody) {
		keys := []string{"cases.pause." + kind, "ledger.law." + kind}
		if slices.Contains(catalogue.Uncounted, kind) {
			keys = append(keys, "work.do.pause.kind."+kind)
		}
		for _, key := range keys {
			if _, ok := c.Raw(i18n.Source, key); !ok {
				t.Errorf("no text for %s", key)
			}
		}
	}
}
