package memfs

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// change runs fn on the folder that holds path and the name path has in it,
// under the write lock. A folder's times move when fn returns nil.
func (f *FS) change(op, path string, fn func(dir *node, name string, now int64) error) error {
	if err := vfs.Check(op, path); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	parent, name := vfs.Split(path)
	dir := f.reach(parent)
	var err error
	switch {
	case path == "":
		err = errs.New(errs.Invalid, "the root stays as it is")
	case dir == nil || dir.Kind != vfs.Folder:
		err = errs.New(errs.NotFound, "no such folder")
	default:
		err = fn(dir, name, f.now().UnixNano())
	}
	if err != nil {
		return &errs.Error{Op: op, Path: path, Kind: errs.KindOf(err), Err: err}
	}
	return nil
}

// reach walks to path with nothing in its way; nil where there is nothing.
func (f *FS) reach(path string) *node {
	n := f.root
	for path != "" && n != nil {
		var name string
		name, path, _ = strings.Cut(path, "/")
		_, n = f.lookup(n, name) // nothing, for anything but a folder
	}
	return n
}

func (n *node) touch(modified, now int64) { n.Modified, n.Changed = modified, now }

var (
	errTaken   = errs.New(errs.Conflict, "the name is taken")
	errMissing = errs.New(errs.NotFound, "no such file or folder")
)

// create adds a fresh entry under path, or fails with errs.Conflict.
func (f *FS) create(op, path string, kind vfs.Kind, mode uint32, fill func(*node)) error {
	return f.change(op, path, func(dir *node, name string, now int64) error {
		if _, n := f.lookup(dir, name); n != nil {
			return errTaken
		}
		n := f.newNode(kind, mode)
		if fill != nil {
			fill(n)
		}
		f.settle(now, set{dir, name, n})
		return nil
	})
}

// Mkdir makes one folder; its parent must exist.
func (f *FS) Mkdir(path string) error { return f.create("mkdir", path, vfs.Folder, 0o755, nil) }

// MkdirAll makes a folder and its missing parents.
func (f *FS) MkdirAll(path string) error {
	for i := 0; i < len(path); i++ {
		j := strings.IndexByte(path[i:], '/')
		if j < 0 {
			j = len(path) - i
		}
		i += j
		if err := f.Mkdir(path[:i]); err != nil && !errs.Is(err, errs.Conflict) {
			return err
		}
	}
	return nil
}

// WriteFile sets the bytes of the file at path, which is made if it is not
// there; an existing one keeps its inode and mode.
func (f *FS) WriteFile(path string, data []byte) error {
	return f.change("write", path, func(dir *node, name string, now int64) error {
		_, n := f.lookup(dir, name)
		switch {
		case n == nil:
			n = f.newNode(vfs.File, 0o644)
			f.settle(now, set{dir, name, n})
		case n.Kind != vfs.File:
			return errTaken
		}
		n.data = dataOf(data)
		n.touch(f.stamp(now), now)
		f.clean(n)
		return nil
	})
}

// Symlink makes a link at path that says target, whatever that is.
func (f *FS) Symlink(target, path string) error {
	return f.create("symlink", path, vfs.Symlink, 0o777, func(n *node) { n.target = target })
}

// Special makes an entry that is neither file, folder nor link.
func (f *FS) Special(kind vfs.Kind, path string) error {
	switch kind {
	case vfs.FIFO, vfs.Socket, vfs.CharDevice, vfs.BlockDevice, vfs.Unknown:
		return f.create("special", path, kind, 0o644, nil)
	}
	return errs.New(errs.Invalid, "a %s is not special", kind).At(path)
}

// FIFO makes a named pipe.
func (f *FS) FIFO(path string) error { return f.Special(vfs.FIFO, path) }

// Link gives the file at from a second name.
func (f *FS) Link(from, to string) error {
	return f.change("link", to, func(dir *node, name string, now int64) error {
		n := f.reach(from)
		switch {
		case n == nil:
			return errMissing
		case n.Kind == vfs.Folder:
			return errs.New(errs.Unsupported, "a folder has one name")
		}
		if _, old := f.lookup(dir, name); old != nil {
			return errTaken
		}
		n.Links++
		n.Changed = now
		f.settle(now, set{dir, name, n})
		return nil
	})
}

// Remove removes an entry, a folder with everything below it.
func (f *FS) Remove(path string) error {
	return f.change("remove", path, func(dir *node, name string, now int64) error {
		real, n := f.lookup(dir, name)
		if n == nil {
			return errMissing
		}
		f.drop(dir, real, now)
		return nil
	})
}

