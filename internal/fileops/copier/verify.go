package copier

import (
	"context"
	"errors"
	"io"

	"github.com/zeebo/blake3"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

var errFlipped = errs.New(errs.Internal, "what was read back is not what was written").
	Try("Do not trust this volume: look at its cable, its health and the memory of the computer.")

// verify reads a synced temp back, from the medium as far as the system does
// that, and compares all of it with the bytes of the source.
func (b *batch) verify(ctx context.Context, i int) error {
	p, w := &b.ps[i], &b.out[i]
	if w.Linked { // no bytes were written
		return nil
	}
	if w.Is.Kind == vfs.Symlink {
		return b.verifyLink(ctx, p, w)
	}
	h, err := p.Into.Write(ctx, p.Temp)
	if err != nil {
		return err
	}
	defer h.Close()
	is, err := h.Stat()
	if err != nil {
		return err
	}
	if !Same(w.Is, is, true) {
		return conflict("somebody else changed %q while it was written", p.Temp)
	}
	if err := h.Uncache(); err != nil && !errs.Is(err, errs.Unsupported) {
		return err
	}
	if f, ok := vfs.HandleAs[vfs.Streamer](h); ok && w.Is.Size > blockSize {
		f.Stream()
	}
	buf, _ := b.e.buffers.Get().(*[]byte)
	defer b.e.buffers.Put(buf)
	read := int64(0)
	hash, n, err := b.e.reread(ctx, h, *buf, func(n int64) error {
		more := n - read
		read = n
		b.progress(i, w.Is.Size, n)
		return b.turn(ctx, i, more)
	})
	if err != nil {
		return err
	}
	if !w.Hashed || n != w.Is.Size || hash != w.Hash {
		return errFlipped
	}
	w.Verified = true
	return nil
}

// verifyLink reads both symlinks once more.
func (b *batch) verifyLink(ctx context.Context, p *Piece, w *Written) error {
	want, err := p.From.Features().Readlink(ctx, p.Path)
	if err != nil {
		return err
	}
	got, err := p.Into.Readlink(ctx, p.Temp)
	if err != nil {
		return err
	}
	if got != want {
		return errFlipped
	}
	w.Verified = true
	return nil
}

// sum reads all of h through b and hashes it; told hears how far it is.
func sum(ctx context.Context, h io.ReaderAt, b []byte, told func(int64) error) (hash Hash, n int64, err error) {
	sum := blake3.New()
	for {
		if err := ctx.Err(); err != nil {
			return hash, n, err
		}
		got, err := h.ReadAt(b, n)
		_, _ = sum.Write(b[:got]) // a hash never fails
		n += int64(got)
		if err := told(n); err != nil {
			return hash, n, err
		}
		if errors.Is(err, io.EOF) || err == nil && got == 0 {
			copy(hash[:], sum.Sum(nil))
			return hash, n, nil
		}
		if err != nil {
			return hash, n, err
		}
	}
}

// resume opens a temp that was left behind, reads it back, and goes on after the
// last checkpoint that is still true. dst is nil if none is: then the temp is
// gone and all begins anew.
func (b *batch) resume(ctx context.Context, i int, r *run) (dst vfs.WriteHandle, made vfs.Entry, err error) {
	p := &b.ps[i]
	dst, err = p.Into.Write(ctx, p.Temp)
	if errs.Is(err, errs.NotFound) {
		return nil, made, nil
	}
	if err != nil {
		return nil, made, err
	}
	defer func() {
		if err != nil {
			b.out[i].Left = true // it is there as it was
		}
		if err != nil && dst != nil {
			_ = dst.Close()
			dst = nil
		}
	}()
	if made, err = dst.Stat(); err != nil {
		return dst, made, err
	}
	if made.Links > 1 { // somebody else holds on to it
		_ = dst.Close()
		return nil, vfs.Entry{}, conflict("%q has another name by now", p.Temp)
	}
	good, hash := int64(0), (*blake3.Hasher)(nil)
	if dst.Sync() == nil { // else what was written is not to be trusted
		if err = dst.Uncache(); err != nil && !errs.Is(err, errs.Unsupported) {
			return dst, made, err
		}
		if good, hash, err = b.proven(ctx, i, dst, r.size); err != nil {
			return dst, made, err
		}
	}
	if good == 0 {
		b.drop(ctx, i, dst, made)
		if b.out[i].Left {
			return nil, made, conflict("what was begun cannot be taken away")
		}
		return nil, vfs.Entry{}, nil
	}
	if err = dst.Truncate(good); err != nil {
		return dst, made, err
	}
	r.start, r.copied, r.noted = good, good, true
	r.hash = hash
	b.progress(i, good, 0)
	return dst, made, nil
}

// proven finds the last checkpoint up to which the temp holds what was hashed.
func (b *batch) proven(ctx context.Context, i int, temp io.ReaderAt, size int64) (good int64, hash *blake3.Hasher, err error) {
	buf, _ := b.e.buffers.Get().(*[]byte)
	defer b.e.buffers.Put(buf)
	running, at := blake3.New(), int64(0)
	for _, c := range b.ps[i].Resume {
		if c.End <= at || c.End >= size {
			break
		}
		for at < c.End {
			if err := b.turn(ctx, i, 0); err != nil {
				return 0, nil, err
			}
			part := (*buf)[:min(blockSize, c.End-at)]
			err := readFull(temp, part, at)
			if errors.Is(err, errMoved) { // it ends before
				return good, hash, nil
			}
			if err != nil {
				return 0, nil, err
			}
			_, _ = running.Write(part)
			at += int64(len(part))
		}
		if Hash(running.Sum(nil)) != c.Hash {
			break
		}
		good, hash = at, running.Clone()
	}
	return good, hash, nil
}
