package fulltext

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

// Limits of one question. What is beyond is not looked at, and Found says so.
const (
	maxLook    = 15_000 // documents that hold the words, of which it is asked whether they are wanted
	maxScored  = 1500   // of these, that are scored
	titleWorth = 8.0    // what a word in the title counts, one in the text counting 1
)

// Hit is a document that holds the words.
type Hit struct {
	ID    int64
	Score float64 // by bm25; higher is better
}

// Found is what a question finds.
type Found struct {
	Hits  []Hit // the best first
	Total int   // how many there are, as far as it was looked
	More  bool  // there may be more, newer ones having been looked at first
	Late  bool  // time was up: not all was looked at, or not all that was is scored
}

var errTimeUp = errors.New("time is up")

// Find returns documents that hold what e asks for, among those that ok accepts,
// which must be quick, and is asked by several goroutines: the best of the newest
// maxScored. Errors: errs.Unavailable; errs.Cancelled.
func (x *Index) Find(ctx context.Context, e Expr, ok func(id int64) bool) (f Found, err error) {
	var b strings.Builder
	if !e.match(&b, nil) {
		return f, nil
	}
	err = x.live(ctx, 0, func(l *life) error {
		limited, stop := context.WithCancelCause(ctx)
		defer stop(nil)
		var up *time.Timer
		began := sync.OnceFunc(func() { up = time.AfterFunc(x.FindTime, func() { stop(errTimeUp) }) })
		defer func() {
			began()
			up.Stop()
		}()
		some, err := f.lookAll(limited, l, e, b.String(), began, ok)
		if err == nil && len(some) > 0 {
			err = f.score(limited, l, e, some)
		}
		if err != nil && ctx.Err() == nil && errors.Is(context.Cause(limited), errTimeUp) {
			f.Late, f.More, err = true, true, nil
		}
		f.unscored(some)
		return err
	})
	slices.SortFunc(f.Hits, func(a, b Hit) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.ID, a.ID)) })
	return f, errs.In("fulltext.find", err)
}

// unscored adds what was found and has no score: there was no time, or its words
// are such as stand nearly everywhere.
func (f *Found) unscored(some []int64) {
	scored := make(map[int64]bool, len(f.Hits))
	for _, h := range f.Hits {
		scored[h.ID] = true
	}
	for _, id := range some {
		if !scored[id] {
			f.Hits = append(f.Hits, Hit{ID: id})
		}
	}
}

const (
	// manyDocs is how many documents there must be for one question to be asked of
	// several parts of them at once, and for words to be left out of scores.
	manyDocs = 10_000
	maxParts = 4
)

// lookAll counts what matches and is wanted, newest first, and returns what to
// score. Phrases, whose places must be compared, are looked for in several parts of
// all documents at the same time. began is called when it has its turn to read:
// waiting for that is not looking.
func (f *Found) lookAll(ctx context.Context, l *life, e Expr, match string, began func(), ok func(int64) bool) (some []int64, err error) {
	parts, newest := 1, int64(math.MaxInt64)
	if l.docs.len() > manyDocs && slices.ContainsFunc(e.phrases(nil), func(p phrase) bool { return len(p.pieces) > 1 }) {
		parts = min(maxParts, runtime.GOMAXPROCS(0))
		err := l.db.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow("SELECT coalesce(max(id), 0) FROM doc").Scan(&newest) })
		if err != nil {
			return nil, err
		}
	}
	looks, failed := make([]looked, parts), make([]error, parts)
	var wg sync.WaitGroup
	for i := range looks {
		p := &looks[i]
		p.most = maxLook / parts
		p.from, p.to = newest/int64(parts)*int64(i), newest/int64(parts)*int64(i+1)-1
		if i == parts-1 {
			p.to = math.MaxInt64
		}
		wg.Go(func() {
			failed[i] = l.db.Read(ctx, func(tx *store.Tx) error {
				began()
				return p.look(tx, match, ok)
			})
		})
	}
	wg.Wait()
	for i := parts - 1; i >= 0; i-- { // the newest first
		some = append(some, looks[i].some...)
		f.Total += looks[i].total
		f.More = f.More || looks[i].more
	}
	if len(some) > maxScored {
		some, f.More = some[:maxScored], true
	}
	return some, errors.Join(failed...)
}

// looked is what a look at a part of all documents finds.
type looked struct {
	from, to int64 // ids
	most     int   // that match and are looked at
	total    int   // that are wanted
	some     []int64
	more     bool
}

