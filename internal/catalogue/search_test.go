package catalogue_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tongban/tongban/demo"
	"github.com/tongban/tongban/internal/catalogue"
)

// demoSnapshot is the demonstration catalogue without a database.
func demoSnapshot(t testing.TB, times int) *catalogue.Snapshot {
	t.Helper()
	zone, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	var defs []catalogue.Definition
	for range times {
		defs = append(defs, zone.Items...)
	}
	return catalogue.SnapshotOf(zone.Shelves, defs)
}

func codes(hits []catalogue.Hit) []string {
	out := make([]string, len(hits))
	for i, h := range hits {
		out[i] = fmt.Sprintf("%s %s %.2f", h.Item.Code, h.Item.Name.ZH, h.Score)
	}
	return out
}

func TestEverydayQuestions(t *testing.T) {
	t.Parallel()
	s := demoSnapshot(t, 1)
	questions := []struct{ query, want string }{
		{"高企", "KJ-0002"},
		{"高企认定", "KJ-0002"},
		{"高新技术企业", "KJ-0002"},
		{"怎么申报高新技术企业", "KJ-0002"},
		{"高企有什么奖励", "KJ-0202"},
		{"高企改名字", "KJ-0103"},
		{"开公司", "SC-0001"},
		{"注册公司", "SC-0001"},
		{"我想注册一家公司需要什么", "SC-0001"},
		{"我想开公司要办啥", "SC-0001"},
		{"办营业执照", "SC-0001"},
		{"公司注册需要什么材料", "SC-0001"},
		{"个体户怎么办执照", "SC-0101"},
		{"想开个小店", "SC-0101"},
		{"公司不想开了怎么注销", "SC-0103"},
		{"公司搬家换地址", "SC-0102"},
		{"公章丢了", "GA-0101"},
		{"刻章", "GA-0101"},
		{"创新券", "KJ-0007"},
		{"创新券怎么领", "KJ-0007"},
		{"创新券报销", "KJ-0121"},
		{"研发补贴", "KJ-0004"},
		{"研发费用补助", "KJ-0004"},
		{"科技型中小企业", "KJ-0003"},
		{"科小证明", "KJ-0003"},
		{"博士后", "RS-0001"},
		{"博士后工作站补贴", "RS-0001"},
		{"人才卡", "RC-0001"},
		{"人才金卡怎么申请", "RC-0001"},
		{"人才公寓", "RC-0202"},
		{"买房补贴", "RC-0203"},
		{"用电", "GD-0001"},
		{"厂里要接电", "GD-0001"},
		{"装变压器", "GD-0001"},
		{"通自来水", "GS-0101"},
		{"技术合同", "KJ-0006"},
		{"技术合同登记能免税吗", "KJ-0006"},
		{"检测", "JC-0001"},
		{"材料检测", "JC-0001"},
		{"钢材做拉伸试验", "JC-0001"},
		{"电镜", "YJY-0101"},
		{"实验动物", "KJ-0001"},
		{"养小鼠做实验要什么证", "KJ-0001"},
		{"新型研发机构", "KJ-0005"},
		{"重点实验室", "KJ-0111"},
		{"专精特新", "GX-0102"},
		{"小巨人", "GX-0103"},
		{"瞪羚", "KJ-0101"},
		{"开饭店", "SC-0111"},
		{"想开一家奶茶店", "SC-0111"},
		{"理发店卫生许可证", "WJ-0101"},
		{"劳务派遣", "RS-0111"},
		{"消防检查", "XF-0101"},
		{"环评", "HB-0101"},
		{"施工许可证", "ZJ-0101"},
		{"贷款", "JR-0201"},
		{"没有抵押怎么贷款", "JR-0203"},
		{"专利质押", "ZSCQ-0202"},
		{"注册商标", "ZSCQ-0203"},
		{"稳岗补贴", "RS-0206"},
		{"居住证", "GA-0203"},
		{"提公积金付房租", "GJJ-0201"},
		{"孩子上学", "JY-0202"},
		{"外国人工作证", "RS-0205"},
		{"失业金怎么领", "RS-0208"},
		{"在外地看病怎么报销", "YB-0201"},
		{"找场地入驻孵化器", "FH-0201"},
		{"租房合同备案", "ZJ-0201"},
		// asked by somebody who has not read the keywords
		{"成立公司", "SC-0001"},
		{"老板想关店", "SC-0103"},
		{"给员工上社保", "RS-1003"},
		{"税务登记", "SW-0101"},
		{"工厂用气", "RQ-0101"},
		{"接水接电", "GS-0101"},
		{"盖厂房要什么手续", "ZR-0101"},
		{"大学生来这里有钱拿吗", "RC-0204"},
		{"专利被侵权了怎么办", "ZSCQ-0205"},
		{"政府有哪些补贴可以领", "KJ-0004"},
		{"测试材料强度", "JC-0001"},
		{"校准仪器", "JC-0103"},
		{"买化学试剂", "GA-0111"},
		{"诊所执业", "WJ-0102"},
		{"生孩子的钱怎么领", "YB-0202"},
		{"招商引资", "SWJ-0202"},
		{"货车运输证", "JT-0101"},
		{"首次规上", "GX-0202"},
		// by sound
		{"gxqy", "KJ-0002"},
		{"gaoxinqiye", "KJ-0002"},
		{"gaoxin", "KJ-0002"},
		{"gao xin ji shu", "KJ-0002"},
		{"cxq", "KJ-0007"},
		{"kaigongsi", "SC-0001"},
		{"zjtx", "GX-0102"},
		{"rcgy", "RC-0202"},
		// slips, homophones, traditional characters, odd keyboards
		{"高薪技术企业", "KJ-0002"},
		{"创新卷", "KJ-0007"},
		{"高新技術企業", "KJ-0002"},
		{"實驗動物", "KJ-0001"},
		{"工商注册公司流程", "SC-0001"},
		{"ＧＸＱＹ", "KJ-0002"},
		{"  高企！！ ", "KJ-0002"},
		{"KJ-0006", "KJ-0006"},
		// English
		{"high-tech", "KJ-0002"},
		{"high-tech enterprise", "KJ-0002"},
		{"laboratory animals", "KJ-0001"},
		{"register a company", "SC-0001"},
		{"how do I get electricity", "GD-0001"},
		{"innovation voucher", "KJ-0007"},
		{"postdoctoral", "RS-0001"},
		{"talent card", "RC-0001"},
		{"trade mark", "ZSCQ-0203"},
	}
	for _, q := range questions {
		hits := s.Search(q.query, 5, catalogue.Filter{})
		if !slices.ContainsFunc(hits, func(h catalogue.Hit) bool { return h.Item.Code == q.want }) {
			t.Errorf("%q: want %s among the first five of %q", q.query, q.want, codes(hits))
		}
	}
}

