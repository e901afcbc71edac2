package search

import (
	"slices"
	"unsafe"

	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// counts are the lengths of a segment's columns, which tell where in a block
// each of them stands.
type counts struct {
	Rows, Kills, Parents, Exts, ExtBytes, Names, Sides, SideBytes uint32
}

// kill tells that a row of an earlier segment is out of date.
type kill struct{ Segment, Row uint32 }

// cutter takes columns off the front of a block, each at a multiple of eight
// bytes. Numbers stand in them as the machine has them.
type cutter struct {
	rest  []byte
	short bool // the block is too short
	size  int
}

func cut[T any](c *cutter, n int) []T {
	var one T
	bytes := (n*int(unsafe.Sizeof(one)) + 7) &^ 7
	c.size += bytes
	if len(c.rest) < bytes {
		c.short = true
		return nil
	}
	column := c.rest[:bytes]
	c.rest = c.rest[bytes:]
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(column))), n)
}

// lay tells how a segment stands in b, which begins at a multiple of eight, or
// that b is too short for it. With a nil b it tells the length alone.
func lay(n counts, b []byte) (s *segment, kills []kill, length int, ok bool) {
	c := &cutter{rest: b}
	rows, stride := int(n.Rows), wordsFor(int(n.Rows))
	s = &segment{stride: stride}
	s.ids = cut[ident.EntryID](c, rows)
	s.sizes = cut[int64](c, rows)
	s.modified = cut[int64](c, rows)
	s.created = cut[int64](c, rows)
	s.contents = cut[ident.ContentID](c, rows)
	s.parents = cut[ident.EntryID](c, int(n.Parents))
	s.planes = cut[uint64](c, numPlanes*stride)
	s.caps = cut[uint64](c, wordsFor(int(n.Names)))
	kills = cut[kill](c, int(n.Kills))
	s.ends = cut[uint32](c, rows)
	s.extEnds = cut[uint32](c, int(n.Exts))
	s.sideEnds = cut[uint32](c, int(n.Sides))
	s.parent = cut[uint16](c, rows)
	s.ext = cut[uint16](c, rows)
	s.sideRows = cut[uint16](c, int(n.Sides))
	s.kinds = cut[vfs.Kind](c, rows)
	s.flags = cut[uint8](c, rows)
	s.names = cut[byte](c, int(n.Names))
	s.exts = cut[byte](c, int(n.ExtBytes))
	s.sides = cut[byte](c, int(n.SideBytes))
	s.above = make([]uint64, len(s.parents))
	return s, kills, c.size, !c.short
}

// seal writes what g holds into a block as long as lay says, for rows that stand
// in the order of ids.
func (g *growing) seal(kills []kill) (counts, []byte) {
	n := counts{
		Rows: uint32(len(g.ids)), Kills: uint32(len(kills)), Parents: uint32(len(g.parents)), Exts: uint32(len(g.extEnds)), ExtBytes: uint32(len(g.exts)),
		Names: uint32(len(g.names)), Sides: uint32(len(g.sideEnds)), SideBytes: uint32(len(g.sides)),
	}
	_, _, length, _ := lay(n, nil)
	words := make([]uint64, length/8) // whose bytes begin at a multiple of eight
	block := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), length)
	s, k, _, _ := lay(n, block)
	copy(k, kills)
	copy(s.ids, g.ids)
	copy(s.sizes, g.sizes)
	copy(s.modified, g.modified)
	copy(s.created, g.created)
	copy(s.contents, g.contents)
	copy(s.parents, g.parents)
	for p := range numPlanes {
		copy(s.plane(p), g.plane(p))
	}
	copy(s.caps, g.caps)
	copy(s.ends, g.ends)
	copy(s.extEnds, g.extEnds)
	copy(s.sideEnds, g.sideEnds)
	copy(s.parent, g.parent)
	copy(s.ext, g.ext)
	copy(s.sideRows, g.sideRows)
	copy(s.kinds, g.kinds)
	copy(s.flags, g.flags)
	copy(s.names, g.names)
	copy(s.exts, g.exts)
	copy(s.sides, g.sides)
	return n, block
}

// sound reports whether nothing in a segment leads outside it, so that nothing
// that reads it need look again.
func (s *segment) sound() bool {
	rows := len(s.ids)
	if rows > maxRows || len(s.parents) > rows || len(s.extEnds) > rows+1 || rows > 0 && len(s.extEnds) == 0 || len(s.sideRows) > rows {
		return false
	}
	for i := 1; i < rows; i++ {
		if s.ids[i] <= s.ids[i-1] {
			return false
		}
	}
	for i := range rows {
		if int(s.parent[i]) >= len(s.parents) || int(s.ext[i]) >= len(s.extEnds) {
			return false
		}
		if s.flags[i]&flagSide != 0 {
			if _, ok := slices.BinarySearch(s.sideRows, uint16(i)); !ok {
				return false
			}
		}
	}
	if tail := rows & 63; tail != 0 && s.plane(listedPlane)[s.stride-1]>>tail != 0 {
		return false // rows that are not there
	}
	return slices.IsSorted(s.sideRows) && ascend(s.ends, len(s.names)) && ascend(s.extEnds, len(s.exts)) && ascend(s.sideEnds, len(s.sides))
}

// ascend reports whether ends cut a blob of n bytes into pieces.
func ascend(ends []uint32, n int) bool {
	if len(ends) == 0 {
		return n == 0
	}
	return slices.IsSorted(ends) && int64(ends[len(ends)-1]) == int64(n)
}
