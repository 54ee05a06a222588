package index_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tongban/tongban/internal/catalogue/index"
)

// names are documents with a name alone, as in a real sheet.
var names = []string{
	"普通护照签发", "居民身份证办理（包括临时）", "户口迁移审批", "公司设立登记", "公司注销登记", "公司变更登记", "个体工商户设立登记", "股权出质设立登记",
	"互联网上网服务营业场所经营单位设立审批", "互联网上网服务营业场所经营单位变更审批", "食品（含保健食品）经营许可核发", "食品（含保健食品）经营许可延续", "食品（含保健食品）经营许可补办", "食品经营许可查询",
	"高新技术企业认定", "高新技术企业认定信息查询", "在校大学生创业担保贷款贴息申请", "建设项目环境影响报告表审批", "林木采伐许可证核发", "义务教育阶段学生学籍异动办理",
	"社会保障卡挂失", "社会保障卡补领、换领、换发", "社会保障卡申领", "养老保险定期待遇领取资格认证", "离婚登记预约", "中国内地公民婚姻登记", "医师执业注册", "护士执业注册",
	"机动车驾驶证初次申领", "机动车注册登记", "低压居民报装", "既有住宅增设电梯", "广播电视视频点播业务许可证（乙种）审批", "实验动物使用许可(新申请)", "实验动物使用许可(注销)",
	"开具税收完税证明", "代开增值税专用发票", "企业社会保险登记", "学生资助政策咨询", "货物暂准进口ATA单证册",
}

func named() *index.Index {
	docs := make([]index.Doc, len(names))
	for i, n := range names {
		docs[i] = index.Doc{Name: n, Codes: []string{fmt.Sprintf("1144000000693980%04d", i)}, Lookup: strings.HasSuffix(n, "查询") || strings.HasSuffix(n, "咨询")}
	}
	return index.New(docs, nil)
}

func first(x *index.Index, q string, n int) []string {
	var out []string
	for _, h := range x.Search(q, n, nil) {
		out = append(out, names[h.Doc])
	}
	return out
}

func TestFirstOfAll(t *testing.T) {
	t.Parallel()
	x := named()
	for q, want := range map[string]string{
		// as it is called
		"公司设立登记": "公司设立登记", "代开增值税专用发票": "代开增值税专用发票",
		// as people say
		"护照丢了": "普通护照签发", "我想开个网吧要什么手续": "互联网上网服务营业场所经营单位设立审批", "公司不干了": "公司注销登记", "孩子要转学": "义务教育阶段学生学籍异动办理",
		"开饭店要办什么证": "食品（含保健食品）经营许可核发", "砍自己家的树要批吗": "林木采伐许可证核发", "老楼想装电梯": "既有住宅增设电梯", "社保卡丢了怎么办": "社会保障卡挂失",
		"养小白鼠": "实验动物使用许可(新申请)", "学车": "机动车驾驶证初次申领", "新车上牌": "机动车注册登记", "当医生": "医师执业注册",
		// two characters, abbreviations
		"贴息": "在校大学生创业担保贷款贴息申请", "环评": "建设项目环境影响报告表审批", "高企": "高新技术企业认定", "离婚": "离婚登记预约",
		// what is to be done
		"食品经营许可证到期了": "食品（含保健食品）经营许可延续", "食品经营许可证丢了": "食品（含保健食品）经营许可补办", "注销实验动物许可": "实验动物使用许可(注销)", "网吧变更": "互联网上网服务营业场所经营单位变更审批",
		// to be applied for before what is only looked up, and the other way round
		"高新技术企业": "高新技术企业认定", "查一下高新技术企业": "高新技术企业认定信息查询", "食品经营许可": "食品（含保健食品）经营许可核发",
		// by sound
		"gaoxinjishuqiye": "高新技术企业认定", "gxjsqy": "高新技术企业认定", "huzhao": "普通护照签发", "gongsi zhuxiao": "公司注销登记", "shebaoka guashi": "社会保障卡挂失",
		// slips
		"高薪技术企业": "高新技术企业认定", "户照": "普通护照签发", "公司注消登记": "公司注销登记", "林木采发许可": "林木采伐许可证核发",
		// traditional characters, full width, other letters
		"護照簽發": "普通护照签发", "公司註銷": "公司注销登记", "ＡＴＡ单证": "货物暂准进口ATA单证册", "ata": "货物暂准进口ATA单证册",
		// codes
		"11440000006939800014": "高新技术企业认定",
	} {
		if got := first(x, q, 3); len(got) == 0 || got[0] != want {
			t.Errorf("%s: want %s first in %q", q, want, got)
		}
	}
}

