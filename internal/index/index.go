// Package index keeps the catalogue true to the disk: it adds locations, walks
// them, compares what it sees with what is known, and watches for changes. It
// reads user files' names and metadata only, never writes to them, and knows
// neither how volumes are found nor how entries are searched or shown.
package index

import (
	"context"
	"log/slog"
	"sync"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
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
}

// Jobs is what indexing needs of the job engine.
type Jobs interface {
	Enqueue(ctx context.Context, kind string, args any, o job.Enqueue) (ident.JobID, error)
	Get(ctx context.Context, id ident.JobID) (job.Snapshot, error)
	Cancel(ctx context.Context, id ident.JobID) error
}

// Notifier tells that something changed in a folder, as the operating system
// says it: a hint, to be checked by looking.
type Notifier interface {
	// Add watches the folder at an absolute path of this machine, and tells
	// whether it was not watched before. It fails when the system's limit is reached.
	Add(osPath string, folder ident.EntryID) (added bool, err error)
	// Close ends the watching and waits until nothing is told any more.
	Close() error
}

// Options are what a Service is made of.
type Options struct {
	Catalog *catalog.Catalog
	Volumes Volumes
	Device  ident.DeviceID // this machine
	Workers int            // folders listed at the same time; default 4
	Batch   int            // changes in one transaction; default 20,000
	// Watch makes what tells of changes as they happen. Nil: nothing does, and
	// only scans see changes.
	Watch func(changed func(ident.EntryID), overflow func()) (Notifier, error)
	Log   *slog.Logger
}

// Service keeps the locations of one library true. New gives one; Start must
// be called with the job engine before any operation.
type Service struct {
	Options
	jobs    Jobs
	watcher *watcher

	mu    sync.Mutex
	locks map[ident.VolumeID]chan struct{} // held by who changes entries of the volume
}

// New returns a Service that is not started yet: its Jobs are needed to make
// the engine that Start takes.
func New(o Options) *Service {
	if o.Workers == 0 {
		o.Workers = 4
	}
	if o.Batch == 0 {
		o.Batch = 20000
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{Options: o, locks: map[ident.VolumeID]chan struct{}{}}
	s.watcher = newWatcher(s)
	return s
}

// Start connects the engine that runs Jobs. It must be called once, before Serve
// and before any operation.
func (s *Service) Start(jobs Jobs) { s.jobs = jobs }

// Serve queues a scan of every location, since nobody watched while the daemon
// was away, and then follows changes on disk until ctx ends.
func (s *Service) Serve(ctx context.Context) error {
	stop, err := s.watcher.start()
	if err != nil {
		s.Log.Warn("Folders cannot be watched; only scans will see changes", "error", err)
	} else {
		defer stop()
	}
	if err := s.rescanAll(ctx); err != nil {
		return err
	}
	return s.watcher.serve(ctx)
}

// rescanAll queues a scan of every location whose volume is online.
func (s *Service) rescanAll(ctx context.Context) error {
	var ls []catalog.Location
	online := map[ident.VolumeID]bool{}
	err := s.Catalog.Read(ctx, func(r *catalog.Reader) (err error) {
		if ls, err = r.Locations(); err != nil {
			return err
		}
		vs, err := r.Volumes()
		for _, v := range vs {
			online[v.ID] = s.Volumes.Ground(v).Online
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, l := range ls {
		if !online[l.Volume] {
			continue
		}
		if _, err := s.enqueue(ctx, l.ID); err != nil {
			return err
		}
	}
	return nil
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
