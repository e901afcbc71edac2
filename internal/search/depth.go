package search

import (
	"sync"
	"sync/atomic"

	"github.com/stardrive/stardrive/internal/ident"
)

// heights remember from one search to the next how many folders are above what
// stands in a folder: with each segment, for its folders (segment.above), a number
// with the state of the tree that it is true of. The tree has another state when a
// folder stands in another one or is gone, which is rare; or when one is there that
// was missing above others.
type heights struct {
	state uint64 // more than 0; changes under the table's lock
	mu    sync.Mutex
	tops  map[ident.EntryID]bool // what was missing on top
}

func newHeights() *heights { return &heights{state: 1, tops: map[ident.EntryID]bool{}} }

const (
	heightBits = 16
	// maxHeight is more than paths can have; maxClimb ends a climb in a circle, in which
	// folders may stand between two pages of the change feed.
	maxHeight, maxClimb = 1000, 1 << 16
)

// changed says that what is known of folders may not be so any more. The caller has
// locked the table.
func (h *heights) changed() {
	h.state++
	clear(h.tops)
}

// came says that a folder is there now.
func (h *heights) came(id ident.EntryID) {
	if h.tops[id] {
		h.changed()
	}
}

func (h *heights) missing(id ident.EntryID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tops[id] = true
}

// get returns what a slot holds, if that is so still.
func (h *heights) get(slot *uint64) (height uint64, ok bool) {
	known := atomic.LoadUint64(slot)
	return known & (1<<heightBits - 1), known>>heightBits == h.state
}

func (h *heights) put(slot *uint64, height uint64) {
	atomic.StoreUint64(slot, h.state<<heightBits|height)
}

// depth is the number of folders above a row. The caller has the table's lock.
func (t *table) depth(s *segment, row int) uint64 {
	h, at := t.heights, s.parent[row]
	height, ok := h.get(&s.above[at])
	if ok {
		return height
	}
	var climbed []*uint64
	for len(climbed) < maxClimb {
		if height, ok = h.get(&s.above[at]); ok {
			break
		}
		p, ok := t.find(s.parents[at])
		if !ok {
			h.missing(s.parents[at])
			h.put(&s.above[at], 0)
			height = 0
			break
		}
		climbed = append(climbed, &s.above[at])
		s, at = p.seg, p.seg.parent[p.row]
	}
	for i := len(climbed) - 1; i >= 0; i-- {
		height = min(height+1, maxHeight)
		h.put(climbed[i], height)
	}
	return height
}
