//go:build linux

package fileops

import (
	"testing"

	"github.com/stardrive/stardrive/internal/action"
)

// The job of a plan counts the things that the preview counted, whatever is done to
// them: at its end all are done.
func TestProgressCountsThings(t *testing.T) {
	for name, c := range map[string]struct {
		plan   func(w *testWorld) action.Plan
		things int64
	}{
		"copy": {func(w *testWorld) action.Plan {
			return w.plan("files.copy", CopyIn{Sources: w.src("d"), Destination: w.path("b:")})
		}, 5},
		"copy, merged": {func(w *testWorld) action.Plan {
			return w.plan("files.copy", CopyIn{Sources: w.src("m"), Destination: w.path("b:"), Conflict: Replace})
		}, 3},
		"move": {func(w *testWorld) action.Plan {
			return w.plan("files.move", MoveIn{Sources: w.src("d"), Destination: w.path("b:")})
		}, 5},
		"move, merged": {func(w *testWorld) action.Plan {
			return w.plan("files.move", MoveIn{Sources: w.src("m"), Destination: w.path("b:"), Conflict: Replace})
		}, 3},
		"trash":   {func(w *testWorld) action.Plan { return w.plan("files.trash", TrashIn{Sources: w.src("d", "m")}) }, 8},
		"destroy": {func(w *testWorld) action.Plan { return w.plan("files.destroy", DestroyIn{Sources: w.src("d")}) }, 5},
		"pack": {func(w *testWorld) action.Plan {
			return w.plan("files.compress", CompressIn{Sources: w.src("d"), Destination: w.path("b:d.zip")})
		}, 5},
		"a move to and fro": {func(w *testWorld) action.Plan {
			p := w.do(w.plan("files.move", MoveIn{Sources: w.src("d"), Destination: w.path("b:")}), action.Done)
			u, err := w.plans.Undo(t.Context(), p.ID, action.User)
			if err != nil {
				t.Fatal(err)
			}
			return u
		}, 6}, // the folders are made here, and go there
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestWorld(t)
			w.write("d/one", "1")
			w.write("d/sub/two", "22")
			w.write("d/sub/three", "333")
			w.write("m/sub/four", "4444")
			w.write("b:m/sub/four", "there")
			p := w.do(c.plan(w), action.Done)
			s, err := w.jobs.Get(t.Context(), w.jobOf(p))
			if err != nil || s.Done != s.Total || s.Total != c.things {
				t.Errorf("%d of %d things, want %d: %v\n%s", s.Done, s.Total, c.things, err, w.failures(p.ID))
			}
		})
	}
}
