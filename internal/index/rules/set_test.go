package rules

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/vfs"
)

// compile numbers rules and makes them a set.
func compile(t interface {
	Helper()
	Fatal(...any)
}, list ...Rule) *Set {
	t.Helper()
	for i := range list {
		list[i].ID = i + 1
	}
	s, err := Compile(list)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// decide asks about a path; one that ends in "/" is a folder.
func decide(s *Set, path string, size int64, ignore *Ignore) Decision {
	if folder, ok := strings.CutSuffix(path, "/"); ok {
		return s.Decide(folder, vfs.Folder, size, ignore)
	}
	return s.Decide(path, vfs.File, size, ignore)
}

func TestTheLastRuleDecides(t *testing.T) {
	s := compile(t,
		Rule{Kind: Preset, Value: "developer"},             // 1
		Rule{Kind: Pattern, Value: "*.iso"},                // 2
		Rule{Kind: Larger, Value: "1MB"},                   // 3
		Rule{Kind: Pattern, Value: "*.mp4", Include: true}, // 4
		Rule{Kind: Gitignore},                              // 5
		Rule{Kind: Smaller, Value: "10B"},                  // 6
		Rule{Kind: Pattern, Value: "keep*", Include: true}, // 7
	)
	ignore := ParseIgnore(nil, "", []byte("# what we build\n*.o\n!lib.o\n/out/\n"))
	ignore = ParseIgnore(ignore, "src", []byte("!x.o\nlib.o\n!node_modules/\n"))
	for _, c := range []struct {
		path string
		size int64
		want string // rule, pattern and line that decide, "+" if they include
	}{
		{"a.txt", 100, ""},
		{"a.txt", 1_000_001, "3"},
		{"a.txt", 1_000_000, ""},
		{"a.txt", 9, "6"},
		{"keep.txt", 9, "7 keep* +"},
		{"a.iso", 100, "2 *.iso"},
		{"film.mp4", 5e9, "4 *.mp4 +"},
		{"film.mp4", 5, "6"},
		{"node_modules/", 0, "1 node_modules/"},
		{"node_modules", 100, ""},
		{"web/node_modules/", 0, "1 node_modules/"},
		{"src/node_modules/", 0, "5 !node_modules/ src/.gitignore:3 +"},
		{"keep/node_modules/", 0, "1 node_modules/"},
		{"a.o", 100, "5 *.o .gitignore:2"},
		{"lib.o", 100, "5 !lib.o .gitignore:3 +"},
		{"src/lib.o", 100, "5 lib.o src/.gitignore:2"},
		{"src/x.o", 100, "5 !x.o src/.gitignore:1 +"},
		{"src/x.o", 2e6, "5 !x.o src/.gitignore:1 +"},
		{"out/", 0, "5 /out/ .gitignore:4"},
		{"src/out/", 0, ""},
		{"keep.o", 100, "7 keep* +"},
	} {
		d := decide(s, c.path, c.size, ignore)
		if got := text(d); got != c.want {
			t.Errorf("%s, %d bytes: %q, want %q", c.path, c.size, got, c.want)
		}
	}
}

func text(d Decision) string {
	if d.Rule == nil {
		if d != (Decision{}) {
			return fmt.Sprintf("no rule, but %+v", d)
		}
		return ""
	}
	s := fmt.Sprintf("%d %s", d.Rule.ID, d.Pattern)
	if d.File != "" {
		s += fmt.Sprintf(" %s:%d", d.File, d.Line)
	}
	if !d.Excluded {
		s += " +"
	}
	return strings.TrimSpace(s)
}

// Size limits are for files: folders, links and what could not be examined have
// no size worth the name. Patterns that end in "/" are for folders only.
func TestKindsOfEntries(t *testing.T) {
	s := compile(t, Rule{Kind: Larger, Value: "1"}, Rule{Kind: Smaller, Value: "1PB"}, Rule{Kind: Pattern, Value: "x/"})
	for kind := vfs.Unknown; kind <= vfs.BlockDevice; kind++ {
		if got := s.Decide("a", kind, 5, nil).Excluded; got != (kind == vfs.File) {
			t.Errorf("a limit excludes a %s: %v", kind, got)
		}
	}
	s = compile(t, Rule{Kind: Pattern, Value: "x/"})
	for kind := vfs.Unknown; kind <= vfs.BlockDevice; kind++ {
		if got := s.Decide("a/x", kind, 5, nil).Excluded; got != (kind == vfs.Folder) {
			t.Errorf("x/ excludes a %s: %v", kind, got)
		}
	}
}

func TestNoRules(t *testing.T) {
	var none *Set
	for _, s := range []*Set{none, {}, compile(t)} {
		if !s.Empty() || s.Gitignore() || s.Hash() != [16]byte{} || decide(s, "a", 0, nil) != (Decision{}) {
			t.Errorf("%+v", s)
		}
	}
	s := compile(t, Rule{Kind: Pattern, Value: "**"}, Rule{Kind: Gitignore})
	if s.Empty() || !s.Gitignore() || !decide(s, "a", 0, nil).Excluded {
		t.Errorf("%+v", s)
	}
	if s.Decide("", vfs.Folder, 0, nil).Excluded {
		t.Error("the root is excluded")
	}
}

func randomRule() *rapid.Generator[Rule] {
	return rapid.Custom(func(t *rapid.T) Rule {
		include := rapid.Bool().Draw(t, "include")
		switch kind := rapid.SampledFrom(append(Kinds(), Pattern, Pattern, Pattern)).Draw(t, "kind"); kind {
		case Pattern:
			atoms := rapid.SliceOfN(rapid.SampledFrom(patternAtoms()), 1, 4).Draw(t, "atoms")
			if r, err := New(Pattern, strings.Join(atoms, ""), include); err == nil {
				return r
			}
			return Rule{Kind: Pattern, Value: "a", Include: include}
		case Preset:
			return Rule{Kind: kind, Value: rapid.SampledFrom(presetNames()).Draw(t, "preset"), Include: include}
		case Gitignore:
			return Rule{Kind: kind}
		default:
			return Rule{Kind: kind, Value: rapid.SampledFrom([]string{"1B", "10B", "1kB"}).Draw(t, "size"), Include: include}
		}
	})
}

func randomPath() *rapid.Generator[string] {
	names := append(nameAtoms(), "a.o", "node_modules", ".cache", ".git", "Thumbs.db", "aab", "a b")
	return rapid.Custom(func(t *rapid.T) string {
		path := strings.Join(rapid.SliceOfN(rapid.SampledFrom(names), 1, 4).Draw(t, "path"), "/")
		return path + rapid.SampledFrom([]string{"", "/"}).Draw(t, "kind")
	})
}

// A set decides as its rules do when each is asked alone, the last first.
func TestASetIsItsRulesInTurn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(randomRule(), 1, 8).Draw(t, "rules")
		set := compile(t, list...)
		ignore := ParseIgnore(nil, "", []byte("a\n!b\n*.o\n"))
		for range 10 {
			path := randomPath().Draw(t, "path")
			size := rapid.Int64Range(0, 2000).Draw(t, "size")
			var want Decision
			for i := len(list) - 1; i >= 0 && want.Rule == nil; i-- {
				one, err := Compile(list[i : i+1])
				if err != nil {
					t.Fatal(err)
				}
				want = decide(one, path, size, ignore)
			}
			if got := decide(set, path, size, ignore); text(got) != text(want) || got.Excluded != want.Excluded {
				t.Fatalf("%q, %d: %q, want %q", path, size, text(got), text(want))
			}
		}
	})
}

