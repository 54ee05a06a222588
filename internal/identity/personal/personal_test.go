package personal_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/identity/personal"
	"github.com/tongban/tongban/internal/platform/auth"
)

// TestTheTable is the table as somebody who answers for it would write it down.
func TestTheTable(t *testing.T) {
	t.Parallel()
	all, handles, pays, other := personal.Reader{Handles: true, Pays: true}, personal.Reader{Handles: true}, personal.Reader{Pays: true}, personal.Reader{}
	sample := map[personal.Kind]string{
		personal.IDNumber: "371602199001010018", personal.Phone: "13812343210", personal.Email: "demo@example.org", personal.Account: "6222000012345678", personal.Name: "李晓敏", personal.Address: "渤海十八路 1 号",
	}
	whole := map[personal.Place]map[personal.Kind][]personal.Reader{
		personal.List: {personal.Address: {all, handles, pays, other}},
		personal.File: {
			personal.Phone: {all, handles}, personal.Email: {all, handles}, personal.Account: {all, pays},
			personal.Name: {all, handles, pays, other}, personal.Address: {all, handles, pays, other},
		},
		personal.World: {},
	}
	for _, at := range personal.Places {
		for _, k := range personal.Kinds {
			for _, r := range []personal.Reader{all, handles, pays, other} {
				got := personal.Shown(k, at, r, sample[k])
				if want := slices.Contains(whole[at][k], r); (got == sample[k]) != want {
					t.Errorf("%s at %s for %+v: %q", k, at, r, got)
				}
				if got != sample[k] && got != "" && !strings.Contains(got, "*") {
					t.Errorf("%s at %s: %q hides nothing", k, at, got)
				}
				if personal.Shown(k, at, r, "") != "" {
					t.Errorf("%s: something of nothing", k)
				}
			}
		}
	}
	if personal.Shown(personal.None, personal.World, other, "x") != "x" || personal.Mask(personal.Phone, "13812343210") != "138****3210" {
		t.Error("what tells of nobody is hidden, or a mask is none")
	}
}

func TestWhoMayReveal(t *testing.T) {
	t.Parallel()
	for role, want := range map[auth.Role][]personal.Kind{
		auth.Clerk: {personal.IDNumber, personal.Phone, personal.Email}, auth.Handler: {personal.IDNumber, personal.Phone, personal.Email, personal.Account},
		auth.Approver: {personal.IDNumber, personal.Phone, personal.Account}, auth.Commissioner: {personal.Phone, personal.Email},
		auth.Head: nil, auth.Leader: nil, auth.CatalogueAdmin: nil, auth.SystemAdmin: nil, auth.SecurityAdmin: nil, auth.AuditAdmin: nil,
	} {
		if got := personal.MayReveal(auth.Actor{Kind: auth.Staff, ID: "x", Posts: []auth.Post{{Role: role}}}); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", role, got, want)
		}
	}
	if got := personal.MayReveal(auth.Actor{Kind: auth.Person, ID: "x"}); got != nil {
		t.Errorf("a person: %v", got)
	}
}

func TestMaskText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                           "",
		"请打13812343210找我":            "请打138****3210找我",
		"身份证 371602199001010018，急":   "身份证 371602********0018，急",
		"a.b@example.org 收":          personal.Mask(personal.Email, "a.b@example.org") + " 收",
		"办件 371671202603020001":      "办件 371671202603020001", // of a case, not of a person
		`{"phone":"13812343210"}`:    `{"phone":"138****3210"}`,
		"2026-03-02 09:00，共 12345 元": "2026-03-02 09:00，共 12345 元",
	} {
		if got := personal.MaskText(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
