package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/api"
	"github.com/tongban/tongban/internal/platform/auth"
)

func TestEnterprises(t *testing.T) {
	t.Parallel()
	none := newBench(t)
	of := func(department string) bench {
		b := none
		var err error
		if _, b.token, err = b.Identity.CreateClientFor(t.Context(), auth.SystemActor(), department, department, auth.Scopes, b.Clock.Now().AddDate(1, 0, 0)); err != nil {
			t.Fatal(err)
		}
		return b
	}
	b, taxes := of("sc"), of("sw")
	at := v1 + "/enterprises/" + firm
	e := into[api.Enterprise](b.get(t, at).want(http.StatusOK))
	fact := func(e api.Enterprise, key string, year int) api.EnterpriseFact {
		i := slices.IndexFunc(e.Facts, func(f api.EnterpriseFact) bool { return f.Key == key && f.Year == year })
		if i < 0 {
			return api.EnterpriseFact{}
		}
		return e.Facts[i]
	}
	if e.USCC != firm || e.Register != "known" || fact(e, "revenue", 2025).Value != "42000000.00" || fact(e, "revenue", 2025).Source != "registry" || fact(e, "phone", 0).Key != "" {
		t.Errorf("%+v", e)
	}
	b.get(t, v1+"/enterprises/91371671MAEX003K5K").problem(http.StatusNotFound, "dossier.not_found", "")

	// a program speaks for the registers of its department alone
	for _, x := range []struct {
		bench
		register string
	}{{none, "market"}, {taxes, "market"}, {b, "tax"}} {
		said := object{"uscc": firm, "register": x.register, "as_of": "2026-03-01", "facts": []object{{"key": "address", "value": "别处1号"}}}
		if a := x.post(t, v1+"/enterprises", said); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "dossier.not_yours") {
			t.Errorf("%s: %d %s", x.register, a.Status, a.Body)
		}
	}
	said := object{"uscc": firm, "register": "market", "as_of": "2026-03-01", "facts": []object{{"key": "address", "value": "海纳路8号"}}}
	done := into[api.EnterpriseTaken](b.post(t, v1+"/enterprises", said, "Idempotency-Key", "1").want(http.StatusOK))
	if done.Result != "changed" || !slices.Equal(done.Changed, []string{"address"}) {
		t.Errorf("%+v", done)
	}
	if again := into[api.EnterpriseTaken](b.post(t, v1+"/enterprises", said, "Idempotency-Key", "1").want(http.StatusOK)); again.Result != "changed" {
		t.Errorf("again: %+v", again)
	}
	if same := into[api.EnterpriseTaken](b.post(t, v1+"/enterprises", said).want(http.StatusOK)); same.Result != "same" {
		t.Errorf("without a key: %+v", same)
	}
	said["facts"] = []object{{"key": "address", "value": "海纳路9号"}}
	b.post(t, v1+"/enterprises", said, "Idempotency-Key", "1").problem(http.StatusConflict, "dossier.key_reused", "")
	if f := fact(into[api.Enterprise](b.get(t, at).want(http.StatusOK)), "address", 0); f.Value != "海纳路8号" || f.AsOf != "2026-03-01" {
		t.Errorf("%+v", f)
	}
	// another register that says something else overwrites nothing
	tax := object{"uscc": firm, "register": "tax", "as_of": "2026-03-01", "facts": []object{{"key": "staff", "year": 2025, "value": "80"}}}
	if x := into[api.EnterpriseTaken](taxes.post(t, v1+"/enterprises", tax).want(http.StatusOK)); x.Result != "conflict" {
		t.Errorf("%+v", x)
	}
	if f := fact(into[api.Enterprise](b.get(t, at).want(http.StatusOK)), "staff", 2025); !f.Disputed {
		t.Errorf("%+v", f)
	}
	// a firm without a file
	fresh := object{"uscc": "91371671MAEX003K5K", "register": "market", "as_of": "2026-03-01", "facts": []object{{"key": "name", "value": "新公司"}}}
	b.post(t, v1+"/enterprises", fresh).problem(http.StatusUnprocessableEntity, "dossier.invalid", "body.region")
	fresh["region"] = "371671"
	if x := into[api.EnterpriseTaken](b.post(t, v1+"/enterprises", fresh).want(http.StatusOK)); x.Result != "new" {
		t.Errorf("%+v", x)
	}
	for where, bad := range map[string]object{
		"body.uscc":     {"uscc": "91371671MA3TB0009X", "register": "market", "as_of": "2026-03-01", "facts": []object{{"key": "name", "value": "x"}}},
		"body.register": {"uscc": firm, "register": "moon", "as_of": "2026-03-01", "facts": []object{{"key": "name", "value": "x"}}},
		"body.as_of":    {"uscc": firm, "register": "market", "as_of": "2031-03-01", "facts": []object{{"key": "name", "value": "x"}}},
		"body.facts.0":  {"uscc": firm, "register": "tax", "as_of": "2026-03-01", "facts": []object{{"key": "revenue", "value": "x"}}},
	} {
		b.post(t, v1+"/enterprises", bad).problem(http.StatusUnprocessableEntity, "dossier.invalid", where)
	}
}

// A token for cases opens no file.
func TestEnterprisesNeedTheirScope(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, b.token = b.newClient(t, auth.ScopeCasesRead, auth.ScopeFirmsRead)
	b.post(t, v1+"/enterprises", object{"uscc": firm, "register": "tax", "as_of": "2026-03-01", "facts": []object{{"key": "staff", "year": 2025, "value": "80"}}}).problem(http.StatusForbidden, "api.scope", "")
}
