package search

import (
	"context"
	"sync"

	"github.com/stardrive/stardrive/internal/ident"
)

// copyOf is the best entry with a content, and how many there are.
type copyOf struct {
	entry ident.EntryID // 0: none fits
	worth float64
	all   int
}

// copies finds for some contents the best of their entries that fit one of the
// filters: one whose volume is there before one that is offline, then as names are
// ordered.
func (x *textual) copies(ctx context.Context, found []scored, filters or) (best map[ident.ContentID]*copyOf, err error) {
	some := &among{}
	for _, s := range found {
		some.some.add(s.id)
	}
	var away node
	if len(x.sight.places.offline) > 0 {
		away = inOrIs(x.sight.places.offline)
	}
	_, err = x.on(ctx, func(ctx context.Context, t *table) error {
		best = map[ident.ContentID]*copyOf{}
		var all sync.Mutex
		return t.scan(ctx, some, scanner{begin: func(w *worker) { w.query = x.q }, look: func(w *worker) {
			fits := w.borrow(w.rows)
			defer w.giveBack()
			fit(filters, w, fits)
			offline := w.borrow(fits)
			defer w.giveBack()
			if away == nil {
				clear(offline)
			} else {
				fit(away, w, offline)
			}
			all.Lock()
			defer all.Unlock()
			w.rows.each(func(row int) {
				c := best[w.seg.contents[row]]
				if c == nil {
					c = &copyOf{}
					best[w.seg.contents[row]] = c
				}
				if c.all++; fits.has(row) {
					c.take(w, row, offline.has(row))
				}
			})
		}})
	})
	return best, err
}

// take makes a row the best one, if it is better.
func (c *copyOf) take(w *worker, row int, offline bool) {
	s := w.seg
	worth := w.query.worth(len(s.name(row)), s.modified[row], kindWorth(s.kinds[row], w.class(row), s.flags[row]&flagHidden != 0))
	if worth += shallow(w.table.depth(s, row)); offline {
		worth -= 2
	}
	if id := s.ids[row]; c.entry == 0 || worth > c.worth || worth == c.worth && id < c.entry {
		c.entry, c.worth = id, worth
	}
}
