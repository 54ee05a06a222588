// Package i18n gives texts in the reader's language.
//
// Locale files hold text only, one file per module and language, with keys
// such as "cases.command.accept"; zh-CN is the source. A text may hold
// {placeholders}. A key without a text in the reader's language falls back to
// zh-CN and then to the key itself, but a test finds such gaps before a reader.
package i18n

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Locale is a language of the interface.
type Locale string

// The languages. Source is the one that the others are written from.
const (
	Chinese Locale = "zh-CN"
	English Locale = "en"
	Source         = Chinese
)

// Locales lists the languages in the order of the switch.
var Locales = []Locale{Chinese, English}

// Parse returns the locale named by s, and whether it is one of ours.
func Parse(s string) (Locale, bool) {
	return Locale(s), slices.Contains(Locales, Locale(s))
}

// FromAcceptLanguage picks a language from the header of a first visit:
// English when it is named before any Chinese, else Chinese.
func FromAcceptLanguage(header string) Locale {
	for part := range strings.SplitSeq(header, ",") {
		tag := strings.ToLower(strings.TrimSpace(strings.SplitN(part, ";", 2)[0]))
		switch {
		case strings.HasPrefix(tag, "zh"):
			return Chinese
		case strings.HasPrefix(tag, "en"):
			return English
		}
	}
	return Source
}

// Text is a text of the data (a name, a guide), once per language.
type Text struct {
	ZH string `json:"zh" yaml:"zh"`
	EN string `json:"en,omitempty" yaml:"en"`
}

// In returns the text in the language, or the Chinese source where it is not translated.
func (t Text) In(l Locale) string {
	if l == English && t.EN != "" {
		return t.EN
	}
	return t.ZH
}

// For returns the text in the language of ctx.
func (t Text) For(ctx context.Context) string { return t.In(LocaleOf(ctx)) }

// IsZero says that there is no text.
func (t Text) IsZero() bool { return t.ZH == "" && t.EN == "" }

// Catalog holds the texts of all languages.
type Catalog struct {
	texts map[Locale]map[string]string
}

// Load reads <locale>/<module>.json from each folder of files.
func Load(files fs.FS) (*Catalog, error) {
	c := &Catalog{texts: map[Locale]map[string]string{}}
	for _, l := range Locales {
		c.texts[l] = map[string]string{}
		names, err := fs.Glob(files, string(l)+"/*.json")
		if err != nil {
			return nil, fmt.Errorf("i18n: %w", err)
		}
		for _, name := range names {
			b, err := fs.ReadFile(files, name)
			if err != nil {
				return nil, fmt.Errorf("i18n: %w", err)
			}
			var m map[string]string
			if err := json.Unmarshal(b, &m); err != nil {
				return nil, fmt.Errorf("i18n: %s: %w", name, err)
			}
			for k, v := range m {
				if _, twice := c.texts[l][k]; twice {
					return nil, fmt.Errorf("i18n: %s: key %s stands in two files", path.Base(name), k)
				}
				c.texts[l][k] = v
			}
		}
	}
	return c, nil
}

// Keys lists the keys of a language in order.
func (c *Catalog) Keys(l Locale) []string { return slices.Sorted(maps.Keys(c.texts[l])) }

// Raw returns a text with its placeholders.
func (c *Catalog) Raw(l Locale, key string) (string, bool) {
	s, ok := c.texts[l][key]
	return s, ok
}

// Text returns the text for a key with its placeholders filled from kv,
// alternating names and values.
func (c *Catalog) Text(l Locale, key string, kv ...any) string {
	s, ok := c.texts[l][key]
	if !ok {
		if s, ok = c.texts[Source][key]; !ok {
			return key
		}
	}
	if len(kv) == 0 || !strings.Contains(s, "{") {
		return s
	}
	pairs := make([]string, 0, len(kv))
	for i := 0; i+1 < len(kv); i += 2 {
		pairs = append(pairs, "{"+fmt.Sprint(kv[i])+"}", c.show(l, kv[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// Map turns the parameters of an error or a notice into the kv of Text.
func Map(params map[string]any) []any {
	kv := make([]any, 0, 2*len(params))
	for k, v := range params {
		kv = append(kv, k, v)
	}
	return kv
}

// Sentence is another text as a parameter of a text: why a part of a whole was
// refused, say.
type Sentence struct {
	Key    string         `json:"key"`
	Params map[string]any `json:"params"`
}

func (c *Catalog) show(l Locale, v any) string {
	switch v := v.(type) {
	case string:
		return v
	case Text:
		return v.In(l)
	case Sentence:
		return c.Text(l, v.Key, Map(v.Params)...)
	case time.Time:
		return Date(l, v)
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any: // a Text or a Sentence that went through JSON
		if key, ok := v["key"].(string); ok {
			params, _ := v["params"].(map[string]any)
			return c.Text(l, key, Map(params)...)
		}
		zh, _ := v["zh"].(string)
		en, _ := v["en"].(string)
		return Text{ZH: zh, EN: en}.In(l)
	default:
		return fmt.Sprint(v)
	}
}

type ctxKey struct{}

type reader struct {
	catalog *Catalog
	locale  Locale
}

// With puts the reader's language into ctx.
func With(ctx context.Context, c *Catalog, l Locale) context.Context {
	return context.WithValue(ctx, ctxKey{}, reader{c, l})
}

// In returns a context that reads in another language.
func In(ctx context.Context, l Locale) context.Context {
	r, _ := ctx.Value(ctxKey{}).(reader)
	r.locale = l
	return context.WithValue(ctx, ctxKey{}, r)
}

// LocaleOf returns the reader's language.
func LocaleOf(ctx context.Context) Locale {
	if r, ok := ctx.Value(ctxKey{}).(reader); ok {
		return r.locale
	}
	return Source
}

// T returns the text for a key in the reader's language; kv alternates
// placeholder names and values.
func T(ctx context.Context, key string, kv ...any) string {
	r, ok := ctx.Value(ctxKey{}).(reader)
	if !ok {
		return key
	}
	return r.catalog.Text(r.locale, key, kv...)
}

// Count is T for a text with a number in it: key.one for one, key.many else.
// Chinese has the same text twice; English needs both.
func Count(ctx context.Context, key string, n int, kv ...any) string {
	form := ".many"
	if n == 1 {
		form = ".one"
	}
	return T(ctx, key+form, append(kv, "n", n)...)
}
