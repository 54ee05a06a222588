package catalogueweb

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/locales"
	"github.com/tongban/tongban/internal/platform/db"
)

func in(t *testing.T, l i18n.Locale) context.Context {
	t.Helper()
	c, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	return i18n.With(t.Context(), c, l)
}

func TestRealTimeInWords(t *testing.T) {
	t.Parallel()
	zh, en := in(t, i18n.Chinese), in(t, i18n.English)
	for name, tt := range map[string]struct {
		time   RealTime
		zh, en string
	}{
		"no case says nothing":       {},
		"all on the same day":        {RealTime{N: 12}, "最近 90 天办结了 12 件，几乎都在当天办结。", "12 cases decided in the last 90 days, nearly all on the same day."},
		"half on the same day":       {RealTime{N: 12, P90: 2}, "最近 90 天办结了 12 件：一半当天办结，九成不超过 2 个工作日。", "12 cases decided in the last 90 days: half on the same day, nine in ten within 2 working days."},
		"one day is in the singular": {RealTime{N: 3, Median: 1, P90: 4}, "最近 90 天办结了 3 件：一半不超过 1 个工作日，九成不超过 4 个工作日。", "3 cases decided in the last 90 days: half within 1 working day, nine in ten within 4 working days."},
	} {
		if got := realWords(zh, tt.time); got != tt.zh {
			t.Errorf("%s: %s", name, got)
		}
		if got := realWords(en, tt.time); got != tt.en {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestConditionsInWords holds for the whole catalogue: no condition reaches a
// reader as code.
func TestConditionsInWords(t *testing.T) {
	t.Parallel()
	z, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	ctx, said := in(t, i18n.Chinese), 0
	for _, d := range z.Items {
		for _, m := range d.Materials {
			words := whenWords(ctx, d.WithDefaults(), m.When)
			if m.When != "" && words == "" || strings.ContainsAny(words, "={}|&'") {
				t.Errorf("%s: %s → %q", d.Code, m.When, words)
			}
			if strings.Contains(words, "时需要") {
				said++
			}
		}
	}
	if said < 10 {
		t.Errorf("only %d conditions are said in words", said)
	}
}

// TestYAMLKeepsEverything writes and reads every definition of the demonstration.
func TestYAMLKeepsEverything(t *testing.T) {
	t.Parallel()
	z, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range z.Items {
		text := toYAML(d)
		back, faults := fromYAML(text)
		if len(faults) > 0 || db.ToJSON(back) != db.ToJSON(d) && !reflect.DeepEqual(back, d) {
			t.Errorf("%s: %v\n%s", d.Code, faults, text)
		}
		if strings.Contains(text, "null") || strings.Contains(text, `"n":`) {
			t.Errorf("%s: %.400s", d.Code, text)
		}
	}
}

func TestFaultsOfYAMLHaveTheirLine(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text, key, value string
		line             int
	}{
		"a field nobody knows": {"code: A\ncolour: red\n", "unknown", "colour", 2},
		"a wrong kind":         {"code: A\ntrips: often\n", "type", "often", 2},
		"twice":                {"code: A\nshelf: x\ncode: B\n", "twice", "code", 3},
		"no YAML":              {"code: A\n\tname: x\n", "syntax", "", 2},
		"nothing":              {" \n", "empty", "", 0},
		"two texts":            {"code: A\n---\ncode: B\n", "syntax", "more than one document", 0},
	} {
		_, faults := fromYAML(tt.text)
		if len(faults) == 0 {
			t.Errorf("%s: no fault", name)
			continue
		}
		if f := faults[0]; f.Key != tt.key || f.Line != tt.line || tt.value != "" && f.Value != tt.value {
			t.Errorf("%s: %+v", name, f)
		}
	}
}
