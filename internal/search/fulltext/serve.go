package fulltext

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

const (
	// mergePages is how much is merged in one step, which others wait for.
	mergePages = 100
	// sealAfter is after how much calm the file is given its checksum.
	sealAfter = 10
	// lostAgain is how often is told of what is lost while nobody listens.
	lostAgain = time.Minute
)

// Serve opens the index, or begins it anew, and looks after it until ctx ends.
// Served again, it begins where it was.
func (x *Index) Serve(ctx context.Context) error {
	defer x.end(true)
	believed := false
	for {
		if err := x.begin(ctx); err != nil {
			return err
		}
		why := x.look(ctx, believed)
		believed = believed || errors.Is(why, errLies)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errs.KindOf(why) == errs.Unavailable || errs.KindOf(why) == errs.Denied:
			return why // it is not the file
		}
		x.Log.Warn("The words of texts are indexed anew", "path", x.Path, "error", why)
		x.end(false)
		if err := x.remove(); err != nil {
			return err
		}
	}
}

// begin opens the file of words, and finds out what is known. A file that may not
// be what it should is removed before: all in it can be made of the texts.
func (x *Index) begin(ctx context.Context) error {
	l, err := x.open(ctx)
	switch {
	case err == nil || ctx.Err() != nil:
	case errs.KindOf(err) == errs.Unavailable || errs.KindOf(err) == errs.Denied || errs.KindOf(err) == errs.Unsupported:
		return err // it is not the file
	default:
		x.Log.Info("The words of texts are indexed anew", "path", x.Path, "reason", err)
		if err := x.remove(); err != nil {
			return err
		}
		l, err = x.open(ctx)
	}
	if err == nil {
		err = x.compare(ctx, l)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		if l != nil {
			err = errors.Join(err, l.db.Close())
		}
		return err
	}
	x.openVectors(ctx, l)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.life = l
	close(x.born)
	return nil
}

func (x *Index) sumPath() string { return x.Path + ".sum" }

func (x *Index) open(ctx context.Context) (*life, error) {
	l := &life{sum: &sum{path: x.sumPath()}}
	switch _, err := os.Lstat(x.Path); {
	case err == nil:
		if err := l.sum.check(x.Path); err != nil {
			return nil, err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	default: // nothing may be left of one that was there
		if err := x.remove(); err != nil {
			return nil, err
		}
	}
	db, err := x.openFile(ctx)
	if err != nil {
		return nil, err
	}
	l.db = db
	if err = l.mark(ctx, x.Library); err != nil {
		_ = db.Close() // the first error tells more
		return nil, err
	}
	return l, nil
}

func (x *Index) openFile(ctx context.Context) (*store.DB, error) {
	return store.Open(ctx, store.Options{
		Path: x.Path, ApplicationID: applicationID, Migrations: []store.Migration{{Name: "texts", SQL: schema}}, Log: x.Log,
	})
}

var errForeign = errors.New("it is of another library")

// mark reads whose file it is; a new one is marked.
func (l *life) mark(ctx context.Context, library string) error {
	var marks int
	var of string
	var purge bool
	err := l.db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow("SELECT count(*), coalesce(max(library), ''), coalesce(max(purge), 0) FROM life").Scan(&marks, &of, &purge)
	})
	if err != nil {
		return err
	}
	l.purge.Store(purge)
	if marks > 0 {
		if of != library {
			return errForeign
		}
		return nil
	}
	return l.write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("INSERT INTO life (library, purge) VALUES (?, 0)", library)
		return err
	})
}

// remove deletes the file with all that belongs to it.
func (x *Index) remove() error {
	for _, path := range []string{x.sumPath(), x.Path + "-wal", x.Path + "-shm", x.Path + "-journal", x.Path} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errs.New(errs.KindOf(err), "the index of texts cannot be removed: %w", err).At(path).Try("Make the library's folder writable.")
		}
	}
	return nil
}

// end closes the file. whole: nothing speaks against it, and its checksum is noted.
func (x *Index) end(whole bool) {
	x.mu.Lock()
	l := x.life
	x.life = nil
	if l != nil {
		x.born = make(chan struct{})
	}
	x.mu.Unlock()
	if l == nil {
		return
	}
	x.closeVectors(l)
	_, changes := l.sum.state()
	err := l.db.Close()
	if err == nil && whole {
		err = l.sum.make(x.Path, changes)
	}
	if err != nil {
		x.Log.Warn("The index of texts was not closed well", "path", x.Path, "error", err)
	}
}

// seal gives the file its checksum while it is open, so that what happens later
// costs no index. It is closed and opened again, which puts all into the one file.
func (x *Index) seal(ctx context.Context) error {
	x.mu.Lock()
	l := x.life
	gone, changes := l.sum.state()
	if !gone {
		x.mu.Unlock()
		return nil
	}
	err := l.db.Close()
	if err == nil {
		var db *store.DB
		if db, err = x.openFile(ctx); err == nil {
			l.db = db
		}
	}
	x.mu.Unlock()
	if err != nil {
		return err
	}
	if err = l.sum.make(x.Path, changes); err != nil && ctx.Err() == nil {
		x.Log.Warn("The index of texts got no checksum", "path", x.Path, "error", err)
	}
	return nil
}

