package search

import (
	"bytes"
	"strings"

	"github.com/stardrive/stardrive/internal/ident"
)

// maxParts is how many folders a path in a query may name.
const maxParts = 12

// path fits what stands where a folded path leads, or below: "photos/2024" is in
// the path of all that is below a folder 2024 in a folder whose name ends in
// photos, and of what begins with 2024 in such a folder. A slash at either end
// makes that name whole.
type path struct {
	coarse
	parts [][]byte
}

// newPath returns false for paths of too many parts.
func newPath(folded string) (*path, bool) {
	var n path
	for p := range strings.SplitSeq(folded, "/") {
		n.parts = append(n.parts, []byte(p))
	}
	return &n, len(n.parts) <= maxParts
}

// The state of a folder: bit i says that its path ends in the first i+1 parts,
// and inPath that all parts are in it already.
const inPath = 1 << 15

func (n *path) climb() climb {
	start := uint16(0)
	if len(n.parts) > 1 && len(n.parts[0]) == 0 {
		start = 1 // what stands on top
	}
	return climb{
		top: func(ident.EntryID) uint16 { return start },
		step: func(_ ident.EntryID, name []byte, above uint16) uint16 {
			state := above & inPath
			if n.ends(name, above) {
				state = inPath
			}
			for i, p := range n.parts[:len(n.parts)-1] {
				if i == 0 && bytes.HasSuffix(name, p) || i > 0 && above>>(i-1)&1 != 0 && bytes.Equal(name, p) {
					state |= 1 << i
				}
			}
			return state
		},
	}
}

// ends reports whether the path of an entry has all parts in it, whose folder
// does not.
func (n *path) ends(name []byte, above uint16) bool {
	last := len(n.parts) - 1
	if last == 0 {
		return bytes.Contains(name, n.parts[0])
	}
	return above>>(last-1)&1 != 0 && bytes.HasPrefix(name, n.parts[last])
}

func (n *path) keep(w *worker, rows bitmap) {
	c := w.climber(n, n.climb())
	s := w.seg
	rows.keep(func(row int) bool {
		above := c.of(s, row)
		return above&inPath != 0 || n.ends(s.name(row), above)
	})
}
