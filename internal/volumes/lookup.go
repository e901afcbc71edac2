package volumes

import (
	"context"
	"errors"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// DriverFor returns a driver for the volume known by identity, and where it is
// mounted now. It makes sure that this very volume stands there. The driver
// belongs to the Service: Close of it does nothing. It opens the volume when it
// is used, lets go of it in idle times, and fails with errs.Unavailable for good
// once the volume was unmounted; ask again then.
//
// Errors are errs.Unavailable (offline, hung, broken), errs.Conflict (a copy of
// another mounted volume), errs.Denied, or ctx's.
func (s *Service) DriverFor(ctx context.Context, identity string) (vfs.Driver, string, error) {
	d, r, err := s.again(ctx, func() (*row, error) {
		t, err := s.sync()
		if err != nil {
			return nil, err
		}
		return s.find(ctx, t, identity)
	})
	if err != nil {
		return nil, "", border("volume.open", err)
	}
	return d, r.Point, nil
}

// again connects to the row that find returns. When another volume took its
// place, the row is examined and find asked once more.
func (s *Service) again(ctx context.Context, find func() (*row, error)) (vfs.Driver, *row, error) {
	for tries := 2; ; tries-- {
		r, err := find()
		if err != nil {
			return nil, nil, err
		}
		d, err := s.connect(ctx, r)
		if err == nil || tries <= 1 || !isReplaced(err) {
			return d, r, err
		}
		if err := s.examine(ctx, r); err != nil {
			return nil, nil, err
		}
	}
}

// examine looks at r anew and waits for it; only ctx's error is returned.
func (s *Service) examine(ctx context.Context, r *row) error {
	s.mu.Lock()
	fl := s.probe(r)
	s.mu.Unlock()
	_ = s.wait(ctx, r, fl) // r's state tells
	return ctx.Err()
}

// find returns the mount of the volume known by identity.
func (s *Service) find(ctx context.Context, t *table, identity string) (*row, error) {
	online := func() *row {
		s.mu.Lock()
		defer s.mu.Unlock()
		if r := s.best(identity); r != nil && r.state == Online {
			return r
		}
		return nil
	}
	if r := online(); r != nil {
		return r, nil
	}
	// It may be one that nobody looked at yet.
	for _, r := range t.rows {
		if r.probes() {
			if err := s.settle(ctx, r); err != nil && ctx.Err() != nil {
				return nil, err
			}
		}
	}
	if r := online(); r != nil {
		return r, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.best(identity); r != nil {
		if err := s.usable(r); err != nil {
			return nil, err
		}
	}
	return nil, errOffline(identity)
}

// Find returns the volume known by identity as it was seen last; ok is false if
// it is not mounted. It is quick: while Serve runs and the system tells of
// changes it touches nothing, and it waits for nothing but a first examination.
func (s *Service) Find(ctx context.Context, identity string) (v Volume, ok bool) {
	t, err := s.known()
	if err != nil {
		return Volume{}, false
	}
	if _, err := s.find(ctx, t, identity); err != nil && ctx.Err() != nil {
		return Volume{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.best(identity); r != nil {
		return s.volume(r), true
	}
	return Volume{}, false
}

// known returns the mount table, read anew only if nobody tells of changes.
func (s *Service) known() (*table, error) {
	s.mu.Lock()
	t, watched := s.table, s.watched && !s.closed
	s.mu.Unlock()
	if t != nil && watched {
		return t, nil
	}
	return s.sync()
}

// List returns all volumes that are mounted now, with fresh capacities, in the
// order of mounting. It waits for volumes that do not answer only until they
// count as hung. Mounts that this user may not look at are left out.
func (s *Service) List(ctx context.Context) ([]Volume, error) {
	t, err := s.sync()
	if err != nil {
		return nil, border("volume.list", err)
	}
	if err := s.refresh(ctx, t); err != nil {
		return nil, border("volume.list", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.listed(t), nil
}

// listed returns the volumes of the table as they were seen last. Called with
// s.mu held.
func (s *Service) listed(t *table) []Volume {
	var vs []Volume
	for _, r := range t.rows {
		if r.gone || !r.probes() || r.file || t.home(r) != r || errs.Is(r.err, errs.Denied) {
			continue
		}
		if r.facts.Identity != "" && r.state != Clone && s.best(r.facts.Identity) != r {
			continue // another mount of the same share
		}
		v := s.volume(r)
		if v.Identity == "" {
			v.Facts = describe(r.Mount, Probed{})
			v.Identity = "" // not known yet
		}
		vs = append(vs, v)
	}
	return vs
}

// refresh examines every volume anew and waits for those that answer in time.
func (s *Service) refresh(ctx context.Context, t *table) error {
	flights := map[*row]*flight{}
	s.mu.Lock()
	for _, r := range t.rows {
		if r.probes() && t.home(r) == r && !r.gone {
			flights[r] = s.probe(r)
		}
	}
	s.mu.Unlock()
	for r, fl := range flights {
		_ = s.wait(ctx, r, fl) // the row's state tells
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// border makes an *errs.Error of whatever happened inside.
func border(op string, err error) error {
	var e *errs.Error
	if errors.As(err, &e) {
		return e
	}
	return errs.In(op, err)
}
