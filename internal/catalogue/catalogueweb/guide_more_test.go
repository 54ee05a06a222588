package catalogueweb_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/catalogue/catalogueweb"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/testkit/apptest"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

// changed publishes an item of the demonstration with a change.
func changed(t *testing.T, a *apptest.App, code string, change func(*catalogue.Definition)) {
	t.Helper()
	z, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range z.Items {
		if d.Code == code {
			change(&d)
			if _, err := a.Catalogue.Import(t.Context(), auth.SystemActor(), catalogue.Seed{Items: []catalogue.Definition{d}}); err != nil {
				t.Fatal(err)
			}
			a.Clock.Advance(2 * time.Second)
			return
		}
	}
	t.Fatalf("no %s", code)
}

func TestTheGuideOfASituation(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	all := look(t, c, "/items/SC-0001", "按您的情况看", "For your situation")
	if !all.Has("“住所来源”为“租用”时需要") || !all.Has("住所不动产权证书") {
		t.Error("without answers everything is shown")
	}
	rented := c.Submit(all, "/items/SC-0001#situation-title", url.Values{"address_kind": {"rented"}})
	if rented.Status != http.StatusOK || rented.Path != "/items/SC-0001?address_kind=rented" {
		t.Fatalf("%d %s", rented.Status, rented.Path)
	}
	if rented.Has("时需要") || rented.Has("住所不动产权证书") || !rented.Has("住所租赁合同") || !rented.Has("已按您的情况列出") {
		t.Error(rented.Text())
	}
	webtest.A11y(t, rented.Doc())
	// The address takes the answers along: to paper, to the phone, to a friend.
	for _, href := range []string{"/items/SC-0001/print?address_kind=rented"} {
		if webtest.Find(rented.Doc(), "a", "href", href) == nil {
			t.Errorf("no link to %s", href)
		}
	}
	if webtest.Find(rented.Doc(), "button", "data-copy", "http://tongban.test/items/SC-0001?address_kind=rented") == nil || !strings.Contains(rented.Body, "/qr?path=%2Fitems%2FSC-0001%3Faddress_kind%3Drented") {
		t.Error("the answers are lost on the way")
	}
	paper := look(t, c, "/items/SC-0001/print?address_kind=rented", "住所来源：租用", "Rented")
	if paper.Has("住所不动产权证书") {
		t.Error("the paper shows what is not needed")
	}
	if canonical := webtest.Find(rented.Doc(), "link", "rel", "canonical"); webtest.Attr(canonical, "href") != "http://tongban.test/items/SC-0001" {
		t.Errorf("canonical %q", webtest.Attr(canonical, "href"))
	}
	for _, odd := range []string{"?address_kind=palace", "?address_kind=", "?nobody=asked", "?address_kind=rented&address_kind=owned"} {
		if p := c.Get("/items/SC-0001" + odd); p.Status != http.StatusOK {
			t.Errorf("%s: %d", odd, p.Status)
		}
	}
}

func TestEverythingAboutAnItem(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	changed(t, a, "KJ-0001", func(d *catalogue.Definition) {
		d.Main, d.Action = i18n.Text{ZH: "实验动物使用许可", EN: "Use of laboratory animals"}, catalogue.ActNew
		d.Phones.Consult, d.Remedy.Court, d.Halls = "0543-1234567", i18n.Text{ZH: "渤海市中级人民法院", EN: "Bohai Intermediate Court"}, []string{"city"}
		d.Fee = catalogue.Fee{
			Charged: true, Standard: i18n.Text{ZH: "每次 100 元", EN: "100 yuan"}, Basis: i18n.Text{ZH: "收费目录", EN: "Fee list"},
			Cases: []catalogue.FeeCase{{When: "answers.facility_ownership == 'own'", Standard: i18n.Text{ZH: "免费", EN: "None"}}},
		}
		d.Materials[0].Basis = i18n.Text{ZH: "办法第三条", EN: "Article 3"}
	})
	changed(t, a, "KJ-0113", func(d *catalogue.Definition) {
		d.Main, d.Action = i18n.Text{ZH: "实验动物使用许可", EN: "Use of laboratory animals"}, catalogue.ActChange
	})
	c := a.As(t, "")
	p := look(t, c, "/items/KJ-0001", "实施编码", "Implementation code")
	for _, want := range []string{
		"1137167", "行政许可", "县级", "承诺件", "科技创新", // codes, type, level, kind, theme
		"0543-1234567", "0543-8112391", // its own number, and the department's for complaints
		"可以向作出决定的部门的本级人民政府申请", "渤海市中级人民法院", // the default, and its own
		"渤海市政务服务中心", "“场所来源”为“自有”时 免费", "其他情况 每次 100 元", "收费目录", "依据：办法第三条", "实验动物使用许可变更", "第 2 版",
	} {
		if !p.Has(want) {
			t.Errorf("the guide lacks %q", want)
		}
	}
	if p.Has("科创区政务服务中心") && webtest.Find(p.Doc(), "section", "id", "where") != nil && strings.Contains(webtest.Text(webtest.Find(p.Doc(), "section", "id", "where")), "科创区政务服务中心") {
		t.Error("a hall where the item is not received")
	}
	m := webtest.Find(p.Doc(), "a", "class", "tb-map")
	if !strings.HasPrefix(webtest.Attr(m, "href"), "https://uri.amap.com/search?keyword=%E6%B8%A4") || webtest.Attr(m, "target") != "_blank" || !strings.Contains(webtest.Attr(m, "rel"), "noopener") {
		t.Errorf("map %q", webtest.Attr(m, "href"))
	}
	if webtest.Find(p.Doc(), "a", "href", "/items/KJ-0113") == nil || webtest.Find(p.Doc(), "a", "href", "/themes/business_permit") == nil {
		t.Error("no way to the change of the permit, or to the topic")
	}
	// A science service is an offer, and decides nothing.
	changed(t, a, "JC-0001", func(d *catalogue.Definition) {
		d.Offer = &catalogue.Offer{
			Provider: i18n.Text{ZH: "检测院", EN: "Institute"}, Price: i18n.Text{ZH: "300 元起", EN: "From 300"}, Delivery: i18n.Text{ZH: "五天", EN: "Five days"}, Vouchers: true,
			Qualifications: []catalogue.Qualification{{Name: i18n.Text{ZH: "资质认定", EN: "Accreditation"}, Number: "2315", Until: "2029-06-30"}},
		}
	})
	p = look(t, c, "/items/JC-0001", "可以用创新券支付", "Accepted as payment")
	if !p.Has("资质认定（2315），有效期至 2029-06-30") || p.Has("行政复议") {
		t.Error(p.Text())
	}
}

