package search

import (
	"bytes"
	"container/heap"
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/ident"
)

// Match tells how well a name fits.
type Match uint8

// From the weakest to the strongest.
const (
	Inside    Match = iota // somewhere in a word
	WordStart              // at the start of a word
	Prefix                 // at the start of the name
	Exact                  // the whole name, or all but its extension
)

// String is the wire name.
func (m Match) String() string { return [...]string{"inside", "word", "prefix", "exact"}[m] }

// query is what a search looks for: all words, anywhere in the name.
type query struct {
	words  [][]byte // folded; the longest first
	whole  []byte   // folded, as typed
	planes []int    // of all words together
	exact  bool     // the planes tell it all
	in     ident.EntryID
	now    int64 // nanoseconds since 1970, full hours: hits keep their order from page to page
}

// parse reads words. Nothing in a query is an error.
func parse(text string, in ident.EntryID, now time.Time) query {
	q := query{whole: []byte(collate.Fold(strings.TrimSpace(text))), in: in, now: now.Truncate(time.Hour).UnixNano(), exact: true}
	for _, w := range bytes.Fields(q.whole) {
		q.words = append(q.words, w)
		planes, exact := planesOf(w)
		q.planes, q.exact = append(q.planes, planes...), q.exact && exact
	}
	slices.Sort(q.planes)
	q.planes = slices.Compact(q.planes)
	slices.SortStableFunc(q.words, func(a, b []byte) int { return len(b) - len(a) })
	return q
}

// hit is one entry that fits.
type hit struct {
	id    ident.EntryID
	match Match
	score float64
}

// before orders hits: higher scores first, then older ids, so that pages are stable.
func (h hit) before(o hit) bool {
	if h.score != o.score {
		return h.score > o.score
	}
	return h.id < o.id
}

// errClosed says that a table holds nothing any more.
var errClosed = errors.New("the index is closed")

