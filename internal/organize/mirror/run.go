package mirror

import (
	"bytes"
	"context"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/vfs"
)

// batch is how many steps are noted at once before they are done.
const batch = 64

// running is a plan while it is committed.
type running struct {
	*world
	r        *action.Run
	done     map[int64]bool
	wait     []*step
	progress job.Progress
}

// run commits a plan of this package.
func (s *Service) run(ctx context.Context, r *action.Run) error {
	e := &running{world: s.world(), r: r, done: map[int64]bool{}}
	e.progress.Total = r.Plan().Items
	if err := e.recover(ctx); err != nil || r.OnlySettle {
		return err
	}
	err := r.Items(ctx, func(it action.Item, decode func(any) error) error {
		st := &step{}
		if err := decode(st); err != nil || e.done[it.N] {
			return err
		}
		if st.Item = it.N; st.Form == XMP {
			st.Temp = vfs.PrivateName()
		}
		if e.wait = append(e.wait, st); len(e.wait) < batch {
			return nil
		}
		return e.flush(ctx)
	})
	if err == nil {
		err = e.flush(ctx)
	}
	return err
}

// flush does the steps that wait.
func (e *running) flush(ctx context.Context) error {
	steps := e.wait
	if e.wait = nil; len(steps) == 0 {
		return nil
	}
	n, err := e.r.Intend(ctx, steps, len(steps))
	if err != nil {
		return err
	}
	var did []*step
	for _, st := range steps {
		err := ctx.Err()
		if err == nil {
			err = e.do(ctx, st)
		}
		if err != nil && ctx.Err() != nil {
			continue // it is done when the plan goes on
		}
		if e.progress.Done++; err != nil {
			e.r.Fail(st.Item, e.address(ctx, st.At), err)
			continue
		}
		did = append(did, st)
	}
	return e.settle(ctx, n, did)
}

func (e *running) settle(ctx context.Context, n int64, did []*step) error {
	if err := e.r.Settle(n, did, len(did), e.progress, nil); err != nil {
		return err
	}
	once := map[catalog.Spot]bool{}
	var folders []catalog.Spot
	for _, st := range did {
		if dir, _ := st.At.In(); !once[dir] {
			once[dir] = true
			folders = append(folders, dir)
		}
	}
	if err := e.s.Look(ctx, folders); err != nil {
		e.s.Log.Warn("Folders cannot be looked at in which marks were written", "error", err)
	}
	return nil
}

// recover settles what was being done when the process died.
func (e *running) recover(ctx context.Context) error {
	return e.r.Journal(ctx, func(b action.Batch) error {
		var steps, did []*step
		if err := b.Steps(&steps); err != nil {
			return err
		}
		for _, st := range steps {
			if b.Open {
				done, err := e.found(ctx, st)
				if err != nil {
					e.r.Fail(st.Item, e.address(ctx, st.At), err)
				}
				if !done {
					continue
				}
			}
			e.done[st.Item] = true
			did = append(did, st)
		}
		e.progress.Done += int64(len(did))
		if !b.Open {
			return nil
		}
		return e.settle(ctx, b.N, did)
	})
}

// do does a step, if what stands there is what was seen. Errors: errs.Conflict.
func (e *running) do(ctx context.Context, st *step) error {
	dir, name, err := e.open(ctx, st.At)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }() // what was changed in it was synced
	is, err := dir.Stat(ctx, name)
	if err != nil {
		return err
	}
	if !st.Seen.is(&is) {
		return errs.New(errs.Conflict, "the file changed since the preview").Try("Make the plan again.")
	}
	if st.Form == XMP {
		return e.sidecar(ctx, st, dir, name+".xmp")
	}
	return attributes(ctx, st, dir, name)
}

func attributes(ctx context.Context, st *step, dir vfs.Dir, name string) error {
	m, err := dir.Meta(ctx, name)
	if err != nil {
		return err
	}
	if !values(m.Xattrs).of(st.Of).equal(st.Old) {
		return errs.New(errs.Conflict, "its attributes changed since the preview").Try("Make the plan again.")
	}
	next := vfs.Meta{Xattrs: st.New, Expected: map[string][]byte{}} // others write attributes of theirs meanwhile
	for _, k := range st.Of {
		next.Expected[k] = nil
		if v, there := st.Old[k]; there {
			next.Expected[k] = append([]byte{}, v...)
		}
	}
	lost, err := dir.SetMeta(ctx, name, &next, vfs.PartXattrs)
	if err == nil && lost != 0 {
		err = errs.New(errs.Unsupported, "the volume does not keep such attributes").Try("Write sidecars in their place: --to xmp")
	}
	return err
}

// found tells whether a step was done of which the process died, and takes away what
// is left of one half done.
func (e *running) found(ctx context.Context, st *step) (done bool, err error) {
	dir, name, err := e.open(ctx, st.At)
	if err != nil {
		return false, err
	}
	defer func() { _ = dir.Close() }() // what was changed in it was synced
	if st.Form != XMP {
		m, err := dir.Meta(ctx, name)
		return err == nil && values(m.Xattrs).of(st.Of).equal(st.New), err
	}
	is, _, err := content(ctx, dir, name+".xmp")
	if err != nil {
		return false, err
	}
	done = sidecarIs(is).equal(st.New)
	left, _, err := content(ctx, dir, st.Temp)
	if err != nil || left == nil {
		return done, err
	}
	if !bytes.HasPrefix(st.New[""], left) && !bytes.Equal(st.Old[""], left) { // somebody wrote the sidecar in the very moment
		if err := dir.Rename(ctx, st.Temp, dir, name+".xmp", vfs.Exchange); err != nil {
			return false, err
		}
		done = false
	}
	if err = dir.Unlink(ctx, st.Temp); err == nil {
		err = dir.Sync(ctx)
	}
	return done, err
}
