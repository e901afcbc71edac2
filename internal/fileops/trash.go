package fileops

import (
	"context"
	"errors"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/trash"
	"github.com/stardrive/stardrive/internal/vfs"
)

// propose finds slots in the trash for the steps that need one.
func (e *running) propose(ctx context.Context, steps []*step) {
	for _, st := range steps {
		at := st.From
		if st.Verb == vWrite && st.Over != nil {
			at = st.To
		} else if st.Verb != vTrash {
			continue
		}
		v, err := e.withBin(ctx, at.Volume)
		if err == nil {
			_, name := at.In()
			slot, failed := v.bin.Propose(ctx, name)
			st.Slot, err = &slot, failed
		}
		st.err = err
	}
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
	v, err := h.w.withBin(ctx, st.From.Volume)
	if err != nil {
		return err
	}
	d, name, err := h.in(ctx, st.From)
	if err != nil {
		return err
	}
	if _, err := expect(ctx, d, name, *st.Seen); err != nil {
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
	if is, err := d.Stat(ctx, name); err == nil && same(seen, is) {
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
	v, err := h.w.withBin(ctx, st.From.Volume)
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
	v, err := h.w.withBin(ctx, st.To.Volume)
	if err != nil {
		return err
	}
	d, name, err := h.in(ctx, st.To)
	if err != nil {
		return err
	}
	seen := *st.Seen
	if it, err := v.bin.Stat(ctx, *st.Slot); err == nil && same(seen, it.Is) {
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

// restored ends what has come back.
func (h *hands) restored(ctx context.Context, st *step) (bool, error) {
	if is, ok, err := h.look(ctx, st.To); err != nil || !ok || !same(*st.Seen, is) {
		return false, err
	}
	return true, h.restore(ctx, st)
}

func (h *hands) trashed(ctx context.Context, st *step) (bool, error) {
	v, err := h.w.writable(ctx, st.From.Volume)
	if err != nil || v.bin == nil || st.Slot == nil {
		return false, err
	}
	it, err := v.bin.Stat(ctx, *st.Slot)
	if err == nil && it.Orphan != "info" && same(*st.Seen, it.Is) {
		h.touch(st.From)
		h.bins[v] = true
		st.Is = &it.Is
		return true, nil
	}
	if err == nil && it.Orphan == "info" && it.Was == st.From.Path {
		_, err = v.bin.Cancel(ctx, *st.Slot)
	}
	return false, ignore(err, errs.NotFound)
}

// ownSlot gives up what was reserved for what a write replaced; a slot that
// another program took meanwhile is left to it, and the step gets another.
func (h *hands) ownSlot(ctx context.Context, v *volume, st *step) error {
	it, err := v.bin.Stat(ctx, *st.Slot)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err == nil && it.Orphan == trash.InfoOnly && it.Was == st.To.Path {
		full, err := v.bin.Cancel(ctx, *st.Slot)
		if err != nil || !full {
			return err
		}
	}
	if err != nil {
		return err
	}
	_, name := st.To.In()
	slot, err := v.bin.Propose(ctx, name)
	if err != nil {
		return err
	}
	st.Slot = &slot
	return h.stage()
}
