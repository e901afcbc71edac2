// Package index keeps the catalogue true to the disk: it adds locations, walks
// them, compares what it sees with what is known, and watches for changes. It
// reads user files' names and metadata only, never writes to them, and knows
// neither how volumes are found nor how entries are searched or shown.
package index

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Volumes is what indexing needs of the volumes of this machine.
type Volumes interface {
	// Resolve tells where an SdPath or OS path stands; the Driver of the place is
	// nil while its volume is offline. follow: a symlink at the end is followed.
	Resolve(ctx context.Context, path string, follow bool) (catalog.Place, error)
	// Driver gives access to a volume that is proven to be the one with this
	// identity; errs.Unavailable while it is offline.
	Driver(ctx context.Context, identity string) (vfs.Driver, error)
	// Ground tells where a volume stands now.
	Ground(v catalog.Volume) catalog.Ground
	// Workers tells how many folders of a volume are best listed at the same time;
	// 0: the usual number.
	Workers(v catalog.Volume) int
}

// Jobs is what indexing needs of the job engine.
type Jobs interface {
	// EnqueueIn queues a job if tx commits; of two with the same kind and key,
	// the one that is queued or running already is returned.
	EnqueueIn(tx *store.Tx, kind string, args any, o job.Enqueue) (ident.JobID, error)
	Get(ctx context.Context, id ident.JobID) (job.Snapshot, error)
	Cancel(ctx context.Context, id ident.JobID) error
}

// Notifier tells that something changed in a folder, as the operating system
// says it: a hint, to be checked by looking.
type Notifier interface {
	// Add watches the folder at an absolute path of this machine, and tells
	// whether it was not watched before. It fails when the system's limit is reached.
	Add(osPath string, folder ident.EntryID) (added bool, err error)
	// Remove ends the watching of a folder, if it is watched.
	Remove(folder ident.EntryID)
	// How tells what watches the folder at an absolute path of this machine:
	// "inotify" and the like; "" when nothing tells of its changes. It may block as
	// long as the file system does.
	How(osPath string) string
	// Close ends the watching and waits until nothing is told any more.
	Close() error
}

// Told are the functions a Notifier calls, from any goroutine. They do not block.
type Told struct {
	Changed  func(folder ident.EntryID) // something changed in the folder
	Dropped  func(folder ident.EntryID) // the folder is not watched any more under this id
	Overflow func()                     // hints were lost
}

// Options are what a Service is made of.
type Options struct {
	Catalog *catalog.Catalog
	Volumes Volumes
	Device  ident.DeviceID // this machine
	Mode    string         // of locations whose mode nobody says; default shallow
	Workers int            // folders listed at the same time where the volume does not say; default 4
	Batch   int            // changes in one transaction; default 20,000
	// Watch makes what tells of changes as they happen. Nil: nothing does, and
	// only scans see changes.
	Watch func(Told) (Notifier, error)
	// Staged is told, from many goroutines, of each folder of an upload that a walk comes
	// by. Nil: nobody wants to know.
	Staged func(v ident.VolumeID, path string)
	// Walked, unless nil, is told how many entries a pass saw that has come to its end,
	// before anybody else hears of that, so that its memory can be given back first.
	Walked func(entries int64)
	// OnBattery tells whether the machine runs on battery. Nil: never.
	OnBattery func() bool
	Clock     Clock // default: that of the system
	Log       *slog.Logger
}

// Service keeps the locations of one library true. New gives one; Start must
// be called with the job engine before any operation.
type Service struct {
	Options
	jobs     Jobs
	watcher  *watcher
	due      *due
	schedule *schedule
	ours     ours

	mu       sync.Mutex
	locks    map[ident.VolumeID]chan struct{} // held by who changes entries of the volume
	accepted map[ident.LocationID]int64       // entries that may be gone
}

