package fileops

import (
	"context"
	"errors"
	"slices"
	"syscall"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/store"
)

// A batch is paid for once: two commits to the journal, one sync a folder.
const (
	batchSteps = 256
	batchBytes = 64 << 20
)

// later has a step done in the next batch, unless it is done already.
func (e *running) later(ctx context.Context, st *step, t *task) error {
	if _, done := e.did[st.key()]; done {
		return nil
	}
	e.takeUp(st)
	if st.Verb != vWrite && st.Verb != vMkdir && slices.ContainsFunc(e.steps, func(st *step) bool { return st.Verb == vWrite }) {
		// In a batch writes come last.
		if err := e.flush(ctx); err != nil {
			return err
		}
	}
	if st.Verb == vTrash && e.only[spotKey(st.From)] {
		e.failAt(ctx, st.Item, st.From, onlyHere())
		return ctx.Err()
	}
	e.steps, e.tasks = append(e.steps, st), append(e.tasks, t)
	if st.Verb == vWrite && st.Seen != nil {
		e.bytes += st.Seen.Size
	}
	if len(e.steps) >= batchSteps || e.bytes >= batchBytes {
		return e.flush(ctx)
	}
	return nil
}

// batch are steps that are in the journal as about to be done.
type batch struct {
	*hands
	n     int64
	steps []*step
	tasks []*task // of each
}

// flush does the steps that wait, as one batch.
func (e *running) flush(ctx context.Context) error {
	steps, tasks := e.steps, e.tasks
	e.steps, e.tasks, e.bytes = nil, nil, 0
	if len(steps) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	e.propose(ctx, steps)
	for _, st := range steps {
		if st.Verb == vMkdir || st.Verb == vSymlink {
			st.Temp = temp()
		}
	}
	n, err := e.r.Intend(ctx, steps, len(steps), heldBefore(steps)...)
	if err != nil {
		return err
	}
	e.s.yield("intended")
	b := &batch{hands: e.hands(), n: n, steps: steps, tasks: tasks}
	defer b.close()
	// What has begun is brought to an end in which nothing is half done; only
	// copying itself is cut short.
	steady := context.WithoutCancel(ctx)
	b.stage = func() error { return e.r.Stage(steady, n, steps, len(steps)) }
	b.reserve(steady, steps)
	if err := b.makeEarly(steady, steps); err != nil {
		return err
	}
	numbers := e.doEach(ctx, b)
	written := e.timed(ctx, b)
	if err := e.writes(ctx, b, numbers); err != nil {
		return err
	}
	written()
	if err := e.settle(ctx, b); err != nil {
		return err
	}
	e.dressLeft(ctx)
	return nil
}

// doEach does the steps of a batch one after the other, but for writes: it returns
// the numbers of those that can be done.
func (e *running) doEach(ctx context.Context, b *batch) (writes []int) {
	steady := context.WithoutCancel(ctx)
	var unmade []catalog.Spot
	for i, st := range b.steps {
		if st.err == nil {
			st.err = inUnmade(st, unmade)
		}
		if st.err == nil {
			st.err = e.lacks(st, b.steps[:i])
		}
		if st.err == nil && st.Like != nil {
			st.err = b.sameBytes(ctx, st)
		}
		switch {
		case st.err != nil:
		case st.Verb == vWrite:
			writes = append(writes, i)
		default:
			e.s.yield(string(st.Verb))
			able := steady
			if st.Verb == vExtract { // which takes long, and leaves nothing when it is cut short
				able = ctx
			}
			st.err = b.craft(st.Verb).do(able, st)
		}
		if st.err != nil && st.Verb == vMkdir {
			unmade = append(unmade, st.To)
		}
		if st.err != nil && i > 0 && b.steps[i-1].yieldsTo(st) && b.steps[i-1].err == nil && b.giveBack(steady, b.steps[i-1]) {
			b.steps[i-1].err = errs.New(errs.KindOf(st.err), "it stays: what was to take its place did not come")
		}
	}
	return writes
}

// lacks refuses to take away what is all there is of something that was to come
// back before, and did not.
func (e *running) lacks(st *step, before []*step) error {
	for _, need := range st.Needs {
		cameNow := func(o *step) bool { return o.Verb == vRestore && o.To == need && o.err == nil }
		if !e.came[need] && !slices.ContainsFunc(before, cameNow) {
			return onlyHere()
		}
	}
	return nil
}

