package picture

import (
	"context"
	"encoding/binary"
	"image/png"

	"github.com/bep/imagemeta"

	"github.com/stardrive/stardrive/internal/media"
)

// pngFormat looks through the chunks of a PNG: whether it moves, and whether
// they are what they say, so that nobody reserves memory for a chunk that is
// longer than the file.
func pngFormat(src media.Source) format {
	animated, sound := pngChunks(src)
	f := format{name: "PNG", open: func(context.Context, media.Source, int) found {
		got := whole(src, png.DecodeConfig, png.Decode)
		got.animated = animated
		return got
	}}
	if sound {
		f.meta = imagemeta.PNG
	}
	return f
}

// maxChunks bounds the walk: each chunk is one reading.
const maxChunks = 10_000

// pngChunks reports whether there is more than one frame, and whether all chunks
// are within the file.
func pngChunks(src media.Source) (animated, sound bool) {
	var head [8]byte
	at := int64(8)
	for range maxChunks {
		if n, _ := src.ReadAt(head[:], at); n < len(head) {
			return animated, at == src.Size
		}
		switch string(head[4:]) {
		case "acTL":
			animated = true
		case "IEND":
			return animated, true
		}
		at += 12 + int64(binary.BigEndian.Uint32(head[:]))
		if at > src.Size {
			return animated, false
		}
	}
	return animated, false
}
