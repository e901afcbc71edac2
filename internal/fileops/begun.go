package fileops

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// A large file that is half written when its plan is paused, cancelled or cut off
// by a crash is gone on with: the journal notes now and then how far it is, with
// the hash of the bytes up to there. When the plan goes on, the private file is
// read back and compared with that; what of it is true need not be read from the
// source again. Nothing else is half done when a plan stops.

const (
	chunkBytes = 16 << 20
	noteBytes  = 256 << 20
	noteEvery  = 10 * time.Second
	maxChunks  = 16
)

// begun is what stands of a file that is half written.
type begun struct {
	Is     vfs.Entry `json:"is"`     // the private file
	Chunks []chunk   `json:"chunks"` // what it holds, by their ends
}

// chunk says that the bytes up to End have this hash.
type chunk struct {
	End  int64        `json:"end"`
	Hash catalog.Hash `json:"hash"`
}

func (b *begun) resume() (all []copier.Chunk) {
	if b == nil {
		return nil
	}
	for _, c := range b.Chunks {
		all = append(all, copier.Chunk{End: c.End, Hash: copier.Hash(c.Hash)})
	}
	return all
}

// add notes a chunk. Of many, every other one goes: what is lost by that are some
// bytes that are read twice after a power cut.
func (b *begun) add(c copier.Chunk) {
	b.Chunks = slices.DeleteFunc(b.Chunks, func(o chunk) bool { return o.End >= c.End })
	if len(b.Chunks) >= maxChunks {
		n := 0
		b.Chunks = slices.DeleteFunc(b.Chunks, func(chunk) bool { n++; return n%2 == 1 })
	}
	b.Chunks = append(b.Chunks, chunk{c.End, catalog.Hash(c.Hash)})
}

// checkpoints notes how far the large files of a batch are.
func (e *running) checkpoints(ctx context.Context, b *batch, ready []*writing) func(int, copier.Chunk) error {
	var mu sync.Mutex
	noted, at := time.Now(), map[int]int64{}
	return func(i int, c copier.Chunk) error {
		mu.Lock()
		defer mu.Unlock()
		w := ready[i]
		if _, ok := at[i]; !ok { // the first of this writing: which file is it?
			is, err := w.piece.Into.Stat(ctx, w.piece.Temp)
			if err != nil {
				return err
			}
			if w.st.Begun == nil || w.st.Begun.Is.Inode != is.Inode {
				w.st.Begun = &begun{}
			}
			w.st.Begun.Is, at[i] = is, 0
		}
		w.st.Begun.add(c)
		if c.End-at[i] < e.s.note && time.Since(noted) < noteEvery {
			return nil
		}
		noted, at[i] = time.Now(), c.End
		e.s.yield("chunk")
		return b.stage()
	}
}

// half reports whether the private file of a step stands as it was noted, and can
// be gone on with.
func (h *hands) half(ctx context.Context, st *step) bool {
	if st.Verb != vWrite || st.Begun == nil || len(st.Begun.Chunks) == 0 || st.Made != nil {
		return false
	}
	d, _, err := h.in(ctx, st.To)
	if err != nil {
		return false
	}
	is, err := d.Stat(ctx, st.Temp)
	was := st.Begun.Is
	return err == nil && is.Kind == vfs.File && is.Inode == was.Inode && is.Created == was.Created && is.Links <= 1 && is.Size >= st.Begun.Chunks[0].End
}

// asSeen reports whether the source of a step is what it was.
func (e *running) asSeen(ctx context.Context, st *step) bool {
	v, err := e.volume(ctx, st.From.Volume)
	if err != nil {
		return errs.Is(err, errs.Unavailable) // it may be here again when its turn comes
	}
	is, err := v.Driver.Stat(ctx, st.From.Path)
	return err == nil && copier.Same(*st.Seen, is, st.Seen.Links <= 1)
}

// keep remembers a step that a batch of the journal holds half done.
func (e *running) keep(n int64, st *step) {
	st.held = n
	e.begun[st.key()] = st
}

// holding has the journal hold steps that are half done, and what was learnt of the
// volumes kept, in the transaction of work.
func (e *running) holding(held []*step, work func(*store.Tx) error) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		for _, st := range held {
			if err := e.r.Hold(tx, []*step{st}, 1); err != nil {
				return err
			}
		}
		if err := e.pacing.save(tx, e.s.now()); err != nil {
			return err
		}
		return work(tx)
	}
}

// takeUp has a step go on with what is half done of it.
func (e *running) takeUp(st *step) {
	was := e.begun[st.key()]
	if was == nil || st.Verb != vWrite || st.Link != nil || st.Seen == nil || !copier.Same(*was.Seen, *st.Seen, st.Seen.Links <= 1) {
		return
	}
	st.Temp, st.Begun, st.held = was.Temp, was.Begun, was.held
	delete(e.begun, st.key())
}

// heldBefore are the batches that held steps which are now in a new one.
func heldBefore(steps []*step) (batches []int64) {
	for _, st := range steps {
		if st.held != 0 {
			batches = append(batches, st.held)
		}
	}
	return batches
}

// giveUp removes what is half done and nobody goes on with: its source changed, or
// it was left out.
func (e *running) giveUp(ctx context.Context) error {
	for key, st := range e.begun {
		h := e.hands()
		_, err := h.written(ctx, st)
		if err == nil {
			err = h.sync(ctx)
		}
		h.close()
		if errs.Is(err, errs.NotFound) {
			err = nil
		}
		if err == nil {
			err = e.r.Settle(st.held, nil, 0, e.progress, func(*store.Tx) error { return nil })
		}
		if err != nil {
			return err
		}
		delete(e.begun, key)
	}
	return nil
}
