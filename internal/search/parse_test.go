package search

import (
	"errors"
	"fmt"
	"math"
	gopath "path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// show writes a node for people.
func show(n node) string {
	list := func(op string, nodes []node) string {
		var all []string
		for _, n := range nodes {
			all = append(all, show(n))
		}
		return "(" + op + " " + strings.Join(all, " ") + ")"
	}
	switch n := n.(type) {
	case nil:
		return "nothing"
	case and:
		if len(n) == 1 {
			return show(n[0])
		}
		return list("and", n)
	case or:
		if len(n) == 1 {
			return show(n[0])
		}
		return list("or", n)
	case not:
		return list("not", []node{n.node})
	case *word:
		return fmt.Sprintf("%q", n.text)
	case *real:
		return fmt.Sprintf("real %q", n.text)
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", n), "*search.")
}

// TestParse: what people type is read as they mean it, and nothing is an error.
func TestParse(t *testing.T) {
	for _, c := range []struct{ query, want string }{
		{"", "nothing"},
		{"  ", "nothing"},
		{"report.txt", `"report.txt"`},
		{"C++ (notes)", `(and "c++" "(notes)")`},
		{"(2024)", `"(2024)"`},
		{"Album (2024) [live]", `(and "album" "(2024)" "[live]")`},
		{"it's 100%", `(and "it's" "100%")`},
		{"a b", `(and "a" "b")`},
		{`"a b"`, `"a b"`},
		{`"a b`, `(and "\"a" "b")`},
		{`""`, `"\"\""`},
		{`say "hi there" now`, `(and "say" "hi there" "now")`},
		{`5"`, `"5\""`},
		{"a OR b", `(or "a" "b")`},
		{"a b OR c", `(or (and "a" "b") "c")`},
		{"OR", `"or"`},
		{"a OR", `(and "a" "or")`},
		{"OR a", `(and "or" "a")`},
		{"a or b", `(and "a" "or" "b")`},
		{"-a", `(not "a")`},
		{"a -b", `(and "a" (not "b"))`},
		{`a -"b c"`, `(and "a" (not "b c"))`},
		{"a-b", `"a-b"`},
		{"-", `"-"`},
		{"--flag", `"--flag"`},
		{"(a OR b) c", `(and (or "a" "b") "c")`},
		{"-(a OR b) c", `(and (not (or "a" "b")) "c")`},
		{"( a OR b )", `(or "a" "b")`},
		{"((a OR b) c OR d)", `(or (and (or "a" "b") "c") "d")`},
		{"(-(a OR b) c OR d)", `(or (and (not (or "a" "b")) "c") "d")`},
		{"((a OR b)", `(or "((a" "b)")`},
		{"(a OR b))", `(or "a" "b")`},
		{"(a OR b", `(or "(a" "b")`},
		{"x (a OR b) OR c", `(or (and "x" (or "a" "b")) "c")`},
		{"-(a OR -(b OR c))", `(not (or "a" (not (or "b" "c"))))`},
		{"http://x y:z", `(and path "y:z")`},
		{"C:", `"c:"`},
		{"kind:", `"kind:"`},
		{"kind:image", "class"},
		{"kind:image,folder", "(or class pick)"},
		{"kind:nonsense", `"kind:nonsense"`},
		{"-kind:folder", "(not pick)"},
		{"size:>10mb", "pick"},
		{"size:big", `"size:big"`},
		{`modified:"last week"`, "times"},
		{"modified:someday", `"modified:someday"`},
		{"ext:jpg", "ext"},
		{"in:/x", "below"},
		{`in:"/x y" z`, `(and below "z")`},
		{"is:hidden", "pick"},
		{"is:nice", `"is:nice"`},
		{"re:^a", "pattern"},
		{`re:"a b"`, "pattern"},
		{"re:(", `"re:("`},
		{"*.jpg", "pattern"},
		{"photos/2024 beach", `(and path "beach")`},
		{"photos/*.jpg", "(and path pattern)"},
		{"**/*.jpg", "pattern"},
		{"a*/b", `"a*/b"`},
		{"name:a", `"a"`},
		{"path:a", "path"},
		{"\u0301", "nothing"},
		{"a\u3000b\u00a0c", `(and "a" "b" "c")`},
	} {
		q, hints, _ := parse(c.query, noonAround, 0, false)
		if got := show(q.fits); got != c.want {
			t.Errorf("%q is read as %s, want %s", c.query, got, c.want)
		}
		for _, h := range hints {
			runes := []rune(c.query)
			if h.Text == "" || h.At < 0 || h.At+h.Length > len(runes) || !strings.Contains(c.query, string(runes[h.At:h.At+h.Length])) {
				t.Errorf("%q: hint %+v", c.query, h)
			}
		}
	}
}

// TestHints: what could not be read is pointed at.
func TestHints(t *testing.T) {
	a := noonAround
	a.folder = func(string) (ident.EntryID, error) { return 0, errors.New("there is none") }
	a.volumes = func(string) []ident.EntryID { return nil }
	for _, c := range []struct {
		query      string
		at, length int
		text       string
	}{
		{"é size:big", 2, 8, "no size"},
		{"é -size:big", 3, 8, "no size"},
		{"modified:never", 0, 14, "no time"},
		{"kind:thing", 0, 10, "image"},
		{"(a OR re:[)", 6, 4, "regular expression"},
		{"in:/nowhere x", 0, 11, "there is none"},
		{"volume:none", 0, 11, "no volume"},
		{"is:odd", 0, 6, "is:hidden"},
		{"a/*/b", 0, 5, "wildcards"},
		{strings.Repeat("a/", 20), 0, 40, "12 parts"},
		{strings.Repeat("a ", 100), 128, 1, "too many"},
		{strings.Repeat("é", 5000), 0, 2048, "too long"},
		{"re:" + strings.Repeat("a", 600), 0, 603, "500"},
	} {
		_, hints, _ := parse(c.query, a, 0, false)
		if len(hints) != 1 || hints[0].At != c.at || hints[0].Length != c.length || !strings.Contains(hints[0].Text, c.text) {
			t.Errorf("%.40q: hints %.200v", c.query, hints)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a", `-("a b" OR c) kind:x`, "((((a OR b", "re:(?i)[", "size:1..", "modified:>", "in:~", "a/b/*", "[!]*", "\xff\xfe* OR", `re:"`, "((((((((((a OR b))))))))))", "-(", "-\"", "size:\"\""} {
		f.Add(s, "IMG_1 (Copy).jpg")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		for _, real := range []bool{false, true} {
			a := noonAround
			a.real = real
			for _, slip := range []bool{false, true} {
				q, hints, _ := parse(text, a, 0, slip)
				for _, h := range hints {
					if h.At < 0 || h.Length < 0 || h.At+h.Length > utf8.RuneCountInString(text) {
						t.Fatalf("%q: hint %+v", text, h)
					}
				}
				table := newTable(4)
				table.take1(&catalog.Brief{ID: 2, Parent: 1, Name: name, State: catalog.Present, Kind: vfs.File})
				if _, n, err := table.hits(q, 1); err != nil || n > 1 {
					t.Fatalf("%q: %d hits, %v", text, n, err)
				}
			}
		}
	})
}

func TestParseSize(t *testing.T) {
	const most = math.MaxInt64
	for _, c := range []struct {
		text     string
		from, to int64
		ok       bool
	}{
		{"0", 0, 0, true}, {"10", 10, 10, true}, {"10b", 10, 10, true}, {"1k", 1000, 1000, true}, {"1KB", 1000, 1000, true}, {"1.5MiB", 3 << 19, 3 << 19, true}, {"1ki", 1024, 1024, true},
		{">10mb", 10e6 + 1, most, true}, {">=2g", 2e9, most, true}, {"<1t", 0, 1e12 - 1, true}, {"<=1p", 0, 1e15, true}, {"=5", 5, 5, true},
		{"1mb..2gb", 1e6, 2e9, true}, {"empty", 0, 0, true}, {"small", 16e3 + 1, 1e6, true}, {"i", 0, 0, false}, {"1ib", 0, 0, false}, {"1i", 0, 0, false}, {"1bb", 0, 0, false}, {"1km", 0, 0, false}, {"99999999999p", most, most, true}, {">99999999999p", most, most, true},
		{"", 0, 0, false}, {">", 0, 0, false}, {"mb", 0, 0, false}, {"1x", 0, 0, false}, {"-1", 0, 0, false}, {"1..", 0, 0, false}, {"1e3", 0, 0, false}, {"1.2.3", 0, 0, false}, {"nan", 0, 0, false},
	} {
		from, to, ok := parseSize(c.text)
		if ok != c.ok || ok && (from != c.from || to != c.to) {
			t.Errorf("%q is %d to %d (%v), want %d to %d (%v)", c.text, from, to, ok, c.from, c.to, c.ok)
		}
	}
}

func TestParseWhen(t *testing.T) {
	zone := time.FixedZone("here", 2*3600)
	now := time.Date(2026, 7, 1, 0, 30, 0, 0, zone) // a Wednesday; still June in London
	at := func(text string) int64 {
		if text == "" {
			return math.MinInt64
		}
		if text == "end" {
			return math.MaxInt64
		}
		when, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
		if err != nil {
			t.Fatal(err)
		}
		return when.UnixNano()
	}
	for _, c := range []struct{ text, from, to string }{
		{"2024", "2024-01-01 00:00", "2025-01-01 00:00"},
		{"2024-02", "2024-02-01 00:00", "2024-03-01 00:00"},
		{"2024-2-9", "2024-02-09 00:00", "2024-02-10 00:00"},
		{"2023..2024-06", "2023-01-01 00:00", "2024-07-01 00:00"},
		{">2024", "2025-01-01 00:00", "end"},
		{">=2024", "2024-01-01 00:00", "end"},
		{"<2024", "", "2024-01-01 00:00"},
		{"<=2024", "", "2025-01-01 00:00"},
		{"today", "2026-07-01 00:00", "2026-07-02 00:00"},
		{"Yesterday", "2026-06-30 00:00", "2026-07-01 00:00"},
		{"last week", "2026-06-22 00:00", "2026-06-29 00:00"},
		{"this-week", "2026-06-29 00:00", "2026-07-06 00:00"},
		{"thismonth", "2026-07-01 00:00", "2026-08-01 00:00"},
		{"last_month", "2026-06-01 00:00", "2026-07-01 00:00"},
		{"thisyear", "2026-01-01 00:00", "2027-01-01 00:00"},
		{"lastyear", "2025-01-01 00:00", "2026-01-01 00:00"},
		{"<30d", "2026-06-01 00:30", "end"},
		{">1y", "", "2025-07-01 00:30"},
		{"12h", "2026-06-30 12:30", "end"},
		{"<2w", "2026-06-17 00:30", "end"},
		{"<90min", "2026-06-30 23:00", "end"},
		{"1500", "", ""},
		{"9000", "end", "end"},
	} {
		from, to, ok := parseWhen(c.text, now)
		if !ok || from != at(c.from) || to != at(c.to) {
			t.Errorf("%q is %d to %d (%v), want %s to %s", c.text, from, to, ok, c.from, c.to)
		}
	}
	for _, bad := range []string{"", "never", "2024-13", "2024-02-30", "..", "2024..", "<", "5", "d", "99999999999999999999d", "24-1-1"} {
		if from, to, ok := parseWhen(bad, now); ok {
			t.Errorf("%q is %d to %d", bad, from, to)
		}
	}
}

// TestGlob: against the standard library where the languages agree, and by
// examples where ours says more.
func TestGlob(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.SampledFrom([]string{"*", "?", "a", "b", "é", "[ab]", "[a-c]", ".", "aa"})
		glob := strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "glob"), "")
		name := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "é", ".", "ab"}), 0, 8).Draw(t, "name"), "")
		want, err := gopath.Match(glob, name)
		if err != nil {
			t.Fatal(err)
		}
		if got := globMatch([]byte(glob), []byte(name)); got != want {
			t.Fatalf("%q fits %q: %v, want %v", glob, name, got, want)
		}
		g := newGrowing(1)
		g.add(&row{id: 1, listed: true, folded: name, raw: name})
		rows := bitmap{1}
		if g.narrow(newGlob(glob, false).planes, rows); want && rows[0] == 0 {
			t.Fatalf("%q fits %q, but not its bitmaps", glob, name)
		}
	})
	for _, c := range []struct {
		glob, name string
		want       bool
	}{
		{"*", "", true}, {"?", "", false}, {"[!a]x", "bx", true}, {"[!a]x", "ax", false}, {"[]*", "[]x", true}, {"[*", "[x", true}, {"[a", "[a", true},
		{"?", collate.Fold("각"), true}, {"??", collate.Fold("가각"), true}, {"?", collate.Fold("が"), true}, {"?.txt", "\ufffd.txt", true},
		{strings.Repeat("*a", 50) + "b", strings.Repeat("a", 255), false},
	} {
		if got := globMatch([]byte(c.glob), []byte(c.name)); got != c.want {
			t.Errorf("%q fits %q: %v", c.glob, c.name, got)
		}
	}
}

func TestRegex(t *testing.T) {
	for _, c := range []struct {
		re, name   string
		real, want bool
	}{
		{"^img_\\d+", "IMG_20.jpg", false, true},
		{"^img_\\d+", "IMG_20.jpg", true, false},
		{"^IMG_\\d+", "IMG_20.jpg", true, true},
		{"Übung|straße", "ubung.txt", false, true},
		{"STRASSE", "Straße", false, true},
		{"straße$", "Strasse", false, true},
		{"r.sum.", "Résumé", false, true},
		{"a{2,3}b", "xAAb", false, true},
		{"(cat|dog)s?$", "hotdogs", false, true},
		{"(cat|dog)s?$", "doghouse", false, false},
		{"\\S\\D", "1a", false, true},
		{"^$", "x", false, false},
	} {
		n, err := newRegex(c.re, c.real)
		if err != nil {
			t.Fatal(err)
		}
		name := c.name
		if !c.real {
			name = collate.Fold(name)
		}
		g := newGrowing(1)
		g.add(&row{id: 1, listed: true, folded: collate.Fold(c.name), raw: c.name})
		rows := bitmap{1}
		if g.narrow(n.planes, rows); n.match([]byte(name)) != c.want || c.want && rows[0] == 0 {
			t.Errorf("%q fits %q: not %v (its bitmaps say %d)", c.re, c.name, c.want, rows[0])
		}
	}
	for _, bad := range []string{"(", "a{1000}{1000}", "[z-a]", "\\p{Nonsense}"} {
		if _, err := newRegex(bad, false); err == nil {
			t.Errorf("%q is a regular expression", bad)
		}
	}
	long := strings.Repeat("a", 255)
	n, err := newRegex("(a*)*(a|aa)*b", false)
	if err != nil || n.match([]byte(long)) != regexp.MustCompile("b").MatchString(long) {
		t.Error("it takes for ever, or the wrong answer", err)
	}
}

// TestFuzzy: one slip in a word of four letters, two in one of eight, none where
// every sign counts.
func TestFuzzy(t *testing.T) {
	for _, c := range []struct {
		word, name string
		want       bool
	}{
		{"beahc", "my beach.jpg", true}, {"bech", "beach", true}, {"beeach", "beach", true}, {"baech", "beach", true}, {"xeach", "beach", true},
		{"beach", "my-peach", true}, {"beahc", "beaches", true}, {"bxxch", "beach", false}, {"beach", "seabeech", false},
		{"montain", "mountain", true}, {"mounatin", "mountain", true}, {"moutnain", "mountain", true}, {"mauntein", "mountain", false}, {"presnetatoin", "presentation", true}, {"prezentasion", "presentation", true}, {"prezentazeon", "presentation", false},
		{strings.Repeat("a", 40), strings.Repeat("a", 60), true}, {strings.Repeat("ab", 20), strings.Repeat("a", 60), false},
		{"strasze", "Straße", true}, {"ubugn", "Übung", true}, {"файл", "фаил", true}, {"фалй", "файл.txt", true},
		{"reprot.txt", "my report.txt", true}, {"report.tx", "report.md", false}, {"report.tzt", "Report.txt", true}, {"reporttxt", "report.txt", true}, {"report_txt", "report.txt", true},
		{"e-mial", "old e-mail backup", true}, {"e-mial", "email.txt", false}, {"e-mai", "e-mall", false}, {"first_darft", "First_draft.odt", true}, {".bashcr", ".bashrc", true}, {"o'brein", "O'Brien.vcf", true},
		{"scna_0042", "scan_0042.pdf", true}, {"scan_0042", "scan_0043.pdf", false}, {"scan_0042", "scan_00042.pdf", false}, {"scan_0042", "scan_0402.pdf", false}, {"report2024", "report2O24", false}, {"2024report", "2024reprot", true},
	} {
		n := newFuzzy(collate.Fold(c.word))
		g := newGrowing(1)
		g.add(&row{id: 1, listed: true, folded: collate.Fold(c.name), raw: c.name})
		rows := bitmap{1}
		n.narrow(&worker{seg: &g.segment}, rows)
		if got := n.match([]byte(collate.Fold(c.name))); got != c.want || c.want && rows[0] == 0 {
			t.Errorf("%q is almost in %q: %v (its bitmaps say %d)", c.word, c.name, got, rows[0])
		}
	}
	for text, want := range map[string]int{"abc": 0, "a.txt": 0, "abcd": 1, "abcdefghi": 1, "abcdefghij": 2, "2024": 0, "img_1": 0, "a+b=c": 0, "c++": 0, "e-mail": 1, "report.txt": 1, "scan_0042": 1, "first-draft": 2, "two words": 0, "100%sure": 0, "é中文字": 1, strings.Repeat("a", 41): 0} {
		if got := slips(text); got != want {
			t.Errorf("%q may have %d slips, want %d", text, got, want)
		}
	}
}

// TestFuzzyDistance: a word is found in a name exactly when the least distance to
// a beginning of the name is no more than its slips, and its bitmaps know.
func TestFuzzyDistance(t *testing.T) {
	letters := rapid.StringOfN(rapid.SampledFrom([]rune("abcé中.-7")), 4, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		text, name := collate.Fold(letters.Draw(t, "word")), collate.Fold(letters.Draw(t, "name"))
		if slips(text) == 0 {
			t.Skip("it may have no slips")
		}
		n := newFuzzy(text)
		least := len(text)
		for end := range len(name) + 1 {
			least = min(least, distance([]rune(text), []rune(name[:end])))
		}
		if least <= n.slips && !n.mayBegin([]byte(name)) {
			t.Fatalf("%q begins %q, but its first letters say no", text, name)
		}
		if got := n.begins([]byte(name)); got != (least <= n.slips) {
			t.Fatalf("%q begins %q: %v, with a distance of %d and %d slips", text, name, got, least, n.slips)
		}
		g := newGrowing(1)
		g.add(&row{id: 1, listed: true, folded: name, raw: name})
		rows := bitmap{1}
		if n.narrow(&worker{seg: &g.segment}, rows); least <= n.slips && rows[0] == 0 {
			t.Fatalf("%q begins %q, but not in its bitmaps", text, name)
		}
	})
}

// cost is that of a slip in some letters: digits have none.
func cost(letters ...rune) int {
	if slices.Contains(letters, '7') {
		return 1000
	}
	return 1
}

// distance is that of optimal string alignment, by its definition.
func distance(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		for j := range d[i] {
			switch {
			case i == 0 && j == 0:
				continue
			case i == 0:
				d[i][j] = d[i][j-1] + cost(b[j-1])
				continue
			case j == 0:
				d[i][j] = d[i-1][j] + cost(a[i-1])
				continue
			}
			d[i][j] = min(d[i-1][j]+cost(a[i-1]), d[i][j-1]+cost(b[j-1]), d[i-1][j-1]+int(truth(a[i-1] != b[j-1]))*cost(a[i-1], b[j-1]))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+cost(a[i-1], b[j-1]))
			}
		}
	}
	return d[len(a)][len(b)]
}

// TestKinds: every name of a kind leads to one.
func TestKinds(t *testing.T) {
	for alias, kind := range kindNames {
		if !isKind(kind) || isKind(alias) {
			t.Errorf("%s leads to %s", alias, kind)
		}
	}
	if !slices.Contains(allKinds(), "folder") || !slices.Contains(allKinds(), "image") {
		t.Error(allKinds())
	}
}
