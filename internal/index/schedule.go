package index

import (
	"context"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// Clock is the time, as the schedule of scans sees it.
type Clock interface {
	Now() time.Time
	// After returns a channel that tells once when d has passed, unless stop was
	// called before.
	After(d time.Duration) (passed <-chan time.Time, stop func())
}

type systemClock struct{}

// Now is part of Clock.
func (systemClock) Now() time.Time { return time.Now() }

// After is part of Clock.
func (systemClock) After(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

// schedule has locations looked at again at their intervals: what is not watched
// is seen by nothing else, and what is watched is not taken on trust for ever.
// It also sees to what waits for mains power.
type schedule struct {
	s     *Service
	wake  chan struct{}                  // holds one token when a policy changed
	asked map[ident.LocationID]time.Time // when it last asked for a scan; serve's alone
}

// lookEvery is how often the schedule looks which location's time has come.
const lookEvery = time.Minute

func newSchedule(s *Service) *schedule {
	return &schedule{s: s, wake: make(chan struct{}, 1), asked: map[ident.LocationID]time.Time{}}
}

// look has the schedule look now.
func (c *schedule) look() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// serve keeps the schedule until ctx ends. What fails is tried at the next look.
func (c *schedule) serve(ctx context.Context) {
	for {
		passed, stop := c.s.Clock.After(lookEvery)
		select {
		case <-passed:
		case <-c.wake:
		case <-ctx.Done():
		}
		stop()
		if ctx.Err() != nil {
			return
		}
		if err := c.lookOnce(ctx); err != nil && ctx.Err() == nil {
			c.s.Log.Warn("Looking which locations are due for a scan failed", "error", err)
		}
	}
}

// lookOnce asks for the scans whose time has come.
func (c *schedule) lookOnce(ctx context.Context) error {
	ls, folders, err := c.online(ctx)
	for i, l := range ls {
		due := false
		if err == nil {
			due, err = c.isDue(ctx, l, folders[i])
		}
		if err == nil && due {
			c.asked[l.ID] = c.s.Clock.Now()
			c.s.due.add(l.ID)
		}
	}
	return err
}

// online returns the locations that can be scanned, and how many folders each has.
func (c *schedule) online(ctx context.Context) (ls []catalog.Location, folders []int64, err error) {
	err = c.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		all, err := r.Locations()
		if err != nil {
			return err
		}
		for _, l := range all {
			v, err := r.Volume(l.Volume)
			if err != nil {
				return err
			}
			top, err := r.Entry(l.Entry)
			if err != nil {
				return err
			}
			if c.s.Volumes.Ground(v).Online {
				ls, folders = append(ls, l), append(folders, countable(l, &top))
			}
		}
		return nil
	})
	return ls, folders, err
}

// isDue reports whether a location's time has come: its interval is over, or it
// is owed a scan that had to wait. A scan that is queued, runs or is paused is
// the one that is wanted.
func (c *schedule) isDue(ctx context.Context, l catalog.Location, folders int64) (bool, error) {
	if !c.s.mayScan(l) {
		return false, nil
	}
	if l.Job != 0 {
		snap, err := c.s.jobs.Get(ctx, l.Job)
		if err != nil && !errs.Is(err, errs.NotFound) || err == nil && !snap.State.Final() {
			return false, err
		}
	}
	if c.s.due.is(l.ID) {
		return true, nil
	}
	every := c.s.every(l, folders)
	since := func(t time.Time) bool {
		age := c.s.Clock.Now().Sub(t)
		return age >= every || age < -lookEvery // a clock that was set back must not put it off for years
	}
	return every > 0 && since(l.Indexed) && since(c.asked[l.ID]), nil
}

// every is how long after a scan the next one comes; 0: never.
func (s *Service) every(l catalog.Location, folders int64) time.Duration {
	p := policyOf(l)
	d := p.interval(p.Watch != off && folders > 0 && s.watcher.watched(l.ID) >= folders)
	if d > 0 && l.State == catalog.Held { // it waits for the user's word, and each scan lists anew what is missing
		d = max(d, day)
	}
	return d
}
