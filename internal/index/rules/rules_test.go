package rules

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/errs"
)

func TestNew(t *testing.T) {
	for _, c := range []struct {
		kind    Kind
		value   string
		include bool
		want    string // value; "!" in front if it includes
	}{
		{Pattern, "*.tmp", false, "*.tmp"},
		{Pattern, "*.tmp", true, "!*.tmp"},
		{Pattern, "!*.tmp", false, "!*.tmp"},
		{Pattern, "!*.tmp", true, "!*.tmp"},
		{Pattern, "!!a", false, `!\!a`},
		{Pattern, `\!a`, false, `\!a`},
		{Pattern, "#recycle/", false, `\#recycle/`},
		{Pattern, "!#recycle", false, `!\#recycle`},
		{Pattern, "a b  ", false, "a b"},
		{Pattern, `a\  `, false, `a\ `},
		{Pattern, "50%_off", false, "50%_off"},
		{Pattern, "/a/**/b/", false, "/a/**/b/"},
		{Pattern, "...", false, "..."},
		{Preset, "developer", false, "developer"},
		{Preset, "developer", true, "!developer"},
		{Larger, "100MB", false, "100MB"},
		{Larger, " 100 mb ", false, "100MB"},
		{Larger, "1.5gib", true, "!1.5GiB"},
		{Larger, "0", false, "0B"},
		{Smaller, "1", false, "1B"},
		{Smaller, "4K", false, "4kB"},
		{Smaller, "4KiB", false, "4KiB"},
		{Gitignore, "", false, ""},
	} {
		r, err := New(c.kind, c.value, c.include)
		got := r.Value
		if r.Include {
			got = "!" + got
		}
		if err != nil || got != c.want || r.Kind != c.kind || r.ID != 0 {
			t.Errorf("New(%s, %q, %v) = %+v, %v; want %q", c.kind, c.value, c.include, r, err, c.want)
		}
		if again, err := New(r.Kind, r.Value, r.Include); err != nil || again != r {
			t.Errorf("%+v: made again it is %+v, %v", r, again, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct {
		kind    Kind
		value   string
		include bool
	}{
		{"", "a", false}, {"Pattern", "a", false}, {"colour", "red", false},
		{Pattern, "", false}, {Pattern, "  ", false}, {Pattern, "!", false}, {Pattern, "/", false}, {Pattern, "//", false},
		{Pattern, "a\nb", false}, {Pattern, "a\x00", false}, {Pattern, "a\xff", false},
		{Pattern, "[a", false}, {Pattern, `a\`, false}, {Pattern, "[[:colour:]]", false},
		{Pattern, "./a", false}, {Pattern, "../a", false}, {Pattern, "a/../b", false}, {Pattern, "a//b", false}, {Pattern, "./*", false}, {Pattern, "..", false},
		{Pattern, strings.Repeat("a", 4097), false},
		{Preset, "", false}, {Preset, "Developer", false},
		{Larger, "", false}, {Larger, "MB", false}, {Larger, "-1MB", false}, {Larger, "1e3", false}, {Larger, "1,5GB", false}, {Larger, "1/2GB", false},
		{Larger, ".5GB", false}, {Larger, "5.GB", false}, {Larger, "1.2.3GB", false}, {Larger, "1XB", false}, {Larger, "0x10", false}, {Larger, "1_000", false},
		{Larger, "9223372036854775808", false}, {Larger, "10000PB", false}, {Larger, "99999999999999999999999", false}, {Larger, "1 0 MB", false},
		{Smaller, "0", false}, {Smaller, "0.4B", false},
		{Gitignore, "a", false}, {Gitignore, "", true},
	} {
		_, err := New(c.kind, c.value, c.include)
		if !errs.Is(err, errs.Invalid) || errs.RemedyOf(err) == "" {
			t.Errorf("New(%q, %q, %v): %v (%q), want errs.Invalid and a remedy", c.kind, c.value, c.include, err, errs.RemedyOf(err))
		}
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "17": 17, "17B": 17, "1kB": 1000, "1KB": 1000, "1KiB": 1024, "1.5MB": 1_500_000, "0.1GiB": 107374182, "2TB": 2e12, "1TiB": 1 << 40,
		"3PB": 3e15, "8PiB": 8 << 50, "9223372036854775807": 1<<63 - 1, "1.9B": 1, "0.000000000000001PB": 1,
	} {
		if n, _, err := parseSize(text); err != nil || n != want {
			t.Errorf("%q is %d bytes, %v; want %d", text, n, err, want)
		}
	}
}

func TestWords(t *testing.T) {
	for want, r := range map[string]Rule{
		`exclude what matches "*.tmp"`:                                {Kind: Pattern, Value: "*.tmp"},
		`include what matches "\u202e.txt"`:                           {Kind: Pattern, Value: "\u202e.txt", Include: true},
		`exclude the folders in which git keeps history (preset git)`: {Kind: Preset, Value: "git"},
		`exclude files larger than 100MB`:                             {Kind: Larger, Value: "100MB"},
		`include files smaller than 1kB`:                              {Kind: Smaller, Value: "1kB", Include: true},
		`honour .gitignore files`:                                     {Kind: Gitignore},
	} {
		if got := r.Words(); got != want {
			t.Errorf("%+v: %s, want %s", r, got, want)
		}
	}
}

// Ids stay with their rules and are never used twice, through any changes and
// through storage.
func TestIDsAreNeverReused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l List
		used := map[int]Rule{}
		var order []int
		for n := range rapid.IntRange(1, 30).Draw(t, "changes") {
			before := l
			if len(order) > 0 && rapid.Bool().Draw(t, "remove") {
				at := rapid.IntRange(0, len(order)-1).Draw(t, "which")
				var err error
				if l, err = l.Remove(order[at]); err != nil {
					t.Fatal(err)
				}
				order = append(append([]int{}, order[:at]...), order[at+1:]...)
			} else {
				at, id := len(order), 0
				if len(order) > 0 && rapid.Bool().Draw(t, "insert") {
					at = rapid.IntRange(0, len(order)-1).Draw(t, "before")
					id = order[at]
				}
				var r Rule
				var err error
				l, r, err = l.Add(Rule{Kind: Pattern, Value: strings.Repeat("a", n+1)}, id)
				if _, again := used[r.ID]; err != nil || again || r.ID <= 0 {
					t.Fatalf("added %+v, %v", r, err)
				}
				used[r.ID] = r
				order = append(append(append([]int{}, order[:at]...), r.ID), order[at:]...)
			}
			if len(before.Rules) == len(l.Rules) {
				t.Fatal("a change changed the list it was called on")
			}
			var stored List
			if b, err := json.Marshal(l); err != nil || json.Unmarshal(b, &stored) != nil {
				t.Fatal(err)
			}
			l = stored
			for i, r := range l.Rules {
				if r.ID != order[i] || r != used[r.ID] {
					t.Fatalf("the list is %+v, want %v of %v", l.Rules, order, used)
				}
			}
			if _, err := Compile(l.Rules); err != nil || len(l.Rules) != len(order) {
				t.Fatal(l, err)
			}
		}
	})
}

func TestListRefuses(t *testing.T) {
	var l List
	l, first, err := l.Add(Rule{Kind: Preset, Value: "caches"}, 0)
	if err != nil || first.ID != 1 {
		t.Fatal(first, err)
	}
	check := func(what string, err error, kind errs.Kind) {
		t.Helper()
		if !errs.Is(err, kind) || errs.RemedyOf(err) == "" {
			t.Errorf("%s: %v (%q), want %s and a remedy", what, err, errs.RemedyOf(err), kind)
		}
	}
	_, _, err = l.Add(Rule{Kind: Preset, Value: "caches"}, 0)
	check("the same again", err, errs.Conflict)
	_, _, err = l.Add(Rule{Kind: Preset, Value: "git"}, 7)
	check("before a rule that is not there", err, errs.NotFound)
	_, _, err = l.Add(Rule{Kind: Preset, Value: "gits"}, 0)
	check("no valid rule", err, errs.Invalid)
	_, err = l.Remove(7)
	check("no such rule", err, errs.NotFound)
	if _, _, err = l.Add(Rule{Kind: Preset, Value: "caches", Include: true}, 0); err != nil {
		t.Error(err)
	}
	full := List{Rules: make([]Rule, MaxRules)}
	_, _, err = full.Add(first, 0)
	check("a full list", err, errs.Invalid)
}

func TestCompileRefuses(t *testing.T) {
	for _, list := range [][]Rule{
		{{ID: 0, Kind: Gitignore}},
		{{ID: -1, Kind: Gitignore}},
		{{ID: 1, Kind: Gitignore}, {ID: 1, Kind: Preset, Value: "git"}},
		{{ID: 1, Kind: Preset, Value: "of a later release"}},
		{{ID: 1, Kind: Larger, Value: "1 apple"}},
		{{ID: 1, Kind: Pattern, Value: "["}},
	} {
		_, err := Compile(list)
		if !errs.Is(err, errs.Invalid) || errs.RemedyOf(err) == "" || !strings.Contains(err.Error(), "rule ") {
			t.Errorf("%+v: %v (%q)", list, err, errs.RemedyOf(err))
		}
	}
}

// Presets match what they say, and nothing people make.
func TestPresets(t *testing.T) {
	in := map[string][]string{
		"system": {"lost+found/", "a/$RECYCLE.BIN/", "System Volume Information/", ".DS_Store", "a/b/Thumbs.db", "desktop.ini", ".fseventsd/", ".Spotlight-V100/",
			".Trash-1000/", "home/.local/share/Trash/", "#recycle/", "Icon\r", "._photo.jpg", "Home.sdlibrary/", "pagefile.sys"},
		"caches": {".cache/", "me/.cache/", "Library/Caches/", "Users/me/Library/Caches/", "AppData/Local/Temp/", "u/AppData/Local/Google/Chrome/User Data/Default/Cache/",
			".thumbnails/", "x/Service Worker/CacheStorage/"},
		"developer": {"node_modules/", "a/b/node_modules/", "__pycache__/", "x.pyc", ".venv/", ".gradle/", ".tox/", "me/go/pkg/mod/", ".cargo/registry/"},
		"git":       {".git/", "a/.git/", "worktree/.git"},
		"hidden":    {".a", "b/.c/", ".gitignore"},
	}
	never := []string{"Photos/", "IMG_0001.jpg", "Documents/target/", "build/", "dist/", "vendor/", "env/", "cache/", "Trash/", "tmp/", "Library/", "Temp/", "bin/", "Icon", "Pods/", "a.tmp",
		"pagefile/", "backup/pagefile.sys", "Desktop.ini.txt", "packages/", "Downloads/Cache/", "go/pkg/", "recycle/", "found.000/"}
	for _, p := range Presets() {
		set := compile(t, Rule{Kind: Preset, Value: p.Name})
		if p.Words == "" || in[p.Name] == nil {
			t.Errorf("preset %s has no words or no test", p.Name)
		}
		for _, text := range p.Patterns {
			if _, err := New(Pattern, text, false); err != nil || strings.HasPrefix(text, "!") {
				t.Errorf("preset %s: pattern %q: %v", p.Name, text, err)
			}
		}
		for _, path := range in[p.Name] {
			if d := decide(set, path, 0, nil); !d.Excluded || d.Pattern == "" {
				t.Errorf("preset %s lets %q pass", p.Name, path)
			}
		}
		for _, path := range never {
			if d := decide(set, path, 0, nil); d.Excluded {
				t.Errorf("preset %s excludes %q by %q", p.Name, path, d.Pattern)
			}
		}
	}
}
