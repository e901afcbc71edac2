//go:build linux

package fileops

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
)

// cutOff commits a plan whose process dies at the n-th change, has others do
// something meanwhile, and lets a new process go on. It reports whether it died.
func cutOff(t *testing.T, n int, after bool, fill func(*testWorld), plan func(*testWorld) action.Plan, meanwhile func(*testWorld)) (w *testWorld, p action.Plan, died bool) {
	t.Helper()
	l := &life{at: n, after: after}
	w = newMortalWorld(t, l)
	fill(w)
	p = plan(w)
	l.mu.Lock()
	l.armed = true
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	w.begin(p)
	for {
		l.mu.Lock()
		died = l.dead
		l.mu.Unlock()
		now, err := w.plans.Get(ctx, p.ID)
		if ctx.Err() != nil {
			t.Fatal("it neither dies nor ends")
		}
		if died || err == nil && (now.State == action.Done || now.State == action.Failed || now.State == action.Partial) {
			break
		}
		time.Sleep(time.Millisecond)
	}
	w.stop()
	meanwhile(w)
	l.mu.Lock()
	l.armed, l.dead, l.at, l.n = false, false, 0, 0
	l.mu.Unlock()
	w.start()
	p, err := w.plans.Wait(ctx, p.ID)
	if err != nil || ctx.Err() != nil {
		t.Fatalf("%+v, %v", p, err)
	}
	return w, p, died
}

// A move that was cut off hides no original, whatever happened to its copy.
func TestFault_C6_CutOffMoveHidesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		meanwhile func(w *testWorld)
	}{
		{"copy edited", func(w *testWorld) {
			if w.is("b:one") {
				w.write("b:one", "edited")
			}
		}},
		{"copy gone", func(w *testWorld) { _ = w.remove("b:one") }},
		{"name taken, too", func(w *testWorld) {
			if !w.is("one") {
				w.write("one", "stranger")
			}
			_ = w.remove("b:one")
		}},
	} {
		hidden := 0
		for n := 1; ; n++ {
			w, p, died := cutOff(t, n, n%2 == 0, func(w *testWorld) { w.write("one", "original") },
				func(w *testWorld) action.Plan {
					return w.plan("files.move", MoveIn{Sources: w.src("one"), Destination: w.path("b:")})
				},
				func(w *testWorld) {
					if len(w.hidden("")) > 0 {
						hidden++
					}
					c.meanwhile(w)
				})
			if !died {
				break
			}
			w.clean()
			if now := w.tree(); !strings.Contains(now, `"original"`) && hidden == 1 {
				t.Errorf("%s, cut off at change %d: the original is gone; the plan is %s\n%s\n%s", c.name, n, p.State, now, w.failures(p.ID))
			}
			w.stop()
			if hidden > 0 {
				break
			}
		}
		if hidden == 0 {
			t.Errorf("%s: it was never cut off while the original had its private name", c.name)
		}
	}
}

// A slot in the trash that another program took meanwhile stays that program's,
// and what was replaced gets another.
func TestFault_C6_CutOffReplaceWhoseSlotIsTaken(t *testing.T) {
	t.Parallel()
	met := 0
	for n := 1; ; n++ {
		trashed := ""
		w, p, died := cutOff(t, n, true, func(w *testWorld) { w.write("one", "new"); w.write("e/one", "old") },
			func(w *testWorld) action.Plan {
				return w.plan("files.copy", CopyIn{Sources: w.src("one"), Destination: w.path("e"), Conflict: Replace})
			},
			func(w *testWorld) {
				b, _ := w.read("e/one")
				if len(w.hidden("e")) != 1 || string(b) != "new" {
					return
				}
				met++
				trashed = ".Trash-0/files/one"
				w.write(trashed, "theirs")
				w.write(".Trash-0/info/one.trashinfo", "[Trash Info]\nPath=elsewhere\nDeletionDate=2020-01-01T00:00:00\n")
			})
		if !died {
			break
		}
		if trashed != "" {
			if p.State != action.Done {
				t.Fatalf("cut off at change %d: %s (%s)\n%s", n, p.State, p.Error, w.failures(p.ID))
			}
			w.clean()
			if b, err := w.read(trashed); err != nil || string(b) != "theirs" {
				t.Errorf("the other program's file is %q, %v", b, err)
			}
			w.undo(p, action.Done)
			w.has("e/one", "old")
			w.clean()
		}
		w.stop()
	}
	if met == 0 {
		t.Error("it was never cut off while the old file had a private name")
	}
}

