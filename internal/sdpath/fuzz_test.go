package sdpath

import (
	"path"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/errs"
)

// Whatever text comes in: it is refused as invalid, or its printed form reads
// back as the same path, holds nothing invisible, and goes nowhere up.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"sd://local/a/b", "sd://x", "sd://a b/%FF%0a", "sd://content/" + hash, "sd://l/..", "sd://l/%2e%2e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := Parse(s)
		checkParsed(t, s, p, err)
	})
}

// Every path that Check accepts survives printing and parsing.
func FuzzPrint(f *testing.F) {
	f.Add("local", "a/b")
	f.Add("My Bucket", "a\xff/\u202e%?#")
	f.Add("content", hash)
	f.Fuzz(func(t *testing.T, authority, rel string) {
		p := Path{authority, rel}
		if p.Check() != nil {
			if q, err := Parse(p.String()); err == nil && q == p {
				t.Fatalf("Check refuses %q, Parse accepts it", p)
			}
			return
		}
		q, err := Parse(p.String())
		if err != nil || q != p {
			t.Fatalf("Parse(%q) = %q, %v", p.String(), q, err)
		}
	})
}

// No OS path leaves the root, and on Unix the result is what path.Clean says.
func FuzzParseAny(f *testing.F) {
	f.Add("../../x", "/a", "/h", false)
	f.Add("~/..", "/a", "/h", false)
	f.Add(`\\nas\..\..`, `C:\a`, `C:\h`, true)
	f.Add(`C:\..\a:b`, `C:\a`, `C:\h`, true)
	f.Fuzz(func(t *testing.T, s, cwd, home string, windows bool) {
		p, err := parseAny(s, cwd, home, windows)
		checkParsed(t, s, p, err)
		if err != nil || hasScheme(s) {
			return
		}
		if !p.IsLocal() {
			t.Fatalf("an OS path became %q", p)
		}
		if abs, err := p.osPath(windows); err != nil {
			t.Fatalf("ParseAny(%q) = %q, which has no OS path: %v", s, p, err)
		} else if again, err := parseAny(abs, "", "", windows); err != nil || again != p {
			t.Fatalf("%q became %q, then %q, %v", s, p, again, err)
		} else if !windows && strings.HasPrefix(s, "/") && abs != path.Clean(s) {
			t.Fatalf("ParseAny(%q) is %q, path.Clean says %q", s, abs, path.Clean(s))
		}
	})
}

// What is displayed is printable, and no two names are displayed the same.
func FuzzDisplay(f *testing.F) {
	f.Add("a\xff", `a\xff`)
	f.Add("\u202e", `\u202e`)
	f.Add("a\n", "a\\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		da, db := Display(a), Display(b)
		if a != b && da == db {
			t.Fatalf("%q and %q are both displayed as %q", a, b, da)
		}
		checkVisible(t, da)
	})
}

func checkParsed(t *testing.T, s string, p Path, err error) {
	t.Helper()
	if err != nil {
		if !errs.Is(err, errs.Invalid) || p != (Path{}) {
			t.Fatalf("%q: %q, kind %s", s, p, errs.KindOf(err))
		}
		checkVisible(t, err.Error())
		return
	}
	if err := p.Check(); err != nil {
		t.Fatalf("%q became %q: %v", s, p, err)
	}
	for _, name := range strings.Split(p.Rel, "/") {
		if name == ".." || name == "." || name == "" && p.Rel != "" || strings.Contains(name, "\x00") {
			t.Fatalf("%q became %q", s, p)
		}
	}
	out := p.String()
	checkVisible(t, out)
	if again, err := Parse(out); err != nil || again != p {
		t.Fatalf("%q prints %q, which reads %q, %v", p, out, again, err)
	}
}

func checkVisible(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Fatalf("%q is not UTF-8", s)
	}
	for _, r := range s {
		if unicode.Is(unicode.Bidi_Control, r) || unicode.IsControl(r) {
			t.Fatalf("%q shows %U", s, r)
		}
	}
}
