package fileops

import (
	"context"
	"errors"
	"slices"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/vfs"
)

// rename never replaces. That what stands there is what was seen is looked at
// before and after: the look and the change are two.
func (h *hands) rename(ctx context.Context, st *step) error {
	from, name, err := h.in(ctx, st.From)
	if err != nil {
		return err
	}
	to, toName, err := h.in(ctx, st.To)
	if err != nil {
		return err
	}
	if _, err := expect(ctx, from, name, *st.Seen); err != nil {
		return err
	}
	if err := from.Rename(ctx, name, to, toName, vfs.NoReplace); err != nil {
		if !errs.Is(err, errs.Conflict) || !onlyCase(ctx, st, to, toName) {
			return err
		}
		if err := viaTemp(ctx, from, name, to, toName, st.Temp); err != nil {
			return err
		}
	}
	h.touch(st.From)
	h.touch(st.To)
	h.forget(st.From)
	is, err := to.Stat(ctx, toName)
	if err != nil {
		return err
	}
	if !same(*st.Seen, is) {
		if err := to.Rename(ctx, toName, from, name, vfs.NoReplace); err != nil {
			return err
		}
		return changed()
	}
	st.Is = &is
	return nil
}

// onlyCase reports whether the name that is taken is the thing's own, in other
// letters, on a volume for which these are the same. A file with several names may
// bear the taken one as well: that is no change of letters.
func onlyCase(ctx context.Context, st *step, to vfs.Dir, name string) bool {
	there, err := expect(ctx, to, name, *st.Seen)
	if err != nil || st.Temp == "" || there.Inode == 0 {
		return false
	}
	return there.Kind == vfs.Folder || there.Links <= 1
}

func viaTemp(ctx context.Context, from vfs.Dir, name string, to vfs.Dir, toName, temp string) error {
	if err := from.Rename(ctx, name, from, temp, vfs.NoReplace); err != nil {
		return err
	}
	err := from.Rename(ctx, temp, to, toName, vfs.NoReplace)
	if err != nil {
		err = errors.Join(err, from.Rename(ctx, temp, from, name, vfs.NoReplace))
	}
	return err
}

func (h *hands) renamed(ctx context.Context, st *step) (bool, error) {
	is, ok, err := h.look(ctx, st.To)
	if err != nil {
		return false, err
	}
	if ok && same(*st.Seen, is) && (st.Seen.Inode != 0 || is.Kind != vfs.Folder) {
		there, still, err := h.look(ctx, st.From)
		if err != nil {
			return false, err
		}
		done := !still || !same(*st.Seen, there)
		if !done && (is.Links <= 1 || is.Kind == vfs.Folder) { // one name, and for the volume both are that
			if done, err = h.bears(ctx, st.To); err != nil {
				return false, err
			}
		}
		if done {
			h.touch(st.From)
			h.touch(st.To)
			st.Is = &is
			return true, nil
		}
	}
	if st.Temp == "" {
		return false, nil
	}
	from, fromName, err := h.in(ctx, st.From)
	if err != nil {
		return false, err
	}
	return false, h.unhide(ctx, st, from, fromName)
}

// bears reports whether a folder lists a name in just these letters.
func (h *hands) bears(ctx context.Context, at catalog.Spot) (found bool, err error) {
	d, name, err := h.in(ctx, at)
	if err != nil {
		return false, err
	}
	err = d.List(ctx, func(batch []vfs.Entry) error {
		found = found || slices.ContainsFunc(batch, func(e vfs.Entry) bool { return e.Name == name })
		return nil
	})
	return found, err
}

// unhide gives what only the step hid under its private name that of before, or
// one beside it, which st.err tells then.
func (h *hands) unhide(ctx context.Context, st *step, from vfs.Dir, name string) error {
	if _, err := from.Stat(ctx, st.Temp); err != nil {
		return ignore(err, errs.NotFound)
	}
	h.touch(st.From)
	err := copier.GiveBack(ctx, from, st.Temp, from, name)
	if errs.Is(err, errs.Conflict) {
		st.err, err = err, nil
	}
	return err
}
