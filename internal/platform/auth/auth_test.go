package auth

import "testing"

func TestReach(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{"370000": "37", "371600": "3716", "371671": "371671", "371671001": "371671001"} {
		if got := Reach(region); got != want {
			t.Errorf("Reach(%s) = %s, want %s", region, got, want)
		}
	}
	if got := CityOf("371671"); got != "3716" {
		t.Errorf("CityOf = %s", got)
	}
}

func TestNeeds(t *testing.T) {
	t.Parallel()
	visitor, person := Actor{}, Actor{Kind: Person}
	clerk, client := Actor{Kind: Staff, Posts: []Post{{Role: Clerk}}}, Actor{Kind: Client, Scopes: []Scope{ScopeItems}}
	for name, tt := range map[string]struct {
		need Need
		met  []Actor
		not  []Actor
	}{
		"public":  {Public, []Actor{visitor, person, clerk, client}, nil},
		"person":  {AsPerson, []Actor{person}, []Actor{visitor, clerk, client}},
		"staff":   {AsStaff, []Actor{clerk}, []Actor{visitor, person, client}},
		"a role":  {AsRole(Clerk, Head), []Actor{clerk}, []Actor{visitor, person, client, {Kind: Person, Posts: []Post{{Role: Clerk}}}}},
		"a scope": {WithScope(ScopeItems), []Actor{client}, []Actor{visitor, person, clerk, {Kind: Client}}},
		"none":    {Need{}, nil, []Actor{visitor, person, clerk, client}},
	} {
		for _, a := range tt.met {
			if !tt.need.Met(a) {
				t.Errorf("%s refuses %+v", name, a)
			}
		}
		for _, a := range tt.not {
			if tt.need.Met(a) {
				t.Errorf("%s lets %+v in", name, a)
			}
		}
	}
}
