package dossier_test

import (
	"errors"
	"testing"

	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

// A program speaks for the registers of its department, of firms in its region.
func TestProgramKeepsToItsRegister(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		far := "91371671MA3TB0018J"
		if _, err := b.Take(b.ctx, auth.SystemActor(), dossier.Opening{USCC: far, Region: "371603", Words: []dossier.Word{reg("name", "market", "沾化某公司", "2020-01-01")}}); err != nil {
			t.Fatal(err)
		}
		near := b.firm
		program := func(department string) auth.Actor {
			return auth.Actor{Kind: auth.Client, ID: "client-" + department, Scopes: auth.Scopes, DepartmentID: department}
		}
		for name, c := range map[string]struct {
			department, register, uscc, region, field string
		}{
			"its own":             {"sc", "market", near.USCC, "", ""},
			"of no department":    {"", "market", near.USCC, "", "register"},
			"of another one":      {"sw", "market", near.USCC, "", "register"},
			"of one that is gone": {"kj", "science", near.USCC, "", "register"},
			"elsewhere":           {"sc", "market", far, "", "uscc"},
			"new, elsewhere":      {"sc", "market", "91371671MAEX003K5K", "371603", "region"},
			"new, here":           {"sc", "market", "91371671MA3TB0028K", "371671", ""},
		} {
			said := dossier.RegisterSaid{USCC: c.uscc, Register: c.register, Region: c.region, AsOf: "2026-11-01", Facts: []dossier.FactSaid{{Key: "name", Value: "某公司"}}}
			if c.register == "science" {
				said.Facts = []dossier.FactSaid{{Key: "address", Value: "别处1号"}}
			}
			_, _, err := b.Say(b.ctx, program(c.department), said)
			field := ""
			if e, ok := errors.AsType[*errs.Error](err); ok && len(e.Fields) > 0 && e.Fields[0].Code == dossier.ErrNotYours.Code {
				field = e.Fields[0].Name
			}
			if field != c.field || (err == nil) != (c.field == "") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := b.identity.EnterpriseByUSCC(b.ctx, far); err != nil {
			t.Error(err)
		}
	})
}