// drop takes the name away, and those below it.
func (f *FS) drop(dir *node, name string, now int64) {
	n := dir.children[name]
	for _, below := range slices.Sorted(maps.Keys(n.children)) {
		f.drop(n, below, now)
	}
	f.settle(now, set{dir, name, nil})
	n.unnamed(now)
}

// unnamed tells n that a name of it is gone.
func (n *node) unnamed(now int64) {
	if n.Changed = now; n.Kind == vfs.Folder {
		n.Links = 0
		return
	}
	n.Links--
}

// Rename moves an entry, replacing a file or an empty folder at to.
func (f *FS) Rename(from, to string) error {
	if err := vfs.Check("rename", from); err != nil {
		return err
	}
	return f.change("rename", to, func(dir *node, name string, now int64) error {
		parent, base := vfs.Split(from)
		source := f.reach(parent)
		n := f.reach(from)
		toName, old := f.lookup(dir, name)
		switch {
		case n == nil || n == f.root:
			return errMissing
		case n == old && (toName == name || source != dir):
			return nil
		case n == old: // another case
			old = nil
		case strings.HasPrefix(to+"/", from+"/"): // both ends closed: components, not text
			return errs.New(errs.Invalid, "into itself")
		case old != nil && (len(old.children) > 0 || (old.Kind == vfs.Folder) != (n.Kind == vfs.Folder)):
			return errTaken
		case old != nil:
			f.drop(dir, toName, now)
		}
		real, _ := f.lookup(source, base)
		f.settle(now, set{source, real, nil}, set{dir, name, n})
		n.Changed = now
		return nil
	})
}

// edit runs fn on the entry at path, which may be the root.
func (f *FS) edit(op, path string, fn func(n *node)) error {
	if err := vfs.Check(op, path); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.reach(path)
	if n == nil {
		return &errs.Error{Op: op, Path: path, Kind: errs.NotFound, Err: errMissing}
	}
	n.Changed = f.now().UnixNano()
	fn(n)
	f.clean(n)
	return nil
}

// Chmod sets the permission bits (st_mode & 07777).
func (f *FS) Chmod(path string, mode uint32) error {
	return f.edit("chmod", path, func(n *node) { n.Mode = mode & 0o7777 })
}

// SetModified sets the time of last modification.
func (f *FS) SetModified(path string, t time.Time) error {
	return f.edit("chtimes", path, func(n *node) { n.Modified = f.stamp(t.UnixNano()) })
}

// SetCreated sets when the entry was made.
func (f *FS) SetCreated(path string, t time.Time) error {
	return f.edit("set created", path, func(n *node) { n.Created = t.UnixNano() })
}

// SetMount says whether another file system covers the folder at path.
func (f *FS) SetMount(path string, mounted bool) error {
	return f.edit("mount", path, func(n *node) { n.Mount = mounted })
}

// SetXattr sets an attribute of an entry; nil takes it away.
func (f *FS) SetXattr(path, name string, value []byte) error {
	return f.edit("set attribute", path, func(n *node) {
		n.xattrs = maps.Clone(n.xattrs)
		if value == nil {
			delete(n.xattrs, name)
			return
		}
		if n.xattrs == nil {
			n.xattrs = map[string][]byte{}
		}
		n.xattrs[name] = bytes.Clone(value)
	})
}

// Chown sets who owns an entry.
func (f *FS) Chown(path string, uid, gid uint32) error {
	return f.edit("chown", path, func(n *node) { n.uid, n.gid = uid, gid })
}

// Seal says whether an entry may be changed (chattr +i).
func (f *FS) Seal(path string, sealed bool) error {
	return f.edit("seal", path, func(n *node) { n.sealed = sealed })
}

// SetReadOnly says whether the driver may change the volume.
func (f *FS) SetReadOnly(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.readOnly = on
}

// Rot changes bits of the byte at offset at of a file as a failing disk does:
// without a trace in its times.
func (f *FS) Rot(path string, at int64, bits byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.reach(path)
	if n == nil || n.Kind != vfs.File || at < 0 || at >= n.data.size {
		return &errs.Error{Op: "rot", Path: path, Kind: errs.NotFound, Err: errMissing}
	}
	one := make([]byte, 1)
	n.data.readAt(one, at)
	one[0] ^= bits
	n.data.writeAt(one, at)
	return nil
}
