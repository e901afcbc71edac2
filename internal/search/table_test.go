package search

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/filekind"
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
	id := h.id(t)
	e := catalog.Brief{
		ID: id, Parent: (min(id, h.id(t)) - 1) &^ 1, Name: names(t, "name"), Kind: rapid.SampledFrom([]vfs.Kind{vfs.File, vfs.File, vfs.Symlink}).Draw(t, "kind"),
		State:    rapid.SampledFrom([]catalog.State{catalog.Present, catalog.Present, catalog.Present, catalog.Absent, catalog.Known, catalog.Excluded}).Draw(t, "state"),
		Modified: rapid.SampledFrom([]int64{0, -5, noon.UnixNano(), noon.Add(time.Hour).UnixNano(), noon.AddDate(-1, 0, 0).UnixNano()}).Draw(t, "modified"),
		Created:  rapid.SampledFrom([]int64{0, noon.UnixNano(), noon.AddDate(-2, 0, 0).UnixNano()}).Draw(t, "created"),
		Size:     rapid.Int64Range(0, 3).Draw(t, "size"), Seq: h.seq,
	}
	if id%2 == 0 { // these alone hold others
		e.Kind = vfs.Folder
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
		in := ident.EntryID(rapid.SampledFrom([]int{0, 0, 1, 2, 3, 4}).Draw(t, "in"))
		q := ask(queries(t), in)
		q.order.by = rapid.SampledFrom([]Sort{"", ByRelevance, ByName, BySize, ByModified, ByKind}).Draw(t, "sort")
		q.order.descending = rapid.Bool().Draw(t, "descending")
		h.compare(t, q, rapid.SampledFrom([]int{0, 1, 2, 5, 100}).Draw(t, "limit"))
	}
}

// compare compares what a query finds with a look at every entry.
func (h *history) compare(t *rapid.T, q *query, limit int) {
	t.Helper()
	got, total, err := h.table.hits(q, limit)
	if err != nil {
		t.Fatal(err)
	}
	want := lookAtAll(h.model, q)
	if total != len(want) {
		t.Fatalf("%d hits, want %d: %v", total, len(want), want)
	}
	if want = want[:min(limit, len(want))]; !slices.Equal(got, want) {
		t.Fatalf("at most %d:\n got %v\nwant %v", limit, got, want)
	}
}

// ask reads a query as if it were typed at noon.
func ask(text string, in ident.EntryID) *query {
	q, _, _ := parse(text, noonAround, in, false)
	return q
}

var noonAround = around{
	now: noon, folder: func(string) (ident.EntryID, error) { return 2, nil }, offline: func() []ident.EntryID { return []ident.EntryID{3} },
	volumes:   func(string) []ident.EntryID { return []ident.EntryID{1} },
	locations: func(string) []ident.EntryID { return []ident.EntryID{2, 5} },
}

// queries draws a query of all there is.
func queries(t *rapid.T) string {
	term := rapid.OneOf(
		rapid.Custom(func(t *rapid.T) string { return names(t, "word") }),
		rapid.Custom(func(t *rapid.T) string { return names(t, "word") }),
		rapid.SampledFrom([]string{
			"a*", "*b", "?b*", "[ab]*", "*.a", "a/b", "/a", "a/", "*/*a", "a/*", "path:a", "re:a.*b", "re:^[ab]", "re:é+", "kind:folder", "kind:other,folder", "ext:a,b", "size:>1", "size:1..2", "size:tiny",
			"modified:2026", "modified:<2d", "modified:>2d", "created:2026", "created:<2025", "in:x", "is:hidden", "is:empty", "is:offline", "volume:x", "location:x", "name:a", `"a b"`, "kind:what", "OR", "(", ")",
		}),
	)
	var b strings.Builder
	for i := range rapid.IntRange(1, 5).Draw(t, "terms") {
		if i > 0 {
			b.WriteString(rapid.SampledFrom([]string{" ", " ", " ", " OR ", " -", " (", ") "}).Draw(t, "between"))
		}
		b.WriteString(term.Draw(t, "term"))
	}
	return b.String()
}

