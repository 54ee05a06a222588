package main

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/locales"
	"github.com/tongban/tongban/internal/platform/csvx"
)

// Exit statuses of check besides 0.
const (
	exitInvalid = 1
	exitConfirm = 2
)

// checked is a kind of code that can be checked.
type checked struct {
	name  string
	check func(s string) (r idcode.Result, holder string)
	where func(r idcode.Result) finding // what is wrong with a code that is not valid
}

// finding names a text below "check." and what it speaks of.
type finding struct {
	key    string
	params []any
}

var checks = []checked{
	{"uscc", func(s string) (idcode.Result, string) { return idcode.CheckUSCC(s), "" }, whereUSCC},
	{"id", func(s string) (idcode.Result, string) {
		r := idcode.CheckResidentID(s)
		return r.Result, string(r.Kind)
	}, whereResident},
	{"item-code", func(s string) (idcode.Result, string) { return idcode.CheckItemCode(s).Result, "" }, whereItem},
	{"certificate", func(s string) (idcode.Result, string) { return idcode.CheckCertificateID(s).Result, "" }, whereCertificate},
}

func checkCommand() *cobra.Command {
	names := make([]string, len(checks))
	for i, c := range checks {
		names[i] = c.name
	}
	cmd := &cobra.Command{
		Use:   "check " + strings.Join(names, "|") + " VALUE",
		Short: "Say whether a code keeps its rules, and what is wrong where",
		Long: `Say whether a code keeps its rules, what is wrong and where, and how it is
written in the normal form.

  uscc         统一社会信用代码    GB 32100-2015
  id           公民身份号码        GB 11643-1999, residence permits in the same form
  item-code    事项编码            12, 31 or 33 characters
  certificate  电子证照标识        GB/T 36904

The exit status is 0 for a valid code, 1 for one that is not, and 2 for one that
is valid only when a person confirms it. With - for VALUE the codes are read from
standard input, one a line, and the answers come as CSV; the status is then that
of the worst. The language follows --lang, else LC_ALL and LANG, else Chinese.`,
		Args:      cobra.ExactArgs(2),
		ValidArgs: names,
	}
	lang := cmd.Flags().String("lang", "", "zh or en")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		texts, err := locales.Load()
		if err != nil {
			return err
		}
		l, err := language(*lang)
		if err != nil {
			return err
		}
		for _, c := range checks {
			if c.name != args[0] {
				continue
			}
			say := teller{texts, l, c}
			if args[1] == "-" {
				return say.lines(cmd.InOrStdin(), cmd.OutOrStdout())
			}
			return say.one(args[1], cmd.OutOrStdout())
		}
		return fmt.Errorf("no kind %q: one of %s", args[0], strings.Join(names, ", "))
	}
	return cmd
}

