package search

import (
	"container/heap"
	"context"
	"slices"

	"github.com/stardrive/stardrive/internal/ident"
)

// worn reports whether it is worth its while to write the table anew: a quarter
// of its rows are dead, or it is in many small segments.
func (t *table) worn() bool {
	gone := 0
	for _, s := range t.sealed {
		gone += s.gone
	}
	return gone > t.rows/4+t.perSeg/2 || len(t.sealed) > 2*(t.rows/t.perSeg)+16
}

// merger makes new segments of all rows that were alive when it was made, in the
// order of ids. It works beside queries and changes of the table, which only
// mark rows as dead.
type merger struct {
	old  []*segment
	dead []bitmap        // of old, as it was
	rest func() error    // lets go of the pages that were read
	to   *table          // what comes out of it
	done context.Context // ends when it is through
	stop context.CancelFunc
	err  error // then
}

// newMerger takes the sealed rows; the caller has just sealed all.
func (t *table) newMerger(to *file) *merger {
	m := &merger{old: slices.Clone(t.sealed), to: newTable(t.perSeg), rest: t.rest}
	for _, s := range m.old {
		m.dead = append(m.dead, slices.Clone(s.dead))
	}
	m.to.file, m.to.seq, m.to.recent = to, t.seq, t.recent
	return m
}

// run merges, up to a file that is whole and synced, but not in its place.
func (m *merger) run(ctx context.Context) error {
	var failed error
	err := guard(func() { failed = m.merge(ctx) })
	if err == nil {
		err = failed
	}
	if err == nil && m.to.file != nil {
		err = m.to.file.sync()
	}
	return err
}

// drop takes back all that was made.
func (m *merger) drop() {
	if m.to.file != nil {
		m.to.file.drop()
	}
	_ = m.to.close() // nothing of it was ever used
}

func (m *merger) merge(ctx context.Context) error {
	q := &runs{m: m}
	for i := range m.old {
		q.push(run{seg: i, row: -1})
	}
	for q.Len() > 0 {
		r := q.runs[0]
		if m.to.full(1) {
			if err := m.to.seal(true); err != nil {
				return err
			}
			_ = m.rest() // or the system takes them when it needs memory
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if m.to.grow == nil {
			m.to.grow = newGrowing(m.to.perSeg)
		}
		m.to.grow.copyRow(m.old[r.seg], r.row)
		m.to.rows++
		if next, ok := m.next(r); ok {
			q.runs[0] = next
			heap.Fix(q, 0)
		} else {
			heap.Pop(q)
		}
	}
	return m.to.seal(false)
}

// next goes on to the next row that was alive.
func (m *merger) next(r run) (run, bool) {
	s, dead := m.old[r.seg], m.dead[r.seg]
	for r.row++; r.row < s.rows(); r.row++ {
		if dead == nil || !dead.has(r.row) {
			r.id = s.ids[r.row]
			return r, true
		}
	}
	return r, false
}

// adopt makes the merged rows the table's own, without those that have died
// meanwhile, and gives the file its place.
func (t *table) adopt(m *merger) error {
	if m.to.file != nil {
		if err := m.to.file.complete(); err != nil {
			return err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range newKills(m) {
		m.to.remove(id)
	}
	old := t.maps
	t.gen++
	t.sealed, t.maps, t.file, t.kills = m.to.sealed, m.to.maps, m.to.file, m.to.kills
	m.to.maps = newMapped()
	if t.grow != nil {
		t.grow.number = len(t.sealed)
	}
	return old.release()
}

// newKills returns what has died since the merger was made.
func newKills(m *merger) (late []ident.EntryID) {
	for i, s := range m.old {
		if s.dead == nil {
			continue
		}
		now := slices.Clone(s.dead)
		if m.dead[i] != nil {
			now.andNot(m.dead[i])
		}
		now.each(func(row int) { late = append(late, s.ids[row]) })
	}
	return late
}

// run is where the merging of one old segment stands.
type run struct {
	id       ident.EntryID
	seg, row int
}

// runs is a heap of them, by id.
type runs struct {
	m    *merger
	runs []run
}

// push takes in the run that follows r.
func (q *runs) push(r run) {
	if next, ok := q.m.next(r); ok {
		heap.Push(q, next)
	}
}

func (q *runs) Len() int           { return len(q.runs) }
func (q *runs) Less(i, j int) bool { return q.runs[i].id < q.runs[j].id }
func (q *runs) Swap(i, j int)      { q.runs[i], q.runs[j] = q.runs[j], q.runs[i] }

// Push adds a run; package heap demands it.
func (q *runs) Push(x any) { q.runs = append(q.runs, x.(run)) }

// Pop takes the last run away; package heap demands it.
func (q *runs) Pop() any {
	last := len(q.runs) - 1
	x := q.runs[last]
	q.runs = q.runs[:last]
	return x
}
