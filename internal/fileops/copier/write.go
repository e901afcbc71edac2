package copier

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

const (
	blockSize = 1 << 20
	largeSize = 8 << 20 // from here on one file at a time
	few       = 8       // up to here each file is synced by itself
	tries     = 3
)

// Write writes the pieces under their Temp names, all to one volume, and syncs
// them together. The answer has one Written for each piece, in their order; one
// that fails keeps no other from being written. What a failed piece left under
// Temp is removed, unless Written.Left says otherwise. It blocks until all is
// done or ctx ends; nothing runs afterwards. Into must be open since before the
// first byte was written.
//
// Kinds of Written.Err: Conflict, the source or Temp is not what it was (busy
// after three tries); Unsupported, the thing cannot be copied (FIFO, device, a
// file that tells a wrong size); Unavailable, the target is full or gone, with
// the errno in the chain; Denied; Cancelled; Internal, a disk fails, or what was
// read back was not what was written.
func (e *Engine) Write(ctx context.Context, ps []Piece, o Options) []Written {
	if len(ps) == 0 {
		return nil
	}
	b := &batch{e: e, o: o, ps: ps, out: make([]Written, len(ps)), owners: map[vfs.Dir]owner{}, states: make([]state, len(ps))}
	for i := range ps {
		if ps[i].Volume != ps[0].Volume {
			return b.refuseAll(errs.New(errs.Internal, "pieces for several volumes cannot be synced together"))
		}
	}
	b.together = len(ps) > few && b.canSyncAll(ctx)
	all := make([]int, len(ps))
	for i := range all {
		all[i] = i
	}
	b.each(ctx, all, b.write)
	b.sync(ctx)
	b.each(ctx, all, b.finish)
	return b.out
}

func (b *batch) refuseAll(err error) []Written {
	for i := range b.out {
		b.out[i].Err = err
	}
	return b.out
}

// batch is one call of Write.
type batch struct {
	e        *Engine
	o        Options
	ps       []Piece
	out      []Written
	states   []state
	together bool // one sync for all, instead of one each

	large    sync.Mutex  // held while a large file is written
	noClone  atomic.Bool // the volume does not clone
	ownersMu sync.Mutex
	owners   map[vfs.Dir]owner
}

// state is what else is known of a piece while its batch is written.
type state struct {
	synced, closed bool
}

// canSyncAll asks before anything is written: a file that was closed unsynced is
// only safe if one call can sync all of them and tells what failed.
func (b *batch) canSyncAll(ctx context.Context) bool {
	into := b.ps[0].Into
	return into != nil && into.SyncAll(ctx) == nil
}

// each runs do for the pieces, small ones side by side.
func (b *batch) each(ctx context.Context, pieces []int, do func(ctx context.Context, i int)) {
	workers := b.o.Parallel
	if workers <= 0 {
		workers = 4
	}
	workers = min(workers, len(pieces))
	if workers <= 1 {
		for _, i := range pieces {
			do(ctx, i)
		}
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= len(pieces) {
					return
				}
				do(ctx, pieces[n])
			}
		})
	}
	wait.Wait()
}

// write brings piece i under its temp. It tries again what may pass by itself: a
// source that changed while it was read, a call that was interrupted, a sync
// that failed (once, with a new file).
func (b *batch) write(ctx context.Context, i int) {
	p, w := &b.ps[i], &b.out[i]
	if isLarge(p) {
		b.large.Lock()
		defer b.large.Unlock()
	}
	syncs := 0
	for try := 1; ; try++ {
		err := ctx.Err()
		if err == nil {
			err = b.attempt(ctx, i, try)
		}
		if err == nil {
			return
		}
		var failed *syncFailed
		again := try < tries && !p.Once && ctx.Err() == nil
		switch {
		case errors.As(err, &failed):
			syncs++
			again = again && syncs == 1
		case errors.Is(err, errMoved):
			again = again && p.Drift
			err = errBusy
			if !p.Drift {
				err = errDrift
			}
		case transient(err):
			again = again && pause(ctx, try)
		default:
			again = false
		}
		if again && !w.Left {
			continue
		}
		left := w.Left
		*w = Written{Err: tell(ctx, p, err), Left: left}
		return
	}
}

