package index

import (
	"context"
	"slices"

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
	Fix      bool             `json:"fix,omitempty"` // trust no remembered listing, and tell every difference
}

// scanCursor is how far a pass of a scan came: the folders left to list, and
// what it met.
type scanCursor struct {
	Begun bool   `json:"begun"`
	Left  []span `json:"left"`
	Again []span `json:"again"` // of those listed, what must be listed once more at the end
	Total int64  `json:"total"` // entries of the last complete scan; 0: there was none
	counts
}

// JobDefs are the kinds of jobs that s runs.
func (s *Service) JobDefs() []job.Def {
	return []job.Def{
		job.New(scanKind, "Index", job.Do("walk", s.scan)),
		job.New(forgetKind, "Forget", job.Do("delete", s.forget)),
		job.New(verifyKind, "Verify", job.Do("compare", s.verify)),
		job.New(fixKind, "Repair the index", job.Do("walk", s.scan)),
		job.New(exportKind, "Export", job.Do("write", s.export)),
		job.New(importKind, "Import", job.Do("read", s.importFile)),
	}
}

// scan walks a location and makes the catalogue equal to it. A checkpoint
// stores which folders are left, in the same transaction as the entries of
// those that are done.
//
// What changes behind the back of a pass is told by hints, which wait until the
// scan has ended. Where there were none, or they were lost, a second pass
// follows.
func (s *Service) scan(ctx context.Context, run job.Run, args scanArgs, from scanCursor, checkpoint job.Checkpoint[scanCursor]) (err error) {
	s.due.begins(args.Location, run.JobID())
	defer func() {
		s.watcher.recounted(args.Location)
		stopped := ctx.Err() != nil && err != nil // else it came to its end first
		if !stopped {                             // consent is for one scan
			s.accept(args.Location, 0)
		}
		s.due.ends(args.Location, stopped, err != nil)
	}()
	p, unlock, err := s.pass(ctx, args, run)
	if p == nil {
		return err
	}
	defer unlock()
	defer s.walks(p.vol.ID)()
	p.checkpoint, p.fix = checkpoint, args.Fix
	if err := p.all(ctx, from); err != nil {
		return err
	}
	s.accept(p.loc.ID, 0)
	if !s.due.again(p.loc.ID) {
		return nil
	}
	return p.all(ctx, scanCursor{})
}

// pass begins a walk over a location, which has the volume for itself until unlock is
// called. nil without an error: the location was removed.
func (s *Service) pass(ctx context.Context, args scanArgs, run job.Run) (p *pass, unlock func(), err error) {
	loc, vol, err := s.location(ctx, args.Location)
	if errs.Is(err, errs.NotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if unlock, err = s.lock(ctx, vol.ID); err != nil {
		return nil, nil, err
	}
	driver, err := s.Volumes.Driver(ctx, vol.Identity)
	if err != nil {
		unlock()
		return nil, nil, err
	}
	return &pass{s: s, loc: loc, vol: vol, driver: driver, run: run}, unlock, nil
}

// pass is one walk over a location, or what is left of it.
type pass struct {
	s          *Service
	loc        catalog.Location
	vol        catalog.Volume
	driver     vfs.Driver
	run        job.Run
	checkpoint job.Checkpoint[scanCursor]
	fix        bool
	gone       int64 // entries that are missing, and may be
	held       int64 // entries that are missing and wait for the user's word
}

// all takes a pass to its end, and the location to the state that follows.
func (p *pass) all(ctx context.Context, from scanCursor) error {
	path, err := p.prepare(ctx, from)
	if errs.Is(err, errs.NotFound) {
		if _, _, e := p.s.location(ctx, p.loc.ID); errs.Is(e, errs.NotFound) {
			return nil // removed meanwhile
		}
	}
	if err != nil {
		return err
	}
	c, err := p.walk(ctx, from, path)
	if ctx.Err() != nil {
		return ctx.Err() // it goes on later, or was cancelled
	}
	if p.s.Walked != nil {
		p.s.Walked(c.Seen)
	}
	e := p.s.setLocation(ctx, p.loc.ID, func(l *catalog.Location) {
		l.State, l.Skipped, l.Errors, l.Missing = catalog.Ready, c.Skipped, c.Errors, p.held
		switch {
		case p.held > 0:
			l.State = catalog.Held
		case c.Errors > 0 || err != nil:
			l.State = catalog.Incomplete
		}
		if err == nil {
			l.Indexed = p.s.Clock.Now()
		}
	})
	if errs.Is(e, errs.NotFound) || err != nil {
		return err // the location was removed meanwhile, or the walk failed
	}
	return e
}

// prepare makes sure that the location's folder is there to be listed, and that
// the catalogue has it at its place. It returns its path.
func (p *pass) prepare(ctx context.Context, from scanCursor) (path string, err error) {
	whole := true
	err = p.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		if path, err = r.FolderPath(p.loc.Entry); err != nil {
			return err
		}
		for id := p.loc.Entry; id != 0; {
			e, err := r.Entry(id)
			if err != nil {
				return err
			}
			whole = whole && e.State.There()
			id = e.Parent
		}
		return nil
	})
	if err != nil {
		return path, err
	}
	if err := provenRoot(ctx, p.driver, path); err != nil {
		return path, err
	}
	if !whole {
		if err := p.restore(ctx, path); err != nil {
			return path, err
		}
	}
	if from.Begun {
		return path, nil
	}
	p.s.due.passes(p.loc.ID)
	p.s.watcher.recount(p.loc.ID)
	// If it is stopped before it has listed anything, it is this pass that goes on,
	// and not the one before.
	return path, p.checkpoint(scanCursor{}, job.Progress{}, func(stx *store.Tx) error {
		return change(p.s.Catalog.In(stx), p.loc.ID, func(l *catalog.Location) { l.State, l.Job = catalog.Indexing, p.run.JobID() })
	})
}

