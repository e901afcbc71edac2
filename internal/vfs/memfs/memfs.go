// Package memfs is a volume in memory, for tests. It speaks [vfs.Driver] the
// way a Unix file system does, holds every kind of entry, and is deterministic:
// the clock is injected, inodes are counted, and listings come in an order that
// is always the same but never sorted. It knows nothing beyond vfs.
//
// The mutators (Mkdir, WriteFile, …) stand for the rest of the world: they obey
// neither permissions nor mounts, and may run while the driver is used.
package memfs

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// FS is the volume. Its driver methods obey the owner's permission bits, so
// that Chmod(path, 0) makes an unreadable file or folder.
type FS struct {
	mu     sync.RWMutex
	now    func() time.Time
	root   *node
	inodes uint64
	closed bool
}

var _ vfs.Driver = (*FS)(nil)

// node is one inode. Everything in it is guarded by FS.mu.
type node struct {
	vfs.Entry // Name is unused: a node may have several
	data      []byte
	target    string
	children  map[string]*node // of a folder
}

// New returns an empty volume whose times come from now. With nil, a clock that
// begins in 2020 and moves on by a millisecond each time it is read.
func New(now func() time.Time) *FS {
	if now == nil {
		t := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
		now = func() time.Time { t = t.Add(time.Millisecond); return t }
	}
	f := &FS{now: now}
	f.root = f.newNode(vfs.Folder, 0o755)
	return f
}

func (f *FS) newNode(kind vfs.Kind, mode uint32) *node {
	f.inodes++
	t := f.now().UnixNano()
	n := &node{Entry: vfs.Entry{Kind: kind, Mode: mode, Modified: t, Changed: t, Created: t, Inode: f.inodes, Links: 1}}
	if kind == vfs.Folder {
		n.children = map[string]*node{}
		n.Links = 2
	}
	return n
}

// entry is n as it is seen under name.
func (n *node) entry(name string) vfs.Entry {
	e := n.Entry
	e.Name = name
	switch n.Kind {
	case vfs.File:
		e.Size = int64(len(n.data))
	case vfs.Symlink:
		e.Size = int64(len(n.target))
	}
	return e
}

func (n *node) may(bits uint32) bool { return n.Mode&bits == bits }

const mayRead, maySearch = 0o400, 0o100

// begin checks what every driver method checks first.
func (f *FS) begin(ctx context.Context, op, path string) error {
	if err := vfs.Check(op, path); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return &errs.Error{Op: op, Path: path, Kind: errs.KindOf(err), Err: err}
	}
	return nil
}

// find walks to path as a driver does: no symlink is followed, no mount and no
// unsearchable folder is crossed. The caller holds f.mu.
func (f *FS) find(op, path string) (*node, error) {
	fail := func(kind errs.Kind, why string) (*node, error) {
		return nil, &errs.Error{Op: op, Path: path, Kind: kind, Err: errs.New(kind, "%s", why)}
	}
	if f.closed {
		return fail(errs.Unavailable, "the volume is closed")
	}
	n := f.root
	for rest := path; rest != ""; {
		var name string
		name, rest, _ = strings.Cut(rest, "/")
		switch {
		case n.Kind == vfs.Symlink:
			return fail(errs.Denied, "a symlink is in the way; it is not followed")
		case n.Kind != vfs.Folder:
			return fail(errs.NotFound, "not a folder")
		case n.Mount:
			return fail(errs.Unsupported, "another file system is mounted here")
		case !n.may(maySearch):
			return fail(errs.Denied, "permission denied")
		}
		if n = n.children[name]; n == nil {
			return fail(errs.NotFound, "no such file or folder")
		}
	}
	return n, nil
}

// Stat examines one entry.
func (f *FS) Stat(ctx context.Context, path string) (vfs.Entry, error) {
	if err := f.begin(ctx, "stat", path); err != nil {
		return vfs.Entry{}, err
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	n, err := f.find("stat", path)
	if err != nil {
		return vfs.Entry{}, err
	}
	_, name := vfs.Split(path)
	return n.entry(name), nil
}

// Features tells that inodes are stable, and how to read links and space.
func (f *FS) Features() vfs.Features {
	return vfs.Features{StableInodes: true, Readlink: f.readlink, Space: f.space}
}

func (f *FS) readlink(ctx context.Context, path string) (string, error) {
	if err := f.begin(ctx, "readlink", path); err != nil {
		return "", err
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	n, err := f.find("readlink", path)
	if err == nil && n.Kind != vfs.Symlink {
		err = &errs.Error{Op: "readlink", Path: path, Kind: errs.Unsupported, Err: errs.New(errs.Unsupported, "not a symlink")}
	}
	if err != nil {
		return "", err
	}
	return n.target, nil
}

func (f *FS) space(ctx context.Context) (vfs.Space, error) {
	const total = 1 << 40
	if err := f.begin(ctx, "space", ""); err != nil {
		return vfs.Space{}, err
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	if _, err := f.find("space", ""); err != nil {
		return vfs.Space{}, err
	}
	return vfs.Space{Total: total, Free: total - f.root.used()}, nil
}

func (n *node) used() int64 {
	sum := int64(len(n.data))
	for _, c := range n.children {
		sum += c.used()
	}
	return sum
}

// Close makes all further calls fail with errs.Unavailable.
func (f *FS) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	return nil
}
