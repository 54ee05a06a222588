package casesweb_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/testkit/apptest"
)

// Both sides read how the due day came about, and the applicant until when he
// and the office have to answer.
func TestTheReckoningIsShown(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	ctx, clerk, kj := t.Context(), a.Actor(t, "clerk"), a.Actor(t, "handler-kj")
	k := a.Submitted(t, "applicant", "KJ-0005")
	ref, mine, theirs := cases.Ref{ID: k.ID}, "/my/cases/"+string(k.ID), "/work/cases/"+string(k.ID)
	want(t, a.As(t, "applicant").Get(mine), http.StatusOK, "我们最迟在2026年3月9日")
	if _, err := a.Cases.AskSupplement(ctx, clerk, ref, cases.AskInput{Note: "请补充说明"}); err != nil {
		t.Fatal(err)
	}
	want(t, a.As(t, "applicant").Get(mine), http.StatusOK, "请在2026年4月1日", "视为撤回申请")
	for _, step := range []func() error{
		func() error { _, err := a.Cases.Submit(ctx, a.Actor(t, "applicant"), ref); return err },
		func() error { _, err := a.Cases.Accept(ctx, clerk, ref); return err },
		func() error { _, err := a.Cases.Pause(ctx, kj, ref, "expert", "专家论证"); return err },
		func() error { a.Clock.Advance(7 * 24 * time.Hour); return nil },
		func() error { _, err := a.Cases.Resume(ctx, kj, ref, ""); return err },
		func() error {
			_, err := a.Cases.Extend(ctx, a.Actor(t, "approver"), ref, 4, "情况复杂")
			return err
		},
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	item, err := a.Catalogue.Item("KJ-0005")
	if err != nil {
		t.Fatal(err)
	}
	if item.Promised.N != 7 {
		t.Fatalf("the promise is %v: count anew", item.Promised)
	}
	for login, path := range map[string]string{"applicant": mine, "handler-kj": theirs} {
		c := a.As(t, login)
		inBoth(t, c, path, nil)
		p := c.Get(path)
		want(t, p, http.StatusOK, "到期日怎么算的", "受理当天不计", "专家论证", "+5", "情况复杂", "+4", "16")
		if (login == "handler-kj") != strings.Contains(p.Text(), "黄牌从") {
			t.Errorf("%s: the lights are for staff", login)
		}
	}
}
