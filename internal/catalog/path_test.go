package catalog_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
)

// chain makes folders in one another and returns them, the top first.
func (l *library) chain(names ...string) []catalog.Entry {
	l.t.Helper()
	var es []catalog.Entry
	for at := l.vol.Root; len(es) < len(names); at = es[len(es)-1].ID {
		es = append(es, l.folder(at, names[len(es)]))
	}
	l.apply(&catalog.Batch{Create: es})
	return es
}

func TestPaths(t *testing.T) {
	l := newLibrary(t, t.TempDir())
	es := l.chain("a", "new\nline", "\xff")
	f := l.file(es[2].ID, "f", 1)
	l.apply(&catalog.Batch{Create: []catalog.Entry{f}})
	for range 2 { // from the database, and from the cache
		l.read(func(r *catalog.Reader) error {
			if p, err := r.Path(&f); p != "a/new\nline/\xff/f" || err != nil {
				t.Errorf("path: %q, %v", p, err)
			}
			root, err := r.Entry(l.vol.Root)
			if err != nil {
				return err
			}
			if p, err := r.Path(&root); p != "" || err != nil {
				t.Errorf("path of the root: %q, %v", p, err)
			}
			up, err := r.Ancestors(&f)
			if len(up) != 4 || up[0].ID != l.vol.Root || up[3] != (catalog.Ancestor{ID: es[2].ID, Name: "\xff"}) {
				t.Errorf("ancestors: %+v", up)
			}
			return err
		})
	}
	l.read(func(r *catalog.Reader) error {
		if e, err := r.Lookup(l.vol.Root, "a/new\nline/\xff/f"); e.ID != f.ID || err != nil {
			t.Errorf("lookup: %+v, %v", e, err)
		}
		if e, err := r.Lookup(es[0].ID, ""); e.ID != es[0].ID || err != nil {
			t.Errorf("lookup of itself: %+v, %v", e, err)
		}
		for _, p := range []string{"b", "a/b", "a/new\nline/\xff/f/g", "a/new\nline/\xfe"} {
			if e, err := r.Lookup(l.vol.Root, p); !errs.Is(err, errs.NotFound) {
				t.Errorf("lookup of %q: %+v, %v", p, e, err)
			}
		}
		for _, tc := range []struct {
			top, id ident.EntryID
			want    bool
		}{{es[0].ID, f.ID, true}, {f.ID, f.ID, true}, {es[2].ID, es[2].ID, true}, {es[2].ID, es[0].ID, false}, {f.ID, es[0].ID, false}, {l.vol.Root, f.ID, true}} {
			if got, err := r.Within(tc.top, tc.id); got != tc.want || err != nil {
				t.Errorf("%d within %d: %v, %v", tc.id, tc.top, got, err)
			}
		}
		if _, err := r.Within(es[0].ID, 999); !errs.Is(err, errs.NotFound) {
			t.Errorf("an unknown entry within: %v", err)
		}
		if _, err := r.FolderPath(f.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("a file's folder path: %v", err)
		}
		return nil
	})
}

func TestFault_A8_Depth2000(t *testing.T) {
	l := newLibrary(t, t.TempDir())
	depth := 2000
	if raceEnabled {
		depth = 300
	}
	names := make([]string, depth)
	for i := range names {
		names[i] = "d"
	}
	es := l.chain(names...)
	last := es[len(es)-1]
	l.apply(&catalog.Batch{Create: []catalog.Entry{l.file(last.ID, "f", 3)}})
	l.read(func(r *catalog.Reader) error {
		p, err := r.FolderPath(last.ID)
		if p != strings.TrimSuffix(strings.Repeat("d/", depth), "/") {
			t.Errorf("a path of %d bytes", len(p))
		}
		return err
	})
	l.checkTotals(l.rows())
	l.apply(&catalog.Batch{Absent: []ident.EntryID{es[0].ID}})
	l.checkTotals(l.rows())
	l.write(func(tx *catalog.Tx) error {
		_, done, err := tx.Forget(es[0].ID, nil, 3000)
		if !done {
			t.Error("not done")
		}
		return err
	})
	if n := len(l.rows()); n != 1 {
		t.Errorf("%d rows are left", n)
	}
}

