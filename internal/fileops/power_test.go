//go:build linux

package fileops

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// meta returns what a thing carries.
func meta(t testing.TB, d vfs.Driver, path string) vfs.Meta {
	t.Helper()
	folder, name := vfs.Split(path)
	dir, err := d.Features().Writing.Dir(context.Background(), folder)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	m, err := dir.Meta(context.Background(), name)
	if err != nil {
		t.Fatal(path, err)
	}
	return m
}

// What is told to be done survives a power cut on each of the volumes that a plan
// writes to.
func TestPromise_P1_FilesOfSeveralVolumesAreSynced(t *testing.T) {
	w, on, other := newMemoryWorld(t, memfs.Options{NoClone: true}, memfs.Options{NoClone: true})
	var sources []string
	for volume, fs := range map[string]*memfs.FS{"": on, "b:": other} {
		for i := range 10 {
			name := fmt.Sprint("b", i)
			if err := fs.WriteFile(name, []byte("text "+name)); err != nil {
				t.Fatal(err)
			}
			sources = append(sources, w.path(volume+name))
		}
	}
	w.do(w.plan("files.duplicate", DuplicateIn{Sources: sources}), action.Done)
	for _, fs := range []*memfs.FS{on, other} {
		after := fs.Crash(1, 0)
		for i := range 10 {
			if text, err := read(after, fmt.Sprintf("b%d (2)", i)); err != nil || text != fmt.Sprint("text b", i) {
				t.Errorf("after a power cut b%d (2) holds %q, %v", i, text, err)
			}
		}
	}
}

// boasting says that it keeps everything.
type boasting struct{ *memfs.FS }

func (b boasting) Features() vfs.Features {
	f := b.FS.Features()
	w := *f.Writing
	w.Keeps |= vfs.PartXattrs
	f.Writing = &w
	return f
}

// What a volume could not keep, though it is of a kind that does, is not lost with
// the source: that stays. A copy is made, and it is told.
func TestPromise_P12_MoveThatLosesAttributesKeepsTheSource(t *testing.T) {
	for _, act := range []string{"files.copy", "files.move"} {
		w, on, other := newMemoryWorld(t, memfs.Options{NoClone: true}, memfs.Options{NoClone: true, Loses: vfs.PartXattrs})
		w.sites.drivers["vol-b"] = boasting{other}
		for _, name := range []string{"d/x", "d/plain"} {
			if err := errors.Join(on.MkdirAll("d"), on.WriteFile(name, []byte("text"))); err != nil {
				t.Fatal(err)
			}
		}
		if err := on.SetXattr("d/x", "user.tags", []byte("much")); err != nil {
			t.Fatal(err)
		}
		if act == "files.copy" {
			p := w.do(w.plan(act, CopyIn{Sources: w.src("d"), Destination: w.path("b:")}), action.Done)
			if text, err := read(other, "d/x"); err != nil || text != "text" || p.Skipped != 1 {
				t.Errorf("the copy holds %q, %v; %d notes\n%s", text, err, p.Skipped, w.failures(p.ID))
			}
			continue
		}
		p := w.do(w.plan(act, MoveIn{Sources: w.src("d"), Destination: w.path("b:")}), action.Partial)
		if string(meta(t, on, "d/x").Xattrs["user.tags"]) != "much" || p.Failed != 1 {
			t.Errorf("the source lost its attributes; %d failures", p.Failed)
		}
		if _, err := read(other, "d/x"); err == nil {
			t.Error("it stands on both volumes")
		}
		if text, err := read(other, "d/plain"); err != nil || text != "text" {
			t.Errorf("the other file holds %q, %v", text, err)
		}
	}
}

