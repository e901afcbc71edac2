package fileops

import (
	"context"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Folders get the times and rights of those that they are copies of when they are
// full, since filling them changes their times.

// dress gives the folder that a step made what it is to carry, if it still is that
// folder, and syncs it. It returns what the volume lost though it keeps such things.
func (h *hands) dress(ctx context.Context, st *step) (lost vfs.Parts, err error) {
	v, err := h.w.writable(ctx, st.To.Volume)
	if err != nil {
		return 0, err
	}
	d, name, err := h.in(ctx, st.To)
	if err != nil {
		return 0, err
	}
	own, err := d.Sub(ctx, name) // its rights may not let it be opened afterwards
	if err != nil {
		return 0, err
	}
	defer own.Close()
	is, err := own.Self(ctx)
	if err == nil && (st.Is == nil || !same(*st.Is, is)) {
		err = errs.New(errs.Conflict, "another folder stands there by now")
	}
	if err == nil {
		lost, err = d.SetMeta(ctx, name, st.New, st.Parts)
	}
	if err == nil {
		err = own.Sync(ctx)
	}
	return v.missed(lost), err
}

// dressLeft dresses the folders that are full. What is in them is done.
func (e *running) dressLeft(ctx context.Context) {
	left := e.left
	e.left = nil
	h := e.hands()
	defer h.close()
	for _, st := range left {
		delete(e.made, st.key())
		lost, err := h.dress(context.WithoutCancel(ctx), st)
		h.close()
		at := e.address(ctx, st.To)
		switch {
		case errs.Is(err, errs.NotFound) || errs.Is(err, errs.Conflict):
			e.r.Skip(st.Item, at, "the folder is not there any more, or another: its times and rights were not set")
		case err != nil:
			e.failAt(ctx, st.Item, st.To, err)
		case lost != 0:
			e.r.Skip(st.Item, at, "copied without its "+partNames(lost)+", which the volume could not keep")
		}
	}
}

// dressMoved dresses the copy of a folder that is about to go; it must be whole.
func (e *running) dressMoved(ctx context.Context, st *step) error {
	h := e.hands()
	defer h.close()
	lost, err := h.dress(context.WithoutCancel(ctx), st)
	if err == nil && lost != 0 {
		err = notKept(lost)
	}
	if err == nil {
		delete(e.made, st.key())
	}
	return err
}

// dressAll ends the run of an undo: the folders that it made again are full.
func (e *running) dressAll(ctx context.Context) error {
	return e.r.Journal(ctx, func(b action.Batch) error {
		var steps []*step
		if err := b.Steps(&steps); err != nil {
			return err
		}
		for _, st := range steps {
			if st.Verb == vMkdir && st.New != nil && st.For != nil {
				e.left = append(e.left, st)
			}
		}
		e.dressLeft(ctx)
		return nil
	})
}

// syncOne makes what a thing carries survive a power cut: on some volumes the sync
// of its folder does not. Where it cannot be opened the whole volume is synced, as
// far as that can be.
func syncOne(ctx context.Context, d vfs.Dir, name string, kind vfs.Kind) error {
	if kind == vfs.Folder {
		if own, err := d.Sub(ctx, name); err == nil {
			defer own.Close()
			return own.Sync(ctx)
		}
	}
	if kind == vfs.File {
		if f, err := d.Write(ctx, name); err == nil {
			defer f.Close()
			return f.Sync()
		}
	}
	return ignore(d.SyncAll(ctx), errs.Unsupported)
}