// What was renamed by way of a private name comes back beside whoever took its own.
func TestFault_C6_CutOffRenameWhoseNameIsTaken(t *testing.T) {
	w := newTestWorld(t)
	w.write("one", "original")
	v, err := w.world().writable(t.Context(), "vol-a")
	if err != nil {
		t.Fatal(err)
	}
	is, err := v.Driver.Stat(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	st := &step{Verb: vRename, From: catalog.Spot{Volume: "vol-a", Path: "one"}, To: catalog.Spot{Volume: "vol-a", Path: "ONE"}, Seen: &is, Temp: temp()}
	if err := os.Rename(w.path("one"), w.path(st.Temp)); err != nil {
		t.Fatal(err)
	}
	w.write("one", "stranger")
	h := w.world().hands()
	defer h.close()
	if was, err := h.stands(t.Context(), st); was || err != nil {
		t.Errorf("%t, %v", was, err)
	}
	wantKind(t, st.err, errs.Conflict) // and it tells where it is
	w.has("one", "stranger")
	w.has("one (2)", "original")
	w.clean()
}

// What somebody else makes where a plan that was cut off was about to is not taken
// for the plan's own, and nothing comes into it.
func TestFault_C6_CutOffAndSomebodyElseMakesIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, at string
		folder   bool
		plan     func(w *testWorld) action.Plan
	}{
		{"unpack", "b:all", true, func(w *testWorld) action.Plan {
			return w.plan("files.extract", ExtractIn{Path: w.path("all.zip"), Destination: w.path("b:")})
		}},
		{"copy", "b:d", true, func(w *testWorld) action.Plan {
			return w.plan("files.copy", CopyIn{Sources: w.src("d"), Destination: w.path("b:")})
		}},
		{"move", "b:d", true, func(w *testWorld) action.Plan {
			return w.plan("files.move", MoveIn{Sources: w.src("d"), Destination: w.path("b:")})
		}},
		{"mkdir", "b:x", true, func(w *testWorld) action.Plan {
			return w.plan("files.mkdir", MkdirIn{Path: w.path("b:x/y"), Parents: true})
		}},
		{"symlink", "e/one", false, func(w *testWorld) action.Plan {
			return w.plan("files.link", LinkIn{Sources: w.src("one"), Destination: w.path("e")})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			met := 0
			for n := 1; ; n++ {
				theirs := false
				w, p, died := cutOff(t, n, n%2 == 0, fill, c.plan, func(w *testWorld) {
					if w.is(c.at) {
						return
					}
					theirs = true
					met++
					if c.folder {
						w.write(c.at+"/mine", "precious")
					} else if err := w.symlink("precious", c.at); err != nil {
						t.Fatal(err)
					}
				})
				if !died {
					break
				}
				if !theirs && p.State != action.Done {
					t.Errorf("cut off at change %d: %s (%s)\n%s", n, p.State, p.Error, w.failures(p.ID))
				}
				for range 2 {
					if !theirs {
						break
					}
					if c.folder {
						all, err := w.list(c.at)
						if err != nil || len(all) != 1 || all[0] != "mine" {
							t.Errorf("cut off at change %d: their folder holds %v, %v", n, all, err)
						}
					} else if to, err := w.readlink(c.at); to != "precious" {
						t.Errorf("cut off at change %d: their symlink is %q, %v", n, to, err)
					}
					if p.State == action.Done {
						t.Errorf("cut off at change %d: it is told to be done", n)
					}
					if !p.Undoable {
						break
					}
					w.undo(p, action.Done)
				}
				w.clean()
				w.stop()
				if t.Failed() {
					return
				}
			}
			if met == 0 {
				t.Error("nobody ever came first")
			}
		})
	}
}
