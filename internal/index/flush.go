package index

import (
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

// flusher writes one batch while the next one is collected. Its goroutine lives
// for one batch; start and wait see it end.
type flusher struct {
	flush func(b *catalog.Batch, left []ident.EntryID, c counts, current string) error
	done  chan error
	last  time.Time
}

// flushEvery bounds how much work a crash repeats where little changes.
const flushEvery = time.Second

// due reports whether a batch should go even though it is small.
func (f *flusher) due() bool { return time.Since(f.last) >= flushEvery }

// start waits for the batch before and begins to write b.
func (f *flusher) start(b *catalog.Batch, left []ident.EntryID, c counts, current string) error {
	if err := f.wait(); err != nil {
		return err
	}
	f.last = time.Now()
	done := make(chan error, 1)
	f.done = done
	go func() { done <- f.flush(b, left, c, current) }()
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
