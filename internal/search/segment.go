package search

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// segment holds some rows, one slice a column. But for dead, it does not change
// once it is sealed, and its columns may lie in a mapped file.
type segment struct {
	ids      []ident.EntryID
	sizes    []int64
	modified []int64
	created  []int64           // 0: not known
	contents []ident.ContentID // 0: not known
	kinds    []vfs.Kind
	flags    []uint8

	parents []ident.EntryID // the folders that rows stand in, each once
	parent  []uint16        // where in parents a row's folder is
	above   []uint64        // of parents: how many folders are above what stands in each; see heights

	extEnds []uint32 // of the extensions of files, each once; the first is none
	exts    []byte
	ext     []uint16

	ends  []uint32 // of each name in names
	names []byte   // folded
	// What the folded names do not tell of the real ones: which letters are
	// capitals, a bit each, or the whole name where that does not do.
	caps     bitmap
	sideRows []uint16 // of rows with flagSide, in order
	sideEnds []uint32
	sides    []byte

	planes bitmap // numPlanes bitmaps of stride words; see planes.go
	stride int

	dead   bitmap // nil: all rows are alive
	gone   int    // how many are not
	number int    // of the segment in its file
}

// Flags of a row.
const (
	flagHidden uint8 = 1 << iota // the name begins with a dot, which the folded one does not tell for sure
	flagSide                     // the real name stands in sides
)

// maxRows is how many rows a segment may have: 16 bits count their folders, and
// their extensions beside none.
const maxRows = 1<<16 - 64

func (s *segment) rows() int { return len(s.ids) }

func (s *segment) name(row int) []byte {
	start := uint32(0)
	if row > 0 {
		start = s.ends[row-1]
	}
	return s.names[start:s.ends[row]]
}

func (s *segment) extension(i int) []byte {
	start := uint32(0)
	if i > 0 {
		start = s.extEnds[i-1]
	}
	return s.exts[start:s.extEnds[i]]
}

// raw returns the name as it is, in buf where that has room.
func (s *segment) raw(row int, buf []byte) []byte {
	if s.flags[row]&flagSide != 0 {
		i, _ := slices.BinarySearch(s.sideRows, uint16(row))
		start := uint32(0)
		if i > 0 {
			start = s.sideEnds[i-1]
		}
		return append(buf[:0], s.sides[start:s.sideEnds[i]]...)
	}
	name := s.name(row)
	buf = append(buf[:0], name...)
	at := int(s.ends[row]) - len(name)
	for i, c := range buf {
		if s.caps.has(at + i) {
			buf[i] = c - 'a' + 'A'
		}
	}
	return buf
}

func (s *segment) parentOf(row int) ident.EntryID { return s.parents[s.parent[row]] }

func (s *segment) isDead(row int) bool { return s.dead != nil && s.dead.has(row) }

func (s *segment) kill(row int) {
	if s.dead == nil {
		s.dead = make(bitmap, s.stride)
	}
	s.dead.set(row)
	s.gone++
}

// plane is a bitmap of all rows; see planes.go.
func (s *segment) plane(i int) bitmap { return s.planes[i*s.stride : (i+1)*s.stride] }

// listed reports whether the row may be found, and is not only a folder above a
// location.
func (s *segment) listed(row int) bool { return s.plane(listedPlane).has(row) }

// rowOf finds the row of id in a sealed segment, whose ids ascend by one at
// least, mostly just by one: that leaves few rows to search.
func (s *segment) rowOf(id ident.EntryID) (row int, ok bool) {
	last := len(s.ids) - 1
	if last < 0 || id < s.ids[0] || id > s.ids[last] {
		return 0, false
	}
	lo := max(0, last-int(s.ids[last]-id))
	hi := min(last, int(id-s.ids[0]))
	row, ok = slices.BinarySearch(s.ids[lo:hi+1], id)
	return lo + row, ok
}

// growing is a segment in memory that takes rows, in any order.
type growing struct {
	segment
	perSeg   int
	at       map[ident.EntryID]int // rows that are alive
	low, top ident.EntryID         // their ids are among these
	parentAt map[ident.EntryID]uint16
	extAt    map[string]uint16
	buf      []byte // for a name
}

func newGrowing(perSeg int) *growing {
	perSeg = min(perSeg, maxRows)
	stride := wordsFor(perSeg)
	g := &growing{perSeg: perSeg, at: map[ident.EntryID]int{}, parentAt: map[ident.EntryID]uint16{}, extAt: map[string]uint16{}}
	g.planes, g.stride = make(bitmap, numPlanes*stride), stride
	return g
}

