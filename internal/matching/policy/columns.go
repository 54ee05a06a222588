package policy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/platform/csvx"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// row is what one row of a sheet is about: a document, or a clause of one.
type row struct {
	clause   bool
	document Document // of a clause only its key
	Clause
}

// column of a sheet. set says whether the cell can be read.
type column struct {
	key  string
	name i18n.Text
	in   half
	get  func(r *row) string
	set  func(r *row, cell string) bool
	list []string // of a choice: its keys, whose words are policy.<word>.<key>
	word string
}

type half int

const (
	forBoth half = iota
	forDocument
	forClause
)

func textColumn(key, zh, en string, in half, at func(r *row) *string) column {
	return column{key: key, name: i18n.Text{ZH: zh, EN: en}, in: in, get: func(r *row) string { return *at(r) }, set: func(r *row, cell string) bool { *at(r) = cell; return true }}
}

// inTwo are the columns of a text in both languages.
func inTwo(key, zh, en string, in half, at func(r *row) *i18n.Text) []column {
	return []column{
		textColumn(key, zh, en, in, func(r *row) *string { return &at(r).ZH }),
		textColumn(key+"_en", zh+"（英文）", en+" (English)", in, func(r *row) *string { return &at(r).EN }),
	}
}

func choiceColumn[T ~string](key, zh, en string, in half, list []T, at func(r *row) *T) column {
	c := column{key: key, name: i18n.Text{ZH: zh, EN: en}, in: in, word: key, get: func(r *row) string { return string(*at(r)) }, set: func(r *row, cell string) bool { *at(r) = T(cell); return true }}
	for _, x := range list {
		c.list = append(c.list, string(x))
	}
	return c
}

func moneyColumn(key, zh, en string, at func(r *row) *money.Fen) column {
	return column{key: key, name: i18n.Text{ZH: zh, EN: en}, in: forClause, get: func(r *row) string { return WriteMoney(*at(r)) }, set: func(r *row, cell string) (ok bool) {
		*at(r), ok = ReadMoney(cell)
		return ok
	}}
}

func listColumn(key, zh, en string, in half, at func(r *row) *[]string) column {
	return column{key: key, name: i18n.Text{ZH: zh, EN: en}, in: in, get: func(r *row) string { return WriteList(*at(r)) }, set: func(r *row, cell string) bool { *at(r) = ReadList(cell); return true }}
}

// columns of a sheet in their order.
var columns = slices.Concat(
	[]column{
		textColumn("document", "文件编码", "Document key", forBoth, func(r *row) *string { return &r.document.Key }),
		textColumn("clause", "条款编码", "Clause key", forBoth, func(r *row) *string { return &r.Key }),
	},
	inTwo("title", "标题", "Title", forBoth, func(r *row) *i18n.Text {
		if r.clause {
			return &r.Title
		}
		return &r.document.Title
	}),
	[]column{textColumn("number", "发文字号", "Number", forDocument, func(r *row) *string { return &r.document.Number })},
	inTwo("issuer", "发文单位", "Issuer", forDocument, func(r *row) *i18n.Text { return &r.document.Issuer }),
	[]column{
		textColumn("department", "实施部门编码", "Department key", forDocument, func(r *row) *string { return &r.document.Department }),
		choiceColumn("level", "级别", "Level", forDocument, Levels, func(r *row) *Level { return &r.document.Level }),
		textColumn("region", "行政区划代码", "Division", forDocument, func(r *row) *string { return &r.document.Region }),
		textColumn("issued", "印发日期", "Issued", forDocument, func(r *row) *string { return &r.document.Issued }),
		textColumn("from", "施行日期", "In force from", forDocument, func(r *row) *string { return &r.document.From }),
		textColumn("until", "有效期至", "In force until", forDocument, func(r *row) *string { return &r.document.Until }),
	},
	inTwo("text", "内容提要", "Abstract", forDocument, func(r *row) *i18n.Text { return &r.document.Text }),
	[]column{
		textColumn("source", "原文网址", "Address", forDocument, func(r *row) *string { return &r.document.Source }),
		listColumn("repeals", "代替的文件", "Repeals", forDocument, func(r *row) *[]string { return &r.document.Repeals }),
		textColumn("place", "条款位置", "Place", forClause, func(r *row) *string { return &r.Place }),
	},
	inTwo("summary", "说明", "Summary", forClause, func(r *row) *i18n.Text { return &r.Summary }),
	[]column{
		choiceColumn("kind", "支持方式", "Kind", forClause, Kinds, func(r *row) *BenefitKind { return &r.Benefit.Kind }),
		moneyColumn("amount", "金额（元）", "Amount (yuan)", func(r *row) *money.Fen { return &r.Benefit.Amount }),
		{key: "rate", name: i18n.Text{ZH: "比例（%）", EN: "Rate (%)"}, in: forClause, get: func(r *row) string { return WriteRate(r.Benefit.Rate) }, set: func(r *row, cell string) (ok bool) {
			r.Benefit.Rate, ok = ReadRate(cell)
			return ok
		}},
		textColumn("of", "比例的基数", "Rate of", forClause, func(r *row) *string { return &r.Benefit.Of }),
		moneyColumn("cap", "上限（元）", "Cap (yuan)", func(r *row) *money.Fen { return &r.Benefit.Cap }),
		choiceColumn("per", "次数", "How often", forClause, Pers, func(r *row) *Per { return &r.Benefit.Per }),
		moneyColumn("budget", "年度总额（元）", "Budget of a year (yuan)", func(r *row) *money.Fen { return &r.Benefit.Budget }),
		textColumn("fund", "资金编码", "Fund", forClause, func(r *row) *string { return &r.Benefit.Fund }),
		choiceColumn("covers", "补助的成本", "Cost covered", forClause, Costs, func(r *row) *string { return &r.Benefit.Covers }),
	},
	inTwo("benefit", "支持内容", "What it gives", forClause, func(r *row) *i18n.Text { return &r.Benefit.Text }),
	[]column{
		choiceColumn("way", "兑现方式", "Way", forClause, Ways, func(r *row) *Way { return &r.Way }),
		textColumn("item", "申报事项编码", "Service", forClause, func(r *row) *string { return &r.Item }),
		{key: "windows", name: i18n.Text{ZH: "申报时间", EN: "Windows"}, in: forClause, get: func(r *row) string { return WriteWindows(r.Windows) }, set: func(r *row, cell string) bool { r.Windows = ReadWindows(cell); return true }},
		{key: "materials", name: i18n.Text{ZH: "另需材料", EN: "Materials"}, in: forClause, get: func(r *row) string { return WriteTexts(r.Materials) }, set: func(r *row, cell string) bool { r.Materials = ReadTexts(cell); return true }},
		textColumn("rule", "匹配规则", "Rule", forClause, func(r *row) *string { return &r.Rule }),
		choiceColumn("zero", "除数为零", "Division by zero", forClause, ZeroKeys, func(r *row) *string { return &r.Zero }),
		listColumn("topics", "主题", "Topics", forClause, func(r *row) *[]string { return &r.Topics }),
		listColumn("excludes", "不能同享的条款", "Excludes", forClause, func(r *row) *[]string { return &r.Excludes }),
		textColumn("package", "组合编码", "Package", forClause, func(r *row) *string { return &r.Package }),
		{key: "publicity", name: i18n.Text{ZH: "公示工作日", EN: "Publicity (working days)"}, in: forClause, get: func(r *row) string {
			if r.Publicity == 0 {
				return ""
			}
			return strconv.Itoa(r.Publicity)
		}, set: func(r *row, cell string) bool {
			if cell == "" {
				r.Publicity = 0
				return true
			}
			n, err := strconv.Atoi(cell)
			r.Publicity = n
			return err == nil && n >= 0 && n <= maxPublic
		}},
	},
)

