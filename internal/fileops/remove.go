package fileops

import (
	"cmp"
	"context"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/trash"
	"github.com/stardrive/stardrive/internal/vfs"
)

// remove takes a file away whose copy was verified, and still stands.
func (h *hands) remove(ctx context.Context, st *step) error {
	to, toName, err := h.in(ctx, st.To)
	if err != nil {
		return err
	}
	there, err := to.Stat(ctx, toName)
	if err != nil {
		return err
	}
	if st.Is != nil && !same(*st.Is, there) {
		return errs.New(errs.Conflict, "its copy was changed meanwhile, so it stays")
	}
	d, name, err := h.in(ctx, st.From)
	if err != nil {
		return err
	}
	if err := h.w.s.copier.Remove(ctx, d, name, st.Temp, *st.Seen); err != nil {
		return err
	}
	h.touch(st.From)
	st.Is = &there
	return nil
}

// removed ends a removal only while the copy is what was verified; else the
// original gets its name back.
func (h *hands) removed(ctx context.Context, st *step) (bool, error) {
	from, name, err := h.in(ctx, st.From)
	if err != nil {
		return false, err
	}
	_, err = from.Stat(ctx, st.Temp)
	if errs.Is(err, errs.NotFound) { // it was not begun, or it is done
		_, ok, err := h.look(ctx, st.From)
		if err == nil && !ok {
			h.touch(st.From)
		}
		return err == nil && !ok, err
	}
	if err == nil {
		err = h.remove(ctx, st)
	}
	if err != nil && ctx.Err() == nil { // whatever it was: nobody is to search for it
		return false, h.unhide(ctx, st, from, name)
	}
	return err == nil, err
}

// rmdirred finds out whether a folder went.
func (h *hands) rmdirred(ctx context.Context, st *step) (bool, error) {
	_, ok, err := h.look(ctx, st.From)
	if err == nil && !ok {
		h.touch(st.From)
	}
	return err == nil && !ok, err
}

func (h *hands) rmdir(ctx context.Context, st *step) error {
	d, name, err := h.in(ctx, st.From)
	if err != nil {
		return err
	}
	is, err := d.Stat(ctx, name)
	if err != nil {
		return err
	}
	if is.Kind != vfs.Folder || st.Seen != nil && st.Seen.Inode != is.Inode {
		return changed()
	}
	m, err := d.Meta(ctx, name)
	if err == nil {
		st.Old = &m
	}
	h.forget(st.From)
	if err := d.Rmdir(ctx, name); err != nil {
		return err
	}
	h.touch(st.From)
	return nil
}

// destroyThere is destroy of what somebody else may have taken away: that is told.
func (h *hands) destroyThere(ctx context.Context, st *step) error {
	if st.Slot == nil {
		if _, ok, err := h.look(ctx, st.From); err != nil || !ok {
			return cmp.Or(err, error(errs.New(errs.NotFound, "it is gone already")))
		}
	}
	return h.destroy(ctx, st)
}

func (h *hands) destroy(ctx context.Context, st *step) error {
	v, err := h.w.writable(ctx, st.From.Volume)
	if err != nil {
		return err
	}
	o := trash.Options{NotAfter: st.Before}
	if st.Slot != nil {
		if v.bin == nil {
			return v.noBin
		}
		_, err := v.bin.Destroy(ctx, *st.Slot, st.Temp, *st.Seen, o)
		h.bins[v] = true
		return err
	}
	d, name, err := h.in(ctx, st.From)
	if err != nil {
		return err
	}
	h.forget(st.From)
	seen := *st.Seen
	if is, err := d.Stat(ctx, name); err == nil && same(seen, is) {
		seen = is
	}
	_, err = trash.Destroy(ctx, d, name, d, st.Temp, seen, o)
	h.touch(st.From)
	return err
}

// destroyed goes on with what was being destroyed.
func (h *hands) destroyed(ctx context.Context, st *step) (bool, error) {
	if st.Slot == nil {
		// The first thing is another name: what still bears its own was not begun.
		if is, ok, err := h.look(ctx, st.From); err != nil || ok && same(*st.Seen, is) {
			return false, err
		}
	} else {
		v, err := h.w.writable(ctx, st.From.Volume)
		if err != nil || v.bin == nil {
			return false, err
		}
		if _, err := v.bin.Stat(ctx, *st.Slot); errs.Is(err, errs.NotFound) {
			return true, nil
		}
	}
	err := h.destroy(ctx, st)
	if errs.Is(err, errs.Conflict) {
		return false, nil
	}
	return err == nil, err
}
