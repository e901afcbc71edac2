package index

import (
	"context"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/vfs"
)

// verifyKind names the job that compares a location with its disk, lists every
// difference as a warning, and changes nothing.
const verifyKind = "index.verify"

// fixKind names the scan that compares row by row, and lists what it changes.
const fixKind = "index.fix"

// VerifyIn names a location to compare with its disk.
type VerifyIn struct {
	Location      string `json:"location" cli:"1" jsonschema:"the location's name, id or path"`
	Fix           bool   `json:"fix,omitempty" jsonschema:"make the index equal to the disk; the differences are told as well"`
	AcceptMissing int64  `json:"accept_missing,omitempty" jsonschema:"with fix: so many entries may be gone" min:"0"`
}

// startVerify queues the comparison of a location, or its repair, unless one
// waits or runs.
func (s *Service) startVerify(ctx context.Context, id ident.LocationID, fix bool) (snap job.Snapshot, err error) {
	kind, does := verifyKind, "Verify"
	if fix {
		kind, does = fixKind, "Repair the index of"
	}
	var jobID ident.JobID
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		l, err := tx.Location(id)
		if err != nil {
			return err
		}
		jobID, err = s.jobs.EnqueueIn(tx.Store(), kind, scanArgs{Location: id, Fix: fix}, queueing(kind, l, does))
		return err
	})
	if err != nil {
		return snap, err
	}
	return s.jobs.Get(ctx, jobID)
}

// verify is a scan whose batches are told instead of written. It begins anew
// after a crash: its one checkpoint is its end.
func (s *Service) verify(ctx context.Context, run job.Run, args scanArgs, _ int64, checkpoint job.Checkpoint[int64]) error {
	p, unlock, err := s.pass(ctx, args, run)
	if p == nil {
		return err
	}
	defer unlock()
	loc, vol, driver := p.loc, p.vol, p.driver
	roots, total, err := p.roots(ctx, scanCursor{})
	if err != nil {
		return err
	}
	if len(roots) == 0 {
		return errs.New(errs.Unavailable, "the location's folder was seen gone").Try("Look for changes in the location first.")
	}
	if err := provenRoot(ctx, driver, roots[0].path); err != nil {
		return err
	}
	places, err := s.places(ctx, vol.ID)
	if err != nil {
		return err
	}
	ground := s.Volumes.Ground(vol)
	different := 0
	tell := func(path string, err error) { different++; run.Warn(ground.SdPath(path).String(), err) }
	w := &walk{
		catalog: s.Catalog, driver: driver, volume: vol.ID, workers: s.workers(loc, vol), batch: s.Batch, log: s.Log, deep: true, rows: true, once: true, scope: s.scope(places, driver), warn: tell,
		gone: func(ids []ident.EntryID, _ bool) ([]ident.EntryID, error) { return ids, nil },
		flush: func(b *catalog.Batch, _ left, c counts, _ string) error {
			run.Progress(job.Progress{Done: c.Seen, Total: total})
			return s.Catalog.Read(ctx, func(r *catalog.Reader) error { return differences(r, b, tell) })
		},
	}
	c, err := w.run(ctx, start{roots: roots})
	if err != nil {
		return err
	}
	if different == 0 && c.Errors == 0 && total > 0 && c.Seen != total {
		tell(roots[0].path, errs.New(errs.Internal, "the totals say %d entries, and there are %d", total, c.Seen))
	}
	return checkpoint(1, job.Progress{Done: c.Seen, Total: c.Seen}, nil)
}

// differences tells what a batch would change. What is below a folder that the
// index does not know goes without saying.
func differences(r *catalog.Reader, b *catalog.Batch, tell func(path string, err error)) error {
	for i := range b.Create {
		dir, err := r.FolderPath(b.Create[i].Parent)
		if err == nil {
			tell(vfs.Join(dir, b.Create[i].Name), errs.New(errs.Conflict, "is on the disk and not in the index"))
		} else if !errs.Is(err, errs.NotFound) {
			return err
		}
	}
	moved := make([]ident.EntryID, len(b.Move))
	for i := range b.Move {
		moved[i] = b.Move[i].ID
	}
	for what, ids := range map[string][]ident.EntryID{
		"is in the index and not on the disk": b.Absent, "is elsewhere on the disk than in the index": moved,
		"is in the index and the rules leave it out": b.Excluded,
	} {
		es, err := r.EntriesByID(ids)
		if err != nil {
			return err
		}
		if err := tellAll(r, es, what, tell); err != nil {
			return err
		}
	}
	return tellAll(r, b.Update, "is otherwise on the disk than in the index", tell)
}

func tellAll(r *catalog.Reader, es []catalog.Entry, what string, tell func(path string, err error)) error {
	for i := range es {
		path, err := r.Path(&es[i])
		if err != nil {
			return err
		}
		tell(path, errs.New(errs.Conflict, "%s", what))
	}
	return nil
}

// tell warns of what a batch of a repair will change.
func (p *pass) tell(ctx context.Context, b *catalog.Batch) error {
	ground := p.s.Volumes.Ground(p.vol)
	return p.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		return differences(r, b, func(path string, err error) { p.run.Warn(ground.SdPath(path).String(), err) })
	})
}
