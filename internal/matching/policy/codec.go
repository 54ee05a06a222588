package policy

import (
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
)

// Lists as people write them in one cell or in one field: a line for each entry,
// or ; between them.

var breaks = strings.NewReplacer("；", "\n", ";", "\n", "\r\n", "\n")

func lines(s string) []string { return trimList(strings.Split(breaks.Replace(s), "\n")) }

// WriteList writes keys, one a line.
func WriteList(list []string) string { return strings.Join(list, "\n") }

// ReadList reads keys; a comma parts them as well.
func ReadList(s string) []string {
	return lines(strings.NewReplacer(",", "\n", "，", "\n", "、", "\n").Replace(s))
}

// WriteWindows writes windows, one a line: 2026-03-01 ~ 2026-04-30.
func WriteWindows(list []Window) string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = w.From + " ~ " + w.Until
	}
	return strings.Join(out, "\n")
}

var dashes = strings.NewReplacer("～", "~", "至", "~", "–", "~", "—", "~", " to ", "~", "年", "-", "月", "-", "日", "", "/", "-")

// ReadWindows reads windows; --03-01 and 每年03-01 are days of every year. What is
// none comes back as it stands, for a check to complain about.
func ReadWindows(s string) []Window {
	var out []Window
	for _, line := range lines(s) {
		every := strings.HasPrefix(line, "每年") || strings.HasPrefix(line, "every year ")
		line = strings.TrimPrefix(strings.TrimPrefix(line, "每年"), "every year ")
		from, until, _ := strings.Cut(dashes.Replace(line), "~")
		out = append(out, Window{dayIn(from, every), dayIn(until, every)})
	}
	return out
}

// dayIn writes a day as it is kept: 3-1 of every year is --03-01.
func dayIn(s string, every bool) string {
	s = strings.TrimSpace(s)
	yearly := every || strings.HasPrefix(s, "--")
	parts := strings.Split(strings.TrimPrefix(s, "--"), "-")
	for i, p := range parts {
		if n, err := strconv.Atoi(strings.TrimSpace(p)); err == nil && len(p) < 2 {
			parts[i] = "0" + strconv.Itoa(n)
		}
	}
	if yearly {
		return "--" + strings.Join(parts, "-")
	}
	return strings.Join(parts, "-")
}

// WriteTexts writes texts in both languages, one a line: 中文 | English.
func WriteTexts(list []i18n.Text) string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = t.ZH
		if t.EN != "" {
			out[i] += " | " + t.EN
		}
	}
	return strings.Join(out, "\n")
}

// ReadTexts reads texts in both languages.
func ReadTexts(s string) []i18n.Text {
	var out []i18n.Text
	for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		zh, en, _ := strings.Cut(line, "|")
		if t := trimText(i18n.Text{ZH: zh, EN: en}); !t.IsZero() {
			out = append(out, t)
		}
	}
	return out
}

// WriteMoney writes an amount in yuan, "" for none.
func WriteMoney(f money.Fen) string {
	if f == 0 {
		return ""
	}
	return strings.TrimSuffix(strings.ReplaceAll(f.String(), ",", ""), ".00")
}

// ReadMoney reads an amount in yuan, "" is none.
func ReadMoney(s string) (money.Fen, bool) {
	if strings.TrimSpace(s) == "" {
		return 0, true
	}
	f, err := money.Parse(s)
	return f, err == nil && f >= 0
}

// WriteRate writes a rate in percent, "" for none.
func WriteRate(r float64) string {
	if r == 0 {
		return ""
	}
	return strconv.FormatFloat(r, 'f', -1, 64)
}

// ReadRate reads a rate in percent, "" is none.
func ReadRate(s string) (float64, bool) {
	s = strings.TrimSpace(strings.TrimRight(strings.TrimSpace(s), "%％"))
	if s == "" {
		return 0, true
	}
	if strings.ContainsAny(s, "eExXpPiInN_+") {
		return 0, false
	}
	r, err := strconv.ParseFloat(s, 64)
	return r, err == nil && r >= 0 && r <= maxRate
}
