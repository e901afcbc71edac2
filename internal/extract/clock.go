package extract

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	"github.com/stardrive/stardrive/internal/worker"
)

// A decoder that looks at its context ends before the parent kills the process:
// when it has computed for this part of the deadline and as much time has passed,
// or, on a busy machine, when so many deadlines have. Waits for the file count as
// neither: a slow disk condemns no file.
const (
	computes = 0.4 // of the deadline; the parent lets pass half of it
	passes   = 4   // deadlines; the parent lets pass five
	unknown  = 0.5 // deadlines, where it is not known what was computed
	looks    = 50 * time.Millisecond
)

// waits is a source that measures how long it is waited for.
type waits struct {
	io.ReaderAt
	past    atomic.Int64 // nanoseconds
	reading atomic.Int32 // how many are at it
}

func (w *waits) ReadAt(p []byte, off int64) (int, error) {
	began := time.Now()
	w.reading.Add(1)
	n, err := w.ReaderAt.ReadAt(p, off)
	w.past.Add(int64(time.Since(began)))
	w.reading.Add(-1)
	return n, err
}

// limited is a context whose time is measured in another way than by a clock on
// the wall.
type limited struct {
	context.Context
	over atomic.Bool
}

// Err implements context.Context.
func (l *limited) Err() error {
	err := l.Context.Err()
	if err != nil && l.over.Load() {
		return context.DeadlineExceeded
	}
	return err
}

// within returns a context that ends with context.DeadlineExceeded when a decoder
// has worked for too long. stop must be called.
func within(ctx context.Context, deadline time.Duration, read *waits) (_ context.Context, stop func()) {
	inner, cancel := context.WithCancel(ctx)
	l := &limited{Context: inner}
	began := time.Now()
	before, known := worker.Computed()
	ended := make(chan struct{})
	go func() { // ends with stop
		defer close(ended)
		tick := time.NewTicker(looks)
		defer tick.Stop()
		for {
			select {
			case <-inner.Done():
				return
			case <-tick.C:
			}
			if read.reading.Load() > 0 {
				continue // what is waited for now counts when it is known how long it took
			}
			now, _ := worker.Computed()
			if tooMuch(deadline, time.Since(began)-time.Duration(read.past.Load()), now-before, known) {
				l.over.Store(true)
				cancel()
				return
			}
		}
	}()
	return l, func() { cancel(); <-ended }
}

// tooMuch decides by the time that passed without waits for the file, and by what
// was computed.
func tooMuch(deadline, passed, computed time.Duration, known bool) bool {
	d := float64(deadline)
	if !known {
		return float64(passed) > unknown*d
	}
	return float64(min(computed, passed)) > computes*d || float64(passed) > passes*d
}
