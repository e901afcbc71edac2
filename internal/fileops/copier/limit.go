package copier

import (
	"context"

	"golang.org/x/time/rate"
)

// Limit is a bandwidth that several calls share.
type Limit struct{ bucket *rate.Limiter }

// NewLimit allows bytesPerSecond on average, at least one.
func NewLimit(bytesPerSecond int64) *Limit {
	return &Limit{rate.NewLimiter(rate.Limit(max(bytesPerSecond, 1)), blockSize)}
}

// Set changes the limit, also for what is under way.
func (l *Limit) Set(bytesPerSecond int64) { l.bucket.SetLimit(rate.Limit(max(bytesPerSecond, 1))) }

// wait blocks until n more bytes may pass. A nil Limit lets all pass.
func (l *Limit) wait(ctx context.Context, n int64) error {
	if l == nil {
		return nil
	}
	for n > 0 {
		part := min(n, blockSize)
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