func (p *looked) look(tx *store.Tx, match string, ok func(int64) bool) error {
	rows, err := tx.Query("SELECT rowid FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC", match, p.from, p.to)
	if err != nil {
		return err
	}
	defer rows.Close()
	for n := 0; rows.Next(); n++ {
		if n == p.most {
			p.more = true
			break
		}
		var id int64
		if err := rows.Scan(&id); err != nil {
			return err
		}
		if !ok(id) {
			continue
		}
		if p.total++; len(p.some) < maxScored {
			p.some = append(p.some, id)
		} else {
			p.more = true
		}
	}
	return rows.Err()
}

// score scores these documents, of which the newest is the first. The plus keeps
// SQLite from looking for each of them on its own.
func (f *Found) score(ctx context.Context, l *life, e Expr, some []int64) error {
	list, err := json.Marshal(some)
	if err != nil {
		return err
	}
	return l.db.Read(ctx, func(tx *store.Tx) error {
		var failed error
		var words strings.Builder
		tells := e.match(&words, func(piece string) bool {
			n, err := l.holding(tx, piece)
			failed = errors.Join(failed, err)
			return n*2 < l.docs.len()
		})
		if failed != nil || !tells {
			return failed
		}
		rows, err := tx.Query(`SELECT rowid, -bm25(words, ?, 1.0) FROM words
			WHERE words MATCH ? AND rowid BETWEEN ? AND ? AND +rowid IN (SELECT value FROM json_each(?)) ORDER BY rowid DESC`,
			titleWorth, words.String(), some[len(some)-1], some[0], string(list))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var h Hit
			if err := rows.Scan(&h.ID, &h.Score); err != nil {
				return err
			}
			f.Hits = append(f.Hits, h)
		}
		return rows.Err()
	})
}

// held remembers how many documents hold words.
type held struct {
	mu   sync.Mutex
	by   map[string]int
	docs int // when it began
}

// maxHeld is how many words are remembered.
const maxHeld = 10_000

// holding tells about how many documents hold a word, where that counts. One that more than half of
// them hold adds nothing to a score by bm25, and much to its cost.
func (l *life) holding(tx *store.Tx, piece string) (n int, err error) {
	if l.docs.len() < manyDocs {
		return 0, nil
	}
	return l.count(tx, piece)
}

// count tells about how many documents hold a word.
func (l *life) count(tx *store.Tx, piece string) (n int, err error) {
	docs, h := l.docs.len(), &l.held
	h.mu.Lock()
	if h.by == nil || len(h.by) >= maxHeld || docs > h.docs+h.docs/8 || docs < h.docs-h.docs/8 {
		h.by, h.docs = map[string]int{}, docs
	}
	n, known := h.by[piece]
	h.mu.Unlock()
	if known {
		return n, nil
	}
	if err := tx.QueryRow(`SELECT count(*) FROM words WHERE words MATCH ?`, `"`+piece+`"`).Scan(&n); err != nil {
		return 0, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.by[piece] = n
	return n, nil
}

// All calls fn with every document that holds what e asks for, newest first, up to
// most; whole: these were all. Errors: as of Find.
func (x *Index) All(ctx context.Context, e Expr, most int, fn func(id int64)) (whole bool, err error) {
	var b strings.Builder
	if !e.match(&b, nil) {
		return true, nil
	}
	whole = true
	err = x.live(ctx, 0, func(l *life) error {
		return l.db.Read(ctx, func(tx *store.Tx) error {
			rows, err := tx.Query("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC", b.String())
			if err != nil {
				return err
			}
			defer rows.Close()
			for n := 0; rows.Next(); n++ {
				if n == most {
					whole = false
					return nil
				}
				var id int64
				if err := rows.Scan(&id); err != nil {
					return err
				}
				fn(id)
			}
			return rows.Err()
		})
	})
	return whole, errs.In("fulltext.find", err)
}

// Excerpt is what is shown of a document.
type Excerpt struct {
	ID       int64
	Title    string
	Marks    [][2]int // where in the title the words stand, in characters
	Snippets []Snippet
	// False: the words are not there, whatever the index said.
	True bool
}

// maxScan is about how much text one question looks through for words to show, in
// bytes. Of what is beyond, the beginning is shown.
const maxScan = 8 << 20

// Show returns what is shown of documents, in their order. Left out are those that
// are gone, and those whose text is not that of the content: it is asked for again.
// e may be nil: then nothing is marked. Errors: as of Find.
func (x *Index) Show(ctx context.Context, e Expr, docs []Ref) (out []Excerpt, err error) {
	var ps []phrase
	if e != nil {
		ps = distinct(e.phrases(nil))
	}
	var budget atomic.Int64
	budget.Store(maxScan)
	return x.showEach(ctx, docs, func(r Ref, b *body) (Excerpt, error) {
		var s *seeker
		if len(ps) > 0 && budget.Load() > 0 {
			s = newSeeker(ps)
		}
		ex, looked, err := excerpt(b, s)
		budget.Add(-int64(looked))
		if err == nil && !ex.True {
			x.suspect(fmt.Errorf("%w: content %d does not hold the words that are found in it", errLies, r.ID))
		}
		return ex, err
	})
}

// ShowChunks returns what is shown of documents that are near in meaning: the
// pieces of their texts that are nearest, as Nearest told.
func (x *Index) ShowChunks(ctx context.Context, docs []Ref, nearest map[int64]int) (out []Excerpt, err error) {
	return x.showEach(ctx, docs, func(r Ref, b *body) (Excerpt, error) {
		chunks, err := chunksOf(b)
		ex := Excerpt{Title: b.title, True: true}
		if n := nearest[r.ID]; n > 0 && n < len(chunks) { // the first one holds words of its place
			ex.Snippets = beginning(chunks[n])
		} else if err == nil {
			var text string
			text, err = b.upTo(snippetText)
			ex.Snippets = beginning(text)
		}
		return ex, err
	})
}

// showAtOnce is how many texts are read at the same time.
const showAtOnce = 4

// showEach makes excerpts of texts.
func (x *Index) showEach(ctx context.Context, docs []Ref, show func(r Ref, b *body) (Excerpt, error)) (out []Excerpt, err error) {
	err = x.live(ctx, 0, func(l *life) error {
		docs, err := x.sound(ctx, l, docs)
		if err != nil {
			return err
		}
		all, there := make([]Excerpt, len(docs)), make([]bool, len(docs))
		var next atomic.Int32
		var wg sync.WaitGroup
		for range min(showAtOnce, len(docs), runtime.GOMAXPROCS(0)) {
			wg.Go(func() {
				for i := int(next.Add(1)) - 1; i < len(docs) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
					there[i] = x.read(docs[i], func(b *body) (err error) {
						all[i], err = show(docs[i], b)
						all[i].ID = docs[i].ID
						return err
					})
				}
			})
		}
		wg.Wait()
		for i := range all {
			if there[i] {
				out = append(out, all[i])
			}
		}
		return ctx.Err()
	})
	return out, errs.In("fulltext.show", err)
}

