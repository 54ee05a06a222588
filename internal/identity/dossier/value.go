package dossier

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/kernel/division"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// What can be wrong with a value as it was typed.
var (
	errText     = errs.Define(errs.Invalid, "dossier.value_text") // params: max
	errIndustry = errs.Define(errs.Invalid, "dossier.value_industry")
	errRegion   = errs.Define(errs.Invalid, "dossier.value_region")
	errMoney    = errs.Define(errs.Invalid, "dossier.value_money")
	errCount    = errs.Define(errs.Invalid, "dossier.value_count")
	errDate     = errs.Define(errs.Invalid, "dossier.value_date")
	errRatio    = errs.Define(errs.Invalid, "dossier.value_ratio")
	errFlag     = errs.Define(errs.Invalid, "dossier.value_flag")
	errOption   = errs.Define(errs.Invalid, "dossier.value_option") // params: options
	errList     = errs.Define(errs.Invalid, "dossier.value_list")   // params: line
	errNegative = errs.Define(errs.Invalid, "dossier.value_negative")
)

const (
	maxText  = 300
	maxItems = 50
	maxCount = 10_000_000
)

// Item of a list: a qualification, a place that is rented.
type Item struct {
	Kind   string `json:"kind,omitempty"` // type of the certificate on file, "" for none
	Name   string `json:"name"`
	Number string `json:"number,omitempty"`
	From   string `json:"from,omitempty"` // ISO date
	To     string `json:"to,omitempty"`   // ISO date, "" for unlimited
	Ref    string `json:"ref,omitempty"`
}

// Valid says that it holds on a day.
func (i Item) Valid(day string) bool {
	return (i.From == "" || i.From <= day) && (i.To == "" || i.To >= day)
}

// Parse reads a value as people and sheets write it and returns its canonical
// text: money in fen (typed in 10,000 yuan), dates ISO, codes of today, sets and
// lists as JSON. "" is no value.
func (d *Def) Parse(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	switch d.Type {
	case Text:
		s = strings.Join(strings.Fields(s), " ")
		if utf8.RuneCountInString(s) > maxText || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' }) {
			return "", errText.With("max", maxText)
		}
		return s, nil
	case Code:
		return d.parseCode(s)
	case Money:
		return d.parseMoney(s)
	case Count:
		return d.parseCount(s)
	case Date:
		return parseDate(s)
	case Ratio:
		return d.parseRatio(s)
	case Flag:
		return parseFlag(s)
	case Set:
		return d.parseSet(s)
	default:
		return parseList(s)
	}
}

func (d *Def) parseCode(s string) (string, error) {
	if d.Codes == "industry" {
		code, _, ok := Industry(firstWord(s))
		if !ok {
			return "", errIndustry
		}
		return code, nil
	}
	code, _, ok := Region(firstWord(s))
	if !ok {
		return "", errRegion
	}
	return code, nil
}

// firstWord leaves the name away that many sheets write behind a code.
func firstWord(s string) string { return strings.Fields(s)[0] }

// parseMoney reads an amount in 10,000 yuan.
func (d *Def) parseMoney(s string) (string, error) {
	s = strings.TrimSuffix(strings.TrimSpace(strings.NewReplacer(",", "", "，", "", "¥", "", "￥", "", " ", "").Replace(s)), "万元")
	return d.scaled(s, 1e6)
}

// Yuan reads an amount in yuan, as sheets with that unit in their heads have it.
func (d *Def) Yuan(s string) (string, error) {
	f, err := money.Parse(s)
	if err != nil {
		return "", errMoney
	}
	if f < 0 && !d.Signed {
		return "", errNegative
	}
	return strconv.FormatInt(int64(f), 10), nil
}

func (d *Def) scaled(s string, by float64) (string, error) {
	whole, frac, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if whole == "" || len(whole) > 9 || len(frac) > 6 || strings.ContainsFunc(whole+frac, func(r rune) bool { return r < '0' || r > '9' }) {
		return "", errMoney
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return "", errMoney
	}
	if n < 0 && !d.Signed {
		return "", errNegative
	}
	return strconv.FormatInt(int64(math.Round(n*by)), 10), nil
}

func (d *Def) parseCount(s string) (string, error) {
	s = strings.NewReplacer(",", "", "，", "").Replace(strings.TrimSpace(strings.TrimSuffix(s, d.Unit.ZH)))
	s = strings.TrimSuffix(s, ".0")
	n, err := strconv.Atoi(s)
	if err != nil || n > maxCount {
		return "", errCount
	}
	if n < 0 {
		return "", errNegative
	}
	return strconv.Itoa(n), nil
}

func parseDate(s string) (string, error) {
	s = strings.NewReplacer("年", "-", "月", "-", "日", "", "/", "-", ".", "-").Replace(strings.TrimSuffix(s, " 00:00:00"))
	if len(s) == 8 && !strings.Contains(s, "-") {
		s = s[:4] + "-" + s[4:6] + "-" + s[6:]
	}
	t, err := time.Parse("2006-1-2", s)
	if err != nil || t.Year() < 1900 || t.Year() > 2200 {
		return "", errDate
	}
	return t.Format(time.DateOnly), nil
}

func (d *Def) parseRatio(s string) (string, error) {
	n, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(s, "%"), "％")), 64)
	if err != nil || math.IsNaN(n) || math.Abs(n) > 1e9 {
		return "", errRatio
	}
	if n < 0 && !d.Signed {
		return "", errNegative
	}
	return ratio(n), nil
}

func ratio(n float64) string { return strconv.FormatFloat(math.Round(n*100)/100, 'f', -1, 64) }

