package content

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Volumes is what this package needs of the volumes of this machine.
type Volumes interface {
	// Driver gives access to a volume that is proven to be the one with this
	// identity; errs.Unavailable while it is offline.
	Driver(ctx context.Context, identity string) (vfs.Driver, error)
	// Ground tells where a volume stands now.
	Ground(v catalog.Volume) catalog.Ground
	// Disks names what a volume would be lost with, such as the disk it is a part of:
	// volumes that share a name are lost together. Nil: nothing is known.
	Disks(v catalog.Volume) []string
	// Resolve tells where an SdPath or OS path stands; follow: a symlink at its
	// end is followed.
	Resolve(ctx context.Context, path string, follow bool) (catalog.Place, error)
}

// Jobs is what this package needs of the job engine.
type Jobs interface {
	Enqueue(ctx context.Context, kind string, args any, o job.Enqueue) (ident.JobID, error)
	Get(ctx context.Context, id ident.JobID) (job.Snapshot, error)
	List(ctx context.Context, f job.Filter) ([]job.Snapshot, error)
	Wait(ctx context.Context, id ident.JobID) (job.Snapshot, error)
}

// Options are what a Service is made of.
type Options struct {
	Catalog *catalog.Catalog
	Volumes Volumes
	Bus     *event.Bus
	Rest    time.Duration // how long the feed is left to itself before files are read; default 2 s
	Log     *slog.Logger
	// ScrubEvery is after how long a file whose content is known is read again, to
	// see that it still holds it; default 90 days, negative: never unasked.
	ScrubEvery time.Duration
	// OnBattery tells whether what can wait should; nil: it need not.
	OnBattery func() bool
	// Waits tells whether what nobody asked for in a location waits, for mains power;
	// nil: it never does.
	Waits func(catalog.Location) bool
	// Match calls fn with all entries that a query fits. It may be nil.
	Match func(ctx context.Context, query string, fn func(ident.EntryID) bool) error

	batch int              // files read between two commits; default 512
	racy  time.Duration    // how old a file's times must be before it is read; default racyTime
	now   func() time.Time // the clock; default time.Now

	extents func(vfs.Handle) int64 // where a file's blocks lie; default lies
}

// Service identifies the files of one library. New gives one; Start must be
// called with the job engine before Serve.
type Service struct {
	Options
	jobs  Jobs
	reads turns
}

