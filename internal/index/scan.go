package index

import (
	"context"
	"slices"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// scanKind names the job that walks a whole location.
const scanKind = "index.scan"

type scanArgs struct {
	Location ident.LocationID `json:"location"`
}

// scanCursor is how far a scan came: the folders left to list, and what it met.
type scanCursor struct {
	Begun bool   `json:"begun"`
	Total int64  `json:"total"` // entries when it began; 0: never scanned to the end
	Left  []span `json:"left"`
	counts
}

// JobDefs are the kinds of jobs that s runs.
func (s *Service) JobDefs() []job.Def {
	return []job.Def{
		job.New(scanKind, "Index", job.Do("walk", s.scan)),
		job.New(forgetKind, "Forget", job.Do("delete", s.forget)),
		job.New(verifyKind, "Verify", job.Do("compare", s.verify)),
	}
}

// scan walks a location and makes the catalogue equal to it. A checkpoint
// stores which folders are left, in the same transaction as the entries of
// those that are done.
func (s *Service) scan(ctx context.Context, run job.Run, args scanArgs, from scanCursor, checkpoint job.Checkpoint[scanCursor]) error {
	loc, vol, err := s.location(ctx, args.Location)
	if errs.Is(err, errs.NotFound) {
		return nil // removed meanwhile
	}
	if err != nil {
		return err
	}
	unlock, err := s.lock(ctx, vol.ID)
	if err != nil {
		return err
	}
	defer unlock()
	driver, err := s.Volumes.Driver(ctx, vol.Identity)
	if err != nil {
		return err
	}
	roots, total, err := s.roots(ctx, loc, from)
	if err != nil {
		return err
	}
	if !from.Begun {
		if err := s.provenRoot(ctx, driver, roots[0].path); err != nil {
			return err
		}
		if err := s.setLocation(ctx, loc.ID, func(l *catalog.Location) { l.State, l.Job = catalog.Indexing, run.JobID() }); err != nil {
			return err
		}
	}
	if from.Begun {
		total = from.Total
	}
	ground := s.Volumes.Ground(vol)
	w := &walk{
		catalog: s.Catalog, driver: driver, volume: vol.ID, workers: s.Workers, batchSize: s.Batch, deep: true,
		before: s.watcher.during(loc.ID, ground, true),
		warn:   func(path string, err error) { run.Warn(ground.SdPath(path).String(), err) },
		flush: func(b *catalog.Batch, left []ident.EntryID, c counts, current string) error {
			p := job.Progress{Done: c.Seen, Total: max(total, c.Seen), Current: ground.SdPath(current).String()}
			if total == 0 {
				p.Total = 0
			}
			return checkpoint(scanCursor{true, total, spans(left), c}, p, func(tx *store.Tx) error { return s.Catalog.In(tx).Apply(b) })
		},
	}
	s.watcher.begin(loc.ID, !from.Begun)
	c, err := w.run(ctx, roots, from.counts)
	if err != nil {
		return err
	}
	return s.setLocation(ctx, loc.ID, func(l *catalog.Location) {
		l.State, l.Skipped, l.Errors, l.Indexed = catalog.Ready, c.Skipped, c.Errors, time.Now()
		if c.Errors > 0 {
			l.State = catalog.Incomplete
		}
	})
}

// provenRoot makes sure that the location's folder is there to be listed: a
// scan that begins anywhere else could only do harm.
func (s *Service) provenRoot(ctx context.Context, d vfs.Driver, path string) error {
	e, err := d.Stat(ctx, path)
	switch {
	case errs.Is(err, errs.NotFound):
		return errs.New(errs.Unavailable, "the location's folder is not there").At(path).
			Try("Bring it back, or remove the location. Nothing in the library was changed.")
	case err != nil:
		return err
	case e.Kind != vfs.Folder:
		return errs.New(errs.Unavailable, "the location is not a folder any more").At(path).
			Try("Bring the folder back, or remove the location. Nothing in the library was changed.")
	}
	return nil
}

// roots returns the folders from which the scan goes on, and how many entries
// the location had when it was last complete.
func (s *Service) roots(ctx context.Context, loc catalog.Location, from scanCursor) (roots []folderToList, total int64, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		top, err := r.Entry(loc.Entry)
		if err != nil {
			return err
		}
		if !loc.Indexed.IsZero() {
			total = top.Totals.Files + top.Totals.Folders
		}
		left := from.Left
		if !from.Begun {
			left = []span{{loc.Entry, loc.Entry}}
		}
		for id := range func(yield func(ident.EntryID) bool) { each(left, yield) } {
			path, err := r.FolderPath(id)
			if errs.Is(err, errs.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			roots = append(roots, folderToList{id: id, path: path, self: id == loc.Entry})
		}
		return nil
	})
	return roots, total, err
}

