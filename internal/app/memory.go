package app

import (
	"context"
	"runtime/debug"
	"time"
)

// gcPercent keeps the heap within 1.3 times what is live, instead of twice: most
// of it is columns without pointers, which cost the collector next to nothing.
const gcPercent = 30

// quiet is how long after the end of a job its memory is given back once more.
const quiet = 2 * time.Second

// often is after how long memory is given back at the very end of a job, too.
const often = 10 * time.Second

// largeWalk is after how many entries memory is given back before anybody hears of the
// end of a walk: who waited for it searches at once, and needs memory for that.
const largeWalk = 100_000

func walked(entries int64) {
	if entries > largeWalk {
		debug.FreeOSMemory()
	}
}

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
	var last time.Time
	for {
		select {
		case <-t.ended:
		case <-ctx.Done():
			return nil
		}
		if time.Since(last) > often { // what comes next may want memory at once
			debug.FreeOSMemory()
		}
		select {
		case <-time.After(quiet):
			if t.shrink != nil {
				t.shrink()
			}
			debug.FreeOSMemory()
			last = time.Now()
		case <-ctx.Done():
			return nil
		}
	}
}
