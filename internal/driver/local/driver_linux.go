package local

import (
	"context"
	"math"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/driver/local/oserr"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Driver is a folder of this machine. Its Open never touches a FIFO or device:
// it looks before it opens.
type Driver struct {
	root        handle
	dev         uint64 // of the root
	cross       bool
	steps       bool // openat2 is missing: step from component to component
	stable      bool // inode numbers last
	folding     bool
	writing     vfs.Writing
	kind        kind
	limit       int64     // of the size of files, set for this process
	plainRename bool      // for tests: as if the volume knew no flags
	listers     sync.Pool // of *lister
}

var _ vfs.Driver = (*Driver)(nil)

// New opens the folder root, an OS path; a symlink there is followed, since the
// caller chose it. It fails as Driver methods do, with root as the path.
func New(root string, o Options) (*Driver, error) {
	fd, err := retry(func() (int, error) {
		return unix.Open(root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return nil, oserr.Wrap("open volume", root, err)
	}
	d := &Driver{root: handle{fd: fd}, cross: o.CrossMounts}
	d.listers.New = func() any { return new(lister) }
	if err := d.probe(fd); err != nil {
		_ = d.Close()
		return nil, oserr.Wrap("open volume", root, err)
	}
	return d, nil
}

// probe learns what the root's file system and the kernel can do.
func (d *Driver) probe(fd int) error {
	var stx unix.Statx_t
	if err := statx(fd, nil, 0, &stx); err != nil {
		return err // Linux before 4.11
	}
	d.dev = device(&stx)
	var fs unix.Statfs_t
	if err := unix.Fstatfs(fd, &fs); err != nil {
		return err
	}
	d.stable, d.folding = hasStableInodes(&fs), foldsCase(&fs)
	d.probeWriting(fd, &stx, &fs)
	probe, err := openat2(fd, ".", unix.O_PATH|unix.O_DIRECTORY, resolve)
	if err != nil { // ENOSYS, or EPERM from a filter of system calls
		d.steps = true
		return nil
	}
	return unix.Close(probe)
}

// Close releases the root once calls under way are done with it.
func (d *Driver) Close() error { return d.root.close() }

// Features tells what the root's file system can do.
func (d *Driver) Features() vfs.Features {
	return vfs.Features{StableInodes: d.stable, CaseFolding: d.folding, Readlink: d.readlink, Space: d.space, Writing: &d.writing}
}

func (d *Driver) space(ctx context.Context) (vfs.Space, error) {
	if err := begin(ctx, "space", ""); err != nil {
		return vfs.Space{}, err
	}
	var fs unix.Statfs_t
	err := d.root.use(func(fd int) error { return unix.Fstatfs(fd, &fs) })
	if err != nil {
		return vfs.Space{}, oserr.Wrap("space", "", err)
	}
	unit := uint64(max(fs.Frsize, 0))
	if unit == 0 {
		unit = uint64(max(fs.Bsize, 0))
	}
	return vfs.Space{Total: capacity(fs.Blocks, unit), Free: capacity(fs.Bavail, unit), Files: files(&fs)}, nil
}

// files tells how many more files there may be. Some file systems make inodes as
// they go, and tell none of them.
func files(fs *unix.Statfs_t) int64 {
	switch {
	case fs.Files == 0:
		return 0
	case fs.Ffree == 0:
		return -1
	}
	return capacity(fs.Ffree, 1)
}

func capacity(blocks, unit uint64) int64 {
	if unit != 0 && blocks > math.MaxInt64/unit {
		return math.MaxInt64
	}
	return int64(blocks * unit)
}

// begin checks what every method checks first.
func begin(ctx context.Context, op, path string) error {
	if err := vfs.Check(op, path); err != nil {
		return err
	}
	return alive(ctx, op, path)
}

func alive(ctx context.Context, op, path string) error {
	if err := ctx.Err(); err != nil {
		return &errs.Error{Op: op, Path: path, Kind: errs.KindOf(err), Err: err}
	}
	return nil
}

// handle is the root's descriptor. It is closed after the last use: a number
// closed under a running call could be another folder by the time it is used.
type handle struct {
	mu     sync.Mutex
	fd     int
	uses   int
	closed bool
}

var errClosed = errs.New(errs.Unavailable, "the volume is closed")

func (h *handle) use(fn func(fd int) error) error {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return errClosed
	}
	h.uses++
	h.mu.Unlock()
	defer h.release()
	return fn(h.fd)
}

func (h *handle) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.uses--; h.closed && h.uses == 0 {
		_ = unix.Close(h.fd) // O_PATH: nothing to flush, nothing to learn
	}
}

func (h *handle) close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil
	}
	h.closed = true
	if h.uses > 0 {
		return nil
	}
	return unix.Close(h.fd)
}