// New returns a Service that is not started yet: its Jobs are needed to make
// the engine that Start takes.
func New(o Options) *Service {
	if o.Mode == "" {
		o.Mode = "shallow"
	}
	if o.Workers == 0 {
		o.Workers = 4
	}
	if o.Batch == 0 {
		o.Batch = 20000
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	s := &Service{Options: o, due: newDue(), locks: map[ident.VolumeID]chan struct{}{}, accepted: map[ident.LocationID]int64{}}
	s.watcher, s.schedule = newWatcher(s), newSchedule(s)
	return s
}

// Start connects the engine that runs Jobs. It must be called once, before Serve
// and before any operation.
func (s *Service) Start(jobs Jobs) { s.jobs = jobs }

// Serve has every location scanned, since nobody watched while the daemon was
// away, and then follows changes on disk until ctx ends.
func (s *Service) Serve(ctx context.Context) error {
	if err := s.watcher.recall(ctx); err != nil {
		return whileServing(ctx, err)
	}
	stop, err := s.watcher.start()
	if err != nil {
		s.Log.Warn("Folders cannot be watched; only scans will see changes", "error", err)
	} else {
		defer stop()
	}
	if err = s.rescanAll(ctx); err == nil {
		err = s.follow(ctx)
	}
	return whileServing(ctx, err)
}

// whileServing is the error of a service that was not asked to end.
func whileServing(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// follow sees to hints, and to what is due at its time, until ctx ends.
func (s *Service) follow(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	var scheduling sync.WaitGroup
	scheduling.Go(func() { s.schedule.serve(ctx) })
	defer scheduling.Wait()
	defer stop()
	return s.watcher.serve(ctx)
}

// rescan has the location looked at from its root: all that changed before the
// call will be seen, also while a scan runs that has passed it by.
func (s *Service) rescan(ctx context.Context, id ident.LocationID) error {
	s.due.add(id)
	return s.pursue(ctx, id, true)
}

// pursue queues a scan of a location that is due, and lets go of it where one is
// certain to come. It respects the location's policy, and that a scan was paused,
// unless it was asked for. A location that was removed is due no more.
func (s *Service) pursue(ctx context.Context, id ident.LocationID, asked bool) error {
	err := s.queueScan(ctx, id, asked)
	if errs.Is(err, errs.NotFound) {
		s.due.drop(id)
		if !asked {
			return nil
		}
	}
	return err
}

func (s *Service) queueScan(ctx context.Context, id ident.LocationID, asked bool) error {
	owed := s.due.owes(id)
	loc, _, err := s.location(ctx, id)
	if err != nil {
		return err
	}
	if !asked && !s.mayScan(loc) { // the schedule sees to it when it may
		s.due.comes(id, owed)
		return nil
	}
	if old, err := s.jobs.Get(ctx, loc.Job); !asked && err == nil && old.State == job.Paused {
		s.due.comes(id, owed)
		return nil
	}
	var jobID ident.JobID
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		l, err := tx.Location(id)
		if err != nil || !asked && s.due.owes(id) == 0 { // another scan has begun since
			return err
		}
		jobID, err = s.enqueue(tx, l)
		return err
	})
	if err != nil || jobID == 0 {
		return err
	}
	snap, err := s.jobs.Get(ctx, jobID)
	if err == nil && snap.State == job.Queued {
		s.due.comes(id, owed)
	}
	return err
}

// rescanAll has every location scanned whose volume is online: what changed last
// first, and low priorities last.
func (s *Service) rescanAll(ctx context.Context) error {
	return s.rescanWhere(ctx, func(v catalog.Volume) bool { return s.Volumes.Ground(v).Online })
}

// Returned has the locations on a volume scanned that is online again.
func (s *Service) Returned(ctx context.Context, identity string) error {
	return s.rescanWhere(ctx, func(v catalog.Volume) bool { return v.Identity == identity })
}

func (s *Service) rescanWhere(ctx context.Context, want func(catalog.Volume) bool) error {
	var ls []catalog.Location
	changed := map[ident.LocationID]int64{}
	err := s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		vs, err := r.Volumes()
		if err != nil {
			return err
		}
		wanted := map[ident.VolumeID]bool{}
		for _, v := range vs {
			wanted[v.ID] = want(v)
		}
		all, err := r.Locations()
		for _, l := range all {
			if !wanted[l.Volume] {
				continue
			}
			top, err := r.Entry(l.Entry)
			if err != nil {
				return err
			}
			ls, changed[l.ID] = append(ls, l), top.Seq // with its totals
		}
		return err
	})
	slices.SortStableFunc(ls, func(a, b catalog.Location) int {
		return cmp.Or(cmp.Compare(policyOf(b).rank(), policyOf(a).rank()), cmp.Compare(changed[b.ID], changed[a.ID]))
	})
	for _, l := range ls {
		if err == nil {
			s.due.add(l.ID)
			err = s.pursue(ctx, l.ID, false)
		}
	}
	return err
}

// lock waits until nobody else changes entries of the volume. A walk must not
// meet another one in the same folder: both would create the same entries.
func (s *Service) lock(ctx context.Context, v ident.VolumeID) (unlock func(), err error) {
	s.mu.Lock()
	l, ok := s.locks[v]
	if !ok {
		l = make(chan struct{}, 1)
		s.locks[v] = l
	}
	s.mu.Unlock()
	select {
	case l <- struct{}{}:
		return func() { <-l }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// locked returns the volumes whose entries somebody changes now.
func (s *Service) locked() []ident.VolumeID {
	s.mu.Lock()
	defer s.mu.Unlock()
	var vs []ident.VolumeID
	for v, l := range s.locks {
		if len(l) > 0 {
			vs = append(vs, v)
		}
	}
	return vs
}
