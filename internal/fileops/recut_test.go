//go:build linux

package fileops

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/faultfs"
)

// The start that puts right what a cut left may be cut off itself, at each of its own
// changes: the next one ends in what the first would have.
func TestPromise_P10_CutWhileRecovering(t *testing.T) {
	t.Parallel()
	total := make(chan [2]int, 100)
	t.Run("all", func(t *testing.T) {
		for i, c := range scenarios() {
			if i%thinRescenarios != 0 {
				continue
			}
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				before, after, texts, p, moments := c.filmed(t, func(n int) []int {
					if soak > 0 || n%thinRecuts == i%thinRecuts {
						return []int{(n + i) % 3 * 50}
					}
					return nil
				})
				pairs := 0
				for i, m := range moments {
					if m.ending {
						continue
					}
					for k, again := range c.cutAgain(t, m, p.ID, i) {
						pairs++
						c.recovered(t, again, before, after, texts, p.ID, k%7 == 3 && !c.loses)
						if t.Failed() {
							return
						}
					}
				}
				total <- [2]int{len(moments), pairs}
			})
		}
	})
	close(total)
	cuts, pairs := 0, 0
	for n := range total {
		cuts, pairs = cuts+n[0], pairs+n[1]
	}
	t.Logf("%d cuts, %d cuts of what came after them", cuts, pairs)
	if pairs < cuts/2 {
		t.Error("hardly anything had to be put right")
	}
}

// cutAgain starts on what a moment left while the camera runs, and returns what cuts
// of that leave.
func (c scenario) cutAgain(t *testing.T, m moment, id ident.PlanID, shift int) []moment {
	t.Helper()
	eye := &camera{on: true, percent: func(n int) []int {
		if soak > 0 || n%thinSecond == shift%thinSecond {
			return []int{(n + shift) % 3 * 50}
		}
		return nil
	}}
	w := newTestWorldAs(t, func(w *testWorld) {
		eye.w = w
		w.inMemoryOf(m.a.Crash(0, 100), m.b.Crash(0, 100))
		w.sites.wrap = func(d vfs.Driver) vfs.Driver {
			f := faultfs.New(d)
			f.Yield(func(op faultfs.Op, path string) {
				if changes[op] {
					eye.shoot(fmt.Sprintf("%s %q", op, path), false)
				}
			})
			return f
		}
		w.tune = func(s *Service) { s.yield = func(point string) { eye.shoot(point, false) } }
		if err := errors.Join(os.WriteFile(w.library(), m.db, 0o600), os.WriteFile(w.library()+"-wal", m.log, 0o600)); err != nil {
			t.Fatal(err)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if p, err := w.plans.Get(ctx, id); err == nil && p.State == action.Committing {
		if _, err := w.plans.Wait(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	w.stop()
	eye.mu.Lock()
	defer eye.mu.Unlock()
	if eye.err != nil {
		t.Fatal(eye.err)
	}
	for i := range eye.moments {
		eye.moments[i].what = m.what + "; then " + eye.moments[i].what
	}
	return eye.moments
}
