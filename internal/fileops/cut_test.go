//go:build linux

package fileops

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/faultfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// changes are the calls that change a volume, or sync it.
var changes = map[faultfs.Op]bool{
	faultfs.Create: true, faultfs.Write: true, faultfs.Truncate: true, faultfs.Allocate: true, faultfs.Clone: true, faultfs.CopyFrom: true,
	faultfs.SetMeta: true, faultfs.Mkdir: true, faultfs.Symlink: true, faultfs.Link: true, faultfs.Rename: true, faultfs.Unlink: true,
	faultfs.Rmdir: true, faultfs.Sync: true, faultfs.SyncDir: true, faultfs.SyncAll: true,
}

// moment is what is there when a plan is cut off: both volumes and the library,
// with its log. No change of a disk comes before the journal of it is synced, so
// that a power cut takes nothing from the library that tells of one; that the end
// of a batch is lost is a moment of its own, before it is written.
type moment struct {
	what   string
	a, b   *memfs.FS
	db     []byte
	log    []byte
	ending bool // the plan was told to be done
}

// camera takes the moments of a plan.
type camera struct {
	w       *testWorld
	percent func(n int) []int // of what is not synced that a cut leaves, at the n-th change

	mu      sync.Mutex
	on      bool
	n       int
	moments []moment
	err     error
}

func (c *camera) shoot(what string, ending bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.on || c.err != nil {
		return
	}
	c.n++
	for _, percent := range c.percent(c.n) {
		m := moment{what: fmt.Sprintf("change %d (%s), %d %% of what is not synced left", c.n, what, percent), ending: ending}
		m.a, m.b = c.w.sites.memory["vol-a"].Crash(uint64(c.n), percent), c.w.sites.memory["vol-b"].Crash(uint64(c.n), percent)
		var failed error
		m.db, c.err = os.ReadFile(c.w.library())
		m.log, failed = os.ReadFile(c.w.library() + "-wal")
		c.err = errors.Join(c.err, failed)
		c.moments = append(c.moments, m)
		if last := len(c.moments) - 2; last >= 0 && string(c.moments[last].log) == string(m.log) { // it may be long
			c.moments[last+1].db, c.moments[last+1].log = c.moments[last].db, c.moments[last].log
		}
	}
}

// filmed commits a plan of the scenario in memory while the camera runs.
func (c scenario) filmed(t *testing.T, percent func(n int) []int) (before, after string, texts map[string]bool, p action.Plan, moments []moment) {
	w, eye := c.world(t)
	eye.percent = percent
	fillMore(w)
	p = c.plan(w)
	before = c.plain(w.tree())
	texts = w.texts()
	eye.on = true
	w.yield = func(point string) { eye.shoot(point, false) }
	p = w.do(p, action.Done)
	eye.shoot("the end", true)
	eye.on = false
	if eye.err != nil {
		t.Fatal(eye.err)
	}
	after = c.plain(w.tree())
	w.clean()
	w.stop()
	return before, after, texts, p, eye.moments
}

func (c scenario) world(t *testing.T) (*testWorld, *camera) {
	eye := &camera{}
	c.a.NoClone = c.a.NoClone || !strings.Contains(c.name, "clones")
	c.a.Now = ticks()
	c.b.NoClone, c.b.Now = true, c.a.Now
	w := newTestWorldAs(t, func(w *testWorld) {
		eye.w = w
		w.inMemoryOf(memfs.NewWith(c.a), memfs.NewWith(c.b))
		w.sites.wrap = func(d vfs.Driver) vfs.Driver {
			f := faultfs.New(d)
			f.Yield(func(op faultfs.Op, path string) {
				if changes[op] {
					eye.shoot(fmt.Sprintf("%s %q", op, path), false)
				}
			})
			return f
		}
	})
	return w, eye
}

// excused reports whether what a plan failed to do after a cut is left on the safe
// side: symlinks cannot be synced, and one that lost its time is not what was made;
// what was put aside and back, since the volume exchanges no names, has another time
// of change than the preview saw; so has what was being destroyed, and is there again.
func (c scenario) excused(failures string) bool {
	if c.loses || strings.Contains(c.name, "no exchange") {
		return onlyConflicts(failures)
	}
	for line := range strings.Lines(failures) {
		if !strings.Contains(line, "/link conflict ") {
			return false
		}
	}
	return failures != ""
}

