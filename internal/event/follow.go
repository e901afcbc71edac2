package event

import (
	"context"
	"time"
)

// Feed is durable news: whatever happened after seq can be read at any time.
type Feed interface {
	// Since returns up to limit events after seq, in the order of seq, and the
	// seq to go on from. No events mean the end of the feed.
	Since(ctx context.Context, seq int64, limit int) (events []Event, next int64, err error)
}

// LaggedType is the type of the event that stands for dropped ephemeral news:
// whoever shows a state must ask for it anew.
const LaggedType = "lagged"

// Page is how many durable events Follow reads at once.
const Page = 1000

// Follow calls fn with all durable events after since and with the ephemeral
// news that comes meanwhile, until ctx ends or fn fails; it returns that error.
// A page of durable events is given to fn together, and the news after it bears
// a Seq that is safe to go on from. fn may be slow: it holds up nobody.
func Follow(ctx context.Context, b *Bus, feed Feed, since int64, fn func([]Event) error) error {
	sub := b.Subscribe()
	defer sub.Close()
	for {
		head := b.Head()
		events, next, err := feed.Since(ctx, since, Page)
		if err != nil {
			return err
		}
		more := len(events) > 0
		since = max(since, next)
		if !more {
			// What the head counts beyond was of rows that changed again or are
			// gone for good: without passing over it, waiting would never end.
			since = max(since, head)
		}
		news, lagged := sub.Take()
		if lagged {
			news = append(news, Event{Time: time.Now(), Type: LaggedType})
		}
		for i := range news {
			news[i].Seq = since
		}
		if events = append(events, news...); len(events) > 0 {
			if err := fn(events); err != nil {
				return err
			}
		}
		if more {
			continue
		}
		if err := sub.Wait(ctx, since); err != nil {
			return err
		}
	}
}
