package search

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
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

// take1 puts one entry in, sealing first where that is due.
func (t *table) take1(e *catalog.Brief) {
	if t.full(1) {
		if err := t.seal(false); err != nil {
			panic(err)
		}
	}
	t.put(e)
}

// merge writes the table anew, as the keeper does.
func (t *table) mergeNow(ctx context.Context, to *file) error {
	if err := t.seal(false); err != nil {
		return err
	}
	m := t.newMerger(to)
	if err := m.run(ctx); err != nil {
		return err
	}
	return t.adopt(m)
}

// history changes a table and a model of it alike.
type history struct {
	table *table
	model map[ident.EntryID]catalog.Brief
	seq   int64
}

func (h *history) id(t *rapid.T) ident.EntryID {
	return ident.EntryID(rapid.IntRange(1, 40).Draw(t, "id"))
}

// step changes one entry.
func (h *history) step(t *rapid.T) {
	h.seq++
	e := catalog.Brief{
		ID: h.id(t), Parent: h.id(t) - 1, Name: names(t, "name"), Kind: rapid.SampledFrom([]vfs.Kind{vfs.File, vfs.File, vfs.Folder}).Draw(t, "kind"),
		State:    rapid.SampledFrom([]catalog.State{catalog.Present, catalog.Present, catalog.Present, catalog.Absent, catalog.Known, catalog.Excluded}).Draw(t, "state"),
		Modified: rapid.SampledFrom([]int64{0, -5, noon.UnixNano(), noon.Add(time.Hour).UnixNano(), noon.AddDate(-1, 0, 0).UnixNano()}).Draw(t, "modified"),
		Size:     rapid.Int64Range(0, 3).Draw(t, "size"), Seq: h.seq,
	}
	if old, ok := h.model[e.ID]; ok {
		switch rapid.IntRange(0, 4).Draw(t, "what") {
		case 0: // deleted for good
			h.table.remove(e.ID)
			delete(h.model, e.ID)
			return
		case 1: // as before but for one thing
			e.Name, e.State = old.Name, old.State
		case 2:
			e.Parent, e.Modified = old.Parent, old.Modified
		case 3:
			e.Name, e.Parent, e.Kind = old.Name, old.Parent, old.Kind
		}
	}
	h.table.take1(&e)
	h.model[e.ID] = e
}

// TestTableIsWhatWasPut: whatever is put, renamed, moved and removed, sealed and
// merged, also while it changes, a search finds what a look at every entry finds,
// in the documented order.
func TestTableIsWhatWasPut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := &history{table: newTable(rapid.SampledFrom([]int{1, 2, 3, 8, 64, 65}).Draw(t, "perSeg")), model: map[ident.EntryID]catalog.Brief{}}
		for range rapid.IntRange(0, 4).Draw(t, "rounds") {
			for range rapid.IntRange(0, 30).Draw(t, "steps") {
				h.step(t)
			}
			switch rapid.IntRange(0, 3).Draw(t, "then") {
			case 0:
				if err := h.table.seal(false); err != nil {
					t.Fatal(err)
				}
			case 1:
				if err := h.table.seal(false); err != nil {
					t.Fatal(err)
				}
				m := h.table.newMerger(nil)
				if err := m.run(context.Background()); err != nil {
					t.Fatal(err)
				}
				for range rapid.IntRange(0, h.table.perSeg).Draw(t, "meanwhile") {
					if h.table.full(1) {
						break
					}
					h.step(t)
				}
				if err := h.table.adopt(m); err != nil {
					t.Fatal(err)
				}
			}
			h.check(t)
		}
	})
}

// check compares the table with the model: its rows, and what it finds.
func (h *history) check(t *rapid.T) {
	checkTable(t, h.table, h.model)
	for range 4 {
		text := names(t, "query")
		in := ident.EntryID(rapid.SampledFrom([]int{0, 0, 1, 2, 3, 4}).Draw(t, "in"))
		limit := rapid.SampledFrom([]int{0, 1, 2, 5, 100}).Draw(t, "limit")
		q := parse(text, in, noon)
		got, total, err := h.table.search(context.Background(), q, limit)
		if err != nil {
			t.Fatal(err)
		}
		want := lookAtAll(h.model, q)
		if total != len(want) {
			t.Fatalf("%q in %d: %d hits, want %d", text, in, total, len(want))
		}
		if want = want[:min(limit, len(want))]; !slices.Equal(got, want) {
			t.Fatalf("%q in %d, at most %d:\n got %v\nwant %v", text, in, limit, got, want)
		}
	}
}

