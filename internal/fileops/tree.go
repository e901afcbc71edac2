package fileops

import (
	"context"
	"slices"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// tree copies or moves a file, or a folder with all in it that the preview saw.
func (e *running) tree(ctx context.Context, t *task, at target) error {
	src, err := e.volume(ctx, t.Step.From.Volume)
	if err != nil {
		e.failAt(ctx, t.Step.Item, t.Step.From, err)
		return ctx.Err()
	}
	is, err := src.Driver.Stat(ctx, t.Step.From.Path)
	if errs.Is(err, errs.NotFound) && t.Do != copyTree && e.isDone(t) {
		return nil // it moved, before this was cut off
	}
	if err != nil {
		e.failAt(ctx, t.Step.Item, t.Step.From, err)
		return ctx.Err()
	}
	w := &walk{running: e, t: t, src: src}
	if err := w.thing(ctx, t.Step.From, is, at); err != nil {
		return err
	}
	for len(w.stack) > 0 {
		if err := w.next(ctx); err != nil {
			return err
		}
	}
	return w.removeAll(ctx)
}

// walk goes through a tree, folder by folder, with no more in memory than the
// names in the folders above.
type walk struct {
	*running
	t       *task
	src     *volume
	stack   []*level
	removes []*step // of files whose copies are written in the batch that waits
}

// level is a folder that is being gone through.
type level struct {
	from, to catalog.Spot
	is       vfs.Entry
	children []vfs.Entry
	mkdir    *step // that makes its copy, or made it before this was cut off; nil: it was there
	whole    bool  // nothing in it stays
}

// next goes on with the innermost folder.
func (w *walk) next(ctx context.Context) error {
	l := w.stack[len(w.stack)-1]
	if l.mkdir != nil && l.mkdir.err != nil {
		w.stack = w.stack[:len(w.stack)-1]
		w.stays()
		return nil
	}
	if len(l.children) == 0 {
		err := w.leave(ctx, l) // what stays now stays in this folder, too
		w.stack = w.stack[:len(w.stack)-1]
		return err
	}
	c := l.children[0]
	l.children = l.children[1:]
	from := catalog.Spot{Volume: l.from.Volume, Path: vfs.Join(l.from.Path, c.Name)}
	to := catalog.Spot{Volume: l.to.Volume, Path: vfs.Join(l.to.Path, c.Name)}
	at := target{to: to}
	if p := w.parts[to]; p != nil {
		at.choice, at.over = p.choice, p.task.Step.Over
		if p.choice == chooseSkip {
			w.r.Skip(p.item, w.address(ctx, from), "left alone, as it was chosen")
			w.stays()
			return nil
		}
		if p.choice == chooseBoth {
			at = target{to: catalog.Spot{Volume: to.Volume, Path: vfs.Join(l.to.Path, p.task.Free)}}
		}
	}
	return w.thing(ctx, from, c, at)
}

// stays notes that something in the folders above stays where it is.
func (w *walk) stays() {
	for _, l := range w.stack {
		l.whole = false
	}
}

func (w *walk) refuse(ctx context.Context, from catalog.Spot, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	w.stays()
	w.failAt(ctx, w.t.Step.Item, from, err)
	return nil
}

// thing does one file or folder of the tree.
func (w *walk) thing(ctx context.Context, from catalog.Spot, is vfs.Entry, at target) error {
	if !w.seen.saw(from, &is) {
		return w.refuse(ctx, from, changed())
	}
	switch {
	case is.Mount:
		return w.refuse(ctx, from, errs.New(errs.Unsupported, "another volume is mounted here"))
	case w.t.Do == moveWithin && (is.Kind != vfs.Folder || at.choice != chooseMerge):
		return w.move(ctx, from, is, at)
	case is.Kind == vfs.Folder:
		return w.enter(ctx, from, is, at)
	case is.Kind != vfs.File && is.Kind != vfs.Symlink:
		w.stays()
		w.r.Skip(w.t.Step.Item, w.address(ctx, from), "a "+is.Kind.String()+" is not copied")
		return nil
	}
	return w.file(ctx, from, is, at)
}

// move renames what need not be gone through.
func (w *walk) move(ctx context.Context, from catalog.Spot, is vfs.Entry, at target) error {
	var yields *vfs.Entry
	if at.choice == chooseReplace {
		yields = at.over
	}
	st := &step{Verb: vRename, Item: w.t.Step.Item, From: from, To: at.to, Seen: &is, Temp: temp()}
	if from == w.t.Step.From {
		st.Things = w.t.Step.Things
	}
	return w.instead(ctx, yields, st, w.t)
}

// file has a file or symlink copied.
func (w *walk) file(ctx context.Context, from catalog.Spot, is vfs.Entry, at target) error {
	st := &step{Verb: vWrite, Item: w.t.Step.Item, From: from, To: at.to, Seen: &is, Temp: temp(), Moving: w.t.Do == moveAcross}
	if at.choice == chooseReplace {
		st.Over = at.over
	}
	if err := w.linked(ctx, st); err != nil {
		return err
	}
	if there, done := w.did[st.key()]; done {
		if w.t.Do == moveAcross && there != nil {
			return w.gone(ctx, st, there)
		}
		return nil
	}
	if err := w.later(ctx, st, w.t); err != nil {
		return err
	}
	if w.t.Do == moveAcross {
		w.removes = append(w.removes, st)
		if len(w.steps) == 0 { // they are written
			return w.removeAll(ctx)
		}
	}
	return nil
}

// linked makes the copy of a file with several names another name of the copy
// that was made of it before.
func (e *running) linked(ctx context.Context, st *step) error {
	if st.Seen.Inode == 0 || st.Seen.Kind != vfs.File {
		return nil
	}
	key := linked{st.From.Volume, st.Seen.Inode}
	if _, ok := e.links[key]; !ok {
		// It may have been seen when its other names were gone already, or not there
		// yet; one of them was seen with the others.
		other := func(o *step) bool {
			return o.Verb == vWrite && o.Seen != nil && o.Seen.Inode == st.Seen.Inode && o.From.Volume == st.From.Volume && (o.Seen.Links > 1 || st.Seen.Links > 1)
		}
		if !slices.ContainsFunc(e.steps, other) {
			return nil
		}
		if err := e.flush(ctx); err != nil {
			return err
		}
	}
	first, ok := e.links[key]
	if ok && first.at.Volume == st.To.Volume && first.at != st.To && same(first.from, *st.Seen) && first.from.Created == st.Seen.Created {
		st.Link, st.LinkIs, st.Hash = &first.at, &first.is, first.hash
	}
	return nil
}

// gone has a file removed whose copy was written.
func (w *walk) gone(ctx context.Context, st *step, copy *vfs.Entry) error {
	return w.later(ctx, &step{Verb: vRemove, Item: st.Item, From: st.From, To: st.To, Seen: st.Seen, Is: copy, Hash: st.Hash, Temp: temp()}, w.t)
}

// removeAll removes the files whose copies were written since the last time.
func (w *walk) removeAll(ctx context.Context) error {
	if len(w.removes) == 0 {
		return nil
	}
	if err := w.flush(ctx); err != nil {
		return err
	}
	removes := w.removes
	w.removes = nil
	for _, st := range removes {
		if st.err != nil || st.Is == nil {
			w.stays()
			continue
		}
		if err := w.gone(ctx, st, st.Is); err != nil {
			return err
		}
	}
	return w.flush(ctx)
}

// enter makes the copy of a folder, and goes into it.
func (w *walk) enter(ctx context.Context, from catalog.Spot, is vfs.Entry, at target) error {
	l := &level{from: from, to: at.to, is: is, whole: true}
	if at.choice != chooseMerge {
		m, parts := w.carries(ctx, from, &is)
		st := &step{Verb: vMkdir, Item: w.t.Step.Item, To: at.to, New: &m, Parts: parts}
		if _, done := w.did[st.key()]; done {
			l.mkdir = w.made[st.key()]
		} else {
			if err := w.later(ctx, st, w.t); err != nil {
				return err
			}
			l.mkdir = st
		}
	}
	half := 0
	var err error
	if l.children, half, err = inFolder(ctx, w.src, from.Path); err != nil {
		return w.refuse(ctx, from, err)
	}
	w.stack = append(w.stack, l)
	if half > 0 && w.t.Do != copyTree {
		w.stays()
		w.r.Skip(w.t.Step.Item, w.address(ctx, from), "it stays: "+number(int64(half), "thing")+" in it is just being written")
	}
	return nil
}

// carries tells what the copy of a folder is to carry.
func (w *walk) carries(ctx context.Context, from catalog.Spot, is *vfs.Entry) (vfs.Meta, vfs.Parts) {
	parts := vfs.PartMode | vfs.PartModified
	m := vfs.Meta{Mode: is.Mode, Modified: is.Modified}
	if w.src.writing != nil && from.Path != "" {
		folder, name := from.In()
		if d, err := w.src.dir(ctx, folder.Path); err == nil {
			if all, err := d.Meta(ctx, name); err == nil {
				m, parts = all, parts|vfs.PartXattrs|vfs.PartACL
			}
			_ = d.Close() // it was read
		}
	}
	if w.t.Keep.Owner {
		parts |= vfs.PartOwner
	}
	if w.t.Keep.Labels {
		parts |= vfs.PartLabels
	}
	if !w.t.Keep.Setuid {
		m.Mode &= 0o1777
	}
	m.Accessed = 0
	return m, parts
}

// leave ends a folder whose things are all done.
func (w *walk) leave(ctx context.Context, l *level) error {
	if l.mkdir == nil && (w.t.Do == copyTree || !l.whole) { // no step is it
		w.progress.Done = min(w.progress.Done+1, w.progress.Total)
	}
	if w.t.Do == copyTree {
		if l.mkdir != nil {
			w.left = append(w.left, l.mkdir)
		}
		if len(w.steps) == 0 {
			w.dressLeft(ctx)
		}
		return nil
	}
	if err := w.removeAll(ctx); err != nil {
		return err
	}
	if err := w.flush(ctx); err != nil {
		return err
	}
	st := &step{Verb: vRmdir, Item: w.t.Step.Item, From: l.from, Seen: &l.is}
	if l.mkdir != nil {
		is, err := w.dressMoved(ctx, l.mkdir)
		if err != nil {
			return w.refuse(ctx, l.to, err)
		}
		if w.t.Do == moveAcross {
			st.To, st.Is = l.to, is
		}
	}
	if !l.whole {
		return nil
	}
	return w.later(ctx, st, w.t)
}
