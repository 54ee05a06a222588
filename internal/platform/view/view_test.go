package view

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/locales"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/testkit/webtest"
)

func contexts(t *testing.T, c Chrome) map[i18n.Locale]context.Context {
	t.Helper()
	catalog, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	out := map[i18n.Locale]context.Context{}
	for _, l := range i18n.Locales {
		out[l] = WithChrome(i18n.With(t.Context(), catalog, l), c)
	}
	return out
}

func render(t *testing.T, ctx context.Context, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// with gives a layout its children.
func with(layout templ.Component, children ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return layout.Render(templ.WithChildren(ctx, templ.Join(children...)), w)
	})
}

func portalChrome() Chrome {
	return Chrome{
		Path: "/my/cases/1?tab=all", User: "张建华", Unread: 3, Flash: "view.copied", HelpPhone: "0543-8100100", HelpHours: "周一至周五 9:00–12:00",
		Zone: "渤海科技创新区", Progress: "/dev/progress",
		Nav: []NavItem{{Href: "/items", Key: "view.search", Active: true}, {Href: "/my", Key: "view.my", Count: 2}},
	}
}

func workChrome() Chrome {
	return Chrome{
		Path: "/work/inbox", User: "王敏", Post: "A03 企业开办窗口", Staff: true, Unread: 120, Dark: true, Elder: true, LargeText: true,
		Nav: []NavItem{{Href: "/work/inbox", Key: "view.home", Group: "view.workbench", Icon: "inbox", Count: 12, Active: true}, {Href: "/work/tasks", Key: "view.my", Icon: "list-check"}},
	}
}

var (
	monday = time.Date(2026, 3, 9, 2, 31, 0, 0, time.UTC)
	limit  = time.Date(2026, 3, 16, 16, 0, 0, 0, time.UTC)
)

func badForm() *form.Form {
	f := form.FromValues(url.Values{"amount": {"一百二十五万"}, "trade": {"b"}, "get": {"self"}, "want": {"x", "y"}, "agree": {"on"}, "stars": {"4"}, "password": {"hunter2"}})
	f.Complain("name", "form.required", nil)
	f.Complain("amount", "form.money", nil)
	f.Complain("get", "form.choice", nil)
	f.Complain("file", "form.required", nil)
	f.Complain("agree", "form.required", nil)
	f.Complain("stars", "form.required", nil)
	f.Complain("", "form.fields", nil)
	return f
}

func inputs(f *form.Form) []templ.Component {
	options := []Opt{{"a", "新材料", ""}, {"b", "生物与新医药", ""}}
	return []templ.Component{
		ErrorSummary(f, In{Name: "name", Label: "企业名称"}), AutosaveRev("draft", 3), AutosaveStatus(monday), AutosaveStatus(time.Time{}),
		Input(f, In{Name: "name", Label: "企业名称", Autocomplete: "organization", Required: true, MaxLength: 100, Autofocus: true}),
		Input(f, In{Name: "amount", Label: "申报金额", Hint: "按审计报告填写,不用写逗号", Inputmode: "decimal", Suffix: "元", Width: "sm"}),
		Input(f, In{Name: "password", Label: "密码", Type: "password", Autocomplete: "current-password"}),
		Input(f, In{Name: "day", Label: "日期", Type: "date", Width: "sm", Optional: true}),
		Select(f, In{Name: "trade", Label: "所属领域", Options: options, Placeholder: "请选择", Width: "md"}),
		Radios(f, In{Name: "get", Label: "结果怎么领", Required: true, Options: []Opt{{"post", "邮寄给我", "免费,一般 2 天到"}, {"self", "到窗口自取", ""}}}),
		Checks(f, In{Name: "want", Label: "还想了解什么", Optional: true, Hint: "可以多选", Options: []Opt{{"x", "补贴", ""}, {"y", "贷款", ""}, {"z", "人才", ""}}}),
		Textarea(f, In{Name: "more", Label: "补充说明", Optional: true, Placeholder: "没有可以不填", Rows: 3}),
		FileInput(f, In{Name: "file", Label: "上传盖章页", Accept: ".pdf,.jpg,.jpeg,.png", MaxBytes: 20 << 20, Width: "md"}),
		Checkbox(f, In{Name: "agree", Label: "我确认所填内容真实", Required: true, Hint: "不实承诺会记入信用档案"}),
		Hidden("rev", "3"),
		Stars(f, "stars"),
		Buttons("提交申请", &Link{"/my", "取消"}),
	}
}