// reset empties g, and keeps its room.
func (g *growing) reset() {
	clear(g.at)
	clear(g.parentAt)
	clear(g.extAt)
	clear(g.planes)
	clear(g.caps)
	s := &g.segment
	*s = segment{
		ids: s.ids[:0], sizes: s.sizes[:0], modified: s.modified[:0], created: s.created[:0], contents: s.contents[:0], kinds: s.kinds[:0], flags: s.flags[:0],
		parents: s.parents[:0], above: s.above[:0], parent: s.parent[:0], extEnds: s.extEnds[:0], exts: s.exts[:0], ext: s.ext[:0],
		ends: s.ends[:0], names: s.names[:0], caps: s.caps[:0], sideRows: s.sideRows[:0], sideEnds: s.sideEnds[:0], sides: s.sides[:0],
		planes: s.planes, stride: s.stride,
	}
}

// row is one row as it goes into a segment.
type row struct {
	id, parent     ident.EntryID
	kind           vfs.Kind
	listed, hidden bool
	size, modified int64
	created        int64
	content        ident.ContentID
	folded, raw    string
}

// add appends a row; g is not full.
func (g *growing) add(r *row) {
	at := len(g.ids)
	g.ids = append(g.ids, r.id)
	g.kinds = append(g.kinds, r.kind)
	g.sizes = append(g.sizes, r.size)
	g.modified = append(g.modified, r.modified)
	g.created = append(g.created, r.created)
	g.contents = append(g.contents, r.content)
	g.parent = append(g.parent, g.folder(r.parent))
	g.ext = append(g.ext, g.extensionOf(r))
	g.flags = append(g.flags, 0)
	if r.hidden {
		g.flags[at] = flagHidden
	}
	if r.listed {
		g.plane(listedPlane).set(at)
	}
	g.note(at, r.folded)
	g.keepReal(at, r)
	g.names = append(g.names, r.folded...)
	g.ends = append(g.ends, uint32(len(g.names)))
	g.at[r.id] = at
	if at == 0 {
		g.low, g.top = r.id, r.id
	}
	g.low, g.top = min(g.low, r.id), max(g.top, r.id)
}

// find returns the row of an entry.
func (g *growing) find(id ident.EntryID) (row int, ok bool) {
	if id < g.low || id > g.top {
		return 0, false
	}
	row, ok = g.at[id]
	return row, ok
}

// folder returns the place of a folder in parents.
func (g *growing) folder(id ident.EntryID) uint16 {
	if n := len(g.parent); n > 0 && g.parents[g.parent[n-1]] == id { // as of the row before
		return g.parent[n-1]
	}
	i, ok := g.parentAt[id]
	if !ok {
		i = uint16(len(g.parents))
		g.parents, g.above = append(g.parents, id), append(g.above, 0)
		g.parentAt[id] = i
	}
	return i
}

// extensionOf returns the place of a file's extension in exts.
func (g *growing) extensionOf(r *row) uint16 {
	if len(g.extEnds) == 0 {
		g.extEnds = append(g.extEnds, 0) // of no extension
	}
	if r.kind != vfs.File {
		return 0
	}
	ext := filekind.Extension(r.folded)
	if ext == "" {
		return 0
	}
	i, ok := g.extAt[ext]
	if !ok {
		i = uint16(len(g.extEnds))
		g.exts = append(g.exts, ext...)
		g.extEnds = append(g.extEnds, uint32(len(g.exts)))
		g.extAt[strings.Clone(ext)] = i
	}
	return i
}

// keepReal keeps what the folded name, which goes in next, does not tell.
func (g *growing) keepReal(at int, r *row) {
	start := len(g.names)
	for len(g.caps) < wordsFor(start+len(r.folded)) {
		g.caps = append(g.caps, 0)
	}
	if r.raw == r.folded {
		return
	}
	if !onlyCase(r.raw, r.folded) {
		g.flags[at] |= flagSide
		g.sideRows = append(g.sideRows, uint16(at))
		g.sides = append(g.sides, r.raw...)
		g.sideEnds = append(g.sideEnds, uint32(len(g.sides)))
		return
	}
	for i := range len(r.raw) {
		if r.raw[i] != r.folded[i] {
			g.caps.set(start + i)
		}
	}
}

// onlyCase reports whether raw and folded differ in ASCII capitals alone.
func onlyCase(raw, folded string) bool {
	if len(raw) != len(folded) {
		return false
	}
	for i := range len(raw) {
		c := raw[i]
		if c >= utf8.RuneSelf {
			return false
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != folded[i] {
			return false
		}
	}
	return true
}

// change makes the row at show r, whose names, kind and folder it shows already.
func (g *growing) change(at int, r *row) {
	g.sizes[at], g.modified[at], g.created[at], g.contents[at] = r.size, r.modified, r.created, r.content
	if r.listed {
		g.plane(listedPlane).set(at)
	} else {
		g.plane(listedPlane).clear(at)
	}
}
