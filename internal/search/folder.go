package search

import (
	"slices"

	"github.com/stardrive/stardrive/internal/ident"
)

// climb tells something of folders that depends on the folders above them: step
// makes a folder's state of the state above it, top is the state of what stands
// on top. States are less than 1<<16-1.
type climb struct {
	top  func(folder ident.EntryID) uint16
	step func(folder ident.EntryID, name []byte, above uint16) uint16
}

// climber remembers the states of folders for one worker of one search.
type climber struct {
	climb
	table *table
	memo  [][]uint16 // by segment and row: the state plus one; 0: not known
	local []uint16   // likewise, of the folders of the segment that is looked at
	seg   *segment
	stack []place
}

func newClimber(t *table, c climb) *climber {
	known, _ := t.climbers.Get().(*climber)
	if known == nil {
		known = &climber{}
	}
	known.climb, known.table = c, t
	known.forget()
	return known
}

// forget drops all that is known: rows have other places now.
func (c *climber) forget() {
	for i := range c.memo {
		clear(c.memo[i])
	}
	c.seg = nil
}

// done gives the climber's memory to the next one.
func (c *climber) done() { c.table.climbers.Put(c) }

// of returns the state of the folder that a row stands in.
func (c *climber) of(s *segment, row int) uint16 {
	if c.seg != s {
		c.seg = s
		c.local = slices.Grow(c.local[:0], len(s.parents))[:len(s.parents)]
		clear(c.local)
	}
	known := &c.local[s.parent[row]]
	if *known == 0 {
		*known = c.state(s.parents[s.parent[row]]) + 1
	}
	return *known - 1
}

// state climbs up to what is known. Between two pages of the change feed folders
// that were moved may stand in a circle: what was passed counts as state 0 until
// it is known, which ends every climb.
func (c *climber) state(folder ident.EntryID) (state uint16) {
	c.stack = c.stack[:0]
	for at := folder; ; {
		p, ok := c.table.find(at)
		if !ok {
			state = c.top(at)
			break
		}
		known := c.slot(p)
		if *known != 0 {
			state = *known - 1
			break
		}
		*known = 1
		c.stack = append(c.stack, p)
		at = p.seg.parentOf(p.row)
	}
	for i := len(c.stack) - 1; i >= 0; i-- {
		p := c.stack[i]
		state = c.step(p.seg.ids[p.row], p.seg.name(p.row), state)
		*c.slot(p) = state + 1
	}
	return state
}

func (c *climber) slot(p place) *uint16 {
	for len(c.memo) <= p.seg.number {
		c.memo = append(c.memo, nil)
	}
	rows := &c.memo[p.seg.number]
	if n := p.seg.rows(); len(*rows) < n {
		more := make([]uint16, n)
		copy(more, *rows)
		*rows = more
	}
	return &(*rows)[p.row]
}

// within has the state 1 for a folder and all below it.
func within(in ident.EntryID) climb {
	return climb{
		top: func(folder ident.EntryID) uint16 { return truth(folder == in) },
		step: func(folder ident.EntryID, _ []byte, above uint16) uint16 {
			return max(above, truth(folder == in))
		},
	}
}

// nearest has as its state one more than the index of the nearest of some
// folders at or above; 0: there is none.
func nearest(some []ident.EntryID) climb {
	at := make(map[ident.EntryID]uint16, len(some))
	for i, id := range some {
		at[id] = uint16(i + 1)
	}
	return climb{
		top: func(folder ident.EntryID) uint16 { return at[folder] },
		step: func(folder ident.EntryID, _ []byte, above uint16) uint16 {
			if own := at[folder]; own != 0 {
				return own
			}
			return above
		},
	}
}

func truth(b bool) uint16 {
	if b {
		return 1
	}
	return 0
}
