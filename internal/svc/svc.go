// Package svc keeps long-lived services running: it starts them, starts a
// failing one again after a while, tells how they are, and waits for all of
// them at the end. It knows no service.
package svc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

// Service is something that works until ctx ends. It must return soon after
// that, with nil or the context's error. Returning nil earlier means that its
// work is done; any other error means that it failed, and it is called again.
type Service interface {
	Serve(ctx context.Context) error
}

// Func is a function as a Service.
type Func func(ctx context.Context) error

// Serve calls f.
func (f Func) Serve(ctx context.Context) error { return f(ctx) }

// State is how a service is.
type State string

// The states of a service.
const (
	Waiting State = "waiting" // not started yet
	Running State = "running"
	Failing State = "failing" // will be started again after a back-off
	Ended   State = "ended"   // its work is done
	Stopped State = "stopped" // by the end of the group
)

// Report tells how one service is.
type Report struct {
	Name     string
	State    State
	Since    time.Time // of the state
	Restarts int
	Error    error // the last one, if any
}

// Options of a Group; all zero values are usable.
type Options struct {
	Log        *slog.Logger
	FirstPause time.Duration // before the first restart; doubles each time; default 500ms
	LastPause  time.Duration // the longest pause; default 1 minute
	Healthy    time.Duration // of running, after which the pause is the first again; default LastPause
	StopWithin time.Duration // to stop in after ctx ends; default 10 seconds
}

// Group runs services together. Add them before Serve.
type Group struct {
	o Options

	mu      sync.Mutex
	entries []*entry
	serving bool
}

type entry struct {
	service Service
	report  Report
}

// NewGroup returns an empty group.
func NewGroup(o Options) *Group {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.FirstPause = cmp.Or(o.FirstPause, 500*time.Millisecond)
	o.LastPause = cmp.Or(o.LastPause, time.Minute)
	o.Healthy = cmp.Or(o.Healthy, o.LastPause)
	o.StopWithin = cmp.Or(o.StopWithin, 10*time.Second)
	return &Group{o: o}
}

// Add puts a service into the group under a name of its own. It panics when the
// name is taken or the group is serving, both mistakes in the program.
func (g *Group) Add(name string, s Service) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, e := range g.entries {
		if e.report.Name == name {
			panic(fmt.Sprintf("service %s is in the group already", name))
		}
	}
	if g.serving {
		panic(fmt.Sprintf("service %s comes after the group's start", name))
	}
	g.entries = append(g.entries, &entry{s, Report{Name: name, State: Waiting, Since: time.Now()}})
}

// Reports tells how all services are, in the order in which they were added.
func (g *Group) Reports() []Report {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := make([]Report, len(g.entries))
	for i, e := range g.entries {
		all[i] = e.report
	}
	return all
}

// Serve runs all services until ctx ends, or until each has ended by itself. It
// returns nil when all have returned, and errs.Unavailable with the names of
// those that had not within the time to stop; their goroutines are lost then.
func (g *Group) Serve(ctx context.Context) error {
	g.mu.Lock()
	g.serving = true
	entries := g.entries
	g.mu.Unlock()
	all := make(chan struct{})
	var wg sync.WaitGroup
	for _, e := range entries {
		wg.Go(func() { g.keep(ctx, e) })
	}
	go func() { wg.Wait(); close(all) }()
	select {
	case <-all:
		return nil
	case <-ctx.Done():
	}
	patience := time.NewTimer(g.o.StopWithin)
	defer patience.Stop()
	select {
	case <-all:
		return nil
	case <-patience.C:
		return g.stuck()
	}
}

func (g *Group) stuck() error {
	var names []string
	for _, r := range g.Reports() {
		if r.State == Running {
			names = append(names, r.Name)
		}
	}
	return errs.New(errs.Unavailable, "did not stop within %v: %v", g.o.StopWithin, names)
}

// keep runs one service, and again when it fails, until it is done or ctx ends.
func (g *Group) keep(ctx context.Context, e *entry) {
	wait, orderly := g.o.FirstPause, false
	defer func() {
		if !orderly { // the service ended its goroutine
			g.set(e, Ended, errs.New(errs.Internal, "the service ended its goroutine"))
		}
	}()
	for {
		if ctx.Err() != nil {
			orderly = true
			g.set(e, Stopped, nil)
			return
		}
		g.set(e, Running, nil)
		orderly = false
		began := time.Now()
		err := g.call(ctx, e)
		orderly = true
		switch {
		case ctx.Err() != nil:
			if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
				err = nil
			}
			if err != nil {
				g.o.Log.Warn("A service failed while it stopped", "service", e.report.Name, "error", err)
			}
			g.set(e, Stopped, err)
			return
		case err == nil:
			g.set(e, Ended, nil)
			return
		}
		if time.Since(began) >= g.o.Healthy {
			wait = g.o.FirstPause
		}
		g.set(e, Failing, err)
		g.o.Log.Error("A service failed", "service", e.report.Name, "error", err, "again_in", wait)
		sleep(ctx, wait)
		wait = min(2*wait, g.o.LastPause)
	}
}

// call runs the service once and turns a panic into an error; the stack goes to
// the log only.
func (g *Group) call(ctx context.Context, e *entry) (err error) {
	defer func() {
		if p := recover(); p != nil {
			g.o.Log.Error("A service panicked", "service", e.report.Name, "panic", p, "stack", string(debug.Stack()))
			err = errs.New(errs.Internal, "panic: %v", p)
		}
	}()
	return e.service.Serve(ctx)
}

func (g *Group) set(e *entry, s State, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if e.report.State == Failing && s == Running {
		e.report.Restarts++
	}
	e.report.State, e.report.Since = s, time.Now()
	if err != nil {
		e.report.Error = err
	}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
