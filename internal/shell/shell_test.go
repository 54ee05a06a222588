package shell_test

import (
	"bytes"
	"net/url"
	"testing"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/testkit/apptest"
)

var pdf = []byte("%PDF-1.4\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\n%%EOF\n")

// submitted hands in an item for the applicant's firm.
func submitted(t *testing.T, a *apptest.App, item string) cases.Case {
	t.Helper()
	ctx, who := t.Context(), a.Actor(t, "applicant")
	k, err := a.Cases.Start(ctx, who, cases.StartInput{ItemCode: item, EnterpriseID: who.Firms[0]})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // answers open further fields
		f, err := a.Cases.Form(ctx, who, k.ID)
		if err != nil {
			t.Fatal(err)
		}
		posted := url.Values{}
		for key, v := range cases.Sample(f.Item, f.Answers, 7) {
			posted[key] = v
		}
		for key, v := range f.Buffer.Typed {
			posted[key] = v
		}
		if _, err := a.Cases.SaveTyped(ctx, who, k.ID, f.Buffer.Rev, posted); err != nil {
			t.Fatal(err)
		}
	}
	f, err := a.Cases.Form(ctx, who, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range f.Materials {
		if m.How == cases.Missing {
			if _, err := a.Cases.Attach(ctx, who, k.ID, m.Key, m.Key+".pdf", bytes.NewReader(pdf), 1<<20); err != nil {
				t.Fatal(err)
			}
		}
	}
	if k, err = a.Cases.Submit(ctx, who, cases.Ref{ID: k.ID}); err != nil {
		t.Fatalf("submit %s: %v", item, err)
	}
	return k
}

// seedCases leaves one case with the applicant, one accepted, one to accept.
func seedCases(t *testing.T, a *apptest.App) (asked, accepted, waiting cases.Case) {
	t.Helper()
	clerk := a.Actor(t, "clerk")
	asked, accepted, waiting = submitted(t, a, "KJ-0001"), submitted(t, a, "GD-0001"), submitted(t, a, "SC-0001")
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
