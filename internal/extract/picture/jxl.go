package picture

import (
	"context"
	"errors"

	"github.com/bep/imagemeta"

	"github.com/stardrive/stardrive/internal/extract/mp4"
	"github.com/stardrive/stardrive/internal/media"
)

const (
	jxlBare      = "\xff\x0a"
	jxlContainer = "\x00\x00\x00\x0cJXL \r\n\x87\n"
)

var errNoJXL = errors.New("JPEG XL cannot be shown: no decoder for it runs in here")

// jxlFormat is JPEG XL, of which only the head is read: how large it is, and what it says
// of itself.
func jxlFormat(src media.Source, boxed bool) format {
	f := format{name: "JPEG XL"}
	stream := int64(0)
	if boxed {
		stream = -1
		mp4.Each(src, 0, src.Size, func(b mp4.Box) bool {
			switch b.Type {
			case "jxlc":
				stream = b.From
			case "jxlp":
				if stream < 0 {
					stream = b.From + 4 // behind the number of the piece
				}
			case "Exif":
				if b.To-b.From > 4 {
					f.meta, f.about = imagemeta.TIFF, []media.Source{part(src, b.From+4, b.To-b.From-4)}
				}
			}
			return true
		})
	}
	f.open = func(context.Context, media.Source, int) found {
		got := found{err: errNoJXL, turned: true}
		var head [32]byte
		if stream < 0 {
			return found{err: errors.New("the JPEG XL has no picture, or is damaged")}
		}
		if n, _ := src.ReadAt(head[:], stream); n < 6 || string(head[:2]) != jxlBare {
			return found{err: errors.New("the JPEG XL is damaged")}
		}
		got.width, got.height = jxlSize(&bitReader{of: head[2:]})
		return got
	}
	return f
}

// jxlSize reads how large a picture is, upright.
func jxlSize(b *bitReader) (width, height int) {
	small := b.take(1) == 1
	side := func() int {
		if small {
			return (b.take(5) + 1) * 8
		}
		return b.take([...]int{9, 13, 18, 30}[b.take(2)]) + 1
	}
	height = side()
	ratios := [...][2]int{{}, {1, 1}, {12, 10}, {4, 3}, {3, 2}, {16, 9}, {5, 4}, {2, 1}}
	if r := ratios[b.take(3)]; r[1] > 0 {
		width = int(int64(height) * int64(r[0]) / int64(r[1]))
	} else {
		width = side()
	}
	if b.take(1) == 0 && b.take(1) == 1 && b.take(3) >= 4 { // not all as usual, something more is said: it lies on its side
		width, height = height, width
	}
	return width, height
}

// bitReader reads numbers of bits, the lowest first; behind the end all are 0.
type bitReader struct {
	of []byte
	at int
}

func (b *bitReader) take(n int) (v int) {
	for i := range n {
		if at := b.at + i; at/8 < len(b.of) {
			v |= int(b.of[at/8]>>(at%8)&1) << i
		}
	}
	b.at += n
	return v
}
