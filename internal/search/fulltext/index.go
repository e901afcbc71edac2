// Package fulltext finds contents by the words in them and by what they mean. It
// keeps their texts, each in a file of its own that is known by the content's hash;
// and an index of their words and vectors of their meaning, which it makes anew of
// the texts whenever they may be wrong. A text that is lost or damaged is asked for
// again. It knows contents by their numbers and hashes alone: no names of files, no
// catalogue, no query language.
package fulltext

import (
	"cmp"
	"context"
	_ "embed" // the schema
	"errors"
	"hash/fnv"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stardrive/stardrive/internal/embed"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/giveway"
	"github.com/stardrive/stardrive/internal/store"
)

// Options are what an Index is made of.
type Options struct {
	Path   string // of the file of words
	Folder string // of the texts; made when needed
	// Library tells whose texts these are: what was made for another one is not used.
	Library string
	// Meaning makes vectors; nil: there is no finding by meaning.
	Meaning embed.Embedder
	Vectors string // the path of their file

	// Known calls fn with each content whose text was put and not dropped, in the order
	// of ids, as it stands at one moment. What is not among them is not kept. nil: all
	// that is there counts.
	Known func(ctx context.Context, fn func(id int64, hash Hash) error) error
	// Lost is told of contents whose texts are not here any more, though Known names
	// them: they are to be put again. It may be told of one more than once.
	Lost func(ctx context.Context, ids []int64) error

	// Changed, unless nil, is called after what is found has changed. It must not
	// block.
	Changed func()
	// Patience is how long who writes waits for an index that is being opened;
	// 0: 5 s.
	Patience time.Duration
	// FindTime is how long words may be looked for, which only those take that go on
	// in thousands of ways; 0: 0.4 s.
	FindTime time.Duration
	// Calm is how long nothing must be put before words are merged, and ten times of
	// it before the file is sealed; 0: 3 s.
	Calm time.Duration
	// Way is where writing gives way to what somebody waits for; nil: nowhere.
	Way *giveway.Lane
	Log *slog.Logger
}

// Document is what is known of a content.
type Document struct {
	ID    int64
	Hash  Hash
	Title string // the document's own; may be empty
	Body  string // its text; pages end with form feeds
	Place string // words of a name and folders, of which its meaning may be guessed; they are never found or shown
}

// Ref names a content: by the number it has in the catalogue, and by what it is.
type Ref struct {
	ID   int64
	Hash Hash
}

// Index finds documents once Serve runs. All methods may be called at once.
type Index struct {
	Options
	bodies *bodies

	mu   sync.RWMutex  // held by whoever uses life; alone by whoever changes it
	life *life         // nil: it cannot be used now
	born chan struct{} // closed when a life begins

	wake     chan struct{} // holds a token when something was put or dropped
	put      chan struct{} // likewise, for who makes vectors
	suspects chan error    // why the file of words may be damaged
	losses   losses
}

// life is an opened file of words, and what is known beside it.
type life struct {
	db      *store.DB
	sum     *sum        // of the file while nobody writes to it
	purge   atomic.Bool // words of what was dropped may still stand in the file
	purging bool        // they are being taken out; who tidies up alone looks at it
	docs    *ring
	held    held
	todo    todo // documents whose words are still to be written

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
	o.Patience, o.FindTime, o.Calm = cmp.Or(o.Patience, 5*time.Second), cmp.Or(o.FindTime, 400*time.Millisecond), cmp.Or(o.Calm, 3*time.Second)
	b, err := newBodies(o.Folder)
	if err != nil {
		return nil, err
	}
	return &Index{Options: o, bodies: b, born: make(chan struct{}), wake: make(chan struct{}, 1), put: make(chan struct{}, 1), suspects: make(chan error, 1)}, nil
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

// Stamp tells the texts of one library from those of another: a number that is
// never 0. Errors: errs.Unavailable (what is here is not known yet).
func (x *Index) Stamp(ctx context.Context) (stamp int64, err error) {
	err = x.live(ctx, x.Patience, func(*life) error { return nil })
	h := fnv.New64a()
	_, _ = h.Write([]byte(x.Library)) // it never fails
	return int64(h.Sum64()>>2) + 1, err
}

// Put keeps these documents, in the place of what it had of them. When it returns
// nil their texts outlast a power cut, or Lost is told of them. On an error none of
// them is kept, or some. Errors: errs.Unavailable, errs.Invalid (no hash).
func (x *Index) Put(ctx context.Context, docs []Document) error {
	if len(docs) == 0 {
		return nil
	}
	rows, files := make([]row, len(docs)), make([]file, len(docs))
	for i := range docs {
		x.Way.Wait()
		d := docs[i].plainly()
		if d.Hash == (Hash{}) {
			return errs.New(errs.Invalid, "content %d has no hash", d.ID)
		}
		rows[i], files[i] = rowOf(&d), file{d.Hash, x.bodies.encode(d.Hash, d.Title, d.Place, d.Body)}
		if err := ctx.Err(); err != nil {
			return errs.In("fulltext.put", err)
		}
	}
	err := x.live(ctx, x.Patience, func(l *life) error {
		if err := x.bodies.write(files); err != nil {
			kind := errs.Unavailable
			if errs.KindOf(err) == errs.Denied {
				kind = errs.Denied
			}
			return errs.New(kind, "texts cannot be stored: %w", err).At(x.Folder).Try("Check that the disk that holds the library works, and has some room.")
		}
		for i := range rows {
			l.todo.drop(rows[i].id)
		}
		var stale []Ref
		err := l.write(ctx, func(tx *store.Tx) (err error) {
			stale, err = putRows(tx, x.Way, rows, x.Meaning != nil)
			return err
		})
		if err != nil {
			return err
		}
		for i := range rows {
			l.docs.put(rows[i].hash, rows[i].id)
		}
		return x.dropBodies(l, stale)
	})
	if err == nil {
		x.changed()
	}
	return errs.In("fulltext.put", err)
}

// write changes the file of words. What is dropped is overwritten.
func (l *life) write(ctx context.Context, fn func(tx *store.Tx) error) error {
	if err := l.sum.drop(); err != nil {
		return err
	}
	return l.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec("PRAGMA secure_delete = ON"); err != nil {
			return err
		}
		return fn(tx)
	})
}