func parts() []templ.Component {
	clock := ClockView{Accepted: monday, Due: limit, Now: monday.AddDate(0, 0, 3), Words: "还剩 3 个工作日(承诺 5 日,法定 20 日)", Light: workday.Warning}
	late := ClockView{
		Accepted: monday, Due: limit, Now: monday.AddDate(0, 0, 12), Statutory: limit.AddDate(0, 0, 20), Words: "已超 4 个工作日", Light: workday.Red,
		Pauses: []Span{{monday.AddDate(0, 0, 2), monday.AddDate(0, 0, 4), "等申请人补充材料"}, {From: monday.AddDate(0, 0, 10), Reason: "专家评审"}},
	}
	done := clock
	done.Done, done.Light = true, workday.Normal
	return []templ.Component{
		Steps([]Step{{"选择情形", StepDone, "/a"}, {"填写信息", StepNow, ""}, {"准备材料", StepTodo, ""}, {"核对提交", StepTodo, ""}}),
		Tabs([]Tab{{"/a", "办理中", 2, true}, {"/b", "已办结", 1400, false}}),
		Note("", "您的企业档案里已有营业执照,不用再交。"), Note("done", "申请已提交"), Note("needs", "请补充 1 份材料"),
		with(SectionLink("我要办的", Link{"/my", "全部办件"}), Rows([]RowView{
			{"/1", "有限责任公司设立登记", "等您补充 1 份材料:住所使用证明。", Chip("等您补充", true)},
			{"/2", "高新技术企业认定", "还剩 3 个工作日", templ.Join(Chip("审查中", false), LightMark(workday.Yellow))},
		})),
		with(Section("一件事一次办"), Cards([]CardView{{"/e", "开办一家公司", []string{"执照、刻章、税务、社保", "6 个事项,最快 1 个工作日"}}, {"/f", "引进一位博士", []string{"人才卡、落户", "5 个事项"}}})),
		with(Section("办理时间"), Clock(clock), Clock(late), Clock(done), ClockSlim(late), Clock(ClockView{Accepted: monday, Now: monday, Words: "没有办理时限"})),
		with(Section("材料"), Materials([]MaterialRow{
			{State: MaterialOK, Name: "公司章程", Href: "/f/1", Need: "必要", How: []string{"已上传:章程-签字版.pdf,1.2 MB"}, Trust: "C", Actions: SmallLink("预览", "/f/1", "eye")},
			{State: MaterialNeeds, Name: "住所使用证明", NeedsYou: "等您补充", Why: "租赁合同缺少出租方盖章的一页。", Body: with(Upload("/my/upload", nil, In{Name: "lease", Label: "上传盖章页", MaxBytes: 20 << 20}), Hidden("slot", "lease"))},
			{State: MaterialLater, Name: "消防安全承诺书", How: []string{"请在 2026年4月10日(周五)前提交"}, Standard: "由法定代表人签字"},
			{State: MaterialWindow, Name: "公章样本", How: []string{"科创区政务服务中心 A03"}},
			{Name: "审计报告"},
		})),
		with(Section("经过"), Timeline([]TimelineEvent{
			{Who: "王敏", Role: "综合受理窗口", What: "请您补充 1 份材料", Reason: "租赁合同缺少盖章页。", At: monday.AddDate(0, 0, 1), Now: true},
			{Who: "张*华", Role: "申请人", What: "提交了申请", At: monday},
		})),
		with(Section("申请信息"), KV([]Pair{{"申请单位", "渤海新材料科技有限公司", nil}, {"申报金额", "", MoneyWan(125_000_000)}, {"单价", "", Money(950)}, {"受理日期", "", Day(monday)}, {"到期", "", LastDay(limit)}, {"备注", "", nil}}),
			KVDense([]Pair{{"更新", "", ShortTime(monday)}, {"空", "", ShortDate(time.Time{})}})),
		with(Section("补贴"), with(Table(TableView{Caption: "2026年2月补贴发放", Stack: true, Keys: true, Heads: []Head{{Text: "企业"}, {Text: "金额(元)", Num: true}, {Text: "到期", Spare: true}}}),
			templ.Raw(`<tr data-row><th scope="row" data-label="企业"><a href="/c">渤海新材料科技有限公司</a></th><td class="tb-num" data-label="金额(元)">1,250,000.00</td><td class="tb-spare" data-label="到期">2026-03-16</td></tr>`)), PagerWith("第 1–50 件", "/next"), Pager("/next"), Pager("")),
		with(Fold("研发人员占比怎么算?", true), Text("累计实际工作满 183 天的科技人员。")),
		Empty("没有等您补充的材料", "您提交的 2 件都在正常办理。", &Link{"/my", "看看办理进度"}),
		Progress(1240, 2262, "可以离开这一页,回来接着看"), Progress(0, 0, ""),
		KPIs([]KPI{{Href: "/k", Label: "按承诺办结", Figure: "98.6", Unit: "%", Note: "承诺 95%"}, {Href: "/l", Label: "超期", Figure: "2", NoteComponent: LightMark(workday.Yellow)}}),
		QR("/my/cases/1", "在手机上继续"),
		with(PostButton("撤回申请", "/my/cases/1/withdraw", "撤回后回到草稿。"), Hidden("rev", "3")),
	}
}

