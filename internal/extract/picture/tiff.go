package picture

import (
	"context"
	"encoding/binary"
	"errors"
	"io"

	"github.com/bep/imagemeta"
	"golang.org/x/image/tiff"

	"github.com/stardrive/stardrive/internal/media"
)

// openTIFF decodes a TIFF, or the preview of a raw picture that is stored as one
// (DNG, CR2, NEF, ARW, PEF): what cameras put beside the raw samples is the picture
// as they would have taken it.
func openTIFF(ctx context.Context, src media.Source, atLeast int) found {
	dir := readTIFF(src)
	best := dir.preview(src, atLeast)
	c, err := tiff.DecodeConfig(section(src))
	if err == nil && (best == nil || c.Width >= best.width) && !dir.raw {
		if got := whole(src, tiff.DecodeConfig, tiff.Decode); got.img != nil || best == nil {
			return got
		}
	}
	return dir.open(ctx, best, atLeast)
}

// open decodes a preview.
func (t tiffFile) open(ctx context.Context, best *preview, atLeast int) found {
	got := found{width: t.width, height: t.height}
	if best == nil {
		got.err = errors.New("the file has no preview that can be shown")
		return got
	}
	of := openJPEG(ctx, best.src, atLeast)
	got.img, got.err = of.img, of.err
	if got.width == 0 || got.width < of.width {
		got.width, got.height = of.width, of.height
	}
	return got
}

// rawFormat is raw pictures that are TIFFs but for two bytes at their beginning.
func rawFormat(src media.Source, head []byte) format {
	asTIFF := media.Source{ReaderAt: likeTIFF{src}, Size: src.Size}
	return format{name: "raw picture", meta: imagemeta.TIFF, about: []media.Source{asTIFF}, open: func(ctx context.Context, src media.Source, atLeast int) found {
		dir := readTIFF(asTIFF)
		return dir.open(ctx, dir.preview(src, atLeast), atLeast)
	}}
}

// likeTIFF shows the beginning of a TIFF.
type likeTIFF struct{ media.Source }

func (l likeTIFF) ReadAt(b []byte, off int64) (int, error) {
	n, err := l.Source.ReadAt(b, off)
	if off < 4 && n > 0 {
		var first [2]byte
		if _, err := l.Source.ReadAt(first[:], 0); err == nil {
			magic := [4]byte{2: 42}
			if first[0] == 'M' {
				magic = [4]byte{3: 42}
			}
			for i := max(off, 2); i < 4 && i-off < int64(n); i++ {
				b[i-off] = magic[i]
			}
		}
	}
	return n, err
}

// fujiFormat is RAF, whose head says where its JPEG stands.
func fujiFormat(src media.Source, head []byte) format {
	f := format{name: "raw picture", open: func(context.Context, media.Source, int) found {
		return found{err: errors.New("the file has no preview that can be shown")}
	}}
	if len(head) < 92 {
		return f
	}
	at, size := int64(binary.BigEndian.Uint32(head[84:])), int64(binary.BigEndian.Uint32(head[88:]))
	if at <= 0 || size <= 0 || at+size > src.Size {
		return f
	}
	inside := part(src, at, size)
	f.meta, f.about = imagemeta.JPEG, []media.Source{inside}
	f.open = func(ctx context.Context, _ media.Source, atLeast int) found { return openJPEG(ctx, inside, atLeast) }
	return f
}

func part(src media.Source, at, size int64) media.Source {
	return media.Source{ReaderAt: io.NewSectionReader(src, at, size), Size: size}
}

// tiffFile is what the directories of a TIFF tell of its pictures.
type tiffFile struct {
	width, height int  // of the largest
	raw           bool // samples of a camera
	jpegs         []place
}

// place is where something stands in the file.
type place struct{ at, size int64 }

// preview is a JPEG inside.
type preview struct {
	src   media.Source
	width int
}

// Bounds of the walk.
const (
	maxDirs    = 32
	maxEntries = 512
)