// checkTable compares the table's rows with the model, and what it says of itself.
func checkTable(t *rapid.T, table *table, model map[ident.EntryID]catalog.Brief) {
	want := map[ident.EntryID]catalog.Brief{}
	for id, e := range model {
		if (e.State == catalog.Present || e.State == catalog.Known) && e.Parent != 0 {
			want[id] = e
		}
		if _, ok := table.find(id); ok != (want[id].ID != 0) {
			t.Fatalf("entry %+v is found: %v", e, ok)
		}
	}
	seen := map[ident.EntryID]bool{}
	for _, s := range table.segments() {
		gone := 0
		for row, id := range s.ids {
			if s.isDead(row) {
				gone++
				continue
			}
			e, ok := want[id]
			if !ok || seen[id] {
				t.Fatalf("entry %d has a row, or two", id)
			}
			seen[id] = true
			now := catalog.Brief{ID: id, Parent: s.parentOf(row), Name: string(s.raw(row, nil)), Kind: s.kinds[row], Size: s.sizes[row], Modified: s.modified[row], State: catalog.Known, Seq: e.Seq, Happened: e.Happened}
			if s.listed(row) {
				now.State = catalog.Present
			}
			ext := ""
			if e.Kind == vfs.File {
				ext = catalog.Extension(collate.Fold(e.Name))
			}
			if now != e || string(s.name(row)) != collate.Fold(e.Name) || (s.flags[row]&flagHidden != 0) != strings.HasPrefix(e.Name, ".") || string(s.extension(int(s.ext[row]))) != ext {
				t.Fatalf("row %+v (%q, extension %q), want %+v", now, s.name(row), s.extension(int(s.ext[row])), e)
			}
		}
		if s.rows() > table.perSeg || gone != s.gone {
			t.Fatalf("a segment of %d rows, %d of them dead, which says %d", s.rows(), gone, s.gone)
		}
	}
	if len(seen) != len(want) || table.rows != len(want) {
		t.Fatalf("%d rows (it says %d), want %d", len(seen), table.rows, len(want))
	}
	for _, s := range table.sealed {
		if !s.sound() {
			t.Fatal("a segment leads outside itself")
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
		if !ok || e.State != catalog.Present && e.State != catalog.Known || e.State == catalog.Present && e.Parent == 0 {
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
		t.take1(&catalog.Brief{ID: ident.EntryID(i + 2), Parent: 1, Name: n, State: catalog.Present, Modified: noon.UnixNano()})
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

// TestRowsTakeLittleRoom: at most 60 bytes beside the name, in memory and in the
// file.
func TestRowsTakeLittleRoom(t *testing.T) {
	table, names := newTable(1<<10), 0
	for i := range 20_000 {
		name := fmt.Sprintf("%026d", i)
		names += len(name)
		table.take1(&catalog.Brief{ID: ident.EntryID(i + 2), Parent: 1, Name: name, State: catalog.Present})
	}
	if err := table.seal(false); err != nil {
		t.Fatal(err)
	}
	held := 0
	for _, s := range table.segments() {
		n, block := (&growing{segment: *s}).seal(nil)
		if int(n.Rows) != s.rows() {
			t.Fatal(n)
		}
		held += len(block)
	}
	if each := (held - names) / table.rows; each > 60 {
		t.Errorf("a row takes %d bytes beside its name", each)
	}
}

// TestMergingKeepsUp: a table whose rows are renamed again and again is found
// worn in time, and merging leaves one row an entry.
func TestMergingKeepsUp(t *testing.T) {
	table := newTable(64)
	merges := 0
	for round := range 5 {
		for id := 2; id < 300; id++ {
			table.take1(&catalog.Brief{ID: ident.EntryID(id), Parent: 1, Name: fmt.Sprintf("file %d of round %d", id, round), State: catalog.Present})
			if table.worn() {
				merges++
				if err := table.mergeNow(t.Context(), nil); err != nil {
					t.Fatal(err)
				}
				if len(table.sealed) > 5 || table.worn() {
					t.Fatalf("after merging, %d rows stand in %d segments", table.rows, len(table.sealed))
				}
			}
		}
		if hits, total, err := table.search(t.Context(), parse(fmt.Sprint("round ", round), 0, noon), 10); err != nil || total != 298 || len(hits) != 10 {
			t.Fatalf("round %d: %d hits, %v", round, total, err)
		}
	}
	if merges < 3 {
		t.Errorf("merged %d times", merges)
	}
}
