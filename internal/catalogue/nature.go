package catalogue

import (
	"fmt"
	"regexp"
	"strings"
)

// Asks says what somebody gets who asks for the item: what the item says
// itself, else what its family and name give away.
func (d Definition) Asks() Kind {
	switch {
	case d.Kind != "":
		return d.Kind
	case d.Family == Bundled:
		return KindBundle
	case d.Family == ScienceService:
		return KindService
	case d.Type == "20" || d.Type == "21" || d.Type == "":
		if lookupName.MatchString(strings.TrimSpace(d.Name.ZH)) {
			return KindLookup
		}
	}
	return KindApply
}

// lookupName is how look-up services are named in real catalogues. An exam's
// 报名 or a 预约 is something that is asked for, whatever follows.
var lookupName = regexp.MustCompile(`(查询|查阅|查看|咨询|公示|公告|公开|公布|通知|解读|发布|下载|浏览|检索|指南|指引|简介|介绍|概况|名单|名录|列表|一览|目录|动态|资讯|信息|展示|宣传|问答|常见问题|新闻|联系方式|地图)(服务|平台|系统|窗口|入口)?([(（][^()（）]*[)）])?$`)

// Codes of the item: the implementation code (实施编码, 31 digits) and, from
// the running number of a handling item, its code (33). Both are generated
// from the credit code of the implementing body, the level digit and the base
// code where no sheet brought them.
func (d Definition) Codes(uscc, level string) (implementation, handling string) {
	switch {
	case len(d.ImplCode) == 33:
		return d.ImplCode[:31], d.ImplCode
	case len(d.ImplCode) == 31:
		return d.ImplCode, ""
	case len(d.BaseCode) != 12 || len(uscc) != 18 || levelDigit[level] == "":
		return "", ""
	}
	implementation = uscc + levelDigit[level] + d.BaseCode
	for i, a := range actions {
		if d.Action == a {
			handling = fmt.Sprintf("%s%02d", implementation, i+1)
		}
	}
	return implementation, handling
}

// levelDigit is the digit of the 行使层级 in an implementation code; 5 and 6
// are by analogy, only 2 to 4 were seen in real catalogues.
var levelDigit = map[string]string{"nation": "1", "province": "2", "city": "3", "county": "4", "town": "5", "village": "6"}

// External says that nobody here handles the item: it is of another
// administration, and its guide leads there.
func (d Definition) External() bool { return d.Department == "" }

// Orderable says that a case can be opened here. It cannot for items of other
// administrations, nor for those of our own departments that are only known
// from a sheet: a sheet says neither what the result is called, nor what is to
// be asked, nor on what shelf people would look for it, and to invent that
// would be to promise something. Their guide is published as far as it goes;
// who completes the item in the editor takes guide_only away, and from then on
// Validate asks for the rest.
func (d Definition) Orderable() bool { return !d.External() && !d.GuideOnly }
