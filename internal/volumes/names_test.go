package volumes

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/ident"
)

func TestNamesDiffer(t *testing.T) {
	w := newWorld(t)
	usb := func(n int) *drive {
		d := driveA()
		d.dev, d.uuid, d.label = fmt.Sprint("8:10", n), fmt.Sprintf("aaaaaaaa-0000-0000-0000-%012d", n), "USB"
		return d
	}
	w.mount("/snap/usb", &drive{dev: "7:1", typ: "squashfs", uuid: "x", label: "USB"}) // of the system's making
	for n := range 3 {
		w.mount(fmt.Sprint("/mnt/", n), usb(n))
	}
	last := w.resolve("/mnt/2").Volume
	book := &fakeBook{known: []Known{{ID: 4, Identity: "uuid:gone", Name: "usb 2"}, {ID: 7, Identity: last.Identity, Name: "USB"}}}
	shown := func() (names []string) {
		t.Helper()
		out, err := call[ListOut](t, w.Ops(book, "me"), "volume.list", `{"all":true}`)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range out.Items {
			names = append(names, v.Mount+" "+v.Name)
		}
		return names
	}
	want := []string{"/ Root", "/snap/usb USB 5", "/mnt/0 USB 3", "/mnt/1 USB 4", "/mnt/2 USB", " usb 2"}
	if got := shown(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	// The name that is shown of a new one is the one that it gets.
	v := w.resolve("/mnt/1").Volume
	name, err := w.NameIn(t.Context(), book, v)
	if err != nil || name != "USB 4" {
		t.Fatal(name, err)
	}
	book.known = append(book.known, Known{ID: 8, Identity: v.Identity, Name: name})
	w.umount("/mnt/0")
	if name, err := w.NameIn(t.Context(), book, v); err != nil || name != "USB 4" {
		t.Errorf("%s, %v: it keeps its number", name, err)
	}
}

func TestKeepSettlesNames(t *testing.T) {
	w := newWorld(t)
	book := &fakeBook{known: []Known{{ID: 9, Identity: "uuid:y", Name: "Stick"}, {ID: 8, Identity: "uuid:x", Name: "stick"}}}
	for range 2 {
		if err := w.Keep(t.Context(), book); err != nil {
			t.Fatal(err)
		}
	}
	if book.known[0].Name != "Stick 2" || book.known[1].Name != "stick" || book.writes != 1 {
		t.Errorf("%+v, %d writes", book.known, book.writes)
	}
}

func TestNamesProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var known []Known
		for i, name := range rapid.SliceOf(rapid.SampledFrom([]string{"a", "A", "a 2", "a 3", "b", ""})).Draw(t, "names") {
			known = append(known, Known{ID: ident.VolumeID(i + 1), Name: name})
		}
		settleNames(known)
		before := slices.Clone(known)
		seen := map[string]bool{}
		for _, k := range known {
			if seen[strings.ToLower(k.Name)] {
				t.Fatalf("twice: %q in %+v", k.Name, known)
			}
			seen[strings.ToLower(k.Name)] = true
		}
		settleNames(known)
		if !slices.Equal(known, before) {
			t.Fatalf("%+v became %+v", before, known)
		}
	})
}
