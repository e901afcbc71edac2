package search

import (
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// table holds the names of all present entries in columns, in memory: a query
// is one pass over the rows. It is filled from the catalogue and follows the
// change feed; nothing in it cannot be made again.
//
// Rows stand in segments of a fixed number of rows, so that growing copies
// little. Main segments are in the order of ids. A row that comes out of order
// (an entry that was renamed or came back) goes to the patch segments, and
// where it stands is remembered in a map.
type table struct {
	mu      sync.RWMutex
	perSeg  int // rows a segment
	main    []*segment
	patch   []*segment
	patched map[ident.EntryID]place
	above   map[ident.EntryID]ident.EntryID // folders above locations, which nobody finds, with their parents; rows go before it
	rows    int                             // that are alive
	dead    int
	seq     int64 // of the change feed, which is taken over up to here
}

// place is where a row stands.
type place struct {
	seg *segment
	row int
}

const segmentRows = 1 << 16

// segment is some rows, one slice a column.
type segment struct {
	ids      []ident.EntryID
	parents  []ident.EntryID
	kinds    []vfs.Kind
	sizes    []int64
	modified []int64
	signs    []sign
	dead     []bool
	hidden   []bool   // the name begins with a dot, which the folded one does not tell for sure
	ends     []uint32 // of each name in names
	names    []byte   // folded
}

// next returns an empty segment, with the room that the one before took; the
// first grows, since most libraries need no more.
func (s *segment) next() *segment {
	if s == nil {
		return &segment{}
	}
	n := len(s.ids)
	return &segment{
		ids: make([]ident.EntryID, 0, n), parents: make([]ident.EntryID, 0, n), kinds: make([]vfs.Kind, 0, n), sizes: make([]int64, 0, n),
		modified: make([]int64, 0, n), signs: make([]sign, 0, n), dead: make([]bool, 0, n), hidden: make([]bool, 0, n),
		ends: make([]uint32, 0, n), names: make([]byte, 0, len(s.names)+len(s.names)/16),
	}
}

func (s *segment) name(row int) []byte {
	start := uint32(0)
	if row > 0 {
		start = s.ends[row-1]
	}
	return s.names[start:s.ends[row]]
}

// add appends a row for e, whose Name is folded.
func (s *segment) add(e *catalog.Brief, hidden bool) int {
	s.ids = append(s.ids, e.ID)
	s.parents = append(s.parents, e.Parent)
	s.kinds = append(s.kinds, e.Kind)
	s.sizes = append(s.sizes, e.Size)
	s.modified = append(s.modified, e.Modified)
	s.signs = append(s.signs, signOf(e.Name))
	s.dead = append(s.dead, false)
	s.hidden = append(s.hidden, hidden)
	s.names = append(s.names, e.Name...)
	s.ends = append(s.ends, uint32(len(s.names)))
	return len(s.ids) - 1
}

// sign tells which pairs of neighbouring bytes a name holds: one of 64 bits
// each. A name that holds a word has all bits of the word's sign, so that a pass
// need not look at most names.
type sign uint64

func signOf(text string) (s sign) {
	for i := 1; i < len(text); i++ {
		pair := uint32(text[i-1])<<8 | uint32(text[i])
		s |= 1 << (pair * 0x9E3779B1 >> 26) // the top six bits of a hash
	}
	return s
}

func newTable(perSeg int) *table {
	return &table{perSeg: perSeg, patched: map[ident.EntryID]place{}, above: map[ident.EntryID]ident.EntryID{}}
}

// put makes the table show e as it is now: not at all unless it is present.
func (t *table) put(e *catalog.Brief) {
	if e.State != catalog.Present || e.Parent == 0 {
		t.remove(e.ID)
		if e.State == catalog.Known {
			t.above[e.ID] = e.Parent
		}
		return
	}
	now, hidden := *e, strings.HasPrefix(e.Name, ".")
	now.Name = collate.Fold(e.Name)
	if p, ok := t.find(e.ID); ok {
		if s, row := p.seg, p.row; string(s.name(row)) == now.Name {
			s.parents[row], s.kinds[row], s.sizes[row], s.modified[row], s.hidden[row] = now.Parent, now.Kind, now.Size, now.Modified, hidden
			return
		}
		t.kill(e.ID, p)
	}
	if last := lastOf(t.main); last == nil || e.ID > last.ids[len(last.ids)-1] {
		t.main, _ = t.push(t.main, &now, hidden)
	} else {
		t.patch, t.patched[e.ID] = t.push(t.patch, &now, hidden)
	}
	t.rows++
	t.tidy()
}

// tidy compacts when that is worth its while.
func (t *table) tidy() {
	if t.dead+len(t.patched) > t.rows/4+t.perSeg {
		t.compact()
	}
}

func lastOf(segs []*segment) *segment {
	if len(segs) == 0 {
		return nil
	}
	return segs[len(segs)-1]
}

func (t *table) push(segs []*segment, e *catalog.Brief, hidden bool) ([]*segment, place) {
	s := lastOf(segs)
	if s == nil || len(s.ids) == t.perSeg {
		s = s.next()
		segs = append(segs, s)
	}
	return segs, place{s, s.add(e, hidden)}
}

// remove takes the entry out; an unknown id is fine.
func (t *table) remove(id ident.EntryID) {
	delete(t.above, id)
	if p, ok := t.find(id); ok {
		t.kill(id, p)
		t.tidy()
	}
}

func (t *table) kill(id ident.EntryID, p place) {
	p.seg.dead[p.row] = true
	delete(t.patched, id)
	t.rows--
	t.dead++
}

func (t *table) find(id ident.EntryID) (place, bool) {
	if p, ok := t.patched[id]; ok {
		return p, true
	}
	i := sort.Search(len(t.main), func(i int) bool { s := t.main[i]; return s.ids[len(s.ids)-1] >= id })
	if i == len(t.main) {
		return place{}, false
	}
	s := t.main[i]
	if row, ok := s.rowOf(id); ok && !s.dead[row] {
		return place{s, row}, true
	}
	return place{}, false
}

// rowOf finds the row of id, which is not above the segment's last. Ids ascend
// by one at least, mostly just by one: that leaves few rows to search.
func (s *segment) rowOf(id ident.EntryID) (row int, ok bool) {
	last := len(s.ids) - 1
	lo := max(0, last-int(s.ids[last]-id))
	hi := min(last, int(id-s.ids[0]))
	if lo > hi {
		return 0, false
	}
	row, ok = slices.BinarySearch(s.ids[lo:hi+1], id)
	return lo + row, ok
}

// parent returns the folder above a folder, 0 where there is none.
func (t *table) parent(folder ident.EntryID) ident.EntryID {
	if p, ok := t.find(folder); ok {
		return p.seg.parents[p.row]
	}
	return t.above[folder]
}

// compact drops dead rows and puts all rows back in the order of ids: main rows
// are in that order, so that only the patched ones must be sorted.
func (t *table) compact() {
	late := make([]place, 0, len(t.patched))
	for _, p := range t.patched {
		late = append(late, p)
	}
	slices.SortFunc(late, func(a, b place) int { return int(a.id() - b.id()) })
	main := t.main
	t.main, t.patch, t.patched, t.dead = nil, nil, map[ident.EntryID]place{}, 0
	for i, s := range main {
		for row, id := range s.ids {
			for len(late) > 0 && late[0].id() < id {
				t.move(late[0])
				late = late[1:]
			}
			if !s.dead[row] {
				t.move(place{s, row})
			}
		}
		main[i] = nil // what is copied can go
	}
	for _, p := range late {
		t.move(p)
	}
}

func (p place) id() ident.EntryID { return p.seg.ids[p.row] }

func (t *table) move(p place) {
	s, row := p.seg, p.row
	t.main, _ = t.push(t.main, &catalog.Brief{
		ID: p.id(), Parent: s.parents[row], Kind: s.kinds[row], Size: s.sizes[row], Modified: s.modified[row], Name: string(s.name(row)),
	}, s.hidden[row])
}

// children calls fn with the rows that stand in the folder.
func (t *table) children(folder ident.EntryID, fn func(id ident.EntryID, kind vfs.Kind, hidden bool, folded []byte, size, modified int64)) (seq int64) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, s := range t.segments() {
		for row, parent := range s.parents {
			if parent == folder && !s.dead[row] {
				fn(s.ids[row], s.kinds[row], s.hidden[row], s.name(row), s.sizes[row], s.modified[row])
			}
		}
	}
	return t.seq
}

func (t *table) segments() []*segment {
	return append(t.main[:len(t.main):len(t.main)], t.patch...)
}
