package fileops

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/vfs"
)

// sameBytes compares two files byte by byte, as they are now: the last look before
// one of them gives way. Afterwards both must be what they were, and the one that
// stays must still bear its name.
func (h *hands) sameBytes(ctx context.Context, st *step) error {
	at, seen := st.From, st.Seen
	if st.Verb == vWrite {
		at, seen = st.To, st.Over
	}
	one, gives, err := h.toCompare(ctx, at, seen)
	if err != nil {
		return err
	}
	defer one.Close() //nolint:errcheck // it was read
	two, stays, err := h.toCompare(ctx, *st.Like, nil)
	if err != nil {
		return err
	}
	defer two.Close() //nolint:errcheck // it was read
	if err := equal(ctx, one, two); err != nil {
		return err
	}
	h.w.s.yield("compared")
	for _, c := range []struct {
		f   vfs.Handle
		was vfs.Entry
	}{{one, gives}, {two, stays}} {
		is, err := c.f.Stat()
		if err == nil && !copier.Same(c.was, is, true) {
			err = changed()
		}
		if err != nil {
			return err
		}
	}
	v, err := h.w.volume(ctx, st.Like.Volume)
	if err != nil {
		return err
	}
	is, err := v.Driver.Stat(ctx, st.Like.Path)
	if errs.Is(err, errs.NotFound) || err == nil && !same(stays, is) {
		return errs.New(errs.Conflict, "the file that was to stay in its place is not there any more").Try("Make the plan again.")
	}
	return err
}

// equal reads both files to their ends; other bytes are errs.Conflict.
func equal(ctx context.Context, one, two vfs.Handle) error {
	a, b := make([]byte, 1<<20), make([]byte, 1<<20)
	for off := int64(0); ; off += int64(len(a)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, errA := readFull(one, a, off)
		m, errB := readFull(two, b, off)
		if err := errors.Join(errA, errB); err != nil {
			return err
		}
		if !bytes.Equal(a[:n], b[:m]) {
			return errs.New(errs.Conflict, "it does not hold the same bytes any more")
		}
		if n < len(a) {
			return nil
		}
	}
}

// readFull reads until b is full or the file ends.
func readFull(f vfs.Handle, b []byte, off int64) (n int, err error) {
	n, err = io.ReadFull(io.NewSectionReader(f, off, int64(len(b))), b)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return n, err
}

// toCompare opens a file that is to be read, and tells what it is; with seen it must
// be that.
func (h *hands) toCompare(ctx context.Context, at catalog.Spot, seen *vfs.Entry) (vfs.Handle, vfs.Entry, error) {
	v, err := h.w.volume(ctx, at.Volume)
	if err != nil {
		return nil, vfs.Entry{}, err
	}
	f, err := v.Driver.Open(ctx, at.Path)
	if err != nil {
		return nil, vfs.Entry{}, err
	}
	is, err := f.Stat()
	if err == nil && seen != nil && !same(*seen, is) {
		err = changed()
	}
	if err != nil {
		_ = f.Close() // it was not read
		return nil, is, err
	}
	return f, is, nil
}