func (s *Service) location(ctx context.Context, id ident.LocationID) (l catalog.Location, v catalog.Volume, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		if l, err = r.Location(id); err != nil {
			return err
		}
		v, err = r.Volume(l.Volume)
		return err
	})
	return l, v, err
}

func (s *Service) setLocation(ctx context.Context, id ident.LocationID, change func(*catalog.Location)) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		l, err := tx.Location(id)
		if err != nil {
			return err
		}
		change(&l)
		return tx.SetLocation(l)
	})
}

// forgetKind names the job that deletes the entries of a removed location.
const forgetKind = "index.forget"

type forgetArgs struct {
	Volume ident.VolumeID `json:"volume"`
	Top    ident.EntryID  `json:"top"`
}

// forget deletes what is below a removed location, except what other locations
// hold. It has no cursor: what is gone is gone.
func (s *Service) forget(ctx context.Context, _ job.Run, args forgetArgs, n int64, checkpoint job.Checkpoint[int64]) error {
	unlock, err := s.lock(ctx, args.Volume)
	if err != nil {
		return err
	}
	defer unlock()
	const limit = 5000
	for done := false; !done; {
		n += limit
		err := checkpoint(n, job.Progress{Done: n}, func(stx *store.Tx) error {
			tx := s.Catalog.In(stx)
			keep, err := locationEntries(&tx.Reader)
			if err != nil {
				return err
			}
			_, done, err = tx.Forget(args.Top, keep, limit)
			if errs.Is(err, errs.NotFound) {
				done, err = true, nil
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func locationEntries(r *catalog.Reader) (map[ident.EntryID]bool, error) {
	ls, err := r.Locations()
	m := map[ident.EntryID]bool{}
	for _, l := range ls {
		m[l.Entry] = true
	}
	return m, err
}

// verifyKind names the job that compares a location with its disk, lists every
// difference as a warning, and changes nothing.
const verifyKind = "index.verify"

// verify is a scan whose batches are told instead of written. It begins anew
// after a crash: its one checkpoint is its end.
func (s *Service) verify(ctx context.Context, run job.Run, args scanArgs, _ int64, checkpoint job.Checkpoint[int64]) error {
	loc, vol, err := s.location(ctx, args.Location)
	if err != nil {
		return err
	}
	unlock, err := s.lock(ctx, vol.ID)
	if err != nil {
		return err
	}
	defer unlock()
	driver, err := s.Volumes.Driver(ctx, vol.Identity)
	if err != nil {
		return err
	}
	roots, total, err := s.roots(ctx, loc, scanCursor{})
	if err != nil {
		return err
	}
	ground := s.Volumes.Ground(vol)
	tell := func(path string, err error) { run.Warn(ground.SdPath(path).String(), err) }
	w := &walk{
		catalog: s.Catalog, driver: driver, volume: vol.ID, workers: s.Workers, batchSize: s.Batch, deep: true, warn: tell,
		flush: func(b *catalog.Batch, _ []ident.EntryID, c counts, _ string) error {
			run.Progress(job.Progress{Done: c.Seen, Total: total})
			return s.Catalog.Read(ctx, func(r *catalog.Reader) error { return differences(r, b, tell) })
		},
	}
	c, err := w.run(ctx, roots, counts{})
	if err != nil {
		return err
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
	gone, err := r.EntriesByID(b.Absent)
	for _, e := range append(gone, b.Update...) {
		path, perr := r.Path(&e)
		if err == nil {
			err = perr
		}
		what := errs.New(errs.Conflict, "is otherwise on the disk than in the index")
		if slices.Contains(b.Absent, e.ID) {
			what = errs.New(errs.Conflict, "is in the index and not on the disk")
		}
		tell(path, what)
	}
	return err
}
