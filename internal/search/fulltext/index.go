// Package fulltext finds contents by the words in them and by what they mean. It
// keeps texts, an index of their words and vectors of their meaning in files that
// can be lost or damaged at any time, and then are begun anew. It knows contents
// by their numbers alone: no names of files, no catalogue, no query language.
package fulltext

import (
	"cmp"
	"context"
	_ "embed" // the schema
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/stardrive/stardrive/internal/embed"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

// Options are what an Index is made of.
type Options struct {
	Path string // of the file of words
	// Meaning makes vectors; nil: there is no finding by meaning.
	Meaning embed.Embedder
	Vectors string // the path of their file
	// Changed, unless nil, is called after what is found has changed. It must not
	// block.
	Changed func()
	// Patience is how long who writes waits for an index that is being opened;
	// 0: 5 s.
	Patience time.Duration
	// FindTime is how long words may be looked for, which only those take that go on
	// in thousands of ways; 0: 0.4 s.
	FindTime time.Duration
	Log      *slog.Logger
}

// Document is what is known of a content.
type Document struct {
	ID    int64
	Title string // the document's own; may be empty
	Body  string // its text; pages end with form feeds
	Place string // words of a name and folders, of which its meaning may be guessed; they are never found or shown
}

// Index finds documents once Serve runs. All methods may be called at once.
type Index struct {
	Options
	enc *zstd.Encoder
	dec *zstd.Decoder

	mu   sync.RWMutex  // held by whoever uses life; alone by whoever changes it
	life *life         // nil: it cannot be used now
	born chan struct{} // closed when a life begins

	wake     chan struct{} // holds a token when something was put or dropped
	put      chan struct{} // likewise, for who makes vectors
	suspects chan error    // why the file may be damaged
}

// life is an opened file.
type life struct {
	db    *store.DB
	stamp int64
	fresh bool // the file was just begun
	sum   *sum // of the file while nobody writes to it

	vectors *embed.Index // nil: there is no finding by meaning now
}

//go:embed text.sql
var schema string

// applicationID stands in the header of every file of words ("SDtx").
const applicationID int32 = 0x53447478

// New returns an Index; Serve makes it work.
func New(o Options) (*Index, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Patience, o.FindTime = cmp.Or(o.Patience, 5*time.Second), cmp.Or(o.FindTime, 400*time.Millisecond)
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20))
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(64<<20), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, err
	}
	return &Index{Options: o, enc: enc, dec: dec, born: make(chan struct{}), wake: make(chan struct{}, 1), put: make(chan struct{}, 1), suspects: make(chan error, 1)}, nil
}

// live calls fn with the life there is, which does not end meanwhile. Errors:
// errs.Unavailable (there is none), those of fn, which also are looked into where
// they speak of damage.
func (x *Index) live(ctx context.Context, wait time.Duration, fn func(l *life) error) error {
	late := time.NewTimer(wait)
	defer late.Stop()
	for {
		x.mu.RLock()
		l, born := x.life, x.born
		if l != nil {
			defer x.mu.RUnlock()
			err := fn(l)
			if errs.KindOf(err) == errs.Internal || errs.KindOf(err) == errs.Invalid && ctx.Err() == nil {
				x.suspect(err)
			}
			return err
		}
		x.mu.RUnlock()
		select {
		case <-born:
		case <-late.C:
			return errs.New(errs.Unavailable, "the index of texts is not ready").Try("Try again in a moment.")
		case <-ctx.Done():
			return errs.In("fulltext", ctx.Err())
		}
	}
}

// suspect has Serve look whether the file is damaged.
func (x *Index) suspect(err error) {
	select {
	case x.suspects <- err:
	default:
	}
}

