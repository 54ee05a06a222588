package catalogue_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/workday"
)

func TestGather(t *testing.T) {
	t.Parallel()
	var items []*catalogue.Item
	for _, d := range steps() {
		items = append(items, &catalogue.Item{ID: d.Code, Definition: d})
	}
	items[2].Promised, items[2].CaseType = workday.Limit{}, catalogue.Promised
	items[1].Fee.Charged = true
	got := catalogue.Gather(items)
	papers := map[string][]string{}
	for _, p := range got.Papers {
		for _, f := range p.For {
			papers[p.Name.ZH] = append(papers[p.Name.ZH], f.Item.Code+" "+f.When)
		}
	}
	if diff := cmp.Diff(map[string][]string{"身份证": {"A-1 ", "B-1 "}, "租赁合同": {"B-1 answers.site == 'there'"}, "法人身份证": {"C-1 "}}, papers); diff != "" {
		t.Error(diff)
	}
	if got.Papers[0].Need != catalogue.Required {
		t.Error("what has to be there does not stand first")
	}
	if got.Asked != 6 || len(got.Supplied) != 2 || got.Supplied[0].From != items[0] || got.Supplied[0].To != items[1] || got.Supplied[0].Name.ZH != "营业执照" {
		t.Errorf("asked %d, supplied %+v", got.Asked, got.Supplied)
	}
	// One day for the licence, then two for what needs it; the third promises nothing.
	if got.Sum != 3 || got.Shortest != 3 || len(got.Untimed) != 1 || len(got.Charged) != 1 {
		t.Errorf("%d days, %d at best, %d without a promise, %d with a fee", got.Sum, got.Shortest, len(got.Untimed), len(got.Charged))
	}
	if len(got.Rounds) != 2 || len(got.Rounds[0]) != 1 || len(got.Rounds[1]) != 2 {
		t.Errorf("rounds %v", got.Rounds)
	}
	items[0].Result.CertificateType = "" // then nothing waits
	if got := catalogue.Gather(items); got.Sum != 3 || got.Shortest != 2 || len(got.Supplied) != 0 || len(got.Rounds) != 1 {
		t.Errorf("%+v", got)
	}
	if got := catalogue.Gather(nil); got.Sum != 0 || got.Papers != nil {
		t.Errorf("nothing: %+v", got)
	}
}

func TestEventsOfASentence(t *testing.T) {
	t.Parallel()
	event := func(key, zh, en string, keywords ...string) catalogue.LifeEvent {
		e := catalogue.LifeEvent{Key: key, Keywords: keywords}
		e.Name.ZH, e.Name.EN = zh, en
		return e
	}
	all := []catalogue.LifeEvent{
		event("restaurant", "我要开餐馆", "Opening a restaurant", "开饭店", "开餐厅", "开小吃店"),
		event("firm", "我要开公司", "Starting a firm", "注册公司", "创业"),
		event("child", "我家添了孩子", "Having a child", "生孩子", "生育"),
	}
	for sentence, want := range map[string][]string{
		"":          {"restaurant", "firm", "child"},
		"我想开一家饭店":   {"restaurant"},
		"开公司":       {"firm"},
		"刚生孩子，要办什么": {"child"},
		"創業":        {"firm"},
		"创业":        {"firm"},
		"I want to open a restaurant in the zone": {"restaurant"},
		"护照": {},
		"店":  {},
		"？？": {"restaurant", "firm", "child"},
	} {
		got := []string{}
		for _, e := range catalogue.EventsFor(all, sentence) {
			got = append(got, e.Key)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", sentence, diff)
		}
	}
}

func TestFiltersAndTheirCounts(t *testing.T) {
	t.Parallel()
	fast, far, other := sample("A-1"), sample("B-1"), sample("C-1")
	fast.Promised, fast.Themes = limit(1, workday.UnitWorkday), []string{"open"}
	far.Trips, far.Channels, far.Themes = 1, []catalogue.Channel{catalogue.AtWindow}, []string{"open", "site"}
	other.Kind = catalogue.KindLookup
	s := catalogue.SnapshotOf(shelves, []catalogue.Definition{fast, far, other})
	for name, tt := range map[string]struct {
		filter catalogue.Filter
		want   []string
	}{
		"all":              {catalogue.Filter{}, []string{"A-1", "B-1", "C-1"}},
		"a theme":          {catalogue.Filter{Theme: "open"}, []string{"A-1", "B-1"}},
		"today":            {catalogue.Filter{Today: true}, []string{"A-1"}},
		"nobody comes":     {catalogue.Filter{ZeroTrips: true}, []string{"A-1", "C-1"}},
		"online":           {catalogue.Filter{Channel: catalogue.Online}, []string{"A-1", "C-1"}},
		"to be asked for":  {catalogue.Filter{Kind: catalogue.KindApply}, []string{"A-1", "B-1"}},
		"theme and window": {catalogue.Filter{Theme: "site", Channel: catalogue.AtWindow}, []string{"B-1"}},
		"nothing":          {catalogue.Filter{Theme: "site", Today: true}, []string{}},
	} {
		found := s.Find("", tt.filter)
		got := []string{}
		for _, it := range found.Items {
			got = append(got, it.Code)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	// A count says what there would be with the other parts as they are.
	f := s.Find("", catalogue.Filter{Theme: "open", ZeroTrips: true})
	if f.Themes["open"] != 1 || f.Themes["site"] != 0 || f.ZeroTrips != 1 || f.Today != 1 || f.Channels[catalogue.AtWindow] != 1 || f.Kinds[catalogue.KindApply] != 1 {
		t.Errorf("%+v", f)
	}
	if f := s.Find("", catalogue.Filter{Theme: "open"}); f.Themes["site"] != 1 || f.ZeroTrips != 1 || f.Shelves["permit"] != 2 {
		t.Errorf("%+v", f)
	}
}
