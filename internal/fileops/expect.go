package fileops

import (
	"context"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/vfs"
)

// same reports whether what stands there is what was seen; of a folder, whether it
// is that folder. A rename may have changed its time of change.
func same(seen, is vfs.Entry) bool { return copier.Same(seen, is, false) }

// expect examines name, and reports as errs.Conflict that it is not what was seen.
func expect(ctx context.Context, d vfs.Dir, name string, seen vfs.Entry) (vfs.Entry, error) {
	is, err := d.Stat(ctx, name)
	if err == nil && !same(seen, is) {
		err = changed()
	}
	return is, err
}

func changed() error {
	return errs.New(errs.Conflict, "it was changed since the plan was made").Try("Make the plan again.")
}

// ignore takes errors of one kind for none.
func ignore(err error, kind errs.Kind) error {
	if errs.Is(err, kind) {
		return nil
	}
	return err
}
