// Package mp4 reads the boxes that MP4 and QuickTime films, AAC music, and HEIC
// and AVIF pictures are made of, and what a film says of itself. It decodes
// neither pictures nor sound.
package mp4

import (
	"encoding/binary"
	"io"
)

// Box is a piece of the file.
type Box struct {
	Type     string // four bytes
	From, To int64  // where what is in it begins and ends
}

// maxBoxes bounds how many boxes are looked at in one place.
const maxBoxes = 4096

// Each calls see with the boxes that stand between two places, until it returns
// false. A box that claims to go beyond the end is cut there, and is the last.
func Each(r io.ReaderAt, from, to int64, see func(Box) bool) {
	var head [16]byte
	for range maxBoxes {
		if to-from < 8 {
			return
		}
		if n, _ := r.ReadAt(head[:8], from); n < 8 {
			return
		}
		b := Box{Type: string(head[4:8]), From: from + 8}
		size := int64(binary.BigEndian.Uint32(head[:]))
		switch size {
		case 0: // to the end
			size = to - from
		case 1: // 64 bits
			if n, _ := r.ReadAt(head[8:], from+8); n < 8 {
				return
			}
			size, b.From = int64(binary.BigEndian.Uint64(head[8:])), from+16
		}
		if size < b.From-from {
			return
		}
		b.To = to
		if size < to-from {
			b.To = from + size
		}
		if !see(b) {
			return
		}
		from = b.To
	}
}

// Find returns the first box below another by the types that lead there.
func Find(r io.ReaderAt, in Box, path ...string) (Box, bool) {
	for _, name := range path {
		found := false
		Each(r, in.From, in.To, func(b Box) bool {
			if b.Type == name {
				in, found = b, true
			}
			return !found
		})
		if !found {
			return Box{}, false
		}
	}
	return in, true
}

// Bytes reads what is in a box, but no more than so many bytes.
func (b Box) Bytes(r io.ReaderAt, most int64) []byte {
	out := make([]byte, max(0, min(b.To-b.From, most)))
	n, _ := r.ReadAt(out, b.From)
	return out[:n]
}