// restore brings the location's folder back, and those above it: another
// location, which holds it, has seen them gone.
func (p *pass) restore(ctx context.Context, path string) error {
	chain, err := statChain(ctx, p.driver, path)
	if err != nil {
		return err
	}
	return p.s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		id, err := p.s.ensureChain(tx, p.vol, chain, true)
		if err == nil && id != p.loc.Entry {
			err = errs.New(errs.Conflict, "another folder stands where the location was").At(path).Try("Remove the location and add it again.")
		}
		return err
	})
}

func (p *pass) walk(ctx context.Context, from scanCursor, path string) (counts, error) {
	roots, total, err := p.roots(ctx, from)
	if err != nil {
		return from.counts, err
	}
	ground := p.s.Volumes.Ground(p.vol)
	places, err := p.s.places(ctx, p.vol.ID)
	if err != nil {
		return from.counts, err
	}
	moves, err := p.knowsMore(ctx)
	if err != nil {
		return from.counts, err
	}
	w := &walk{
		catalog: p.s.Catalog, driver: p.driver, volume: p.vol.ID, workers: p.s.workers(p.loc, p.vol), batch: p.s.Batch, log: p.s.Log, deep: true,
		moves: moves, rows: p.fix, scope: p.s.scope(places, p.driver), before: p.s.watcher.during(ground, places, p.loc.ID),
		gone: func(ids []ident.EntryID, strange bool) ([]ident.EntryID, error) {
			// Else what was not found proves nothing.
			if err := p.proven(ctx, path); err != nil {
				return nil, err
			}
			return ids, p.brake(ctx, ids, strange)
		},
		warn: func(path string, err error) { p.run.Warn(ground.SdPath(path).String(), err) },
		flush: func(b *catalog.Batch, l left, c counts, current string) error {
			progress := job.Progress{Done: c.Seen, Total: total, Current: ground.SdPath(current).String()}
			if total > 0 && total < c.Seen || len(l.first) == 0 {
				progress.Total = c.Seen
			}
			if p.fix {
				if err := p.tell(ctx, b); err != nil {
					return err
				}
			}
			var gone []ident.EntryID
			err := p.checkpoint(scanCursor{true, spans(l.first), spans(l.second), total, c}, progress, func(stx *store.Tx) error {
				tx := p.s.Catalog.In(stx)
				p.s.ours.sift(p.vol.ID, b)
				err := tx.Apply(b)
				gone = tx.Gone
				return err
			})
			p.s.watcher.unwatch(gone)
			return err
		},
	}
	c, err := w.run(ctx, start{roots, unpack(from.Again), from.counts})
	if err == nil {
		err = p.proven(ctx, path)
	}
	if err == nil {
		err = p.s.watcher.again(ctx, p.vol.ID, w.astray)
	}
	return c, err
}

// knowsMore reports whether the volume may have entries that this scan did not
// find: only then can something have moved.
func (p *pass) knowsMore(ctx context.Context) (more bool, err error) {
	err = p.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		ls, err := r.Locations()
		more = slices.ContainsFunc(ls, func(l catalog.Location) bool { return l.Volume == p.vol.ID && !l.Indexed.IsZero() })
		return err
	})
	return more, err
}

// proven makes sure that the volume and the location's folder are still there.
func (p *pass) proven(ctx context.Context, path string) error {
	if _, err := p.s.Volumes.Driver(ctx, p.vol.Identity); err != nil {
		return err
	}
	return provenRoot(ctx, p.driver, path)
}

// roots returns the folders from which the pass goes on, and how many entries
// the location had when it was last complete. A folder that has gone since it
// was left to do is its parent's business.
func (p *pass) roots(ctx context.Context, from scanCursor) (roots []folderToList, total int64, err error) {
	left := []ident.EntryID{p.loc.Entry}
	if from.Begun {
		left, total = unpack(from.Left), from.Total
	}
	err = p.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		top, err := r.Entry(p.loc.Entry)
		if err != nil {
			return err
		}
		if !from.Begun && !p.loc.Indexed.IsZero() {
			total = top.Totals.Files + top.Totals.Folders
		}
		es, err := r.EntriesByID(left)
		for _, e := range es {
			if e.State != catalog.Present {
				continue
			}
			path, err := r.FolderPath(e.ID)
			if err != nil {
				return err
			}
			roots = append(roots, folderToList{id: e.ID, path: path})
		}
		return err
	})
	return roots, total, err
}

// provenRoot makes sure that the location's folder is there to be listed: a
// scan that begins anywhere else could only do harm.
func provenRoot(ctx context.Context, d vfs.Driver, path string) error {
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

func (s *Service) setLocation(ctx context.Context, id ident.LocationID, fn func(*catalog.Location)) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error { return change(tx, id, fn) })
}

func change(tx *catalog.Tx, id ident.LocationID, fn func(*catalog.Location)) error {
	l, err := tx.Location(id)
	if err != nil {
		return err
	}
	fn(&l)
	return tx.SetLocation(l)
}
