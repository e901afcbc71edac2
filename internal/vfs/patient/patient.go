// Package patient keeps callers from waiting for ever for a volume that does not
// answer, such as a server that is gone or a program behind a mount that hangs: each
// call has a deadline, after which it is left behind, and fails with errs.Unavailable.
// A call that was left behind runs on, as nothing can end it; a volume with several
// of these hangs, and is asked nothing until they return. It knows no catalogue and
// no operating system, and tries nothing twice.
package patient

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

const (
	defaultDeadline = time.Minute
	defaultMost     = 2
	mostLeft        = 16 // calls of a volume that may be left behind, for whatever reason
)

// Options of a Keeper. Zero values are the defaults.
type Options struct {
	Deadline time.Duration // of one call; default a minute
	Most     int           // calls past it before their volume hangs; default 2
	Log      *slog.Logger
}

// Keeper knows which volumes hang. Its methods may be called from any goroutine.
type Keeper struct {
	deadline time.Duration
	most     int
	log      *slog.Logger
	ended    chan struct{}
	end      sync.Once

	mu      sync.Mutex
	volumes map[string]*volume // those with calls left behind
}

// volume counts the calls that were left behind and have not returned.
type volume struct {
	late  int // past their deadline
	left  int // all of them
	since time.Time
}

// New returns a Keeper. Close it, so that nobody waits any more.
func New(o Options) *Keeper {
	k := &Keeper{deadline: cmp.Or(o.Deadline, defaultDeadline), most: cmp.Or(o.Most, defaultMost), log: o.Log, ended: make(chan struct{}), volumes: map[string]*volume{}}
	if k.log == nil {
		k.log = slog.New(slog.DiscardHandler)
	}
	return k
}

// Close lets all who wait go, with errs.Unavailable. Calls that hang are left behind.
func (k *Keeper) Close() { k.end.Do(func() { close(k.ended) }) }

// Hanging reports whether a volume, by the name it was given, is asked nothing now
// because it does not answer, and since when.
func (k *Keeper) Hanging(name string) (since time.Time, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v := k.volumes[name]
	if v == nil || !k.hangs(v) {
		return time.Time{}, false
	}
	return v.since, true
}

func (k *Keeper) hangs(v *volume) bool { return v.late >= k.most || v.left >= mostLeft }

// Check returns errs.Unavailable while a volume hangs.
func (k *Keeper) Check(name string) error {
	if _, hangs := k.Hanging(name); hangs {
		return errHangs(name)
	}
	return nil
}

func errHangs(name string) error {
	return errs.New(errs.Unavailable, "the volume does not answer").At(name).Try("Check the drive or the network connection; unmount the volume if it is gone for good.")
}

// leave notes that a call is left behind.
func (k *Keeper) leave(name string, late bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v := k.volumes[name]
	if v == nil {
		v = &volume{since: time.Now()}
		k.volumes[name] = v
	}
	before := k.hangs(v)
	if v.left++; late {
		v.late++
	}
	if !before && k.hangs(v) {
		k.log.Warn("A volume does not answer: it is left alone until it does", "volume", name)
	}
}

// returned notes that a call which was left behind came back.
func (k *Keeper) returned(name string, late bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v := k.volumes[name]
	before := k.hangs(v)
	if v.left--; late {
		v.late--
	}
	if before && !k.hangs(v) {
		k.log.Info("A volume answers again", "volume", name)
	}
	if v.left == 0 {
		delete(k.volumes, name)
	}
}

// outcome is what a call came to.
type outcome[T any] struct {
	value T
	err   error
}

// run makes a call, and waits for it at most for the deadline and ctx. late gets what
// comes of a call that nobody waits for any more, when it comes; it may be nil.
func run[T any](ctx context.Context, k *Keeper, name string, call func() (T, error), late func(T, error)) (value T, err error) {
	return follow(ctx, k, name, nil, call, late)
}

// follow is run for a call that makes others: the deadline is that of each of them.
func follow[T any](ctx context.Context, k *Keeper, name string, p *pulse, call func() (T, error), late func(T, error)) (value T, err error) {
	done := make(chan outcome[T], 1)
	go func() { // ends with the call; how many are left behind is bounded
		v, err := call()
		done <- outcome[T]{v, err}
	}()
	clock := time.NewTimer(k.deadline)
	defer clock.Stop()
	over := false
	for err == nil {
		select {
		case o := <-done:
			return o.value, o.err
		case <-clock.C:
			if left := p.left(k.deadline); left > 0 {
				clock.Reset(left)
				continue
			}
			over, err = true, errHangs(name)
		case <-ctx.Done():
			err = ctx.Err()
		case <-k.ended:
			err = errs.New(errs.Unavailable, "the program ends").At(name)
		}
	}
	p.stop()
	k.leave(name, over)
	go func() { // waits for the call that was left behind
		o := <-done
		if late != nil {
			late(o.value, o.err)
		}
		k.returned(name, over)
	}()
	return value, err
}
