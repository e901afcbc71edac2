// Package worker has risky work done by child processes: our own program, run
// once more, which looks into one file at a time and has nothing else: no files,
// no network, no other programs, bounded memory and time. Bytes of the file are
// handed to it piece by piece. A child that crashes, hangs or is taken over by
// what it reads costs that one file, and can neither read nor change another.
//
// Which walls stand depends on the system. On Linux: a user and network
// namespace of its own, Landlock (no path, no TCP), a seccomp filter (no opening,
// no sockets, no new programs), limits of memory and open files. Elsewhere: a
// process apart with an empty environment, its own watch on its memory, a
// deadline and an end by force. Walls tells what stands.
//
// The package knows nothing of what is asked and answered: both are bytes.
package worker

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

// Verb is the first argument of our program when it is to be a child. Main must
// then be given the others.
const Verb = "worker"

// Handler answers an ask; it runs in the child. src is the file that the ask is
// about, of size bytes. An error is one of ours, never of the file's: Do returns
// it as errs.Internal. It may be called many times, one after another.
type Handler func(ctx context.Context, ask []byte, src io.ReaderAt, size int64) ([]byte, error)

// Setup makes the handler of a child, before the child is closed in and has seen
// any file. folder is where it may keep what is slow to get ready, for children to
// come; ready names what asks needed until now.
type Setup func(folder string, ready []string) Handler

// Ask is a question about a file.
type Ask struct {
	Body   []byte      // what the handler gets
	Source io.ReaderAt // what it may read; its errors end the ask
	Size   int64       // of Source
	// Deadline is how long the child may compute, waits for Source not counted;
	// default 30 s. On a busy machine it may take up to five times as long.
	Deadline time.Duration
	// Urgent asks do not wait for others: somebody looks at the screen.
	Urgent bool
	// Ready names what the ask needs that Setup gets ready; "" nothing. From the
	// first such ask on all children get it. It has no commas.
	Ready string
}

// Died is the error of a child that ended, or had to be ended, because of what
// it was asked: asking again leads nowhere.
type Died struct {
	Reason string // for people
	Late   bool   // it took too long, which may be otherwise another time
}

// Error returns the reason.
func (d *Died) Error() string { return d.Reason }

// Options of a Pool. Zero values are the defaults.
type Options struct {
	Workers int           // children at work at once, beside one for what is urgent; default half of the cores
	Memory  int64         // bytes a child may use; default 768 MiB
	Idle    time.Duration // after which a child without work is ended; default 30 s
	Folder  string        // for Setup; "": none
	Asks    int           // after which a child is replaced by a fresh one; default 500
	Log     *slog.Logger
}

// Pool keeps the children. Its methods may be called from any goroutine.
type Pool struct {
	o       Options
	lanes   lanes
	starter starter
	ctx     context.Context // ends with the pool
	end     context.CancelFunc
	calls   sync.WaitGroup
	reads   int64 // see child

	mu      sync.Mutex
	closed  bool
	idle    []*child
	pause   pause
	walls   []Wall
	ready   []string // what children get ready
	noSpace bool     // namespaces of one's own are refused here
}

// New makes a pool; children are started when they are needed. Close it. The
// program must call Main, before all else, when its first argument is Verb: so
// must a test program whose tests use a pool.
func New(o Options) *Pool {
	o.Workers = cmp.Or(o.Workers, max(1, runtime.NumCPU()/2))
	o.Memory = cmp.Or(o.Memory, 768<<20)
	o.Idle = cmp.Or(o.Idle, 30*time.Second)
	o.Asks = cmp.Or(o.Asks, 500)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	p := &Pool{o: o, lanes: newLanes(o.Workers), starter: newStarter(), reads: freeReads}
	p.ctx, p.end = context.WithCancel(context.Background())
	return p
}

// Close ends all children and waits for them. Calls that run return
// errs.Unavailable.
func (p *Pool) Close() {
	p.mu.Lock()
	already := p.closed
	p.closed = true
	p.mu.Unlock()
	p.end()
	p.calls.Wait()
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, c := range idle {
		c.finish()
	}
	if !already {
		p.starter.close()
	}
}

// Walls tells what keeps the children in, as the last one that was started
// found it; nil before the first.
func (p *Pool) Walls() []Wall {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.walls
}

