package trash_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/trash"
	"github.com/stardrive/stardrive/internal/vfs"
)

// tree makes a tree and returns how many files and folders are in it.
func (w *world) tree(path string, depth, width int) (files, folders int64) {
	must(w.t, os.MkdirAll(w.path(path), 0o755))
	for i := range width {
		w.write(fmt.Sprintf("%s/f%d", path, i), "12345")
		files++
		if depth > 0 {
			f, d := w.tree(fmt.Sprintf("%s/d%d", path, i), depth-1, width)
			files, folders = files+f, folders+d+1
		}
	}
	return files, folders
}

func TestDestroyTree(t *testing.T) {
	w := newWorld(t, "")
	files, folders := w.tree("a", 3, 5)
	w.write("outside/x", "x")
	must(t, os.Symlink("../outside", w.path("a", "link")))
	must(t, syscall.Mkfifo(w.path("a", "fifo"), 0o600))
	seen := map[string]bool{}
	gone, err := trash.Destroy(w.ctx, w.top, "a", w.top, vfs.PrivateName(), w.stat("a"), trash.Options{
		NotAfter: time.Now().UnixNano(), Gone: func(path string, _ vfs.Entry) { seen[path] = true },
	})
	must(t, err)
	if gone.Files != files+2 || gone.Folders != folders+1 || gone.Bytes < files*5 || !seen["d0/d1/f2"] || !seen[""] || len(seen) != int(files+folders+3) {
		t.Errorf("%+v of %d, %d; told %d", gone, files, folders, len(seen))
	}
	if names, _ := os.ReadDir(w.root); len(names) != 1 || w.read("outside/x") != "x" {
		t.Errorf("B5: %v", names)
	}
	if _, err := trash.Destroy(w.ctx, w.top, "a", w.top, vfs.PrivateName(), vfs.Entry{Kind: vfs.Folder, Inode: 1}, trash.Options{}); err != nil {
		t.Errorf("again: %v", err)
	}
}

func TestFault_A7_A8_DestroyAnyDepth(t *testing.T) {
	w := newWorld(t, "")
	const depth = 2000
	root, err := os.OpenRoot(w.root)
	must(t, err)
	must(t, root.Mkdir("a", 0o755))
	at := root
	for i := range depth { // far beyond PATH_MAX, with a file and a second folder in each
		name := strings.Repeat("n", 20)
		if i == 0 {
			name = "a"
		} else {
			must(t, at.Mkdir(name, 0o755))
		}
		next, err := at.OpenRoot(name)
		must(t, err)
		at.Close()
		at = next
		f, err := at.Create("file")
		must(t, err)
		f.Close()
		must(t, at.Mkdir("side", 0o755))
	}
	at.Close()
	var limit syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	gone, err := trash.Destroy(w.ctx, w.top, "a", w.top, vfs.PrivateName(), w.stat("a"), trash.Options{NotAfter: time.Now().UnixNano()})
	if err != nil || gone.Files != depth || gone.Folders != 2*depth {
		t.Errorf("%+v, %v", gone, err)
	}
}

func TestPromise_P5_DestroyRefusesWhatChanged(t *testing.T) {
	w := newWorld(t, "")
	w.tree("a", 2, 3)
	is := w.stat("a")
	planned := time.Now().UnixNano()
	time.Sleep(20 * time.Millisecond) // steps of the kernel's clock
	w.write("a/d1/d1/new", "precious")
	temp := vfs.PrivateName()
	gone, err := trash.Destroy(w.ctx, w.top, "a", w.top, temp, is, trash.Options{NotAfter: planned})
	if !errs.Is(err, errs.Conflict) || gone.Files+gone.Folders != 0 || w.read("a/d1/d1/new") != "precious" {
		t.Errorf("%+v, %v", gone, err)
	}
	if names, _ := os.ReadDir(w.root); len(names) != 1 {
		t.Error(names)
	}
	// another folder of that name
	must(t, os.Rename(w.path("a"), w.path("b")))
	w.write("a/x", "x")
	if _, err := trash.Destroy(w.ctx, w.top, "a", w.top, temp, is, trash.Options{}); !errs.Is(err, errs.Conflict) || w.read("a/x") != "x" {
		t.Error(err)
	}
}

