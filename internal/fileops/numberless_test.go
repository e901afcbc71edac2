//go:build linux

package fileops

import (
	"testing"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// Volumes that give things no lasting numbers (FAT, network shares, many drivers in
// user space), and those that do not even tell when a thing was made, are changed like
// others, and changed back.
func TestFault_C3_VolumesWithoutNumbers(t *testing.T) {
	for name, o := range map[string]memfs.Options{
		"no numbers":             {NoInodes: true},
		"no numbers, no times":   {NoInodes: true, Loses: vfs.PartCreated},
		"no numbers, few names":  {NoInodes: true, Loses: vfs.PartCreated | vfs.PartLinks | vfs.PartSymlinks | vfs.PartXattrs | vfs.PartACL | vfs.PartOwner},
		"no exchange, no number": {NoInodes: true, NoExchange: true, Loses: vfs.PartCreated},
	} {
		for _, c := range []struct {
			action string
			args   func(w *testWorld) any
		}{
			{"files.mkdir", func(w *testWorld) any { return MkdirIn{Path: w.path("b:x/y"), Parents: true} }},
			{"files.copy", func(w *testWorld) any { return CopyIn{Sources: w.src("d"), Destination: w.path("b:")} }},
			{"files.copy", func(w *testWorld) any {
				return CopyIn{Sources: w.src("d"), Destination: w.path("b:e"), Conflict: Replace}
			}},
			{"files.move", func(w *testWorld) any { return MoveIn{Sources: w.src("d"), Destination: w.path("b:")} }},
			{"files.move", func(w *testWorld) any { return MoveIn{Sources: w.src("b:e"), Destination: w.path("")} }},
			{"files.move", func(w *testWorld) any {
				return MoveIn{Sources: w.src("b:e/d"), Destination: w.path("b:"), Conflict: Replace}
			}},
			{"files.rename", func(w *testWorld) any { return RenameIn{Path: w.path("b:e"), Name: "other"} }},
			{"files.trash", func(w *testWorld) any { return TrashIn{Sources: w.src("b:e", "b:one")} }},
			{"files.chmod", func(w *testWorld) any { return ChmodIn{Sources: w.src("b:e", "b:one"), Mode: "700"} }},
		} {
			t.Run(name+" "+c.action, func(t *testing.T) {
				w, _, _ := newMemoryWorld(t, memfs.Options{}, o)
				w.write("d/two", "22")
				w.write("d/sub/three", "333")
				w.write("b:e/d/two", "other")
				w.write("b:one", "1")
				before := w.tree()
				p := w.do(w.plan(c.action, c.args(w)), action.Done)
				after := w.tree()
				u := w.undo(p, action.Done)
				if got := w.tree(); got != before {
					t.Errorf("undone it is\n%s\nbefore\n%s", got, before)
				}
				w.undo(u, action.Done)
				if got := w.tree(); got != after {
					t.Errorf("done again it is\n%s\nat first\n%s", got, after)
				}
				w.clean()
			})
		}
	}
}
