package search

import (
	"bytes"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// node is a part of a query that a row fits or not.
type node interface {
	// narrow drops rows that cannot fit, as far as bitmaps tell.
	narrow(w *worker, rows bitmap)
	// keep drops all rows that do not fit.
	keep(w *worker, rows bitmap)
}

// fit drops all rows that do not fit n, the cheapest way.
func fit(n node, w *worker, rows bitmap) {
	n.narrow(w, rows)
	if !rows.empty() {
		n.keep(w, rows)
	}
}

// coarse is a node of which bitmaps tell nothing.
type coarse struct{}

func (coarse) narrow(*worker, bitmap) {}

// all fits every row.
type all struct{ coarse }

func (all) keep(*worker, bitmap) {}

// and fits what fits all of its nodes.
type and []node

func (a and) narrow(w *worker, rows bitmap) {
	for _, n := range a {
		n.narrow(w, rows)
	}
}

func (a and) keep(w *worker, rows bitmap) {
	for _, n := range a {
		if rows.empty() {
			return
		}
		n.keep(w, rows)
	}
}

// or fits what fits one of its nodes.
type or []node

func (o or) narrow(w *worker, rows bitmap) {
	w.union(rows, o, func(n node, some bitmap) { n.narrow(w, some) })
}

func (o or) keep(w *worker, rows bitmap) {
	w.union(rows, o, func(n node, some bitmap) { fit(n, w, some) })
}

// not fits what does not fit its node.
type not struct{ node }

func (n not) narrow(*worker, bitmap) {}

func (n not) keep(w *worker, rows bitmap) {
	some := w.borrow(rows)
	defer w.giveBack()
	fit(n.node, w, some)
	rows.andNot(some)
}

// word fits names that hold a text.
type word struct {
	text   []byte // folded
	planes []int
	exact  bool // the planes tell it all
}

func newWord(folded string) *word {
	n := &word{text: []byte(folded)}
	n.planes, n.exact = planesOf(n.text)
	return n
}

func (n *word) narrow(w *worker, rows bitmap) { w.seg.narrow(n.planes, rows) }

func (n *word) keep(w *worker, rows bitmap) {
	if n.exact {
		n.narrow(w, rows)
		return
	}
	s := w.seg
	rows.keep(func(row int) bool { return bytes.Contains(s.name(row), n.text) })
}

// real fits names that hold these bytes, case, accents and all.
type real struct {
	text   []byte
	planes []int // nil where bitmaps of folded names cannot tell
}

func (n *real) narrow(w *worker, rows bitmap) { w.seg.narrow(n.planes, rows) }

func (n *real) keep(w *worker, rows bitmap) {
	w.keep(rows, func(row int) bool { return bytes.Contains(w.raw(row), n.text) })
}

// pattern fits names by a function.
type pattern struct {
	match  func(name []byte) bool
	real   bool     // of the real name, not of the folded one
	planes []int    // in which all have their bit that fit
	texts  [][]byte // that all hold that fit, where match costs much more than a look for them
}

func (n *pattern) narrow(w *worker, rows bitmap) { w.seg.narrow(n.planes, rows) }

func (n *pattern) keep(w *worker, rows bitmap) {
	s := w.seg
	w.keep(rows, func(row int) bool {
		name := s.name(row)
		if n.real {
			name = w.raw(row)
		}
		for _, t := range n.texts {
			if !bytes.Contains(name, t) {
				return false
			}
		}
		return n.match(name)
	})
}

// below fits what stands in folders of a certain state, at any depth.
type below struct {
	coarse
	climb climb
	fits  func(state uint16) bool
}

func (n *below) keep(w *worker, rows bitmap) {
	c := w.climber(n, n.climb)
	rows.keep(func(row int) bool { return n.fits(c.of(w.seg, row)) })
}

// inFolder fits all that stands below a folder.
func inFolder(id ident.EntryID) node {
	return &below{climb: within(id), fits: func(state uint16) bool { return state != 0 }}
}

// inOrIs fits all that stands below one of some folders, and these too.
func inOrIs(some []ident.EntryID) node {
	is := &pick{fits: func(s *segment, row int) bool { return slices.Contains(some, s.ids[row]) }}
	return or{&below{climb: nearest(some), fits: func(state uint16) bool { return state != 0 }}, is}
}

// pick fits rows by their columns.
type pick struct {
	coarse
	fits func(s *segment, row int) bool
}

func (n *pick) keep(w *worker, rows bitmap) {
	s := w.seg
	rows.keep(func(row int) bool { return n.fits(s, row) })
}

func newSize(from, to int64) node {
	return &pick{fits: func(s *segment, row int) bool {
		return from <= s.sizes[row] && s.sizes[row] <= to && s.kinds[row] != vfs.Folder
	}}
}

// times fits what has a time in a column, from a moment on and before another.
type times struct {
	coarse
	of       func(s *segment) []int64
	from, to int64
}

func (n *times) keep(w *worker, rows bitmap) {
	column := n.of(w.seg)
	rows.keep(func(row int) bool { at := column[row]; return n.from <= at && at < n.to && at != 0 })
}

func newHidden() node {
	return &pick{fits: func(s *segment, row int) bool { return s.flags[row]&flagHidden != 0 }}
}

func newEmpty() node {
	return &pick{fits: func(s *segment, row int) bool {
		return s.sizes[row] == 0 && (s.kinds[row] == vfs.File || s.kinds[row] == vfs.Folder)
	}}
}

// ext fits files by their extensions, which a segment has few of.
type ext struct {
	coarse
	fits func(ext []byte) bool
}

func (n *ext) keep(w *worker, rows bitmap) {
	s := w.seg
	yes := make([]bool, len(s.extEnds))
	for i := range yes {
		yes[i] = n.fits(s.extension(i))
	}
	rows.keep(func(row int) bool { return s.kinds[row] == vfs.File && yes[s.ext[row]] })
}

func newExt(exts []string) node {
	return &ext{fits: func(e []byte) bool { return slices.Contains(exts, string(e)) }}
}

// newMIME fits files whose extension promises one of some media types; one that
// ends in a slash stands for all of its sort.
func newMIME(types []string, kinds *filekind.Table) node {
	return &ext{fits: func(e []byte) bool {
		promised := kinds.ByName("x." + string(e)).MIME
		return promised != "" && slices.ContainsFunc(types, func(t string) bool {
			return t == promised || strings.HasSuffix(t, "/") && strings.HasPrefix(promised, t)
		})
	}}
}

// class fits files of a kind.
type class struct {
	coarse
	kind filekind.Kind
}

func (n *class) keep(w *worker, rows bitmap) {
	s := w.seg
	w.classes = w.classes.of(s, w.table.words)
	rows.keep(func(row int) bool {
		return s.kinds[row] == vfs.File && w.classes.class(s, row, w.table.words) == n.kind
	})
}

// newKind fits entries of a kind as kindOf names them; "file" is every file.
func newKind(name string) node {
	if k, ok := filekind.Parse(name); ok {
		return &class{kind: k}
	}
	return &pick{fits: func(s *segment, row int) bool { return s.kinds[row].String() == name }}
}