// search returns the best hits up to limit, in order, and how many there are.
func (t *table) search(ctx context.Context, q query, limit int) (best []hit, total int, err error) {
	if len(q.words) == 0 {
		return nil, 0, nil
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.closed {
		return nil, 0, errClosed
	}
	segs := t.segments()
	parts := make([]finder, max(1, min(runtime.GOMAXPROCS(0), maxWorkers, len(segs))))
	var next atomic.Int32
	var wg sync.WaitGroup
	for w := range parts {
		f := &parts[w]
		*f = finder{table: t, query: q, limit: limit, under: map[ident.EntryID]bool{}}
		wg.Go(func() {
			f.err = guard(func() {
				for i := int(next.Add(1)) - 1; i < len(segs) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
					f.scan(segs[i])
				}
			})
		})
	}
	wg.Wait()
	for i := range parts {
		best = append(best, parts[i].best...)
		total += parts[i].total
		if parts[i].err != nil {
			return nil, 0, parts[i].err
		}
	}
	slices.SortFunc(best, func(a, b hit) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	return best[:min(limit, len(best))], total, ctx.Err()
}

const maxWorkers = 4

// finder collects the hits of one worker.
type finder struct {
	table *table
	query query
	limit int
	rows  bitmap
	best  worstFirst
	floor float64 // no score below it is among the best any more
	total int
	err   error

	under  map[ident.EntryID]bool // folders known to be in query.in, or not
	inside []uint8                // whether each of the segment's folders is
}

// scan finds the rows of a segment that fit, by its bitmaps as far as they tell.
func (f *finder) scan(s *segment) {
	f.rows = append(f.rows[:0], s.plane(listedPlane)...)
	if s.dead != nil {
		f.rows.andNot(s.dead)
	}
	s.narrow(f.query.planes, f.rows)
	if !f.query.exact {
		f.rows.keep(func(row int) bool {
			name := s.name(row)
			for _, w := range f.query.words {
				if !bytes.Contains(name, w) {
					return false
				}
			}
			return true
		})
	}
	if f.query.in != 0 {
		f.inside = append(f.inside[:0], make([]uint8, len(s.parents))...)
		f.rows.keep(func(row int) bool { return f.isWithin(s, int(s.parent[row])) })
	}
	f.total += f.rows.count()
	if f.limit > 0 {
		f.rows.each(func(row int) { f.rank(s, row) })
	}
}

// isWithin is within for a folder of the segment, which is asked once.
func (f *finder) isWithin(s *segment, folder int) bool {
	if f.inside[folder] == 0 {
		f.inside[folder] = 1
		if f.within(s.parents[folder]) {
			f.inside[folder] = 2
		}
	}
	return f.inside[folder] == 2
}

// rank keeps a row that fits if it is among the best.
func (f *finder) rank(s *segment, row int) {
	name := s.name(row)
	worth := f.query.worth(len(name), s.modified[row])
	if float64(Exact)+worth < f.floor {
		return
	}
	h := hit{id: s.ids[row], match: f.query.begins(name)}
	if h.match == Inside {
		if float64(WordStart)+worth < f.floor {
			return // it cannot be among the best, whichever of the two it is
		}
		h.match = f.query.inWords(name)
	}
	h.score = score(h.match, worth)
	f.keep(h)
}

// keep takes h among the best hits if it belongs there.
func (f *finder) keep(h hit) {
	switch {
	case len(f.best) < f.limit:
		heap.Push(&f.best, h)
	case h.before(f.best[0]):
		f.best[0] = h
		heap.Fix(&f.best, 0)
	}
	if len(f.best) == f.limit {
		f.floor = f.best[0].score - 1e-6 // which scores are rounded to
	}
}

// within reports whether the folder is query.in or below it. Between two pages
// of the change feed folders that were moved may stand in a circle: what was
// passed counts as outside until it is known, which ends every walk.
func (f *finder) within(folder ident.EntryID) bool {
	var path []ident.EntryID
	in := false
	for at := folder; at != 0; at = f.table.parent(at) {
		known, ok := f.under[at]
		if in = known || at == f.query.in; ok || in {
			break
		}
		f.under[at] = false
		path = append(path, at)
	}
	if in {
		for _, id := range path {
			f.under[id] = true
		}
	}
	return in
}

// begins tells how well a name fits that begins with the query: [Exact] or
// [Prefix]; [Inside] if it does not.
func (q *query) begins(name []byte) Match {
	rest, ok := bytes.CutPrefix(name, q.whole)
	switch {
	case !ok:
		return Inside
	case len(rest) == 0 || rest[0] == '.' && bytes.IndexByte(rest[1:], '.') < 0:
		return Exact
	}
	return Prefix
}

// inWords tells how well a name fits that holds all words, and does not begin
// with the query: [WordStart] if all of them stand at the start of one.
func (q *query) inWords(name []byte) Match {
	for _, w := range q.words {
		if !startsWord(name, w) {
			return Inside
		}
	}
	return WordStart
}

func startsWord(name, word []byte) bool {
	for from := 0; ; {
		i := bytes.Index(name[from:], word)
		if i < 0 {
			return false
		}
		i += from
		if i == 0 {
			return true
		}
		r, _ := utf8.DecodeLastRune(name[:i])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return true
		}
		from = i + 1
	}
}

// worth orders hits that fit alike: recent changes and short names first. It is
// less than 1.
func (q *query) worth(length int, modified int64) float64 {
	const month = float64(30 * 24 * time.Hour)
	recent := 1 / (1 + max(0, float64(q.now-modified))/month)
	short := 1 / (1 + float64(length)/20)
	return 0.5*recent + 0.49*short
}

// score orders hits: by match, then by worth, which weighs less than any step of
// match. It is rounded to what clients see.
func score(m Match, worth float64) float64 {
	return math.Round((float64(m)+worth)*1e6) / 1e6
}

// worstFirst is a heap whose first hit is the worst.
type worstFirst []hit

func (h worstFirst) Len() int           { return len(h) }
func (h worstFirst) Less(i, j int) bool { return h[j].before(h[i]) }
func (h worstFirst) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push adds a hit.
func (h *worstFirst) Push(x any) { *h = append(*h, x.(hit)) }

// Pop takes the worst hit; package heap demands it.
func (h *worstFirst) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
