package search

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
)

const (
	// takePage is how many changes are read from the feed at once, and taken over under
	// one lock: some milliseconds of work, between which searches come first.
	takePage = 500
	// restEvery is after how many of them the mapped pages that they touched are given
	// back: a large scan touches all of the file, again and again.
	restEvery = 20_000
)

// Serve makes the index ready, from its file or from the catalogue, and follows
// the change feed until ctx ends. Served again, it begins anew.
func (s *Service) Serve(ctx context.Context) error {
	wake := s.Bus.Subscribe(event.Quiet())
	defer wake.Close()
	k := &keeper{Service: s, wake: wake}
	defer k.end()
	err := k.run(ctx, k.begin)
	for isFault(err) {
		s.Log.Error("The file of the name index cannot be read", "path", s.Path)
		k.spoilt = true // as the disk is, it would fail again
		err = k.run(ctx, k.rebuild)
	}
	return err
}

// keeper is Serve at work: the one goroutine that changes the table.
type keeper struct {
	*Service
	wake    *event.Subscription
	t       *table
	merging *merger
	heard   func(*catalog.Change) // of every change that is followed
	fail    context.CancelCauseFunc
	spoilt  bool  // the file could not be written: it is left alone until the next start
	settled bool  // merging failed: not tried again
	seen    int64 // searches, when it was looked last
	rested  int64 // searches, when memory was given back last

	touched int       // changes since mapped pages were given back
	crowd   int64     // searches, at the last change
	asked   time.Time // about when the last of them was
}

