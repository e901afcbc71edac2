//go:build linux

package fileops

import (
	"errors"
	"syscall"
	"testing"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/vfs/faultfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// What is moved to another volume stays what it is in all that it carries: owners,
// setuid bits, capabilities. So it is when it comes back.
func TestPromise_P12_P6_AMoveKeepsAllAndSoDoesItsUndo(t *testing.T) {
	w, a, b := newMemoryWorld(t, memfs.Options{Now: ticks()}, memfs.Options{Now: ticks()})
	w.write("d/tool", "text")
	err := errors.Join(a.Chmod("d/tool", 0o4755), a.Chown("d/tool", 12, 34), a.SetXattr("d/tool", "security.capability", []byte("may")),
		a.SetXattr("d/tool", "user.tag", []byte("red")), a.Chown("d", 56, 78), a.Chmod("d", 0o2750), a.SetXattr("d", "trusted.note", []byte("n")))
	if err != nil {
		t.Fatal(err)
	}
	carries := func(what string, fs *memfs.FS) {
		t.Helper()
		m, d := meta(t, fs, "d/tool"), meta(t, fs, "d")
		if m.Mode != 0o4755 || m.UID != 12 || m.GID != 34 || string(m.Xattrs["security.capability"]) != "may" || string(m.Xattrs["user.tag"]) != "red" {
			t.Errorf("%s the file carries %+v", what, m)
		}
		if d.Mode != 0o2750 || d.UID != 56 || d.GID != 78 || string(d.Xattrs["trusted.note"]) != "n" {
			t.Errorf("%s the folder carries %+v", what, d)
		}
	}
	p := w.do(w.plan("files.move", MoveIn{Sources: w.src("d"), Destination: w.path("b:")}), action.Done)
	carries("moved", b)
	u := w.undo(p, action.Done)
	carries("moved back", a)
	w.undo(u, action.Done)
	carries("moved again", b)
}

// A folder whose rights cannot be set at that moment is not told to be done: when the
// plan goes on, it gets them.
func TestFault_C16_FolderThatIsBusyWhenItIsDressed(t *testing.T) {
	w, a, b := newMemoryWorld(t, memfs.Options{Now: ticks()}, memfs.Options{Now: ticks()})
	w.write("d/one", "1")
	if err := a.Chmod("d", 0o750); err != nil {
		t.Fatal(err)
	}
	disk := faultfs.New(outliving{b}, faultfs.Rule{Op: faultfs.SetMeta, Path: "d", Errno: syscall.EBUSY, From: 1})
	w.sites.drivers["vol-b"] = disk
	p := w.do(w.plan("files.copy", CopyIn{Sources: w.src("d"), Destination: w.path("b:")}), action.Partial)
	disk.Heal()
	w.do(p, action.Done)
	if m := meta(t, b, "d"); m.Mode != 0o750 {
		t.Errorf("it is %o", m.Mode)
	}
}

// Where a file cannot get another name, asking for one makes no copy.
func TestPromise_P12_AHardLinkIsNoCopy(t *testing.T) {
	w, a, _ := newMemoryWorld(t, memfs.Options{Now: ticks()}, memfs.Options{})
	w.write("one", "1")
	w.sites.drivers["vol-a"] = faultfs.New(outliving{a}, faultfs.Rule{Op: faultfs.Link, Path: "**", Errno: syscall.EXDEV})
	w.do(w.plan("files.link", LinkIn{Sources: w.src("one"), Destination: w.path("two"), Kind: Hard}), action.Failed)
	w.hasNot("two")
	w.clean()
}
