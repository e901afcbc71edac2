package mirror

import (
	"context"
	"errors"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

func conflict() error {
	return errs.New(errs.Conflict, "the sidecar changed since the preview").Try("Make the plan again.")
}

// sidecar writes a sidecar under a private name, and gives it its own when it is on the
// disk. What it takes the place of is looked at once more when it has given way: if it
// is not what was seen, it gets its name back.
func (e *running) sidecar(ctx context.Context, st *step, dir vfs.Dir, name string) error {
	was, is, err := content(ctx, dir, name)
	if err != nil {
		return err
	}
	if !sidecarIs(was).equal(st.Old) {
		return conflict()
	}
	if len(st.New) == 0 {
		return remove(ctx, st, dir, name)
	}
	mode := uint32(0o644)
	if was != nil {
		mode = is.Mode & 0o777
	}
	if err := write(ctx, dir, st.Temp, mode, st.New[""]); err != nil {
		return errors.Join(err, drop(ctx, dir, st.Temp))
	}
	if was == nil {
		if err := dir.Rename(ctx, st.Temp, dir, name, vfs.NoReplace); err != nil {
			return errors.Join(err, drop(ctx, dir, st.Temp))
		}
		return dir.Sync(ctx)
	}
	if err := dir.Rename(ctx, st.Temp, dir, name, vfs.Exchange); err != nil {
		return errors.Join(err, drop(ctx, dir, st.Temp))
	}
	gone, _, err := content(ctx, dir, st.Temp)
	if err != nil || !sidecarIs(gone).equal(st.Old) {
		if back := dir.Rename(ctx, st.Temp, dir, name, vfs.Exchange); back != nil {
			return errors.Join(conflict(), back)
		}
		return errors.Join(conflict(), drop(ctx, dir, st.Temp))
	}
	return drop(ctx, dir, st.Temp)
}

// remove takes a sidecar away that a plan made, whose bytes stand in its journal.
func remove(ctx context.Context, st *step, dir vfs.Dir, name string) error {
	if err := dir.Rename(ctx, name, dir, st.Temp, vfs.NoReplace); err != nil {
		return err
	}
	gone, _, err := content(ctx, dir, st.Temp)
	if err != nil || !sidecarIs(gone).equal(st.Old) {
		return errors.Join(conflict(), dir.Rename(ctx, st.Temp, dir, name, vfs.NoReplace))
	}
	return drop(ctx, dir, st.Temp)
}

func write(ctx context.Context, dir vfs.Dir, name string, mode uint32, b []byte) error {
	h, err := dir.Create(ctx, name, mode)
	if err != nil {
		return err
	}
	_, err = h.Write(b)
	if err == nil {
		err = h.Sync()
	}
	return errors.Join(err, h.Close())
}

// drop takes away what bears a private name, and syncs the folder.
func drop(ctx context.Context, dir vfs.Dir, name string) error {
	err := dir.Unlink(context.WithoutCancel(ctx), name)
	if err == nil || errs.Is(err, errs.NotFound) {
		err = dir.Sync(ctx)
	}
	return err
}
