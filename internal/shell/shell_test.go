package shell_test

import (
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/testkit/apptest"
)

// seedCases leaves one case with the applicant, one accepted, one to accept.
func seedCases(t *testing.T, a *apptest.App) (asked, accepted, waiting cases.Case) {
	t.Helper()
	clerk := a.Actor(t, "clerk")
	asked, accepted, waiting = a.Submitted(t, "applicant", "KJ-0001"), a.Submitted(t, "applicant", "GD-0001"), a.Submitted(t, "applicant", "SC-0001")
	var err error
	if asked, err = a.Cases.AskSupplement(t.Context(), clerk, cases.Ref{ID: asked.ID, Version: asked.Version},
		cases.AskInput{Points: []cases.Point{{Kind: "material", Key: "facility_plan", Reason: "图纸缺少比例尺"}}}); err != nil {
		t.Fatal(err)
	}
	if accepted, err = a.Cases.Accept(t.Context(), clerk, cases.Ref{ID: accepted.ID, Version: accepted.Version}); err != nil {
		t.Fatal(err)
	}
	return asked, accepted, waiting
}
