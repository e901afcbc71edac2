// Package giveway has large work in the background give way to what somebody waits
// for: the processors are few, and who searches while a million files are indexed
// should not notice. It knows neither the work nor the questions.
package giveway

import (
	"sync"
	"sync/atomic"
	"time"
)

// most is how long work waits at once. Afterwards it goes on for a quarter of what it
// waited: however much is asked, it comes to its end.
const most = 20 * time.Millisecond

// Lane is where work and questions meet. Its zero value is ready, and all methods may
// be called at once, on a nil Lane too, where nobody waits.
type Lane struct {
	asked atomic.Int32 // questions under way
	until atomic.Int64 // work goes on at least until then, in nanoseconds since 1970

	mu   sync.Mutex
	free chan struct{} // closed when the last question is answered; nil: nobody waits for that
}

// Ask notes that a question is under way, until done is called.
func (l *Lane) Ask() (done func()) {
	if l == nil {
		return func() {}
	}
	l.asked.Add(1)
	return sync.OnceFunc(func() {
		if l.asked.Add(-1) > 0 {
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.free != nil {
			close(l.free)
			l.free = nil
		}
	})
}

// Wait is called by work every millisecond or so. While nothing is asked it costs
// next to nothing; else it returns when all is answered, or after a moment.
func (l *Lane) Wait() {
	if l == nil || l.asked.Load() == 0 || time.Now().UnixNano() < l.until.Load() {
		return
	}
	l.mu.Lock()
	if l.asked.Load() == 0 { // Ask's done takes mu after that
		l.mu.Unlock()
		return
	}
	if l.free == nil {
		l.free = make(chan struct{})
	}
	free := l.free
	l.mu.Unlock()
	began, late := time.Now(), time.NewTimer(most)
	defer late.Stop()
	select {
	case <-free:
	case <-late.C:
	}
	now := time.Now()
	l.until.Store(now.Add(now.Sub(began) / 4).UnixNano())
}
