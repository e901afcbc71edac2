package fileops

import (
	"context"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

func (h *hands) meta(ctx context.Context, st *step) error {
	d, name, err := h.in(ctx, st.To)
	if err != nil {
		return err
	}
	if _, err := expect(ctx, d, name, *st.Seen); err != nil {
		return err
	}
	old, err := d.Meta(ctx, name)
	if err != nil {
		return err
	}
	if st.Old == nil {
		st.Old = &old
	}
	lost, err := d.SetMeta(ctx, name, st.New, st.Parts)
	if err == nil && lost&st.Parts != 0 {
		err = errs.New(errs.Unsupported, "the volume does not keep this")
	}
	if err == nil {
		if err = syncOne(ctx, d, name, st.Seen.Kind); err != nil {
			_, _ = d.SetMeta(ctx, name, &old, st.Parts) // nobody knows what is kept: as far as it goes it is as it was
		}
	}
	if err != nil {
		return err
	}
	h.touch(st.To)
	is, err := d.Stat(ctx, name)
	st.Is = &is
	return err
}

// carries reports whether a thing has the rights and times that the step gives it.
func (h *hands) carries(ctx context.Context, st *step, now vfs.Meta) bool {
	if st.Parts&vfs.PartMode != 0 && now.Mode != st.New.Mode {
		return false
	}
	v, err := h.w.writable(ctx, st.To.Volume)
	off := max(now.Modified-st.New.Modified, st.New.Modified-now.Modified)
	return st.Parts&vfs.PartModified == 0 || err == nil && off < max(1, v.writing.TimeStep)
}

// changed finds out whether the rights or times of a thing were set.
func (h *hands) changed(ctx context.Context, st *step) (bool, error) {
	d, name, err := h.in(ctx, st.To)
	if err != nil {
		return false, err
	}
	is, err := d.Stat(ctx, name)
	if err != nil {
		return false, err
	}
	if st.Old == nil || st.Seen != nil && is.Changed == st.Seen.Changed && is.Inode == st.Seen.Inode {
		return false, nil // nothing was set
	}
	if now, err := d.Meta(ctx, name); err != nil || !h.carries(ctx, st, now) {
		return false, err // a power cut took some of it
	}
	st.Is = &is
	return true, syncOne(ctx, d, name, is.Kind)
}
