package trash

import (
	"context"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Restore moves an item into the folder to, as name, and forgets it. A name that
// is taken is errs.Conflict, and the item stays; so does one that is not expect.
// The folder is synced before the trash forgets. It may be repeated after a
// crash: an item that stands under its name already is only forgotten.
func (b *Bin) Restore(ctx context.Context, s Slot, expect vfs.Entry, to vfs.Dir, name string) (vfs.Entry, error) {
	files, err := b.open(ctx, s, filesDir)
	if err != nil {
		return vfs.Entry{}, err
	}
	defer files.Close()
	is, err := move(ctx, files, s.Name, expect, false, to, name, stays)
	if errs.Is(err, errs.NotFound) {
		there, gone := to.Stat(ctx, name)
		if gone != nil || !same(expect, there, false) {
			return vfs.Entry{}, err
		}
		is, err = there, nil
	}
	if err != nil {
		return vfs.Entry{}, err
	}
	if err := to.Sync(ctx); err != nil {
		return is, err
	}
	return is, b.forget(ctx, s)
}

// stays leaves what somebody else did to a thing that was just brought back, or put
// into its place: it is not for the trash.
func stays(context.Context, vfs.Dir, string, vfs.Dir, string) error {
	return errs.New(errs.Conflict, "it was changed by somebody else in the moment in which it came back").Try("Look at it.")
}

// Destroy removes an item for good, as the function Destroy does. The trash
// forgets it when all of it is gone. It may be repeated after a crash, with the
// same temp.
func (b *Bin) Destroy(ctx context.Context, s Slot, temp string, expect vfs.Entry, o Options) (Removed, error) {
	if err := b.check(s); err != nil {
		return Removed{}, err
	}
	if expect.Kind == vfs.Unknown { // an info without its thing
		it, err := b.Stat(ctx, s)
		if errs.Is(err, errs.NotFound) {
			return Removed{}, nil
		}
		if err == nil && it.Orphan != InfoOnly {
			err = at(s.Name, errDrift)
		}
		if err != nil {
			return Removed{}, err
		}
		return Removed{}, b.forget(ctx, s)
	}
	if err := b.parts(ctx, s.Folder); err != nil {
		return Removed{}, err
	}
	files, err := b.open(ctx, s, filesDir)
	if err != nil {
		return Removed{}, err
	}
	defer files.Close()
	private, err := b.open(ctx, s, expunged)
	if err != nil {
		return Removed{}, err
	}
	defer private.Close()
	gone, err := Destroy(ctx, files, s.Name, private, temp, expect, o)
	if err != nil {
		return gone, err
	}
	if _, err := files.Stat(ctx, s.Name); !errs.Is(err, errs.NotFound) {
		return gone, err // the slot is another's by now
	}
	return gone, b.forget(ctx, s)
}

// Parents opens the folder at path and makes the folders of it that are missing.
// made are those, outermost first; the caller syncs their parents.
func Parents(ctx context.Context, d vfs.Driver, path string) (dir vfs.Dir, made []string, err error) {
	w := d.Features().Writing
	if w == nil {
		return nil, nil, errs.New(errs.Unsupported, "this volume cannot be changed")
	}
	if err := vfs.Check("make folders", path); err != nil {
		return nil, nil, err
	}
	dir, err = w.Dir(ctx, path)
	if path == "" || !errs.Is(err, errs.NotFound) {
		return dir, nil, err
	}
	dir, err = w.Dir(ctx, "")
	if err != nil {
		return nil, nil, err
	}
	at := ""
	for name := range strings.SplitSeq(path, "/") {
		at = vfs.Join(at, name)
		sub, err := dir.Sub(ctx, name)
		if errs.Is(err, errs.NotFound) {
			if err = dir.Mkdir(ctx, name, 0o777); err == nil {
				made = append(made, at)
			}
			if err == nil || errs.Is(err, errs.Conflict) { // somebody else made it
				sub, err = dir.Sub(ctx, name)
			}
		}
		_ = dir.Close()
		if err != nil {
			return nil, made, err
		}
		dir = sub
	}
	return dir, made, nil
}

// checkTemp refuses what is no private name.
func checkTemp(temp string) error {
	if !vfs.IsPrivate(temp) {
		return errs.New(errs.Invalid, "%q is no private name", temp)
	}
	return nil
}