// readTIFF walks through all directories, and those below them.
func readTIFF(src media.Source) (t tiffFile) {
	var head [8]byte
	if n, _ := src.ReadAt(head[:], 0); n < len(head) {
		return t
	}
	var order binary.ByteOrder = binary.LittleEndian
	if head[0] == 'M' {
		order = binary.BigEndian
	}
	seen := map[int64]bool{}
	next := []int64{int64(order.Uint32(head[4:]))}
	for len(next) > 0 && len(seen) < maxDirs {
		at := next[0]
		next = next[1:]
		if at < 8 || seen[at] {
			continue
		}
		seen[at] = true
		next = append(next, t.dir(src, order, at)...)
	}
	return t
}

// dir reads one directory, and returns where others are.
func (t *tiffFile) dir(src media.Source, order binary.ByteOrder, at int64) (others []int64) {
	var count [2]byte
	if n, _ := src.ReadAt(count[:], at); n < len(count) {
		return nil
	}
	n := min(int(order.Uint16(count[:])), maxEntries)
	b := make([]byte, 12*n+4)
	got, _ := src.ReadAt(b, at+2)
	if got < len(b) {
		n = got / 12
	}
	tags := map[uint16]tiffTag{}
	for i := range n {
		tag := tiffTag{kind: order.Uint16(b[12*i+2:]), count: order.Uint32(b[12*i+4:])}
		copy(tag.value[:], b[12*i+8:])
		tags[order.Uint16(b[12*i:])] = tag
	}
	if got == len(b) {
		others = append(others, int64(order.Uint32(b[12*n:])))
	}
	others = append(others, tags[0x014a].list(src, order)...) // directories below
	one := func(tag uint16) int64 { return tags[tag].one(order) }
	if w, h := one(0x0100), one(0x0101); w*h > int64(t.width)*int64(t.height) && w < 1<<20 && h < 1<<20 {
		t.width, t.height = int(w), int(h)
	}
	_, dng := tags[0xc612]
	compression := one(0x0103)
	photometric := one(0x0106)
	if dng || photometric == 32803 || photometric == 34892 || compression == 34713 || compression == 32767 {
		t.raw = true
	}
	if at, size := one(0x0201), one(0x0202); at > 0 && size > 0 {
		t.jpegs = append(t.jpegs, place{at, size})
	}
	if p := tags[0x002e]; p.count > 4 && p.kind == 7 { // Panasonic's
		t.jpegs = append(t.jpegs, place{int64(order.Uint32(p.value[:])), int64(p.count)})
	}
	if (compression == 6 || compression == 7) && tags[0x0111].count == 1 && photometric != 32803 && photometric != 34892 {
		t.jpegs = append(t.jpegs, place{one(0x0111), one(0x0117)})
	}
	return others
}

// preview returns the smallest JPEG inside that is large enough, or the largest.
func (t tiffFile) preview(src media.Source, atLeast int) *preview {
	var best *preview
	for _, p := range t.jpegs {
		if p.at <= 0 || p.size <= 0 || p.at+p.size > src.Size {
			continue
		}
		inside := part(src, p.at, p.size)
		width, height, ok := jpegSize(inside)
		longer := max(width, height)
		if !ok {
			continue
		}
		if best == nil || best.width < atLeast && longer > best.width || longer >= atLeast && longer < best.width {
			best = &preview{inside, longer}
		}
	}
	return best
}

// tiffTag is an entry of a directory.
type tiffTag struct {
	kind  uint16
	count uint32
	value [4]byte
}

// one returns the first number that stands in the entry itself.
func (t tiffTag) one(order binary.ByteOrder) int64 {
	switch t.kind {
	case 1, 7:
		return int64(t.value[0])
	case 3:
		return int64(order.Uint16(t.value[:]))
	case 4, 13:
		return int64(order.Uint32(t.value[:]))
	}
	return 0
}

// list returns the numbers an entry leads to.
func (t tiffTag) list(src media.Source, order binary.ByteOrder) (out []int64) {
	if t.kind != 4 && t.kind != 13 || t.count == 0 {
		return nil
	}
	if t.count == 1 {
		return []int64{t.one(order)}
	}
	b := make([]byte, 4*min(t.count, maxDirs))
	n, _ := src.ReadAt(b, int64(order.Uint32(t.value[:])))
	for ; n >= 4; n -= 4 {
		out = append(out, int64(order.Uint32(b)))
		b = b[4:]
	}
	return out
}
