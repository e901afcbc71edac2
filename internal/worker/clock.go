package worker

import (
	"cmp"
	"fmt"
	"sync"
	"time"
)

// patience is how many times its deadline an ask may take when the child got
// little of the processor: a busy machine must not condemn a file.
const patience = 5

// clock kills a child whose time is up. It stands still while the child waits
// for the file.
type clock struct {
	c        *child
	deadline time.Duration

	mu     sync.Mutex
	timer  *time.Timer
	since  time.Time     // when it began to run
	left   time.Duration // when it stood still last
	cpu    time.Duration // of the child, at the beginning
	waited int           // how often it rang and was set again
	over   bool
	done   bool
}

func newClock(c *child, deadline time.Duration) *clock {
	k := &clock{c: c, deadline: cmp.Or(deadline, defaultDeadline)}
	k.cpu, _ = processorTime(c.cmd.Process)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.since, k.left = time.Now(), k.deadline
	k.timer = time.AfterFunc(k.deadline, k.ring)
	return k
}

func (k *clock) ring() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.done {
		return
	}
	k.waited++
	used, known := processorTime(k.c.cmd.Process)
	if known && used-k.cpu < k.deadline/2 && k.waited < patience {
		k.since, k.left = time.Now(), k.deadline
		k.timer.Reset(k.deadline)
		return
	}
	k.over, k.done = true, true
	k.c.kill()
}

func (k *clock) pause() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.done && k.timer.Stop() {
		k.left -= time.Since(k.since)
	}
}

func (k *clock) goOn() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.done {
		k.since = time.Now()
		k.timer.Reset(max(k.left, time.Millisecond))
	}
}

// stop ends the clock; false: the time was up before.
func (k *clock) stop() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.done = true
	k.timer.Stop()
	return !k.over
}

func (k *clock) died() error {
	return &Died{Reason: fmt.Sprintf("it takes longer than %s", k.deadline), Late: true}
}
