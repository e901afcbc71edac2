//go:build linux

package fileops

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/vfs"
)

// A plan that ends before its folders are full leaves none that only their owner may
// look into, and the catalogue knows their rights.
func TestFault_C18_FoldersOfAPlanThatEndedEarlyAreNotClosed(t *testing.T) {
	early := 0
	for n := 1; ; n++ {
		l := &life{at: n, fail: syscall.ENOSPC, once: true}
		w := newMortalWorld(t, l)
		w.write("d/sub/one", "1")
		w.write("d/z", "2")
		p := w.plan("files.copy", CopyIn{Sources: w.src("d"), Destination: w.path("b:")})
		l.armed = true
		p = w.end(p)
		why := w.closedFolders()
		if why != "" { // nobody knew what was on the disk: it is put right at the next start
			w.restart()
			for range 500 {
				if why = w.closedFolders(); why == "" {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
		}
		if why != "" {
			t.Fatalf("failed at change %d: %s", n, why)
		}
		if w.is("b:d") && p.State != action.Done {
			early++
		}
		w.stop()
		if p.State == action.Done {
			break
		}
	}
	if early == 0 {
		t.Error("no plan ended early")
	}
}

// closedFolders tells which folder of the copy has other rights than it should, or
// than the catalogue was told.
func (w *testWorld) closedFolders() string {
	w.known.mu.Lock()
	defer w.known.mu.Unlock()
	modes := map[string]uint32{}
	for _, d := range w.known.told {
		if d.Is.Kind == vfs.Folder {
			modes[d.To.Path] = d.Is.Mode
		}
	}
	a, err := w.sites.driver("vol-a")
	if err != nil {
		w.t.Fatal(err)
	}
	b, err := w.sites.driver("vol-b")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, path := range []string{"d", "d/sub"} {
		want, err := a.Stat(w.t.Context(), path)
		if err != nil || want.Mode == privateMode {
			w.t.Fatalf("%+v, %v", want, err)
		}
		is, err := b.Stat(w.t.Context(), path)
		if err != nil {
			continue // it was not made
		}
		if is.Mode != want.Mode || modes[path] != is.Mode {
			return fmt.Sprintf("%s has %o, the catalogue says %o, want %o", path, is.Mode, modes[path], want.Mode)
		}
	}
	return ""
}
