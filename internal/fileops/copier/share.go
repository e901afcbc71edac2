package copier

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"github.com/zeebo/blake3"
)

// share gives the temp the bytes of Piece.Like without writing them, and compares
// all of them with the source. done false: they are to be copied, and the temp is
// empty.
func (r *run) share() (done bool, err error) {
	p := &r.ps[r.i]
	if p.Like == nil || r.o.NoClone || r.o.Target != nil && !r.o.Target.Clones || !r.cloneLike(p.Like) {
		return false, nil
	}
	same, err := r.compare()
	if err == nil && same {
		err = r.tail()
	}
	if err != nil {
		return false, err
	}
	if r.shared, r.hashed = same, same && r.hash != nil; same {
		return true, nil
	}
	if r.hash != nil {
		r.hash = blake3.New()
	}
	return false, r.dst.Truncate(0)
}

// cloneLike makes the temp share the bytes of another file. Whatever keeps it from
// that, the bytes can still be copied.
func (r *run) cloneLike(like *Linked) bool {
	h, err := like.Dir.Open(r.ctx, like.Name)
	if err != nil {
		return false
	}
	defer h.Close()
	is, err := h.Stat()
	if err != nil || is.Size != r.size || !Same(like.Is, is, true) {
		return false
	}
	if err := r.dst.Clone(h); err != nil {
		_ = r.dst.Truncate(0) // an error shows itself when it is written
		return false
	}
	return true
}

// compare reads source and temp side by side, and hashes what it reads.
func (r *run) compare() (same bool, err error) {
	ours, _ := r.e.buffers.Get().(*[]byte)
	theirs, _ := r.e.buffers.Get().(*[]byte)
	defer r.e.buffers.Put(ours)
	defer r.e.buffers.Put(theirs)
	for off := int64(0); off < r.size; off += blockSize {
		if err := r.turn(r.ctx, r.i, 0); err != nil {
			return false, err
		}
		n := min(blockSize, r.size-off)
		a, b := (*ours)[:n], (*theirs)[:n]
		var failed error
		var wait sync.WaitGroup
		wait.Go(func() { failed = readFull(r.dst, b, off) })
		err := readFull(r.src, a, off)
		wait.Wait()
		switch {
		case err != nil:
			return false, err
		case failed != nil && (r.ctx.Err() != nil || errors.Is(failed, context.Canceled)):
			return false, failed
		case failed != nil || !bytes.Equal(a, b): // a block that cannot be read is written anew
			return false, nil
		}
		if r.hash != nil {
			_, _ = r.hash.Write(a)
		}
		r.progress(r.i, off+n, 0)
	}
	return true, nil
}
