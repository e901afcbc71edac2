package index

import (
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

// flusher writes one batch while the next one is collected. Its goroutine lives
// for one batch; start and wait see it end.
type flusher struct {
	log  *slog.Logger
	done chan error
	last time.Time
}

// flushEvery bounds how much work a crash repeats where little changes.
const flushEvery = time.Second

// due reports whether a batch should go even though it is small.
func (f *flusher) due() bool { return time.Since(f.last) >= flushEvery }

// start waits for the batch before and begins to write the next.
func (f *flusher) start(write func() error) error {
	if err := f.wait(); err != nil {
		return err
	}
	f.last = time.Now()
	done := make(chan error, 1)
	f.done = done
	go func() { done <- contained(f.log, write) }()
	return nil
}

// wait returns when nothing is being written any more.
func (f *flusher) wait() error {
	if f.done == nil {
		return nil
	}
	err := <-f.done
	f.done = nil
	return err
}

func contained(log *slog.Logger, fn func() error) (err error) {
	defer contain(log, &err)
	return fn()
}

// contain makes an error of a panic, which must end one walk and not the
// daemon. Its stack goes to the log.
func contain(log *slog.Logger, err *error) {
	if p := recover(); p != nil {
		log.Error("Indexing panicked", "panic", p, "stack", string(debug.Stack()))
		*err = errs.New(errs.Internal, "indexing panicked: %v", p)
	}
}