// sound returns those of the documents that are here and known by the same hash.
func (x *Index) sound(ctx context.Context, l *life, docs []Ref) (some []Ref, err error) {
	err = l.db.Read(ctx, func(tx *store.Tx) error {
		for _, r := range docs {
			h, there, err := hashOf(tx, r.ID)
			if err != nil {
				return err
			}
			switch {
			case there && h != r.Hash:
				x.Log.Warn("A text is that of another content", "content", r.ID)
				x.lose(r.ID, loss{hash: r.Hash, sure: true})
			case there, l.todo.has(r.ID):
				some = append(some, r)
			}
		}
		return nil
	})
	return some, err
}

const (
	// firstLook is how much of a text is looked at before the rest is, in bytes.
	firstLook = bodyBlock
	// edge is how near the end of what is looked at words may go on, in bytes.
	edge = 1 << 10
	// snippetText is how much of a text a beginning is taken from.
	snippetText = 4 << 10
)

// excerpt shows a text; s may be nil. looked is how much of it was looked through.
func excerpt(b *body, s *seeker) (ex Excerpt, looked int, err error) {
	ex = Excerpt{Title: b.title, True: true}
	if s == nil {
		text, err := b.upTo(snippetText)
		ex.Snippets = beginning(text)
		return ex, 0, err
	}
	var inTitle []place
	s.seek(ex.Title, func(p place) bool { inTitle = append(inTitle, p); return len(inTitle) < maxPlaces })
	if len(inTitle) > 0 {
		slices.SortFunc(inTitle, func(a, b place) int { return a.from - b.from })
		in := shown(ex.Title, 0, inTitle)
		ex.Title, ex.Marks = in.Text, in.Marks
	}
	for look := min(firstLook, b.size); ; look = b.size {
		text, err := b.upTo(look)
		if err != nil {
			return ex, looked, err
		}
		inBody, seen := s.places(text, len(text) < b.size)
		if looked += len(text); len(text) < b.size && seen < len(s.phrases) {
			continue // there may be better places behind
		}
		if ex.Snippets = snippets(text, inBody); len(inBody) == 0 {
			ex.Snippets = beginning(text)
			ex.True = len(inTitle) > 0
		}
		return ex, looked, nil
	}
}

// places are where the phrases stand, and how many of them do; cut: the text goes on.
func (s *seeker) places(text string, cut bool) (all []place, seen int) {
	has := make([]bool, len(s.phrases))
	s.seek(text, func(p place) bool {
		if cut && p.to > len(text)-edge {
			return false
		}
		if all = append(all, p); !has[p.phrase] {
			has[p.phrase], seen = true, seen+1
		}
		return len(all) < maxPlaces
	})
	return all, seen
}