func isLarge(p *Piece) bool { return p.Link == nil && p.Seen.Size >= largeSize }

// syncFailed marks the error of a sync.
type syncFailed struct{ err error }

func (s *syncFailed) Error() string { return s.err.Error() }
func (s *syncFailed) Unwrap() error { return s.err }

// transient knows errors that may be gone in a moment.
func transient(err error) bool {
	for _, no := range []syscall.Errno{syscall.EINTR, syscall.EAGAIN, syscall.EBUSY, etxtbsy, estale} {
		if errors.Is(err, no) {
			return true
		}
	}
	return false
}

// pause waits a little longer each time; false: ctx ended.
func pause(ctx context.Context, try int) bool {
	t := time.NewTimer(time.Duration(try) * 10 * time.Millisecond)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// tell puts the name of the piece to an error, and says a stop what it is.
func tell(ctx context.Context, p *Piece, err error) error {
	kind := errs.KindOf(err)
	if ctx.Err() != nil && kind == errs.Internal {
		kind = errs.KindOf(ctx.Err())
	}
	path := p.Path
	if path == "" {
		path = p.Name
	}
	return &errs.Error{Op: "copy", Path: path, Kind: kind, Remedy: errs.RemedyOf(err), Err: Bare(err)}
}

// Bare returns the cause of an error without the calls and private names that
// those below put before it: what people are told of a thing they know by its own
// name. The chain below the cause, with the system's number, stays.
func Bare(err error) error {
	for {
		e, ok := err.(*errs.Error) //nolint:errorlint // only what stands before the cause goes, layer by layer
		if !ok || e.Err == nil || e.Op == "" && e.Path == "" {
			return err
		}
		err = e.Err
	}
}

// sync syncs what write left to be synced together. When that fails nobody knows
// which file it was: all are written anew, and synced one by one.
func (b *batch) sync(ctx context.Context) {
	var open []int
	for i := range b.ps {
		if b.out[i].Err == nil && !b.states[i].synced {
			open = append(open, i)
		}
	}
	if len(open) == 0 {
		return
	}
	err := ctx.Err()
	if err == nil {
		err = b.ps[open[0]].Into.SyncAll(ctx)
	}
	if err == nil {
		return
	}
	b.together = false
	b.each(ctx, open, func(ctx context.Context, i int) {
		p, w := &b.ps[i], &b.out[i]
		gone := b.e.Discard(context.WithoutCancel(ctx), p.Into, p.Temp, w.Is)
		if gone != nil || p.Once || ctx.Err() != nil {
			*w = Written{Err: tell(ctx, p, err), Left: gone != nil}
			return
		}
		*w = Written{}
		b.write(ctx, i)
	})
}

// finish looks at a temp that is synced, and reads it back when that is asked.
func (b *batch) finish(ctx context.Context, i int) {
	p, w := &b.ps[i], &b.out[i]
	if w.Err != nil {
		return
	}
	err := b.settled(ctx, p, w)
	if err == nil && b.o.Verify {
		err = b.verify(ctx, i)
	}
	if err == nil {
		return
	}
	left := b.e.Discard(context.WithoutCancel(ctx), p.Into, p.Temp, w.Is) != nil
	*w = Written{Err: tell(ctx, p, err), Left: left}
}

// settled takes note of how the temp stands after the sync: some volumes give a
// file its times only then.
func (b *batch) settled(ctx context.Context, p *Piece, w *Written) error {
	is, err := p.Into.Stat(ctx, p.Temp)
	if err != nil {
		return err
	}
	if is.Kind != w.Is.Kind || is.Inode != w.Is.Inode || is.Size != w.Is.Size {
		return conflict("somebody else changed %q while it was written", p.Temp)
	}
	w.Is = is
	return nil
}
