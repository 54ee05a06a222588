package view

import (
	"context"
	"io"
	"strings"
	"sync"

	"github.com/a-h/templ"
)

// shapes holds the icons without their opening <svg: name → rest of the file.
var shapes = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for name, a := range loadAssets().files {
		if short, ok := strings.CutPrefix(name, "icons/"); ok {
			m[strings.TrimSuffix(short, ".svg")] = svgRest(a.plain)
		}
	}
	m["logo"] = svgRest(loadAssets().files["logo.svg"].plain)
	return m
})

func svgRest(raw []byte) string {
	s := strings.TrimSpace(string(raw))
	s = strings.TrimPrefix(s, "<svg")
	return strings.Replace(s, ` xmlns="http://www.w3.org/2000/svg"`, "", 1)
}

// HasIcon says whether assets/icons holds an icon of that name.
func HasIcon(name string) bool { return shapes()[name] != "" }

// Icon draws an icon of assets/icons into the page. It is decoration: the word
// stands beside it. A name that is not there shows a dashed circle.
func Icon(name string) templ.Component { return iconAs(name, "tb-icon") }

func iconAs(name, class string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		rest := shapes()[name]
		if rest == "" {
			rest = shapes()["circle-dashed"]
		}
		_, err := io.WriteString(w, `<svg class="`+class+`" aria-hidden="true"`+rest)
		return err
	})
}
