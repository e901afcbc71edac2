package fileops

import (
	"context"

	"github.com/stardrive/stardrive/internal/errs"
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
	st.Is = &is
	return true, syncOne(ctx, d, name, is.Kind)
}
