package view

import (
	"context"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/kernel/i18n"
)

// htmxConfig forbids what the content security policy forbids anyway, keeps no
// pages of people in the browser's storage, and swaps rejected forms in.
const htmxConfig = `{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,"historyCacheSize":0,"refreshOnHistoryMiss":true,"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"422","swap":true,"error":false},{"code":"[45]..","swap":false,"error":true}]}`

func htmlAttrs(c Chrome) templ.Attributes {
	a := templ.Attributes{}
	if c.Dark {
		a["data-bs-theme"] = "dark"
	}
	if c.Elder {
		a["data-elder"] = "on"
	}
	if c.LargeText {
		a["data-text"] = "large"
	}
	return a
}

func colorScheme(c Chrome) string { return choose(c.Dark, "dark", "light") }

// flashText is a message of session.Manager.Flash: its key, then parameters, a line each.
func flashText(ctx context.Context, flash string) string {
	lines := strings.Split(flash, "\n")
	kv := make([]any, len(lines)-1)
	for i, v := range lines[1:] {
		kv[i] = v
	}
	return i18n.T(ctx, lines[0], kv...)
}

func docTitle(ctx context.Context, p Page) string {
	brand := i18n.T(ctx, "view.brand")
	if p.Title == "" || p.Title == brand {
		return brand
	}
	return p.Title + " · " + brand
}

// chartScripts lists what draws charts, as far as it is there.
func chartScripts() []string {
	var out []string
	for _, name := range []string{"vendor/echarts.min.js", "vendor/apexcharts.min.js", "charts.js"} {
		if hasAsset(name) {
			out = append(out, name)
		}
	}
	return out
}

func widthClass(width string) string {
	switch width {
	case WidthNarrow:
		return "tb-narrow"
	case WidthRead:
		return "tb-read"
	}
	return ""
}

// crumbs shows where the page stands. In the portal the way begins at home.
func crumbs(ctx context.Context, p Page) templ.Component {
	if len(p.Crumbs) == 0 {
		return templ.NopComponent
	}
	way := p.Crumbs
	path := ChromeOf(ctx).Path
	if !strings.HasPrefix(path, "/work") && !strings.HasPrefix(path, "/admin") && way[0].Href != "/" {
		way = append([]Link{{"/", i18n.T(ctx, "view.home")}}, way...)
	}
	if way[len(way)-1].Href != "" {
		way = append(way[:len(way):len(way)], Link{Text: p.Title})
	}
	return crumbTrail(way)
}

func currentAttr(active bool) templ.Attributes {
	if !active {
		return nil
	}
	return templ.Attributes{"aria-current": "page"}
}

func signIn(c Chrome) templ.SafeURL {
	if c.Path == "" || c.Path == "/" || strings.HasPrefix(c.Path, "/sign-in") {
		return "/sign-in"
	}
	return templ.SafeURL("/sign-in?next=" + url.QueryEscape(c.Path))
}

// Telephone makes a tel: address of a number as people write it.
func Telephone(s string) templ.SafeURL {
	return templ.SafeURL("tel:" + strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, s))
}

// localeName is how a language calls itself.
func localeName(l i18n.Locale) string {
	if l == i18n.English {
		return "English"
	}
	return "中文"
}

// shortWords says whether all tools of the header have room for their words in one row.
func shortWords(ctx context.Context) bool { return i18n.LocaleOf(ctx) == i18n.Chinese }

// number writes a whole number with thousands separators.
func number(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

func badge(n int) string {
	if n > 99 {
		return "99+"
	}
	return strconv.Itoa(n)
}

func choose(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

// portalNav is the navigation of a page of the portal.
func portalNav(c Chrome) []NavItem {
	if c.PortalNav != nil {
		return c.PortalNav
	}
	return c.Nav
}

func onOff(b bool) string { return choose(b, "on", "off") }

func yesNo(b bool) string { return choose(b, "true", "false") }

func textOr(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// Text is a component of a plain text, for places that take a component.
func Text(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, templ.EscapeString(s))
		return err
	})
}

// jsonLD is data for search engines. It is never run, so the content security
// policy lets it stand in the page; json.Marshal has escaped what could end it.
func jsonLD(data string) templ.Component {
	return templ.Raw(`<script type="application/ld+json">` + data + `</script>`)
}
