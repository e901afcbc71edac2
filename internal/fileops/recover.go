package fileops

import (
	"context"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/fileops/trash"
	"github.com/stardrive/stardrive/internal/vfs"
)

// recover reads the journal: it remembers what is done, and brings to an end what
// a process that died was doing. What stands on the disk decides, by identity:
// each step is finished, or nothing is left of it. It may be cut off itself.
func (e *running) recover(ctx context.Context) error {
	return e.r.Journal(ctx, func(b action.Batch) error {
		var steps []*step
		if err := b.Steps(&steps); err != nil {
			return err
		}
		if !b.Open {
			for _, st := range steps {
				e.note(st)
				e.leftOut(ctx, st)
				e.progress.Done++
			}
			return nil
		}
		h := e.hands()
		defer h.close()
		h.stage = func() error { return e.r.Stage(context.WithoutCancel(ctx), b.N, steps, len(steps)) }
		if err := h.unmakeAll(ctx, steps); err != nil {
			return err
		}
		var done []*step
		for _, st := range steps {
			was, err := h.stands(ctx, st)
			if err != nil {
				return err
			}
			if n := len(done); !was && n > 0 && done[n-1].yieldsTo(st) && h.giveBack(ctx, done[n-1]) {
				done = done[:n-1]
			}
			if was {
				done = append(done, st)
				continue
			}
			if st.err == nil {
				st.err = errs.New(errs.Conflict, "when this was cut off, something stood here under the name %q, and it is not what it was", st.Temp).Try("Look at it, and give it a name.")
				if h.leftover(ctx, st) == nil {
					st.err = nil
				}
			}
			if st.err != nil {
				e.fail(ctx, st)
			}
		}
		if err := h.sync(ctx); err != nil {
			return err
		}
		return e.close(ctx, b.N, done)
	})
}

// stands finds out whether a step that was being done was done, and finishes or
// rolls back what is half of it.
func (h *hands) stands(ctx context.Context, st *step) (bool, error) {
	done, err := h.standsNow(ctx, st)
	if errs.Is(err, errs.NotFound) { // the folder itself is gone
		return false, nil
	}
	return done, err
}

func (h *hands) standsNow(ctx context.Context, st *step) (bool, error) {
	switch st.Verb {
	case vMkdir, vSymlink:
		is, ok, err := h.look(ctx, st, false)
		if err != nil || !ok || !isMade(st, is) {
			return false, err
		}
		h.touch(st.To)
		st.Is = &is
		return true, nil
	case vWrite:
		return h.written(ctx, st)
	case vRename:
		return h.renamed(ctx, st)
	case vTrash:
		return h.trashed(ctx, st)
	case vRestore:
		if is, ok, err := h.look(ctx, st, false); err != nil || !ok || !alike(*st.Seen, is) {
			return false, err
		}
		return true, h.restore(ctx, st)
	case vRemove:
		return h.removed(ctx, st)
	case vRmdir:
		_, ok, err := h.look(ctx, st, true)
		return !ok, err
	case vMeta:
		return h.dressed(ctx, st)
	case vDestroy:
		return h.destroyed(ctx, st)
	case vExtract:
		return h.extracted(ctx, st)
	}
	return false, errs.New(errs.Internal, "the journal holds a step of kind %q, which this version does not know", st.Verb)
}

// look examines what stands at From or To; ok is false if nothing does.
func (h *hands) look(ctx context.Context, st *step, from bool) (is vfs.Entry, ok bool, err error) {
	at := st.To
	if from {
		at = st.From
	}
	d, name, err := h.in(ctx, at)
	if err == nil {
		is, err = d.Stat(ctx, name)
	}
	if errs.Is(err, errs.NotFound) {
		return is, false, nil
	}
	return is, err == nil, err
}

// alike is same, but for folders, in which something may have changed meanwhile.
func alike(a, b vfs.Entry) bool {
	return same(a, b) || a.Kind == vfs.Folder && b.Kind == vfs.Folder && a.Inode == b.Inode && a.Inode != 0
}

func (h *hands) written(ctx context.Context, st *step) (bool, error) {
	into, name, err := h.in(ctx, st.To)
	if err != nil {
		return false, err
	}
	h.touch(st.To)      // what is removed must not come back with a power cut
	if st.Made == nil { // it was never placed
		err := h.w.s.copier.Discard(ctx, into, st.Temp, vfs.Entry{})
		if errs.Is(err, errs.Conflict) {
			err = nil // not ours
		}
		return false, err
	}
	placed, ok, err := h.w.s.copier.Settle(ctx, into, name, st.Temp, st.Over, *st.Made)
	if err != nil || !ok {
		return false, err
	}
	h.touch(st.To)
	st.Is = &placed.Is
	if placed.Out == nil {
		return true, nil // what gave way is in the trash already, or there was nothing
	}
	v, err := h.w.writable(ctx, st.To.Volume)
	if err != nil {
		return false, err
	}
	if err := h.ownSlot(ctx, v, st); err != nil {
		return false, err
	}
	_, err = h.intoTrash(ctx, v, into, st.Temp, *placed.Out, st.To.Path, st.Slot, false)
	return err == nil, err
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

func (h *hands) renamed(ctx context.Context, st *step) (bool, error) {
	is, ok, err := h.look(ctx, st, false)
	if err != nil {
		return false, err
	}
	_, name := st.To.In()
	if ok && alike(*st.Seen, is) && (st.Seen.Inode != 0 || is.Kind != vfs.Folder) {
		there, still, err := h.look(ctx, st, true)
		if err != nil {
			return false, err
		}
		if !still || !alike(*st.Seen, there) || is.Name == name && there.Name != name && is.Links <= 1 {
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

// removed ends a removal only while the copy is what was verified; else the
// original gets its name back.
func (h *hands) removed(ctx context.Context, st *step) (bool, error) {
	from, name, err := h.in(ctx, st.From)
	if err != nil {
		return false, err
	}
	_, err = from.Stat(ctx, st.Temp)
	if errs.Is(err, errs.NotFound) { // it was not begun, or it is done
		_, ok, err := h.look(ctx, st, true)
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

func ignore(err error, kind errs.Kind) error {
	if errs.Is(err, kind) {
		return nil
	}
	return err
}

func (h *hands) trashed(ctx context.Context, st *step) (bool, error) {
	v, err := h.w.writable(ctx, st.From.Volume)
	if err != nil || v.bin == nil || st.Slot == nil {
		return false, err
	}
	it, err := v.bin.Stat(ctx, *st.Slot)
	if err == nil && it.Orphan != "info" && alike(*st.Seen, it.Is) {
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

func (h *hands) dressed(ctx context.Context, st *step) (bool, error) {
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

// destroyed goes on with what was being destroyed.
func (h *hands) destroyed(ctx context.Context, st *step) (bool, error) {
	if st.Slot == nil {
		// The first thing is another name: what still bears its own was not begun.
		if is, ok, err := h.look(ctx, st, true); err != nil || ok && alike(*st.Seen, is) {
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

// temp is a private name, where the thing itself needs one.
func temp() string { return copier.TempName() }
