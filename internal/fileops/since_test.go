//go:build linux

package fileops

import (
	"errors"
	"testing"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// What was to be deleted for good and is gone already is told as such.
func TestFault_C3_WhatIsGoneBeforeItIsDestroyed(t *testing.T) {
	w, a, _ := newMemoryWorld(t, memfs.Options{}, memfs.Options{})
	w.write("one", "1")
	w.write("d/two", "22")
	p := w.plan("files.destroy", DestroyIn{Sources: w.src("one", "d")})
	if err := a.Remove("one"); err != nil {
		t.Fatal(err)
	}
	if p = w.do(p, action.Partial); p.Failed != 1 {
		t.Errorf("%d refusals\n%s", p.Failed, w.failures(p.ID))
	}
	w.hasNot("d")
}

// A folder that is a symlink since the preview keeps a plan from what was in it, and
// from nothing else.
func TestFault_C5_AFolderThatBecameASymlinkStopsNothingElse(t *testing.T) {
	for _, act := range []string{"files.destroy", "files.trash"} {
		w, a, _ := newMemoryWorld(t, memfs.Options{}, memfs.Options{})
		w.write("d/sub/one", "1")
		w.write("out/sub/one", "theirs")
		w.write("e/two", "22")
		args := any(DestroyIn{Sources: w.src("d/sub/one", "e/two")})
		if act == "files.trash" {
			args = TrashIn{Sources: w.src("d/sub/one", "e/two")}
		}
		p := w.plan(act, args)
		if err := errors.Join(a.Rename("d", "old"), a.Symlink("out", "d")); err != nil {
			t.Fatal(err)
		}
		if p = w.do(p, action.Partial); p.Failed != 1 || p.Error != "" {
			t.Errorf("%s: %d refusals, %s\n%s", act, p.Failed, p.Error, w.failures(p.ID))
		}
		w.has("old/sub/one", "1")
		w.has("out/sub/one", "theirs")
		w.hasNot("e/two")
		w.clean()
	}
}

// What came into a folder after the preview does not go with it, however far the
// clock of the volume is behind that of this machine: that of these is years.
func TestFault_C4_WhatCameIsNotDestroyedThoughTheClockLags(t *testing.T) {
	for _, c := range []struct {
		act  string
		plan func(w *testWorld) action.Plan
		in   string
	}{
		{"destroy", func(w *testWorld) action.Plan { return w.plan("files.destroy", DestroyIn{Sources: w.src("d")}) }, "d/sub"},
		{"trash", func(w *testWorld) action.Plan { return w.plan("files.trash", TrashIn{Sources: w.src("d")}) }, "d/sub"},
		{"empty", func(w *testWorld) action.Plan {
			w.do(w.plan("files.trash", TrashIn{Sources: w.src("d")}), action.Done)
			return w.plan("trash.empty", EmptyIn{Items: w.src("d")})
		}, ".Trash-0/files/d/sub"},
	} {
		w, _, _ := newMemoryWorld(t, memfs.Options{Now: ticks()}, memfs.Options{})
		w.write("d/sub/one", "1")
		p := c.plan(w)
		w.write(c.in+"/two", "22")
		w.do(p, action.Failed)
		w.has(c.in+"/one", "1")
		w.has(c.in+"/two", "22")
		w.clean()
	}
}
