package search

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// Match calls fn with every entry that a query fits, present ones alone, in the
// order of their ids, until fn returns false. Words of the query are held against
// names; none may have slips. What it tells was so at one moment, before the first
// call; fn may take long, and hold up nobody. Errors: errs.Invalid (the query
// holds what cannot be read), errs.Unavailable (the index does not know all names
// yet).
func (s *Service) Match(ctx context.Context, query string, fn func(ident.EntryID) bool) error {
	a, err := s.look(ctx, false)
	if err != nil {
		return err
	}
	q, hints, _ := parse(query, a.around, 0, false)
	if len(hints) > 0 {
		return errs.New(errs.Invalid, "the query %q cannot be read: %s", query, hints[0].Text).Try("See docs/search.md for what a query may hold.")
	}
	known, err := q.ready(ctx)
	if err != nil {
		return err
	}
	var found set
	whole, err := s.on(ctx, func(ctx context.Context, t *table) error {
		found = set{}
		return t.gather(ctx, q.fits, &found, func(seg *segment, row int) int64 { return int64(seg.ids[row]) })
	})
	if err != nil {
		return err
	}
	if !whole || !known {
		return errs.New(errs.Unavailable, "not all that the query asks for is known yet").Try("Try again in a moment.")
	}
	found.each(func(n int64) bool { return fn(ident.EntryID(n)) })
	return ctx.Err()
}

// gather adds a number of every row that fits to some; a nil node fits nothing.
func (t *table) gather(ctx context.Context, fits node, some *set, number func(s *segment, row int) int64) error {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var all sync.Mutex
	_, err := t.scan(ctx, fits, nil, func(w *worker) {
		var own set
		w.rows.each(func(row int) { own.add(number(w.seg, row)) })
		all.Lock()
		defer all.Unlock()
		some.or(&own)
	})
	return err
}

// scan calls look, of several goroutines at once, for each segment with rows that
// fit, which its worker holds then. begin, unless nil, is called with each worker
// before. The caller holds mu, and looks at no worker after an error.
func (t *table) scan(ctx context.Context, fits node, begin, look func(w *worker)) ([]worker, error) {
	if t.closed {
		return nil, errClosed
	}
	t.searches.Add(1)
	segs := t.segments()
	if fits == nil {
		segs = nil
	}
	workers := make([]worker, max(1, min(runtime.GOMAXPROCS(0), maxWorkers, len(segs))))
	var next atomic.Int32
	var wg sync.WaitGroup
	for i := range workers {
		w := &workers[i]
		w.table = t
		if begin != nil {
			begin(w)
		}
		wg.Go(func() {
			w.err = guard(func() {
				for i := int(next.Add(1)) - 1; i < len(segs) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
					if w.choose(segs[i], fits) {
						look(w)
					}
				}
			})
		})
	}
	wg.Wait()
	for i := range workers {
		for _, c := range workers[i].climbers {
			c.done()
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for i := range workers {
		if workers[i].err != nil {
			return nil, workers[i].err
		}
	}
	return workers, nil
}

// choose finds the rows of a segment that fit; false: none does.
func (w *worker) choose(s *segment, fits node) bool {
	w.seg = s
	w.rows = append(w.rows[:0], s.plane(listedPlane)...)
	if s.dead != nil {
		w.rows.andNot(s.dead)
	}
	fit(fits, w, w.rows)
	if w.rows.empty() {
		return false
	}
	w.classes = w.classes.of(s)
	return true
}
