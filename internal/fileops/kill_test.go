//go:build linux

package fileops

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

var errDead = errors.New("the process is dead")

// life is that of a process: it ends at the n-th change of a disk, before it or
// right after; then nothing reaches disks and database any more.
type life struct {
	mu    sync.Mutex
	armed bool
	n, at int
	after bool
	dead  bool
	// fail is what changes fail with, from the n-th on or only that one.
	fail error
	once bool
	// stuck cannot be renamed, by its inode.
	stuck uint64
}

// step is one change; it reports whether it comes to pass and whether anybody
// hears of it.
func (l *life) step(change func() error) error {
	l.mu.Lock()
	if l.dead {
		l.mu.Unlock()
		return errDead
	}
	if l.armed {
		l.n++
	}
	if l.fail != nil && l.armed && (l.n == l.at || l.n > l.at && !l.once) {
		l.mu.Unlock()
		return l.fail
	}
	last := l.fail == nil && l.armed && l.at > 0 && l.n == l.at
	l.dead = last
	l.mu.Unlock()
	if last && !l.after {
		return errDead
	}
	if err := change(); err != nil || last {
		return errors.Join(err, map[bool]error{true: errDead}[last])
	}
	return nil
}

func (l *life) fault(m store.Moment) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m == store.BeforeCommit && l.dead {
		return errDead
	}
	return nil
}

// mortal is a driver of a process that may die.
type mortal struct {
	vfs.Driver
	l *life
}

func (m mortal) Features() vfs.Features {
	f := m.Driver.Features()
	if f.Writing != nil {
		w := *f.Writing
		open := w.Dir
		w.Dir = func(ctx context.Context, path string) (vfs.Dir, error) {
			d, err := open(ctx, path)
			if err != nil {
				return nil, err
			}
			return mortalDir{d, m.l}, nil
		}
		f.Writing = &w
	}
	return f
}

type mortalDir struct {
	vfs.Dir
	l *life
}

func (d mortalDir) Unwrap() vfs.Dir { return d.Dir }

func (d mortalDir) Sub(ctx context.Context, name string) (vfs.Dir, error) {
	sub, err := d.Dir.Sub(ctx, name)
	if err != nil {
		return nil, err
	}
	return mortalDir{sub, d.l}, nil
}

func (d mortalDir) Create(ctx context.Context, name string, mode uint32) (h vfs.WriteHandle, err error) {
	err = d.l.step(func() error { h, err = d.Dir.Create(ctx, name, mode); return err })
	if err != nil {
		if h != nil {
			_ = h.Close() // the dead close nothing
		}
		return nil, err
	}
	return h, nil
}

func (d mortalDir) Mkdir(ctx context.Context, name string, mode uint32) error {
	return d.l.step(func() error { return d.Dir.Mkdir(ctx, name, mode) })
}

func (d mortalDir) Symlink(ctx context.Context, name, target string) error {
	return d.l.step(func() error { return d.Dir.Symlink(ctx, name, target) })
}

func (d mortalDir) Link(ctx context.Context, name string, from vfs.Dir, fromName string) error {
	return d.l.step(func() error { return d.Dir.Link(ctx, name, from, fromName) })
}

func (d mortalDir) Rename(ctx context.Context, name string, to vfs.Dir, toName string, how vfs.Renaming) error {
	if is, err := d.Dir.Stat(ctx, name); err == nil && d.l.stuck != 0 && is.Inode == d.l.stuck {
		return errs.New(errs.Denied, "sealed")
	}
	return d.l.step(func() error { return d.Dir.Rename(ctx, name, to, toName, how) })
}

func (d mortalDir) Unlink(ctx context.Context, name string) error {
	return d.l.step(func() error { return d.Dir.Unlink(ctx, name) })
}

func (d mortalDir) Rmdir(ctx context.Context, name string) error {
	return d.l.step(func() error { return d.Dir.Rmdir(ctx, name) })
}