// inUnmade refuses a step into a folder that was to be made, and was not: another
// may bear its name.
func inUnmade(st *step, unmade []catalog.Spot) error {
	for _, at := range unmade {
		if st.To.Volume == at.Volume && within(at.Path, st.To.Path) {
			return errs.New(errs.Conflict, "the folder that it belongs into was not made")
		}
	}
	return nil
}

// settle tells the journal and the catalogue what was done.
func (e *running) settle(ctx context.Context, b *batch) error {
	steady := context.WithoutCancel(ctx)
	e.s.yield("sync")
	if err := b.sync(steady); err != nil {
		// Nobody knows what is kept: the batch stays open, and what stands on the
		// disk tells when this is tried again.
		return err
	}
	var done, held []*step
	var litter error
	for _, st := range b.steps {
		if st.err != nil {
			b.unreserve(steady, st)
			if errors.Is(st.err, errSkipped) {
				e.r.Skip(st.Item, e.address(steady, st.place()), errSkipped.Error())
				litter = errors.Join(litter, b.leftover(steady, st))
				continue
			}
			if errs.Is(st.err, errs.Cancelled) && ctx.Err() != nil {
				if b.half(steady, st) {
					held = append(held, st)
					continue
				}
				litter = errors.Join(litter, b.leftover(steady, st))
				continue // it is done when the plan goes on
			}
			e.fail(steady, st)
			litter = errors.Join(litter, b.leftover(steady, st))
			continue
		}
		done = append(done, st)
		if st.lost != 0 {
			e.r.Skip(st.Item, e.address(steady, st.To), "copied without its "+partNames(st.lost)+", which the volume could not keep")
		}
	}
	if litter != nil {
		// The batch stays open: what is left is removed when the plan goes on, or at
		// the next start.
		return litter
	}
	if err := e.record(steady, b.n, done, held); err != nil {
		return err
	}
	return e.full(steady, b.steps)
}

// full ends the run when there is no room: what is left would fail likewise.
func (e *running) full(ctx context.Context, steps []*step) error {
	for _, st := range steps {
		if !errors.Is(st.err, syscall.ENOSPC) && !errors.Is(st.err, syscall.EDQUOT) {
			continue
		}
		at := st.To
		if at.Volume == "" {
			at = st.From
		}
		name := at.Volume
		if v, err := e.volume(ctx, at.Volume); err == nil {
			name = catalog.PlainName(v.Ground.Name)
		}
		return errs.New(errs.Unavailable, "%s: %w", name, copier.Bare(st.err)).Try("Make room there, and commit the plan again: it goes on.")
	}
	return nil
}

// record ends a batch of which these steps were done, and these are half done.
func (e *running) record(ctx context.Context, batch int64, done, held []*step) error {
	for _, st := range done {
		e.note(st)
		e.leftOut(ctx, st)
		e.progress.Done = min(e.progress.Done+st.things(), e.progress.Total)
		if st.Verb == vWrite && st.Is != nil {
			e.progress.Bytes += st.Is.Size
		}
		_, e.progress.Current = st.place().In()
	}
	e.progress.Left = e.toGo(0)
	e.s.yield("settle")
	deeds := append(e.dressed, deedsOf(done)...)
	e.dressed = nil
	write, err := e.s.known.Take(ctx, deeds)
	if err == nil {
		err = e.r.Settle(batch, done, len(done), e.progress, e.holding(held, write))
		if err == nil || errs.Is(err, errs.Cancelled) {
			return err
		}
	}
	e.s.log.Warn("The catalogue did not take what was done, and looks for itself", "error", err)
	err = e.r.Settle(batch, done, len(done), e.progress, e.holding(held, func(*store.Tx) error { return nil }))
	if look := e.s.known.Look(ctx, foldersOf(done)); look != nil {
		e.s.log.Warn("Changed folders are not looked at", "error", look)
	}
	return err
}

// note remembers that a step was done.
func (e *running) note(st *step) {
	e.did[st.key()] = nil
	if st.Verb == vRestore {
		e.came[st.To] = true
	}
	if st.back() {
		delete(e.only, spotKey(st.From))
	}
	if st.Verb == vMkdir && st.New != nil && st.For == nil {
		e.made[st.key()] = st
	}
	if st.Moving { // its source may have to go yet
		e.did[st.key()] = st.Is
	}
	if st.Verb == vWrite && st.Seen != nil && st.Is != nil && st.Seen.Links > 1 && st.Seen.Inode != 0 {
		e.links[linked{st.From.Volume, st.Seen.Inode}] = copied{st.To, *st.Is, *st.Seen, st.Hash}
	}
}
