package picture

import (
	"bufio"
	"context"
	"image"
	"image/draw"
	"image/gif"
	"io"

	"github.com/stardrive/stardrive/internal/media"
)

// openGIF decodes the first frame, laid where it belongs on the whole.
func openGIF(_ context.Context, src media.Source, _ int) found {
	got := whole(src, gif.DecodeConfig, gif.Decode)
	got.animated = secondFrame(section(src))
	full := image.Rect(0, 0, got.width, got.height)
	if got.img == nil || got.img.Bounds() == full {
		return got
	}
	if got.err = fits(got.width, got.height, 4); got.err != nil {
		got.img = nil
		return got
	}
	canvas := image.NewRGBA(full)
	draw.Draw(canvas, full, got.img, image.Point{}, draw.Src)
	got.img = canvas
	return got
}

// secondFrame reports whether a GIF has more than one picture in it.
func secondFrame(r io.Reader) bool {
	in := bufio.NewReader(r)
	head := make([]byte, 13)
	if _, err := io.ReadFull(in, head); err != nil {
		return false
	}
	if !skipColours(in, head[10]) {
		return false
	}
	frames := 0
	for {
		kind, err := in.ReadByte()
		if err != nil {
			return false
		}
		switch kind {
		case 0x21: // an extension
			if _, err := in.Discard(1); err != nil {
				return false
			}
		case 0x2c: // a picture
			if frames++; frames > 1 {
				return true
			}
			if _, err := io.ReadFull(in, head[:9]); err != nil || !skipColours(in, head[8]) {
				return false
			}
			if _, err := in.Discard(1); err != nil {
				return false
			}
		default:
			return false
		}
		for { // blocks, each behind its length
			n, err := in.ReadByte()
			if err != nil {
				return false
			}
			if n == 0 {
				break
			}
			if _, err := in.Discard(int(n)); err != nil {
				return false
			}
		}
	}
}

// skipColours passes over a table of colours, if the flags say that there is one.
func skipColours(in *bufio.Reader, flags byte) bool {
	if flags&0x80 == 0 {
		return true
	}
	_, err := in.Discard(3 << (flags&7 + 1))
	return err == nil
}
