package search

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/stardrive/stardrive/internal/filekind"
)

// query is what a search looks for, in which order it shows that, and what it
// counts.
type query struct {
	fits  node     // nil: nothing
	words [][]byte // folded, that a name must hold; the longest first
	whole []byte   // these, as typed
	now   int64    // nanoseconds since 1970, full hours: hits keep their order from page to page
	order order
	after *cursor   // where the page before ended; nil: it is the first one
	count *counting // nil: nothing

	sense  *sense   // what is asked of texts
	said   string   // the words that are asked for, as typed
	like   []string // what hits are to be like
	inText bool     // texts are asked, and names are not
	live   string   // all hits are below this folder, which is not indexed
	lazy   []*among // parts of fits that are filled before it is used

	liveAt token   // what names live
	unread []token // what asks for more than is known of files that are not indexed
}

// hit is one entry that fits.
type hit struct {
	place
	match Match
	score float64
	num   int64 // what it is sorted by, if that is a number
}

// found is what a search finds.
type found struct {
	hits   []hit // the first ones, in order
	total  int
	counts *tally
	seq    int64 // of the change feed
}

// errClosed says that a table holds nothing any more.
var errClosed = errors.New("the index is closed")

// search calls fn with the first hits up to limit, in order, and how many there
// are. What it passes is fn's only until it returns.
func (t *table) search(ctx context.Context, q *query, limit int, fn func(found)) error {
	var floor atomic.Uint64
	return t.scan(ctx, q.fits, scanner{
		begin: func(w *worker) {
			w.query, w.best = q, top{order: &q.order, limit: limit, after: q.after, shared: &floor}
		},
		look: (*worker).take,
		end: func(workers []worker, seq int64) {
			f := found{seq: seq}
			for i := range workers {
				w := &workers[i]
				f.hits = append(f.hits, w.best.hits...)
				f.total += w.total
				f.counts = f.counts.plus(w.counts)
			}
			slices.SortFunc(f.hits, func(a, b hit) int { return q.order.compare(&a, &b) })
			f.hits = f.hits[:min(limit, len(f.hits))]
			fn(f)
		},
	})
}

// worker looks at some of the segments.
type worker struct {
	table  *table
	query  *query
	seg    *segment // that is looked at
	rows   bitmap   // of it, that fit
	best   top
	total  int
	counts *tally
	err    error

	// What breathe needs.
	sealed bool      // seg does not change
	since  time.Time // the worker holds the table's lock
	gen    int64     // of the table
	closed bool      // the table was closed meanwhile

	climbers map[any]*climber
	spare    []bitmap // borrowed ones first
	borrowed int
	buf      []byte
	classes  classes // of the segment
}

// take counts the rows that fit, and keeps the best.
func (w *worker) take() {
	w.total += w.rows.count()
	if w.query.count != nil {
		w.countRows()
	}
	if w.best.limit > 0 {
		w.best.share()
		w.query.order.rank(w)
		w.best.share()
	}
}

// class is the kind of file that a row's name promises.
func (w *worker) class(row int) filekind.Kind { return w.classes.class(w.seg, row, w.table.words) }

// raw returns the name of a row as it is, until the next call.
func (w *worker) raw(row int) []byte {
	w.buf = w.seg.raw(row, w.buf)
	return w.buf
}

// borrow copies rows; giveBack takes back what was borrowed last.
func (w *worker) borrow(rows bitmap) bitmap {
	if w.borrowed == len(w.spare) {
		w.spare = append(w.spare, nil)
	}
	w.spare[w.borrowed] = append(w.spare[w.borrowed][:0], rows...)
	w.borrowed++
	return w.spare[w.borrowed-1]
}

func (w *worker) giveBack() { w.borrowed-- }

// union makes rows those that keep leaves of them for one of the nodes.
func (w *worker) union(rows bitmap, nodes []node, keep func(n node, some bitmap)) {
	before := w.borrow(rows)
	clear(rows)
	for _, n := range nodes {
		some := w.borrow(before)
		keep(n, some)
		rows.or(some)
		w.giveBack()
	}
	w.giveBack()
}

// climber returns the worker's own climber of what key stands for.
func (w *worker) climber(key any, c climb) *climber {
	if w.climbers == nil {
		w.climbers = map[any]*climber{}
	}
	known := w.climbers[key]
	if known == nil {
		known = newClimber(w.table, c)
		w.climbers[key] = known
	}
	return known
}