// putRows writes the words of documents. stale are the hashes of what stood there
// under the same ids, and is something else.
func putRows(tx *store.Tx, way *giveway.Lane, rows []row, meaning bool) (stale []Ref, err error) {
	for i := range rows {
		r := &rows[i]
		way.Wait()
		before, there, err := forget(tx, r.id)
		if err != nil {
			return nil, err
		}
		if there && before != r.hash {
			stale = append(stale, Ref{r.id, before})
		}
		if _, err := tx.Exec("INSERT INTO doc (id, hash) VALUES (?, ?)", r.id, r.hash[:]); err != nil {
			return nil, err
		}
		if _, err := tx.Exec("INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)", r.id, r.titleWords, r.allText); err != nil {
			return nil, err
		}
		if !meaning || r.vector {
			continue
		}
		_, err = tx.Exec("INSERT INTO pending (id, turn) VALUES (?, (SELECT coalesce(max(turn), 0) + 1 FROM pending)) ON CONFLICT (id) DO UPDATE SET turn = excluded.turn", r.id)
		if err != nil {
			return nil, err
		}
	}
	return stale, nil
}

// forget deletes the words of a document, if they are there.
func forget(tx *store.Tx, id int64) (hash Hash, there bool, err error) {
	hash, there, err = hashOf(tx, id)
	if err != nil || !there {
		return hash, there, err
	}
	for _, q := range []string{"DELETE FROM doc WHERE id = ?", "DELETE FROM words WHERE rowid = ?", "DELETE FROM pending WHERE id = ?"} {
		if _, err := tx.Exec(q, id); err != nil {
			return hash, there, err
		}
	}
	return hash, there, nil
}

// Drop forgets documents; those it does not have do no harm. Their texts are gone
// when it returns, and their words are taken out of the file in idle time. What was
// dropped may come back by a power cut, until the next start. Errors:
// errs.Unavailable.
func (x *Index) Drop(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	err := x.live(ctx, x.Patience, func(l *life) error { return x.drop(ctx, l, ids, true) })
	if err == nil {
		x.changed()
	}
	return errs.In("fulltext.drop", err)
}

// drop forgets documents; bodies: their texts as well.
func (x *Index) drop(ctx context.Context, l *life, ids []int64, bodies bool) error {
	var gone []Ref
	for _, id := range ids { // before the write: what writes words looks there, in a write of its own
		if h, waits := l.todo.drop(id); waits {
			gone = append(gone, Ref{id, h})
		}
	}
	waited := len(gone)
	err := l.write(ctx, func(tx *store.Tx) error {
		gone = gone[:waited]
		for _, id := range ids {
			h, there, err := forget(tx, id)
			if err != nil {
				return err
			}
			if there {
				gone = append(gone, Ref{id, h})
			}
		}
		if len(gone) == waited {
			return nil
		}
		_, err := tx.Exec("UPDATE life SET purge = 1")
		return err
	})
	if err != nil {
		return err
	}
	if len(gone) > waited {
		l.purge.Store(true)
	}
	if !bodies {
		return nil
	}
	return x.dropBodies(l, gone)
}

// dropBodies forgets texts and vectors.
func (x *Index) dropBodies(l *life, gone []Ref) error {
	var failed []error
	for _, g := range gone {
		if now := l.docs.id(ownerOf(g.Hash)); now != 0 && now != g.ID {
			continue // they are another one's now
		}
		l.docs.drop(g.Hash)
		if l.vectors != nil {
			if err := l.vectors.Drop(ownerOf(g.Hash)); err != nil {
				x.Log.Debug("A vector was not dropped", "content", g.ID, "error", err) // it is looked after at the next start
			}
		}
		failed = append(failed, x.bodies.remove(g.Hash))
	}
	return errors.Join(failed...)
}

// Partial reports whether the index cannot answer now, or does not know yet what
// it should: then what it finds may not be all.
func (x *Index) Partial() bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.life == nil || x.life.todo.left() > 0 || x.losses.some()
}

var (
	errDamaged = errors.New("the index of texts is damaged")
	errLies    = errors.New("the index of texts is not as the texts are")
)

// Close gives memory back once Serve has ended, and for good.
func (x *Index) Close() { x.bodies.close() }

// Empty reports whether there is nothing to find. Errors: as of Find.
func (x *Index) Empty(ctx context.Context) (empty bool, err error) {
	err = x.live(ctx, 0, func(l *life) error {
		empty = l.docs.len() == 0
		return nil
	})
	return empty, err
}
