//go:build linux

package fileops

import (
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// In a folder that is sealed, or that this user may not change, nothing can be moved,
// removed or put: the preview says so, and does not leave it to the disk.
func TestFault_C10_SealedFoldersAreToldBefore(t *testing.T) {
	for _, c := range []struct {
		action string
		args   func(w *testWorld) any
	}{
		{"files.rename", func(w *testWorld) any { return RenameIn{Path: w.path("shut/one"), Name: "uno"} }},
		{"files.trash", func(w *testWorld) any { return TrashIn{Sources: w.src("shut/one")} }},
		{"files.destroy", func(w *testWorld) any { return DestroyIn{Sources: w.src("shut/one")} }},
		{"files.move", func(w *testWorld) any { return MoveIn{Sources: w.src("shut/one"), Destination: w.path("open")} }},
		{"files.move", func(w *testWorld) any { return MoveIn{Sources: w.src("open/two"), Destination: w.path("shut")} }},
		{"files.copy", func(w *testWorld) any { return CopyIn{Sources: w.src("open/two"), Destination: w.path("shut")} }},
		{"files.duplicate", func(w *testWorld) any { return DuplicateIn{Sources: w.src("shut/one")} }},
		{"files.mkdir", func(w *testWorld) any { return MkdirIn{Path: w.path("shut/new")} }},
		{"files.create", func(w *testWorld) any { return CreateIn{Path: w.path("shut/new")} }},
	} {
		w, a, _ := newMemoryWorld(t, memfs.Options{}, memfs.Options{})
		w.write("shut/one", "1")
		w.write("open/two", "22")
		if err := a.Seal("shut", true); err != nil {
			t.Fatal(err)
		}
		_, err := w.propose(c.action, c.args(w))
		if !errs.Is(err, errs.Denied) || !strings.Contains(err.Error(), "sealed") {
			t.Errorf("%s: %v", c.action, err)
		}
		if err := a.Seal("shut", false); err != nil {
			t.Fatal(err)
		}
		w.plan(c.action, c.args(w))
	}
	w, a, _ := newMemoryWorld(t, memfs.Options{}, memfs.Options{}) // what carries rights of its own can still be given others
	w.write("shut/one", "1")
	if err := a.Seal("shut", true); err != nil {
		t.Fatal(err)
	}
	w.do(w.plan("files.chmod", ChmodIn{Sources: w.src("shut/one"), Mode: "600"}), action.Done)
}

// A folder that was sealed after the preview keeps what is in it, and nothing gives
// way to that.
func TestFault_C10_NothingGivesWayToWhatIsSealed(t *testing.T) {
	w, a, _ := newMemoryWorld(t, memfs.Options{}, memfs.Options{})
	w.write("shut/one", "new")
	w.write("open/one", "old")
	p := w.plan("files.move", MoveIn{Sources: w.src("shut/one"), Destination: w.path("open"), Conflict: Replace})
	if err := a.Seal("shut", true); err != nil {
		t.Fatal(err)
	}
	before, err := a.Stat(t.Context(), "open/one")
	if err != nil {
		t.Fatal(err)
	}
	w.do(p, action.Failed)
	w.has("open/one", "old")
	after, err := a.Stat(t.Context(), "open/one")
	if err != nil || after != before {
		t.Errorf("what was to be replaced was touched: %+v, was %+v (%v)", after, before, err)
	}
	w.has("shut/one", "new")
}
