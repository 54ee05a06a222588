package signup_test

import (
	"context"
	"errors"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/signup"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

var from = auth.Actor{From: "192.0.2.7"}

func person(id, phone string) identity.SignUpInput {
	return identity.SignUpInput{Name: "周文", IDNumber: id, Phone: phone, Password: "a long pass", Locale: i18n.Chinese}
}

var sixFigures = regexp.MustCompile(`[0-9]{6}`)

// code waits for the code that goes to a telephone.
func code(t *testing.T, a *apptest.App, phone, not string) string {
	t.Helper()
	for range 600 { // the queue polls once a second
		if x, ok := a.Outbox.LastTo(phone); ok {
			if c := sixFigures.FindString(x.Text); c != "" && c != not {
				return c
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("no code came to %s", phone)
	return ""
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, ctx := apptest.Reaching(t, d), t.Context()
		if err := a.Jobs.Start(ctx); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = a.Jobs.Stop(context.WithoutCancel(ctx)) }()
		ask := func(in identity.SignUpInput) string {
			t.Helper()
			id, err := a.SignUps.Ask(ctx, from, in)
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		const phone, id = "13900020002", "371602198802290027"
		if _, err := a.SignUps.Ask(ctx, from, person("1", "2")); err == nil {
			t.Error("numbers that are none are taken")
		}

		// Five wrong codes end the matter, the right one after them too.
		first := ask(person(id, phone))
		sent := code(t, a, phone, "")
		for left := 4; left >= 0; left-- {
			if _, err := a.SignUps.Finish(ctx, from, first, "x"); !errors.Is(err, signup.ErrCode) {
				t.Fatalf("%d: %v", left, err)
			}
		}
		if _, err := a.SignUps.Finish(ctx, from, first, sent); !errors.Is(err, signup.ErrOver) {
			t.Errorf("after five wrong ones: %v", err)
		}

		// A quarter of an hour ends it.
		second := ask(person(id, phone))
		sent = code(t, a, phone, sent)
		if masked, to, err := a.SignUps.Pending(ctx, second); err != nil || to != phone || masked == phone {
			t.Errorf("%s %s %v", masked, to, err)
		}
		a.Clock.Advance(16 * time.Minute)
		if _, err := a.SignUps.Finish(ctx, from, second, sent); !errors.Is(err, signup.ErrOver) {
			t.Errorf("too late: %v", err)
		}
		if _, _, err := a.SignUps.Pending(ctx, second); !errors.Is(err, signup.ErrOver) {
			t.Errorf("still waited for: %v", err)
		}

		// The code of one is none of another; used, it is over.
		other := ask(person("371602199203040020", "13900020003"))
		theirs := code(t, a, "13900020003", "")
		third := ask(person(id, phone))
		sent = code(t, a, phone, sent)
		if sent != theirs {
			if _, err := a.SignUps.Finish(ctx, from, other, sent); !errors.Is(err, signup.ErrCode) {
				t.Errorf("the code of another: %v", err)
			}
		}
		acc, err := a.SignUps.Finish(ctx, from, third, sent)
		if err != nil || acc.Login != phone || acc.PhoneProvenAt.IsZero() || acc.Name.ZH != "周文" {
			t.Fatalf("%+v %v", acc, err)
		}
		if _, err := a.SignUps.Finish(ctx, from, third, sent); !errors.Is(err, signup.ErrOver) {
			t.Errorf("twice: %v", err)
		}
		if x, err := a.Identity.SignIn(ctx, from, phone, "a long pass"); err != nil || x.ID != acc.ID {
			t.Errorf("signing in: %v", err)
		}

		// Somebody who was at a window goes on with his account, by its telephone alone.
		clerk := a.Actor(t, "clerk")
		v, err := a.Identity.RegisterVisitor(ctx, clerk, identity.VisitorInput{Name: "王五", IDNumber: "37160219920315006X", Phone: "13900020004"})
		if err != nil {
			t.Fatal(err)
		}
		fourth := ask(person("37160219920315006X", "13900020004"))
		if x, err := a.SignUps.Finish(ctx, from, fourth, code(t, a, "13900020004", "")); err != nil || x.ID != v.ID {
			t.Errorf("%+v %v", x, err)
		}

		// An account that somebody opened in between is not his to take.
		fifth := ask(person("371602199001010018", "13900020005"))
		sent = code(t, a, "13900020005", "")
		if _, err := a.Identity.SignUp(ctx, auth.Actor{From: "192.0.2.8"}, person("371602199001010018", "13900020006")); err != nil {
			t.Fatal(err)
		}
		if _, err := a.SignUps.Finish(ctx, from, fifth, sent); !errors.Is(err, signup.ErrOver) {
			t.Errorf("a second account with one number: %v", err)
		}

		// Nobody is flooded.
		for range 6 {
			_, err = a.SignUps.Ask(ctx, auth.Actor{From: "192.0.2.9"}, person("371602199203040020", "13900020007"))
		}
		if !errors.Is(err, throttle.ErrTooMany) {
			t.Errorf("the sixth message of a day: %v", err)
		}
	})
}

// Where no message can be sent, whoever has an account hears the same as others.
func TestWithoutMessages(t *testing.T) {
	t.Parallel()
	a, ctx := apptest.New(t), t.Context()
	if a.SignUps.Proves() {
		t.Fatal("the test wants an installation without short messages")
	}
	if _, err := a.SignUps.Ask(ctx, from, person("371602198802290027", "13900020002")); !errors.Is(err, notify.ErrNoWay) {
		t.Errorf("%v", err)
	}
	for range 2 {
		if err := a.SignUps.Open(ctx, from, person("371602198802290027", "13900020002")); err != nil {
			t.Error(err)
		}
	}
	if err := a.SignUps.Open(ctx, from, person("371602198802290027", "1")); err == nil {
		t.Error("a telephone that is none")
	}
}

func TestEveryNoticeHasItsText(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	for _, kind := range signup.Notices() {
		for _, l := range i18n.Locales {
			for _, part := range []string{".title", ".body"} {
				if key := "notify." + kind + part; a.Texts.Text(l, key) == key {
					t.Errorf("%s has no text in %s", key, l)
				}
			}
		}
	}
}