// A tree that a damaged disk has tied into a knot hangs nobody.
func TestCircleInTheDatabase(t *testing.T) {
	l := newLibrary(t, t.TempDir())
	es := l.chain("a", "b", "c")
	err := l.db.Write(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Exec("UPDATE entry SET parent_id = ? WHERE id = ?", int64(es[2].ID), int64(es[0].ID))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	l.reopen()
	l.read(func(r *catalog.Reader) error {
		_, path := r.FolderPath(es[2].ID)
		_, up := r.Ancestors(&es[2])
		_, in := r.Within(l.vol.Root, es[2].ID)
		for what, err := range map[string]error{"path": path, "ancestors": up, "within": in} {
			if !errs.Is(err, errs.Internal) {
				t.Errorf("%s: %v", what, err)
			}
		}
		return nil
	})
	err = l.Write(context.Background(), func(tx *catalog.Tx) error {
		return tx.Apply(&catalog.Batch{Create: []catalog.Entry{l.file(es[1].ID, "f", 1)}})
	})
	if !errs.Is(err, errs.Internal) {
		t.Errorf("creating in a circle: %v", err)
	}
}

func TestMoveIntoItself(t *testing.T) {
	l := newLibrary(t, t.TempDir())
	es := l.chain("a", "b", "c")
	other := l.folder(l.vol.Root, "other")
	l.apply(&catalog.Batch{Create: []catalog.Entry{other}})
	into := func(e catalog.Entry, parent ident.EntryID) catalog.Entry { e.Parent = parent; return e }
	for name, moves := range map[string][]catalog.Entry{
		"itself":     {into(es[0], es[0].ID)},
		"its child":  {into(es[0], es[2].ID)},
		"each other": {into(es[0], other.ID), into(other, es[0].ID)},
		"deeply":     {into(es[0], other.ID), into(other, es[1].ID)},
	} {
		err := l.Write(context.Background(), func(tx *catalog.Tx) error { return tx.Apply(&catalog.Batch{Move: moves}) })
		if !errs.Is(err, errs.Internal) {
			t.Errorf("into %s: %v", name, err)
		}
	}
	known := es[1]
	known.State = catalog.Known // weighs nothing, so no total would tell
	l.apply(&catalog.Batch{Update: []catalog.Entry{known}})
	err := l.Write(context.Background(), func(tx *catalog.Tx) error {
		return tx.Apply(&catalog.Batch{Move: []catalog.Entry{into(known, known.ID)}})
	})
	if !errs.Is(err, errs.Internal) {
		t.Errorf("a known folder into itself: %v", err)
	}
	l.checkTotals(l.rows())
}

// TestSharedCommit moves a folder and writes below it in another transaction of
// the same commit, and in one after a rollback.
func TestSharedCommit(t *testing.T) {
	l := newLibrary(t, t.TempDir())
	es := l.chain("a", "m")
	to, m := l.folder(l.vol.Root, "to"), es[1]
	l.apply(&catalog.Batch{Create: []catalog.Entry{to, l.file(m.ID, "f", 1)}}) // the writer knows m's parent now
	moved := m
	moved.Parent = to.ID
	err := l.db.Write(context.Background(), func(stx *store.Tx) error {
		if err := l.In(stx).Apply(&catalog.Batch{Move: []catalog.Entry{moved}}); err != nil {
			return err
		}
		return l.In(stx).Apply(&catalog.Batch{Create: []catalog.Entry{l.file(m.ID, "g", 2)}})
	})
	if err != nil {
		t.Fatal(err)
	}
	l.checkTotals(l.rows())
	err = l.db.Write(context.Background(), func(stx *store.Tx) error {
		if err := l.In(stx).Apply(&catalog.Batch{Move: []catalog.Entry{m}}); err != nil {
			return err
		}
		if err := l.In(stx).Apply(&catalog.Batch{Create: []catalog.Entry{l.file(m.ID, "h", 2)}}); err != nil {
			return err
		}
		return errNo
	})
	if err != errNo {
		t.Fatal(err)
	}
	l.apply(&catalog.Batch{Create: []catalog.Entry{l.file(m.ID, "i", 4)}})
	l.checkTotals(l.rows())
}

// TestPathsWhileFoldersAreRenamed has readers compare what the cache says with
// the rows of the same snapshot, while one folder after another gets a new name
// or place.
func TestPathsWhileFoldersAreRenamed(t *testing.T) {
	l := newLibrary(t, t.TempDir())
	es := l.chain("a", "b", "c", "d")
	sides := []ident.EntryID{l.vol.Root, 0}
	side := l.folder(l.vol.Root, "side")
	sides[1] = side.ID
	l.apply(&catalog.Batch{Create: []catalog.Entry{side}})
	ctx, stop := context.WithCancel(context.Background())
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for ctx.Err() == nil {
				if err := l.Read(ctx, func(r *catalog.Reader) error { return agree(r, es) }); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 60 {
		e := &es[i%3]
		if i%3 == 0 {
			e.Parent = sides[i/3%2]
		}
		e.Name = fmt.Sprint(e.Name[:1], i)
		l.apply(&catalog.Batch{Move: []catalog.Entry{*e}})
		l.read(func(r *catalog.Reader) error { // who was told of the commit sees it
			got, err := r.FolderPath(es[3].ID)
			want := fmt.Sprintf("%s/%s/%s/d", es[0].Name, es[1].Name, es[2].Name)
			if es[0].Parent == side.ID {
				want = "side/" + want
			}
			if got != want {
				t.Errorf("after rename %d: got %q, want %q", i, got, want)
			}
			return err
		})
	}
	stop()
	readers.Wait()
}

// agree compares the path of the last folder with its rows.
func agree(r *catalog.Reader, es []catalog.Entry) error {
	path, err := r.FolderPath(es[len(es)-1].ID)
	if err != nil {
		return err
	}
	var names []string
	for id := es[len(es)-1].ID; ; {
		e, err := r.Entry(id)
		if err != nil {
			return err
		}
		if id = e.Parent; id == 0 {
			break
		}
		names = append([]string{e.Name}, names...)
	}
	if want := strings.Join(names, "/"); path != want {
		return fmt.Errorf("the cache says %q, the rows %q", path, want)
	}
	return nil
}
