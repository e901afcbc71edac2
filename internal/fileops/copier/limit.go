package copier

import (
	"context"

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

// wait blocks until n more bytes may pass. It takes what passes in a moment, and looks
// again: whoever waits for a turn at a limit that is very low must not sit it out when
// the limit is gone.
func (l *Limit) wait(ctx context.Context, n int64) error {
	for n > 0 {
		part := min(n, blockSize)
		if limit := l.bucket.Limit(); limit != rate.Inf {
			part = min(part, max(int64(limit)/4, 1))
		}
		if err := l.bucket.WaitN(ctx, int(part)); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return err // the deadline comes before the turn
		}
		n -= part
	}
	return nil
}
