package search

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// table holds the names of all present entries in columns: a query is one pass
// over bitmaps, and a look at few of the rows. It follows the change feed;
// nothing in it cannot be made again from the catalogue.
//
// New rows go to a growing segment in memory. When that is full its rows are
// sealed, in the order of their ids, and written to the file, from where they
// are mapped. A row that changes later is marked as dead, and its entry gets
// another row. One goroutine changes the table; queries read it under mu.
type table struct {
	mu     sync.RWMutex
	perSeg int // rows a segment
	sealed []*segment
	grow   *growing // nil until there is something to take
	maps   *mapped
	gen    int64 // changes when rows get other places
	rows   int   // that are alive
	seq    int64 // of the change feed, which is taken over up to here
	closed bool  // there is nothing to read any more

	heights  *heights
	words    *filekind.Table // what files are by their names
	hold     time.Duration   // maxHold, but for tests
	climbers sync.Pool       // of *climber: memory that queries need for a moment
	searches atomic.Int64    // that were begun

	// Only who changes the table looks at these.
	file   *file  // nil: kept in memory alone
	kills  []kill // of rows in the file, that the file does not know of
	recent recents
	buf    []byte // for a mark
	spare  *growing
}

// segmentRows is how many rows a segment has: with half of them queries take a tenth
// longer, and filling one 10 MB less.
const segmentRows = maxRows

func newTable(perSeg int) *table {
	return &table{perSeg: perSeg, heights: newHeights(), words: filekind.Ours(), maps: newMapped(), hold: maxHold}
}

// tableOf is the table that a file holds.
func tableOf(st *stored, perSeg int) *table {
	t := newTable(perSeg)
	t.sealed, t.maps, t.seq, t.file, t.recent = st.segments, newMapped(st.mapping), st.seq, st.file, st.recent
	for _, s := range t.sealed {
		t.rows += s.rows() - s.gone
	}
	return t
}

// place is where a row stands.
type place struct {
	seg *segment
	row int
}

// put makes the table show e as it is now: not at all unless it is present or a
// folder above a location, which nobody finds, but which has a name and a parent.
func (t *table) put(e *catalog.Brief) {
	t.buf = t.recent.note(e, t.buf)
	if e.State != catalog.Present && e.State != catalog.Known || e.Parent == 0 {
		t.remove(e.ID)
		return
	}
	r := row{
		id: e.ID, parent: e.Parent, kind: e.Kind, listed: e.State == catalog.Present, hidden: strings.HasPrefix(e.Name, "."),
		size: e.Size, modified: e.Modified, created: e.Created, content: e.Content, folded: collate.Fold(e.Name), raw: e.Name,
	}
	p, ok := t.find(e.ID)
	if ok && p.shows(&r) {
		s := p.seg
		if s.sizes[p.row] == r.size && s.modified[p.row] == r.modified && s.created[p.row] == r.created && s.contents[p.row] == r.content && s.listed(p.row) == r.listed {
			return
		}
		if t.grow != nil && s == &t.grow.segment {
			t.grow.change(p.row, &r)
			return
		}
	}
	if ok {
		if r.kind == vfs.Folder && p.seg.parentOf(p.row) != r.parent {
			t.heights.changed()
		}
		t.kill(e.ID, p)
	} else if r.kind == vfs.Folder {
		t.heights.came(e.ID)
	}
	t.add(&r)
}

// take takes over the changes up to seq.
func (t *table) take(changes []catalog.Change, seq int64) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	err := guard(func() {
		for _, c := range changes {
			switch {
			case c.Noun != catalog.NounEntry:
			case c.Deleted:
				t.recent.forget(ident.EntryID(c.ID))
				t.remove(ident.EntryID(c.ID))
			default:
				t.put(c.Entry)
			}
		}
	})
	if err != nil {
		t.file = nil // what was taken over in part must never be stored
		return err
	}
	t.seq = max(t.seq, seq)
	return nil
}

func (t *table) add(r *row) {
	if t.grow == nil {
		t.grow = newGrowing(t.perSeg)
		t.grow.number = len(t.sealed)
	}
	t.grow.add(r)
	t.rows++
}

// shows reports whether the row is one of the same name, kind and folder.
func (p place) shows(r *row) bool {
	s := p.seg
	if s.kinds[p.row] != r.kind || s.parentOf(p.row) != r.parent || string(s.name(p.row)) != r.folded {
		return false
	}
	var buf [256]byte
	return string(s.raw(p.row, buf[:])) == r.raw
}

// remove takes the entry out; an unknown id is fine.
func (t *table) remove(id ident.EntryID) {
	if p, ok := t.find(id); ok {
		if p.seg.kinds[p.row] == vfs.Folder {
			t.heights.changed()
		}
		t.kill(id, p)
	}
}

func (t *table) kill(id ident.EntryID, p place) {
	if t.grow != nil && p.seg == &t.grow.segment {
		delete(t.grow.at, id)
	} else if t.file != nil {
		t.kills = append(t.kills, kill{uint32(p.seg.number), uint32(p.row)})
	}
	p.seg.kill(p.row)
	t.rows--
}