func TestTheObviousComesFirst(t *testing.T) {
	t.Parallel()
	s := demoSnapshot(t, 1)
	for query, want := range map[string]string{
		"高企": "KJ-0002", "创新券": "KJ-0007", "个体工商户": "SC-0101", "gxqy": "KJ-0002",
		"技术合同认定登记": "KJ-0006", "居住证": "GA-0203", "博士后": "RS-0001",
	} {
		if hits := s.Search(query, 3, catalogue.Filter{}); len(hits) == 0 || hits[0].Item.Code != want {
			t.Errorf("%q: want %s first in %q", query, want, codes(hits))
		}
	}
}

func TestSearchFindsNothingInNonsense(t *testing.T) {
	t.Parallel()
	s := demoSnapshot(t, 1)
	for _, query := range []string{"", "  ", "！？", "的", "怎么办理", "量子纠缠", "xqzvvw", "龘", "asdfgh"} {
		if hits := s.Search(query, 5, catalogue.Filter{}); len(hits) != 0 {
			t.Errorf("%q found %q", query, codes(hits))
		}
	}
}

func TestSearchKeepsToTheFilterAndLimit(t *testing.T) {
	t.Parallel()
	s := demoSnapshot(t, 1)
	for _, h := range s.Search("补贴", 50, catalogue.Filter{Shelf: "talent", Audience: catalogue.ForPerson}) {
		if h.Item.Shelf != "talent" || !h.Item.For(catalogue.ForPerson) {
			t.Errorf("%s does not fit the filter", h.Item.Code)
		}
	}
	if n := len(s.Search("企业", 3, catalogue.Filter{})); n != 3 {
		t.Errorf("%d hits, want 3", n)
	}
	long := ""
	for range 5000 {
		long += "高企认定"
	}
	if len(s.Search(long, 5, catalogue.Filter{})) == 0 {
		t.Error("a long story with the word in it finds nothing")
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	s := demoSnapshot(t, 1)
	for prefix, want := range map[string]string{"高": "KJ-0002", "高企": "KJ-0002", "gao": "KJ-0002", "gq": "KJ-0002", "开公": "SC-0001", "创": "KJ-0007", "专精": "GX-0102", "公司注册": "SC-0001"} {
		if hits := s.Suggest(prefix, 6); !slices.ContainsFunc(hits, func(h catalogue.Hit) bool { return h.Item.Code == want }) {
			t.Errorf("%q: want %s in %q", prefix, want, codes(hits))
		}
	}
	if s.Suggest("", 5) != nil || s.Suggest("高", 0) != nil {
		t.Error("nothing typed or nothing wanted gives nothing")
	}
}

func TestSearchIsQuick(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a big index")
	}
	t.Parallel()
	s := demoSnapshot(t, 20) // 2,400 items
	start := time.Now()
	for range 20 {
		s.Search("我想注册一家公司需要什么材料", 5, catalogue.Filter{})
	}
	if each := time.Since(start) / 20; each > 100*time.Millisecond { // generous: with -race on a busy machine
		t.Errorf("a search takes %v", each)
	}
}

func BenchmarkSearch(b *testing.B) {
	s := demoSnapshot(b, 1)
	for b.Loop() {
		s.Search("我想注册一家公司需要什么材料", 5, catalogue.Filter{})
	}
}
