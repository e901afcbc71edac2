package sdpath

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

var hash = strings.Repeat("0123456789abcdef", 4)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Path
		out  string // canonical form, if it differs from in
	}{
		{"sd://local/home/jamie", Path{"local", "home/jamie"}, ""},
		{"sd://local/", Path{"local", ""}, ""},
		{"sd://local", Path{"local", ""}, "sd://local/"},
		{"SD://nas/x", Path{"nas", "x"}, "sd://nas/x"},
		{"sd://My Bucket/Ünïcode/日本/a b", Path{"My Bucket", "Ünïcode/日本/a b"}, ""},
		{"sd://local/100%25/a%3Fb%23c", Path{"local", "100%/a?b#c"}, ""},
		{"sd://local/C:/Users", Path{"local", "C:/Users"}, ""},
		{"sd://local/%41%c3%a9", Path{"local", "Aé"}, "sd://local/Aé"},
		{"sd://a%20b/x", Path{"a b", "x"}, "sd://a b/x"},
		{"sd://local/\n\x7f", Path{"local", "\n\x7f"}, "sd://local/%0A%7F"},
		{"sd://local/-rf/ /...", Path{"local", "-rf/ /..."}, ""},
		{`sd://local/a\..\b`, Path{"local", `a\..\b`}, ""},
		{"sd://local/\ufffd", Path{"local", "\ufffd"}, ""},
		{"sd://content/" + hash, Path{"content", hash}, ""},
	} {
		got, err := Parse(c.in)
		if err != nil || got != c.want {
			t.Errorf("Parse(%q) = %q, %v; want %q", c.in, got, err, c.want)
			continue
		}
		if c.out == "" {
			c.out = c.in
		}
		if s := got.String(); s != c.out {
			t.Errorf("Parse(%q).String() = %q, want %q", c.in, s, c.out)
		}
	}
}

// The corpus of A13 and A15: each is refused, with a message that says why.
func TestFault_A13_A15_ParseRefuses(t *testing.T) {
	for in, why := range map[string]string{
		"":                              "begins with",
		"/etc/passwd":                   "begins with",
		"file:///etc/passwd":            "begins with",
		"sd:/local/x":                   "begins with",
		"sd://":                         "no device",
		"sd:///etc":                     "no device",
		"sd://../x":                     `".."`,
		"sd://%2e%2e/x":                 `".."`,
		"sd://a%2Fb/x":                  "slash",
		"sd://local/..":                 `".."`,
		"sd://local/a/../b":             `".."`,
		"sd://local/./b":                `".."`,
		"sd://local/%2e%2e/b":           `".."`,
		"sd://local/%2E./b":             `".."`,
		"sd://local//b":                 "empty",
		"sd://local///b":                "empty",
		"sd://local/a/":                 "empty",
		"sd://local/%41/":               "empty",
		"sd://local/%41//b":             "empty",
		"sd://local/a\x00b":             "NUL",
		"sd://local/a%00b":              "NUL",
		"sd://lo%00cal/a":               "NUL",
		"sd://local/a%2Fb":              "slash",
		"sd://local/a%2f..%2fb":         "slash",
		"sd://local/%":                  "hex",
		"sd://local/%4":                 "hex",
		"sd://local/%4/":                "hex",
		"sd://local/%zz":                "hex",
		"sd://local/a?b":                "reserved",
		"sd://local/a#b":                "reserved",
		"sd://lo?cal":                   "reserved",
		"sd://content":                  "hash",
		"sd://content/":                 "hash",
		"sd://content/abc":              "hash",
		"sd://content/" + hash + "/x":   "hash",
		"sd://content/x/" + hash[2:]:    "hash",
		"sd://content/" + up(hash):      "hash",
		"sd://l/" + longText(MaxLen):    "longer",
		"sd://l/" + invalidUTF8(400000): "longer",
	} {
		p, err := Parse(in)
		if !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), why) {
			t.Errorf("Parse(%.60q) = %.60q, %v; want invalid with %q", in, p, err, why)
		}
		if err != nil && len(err.Error()) > 1000 {
			t.Errorf("Parse(%.60q): message of %d bytes", in, len(err.Error()))
		}
	}
}

func up(s string) string          { return strings.ToUpper(s) }
func longText(n int) string       { return strings.Repeat("x", n) }
func invalidUTF8(n int) string    { return strings.Repeat("\xff", n) }
func must(p Path, err error) Path { return p }