// find returns where the entry's row stands, of the segments from last to first.
func (t *table) find(id ident.EntryID) (place, bool) {
	if t.grow != nil {
		if row, ok := t.grow.find(id); ok {
			return place{&t.grow.segment, row}, true
		}
	}
	for i := len(t.sealed) - 1; i >= 0; i-- {
		s := t.sealed[i]
		if row, ok := s.rowOf(id); ok && !s.isDead(row) {
			return place{s, row}, true
		}
	}
	return place{}, false
}

// full reports whether the growing segment must be sealed before n more rows.
func (t *table) full(n int) bool { return t.grow != nil && t.grow.rows()+n > t.grow.perSeg }

// seal puts the rows of the growing segment in the order of ids, writes them and
// what they replace to the file, and maps them from there. more: the block is
// not the last of its group. A file that cannot be written is left as it is,
// true as of an earlier place in the feed; the table goes on in memory.
func (t *table) seal(more bool) error {
	if (t.grow == nil || t.grow.rows() == 0) && len(t.kills) == 0 && (t.file == nil || t.file.isComplete()) {
		return nil
	}
	var alive int
	g := t.grow
	if g == nil {
		g = newGrowing(0)
	}
	if alive = len(g.at); alive != g.rows() || !slices.IsSorted(g.ids) {
		g = t.inOrder(g)
	}
	n, bytes := g.seal(t.kills)
	m, err := t.write(n, bytes, more)
	if m.bytes != nil {
		bytes = m.bytes[blockHead:]
	}
	s, _, _, _ := lay(n, bytes)
	s.number = len(t.sealed)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kills = nil
	t.gen++
	if m.bytes != nil {
		t.maps.add(m)
	}
	if t.sealed = append(t.sealed, s); t.grow != nil {
		t.grow.reset()
		t.grow.number = len(t.sealed)
	}
	return err
}

// write writes a block to the file, if there is one; without a mapping, it did
// not.
func (t *table) write(n counts, bytes []byte, more bool) (mapping, error) {
	if t.file == nil {
		return mapping{}, nil
	}
	h := &head{counts: n, Seq: t.seq, Recent: t.recent}
	if more {
		h.More = 1
	}
	m, err := t.file.add(h, bytes)
	if err != nil {
		t.file.drop()
		t.file = nil
	}
	return m, err
}

// inOrder copies the rows of g that are alive, in the order of their ids.
func (t *table) inOrder(g *growing) *growing {
	rows := make([]int, 0, len(g.at))
	for _, row := range g.at {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b int) int { return int(g.ids[a] - g.ids[b]) })
	if t.spare == nil {
		t.spare = newGrowing(t.perSeg)
	}
	t.spare.reset()
	for _, row := range rows {
		t.spare.copyRow(&g.segment, row)
	}
	return t.spare
}

// copyRow appends a row of another segment.
func (g *growing) copyRow(s *segment, at int) {
	g.buf = s.raw(at, g.buf)
	g.add(&row{ // which keeps neither text
		id: s.ids[at], parent: s.parentOf(at), kind: s.kinds[at], listed: s.listed(at), hidden: s.flags[at]&flagHidden != 0,
		size: s.sizes[at], modified: s.modified[at], created: s.created[at], content: s.contents[at], folded: text(s.name(at)), raw: text(g.buf),
	})
}

// slim gives back memory that only a large change needs.
func (t *table) slim() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.spare, t.climbers = nil, sync.Pool{}
	if t.grow != nil && t.grow.rows() == 0 {
		t.grow = nil
	}
}

// rest gives the mapped pages back to the page cache.
func (t *table) rest() error {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.maps.rest()
}

// close ends the table: its memory is unmapped when the last query that reads it
// has ended. Closed again, it does nothing.
func (t *table) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil
	}
	t.closed, t.sealed, t.grow = true, nil, nil
	return t.maps.release()
}

// end closes the table, and removes a file that was not completed.
func (t *table) end() {
	if t.file != nil {
		t.file.drop()
	}
	_ = t.close() // nothing of it is needed any more
}

// children calls fn with the rows that stand in the folder.
func (t *table) children(folder ident.EntryID, fn func(id ident.EntryID, kind vfs.Kind, hidden bool, folded []byte, size, modified int64)) (seq int64, ok bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, s := range t.segments() {
		i := slices.Index(s.parents, folder)
		if i < 0 {
			continue
		}
		listed := s.plane(listedPlane)
		for row, parent := range s.parent {
			if int(parent) == i && listed.has(row) && !s.isDead(row) {
				fn(s.ids[row], s.kinds[row], s.flags[row]&flagHidden != 0, s.name(row), s.sizes[row], s.modified[row])
			}
		}
	}
	return t.seq, !t.closed
}

func (t *table) segments() []*segment {
	if t.grow == nil {
		return t.sealed
	}
	return append(t.sealed[:len(t.sealed):len(t.sealed)], &t.grow.segment)
}