// Do asks a child and waits for its answer. Source is not read any more when it
// returns. Errors: *Died; those of Source as they are; errs.Unavailable (no child
// can be started now, or the pool was closed); errs.Cancelled.
func (p *Pool) Do(ctx context.Context, a Ask) ([]byte, error) {
	ctx, at, leave, err := p.enter(ctx, a.Urgent)
	if err != nil {
		return nil, err
	}
	defer leave()
	for try := 1; ; try++ {
		c, err := p.take(ctx, a.Ready)
		if err != nil {
			return nil, p.why(ctx, err)
		}
		out, err := c.ask(ctx, a, at)
		killed := errors.Is(err, errKilled)
		p.give(c, err)
		switch {
		case err == nil:
			return out, nil
		case killed && try == 1 && ctx.Err() == nil:
			p.o.Log.Warn("A worker process was killed; its file is tried once more")
			continue
		case killed:
			err = &Died{Reason: "the process that looked into it was killed"}
		}
		return nil, p.why(ctx, err)
	}
}

// Probe starts a child if there is none, and tells whether that works: Walls then
// knows. Errors: as of Do.
func (p *Pool) Probe(ctx context.Context) error {
	ctx, _, leave, err := p.enter(ctx, true)
	if err != nil {
		return err
	}
	defer leave()
	c, err := p.take(ctx, "")
	if err != nil {
		return p.why(ctx, err)
	}
	p.give(c, nil)
	return nil
}

// enter waits for room in the lanes, and joins ctx with the pool's own.
func (p *Pool) enter(ctx context.Context, urgent bool) (joined context.Context, at *place, leave func(), err error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, nil, nil, errClosed()
	}
	p.calls.Add(1)
	p.mu.Unlock()
	joined, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(p.ctx, func() { cancel(errClosed()) })
	out := func() { stop(); cancel(nil); p.calls.Done() }
	at, err = p.lanes.enter(joined, urgent)
	if err != nil {
		out()
		return nil, nil, nil, p.why(joined, err)
	}
	return joined, at, func() { at.leave(); out() }, nil
}

func errClosed() error { return errs.New(errs.Unavailable, "the worker processes are ended") }

// why returns what ended ctx, where that is the reason of err.
func (p *Pool) why(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return errs.New(errs.KindOf(cause), "looking into a file: %w", cause)
	}
	return err
}

// take finds an idle child or starts one.
func (p *Pool) take(ctx context.Context, ready string) (*child, error) {
	if p.o.Folder == "" {
		ready = ""
	}
	p.mu.Lock()
	if ready != "" && !slices.Contains(p.ready, ready) {
		p.ready = append(slices.Clip(p.ready), ready) // a child may have the old list
	}
	for len(p.idle) > 0 {
		n := len(p.idle) - 1
		c := p.idle[n]
		p.idle = p.idle[:n]
		p.mu.Unlock()
		c.rest.Stop()
		if ready == "" || slices.Contains(c.ready, ready) {
			return c, nil
		}
		c.finish()
		p.mu.Lock()
	}
	wait := p.pause.left()
	p.mu.Unlock()
	if err := sleep(ctx, wait); err != nil {
		return nil, err
	}
	c, err := p.start(ctx)
	if err != nil && ctx.Err() == nil {
		p.mu.Lock()
		p.pause.failed()
		p.mu.Unlock()
		return nil, errs.New(errs.Unavailable, "no worker process can be started: %w", err)
	}
	return c, err
}

// give takes a child back after an ask that ended with err: to be used again, or
// to be ended.
func (p *Pool) give(c *child, err error) {
	alive := c.alive()
	p.mu.Lock()
	if alive {
		p.pause = pause{}
	} else if p.ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		p.pause.failed()
	}
	keep := alive && !p.closed && c.asks < p.o.Asks && c.memory < p.o.Memory/2
	if keep {
		p.idle = append(p.idle, c)
		c.rest = time.AfterFunc(p.o.Idle, func() { p.retire(c) })
	}
	p.mu.Unlock()
	if !keep {
		c.finish()
	}
}

// retire ends a child that has been idle for long, if it still is.
func (p *Pool) retire(c *child) {
	p.mu.Lock()
	i := slices.Index(p.idle, c)
	if i < 0 || p.closed {
		p.mu.Unlock()
		return
	}
	p.idle = slices.Delete(p.idle, i, i+1)
	p.calls.Add(1) // Close waits for it
	p.mu.Unlock()
	defer p.calls.Done()
	c.finish()
}
