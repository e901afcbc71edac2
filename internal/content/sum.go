// Package content knows what files are, independent of their names: it reads
// files whole, hashes their bytes, and notes in the catalogue which content an
// entry has. It must not know search, media, or how disks are walked, and it
// writes nothing to the volumes.
package content

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/zeebo/blake3"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

const (
	bufferSize = 512 << 10
	headSize   = 4 << 10 // enough to tell what the bytes are
)

// buffers are those of the reads under way and some more: *[]byte.
var buffers = sync.Pool{New: func() any { b := make([]byte, bufferSize); return &b }}

// Sum reads all bytes of an open file from its beginning and returns their
// BLAKE3 hash, up to the first 4 KiB of them, and how the file was seen before
// and after. It blocks while it reads, and looks at ctx between two reads. The
// caller keeps h, and closes it. Errors: errs.Conflict when the file changed
// while it was read, else those of h or ctx.
func Sum(ctx context.Context, h vfs.Handle) (hash catalog.Hash, head []byte, seen vfs.Entry, err error) {
	before, err := h.Stat()
	if err != nil {
		return hash, nil, seen, err
	}
	if _, err := h.Seek(0, io.SeekStart); err != nil {
		return hash, nil, seen, err
	}
	buffer, _ := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	sum := blake3.New()
	var n int64
	for {
		if err := ctx.Err(); err != nil {
			return hash, nil, seen, err
		}
		got, err := h.Read(*buffer)
		b := (*buffer)[:got]
		if room := headSize - len(head); room > 0 {
			head = append(head, b[:min(room, got)]...)
		}
		_, _ = sum.Write(b) // a hash never fails
		if n += int64(got); n > before.Size {
			return hash, nil, seen, errChanged() // it grows, maybe faster than it can be read
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return hash, nil, seen, err
		}
	}
	after, err := h.Stat()
	if err != nil {
		return hash, nil, seen, err
	}
	if n != before.Size || after.Size != before.Size || after.Modified != before.Modified || after.Changed != before.Changed || after.Inode != before.Inode {
		return hash, nil, seen, errChanged()
	}
	copy(hash[:], sum.Sum(nil))
	return hash, head, after, nil
}

func errChanged() error {
	return errs.New(errs.Conflict, "it changed while it was read").Try("It is read again when it has come to rest.")
}
