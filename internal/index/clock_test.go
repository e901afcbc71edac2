package index

import (
	"sync"
	"time"
)

// clock is a Clock that the test turns.
type clock struct {
	mu     sync.Mutex
	now    time.Time
	timers map[chan time.Time]time.Time
	asked  int // timers that were started
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC), timers: map[chan time.Time]time.Time{}}
}

// Now is part of Clock.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// After is part of Clock.
func (c *clock) After(d time.Duration) (<-chan time.Time, func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan time.Time, 1)
	c.timers[ch] = c.now.Add(d)
	c.asked++
	return ch, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.timers, ch)
	}
}

func (c *clock) turn(d time.Duration) (asked int, fired bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for ch, at := range c.timers {
		if !at.After(c.now) {
			ch <- c.now
			delete(c.timers, ch)
			fired = true
		}
	}
	return c.asked, fired
}

func (c *clock) ticks() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.timers) > 0
}

func (c *clock) starts() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked
}

// pass lets time pass, and returns when the schedule has looked and all it asked
// for is done. It looks once a minute, so d must be at least that.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	w.until("the schedule waits", w.clock.ticks)
	asked, fired := w.clock.turn(d)
	if !fired {
		w.t.Fatalf("%v is too short for the schedule to look", d)
	}
	w.until("the schedule has looked", func() bool { return w.clock.starts() > asked })
	w.calm()
}