func TestNothingInNonsense(t *testing.T) {
	t.Parallel()
	x := named()
	for _, q := range []string{"", " ", "。。。", "的", "怎么办理", "我想问一下", "量子纠缠", "龘", "xqzvvw", strings.Repeat("啊", 10_000)} {
		if got := first(x, q, 3); len(got) != 0 {
			t.Errorf("%.30q found %q", q, got)
		}
	}
}

func TestKeepAndLimit(t *testing.T) {
	t.Parallel()
	x := named()
	if n := len(x.Search("登记", 2, nil)); n != 2 {
		t.Errorf("%d hits, want 2", n)
	}
	for _, h := range x.Search("登记", 20, func(doc int) bool { return doc%2 == 0 }) {
		if h.Doc%2 != 0 {
			t.Errorf("%s was not to be kept", names[h.Doc])
		}
	}
	last := 2.0
	for _, h := range x.Search("公司登记", 20, nil) {
		if h.Score > last || h.Score <= 0 {
			t.Errorf("%s has %.3f after %.3f", names[h.Doc], h.Score, last)
		}
		last = h.Score
	}
}

func TestSuggestCompletes(t *testing.T) {
	t.Parallel()
	x := named()
	for typed, want := range map[string]string{"公": "公司设立登记", "高新": "高新技术企业认定", "gao": "高新技术企业认定", "gaoxinj": "高新技术企业认定", "社保卡挂": "社会保障卡挂失", "huz": "普通护照签发"} {
		got := []string{}
		for _, h := range x.Suggest(typed, 5, nil) {
			got = append(got, names[h.Doc])
		}
		if !slices.Contains(got, want) {
			t.Errorf("%s: want %s in %q", typed, want, got)
		}
	}
	if x.Suggest("公", 0, nil) != nil || len(x.Suggest("", 5, nil)) != 0 {
		t.Error("nothing wanted or nothing typed gives nothing")
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	x := named()
	want := x.Search("食品经营许可证丢了", 10, nil)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				if got := x.Search("食品经营许可证丢了", 10, nil); !slices.Equal(got, want) {
					t.Errorf("%v, before %v", got, want)
				}
				x.Search("公司注销", 3, nil)
			}
		})
	}
	group.Wait()
}

func TestSynonymsOfAnInstallation(t *testing.T) {
	t.Parallel()
	docs := []index.Doc{{Name: "渤海英才卡申领"}, {Name: "老年人优待证申领"}}
	if got := index.New(docs, nil).Search("海蓝本本", 5, nil); len(got) != 0 {
		t.Errorf("found without the synonym: %v", got)
	}
	x := index.New(docs, index.NewLexicon([][]string{{"海蓝本本", "英才卡"}}))
	if got := x.Search("海蓝本本怎么办", 5, nil); len(got) != 1 || got[0].Doc != 0 {
		t.Errorf("%v", got)
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	x := index.New(nil, nil)
	if got := x.Search("护照", 5, nil); len(got) != 0 || x.Len() != 0 {
		t.Errorf("%v", got)
	}
}

func FuzzSearch(f *testing.F) {
	x := named()
	for _, s := range []string{"护照", "gxqy", "A1-b.", "\xff\xfe", "ａｂ１２Ⅻ", "公司 company 公司", "砍 树", "ü", "𠮷野家"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, q string) {
		hits := x.Search(q, 5, nil)
		if again := x.Search(q, 5, nil); !slices.Equal(hits, again) {
			t.Errorf("%q: %v, then %v", q, hits, again)
		}
		for _, h := range x.Suggest(q, 5, nil) {
			if h.Doc < 0 || h.Doc >= len(names) {
				t.Errorf("%q: no document %d", q, h.Doc)
			}
		}
	})
}