// language of the answer: the flag, else that of the terminal, else Chinese.
func language(flag string) (i18n.Locale, error) {
	switch flag {
	case "":
		if strings.HasPrefix(strings.ToLower(cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LANG"))), "en") {
			return i18n.English, nil
		}
		return i18n.Chinese, nil
	case "zh", string(i18n.Chinese):
		return i18n.Chinese, nil
	case string(i18n.English):
		return i18n.English, nil
	default:
		return "", fmt.Errorf("--lang: zh or en, not %q", flag)
	}
}

// teller says in one language what a check found.
type teller struct {
	texts *i18n.Catalog
	lang  i18n.Locale
	checked
}

func (t teller) text(key string, kv ...any) string { return t.texts.Text(t.lang, key, kv...) }

// reason in words, "" for a valid code.
func (t teller) reason(r idcode.Result) string {
	if r.Verdict == idcode.Valid {
		return ""
	}
	f := t.where(r)
	return t.text("check.why."+f.key, f.params...)
}

func (t teller) one(value string, w io.Writer) error {
	r, holder := t.check(value)
	kind := t.text("check.kind." + strings.ReplaceAll(t.name, "-", "_"))
	if holder != "" && r.Verdict != idcode.Invalid {
		kind = t.text("check.holder." + holder)
	}
	_, _ = fmt.Fprintln(w, t.text("check.line", "kind", kind, "value", printable(value), "verdict", t.text("check.verdict."+string(r.Verdict))))
	if why := t.reason(r); why != "" {
		_, _ = fmt.Fprintln(w, why)
	}
	if r.Verdict != idcode.Invalid {
		_, _ = fmt.Fprintln(w, t.text("check.normal", "value", r.Normalised))
	}
	return status(r.Verdict)
}

// lines checks the codes of a list, blank lines left out.
func (t teller) lines(in io.Reader, w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"value", "verdict", "normalised", "reason", "text"}); err != nil {
		return err
	}
	worst, n := idcode.Valid, 0
	scan := bufio.NewScanner(in)
	for scan.Scan() {
		value := strings.TrimSpace(strings.TrimPrefix(scan.Text(), "\ufeff"))
		if value == "" {
			continue
		}
		n++
		r, _ := t.check(value)
		switch {
		case r.Verdict == idcode.Invalid, worst == idcode.Valid:
			worst = r.Verdict
		}
		if err := out.Write(csvx.GuardAll([]string{printable(value), string(r.Verdict), r.Normalised, r.Reason, t.reason(r)})); err != nil {
			return err
		}
	}
	out.Flush()
	if err := errors.Join(scan.Err(), out.Error()); err != nil {
		return err
	}
	if n == 0 {
		return errors.New("no codes on standard input")
	}
	return status(worst)
}

// status is the exit status of a verdict; what there is to say stands in the answer.
func status(v idcode.Verdict) error {
	switch v {
	case idcode.Valid:
		return nil
	case idcode.Confirm:
		return exit{code: exitConfirm}
	default:
		return exit{code: exitInvalid}
	}
}

// printable takes out of what was typed what would move the cursor of a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == '\ufffd' || r == '\ufeff' {
			return -1
		}
		return r
	}, s)
}

// strange finds the first character that is none of the allowed ones, counted from 1.
func strange(s string, allowed func(at int) string) (at int, char string) {
	for _, r := range s {
		at++
		if !strings.ContainsRune(allowed(at), r) {
			return at, visible(r)
		}
	}
	return 0, ""
}

// visible names a character that cannot be seen by its number.
func visible(r rune) string {
	if s := printable(string(r)); s != "" {
		return s
	}
	return fmt.Sprintf("U+%04X", r)
}

const (
	figures = "0123456789"
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	// credit is the alphabet of credit codes, without I, O, S, V and Z.
	credit = figures + "ABCDEFGHJKLMNPQRTUWXY"
)

func length(s, want string) finding {
	return finding{"length", []any{"n", len([]rune(s)), "want", want}}
}

// wrongCheck says which check character there should be, when the rest gives one.
func wrongCheck(s, whole string) finding {
	at := len(s)
	if len(whole) != len(s) {
		return finding{"length", []any{"n", at, "want", len(whole)}}
	}
	return finding{"check", []any{"at", at, "char", s[at-1:], "want", whole[at-1:]}}
}

func whereUSCC(r idcode.Result) finding {
	s := r.Normalised
	switch r.Reason {
	case idcode.ReasonLength:
		return length(s, "18")
	case idcode.ReasonAlphabet:
		if at, char := strange(s, func(int) string { return credit }); at > 0 {
			return finding{"alphabet_uscc", []any{"at", at, "char", char}}
		}
		at, char := strange(s, func(at int) string {
			if at >= 3 && at <= 8 {
				return figures
			}
			return credit
		})
		return finding{"alphabet_digit", []any{"at", at, "char", char}}
	case idcode.ReasonCheck:
		return wrongCheck(s, idcode.WithUSCCCheck(s[:17]))
	case idcode.ReasonEarlyPilot:
		return finding{"early_pilot", []any{"char", s[17:], "want", idcode.WithUSCCCheck(s[:17])[17:]}}
	case idcode.ReasonDivision:
		return finding{"division", []any{"at", 3, "to", 4, "char", s[2:4]}}
	default:
		return finding{r.Reason, nil}
	}
}