// look does what there is to do until ctx ends, or the file must be made anew. The
// word of an answer alone that it does is taken once: that it is not the asking
// that is wrong, nobody knows.
func (x *Index) look(ctx context.Context, believed bool) error {
	defer x.start(ctx, x.keepMeaning)()
	defer x.start(ctx, x.remake)()
	timer, again := time.NewTimer(x.Calm), time.NewTicker(lostAgain)
	defer timer.Stop()
	defer again.Stop()
	calm, deaf := 0, false
	for {
		if !deaf {
			if err := x.tellLost(ctx); err != nil && ctx.Err() == nil {
				x.Log.Warn("Lost texts were not asked for", "error", err)
				deaf = true // until it is time to try again
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-again.C:
			deaf = false
		case err := <-x.suspects:
			if errors.Is(err, errLies) && !believed || x.isDamaged(ctx) {
				return err
			}
			x.Log.Warn("The index of texts answered strangely, and is sound", "error", err)
		case <-x.wake:
			calm = 0
			timer.Reset(x.Calm)
		case <-timer.C:
			next, err := x.tidy(ctx, &calm)
			if err != nil && ctx.Err() == nil {
				return err
			}
			if next > 0 {
				timer.Reset(next)
			}
		}
	}
}

// start runs fn beside Serve, until stop is called, which waits.
func (x *Index) start(ctx context.Context, fn func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		fn(ctx)
	}()
	return func() {
		cancel()
		<-ended
	}
}

// tidy merges words, drops those of texts that are gone, and seals the file when
// nothing was put for long. It returns when to go on; 0: when something is put.
func (x *Index) tidy(ctx context.Context, calm *int) (next time.Duration, err error) {
	more, err := x.merge(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		x.Log.Warn("The words of texts were not tidied up", "error", err)
	case more:
		return 10 * time.Millisecond, nil
	}
	if *calm++; *calm < sealAfter {
		return x.Calm, nil
	}
	return 0, x.seal(ctx)
}

// isDamaged reads the whole file. One that has its checksum must be as that says,
// any other one is looked at as closely as SQLite can.
func (x *Index) isDamaged(ctx context.Context) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	l := x.life
	if gone, _ := l.sum.state(); !gone {
		return errors.Is(l.sum.check(x.Path), errDamaged)
	}
	err := l.db.Check(ctx)
	if err == nil {
		err = l.write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec("INSERT INTO words (words) VALUES ('integrity-check')")
			return err
		})
	}
	kind := errs.KindOf(err)
	return err != nil && ctx.Err() == nil && kind != errs.Unavailable && kind != errs.Denied
}

// merge makes some of the pieces that words came in into larger ones; more: there
// are more to merge. When texts were dropped, all are made into one, in which their
// words do not stand. A file that nobody wrote to since it was opened is left alone.
func (x *Index) merge(ctx context.Context) (more bool, err error) {
	err = x.live(ctx, 0, func(l *life) error {
		pages, begins := mergePages, !l.purging && l.purge.Load()
		if gone, _ := l.sum.state(); !gone && !begins && !l.purging {
			return nil
		}
		if begins {
			pages = -mergePages // which decides what becomes one
			l.purge.Store(false)
		}
		err := l.write(ctx, func(tx *store.Tx) (err error) {
			if more, err = mergeStep(tx, pages); err == nil && !more && (begins || l.purging) {
				_, err = tx.Exec("UPDATE life SET purge = ?", l.purge.Load()) // something may have been dropped since
			}
			return err
		})
		if err != nil {
			more = false
			l.purge.Store(l.purge.Load() || begins)
			return err
		}
		l.purging = more && (begins || l.purging)
		more = more || l.purge.Load()
		return nil
	})
	return more, err
}

func mergeStep(tx *store.Tx, pages int) (more bool, err error) {
	var before, after int64
	if err := tx.QueryRow("SELECT total_changes()").Scan(&before); err != nil {
		return false, err
	}
	if _, err := tx.Exec("INSERT INTO words (words, rank) VALUES ('merge', ?)", pages); err != nil {
		return false, err
	}
	if err := tx.QueryRow("SELECT total_changes()").Scan(&after); err != nil {
		return false, err
	}
	return after-before >= 2, nil
}

const (
	remakeDocs  = 100
	remakeBytes = 4 << 20
)

// remake writes the words of texts that are here and whose words are not, the
// newest first.
func (x *Index) remake(ctx context.Context) {
	for ctx.Err() == nil {
		n := 0
		err := x.live(ctx, 0, func(l *life) (err error) {
			n, err = x.remakeSome(ctx, l)
			return err
		})
		if err != nil && ctx.Err() == nil {
			x.Log.Warn("Words of texts were not indexed", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(firstRest):
			}
			continue
		}
		if n == 0 {
			return
		}
		x.changed()
	}
}

func (x *Index) remakeSome(ctx context.Context, l *life) (n int, err error) {
	var rows []row
	taken := l.todo.take(remakeDocs)
	if n = len(taken); n == 0 {
		return 0, nil // and the file keeps its checksum
	}
	var later []Ref // than this batch
	for size := 0; len(taken) > 0; taken = taken[1:] {
		r := taken[0]
		if size >= remakeBytes {
			later = taken
			break
		}
		x.read(r, func(b *body) error {
			text, err := b.upTo(b.size)
			if err != nil {
				return err
			}
			size += len(text)
			one := rowOf(&Document{ID: r.ID, Hash: r.Hash, Title: b.title, Body: text, Place: b.place})
			one.vector = l.vectors != nil && l.vectors.Has(ownerOf(r.Hash))
			rows = append(rows, one)
			return nil
		})
	}
	l.todo.again(later)
	err = l.write(ctx, func(tx *store.Tx) error {
		var due []row
		for _, r := range rows {
			if l.todo.has(r.id) { // it was not dropped, nor put
				due = append(due, r)
			}
		}
		_, err := putRows(tx, x.Way, due, x.Meaning != nil)
		return err
	})
	if err != nil {
		for _, r := range rows {
			later = append(later, Ref{r.id, r.hash})
		}
		l.todo.again(later[len(later)-len(rows):])
		return n, err
	}
	for _, r := range rows {
		l.todo.drop(r.id)
	}
	return n, nil
}
