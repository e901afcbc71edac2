package copier

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/zeebo/blake3"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// errSize: the file tells a size that its bytes do not have, as files of /proc do.
var errSize = errs.New(errs.Unsupported, "it tells another size than it has bytes").Try("It is not a file that can be copied.")

// run is the copying of the bytes of one file.
type run struct {
	*batch
	i    int
	ctx  context.Context
	src  vfs.Handle
	dst  vfs.WriteHandle
	size int64 // of the source, as it told before

	hash   *blake3.Hasher // nil: nobody asks
	start  int64          // up to here it is written and hashed: resumed
	copied int64          // up to here the volume copied by itself, or shares
	hashed bool           // hash has seen all bytes
	cloned bool
	shared bool // with Piece.Like
	noted  bool // there was a checkpoint
	lost   vfs.Parts
}

// bytes brings all bytes of the source into the temp, by the cheapest way there
// is, and none more than the source told it has.
func (r *run) bytes() error {
	holes := newHoles(r.src, r.size)
	if r.start == 0 && r.size > 0 {
		if done, err := r.share(); done || err != nil {
			return err
		}
		r.cloned = r.clone()
		if !r.cloned && !holes.any() && (r.hash == nil || r.o.Offload) {
			if err := r.offload(); err != nil {
				return err
			}
		}
	}
	wantHash := r.hash != nil && (!r.cloned || r.o.Hash == HashAll || r.o.Verify)
	switch {
	case r.cloned:
		r.copied = r.size
	case r.copied == 0 && r.start == 0 && r.size > blockSize && !holes.any():
		if err := r.dst.Allocate(r.size); err != nil && !errs.Is(err, errs.Unsupported) {
			return err
		}
	}
	if r.copied < r.size || wantHash {
		if !wantHash {
			r.start = r.copied
		}
		if err := r.stream(holes); err != nil {
			return err
		}
		r.hashed = wantHash
	}
	if err := r.tail(); err != nil {
		return err
	}
	return r.length(holes)
}

// clone shares the bytes, where the volume does that and it is wanted. Whatever it
// says when it does not, the bytes can still be copied.
func (r *run) clone() bool {
	if r.o.NoClone || r.noClone.Load() || r.o.Target != nil && !r.o.Target.Clones {
		return false
	}
	err := r.dst.Clone(r.src)
	if err == nil {
		is, err := r.dst.Stat()
		if err == nil && is.Size == r.size {
			r.progress(r.i, r.size, 0)
			return true
		}
	}
	if errs.Is(err, errs.Unsupported) {
		r.noClone.Store(true)
	}
	_ = r.dst.Truncate(0) // an error shows itself when it is written
	return false
}

const offloadSize = 64 << 20

// offload has the volume copy by itself, as far as it does. Where it ends early,
// says 0 or fails, reading and writing goes on from there.
func (r *run) offload() error {
	for r.copied < r.size {
		n := min(r.size-r.copied, offloadSize)
		if err := r.turn(r.ctx, r.i, n); err != nil {
			return err
		}
		got, err := r.dst.CopyFrom(r.src, r.copied, r.copied, n)
		if got < 0 || got > n {
			return nil // nonsense: what it wrote is written over
		}
		r.copied += got
		r.progress(r.i, r.copied, 0)
		if err != nil || got == 0 {
			return nil
		}
	}
	return nil
}

// block is a piece of the source on its way.
type block struct {
	b     *[]byte
	data  []byte
	off   int64
	holes []span // where the volume says there is nothing
	mark  *Chunk // to be told when it is written
}

type span struct{ from, to int64 }

// stream reads the source from start on, hashes it, and writes what is not copied
// yet. One block is read and hashed while another is written.
func (r *run) stream(holes *holes) error {
	if f, ok := vfs.HandleAs[vfs.Streamer](r.src); ok && r.size > blockSize {
		f.Stream()
	}
	if r.size-r.start <= blockSize {
		bl, err := r.read(r.ctx, r.start, holes)
		if err != nil {
			return err
		}
		defer r.e.buffers.Put(bl.b)
		return r.write(bl)
	}
	ctx, stop := context.WithCancel(r.ctx)
	blocks := make(chan block, 1)
	var failed error
	var wait sync.WaitGroup
	wait.Go(func() {
		defer close(blocks)
		for off := r.start; off < r.size; {
			bl, err := r.read(ctx, off, holes)
			if err != nil {
				failed = err
				return
			}
			off += int64(len(bl.data))
			select {
			case blocks <- bl:
			case <-ctx.Done():
				r.e.buffers.Put(bl.b)
				failed = ctx.Err()
				return
			}
		}
	})
	var err error
	for bl := range blocks {
		if err == nil {
			err = r.write(bl)
		}
		if err != nil {
			stop()
		}
		r.e.buffers.Put(bl.b)
	}
	stop()
	wait.Wait()
	if err != nil {
		return err
	}
	return failed
}