// TestTheGuideIsDescribed reads what search engines read.
func TestTheGuideIsDescribed(t *testing.T) {
	t.Parallel()
	c := apptest.New(t).As(t, "")
	for code, kind := range map[string]string{"SC-0001": "GovernmentService", "JC-0001": "Service"} {
		p := c.Get("/items/" + code)
		script := webtest.Find(p.Doc(), "script", "type", "application/ld+json")
		if script == nil {
			t.Fatalf("%s is not described", code)
		}
		var d struct {
			Type       string `json:"@type"`
			Identifier string
			URL        string
			Name       string
			Provider   struct{ Name, Telephone string }
			Offers     struct{ Price string }
		}
		if err := json.Unmarshal([]byte(script.FirstChild.Data), &d); err != nil {
			t.Fatal(err)
		}
		if d.Type != kind || d.Identifier != code || d.URL != "http://tongban.test/items/"+code || d.Name == "" || d.Provider.Name == "" || d.Provider.Telephone == "" {
			t.Errorf("%+v", d)
		}
		if description := webtest.Find(p.Doc(), "meta", "name", "description"); webtest.Attr(description, "content") == "" {
			t.Error("no description")
		}
	}
}

// TestAFewSayNothing: below five cases or ratings there is no figure.
func TestAFewSayNothing(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	n := 4
	pages := catalogueweb.New(catalogueweb.Deps{
		Service: a.Catalogue, Identity: a.Identity, BaseURL: "http://tongban.test",
		RealTimes: func(context.Context, string) (catalogueweb.RealTime, error) {
			return catalogueweb.RealTime{N: n, Median: 3, P90: 7}, nil
		},
		Ratings: func(context.Context, string) (catalogueweb.Rating, error) {
			return catalogueweb.Rating{N: n, Average: 4.75, Satisfied: 96}, nil
		},
	})
	edge := &httpx.Edge{Log: a.Log, Clock: a.Clock, Catalog: a.Texts, Sessions: a.Sessions, Actor: a.ActorOf, ErrorPage: func(w http.ResponseWriter, _ *http.Request, v httpx.ErrorView) error {
		w.WriteHeader(v.Status)
		return nil
	}}
	site, err := edge.Mux(pages.Routes())
	if err != nil {
		t.Fatal(err)
	}
	c := webtest.New(t, site)
	if p := c.Get("/items/SC-0001"); p.Status != http.StatusOK || p.Has("人评价") || p.Has("最近 90 天") || strings.Contains(p.Body, "aggregateRating") {
		t.Errorf("%d: four are shown as a figure", p.Status)
	}
	n = 5
	if p := c.Get("/items/SC-0001"); !p.Has("5 人评价，平均 4.8 分（满分 5 分），96% 满意") || !p.Has("最近 90 天办结了 5 件：一半不超过 3 个工作日，九成不超过 7 个工作日") || !strings.Contains(p.Body, `"ratingCount":5`) {
		t.Error(p.Text())
	}
}

