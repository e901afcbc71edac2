package search

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxWorkers = 4
	// maxHold is how long a query keeps those out who change the table, in which
	// others that begin wait as well. Most are through sooner.
	maxHold = 5 * time.Millisecond
	// breathEvery is after how many rows it is looked for that, where each takes long.
	breathEvery = 256
)

// mapped are the mappings of a table, kept as long as anybody looks at them: the
// table, and queries, which may go on with what the table has let go of.
type mapped struct {
	mu    sync.Mutex
	all   []mapping
	users int
}

func newMapped(some ...mapping) *mapped { return &mapped{all: some, users: 1} }

func (m *mapped) use() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.users++
}

// release takes the bytes away when nobody looks at them any more.
func (m *mapped) release() (err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.users--; m.users > 0 {
		return nil
	}
	for _, one := range m.all {
		err = errors.Join(err, one.release())
	}
	m.all = nil
	return err
}

func (m *mapped) add(one mapping) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all = append(m.all, one)
}

func (m *mapped) rest() (err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, one := range m.all {
		err = errors.Join(err, one.rest())
	}
	return err
}

// scanner is what a scan does with the rows that fit.
type scanner struct {
	begin func(w *worker)                   // with each worker before; may be nil
	look  func(w *worker)                   // of several goroutines at once, for each segment with rows that fit, which w holds
	end   func(workers []worker, seq int64) // with what the workers found, true as of seq of the feed; may be nil
}

// scan looks at the table as it is now, whatever changes meanwhile, but for where
// folders are: who moves one while a slow query is under way may see it at either
// place. A nil node fits nothing. Errors: errClosed; errFault; that of ctx.
//
// The segment that grows is looked at first, under the table's lock. Of the others,
// which do not change but for what is dead, a view is kept; so a slow query can let
// go of the lock now and then.
func (t *table) scan(ctx context.Context, fits node, s scanner) error {
	t.mu.RLock() // the first worker takes it over
	if t.closed {
		t.mu.RUnlock()
		return errClosed
	}
	t.searches.Add(1)
	memory, seq, gen := t.maps, t.seq, t.gen
	memory.use()
	defer func() { _ = memory.release() }() // nothing can be done
	var segs []segment
	var growing *segment
	if fits != nil {
		if segs = t.views(); t.grow != nil {
			growing = &t.grow.segment
		}
	}
	workers := make([]worker, max(1, min(runtime.GOMAXPROCS(0), maxWorkers, len(segs))))
	var next atomic.Int32
	var wg sync.WaitGroup
	for i := range workers {
		w := &workers[i]
		w.table, w.gen = t, gen
		if s.begin != nil {
			s.begin(w)
		}
	}
	for i := range workers {
		w := &workers[i]
		wg.Go(func() {
			if i > 0 {
				t.mu.RLock()
			}
			defer t.mu.RUnlock()
			w.since = time.Now()
			w.err = guard(func() {
				defer w.giveClimbers()
				if i == 0 && growing != nil && w.choose(growing, fits) {
					s.look(w)
					w.own(growing)
				}
				w.sealed = true
				for i := int(next.Add(1)) - 1; i < len(segs) && ctx.Err() == nil && !w.closed; i = int(next.Add(1)) - 1 {
					if w.breathe(); w.choose(&segs[i], fits) {
						s.look(w)
					}
				}
			})
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for i := range workers {
		switch w := &workers[i]; {
		case w.err != nil:
			return w.err
		case w.closed:
			return errClosed
		}
	}
	if s.end == nil {
		return nil
	}
	return guard(func() { s.end(workers, seq) })
}

// views are the sealed segments as they are now: rows that die later are alive in
// them.
func (t *table) views() []segment {
	views := make([]segment, len(t.sealed))
	for i, s := range t.sealed {
		views[i] = *s
		views[i].dead = slices.Clone(s.dead)
	}
	return views
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
	w.classes = w.classes.of(s, w.table.words)
	return true
}

// breathe lets those in who wait to change the table, if the worker has kept them
// out for long. What climbers know may not be so any more.
func (w *worker) breathe() {
	t := w.table
	if !w.sealed || time.Since(w.since) < t.hold {
		return
	}
	t.mu.RUnlock()
	t.mu.RLock()
	w.since = time.Now()
	w.closed = w.closed || t.closed
	if w.gen != t.gen {
		w.gen = t.gen
		for _, c := range w.climbers {
			c.forget()
		}
	}
}

// keep drops the rows that fn does not want, which may take long.
func (w *worker) keep(rows bitmap, fn func(row int) bool) {
	n := 0
	rows.keep(func(row int) bool {
		if n++; n%breathEvery == 0 {
			w.breathe()
		}
		return fn(row)
	})
}

// own copies the hits that are in the segment that grows, which changes when the
// lock is let go.
func (w *worker) own(growing *segment) {
	if len(w.best.hits) == 0 {
		return
	}
	g := newGrowing(len(w.best.hits))
	for i := range w.best.hits {
		h := &w.best.hits[i]
		g.copyRow(growing, h.row)
		h.place = place{&g.segment, i}
	}
}

// giveClimbers gives the memory of climbers to the next query. The caller holds the
// table's lock.
func (w *worker) giveClimbers() {
	for _, c := range w.climbers {
		c.done()
	}
	w.climbers = nil
}
