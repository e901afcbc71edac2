package fileops

import (
	"context"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// recover reads the journal: it remembers what is done, and brings to an end what
// a process that died was doing. What stands on the disk decides, by identity:
// each step is finished, or nothing is left of it. It may be cut off itself.
func (e *running) recover(ctx context.Context) error {
	return e.r.Journal(ctx, func(b action.Batch) error {
		var steps []*step
		if err := b.Steps(&steps); err != nil {
			return err
		}
		if !b.Open {
			for _, st := range steps {
				e.note(st)
				e.leftOut(ctx, st)
				e.progress.Done = min(e.progress.Done+st.things(), e.progress.Total)
				if st.Verb == vWrite && st.Is != nil {
					e.progress.Bytes += st.Is.Size
					e.before.files, e.before.bytes = e.before.files+1, e.before.bytes+st.Is.Size
				}
			}
			return nil
		}
		h := e.hands()
		defer h.close()
		h.stage = func() error { return e.r.Stage(context.WithoutCancel(ctx), b.N, steps, len(steps)) }
		if err := h.unmakeAll(ctx, steps); err != nil {
			return err
		}
		var done, held []*step
		for _, st := range steps {
			if !e.r.OnlySettle && h.half(ctx, st) && e.asSeen(ctx, st) {
				held = append(held, st)
				continue
			}
			was, err := h.stands(ctx, st)
			if err != nil {
				return err
			}
			if n := len(done); !was && n > 0 && done[n-1].yieldsTo(st) && h.giveBack(ctx, done[n-1]) {
				done = done[:n-1]
			}
			if was {
				done = append(done, st)
				continue
			}
			if st.err == nil {
				st.err = errs.New(errs.Conflict, "when this was cut off, something stood here under the name %q, and it is not what it was", st.Temp).Try("Look at it, and give it a name.")
				if h.leftover(ctx, st) == nil {
					st.err = nil
				}
			}
			if st.err != nil {
				e.fail(ctx, st)
			}
		}
		if b.Held && len(held) > 0 {
			e.keep(b.N, held[0])
			return nil
		}
		if err := h.sync(ctx); err != nil {
			return err
		}
		return e.record(ctx, b.N, done, held) // what is held comes again, as a batch of its own
	})
}

// stands finds out whether a step that was being done was done, and finishes or
// rolls back what is half of it.
func (h *hands) stands(ctx context.Context, st *step) (bool, error) {
	done, err := h.craft(st.Verb).stands(ctx, st)
	if errs.Is(err, errs.NotFound) { // the folder itself is gone
		return false, nil
	}
	return done, err
}

// leftover looks whether a step that failed left something under a private name,
// since what was to clean up after it failed as well; then it is why.
func (h *hands) leftover(ctx context.Context, st *step) error {
	if st.Temp == "" {
		return nil
	}
	at := st.To
	if st.Verb == vRename || st.Verb == vRemove || st.Verb == vDestroy {
		at = st.From
	}
	d, _, err := h.in(ctx, at)
	for _, name := range []string{st.Temp, vfs.AsideOf(st.Temp)} {
		if err == nil {
			_, err = d.Stat(ctx, name)
		}
		if err == nil {
			return st.err
		}
		if !errs.Is(err, errs.NotFound) {
			return err
		}
		err = nil
		if d == nil {
			return nil // the folder itself is gone
		}
	}
	return nil
}
