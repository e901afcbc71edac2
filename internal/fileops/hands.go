package fileops

import (
	"context"
	"errors"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// hands are the open folders of one batch.
type hands struct {
	w       *world
	open    map[catalog.Spot]vfs.Dir
	touched map[catalog.Spot]bool // to be synced
	bins    map[*volume]bool      // likewise
	makings []making
	stage   func() error // stores the steps of the batch as they are now
}

func (w *world) hands() *hands {
	return &hands{w: w, open: map[catalog.Spot]vfs.Dir{}, touched: map[catalog.Spot]bool{}, bins: map[*volume]bool{}}
}

// in opens the folder in which a thing stands and returns its name there.
func (h *hands) in(ctx context.Context, at catalog.Spot) (vfs.Dir, string, error) {
	folder, name := at.In()
	if at.Path == "" {
		return nil, "", errs.New(errs.Denied, "the root of a volume cannot be changed")
	}
	d, err := h.dir(ctx, folder)
	return d, name, err
}

// dir opens a folder. One whose name, or that of a folder above it, something else
// bears by now (a symlink, say) is not there any more.
func (h *hands) dir(ctx context.Context, folder catalog.Spot) (vfs.Dir, error) {
	if d := h.open[folder]; d != nil {
		return d, nil
	}
	v, err := h.w.writable(ctx, folder.Volume)
	if err != nil {
		return nil, err
	}
	d, err := v.dir(ctx, folder.Path)
	if err == nil {
		h.open[folder] = d
	}
	if errs.Is(err, errs.Denied) && v.otherwise(ctx, folder.Path) {
		err = errs.New(errs.NotFound, "its folder is not there any more: something else bears that name (%w)", err)
	}
	return d, err
}

// otherwise reports whether something that is no folder bears the name of a folder,
// or of one above it.
func (v *volume) otherwise(ctx context.Context, path string) bool {
	for path != "" {
		if is, err := v.Driver.Stat(ctx, path); err == nil {
			return is.Kind != vfs.Folder
		}
		path, _ = vfs.Split(path)
	}
	return false
}

// touch notes that the folder in which a thing stands must be synced.
func (h *hands) touch(at catalog.Spot) {
	folder, _ := at.In()
	h.touched[folder] = true
}

// sync makes the names in all touched folders survive a power cut.
func (h *hands) sync(ctx context.Context) error {
	var failed error
	for folder := range h.touched {
		d, err := h.dir(ctx, folder)
		if errs.Is(err, errs.NotFound) {
			continue // it went, in this very batch
		}
		if err == nil {
			err = d.Sync(ctx)
		}
		failed = errors.Join(failed, err)
	}
	for v := range h.bins {
		failed = errors.Join(failed, v.bin.Sync(ctx))
	}
	return failed
}

func (h *hands) close() {
	for _, d := range h.open {
		_ = d.Close() // what was changed through it is synced
	}
	clear(h.open)
}

// forget closes the folder at a place, which goes or moves.
func (h *hands) forget(at catalog.Spot) {
	for folder, d := range h.open {
		if folder.Volume == at.Volume && (folder.Path == at.Path || within(at.Path, folder.Path)) {
			_ = d.Close() // it is not used any more
			delete(h.open, folder)
		}
	}
}

// craft is how steps of one verb are done: do leaves things as they were when there
// is an error; stands finds out after a crash whether a step was done, and finishes
// or rolls back what is half of it.
type craft struct {
	do     func(context.Context, *step) error
	stands func(context.Context, *step) (bool, error)
}

func (h *hands) craft(v verb) craft {
	switch v {
	case vMkdir, vSymlink:
		return craft{h.make, h.made}
	case vWrite:
		return craft{notAlone, h.written}
	case vRename:
		return craft{h.rename, h.renamed}
	case vTrash:
		return craft{h.trash, h.trashed}
	case vRestore:
		return craft{h.restore, h.restored}
	case vRemove:
		return craft{h.remove, h.removed}
	case vRmdir:
		return craft{h.rmdir, h.rmdirred}
	case vMeta:
		return craft{h.meta, h.changed}
	case vDestroy:
		return craft{h.destroyThere, h.destroyed}
	case vExtract:
		return craft{h.extract, h.extracted}
	}
	return craft{notKnown, func(ctx context.Context, st *step) (bool, error) { return false, notKnown(ctx, st) }}
}

// notAlone: files are written together, see writes.
func notAlone(context.Context, *step) error {
	return errs.New(errs.Internal, "a file cannot be written by itself")
}

func notKnown(_ context.Context, st *step) error {
	return errs.New(errs.Internal, "the journal holds a step of kind %q, which this version does not know", st.Verb)
}

// look examines what stands at a place; ok is false if nothing does.
func (h *hands) look(ctx context.Context, at catalog.Spot) (is vfs.Entry, ok bool, err error) {
	d, name, err := h.in(ctx, at)
	if err == nil {
		is, err = d.Stat(ctx, name)
	}
	if errs.Is(err, errs.NotFound) {
		return is, false, nil
	}
	return is, err == nil, err
}