// read reads the block at off in full and hashes it.
func (r *run) read(ctx context.Context, off int64, holes *holes) (block, error) {
	if err := ctx.Err(); err != nil {
		return block{}, err
	}
	buf, _ := r.e.buffers.Get().(*[]byte)
	end := min(off+blockSize-off%blockSize, r.size)
	bl := block{b: buf, data: (*buf)[:end-off], off: off, holes: holes.within(off, end)}
	if err := readFull(r.src, bl.data, off); err != nil {
		r.e.buffers.Put(buf)
		return block{}, err
	}
	if r.hash != nil {
		_, _ = r.hash.Write(bl.data)
		if end%r.every() == 0 && end < r.size && r.o.Checkpoint != nil {
			bl.mark = &Chunk{End: end}
			copy(bl.mark.Hash[:], r.hash.Sum(nil))
		}
	}
	return bl, nil
}

// readFull reads all of b. A file that ends before changed, or told a wrong size.
func readFull(src io.ReaderAt, b []byte, off int64) error {
	for n := 0; n < len(b); {
		got, err := src.ReadAt(b[n:], off+int64(n))
		n += got
		switch {
		case n == len(b):
			return nil
		case errors.Is(err, io.EOF) || err == nil && got == 0:
			return errMoved
		case err != nil:
			return err
		}
	}
	return nil
}

// write writes what is to be written of a block. A hole is believed only where
// the bytes that were read are zeros too: volumes were wrong about that before.
func (r *run) write(bl block) error {
	end := bl.off + int64(len(bl.data))
	if end > r.copied {
		if err := r.turn(r.ctx, r.i, int64(len(bl.data))); err != nil {
			return err
		}
		at := max(bl.off, r.copied)
		for _, h := range append(bl.holes, span{end, end}) {
			h.from, h.to = max(h.from, at), max(h.to, at)
			if h.from < h.to && !zeros(bl.data[h.from-bl.off:h.to-bl.off]) {
				continue
			}
			if at < h.from {
				if err := writeAt(r.dst, bl.data[at-bl.off:h.from-bl.off], at); err != nil {
					return err
				}
			}
			at = h.to
		}
		r.progress(r.i, end, 0)
	} else if err := r.turn(r.ctx, r.i, 0); err != nil {
		return err
	}
	if bl.mark != nil {
		if err := r.o.Checkpoint(r.i, *bl.mark); err != nil {
			return err
		}
		r.noted = true
	}
	return nil
}

func writeAt(dst io.WriterAt, b []byte, off int64) error {
	n, err := dst.WriteAt(b, off)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	return err
}

func zeros(b []byte) bool {
	for len(b) >= 8 {
		if b[0]|b[1]|b[2]|b[3]|b[4]|b[5]|b[6]|b[7] != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// tail reads one byte behind the end. What is there came since, or the size was
// a lie from the beginning.
func (r *run) tail() error {
	var b [1]byte
	n, err := r.src.ReadAt(b[:], r.size)
	if n == 0 {
		if err == nil || errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
	after, err := r.src.Stat()
	if err != nil {
		return err
	}
	if after.Size == r.size {
		return errSize
	}
	return errMoved
}

// length gives the temp its size where it ends in a hole.
func (r *run) length(holes *holes) error {
	if !holes.any() || r.cloned {
		return nil
	}
	if r.o.Target != nil && r.o.Target.Keeps&vfs.PartHoles == 0 {
		r.lost |= vfs.PartHoles
	}
	return r.dst.Truncate(r.size)
}

// turn waits until n more bytes may be written, and asks whether to go on.
func (b *batch) turn(ctx context.Context, i int, n int64) error {
	stop := func() error {
		if err := ctx.Err(); err != nil || b.o.Stop == nil {
			return err
		}
		return b.o.Stop(i)
	}
	if err := stop(); err != nil {
		return err
	}
	for _, l := range b.o.Limits {
		if err := l.wait(ctx, n, stop); err != nil {
			return err
		}
	}
	return nil
}

// every is the distance of checkpoints.
func (b *batch) every() int64 {
	if b.o.Every > 0 {
		return b.o.Every
	}
	return ChunkSize
}

func (b *batch) progress(i int, written, verified int64) {
	if b.o.Progress != nil {
		b.o.Progress(i, written, verified)
	}
}