// New returns a Service that is not started yet.
func New(o Options) *Service {
	if o.Rest == 0 {
		o.Rest = 2 * time.Second
	}
	if o.ScrubEvery == 0 {
		o.ScrubEvery = 90 * 24 * time.Hour
	}
	if o.batch == 0 {
		o.batch = batchFiles
	}
	if o.racy == 0 {
		o.racy = racyTime
	}
	if o.now == nil {
		o.now = time.Now
	}
	if o.extents == nil {
		o.extents = lies
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{Options: o}
}

// Start connects the engine that runs JobDefs. It must be called once.
func (s *Service) Start(jobs Jobs) { s.jobs = jobs }

// JobDefs are the kinds of jobs that s runs.
func (s *Service) JobDefs() []job.Def {
	return []job.Def{
		job.New(identifyKind, "Identify files", job.Do("read", s.identify)),
		job.New(knowKind, "Identify a file", job.Do("read", s.knowLater)),
		job.New(findKind, "Find duplicates", job.Do("compare", s.lookFor)),
		job.New(scrubKind, "Check files for damage", job.Do("read", s.scrub)),
	}
}

// scopeOf returns nil if no location of the volume wants contents.
func scopeOf(r *catalog.Reader, volume ident.VolumeID) (*catalog.Scope, error) {
	return r.Scope(volume, func(mode string) bool { return mode == "content" || mode == "deep" })
}

// waits reports whether a location of the volume that wants contents has what nobody
// asked for wait now. The others of the volume wait with it.
func (s *Service) waits(r *catalog.Reader, volume ident.VolumeID) (bool, error) {
	if s.Waits == nil {
		return false, nil
	}
	ls, err := r.Locations()
	return slices.ContainsFunc(ls, func(l catalog.Location) bool {
		return l.Volume == volume && (l.Mode == "content" || l.Mode == "deep") && s.Waits(l)
	}), err
}

// follower names who follows the change feed for the files of a scope: for another
// one it begins anew.
func follower(sc *catalog.Scope) string { return "content:" + sc.Name }

// family is how the names of a volume's followers begin.
func family(volume ident.VolumeID) string { return fmt.Sprintf("content:%d:", volume) }

// Serve has files identified as the change feed tells of them, and read again
// when their time has come, until ctx ends.
func (s *Service) Serve(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	var schedule sync.WaitGroup
	defer schedule.Wait()
	defer stop()
	schedule.Go(func() { s.scrubOnTime(ctx) })
	sub := s.Bus.Subscribe(event.Quiet())
	defer sub.Close()
	for {
		seen := s.Catalog.Reached()
		err := s.tellOfArrivals(ctx)
		busy := false
		if err == nil {
			busy, err = s.round(ctx)
		}
		if err == nil && !busy {
			err = waitFor(ctx, sub, seen)
		}
		if err != nil {
			return whileServing(ctx, err)
		}
		rest := time.NewTimer(s.Rest)
		select {
		case <-rest.C:
		case <-ctx.Done():
			rest.Stop()
			return nil
		}
	}
}

// lookAgain is after how long Serve looks without news: a file's next try may have
// come, and a volume that did not answer may do so again.
const lookAgain = time.Minute

// waitFor waits until the feed has gone on, at most lookAgain.
func waitFor(ctx context.Context, sub *event.Subscription, seen int64) error {
	short, stop := context.WithTimeout(ctx, lookAgain)
	defer stop()
	if err := sub.Wait(short, seen); err != nil && (ctx.Err() != nil || short.Err() == nil) {
		return err
	}
	return nil
}

// whileServing is how a service ends: not with an error when it was told to.
func whileServing(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// round queues a job for each volume that has files to read, and waits for
// them a while: busy means that one has not ended. What changes meanwhile is the
// next round's.
func (s *Service) round(ctx context.Context) (busy bool, err error) {
	due, err := s.due(ctx)
	if err != nil || len(due) == 0 {
		return false, err
	}
	paused, err := s.jobs.List(ctx, job.Filter{Kind: identifyKind, States: []job.State{job.Paused}})
	if err != nil {
		return false, err
	}
	var queued []ident.JobID
	for _, v := range due {
		if slices.ContainsFunc(paused, func(j job.Snapshot) bool { return j.Title == titleOf(v) }) {
			continue // the user wants it so
		}
		id, err := s.queue(ctx, v)
		if err != nil {
			return false, err
		}
		queued = append(queued, id)
	}
	patience, stop := context.WithTimeout(ctx, 15*s.Rest)
	defer stop()
	for _, id := range queued {
		if _, err := s.jobs.Wait(patience, id); patience.Err() != nil {
			return true, ctx.Err()
		} else if err != nil {
			return false, err
		}
	}
	return false, nil
}

func titleOf(v catalog.Volume) string { return "Identify files of " + catalog.PlainName(v.Name) }

func (s *Service) queue(ctx context.Context, v catalog.Volume) (ident.JobID, error) {
	k := key("content", int64(v.ID))
	return s.jobs.Enqueue(ctx, identifyKind, identifyArgs{Volume: v.ID}, job.Enqueue{Key: k, Lane: k, Priority: -10, Title: titleOf(v)})
}

// key names what a job is about.
func key(what string, id int64) string { return fmt.Sprintf("%s:%d", what, id) }

// due returns the volumes that are here and have files that may have to be read.
func (s *Service) due(ctx context.Context) (due []catalog.Volume, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		vs, err := r.Volumes()
		if err != nil {
			return err
		}
		for _, v := range vs {
			if !s.Volumes.Ground(v).Online {
				continue
			}
			sc, err := scopeOf(r, v.ID)
			if err != nil {
				return err
			}
			if sc == nil {
				continue
			}
			if later, err := s.waits(r, v.ID); err != nil || later {
				if err != nil {
					return err
				}
				continue
			}
			since, err := r.Follower(follower(sc))
			if err != nil {
				return err
			}
			es, err := r.Unidentified(v.ID, since, 0, 1)
			if err != nil {
				return err
			}
			again, err := overdue(r, v.ID, s.now().UnixNano(), 1)
			if err != nil {
				return err
			}
			if len(es)+len(again) > 0 {
				due = append(due, v)
			}
		}
		return nil
	})
	return due, err
}
