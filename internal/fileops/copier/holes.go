package copier

import (
	"errors"
	"io"

	"github.com/stardrive/stardrive/internal/vfs"
)

// holes tells where a file has none of its bytes stored. It asks as it goes, and
// takes no for an answer: then there are none.
type holes struct {
	src  vfs.Sparse
	size int64
	data span // the last stretch of bytes that was told
	some bool // there is a hole
}

// newHoles looks whether src has holes at all.
func newHoles(src vfs.Handle, size int64) *holes {
	h := &holes{size: size}
	if s, ok := vfs.HandleAs[vfs.Sparse](src); ok && size > 4<<10 {
		h.src = s
		h.next(0)
		h.some = h.data != span{0, size}
	}
	if !h.some {
		h.src = nil
	}
	return h
}

func (h *holes) any() bool { return h.some }

// next asks for the bytes at or after off. What it cannot learn is bytes.
func (h *holes) next(off int64) {
	start, end, err := h.src.NextData(off)
	switch {
	case errors.Is(err, io.EOF):
		h.data = span{h.size, h.size}
	case err != nil || start < off || end <= start:
		h.data = span{off, h.size}
	default:
		h.data = span{min(start, h.size), min(end, h.size)}
	}
}

// within returns the holes between from and to, in order. Calls go forward.
func (h *holes) within(from, to int64) (found []span) {
	if h.src == nil {
		return nil
	}
	for at := from; at < to; {
		if at >= h.data.to {
			h.next(at)
		}
		if at < h.data.from {
			found = append(found, span{at, min(to, h.data.from)})
			at = min(to, h.data.from)
			continue
		}
		at = min(to, h.data.to)
	}
	return found
}
