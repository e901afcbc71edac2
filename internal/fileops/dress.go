package fileops

import (
	"context"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Folders get the times and rights of those that they are copies of when they are
// full, since filling them changes their times.

// dress gives the folder that a step made these parts of m, if it still is that
// folder, and syncs it. It returns what the volume lost though it keeps such things.
func (e *running) dress(ctx context.Context, st *step, m *vfs.Meta, parts vfs.Parts) (now *vfs.Entry, lost vfs.Parts, err error) {
	h := e.hands()
	defer h.close()
	ctx = context.WithoutCancel(ctx)
	v, err := e.writable(ctx, st.To.Volume)
	if err != nil {
		return nil, 0, err
	}
	d, name, err := h.in(ctx, st.To)
	if err != nil {
		return nil, 0, err
	}
	own, err := d.Sub(ctx, name) // its rights may not let it be opened afterwards
	if err != nil {
		return nil, 0, err
	}
	defer own.Close()
	is, err := own.Self(ctx)
	if err == nil && (st.Is == nil || !same(*st.Is, is)) {
		err = errs.New(errs.NotFound, "another folder stands there by now")
	}
	if err != nil {
		return nil, 0, err
	}
	lost, err = d.SetMeta(ctx, name, m, parts)
	if err == nil {
		err = own.Sync(ctx)
	}
	if is, failed := d.Stat(ctx, name); failed == nil {
		now = &is
		e.dressed = append(e.dressed, catalog.Deed{From: st.To, To: st.To, Is: is})
	}
	return now, v.missed(lost), err
}

// dressLeft dresses the folders that are full. What is in them is done.
func (e *running) dressLeft(ctx context.Context) {
	left := e.left
	e.left = nil
	for _, st := range left {
		_, lost, err := e.dress(ctx, st, st.New, st.Parts)
		at := e.address(ctx, st.To)
		if err == nil {
			delete(e.made, st.key())
		}
		switch {
		case errs.Is(err, errs.NotFound):
			e.r.Skip(st.Item, at, "the folder is not there any more, or another: its times and rights were not set")
		case err != nil: // see unclose
			e.failAt(ctx, st.Item, st.To, err)
		case lost != 0:
			e.r.Skip(st.Item, at, "copied without its "+partNames(lost)+", which the volume could not keep")
		}
	}
}

// dressMoved dresses the copy of a folder that is about to go; it must be whole.
func (e *running) dressMoved(ctx context.Context, st *step) (*vfs.Entry, error) {
	is, lost, err := e.dress(ctx, st, st.New, st.Parts)
	if err == nil && lost != 0 {
		err = notKept(lost)
	}
	if err == nil {
		delete(e.made, st.key())
	}
	return is, err
}

// unclose ends a run that did not come to its end: the folders that are not full are
// still closed to all others. Nobody may go on with the plan, so they get their
// rights now, but for those of the owner, who must be able to fill or remove them.
func (e *running) unclose(ctx context.Context) {
	for _, st := range e.made {
		v, err := e.volume(ctx, st.To.Volume)
		if err != nil {
			continue
		}
		is, err := v.Driver.Stat(ctx, st.To.Path)
		mode := st.New.Mode | privateMode
		if err != nil || is.Mode != privateMode || mode == privateMode || st.Parts&vfs.PartMode == 0 {
			continue
		}
		if _, _, err := e.dress(ctx, st, &vfs.Meta{Mode: mode}, vfs.PartMode); err != nil {
			e.s.log.Warn("A folder that is not full stays closed to others", "path", v.address(st.To.Path), "error", err)
		}
	}
}

// tellDressed tells the catalogue of the folders that were dressed since the last batch.
func (e *running) tellDressed(ctx context.Context) {
	deeds := e.dressed
	e.dressed = nil
	if len(deeds) == 0 {
		return
	}
	write, err := e.s.known.Take(ctx, deeds)
	if err == nil {
		err = e.r.Note(write)
	}
	if err != nil && ctx.Err() == nil {
		e.s.log.Warn("The catalogue was not told of the rights and times of folders", "error", err)
	}
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
