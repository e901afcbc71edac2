package embed

import (
	"math"
	"slices"
	"unsafe"
)

// columns are the rows of vectors, one array for each of their properties. A
// vector is its scale times its numbers; signs tells which of them are positive.
type columns struct {
	owners  []int64
	chunks  []int32
	scales  []float32
	signs   []uint64 // words of them for each row
	numbers []int8   // dim of them for each row
}

// shape is the form of all rows of an index.
type shape struct{ dim, words int }

func shapeOf(dim int) shape { return shape{dim, (dim + 63) / 64} }

// row is how much of a file a row takes, in bytes.
func (s shape) row() int64 { return int64(8 + 4 + 4 + 8*s.words + s.dim) }

// append adds a vector of unit length.
func (c *columns) append(s shape, owner int64, chunk int, v []float32) {
	var most float32
	for _, x := range v {
		most = max(most, x, -x)
	}
	scale := most / 127
	c.owners = append(c.owners, owner)
	c.chunks = append(c.chunks, int32(chunk))
	c.scales = append(c.scales, scale)
	c.signs = append(c.signs, s.bits(v)...)
	for _, x := range v {
		c.numbers = append(c.numbers, int8(math.RoundToEven(float64(x/scale))))
	}
}

// bits tells which numbers of v are positive, after it was turned: so each of them
// tells as much as any other, also where a few directions hold most of a vector.
func (s shape) bits(v []float32) []uint64 {
	out := make([]uint64, s.words)
	for i, x := range turned(v) {
		if x > 0 {
			out[i/64] |= 1 << (i % 64)
		}
	}
	return out
}

// part is a set of rows: a block of the file, whose rows are sorted by owner, or
// what is in memory alone. All rows of an owner are in one part.
type part struct {
	columns
	dead []uint64 // a bit for each row that counts no more
	live int
	gone []int64 // owners whose rows in the parts before are dead, sorted
	at   map[int64]span
	mapping
}

// span is where the rows of an owner are.
type span struct{ from, to int }

func (p *part) rows() int         { return len(p.owners) }
func (p *part) isDead(i int) bool { return p.dead[i/64]&(1<<(i%64)) != 0 }
func (p *part) hasDead() bool     { return p.live < len(p.owners) }
func (s span) empty() bool        { return s.from == s.to }
func (p *part) kill(s span)       { p.each(s, func(i int) { p.dead[i/64] |= 1 << (i % 64); p.live-- }) }
func (p *part) each(s span, fn func(i int)) {
	for i := s.from; i < s.to; i++ {
		if !p.isDead(i) {
			fn(i)
		}
	}
}

// find returns where the rows of owner are, dead ones as well.
func (p *part) find(owner int64) span {
	if p.at != nil {
		return p.at[owner]
	}
	from, _ := slices.BinarySearch(p.owners, owner)
	to := from
	for to < len(p.owners) && p.owners[to] == owner {
		to++
	}
	return span{from, to}
}

// has reports whether owner has rows that count.
func (p *part) has(owner int64) bool {
	s := p.find(owner)
	return !s.empty() && !p.isDead(s.from) // an owner's rows die together
}

// inMemory returns an empty part that can be added to.
func inMemory() *part { return &part{at: map[int64]span{}} }

// put replaces the rows of owner, in memory.
func (p *part) put(s shape, owner int64, vectors [][]float32) {
	p.kill(p.at[owner])
	delete(p.at, owner)
	from := p.rows()
	for i, v := range vectors {
		if v != nil {
			p.append(s, owner, i, v)
		}
	}
	for len(p.dead)*64 < p.rows() {
		p.dead = append(p.dead, 0)
	}
	p.live += p.rows() - from
	if p.rows() > from {
		p.at[owner] = span{from, p.rows()}
	}
}

// view takes n values out of bytes, which begin at a multiple of eight.
func view[T int64 | uint64 | float32 | int32 | int8](b []byte, n int) ([]T, []byte) {
	var zero T
	size := (n*int(unsafe.Sizeof(zero)) + 7) &^ 7
	if n == 0 {
		return nil, b[size:]
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n), b[size:]
}

// bytesOf is what view made of.
func bytesOf[T int64 | uint64 | float32 | int32 | int8](v []T) []byte {
	var zero T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(zero)))
}

// lay makes a part of a block's bytes behind its head.
func lay(s shape, b []byte, rows, gone int) *part {
	p := &part{dead: make([]uint64, (rows+63)/64), live: rows}
	p.owners, b = view[int64](b, rows)
	p.signs, b = view[uint64](b, rows*s.words)
	p.scales, b = view[float32](b, rows)
	p.chunks, b = view[int32](b, rows)
	p.numbers, b = view[int8](b, rows*s.dim)
	p.gone, _ = view[int64](b, gone)
	return p
}

// blockBytes is the length of what lay takes.
func (s shape) blockBytes(rows, gone int64) int64 {
	up := func(n int64) int64 { return (n + 7) &^ 7 }
	return rows*8 + rows*8*int64(s.words) + 2*up(rows*4) + up(rows*int64(s.dim)) + gone*8
}

// sound reports whether a block that was written right could hold this.
func (p *part) sound() bool {
	if !slices.IsSorted(p.owners) || !slices.IsSorted(p.gone) {
		return false
	}
	for i, x := range p.scales {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) || p.chunks[i] < 0 {
			return false
		}
	}
	return true
}
