package media

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
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
}

// Jobs is what this package needs of the job engine.
type Jobs interface {
	Enqueue(ctx context.Context, kind string, args any, o job.Enqueue) (ident.JobID, error)
	List(ctx context.Context, f job.Filter) ([]job.Snapshot, error)
	Wait(ctx context.Context, id ident.JobID) (job.Snapshot, error)
}

// Options are what a Service is made of.
type Options struct {
	Catalog *catalog.Catalog
	Volumes Volumes
	Bus     *event.Bus
	Decoder Decoder
	Texts   Texts  // nil: no texts are derived
	Folder  string // where pictures are kept: the library's own; made when needed
	Budget  int64  // bytes of pictures that are kept; default 2 GiB
	OCR     bool   // text of pictures too

	// Identify has an entry's file read whole and returns its content; nil: what
	// no job has read has no sidecars. Errors: errs.NotFound (no such entry),
	// errs.Unsupported (no file), errs.Unavailable, errs.Conflict (it changes).
	Identify func(ctx context.Context, entry ident.EntryID) (ident.ContentID, error)

	// Soon has a job read an entry's file whole, before others, and returns at once;
	// nil: large files are read by Identify, too.
	Soon func(ctx context.Context, entry ident.EntryID) error

	// Waits tells whether what nobody asked for in a location waits, for mains power;
	// nil: it never does.
	Waits func(catalog.Location) bool

	// Entry finds the entry at a path, for those who name it so. Errors:
	// errs.NotFound, errs.Unsupported (the library does not know it).
	Entry func(ctx context.Context, path string) (ident.EntryID, error)

	// News is told what was made, after it was stored; nil: nobody is. It must not
	// block.
	News func(News)

	Rest     time.Duration // how long the feed is left to itself before files are looked at; default 2 s
	Patience time.Duration // how long somebody who asks for a sidecar waits for it; default 10 s
	Log      *slog.Logger
	Now      func() time.Time

	linger time.Duration // how long who lost patience is expected back; default three times Patience

	batch int   // contents between two commits; default batchContents
	large int64 // bytes of a file beyond which nobody waits until it is read; default largeFile
}

const (
	defaultBudget = 2 << 30
	atOnce        = 4   // sidecars that are made at the same time because somebody asked
	readAtOnce    = 2   // files that are read for that at the same time
	maxWaiting    = 256 // that wait for their turn
)

// News tells of what was made of a content.
type News struct {
	Content ident.ContentID `json:"content"`
	Entries []ident.EntryID `json:"entries"` // some that have it, not always all
	Kinds   []Kind          `json:"kinds"`   // what was made, or could not be
}

// Service derives and serves the sidecars of one library. New gives one; Start
// must be called with the job engine before Serve, and what somebody asks for is
// made while Serve runs.
type Service struct {
	Options
	jobs    Jobs
	files   files
	flights flights
	touches touches
	locks   locks
	wishes  wishes
	faults  faults
	grown   atomic.Bool // pictures were stored since the budget was looked at
}

// New returns a Service that is not started yet.
func New(o Options) *Service {
	def := func(d *time.Duration, to time.Duration) {
		if *d == 0 {
			*d = to
		}
	}
	def(&o.Rest, 2*time.Second)
	def(&o.Patience, 10*time.Second)
	def(&o.linger, 3*o.Patience)
	if o.Budget == 0 {
		o.Budget = defaultBudget
	}
	if o.large == 0 {
		o.large = largeFile
	}
	if o.batch == 0 {
		o.batch = batchContents
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Service{Options: o, files: files{o.Folder}}
	s.grown.Store(true) // it is not known
	return s
}

// Start connects the engine that runs JobDefs. It must be called once.
func (s *Service) Start(jobs Jobs) { s.jobs = jobs }

// JobDefs are the kinds of jobs that s runs.
func (s *Service) JobDefs() []job.Def {
	return []job.Def{job.New(deriveKind, "Look into files", job.Do("derive", s.run))}
}

// wanted returns what can be derived of a content here.
func (s *Service) wanted(c *catalog.Content) []Kind {
	want := wanted(c.Kind)
	if s.Texts == nil {
		want = slices.DeleteFunc(slices.Clone(want), func(k Kind) bool { return k == TextOf })
	}
	return want
}

// Serve has sidecars made as the change feed tells of files, looks after those
// there are, and makes what is asked for, until ctx ends.
func (s *Service) Serve(ctx context.Context) error {
	s.flights.open(ctx, s.linger)
	defer s.flights.close()
	var keeping sync.WaitGroup
	keeping.Go(func() { s.housekeep(ctx) })
	keeping.Go(func() { s.grant(ctx) })
	defer keeping.Wait()
	if err := s.checkTools(ctx); err != nil {
		return whileServing(ctx, err)
	}
	sub := s.Bus.Subscribe(event.Quiet())
	defer sub.Close()
	for {
		seen := s.Catalog.Reached()
		if err := s.forgotten(ctx); err != nil && ctx.Err() == nil { // it is tried again
			s.Log.Warn("What was derived of removed files was not taken away", "error", err)
		}
		busy, err := s.round(ctx)
		if err == nil && !busy {
			err = waitFor(ctx, sub, seen)
		}
		if err != nil {
			return whileServing(ctx, err)
		}
		if !rest(ctx, s.Rest) {
			return nil
		}
	}
}

// lookAgain is after how long Serve looks without news: a volume that did not answer
// may do so again, and the machine may have its power back.
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

// checkTools has what nothing was found in looked at again when other programs
// are installed than before, or other things are asked of them.
func (s *Service) checkTools(ctx context.Context) error {
	lack := []string{fmt.Sprint(s.OCR)}
	if l, ok := s.Decoder.(Lacking); ok {
		lack = append(lack, l.Missing()...)
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(strings.Join(lack, "\n"))) // it never fails
	tools := 1 + int64(sum.Sum32())
	var noted int64
	err := s.Catalog.Read(ctx, func(r *catalog.Reader) (err error) {
		noted, err = r.Follower(toolsFollower)
		return err
	})
	if err != nil || noted == tools {
		return err
	}
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		if _, err := tx.Store().Exec("UPDATE sidecar SET again = 1 WHERE status = ?", string(None)); err != nil {
			return err
		}
		if err := beginAgain(tx); err != nil {
			return err
		}
		return tx.SetFollower(toolsFollower, tools)
	})
}