var times = regexp.MustCompile(`(?m)^(".*" file [0-7]+ ".*") \d+`)

// plain leaves out what is another each time.
func (c scenario) plain(tree string) string {
	if c.fresh {
		return times.ReplaceAllString(tree, "$1")
	}
	return tree
}

// Wherever the process dies or the power goes while a plan is done, and whatever
// of what was not synced is there then: the next start ends the plan. What was told
// to be done is there, nothing is lost, and nothing is left.
func TestPromise_P10_CutAtEachChange(t *testing.T) {
	t.Parallel()
	total := make(chan int, 100)
	t.Run("all", func(t *testing.T) {
		for i, c := range scenarios() {
			if i%thinScenarios != 0 {
				continue
			}
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				before, after, texts, p, moments := c.filmed(t, func(n int) []int {
					switch {
					case soak > 0:
						return []int{0, 30, 50, 70, 100}
					case n%thinCuts == 0:
						return []int{n / thinCuts % 3 * 50}
					}
					return nil
				})
				total <- len(moments)
				for i, m := range moments {
					c.recovered(t, m, before, after, texts, p.ID, i%5 == 0 && !c.loses)
					if t.Failed() {
						return
					}
				}
			})
		}
	})
	close(total)
	cuts := 0
	for n := range total {
		cuts += n
	}
	t.Logf("%d cuts", cuts)
}

// differences are the lines of one text only.
func differences(a, b string) (text string) {
	in := func(all, line string) bool { return strings.Contains("\n"+all+"\n", "\n"+line+"\n") }
	for line := range strings.Lines(a) {
		if line = strings.TrimSuffix(line, "\n"); !in(b, line) {
			text += "- " + line + "\n"
		}
	}
	for line := range strings.Lines(b) {
		if line = strings.TrimSuffix(line, "\n"); !in(a, line) {
			text += "+ " + line + "\n"
		}
	}
	return text
}

// missing are the texts that were there and are not.
func missing(before, now map[string]bool) (lost []string) {
	for text := range before {
		if !now[text] {
			lost = append(lost, text)
		}
	}
	return lost
}

// recovered starts on what a moment left, and looks at it.
func (c scenario) recovered(t *testing.T, m moment, before, after string, texts map[string]bool, id ident.PlanID, undo bool) {
	t.Helper()
	w := newTestWorldAs(t, func(w *testWorld) {
		w.inMemoryOf(m.a, m.b)
		if err := errors.Join(os.WriteFile(w.library(), m.db, 0o600), os.WriteFile(w.library()+"-wal", m.log, 0o600)); err != nil {
			t.Fatal(err)
		}
	})
	defer w.stop()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p, err := w.plans.Get(ctx, id)
	if err == nil && p.State == action.Committing {
		p, err = w.plans.Wait(ctx, id)
	}
	want := after
	switch {
	case errs.Is(err, errs.NotFound) && !m.ending, err == nil && p.State == action.Planned && !m.ending:
		want = before
	case p.State != action.Done && c.excused(w.failures(id)):
		want = c.plain(w.tree())
	case err != nil || p.State != action.Done:
		t.Errorf("%s: the plan is %s (%s), %v\n%s", m.what, p.State, p.Error, err, w.failures(id))
	}
	if got := c.plain(w.tree()); got != want {
		t.Errorf("%s: it is (-), and not (+)\n%s", m.what, differences(got, want))
	}
	if lost := missing(texts, w.texts()); !c.loses && lost != nil {
		t.Errorf("%s: lost is %.100q", m.what, lost)
	}
	w.clean()
	if undo && p.State == action.Done && p.Undoable {
		u, err := w.plans.Undo(ctx, id, action.User)
		if err != nil {
			t.Fatal(err)
		}
		if u = w.end(u); u.State != action.Done && c.excused(w.failures(u.ID)) {
			return
		}
		if u.State != action.Done {
			t.Errorf("%s: undoing is %s (%s)\n%s", m.what, u.State, u.Error, w.failures(u.ID))
		}
		if got := c.plain(w.tree()); got != before {
			t.Errorf("%s: undone it is (-), and was (+)\n%s", m.what, differences(got, before))
		}
		w.clean()
	}
}