// nudge tells Serve that there may be work.
func (x *Index) nudge() {
	for _, c := range []chan struct{}{x.wake, x.put} {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

func (x *Index) changed() {
	x.nudge()
	if x.Changed != nil {
		x.Changed()
	}
}

// Stamp tells one life of the index from the next: a number that is never 0, made
// together with its file. Errors: errs.Unavailable.
func (x *Index) Stamp(ctx context.Context) (stamp int64, err error) {
	err = x.live(ctx, x.Patience, func(l *life) error {
		stamp = l.stamp
		return nil
	})
	return stamp, err
}

// Put keeps these documents, in the place of what it had of them. When it returns
// nil they outlast a power cut. On an error none of them is kept, or all. Errors:
// errs.Unavailable.
func (x *Index) Put(ctx context.Context, docs []Document) error {
	if len(docs) == 0 {
		return nil
	}
	rows := make([]row, len(docs))
	for i := range docs {
		rows[i] = x.row(&docs[i])
		if err := ctx.Err(); err != nil {
			return errs.In("fulltext.put", err)
		}
	}
	err := x.live(ctx, x.Patience, func(l *life) error {
		if err := l.sum.drop(); err != nil {
			return err
		}
		return l.db.WriteDurable(ctx, func(tx *store.Tx) error { return putRows(tx, rows, x.Meaning != nil) })
	})
	if err == nil {
		x.changed()
	}
	return errs.In("fulltext.put", err)
}

// row is a document as it is stored.
type row struct {
	id                  int64
	title, place        string
	body                []byte
	titleWords, allText string
}

func putRows(tx *store.Tx, rows []row, meaning bool) error {
	for i := range rows {
		r := &rows[i]
		if err := forget(tx, r.id); err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT INTO doc (id, title, place, body) VALUES (?, ?, ?, ?)", r.id, r.title, r.place, r.body); err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)", r.id, r.titleWords, r.allText); err != nil {
			return err
		}
		if !meaning {
			continue
		}
		_, err := tx.Exec("INSERT INTO pending (id, turn) VALUES (?, (SELECT coalesce(max(turn), 0) + 1 FROM pending)) ON CONFLICT (id) DO UPDATE SET turn = excluded.turn", r.id)
		if err != nil {
			return err
		}
	}
	return nil
}

// forget deletes a document, if it is there.
func forget(tx *store.Tx, id int64) error {
	res, err := tx.Exec("DELETE FROM doc WHERE id = ?", id)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	_, err = tx.Exec("DELETE FROM words WHERE rowid = ?", id)
	return err
}

// Drop forgets documents; those it does not have do no harm. What was dropped may
// come back by a power cut. Errors: errs.Unavailable.
func (x *Index) Drop(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	err := x.live(ctx, x.Patience, func(l *life) error {
		if err := l.sum.drop(); err != nil {
			return err
		}
		err := l.db.Write(ctx, func(tx *store.Tx) error {
			for _, id := range ids {
				if err := forget(tx, id); err != nil {
					return err
				}
				if _, err := tx.Exec("DELETE FROM pending WHERE id = ?", id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || l.vectors == nil {
			return err
		}
		for _, id := range ids {
			if err := l.vectors.Drop(id); err != nil {
				x.Log.Debug("A vector was not dropped", "content", id, "error", err) // it is looked after at the next start
			}
		}
		return nil
	})
	if err == nil {
		x.changed()
	}
	return errs.In("fulltext.drop", err)
}

// Partial reports whether the index cannot answer now, or does not know yet what
// it should: then what it finds may not be all.
func (x *Index) Partial() bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.life == nil
}

var (
	errDamaged = errors.New("the index of texts is damaged")
	errLies    = errors.New("the index of texts is not as the texts are")
)

// Close gives memory back once Serve has ended, and for good.
func (x *Index) Close() {
	_ = x.enc.Close() // nothing is under way
	x.dec.Close()
}

// Empty reports whether there is nothing to find. Errors: as of Find.
func (x *Index) Empty(ctx context.Context) (empty bool, err error) {
	err = x.live(ctx, 0, func(l *life) error {
		return l.db.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow("SELECT NOT EXISTS (SELECT 1 FROM doc)").Scan(&empty) })
	})
	return empty, err
}