// A folder that came to another volume is private while it is filled, and carries
// what the old one did when that goes, even when the power goes.
func TestPromise_P12_FoldersAreDressedForGood(t *testing.T) {
	for _, act := range []string{"files.copy", "files.move"} {
		w, on, other := newMemoryWorld(t, memfs.Options{NoClone: true}, memfs.Options{NoClone: true})
		long := time.Unix(1_000_000_000, 0)
		err := errors.Join(on.MkdirAll("d/sub"), on.WriteFile("d/sub/x", []byte("text")), on.SetXattr("d/sub", "user.tags", []byte("much")),
			on.Chmod("d/sub", 0o750), on.Chmod("d", 0o500), on.SetModified("d/sub", long), on.SetModified("d", long))
		if act == "files.move" {
			err = errors.Join(err, on.Chmod("d", 0o710))
		}
		if err != nil {
			t.Fatal(err)
		}
		was := meta(t, on, "d").Mode
		w.yield = func(string) {
			for _, folder := range []string{"d", "d/sub"} {
				is, err := other.Stat(context.Background(), folder)
				if err != nil || is.Modified == long.UnixNano() {
					continue
				}
				if is.Mode != 0o700 {
					t.Errorf("%s: %s is open to others (%o) while it is filled", act, folder, is.Mode)
				}
			}
		}
		if act == "files.copy" {
			w.do(w.plan(act, CopyIn{Sources: w.src("d"), Destination: w.path("b:")}), action.Done)
		} else {
			w.do(w.plan(act, MoveIn{Sources: w.src("d"), Destination: w.path("b:")}), action.Done)
		}
		after := other.Crash(1, 0)
		for folder, mode := range map[string]uint32{"d": was, "d/sub": 0o750} {
			m := meta(t, after, folder)
			if m.Mode != mode || m.Modified != long.UnixNano() || folder == "d/sub" && string(m.Xattrs["user.tags"]) != "much" {
				t.Errorf("%s: after a power cut %s is %o of %v with %v", act, folder, m.Mode, time.Unix(0, m.Modified), m.Xattrs)
			}
		}
	}
}

// Another folder under the name of one that a plan made is left as it is when the
// plan goes on.
func TestPromise_P12_AStrangersFolderIsNotDressed(t *testing.T) {
	w := newTestWorld(t)
	w.write("f/x", "text")
	w.write("f/y", "more")
	p := w.plan("files.copy", CopyIn{Sources: w.src("f"), Destination: w.path("b:")})
	w.write("f/y", "is another")
	p = w.do(p, action.Partial)
	if err := errors.Join(os.Rename(w.path("b:f"), w.path("b:old")), os.Mkdir(w.path("b:f"), 0o711)); err != nil {
		t.Fatal(err)
	}
	w.end(p)
	if is, err := os.Stat(w.path("b:f")); err != nil || is.Mode().Perm() != 0o711 {
		t.Errorf("it is %v, %v", is.Mode(), err)
	}
}

// Changed rights and times are there after a power cut.
func TestPromise_P1_RightsAndTimesAreSynced(t *testing.T) {
	w, on, _ := newMemoryWorld(t, memfs.Options{}, memfs.Options{})
	if err := errors.Join(on.WriteFile("x", []byte("text")), on.WriteFile("locked", nil), on.Mkdir("d")); err != nil {
		t.Fatal(err)
	}
	w.do(w.plan("files.chmod", ChmodIn{Sources: w.src("x", "d"), Mode: "700"}), action.Done)
	w.do(w.plan("files.chmod", ChmodIn{Sources: w.src("locked"), Mode: "0"}), action.Done)
	after := on.Crash(1, 0)
	for path, mode := range map[string]uint32{"x": 0o700, "d": 0o700, "locked": 0} {
		if m := meta(t, after, path); m.Mode != mode {
			t.Errorf("after a power cut %s is %o, want %o", path, m.Mode, mode)
		}
	}
}

// Wherever the power goes while a file is replaced, the trash can tell where the
// old one stood when it holds it.
func TestPromise_P6_WhatIsReplacedIsNotedBefore(t *testing.T) {
	w, on, _ := newMemoryWorld(t, memfs.Options{NoClone: true, NoSyncAll: true}, memfs.Options{})
	if err := errors.Join(on.WriteFile("x", []byte("new")), on.MkdirAll("e"), on.WriteFile("e/x", []byte("old"))); err != nil {
		t.Fatal(err)
	}
	const bin = ".Trash-0"
	held := false
	w.yield = func(string) {
		for seed := range uint64(40) {
			after := on.Crash(seed, 50)
			if text, err := read(after, bin+"/files/x"); err != nil || text != "old" {
				continue
			}
			held = true
			if text, err := read(after, bin+"/info/x.trashinfo"); err != nil || !strings.Contains(text, "e/x") {
				t.Errorf("the note is %q, %v", text, err)
			}
		}
	}
	w.do(w.plan("files.copy", CopyIn{Sources: w.src("x"), Destination: w.path("e"), Conflict: Replace}), action.Done)
	if !held {
		t.Error("no power cut came when it was in the trash")
	}
}
