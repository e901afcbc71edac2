// Package rooted is the driver of local folders on systems that have no
// openat2: it goes from component to component through nested os.Root handles,
// looking before each step and comparing after it, so that a symlink is not
// followed even if it was put there meanwhile. It is slower than the driver of
// Linux and does the same; its conformance tests run on every system.
//
// It knows nothing above vfs, and nothing of package local, which chooses it.
package rooted

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/stardrive/stardrive/internal/driver/local/oserr"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Driver is a folder of this machine.
type Driver struct {
	path  string
	root  *os.Root
	dev   uint64 // of the root, where the system tells
	cross bool
}

var _ vfs.Driver = (*Driver)(nil)

var (
	errClosed  = errs.New(errs.Unavailable, "the volume is closed")
	errSymlink = errs.New(errs.Denied, "a symlink is in the way; it is not followed")
	errMount   = errs.New(errs.Unsupported, "another file system is mounted here")
	errFolder  = errs.New(errs.NotFound, "not a folder")
	errSwapped = errs.New(errs.NotFound, "it was replaced meanwhile")
	errNoLink  = errs.New(errs.Unsupported, "not a symlink")
	errName    = errs.New(errs.Invalid, "a name this system cannot hold")
)

// New opens the folder root, an OS path.
func New(root string, crossMounts bool) (*Driver, error) {
	fi, err := os.Stat(root)
	if err == nil && !fi.IsDir() {
		err = errFolder
	}
	if err != nil {
		return nil, oserr.Wrap("open volume", root, err)
	}
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, oserr.Wrap("open volume", root, err)
	}
	if fi, err = r.Stat("."); err != nil {
		_ = r.Close()
		return nil, oserr.Wrap("open volume", root, err)
	}
	return &Driver{path: root, root: r, dev: describe(new(vfs.Entry), fi), cross: crossMounts}, nil
}

// Close releases the root.
func (d *Driver) Close() error { return d.root.Close() }

// Features tells what the file systems of this OS usually can do.
func (d *Driver) Features() vfs.Features {
	f := vfs.Features{StableInodes: stableInodes, CaseFolding: foldsCase, Readlink: d.readlink, Writing: d.writing()}
	if tellsSpace {
		f.Space = d.space
	}
	return f
}

func begin(ctx context.Context, op, path string) error {
	if err := vfs.Check(op, path); err != nil {
		return err
	}
	err := ctx.Err()
	if err == nil && !holds(path) {
		err = errName
	}
	if err != nil {
		return &errs.Error{Op: op, Path: path, Kind: errs.KindOf(err), Err: err}
	}
	return nil
}

// wrap is oserr.Wrap, but a closed root is a volume that is gone.
func wrap(op, path string, err error) error {
	if errors.Is(err, os.ErrClosed) {
		err = errClosed
	}
	return oserr.Wrap(op, path, err)
}

// in runs fn with the folder at path, which is closed afterwards. Never more
// than two folders are open.
func (d *Driver) in(path string, fn func(dir *os.Root) error) error {
	at := d.root
	for path != "" {
		var name string
		name, path, _ = strings.Cut(path, "/")
		next, err := d.step(at, name)
		if at != d.root {
			_ = at.Close()
		}
		if err != nil {
			return err
		}
		at = next
	}
	if at != d.root {
		defer func() { _ = at.Close() }()
	}
	return fn(at)
}

// inParent runs fn with the folder that holds path, and the name path has there.
func (d *Driver) inParent(path string, fn func(dir *os.Root, name string) error) error {
	parent, name := vfs.Split(path)
	return d.in(parent, func(dir *os.Root) error { return fn(dir, name) })
}

// step enters one folder. os.Root follows a symlink that stays inside, so what
// was opened must be what was looked at.
func (d *Driver) step(at *os.Root, name string) (*os.Root, error) {
	before, err := at.Lstat(name)
	if err != nil {
		return nil, err
	}
	var e vfs.Entry
	d.fill(&e, before)
	switch {
	case e.Kind == vfs.Symlink:
		return nil, errSymlink
	case e.Kind != vfs.Folder:
		return nil, errFolder
	case e.Mount:
		return nil, errMount
	}
	next, err := at.OpenRoot(name)
	if err != nil {
		if errno := syscall.Errno(0); !errors.As(err, &errno) && !errors.Is(err, os.ErrClosed) {
			err = errSwapped // by a symlink that os.Root itself refused
		}
		return nil, err
	}
	after, err := next.Stat(".")
	if err == nil && !os.SameFile(before, after) {
		err = errSwapped
	}
	if err != nil {
		_ = next.Close()
		return nil, err
	}
	return next, nil
}

// fill sets everything but Name.
func (d *Driver) fill(e *vfs.Entry, fi fs.FileInfo) {
	m := fi.Mode()
	*e = vfs.Entry{Kind: kindOf(m), Mode: modeOf(m), Modified: fi.ModTime().UnixNano(), Links: 1}
	if e.Kind == vfs.File || e.Kind == vfs.Symlink {
		e.Size = fi.Size()
	}
	dev := describe(e, fi)
	if !stableInodes || dev != d.dev {
		e.Inode = 0
	}
	if e.Kind == vfs.Folder && dev != d.dev && !d.cross {
		e.Mount = true
	}
}

func kindOf(m fs.FileMode) vfs.Kind {
	switch {
	case m.IsRegular():
		return vfs.File
	case m.IsDir():
		return vfs.Folder
	case m&fs.ModeSymlink != 0:
		return vfs.Symlink
	case m&fs.ModeNamedPipe != 0:
		return vfs.FIFO
	case m&fs.ModeSocket != 0:
		return vfs.Socket
	case m&fs.ModeCharDevice != 0:
		return vfs.CharDevice
	case m&fs.ModeDevice != 0:
		return vfs.BlockDevice
	}
	return vfs.Unknown
}

func modeOf(m fs.FileMode) uint32 {
	mode := uint32(m.Perm())
	for bit, set := range map[fs.FileMode]uint32{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
		if m&bit != 0 {
			mode |= set
		}
	}
	return mode
}
