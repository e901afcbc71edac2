package rules

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Whatever a .gitignore holds, it is read without harm, and every decision
// names a line of it.
func FuzzParseIgnore(f *testing.F) {
	for _, s := range []string{"", "*.o\n!a.o\n", "\xef\xbb\xbf/a/**/b/\r\n", "# no\n\\#yes\n", "a\\", "[", "[[:alpha:]-", "a\x00b\n*", "**/**\n***\n", "[]-a]\n[^]a]\n"} {
		f.Add([]byte(s), "a/b.o")
	}
	set := compile(f, Rule{Kind: Gitignore})
	f.Fuzz(func(t *testing.T, data []byte, path string) {
		if !vfs.Valid(path) || path == "" {
			return
		}
		lines := strings.Split(string(data), "\n")
		top := ParseIgnore(nil, "", data)
		i := ParseIgnore(top, "a", data)
		if i.Hash() != ParseIgnore(ParseIgnore(nil, "", data), "a", data).Hash() {
			t.Fatal("two hashes of the same files")
		}
		for _, kind := range []vfs.Kind{vfs.File, vfs.Folder} {
			d := set.Decide(path, kind, 0, i)
			if d.Rule == nil {
				continue
			}
			if d.Line < 1 || d.Line > len(lines) || !strings.Contains(lines[d.Line-1], d.Pattern) || d.Pattern == "" {
				t.Fatalf("%q by line %d, %q, of %q", path, d.Line, d.Pattern, data)
			}
			if d.Excluded == strings.HasPrefix(d.Pattern, "!") {
				t.Fatalf("%q excludes: %v", d.Pattern, d.Excluded)
			}
		}
	})
}

// A rule is refused as invalid, or is stored in a form that is read the same.
func FuzzNew(f *testing.F) {
	for _, k := range Kinds() {
		f.Add(string(k), "!a/**", true)
		f.Add(string(k), "1.5GiB", false)
		f.Add(string(k), "git", false)
	}
	f.Fuzz(func(t *testing.T, kind, value string, include bool) {
		r, err := New(Kind(kind), value, include)
		if err != nil {
			if !errs.Is(err, errs.Invalid) || errs.RemedyOf(err) == "" {
				t.Fatalf("%v has kind %s and remedy %q", err, errs.KindOf(err), errs.RemedyOf(err))
			}
			return
		}
		again, err := New(r.Kind, r.Value, r.Include)
		if err != nil || again != r || !utf8.ValidString(r.Value) {
			t.Fatalf("%+v is read again as %+v, %v", r, again, err)
		}
		r.ID = 1
		if _, err := Compile([]Rule{r}); err != nil || r.Words() == "" {
			t.Fatalf("%+v: %v", r, err)
		}
	})
}

// Matching agrees with a regular expression that says the same.
func FuzzMatch(f *testing.F) {
	for _, c := range [][2]string{{"*a*b", "xaxb"}, {"**/a/*b", "x/a/cb"}, {"a**/b", "ab"}, {"/**\\/a", "b/a"}, {"[!a-c]/?", "d/e"}, {"/a/**", "a/b/c"}, {"*.o", "\xff.o"}, {"**/**/a*/**/b", "a/c/b/b"}} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, line, path string) {
		p, ok := parsePattern(line, 0)
		if !ok || !vfs.Valid(path) || path == "" || len(line) > 200 || len(path) > 200 {
			return
		}
		s := baseName(path)
		if p.whole {
			s = path
		}
		want := regexp.MustCompile(expression(p)).MatchString(latin(s))
		if got := p.matches(path, baseName(path)); got != want {
			t.Fatalf("%q matches %q: %v, want %v (%s)", line, s, got, want, expression(p))
		}
		tab := newTable([]pattern{p})
		if found := tab.last(path, baseName(path), true) != nil; found != want {
			t.Fatalf("the table finds %q for %q: %v, want %v", line, s, found, want)
		}
	})
}

// expression is a pattern as a regular expression over bytes shown as Latin-1.
func expression(p pattern) string {
	var e strings.Builder
	e.WriteString(`(?s)^` + regexp.QuoteMeta(latin(p.prefix)))
	for _, t := range p.glob {
		switch t.op {
		case opByte:
			e.WriteString(regexp.QuoteMeta(latin(string([]byte{t.b}))))
		case opAny:
			e.WriteString(`[^/]`)
		case opSet:
			e.WriteString(`[`)
			for b := range 256 {
				if t.set.has(byte(b)) {
					fmt.Fprintf(&e, `\x{%x}`, b)
				}
			}
			e.WriteString(`]`)
		case opStar:
			e.WriteString(`[^/]*`)
		case opDeep:
			e.WriteString(`.*`)
		case opDirs:
			e.WriteString(`(.*/)?`)
		}
	}
	e.WriteString(regexp.QuoteMeta(latin(p.tail)) + `$`)
	return strings.ReplaceAll(e.String(), `[]`, `[^\x{0}-\x{10ffff}]`)
}

func latin(s string) string {
	r := make([]rune, len(s))
	for i := range len(s) {
		r[i] = rune(s[i])
	}
	return string(r)
}