func (d mortalDir) SetMeta(ctx context.Context, name string, m *vfs.Meta, parts vfs.Parts) (lost vfs.Parts, err error) {
	err = d.l.step(func() error { lost, err = d.Dir.SetMeta(ctx, name, m, parts); return err })
	return lost, err
}

func (d mortalDir) Sync(ctx context.Context) error {
	return d.l.step(func() error { return d.Dir.Sync(ctx) })
}

// newMortalWorld is a world in memory whose process dies as l says.
func newMortalWorld(t testing.TB, l *life) *testWorld {
	now := ticks()
	return newTestWorldAs(t, func(w *testWorld) {
		w.inMemoryOf(memfs.NewWith(memfs.Options{NoClone: true, Now: now}), memfs.NewWith(memfs.Options{NoClone: true, Now: now}))
		w.dies(l)
	})
}

// newMortalDisks is one on real disks.
func newMortalDisks(t testing.TB, l *life) *testWorld {
	return newTestWorldAs(t, func(w *testWorld) { w.dies(l) })
}

func (w *testWorld) dies(l *life) {
	w.fault = l.fault
	w.sites.wrap = func(d vfs.Driver) vfs.Driver { return mortal{d, l} }
}

// A process that dies on real disks leaves nothing half done either: the next one
// ends the plan, and can take it back. CutAtEachChange does that in memory, for all.
func TestPromise_P10_KilledOnRealDisks(t *testing.T) {
	t.Parallel()
	for _, c := range []scenario{moving("across", "b:", "", "d"), moving("into a merge", "e", Replace, "d"), copying("and replace", "e", Replace, "d")} {
		t.Run(c.name, func(t *testing.T) {
			l := &life{}
			w := newMortalDisks(t, l)
			fill(w)
			before := w.tree()
			p := c.plan(w)
			l.armed = true
			w.do(p, action.Done)
			want, changes := w.tree(), l.n
			for n := 1; n <= changes; n += 4 * thin {
				killedAt(t, c, n, n%8 == 1, before, want)
				if t.Failed() {
					return
				}
			}
		})
	}
}

// begin commits a plan of a process that may be dead before it can say so.
func (w *testWorld) begin(p action.Plan) {
	w.t.Helper()
	if _, err := w.plans.Commit(context.Background(), p.ID, p.Confirm); err != nil && !errors.Is(err, errDead) {
		w.t.Fatal(err)
	}
}

// liveOnce commits a plan in a process that dies when its life says so, or at the
// end, and returns what the next process makes of it.
func (w *testWorld) liveOnce(l *life, p action.Plan) action.Plan {
	w.t.Helper()
	l.mu.Lock()
	l.armed = true
	l.mu.Unlock()
	w.begin(p)
	for range 2000 {
		l.mu.Lock()
		dead := l.dead
		l.mu.Unlock()
		if now, err := w.plans.Get(context.Background(), p.ID); dead || err == nil && now.State.Final() {
			break
		}
		time.Sleep(time.Millisecond)
	}
	w.stop()
	l.mu.Lock()
	l.armed, l.dead, l.at = false, false, 0
	l.mu.Unlock()
	w.start()
	p, err := w.plans.Wait(context.Background(), p.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func killedAt(t *testing.T, c scenario, n int, after bool, before, want string) {
	what := fmt.Sprintf("killed before change %d", n)
	if after {
		what = fmt.Sprintf("killed after change %d", n)
	}
	l := &life{at: n, after: after}
	w := newMortalDisks(t, l)
	fill(w)
	p := w.liveOnce(l, c.plan(w))
	if p.State != action.Done {
		t.Errorf("%s: the plan is %s (%s)\n%s", what, p.State, p.Error, w.failures(p.ID))
		return
	}
	if got := w.tree(); got != want {
		t.Errorf("%s: ends in\n%s\nwithout in\n%s", what, got, want)
	}
	w.clean()
	w.undo(p, action.Done)
	if got := w.tree(); got != before {
		t.Errorf("%s: undone it is\n%s\nbefore\n%s", what, got, before)
	}
	w.clean()
	w.stop()
	if t.Failed() {
		t.Log(strings.TrimSpace(w.dump(true)))
	}
}
