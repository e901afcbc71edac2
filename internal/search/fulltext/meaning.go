package fulltext

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/embed"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

const (
	// batchDocs and batchBytes bound for how many documents vectors are made at once.
	batchDocs  = 200
	batchBytes = 4 << 20
	// embedTexts are given to the embedder at once.
	embedTexts = 64
	// askTime is how long a search waits for the vector of what it asks for: only a
	// transformer on a busy machine comes near it.
	askTime = 2 * time.Second
	// Between attempts at an endpoint that does not answer.
	firstRest, lastRest = 5 * time.Second, 10 * time.Minute
)

// Near is a document that means something alike.
type Near struct {
	ID    int64
	Chunk int     // of embed.Chunks of it, the nearest one
	Score float64 // the cosine, up to 1
}

// openVectors opens the file of vectors, or begins one. Without one, searches find
// by words alone.
func (x *Index) openVectors(ctx context.Context, l *life) {
	if x.Meaning == nil {
		return
	}
	_, err := os.Stat(x.Vectors)
	if err == nil {
		if l.vectors, err = embed.Open(x.Vectors, x.Meaning.Name(), x.Meaning.Dim()); err == nil {
			return
		}
		if !errors.Is(err, embed.ErrUnusable) {
			x.Log.Warn("The vectors of texts cannot be opened", "path", x.Vectors, "error", err)
			return
		}
		x.Log.Info("The vectors of texts are made anew", "path", x.Vectors, "reason", err)
	}
	if err := x.beginVectors(ctx, l); err != nil && ctx.Err() == nil {
		x.Log.Warn("The vectors of texts cannot be made", "path", x.Vectors, "error", err)
	}
}

// beginVectors begins an empty file. That all vectors are to be made is noted
// before, so that a kill in between forgets none.
func (x *Index) beginVectors(ctx context.Context, l *life) error {
	err := l.write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("INSERT OR REPLACE INTO pending (id, turn) SELECT id, (SELECT coalesce(max(turn), 0) + 1 FROM pending) FROM doc")
		return err
	})
	if err != nil {
		return err
	}
	l.vectors, err = embed.Create(x.Vectors, x.Meaning.Name(), x.Meaning.Dim())
	return err
}

func (x *Index) closeVectors(l *life) {
	if l.vectors == nil {
		return
	}
	if err := l.vectors.Flush(context.Background()); err != nil {
		x.Log.Warn("The vectors of texts were not stored", "path", x.Vectors, "error", err)
	}
	_ = l.vectors.Close() // what was not flushed is made again
}

// keepMeaning makes vectors of what comes, until ctx ends.
func (x *Index) keepMeaning(ctx context.Context) {
	if x.Meaning == nil {
		return
	}
	if err := x.live(ctx, 0, func(l *life) error { return readable(x.sweep(ctx, l)) }); err != nil && ctx.Err() == nil {
		x.Log.Warn("The vectors of texts were not looked through", "path", x.Vectors, "error", err)
	}
	rest := firstRest
	for ctx.Err() == nil {
		n, err := x.embedSome(ctx)
		var pause <-chan time.Time
		more := x.put
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			x.Log.Warn("No vectors are made of texts for now", "model", x.Meaning.Name(), "error", err)
			pause, more, rest = time.After(rest), nil, min(2*rest, lastRest)
		case n > 0:
			rest = firstRest
			continue
		}
		select {
		case <-ctx.Done():
		case <-pause:
		case <-more:
		}
	}
}

// readable hides that the vectors are damaged from who looks after the texts.
func readable(err error) error {
	if errors.Is(err, embed.ErrUnusable) {
		return errUnreadable
	}
	return err
}

// sweep drops the vectors of documents that are no more.
func (x *Index) sweep(ctx context.Context, l *life) error {
	if l.vectors == nil {
		return nil
	}
	var gone []int64
	err := l.vectors.Owners(func(owner int64) bool {
		if l.docs.id(owner) == 0 {
			gone = append(gone, owner)
		}
		return true
	})
	for _, id := range gone {
		if err == nil {
			err = l.vectors.Drop(id)
		}
	}
	if err == nil && len(gone) > 0 {
		err = l.vectors.Flush(ctx)
	}
	if err != nil {
		return err
	}
	return x.missing(ctx, l)
}

