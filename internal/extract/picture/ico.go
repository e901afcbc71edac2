package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"

	"golang.org/x/image/bmp"

	"github.com/stardrive/stardrive/internal/media"
)

const (
	maxIcons = 64
	maxIcon  = 8 << 20 // bytes of one
)

// openICO shows the largest of the pictures in an icon: a PNG, or a BMP without its
// head and with a mask behind it.
func openICO(_ context.Context, src media.Source, _ int) found {
	head := make([]byte, 6+16*maxIcons)
	n, _ := src.ReadAt(head, 0)
	head = head[:n]
	if n < 22 {
		return found{err: errors.New("the icon is empty")}
	}
	best, at, size := -1, int64(0), int64(0)
	for i := range min(int(binary.LittleEndian.Uint16(head[4:])), (n-6)/16) {
		e := head[6+16*i:]
		pixels := (int(e[0])+255)%256 + 1 // 0 stands for 256
		if pixels > best {
			best, at, size = pixels, int64(binary.LittleEndian.Uint32(e[12:])), int64(binary.LittleEndian.Uint32(e[8:]))
		}
	}
	if at <= 0 || size <= 40 || size > maxIcon || at+size > src.Size {
		return found{err: errors.New("the icon is damaged")}
	}
	data := make([]byte, size)
	if _, err := src.ReadAt(data, at); err != nil && !errors.Is(err, io.EOF) {
		return found{err: err}
	}
	if bytes.HasPrefix(data, []byte("\x89PNG")) {
		return whole(inMemory(data), png.DecodeConfig, png.Decode)
	}
	return openDIB(data)
}

// openDIB decodes a BMP as icons have it: its height counts the mask, too.
func openDIB(data []byte) found {
	height := int32(binary.LittleEndian.Uint32(data[8:])) / 2
	header := binary.LittleEndian.Uint32(data)
	if header < 40 || int64(header) > int64(len(data)) || height <= 0 {
		return found{err: errors.New("the icon is damaged")}
	}
	binary.LittleEndian.PutUint32(data[8:], uint32(height))
	depth := binary.LittleEndian.Uint16(data[14:])
	colours := uint32(0)
	if depth <= 8 {
		if colours = binary.LittleEndian.Uint32(data[32:]); colours == 0 || colours > 256 {
			colours = 1 << depth
		}
	}
	file := append([]byte("BM"), make([]byte, 12)...)
	binary.LittleEndian.PutUint32(file[2:], uint32(14+len(data)))
	binary.LittleEndian.PutUint32(file[10:], 14+header+4*colours)
	got := whole(inMemory(append(file, data...)), bmp.DecodeConfig, bmp.Decode)
	if got.img != nil && depth != 32 {
		got.img = masked(got.img, data, int64(header)+4*int64(colours), int(depth))
	}
	return got
}

// masked takes away what the mask behind the colours leaves out.
func masked(img image.Image, data []byte, at int64, depth int) image.Image {
	b := img.Bounds()
	row := func(bits int) int { return (bits + 31) / 32 * 4 }
	at += int64(row(b.Dx()*depth)) * int64(b.Dy())
	step := row(b.Dx())
	if at < 0 || at+int64(step)*int64(b.Dy()) > int64(len(data)) {
		return img
	}
	mask := data[at:]
	out := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			if mask[(b.Dy()-1-y)*step+x/8]>>(7-x%8)&1 == 0 {
				out.Set(x, y, color.NRGBAModel.Convert(img.At(b.Min.X+x, b.Min.Y+y)))
			}
		}
	}
	return out
}
