package docs

import (
	_ "embed" // the words
	"fmt"
	"strings"
	"sync"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/yamlx"
)

//go:embed words.yaml
var wordsFile string

var words = sync.OnceValue(func() map[string]i18n.Text {
	out := map[string]i18n.Text{}
	if bad := yamlx.Decode(wordsFile, &out); len(bad) > 0 {
		panic(fmt.Sprintf("docs: words: %+v", bad)) // it lies in the program: a test has read it
	}
	return out
})

// Word is a word of the documents' own, with places {name} filled by values
// that are texts or print themselves; empty when there is none.
func Word(key string, kv ...any) i18n.Text {
	t := words()[key]
	for i := 0; i+1 < len(kv); i += 2 {
		v, ok := kv[i+1].(i18n.Text)
		if !ok {
			v.ZH = fmt.Sprint(kv[i+1])
		}
		place := "{" + fmt.Sprint(kv[i]) + "}"
		t = i18n.Text{ZH: strings.ReplaceAll(t.ZH, place, v.ZH), EN: strings.ReplaceAll(t.EN, place, v.In(i18n.English))}
	}
	return t
}