// pages is every layout with every part.
func pages() map[string]templ.Component {
	crumbs := []Link{{"/items", "企业梯度培育"}}
	chips := templ.Join(Chip("待受理", false), LightMark(workday.Warning))
	acts := templ.Join(KeyButton("受理", "a", true, nil), KeyButton("请申请人补充", "s", false, nil), Button("转办", templ.Attributes{"name": "act", "value": "move"}))
	typed := url.Values{"reason": {"租赁合同缺少出租方盖章的一页。\n请补充。"}, "rev": {"3"}, "password": {"hunter2"}, "x": {"a", "长一点的内容"}}
	m := map[string]templ.Component{
		"portal parts":  with(Portal(Page{Title: "高新技术企业认定", Lead: "承诺 5 个工作日 · 不收费", Crumbs: crumbs, Description: "办理指南", NoIndex: true, Charts: true}), parts()...),
		"portal form":   with(Portal(Page{Title: "填写信息", Width: WidthRead}), with(formFrame(), inputs(form.New("amount", "1250000"))...)),
		"portal errors": with(Portal(Page{Title: "填写信息", Width: WidthRead}), with(formFrame(), inputs(badForm())...)),
		"portal narrow": with(Portal(Page{Title: "登录", Width: WidthNarrow, NoHeading: true}), templ.Raw("<h1>登录</h1>")),
		"work page":     with(Workbench(Page{Title: "统计", Crumbs: crumbs, Keys: []Key{{"a", "受理"}, {"s", "请申请人补充"}}}), parts()...),
		"work split": with(Workbench(Page{Title: "待受理", Width: WidthSplit}),
			with(ListPane(PaneHead{Title: "待受理", Count: "12 件", Tools: SmallLink("开新件", "/work/new", "plus")}), with(Table(TableView{Label: "待受理", Keys: true, Heads: []Head{{Text: "编号"}, {Text: "剩余日", Num: true}, {Text: "灯", Spare: true}}}),
				templ.Raw(`<tr data-row aria-selected="true"><th scope="row"><a href="/c">科KJ20260309-0042</a></th><td class="tb-num">1</td><td class="tb-spare"></td></tr>`)), Pager("/work/inbox?after=x")),
			with(CasePane(CaseHead{Number: "科KJ20260309-0042", Title: "高新技术企业认定", Lead: "渤海新材料科技有限公司", Chips: chips, Acts: acts}), parts()...)),
		"work empty":  with(Workbench(Page{Title: "待受理", Width: WidthSplit}), with(ListPane(PaneHead{Title: "待受理"}), Empty("都办完了", "", nil)), NoCase()),
		"work case":   with(Workbench(Page{Title: "办件", Width: WidthSplit}), CasePane(CaseHead{Number: "1", Title: "高新技术企业认定", Main: true})),
		"print plain": with(Print(Page{Title: "办事指南", Lead: "高新技术企业认定", Back: Link{Href: "/items/1"}}), Text("准备材料")),
		"print paper": with(Print(Page{Title: "受理通知书", NoHeading: true, Back: Link{"/my", "返回我的办件"}}),
			with(Paper(PaperView{Title: "受理通知书", Number: "科KJ20260311-0042", To: "渤海新材料科技有限公司:", SignedBy: "科技创新局", SignedOn: monday, Foot: []string{"查进度:用手机扫右边的码。"}, QR: "/my/cases/1"}), templ.Raw(`<p>您提交的申请,材料齐全,我局予以受理。取件码 <span class="tb-receipt-code">482 916</span></p>`))),
		"print sheet": with(Print(Page{Title: "科技型企业证书", NoHeading: true}), Sheet(SheetView{Title: "科技型企业证书", Number: "编号 BHKJ-2026-000318", Pairs: []Pair{{"企业名称", "渤海新材料科技有限公司", nil}, {"认定类别", "瞪羚企业", nil}}, SignedBy: "科技创新局", SignedOn: monday, QR: "/verify/1"})),
		"error 401":   ErrorPage(ErrorData{Status: 401, Code: "http.sign_in", Typed: typed, SignIn: "/sign-in?next=%2F", Action: "/my/cases/1/reply"}, false),
		"error 401 x": ErrorPage(ErrorData{Status: 401, Code: "http.sign_in"}, false),
		"error 500":   ErrorPage(ErrorData{Status: 500, Code: "internal", Incident: "01JQ2T8Z0V", Back: "/my"}, false),
		"error 418":   ErrorPage(ErrorData{Status: 418, Code: "unknown"}, false),
		"error staff": ErrorPage(ErrorData{Status: 412, Code: "db.stale", Typed: typed, Back: "/work/cases/1"}, true),
	}
	for _, status := range errorTexts {
		m["error "+http.StatusText(status)] = ErrorPage(ErrorData{Status: status, Code: "http.not_found", Typed: typed, Back: "/", Action: "/x"}, false)
	}
	return m
}

