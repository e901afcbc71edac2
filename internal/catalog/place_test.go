package catalog_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// changes returns what the feed has after since.
func (l *library) changes(since int64) []catalog.Change {
	l.t.Helper()
	cs, _, err := l.Changes(context.Background(), since, 1000)
	if err != nil {
		l.t.Fatalf("changes: %v", err)
	}
	return cs
}

func TestPutVolume(t *testing.T) {
	l := newLibrary(t, t.TempDir())
	v := l.vol
	if v.ID == 0 || v.Root == 0 || !v.Online {
		t.Fatalf("a new volume is %+v", v)
	}
	l.read(func(r *catalog.Reader) error {
		root, err := r.Entry(v.Root)
		if root.Name != "disk" || root.State != catalog.Known || root.Parent != 0 || root.Volume != v.ID {
			t.Errorf("its root is %+v", root)
		}
		return err
	})
	put := func(change func(*catalog.Volume)) (catalog.Volume, int) {
		before := l.Reached()
		next := catalog.Volume{Device: "here", Identity: "disk", Name: "Disk", Online: true, Seen: time.Unix(50, 0)}
		change(&next)
		l.write(func(tx *catalog.Tx) (err error) { next, err = tx.PutVolume(next); return err })
		return next, len(l.changes(before))
	}
	if again, n := put(func(*catalog.Volume) {}); n != 0 || again.ID != v.ID || again.Root != v.Root {
		t.Errorf("the same volume again: %d changes, %+v", n, again)
	}
	for name, change := range map[string]func(*catalog.Volume){
		"name":    func(v *catalog.Volume) { v.Name = "Other" },
		"facts":   func(v *catalog.Volume) { v.Facts = json.RawMessage(`{"free":1}`) },
		"offline": func(v *catalog.Volume) { v.Online = false },
		"device":  func(v *catalog.Volume) { v.Device = "there" },
	} {
		got, n := put(change)
		if n != 1 || got.ID != v.ID || got.Root != v.Root {
			t.Errorf("%s: %d changes, %+v", name, n, got)
		}
		l.read(func(r *catalog.Reader) error {
			stored, err := r.VolumeByIdentity("disk")
			if stored.Name != got.Name || string(stored.Facts) != string(got.Facts) || stored.Online != got.Online || stored.Device != got.Device {
				t.Errorf("%s: stored as %+v", name, stored)
			}
			return err
		})
		put(func(*catalog.Volume) {})
	}
	other, _ := put(func(v *catalog.Volume) { v.Identity = "other" })
	if other.ID == v.ID || other.Root == v.Root {
		t.Errorf("another identity is the same volume: %+v", other)
	}
	l.read(func(r *catalog.Reader) error {
		if _, err := r.VolumeByIdentity("none"); !errs.Is(err, errs.NotFound) {
			t.Errorf("an unknown volume: %v", err)
		}
		if _, err := r.Volume(99); !errs.Is(err, errs.NotFound) {
			t.Errorf("an unknown volume: %v", err)
		}
		vs, err := r.Volumes()
		if len(vs) != 2 {
			t.Errorf("volumes: %+v", vs)
		}
		return err
	})
}

func TestPutDevice(t *testing.T) {
	l := newLibrary(t, t.TempDir())
	d := catalog.Device{ID: "abc", Name: "Laptop", Slug: "laptop", Created: time.Unix(7, 5).UTC()}
	for i, name := range []string{"Laptop", "Laptop", "Desk", "Desk"} {
		before := l.Reached()
		d.Name = name
		l.write(func(tx *catalog.Tx) error { return tx.PutDevice(d) })
		if changed := len(l.changes(before)) == 1; changed != (i%2 == 0) || changed != (l.Reached() != before) {
			t.Errorf("%d: changed %v, reached %d after %d", i, changed, l.Reached(), before)
		}
	}
	l.read(func(r *catalog.Reader) error {
		ds, err := r.Devices()
		if len(ds) != 1 || ds[0] != d {
			t.Errorf("devices: %+v", ds)
		}
		return err
	})
}

