package search

import (
	"bytes"
	"cmp"
	"container/heap"
	"math"
	"sync/atomic"
	"unsafe"

	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Sort names an order of hits.
type Sort string

// The orders.
const (
	ByRelevance Sort = "relevance"
	ByName      Sort = "name"
	BySize      Sort = "size"
	ByModified  Sort = "modified"
	ByKind      Sort = "kind"
	ByTaken     Sort = "taken"
)

// Enum lists the orders, for schemas.
func (Sort) Enum() []string {
	return []string{string(ByRelevance), string(ByName), string(BySize), string(ByModified), string(ByKind), string(ByTaken)}
}

// TypeName is what clients call the type.
func (Sort) TypeName() string { return "SearchSort" }

// order is how hits are sorted.
type order struct {
	by         Sort
	descending bool // not by relevance, which has the best first
	taken      takenTimes
}

// compare is 0 for one and the same entry alone.
func (o *order) compare(a, b *hit) int {
	c := 0
	switch o.by {
	case ByName:
	case BySize, ByModified, ByTaken:
		c = cmp.Compare(a.num, b.num)
	case ByKind:
		if c = cmp.Compare(a.num, b.num); c == 0 {
			c = bytes.Compare(a.seg.extension(int(a.seg.ext[a.row])), b.seg.extension(int(b.seg.ext[b.row])))
		}
	default:
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.id(), b.id()))
	}
	if c == 0 {
		c = byName(a, b)
	}
	if o.descending {
		return -c
	}
	return c
}

func (h *hit) id() int64 { return int64(h.seg.ids[h.row]) }

func byName(a, b *hit) int {
	x, y := a.seg.name(a.row), b.seg.name(b.row)
	return cmp.Or(collate.Natural(text(x), text(y)), bytes.Compare(x, y), cmp.Compare(a.id(), b.id()))
}

// text is b as a string, while b is not changed.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// rank keeps the rows of a worker that are among the best.
func (o *order) rank(w *worker) {
	switch o.by {
	case ByName:
		w.rows.each(func(row int) { w.best.keep(hit{place: place{w.seg, row}, match: w.match(row)}) })
	case BySize, ByModified:
		column := w.seg.sizes
		if o.by == ByModified {
			column = w.seg.modified
		}
		w.rows.each(func(row int) {
			if h := (hit{place: place{w.seg, row}, num: column[row]}); w.best.wants(h.num) {
				h.match = w.match(row)
				w.best.keep(h)
			}
		})
	case ByTaken:
		w.rows.each(func(row int) {
			if h := (hit{place: place{w.seg, row}, num: o.taken.order(w.seg.contents[row], o.descending)}); w.best.wants(h.num) {
				h.match = w.match(row)
				w.best.keep(h)
			}
		})
	case ByKind:
		w.rows.each(func(row int) {
			if h := (hit{place: place{w.seg, row}, num: kindOrder(w.seg.kinds[row], w.class(row))}); w.best.wants(h.num) {
				h.match = w.match(row)
				w.best.keep(h)
			}
		})
	default:
		w.rows.each(w.rank)
	}
}

// kindOrder puts folders first, then files by their kind, then the rest.
func kindOrder(kind vfs.Kind, c filekind.Kind) int64 {
	switch kind {
	case vfs.Folder:
		return 0
	case vfs.File:
		if c == filekind.Other {
			c = filekind.Count
		}
		return int64(c)
	}
	return int64(filekind.Count) + int64(kind)
}

// match tells how well a row fits.
func (w *worker) match(row int) Match {
	q := w.query
	if len(q.words) == 0 {
		return Filter
	}
	name := w.seg.name(row)
	if m := q.begins(name); m != Inside {
		return m
	}
	return q.inWords(name)
}

// rank keeps a row if it is among the best. What costs more is asked later, and
// mostly not at all.
func (w *worker) rank(row int) {
	s, q := w.seg, w.query
	name := s.name(row)
	m, best := Filter, Filter
	if len(q.words) > 0 {
		if m = q.begins(name); m == Inside {
			best = WordStart // it may be
		} else {
			best = m
		}
	}
	if float64(best+1) < w.best.floor {
		return
	}
	worth := q.worth(len(name), s.modified[row], kindWorth(s.kinds[row], w.class(row), s.flags[row]&flagHidden != 0))
	if float64(best)+worth+worthShallow < w.best.floor {
		return
	}
	if m == Inside {
		m = q.inWords(name)
	}
	if float64(m)+worth+worthShallow < w.best.floor {
		return
	}
	worth += shallow(w.table.depth(s, row))
	w.best.keep(hit{place: place{s, row}, match: m, score: score(m, worth)})
}

// top keeps the first hits in an order.
type top struct {
	order *order
	limit int
	after *cursor // none up to there is kept; nil: all are
	hits  []hit   // a heap whose first is the last in order
	floor float64 // no score below it is among them any more

	shared *atomic.Uint64 // the highest floor of all workers, its bits
}

// share tells the other workers of the floor, and hears of theirs.
func (t *top) share() {
	for {
		known := t.shared.Load()
		if theirs := math.Float64frombits(known); theirs >= t.floor {
			t.floor = theirs
			return
		}
		if t.shared.CompareAndSwap(known, math.Float64bits(t.floor)) {
			return
		}
	}
}

// keep takes h in if it belongs there.
func (t *top) keep(h hit) {
	if t.after != nil && !t.order.behind(&h, t.after) {
		return
	}
	switch {
	case len(t.hits) < t.limit:
		heap.Push(t, h)
	case t.order.compare(&h, &t.hits[0]) < 0:
		t.hits[0] = h
		heap.Fix(t, 0)
	}
	if len(t.hits) == t.limit {
		t.floor = max(t.floor, t.hits[0].score-1e-6) // which scores are rounded to
	}
}

// wants reports whether a hit with this number may belong there.
func (t *top) wants(num int64) bool {
	if len(t.hits) < t.limit {
		return true
	}
	if t.order.descending {
		return num >= t.hits[0].num
	}
	return num <= t.hits[0].num
}

func (t *top) Len() int           { return len(t.hits) }
func (t *top) Less(i, j int) bool { return t.order.compare(&t.hits[j], &t.hits[i]) < 0 }
func (t *top) Swap(i, j int)      { t.hits[i], t.hits[j] = t.hits[j], t.hits[i] }

// Push adds a hit; package heap demands it.
func (t *top) Push(x any) { t.hits = append(t.hits, x.(hit)) }

// Pop takes the last away; package heap demands it.
func (t *top) Pop() any {
	last := len(t.hits) - 1
	x := t.hits[last]
	t.hits = t.hits[:last]
	return x
}
