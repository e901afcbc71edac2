package vfstest

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// RunWriting tests drivers whose volume can be changed; open is called once for
// each test: those called only, or all.
func RunWriting(t *testing.T, open func(t *testing.T) Fixture, only ...string) {
	for _, c := range []struct {
		name string
		test func(*volume)
	}{
		{"Facts", facts},
		{"Create", create},
		{"Promise_P4_NothingIsReplaced", nothingReplaced},
		{"Promise_P16_Names", writtenNames},
		{"Fault_A6_NameOf255Bytes", longNames},
		{"Fault_A7_LongPath", func(t *volume) {
			t.deep(40, "n23456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 1234567")
		}},
		{"Fault_A8_Depth2000", func(t *volume) { t.deep(2000, "ab") }},
		{"Fault_A13_BadNames", badNames},
		{"Fault_B5_LinksAreNotFollowed", linksNotFollowed},
		{"Fault_B1_FIFO", writeFIFO},
		{"Fault_B8_Mount", changeMount},
		{"Fault_B9_HardLinks", hardLinks},
		{"Fault_B11_Holes", holes},
		{"Fault_B14_B18_SameInode", sameInode},
		{"Folders", folders},
		{"Rename", rename},
		{"Exchange", exchange},
		{"Fault_C5_FolderSwappedForSymlink", swapped},
		{"Fault_C14_CopyFrom", copyFrom},
		{"Fault_C15_Clone", clone},
		{"Promise_P12_Meta", metaKept},
		{"Promise_P12_NoMoreThanTheList", metaLists},
		{"Promise_P1_Sync", syncs},
		{"WriteHandle", writeHandle},
		{"HandleOutlivesName", writtenOutlivesName},
		{"OneWins", oneWins},
		{"Cancelled", cancelledChanges},
		{"ClosedFolder", closedFolder},
	} {
		if len(only) > 0 && !slices.Contains(only, c.name) {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			fx := open(t)
			t.Cleanup(func() { _ = fx.Driver.Close() })
			w := fx.Driver.Features().Writing
			if w == nil {
				t.Skip("this volume cannot be changed")
			}
			c.test(&volume{&tree{t, fx}, w})
		})
	}
}

// volume is a test with a volume that it changes.
type volume struct {
	*tree
	w *vfs.Writing
}

