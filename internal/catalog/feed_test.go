package catalog_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
)

var _ event.Feed = (*catalog.Catalog)(nil)

// Whoever scans and then follows the feed misses nothing that happens meanwhile.
func TestScanThenFollow(t *testing.T) {
	l := newLibrary(t, t.TempDir())
	a := l.folder(l.vol.Root, "a")
	b := &catalog.Batch{Create: []catalog.Entry{a}}
	n := 50
	if !raceEnabled {
		n = 20_010 // more than a page
	}
	for i := range n {
		b.Create = append(b.Create, l.file(a.ID, fmt.Sprint(i), 1))
	}
	l.apply(b)
	f := newFollower()
	i := 0
	seq, err := l.Scan(context.Background(), func(e *catalog.Brief) error {
		f.rows[e.ID] = *e
		if i++; i%(n/5) != 0 {
			return nil
		}
		changed, late := b.Create[i/2], l.file(a.ID, fmt.Sprint("late", i), 2)
		changed.Size = int64(i)
		l.apply(&catalog.Batch{Update: []catalog.Entry{changed}, Create: []catalog.Entry{late}, Absent: []ident.EntryID{b.Create[i/3].ID}})
		l.write(func(tx *catalog.Tx) error { _, _, err := tx.Forget(b.Create[i/4].ID, nil, 1); return err })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	f.at = seq
	for f.follow(l, 7) {
	}
	same(t, "the follower", f.rows, l.briefs())
}

func TestChangesOfAllNouns(t *testing.T) {
	l := newLibrary(t, t.TempDir())
	a, b := l.folder(l.vol.Root, "a"), l.file(l.vol.Root, "b", 1)
	var loc catalog.Location
	for _, fn := range []func(tx *catalog.Tx) error{
		func(tx *catalog.Tx) error { return tx.PutDevice(catalog.Device{ID: "d", Name: "D", Slug: "d"}) },
		func(tx *catalog.Tx) error { return tx.Apply(&catalog.Batch{Create: []catalog.Entry{a, b}}) },
		func(tx *catalog.Tx) (err error) {
			loc, err = tx.AddLocation(catalog.Location{Volume: l.vol.ID, Entry: a.ID, Name: "a", Mode: "shallow", State: catalog.Pending})
			return err
		},
		func(tx *catalog.Tx) error { return tx.Apply(&catalog.Batch{Absent: []ident.EntryID{b.ID}}) },
		func(tx *catalog.Tx) error { _, _, err := tx.Forget(b.ID, nil, 9); return err },
		func(tx *catalog.Tx) error { return tx.RemoveLocation(loc.ID) },
	} {
		l.write(fn)
	}
	var got []string
	for since := int64(0); ; {
		events, next, err := l.Since(context.Background(), since, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			break
		}
		for _, e := range events {
			if e.Seq <= since || time.Since(e.Time) > time.Hour {
				t.Errorf("seq %d after %d, at %v", e.Seq, since, e.Time)
			}
			data, err := json.Marshal(e.Data)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e.Type+" "+string(data))
			since = e.Seq
		}
		since = next
	}
	want := map[string]bool{
		`device.changed null`:       true,
		`volume.created {"id":"1"}`: true,
		`entry.changed {"id":"1","parent":"0","name":"disk","kind":"folder","state":"unknown"}`: true,
		`entry.created {"id":"2","parent":"1","name":"a","kind":"folder","state":"present"}`:    true,
		`entry.removed {"id":"3"}`:    true,
		`location.removed {"id":"1"}`: true,
	}
	have := map[string]bool{}
	for _, s := range got {
		have[s] = true
	}
	if len(got) != len(want) || !maps.Equal(have, want) {
		t.Errorf("got %q", got)
	}
}

func TestFeedReachesSubscribers(t *testing.T) {
	l := newLibrary(t, t.TempDir())
	sub := l.bus.Subscribe(event.Quiet())
	defer sub.Close()
	before := l.Reached()
	a := l.file(l.vol.Root, "a\xff", 1)
	l.apply(&catalog.Batch{Create: []catalog.Entry{a}})
	if err := sub.Wait(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	if l.bus.Head() != l.Reached() || l.Reached() <= before {
		t.Errorf("the bus says %d, the catalogue %d after %d", l.bus.Head(), l.Reached(), before)
	}
	before = l.Reached()
	l.apply(&catalog.Batch{})
	if l.Reached() != before {
		t.Error("an empty batch moved the feed")
	}
	events, _, err := l.Since(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	shown := false
	for _, e := range events {
		d, ok := e.Data.(catalog.EntryChanged)
		shown = shown || ok && d.Name == "a\uFFFD"
	}
	if !shown {
		t.Errorf("an event with a name that is text: %+v", events)
	}
}

// Rows that stand in nobody's way: deleting frees a name, and being absent too.
func TestNamesAreTakenOnce(t *testing.T) {
	l := newLibrary(t, t.TempDir())
	first := l.file(l.vol.Root, "x", 1)
	l.apply(&catalog.Batch{Create: []catalog.Entry{first}})
	clash := &catalog.Batch{Create: []catalog.Entry{l.file(l.vol.Root, "x", 2)}}
	if err := l.Write(t.Context(), func(tx *catalog.Tx) error { return tx.Apply(clash) }); err == nil {
		t.Fatal("two entries of one name")
	}
	clash.Absent = []ident.EntryID{first.ID}
	l.apply(clash)
	second := clash.Create[0]
	l.apply(&catalog.Batch{Absent: []ident.EntryID{second.ID}, Create: []catalog.Entry{l.file(l.vol.Root, "x", 3), l.file(l.vol.Root, "X", 3)}})
	l.read(func(r *catalog.Reader) error {
		var gone []ident.EntryID
		err := r.Absent(l.vol.Root, func(e *catalog.Entry) error { gone = append(gone, e.ID); return nil })
		if len(gone) != 2 || gone[0] != second.ID || gone[1] != first.ID {
			t.Errorf("absent: %v, want the newest first: %v", gone, []ident.EntryID{second.ID, first.ID})
		}
		var names []string
		if err := r.Children(l.vol.Root, func(e *catalog.Entry) error { names = append(names, e.Name); return nil }); err != nil {
			return err
		}
		if fmt.Sprint(names) != "[X x]" {
			t.Errorf("children: %q", names)
		}
		return err
	})
	back := second
	back.State = catalog.Present
	if err := l.Write(t.Context(), func(tx *catalog.Tx) error { return tx.Apply(&catalog.Batch{Update: []catalog.Entry{back}}) }); err == nil {
		t.Error("what came back took a name that is taken")
	}
	gone := back
	gone.State = catalog.Absent
	if err := l.Write(t.Context(), func(tx *catalog.Tx) error { return tx.Apply(&catalog.Batch{Update: []catalog.Entry{gone}}) }); err == nil {
		t.Error("an update made something absent")
	}
}
