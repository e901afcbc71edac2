package trash

import (
	"context"
	"errors"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// visitor is what a walk does with a tree. path tells where a thing is, below the
// top; it costs something, so it is asked only if somebody wants to know.
type visitor interface {
	// enter sees everything before anything below it. An error ends the walk.
	enter(path func() string, e vfs.Entry) error
	// file sees what is no folder. kept: it stays, and so do the folders around it.
	file(ctx context.Context, dir vfs.Dir, path func() string, e vfs.Entry) (kept bool, err error)
	// leave sees a folder when all in it is gone; with why set, when it could not be
	// opened or listed.
	leave(ctx context.Context, parent vfs.Dir, path func() string, e vfs.Entry, why error) (verdict, error)
}

type verdict uint8

const (
	left  verdict = iota // done with it
	kept                 // it stays
	again                // there is something in it: look once more
)

const (
	maxOpen     = 32 // folders that were opened last and stay open
	anchorEvery = 64 // besides those, one in so many levels
	maxAnchors  = 32
	maxPasses   = 8 // through one folder that will not become empty
)

// walk goes through a tree by handles, depth first, without recursion: the depth
// is bounded by nothing but memory, and of the folders above only some stay open.
// A folder that was closed is reached again from the nearest open one above it.
type walk struct {
	visitor
	levels []level
	opened []int // levels that are open, but for the top and the anchors
}

type level struct {
	e      vfs.Entry
	dir    vfs.Dir // nil: closed for now
	subs   []vfs.Entry
	kept   bool
	passes int
}

// run walks through top, which it closes. kept: something in it stays.
func (w *walk) run(ctx context.Context, top vfs.Dir) (kept bool, err error) {
	w.levels = []level{{dir: top}}
	defer func() {
		for _, l := range w.levels {
			if l.dir != nil {
				_ = l.dir.Close()
			}
		}
	}()
	if err := w.list(ctx); err != nil {
		return true, err
	}
	for {
		if err := ctx.Err(); err != nil {
			return true, err
		}
		l := &w.levels[len(w.levels)-1]
		if n := len(l.subs); n > 0 {
			e := l.subs[n-1]
			l.subs = l.subs[:n-1]
			if err := w.down(ctx, e); err != nil {
				return true, err
			}
			continue
		}
		if len(w.levels) == 1 {
			return l.kept, nil
		}
		if err := w.up(ctx); err != nil {
			return true, err
		}
	}
}

// down opens and lists a folder in the deepest one.
func (w *walk) down(ctx context.Context, e vfs.Entry) error {
	dir, err := w.dir(ctx, len(w.levels)-1)
	if err != nil {
		return err
	}
	sub, err := openSub(ctx, dir, e)
	if err != nil {
		return w.closed(ctx, dir, e, err)
	}
	w.levels = append(w.levels, level{e: e, dir: sub})
	w.keep(len(w.levels) - 1)
	if err := w.list(ctx); err != nil {
		var own *stopped
		if ctx.Err() != nil || errors.As(err, &own) {
			return err
		}
		w.pop()
		if dir, err2 := w.dir(ctx, len(w.levels)-1); err2 == nil {
			return w.closed(ctx, dir, e, err)
		}
		return err
	}
	return nil
}

// closed is about a folder whose inside cannot be seen.
func (w *walk) closed(ctx context.Context, dir vfs.Dir, e vfs.Entry, why error) error {
	v, err := w.leave(ctx, dir, w.path(e.Name), e, why)
	if v != left {
		w.levels[len(w.levels)-1].kept = true
	}
	return err
}

// openSub opens the folder e, and no other that has its name by now.
func openSub(ctx context.Context, dir vfs.Dir, e vfs.Entry) (vfs.Dir, error) {
	sub, err := dir.Sub(ctx, e.Name)
	if err != nil {
		return nil, err
	}
	is, err := sub.Self(ctx)
	if err == nil && is.Inode != e.Inode {
		err = errDrift
	}
	if err != nil {
		_ = sub.Close()
		return nil, err
	}
	return sub, nil
}

// list sees what is in the deepest folder, and notes the folders in it.
func (w *walk) list(ctx context.Context) error {
	l := &w.levels[len(w.levels)-1]
	l.passes++
	var broken error // not what List failed with
	err := l.dir.List(ctx, func(batch []vfs.Entry) error {
		for _, e := range batch {
			if broken = w.see(ctx, l, e); broken != nil {
				return broken
			}
		}
		return ctx.Err()
	})
	if broken != nil {
		return &stopped{broken}
	}
	return err
}

// stopped is an error of the visitor: it ends the walk.
type stopped struct{ error }

func (w *walk) see(ctx context.Context, l *level, e vfs.Entry) error {
	if err := w.enter(w.path(e.Name), e); err != nil {
		return err
	}
	if e.Kind == vfs.Folder {
		l.subs = append(l.subs, e)
		return nil
	}
	stays, err := w.file(ctx, l.dir, w.path(e.Name), e)
	l.kept = l.kept || stays
	return err
}

// up leaves the deepest folder.
func (w *walk) up(ctx context.Context) error {
	n := len(w.levels) - 1
	l := &w.levels[n]
	if l.kept {
		w.levels[n-1].kept = true
		w.close(n)
		w.pop()
		return nil
	}
	parent, err := w.dir(ctx, n-1)
	if err != nil {
		return err
	}
	e := l.e
	w.close(n) // some systems remove no open folder
	passes := l.passes
	w.pop()
	v, err := w.leave(ctx, parent, w.path(e.Name), e, nil)
	if err != nil {
		return err
	}
	if v == again {
		if passes < maxPasses {
			if err := w.down(ctx, e); err != nil {
				return err
			}
			if len(w.levels)-1 == n {
				w.levels[n].passes += passes
			}
			return nil
		}
		v, err = w.leave(ctx, parent, w.path(e.Name), e, errs.New(errs.Unavailable, "somebody puts things into it all the time"))
	}
	if v != left {
		w.levels[n-1].kept = true
	}
	return err
}

// path tells where name in the deepest folder is.
func (w *walk) path(name string) func() string {
	return func() string {
		parts := make([]string, 0, len(w.levels))
		for _, l := range w.levels[1:] {
			parts = append(parts, l.e.Name)
		}
		return strings.Join(append(parts, name), "/")
	}
}

// dir returns the folder of level n, opened anew if it was closed meanwhile.
func (w *walk) dir(ctx context.Context, n int) (vfs.Dir, error) {
	at := n
	for w.levels[at].dir == nil {
		at--
	}
	for ; at < n; at++ {
		sub, err := openSub(ctx, w.levels[at].dir, w.levels[at+1].e)
		if err != nil {
			return nil, err
		}
		w.levels[at+1].dir = sub
		w.keep(at + 1)
	}
	return w.levels[n].dir, nil
}

// keep notes that level n is open, and closes the one that was open longest.
func (w *walk) keep(n int) {
	if n%anchorEvery == 0 && n/anchorEvery <= maxAnchors {
		return
	}
	w.opened = append(w.opened, n)
	if len(w.opened) > maxOpen {
		w.close(w.opened[0])
	}
}

func (w *walk) close(n int) {
	if l := &w.levels[n]; l.dir != nil {
		_ = l.dir.Close()
		l.dir = nil
	}
	for i, o := range w.opened {
		if o == n {
			w.opened = append(w.opened[:i], w.opened[i+1:]...)
			break
		}
	}
}

func (w *walk) pop() {
	n := len(w.levels) - 1
	w.close(n)
	w.levels = w.levels[:n]
}