func TestFault_B13_WhatCannotBeRemovedKeepsItsName(t *testing.T) {
	w := newWorld(t, "")
	w.tree("a", 1, 3)
	d := failing{w.d, "f1"}
	top, err := d.Features().Writing.Dir(w.ctx, "")
	must(t, err)
	defer top.Close()
	gone, err := trash.Destroy(w.ctx, top, "a", top, vfs.PrivateName(), w.stat("a"), trash.Options{})
	if !errs.Is(err, errs.Denied) || gone.Failed != 4 || len(gone.Failures) != 4 || gone.Files != 8 || gone.Folders != 0 {
		t.Errorf("%+v, %v", gone, err)
	}
	for _, name := range []string{"a/f1", "a/d0/f1", "a/d2/f1"} {
		if w.read(name) != "12345" {
			t.Error(w.read(name))
		}
	}
	if names, _ := os.ReadDir(w.root); len(names) != 1 {
		t.Error(names)
	}
	// in the trash it stays listed
	s := w.trash("a")
	bin, err := trash.Of(w.ctx, trash.Volume{Driver: d, Mount: w.root, UID: os.Getuid()})
	must(t, err)
	it, err := bin.Stat(w.ctx, s)
	must(t, err)
	if _, err := bin.Destroy(w.ctx, s, vfs.PrivateName(), it.Is, trash.Options{}); !errs.Is(err, errs.Denied) {
		t.Error(err)
	}
	if items := w.list(); len(items) != 1 || items[0].Orphan != trash.Whole || items[0].Was != "a" {
		t.Errorf("%+v", items)
	}
	it = w.list()[0]
	if _, err := w.bin.Destroy(w.ctx, s, vfs.PrivateName(), it.Is, trash.Options{}); err != nil || len(w.list()) != 0 {
		t.Error(err, w.list())
	}
}

// failing unlinks no file of that name.
type failing struct {
	vfs.Driver
	name string
}

func (f failing) Features() vfs.Features {
	x := f.Driver.Features()
	w, open := *x.Writing, x.Writing.Dir
	w.Dir = func(ctx context.Context, path string) (vfs.Dir, error) {
		d, err := open(ctx, path)
		return failingDir{d, f.name}, err
	}
	x.Writing = &w
	return x
}

type failingDir struct {
	vfs.Dir
	name string
}

func (f failingDir) Unwrap() vfs.Dir { return f.Dir }

func (f failingDir) Sub(ctx context.Context, name string) (vfs.Dir, error) {
	d, err := f.Dir.Sub(ctx, name)
	if err != nil {
		return nil, err
	}
	return failingDir{d, f.name}, nil
}

func (f failingDir) Unlink(ctx context.Context, name string) error {
	if name == f.name {
		return errs.New(errs.Denied, "it is sealed")
	}
	return f.Dir.Unlink(ctx, name)
}

// TestFault_C18_DestroyCancelledAndResumed stops destroying at each thing that
// goes, and goes on.
func TestFault_C18_DestroyCancelledAndResumed(t *testing.T) {
	w := newWorld(t, "")
	files, folders := w.tree("a", 2, 2)
	is := w.stat("a")
	temp := vfs.PrivateName()
	planned := time.Now().UnixNano()
	var total trash.Removed
	for stops := 0; ; stops++ {
		ctx, cancel := context.WithCancel(w.ctx)
		gone, err := trash.Destroy(ctx, w.top, "a", w.top, temp, is, trash.Options{NotAfter: planned, Gone: func(string, vfs.Entry) { cancel() }})
		cancel()
		total.Files, total.Folders = total.Files+gone.Files, total.Folders+gone.Folders
		if err == nil {
			break
		}
		if !errs.Is(err, errs.Cancelled) || stops > 100 {
			t.Fatal(err)
		}
	}
	if total.Files != files || total.Folders != folders+1 {
		t.Errorf("%+v of %d, %d", total, files, folders)
	}
	if names, _ := os.ReadDir(w.root); len(names) != 0 {
		t.Error(names)
	}
}

func TestFault_B8_MountsStay(t *testing.T) {
	w := newWorld(t, "")
	w.write("a/x", "x")
	must(t, os.Mkdir(w.path("a", "m"), 0o755))
	if err := syscall.Mount("tmpfs", w.path("a", "m"), "tmpfs", 0, ""); err != nil {
		t.Skip("cannot mount here: ", err)
	}
	mounted := w.path("a", "m")
	defer func() { _ = syscall.Unmount(mounted, 0) }()
	w.write("a/m/y", "y")
	gone, err := trash.Destroy(w.ctx, w.top, "a", w.top, vfs.PrivateName(), w.stat("a"), trash.Options{})
	if err == nil || gone.Failed != 1 || gone.Files != 1 || w.read("a/m/y") != "y" {
		t.Errorf("%+v, %v, %q", gone, err, w.read("a/m/y"))
	}
	if errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
