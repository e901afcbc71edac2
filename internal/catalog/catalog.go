// Package catalog keeps what exists where: devices, volumes, locations,
// entries and contents. It is the one owner of those tables; every domain reads
// and writes them through it. It knows nothing of disks, of scanning or of
// searching: it is told what was seen, keeps folder totals and the change feed
// exact in the same transaction, and says what it was told.
package catalog

import (
	"context"
	"sync/atomic"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/giveway"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
)

// Catalog is the catalogue of one library. Its methods are safe for concurrent
// use.
type Catalog struct {
	// Kinds tells what files are by their names: this program's own table, unless
	// another is set before the Catalog is used.
	Kinds *filekind.Table
	// Way, unless nil, is where large writes give way to what somebody waits for.
	Way *giveway.Lane

	db  *store.DB
	bus *event.Bus

	lastEntry atomic.Int64 // highest entry id given out
	reached   atomic.Int64 // highest seq committed
	folders   folderCache

	// Only the writer goroutine touches these.
	seq     int64                           // highest seq given out
	parents map[ident.EntryID]ident.EntryID // of folders, as committed
	moving  map[ident.EntryID]bool          // folders with moves that are not committed, or were rolled back
}

// Open returns the catalogue kept in db, whose schema is that of package
// schema. After each commit it tells bus how far the change feed reaches.
func Open(ctx context.Context, db *store.DB, bus *event.Bus) (*Catalog, error) {
	c := &Catalog{Kinds: filekind.Ours(), db: db, bus: bus, parents: map[ident.EntryID]ident.EntryID{}, moving: map[ident.EntryID]bool{}}
	err := db.Read(ctx, func(tx *store.Tx) error {
		for _, table := range []string{"device", "volume", "location", "entry", "content", "tombstone"} {
			var seq int64
			if err := tx.QueryRow("SELECT coalesce(max(seq), 0) FROM " + table).Scan(&seq); err != nil {
				return err
			}
			c.seq = max(c.seq, seq)
		}
		// The sequence table remembers ids whose rows were deleted since.
		var last int64
		err := tx.QueryRow("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'entry'").Scan(&last)
		c.lastEntry.Store(last)
		return err
	})
	if err != nil {
		return nil, errs.In("catalog.open", err)
	}
	c.reached.Store(c.seq)
	return c, nil
}

// Reached returns the seq of the newest committed change.
func (c *Catalog) Reached() int64 { return c.reached.Load() }

// ReserveEntryIDs returns the first of n consecutive entry ids that nobody else
// gets. Unused ones are lost, which is fine.
func (c *Catalog) ReserveEntryIDs(n int) ident.EntryID {
	return ident.EntryID(c.lastEntry.Add(int64(n)) - int64(n) + 1)
}

// Write runs fn in a write transaction and returns when it is committed. fn
// must not keep tx.
func (c *Catalog) Write(ctx context.Context, fn func(tx *Tx) error) error {
	return c.db.Write(ctx, func(stx *store.Tx) error { return fn(c.In(stx)) })
}

// In joins a write transaction that somebody else opened, such as a job's
// checkpoint: what fn writes through the Tx commits with it.
func (c *Catalog) In(stx *store.Tx) *Tx {
	tx := &Tx{Reader: Reader{c: c, tx: stx, seq: noCache}, lifted: map[ident.EntryID]bool{}}
	stx.AfterCommit(func() {
		c.folders.forget(tx.stale, tx.staleAt)
		for _, id := range tx.stale {
			delete(c.moving, id)
		}
		if tx.wrote {
			c.reached.Store(tx.last)
			c.bus.Reached(tx.last)
		}
	})
	return tx
}

// Read runs fn on one consistent snapshot. fn must not keep r.
func (c *Catalog) Read(ctx context.Context, fn func(r *Reader) error) error {
	return c.db.Read(ctx, func(stx *store.Tx) error {
		return fn(&Reader{c: c, tx: stx, seq: notAsked})
	})
}

// Reader reads one snapshot of the catalogue.
type Reader struct {
	c   *Catalog
	tx  *store.Tx
	seq int64 // the newest change it sees, for the folder cache; or notAsked, or noCache
}

// Tx reads and writes the catalogue in one transaction.
type Tx struct {
	Reader
	// Gone are the folders that Apply made absent, all that were below others too.
	Gone []ident.EntryID

	wrote   bool
	last    int64                  // the newest seq given to this transaction
	stale   []ident.EntryID        // folders whose cached name or parent is wrong after the commit
	staleAt int64                  // the seq of the newest of these changes
	lifted  map[ident.EntryID]bool // folders that Apply has taken out of the tree and not put back yet
}

// nextSeq gives out the next number of the change feed. One writer goroutine
// commits in order, so seq order is commit order; a rollback leaves a gap.
func (tx *Tx) nextSeq() int64 {
	tx.c.seq++
	tx.wrote, tx.last = true, tx.c.seq
	return tx.c.seq
}

// renamed notes that the folder has another name or parent, or is gone, by the
// change with the newest seq.
func (tx *Tx) renamed(folder ident.EntryID) {
	tx.stale, tx.staleAt = append(tx.stale, folder), tx.last
}

func (tx *Tx) tombstone(noun string, id int64) error {
	_, err := tx.tx.Exec("INSERT INTO tombstone (seq, noun, id) VALUES (?, ?, ?)", tx.nextSeq(), noun, id)
	return err
}