// What looks like a way out but is only a strange name must stay that name.
func TestFault_A13_DecodedOnce(t *testing.T) {
	for in, rel := range map[string]string{
		"sd://local/%252e%252e/x":      "%2e%2e/x",
		"sd://local/%25252e":           "%252e",
		"sd://local/%c0%ae%c0%ae/x":    "\xc0\xae\xc0\xae/x", // overlong UTF-8
		"sd://local/%e0%80%ae":         "\xe0\x80\xae",
		"sd://local/%5c..%5c":          `\..\`,
		"sd://local/a%252Fb":           "a%2Fb",
		"sd://local/\uff0e\uff0e/x":    "\uff0e\uff0e/x", // full-width dots
		"sd://local/%ef%bc%8f":         "\uff0f",         // full-width slash
		"sd://local/NUL/COM1.txt/C:x":  "NUL/COM1.txt/C:x",
		"sd://local/.. /..%20/.%0a./b": ".. /.. /.\n./b",
	} {
		p, err := Parse(in)
		if err != nil || p.Rel != rel {
			t.Errorf("Parse(%q).Rel = %q, %v; want %q", in, p.Rel, err, rel)
		}
		if again, err := Parse(p.String()); err != nil || again != p {
			t.Errorf("Parse(Parse(%q).String()) = %q, %v", in, again, err)
		}
	}
}

func TestFault_A1_A2_A4_PrintedNamesStayDistinct(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"a\xff", "a\xfe", "a\ufffd", "a", "a%FF", "a%ff", "e\u0301", "\u00e9",
		"x\u202ey", "xy", "x\u200by", "x\u2066y", "x\ufeffy", "x\u00ady", "x\u2028y", "x\U000e0041y", "x\u3164y"} {
		s := must(Path{"local", ""}.Join(name)).String()
		if was, dup := seen[s]; dup {
			t.Errorf("%q and %q both print %q", was, name, s)
		}
		seen[s] = name
		for _, r := range s {
			if r == 0xfffd && !strings.Contains(name, "\ufffd") || r < ' ' || strings.ContainsRune("\u202e\u200b\u2066\ufeff\u00ad\u2028\U000e0041\u3164", r) {
				t.Errorf("%q prints %q, with a character nobody sees", name, s)
			}
		}
	}
}

func TestNavigation(t *testing.T) {
	p := Path{"nas", ""}
	for _, name := range []string{"a", "b\xff", "-c"} {
		child, err := p.Join(name)
		if err != nil || child.Base() != name || child.Parent() != p || !child.In(p) || p.In(child) {
			t.Fatalf("%q joined with %q: %q, %v", p, name, child, err)
		}
		p = child
	}
	if root := p.Parent().Parent().Parent(); !root.IsRoot() || root.Parent() != root || root.Base() != "" {
		t.Errorf("root: %q", root)
	}
	for _, bad := range []string{"", ".", "..", "a/b", "/", "a\x00", "../x"} {
		if c, err := p.Join(bad); !errs.Is(err, errs.Invalid) {
			t.Errorf("Join(%q) = %q, %v", bad, c, err)
		}
		if ValidName(bad) {
			t.Errorf("ValidName(%q)", bad)
		}
	}
	if c, err := (Path{Content, hash}).Join("x"); err == nil {
		t.Errorf("child of a content: %q", c)
	}
	if c, err := (Path{"l", longText(MaxLen - 10)}).Join("xxxx"); err == nil {
		t.Errorf("joined past the longest text: %d bytes", len(c.String()))
	}
	if p.In(Path{"other", ""}) || !(Path{Content, hash}).IsContent() || p.IsContent() {
		t.Error("authority ignored")
	}
}

// A14: containment goes by components, never by text.
func TestFault_A14_Within(t *testing.T) {
	for _, c := range []struct {
		root, path, rest string
		ok               bool
	}{
		{"data/a", "data/a", "", true},
		{"data/a", "data/a/b/c", "b/c", true},
		{"data/a", "data/ab", "", false},
		{"data/a", "data", "", false},
		{"data/a", "data/b/a", "", false},
		{"", "x", "x", true},
		{"", "", "", true},
		{"/", "/x/y", "x/y", true},
		{"/", "/", "", true},
		{"/x", "/", "", false},
		{"/x", "x", "", false},
		{"", "/x", "", false},
		{"a", "a/../b", "", false},
		{"a", "a//b", "", false},
		{"a", "a/", "", false},
		{"a/", "a/b", "", false},
		{"..", "../x", "", false},
		{"A", "a/x", "", false},
	} {
		if rest, ok := Cut(c.root, c.path); rest != c.rest || ok != c.ok || Within(c.root, c.path) != c.ok {
			t.Errorf("Cut(%q, %q) = %q, %v; want %q, %v", c.root, c.path, rest, ok, c.rest, c.ok)
		}
	}
}

func TestJSON(t *testing.T) {
	in := struct{ P Path }{Path{"local", "a\xff\u202e/b%"}}
	b, err := json.Marshal(in)
	if err != nil || string(b) != `{"P":"sd://local/a%FF%E2%80%AE/b%25"}` {
		t.Fatalf("%s, %v", b, err)
	}
	out := in
	out.P = Path{}
	if err := json.Unmarshal(b, &out); err != nil || out != in {
		t.Errorf("%q, %v", out, err)
	}
	if b, err := json.Marshal(Path{"local", "../x"}); err == nil {
		t.Errorf("printed %s", b)
	}
	if err := json.Unmarshal([]byte(`{"P":"/x"}`), &out); err == nil {
		t.Error("read an OS path")
	}
}

func TestFault_A3_A4_Display(t *testing.T) {
	for in, want := range map[string]string{
		"":                 "",
		"plain name.txt":   "plain name.txt",
		"Ünïcode 日本 👍":     "Ünïcode 日本 👍",
		"a\nb\tc\r":        `a\nb\tc\r`,
		"\x1b[31mred\x07":  `\x1b[31mred\x07`,
		"\x7f\u0085\u009b": `\x7f\u0085\u009b`,
		"a\xff":            `a\xff`,
		"a\xfe":            `a\xfe`,
		`a\xff`:            `a\\xff`,
		"gpj.\u202eexe":    `gpj.\u202eexe`,
		"a\u200bb\ufeff":   `a\u200bb\ufeff`,
		"\U000e0041":       `\U000e0041`,
		"\u2028":           `\u2028`,
	} {
		if got := Display(in); got != want {
			t.Errorf("Display(%q) = %q, want %q", in, got, want)
		}
		if got := Display([]byte(in)); got != want {
			t.Errorf("Display([]byte(%q)) = %q, want %q", in, got, want)
		}
	}
}
