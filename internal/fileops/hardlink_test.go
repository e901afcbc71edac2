//go:build linux

package fileops

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// severalNames makes a file of three names in the folder d.
func severalNames(w *testWorld) {
	w.t.Helper()
	w.write("d/a", "ORIG")
	if err := errors.Join(w.hardLink("d/a", "d/y"), w.hardLink("d/a", "d/z")); err != nil {
		w.t.Fatal(err)
	}
}

// Somebody puts another file where the first copy of a file of several names was
// put: the other names do not become names of that, and no byte is lost.
func TestFault_B9_AnotherStandsWhereTheFirstCopyWas(t *testing.T) {
	w := newTestWorld(t)
	severalNames(w)
	replaced := false
	w.yield = func(point string) {
		if _, err := os.Stat(w.path("b:d/a")); point != "intended" || replaced || err != nil {
			return
		}
		replaced = true
		w.write("b:n", "ELSE")
		if err := os.Rename(w.path("b:n"), w.path("b:d/a")); err != nil {
			t.Error(err)
		}
	}
	p := w.end(w.plan("files.move", MoveIn{Sources: w.src("d"), Destination: w.path("b:")}))
	if !replaced || p.State != action.Partial {
		t.Errorf("replaced %t, the plan is %s", replaced, p.State)
	}
	w.has("b:d/a", "ELSE")
	w.has("b:d/y", "ORIG")
	w.has("b:d/z", "ORIG")
	w.has("d/a", "ORIG") // its copy went, so it stays
	w.clean()
}

// A move that is cut off when one name has gone goes on with the others, and they
// stay names of one file; unless another file stands where the first came.
func TestFault_B9_MoveOfSeveralNamesGoesOn(t *testing.T) {
	l := &life{}
	w := newMortalWorld(t, l)
	severalNames(w)
	args := MoveIn{Sources: w.src("d"), Destination: w.path("b:")}
	l.armed = true
	w.do(w.plan("files.move", args), action.Done)
	want, changes := w.tree(), l.n
	for n := 1; n <= changes; n += thin {
		for _, replace := range []bool{false, true} {
			l := &life{at: n}
			w := newMortalWorld(t, l)
			severalNames(w)
			p := w.plan("files.move", MoveIn{Sources: w.src("d"), Destination: w.path("b:")})
			l.mu.Lock()
			l.armed = true
			l.mu.Unlock()
			w.begin(p)
			for dead := false; !dead; time.Sleep(time.Millisecond) {
				l.mu.Lock()
				dead = l.dead
				l.mu.Unlock()
			}
			w.stop()
			l.mu.Lock()
			l.armed, l.dead = false, false
			l.mu.Unlock()
			if replace {
				w.write("b:n", "ELSE")
				if err := w.replace("b:n", "b:d/a"); err != nil {
					_ = w.remove("b:n") // the folder is not there yet
					replace = false
				}
			}
			w.start()
			p, err := w.plans.Wait(context.Background(), p.ID)
			if err != nil || !w.texts()["ORIG"] {
				t.Errorf("killed at change %d, replaced %t: the plan is %s, %v; left is\n%s", n, replace, p.State, err, w.tree())
			}
			if !replace && (p.State != action.Done || w.tree() != want) {
				t.Errorf("killed at change %d: the plan is %s\n%s\nends in\n%s", n, p.State, w.failures(p.ID), w.tree())
			}
			w.stop()
		}
	}
}

// Names of one file that moved to another volume come back as names of one file, and
// go again as that; what was changed there since stays there.
func TestPromise_P6_NamesOfOneFileComeBack(t *testing.T) {
	for _, sources := range [][]string{{"d"}, {"d/0", "d/a", "d/y", "d/z", "d/sub"}} {
		w, _, _ := newMemoryWorld(t, memfs.Options{Now: ticks()}, memfs.Options{NoClone: true, Now: ticks()})
		severalNames(w)
		w.write("d/other", "else")
		w.write("d/sub/e/other", "else")
		w.write("d/0/pair", "the first is gone when the second is moved")
		if err := errors.Join(w.hardLink("d/0/pair", "d/sub/pair"), w.hardLink("d/a", "d/sub/e/b"), w.hardLink("d/a", "d/sub/c")); err != nil {
			t.Fatal(err)
		}
		before := w.tree()
		p := w.do(w.plan("files.move", MoveIn{Sources: w.src(sources...), Destination: w.path("b:")}), action.Done)
		after := w.tree()
		u := w.undo(p, action.Done)
		if got := w.tree(); got != before {
			t.Errorf("%q: undone it is\n%s\nand was\n%s", sources, got, before)
		}
		u = w.undo(u, action.Done)
		if got := w.tree(); got != after {
			t.Errorf("%q: done again it is\n%s\nand was\n%s", sources, got, after)
		}
		w.undo(u, action.Done)
		if got := w.tree(); got != before {
			t.Errorf("%q: undone again it is\n%s\nand was\n%s", sources, got, before)
		}
		w.clean()
	}
}

func TestFault_B9_OnlyWhatIsStillOneFileComesBackAsThat(t *testing.T) {
	w := newTestWorld(t)
	severalNames(w)
	p := w.do(w.plan("files.move", MoveIn{Sources: w.src("d"), Destination: w.path("b:")}), action.Done)
	w.write("b:n", "ELSE")
	if err := w.replace("b:n", "b:d/y"); err != nil {
		t.Fatal(err)
	}
	w.undo(p, action.Partial)
	w.has("d/a", "ORIG")
	w.has("d/z", "ORIG")
	w.hasNot("d/y")
	w.has("b:d/y", "ELSE")
	w.clean()
}