func formFrame() templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		_, _ = io.WriteString(w, `<form method="post" action="/my/draft" novalidate>`)
		if err := templ.GetChildren(ctx).Render(templ.ClearChildren(ctx), w); err != nil {
			return err
		}
		_, err := io.WriteString(w, `</form>`)
		return err
	})
}

func chromeFor(name string) Chrome {
	if strings.HasPrefix(name, "work") || strings.HasSuffix(name, "staff") {
		return workChrome()
	}
	return portalChrome()
}

var key = regexp.MustCompile(`\bview\.[a-z_0-9.]+`)

func TestEveryPageIsForEveryone(t *testing.T) {
	t.Parallel()
	for name, c := range pages() {
		for l, ctx := range contexts(t, chromeFor(name)) {
			t.Run(string(l)+" "+name, func(t *testing.T) {
				t.Parallel()
				body := render(t, ctx, c)
				webtest.A11y(t, webtest.Parse(t, body))
				if missing := key.FindString(body); missing != "" {
					t.Errorf("a text is missing: %s", missing)
				}
				for _, s := range []string{"hunter2", "%!", "{name}{"} {
					if strings.Contains(body, s) {
						t.Errorf("the page holds %q", s)
					}
				}
			})
		}
	}
}

func TestFormKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	ctx := contexts(t, portalChrome())[i18n.Chinese]
	f := badForm()
	doc := webtest.Parse(t, render(t, ctx, with(formFrame(), inputs(f)...)))
	action, values := webtest.Form(doc, "/draft")
	if action != "/my/draft" {
		t.Fatalf("action %q", action)
	}
	for name, want := range map[string]string{"amount": "一百二十五万", "trade": "b", "get": "self", "want": "x", "agree": "on", "stars": "4", "password": "", "rev": "3"} {
		if got := values.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if got := values["want"]; len(got) != 2 {
		t.Errorf("want = %v", got)
	}
	summary := webtest.Find(doc, "div", "class", "tb-error-summary")
	if links := webtest.FindAll(summary, "a", "href", ""); len(links) != 6 || webtest.Attr(links[0], "href") != "#f-name" {
		t.Errorf("summary links: %d", len(links))
	}
	amount := webtest.Find(doc, "input", "name", "amount")
	if got := webtest.Attr(amount, "aria-describedby"); got != "f-amount-h f-amount-e f-amount-u" {
		t.Errorf("amount is described by %q", got)
	}
	if webtest.Attr(amount, "aria-invalid") != "true" {
		t.Error("amount is not marked")
	}
	if webtest.Find(webtest.Find(doc, "input", "name", "name"), "", "autofocus", "") != nil {
		t.Error("an input fights with the summary for the focus")
	}
}