func parseFlag(s string) (string, error) {
	switch strings.ToLower(s) {
	case "是", "yes", "y", "true", "1", "有":
		return "yes", nil
	case "否", "no", "n", "false", "0", "无":
		return "no", nil
	}
	return "", errFlag
}

// parseSet takes keys or names, parted by commas or semicolons.
func (d *Def) parseSet(s string) (string, error) {
	keys := []string{}
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",，;；|\n\r", r) }) {
		w = strings.TrimSpace(w)
		i := slices.IndexFunc(d.Options, func(o Option) bool { return o.Key == w || o.Name.ZH == w || strings.EqualFold(o.Name.EN, w) })
		if w == "" || w == "无" || strings.EqualFold(w, "none") {
			continue
		}
		if i < 0 {
			names := make([]string, len(d.Options))
			for j, o := range d.Options {
				names[j] = o.Name.ZH
			}
			return "", errOption.With("options", strings.Join(names, "；"))
		}
		keys = append(keys, d.Options[i].Key)
	}
	slices.Sort(keys)
	b, _ := json.Marshal(slices.Compact(keys))
	return string(b), nil
}

// parseList takes one item a line: name | number | from | to.
func parseList(s string) (string, error) {
	var items []Item
	n := 0
	for line := range strings.Lines(s) {
		n++
		if strings.TrimSpace(line) == "" {
			continue
		}
		parts := strings.Split(strings.NewReplacer("｜", "|", "\t", "|").Replace(line), "|")
		for i := range parts {
			parts[i] = strings.Join(strings.Fields(parts[i]), " ")
		}
		parts = append(parts, "", "", "", "")
		item := Item{Name: parts[0], Number: parts[1], From: parts[2], To: parts[3]}
		for _, day := range []*string{&item.From, &item.To} {
			if *day == "" {
				continue
			}
			iso, err := parseDate(*day)
			if err != nil {
				return "", errList.With("line", n)
			}
			*day = iso
		}
		if item.Name == "" || utf8.RuneCountInString(item.Name+item.Number) > maxText || parts[4] != "" || len(items) == maxItems || item.To != "" && item.To < item.From {
			return "", errList.With("line", n)
		}
		items = append(items, item)
	}
	return listValue(items), nil
}

// Items of the value of a list.
func Items(value string) []Item {
	var out []Item
	_ = json.Unmarshal([]byte(value), &out) // only what Parse made comes here
	return out
}

// Members of the value of a set.
func Members(value string) []string {
	var out []string
	_ = json.Unmarshal([]byte(value), &out)
	return out
}

// Number of the value of a count, a ratio or money (in fen); ok is false for others.
func (d *Def) Number(value string) (n float64, ok bool) {
	if d.Type != Count && d.Type != Ratio && d.Type != Money {
		return 0, false
	}
	n, err := strconv.ParseFloat(value, 64)
	return n, err == nil
}

// Typed is the value as somebody would type it, which Parse reads again.
func (d *Def) Typed(value string) string {
	switch d.Type {
	case Money:
		n, _ := strconv.ParseInt(value, 10, 64)
		return money.Fen(n).Wan()
	case List:
		var b strings.Builder
		for _, i := range Items(value) {
			b.WriteString(strings.TrimRight(strings.Join([]string{i.Name, i.Number, i.From, i.To}, " | "), " |") + "\n")
		}
		return strings.TrimSpace(b.String())
	case Set:
		return strings.Join(Members(value), ",")
	default:
		return value
	}
}

// Words is the value for people.
func (d *Def) Words(l i18n.Locale, value string) string {
	if value == "" {
		return ""
	}
	switch d.Type {
	case Code:
		return d.codeWords(value)
	case Money:
		n, _ := strconv.ParseInt(value, 10, 64)
		if l == i18n.English {
			return "¥" + strings.TrimSuffix(money.Fen(n).String(), ".00")
		}
		return money.Grouped(money.Fen(n).Wan()) + " 万元"
	case Count:
		unit := i18n.Text{ZH: d.Unit.ZH, EN: d.Unit.EN}.In(l)
		return strings.TrimSpace(money.Grouped(value) + " " + unit)
	case Ratio:
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return value + "%"
		}
		return strconv.FormatFloat(n, 'f', 2, 64) + "%" // all of a row with as many decimals
	case Date:
		day, err := workday.Parse(value)
		if err != nil {
			return value
		}
		return i18n.Day(l, workday.StartOf(day))
	case Flag:
		return map[bool]i18n.Text{true: {ZH: "是", EN: "Yes"}, false: {ZH: "否", EN: "No"}}[value == "yes"].In(l)
	case Set:
		var names []string
		for _, k := range Members(value) {
			if i := slices.IndexFunc(d.Options, func(o Option) bool { return o.Key == k }); i >= 0 {
				names = append(names, d.Options[i].Name.In(l))
			}
		}
		if len(names) == 0 {
			return i18n.Text{ZH: "无", EN: "None"}.In(l)
		}
		return strings.Join(names, i18n.Text{ZH: "、", EN: "; "}.In(l))
	case List:
		names := []string{}
		for _, i := range Items(value) {
			names = append(names, strings.TrimSpace(i.Name+" "+i.Number))
		}
		return strings.Join(names, i18n.Text{ZH: "；", EN: "; "}.In(l))
	default:
		return value
	}
}

func (d *Def) codeWords(value string) string {
	if d.Codes == "industry" {
		_, name, _ := Industry(value)
		return strings.TrimSpace(value + " " + name)
	}
	if name := division.Known().Name(value); name != "" {
		return name
	}
	return value
}

// listValue is the canonical text of a list.
func listValue(items []Item) string {
	b, _ := json.Marshal(items)
	return string(b)
}
