package fileops

import (
	"context"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/trash"
	"github.com/stardrive/stardrive/internal/vfs"
)

// The choices that conflicts offer.
const (
	chooseSkip    = "skip"
	chooseBoth    = "keep-both"
	chooseReplace = "replace"
	chooseMerge   = "merge"
)

// item does what one item of the plan says.
func (e *running) item(ctx context.Context, it *action.Item, t *task) error {
	t.Step.Item = it.N
	if n := it.Files + it.Folders; n > 1 {
		t.Step.Things = n // of trees that are gone through, this is not looked at
	}
	if it.Choice == chooseSkip {
		e.r.Skip(it.N, e.address(ctx, t.Step.place()), "left alone, as it was chosen")
		return nil
	}
	if err := e.pinned(ctx, t); err != nil {
		if ctx.Err() != nil {
			return err
		}
		e.failAt(ctx, it.N, t.Step.place(), err)
		return nil
	}
	at := target{to: t.Step.To, choice: it.Choice}
	if it.Choice == chooseBoth && t.Free != "" {
		folder, _ := t.Step.To.In()
		at = target{to: catalog.Spot{Volume: folder.Volume, Path: vfs.Join(folder.Path, t.Free)}}
	}
	at.over = t.Step.Over
	switch t.Do {
	case once:
		return e.once(ctx, it, t, at)
	case takeBack:
		return e.untree(ctx, t)
	case copyTree, moveAcross, moveWithin:
		return e.tree(ctx, t, at)
	}
	return errs.New(errs.Internal, "the plan holds an item of kind %q, which this version does not know", t.Do)
}

// pinned looks whether the folder that a thing comes into is the one that the
// preview saw.
func (e *running) pinned(ctx context.Context, t *task) error {
	if t.Into == 0 {
		return nil
	}
	v, err := e.volume(ctx, t.Step.To.Volume)
	if err != nil {
		return err
	}
	folder, _ := t.Step.To.In()
	is, err := v.Driver.Stat(ctx, folder.Path)
	if err == nil && (is.Kind != vfs.Folder || is.Inode != t.Into) {
		err = errs.New(errs.Conflict, "the folder is another one than when the plan was made").Try("Make the plan again.")
	}
	return err
}

// target is where something comes, and what may be done to what stands there.
type target struct {
	to     catalog.Spot
	choice string
	over   *vfs.Entry // as the preview saw it
}

// once does an item that is one step, or two where something gives way first.
func (e *running) once(ctx context.Context, it *action.Item, t *task, at target) error {
	st := t.Step
	st.To = at.to
	st.Over = nil
	var yields *vfs.Entry
	switch {
	case at.over != nil && at.choice == chooseReplace && st.Verb == vWrite:
		st.Over = at.over
	case at.over != nil && at.choice == chooseReplace:
		yields = at.over
	}
	if st.Verb == vWrite || st.Verb == vRemove || st.Verb == vDestroy || st.Verb == vRename || st.Verb == vExtract {
		st.Temp = temp()
	}
	if _, done := e.did[st.key()]; !done {
		err := e.ringed(ctx, t)
		if err == nil {
			err = e.unchanged(ctx, &st)
		}
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			e.failAt(ctx, it.N, st.From, err)
			return nil
		}
	}
	if st.back() { // what came away as names of one file comes back as that
		if err := e.linked(ctx, &st); err != nil {
			return err
		}
	}
	return e.instead(ctx, yields, &st, t)
}

// unchanged looks whether a folder that is to go to the trash holds what the preview
// counted: nothing came into it, and nothing in it changed, since.
func (e *running) unchanged(ctx context.Context, st *step) error {
	if st.Verb != vTrash || st.Before == 0 || st.Seen.Kind != vfs.Folder {
		return nil
	}
	h := e.hands()
	defer h.close()
	d, name, err := h.in(ctx, st.From)
	if err != nil {
		return err
	}
	if err = trash.Unchanged(ctx, d, name, st.Before); errs.Is(err, errs.Denied) {
		return nil // nobody can look into it; it goes as it is
	}
	return err
}

// ringed looks whether all things whose names go round are as the preview saw them:
// else one of them could keep its name, and what is to have it none.
func (e *running) ringed(ctx context.Context, t *task) error {
	for _, l := range t.Ring {
		v, err := e.volume(ctx, l.At.Volume)
		if err != nil {
			return err
		}
		is, err := v.Driver.Stat(ctx, l.At.Path)
		if err == nil && !same(*l.Seen, is) {
			err = changed()
		}
		if err != nil {
			return errs.New(errs.KindOf(err), "%s, whose name is to go round with others, is not as it was: %w", catalog.PlainName(l.At.Path), err).Try("Make the plan again.")
		}
	}
	return nil
}

// mayCome looks whether what is to take the place of something may leave its own,
// before that gives way.
func (e *running) mayCome(ctx context.Context, st *step) error {
	if st.From.Volume == "" {
		return nil
	}
	v, err := e.writable(ctx, st.From.Volume)
	if err != nil {
		return err
	}
	return v.mayTake(ctx, st.From.Path)
}

// instead has a step done; where something is to give way to what it brings, both
// are in one batch: if the step fails, the other comes back.
func (e *running) instead(ctx context.Context, yields *vfs.Entry, st *step, t *task) error {
	if _, done := e.did[st.key()]; done {
		return nil
	}
	if yields != nil {
		if err := e.mayCome(ctx, st); err != nil {
			e.failAt(ctx, st.Item, st.place(), err)
			return ctx.Err()
		}
		if len(e.steps)+2 > batchSteps {
			if err := e.flush(ctx); err != nil {
				return err
			}
		}
		if err := e.later(ctx, &step{Verb: vTrash, Item: st.Item, From: st.To, Seen: yields, Yields: true}, t); err != nil {
			return err
		}
	}
	return e.later(ctx, st, t)
}

// isDone reports whether the thing that the item names is gone by our own doing.
func (e *running) isDone(t *task) bool {
	for _, v := range []verb{vRename, vRemove, vRmdir} {
		to := []catalog.Spot{t.Step.To, {}}
		if t.Free != "" {
			folder, _ := t.Step.To.In()
			to = append(to, catalog.Spot{Volume: folder.Volume, Path: vfs.Join(folder.Path, t.Free)})
		}
		for _, at := range to {
			st := step{Verb: v, From: t.Step.From, To: at}
			if _, ok := e.did[st.key()]; ok {
				return true
			}
		}
	}
	return false
}
