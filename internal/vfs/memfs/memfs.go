// Package memfs is a volume in memory, for tests. It speaks [vfs.Driver] the
// way a Unix file system does, holds every kind of entry, and is deterministic:
// the clock is injected, inodes are counted, and listings come in an order that
// is always the same but never sorted. It knows nothing beyond vfs.
//
// The mutators (Mkdir, WriteFile, …) stand for the rest of the world: they obey
// neither permissions nor mounts nor limits, and may run while the driver is
// used. What is changed through the driver is in memory until it is synced:
// [FS.Crash] tells what a power cut leaves of it.
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
	mu       sync.RWMutex
	opts     Options
	now      func() time.Time
	root     *node
	inodes   uint64
	closed   bool
	readOnly bool

	// what a power cut would take, see crash.go
	steps       int
	unsynced    []*step
	lastFolders *step
	changed     map[*node]bool // those with an image
}

var _ vfs.Driver = (*FS)(nil)

// node is one inode. Everything in it is guarded by FS.mu.
type node struct {
	vfs.Entry // Name is unused: a node may have several
	extra
	data     data
	target   string
	children map[string]*node // of a folder
	parent   *node            // of a folder

	image *image // what is on the medium; nil: what is here

	// of a folder: names that mean something else on the medium, what that is, the
	// last step about each, all steps about them, and the one that put it here
	before  map[string]*node
	last    map[string]*step
	pending []*step
	placed  *step
}

// extra is what a node has beside its Entry.
type extra struct {
	uid, gid uint32
	accessed int64
	xattrs   map[string][]byte // never changed, but replaced
	sealed   bool
}

// Options make a volume other than a Unix file system without limits.
type Options struct {
	Now      func() time.Time // nil: begins in 2020 and moves on by a millisecond each time
	Folding  bool             // names that differ only in case are one
	NoInodes bool             // no numbers
	TimeStep time.Duration    // 0: a nanosecond; FAT has 2 s

	Loses      vfs.Parts // what it does not keep
	MaxName    int       // 0: 255 bytes
	MaxFile    int64     // 0: no limit
	Holds      func(name string) bool
	Capacity   int64 // bytes; 0: 1 TiB
	Inodes     int64 // 0: no limit
	NoClone    bool
	NoExchange bool
	NoSyncAll  bool
}

// New returns an empty volume whose times come from now, which may be nil.
func New(now func() time.Time) *FS { return NewWith(Options{Now: now}) }

// NewWith returns an empty volume.
func NewWith(o Options) *FS {
	f := &FS{opts: o, now: o.Now, changed: map[*node]bool{}}
	if f.now == nil {
		t := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
		f.now = func() time.Time { t = t.Add(time.Millisecond); return t }
	}
	f.root = f.newNode(vfs.Folder, 0o755)
	return f
}

// stamp is t as this volume writes it down.
func (f *FS) stamp(t int64) int64 {
	if step := int64(f.opts.TimeStep); step > 1 {
		return t - t%step
	}
	return t
}

func (f *FS) newNode(kind vfs.Kind, mode uint32) *node {
	f.inodes++
	t := f.now().UnixNano()
	n := &node{Entry: vfs.Entry{Kind: kind, Mode: mode, Modified: f.stamp(t), Changed: t, Created: t, Inode: f.inodes, Links: 1}}
	n.accessed = t
	if f.opts.Loses&vfs.PartCreated != 0 {
		n.Created = 0
	}
	if f.opts.NoInodes {
		n.Inode = 0
	}
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
		e.Size = n.data.size
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
		if _, n = f.lookup(n, name); n == nil {
			return fail(errs.NotFound, "no such file or folder")
		}
	}
	return n, nil
}

// lookup finds the child called name, and what it is really called.
func (f *FS) lookup(dir *node, name string) (string, *node) {
	if n := dir.children[name]; n != nil || !f.opts.Folding {
		return name, n
	}
	for real, n := range dir.children {
		if strings.EqualFold(real, name) {
			return real, n
		}
	}
	return name, nil
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

// Features tells what the options ask for.
func (f *FS) Features() vfs.Features {
	return vfs.Features{StableInodes: !f.opts.NoInodes, CaseFolding: f.opts.Folding, Readlink: f.readlink, Space: f.space, Writing: f.writing()}
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
	if err := f.begin(ctx, "space", ""); err != nil {
		return vfs.Space{}, err
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	if _, err := f.find("space", ""); err != nil {
		return vfs.Space{}, err
	}
	bytes, nodes := f.used()
	s := vfs.Space{Total: f.capacity(), Free: max(0, f.capacity()-bytes)}
	if f.opts.Inodes > 0 {
		if s.Files = f.opts.Inodes - nodes; s.Files <= 0 {
			s.Files = -1
		}
	}
	return s, nil
}

func (f *FS) capacity() int64 {
	if f.opts.Capacity > 0 {
		return f.opts.Capacity
	}
	return 1 << 40
}

// used counts the bytes and inodes of everything that has a name.
func (f *FS) used() (bytes, nodes int64) {
	seen := map[*node]bool{}
	for todo := []*node{f.root}; len(todo) > 0; {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[n] {
			continue
		}
		seen[n] = true
		bytes += n.data.used()
		nodes++
		for _, c := range n.children {
			todo = append(todo, c)
		}
	}
	return bytes, nodes
}

// Close makes all further calls fail with errs.Unavailable.
func (f *FS) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	return nil
}
