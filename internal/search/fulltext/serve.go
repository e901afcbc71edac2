package fulltext

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

const (
	// calm is how long nothing must be put before words are merged.
	calm = 3 * time.Second
	// mergePages is how much is merged in one step, which others wait for.
	mergePages = 100
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
		if ctx.Err() != nil {
			return ctx.Err()
		}
		x.Log.Warn("The index of texts is made anew", "path", x.Path, "error", why)
		x.end(false)
		if err := x.remove(); err != nil {
			return err
		}
	}
}

// begin opens the file; one that cannot be used is removed before.
func (x *Index) begin(ctx context.Context) error {
	l, err := x.open(ctx)
	switch {
	case ctx.Err() != nil:
		if l != nil {
			return errors.Join(ctx.Err(), l.db.Close())
		}
		return ctx.Err()
	case err == nil:
	case errs.KindOf(err) == errs.Unavailable || errs.KindOf(err) == errs.Denied || errs.KindOf(err) == errs.Unsupported:
		return err // it is not the file
	default:
		x.Log.Warn("The index of texts cannot be used and is made anew", "path", x.Path, "error", err)
		if err := x.remove(); err != nil {
			return err
		}
		if l, err = x.open(ctx); err != nil {
			return err
		}
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
	if err := l.sum.check(x.Path); err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, store.Options{
		Path: x.Path, ApplicationID: applicationID, Migrations: []store.Migration{{Name: "texts", SQL: schema}}, Log: x.Log,
	})
	if err != nil {
		return nil, err
	}
	l.db = db
	if err = l.mark(ctx); err != nil {
		_ = db.Close() // the first error tells more
		return nil, err
	}
	return l, nil
}

// mark reads the stamp of the file; a new one is given one.
func (l *life) mark(ctx context.Context) error {
	err := l.db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow("SELECT coalesce(max(stamp), 0) FROM life").Scan(&l.stamp)
	})
	if err != nil || l.stamp != 0 {
		return err
	}
	if err := l.sum.drop(); err != nil {
		return err
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // which cannot fail
	l.fresh, l.stamp = true, int64(binary.LittleEndian.Uint64(b[:])>>2)+1
	return l.db.WriteDurable(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("INSERT INTO life (stamp) VALUES (?)", l.stamp)
		return err
	})
}

// remove deletes the file with all that belongs to it. The stamp goes first of
// all that counts, with the file itself.
func (x *Index) remove() error {
	for _, path := range []string{x.Path, x.Path + "-wal", x.Path + "-shm", x.Path + "-journal", x.sumPath()} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errs.New(errs.KindOf(err), "the damaged index of texts cannot be removed: %w", err).At(path).Try("Make the library's folder writable.")
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
	err := l.db.Close()
	if err == nil && whole {
		err = l.sum.make(x.Path)
	}
	if err != nil {
		x.Log.Warn("The index of texts was not closed well", "path", x.Path, "error", err)
	}
}

// look does what there is to do until ctx ends, or the file must be made anew. The
// word of an answer alone that it does is taken once: that it is not the asking
// that is wrong, nobody knows.
func (x *Index) look(ctx context.Context, believed bool) error {
	meaning := x.startMeaning(ctx)
	defer meaning()
	timer := time.NewTimer(calm)
	defer timer.Stop()
	worn := true
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-x.suspects:
			if errors.Is(err, errDamaged) || errors.Is(err, errLies) && !believed || x.isDamaged(ctx) {
				return err
			}
			x.Log.Warn("The index of texts answered strangely, and is sound", "error", err)
		case <-x.wake:
			worn = true
			timer.Reset(calm)
		case <-timer.C:
			if !worn {
				continue
			}
			more, err := x.merge(ctx)
			if err != nil && ctx.Err() == nil {
				x.Log.Warn("The index of texts was not tidied up", "error", err)
			}
			if worn = more && err == nil; worn {
				timer.Reset(10 * time.Millisecond)
			}
		}
	}
}

// isDamaged reads the whole file.
func (x *Index) isDamaged(ctx context.Context) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	err := x.life.db.Check(ctx)
	return err != nil && ctx.Err() == nil
}

// merge makes some of the pieces that words came in into larger ones; more: there
// are more to merge. A file that nobody wrote to since it was opened is left alone.
func (x *Index) merge(ctx context.Context) (more bool, err error) {
	err = x.live(ctx, 0, func(l *life) error {
		if !l.sum.isGone() {
			return nil
		}
		return l.db.Write(ctx, func(tx *store.Tx) error {
			var before, after int64
			if err := tx.QueryRow("SELECT total_changes()").Scan(&before); err != nil {
				return err
			}
			if _, err := tx.Exec("INSERT INTO words (words, rank) VALUES ('merge', ?)", mergePages); err != nil {
				return err
			}
			if err := tx.QueryRow("SELECT total_changes()").Scan(&after); err != nil {
				return err
			}
			more = after-before >= 2
			return nil
		})
	})
	return more, err
}
