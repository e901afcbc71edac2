package fileops

import (
	"context"
	"errors"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/fileops/trash"
	"github.com/stardrive/stardrive/internal/vfs"
)

// A batch is paid for once: two commits to the journal, one sync a folder.
const (
	batchSteps = 256
	batchBytes = 64 << 20
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
	return d, err
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

// do does one step that is in the journal. It is left as it was when there is an
// error. Writes are done together, see writeAll.
func (h *hands) do(ctx context.Context, st *step) error {
	switch st.Verb {
	case vMkdir, vSymlink:
		return h.make(ctx, st)
	case vRename:
		return h.rename(ctx, st)
	case vTrash:
		return h.trash(ctx, st)
	case vRestore:
		return h.restore(ctx, st)
	case vRemove:
		return h.remove(ctx, st)
	case vRmdir:
		return h.rmdir(ctx, st)
	case vMeta:
		return h.meta(ctx, st)
	case vDestroy:
		return h.destroy(ctx, st)
	case vExtract:
		return h.extract(ctx, st)
	case vWrite:
	}
	return errs.New(errs.Internal, "a step of kind %q cannot be done by itself", st.Verb)
}

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
	if err := expect(ctx, from, name, st.Seen); err != nil {
		return err
	}
	if err := from.Rename(ctx, name, to, toName, vfs.NoReplace); err != nil {
		if !errs.Is(err, errs.Conflict) || !h.onlyCase(ctx, st, to, toName) {
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
// letters, on a volume for which these are the same.
func (h *hands) onlyCase(ctx context.Context, st *step, to vfs.Dir, name string) bool {
	there, err := to.Stat(ctx, name)
	return err == nil && there.Inode != 0 && there.Inode == st.Seen.Inode && same(*st.Seen, there) && st.Temp != "" && there.Links <= 1 || err == nil && there.Kind == vfs.Folder && there.Inode != 0 && there.Inode == st.Seen.Inode && st.Temp != ""
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

// expect reports as errs.Conflict that name is not what was seen.
func expect(ctx context.Context, d vfs.Dir, name string, seen *vfs.Entry) error {
	is, err := d.Stat(ctx, name)
	if err != nil {
		return err
	}
	if seen != nil && !alike(*seen, is) {
		return changed()
	}
	return nil
}

func changed() error {
	return errs.New(errs.Conflict, "it was changed since the plan was made").Try("Make the plan again.")
}

// reserve notes in the trash where the things of a batch stood, all before the
// first of them is moved: whoever finds them there can tell.
func (h *hands) reserve(ctx context.Context, steps []*step) {
	for _, st := range steps {
		if st.Verb != vTrash || st.err != nil {
			continue
		}
		v, err := h.w.writable(ctx, st.From.Volume)
		if err == nil {
			err = v.bin.Reserve(ctx, *st.Slot, st.From.Path, h.w.s.now())
		}
		if st.err = err; err == nil {
			st.reserved, h.bins[v] = true, true
		}
	}
	for v := range h.bins {
		if err := v.bin.Sync(ctx); err != nil {
			h.w.s.log.Warn("The trash could not be synced", "error", err) // it is tried again before anything is told to be done
		}
	}
}

// unreserve gives up the slot of a step that was not done.
func (h *hands) unreserve(ctx context.Context, st *step) {
	if !st.reserved {
		return
	}
	v, err := h.w.writable(ctx, st.From.Volume)
	if err == nil {
		_, err = v.bin.Cancel(ctx, *st.Slot)
	}
	if ignore(err, errs.NotFound) != nil {
		h.w.s.log.Warn("A note of the trash was left", "error", err)
	}
}

func (h *hands) trash(ctx context.Context, st *step) error {
	v, err := h.w.writable(ctx, st.From.Volume)
	if err != nil {
		return err
	}
	if v.bin == nil {
		return v.noBin
	}
	d, name, err := h.in(ctx, st.From)
	if err != nil {
		return err
	}
	if err := expect(ctx, d, name, st.Seen); err != nil {
		return err
	}
	if st.Files > 0 { // a folder that an archive was unpacked into: only if nothing was added
		sum, err := h.w.walked(ctx, &source{v: v, path: st.From.Path, is: *st.Seen})
		if err == nil && (sum.Files != st.Files || sum.Bytes != st.Bytes) {
			err = changed()
		}
		if err != nil {
			return err
		}
	}
	is, err := h.intoTrash(ctx, v, d, name, *st.Seen, st.From.Path, st.Slot, st.reserved)
	if err != nil {
		return err
	}
	h.touch(st.From)
	h.forget(st.From)
	st.Is = &is
	return nil
}

// intoTrash moves name into a slot, which it reserves unless that was done.
func (h *hands) intoTrash(ctx context.Context, v *volume, d vfs.Dir, name string, seen vfs.Entry, was string, slot *trash.Slot, reserved bool) (vfs.Entry, error) {
	if !reserved {
		if err := v.bin.Reserve(ctx, *slot, was, h.w.s.now()); err != nil {
			return vfs.Entry{}, err
		}
		if err := v.bin.Sync(ctx); err != nil { // nothing comes into the trash before the note of where it stood is safe
			_, cancelled := v.bin.Cancel(ctx, *slot)
			return vfs.Entry{}, errors.Join(err, cancelled)
		}
	}
	if is, err := d.Stat(ctx, name); err == nil && alike(seen, is) {
		seen = is // what is in a folder may change: it goes as a whole, and comes back so
	}
	h.bins[v] = true
	is, err := v.bin.Put(ctx, d, name, seen, *slot)
	if err != nil {
		_, cancelled := v.bin.Cancel(ctx, *slot)
		return is, errors.Join(err, cancelled)
	}
	return is, nil
}

// yieldsTo reports whether what the step puts into the trash makes room for next.
func (st *step) yieldsTo(next *step) bool {
	return st.Yields && st.Item == next.Item && st.From == next.To
}

// giveBack brings back what gave way to a step that then was not done. If another
// has taken its name it stays in the trash, as the journal says.
func (h *hands) giveBack(ctx context.Context, st *step) bool {
	v, err := h.w.writable(ctx, st.From.Volume)
	if err == nil && v.bin == nil {
		err = v.noBin
	}
	if err != nil || st.Is == nil {
		return false
	}
	d, name, err := h.in(ctx, st.From)
	if err == nil {
		h.touch(st.From)
		_, err = v.bin.Restore(ctx, *st.Slot, *st.Is, d, name)
	}
	if err != nil {
		h.w.s.log.Warn("What gave way is in the trash, and what was to take its place did not come", "error", err)
		it, gone := v.bin.Stat(ctx, *st.Slot)
		return errs.Is(gone, errs.NotFound) || gone == nil && it.Orphan == trash.InfoOnly
	}
	st.reserved = false
	return true
}

func (h *hands) restore(ctx context.Context, st *step) error {
	v, err := h.w.writable(ctx, st.To.Volume)
	if err != nil {
		return err
	}
	if v.bin == nil {
		return v.noBin
	}
	d, name, err := h.in(ctx, st.To)
	if err != nil {
		return err
	}
	seen := *st.Seen
	if it, err := v.bin.Stat(ctx, *st.Slot); err == nil && alike(seen, it.Is) {
		seen = it.Is // its time of change is another since it was moved
	}
	is, err := v.bin.Restore(ctx, *st.Slot, seen, d, name)
	if err != nil {
		return err
	}
	h.touch(st.To)
	h.bins[v] = true
	st.Is = &is
	return nil
}

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

func (h *hands) meta(ctx context.Context, st *step) error {
	d, name, err := h.in(ctx, st.To)
	if err != nil {
		return err
	}
	if err := expect(ctx, d, name, st.Seen); err != nil {
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
	if is, err := d.Stat(ctx, name); err == nil && alike(seen, is) {
		seen = is
	}
	_, err = trash.Destroy(ctx, d, name, d, st.Temp, seen, o)
	h.touch(st.From)
	return err
}

// pieceOf is what the copier is to write for a step.
func (h *hands) pieceOf(ctx context.Context, st *step, t *task) (p copier.Piece, err error) {
	p.Into, p.Name, err = h.in(ctx, st.To)
	if err != nil {
		return p, err
	}
	p.Volume, p.Temp, p.Over, p.Keep = st.To.Volume, st.Temp, st.Over, t.Keep
	if st.From.Volume == "" {
		p.Make, p.Meta, p.MetaParts = makeEmpty, vfs.Meta{Mode: 0o644}, vfs.PartMode
		return p, nil
	}
	v, err := h.w.volume(ctx, st.From.Volume)
	if err != nil {
		return p, err
	}
	p.From, p.Path, p.Seen = v.Driver, st.From.Path, *st.Seen
	if st.Seen.Links > 1 || t.Do == once {
		// Giving or taking it another name changes its time of change, and nothing else.
		if is, err := v.Driver.Stat(ctx, st.From.Path); err == nil && same(*st.Seen, is) {
			p.Seen = is
		}
	}
	if st.Link != nil {
		if p.Link, err = h.linkOf(ctx, st); err != nil && st.LinkIs != nil {
			st.Link, st.LinkIs, st.Hash, err = nil, nil, nil, nil // somebody changed our copy: this name gets the bytes
		}
	}
	return p, err
}

// linkOf is the file of which a step makes another name, which must be what was
// seen or written there.
func (h *hands) linkOf(ctx context.Context, st *step) (*copier.Linked, error) {
	want := st.LinkIs
	if want == nil {
		want = st.Seen
	}
	d, name, err := h.in(ctx, *st.Link)
	if err != nil {
		return nil, err
	}
	is, err := d.Stat(ctx, name)
	if err == nil && !same(*want, is) {
		err = changed()
	}
	if err != nil {
		return nil, err
	}
	return &copier.Linked{Dir: d, Name: name, Is: is}, nil
}