func TestPapersOfAnItem(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	c := a.As(t, "")
	p := look(t, c, "/items/SC-0001/blank", "有限责任公司设立登记申请表", "Scope of business")
	for _, want := range []string{"公司名称 （必填）", "□ 自有", "“住所来源”为“自有”时填写", "随表材料", "申请人签字"} {
		if !p.Has(want) {
			t.Errorf("the form lacks %q", want)
		}
	}
	look(t, c, "/items/KJ-0007/blank", "创新券", "voucher")
	look(t, c, "/items/SC-0104/blank", "申请内容", "Your request") // an item with the common form
	p = look(t, c, "/items/KJ-0001/specimen", "样本，不作为凭证", "not valid as proof")
	if webtest.Attr(webtest.Find(p.Doc(), "div", "class", "tb-specimen"), "data-mark") != "样本" {
		t.Error("no watermark")
	}
	for _, path := range []string{"/items/XX-1/blank", "/items/XX-1/specimen", "/items/SW-0101/specimen", "/items/KJ-0001/files/x", "/items/XX-1/files/x"} {
		if p := c.Get(path); p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	// Blank and sample of a material are there for everybody, other files are not.
	ctx := t.Context()
	var files []string
	for _, name := range []string{"空白表.pdf", "别的.pdf"} {
		f, err := a.Catalogue.KeepFile(ctx, a.Actor(t, "catalogue-admin"), "KJ-0001", name, bytes.NewReader([]byte("%PDF-1.4\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\n%%EOF\n")))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f.ID)
	}
	changed(t, a, "KJ-0001", func(d *catalogue.Definition) { d.Materials[0].Blank = files[0] })
	link := "/items/KJ-0001/files/" + files[0]
	if webtest.Find(c.Get("/items/KJ-0001").Doc(), "a", "href", link) == nil {
		t.Error("no link to the blank")
	}
	got := c.Get(link)
	if got.Status != http.StatusOK || got.Header.Get("Content-Type") != "application/pdf" || !strings.Contains(got.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%d %v", got.Status, got.Header)
	}
	if p := c.Get("/items/KJ-0001/files/" + files[1]); p.Status != http.StatusNotFound {
		t.Errorf("a file of somebody else: %d", p.Status)
	}
}

func TestWhatWasSeenLast(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	for _, login := range []string{"", "applicant"} {
		c := a.As(t, login)
		if p := c.Get("/search"); p.Has("最近看过") {
			t.Errorf("%q has seen nothing yet", login)
		}
		for _, code := range []string{"SC-0001", "KJ-0001", "SC-0001"} {
			a.Clock.Advance(time.Second)
			c.Get("/items/" + code)
		}
		for _, path := range []string{"/search", "/"} {
			p := look(t, c, path, "最近看过", "Seen lately")
			webtest.A11y(t, p.Doc())
		}
		seen := webtest.FindAll(webtest.Find(c.Get("/search").Doc(), "p", "class", "tb-recent"), "a", "", "")
		if len(seen) != 2 || webtest.Attr(seen[0], "href") != "/items/SC-0001" {
			t.Errorf("%q: %d seen", login, len(seen))
		}
	}
	staff := a.As(t, "clerk")
	staff.Get("/items/SC-0001")
	if p := staff.Get("/search"); p.Has("最近看过") {
		t.Error("of staff nothing is kept")
	}
	// Whatever stands in the cookie, a page comes back.
	visitor := a.As(t, "")
	for _, odd := range []string{"tongban_seen=||x|" + strings.Repeat("a|", 100), "tongban_seen=%ff"} {
		if p := visitor.Do(http.MethodGet, "/search", nil, http.Header{"Cookie": {odd}}); p.Status != http.StatusOK || p.Has("最近看过") {
			t.Errorf("%.30s: %d", odd, p.Status)
		}
	}
}

// TestTheGuideOfAnotherAdministration: nothing of it is ours to fill in or to
// receive.
func TestTheGuideOfAnotherAdministration(t *testing.T) {
	t.Parallel()
	a := apptest.New(t)
	changed(t, a, "SC-0104", func(d *catalogue.Definition) {
		d.Code, d.Department, d.Shelf, d.Level, d.GuideURL = "EXT-1", "", "", "province", "https://example.org/guide"
		d.Flow = catalogue.Flow{Stages: []catalogue.Stage{{Key: "there", Name: i18n.Text{ZH: "办理", EN: "Handling"}, Tasks: []catalogue.Task{
			{Key: "decide", Name: i18n.Text{ZH: "办理", EN: "Handling"}, Department: "sc", Role: "approver", Decides: true},
		}}}}
		d.Agency = catalogue.Agency{Name: i18n.Text{ZH: "省税务局", EN: "Provincial Tax Bureau"}, USCC: "11440000006939801C"}
	})
	c := a.As(t, "")
	p := c.Get("/items/EXT-1")
	if p.Status != http.StatusOK || !p.Has("省级") || p.Has("科创区政务服务中心") || p.Has("空白申请表") || !strings.Contains(p.Body, "省税务局") || !p.Has("11440000006939801C2") {
		t.Error(p.Text())
	}
	if p := c.Get("/items/EXT-1/print"); !p.Has("省税务局") {
		t.Error(p.Text())
	}
	if p := c.Get("/items/EXT-1/blank"); p.Status != http.StatusNotFound {
		t.Errorf("its form: %d", p.Status)
	}
}
