package app

import (
	"context"
	"runtime/debug"
	"time"
)

// gcPercent keeps the heap within 1.4 times what is live, instead of twice: most
// of it is columns without pointers, which cost the collector next to nothing.
const gcPercent = 40

// quiet is how long after the end of a job its memory is given back.
const quiet = 2 * time.Second

// thrift gives memory back to the system after large work.
type thrift struct {
	ended  chan struct{}
	shrink func() // has others let go of what they can do without; it may be nil
}

func newThrift() thrift { return thrift{ended: make(chan struct{}, 1)} }

// jobEnded notes that work has ended that took memory. It never blocks.
func (t thrift) jobEnded() {
	select {
	case t.ended <- struct{}{}:
	default:
	}
}

// Serve waits for work to end and then for quiet.
func (t thrift) Serve(ctx context.Context) error {
	for {
		select {
		case <-t.ended:
		case <-ctx.Done():
			return nil
		}
		select {
		case <-time.After(quiet):
			if t.shrink != nil {
				t.shrink()
			}
			debug.FreeOSMemory()
		case <-ctx.Done():
			return nil
		}
	}
}
