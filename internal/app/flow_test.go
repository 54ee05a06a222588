package app_test

import (
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/testkit/apptest"
)

// publicised brings a case to its publicity and returns the public address of it.
func publicised(t *testing.T, a *apptest.App) string {
	t.Helper()
	ctx := t.Context()
	k, err := handIn(ctx, a.App, a.Actor(t, "applicant"), "HB-0101", 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Cases.Accept(ctx, a.Actor(t, "clerk"), cases.Ref{ID: k.ID}); err != nil {
		t.Fatal(err)
	}
	for _, login := range []string{"handler-hb", "handler-zr", "handler-yj"} { // the last where chemicals are used
		who := a.Actor(t, login)
		if v, err := a.Cases.View(ctx, who, k.ID); err == nil && v.May(cases.CmdEndorse) {
			if _, err := a.Cases.Endorse(ctx, who, cases.Ref{ID: k.ID}, cases.EndorseInput{Opinion: "同意"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	list, _, err := a.Cases.Publicities(ctx, auth.Actor{}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		if p.CaseID == k.ID {
			return p.Token
		}
	}
	t.Fatal("the case is not published")
	return ""
}
