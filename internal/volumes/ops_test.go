package volumes

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
)

// fakeBook is a library's memory, in memory.
type fakeBook struct {
	known  []Known
	writes int
	err    error
}

func (b *fakeBook) Volumes(context.Context) ([]Known, error) { return b.known, b.err }

func (b *fakeBook) Update(_ context.Context, changed []Known) error {
	b.writes++
	for _, c := range changed {
		for i, k := range b.known {
			if k.Identity == c.Identity {
				b.known[i] = c
			}
		}
	}
	return b.err
}

// call runs an operation the way faces do.
func call[Out any](t *testing.T, defs []op.Def, name, in string) (Out, error) {
	t.Helper()
	d, ok := op.NewSet(defs).Lookup(name)
	if !ok {
		t.Fatal("no operation", name)
	}
	var out Out
	b, err := d.Call(t.Context(), []byte(in))
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	return out, err
}

func TestVolumeList(t *testing.T) {
	w := newWorld(t)
	w.mount("/mnt/a", driveA())
	w.mount("/snap/core/1", &drive{dev: "7:1", typ: "squashfs", source: "/dev/loop1", uuid: "x"})
	w.mount("/mnt/\xff", &drive{dev: "0:70", typ: "nfs4", source: "nas:/x"})
	seen := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	book := &fakeBook{known: []Known{
		{ID: 7, Device: "me", Identity: idA, Name: "My stick", Facts: Facts{Identity: idA, FS: "ext4"}, Online: true, Seen: seen},
		{ID: 9, Device: "other", Identity: "uuid:gone", Name: "Drawer", Facts: Facts{Identity: "uuid:gone", Mount: "/mnt/drawer", FS: "xfs", Capacity: 5, Class: Warm}, Seen: seen},
	}}
	defs := w.Ops(book, "me")
	out, err := call[ListOut](t, defs, "volume.list", "{}")
	if err != nil || len(out.Items) != 4 || out.Next != "" {
		t.Fatalf("%+v, %v", out, err)
	}
	root, a, nas, drawer := out.Items[0], out.Items[1], out.Items[2], out.Items[3]
	if root.ID != "" || root.Tracked || root.Identity != idRoot || root.Mount != "/" || root.State != Online || root.Name != "Root" || root.Device != "me" || root.Capacity != 1000 || root.Free != 400 {
		t.Errorf("%+v", root)
	}
	if a.ID != "7" || !a.Tracked || a.Name != "My stick" || a.Mount != "/mnt/a" || a.State != Online || !a.Seen.Equal(seen) {
		t.Errorf("%+v", a)
	}
	if raw, _ := base64.StdEncoding.DecodeString(nas.RawMount); string(raw) != "/mnt/\xff" || nas.Mount != "/mnt/\uFFFD" || !nas.Network || nas.Class != Cold {
		t.Errorf("%+v", nas)
	}
	if drawer.ID != "9" || drawer.State != Offline || drawer.Mount != "" || drawer.Capacity != 5 || drawer.Device != "other" {
		t.Errorf("%+v", drawer)
	}
	if all, err := call[ListOut](t, defs, "volume.list", `{"all":true}`); err != nil || len(all.Items) != 5 {
		t.Errorf("%+v, %v", all, err)
	}
	book.err = errs.New(errs.Unavailable, "the library is closed")
	if _, err := call[ListOut](t, defs, "volume.list", "{}"); !errs.Is(err, errs.Unavailable) {
		t.Error(err)
	}
}

