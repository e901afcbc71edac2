package event

import (
	"context"
	"sync"
	"time"
)

// Bus connects publishers and subscribers. All methods are safe for concurrent
// use and none blocks, but for Wait.
type Bus struct {
	mu      sync.Mutex
	reached int64
	subs    map[*Subscription]struct{}
}

// NewBus returns a Bus.
func NewBus() *Bus { return &Bus{subs: map[*Subscription]struct{}{}} }

// Reached says that the change feed can be read up to seq.
func (b *Bus) Reached(seq int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if seq <= b.reached {
		return
	}
	b.reached = seq
	for s := range b.subs {
		s.nudge()
	}
}

// Head returns how far the feed was said to reach.
func (b *Bus) Head() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.reached
}

// Publish hands v to everybody who listens now.
func Publish[T any](b *Bus, t Topic[T], v T) {
	key := ""
	if t.Key != nil {
		key = t.Name + "\x00" + t.Key(v)
	}
	b.publish(Event{Time: time.Now(), Type: t.Name, Data: v}, key)
}

func (b *Bus) publish(e Event, key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e.Seq = b.reached
	for s := range b.subs {
		if !s.quiet {
			s.add(e, key)
		}
	}
}

// Option changes a subscription.
type Option func(*Subscription)

// Quiet subscribes to the reach of the feed alone, not to ephemeral news.
func Quiet() Option { return func(s *Subscription) { s.quiet = true } }

// maxPending bounds the ephemeral news that waits for one subscriber.
const maxPending = 256

// Subscription is one subscriber's side. Its methods belong to one goroutine.
type Subscription struct {
	bus   *Bus
	quiet bool
	wake  chan struct{} // holds one token when there may be something new

	// Guarded by bus.mu.
	pending []pending
	lagged  bool
}

type pending struct {
	event Event
	key   string
}

// Subscribe begins to listen. The caller must Close.
func (b *Bus) Subscribe(opts ...Option) *Subscription {
	s := &Subscription{bus: b, wake: make(chan struct{}, 1)}
	for _, o := range opts {
		o(s)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.subs[s] = struct{}{}
	return s
}

// Close ends the listening.
func (s *Subscription) Close() {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	delete(s.bus.subs, s)
}

func (s *Subscription) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// add keeps e for the subscriber: in the place of older news with its key, or
// at the end, where there is room.
func (s *Subscription) add(e Event, key string) {
	s.nudge()
	if key != "" {
		for i := range s.pending {
			if s.pending[i].key == key {
				s.pending[i].event = e
				return
			}
		}
	}
	if len(s.pending) >= maxPending {
		s.lagged = true
		return
	}
	s.pending = append(s.pending, pending{e, key})
}

// Take returns the ephemeral news that came since the last Take, in the order in
// which its keys first came, and whether some was dropped.
func (s *Subscription) Take() (news []Event, lagged bool) {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	for _, p := range s.pending {
		news = append(news, p.event)
	}
	lagged = s.lagged
	s.pending, s.lagged = nil, false
	return news, lagged
}

// Wait returns nil when the feed reaches beyond seq or news waits to be taken,
// and the error of ctx when that ends first.
func (s *Subscription) Wait(ctx context.Context, seq int64) error {
	for {
		s.bus.mu.Lock()
		ready := s.bus.reached > seq || len(s.pending) > 0 || s.lagged
		s.bus.mu.Unlock()
		if ready {
			return nil
		}
		select {
		case <-s.wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
