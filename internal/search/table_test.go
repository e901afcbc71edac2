package search

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

var noon = time.Date(2026, 7, 1, 12, 30, 0, 0, time.UTC)

// pieces make names and queries that often meet each other.
var pieces = []string{
	"a", "b", "ab", "A", "é", "e\u0301", "ß", "ss", "中", "ש", "🙂", "1", ".", "-", "_", " ", "'", "\"", "(", "%", "*", "\\", "\n", "\u202e", "\xff", "\ufffd", "\u00a0",
}

func names(t *rapid.T, label string) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 8).Draw(t, label), "")
}

// TestTableIsWhatWasPut: whatever is put, renamed, moved and removed, a search
// finds what a look at every entry finds, in the documented order.
func TestTableIsWhatWasPut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := newTable(rapid.SampledFrom([]int{1, 2, 3, 8}).Draw(t, "perSeg"))
		model := map[ident.EntryID]catalog.Brief{}
		id := func() ident.EntryID { return ident.EntryID(rapid.IntRange(1, 40).Draw(t, "id")) }
		for range rapid.IntRange(0, 80).Draw(t, "steps") {
			e := catalog.Brief{
				ID: id(), Parent: id() - 1, Name: names(t, "name"), Kind: vfs.File,
				State:    rapid.SampledFrom([]catalog.State{catalog.Present, catalog.Present, catalog.Present, catalog.Absent, catalog.Known}).Draw(t, "state"),
				Modified: rapid.SampledFrom([]int64{0, -5, noon.UnixNano(), noon.Add(time.Hour).UnixNano(), noon.AddDate(-1, 0, 0).UnixNano()}).Draw(t, "modified"),
			}
			if old, ok := model[e.ID]; ok {
				switch rapid.IntRange(0, 3).Draw(t, "what") {
				case 0: // deleted for good
					table.remove(e.ID)
					delete(model, e.ID)
					continue
				case 1: // as before but for one thing
					e.Name, e.State = old.Name, old.State
				case 2:
					e.Parent, e.Modified = old.Parent, old.Modified
				}
			}
			table.put(&e)
			model[e.ID] = e
		}
		checkTable(t, table, model)
		for range 4 {
			text := names(t, "query")
			in := ident.EntryID(rapid.SampledFrom([]int{0, 0, 1, 2, 3, 4}).Draw(t, "in"))
			limit := rapid.SampledFrom([]int{0, 1, 2, 5, 100}).Draw(t, "limit")
			q := parse(text, in, noon)
			got, total, err := table.search(context.Background(), q, limit)
			if err != nil {
				t.Fatal(err)
			}
			want := lookAtAll(model, q)
			if total != len(want) {
				t.Fatalf("%q in %d: %d hits, want %d", text, in, total, len(want))
			}
			if want = want[:min(limit, len(want))]; !slices.Equal(got, want) {
				t.Fatalf("%q in %d, at most %d:\n got %v\nwant %v", text, in, limit, got, want)
			}
		}
	})
}

// checkTable compares the table's rows with the model, and what it says of itself.
func checkTable(t *rapid.T, table *table, model map[ident.EntryID]catalog.Brief) {
	want := map[ident.EntryID]string{}
	for id, e := range model {
		if e.State == catalog.Present && e.Parent != 0 {
			want[id] = collate.Fold(e.Name)
		}
		if p, ok := table.find(id); ok != (want[id] != "") || ok && (string(p.seg.name(p.row)) != want[id] || p.seg.parents[p.row] != e.Parent) {
			t.Fatalf("entry %+v is found: %v", e, ok)
		}
	}
	got, dead := map[ident.EntryID]string{}, 0
	for _, s := range table.segments() {
		for row, id := range s.ids {
			if s.dead[row] {
				dead++
			} else if _, twice := got[id]; twice {
				t.Fatalf("entry %d has two rows", id)
			} else {
				got[id] = string(s.name(row))
			}
		}
		if len(s.ids) > table.perSeg {
			t.Fatalf("a segment of %d rows", len(s.ids))
		}
	}
	if !maps.Equal(got, want) || table.rows != len(want) || table.dead != dead {
		t.Fatalf("rows %v (%d, %d dead), want %v (%d dead)", got, table.rows, table.dead, want, dead)
	}
	if dead+len(table.patched) > table.rows/4+table.perSeg {
		t.Fatalf("%d dead and %d patched rows were not cleared away", dead, len(table.patched))
	}
	for i, last := 0, ident.EntryID(0); i < len(table.main); i++ {
		for _, id := range table.main[i].ids {
			if id <= last {
				t.Fatalf("main rows are not in the order of ids: %d after %d", id, last)
			}
			last = id
		}
	}
}

