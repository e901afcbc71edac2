package vfstest

import (
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// A13, A15: paths no driver may even begin to walk.
func badPaths(t *tree) {
	t.mkdir("d")
	t.write("d/f", "x")
	for _, path := range []string{
		"/", "/d", "d/", "d//f", "//d", "///", ".", "./d", "d/.", "d/./f", "..", "../d", "d/..", "d/../d", "d/../../etc",
		"/etc/passwd", "/proc/self/root", "d\x00", "\x00", "d/f\x00.txt", "d/\x00/f", "../" + strings.Repeat("../", 50) + "etc/passwd",
		strings.Repeat("d/../", 2000) + "d",
	} {
		t.refused(path, errs.Invalid)
		if read := t.Driver.Features().Readlink; read != nil {
			if _, err := read(t.Context(), path); !errs.Is(err, errs.Invalid) {
				t.Errorf("Readlink(%.80q): %v", path, err)
			}
		}
	}
	// Strange, but proper names of files that are not there. Some systems
	// cannot hold them: then they may say so instead.
	for _, path := range []string{"%2e%2e", "%2e%2e/d", "%2F", "d%2f..", "\xc0\xae\xc0\xae/d", "...", "d/... ", "%00", "~", "sd:", `..\d`, `d\..\f`, `C:\`} {
		_, err := t.Driver.Stat(t.Context(), path)
		if !errs.Is(err, errs.NotFound) && !errs.Is(err, errs.Invalid) {
			t.Errorf("Stat(%q): %v", path, err)
		}
	}
}

// symlinks: never followed, wherever they point, wherever they stand (B4, B5).
func symlinks(t *tree) {
	t.mkdir("d")
	t.mkdir("d/sub")
	t.write("d/file", "x")
	for name, target := range map[string]string{
		"inside_dir": "d", "inside_file": "d/file", "absolute": "/", "outside": "../../../../../../../../etc", "dangling": "nowhere",
		"passwd": "/etc/passwd", "procroot": "/proc/self/root", "dot": ".", "dotdot": "..", "trailing": "d/",
	} {
		t.symlink(target, name)
		if e := t.stat(name); e.Kind != vfs.Symlink || e.Size != int64(len(target)) {
			t.Errorf("%s: %+v", name, e)
		}
		t.openFails(name, errs.Unsupported)
		t.listFails(name, errs.Denied)
		for _, below := range []string{"sub", "file", "passwd", "sub/x"} {
			t.refused(name+"/"+below, errs.Denied)
		}
	}
	t.symlink("../d", "d/up") // in the middle of a path
	t.refused("d/up/sub/x", errs.Denied)
	t.refused("d/up/file", errs.Denied)
}

func symlinkLoops(t *tree) {
	t.symlink("self", "self")
	t.symlink("b", "a")
	t.symlink("a", "b")
	t.within(func() {
		for _, name := range []string{"self", "a", "b"} {
			t.openFails(name, errs.Unsupported)
			t.listFails(name, errs.Denied)
			t.refused(name+"/x", errs.Denied)
		}
		if len(t.list("")) != 3 {
			t.Errorf("listed %v", t.list(""))
		}
	})
}

// fifo: opening one for reading would wait for a writer, for ever.
func fifo(t *tree) {
	if err := t.Make.FIFO("pipe"); errs.Is(err, errs.Unsupported) {
		t.Skipf("no named pipes: %v", err)
	} else {
		t.made(err)
	}
	t.within(func() {
		t.openFails("pipe", errs.Unsupported)
		t.listFails("pipe", errs.NotFound)
		t.refused("pipe/x", errs.NotFound)
		if e := t.stat("pipe"); e.Kind != vfs.FIFO || e.Size != 0 {
			t.Errorf("%+v", e)
		}
		if e := t.list("")["pipe"]; e.Kind != vfs.FIFO {
			t.Errorf("listed as %+v", e)
		}
	})
}

// within fails the test when fn hangs.
func (t *tree) within(fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); fn() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("it hangs")
	}
}

// mount: another file system is shown as such, and not entered (B8).
func mount(t *tree) {
	if t.Mount == nil {
		t.Skip("this volume has no mounts")
	}
	t.mkdir("d")
	t.mkdir("d/mnt")
	t.mkdir("d/mnt/covered")
	t.write("d/mnt/file", "covered")
	t.made(t.Mount(t.T, "d/mnt"))
	if e := t.list("d")["mnt"]; e.Kind != vfs.Folder || !e.Mount {
		t.Errorf("listed as %+v", e)
	}
	if e := t.stat("d/mnt"); e.Kind != vfs.Folder || !e.Mount {
		t.Errorf("Stat says %+v", e)
	}
	t.listFails("d/mnt", errs.Unsupported)
	t.listFails("d/mnt/covered", errs.Unsupported)
	t.statFails("d/mnt/file", errs.Unsupported)
	t.openFails("d/mnt/file", errs.Unsupported)
	if e := t.stat("d"); e.Mount {
		t.Errorf("the parent: %+v", e)
	}
}

func unreadable(t *tree) {
	if !t.Denies {
		t.Skip("permissions do not bind this process")
	}
	t.mkdir("d")
	t.write("d/f", "x")
	t.mkdir("namesOnly")
	t.write("namesOnly/f", "x")
	for path, mode := range map[string]uint32{"d/f": 0, "d": 0, "namesOnly": 0o444} {
		t.made(t.Make.Chmod(path, mode))
		t.Cleanup(func() { _ = t.Make.Chmod(path, 0o700) })
	}
	t.listFails("d", errs.Denied)
	t.statFails("d/f", errs.Denied)
	if e := t.stat("d"); e.Kind != vfs.Folder || e.Mode != 0 {
		t.Errorf("%+v", e)
	}
	// The names are known, nothing else is: the child is told, not left out.
	got := t.list("namesOnly")
	if e := got["f"]; len(got) != 1 || (e.Kind != vfs.File && e.Kind != vfs.Unknown) || e.Inode != 0 || e.Modified != 0 {
		t.Errorf("listed %+v", got)
	}
	t.made(t.Make.Chmod("d", 0o700))
	t.openFails("d/f", errs.Denied)
}