func TestSwitchesComeBackToThePage(t *testing.T) {
	t.Parallel()
	for name, layout := range map[string]templ.Component{"portal": Portal(Page{Title: "x"}), "work": Workbench(Page{Title: "x"})} {
		c := chromeFor(name)
		doc := webtest.Parse(t, render(t, contexts(t, c)[i18n.Chinese], layout))
		action, values := webtest.Form(doc, "/settings/appearance")
		if action == "" || values.Get("back") != c.Path {
			t.Errorf("%s: action %q, back %q", name, action, values.Get("back"))
		}
		root := webtest.Find(doc, "html", "", "")
		if (webtest.Attr(root, "data-bs-theme") == "dark") != c.Dark || (webtest.Attr(root, "data-elder") == "on") != c.Elder || (webtest.Attr(root, "data-text") == "large") != c.LargeText {
			t.Errorf("%s: the look is not as chosen", name)
		}
		en := webtest.Find(doc, "button", "name", "locale")
		if webtest.Attr(en, "value") != "en" || webtest.Text(en) != "English" {
			t.Errorf("%s: language switch %q", name, webtest.Text(en))
		}
	}
}

func TestErrorPageLosesNothing(t *testing.T) {
	t.Parallel()
	ctx := contexts(t, portalChrome())[i18n.Chinese]
	typed := url.Values{"reason": {"第一行\n第二行"}, "new_password": {"hunter2"}, "csrf_token": {"abcdef"}, "kind": {"a"}}
	doc := webtest.Parse(t, render(t, ctx, ErrorPage(ErrorData{Status: 401, Typed: typed, Action: "/my/reply?x=1", SignIn: "/sign-in?next=/my"}, false)))
	action, values := webtest.Form(doc, "/my/reply?x=1")
	if action == "" || values.Get("reason") != "第一行\n第二行" || values.Get("kind") != "a" || len(values) != 2 {
		t.Errorf("%q sends %v", action, values)
	}
	if a := webtest.Find(doc, "a", "target", "_blank"); webtest.Attr(a, "href") != "/sign-in?next=/my" {
		t.Errorf("sign-in leads to %q", webtest.Attr(a, "href"))
	}
	doc = webtest.Parse(t, render(t, ctx, ErrorPage(ErrorData{Status: 412, Typed: typed, Back: "/my"}, false)))
	areas := webtest.FindAll(doc, "textarea", "", "")
	if len(areas) != 1 || strings.TrimSpace(webtest.Text(areas[0])) != "第一行 第二行" {
		t.Errorf("%d texts are shown again", len(areas))
	}
}

func TestClockBar(t *testing.T) {
	t.Parallel()
	ctxs := contexts(t, Chrome{})
	v := ClockView{Accepted: limit.Add(-100 * time.Hour), Due: limit, Now: limit.Add(-60 * time.Hour), Words: "还剩 2 个工作日(承诺 5 日)", Pauses: []Span{{From: limit.Add(-90 * time.Hour), To: limit.Add(-80 * time.Hour), Reason: "等补充"}}}
	doc := webtest.Parse(t, render(t, ctxs[i18n.Chinese], Clock(v)))
	if got := webtest.Attr(webtest.Find(doc, "rect", "class", "tb-clock-run"), "width"); got != "40%" {
		t.Errorf("run is %s", got)
	}
	pause := webtest.Find(doc, "line", "class", "tb-clock-pause")
	if webtest.Attr(pause, "x1") != "10%" || webtest.Attr(pause, "x2") != "20%" {
		t.Errorf("pause from %s to %s", webtest.Attr(pause, "x1"), webtest.Attr(pause, "x2"))
	}
	if got := webtest.Text(webtest.Find(doc, "b", "", "")); got != "还剩 2 个工作日" {
		t.Errorf("bold: %q", got)
	}
	if got := webtest.Text(webtest.Find(doc, "p", "class", "tb-clock-ends")); got != "3月12日(周四)受理 3月16日(周一)到期" {
		t.Errorf("ends: %q", got)
	}
	doc = webtest.Parse(t, render(t, ctxs[i18n.English], Clock(v)))
	if got := webtest.Text(webtest.Find(doc, "p", "class", "tb-clock-ends")); got != "Accepted Thu 12 March Due Mon 16 March" {
		t.Errorf("ends: %q", got)
	}
	v.Now, v.Done = limit.Add(time.Hour), true
	doc = webtest.Parse(t, render(t, ctxs[i18n.Chinese], Clock(v)))
	if got := webtest.Attr(webtest.Find(doc, "rect", "class", "tb-clock-run"), "width"); got != "100%" {
		t.Errorf("late run is %s", got)
	}
	if webtest.Find(doc, "rect", "class", "tb-clock-today") != nil {
		t.Error("a decided case still shows today")
	}
}

