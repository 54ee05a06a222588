package catalogue

import (
	"slices"
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// normalise makes texts comparable: full-width letters and digits become plain
// ones, capitals small, and everything that is neither letter nor digit a
// single space.
func normalise(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range s {
		switch {
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		case r >= 'Ⅰ' && r <= 'Ⅻ':
			r = '1' + (r - 'Ⅰ') // good enough for classes I to IX
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// runs cuts a normalised text into pieces of Chinese and pieces of anything else.
func runs(s string) []string {
	var out []string
	for _, part := range strings.Fields(s) {
		start, han := 0, false
		for i, r := range part {
			if h := isHan(r); i > 0 && h != han {
				out = append(out, part[start:i])
				start = i
			}
			han = isHan(r)
		}
		out = append(out, part[start:])
	}
	return out
}

// terms cuts a normalised text into what is indexed: each two neighbouring
// Chinese characters, a character that stands alone, and words of letters and
// digits without their plural.
func terms(s string) []string {
	var out []string
	for _, run := range runs(s) {
		rs := []rune(run)
		switch {
		case !isHan(rs[0]):
			if w := stem(run); !dull[w] {
				out = append(out, w)
			}
		case len(rs) == 1:
			out = append(out, run)
		default:
			for i := range len(rs) - 1 {
				out = append(out, string(rs[i:i+2]))
			}
		}
	}
	return out
}

// stem drops the plural of an English word.
func stem(w string) string {
	switch {
	case len(w) > 4 && strings.HasSuffix(w, "ies"):
		return w[:len(w)-3] + "y"
	case len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss"):
		return w[:len(w)-1]
	}
	return w
}

// dull English words say nothing about what somebody wants.
var dull = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`a an and are as at be by can do for from get has have how i in into is it its me my need not of on one or our
		please some that the their them this to us want we what when where which who will with you your apply application`) {
		m[stem(w)] = true
	}
	return m
}()

// everyday are the words around what somebody wants. They are taken away
// longest first; a search is also tried with them, since some are half of a
// name (材料检测).
var everyday = func() *strings.Replacer {
	words := strings.Fields(`我想 我要 我们 想要 想问 想问一下 请问 请教 你好 您好 咨询 怎么 怎么办 怎么办理 怎么申请 怎么弄 怎样 怎么样 咋 咋办 咋弄 如何 如何办理 如何申请
		办 办理 办一个 办一下 办个 去办 要办 代办一下 申请 申办 申领 申报 需要 需 要 什么 啥 哪些 哪 哪里 哪儿 在哪 在哪里 什么地方 哪个部门 材料 资料 手续 流程 步骤 条件 要求 多久 多长时间 几天 多少钱
		一个 一家 一下 一张 一份 个 的 了 吗 呢 吧 啊 么 可以 能不能 能否 是否 可不可以 有没有 有什么 有哪些 是什么 谁 帮我 给我 给 我 你 您 想 去 到 和 与 以及 及 是 有 能 会 得 应该 关于 方面 事项 业务 服务 地方 现在 今年 政府 领 领取 老板
		家里 个人 自己 公司要 怎 查一下 查询 网上 线上 在线`)
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(words))
	for _, w := range words {
		pairs = append(pairs, w, " ")
	}
	return strings.NewReplacer(pairs...)
}()

// alike are words that people use for one another; the words of a single
// installation stand in the keywords of its items.
var alike = func() [][]string {
	var out [][]string
	for _, line := range strings.Split(`补贴 补助 奖励 奖补 资助
		公司 企业 有限责任公司
		注册 设立 成立 开办 登记
		注销 关店 关门 关掉 停业 倒闭
		检测 测试 试验 化验 检验 测
		变更 修改 更改 改 换
		许可 许可证 证
		租房 租赁 租 房租
		盖 建 造
		开店 开一家 开家 开
		员工 职工 单位
		孩子 子女 小孩 娃
		学校 入学 上学 读书
		报销 兑付 兑现
		材料 金属 钢材
		购房 买房 买房子
		看病 就医 住院`, "\n") {
		out = append(out, strings.Fields(line))
	}
	return out
}()

// otherWords says the query in words that mean the same, one word changed in each.
func otherWords(query string) []string {
	var out []string
	for _, group := range alike {
		i := -1
		for j, w := range group { // the longest, so that 许可证 is not taken for 许可
			if strings.Contains(query, w) && (i < 0 || len(w) > len(group[i])) {
				i = j
			}
		}
		for j, w := range group {
			if i >= 0 && j != i && len([]rune(w)) > 1 && len(out) < 12 {
				out = append(out, strings.Replace(query, group[i], w, 1))
			}
		}
	}
	return out
}

// spelling is a Chinese text in pinyin without tones. A piece of other letters
// stands in it as it is.
type spelling struct {
	full     string // gaoxinjishuqiye
	initials string // gxjsqy
	starts   []int  // where the syllables begin in full
}

// readings are words in which a character is not read as it mostly is.
var readings = strings.NewReplacer(
	"银行", "yin hang ", "行业", "hang ye ", "重新", "chong xin ", "重复", "chong fu ", "会计", "kuai ji ", "校准", "jiao zhun ", "校验", "jiao yan ",
	"成长", "cheng zhang ", "增长", "zeng zhang ", "首长", "shou zhang ", "出长", "chu zhang ", "调档", "diao dang ", "调动", "diao dong ", "商调", "shang diao ",
	"参加", "can jia ", "参保", "can bao ", "人参", "ren shen ", "税率", "shui lv ", "效率", "xiao lv ", "长期", "chang qi ", "供应", "gong ying ", "应急", "ying ji ",
	"提供", "ti gong ", "供电", "gong dian ", "供水", "gong shui ", "供用", "gong yong ", "都", "du ", "给付", "ji fu ", "地税", "di shui ", "地址", "di zhi ",
	"车", "che ", "大夫", "dai fu ", "单", "dan ", "查", "cha ", "种", "zhong ", "朝", "chao ", "系", "xi ", "厦", "sha ", "行", "xing ", "薄", "bo ",
)

var pinyinArgs = pinyin.NewArgs()

// spell reads a normalised text aloud.
func spell(s string) spelling {
	var sp spelling
	add := func(syllable string) {
		sp.starts = append(sp.starts, len(sp.full))
		sp.full += syllable
		sp.initials += syllable[:1]
	}
	for _, run := range runs(readings.Replace(s)) {
		rs := []rune(run)
		if !isHan(rs[0]) {
			add(run)
			continue
		}
		for _, r := range rs {
			if py := pinyin.SinglePinyin(r, pinyinArgs); len(py) > 0 && py[0] != "" {
				add(py[0])
			}
		}
	}
	return sp
}

// fits says how well letters that somebody typed, full pinyin or initials,
// name the text: 1 all of it, less for a beginning, a part, or with syllables
// left out (gxqy for 高新技术企业); 0 not at all.
func (sp spelling) fits(letters string) float64 {
	if len(letters) < 2 || sp.full == "" {
		return 0
	}
	share := func(most float64, of string) float64 {
		return most * (0.8 + 0.2*float64(len(letters))/float64(len(of)))
	}
	switch {
	case letters == sp.full:
		return 1
	case letters == sp.initials:
		return 0.95
	case strings.HasPrefix(sp.full, letters):
		return share(0.9, sp.full)
	case strings.HasPrefix(sp.initials, letters):
		return share(0.85, sp.initials)
	}
	for _, at := range sp.starts {
		if len(letters) > 3 && strings.HasPrefix(sp.full[at:], letters) {
			return share(0.75, sp.full)
		}
	}
	switch {
	case len(letters) > 2 && strings.Contains(sp.initials, letters):
		return share(0.65, sp.initials)
	case len(letters) > 5 && sp.skipping(letters, 0):
		return share(0.6, sp.full)
	case len(letters) > 3 && letters[0] == sp.initials[0] && subsequence(letters, sp.initials):
		return share(0.5, sp.initials)
	}
	return 0
}

// skipping says whether letters are syllables of the text in their order, with
// some left out.
func (sp spelling) skipping(letters string, from int) bool {
	if letters == "" {
		return true
	}
	for i := from; i < len(sp.starts); i++ {
		end := len(sp.full)
		if i+1 < len(sp.starts) {
			end = sp.starts[i+1]
		}
		if rest, ok := strings.CutPrefix(letters, sp.full[sp.starts[i]:end]); ok && sp.skipping(rest, i+1) {
			return true
		}
	}
	return false
}

func subsequence(part, of string) bool {
	for i := 0; i < len(of) && part != ""; i++ {
		if of[i] == part[0] {
			part = part[1:]
		}
	}
	return part == ""
}
