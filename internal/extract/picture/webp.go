package picture

import (
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/draw"
	"io"

	"golang.org/x/image/webp"

	"github.com/stardrive/stardrive/internal/media"
)

// openWebP decodes at full size. Of one that moves it takes the first frame out
// and decodes that as a picture of its own.
func openWebP(_ context.Context, src media.Source, _ int) found {
	head := make([]byte, 30)
	if _, err := src.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return found{err: err}
	}
	if string(head[12:16]) != "VP8X" || head[20]&0x02 == 0 {
		return whole(src, webp.DecodeConfig, webp.Decode)
	}
	got := found{animated: true, width: 1 + uint24(head[24:]), height: 1 + uint24(head[27:])}
	if got.err = fits(got.width, got.height, 4); got.err != nil {
		return got
	}
	frame, at, err := firstFrame(src)
	if err != nil {
		got.err = err
		return got
	}
	first := whole(frame, webp.DecodeConfig, webp.Decode)
	if first.img == nil {
		got.err = first.err
		return got
	}
	canvas := image.NewRGBA(image.Rect(0, 0, got.width, got.height))
	draw.Draw(canvas, first.img.Bounds().Add(at), first.img, first.img.Bounds().Min, draw.Src)
	got.img = canvas
	return got
}

// firstFrame finds the first frame of a WebP that moves, and where on the whole
// it belongs. The frame comes as a WebP of its own.
func firstFrame(src media.Source) (media.Source, image.Point, error) {
	var head [24]byte
	at := int64(12)
	for range maxChunks {
		n, _ := src.ReadAt(head[:], at)
		if n < len(head) {
			break
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		if string(head[:4]) != "ANMF" {
			at += 8 + size + size&1
			continue
		}
		if size < 16 || at+8+size > src.Size || size > maxRead {
			break
		}
		body := make([]byte, size-16)
		if _, err := src.ReadAt(body, at+24); err != nil && !errors.Is(err, io.EOF) {
			return media.Source{}, image.Point{}, err
		}
		width, height := uint24(head[14:]), uint24(head[17:]) // each less one
		return alone(body, width, height), image.Pt(2*uint24(head[8:]), 2*uint24(head[11:])), nil
	}
	return media.Source{}, image.Point{}, errors.New("the WebP has no frame")
}

// alone puts the chunks of a frame into a file. One with a transparency apart
// needs the head of the extended format before it.
func alone(body []byte, width, height int) media.Source {
	out := []byte("RIFF\x00\x00\x00\x00WEBP")
	if len(body) >= 4 && string(body[:4]) == "ALPH" {
		out = append(out, "VP8X\x0a\x00\x00\x00\x10\x00\x00\x00"...)
		out = append(out, byte(width), byte(width>>8), byte(width>>16), byte(height), byte(height>>8), byte(height>>16))
	}
	out = append(out, body...)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return inMemory(out)
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
