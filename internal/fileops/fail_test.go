//go:build linux

package fileops

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Whichever change of a disk fails, once or from then on, no content is lost;
// committed again when the disk is well, the plan ends as if nothing had been.
func TestFault_C7_EachChangeFails(t *testing.T) {
	t.Parallel()
	turn := 0
	for _, c := range scenarios {
		if c.act == "files.destroy" {
			continue // it is there to lose
		}
		t.Run(c.name, func(t *testing.T) {
			l := &life{}
			w := newMortalWorld(t, l)
			fill(w)
			p := w.plan(c.act, c.args(w))
			l.armed = true
			w.do(p, action.Done)
			want, changes := w.tree(), l.n
			for n := 1 + turn%2; n <= changes; n += 2 + thin {
				turn++
				no := []syscall.Errno{syscall.ENOSPC, syscall.EIO, syscall.EDQUOT, syscall.EROFS}[turn%4]
				failedAt(t, c.act, c.args, n, no, turn%3 > 0, want)
				if t.Failed() {
					return
				}
			}
		})
	}
}

func failedAt(t *testing.T, act string, args func(*testWorld) any, n int, no syscall.Errno, once bool, want string) {
	l := &life{at: n, once: once, fail: &errs.Error{Op: "test", Kind: errs.KindOf(no), Err: no}}
	w := newMortalWorld(t, l)
	fill(w)
	before := w.texts()
	p := w.plan(act, args(w))
	l.mu.Lock()
	l.armed = true
	l.mu.Unlock()
	p = w.end(p)
	state := p.State
	now := w.texts()
	for text := range before {
		if !now[text] {
			t.Errorf("%v at change %d (once: %t) lost %q", no, n, once, text)
		}
	}
	l.mu.Lock()
	l.fail, l.armed = nil, false
	l.mu.Unlock()
	if p.State != action.Done {
		p = w.end(p)
		w.clean()
		if p.State != action.Done && onlyConflicts(w.failures(p.ID)) {
			// What was moved aside and back has another time of change: it is not touched
			// any more, which is on the safe side.
			w.stop()
			return
		}
		if p.State != action.Done {
			t.Errorf("%v at change %d (once: %t): the plan was %s, and is %s (%s)\n%s", no, n, once, state, p.State, p.Error, w.failures(p.ID))
			return
		}
	}
	if got := w.tree(); got != want {
		t.Errorf("%v at change %d (once: %t), then %s: ends in\n%s\nwithout in\n%s", no, n, once, state, got, want)
	}
	w.clean()
	w.stop()
}

func onlyConflicts(failures string) bool {
	for _, line := range strings.Split(strings.TrimSpace(failures), "\n") {
		if !strings.Contains(line, " conflict ") {
			return false
		}
	}
	return failures != ""
}

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