// rest waits; it reports false if ctx ended first.
func rest(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// round queues a job for each volume with files to look into, and waits for them
// a while: busy means that there is more to do before the feed goes on.
func (s *Service) round(ctx context.Context) (busy bool, err error) {
	queued, err := s.queueDue(ctx)
	if err != nil {
		return false, err
	}
	patience, stop := context.WithTimeout(ctx, 15*s.Rest)
	defer stop()
	for _, id := range queued {
		snap, err := s.jobs.Wait(patience, id)
		switch {
		case patience.Err() != nil:
			return true, ctx.Err()
		case err != nil:
			return false, err
		case snap.State == job.Failed:
			busy = true
			if !rest(ctx, 30*s.Rest) { // its volume is gone, or its disk fails: do not fill the list of jobs
				return false, ctx.Err()
			}
		}
	}
	return busy, nil
}

// queueDue queues a job for each volume that is here and has files to look into.
func (s *Service) queueDue(ctx context.Context) (queued []ident.JobID, err error) {
	if err := s.checkTexts(ctx); err != nil && !errs.Is(err, errs.Unavailable) {
		return nil, err
	}
	due, err := s.due(ctx)
	if err != nil || len(due) == 0 {
		return nil, err
	}
	paused, err := s.jobs.List(ctx, job.Filter{Kind: deriveKind, States: []job.State{job.Paused}})
	if err != nil {
		return nil, err
	}
	for _, v := range due {
		if slices.ContainsFunc(paused, func(j job.Snapshot) bool { return j.Title == titleOf(v) }) {
			continue // the user wants it so
		}
		key := fmt.Sprintf("media:%d", v.ID)
		id, err := s.jobs.Enqueue(ctx, deriveKind, deriveArgs{v.ID}, job.Enqueue{Key: key, Lane: key, Priority: -20, Title: titleOf(v)})
		if err != nil {
			return nil, err
		}
		queued = append(queued, id)
	}
	return queued, nil
}

func titleOf(v catalog.Volume) string { return "Look into files of " + catalog.PlainName(v.Name) }

// due returns the volumes that are here and have contents of which something is
// missing. What it finds settled in the feed, it passes over for good.
func (s *Service) due(ctx context.Context) (due []catalog.Volume, err error) {
	var vs []catalog.Volume
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) (err error) {
		vs, err = r.Volumes()
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, v := range vs {
		if !s.Volumes.Ground(v).Online {
			continue
		}
		for {
			w, err := s.window(ctx, v.ID, 1, nil)
			if errs.Is(err, errs.NotFound) {
				break
			}
			if err != nil {
				return nil, err
			}
			if len(w.subjects) > 0 {
				due = append(due, v)
				break
			}
			if w.next > w.since {
				err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error { return follow(tx, w.family(), w.name, w.since, w.next) })
				if err != nil {
					return nil, err
				}
			}
			if w.end {
				break
			}
		}
	}
	return due, nil
}

// checkTexts has all texts made again if the store of texts is another than that
// to which they were given.
func (s *Service) checkTexts(ctx context.Context) error {
	if s.Texts == nil {
		return nil
	}
	stamp, err := s.Texts.Stamp(ctx)
	if err != nil {
		return err
	}
	noted, err := s.notedStamp(ctx)
	if err != nil || noted == stamp {
		return err
	}
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		if _, err := tx.Store().Exec("DELETE FROM sidecar WHERE kind = ?", string(TextOf)); err != nil {
			return err
		}
		if err := beginAgain(tx); err != nil {
			return err
		}
		return tx.SetFollower(stampFollower, stamp)
	})
}

func (s *Service) notedStamp(ctx context.Context) (stamp int64, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) (err error) {
		stamp, err = r.Follower(stampFollower)
		return err
	})
	return stamp, err
}

// locks keep two from working at the pictures of one content at the same time.
type locks struct {
	mu   sync.Mutex
	held map[ident.ContentID]chan struct{} // closed when it is let go
}

// take waits for the content; the caller must call the function that it returns.
func (l *locks) take(ctx context.Context, id ident.ContentID) (release func(), err error) {
	for {
		release, other := l.try(id)
		if release != nil {
			return release, nil
		}
		select {
		case <-other:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// try is take without waiting: release is nil if another has it, until other is
// closed.
func (l *locks) try(id ident.ContentID) (release func(), other <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c, ok := l.held[id]; ok {
		return nil, c
	}
	if l.held == nil {
		l.held = map[ident.ContentID]chan struct{}{}
	}
	c := make(chan struct{})
	l.held[id] = c
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.held, id)
		close(c)
	}, nil
}