// A17: signs of SQL and of other languages in names are letters like others.
func TestA17NamesMatchLiterally(t *testing.T) {
	escape := strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, " ", `\ `)
	atoms := rapid.SampledFrom([]string{"%", "_", `"`, "'", "*", "?", "[", "]", "{", "}", "!", "#", "^", "$", "+", "(", ")", "|", `\`, " ", "a", "b", ".", "-", ":", "~", "é"})
	name := rapid.Custom(func(t *rapid.T) string {
		return "n" + strings.Join(rapid.SliceOfN(atoms, 0, 5).Draw(t, "name"), "")
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := name.Draw(t, "a"), name.Draw(t, "b")
		anywhere := compile(t, Rule{Kind: Pattern, Value: escape.Replace(a)})
		atRoot := compile(t, Rule{Kind: Pattern, Value: "/" + escape.Replace(a)})
		for path, want := range map[string][2]bool{a: {true, true}, "n/" + a: {true, false}, b: {a == b, a == b}, a + "x": {false, false}} {
			got := [2]bool{decide(anywhere, path, 0, nil).Excluded, decide(atRoot, path, 0, nil).Excluded}
			if got != want {
				t.Fatalf("%q excludes %q: %v, want %v", a, path, got, want)
			}
		}
	})
}

// The hash stands for what a set does, not for how it was written.
func TestSetHash(t *testing.T) {
	hash := func(list ...Rule) [16]byte { return compile(t, list...).Hash() }
	base := []Rule{{Kind: Preset, Value: "caches"}, {Kind: Larger, Value: "1MB"}, {Kind: Pattern, Value: "a"}}
	want := hash(base...)
	if hash(base...) != want || hash(base[0], Rule{Kind: Larger, Value: "1000 kB"}, base[2]) != want {
		t.Error("the hash of the same rules differs")
	}
	renumbered, err := Compile([]Rule{{ID: 7, Kind: Preset, Value: "caches"}, {ID: 3, Kind: Larger, Value: "1MB"}, {ID: 9, Kind: Pattern, Value: "a"}})
	if err != nil || renumbered.Hash() != want {
		t.Error("the numbers of rules change the hash", err)
	}
	for i, other := range [][]Rule{
		{base[1], base[0], base[2]}, {base[0], base[1]}, {base[0], base[1], base[2], {Kind: Gitignore}},
		{base[0], {Kind: Smaller, Value: "1MB"}, base[2]}, {base[0], {Kind: Larger, Value: "2MB"}, base[2]},
		{base[0], {Kind: Larger, Value: "1MB", Include: true}, base[2]}, {base[0], base[1], {Kind: Pattern, Value: "a", Include: true}},
		{base[0], base[1], {Kind: Pattern, Value: "a/"}}, {{Kind: Preset, Value: "git"}, base[1], base[2]}, nil,
	} {
		if hash(other...) == want {
			t.Errorf("other rules %d have the same hash", i)
		}
	}
	// Stored with each folder: a change of the format would re-evaluate everything.
	if got := fmt.Sprintf("%x", hash(Rule{Kind: Pattern, Value: "a"}, Rule{Kind: Larger, Value: "1kB"}, Rule{Kind: Gitignore})); got != goldenHash {
		t.Errorf("the hash changed: %s", got)
	}
}

const goldenHash = "85bf819391d2499052e3ebbe71a2187a"

func TestDecideAllocatesNothing(t *testing.T) {
	s := compile(t, Rule{Kind: Preset, Value: "developer"}, Rule{Kind: Preset, Value: "caches"}, Rule{Kind: Larger, Value: "1GB"}, Rule{Kind: Gitignore}, Rule{Kind: Pattern, Value: "**/x*/[a-f]?.jpg"})
	ignore := ParseIgnore(ParseIgnore(nil, "", []byte("*.o\n/a/*/c")), "a", []byte("b/c/*d\n"))
	if n := testing.AllocsPerRun(100, func() {
		s.Decide("a/b/c/d.jpg", vfs.File, 2e9, ignore)
		s.Decide("a/b/x/e1.jpg", vfs.File, 5, ignore)
		s.Decide("a/node_modules", vfs.Folder, 0, ignore)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