func TestVolumeInfo(t *testing.T) {
	w := newWorld(t)
	w.mount("/mnt/a", driveA())
	w.mount("/mnt/copy", &drive{dev: "8:33", typ: "ext4", source: "/dev/sdc1", uuid: driveA().uuid})
	book := &fakeBook{known: []Known{{ID: 7, Identity: idA, Name: "Twin"}, {ID: 8, Identity: "uuid:x", Name: "Twin"}}}
	if _, err := w.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	defs := w.Ops(book, "me")
	for in, want := range map[string]string{"7": idA, idA: idA, "/mnt/a": idA, "/": idRoot, "root": idRoot, "8": "uuid:x", "Twin": idA, "twin 2": "uuid:x"} {
		v, err := call[View](t, defs, "volume.info", `{"volume":"`+in+`"}`)
		if err != nil || v.Identity != want {
			t.Errorf("%s: %+v, %v", in, v, err)
		}
	}
	v, err := call[View](t, defs, "volume.info", `{"volume":"/mnt/copy"}`)
	if err != nil || v.State != Clone || v.Problem == "" || v.Remedy == "" || v.Tracked {
		t.Errorf("%+v, %v", v, err)
	}
	for in, kind := range map[string]errs.Kind{"nothing": errs.NotFound} {
		if _, err := call[View](t, defs, "volume.info", `{"volume":"`+in+`"}`); !errs.Is(err, kind) {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestKeepWritesOnlyWhatChanged(t *testing.T) {
	w := newWorld(t)
	w.mount("/mnt/a", driveA())
	book := &fakeBook{known: []Known{{ID: 7, Identity: idA, Name: "Stick"}, {ID: 8, Identity: "uuid:x", Name: "Other", Online: true}}}
	keep := func() {
		t.Helper()
		if err := w.Keep(t.Context(), book); err != nil {
			t.Fatal(err)
		}
	}
	keep()
	if a := book.known[0]; !a.Online || a.Facts.Mount != "/mnt/a" || a.Seen.IsZero() || a.Name != "Stick" {
		t.Errorf("%+v", a)
	}
	if book.known[1].Online {
		t.Error("what is not mounted is offline")
	}
	keep()
	if book.writes != 1 {
		t.Errorf("wrote %d times", book.writes)
	}
	w.umount("/mnt/a")
	keep()
	if a := book.known[0]; a.Online || a.Facts.Mount != "/mnt/a" || book.writes != 2 {
		t.Errorf("%+v: what was last seen stays known", a)
	}
	book.err = errs.New(errs.Unavailable, "closed")
	if err := w.Keep(t.Context(), book); !errs.Is(err, errs.Unavailable) {
		t.Error(err)
	}
}

func TestCatalogBook(t *testing.T) {
	db, err := store.Open(t.Context(), store.Options{
		Path: filepath.Join(t.TempDir(), "library.db"), ApplicationID: schema.ApplicationID, Migrations: schema.Migrations(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c, err := catalog.Open(t.Context(), db, event.NewBus())
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.mount("/mnt/a", driveA())
	p := w.resolve("/mnt/a")
	err = c.Write(t.Context(), func(tx *catalog.Tx) error {
		_, err := tx.PutVolume(catalog.Volume{Device: "me", Identity: p.Volume.Identity, Name: "Stick", Facts: p.Volume.Facts.Record(), Online: true, Seen: time.Now()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	book := CatalogBook(c)
	known, err := book.Volumes(t.Context())
	if err != nil || len(known) != 1 || known[0].Facts != p.Volume.Facts || !known[0].Online {
		t.Fatalf("%+v, %v", known, err)
	}
	before := c.Reached()
	if err := w.Keep(t.Context(), book); err != nil || c.Reached() != before {
		t.Fatalf("%v; wrote although nothing changed", err)
	}
	w.umount("/mnt/a")
	if err := w.Keep(t.Context(), book); err != nil || c.Reached() == before {
		t.Fatalf("%v; did not write", err)
	}
	known, err = book.Volumes(t.Context())
	if err != nil || known[0].Online || known[0].Name != "Stick" || known[0].Facts.Mount != "/mnt/a" {
		t.Fatalf("%+v, %v", known, err)
	}
	if err := book.Update(t.Context(), []Known{{Identity: "uuid:forgotten"}}); err != nil {
		t.Error(err)
	}
	if f := Recall([]byte("damaged")); f != (Facts{}) {
		t.Errorf("%+v", f)
	}
}

func TestFindTouchesNothingWhileServed(t *testing.T) {
	w := newWorld(t)
	w.mount("/mnt/a", driveA())
	if v, ok := w.Find(t.Context(), idA); !ok || v.State != Online {
		t.Fatalf("%+v %v: a first look is waited for", v, ok)
	}
	w.serve()
	eventually(t, "watched", func() bool { w.Service.mu.Lock(); defer w.Service.mu.Unlock(); return w.watched })
	eventually(t, "examined", func() bool { return w.calls0() })
	before := w.touches("/mnt/a")
	for range 100 {
		if v, ok := w.Find(t.Context(), idA); !ok || v.Mount != "/mnt/a" {
			t.Fatal(v, ok)
		}
		if _, ok := w.Find(t.Context(), idB); ok {
			t.Fatal("found what is not there")
		}
	}
	if w.touches("/mnt/a") != before {
		t.Error("touched the volume")
	}
}

func (w *world) calls0() bool {
	w.Service.mu.Lock()
	defer w.Service.mu.Unlock()
	return w.calls == 0
}
