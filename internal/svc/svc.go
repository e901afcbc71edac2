// Package svc runs the long-lived parts of the program side by side, keeps a
// failing one from taking the others with it, and sees all of them end. It
// knows nothing of what they do.
package svc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
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
	Failed  int   // how often it ended by itself
	Err     error // why, the last time
}

// Group runs services. Its zero value with a Log is ready; Add before Serve.
type Group struct {
	Log *slog.Logger
	// Backoff is the pause before a failed service is started again, doubled each
	// time up to 100 of it; default 100 ms.
	Backoff time.Duration

	mu      sync.Mutex
	members []*member
}

type member struct {
	State
	service Service
}

// Add puts a service into the group.
func (g *Group) Add(name string, s Service) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.members = append(g.members, &member{State: State{Name: name}, service: s})
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

// Serve runs all services until ctx ends, and returns when all have ended. One
// that returns before, or panics, is started again after a pause.
func (g *Group) Serve(ctx context.Context) error {
	g.mu.Lock()
	members := slices.Clone(g.members)
	g.mu.Unlock()
	var wg sync.WaitGroup
	for _, m := range members {
		wg.Go(func() { g.keep(ctx, m) })
	}
	wg.Wait()
	return ctx.Err()
}

func (g *Group) keep(ctx context.Context, m *member) {
	backoff := g.Backoff
	if backoff == 0 {
		backoff = 100 * time.Millisecond
	}
	for pause := backoff; ; pause = min(2*pause, 100*backoff) {
		g.note(m, true, nil)
		began := time.Now()
		err := run(ctx, m.service)
		if ctx.Err() != nil {
			g.note(m, false, nil)
			return
		}
		if err == nil {
			err = errors.New("it ended by itself")
		}
		g.note(m, false, err)
		g.Log.Error("A service failed and is started again", "service", m.Name, "error", err)
		if time.Since(began) > time.Minute {
			pause = backoff // it did well for a while
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

func (g *Group) note(m *member, running bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	m.Running = running
	if err != nil {
		m.Failed++
		m.Err = err
	}
}

// run contains a panic: one part's bug is not the end of the others.
func run(ctx context.Context, s Service) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return s.Serve(ctx)
}