func TestLocations(t *testing.T) {
	l := newLibrary(t, t.TempDir())
	a, b := l.folder(l.vol.Root, "a"), l.folder(l.vol.Root, "b")
	l.apply(&catalog.Batch{Create: []catalog.Entry{a, b}})
	add := func(e ident.EntryID, name string) (loc catalog.Location, err error) {
		err = l.Write(context.Background(), func(tx *catalog.Tx) (err error) {
			loc, err = tx.AddLocation(catalog.Location{Volume: l.vol.ID, Entry: e, Name: name, Mode: "shallow", State: catalog.Pending})
			return err
		})
		return loc, err
	}
	one, err := add(a.ID, "one")
	if err != nil || one.ID == 0 {
		t.Fatalf("%+v, %v", one, err)
	}
	if _, err := add(a.ID, "again"); !errs.Is(err, errs.Conflict) {
		t.Errorf("a folder became a location twice: %v", err)
	}
	two, err := add(b.ID, "two")
	if err != nil || two.ID == one.ID {
		t.Fatalf("%+v, %v", two, err)
	}
	before := l.Reached()
	one.State, one.Errors, one.Skipped, one.Indexed, one.Job, one.Name = catalog.Incomplete, 2, 3, time.Unix(9, 9).UTC(), 4, "renamed"
	l.write(func(tx *catalog.Tx) error { return tx.SetLocation(one) })
	l.write(func(tx *catalog.Tx) error { return tx.SetLocation(one) })
	if cs := l.changes(before); len(cs) != 1 || cs[0].Noun != catalog.NounLocation || cs[0].ID != int64(one.ID) || l.Reached() != cs[0].Seq {
		t.Errorf("setting it twice: %+v", cs)
	}
	l.read(func(r *catalog.Reader) error {
		got, err := r.Location(one.ID)
		if got != one {
			t.Errorf("got %+v, want %+v", got, one)
		}
		return err
	})
	before = l.Reached()
	l.write(func(tx *catalog.Tx) error { return tx.RemoveLocation(two.ID) })
	if cs := l.changes(before); len(cs) != 1 || !cs[0].Deleted || cs[0].Noun != catalog.NounLocation || cs[0].ID != int64(two.ID) {
		t.Errorf("removing it: %+v", cs)
	}
	for what, fn := range map[string]func(tx *catalog.Tx) error{
		"remove": func(tx *catalog.Tx) error { return tx.RemoveLocation(two.ID) },
		"set":    func(tx *catalog.Tx) error { return tx.SetLocation(two) },
		"read":   func(tx *catalog.Tx) error { _, err := tx.Location(two.ID); return err },
	} {
		if err := l.Write(context.Background(), fn); !errs.Is(err, errs.NotFound) {
			t.Errorf("%s of a removed location: %v", what, err)
		}
	}
	l.reopen()
	three, err := add(b.ID, "two")
	if err != nil || three.ID <= two.ID {
		t.Errorf("after reopening: %+v, %v", three, err)
	}
	if l.rows()[b.ID].State != catalog.Present {
		t.Error("removing a location touched its entries")
	}
}

func TestSums(t *testing.T) {
	l := newLibrary(t, t.TempDir())
	above := l.folder(l.vol.Root, "above")
	above.State = catalog.Known
	a := l.folder(above.ID, "a")
	l.apply(&catalog.Batch{Create: []catalog.Entry{above, a, l.file(a.ID, "f", 7), l.file(a.ID, "g", 5)}})
	want := func(files, folders, bytes int64) {
		t.Helper()
		l.read(func(r *catalog.Reader) error {
			s, err := r.Sums()
			if s.Files != files || s.Folders != folders || s.Bytes != bytes || s.Volumes != 1 || s.Devices != 0 || s.Locations != 0 {
				t.Errorf("got %+v, want %d files, %d folders, %d bytes", s, files, folders, bytes)
			}
			return err
		})
	}
	want(2, 1, 12)
	root := l.rows()[l.vol.Root]
	root.State = catalog.Present // the whole volume is a location
	l.apply(&catalog.Batch{Update: []catalog.Entry{root}, Absent: []ident.EntryID{a.ID}})
	want(0, 1, 0)
}
