package copier

import (
	"context"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

const setids = 0o6000

// owner is who new files in a folder belong to.
type owner struct{ uid, gid uint32 }

// carry gives the open temp what the open source carries.
func (b *batch) carry(ctx context.Context, p *Piece, src vfs.Handle, before vfs.Entry, dst vfs.WriteHandle) (vfs.Parts, error) {
	m := vfs.Meta{Mode: before.Mode, Modified: before.Modified}
	parts := vfs.PartMode | vfs.PartModified
	if r, ok := vfs.HandleAs[vfs.MetaReader](src); ok {
		all, err := r.Meta()
		if err != nil {
			return 0, err
		}
		m, parts = all, parts|vfs.PartXattrs|vfs.PartACL|vfs.PartOwner|vfs.PartLabels
		m.Modified = before.Modified // reading moves no time but this one
	}
	return b.dress(ctx, p, p.Into, &m, parts, dst.SetMeta)
}

// dress sets what is wanted of m and tells what of it is lost. An owner that the
// target has anyway is no loss.
func (b *batch) dress(ctx context.Context, p *Piece, into vfs.Dir, m *vfs.Meta, parts vfs.Parts, set func(*vfs.Meta, vfs.Parts) (vfs.Parts, error)) (vfs.Parts, error) {
	var lost vfs.Parts
	if parts&vfs.PartOwner != 0 && !p.Keep.Owner {
		own, err := b.ownerIn(ctx, into, p.Temp)
		if err != nil {
			return 0, err
		}
		if own != (owner{m.UID, m.GID}) {
			lost = vfs.PartOwner
		}
		parts &^= vfs.PartOwner
	}
	parts = wanted(m, parts, p.Keep)
	more, err := set(m, parts)
	return lost | more, err
}

// wanted takes out of m and parts what is not kept without being asked for.
func wanted(m *vfs.Meta, parts vfs.Parts, keep Keep) vfs.Parts {
	if !keep.Setuid {
		m.Mode &^= setids
	}
	if !keep.Labels {
		parts &^= vfs.PartLabels
	}
	return parts
}

// ownerIn tells who the temp belongs to; all new files in a folder belong to the same.
func (b *batch) ownerIn(ctx context.Context, into vfs.Dir, temp string) (owner, error) {
	b.ownersMu.Lock()
	defer b.ownersMu.Unlock()
	own, ok := b.owners[into]
	if !ok {
		m, err := into.Meta(ctx, temp)
		if err != nil {
			return own, err
		}
		own = owner{m.UID, m.GID}
		b.owners[into] = own
	}
	return own, nil
}

// metaOf reads what the entry at path carries, as far as its volume tells.
func metaOf(ctx context.Context, d vfs.Driver, path string, seen vfs.Entry) (vfs.Meta, vfs.Parts, error) {
	m := vfs.Meta{Mode: seen.Mode, Modified: seen.Modified}
	parts := vfs.PartMode | vfs.PartModified
	w := d.Features().Writing
	parent, name := vfs.Split(path)
	if w == nil || name == "" {
		return m, parts, nil
	}
	dir, err := w.Dir(ctx, parent)
	if err != nil {
		return m, parts, err
	}
	defer dir.Close()
	if m, err = dir.Meta(ctx, name); err != nil {
		return m, parts, err
	}
	m.Modified = seen.Modified
	return m, parts | vfs.PartXattrs | vfs.PartACL | vfs.PartOwner | vfs.PartLabels, nil
}

// Dress gives the folder name in into what the folder at path carries: mode,
// times, xattrs, ACLs, and what keep adds. Call it when the folder is full, since
// filling it changes its times. seen is how the folder was when the work began
// and gives the time: reading is no change, but what others do meanwhile is. It
// returns the parts that could not be kept.
func (e *Engine) Dress(ctx context.Context, from vfs.Driver, path string, seen vfs.Entry, into vfs.Dir, name string, keep Keep) (vfs.Parts, error) {
	if seen.Kind != vfs.Folder {
		return 0, errs.New(errs.Invalid, "only folders are dressed").At(path)
	}
	is, err := from.Stat(ctx, path)
	if err != nil {
		return 0, err
	}
	if !Same(seen, is, false) {
		return 0, errDrift.At(path)
	}
	m, parts, err := metaOf(ctx, from, path, seen)
	if err != nil {
		return 0, err
	}
	var lost vfs.Parts
	if parts&vfs.PartOwner != 0 && !keep.Owner {
		now, err := into.Meta(ctx, name)
		if err != nil {
			return 0, err
		}
		if now.UID != m.UID || now.GID != m.GID {
			lost = vfs.PartOwner
		}
		parts &^= vfs.PartOwner
	}
	more, err := into.SetMeta(ctx, name, &m, wanted(&m, parts, keep))
	return lost | more, err
}

// Carried tells which parts of m would be missed if they were lost: for a preview
// that compares them with what the target keeps.
func Carried(m *vfs.Meta, keep Keep) vfs.Parts {
	parts := vfs.PartMode | vfs.PartModified
	for name := range m.Xattrs {
		switch {
		case strings.HasPrefix(name, "system.posix_acl_"):
			parts |= vfs.PartACL
		case strings.HasPrefix(name, "security."), strings.HasPrefix(name, "trusted."):
			if keep.Labels {
				parts |= vfs.PartLabels
			}
		default:
			parts |= vfs.PartXattrs
		}
	}
	if keep.Owner {
		parts |= vfs.PartOwner
	}
	return parts
}
