package copier

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// Limit is a bandwidth that several calls share.
type Limit struct{ bucket *rate.Limiter }

// NewLimit allows bytesPerSecond on average; 0: as many as there are.
func NewLimit(bytesPerSecond int64) *Limit {
	return &Limit{rate.NewLimiter(perSecond(bytesPerSecond), blockSize)}
}

// Set changes the limit, also for what is under way.
func (l *Limit) Set(bytesPerSecond int64) { l.bucket.SetLimit(perSecond(bytesPerSecond)) }

func perSecond(bytes int64) rate.Limit {
	if bytes <= 0 {
		return rate.Inf
	}
	return rate.Limit(bytes)
}

// lookAgain is how long whoever waits for a turn waits at once, before it looks whether
// the turn is still wanted.
const lookAgain = 100 * time.Millisecond

// wait blocks until n more bytes may pass, or stop tells why they are not wanted any
// more. It takes what passes in a moment, and looks again: whoever waits for a turn at a
// limit that is very low must not sit it out when the limit is gone.
func (l *Limit) wait(ctx context.Context, n int64, stop func() error) error {
	for n > 0 {
		part := min(n, blockSize)
		if limit := l.bucket.Limit(); limit != rate.Inf {
			part = min(part, max(int64(limit)/4, 1))
		}
		if err := l.turn(ctx, int(part), stop); err != nil {
			return err
		}
		n -= part
	}
	return nil
}

// turn blocks until n bytes may pass, which are given back if they are not wanted.
func (l *Limit) turn(ctx context.Context, n int, stop func() error) error {
	turn := l.bucket.ReserveN(time.Now(), n)
	for left := turn.Delay(); left > 0; left = turn.Delay() {
		select {
		case <-ctx.Done():
		case <-time.After(min(left, lookAgain)):
		}
		if err := stop(); err != nil {
			turn.Cancel()
			return err
		}
	}
	return nil
}
