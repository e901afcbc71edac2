package volumes

import (
	"context"
	"path/filepath"
	"reflect"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// session is one volume's driver while the volume stays mounted. An open driver
// keeps the volume from being unmounted, so it is closed when nobody used it for
// a while, and opened again, on the same volume or not at all, at the next call.
type session struct {
	s       *Service
	r       *row
	root    Root    // what must stand at the mount point
	opening *flight // guarded by Service.mu

	mu       sync.Mutex // may be taken while Service.mu is held, never the other way
	driver   vfs.Driver // nil: closed now
	features vfs.Features
	pinned   bool // has capabilities that work only while the driver is open: never idle
	users    int
	used     time.Time
	dead     bool
}

// connect returns a driver for r after it made sure that what was examined still
// stands at the mount point.
func (s *Service) connect(ctx context.Context, r *row) (vfs.Driver, error) {
	s.mu.Lock()
	if err := s.usable(r); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	if r.session == nil {
		r.session = &session{s: s, r: r, root: r.root}
	}
	x := r.session
	check := s.fly(r, &r.checking, func() error { return x.check() })
	s.mu.Unlock()
	if err := s.wait(ctx, r, check); err != nil {
		return nil, err
	}
	_, release, err := x.acquire(ctx)
	if err != nil {
		if x.over() {
			err = replaced{err}
		}
		return nil, err
	}
	release()
	return driver{x}, nil
}

// replaced is why a session ends when something else stands at its mount point.
type replaced struct{ error }

func (r replaced) Unwrap() error { return r.error }

// check fails unless the session's volume stands at the mount point. It may hang.
func (x *session) check() error {
	root, err := x.s.platform.Root(x.r.Point)
	if err == nil && root == x.root {
		return nil
	}
	x.s.log.Debug("Something else stands at a mount point", "mount", x.r.Point, "error", err)
	return replaced{errGone(x.r.Point)}
}

// acquire returns the open driver; the caller releases it.
func (x *session) acquire(ctx context.Context) (vfs.Driver, func(), error) {
	for {
		x.mu.Lock()
		switch {
		case x.dead:
			x.mu.Unlock()
			return nil, nil, errGone(x.r.Point)
		case x.driver != nil:
			x.users++
			d := x.driver
			x.mu.Unlock()
			return d, x.release, nil
		}
		x.mu.Unlock()
		if err := x.open(ctx); err != nil {
			return nil, nil, err
		}
	}
}

func (x *session) over() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.dead
}

func (x *session) release() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.users--
	x.used = time.Now()
}

func (x *session) open(ctx context.Context) error {
	x.s.mu.Lock()
	if err := x.s.usable(x.r); err != nil {
		x.s.mu.Unlock()
		return err
	}
	fl := x.s.fly(x.r, &x.opening, x.openNow)
	x.s.mu.Unlock()
	return x.s.wait(ctx, x.r, fl)
}

// openNow opens the driver between two looks at the mount point, so that it
// stands on the volume meant even if that went away meanwhile. It may hang.
func (x *session) openNow() error {
	if err := x.check(); err != nil {
		return err
	}
	d, err := x.s.o.Open(filepath.FromSlash(x.r.Point))
	if err != nil {
		return errs.New(errs.KindOf(err), "open the volume: %w", err).At(x.r.Point)
	}
	if err := x.check(); err != nil {
		x.closeDriver(d)
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.dead {
		x.closeDriver(d)
		return errGone(x.r.Point)
	}
	x.driver, x.used = d, time.Now()
	x.features = d.Features()
	x.pinned = unknownCapability(x.features)
	return nil
}

func (x *session) closeDriver(d vfs.Driver) {
	if err := d.Close(); err != nil {
		x.s.log.Debug("Closing a volume failed", "mount", x.r.Point, "error", err)
	}
}

// endSession makes the drivers handed out for r fail with errs.Unavailable from
// now on. Called with s.mu held.
func (s *Service) endSession(r *row) {
	x := r.session
	if x == nil {
		return
	}
	r.session = nil
	x.mu.Lock()
	defer x.mu.Unlock()
	x.dead = true
	s.shut(x)
}

// shut closes the driver in a goroutine of its own: it may hang. Called with
// s.mu and x.mu held.
func (s *Service) shut(x *session) {
	if d := x.driver; d != nil {
		x.driver = nil
		s.spawn(func() { x.closeDriver(d) })
	}
}

func (s *Service) closeIdle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.table == nil {
		return
	}
	for _, r := range s.table.rows {
		if x := r.session; x != nil {
			x.mu.Lock()
			if x.users == 0 && !x.pinned && time.Since(x.used) >= s.o.Idle {
				s.shut(x)
			}
			x.mu.Unlock()
		}
	}
}

// unknownCapability reports whether f offers something that this package hands
// on as it is, because it was added to vfs.Features later.
func unknownCapability(f vfs.Features) bool {
	f.Readlink, f.Space = nil, nil
	w := f.Writing
	f.Writing = nil
	if w == nil {
		return offers(f)
	}
	writing := *w
	writing.Dir, writing.Holds, writing.Same = nil, nil, nil // the last two ask no volume
	return offers(f) || offers(writing)
}

// offers reports whether a struct holds anything that could be called.
func offers(capabilities any) bool {
	v := reflect.ValueOf(capabilities)
	for i := range v.NumField() {
		switch v.Field(i).Kind() {
		case reflect.Func, reflect.Interface, reflect.Pointer, reflect.Map, reflect.Slice, reflect.Chan:
			if !v.Field(i).IsNil() {
				return true
			}
		default: // plain facts
		}
	}
	return false
}