// dir opens the folder at path until the test ends.
func (t *volume) dir(path string) vfs.Dir {
	t.Helper()
	d, err := t.w.Dir(t.Context(), path)
	if err != nil {
		t.Fatalf("Dir(%.80q): %v", path, err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func (t *volume) must(all ...error) {
	t.Helper()
	for _, err := range all {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// can ends the test where the volume says that it cannot.
func (t *volume) can(err error) {
	t.Helper()
	if errs.Is(err, errs.Unsupported) {
		t.Skipf("this volume cannot: %v", err)
	}
	t.must(err)
}

// is checks an error's kind, and that it tells path and operation.
func (t *volume) is(err error, kind errs.Kind, what string) {
	t.Helper()
	if !errs.Is(err, kind) {
		t.Errorf("%s: %v; want an error of kind %s", what, err, kind)
		return
	}
	if e := (*errs.Error)(nil); !errors.As(err, &e) || e.Op == "" {
		t.Errorf("%s: error %#v does not tell the operation", what, err)
	}
}

// since reports whether a time is what was set, where the volume keeps times.
func (t *volume) since(have, want int64) bool {
	off := have - want
	return t.w.Keeps&vfs.PartModified == 0 || max(off, -off) < t.w.TimeStep
}

// put makes a file with data.
func (t *volume) put(d vfs.Dir, name, data string) {
	t.Helper()
	h, err := d.Create(t.Context(), name, 0o644)
	t.must(err)
	_, err = io.WriteString(h, data)
	t.must(err, h.Close())
}

func (t *volume) get(d vfs.Dir, name string) string {
	t.Helper()
	h, err := d.Open(t.Context(), name)
	if err != nil {
		t.Errorf("opening %.80q: %v", name, err)
		return ""
	}
	defer func() { _ = h.Close() }()
	data, err := io.ReadAll(h)
	if err != nil {
		t.Errorf("reading %.80q: %v", name, err)
	}
	return string(data)
}

func (t *volume) entry(d vfs.Dir, name string) vfs.Entry {
	t.Helper()
	e, err := d.Stat(t.Context(), name)
	if err != nil {
		t.Fatalf("Stat(%.80q): %v", name, err)
	}
	return e
}

// names are those in the folder.
func (t *volume) names(d vfs.Dir) map[string]vfs.Entry {
	t.Helper()
	all := map[string]vfs.Entry{}
	err := d.List(t.Context(), func(batch []vfs.Entry) error {
		for _, e := range batch {
			if _, twice := all[e.Name]; twice {
				t.Errorf("%q is listed twice", e.Name)
			}
			all[e.Name] = e
		}
		return nil
	})
	t.must(err)
	return all
}

func facts(t *volume) {
	if t.w.Dir == nil || t.w.TimeStep < 1 || t.w.MaxName < 0 || t.w.MaxFile < 0 || t.w.Keeps&vfs.PartCreated != 0 {
		t.Errorf("%+v", *t.w)
	}
	if t.w.MaxName != 0 && t.w.MaxName < 8 {
		t.Errorf("names of %d bytes", t.w.MaxName)
	}
	if t.w.Same != nil && (!t.w.Same("a", "a") || t.w.Same("a", "b")) {
		t.Error("Same is wrong about a and b")
	}
	if t.w.Holds != nil && (!t.w.Holds("a.txt") || t.w.Holds("a/b")) {
		t.Error("Holds is wrong about a.txt or a/b")
	}
	t.mkdir("d")
	for _, path := range []string{"", "d"} {
		d := t.dir(path)
		e, err := d.Self(t.Context())
		if want := t.stat(path); err != nil || e != want {
			t.Errorf("Self of %q: %+v, %v; Stat says %+v", path, e, err, want)
		}
	}
	for path, kind := range map[string]errs.Kind{"none": errs.NotFound, "d/none/x": errs.NotFound, "d//x": errs.Invalid, "..": errs.Invalid} {
		_, err := t.w.Dir(t.Context(), path)
		t.is(err, kind, "Dir of "+path)
	}
	t.write("f", "x")
	_, err := t.w.Dir(t.Context(), "f")
	t.is(err, errs.NotFound, "Dir of a file")
}

func create(t *volume) {
	d := t.dir("")
	h, err := d.Create(t.Context(), "f", 0o600)
	t.must(err)
	defer func() { _ = h.Close() }()
	if e, err := h.Stat(); err != nil || e.Kind != vfs.File || e.Size != 0 || e.Name != "f" {
		t.Errorf("%+v, %v", e, err)
	}
	if n, err := io.WriteString(h, "hello"); n != 5 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	t.must(h.Close())
	if got := t.get(d, "f"); got != "hello" {
		t.Errorf("it reads %q", got)
	}
	if got := t.read("f"); got != "hello" {
		t.Errorf("the driver reads %q", got)
	}
	if e := t.entry(d, "f"); t.w.Keeps&vfs.PartMode != 0 && e.Mode != 0o600 || e.Size != 5 || e != t.stat("f") {
		t.Errorf("%+v", e)
	}
	w, err := d.Write(t.Context(), "f")
	t.must(err)
	if _, err := w.WriteAt([]byte("J"), 0); err != nil {
		t.Error(err)
	}
	buf := make([]byte, 5)
	if _, err := w.ReadAt(buf, 0); err != nil || string(buf) != "Jello" {
		t.Errorf("%q, %v", buf, err)
	}
	t.must(w.Close())
	t.must(d.Unlink(t.Context(), "f"))
	_, err = d.Stat(t.Context(), "f")
	t.is(err, errs.NotFound, "Stat of what was removed")
	t.is(d.Unlink(t.Context(), "f"), errs.NotFound, "removing it twice")
	_, err = d.Write(t.Context(), "f")
	t.is(err, errs.NotFound, "writing what is not there")
}

// taken are entries of every kind that stand in the way.
func (t *volume) taken(d vfs.Dir) map[string]vfs.Entry {
	t.put(d, "file", "precious")
	t.must(d.Mkdir(t.Context(), "folder", 0o755), d.Mkdir(t.Context(), "empty", 0o755))
	sub, err := d.Sub(t.Context(), "folder")
	t.must(err)
	t.put(sub, "inside", "x")
	t.must(sub.Close())
	for name, target := range map[string]string{"link": "file", "dangling": "nowhere", "out": "/etc"} {
		if err := d.Symlink(t.Context(), name, target); !errs.Is(err, errs.Unsupported) {
			t.must(err)
		}
	}
	_ = t.Make.FIFO("fifo")
	return t.names(d)
}

func nothingReplaced(t *volume) {
	d := t.dir("")
	before := t.taken(d)
	t.put(d, "mine", "mine")
	t.must(d.Mkdir(t.Context(), "myfolder", 0o755))
	for name := range before {
		_, err := d.Create(t.Context(), name, 0o644)
		t.is(err, errs.Conflict, "Create over "+name)
		t.is(d.Mkdir(t.Context(), name, 0o755), errs.Conflict, "Mkdir over "+name)
		for what, err := range map[string]error{
			"Symlink over ":                d.Symlink(t.Context(), name, "x"),
			"Link over ":                   d.Link(t.Context(), name, d, "mine"),
			"renaming a file onto ":        d.Rename(t.Context(), "mine", d, name, vfs.NoReplace),
			"renaming a folder onto ":      d.Rename(t.Context(), "myfolder", d, name, vfs.NoReplace),
			"renaming it onto itself: ":    d.Rename(t.Context(), name, d, name, vfs.NoReplace),
			"renaming file onto symlink: ": d.Rename(t.Context(), "file", d, name, vfs.NoReplace),
		} {
			if !errs.Is(err, errs.Unsupported) {
				t.is(err, errs.Conflict, what+name)
			}
		}
	}
	after := t.names(d)
	for name, was := range before {
		e := after[name]
		if e.Changed, e.Links = was.Changed, was.Links; e != was { // a link that failed may touch them
			t.Errorf("%s was %+v and is %+v", name, was, e)
		}
	}
	if len(after) != len(before)+2 || t.get(d, "file") != "precious" || t.get(d, "mine") != "mine" {
		t.Errorf("%d entries became %d", len(before)+2, len(after))
	}
}

func cancelledChanges(t *volume) {
	d := t.dir("")
	t.put(d, "f", "x")
	before := t.names(d)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for what, err := range t.everything(ctx, d, "f", "new") {
		t.is(err, errs.Cancelled, what)
	}
	if after := t.names(d); len(after) != 1 || after["f"] != before["f"] {
		t.Errorf("%+v became %+v", before, after)
	}
}

func closedFolder(t *volume) {
	t.write("f", "x")
	d, err := t.w.Dir(t.Context(), "")
	t.must(err, d.Close())
	for what, err := range t.everything(t.Context(), d, "f", "new") {
		t.is(err, errs.Invalid, what)
	}
	if got := t.list(""); len(got) != 1 {
		t.Errorf("%+v", got)
	}
	t.must(d.Close())
}

// everything calls all methods of d with name, and with other where there is a
// second one; it returns the errors by method.
func (t *volume) everything(ctx context.Context, d vfs.Dir, name, other string) map[string]error {
	all := map[string]error{}
	closes := func(what string, c io.Closer, err error) {
		if all[what] = err; err == nil {
			_ = c.Close()
		}
	}
	_, all["Stat"] = d.Stat(ctx, name)
	_, all["Readlink"] = d.Readlink(ctx, name)
	_, all["Meta"] = d.Meta(ctx, name)
	_, all["SetMeta"] = d.SetMeta(ctx, name, &vfs.Meta{Mode: 0o600}, vfs.PartMode)
	sub, err := d.Sub(ctx, name)
	closes("Sub", sub, err)
	h, err := d.Open(ctx, name)
	closes("Open", h, err)
	w, err := d.Write(ctx, name)
	closes("Write", w, err)
	c, err := d.Create(ctx, name, 0o600)
	closes("Create", c, err)
	all["Mkdir"] = d.Mkdir(ctx, name, 0o700)
	all["Symlink"] = d.Symlink(ctx, name, "target")
	all["Link"] = d.Link(ctx, name, d, other)
	all["Link from"] = d.Link(ctx, other, d, name)
	all["Rename"] = d.Rename(ctx, name, d, other, vfs.NoReplace)
	all["Rename to"] = d.Rename(ctx, other, d, name, vfs.NoReplace)
	all["Exchange"] = d.Rename(ctx, name, d, other, vfs.Exchange)
	all["Exchange with"] = d.Rename(ctx, other, d, name, vfs.Exchange)
	all["Unlink"] = d.Unlink(ctx, name)
	all["Rmdir"] = d.Rmdir(ctx, name)
	return all
}

func badNames(t *volume) {
	t.mkdir("d")
	d := t.dir("d")
	t.put(d, "other", "x")
	for _, name := range []string{"", ".", "..", "/", "a/b", "../d", "a/", "/etc/passwd", "a\x00b", "\x00", "../other"} {
		for what, err := range t.everything(t.Context(), d, name, "other") {
			t.is(err, errs.Invalid, what+" of "+name)
		}
	}
	if got := t.names(d); len(got) != 1 || t.get(d, "other") != "x" {
		t.Errorf("%+v", got)
	}
	t.sameNames(t.list(""), "d")
}
