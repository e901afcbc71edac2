package search

import (
	"sort"
	"sync"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// table holds the names of all present entries in columns, in memory: a query
// is one pass over the folded names. It is filled from the catalogue and
// follows the change feed; nothing in it cannot be made again.
//
// Rows stand in segments of a fixed number of rows, so that growing copies
// nothing. Main segments are in the order of ids. A row that comes out of order
// (an entry that was renamed or came back) goes to the patch segments, and
// where it stands is remembered in a map.
type table struct {
	mu      sync.RWMutex
	main    []*segment
	patch   []*segment
	patched map[ident.EntryID]place
	rows    int // that are alive
	dead    int
}

// place is where a row stands.
type place struct {
	seg *segment
	row int
}

const segmentRows = 1 << 16

// segment is up to segmentRows rows, one slice a column.
type segment struct {
	ids      []ident.EntryID
	parents  []ident.EntryID
	kinds    []vfs.Kind
	sizes    []int64
	modified []int64
	dead     []bool
	ends     []uint32 // of each name in names; a NUL follows it
	names    []byte   // folded
}

func newSegment() *segment {
	return &segment{
		ids: make([]ident.EntryID, 0, segmentRows), parents: make([]ident.EntryID, 0, segmentRows), kinds: make([]vfs.Kind, 0, segmentRows),
		sizes: make([]int64, 0, segmentRows), modified: make([]int64, 0, segmentRows), dead: make([]bool, 0, segmentRows),
		ends: make([]uint32, 0, segmentRows), names: make([]byte, 0, segmentRows*20),
	}
}

func (s *segment) start(row int) int {
	if row == 0 {
		return 0
	}
	return int(s.ends[row-1]) + 1
}

func (s *segment) name(row int) []byte { return s.names[s.start(row):s.ends[row]] }

func (s *segment) add(e *catalog.Brief, folded string) int {
	s.ids = append(s.ids, e.ID)
	s.parents = append(s.parents, e.Parent)
	s.kinds = append(s.kinds, e.Kind)
	s.sizes = append(s.sizes, e.Size)
	s.modified = append(s.modified, e.Modified)
	s.dead = append(s.dead, false)
	s.names = append(append(s.names, folded...), 0)
	s.ends = append(s.ends, uint32(len(s.names)-1))
	return len(s.ids) - 1
}

func newTable() *table { return &table{patched: map[ident.EntryID]place{}} }

// put makes the table show e as it is now: not at all unless it is present.
func (t *table) put(e *catalog.Brief) {
	if e.State != catalog.Present || e.Parent == 0 {
		t.remove(e.ID)
		return
	}
	folded := fold(e.Name)
	if p, ok := t.find(e.ID); ok {
		if string(p.seg.name(p.row)) == folded {
			p.seg.parents[p.row], p.seg.kinds[p.row] = e.Parent, e.Kind
			p.seg.sizes[p.row], p.seg.modified[p.row] = e.Size, e.Modified
			return
		}
		t.kill(e.ID, p)
	}
	if last := lastOf(t.main); last == nil || e.ID > last.ids[len(last.ids)-1] {
		t.main, _ = push(t.main, e, folded)
	} else {
		var p place
		t.patch, p = push(t.patch, e, folded)
		t.patched[e.ID] = p
	}
	t.rows++
	if t.dead > t.rows/4+segmentRows {
		t.compact()
	}
}

func lastOf(segs []*segment) *segment {
	if len(segs) == 0 {
		return nil
	}
	return segs[len(segs)-1]
}

func push(segs []*segment, e *catalog.Brief, folded string) ([]*segment, place) {
	s := lastOf(segs)
	if s == nil || len(s.ids) == segmentRows {
		s = newSegment()
		segs = append(segs, s)
	}
	return segs, place{s, s.add(e, folded)}
}

// remove takes the entry out; an unknown id is fine.
func (t *table) remove(id ident.EntryID) {
	if p, ok := t.find(id); ok {
		t.kill(id, p)
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
	row := sort.Search(len(s.ids), func(r int) bool { return s.ids[r] >= id })
	if row == len(s.ids) || s.ids[row] != id || s.dead[row] {
		return place{}, false
	}
	return place{s, row}, true
}

// compact drops dead rows and puts all rows back in the order of ids.
func (t *table) compact() {
	var all []place
	for _, segs := range [][]*segment{t.main, t.patch} {
		for _, s := range segs {
			for row := range s.ids {
				if !s.dead[row] {
					all = append(all, place{s, row})
				}
			}
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].seg.ids[all[i].row] < all[j].seg.ids[all[j].row] })
	t.main, t.patch, t.patched, t.dead = nil, nil, map[ident.EntryID]place{}, 0
	for _, p := range all {
		e := catalog.Brief{ID: p.seg.ids[p.row], Parent: p.seg.parents[p.row], Kind: p.seg.kinds[p.row], Size: p.seg.sizes[p.row], Modified: p.seg.modified[p.row]}
		t.main, _ = push(t.main, &e, string(p.seg.name(p.row)))
	}
}

func (t *table) segments() []*segment {
	return append(t.main[:len(t.main):len(t.main)], t.patch...)
}
