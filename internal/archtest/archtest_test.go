package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

// TestHouse holds every package of the module on its floor.
func TestHouse(t *testing.T) {
	abs, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	_, packages, files, err := Load(abs)
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) < 5 {
		t.Fatalf("found only %d packages: is the loader broken?", len(packages))
	}
	for _, v := range Check(packages, House()) {
		t.Error(v)
	}
	for _, f := range files {
		for _, v := range CheckFile(f, Bans()) {
			t.Error(v)
		}
	}
}

// TestWebHTML keeps raw HTML out of the user interface (E14).
func TestWebHTML(t *testing.T) {
	src := filepath.Join(root, "web", "src")
	if _, err := os.Stat(src); err != nil {
		t.Skip("no web UI yet")
	}
	err := filepath.WalkDir(src, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(".ts.tsx.js.jsx.html", filepath.Ext(p)) {
			return err
		}
		b, err := os.ReadFile(p)
		for _, v := range CheckWeb(p, string(b)) {
			t.Error(v)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTable holds the table itself: every rule names a room, with its reason.
func TestTable(t *testing.T) {
	house := House()
	seen := map[string]bool{}
	for _, f := range house.Floors {
		for _, r := range f.Rooms {
			if seen[r] {
				t.Errorf("%s stands on two floors", r)
			}
			seen[r] = true
		}
	}
	for _, f := range house.Floors {
		for _, s := range f.Sees {
			ok := seen[s]
			for _, g := range house.Floors {
				ok = ok || g.Name == s
			}
			if !ok {
				t.Errorf("floor %s sees %s, which is neither floor nor room", f.Name, s)
			}
		}
	}
	for _, s := range house.Siblings {
		if s.Why == "" || house.place(s.From).floor != house.place(s.To).floor || !seen[s.From] || !seen[s.To] {
			t.Errorf("sibling %s -> %s: needs two rooms of one floor and a reason", s.From, s.To)
		}
	}
	for _, r := range append(house.TestOnly, house.NoTests...) {
		if r.Why == "" || house.place(r.Room).floor < 0 {
			t.Errorf("rule for %s: needs a known room and a reason", r.Room)
		}
	}
}
