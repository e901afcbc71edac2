package copier

import (
	"context"
	"errors"
	"io"

	"github.com/zeebo/blake3"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// errMoved: the source changed before or while it was read. write makes of it
// what the piece allows.
var errMoved = errors.New("it changed while it was read")

// attempt writes piece i once. When it fails, its temp is gone again, unless it
// is one to resume (Left) or cannot be removed.
func (b *batch) attempt(ctx context.Context, i, try int) (err error) {
	p, w := &b.ps[i], &b.out[i]
	b.states[i] = state{}
	*w = Written{}
	if err := check(p); err != nil {
		return err
	}
	switch {
	case p.Link != nil:
		done, err := b.link(ctx, i)
		if err != nil || done {
			return err
		}
		w.Lost |= vfs.PartLinks
		return b.file(ctx, i, try)
	case p.Make != nil:
		return b.make(ctx, i)
	case p.Seen.Kind == vfs.Symlink:
		return b.symlink(ctx, i)
	}
	return b.file(ctx, i, try)
}

// check refuses what is never copied: opening a FIFO or a device blocks or worse.
func check(p *Piece) error {
	switch {
	case !vfs.ValidName(p.Name) || !vfs.IsPrivate(p.Temp) || p.Into == nil:
		return errs.New(errs.Invalid, "a piece needs a folder, a name and a private name")
	case p.Make != nil:
		return nil
	case p.From == nil && p.Link != nil:
		return nil
	case p.From == nil:
		return errs.New(errs.Invalid, "a piece needs a source")
	case p.Seen.Kind == vfs.File || p.Seen.Kind == vfs.Symlink:
		return nil
	case p.Seen.Kind == vfs.Folder:
		return errs.New(errs.Invalid, "a folder is made, not copied")
	}
	return errs.New(errs.Unsupported, "a %s holds no bytes that could be copied", p.Seen.Kind)
}

// created opens the temp and promises to remove it if the attempt fails.
func (b *batch) created(ctx context.Context, i int) (vfs.WriteHandle, vfs.Entry, error) {
	p := &b.ps[i]
	dst, err := p.Into.Create(ctx, p.Temp, 0o600)
	if err != nil {
		return nil, vfs.Entry{}, err
	}
	is, err := dst.Stat()
	if err != nil {
		b.drop(ctx, i, dst, vfs.Entry{})
		return nil, vfs.Entry{}, err
	}
	return dst, is, nil
}

// drop closes and removes what an attempt made.
func (b *batch) drop(ctx context.Context, i int, dst io.Closer, made vfs.Entry) {
	if dst != nil && !b.states[i].closed {
		_ = dst.Close()
	}
	p, w := &b.ps[i], &b.out[i]
	w.Left = b.e.Discard(context.WithoutCancel(ctx), p.Into, p.Temp, made) != nil
}

// file copies a regular file.
func (b *batch) file(ctx context.Context, i, try int) error {
	p, w := &b.ps[i], &b.out[i]
	src, err := p.From.Open(ctx, p.Path)
	if err != nil {
		return sourceGone(err)
	}
	defer src.Close()
	before, err := src.Stat()
	if err != nil {
		return err
	}
	if before.Kind != vfs.File {
		return conflict("it became a %s", before.Kind)
	}
	if !p.Drift && !Same(p.Seen, before, true) {
		return errDrift
	}
	w.From = before

	r := &run{batch: b, i: i, ctx: ctx, src: src, size: before.Size}
	if b.o.Hash != HashNever || b.o.Verify {
		r.hash = blake3.New()
	}
	var made vfs.Entry
	if try == 1 && len(p.Resume) > 0 && Same(p.Seen, before, true) {
		r.dst, made, err = b.resume(ctx, i, r)
	}
	if err == nil && r.dst == nil {
		r.dst, made, err = b.created(ctx, i)
	}
	if err != nil {
		return err
	}
	if err := b.fill(r, before, made); err != nil {
		if r.noted && !errors.Is(err, errMoved) && !errors.Is(err, errSize) && isStop(ctx, err) {
			_ = r.dst.Close()
			w.Left = true
			return err
		}
		b.drop(ctx, i, r.dst, made)
		return err
	}
	return nil
}

// isStop: the work was broken off or the target is full; the prefix is good.
func isStop(ctx context.Context, err error) bool {
	kind := errs.KindOf(err)
	var failed *syncFailed
	return !errors.As(err, &failed) && (ctx.Err() != nil || kind == errs.Cancelled || kind == errs.Unavailable)
}

// sourceGone: what vanished between preview and run is a change, said as such.
func sourceGone(err error) error {
	if errs.Is(err, errs.Unsupported) {
		return &errs.Error{Kind: errs.Conflict, Err: err, Remedy: errDrift.Remedy}
	}
	return err
}

// fill brings bytes and all else into the temp, looks at the source once more,
// and closes the temp.
func (b *batch) fill(r *run, before, made vfs.Entry) error {
	p, w := &b.ps[r.i], &b.out[r.i]
	if err := r.bytes(); err != nil {
		return err
	}
	if r.hash != nil && r.hashed {
		w.Hashed = true
		copy(w.Hash[:], r.hash.Sum(nil))
	}
	w.Cloned, w.Shared = r.cloned, r.shared
	lost, err := b.carry(r.ctx, p, r.src, before, r.dst)
	if err != nil {
		return err
	}
	w.Lost |= lost | r.lost
	if err := b.unmoved(r, before); err != nil {
		return err
	}
	return b.seal(r.i, r.dst, made, before.Size)
}

// seal syncs the temp if that is not done for all together, and closes it.
func (b *batch) seal(i int, dst vfs.WriteHandle, made vfs.Entry, size int64) error {
	w := &b.out[i]
	if !b.together {
		if err := dst.Sync(); err != nil {
			return &syncFailed{err}
		}
		b.states[i].synced = true
	}
	is, err := dst.Stat()
	if err != nil {
		return err
	}
	if is.Size != size || is.Inode != made.Inode {
		return errs.New(errs.Internal, "the volume tells %d bytes where %d were written", is.Size, size)
	}
	w.Is = is
	b.states[i].closed = true
	if err := dst.Close(); err != nil { // network volumes tell of failed writes here
		return &syncFailed{err}
	}
	return nil
}

// unmoved compares the source with what it was, through the handle and by its
// name: what was read is only good if both are still the same.
func (b *batch) unmoved(r *run, before vfs.Entry) error {
	p := &b.ps[r.i]
	after, err := r.src.Stat()
	if err != nil {
		return err
	}
	if !Same(before, after, true) {
		return errMoved
	}
	named, err := p.From.Stat(r.ctx, p.Path)
	if errs.Is(err, errs.NotFound) || err == nil && !Same(before, named, true) {
		return errMoved
	}
	return err
}

// make writes what the piece makes itself.
func (b *batch) make(ctx context.Context, i int) error {
	p, w := &b.ps[i], &b.out[i]
	dst, made, err := b.created(ctx, i)
	if err != nil {
		return err
	}
	sink := &sink{b: b, i: i, ctx: ctx, dst: dst, hash: blake3.New()}
	err = p.Make(ctx, sink)
	if err == nil {
		err = sink.err // it may have been overlooked
	}
	if err == nil {
		w.Hashed = true
		copy(w.Hash[:], sink.hash.Sum(nil))
		w.Lost, err = dst.SetMeta(&p.Meta, p.MetaParts)
	}
	if err == nil {
		err = b.seal(i, dst, made, sink.n)
	}
	if err != nil {
		b.drop(ctx, i, dst, made)
	}
	return err
}

// sink is where a Make writes to.
type sink struct {
	b    *batch
	i    int
	ctx  context.Context
	dst  vfs.WriteHandle
	hash *blake3.Hasher
	n    int64
	err  error
}

func (s *sink) Write(p []byte) (n int, err error) {
	for len(p) > 0 && s.err == nil {
		part := p[:min(len(p), blockSize)]
		if s.err = s.b.turn(s.ctx, s.i, int64(len(part))); s.err != nil {
			break
		}
		if s.err = writeAt(s.dst, part, s.n); s.err != nil {
			break
		}
		_, _ = s.hash.Write(part)
		s.n += int64(len(part))
		n += len(part)
		p = p[len(part):]
		s.b.progress(s.i, s.n, 0)
	}
	return n, s.err
}

// symlink copies a symlink as it is.
func (b *batch) symlink(ctx context.Context, i int) (err error) {
	p, w := &b.ps[i], &b.out[i]
	read := p.From.Features().Readlink
	if read == nil {
		return errs.New(errs.Unsupported, "the volume does not tell where symlinks lead")
	}
	before, err := p.From.Stat(ctx, p.Path)
	if err != nil {
		return err
	}
	if before.Kind != vfs.Symlink || !p.Drift && !Same(p.Seen, before, true) {
		return errDrift
	}
	target, err := read(ctx, p.Path)
	if err != nil {
		return err
	}
	m, parts, err := metaOf(ctx, p.From, p.Path, before)
	if err != nil {
		return err
	}
	if err := p.Into.Symlink(ctx, p.Temp, target); err != nil {
		return err
	}
	made, err := p.Into.Stat(ctx, p.Temp)
	defer func() {
		if err != nil {
			b.drop(ctx, i, nil, made)
		}
	}()
	if err != nil {
		return err
	}
	parts &^= vfs.PartMode // a symlink has none that counts
	w.Lost, err = b.dress(ctx, p, p.Into, &m, parts, func(m *vfs.Meta, parts vfs.Parts) (vfs.Parts, error) {
		return p.Into.SetMeta(ctx, p.Temp, m, parts)
	})
	if err != nil {
		return err
	}
	after, err := p.From.Stat(ctx, p.Path)
	if err != nil {
		return err
	}
	if !Same(before, after, true) {
		return errMoved
	}
	w.From = before
	w.Is, err = p.Into.Stat(ctx, p.Temp)
	b.states[i].synced = true // with the folder, when it has its name
	return err
}

// link gives the file Link another name. done false: the volume has no hard links.
func (b *batch) link(ctx context.Context, i int) (done bool, err error) {
	p, w := &b.ps[i], &b.out[i]
	err = p.Into.Link(ctx, p.Temp, p.Link.Dir, p.Link.Name)
	if errs.Is(err, errs.Unsupported) && p.From != nil {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	is, err := p.Into.Stat(ctx, p.Temp)
	if err == nil && !Same(p.Link.Is, is, false) {
		err = conflict("%q is another file by now", p.Link.Name)
	}
	if err != nil {
		b.drop(ctx, i, nil, vfs.Entry{})
		return false, err
	}
	w.Is, w.Linked = is, true
	b.states[i].synced = true
	return true, nil
}