// ZeroKeys are what a rule can say about a division by zero.
var ZeroKeys = []string{"none", "unknown", "infinite"}

// fields of a check that stand in a column of another name.
var columnOf = map[string]string{"benefit.text": "benefit", "title": "title"}

// columnFor is the column of a field that a check complains about.
func columnFor(field string) (column, bool) {
	base, en := strings.CutSuffix(field, ".en")
	base = strings.TrimSuffix(base, ".zh")
	if c, ok := columnOf[base]; ok {
		base = c
	}
	base = strings.TrimPrefix(base, "benefit.")
	if base == "key" {
		base = "clause"
	}
	if en {
		base += "_en"
	}
	i := slices.IndexFunc(columns, func(c column) bool { return c.key == base })
	if i < 0 {
		return column{}, false
	}
	return columns[i], true
}

// of says whether a column stands in rows of clauses, or in those of documents.
func (c column) of(clause bool) bool {
	return c.in == forBoth || clause == (c.in == forClause)
}

// dates of a document, which people write in many ways.
var dates = []string{"issued", "from", "until"}

// read reads the cell of a row; what it says comes as keys.
func (c column) read(r *row, cell string, word func(key string) i18n.Text) bool {
	cell = strings.TrimSpace(csvx.Unguard(cell))
	switch {
	case c.list != nil && cell != "":
		i := slices.IndexFunc(c.list, func(key string) bool {
			w := word("policy." + c.word + "." + key)
			return slices.ContainsFunc([]string{key, w.ZH, w.EN}, func(s string) bool { return sheet.Canonical(s) == sheet.Canonical(cell) })
		})
		if i < 0 {
			return false
		}
		cell = c.list[i]
	case c.key == "topics":
		list := ReadList(cell)
		for i, x := range list {
			for _, key := range Topics {
				if w := word("policy.topic." + key); x == w.ZH || strings.EqualFold(x, w.EN) {
					list[i] = key
				}
			}
		}
		r.Topics = list
		return true
	case slices.Contains(dates, c.key):
		cell = dayIn(strings.TrimSuffix(dashes.Replace(strings.TrimSuffix(cell, " 00:00:00")), "-"), false)
	}
	return c.set(r, cell)
}

// write writes the cell of a row, choices in words.
func (c column) write(r *row, word func(key string) string) string {
	if !c.of(r.clause) {
		return ""
	}
	s := c.get(r)
	if c.list != nil && s != "" {
		return word("policy." + c.word + "." + s)
	}
	return s
}
