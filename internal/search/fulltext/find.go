package fulltext

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/embed"
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
// which must be quick: the best of the newest maxScored. Errors: errs.Unavailable;
// errs.Cancelled.
func (x *Index) Find(ctx context.Context, e Expr, ok func(id int64) bool) (f Found, err error) {
	var b strings.Builder
	if !e.match(&b) {
		return f, nil
	}
	err = x.live(ctx, 0, func(l *life) error {
		limited, stop := context.WithCancelCause(ctx)
		defer stop(nil)
		var some []int64
		err := l.db.Read(limited, func(tx *store.Tx) (err error) {
			// Waiting for one's turn to read is not looking.
			up := time.AfterFunc(x.FindTime, func() { stop(errTimeUp) })
			defer up.Stop()
			some, err = f.look(tx, b.String(), ok)
			if err != nil || len(some) == 0 {
				return err
			}
			return f.score(tx, b.String(), some)
		})
		if err != nil && ctx.Err() == nil && errors.Is(context.Cause(limited), errTimeUp) {
			f.Late, f.More, err = true, true, nil
			f.unscored(some)
		}
		return err
	})
	slices.SortFunc(f.Hits, func(a, b Hit) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.ID, a.ID)) })
	return f, errs.In("fulltext.find", err)
}

// unscored adds what was found and is not scored yet.
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

// look counts what matches and is wanted, newest first, and returns what to score.
func (f *Found) look(tx *store.Tx, match string, ok func(int64) bool) (some []int64, err error) {
	rows, err := tx.Query("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC", match)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for n := 0; rows.Next(); n++ {
		if n == maxLook {
			f.More = true
			break
		}
		var id int64
		if err := rows.Scan(&id); err != nil {
			return some, err
		}
		if !ok(id) {
			continue
		}
		if f.Total++; len(some) < maxScored {
			some = append(some, id)
		} else {
			f.More = true
		}
	}
	return some, rows.Err()
}

// score scores these documents, of which the newest is the first. The plus keeps
// SQLite from looking for each of them on its own.
func (f *Found) score(tx *store.Tx, match string, some []int64) error {
	list, err := json.Marshal(some)
	if err != nil {
		return err
	}
	rows, err := tx.Query(`SELECT rowid, -bm25(words, ?, 1.0) FROM words
		WHERE words MATCH ? AND rowid BETWEEN ? AND ? AND +rowid IN (SELECT value FROM json_each(?)) ORDER BY rowid DESC`,
		titleWorth, match, some[len(some)-1], some[0], string(list))
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
}

// All calls fn with every document that holds what e asks for, newest first, up to
// most; whole: these were all. Errors: as of Find.
func (x *Index) All(ctx context.Context, e Expr, most int, fn func(id int64)) (whole bool, err error) {
	var b strings.Builder
	if !e.match(&b) {
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

// maxScan is how much text one question looks through for words to show, in bytes.
// Of what is beyond, the beginning is shown.
const maxScan = 8 << 20

// Show returns what is shown of documents, in their order; those that are gone are
// left out. e may be nil: then nothing is marked. Errors: as of Find.
func (x *Index) Show(ctx context.Context, e Expr, ids []int64) (out []Excerpt, err error) {
	var s *seeker
	if e != nil {
		if ps := e.phrases(nil); len(ps) > 0 {
			s = newSeeker(ps)
		}
	}
	budget := maxScan
	err = x.live(ctx, 0, func(l *life) error {
		return l.db.Read(ctx, func(tx *store.Tx) error {
			for _, id := range ids {
				ex, ok, err := x.excerpt(tx, s, id, &budget)
				if err != nil {
					return err
				}
				if ok {
					out = append(out, ex)
				}
			}
			return nil
		})
	})
	return out, errs.In("fulltext.show", err)
}

func (x *Index) excerpt(tx *store.Tx, s *seeker, id int64, budget *int) (ex Excerpt, ok bool, err error) {
	d, err := x.stored(tx, id)
	if errors.Is(err, sql.ErrNoRows) {
		return ex, false, nil
	}
	if err != nil {
		return ex, false, err
	}
	body := d.Body
	ex = Excerpt{ID: id, Title: d.Title, True: true}
	if s == nil || *budget <= 0 {
		ex.Snippets = beginning(body)
		return ex, true, nil
	}
	var inTitle, inBody []place
	s.seek(ex.Title, func(p place) bool { inTitle = append(inTitle, p); return len(inTitle) < maxPlaces })
	if len(inTitle) > 0 {
		slices.SortFunc(inTitle, func(a, b place) int { return a.from - b.from })
		in := shown(ex.Title, 0, inTitle)
		ex.Title, ex.Marks = in.Text, in.Marks
	}
	*budget -= s.seek(body, func(p place) bool { inBody = append(inBody, p); return len(inBody) < maxPlaces })
	if ex.Snippets = snippets(body, inBody); len(inBody) == 0 {
		ex.Snippets = beginning(body)
		ex.True = len(inTitle) > 0
	}
	if !ex.True {
		x.suspect(fmt.Errorf("%w: content %d does not hold the words that are found in it", errLies, id))
	}
	return ex, true, nil
}

// ShowChunks returns what is shown of documents that are near in meaning: the
// pieces of their texts that are nearest, as Nearest told.
func (x *Index) ShowChunks(ctx context.Context, ids []int64, nearest map[int64]int) (out []Excerpt, err error) {
	err = x.live(ctx, 0, func(l *life) error {
		return l.db.Read(ctx, func(tx *store.Tx) error {
			for _, id := range ids {
				d, err := x.stored(tx, id)
				if errors.Is(err, sql.ErrNoRows) {
					continue
				}
				if err != nil {
					return err
				}
				piece := d.Body
				if chunks := embed.Chunks(d.Title, strings.Fields(d.Place), d.Body); nearest[id] > 0 && nearest[id] < len(chunks) {
					piece = chunks[nearest[id]] // the first one holds words of its place
				}
				out = append(out, Excerpt{ID: id, Title: d.Title, Snippets: beginning(piece), True: true})
			}
			return nil
		})
	})
	return out, errs.In("fulltext.show", err)
}

// stored reads a document.
func (x *Index) stored(tx *store.Tx, id int64) (Document, error) {
	d := Document{ID: id}
	var stored []byte
	err := tx.QueryRow("SELECT title, place, body FROM doc WHERE id = ?", id).Scan(&d.Title, &d.Place, &stored)
	if err != nil {
		return d, err
	}
	if d.Body, err = x.body(stored); err != nil {
		return d, errs.New(errs.Internal, "%w: the text of content %d: %w", errDamaged, id, err)
	}
	return d, nil
}