// run begins, and follows the feed until ctx ends or the file cannot be read.
func (k *keeper) run(ctx context.Context, begin func(context.Context) error) error {
	ctx, k.fail = context.WithCancelCause(ctx)
	defer k.fail(nil)
	err := begin(ctx)
	for err == nil {
		if err = k.follow(ctx, k.t); err == nil {
			err = k.wait(ctx)
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// begin takes the table from its file, if that is whole and of this catalogue,
// or makes it anew.
func (k *keeper) begin(ctx context.Context) error {
	if k.Path == "" {
		return k.rebuild(ctx)
	}
	sweepTemps(k.Path)
	began := time.Now()
	err := k.reopen(ctx)
	switch {
	case err == nil:
		k.Log.Info("The name index is open", "entries", k.t.rows, "took", time.Since(began))
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case !missing(err):
		k.Log.Warn("The name index is made anew", "path", k.Path, "error", err)
	}
	return k.rebuild(ctx)
}

var errForeign = errors.New("the name index is of another state of the library")

// reopen takes the table from its file.
func (k *keeper) reopen(ctx context.Context) error {
	st, err := openFile(k.Path, k.Library)
	if err != nil {
		return err
	}
	t := tableOf(st, k.perSeg)
	if err = k.catchUp(ctx, t, st.recent); err != nil {
		_ = t.close() // whoever was about to ask it asks the next one
		return err
	}
	k.use(t, true)
	return nil
}

// catchUp follows the feed from where the file ends, and makes sure that it is
// the feed of the catalogue that the file was made of.
func (k *keeper) catchUp(ctx context.Context, t *table, known recents) error {
	if t.seq > k.Catalog.Reached() {
		return fmt.Errorf("%w: it knows change %d, and the library has seen %d", errForeign, t.seq, k.Catalog.Reached())
	}
	since := t.seq
	open := map[ident.EntryID]mark{}
	for _, m := range known {
		if m.ID != 0 {
			open[m.ID] = m
		}
	}
	if err := k.recognise(ctx, open, since); err != nil {
		return err
	}
	if len(open) == 0 { // nothing speaks against answering while the rest is read
		k.use(t, false)
	}
	k.heard = func(c *catalog.Change) { delete(open, ident.EntryID(c.ID)) }
	err := k.follow(ctx, t)
	k.heard = nil
	if err == nil && len(open) > 0 {
		err = fmt.Errorf("%w: it knows entries that never were", errForeign)
	}
	return err
}

// recognise drops from open what the catalogue has as the file says, or has
// changed since. What the catalogue does not have stays, and must be among what
// was deleted since.
func (k *keeper) recognise(ctx context.Context, open map[ident.EntryID]mark, since int64) error {
	var ids []ident.EntryID
	for id := range open {
		ids = append(ids, id)
	}
	return k.Catalog.Read(ctx, func(r *catalog.Reader) error {
		found, err := r.EntriesByID(ids)
		if err != nil {
			return err
		}
		for i := range found {
			e := &found[i]
			now, _ := markOf(&catalog.Brief{
				ID: e.ID, Parent: e.Parent, Name: e.Name, Kind: e.Kind, State: e.State, Size: e.Size + e.Totals.Bytes, Modified: e.Modified, Created: e.Created, Content: e.Content, Seq: e.Seq,
			}, nil)
			if now != open[e.ID] && e.Seq <= since {
				return fmt.Errorf("%w: what it saw of entry %d at change %d is not what the library has", errForeign, e.ID, open[e.ID].Seq)
			}
			delete(open, e.ID)
		}
		return nil
	})
}

// rebuild makes the table of the whole catalogue. Queries are answered from what
// is there meanwhile, and say so.
func (k *keeper) rebuild(ctx context.Context) error {
	began := time.Now()
	k.endMerge()
	t := newTable(k.perSeg)
	t.file = k.newFile()
	k.use(t, false)
	from := k.Catalog.Reached()
	var some []catalog.Brief
	take := func() error {
		k.Catalog.Way.Wait()
		defer func() { some = some[:0] }()
		if t.full(len(some)) {
			k.note(t.seal(true))
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		return guard(func() {
			for i := range some {
				if some[i].Seq > from { // it is in the feed as well
					some[i].Seq = 0
				}
				t.put(&some[i])
			}
		})
	}
	seq, err := k.Catalog.Scan(ctx, func(e *catalog.Brief) error {
		if some = append(some, *e); len(some) < min(takePage, t.perSeg) {
			return nil
		}
		return take()
	})
	if err == nil {
		err = take()
	}
	if err != nil {
		return err
	}
	t.mu.Lock()
	t.seq = seq
	t.mu.Unlock()
	k.note(t.seal(false))
	k.place(t)
	if err := k.follow(ctx, t); err != nil {
		return err
	}
	k.Log.Info("The name index is made", "entries", t.rows, "took", time.Since(began))
	k.use(t, true)
	return nil
}

// place gives the file of a table that was made its place.
func (k *keeper) place(t *table) {
	if t.file == nil {
		return
	}
	err := t.file.sync()
	if err == nil {
		err = t.file.complete()
	}
	if err != nil {
		k.note(err)
		t.file.drop()
		t.file = nil
	}
}

// newFile begins a file; nil: the table is kept in memory alone.
func (k *keeper) newFile() *file {
	if k.Path == "" || k.spoilt {
		return nil
	}
	f, err := createFile(k.Path, k.Library)
	k.note(err)
	return f
}

// note logs that the file could not be written, once.
func (k *keeper) note(err error) {
	if err == nil || k.spoilt {
		return
	}
	k.spoilt = true
	k.Log.Warn("The name index cannot be stored, and is kept in memory until the next start", "path", k.Path, "error", err)
}

// use makes t the table of all queries from now on, and ends the one before.
func (k *keeper) use(t *table, whole bool) {
	if t.words != k.Catalog.Kinds { // nobody uses it yet
		t.words = k.Catalog.Kinds
	}
	old := k.t
	k.t, k.seen, k.rested = t, 0, -1
	k.show(t, whole)
	if old != nil && old != t {
		old.end()
	}
}

// follow takes over all changes that t does not have.
func (k *keeper) follow(ctx context.Context, t *table) error {
	for {
		k.Catalog.Way.Wait()
		head := k.Bus.Head()
		changes, next, err := k.Catalog.Changes(ctx, t.seq, takePage)
		if err != nil {
			return err
		}
		if len(changes) == 0 {
			// What the head counts beyond changed nothing in the end; without
			// passing over it, waiting for more would never wait.
			next = max(next, head)
		}
		for rest := changes; len(rest) > 0; {
			some := rest[:min(len(rest), takePage, t.perSeg)]
			rest = rest[len(some):]
			if err := k.room(ctx, t, len(some)); err != nil {
				return err
			}
			if err := t.take(some, some[len(some)-1].Seq); err != nil {
				return err
			}
		}
		k.thin(t, len(changes))
		if k.heard != nil {
			for i := range changes {
				if changes[i].Noun == catalog.NounEntry {
					k.heard(&changes[i])
				}
			}
		}
		if err := t.take(nil, next); err != nil || len(changes) == 0 {
			return err
		}
	}
}

// room makes room for n more rows.
func (k *keeper) room(ctx context.Context, t *table, n int) error {
	if !t.full(n) {
		return nil
	}
	return k.seal(ctx, t)
}

// seal writes what t has in memory, once that is not being merged any more.
func (k *keeper) seal(ctx context.Context, t *table) error {
	if k.merging != nil && t == k.t {
		if err := k.adopt(ctx); err != nil {
			return err
		}
	}
	if err := guard(func() { k.note(t.seal(false)) }); err != nil {
		return err
	}
	k.rest(t) // what changes touches much of the file, and mostly once
	return nil
}

// thin gives back, now and then, the mapped pages that changes have touched, and that
// searches did before: the feed may go on for long. Who searches needs the same pages
// at once again.
func (k *keeper) thin(t *table, changes int) {
	k.touched += changes
	if n := t.searches.Load(); n != k.crowd {
		k.crowd, k.asked, k.touched = n, time.Now(), max(k.touched, restEvery)
	}
	if k.touched >= restEvery && time.Since(k.asked) > calm {
		k.touched = 0
		k.rest(t)
	}
}

// rest gives the mapped pages of t back to the system's cache.
func (k *keeper) rest(t *table) {
	if err := t.rest(); err != nil {
		k.Log.Warn("Memory of the name index was not given back", "error", err)
	}
}