func TestIconsAreThere(t *testing.T) {
	t.Parallel()
	if HasIcon("no-such-icon") {
		t.Error("an unknown icon is said to be there")
	}
	for _, name := range []string{"search", "logo", "star-filled", "circle-dashed"} {
		if !HasIcon(name) {
			t.Errorf("%s is missing", name)
		}
		doc := webtest.Parse(t, render(t, t.Context(), Icon(name)))
		if svg := webtest.Find(doc, "svg", "class", "tb-icon"); webtest.Attr(svg, "aria-hidden") != "true" || svg.FirstChild == nil {
			t.Errorf("%s is not drawn", name)
		}
	}
}

func TestIconsNamedInThePartsExist(t *testing.T) {
	t.Parallel()
	for name, c := range pages() {
		body := render(t, contexts(t, chromeFor(name))[i18n.Chinese], c)
		if dashed := strings.Count(body, "M8.56 3.69a9 9"); dashed > strings.Count(body, `class="tb-material"`) {
			t.Errorf("%s: an icon is missing", name)
		}
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	h := AssetsHandler()
	get := func(path string, header ...string) *http.Response {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result()
	}
	css := Asset(t.Context(), "tongban.css")
	if css != "/assets/"+AssetsHash()+"/tongban.css" || len(AssetsHash()) != 12 {
		t.Fatalf("address %s", css)
	}
	plain := get(css)
	want, _ := io.ReadAll(plain.Body)
	if plain.StatusCode != http.StatusOK || plain.Header.Get("Content-Type") != "text/css; charset=utf-8" || plain.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || plain.Header.Get("Content-Encoding") != "" {
		t.Errorf("plain: %d %v", plain.StatusCode, plain.Header)
	}
	packed := get(css, "Accept-Encoding", "br, gzip;q=0.8")
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(z); string(got) != string(want) || len(want) == 0 {
		t.Error("the packed file differs")
	}
	etag := packed.Header.Get("ETag")
	if etag == plain.Header.Get("ETag") || packed.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("packed: %v", packed.Header)
	}
	if r := get(css, "Accept-Encoding", "gzip", "If-None-Match", `"x", W/`+etag); r.StatusCode != http.StatusNotModified {
		t.Errorf("known file: %d", r.StatusCode)
	}
	if r := get(css, "Accept-Encoding", "gzip;q=0"); r.Header.Get("Content-Encoding") != "" {
		t.Error("packed for a reader who refuses it")
	}
	for path, status := range map[string]int{"/assets/tongban.css": 200, "/assets/0123456789ab/tongban.css": 200, "/assets/icons/bell.svg": 200, "/assets/none.css": 404, "/assets/": 404, "/assets/../view.go": 404, "/assets/" + AssetsHash() + "/": 404} {
		r := get(path)
		if r.StatusCode != status || strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %s", path, r.StatusCode, r.Header.Get("Cache-Control"))
		}
	}
}

func TestFirstPageIsLight(t *testing.T) {
	t.Parallel()
	total := 0
	for _, name := range []string{"vendor/tabler.min.css", "tongban.css", "vendor/htmx.min.js", "tongban.js", "favicon.svg"} {
		a := loadAssets().files[name]
		if a == nil {
			t.Fatalf("%s is missing", name)
		}
		if a.gz != nil {
			total += len(a.gz)
		} else {
			total += len(a.plain)
		}
	}
	if total > 180<<10 { // 200 KB in all, with the page itself
		t.Errorf("%d KB", total>>10)
	}
}

func TestTextIsEscaped(t *testing.T) {
	t.Parallel()
	got := render(t, contexts(t, portalChrome())[i18n.Chinese], with(Section(`<b>"x"`), Text("<script>"), Input(form.New("n", `"><script>`), In{Name: "n", Label: "<i>"}), LinkButton("x", "javascript:alert(1)", false)))
	doc := webtest.Parse(t, got)
	for _, tag := range []string{"script", "i", "b"} {
		if webtest.Find(doc, tag, "", "") != nil {
			t.Errorf("<%s> came through", tag)
		}
	}
	if strings.Contains(got, "javascript:") {
		t.Error("a script address came through")
	}
}
