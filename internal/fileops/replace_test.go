//go:build linux

package fileops

import (
	"context"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/action"
)

// replacings replace e/d/two by another file of the same volume.
var replacings = []struct {
	name string
	from string
	plan func(w *testWorld) action.Plan
}{
	{"move", "two", func(w *testWorld) action.Plan {
		return w.plan("files.move", MoveIn{Sources: w.src("two"), Destination: w.path("e/d"), Conflict: Replace})
	}},
	{"merge", "d/two", func(w *testWorld) action.Plan {
		return w.plan("files.move", MoveIn{Sources: w.src("d"), Destination: w.path("e"), Conflict: Replace})
	}},
	{"restore", "e/d/two", func(w *testWorld) action.Plan {
		w.do(w.plan("files.trash", TrashIn{Sources: w.src("e/d/two")}), action.Done)
		w.write("e/d/two", "OLD")
		return w.plan("trash.restore", RestoreIn{Items: w.src("e/d/two"), Conflict: Replace})
	}},
}

// stuckWorld has e/d/two about to be replaced by what cannot be moved.
func stuckWorld(t *testing.T, l *life, from string, plan func(w *testWorld) action.Plan) (*testWorld, action.Plan) {
	w := newMortalWorld(t, l)
	w.write("e/d/two", "OLD")
	w.write(from, "NEWER")
	fs, path := w.inMemory(from)
	is, err := fs.Stat(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	p := plan(w)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stuck, l.armed = is.Inode, true
	return w, p
}

// What is to take the place of something and cannot come replaces nothing.
func TestPromise_P4_WhatCannotComeReplacesNothing(t *testing.T) {
	for _, c := range replacings {
		t.Run(c.name, func(t *testing.T) {
			l := &life{}
			w, p := stuckWorld(t, l, c.from, c.plan)
			p = w.do(p, action.Failed)
			w.has("e/d/two", "OLD")
			w.clean()
			if left, _ := w.list(".Trash-0/info"); len(left) > 0 && c.name != "restore" {
				t.Errorf("left in the trash: %q", left)
			}
			l.mu.Lock()
			l.stuck = 0
			l.mu.Unlock()
			before := w.tree()
			p = w.do(p, action.Done)
			w.has("e/d/two", "NEWER")
			w.undo(p, action.Done)
			if got := w.tree(); got != before {
				t.Errorf("after undo\n%s\nbefore\n%s", got, before)
			}
		})
	}
}

// Neither does it when the process dies between the two.
func TestPromise_P4_KilledBetweenYieldingAndComing(t *testing.T) {
	for _, c := range replacings {
		for n := 1; ; n++ {
			l := &life{at: n, after: n%2 == 0}
			w, p := stuckWorld(t, l, c.from, c.plan)
			w.begin(p)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				_, _ = w.plans.Wait(ctx, p.ID) // a dead process ends nothing
			}()
			dead := false
			for running := true; running && !dead; {
				select {
				case <-ended:
					running = false
				case <-time.After(time.Millisecond):
				}
				l.mu.Lock()
				dead = l.dead
				l.mu.Unlock()
			}
			cancel()
			<-ended
			w.stop()
			l.mu.Lock()
			l.armed, l.dead, l.at, l.n = false, false, 0, 0
			l.mu.Unlock()
			w.start()
			if _, err := w.plans.Wait(t.Context(), p.ID); err != nil {
				t.Fatal(err)
			}
			w.has("e/d/two", "OLD")
			w.clean()
			w.stop()
			if t.Failed() {
				t.Fatalf("%s, killed at change %d", c.name, n)
			}
			if !dead {
				break
			}
		}
	}
}
