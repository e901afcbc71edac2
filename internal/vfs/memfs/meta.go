package memfs

import (
	"bytes"
	"context"
	"maps"

	"github.com/stardrive/stardrive/internal/vfs"
)

func (d *dir) Meta(ctx context.Context, name string) (m vfs.Meta, err error) {
	err = d.at(ctx, "read attributes", name, false, func(_ string, n *node, _ int64) error {
		if n.Mount {
			return errMounted
		}
		m = n.meta()
		return nil
	})
	return m, err
}

func (d *dir) SetMeta(ctx context.Context, name string, m *vfs.Meta, parts vfs.Parts) (lost vfs.Parts, err error) {
	err = d.at(ctx, "set attributes", name, true, func(_ string, n *node, now int64) error {
		if n.Mount {
			return errMounted
		}
		lost, err = d.fs.setMeta(n, m, parts, now)
		return err
	})
	return lost, err
}

func (h *handle) Meta() (vfs.Meta, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return vfs.Meta{}, h.fail("read attributes", errClosed)
	}
	h.fs.mu.RLock()
	defer h.fs.mu.RUnlock()
	return h.n.meta(), nil
}

func (w *writer) SetMeta(m *vfs.Meta, parts vfs.Parts) (lost vfs.Parts, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return 0, w.fail("set attributes", errClosed)
	}
	w.fs.mu.Lock()
	defer w.fs.mu.Unlock()
	if lost, err = w.fs.setMeta(w.n, m, parts, w.fs.now().UnixNano()); err != nil {
		err = w.fail("set attributes", err)
	}
	return lost, err
}

func (n *node) meta() vfs.Meta {
	m := vfs.Meta{Mode: n.Mode, Modified: n.Modified, Accessed: n.accessed, UID: n.uid, GID: n.gid, Sealed: n.sealed}
	if len(n.xattrs) > 0 {
		m.Xattrs = map[string][]byte{}
		for name, value := range n.xattrs {
			m.Xattrs[name] = bytes.Clone(value)
		}
	}
	return m
}

// setMeta does what the volume keeps, and tells the rest. The caller holds the lock.
func (f *FS) setMeta(n *node, m *vfs.Meta, parts vfs.Parts, now int64) (lost vfs.Parts, err error) {
	if err := f.editable(n); err != nil {
		return 0, err
	}
	if err := m.Meets(n.xattrs); err != nil {
		return 0, err
	}
	f.dirty(n)
	n.Changed = now
	lost = parts & vfs.PartCreated
	does := func(part vfs.Parts) bool { return parts&part != 0 && f.opts.Loses&part == 0 }
	if does(vfs.PartOwner) {
		n.uid, n.gid = m.UID, m.GID
	} else if parts&vfs.PartOwner != 0 && (n.uid != m.UID || n.gid != m.GID) {
		lost |= vfs.PartOwner
	}
	lost |= f.setXattrs(n, m, parts)
	if n.Kind != vfs.Symlink && parts&vfs.PartMode != 0 {
		want := m.Mode & 0o7777
		if parts&vfs.PartACL == 0 || lost&vfs.PartACL != 0 {
			want = m.ModeWithoutACL()
		}
		if does(vfs.PartMode) {
			n.Mode = want
		} else if n.Mode != want {
			lost |= vfs.PartMode
		}
	}
	if does(vfs.PartModified) {
		if n.Modified = f.stamp(m.Modified); m.Accessed != 0 {
			n.accessed = f.stamp(m.Accessed)
		}
	} else if parts&vfs.PartModified != 0 && n.Modified != m.Modified {
		lost |= vfs.PartModified
	}
	return lost, nil
}

func (f *FS) setXattrs(n *node, m *vfs.Meta, parts vfs.Parts) (lost vfs.Parts) {
	all := maps.Clone(n.xattrs)
	for attr := range n.xattrs {
		if _, wanted := m.Xattrs[attr]; !wanted && m.Concerns(attr, parts) && !vfs.Stays(attr) {
			delete(all, attr)
		}
	}
	for attr, value := range m.Xattrs {
		part := vfs.PartOf(attr)
		switch {
		case !m.Concerns(attr, parts):
		case f.opts.Loses&part != 0:
			lost |= part
		default:
			if all == nil {
				all = map[string][]byte{}
			}
			all[attr] = bytes.Clone(value)
		}
	}
	n.xattrs = all
	return lost
}
