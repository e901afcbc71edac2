//go:build linux

package fileops

import (
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// What cannot be copied back to the volume that it was moved from stays where it is.
func TestFault_C25_UndoKeepsWhatCannotComeBack(t *testing.T) {
	for _, c := range []struct {
		name          string
		block, unlock func(w *testWorld)
	}{
		{"name taken", func(w *testWorld) { w.write("d/two", "stranger") }, func(w *testWorld) { _ = os.RemoveAll(w.path("d")) }},
		{"folder taken", func(w *testWorld) { w.write("d", "stranger") }, func(w *testWorld) { _ = os.Remove(w.path("d")) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newTestWorld(t)
			w.write("d/two", "22")
			w.write("d/sub/three", "333")
			before := w.tree()
			p := w.do(w.plan("files.move", MoveIn{Sources: w.src("d"), Destination: w.path("b:")}), action.Done)
			c.block(w)
			u := w.undo(p, action.Failed)
			w.has("b:d/two", "22")
			w.has("b:d/sub/three", "333")
			w.restart()
			w.do(u, action.Failed)
			w.has("b:d/two", "22")
			c.unlock(w)
			w.end(u)
			if got := w.tree(); got != before {
				t.Errorf("at last\n%s\nbefore\n%s\n%s", got, before, w.failures(u.ID))
			}
			w.clean()
		})
	}
}

func TestFault_C25_UndoKeepsAFileThatCannotComeBack(t *testing.T) {
	w := newTestWorld(t)
	w.write("one", "1")
	w.write("e/two", "other")
	p := w.do(w.plan("files.move", MoveIn{Sources: w.src("one"), Destination: w.path("b:")}), action.Done)
	w.write("one", "stranger")
	u := w.undo(p, action.Failed)
	w.has("b:one", "1")
	w.has("one", "stranger")
	if err := os.Remove(w.path("one")); err != nil {
		t.Fatal(err)
	}
	w.do(u, action.Done)
	w.has("one", "1")
	w.hasNot("b:one")
	w.clean()
}

// Doing a move to another volume again takes away what came back only when what
// lay in the trash meanwhile is in its place again.
func TestFault_C25_RedoKeepsWhatCannotGoAgain(t *testing.T) {
	for _, c := range []struct {
		name, move, block string
	}{
		{"file", "one", "b:one"},
		{"folder", "d", "b:d"},
		{"file in a folder that was there", "d", "b:d/two"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newTestWorld(t)
			w.write("one", "1")
			w.write("d/two", "22")
			w.write("d/sub/three", "333")
			if c.block == "b:d/two" {
				w.write("b:d/mine", "m")
			}
			before := w.tree()
			p := w.do(w.plan("files.move", MoveIn{Sources: w.src(c.move), Destination: w.path("b:"), Conflict: Replace}), action.Done)
			moved := w.tree()
			u := w.undo(p, action.Done)
			w.write(c.block, "stranger")
			r, err := w.plans.Undo(t.Context(), u.ID, action.User)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if r = w.end(r); r.State != action.Failed && r.State != action.Partial {
					t.Errorf("redo is %s", r.State)
				}
				if _, told := os.Stat(w.path(map[string]string{"b:one": "one"}[c.block])); c.move == "one" && told != nil {
					t.Errorf("the file went: %v", told)
				}
				if c.move == "d" {
					w.has("d/two", "22")
				}
				w.has(c.block, "stranger")
				w.restart()
			}
			if err := os.RemoveAll(w.path(c.block)); err != nil {
				t.Fatal(err)
			}
			w.do(r, action.Done)
			if got := w.tree(); got != moved {
				t.Errorf("done again\n%s\nat first\n%s\n%s", got, moved, w.failures(r.ID))
			}
			w.undo(r, action.Done)
			if got := w.tree(); got != before {
				t.Errorf("undone again\n%s\nat first\n%s", got, before)
			}
			w.clean()
		})
	}
}

// The catalogue is told that the folders of a move to another volume are what they
// were, and of its undo, so that what the user added to them stays with them.
func TestPromise_P5_FoldersThatMoveToAnotherVolumeAreTold(t *testing.T) {
	w := newTestWorld(t)
	w.write("d/two", "22")
	w.write("d/sub/three", "333")
	w.write("m/sub/four", "4444")
	w.write("b:m/mine", "m")
	told := func(from, to string) map[string]string {
		w.known.mu.Lock()
		defer w.known.mu.Unlock()
		out := map[string]string{}
		for _, d := range w.known.told {
			if d.From.Volume == from && d.To.Volume == to && d.Is.Kind == vfs.Folder {
				out[d.From.Path] = d.To.Path
			}
		}
		w.known.told = nil
		return out
	}
	p := w.do(w.plan("files.move", MoveIn{Sources: w.src("d", "m"), Destination: w.path("b:"), Conflict: Replace}), action.Done)
	want := map[string]string{"d": "d", "d/sub": "d/sub", "m/sub": "m/sub"} // m was merged into another
	if got := told("vol-a", "vol-b"); !maps.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	w.undo(p, action.Done)
	if got := told("vol-b", "vol-a"); !maps.Equal(got, want) {
		t.Errorf("undo told %v, want %v", got, want)
	}
}

// The preview of an undo tells when there is no room for what is to come back.
func TestPromise_P2_UndoTellsOfRoom(t *testing.T) {
	for _, c := range []struct {
		options memfs.Options
		fill    string
		want    string
	}{
		{memfs.Options{Capacity: 4 << 10}, strings.Repeat("x", 3<<10), "has room for"},
		{memfs.Options{Inodes: 8}, "", "can hold"},
	} {
		w, _, _ := newMemoryWorld(t, c.options, memfs.Options{})
		w.write("d/one", strings.Repeat("1", 2<<10))
		w.write("d/two", "22")
		p := w.do(w.plan("files.move", MoveIn{Sources: w.src("d"), Destination: w.path("b:")}), action.Done)
		w.write("e/f/fill", c.fill)
		w.write("e/f/more", "")
		w.write("e/f/and more", "")
		u, err := w.plans.Undo(t.Context(), p.ID, action.User)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(u.Warnings, "\n"), c.want) || len(u.Summary.Room) != 1 {
			t.Errorf("%+v %q, want %q", u.Summary.Room, u.Warnings, c.want)
		}
	}
}
