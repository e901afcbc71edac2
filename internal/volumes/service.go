package volumes

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Options tells New what the service works with.
type Options struct {
	// Open opens a driver rooted at a mount point. It may hang.
	Open func(mount string) (vfs.Driver, error)

	// OnChange is called by Serve, one change after the other, when a volume came,
	// went or stopped answering. It may call the Service. nil: nobody is told.
	OnChange func(Change)

	// Memory is a file of our own in which to remember what libraries do not: which
	// volumes were told from their copies, and how fast they are. "": nothing is
	// remembered from one run to the next.
	Memory string

	Platform Platform      // nil: this machine
	Log      *slog.Logger  // nil: silent
	Timeout  time.Duration // how long a volume may take to answer before it counts as hung; 0: 5 s
	Idle     time.Duration // a driver nobody used so long is closed, so that its volume can be unmounted; 0: 3 s
}

// Service follows the volumes of this machine. All methods are safe for
// concurrent use, with and without Serve running: each looks at the mount table
// itself. What touches a volume runs in a goroutine of its own with a deadline,
// at most one of each sort a mount, so that a volume that hangs holds up nobody
// else. The Service owns these goroutines; Close waits for them.
type Service struct {
	o        Options
	platform Platform
	log      *slog.Logger
	wake     chan struct{} // changes wait for Serve
	saving   sync.Mutex    // held while memory is written
	budget   budget        // of a measurement

	mu      sync.Mutex
	memory  remembered
	mounts  []Mount // the mount table as read last
	table   *table
	born    int64           // counts mounts
	told    map[string]told // by identity: what was said of it last
	changes []Change        // not delivered yet
	calls   int             // goroutines under way
	closed  bool
	idle    chan struct{} // closed when calls is 0 after Close began
	settled bool          // idle is closed
	watched bool          // Serve hears of changes
}

type told struct {
	state State
	mount string
}

// New returns a Service that has looked at nothing yet. The caller closes it.
func New(o Options) *Service {
	if o.Platform == nil {
		o.Platform = System()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	if o.Idle == 0 {
		o.Idle = 3 * time.Second
	}
	s := &Service{
		o: o, platform: o.Platform, log: o.Log, wake: make(chan struct{}, 1),
		told: map[string]told{}, idle: make(chan struct{}), budget: ordinary,
	}
	s.recall()
	return s
}

const lookEvery = 3 * time.Second // where the system does not tell of changes

// Serve follows mounts that come and go, tells OnChange, and closes idle
// drivers, until ctx ends. It may be run again after it returned.
func (s *Service) Serve(ctx context.Context) error {
	changed := make(chan struct{}, 1)
	watching := make(chan error, 1)
	go func() { // ends with ctx; waited for below
		watching <- s.platform.Watch(ctx, func() { poke(changed) })
	}()
	var look <-chan time.Time
	tick := time.NewTicker(min(s.o.Idle, lookEvery))
	defer tick.Stop()
	poke(changed)
	defer s.setWatched(false)
	for {
		select {
		case <-ctx.Done():
			if watching != nil {
				if err := <-watching; !errors.Is(err, ctx.Err()) {
					s.log.Debug("Mounts were not watched to the end", "reason", err)
				}
			}
			return ctx.Err()
		case err := <-watching:
			if watching = nil; ctx.Err() == nil {
				s.setWatched(false)
				s.log.Debug("Mounts are looked at from time to time", "reason", err)
				look = tick.C
			}
		case <-changed:
			s.look(true)
			s.setWatched(watching != nil)
		case <-look:
			s.look(false)
			s.closeIdle()
		case <-tick.C:
			s.closeIdle()
		case <-s.wake:
			s.deliver()
		}
	}
}

func (s *Service) setWatched(watched bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watched = watched
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// look reads the mount table. When the system says that it changed, every
// volume is examined again: one may have taken another's place and look the
// same in the table.
func (s *Service) look(examine bool) {
	t, err := s.sync()
	if err != nil {
		s.log.Warn("Reading the mount table failed", "error", err)
		return
	}
	if !examine {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range t.rows {
		if !r.probes() {
			continue
		}
		r.again = r.probing != nil // what is under way may have looked before it changed
		s.probe(r)
	}
}

func (s *Service) deliver() {
	s.mu.Lock()
	changes := s.changes
	s.changes = nil
	s.mu.Unlock()
	if s.o.OnChange == nil {
		return
	}
	for _, c := range changes {
		s.o.OnChange(c)
	}
}

// note queues a change if the volume known by identity is in another state, or
// at another mount point, than was last said. Called with s.mu held.
func (s *Service) note(identity string, v Volume) {
	if identity == "" {
		return
	}
	now := told{v.State, v.Mount}
	if last, ok := s.told[identity]; ok && last == now || !ok && v.State == Offline {
		return
	}
	if s.told[identity] = now; v.State == Offline {
		delete(s.told, identity)
	}
	const most = 1024 // while nobody serves
	if len(s.changes) >= most {
		s.changes = s.changes[1:]
	}
	s.changes = append(s.changes, Change{v})
	poke(s.wake)
}

// Close closes all drivers and waits for what is under way, but not for volumes
// that hang. Every later call is refused.
func (s *Service) Close() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		if s.table != nil {
			for _, r := range s.table.rows {
				s.drop(r)
			}
		}
		s.rest()
	}
	s.mu.Unlock()
	t := time.NewTimer(s.o.Timeout)
	defer t.Stop()
	select {
	case <-s.idle:
	case <-t.C:
		s.log.Warn("Left a volume behind that does not answer")
	}
	return nil
}

var errClosed = errs.New(errs.Unavailable, "volumes are not followed any more: the daemon is stopping")

// flight is a call that may hang.
type flight struct {
	done chan struct{} // closed when it returned; err is valid then
	late chan struct{} // closed when it takes too long
	err  error
}

// fly joins the call under way in slot, or starts f as one. When it takes too
// long, r counts as hung. Called with s.mu held; f runs without it.
func (s *Service) fly(r *row, slot **flight, f func() error) *flight {
	if *slot != nil {
		return *slot
	}
	fl := &flight{done: make(chan struct{}), late: make(chan struct{})}
	if s.closed {
		fl.err = errClosed
		close(fl.done)
		return fl
	}
	*slot = fl
	timer := time.AfterFunc(s.o.Timeout, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if *slot == fl {
			close(fl.late)
			s.hang(r)
		}
	})
	s.spawn(func() {
		err := f()
		timer.Stop()
		s.mu.Lock()
		fl.err = err
		*slot = nil
		if slot == &r.probing && r.again && !r.gone {
			r.again = false
			s.probe(r)
		}
		s.mu.Unlock()
		close(fl.done)
	})
	return fl
}

// spawn runs f in a goroutine that Close waits for. Called with s.mu held.
func (s *Service) spawn(f func()) {
	s.calls++
	go func() {
		f()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.calls--
		s.rest()
	}()
}

// rest tells Close that nothing is under way. Called with s.mu held.
func (s *Service) rest() {
	if s.closed && s.calls == 0 && !s.settled {
		s.settled = true
		close(s.idle)
	}
}

// wait returns what the flight returned, or that r hangs, or ctx's error.
func (s *Service) wait(ctx context.Context, r *row, fl *flight) error {
	select {
	case <-fl.done:
		return fl.err
	default:
	}
	select {
	case <-fl.done:
		return fl.err
	case <-fl.late:
		return errHung(r.Point)
	case <-ctx.Done():
		return ctx.Err()
	}
}
