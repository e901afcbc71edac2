package vfstest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Disk makes trees in a folder of this machine, of any depth and path length.
type Disk struct {
	root string

	mu   sync.Mutex
	top  *os.Root
	at   *os.Root // the folder last used: a deep tree is made in one walk down
	path string
}

var _ Maker = (*Disk)(nil)

// NewDisk works in the folder root until the test ends.
func NewDisk(t testing.TB, root string) *Disk {
	t.Helper()
	top, err := os.OpenRoot(root)
	if err != nil {
		t.Fatal(err)
	}
	d := &Disk{root: root, top: top, at: top}
	t.Cleanup(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.home()
		_ = top.Close()
	})
	return d
}

// OSPath returns the path of an entry for the operating system.
func (d *Disk) OSPath(path string) string { return filepath.Join(d.root, filepath.FromSlash(path)) }

func (d *Disk) home() {
	if d.at != d.top {
		_ = d.at.Close()
	}
	d.at, d.path = d.top, ""
}

// in runs fn in the folder that holds path.
func (d *Disk) in(path string, fn func(dir *os.Root, name string) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	parent, name := vfs.Split(path)
	if parent != d.path {
		grandparent, base := vfs.Split(parent)
		from, rel := d.top, parent
		if parent != "" && grandparent == d.path {
			from, rel = d.at, base
		}
		if parent == "" {
			d.home()
		} else {
			next, err := from.OpenRoot(rel)
			if err != nil {
				return cannot(err)
			}
			d.home()
			d.at, d.path = next, parent
		}
	}
	return cannot(fn(d.at, name))
}

// cannot marks what this file system refuses to hold.
func cannot(err error) error {
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) {
		return err
	}
	return &errs.Error{Kind: errs.Unsupported, Err: err}
}

// Mkdir makes one folder.
func (d *Disk) Mkdir(path string) error {
	return d.in(path, func(dir *os.Root, name string) error { return dir.Mkdir(name, 0o755) })
}

// WriteFile makes or overwrites a file.
func (d *Disk) WriteFile(path string, data []byte) error {
	return d.in(path, func(dir *os.Root, name string) error { return dir.WriteFile(name, data, 0o644) })
}

// Symlink makes a link that says target.
func (d *Disk) Symlink(target, path string) error {
	return d.in(path, func(dir *os.Root, name string) error { return dir.Symlink(target, name) })
}

// FIFO makes a named pipe, where there are such.
func (d *Disk) FIFO(path string) error { return cannot(mkfifo(d.OSPath(path))) }

// Chmod sets permission bits.
func (d *Disk) Chmod(path string, mode uint32) error {
	return d.in(path, func(dir *os.Root, name string) error { return dir.Chmod(name, fs.FileMode(mode&0o777)) })
}

// Remove removes an entry with all below it.
func (d *Disk) Remove(path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.home()
	return d.top.RemoveAll(path)
}

// Rename moves an entry.
func (d *Disk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.home()
	return cannot(d.top.Rename(from, to))
}
