package fileops

import (
	"context"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/vfs"
)

// fail tells why a step was not done.
func (e *running) fail(ctx context.Context, st *step) {
	e.failAt(ctx, st.Item, st.place(), st.err)
}

func (e *running) failAt(ctx context.Context, item int64, at catalog.Spot, err error) {
	e.r.Fail(item, e.address(ctx, at), &errs.Error{Kind: errs.KindOf(err), Remedy: errs.RemedyOf(err), Err: copier.Bare(err)})
}

func (e *running) address(ctx context.Context, at catalog.Spot) string {
	v, err := e.volume(ctx, at.Volume)
	if err != nil {
		return at.Path
	}
	return v.address(at.Path)
}

// errSkipped: the user had it left out while it was copied.
var errSkipped = errs.New(errs.Conflict, "left out, as it was asked for while it was copied")

// asked ends the writing of a file that is to be left out.
func (e *running) asked(w *writing) error {
	if e.r.Skipped(w.at) {
		return errSkipped
	}
	return nil
}

// shower tells how far a batch has come.
func (e *running) shower(ready []*writing) func(int, int64, int64) {
	p := e.progress
	var mu sync.Mutex
	of, all := make([]int64, len(ready)), int64(0)
	return func(i int, written, _ int64) {
		mu.Lock()
		defer mu.Unlock()
		all, of[i] = all+written-of[i], written
		q := p
		q.Bytes += all
		_, q.Current = ready[i].st.To.In()
		q.Left = e.toGo(all)
		e.r.Show(q, ready[i].at)
	}
}

// toGo is how long the rest takes, when so many bytes of what waits are written.
func (e *running) toGo(written int64) time.Duration {
	if e.pacing == nil {
		return 0
	}
	sum := e.r.Plan().Summary
	return e.pacing.left(sum.Files, sum.Write, written)
}

// deedsOf tells the catalogue's words for what was done.
func deedsOf(done []*step) (deeds []catalog.Deed) {
	for _, st := range done {
		d := catalog.Deed{From: st.From, To: st.To, Hash: st.Hash}
		if st.Is != nil {
			d.Is = *st.Is
		}
		inTrash := catalog.Spot{}
		if st.Slot != nil {
			volume := st.From.Volume
			if volume == "" || st.Verb == vWrite {
				volume = st.To.Volume
			}
			inTrash = catalog.Spot{Volume: volume, Path: inBin(*st.Slot)}
		}
		switch st.Verb {
		case vMkdir, vSymlink, vExtract:
			if d.From = (catalog.Spot{}); st.Was != nil { // it comes back to where it was moved from, and is what it was
				d.From = *st.Was
			}
		case vWrite:
			if st.For != nil { // it comes back to where it was moved from, and is what it was
				break
			}
			if st.Over != nil {
				deeds = append(deeds, catalog.Deed{From: st.To, To: inTrash, Is: *st.Over})
			}
			if d.From = (catalog.Spot{}); st.Moving {
				continue // it is told of when its source is gone
			}
		case vTrash:
			d.To = inTrash
		case vRestore:
			d.From = inTrash
		case vMeta:
			d.From = st.To
			for _, name := range st.Also {
				deeds = append(deeds, catalog.Deed{From: name, To: name, Is: d.Is})
			}
		case vRmdir, vDestroy:
			if st.Verb == vRmdir && st.Is != nil { // its copy is what it was
				break
			}
			d.To, d.Is = catalog.Spot{}, vfs.Entry{}
			if st.Slot != nil {
				d.From = inTrash
			}
		case vRename, vRemove:
		}
		deeds = append(deeds, d)
	}
	return deeds
}

func foldersOf(done []*step) (all []catalog.Spot) {
	seen := map[catalog.Spot]bool{}
	for _, st := range done {
		for _, at := range []catalog.Spot{st.From, st.To} {
			if folder, _ := at.In(); at.Volume != "" && !seen[folder] {
				seen[folder] = true
				all = append(all, folder)
			}
		}
	}
	return all
}
