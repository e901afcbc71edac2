package worker

import (
	"context"
	"time"
)

// lanes bound how much goes on at once. Background work shares some places;
// there is one more that only urgent work may take, so that it never waits for
// the background.
type lanes struct{ common, fast chan struct{} }

func newLanes(n int) lanes {
	return lanes{make(chan struct{}, n), make(chan struct{}, 1)}
}

// enter waits for a place; free gives it back.
func (l lanes) enter(ctx context.Context, urgent bool) (free func(), err error) {
	fast := l.fast
	if !urgent {
		fast = nil
	}
	select {
	case l.common <- struct{}{}:
		return func() { <-l.common }, nil
	case fast <- struct{}{}:
		return func() { <-l.fast }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
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
