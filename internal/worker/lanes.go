package worker

import (
	"context"
	"time"
)

// lanes bound how much goes on at once. Background work shares some places;
// there is one more that only urgent work may take, so that it never waits for
// the background.
type lanes struct {
	common, fast chan struct{}
	lend         time.Duration // after which the place of a child that waits is lent
}

func newLanes(n int) lanes {
	return lanes{make(chan struct{}, n), make(chan struct{}, 1), lendAfter}
}

const lendAfter = time.Second

// place is what a call has of the lanes. It belongs to one call.
type place struct {
	l      lanes
	urgent bool
	held   chan struct{} // the lane it is in; nil: none
}

// enter waits for a place; the caller leaves it.
func (l lanes) enter(ctx context.Context, urgent bool) (*place, error) {
	p := &place{l: l, urgent: urgent}
	return p, p.take(ctx)
}

func (p *place) take(ctx context.Context) error {
	fast := p.l.fast
	if !p.urgent {
		fast = nil
	}
	select {
	case p.l.common <- struct{}{}:
		p.held = p.l.common
	case fast <- struct{}{}:
		p.held = p.l.fast
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

func (p *place) leave() {
	if p.held != nil {
		<-p.held
		p.held = nil
	}
}

// wait does what the call must wait for and nobody computes at, such as a read. When
// that takes long, others have the place meanwhile: one slow volume must not keep the
// files of all others waiting. Errors: that ctx ended while it waited for its place.
func (p *place) wait(ctx context.Context, do func()) error {
	lent := make(chan struct{})
	late := time.AfterFunc(p.l.lend, func() {
		p.leave()
		close(lent)
	})
	do()
	if late.Stop() {
		return nil
	}
	<-lent
	return p.take(ctx)
}

// The pause before the next start, after one, two … children in a row that did
// not live to their next ask.
const (
	firstPause = 50 * time.Millisecond
	longPause  = 30 * time.Second
)

// pause keeps a row of crashes from keeping the machine busy with starts.
type pause struct {
	row   int
	until time.Time
}

func (p *pause) failed() {
	wait := longPause
	if p.row < 10 {
		wait = min(longPause, firstPause<<p.row)
	}
	p.row++
	p.until = time.Now().Add(wait)
}

func (p *pause) left() time.Duration { return time.Until(p.until) }

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
