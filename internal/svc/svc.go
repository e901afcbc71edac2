// Package svc runs the long-lived parts of the program side by side, keeps a
// failing one from taking the others with it, and sees all of them end. It
// knows nothing of what they do.
package svc

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

// Service is a long-lived part. Serve runs until ctx ends and returns when
// everything it started has ended.
type Service interface {
	Serve(ctx context.Context) error
}

// Func makes a Service of a function.
type Func func(ctx context.Context) error

// Serve calls f.
func (f Func) Serve(ctx context.Context) error { return f(ctx) }

// State is how one service of a group does.
type State struct {
	Name    string
	Running bool
	Since   time.Time // of running or not
	Failed  int       // how often it ended by itself
	Err     error     // why, the last time
}

// Group runs services. Its zero value is ready; Add before Serve.
type Group struct {
	Log *slog.Logger
	// Backoff is the pause before a failed service is started again, doubled each
	// time up to 100 of it; default 100 ms.
	Backoff time.Duration
	// StopWithin is how long the services may take to end after ctx has ended;
	// default 10 s.
	StopWithin time.Duration

	mu      sync.Mutex
	members []*member
}

type member struct {
	State
	service Service
}

const (
	firstPause = 100 * time.Millisecond
	stopWithin = 10 * time.Second
	healthy    = time.Minute // of running, after which the next pause is the first again
)

// Add puts a service into the group.
func (g *Group) Add(name string, s Service) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.members = append(g.members, &member{State: State{Name: name, Since: time.Now()}, service: s})
}

// States tells how the services do, by name.
func (g *Group) States() []State {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []State
	for _, m := range g.members {
		out = append(out, m.State)
	}
	slices.SortFunc(out, func(a, b State) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Serve runs all services until ctx ends, and returns its error when all have
// ended. One that returns before, or panics, is started again after a pause.
// Services that do not end in time are left behind: Serve returns
// errs.Unavailable with their names.
func (g *Group) Serve(ctx context.Context) error {
	g.mu.Lock()
	members := slices.Clone(g.members)
	g.mu.Unlock()
	var wg sync.WaitGroup
	for _, m := range members {
		wg.Go(func() { g.keep(ctx, m) })
	}
	ended := make(chan struct{})
	go func() { wg.Wait(); close(ended) }()
	<-ctx.Done()
	patience := time.NewTimer(cmp.Or(g.StopWithin, stopWithin))
	defer patience.Stop()
	select {
	case <-ended:
		return ctx.Err()
	case <-patience.C:
	}
	var late []string
	for _, s := range g.States() {
		if s.Running {
			late = append(late, s.Name)
		}
	}
	return errs.New(errs.Unavailable, "did not stop in time: %s", strings.Join(late, ", "))
}

// keep runs one service again and again until ctx ends.
func (g *Group) keep(ctx context.Context, m *member) {
	first := cmp.Or(g.Backoff, firstPause)
	for pause := first; ctx.Err() == nil; pause = min(2*pause, 100*first) {
		g.note(m, true, nil)
		began := time.Now()
		err := g.call(ctx, m)
		if ctx.Err() != nil {
			if err != nil && !errors.Is(err, ctx.Err()) {
				g.log().Warn("A service failed while it stopped", "service", m.Name, "error", err)
			}
			break
		}
		if err == nil {
			err = errs.New(errs.Internal, "it ended by itself")
		}
		if time.Since(began) >= healthy {
			pause = first
		}
		g.note(m, false, err)
		g.log().Error("A service failed and is started again", "service", m.Name, "in", pause, "error", err)
		wait(ctx, pause)
	}
	g.note(m, false, nil)
}

// call runs the service once. Its panic is contained: one part's bug is not the
// end of the others; the stack goes to the log only. A goroutine of its own lets
// it even end its goroutine.
func (g *Group) call(ctx context.Context, m *member) error {
	ended := make(chan error, 1)
	go func() {
		var err error = errs.New(errs.Internal, "it ended its goroutine")
		defer func() {
			if p := recover(); p != nil {
				g.log().Error("A service panicked", "service", m.Name, "panic", p, "stack", string(debug.Stack()))
				err = errs.New(errs.Internal, "panic: %v", p)
			}
			ended <- err
		}()
		err = m.service.Serve(ctx)
	}()
	return <-ended
}

func (g *Group) note(m *member, running bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if m.Running != running {
		m.Running, m.Since = running, time.Now()
	}
	if err != nil {
		m.Failed++
		m.Err = err
	}
}

func (g *Group) log() *slog.Logger {
	if g.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return g.Log
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
