package catalogueweb

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
)

// LimitWords says how long a limit is: 5 个工作日; "" without one.
func LimitWords(ctx context.Context, l workday.Limit) string {
	if l.IsZero() {
		return ""
	}
	return i18n.Count(ctx, "catalogue.limit."+string(l.Unit), l.N)
}

// SpeedWords says in a word how fast an item is: 当场办结, 5 个工作日.
func SpeedWords(ctx context.Context, d *catalogue.Item) string {
	switch {
	case d.CaseType == catalogue.Instant:
		return i18n.T(ctx, "catalogue.instant")
	case !d.Promised.IsZero():
		return LimitWords(ctx, d.Promised)
	default:
		return LimitWords(ctx, d.Statutory)
	}
}

func tripWords(ctx context.Context, n int) string {
	if n == 0 {
		return i18n.T(ctx, "catalogue.trips.none")
	}
	return i18n.Count(ctx, "catalogue.trips", n)
}

func channelWords(ctx context.Context, channels []catalogue.Channel) string {
	return upperFirst(join(ctx, channels, "catalogue.channel."))
}

func audienceWords(ctx context.Context, audiences []catalogue.Audience) string {
	return join(ctx, audiences, "catalogue.audience.")
}

func join[T ~string](ctx context.Context, vs []T, prefix string) string {
	words := make([]string, len(vs))
	for i, v := range vs {
		words[i] = i18n.T(ctx, prefix+string(v))
	}
	return strings.Join(words, i18n.T(ctx, "catalogue.comma"))
}

// upperFirst begins a list of words as a sentence begins.
func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

func feeWords(ctx context.Context, f catalogue.Fee) string {
	if f.Charged {
		return i18n.T(ctx, "catalogue.fee.charged")
	}
	return i18n.T(ctx, "catalogue.fee.none")
}

// realWords says how long an item really took, beside what is promised.
func realWords(ctx context.Context, t RealTime) string {
	switch {
	case t.N == 0:
		return ""
	case t.P90 == 0:
		return i18n.T(ctx, "catalogue.real.same_day", "n", t.N)
	case t.Median == 0:
		return i18n.T(ctx, "catalogue.real.half_same_day", "n", t.N, "p90", i18n.Count(ctx, "catalogue.limit.workday", t.P90))
	default:
		return i18n.T(ctx, "catalogue.real.days", "n", t.N, "median", i18n.Count(ctx, "catalogue.limit.workday", t.Median), "p90", i18n.Count(ctx, "catalogue.limit.workday", t.P90))
	}
}

// validWords says how long a result is valid.
func validWords(ctx context.Context, months int) string {
	switch {
	case months == 0:
		return ""
	case months%12 == 0:
		return i18n.Count(ctx, "catalogue.valid.years", months/12)
	default:
		return i18n.Count(ctx, "catalogue.valid.months", months)
	}
}

var (
	equals  = regexp.MustCompile(`^answers\.([a-z0-9_]+) (==|!=) '([^']*)'$`)
	holds   = regexp.MustCompile(`^'([^']*)' in answers\.([a-z0-9_]+)$`)
	compare = regexp.MustCompile(`^(?:double\()?answers\.([a-z0-9_]+)\)? (>=|<=|>|<) ([0-9.]+)$`)
)

// whenWords says in words on what answers a material or a task depends. A
// condition that is more than comparisons of answers is only hinted at.
func whenWords(ctx context.Context, d catalogue.Definition, when string) string {
	if when == "" {
		return ""
	}
	if words := conditionWords(ctx, d, when); words != "" {
		return i18n.T(ctx, "catalogue.when.needed", "condition", words)
	}
	return i18n.T(ctx, "catalogue.when.depends")
}

// conditionWords is a condition in words, "" for one that is more than
// comparisons of answers.
func conditionWords(ctx context.Context, d catalogue.Definition, when string) string {
	for _, sep := range []string{" || ", " && "} {
		parts := strings.Split(when, sep)
		if len(parts) == 1 {
			continue
		}
		words := make([]string, len(parts))
		for i, part := range parts {
			if words[i] = oneWhen(ctx, d, part); words[i] == "" {
				return ""
			}
		}
		key := "catalogue.when.or"
		if sep == " && " {
			key = "catalogue.when.and"
		}
		return strings.Join(words, i18n.T(ctx, key))
	}
	return oneWhen(ctx, d, when)
}

// oneDecimal writes 4.75 as 4.8.
func oneDecimal(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }

func oneWhen(ctx context.Context, d catalogue.Definition, when string) string {
	if m := equals.FindStringSubmatch(when); m != nil {
		key := "catalogue.when.is"
		if m[2] == "!=" {
			key = "catalogue.when.is_not"
		}
		return saidOf(ctx, d, key, m[1], m[3])
	}
	if m := holds.FindStringSubmatch(when); m != nil {
		return saidOf(ctx, d, "catalogue.when.is", m[2], m[1])
	}
	if m := compare.FindStringSubmatch(when); m != nil {
		f, ok := d.Field(m[1])
		n, err := strconv.ParseFloat(m[3], 64)
		if !ok || err != nil {
			return ""
		}
		names := map[string]string{">=": "at_least", "<=": "at_most", ">": "more", "<": "less"}
		return i18n.T(ctx, "catalogue.when."+names[m[2]], "field", f.Label, "value", strconv.FormatFloat(n, 'f', -1, 64))
	}
	return ""
}

// saidOf names a field and one of its answers as the form shows them.
func saidOf(ctx context.Context, d catalogue.Definition, key, field, value string) string {
	f, ok := d.Field(field)
	if !ok {
		return ""
	}
	said := ""
	for _, o := range f.Options {
		if o.Value == value {
			said = o.Label.For(ctx)
		}
	}
	if f.Type == catalogue.FieldYesNo {
		said = i18n.T(ctx, "catalogue.answer."+value)
	}
	if said == "" {
		return ""
	}
	return i18n.T(ctx, key, "field", f.Label, "value", said)
}

// dash stands for nothing in a table.
func dash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// tripShort says for a row how an item that can be filed here is done.
func tripShort(ctx context.Context, it *catalogue.Item) string {
	if it.Trips == 0 {
		return i18n.T(ctx, "catalogue.online_only")
	}
	return i18n.Count(ctx, "catalogue.trips", it.Trips)
}

// officeName is whose item it is: one of our departments, or a body elsewhere.
func officeName(ctx context.Context, directory *identity.Directory, d catalogue.Definition) string {
	if d.External() {
		return d.Agency.Name.For(ctx)
	}
	return directory.Department(d.Department).Name.For(ctx)
}

// rowNote says whose an item is and what it is, as far as that is known.
func rowNote(ctx context.Context, directory *identity.Directory, it *catalogue.Item) string {
	office := officeName(ctx, directory, it.Definition)
	if it.Summary.IsZero() {
		return office
	}
	return i18n.T(ctx, "catalogue.row_note", "department", office, "summary", it.Summary)
}

// elsewhereTag says of an item that cannot be ordered here what it is instead.
func elsewhereTag(ctx context.Context, it *catalogue.Item) string {
	if it.External() {
		return i18n.T(ctx, "catalogue.external.tag")
	}
	return i18n.T(ctx, "catalogue.guide_only.tag")
}
