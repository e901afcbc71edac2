package event_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stardrive/stardrive/internal/event"
)

// holes is a feed whose newest rows are gone: the head counts further than
// there is anything to read.
type holes struct{ calls atomic.Int64 }

func (f *holes) Since(_ context.Context, seq int64, _ int) ([]event.Event, int64, error) {
	f.calls.Add(1)
	return nil, seq, nil
}

func TestFollowSleepsOverHoles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, f := event.NewBus(), &holes{}
		b.Reached(1000)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- event.Follow(ctx, b, f, 0, func([]event.Event) error { return nil }) }()
		synctest.Wait() // returns when Follow sleeps, which a busy loop never does
		if n := f.calls.Load(); n != 1 {
			t.Errorf("the feed was read %d times", n)
		}
		b.Reached(1001)
		synctest.Wait()
		if n := f.calls.Load(); n != 2 {
			t.Errorf("the feed was read %d times after one wake-up", n)
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// TestSlowFollowerHoldsUpNobody: while one follower sleeps, publishing goes on
// without waiting, and afterwards the follower gets every durable event.
func TestSlowFollowerHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, f := event.NewBus(), &feed{}
		done := errors.New("done")
		end := make(chan error)
		durable, lagged := int64(0), false
		go func() {
			end <- event.Follow(t.Context(), b, f, 0, func(es []event.Event) error {
				for _, e := range es {
					switch e.Type {
					case "entry.changed":
						durable++
					case event.LaggedType:
						lagged = true
					}
					if e.Type != "entry.changed" && e.Seq < durable {
						t.Errorf("news with seq %d after %d durable events", e.Seq, durable)
					}
				}
				if durable == 5000 {
					return done
				}
				time.Sleep(time.Hour)
				return nil
			})
		}()
		start := time.Now()
		for i := range 5000 {
			f.mu.Lock()
			f.n++
			f.mu.Unlock()
			b.Reached(int64(i + 1))
			event.Publish(b, changed, progress{Job: string(rune('a' + i%1000)), Done: i})
		}
		if took := time.Since(start); took != 0 { // the bubble's clock moves only when all sleep
			t.Errorf("publishing waited %v", took)
		}
		if err := <-end; err != done {
			t.Error(err)
		}
		if !lagged {
			t.Error("dropped news was not told")
		}
	})
}

func TestQuietHearsOfTheFeedAlone(t *testing.T) {
	b := event.NewBus()
	s := b.Subscribe(event.Quiet())
	defer s.Close()
	event.Publish(b, changed, progress{"a", 1})
	if news, lagged := s.Take(); len(news) != 0 || lagged {
		t.Errorf("got %v", news)
	}
	b.Reached(5)
	if err := s.Wait(t.Context(), 4); err != nil {
		t.Error(err)
	}
	b.Reached(3) // never goes back
	if b.Head() != 5 {
		t.Errorf("head %d", b.Head())
	}
}
