package vfstest

import (
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

func folders(t *volume) {
	d := t.dir("")
	t.must(d.Mkdir(t.Context(), "a", 0o755))
	sub, err := d.Sub(t.Context(), "a")
	t.must(err)
	t.must(sub.Mkdir(t.Context(), "b", 0o755))
	t.is(d.Rmdir(t.Context(), "a"), errs.Conflict, "a folder that is not empty")
	t.is(d.Unlink(t.Context(), "a"), errs.Unsupported, "unlinking a folder")
	t.put(d, "f", "x")
	t.is(d.Rmdir(t.Context(), "f"), errs.NotFound, "Rmdir of a file")
	_, err = d.Sub(t.Context(), "f")
	t.is(err, errs.NotFound, "Sub of a file")
	t.must(sub.Rmdir(t.Context(), "b"), d.Rmdir(t.Context(), "a"))
	t.is(d.Rmdir(t.Context(), "a"), errs.NotFound, "removing it twice")
	// The handle outlives the folder; nothing can be put into it any more.
	_, err = sub.Create(t.Context(), "lost", 0o600)
	t.is(err, errs.NotFound, "Create in a folder that was removed")
	t.is(sub.Mkdir(t.Context(), "lost", 0o700), errs.NotFound, "Mkdir in a folder that was removed")
	t.is(d.Rename(t.Context(), "f", sub, "f", vfs.NoReplace), errs.NotFound, "moving into a folder that was removed")
	t.must(sub.Close())
	t.sameNames(t.names(d), "f")
}

func rename(t *volume) {
	d := t.dir("")
	before := t.taken(d)
	t.must(d.Mkdir(t.Context(), "to", 0o755))
	to, err := d.Sub(t.Context(), "to")
	t.must(err)
	defer func() { _ = to.Close() }()
	for name, was := range before {
		t.must(d.Rename(t.Context(), name, to, "new "+name, vfs.NoReplace))
		e := t.entry(to, "new "+name)
		e.Name, e.Changed = was.Name, was.Changed
		if e != was {
			t.Errorf("%+v became %+v", was, e)
		}
	}
	t.sameNames(t.names(d), "to")
	if got := t.get(to, "new file"); got != "precious" {
		t.Errorf("it reads %q", got)
	}
	if got := t.read("to/new folder/inside"); got != "x" {
		t.Errorf("in the folder: %q", got)
	}
	t.is(d.Rename(t.Context(), "none", to, "x", vfs.NoReplace), errs.NotFound, "renaming nothing")
	folder, err := to.Sub(t.Context(), "new folder")
	t.must(err)
	defer func() { _ = folder.Close() }()
	t.is(to.Rename(t.Context(), "new folder", folder, "x", vfs.NoReplace), errs.Invalid, "into itself")
	t.is(d.Rename(t.Context(), "to", folder, "x", vfs.NoReplace), errs.Invalid, "into what is below it")
	t.sameNames(t.names(folder), "inside")
	t.sameNames(t.names(d), "to")
}

func exchange(t *volume) {
	d := t.dir("")
	t.taken(d)
	t.must(d.Mkdir(t.Context(), "to", 0o755))
	to, err := d.Sub(t.Context(), "to")
	t.must(err)
	defer func() { _ = to.Close() }()
	t.put(to, "other", "other")
	t.can(d.Rename(t.Context(), "file", to, "other", vfs.Exchange))
	if a, b := t.get(d, "file"), t.get(to, "other"); a != "other" || b != "precious" {
		t.Errorf("%q and %q", a, b)
	}
	was := t.entry(to, "other")
	for _, name := range []string{"folder", "empty", "link", "dangling", "out", "fifo"} {
		if _, there := t.names(d)[name]; !there {
			continue
		}
		e := t.entry(d, name)
		t.must(d.Rename(t.Context(), name, to, "other", vfs.Exchange))
		a, b := t.entry(d, name), t.entry(to, "other")
		if a.Kind != was.Kind || a.Inode != was.Inode || b.Kind != e.Kind || b.Inode != e.Inode {
			t.Errorf("%s: %+v and %+v became %+v and %+v", name, e, was, a, b)
		}
		t.must(to.Rename(t.Context(), "other", d, name, vfs.Exchange))
	}
	t.is(d.Rename(t.Context(), "file", to, "none", vfs.Exchange), errs.NotFound, "with nothing")
	t.is(d.Rename(t.Context(), "none", to, "other", vfs.Exchange), errs.NotFound, "nothing with something")
	if err := d.Rename(t.Context(), "file", d, "file", vfs.Exchange); err != nil {
		t.is(err, errs.Conflict, "with itself")
	}
	if t.get(d, "file") != "other" || t.get(to, "other") != "precious" {
		t.Error("something was lost")
	}
}

// A folder is opened, then its name is given to a symlink: changes go into the
// folder that was opened, wherever it is.
func swapped(t *volume) {
	t.mkdir("victim")
	t.write("victim/f", "victim")
	t.mkdir("a")
	t.write("a/f", "mine")
	top, d := t.dir(""), t.dir("a")
	t.made(t.Make.Rename("a", "moved"))
	t.symlink("victim", "a")

	t.must(d.Unlink(t.Context(), "f"))
	t.put(d, "g", "new")
	t.must(d.Mkdir(t.Context(), "sub", 0o755), d.Rename(t.Context(), "g", d, "h", vfs.NoReplace), d.Sync(t.Context()))
	t.sameNames(t.list("victim"), "f")
	t.sameNames(t.list("moved"), "sub", "h")

	for what, err := range t.everything(t.Context(), top, "a", "none") {
		switch what {
		case "Sub":
			t.is(err, errs.Denied, "Sub of the symlink")
		case "Open", "Write":
			t.is(err, errs.Unsupported, what+" of the symlink")
		}
	}
	_, err := t.w.Dir(t.Context(), "a")
	if err == nil {
		t.Error("a symlink is opened as a folder")
	}
	t.sameNames(t.list("victim"), "f")
	if got := t.read("victim/f"); got != "victim" {
		t.Errorf("the victim reads %q", got)
	}
}

func linksNotFollowed(t *volume) {
	t.mkdir("out")
	t.write("out/f", "victim")
	t.mkdir("d")
	d := t.dir("d")
	t.can(d.Symlink(t.Context(), "link", "../out/f"))
	t.must(d.Symlink(t.Context(), "dangling", "../out/new"), d.Symlink(t.Context(), "folder", "../out"))
	was := t.stat("out/f")
	for _, name := range []string{"link", "dangling", "folder"} {
		_, err := d.Write(t.Context(), name)
		t.is(err, errs.Unsupported, "Write through "+name)
		_, err = d.Open(t.Context(), name)
		t.is(err, errs.Unsupported, "Open through "+name)
		_, err = d.Create(t.Context(), name, 0o600)
		t.is(err, errs.Conflict, "Create through "+name)
		_, err = d.Sub(t.Context(), name)
		t.is(err, errs.Denied, "Sub through "+name)
		t.is(d.Rmdir(t.Context(), name), errs.NotFound, "Rmdir through "+name)
		lost, err := d.SetMeta(t.Context(), name, &vfs.Meta{Mode: 0o777, Modified: 1e18}, vfs.PartMode|vfs.PartModified)
		t.must(err)
		if lost&vfs.PartModified != 0 {
			continue // said so
		}
		if e := t.entry(d, name); e.Kind != vfs.Symlink || !t.since(e.Modified, 1e18) {
			t.Errorf("%s: %+v", name, e)
		}
		if m, err := d.Meta(t.Context(), name); err != nil || !t.since(m.Modified, 1e18) {
			t.Errorf("Meta of %s: %+v, %v", name, m, err)
		}
	}
	if err := d.Link(t.Context(), "hard", d, "link"); err == nil { // a second name of the link, not of the file
		if e := t.entry(d, "hard"); e.Kind != vfs.Symlink {
			t.Errorf("%+v", e)
		}
		t.must(d.Unlink(t.Context(), "hard"))
	}
	for _, name := range []string{"link", "dangling", "folder"} {
		t.must(d.Rename(t.Context(), name, d, "x", vfs.NoReplace), d.Unlink(t.Context(), "x"))
	}
	t.sameNames(t.list("out"), "f")
	if e := t.stat("out/f"); e != was || t.read("out/f") != "victim" {
		t.Errorf("%+v became %+v", was, e)
	}
}

func writeFIFO(t *volume) {
	if err := t.Make.FIFO("pipe"); err != nil {
		t.Skipf("no named pipes: %v", err)
	}
	d := t.dir("")
	t.within(func() {
		_, err := d.Write(t.Context(), "pipe")
		t.is(err, errs.Unsupported, "Write")
		_, err = d.Open(t.Context(), "pipe")
		t.is(err, errs.Unsupported, "Open")
		_, err = d.Sub(t.Context(), "pipe")
		t.is(err, errs.NotFound, "Sub")
		_, err = d.SetMeta(t.Context(), "pipe", &vfs.Meta{Mode: 0o640, Modified: 1e18}, vfs.PartMode|vfs.PartModified)
		t.must(err)
		if m, err := d.Meta(t.Context(), "pipe"); err != nil || t.w.Keeps&vfs.PartMode != 0 && m.Mode != 0o640 || !t.since(m.Modified, 1e18) {
			t.Errorf("%+v, %v", m, err)
		}
		t.must(d.Rename(t.Context(), "pipe", d, "pipe2", vfs.NoReplace))
		if e := t.entry(d, "pipe2"); e.Kind != vfs.FIFO {
			t.Errorf("%+v", e)
		}
		t.must(d.Unlink(t.Context(), "pipe2"))
	})
}

func changeMount(t *volume) {
	if t.Mount == nil {
		t.Skip("this volume has no mounts")
	}
	t.mkdir("mnt")
	t.write("f", "x")
	t.made(t.Mount(t.T, "mnt"))
	d := t.dir("")
	_, err := d.Sub(t.Context(), "mnt")
	t.is(err, errs.Unsupported, "Sub")
	_, err = t.w.Dir(t.Context(), "mnt")
	t.is(err, errs.Unsupported, "Dir")
	if e := t.entry(d, "mnt"); !e.Mount {
		t.Errorf("%+v", e)
	}
	t.is(d.Rmdir(t.Context(), "mnt"), errs.Conflict, "Rmdir")
	t.is(d.Rename(t.Context(), "mnt", d, "elsewhere", vfs.NoReplace), errs.Conflict, "Rename")
	if err := d.Rename(t.Context(), "f", d, "mnt", vfs.Exchange); !errs.Is(err, errs.Unsupported) {
		t.is(err, errs.Conflict, "Exchange")
	}
	_, err = d.SetMeta(t.Context(), "mnt", &vfs.Meta{Mode: 0o700}, vfs.PartMode)
	t.is(err, errs.Unsupported, "SetMeta")
	t.sameNames(t.names(d), "mnt", "f")
}

func hardLinks(t *volume) {
	t.mkdir("d")
	top, d := t.dir(""), t.dir("d")
	t.put(d, "a", "x")
	t.can(top.Link(t.Context(), "b", d, "a"))
	a, b := t.entry(d, "a"), t.entry(top, "b")
	if a.Inode != b.Inode || a.Links != 2 || b.Links != 2 || t.get(top, "b") != "x" {
		t.Errorf("%+v, %+v", a, b)
	}
	if t.w.Keeps&vfs.PartLinks == 0 {
		t.Error("Keeps does not say that it keeps links")
	}
	t.is(top.Link(t.Context(), "c", top, "d"), errs.Unsupported, "a second name for a folder")
	t.is(top.Link(t.Context(), "c", top, "none"), errs.NotFound, "a second name for nothing")
	t.must(d.Unlink(t.Context(), "a"))
	if e := t.entry(top, "b"); e.Links != 1 || t.get(top, "b") != "x" {
		t.Errorf("%+v", e)
	}
	t.sameNames(t.names(top), "b", "d")
}
