package catalog_test

import (
	"context"
	"flag"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if chosen := flag.Lookup("rapid.checks"); raceEnabled && chosen.Value.String() == chosen.DefValue {
		_ = chosen.Value.Set("10") // the database is ten times slower then
	}
	goleak.VerifyTestMain(m)
}

// failer is a test, or one run of a property.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// library is a catalogue on its own database.
type library struct {
	*catalog.Catalog
	t    failer
	path string
	db   *store.DB
	bus  *event.Bus
	vol  catalog.Volume
}

// newLibrary opens a fresh catalogue that knows one volume.
func newLibrary(t failer, folder string) *library {
	t.Helper()
	l := &library{t: t, path: filepath.Join(folder, "library.db")}
	l.open()
	t.Cleanup(func() {
		if err := l.db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	l.write(func(tx *catalog.Tx) (err error) {
		l.vol, err = tx.PutVolume(catalog.Volume{Device: "here", Identity: "disk", Name: "Disk", Online: true})
		return err
	})
	return l
}

func (l *library) open() {
	l.t.Helper()
	var err error
	l.db, err = store.Open(context.Background(), store.Options{Path: l.path, ApplicationID: schema.ApplicationID, Migrations: schema.Migrations()})
	if err != nil {
		l.t.Fatalf("open: %v", err)
	}
	l.bus = event.NewBus()
	if l.Catalog, err = catalog.Open(context.Background(), l.db, l.bus); err != nil {
		l.t.Fatalf("open the catalogue: %v", err)
	}
}

func (l *library) reopen() {
	l.t.Helper()
	if err := l.db.Close(); err != nil {
		l.t.Errorf("close: %v", err)
	}
	l.open()
}

func (l *library) write(fn func(tx *catalog.Tx) error) {
	l.t.Helper()
	if err := l.Write(context.Background(), fn); err != nil {
		l.t.Fatalf("write: %v", err)
	}
}

func (l *library) read(fn func(r *catalog.Reader) error) {
	l.t.Helper()
	if err := l.Read(context.Background(), fn); err != nil {
		l.t.Fatalf("read: %v", err)
	}
}

func (l *library) apply(b *catalog.Batch) {
	l.t.Helper()
	l.write(func(tx *catalog.Tx) error { return tx.Apply(b) })
}

// folder and file make entries that can be created.
func (l *library) folder(parent ident.EntryID, name string) catalog.Entry {
	return catalog.Entry{ID: l.ReserveEntryIDs(1), Volume: l.vol.ID, Parent: parent, Name: name, Kind: vfs.Folder, State: catalog.Present, Mode: 0o755}
}

func (l *library) file(parent ident.EntryID, name string, size int64) catalog.Entry {
	e := l.folder(parent, name)
	e.Kind, e.Mode, e.Size = vfs.File, 0o644, size
	return e
}

// briefs returns the table as Scan tells it.
func (l *library) briefs() map[ident.EntryID]catalog.Brief {
	l.t.Helper()
	rows := map[ident.EntryID]catalog.Brief{}
	_, err := l.Scan(context.Background(), func(b *catalog.Brief) error { rows[b.ID] = *b; return nil })
	if err != nil {
		l.t.Fatalf("scan: %v", err)
	}
	return rows
}

// rows returns the table as it stands, whole entries by id.
func (l *library) rows() map[ident.EntryID]catalog.Entry {
	l.t.Helper()
	rows := map[ident.EntryID]catalog.Entry{}
	ids := slices.Collect(maps.Keys(l.briefs()))
	l.read(func(r *catalog.Reader) error {
		es, err := r.EntriesByID(ids)
		for _, e := range es {
			rows[e.ID] = e
		}
		return err
	})
	return rows
}

// sums adds up, the slow way, what the totals of every folder must be.
func sums(rows map[ident.EntryID]catalog.Entry) map[ident.EntryID]catalog.Totals {
	below := map[ident.EntryID][]ident.EntryID{}
	for id, e := range rows {
		if e.State.There() {
			below[e.Parent] = append(below[e.Parent], id)
		}
	}
	all := map[ident.EntryID]catalog.Totals{}
	var add func(id ident.EntryID) catalog.Totals
	add = func(id ident.EntryID) (sum catalog.Totals) {
		for _, c := range below[id] {
			e := rows[c]
			switch {
			case e.Kind == vfs.Folder:
				t := add(c)
				sum.Files, sum.Folders, sum.Bytes = sum.Files+t.Files, sum.Folders+t.Folders, sum.Bytes+t.Bytes
				if e.State == catalog.Present {
					sum.Folders++
				}
			case e.Kind == vfs.File:
				sum.Files, sum.Bytes = sum.Files+1, sum.Bytes+e.Size
			default:
				sum.Files++
			}
		}
		all[id] = sum
		return sum
	}
	for id, e := range rows {
		if e.Parent == 0 {
			add(id)
		}
	}
	return all
}

// checkTotals compares the folders' totals with the slow sums.
func (l *library) checkTotals(rows map[ident.EntryID]catalog.Entry) {
	l.t.Helper()
	want := sums(rows)
	for id, e := range rows {
		if e.Totals != want[id] {
			l.t.Errorf("totals of %d %q: got %+v, want %+v", id, e.Name, e.Totals, want[id])
		}
	}
}

// follower is somebody who keeps a picture of the entries by the change feed.
type follower struct {
	at   int64
	rows map[ident.EntryID]catalog.Brief
	seen map[int64]bool
}

func newFollower() *follower {
	return &follower{rows: map[ident.EntryID]catalog.Brief{}, seen: map[int64]bool{}}
}

// follow takes one page and reports whether there was one.
func (f *follower) follow(l *library, limit int) bool {
	l.t.Helper()
	cs, next, err := l.Changes(context.Background(), f.at, limit)
	if err != nil {
		l.t.Fatalf("changes: %v", err)
	}
	last := f.at
	for _, c := range cs {
		if c.Seq <= last || f.seen[c.Seq] {
			l.t.Errorf("seq %d comes after %d, or twice", c.Seq, last)
		}
		last, f.seen[c.Seq] = c.Seq, true
		switch {
		case c.Noun != catalog.NounEntry:
		case c.Deleted:
			delete(f.rows, ident.EntryID(c.ID))
		default:
			f.rows[ident.EntryID(c.ID)] = *c.Entry
		}
	}
	if next != last || len(cs) > limit {
		l.t.Errorf("a page of %d changes for %d, up to %d, goes on from %d", len(cs), limit, last, next)
	}
	f.at = next
	return len(cs) > 0
}

// same compares two pictures of the entries.
func same[E comparable](t failer, what string, got, want map[ident.EntryID]E) {
	t.Helper()
	for _, id := range slices.Sorted(maps.Keys(want)) {
		g, ok := got[id]
		if !ok {
			t.Errorf("%s: entry %d is missing: %+v", what, id, want[id])
		} else if g != want[id] {
			t.Errorf("%s: entry %d:\n got %+v\nwant %+v", what, id, g, want[id])
		}
	}
	for id, e := range got {
		if _, ok := want[id]; !ok {
			t.Errorf("%s: entry %d should not be: %+v", what, id, e)
		}
	}
}