// lookAtAll is the search as it is meant: slow and plain.
func lookAtAll(model map[ident.EntryID]catalog.Brief, q query) []hit {
	var hits []hit
	for id, e := range model {
		if e.State != catalog.Present || e.Parent == 0 || len(q.words) == 0 || !isBelow(model, e.Parent, q.in) {
			continue
		}
		name := []byte(collate.Fold(e.Name))
		if slices.ContainsFunc(q.words, func(w []byte) bool { return !bytes.Contains(name, w) }) {
			continue
		}
		m := fits(string(name), q)
		hits = append(hits, hit{id, m, score(m, q.worth(len(name), e.Modified))})
	}
	slices.SortFunc(hits, func(a, b hit) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.id, b.id)) })
	return hits
}

func isBelow(model map[ident.EntryID]catalog.Brief, folder, in ident.EntryID) bool {
	if in == 0 {
		return true
	}
	for range len(model) + 1 {
		if folder == in {
			return true
		}
		e, ok := model[folder]
		if !ok || e.State == catalog.Absent || e.State == catalog.Present && e.Parent == 0 {
			return false
		}
		folder = e.Parent
	}
	return false
}

func fits(name string, q query) Match {
	whole := string(q.whole)
	if ext, ok := strings.CutPrefix(name, whole+"."); name == whole || ok && !strings.Contains(ext, ".") {
		return Exact
	}
	if strings.HasPrefix(name, whole) {
		return Prefix
	}
	for _, w := range q.words {
		starts := false
		for i := range len(name) {
			before, _ := utf8.DecodeLastRuneInString(name[:i])
			if strings.HasPrefix(name[i:], string(w)) && (i == 0 || !unicode.IsLetter(before) && !unicode.IsDigit(before)) {
				starts = true
			}
		}
		if !starts {
			return Inside
		}
	}
	return WordStart
}

func fill(names ...string) *table {
	t := newTable(2)
	for i, n := range names {
		t.put(&catalog.Brief{ID: ident.EntryID(i + 2), Parent: 1, Name: n, State: catalog.Present, Modified: noon.UnixNano()})
	}
	return t
}

// find returns the names of what a query finds, best first.
func find(t *testing.T, table *table, names []string, query string) []string {
	t.Helper()
	hits, total, err := table.search(t.Context(), parse(query, 0, noon), 1000)
	if err != nil || total != len(hits) {
		t.Fatalf("%q: %d hits of %d, %v", query, len(hits), total, err)
	}
	var found []string
	for _, h := range hits {
		found = append(found, names[h.id-2])
	}
	return found
}

// TestCompactionKeepsLookingUp: rows are found while and after many of them were
// renamed, which is when rows wander from segment to segment.
func TestCompactionKeepsLookingUp(t *testing.T) {
	table := newTable(16)
	name := func(id, round int) string { return fmt.Sprintf("file %d of round %d", id, round) }
	for round := range 5 {
		for id := 2; id < 300; id++ {
			table.put(&catalog.Brief{ID: ident.EntryID(id), Parent: 1, Name: name(id, round), State: catalog.Present})
		}
		if len(table.patched)+table.dead > table.rows/4+table.perSeg {
			t.Errorf("round %d: %d patched and %d dead rows of %d", round, len(table.patched), table.dead, table.rows)
		}
		hits, total, err := table.search(t.Context(), parse("round", 0, noon), 10)
		if err != nil || total != 298 || len(hits) != 10 {
			t.Fatalf("round %d: %d hits, %v", round, total, err)
		}
		for id := 2; id < 300; id++ {
			if p, ok := table.find(ident.EntryID(id)); !ok || string(p.seg.name(p.row)) != name(id, round) {
				t.Fatalf("round %d: entry %d is lost", round, id)
			}
		}
	}
}

// TestRowsTakeLittleMemory: at most 60 bytes beside the name.
func TestRowsTakeLittleMemory(t *testing.T) {
	table, names := newTable(1<<10), 0
	for i := range 20_000 {
		name := fmt.Sprintf("%026d", i)
		names += len(name)
		table.put(&catalog.Brief{ID: ident.EntryID(i + 2), Parent: 1, Name: name, State: catalog.Present})
	}
	held := 0
	for _, s := range table.segments() {
		held += 8*(cap(s.ids)+cap(s.parents)+cap(s.sizes)+cap(s.modified)+cap(s.signs)) + 4*cap(s.ends) + cap(s.kinds) + cap(s.dead) + cap(s.hidden) + cap(s.names)
	}
	if each := (held - names) / table.rows; each > 60 {
		t.Errorf("a row takes %d bytes beside its name", each)
	}
}
