package treegen

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestSameSeedSameTree: whatever the number of workers and whether on disk or not.
func TestSameSeedSameTree(t *testing.T) {
	for _, n := range []int{1, 7, 100, 3000} {
		plan := Plan(Options{Entries: n, Seed: 42, Workers: 1})
		if plan.Entries != int64(n) {
			t.Errorf("%d entries planned, want %d", plan.Entries, n)
		}
		dir := t.TempDir()
		wrote, err := Write(dir, Options{Entries: n, Seed: 42, Workers: 4})
		if err != nil {
			t.Fatal(err)
		}
		if wrote != plan {
			t.Errorf("written %+v\nplanned %+v", wrote, plan)
		}
		found, err := Scan(dir)
		if err != nil {
			t.Fatal(err)
		}
		if !found.Matches(plan) || found.Files != plan.Files || found.Bytes != plan.Bytes {
			t.Errorf("on disk %+v\nplanned %+v", found, plan)
		}
	}
}

func TestOtherSeedOtherTree(t *testing.T) {
	a, b := Plan(Options{Entries: 500, Seed: 1}), Plan(Options{Entries: 500, Seed: 2})
	if a.Matches(b) {
		t.Error("two seeds, one tree")
	}
}

// TestGolden fails when the same options give another tree: raise Version then.
func TestGolden(t *testing.T) {
	const want = "5d5cd28ad7e67c1102d24f3ada1720ea"
	if m := Plan(Options{Entries: 2000, Seed: 1}); m.Hash != want || Version != 1 {
		t.Errorf("hash %s of version %d, want %s of version 1", m.Hash, Version, want)
	}
}

// TestShape holds what the measurements rely on: size, depth and variety.
func TestShape(t *testing.T) {
	const n = 200_000
	var entries, nonASCII, depth, bytes int
	longest := 0
	large := 0
	var walk func(d dir)
	walk = func(d dir) {
		here, subs := expand(1, d)
		budget := len(here)
		for _, s := range subs {
			budget += s.budget
		}
		if budget != d.budget {
			t.Fatalf("%q: %d entries, budget %d", d.path, budget, d.budget)
		}
		depth = max(depth, d.depth)
		entries += len(here)
		if len(here) >= 10_000 || d.theme == "flat" && len(here) >= n/100 {
			large++
		}
		for _, e := range here {
			if !utf8.ValidString(e.name) || strings.ContainsAny(e.name, "/\x00\n") || e.name == "" || len(e.name) > 200 {
				t.Fatalf("name %q", e.name)
			}
			for _, c := range e.name {
				if c > 127 {
					nonASCII++
					break
				}
			}
			bytes += len(e.name)
			longest = max(longest, len(d.path)+1+len(e.name))
		}
		for _, s := range subs {
			walk(s)
		}
	}
	walk(dir{theme: "root", budget: n, key: 1})
	if entries != n || large < 3 || depth < 30 || longest > 3000 || nonASCII < n/10 {
		t.Errorf("%d entries, %d large folders, depth %d, longest path %d, %d names with letters beyond ASCII", entries, large, depth, longest, nonASCII)
	}
	if mean := bytes / n; mean < 12 || mean > 32 {
		t.Errorf("mean length of a name: %d bytes", mean)
	}
}

func TestWords(t *testing.T) {
	for _, letters := range []int{5, 8} {
		if n := len(Words(letters)); n < 20 {
			t.Errorf("only %d words of %d letters", n, letters)
		}
	}
}