// missing has vectors made of documents that have none though they should: the end
// of their file was lost. Where there is nothing to make, nothing is written, so that
// the file of words keeps its checksum.
func (x *Index) missing(ctx context.Context, l *life) error {
	docs, err := l.list(ctx, "SELECT id, hash FROM doc WHERE mute = 0 AND id NOT IN (SELECT id FROM pending) ORDER BY id")
	if err != nil {
		return err
	}
	docs = slices.DeleteFunc(docs, func(d Ref) bool { return l.vectors.Has(ownerOf(d.Hash)) })
	if len(docs) == 0 {
		return nil
	}
	return l.write(ctx, func(tx *store.Tx) error {
		for _, d := range docs {
			if _, err := tx.Exec("INSERT OR IGNORE INTO pending (id, turn) SELECT id, (SELECT coalesce(max(turn), 0) + 1 FROM pending) FROM doc WHERE id = ?", d.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// waiting is a document whose vectors are to be made.
type waiting struct {
	Ref
	turn   int64
	chunks []string
	read   bool
}

// embedSome makes the vectors of some documents, and returns of how many.
func (x *Index) embedSome(ctx context.Context) (n int, err error) {
	var some []waiting
	err = x.live(ctx, 0, func(l *life) (err error) {
		if l.vectors != nil {
			some, err = x.waiting(ctx, l)
		}
		return err
	})
	if err != nil || len(some) == 0 {
		return 0, err
	}
	var texts []string
	for _, w := range some {
		texts = append(texts, w.chunks...)
	}
	vectors := make([][]float32, 0, len(texts))
	for part := range slices.Chunk(texts, embedTexts) {
		x.Way.Wait()
		made, err := x.Meaning.Embed(ctx, part)
		if err != nil {
			return 0, err
		}
		vectors = append(vectors, made...)
	}
	err = x.live(ctx, 0, func(l *life) error {
		if l.vectors == nil {
			return nil
		}
		if err := readable(keepVectors(ctx, l.vectors, some, vectors)); err != nil {
			return err
		}
		return x.done(ctx, l, some)
	})
	if errors.Is(err, errUnreadable) {
		x.mendVectors(ctx)
		return 1, nil
	}
	if err == nil {
		x.changed()
	}
	return len(some), err
}

// keepVectors puts the vectors of some documents, which stand one after the other.
func keepVectors(ctx context.Context, to *embed.Index, some []waiting, vectors [][]float32) error {
	for _, w := range some {
		if err := to.Put(ownerOf(w.Hash), vectors[:len(w.chunks)]); err != nil {
			return err
		}
		vectors = vectors[len(w.chunks):]
	}
	return to.Flush(ctx)
}

// waiting returns the next documents to make vectors of.
func (x *Index) waiting(ctx context.Context, l *life) (some []waiting, err error) {
	var due []waiting
	err = l.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query("SELECT p.id, hash, turn FROM pending p JOIN doc d ON d.id = p.id ORDER BY p.id DESC LIMIT ?", batchDocs)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var w waiting
			var h sql.RawBytes
			if err := rows.Scan(&w.ID, &h, &w.turn); err != nil {
				return err
			}
			copy(w.Hash[:], h)
			due = append(due, w)
		}
		return rows.Err()
	})
	for size := 0; err == nil && size < batchBytes && len(due) > 0; due = due[1:] {
		w := due[0]
		w.read = x.read(w.Ref, func(b *body) (err error) { // one that cannot be read has no meaning for now
			w.chunks, err = chunksOf(b)
			return err
		})
		for _, c := range w.chunks {
			size += len(c)
		}
		some = append(some, w)
	}
	return some, err
}

// chunkText is how much of a text embed.Chunks looks at.
const chunkText = 64 << 10

func chunksOf(b *body) ([]string, error) {
	text, err := b.upTo(chunkText)
	return embed.Chunks(b.title, strings.Fields(b.place), text), err
}

// done notes that vectors were made of these, and of which there are none, unless
// they were put again since.
func (x *Index) done(ctx context.Context, l *life, some []waiting) error {
	return l.write(ctx, func(tx *store.Tx) error {
		for _, w := range some {
			mute := w.read && !l.vectors.Has(ownerOf(w.Hash))
			_, err := tx.Exec("UPDATE doc SET mute = ?1 WHERE id = ?2 AND mute <> ?1 AND EXISTS (SELECT 1 FROM pending WHERE id = ?2 AND turn = ?3)", mute, w.ID, w.turn)
			if err != nil {
				return err
			}
			if _, err := tx.Exec("DELETE FROM pending WHERE id = ? AND turn = ?", w.ID, w.turn); err != nil {
				return err
			}
		}
		return nil
	})
}

// mendVectors makes the file of vectors anew, which could not be read.
func (x *Index) mendVectors(ctx context.Context) {
	x.mu.Lock()
	defer x.mu.Unlock()
	l := x.life
	if l == nil || l.vectors == nil {
		return
	}
	_ = l.vectors.Close() // nothing of it is needed any more
	l.vectors = nil
	if err := x.beginVectors(ctx, l); err != nil {
		x.Log.Warn("The vectors of texts cannot be made", "path", x.Vectors, "error", err)
	}
}

// Vector returns the meaning of what somebody searches for; nil: it has none that
// is known, or there is no finding by meaning. Errors: as of embed.Ask.
func (x *Index) Vector(ctx context.Context, text string) ([]float32, error) {
	if x.Meaning == nil || strings.TrimSpace(text) == "" {
		return nil, nil
	}
	limited, stop := context.WithTimeout(ctx, askTime)
	defer stop()
	return embed.Ask(limited, x.Meaning, text)
}

// VectorOf returns the meaning of a document: the middle of those of its pieces.
// nil: there is no such document, or its vectors are not made yet. Errors: as of
// Find.
func (x *Index) VectorOf(ctx context.Context, of Ref) (v []float32, err error) {
	err = x.asking(ctx, func(l *life) (err error) {
		if l.docs.id(ownerOf(of.Hash)) == of.ID {
			v, err = l.vectors.Middle(ownerOf(of.Hash))
		}
		return err
	})
	return v, errs.In("fulltext.vector", err)
}

// Cut tells how near a document must be to count as similar.
func (x *Index) Cut() embed.Cut { return embed.CutOf(x.Meaning) }

// Nearest returns the k documents that are nearest to v, the nearest first, of
// those that ok accepts, which must be quick. Errors: as of Find.
func (x *Index) Nearest(ctx context.Context, v []float32, k int, ok func(id int64) bool) (out []Near, err error) {
	err = x.asking(ctx, func(l *life) error {
		at, done := l.docs.reading()
		defer done()
		near, err := l.vectors.Nearest(ctx, v, k, func(owner int64) bool {
			id := at(owner)
			return id != 0 && (ok == nil || ok(id))
		})
		for _, n := range near {
			out = append(out, Near{at(n.Owner), n.Chunk, float64(n.Score)})
		}
		return err
	})
	return out, errs.In("fulltext.nearest", err)
}

// Rescore returns how near each of some documents is to v, of those whose vectors
// are known. Errors: as of Find.
func (x *Index) Rescore(ctx context.Context, v []float32, ids []int64) (out map[int64]float32, err error) {
	err = x.asking(ctx, func(l *life) error {
		out = make(map[int64]float32, len(ids))
		owners := make([]int64, 0, len(ids))
		err := l.db.Read(ctx, func(tx *store.Tx) error {
			for _, id := range ids {
				h, there, err := hashOf(tx, id)
				if err != nil {
					return err
				}
				if there {
					owners = append(owners, ownerOf(h))
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		near, err := l.vectors.Rescore(v, owners)
		for owner, score := range near {
			if id := l.docs.id(owner); id != 0 {
				out[id] = score
			}
		}
		return err
	})
	return out, errs.In("fulltext.rescore", err)
}

func (x *Index) asking(ctx context.Context, fn func(*life) error) error {
	err := x.live(ctx, 0, func(l *life) error {
		if l.vectors == nil {
			return nil
		}
		return readable(fn(l))
	})
	if errors.Is(err, errUnreadable) {
		x.mendVectors(ctx)
		x.nudge()
		return nil
	}
	return err
}

var errUnreadable = errs.New(errs.Unavailable, "the vectors of texts are made anew")

// Meanings tells how many documents wait for their vectors, -1 if it is not known.
func (x *Index) Meanings(ctx context.Context) (waiting int) {
	err := x.live(ctx, 0, func(l *life) error {
		return l.db.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow("SELECT count(*) FROM pending").Scan(&waiting) })
	})
	if err != nil {
		return -1
	}
	return waiting
}
