package content

import (
	"context"
	"encoding/binary"
	"errors"
	"io"

	"github.com/zeebo/blake3"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

const (
	quickEnds    = 16 << 10 // bytes at the beginning and at the end
	quickSample  = 4 << 10  // bytes of each sample between them
	quickSamples = 4
	// quickWhole is the size up to which a file is read whole instead.
	quickWhole = 64 << 10
)

// quick is a key made of a file's size and some of its bytes. Files with other
// keys have other bytes. Files with the same key may have the same, no more:
// nothing is claimed of them before they were read whole.
type quick [16]byte

// quickKey reads the key of an open file that is larger than quickWhole. Errors:
// errs.Conflict when it is not of that size any more, else those of h or ctx.
func quickKey(ctx context.Context, h vfs.Handle, size int64) (key quick, err error) {
	sum := blake3.New()
	var b [quickEnds]byte
	binary.LittleEndian.PutUint64(b[:8], uint64(size))
	_, _ = sum.Write(b[:8]) // a hash never fails
	piece := func(at int64, n int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		got, err := h.ReadAt(b[:n], at)
		if got < n && (err == nil || errors.Is(err, io.EOF)) {
			return errChanged()
		}
		if got < n {
			return err
		}
		_, _ = sum.Write(b[:n])
		return nil
	}
	if err := piece(0, quickEnds); err != nil {
		return key, err
	}
	for i := range int64(quickSamples) {
		at := size / (quickSamples + 1) * (i + 1)
		if err := piece(at, int(min(quickSample, size-at))); err != nil {
			return key, err
		}
	}
	if err := piece(size-quickEnds, quickEnds); err != nil {
		return key, err
	}
	seen, err := h.Stat()
	if err == nil && seen.Size != size {
		err = errChanged()
	}
	if err != nil {
		return key, errs.In("content.quick", err)
	}
	copy(key[:], sum.Sum(nil))
	return key, nil
}
