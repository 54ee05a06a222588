package index

import (
	"slices"
	"strings"
	"testing"
)

// TestLexiconFiles says in words what is wrong with the files of words.
func TestLexiconFiles(t *testing.T) {
	t.Parallel()
	entries, err := files.ReadDir("lexicon/synonyms")
	if err != nil || len(entries) < 4 {
		t.Fatal(err, len(entries))
	}
	for _, e := range entries {
		for n, line := range lines("synonyms/" + e.Name()) {
			left, right, led := strings.Cut(line, "->")
			switch {
			case led && (strings.TrimSpace(left) == "" || strings.TrimSpace(right) == ""):
				t.Errorf("%s: line %d has nothing on one side of the arrow: %.60s", e.Name(), n+1, line)
			case !led && len(strings.Fields(line)) < 2 && len(strings.Fields(line)) > 0 && strings.ContainsAny(line, "+{"):
				t.Errorf("%s: line %d is a pattern without an arrow: %.60s", e.Name(), n+1, line)
			case strings.Count(line, "{") != strings.Count(line, "}"):
				t.Errorf("%s: line %d has a brace that is not closed: %.60s", e.Name(), n+1, line)
			case strings.ContainsAny(right, "{}|"):
				t.Errorf("%s: line %d has braces on the right: %.60s", e.Name(), n+1, right)
			}
			for key := range strings.FieldsSeq(left) {
				parts := parse(key)
				if len(parts) == 0 {
					t.Errorf("%s: line %d has an empty word %q", e.Name(), n+1, key)
					continue
				}
				if len(parts) == 1 && led && slices.ContainsFunc(parts[0], func(w string) bool { return runeLen(w) < 2 }) {
					t.Errorf("%s: line %d: %q is one character, which stands in too many words", e.Name(), n+1, key)
				}
			}
		}
	}
	if l := lines("traditional.txt"); len(l) != 2 || len([]rune(l[0])) != len([]rune(l[1])) {
		t.Error("traditional.txt has not as many simplified characters as traditional ones")
	}
}

func TestParseOfKeys(t *testing.T) {
	t.Parallel()
	for key, want := range map[string][][]string{
		"护照":           {{"护照"}},
		"砍+树":          {{"砍"}, {"树"}},
		"{砍|伐}+{树|林子}": {{"砍", "伐"}, {"树", "林子"}},
		"{没|未}上户口":     {{"没上户口", "未上户口"}},
		"换{了|}法人":      {{"换了法人", "换法人"}},
		"+":            nil,
	} {
		got := parse(key)
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}

// TestTheLongestWins: of two words of several parts the one that says more.
func TestTheLongestWins(t *testing.T) {
	t.Parallel()
	a := match{key: "户口+孩子", said: []string{"户口", "孩子"}}
	b := match{key: "上户口+孩子", said: []string{"上户口", "孩子"}}
	if !a.within(b) || b.within(a) {
		t.Error("户口+孩子 is part of 上户口+孩子")
	}
}
