package factorweb

import (
	"context"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/view"
)

func itoa(n int) string { return strconv.Itoa(n) }

// withNext carries on where the person wanted to go.
func withNext(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}

// passkeyAction is where the answer of a passkey goes below a path.
func passkeyAction(base string) string {
	if base == secondPath {
		return "/passkey"
	}
	return ""
}

func makes(on bool) templ.Attributes {
	if on {
		return templ.Attributes{"data-passkey-make": ""}
	}
	return nil
}

// known are the marks of browsers and systems in what they call themselves, the
// more particular first: most pretend to be others as well.
var (
	browsers = [][2]string{
		{"MicroMessenger", "wechat"},
		{"DingTalk", "dingtalk"},
		{"Edg/", "Edge"},
		{"HuaweiBrowser", "huawei"},
		{"QQBrowser", "qq"},
		{"OPR/", "Opera"},
		{"Firefox/", "Firefox"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
		{"curl/", "curl"},
	}
	systems = [][2]string{
		{"HarmonyOS", "HarmonyOS"},
		{"OpenHarmony", "HarmonyOS"},
		{"Android", "Android"},
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Windows", "Windows"},
		{"Mac OS X", "macOS"},
		{"CrOS", "ChromeOS"},
		{"Linux", "Linux"},
	}
)

// named are the browsers that people call differently in each language.
var named = map[string]string{"wechat": "sessions.browser.wechat", "dingtalk": "sessions.browser.dingtalk", "huawei": "sessions.browser.huawei", "qq": "sessions.browser.qq"}

func pick(agent string, marks [][2]string) string {
	for _, m := range marks {
		if strings.Contains(agent, m[0]) {
			return m[1]
		}
	}
	return ""
}

// device says in words what a browser calls itself.
func device(ctx context.Context, agent string) string {
	browser, system := pick(agent, browsers), pick(agent, systems)
	if key := named[browser]; key != "" {
		browser = i18n.T(ctx, key)
	}
	switch {
	case browser != "" && system != "":
		return i18n.T(ctx, "sessions.device", "browser", browser, "system", system)
	case browser+system != "":
		return browser + system
	default:
		return i18n.T(ctx, "sessions.device_unknown")
	}
}

// waysInWords are what was shown at a sign-in.
func waysInWords(ctx context.Context, ways []string) string {
	out := make([]string, len(ways))
	for i, w := range ways {
		out[i] = i18n.T(ctx, "sessions.way."+w)
	}
	return strings.Join(out, i18n.T(ctx, "sessions.and"))
}

// inFours parts a secret so that it can be typed.
func inFours(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// orNever is an instant, or that there was none.
func orNever(t time.Time) templ.Component {
	if t.IsZero() {
		return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
			_, err := io.WriteString(w, templ.EscapeString(i18n.T(ctx, "factor.never")))
			return err
		})
	}
	return view.DateTime(t)
}