// hits is what a query finds.
func (t *table) hits(q *query, limit int) (hits []shown, total int, err error) {
	err = t.search(context.Background(), q, limit, func(f found) {
		total = f.total
		for _, h := range f.hits {
			hits = append(hits, shown{id: ident.EntryID(h.id()), match: h.match, score: h.score})
		}
	})
	return hits, total, err
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
			now := catalog.Brief{ID: id, Parent: s.parentOf(row), Name: string(s.raw(row, nil)), Kind: s.kinds[row], Size: s.sizes[row], Modified: s.modified[row], Created: s.created[row], Content: s.contents[row], State: catalog.Known, Seq: e.Seq, Happened: e.Happened}
			if s.listed(row) {
				now.State = catalog.Present
			}
			ext := ""
			if e.Kind == vfs.File {
				ext = filekind.Extension(collate.Fold(e.Name))
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
func lookAtAll(model map[ident.EntryID]catalog.Brief, q *query) []shown {
	var hits []catalog.Brief
	score := map[ident.EntryID]shown{}
	for id, e := range model {
		if e.State != catalog.Present || e.Parent == 0 || q.fits == nil || !naive(model, q.fits, &e) {
			continue
		}
		name := []byte(collate.Fold(e.Name))
		m := Filter
		if len(q.words) > 0 {
			m = fits(string(name), q)
		}
		depth := uint64(0)
		for at, ok := above(model, &e); ok; at, ok = above(model, &at) {
			depth++
		}
		worth := q.worth(len(name), e.Modified, kindWorth(e.Kind, classOf(&e), strings.HasPrefix(e.Name, "."))) + shallow(depth)
		score[id] = shown{id: id, match: m}
		if q.order.by == "" || q.order.by == ByRelevance {
			score[id] = shown{id: id, match: m, score: math.Round((float64(m)+worth)*1e6) / 1e6}
		}
		hits = append(hits, e)
	}
	slices.SortFunc(hits, func(a, b catalog.Brief) int {
		x, y := collate.Fold(a.Name), collate.Fold(b.Name)
		byName := cmp.Or(collate.Natural(x, y), cmp.Compare(x, y), cmp.Compare(a.ID, b.ID))
		c := 0
		switch q.order.by {
		case ByName:
			c = byName
		case BySize:
			c = cmp.Or(cmp.Compare(a.Size, b.Size), byName)
		case ByModified:
			c = cmp.Or(cmp.Compare(a.Modified, b.Modified), byName)
		case ByKind:
			c = cmp.Or(cmp.Compare(kindOrder(a.Kind, classOf(&a)), kindOrder(b.Kind, classOf(&b))), cmp.Compare(extOf(&a), extOf(&b)), byName)
		default:
			return cmp.Or(cmp.Compare(score[b.ID].score, score[a.ID].score), cmp.Compare(a.ID, b.ID))
		}
		if q.order.descending {
			return -c
		}
		return c
	})
	var all []shown
	for _, e := range hits {
		all = append(all, score[e.ID])
	}
	return all
}

func extOf(e *catalog.Brief) string {
	if e.Kind != vfs.File {
		return ""
	}
	return filekind.Extension(collate.Fold(e.Name))
}

func classOf(e *catalog.Brief) filekind.Kind {
	if e.Kind != vfs.File {
		return filekind.Other
	}
	return filekind.Ours().ByName(collate.Fold(e.Name)).Kind
}

// above is the folder that e stands in, if that has a name.
func above(model map[ident.EntryID]catalog.Brief, e *catalog.Brief) (catalog.Brief, bool) {
	p, ok := model[e.Parent]
	return p, ok && p.Parent != 0 && (p.State == catalog.Present || p.State == catalog.Known)
}

// pathOf is the folded path of an entry.
func pathOf(model map[ident.EntryID]catalog.Brief, e *catalog.Brief) string {
	path := "/" + collate.Fold(e.Name)
	for at, ok := above(model, e); ok; at, ok = above(model, &at) {
		path = "/" + collate.Fold(at.Name) + path
	}
	return path
}

// naive tells whether an entry fits, one by one and from the catalogue alone.
func naive(model map[ident.EntryID]catalog.Brief, n node, e *catalog.Brief) bool {
	folded := collate.Fold(e.Name)
	switch n := n.(type) {
	case and:
		return !slices.ContainsFunc(n, func(sub node) bool { return !naive(model, sub, e) })
	case or:
		return slices.ContainsFunc(n, func(sub node) bool { return naive(model, sub, e) })
	case not:
		return !naive(model, n.node, e)
	case all:
		return true
	case *word:
		return strings.Contains(folded, string(n.text))
	case *real:
		return strings.Contains(e.Name, string(n.text))
	case *pattern:
		if n.real {
			return n.match([]byte(e.Name))
		}
		return n.match([]byte(folded))
	case *path:
		return strings.Contains(pathOf(model, e), string(bytes.Join(n.parts, []byte("/"))))
	case *below:
		top := newTable(1)
		c := newClimber(top, n.climb) // which finds no folder: the naive walk does
		state := c.top(e.Parent)
		var path []catalog.Brief
		for at, ok := above(model, e); ok; at, ok = above(model, &at) {
			path = append(path, at)
			state = c.top(at.Parent)
		}
		slices.Reverse(path)
		for _, at := range path {
			state = c.step(at.ID, []byte(collate.Fold(at.Name)), state)
		}
		return n.fits(state)
	case *pick:
		g := newGrowing(1)
		g.add(&row{
			id: e.ID, parent: e.Parent, kind: e.Kind, listed: true, hidden: strings.HasPrefix(e.Name, "."),
			size: e.Size, folded: folded, raw: e.Name,
		})
		return n.fits(&g.segment, 0)
	case *times:
		at := n.of(&segment{modified: []int64{e.Modified}, created: []int64{e.Created}})[0]
		return at != 0 && n.from <= at && at < n.to
	case *class:
		return e.Kind == vfs.File && classOf(e) == n.kind
	case *ext:
		return e.Kind == vfs.File && n.fits([]byte(extOf(e)))
	}
	panic(fmt.Sprintf("%T", n))
}

func fits(name string, q *query) Match {
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
	hits, total, err := table.hits(ask(query, 0), 1000)
	if err != nil || total != len(hits) {
		t.Fatalf("%q: %d hits of %d, %v", query, len(hits), total, err)
	}
	var found []string
	for _, h := range hits {
		found = append(found, names[h.id-2])
	}
	return found
}

// TestRowsTakeLittleRoom: at most 66 bytes beside the name, in memory and in the
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
	if each := (held - names) / table.rows; each > 66 {
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
		if hits, total, err := table.hits(ask(fmt.Sprint("round ", round), 0), 10); err != nil || total != 298 || len(hits) != 10 {
			t.Fatalf("round %d: %d hits, %v", round, total, err)
		}
	}
	if merges < 3 {
		t.Errorf("merged %d times", merges)
	}
}
