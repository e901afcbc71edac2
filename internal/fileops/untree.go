package fileops

import (
	"context"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

func sortEntries(es []vfs.Entry) {
	slices.SortFunc(es, func(a, b vfs.Entry) int { return strings.Compare(a.Name, b.Name) })
}

// inFolder lists what is in a folder, by name, but for what is half written: so much of
// that there is.
func inFolder(ctx context.Context, v *volume, path string) (es []vfs.Entry, half int, err error) {
	err = v.Driver.List(ctx, path, func(batch []vfs.Entry) error {
		es = append(es, batch...)
		return nil
	})
	all := len(es)
	es = vfs.Public(es)
	sortEntries(es)
	return es, all - len(es), err
}

// untree takes back a folder that an earlier plan made. If all in it is what that
// plan left, the folder goes as a whole; else what is not stays, with the folders
// above it.
func (e *running) untree(ctx context.Context, t *task) error {
	if err := e.flush(ctx); err != nil {
		return err
	}
	if e.isUntreed(t) {
		return nil
	}
	v, err := e.volume(ctx, t.Step.From.Volume)
	if err != nil {
		e.failAt(ctx, t.Step.Item, t.Step.From, err)
		return ctx.Err()
	}
	err = e.lacks(&t.Step, nil)
	var is vfs.Entry
	if err == nil {
		is, err = v.Driver.Stat(ctx, t.Step.From.Path)
	}
	if err == nil && (is.Kind != vfs.Folder || is.Inode != t.Step.Seen.Inode) {
		err = changed()
	}
	if err != nil {
		e.failAt(ctx, t.Step.Item, t.Step.From, err)
		return ctx.Err()
	}
	u := &untreeing{running: e, t: t, v: v}
	if err := u.through(ctx, is); err != nil {
		return err
	}
	switch {
	case u.things == 0:
		return e.later(ctx, &step{Verb: vRmdir, Item: t.Step.Item, From: t.Step.From, Seen: &is}, t)
	case u.foreign == 0 && !u.began:
		return e.later(ctx, &step{Verb: vTrash, Item: t.Step.Item, From: t.Step.From, Seen: &is}, t)
	}
	u.apart = true
	return u.through(ctx, is)
}

func (e *running) isUntreed(t *task) bool {
	for _, vb := range []verb{vRmdir, vTrash} {
		st := step{Verb: vb, From: t.Step.From}
		if _, ok := e.did[st.key()]; ok {
			return true
		}
	}
	return false
}

// onlyHere refuses what could not be copied back to where it had been moved from.
func onlyHere() error {
	return errs.New(errs.Conflict, "it stays: what was to come back in its place did not").Try("Make room or a free name there, and commit the plan again: it goes on.")
}

// untreeing goes through such a folder: first to look, then, if need be, to take
// it apart.
type untreeing struct {
	*running
	t       *task
	v       *volume
	apart   bool
	things  int
	foreign int
	began   bool
}

func (u *untreeing) through(ctx context.Context, top vfs.Entry) error {
	stack := []*level{{from: u.t.Step.From, is: top, whole: true}}
	if err := u.list(ctx, stack[0]); err != nil {
		return u.stay(ctx, stack, u.t.Step.From, err)
	}
	for len(stack) > 0 {
		l := stack[len(stack)-1]
		if len(l.children) == 0 {
			stack = stack[:len(stack)-1]
			if u.apart && l.whole {
				if err := u.later(ctx, &step{Verb: vRmdir, Item: u.t.Step.Item, From: l.from, Seen: &l.is}, u.t); err != nil {
					return err
				}
			}
			continue
		}
		c := l.children[0]
		l.children = l.children[1:]
		from := catalog.Spot{Volume: l.from.Volume, Path: vfs.Join(l.from.Path, c.Name)}
		u.things++
		why := error(nil)
		switch {
		case !u.seen.saw(from, &c):
			why = changed()
		case u.only[spotKey(from)]:
			why = onlyHere()
		}
		if why != nil {
			u.foreign++
			if err := u.stay(ctx, stack, from, why); err != nil {
				return err
			}
			continue
		}
		if c.Kind != vfs.Folder {
			if u.apart {
				if err := u.later(ctx, &step{Verb: vTrash, Item: u.t.Step.Item, From: from, Seen: &c}, u.t); err != nil {
					return err
				}
			}
			continue
		}
		next := &level{from: from, is: c, whole: true}
		if err := u.list(ctx, next); err != nil {
			u.foreign++
			if err := u.stay(ctx, stack, from, err); err != nil {
				return err
			}
			continue
		}
		stack = append(stack, next)
	}
	return nil
}

// stay notes that something stays, and the folders above it.
func (u *untreeing) stay(ctx context.Context, stack []*level, at catalog.Spot, err error) error {
	for _, l := range stack {
		l.whole = false
	}
	if u.apart {
		u.failAt(ctx, u.t.Step.Item, at, err)
	}
	return ctx.Err()
}

func (u *untreeing) list(ctx context.Context, l *level) error {
	if l.is.Mount {
		return errs.New(errs.Unsupported, "another volume is mounted here")
	}
	err := u.v.Driver.List(ctx, l.from.Path, func(batch []vfs.Entry) error {
		l.children = append(l.children, batch...)
		return nil
	})
	sortEntries(l.children)
	return err
}
