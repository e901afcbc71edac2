package search

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

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
	words [][]byte // folded; the longest first
	whole []byte   // folded, as typed
	in    ident.EntryID
	now   time.Time
}

// parse reads words. Nothing in a query is an error.
func parse(text string, in ident.EntryID, now time.Time) query {
	q := query{whole: []byte(fold(strings.TrimSpace(text))), in: in, now: now}
	for _, w := range strings.Fields(string(q.whole)) {
		if w = strings.ReplaceAll(w, "\x00", ""); w != "" {
			q.words = append(q.words, []byte(w))
		}
	}
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

// search returns the best hits up to limit, in order, and how many there are.
func (t *table) search(ctx context.Context, q query, limit int) (best []hit, total int, err error) {
	if len(q.words) == 0 {
		return nil, 0, nil
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	segs := t.segments()
	const workers = 2
	parts := make([]finder, workers)
	var wg sync.WaitGroup
	for w := range parts {
		f := &parts[w]
		*f = finder{table: t, query: q, limit: limit, under: map[ident.EntryID]bool{}}
		wg.Go(func() {
			for i := w; i < len(segs) && ctx.Err() == nil; i += workers {
				f.scan(segs[i])
			}
		})
	}
	wg.Wait()
	for i := range parts {
		best = append(best, parts[i].best...)
		total += parts[i].total
	}
	slices.SortFunc(best, func(a, b hit) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	return best[:min(limit, len(best))], total, ctx.Err()
}

// finder collects the hits of one worker.
type finder struct {
	table *table
	query query
	limit int
	best  worstFirst
	total int
	under map[ident.EntryID]bool // folders known to be in query.in, or not
}

// scan looks for the longest word in all names of a segment at once.
func (f *finder) scan(s *segment) {
	word := f.query.words[0]
	row := 0
	for at := 0; ; {
		i := bytes.Index(s.names[at:], word)
		if i < 0 {
			return
		}
		at += i
		row += rowAt(s.ends[row:], uint32(at))
		f.look(s, row)
		at = int(s.ends[row]) + 1 // one hit a name is enough
		row++
		if row == len(s.ids) {
			return
		}
	}
}

// rowAt returns how many rows end before the byte at pos: a gallop, since hits
// come in order and often close together.
func rowAt(ends []uint32, pos uint32) int {
	step := 1
	for step < len(ends) && ends[step] < pos {
		step *= 2
	}
	lo := step / 2
	i, _ := slices.BinarySearchFunc(ends[lo:min(step+1, len(ends))], pos, cmp.Compare[uint32])
	return lo + i
}

func (f *finder) look(s *segment, row int) {
	if s.dead[row] {
		return
	}
	name := s.name(row)
	for _, w := range f.query.words[1:] {
		if !bytes.Contains(name, w) {
			return
		}
	}
	if f.query.in != 0 && !f.within(s.parents[row]) {
		return
	}
	f.total++
	m := f.query.rate(name)
	h := hit{id: s.ids[row], match: m, score: f.query.score(m, len(name), s.modified[row])}
	if len(f.best) == f.limit {
		if f.limit == 0 || !h.before(f.best[0]) {
			return
		}
		heap.Pop(&f.best)
	}
	heap.Push(&f.best, h)
}

// within reports whether the folder is query.in or below it.
func (f *finder) within(folder ident.EntryID) bool {
	var path []ident.EntryID
	in := false
	for folder != 0 {
		if known, ok := f.under[folder]; ok {
			in = known
			break
		}
		path = append(path, folder)
		if folder == f.query.in {
			in = true
			break
		}
		p, ok := f.table.find(folder)
		if !ok {
			break
		}
		folder = p.seg.parents[p.row]
	}
	for _, id := range path {
		f.under[id] = in
	}
	return in
}

// rate tells how well a name that holds all words fits.
func (q *query) rate(name []byte) Match {
	if rest, ok := bytes.CutPrefix(name, q.whole); ok {
		if len(rest) == 0 || rest[0] == '.' && bytes.IndexByte(rest[1:], '.') < 0 {
			return Exact
		}
		return Prefix
	}
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

// score orders hits: by match, then short names and recent changes, which weigh
// less than any step of match.
func (q *query) score(m Match, length int, modified int64) float64 {
	age := max(0, q.now.Sub(time.Unix(0, modified)).Hours()/24)
	recent := 1 / (1 + age/30)
	short := 1 / (1 + float64(length)/20)
	return math.Round((float64(m)+0.5*recent+0.49*short)*1e6) / 1e6
}

// worstFirst is a heap whose first hit is the worst.
type worstFirst []hit

func (h worstFirst) Len() int           { return len(h) }
func (h worstFirst) Less(i, j int) bool { return h[j].before(h[i]) }
func (h worstFirst) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push adds a hit.
func (h *worstFirst) Push(x any) { *h = append(*h, x.(hit)) }

// Pop takes the worst hit.
func (h *worstFirst) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