func whereResident(r idcode.Result) finding {
	s := r.Normalised
	switch r.Reason {
	case idcode.ReasonLength:
		return length(s, "18")
	case idcode.ReasonAlphabet:
		at, char := strange(s, func(at int) string {
			if at == 18 {
				return figures + "X"
			}
			return figures
		})
		return finding{"alphabet_digit", []any{"at", at, "char", char}}
	case idcode.ReasonDivision:
		return finding{"division", []any{"at", 1, "to", 2, "char", s[:2]}}
	case idcode.ReasonDate:
		from, to := 7, 14
		if len(s) == 15 {
			to = 12
		}
		return finding{"date", []any{"at", from, "to", to, "char", s[from-1 : to]}}
	case idcode.ReasonCheck:
		return wrongCheck(s, idcode.WithResidentIDCheck(s[:17]))
	default:
		return finding{r.Reason, nil}
	}
}

func whereItem(r idcode.Result) finding {
	s := r.Normalised
	base := 0 // characters before the base code
	if len(s) > 12 {
		base = 19
	}
	switch r.Reason {
	case idcode.ReasonLength:
		return length(s, "12/31/33")
	case idcode.ReasonAlphabet:
		if at, char := strange(s, func(int) string { return figures + letters }); at > 0 {
			return finding{"alphabet_alnum", []any{"at", at, "char", char}}
		}
		at, char := strange(s, func(at int) string {
			switch {
			case at <= base:
				return figures + letters
			case at == base+12 && strings.HasSuffix(s[:base+12], "00Y"):
				return "Y"
			default:
				return figures
			}
		})
		return finding{"alphabet_digit", []any{"at", at, "char", char}}
	case idcode.ReasonLevel:
		return finding{"level", []any{"at", 19, "char", s[18:19]}}
	case idcode.ReasonHandle:
		return finding{"handle", []any{"at", 32, "to", 33}}
	case idcode.ReasonBody:
		return finding{"body", []any{"at", 1, "to", 18, "char", s[:18]}}
	case idcode.ReasonDivision:
		return finding{"division", []any{"at", base + 1, "to", base + 2, "char", s[base : base+2]}}
	default:
		return finding{r.Reason, nil}
	}
}

// certificateRoot is the arc of certificates; positions count from its beginning.
const certificateRoot = "1.2.156.3005.2."

func whereCertificate(r idcode.Result) finding {
	s := r.Normalised
	switch r.Reason {
	case idcode.ReasonPrefix:
		return finding{"prefix", []any{"want", certificateRoot}}
	case idcode.ReasonLength:
		return finding{"parts", nil}
	case idcode.ReasonAlphabet:
		rest := strings.TrimPrefix(s, certificateRoot)
		at, char := strange(rest, func(int) string { return figures + letters + "." })
		if at == 0 { // the version has digits only
			version := strings.LastIndexByte(rest[:len(rest)-2], '.') + 1
			k, c := strange(rest[version:len(rest)-2], func(int) string { return figures })
			return finding{"alphabet_digit", []any{"at", len(certificateRoot) + version + k, "char", c}}
		}
		return finding{"alphabet_alnum", []any{"at", len(certificateRoot) + at, "char", char}}
	case idcode.ReasonCheck:
		return wrongCheck(s, idcode.WithCertificateCheck(s[:len(s)-2]))
	case idcode.ReasonBody:
		body := strings.TrimPrefix(s, certificateRoot)[:18]
		return finding{"body", []any{"at", len(certificateRoot) + 1, "to", len(certificateRoot) + 18, "char", body}}
	default:
		return finding{r.Reason, nil}
	}
}
