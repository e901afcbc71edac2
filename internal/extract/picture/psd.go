package picture

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"

	"github.com/bep/imagemeta"

	"github.com/stardrive/stardrive/internal/media"
)

// psdFile is what the head of a Photoshop document tells.
type psdFile struct {
	large         bool // PSB
	channels      int
	width, height int
	depth, mode   int
	palette       []byte // of indexed colours: 256 of red, of green, of blue
	thumb, exif   place  // a small JPEG; a TIFF of facts
	merged        int64  // where the picture of all layers begins
}

// Colour modes.
const (
	psdGray, psdIndexed, psdRGB, psdCMYK, psdDuotone = 1, 2, 3, 4, 8
)

const maxResources = 4096

// psdFormat is Photoshop's. The picture of all layers, which it keeps at the end for
// others, is shown; where there is none that can be decoded, the small one.
func psdFormat(src media.Source) format {
	f := format{name: "Photoshop document"}
	p, err := readPSD(src)
	if err != nil {
		f.open = func(context.Context, media.Source, int) found { return found{err: err} }
		return f
	}
	if p.exif.size > 0 {
		f.meta, f.about = imagemeta.TIFF, []media.Source{part(src, p.exif.at, p.exif.size)}
	}
	f.open = func(ctx context.Context, src media.Source, atLeast int) found {
		got := found{width: p.width, height: p.height, turned: true}
		if got.img, got.err = p.decode(ctx, src); got.err == nil || p.thumb.size == 0 || ctx.Err() != nil {
			return got
		}
		if small := openJPEG(ctx, part(src, p.thumb.at, p.thumb.size), atLeast); small.img != nil {
			got.img, got.err = small.img, nil
		}
		return got
	}
	return f
}

// readPSD reads the head, and finds what is behind it.
func readPSD(src media.Source) (p psdFile, err error) {
	var head [26]byte
	if n, _ := src.ReadAt(head[:], 0); n < len(head) {
		return p, io.ErrUnexpectedEOF
	}
	be := binary.BigEndian
	p.large, p.channels = be.Uint16(head[4:]) == 2, int(be.Uint16(head[12:]))
	p.height, p.width = int(be.Uint32(head[14:])), int(be.Uint32(head[18:]))
	p.depth, p.mode = int(be.Uint16(head[22:])), int(be.Uint16(head[24:]))
	if p.width <= 0 || p.height <= 0 || p.width > 300_000 || p.height > 300_000 {
		return p, errors.New("the Photoshop document has no size")
	}
	at := int64(len(head))
	colours, ok := section32(src, &at)
	if ok && p.mode == psdIndexed && colours.size >= 768 {
		p.palette = make([]byte, 768)
		if n, _ := src.ReadAt(p.palette, colours.at); n < len(p.palette) {
			p.palette = nil
		}
	}
	resources, ok2 := section32(src, &at)
	if !ok || !ok2 {
		return p, io.ErrUnexpectedEOF
	}
	p.resources(src, resources)
	if p.large {
		var b [8]byte
		if n, _ := src.ReadAt(b[:], at); n < len(b) {
			return p, nil
		}
		size := be.Uint64(b[:])
		if size > uint64(src.Size) {
			return p, nil
		}
		p.merged = at + 8 + int64(size)
	} else if _, ok := section32(src, &at); ok {
		p.merged = at
	}
	return p, nil
}

// section32 reads the length of a section, and goes behind it.
func section32(src media.Source, at *int64) (s place, ok bool) {
	var b [4]byte
	if n, _ := src.ReadAt(b[:], *at); n < len(b) {
		return s, false
	}
	s = place{*at + 4, int64(binary.BigEndian.Uint32(b[:]))}
	*at = s.at + s.size
	return s, *at <= src.Size
}

// resources finds the small picture and the facts.
func (p *psdFile) resources(src media.Source, in place) {
	var head [7]byte
	at, end := in.at, in.at+in.size
	for range maxResources {
		if n, _ := src.ReadAt(head[:], at); n < len(head) || at+12 > end {
			return
		}
		id := binary.BigEndian.Uint16(head[4:])
		at += 6 + (int64(head[6])+2)&^1 // a name, made even together with its length
		data, ok := section32(src, &at)
		if !ok || data.at+data.size > end {
			return
		}
		at += data.size & 1
		switch {
		case id == 1036 && data.size > 28: // 28 bytes that say how it is packed: always as JPEG
			p.thumb = place{data.at + 28, data.size - 28}
		case id == 1058:
			p.exif = data
		}
	}
}

// decode reads the picture of all layers, channel after channel.
func (p *psdFile) decode(ctx context.Context, src media.Source) (image.Image, error) {
	need := map[int]int{psdGray: 1, psdDuotone: 1, psdIndexed: 1, psdRGB: 3, psdCMYK: 4}[p.mode]
	switch {
	case p.merged == 0 || p.merged >= src.Size:
		return nil, errors.New("the Photoshop document ends too early")
	case need == 0 || p.depth != 8 && p.depth != 16 || p.mode == psdIndexed && p.palette == nil:
		return nil, fmt.Errorf("pictures of colour mode %d with %d bits are not shown", p.mode, p.depth)
	case p.channels < need || p.channels > 56:
		return nil, errors.New("the Photoshop document is damaged")
	}
	if err := fits(p.width, p.height, 4); err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(io.NewSectionReader(src, p.merged, src.Size-p.merged), 256<<10)
	var packed [2]byte
	if _, err := io.ReadFull(r, packed[:]); err != nil {
		return nil, err
	}
	rows := rawRow
	switch binary.BigEndian.Uint16(packed[:]) {
	case 0:
	case 1:
		count := 2
		if p.large {
			count = 4
		}
		if _, err := r.Discard(count * p.channels * p.height); err != nil { // lengths of rows, which end by themselves
			return nil, err
		}
		rows = packedRow
	default:
		return nil, errors.New("its picture is packed in a way that is not read")
	}
	img := image.NewRGBA(image.Rect(0, 0, p.width, p.height))
	row := make([]byte, p.width*p.depth/8)
	for channel := range need {
		for y := range p.height {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err := rows(r, row); err != nil {
				if channel == need-1 || p.mode == psdGray {
					p.colour(img, need)
					return img, err // as far as it goes
				}
				return nil, err
			}
			out := img.Pix[y*img.Stride:]
			for x := range p.width {
				out[4*x+channel] = row[x*p.depth/8]
			}
		}
	}
	p.colour(img, need)
	return img, nil
}

func rawRow(r *bufio.Reader, row []byte) error {
	_, err := io.ReadFull(r, row)
	return err
}

// packedRow unpacks a row of PackBits.
func packedRow(r *bufio.Reader, row []byte) error {
	for len(row) > 0 {
		n, err := r.ReadByte()
		if err != nil {
			return err
		}
		switch {
		case n < 128:
			count := min(int(n)+1, len(row))
			if _, err := io.ReadFull(r, row[:count]); err != nil {
				return err
			}
			row = row[count:]
		case n > 128:
			b, err := r.ReadByte()
			if err != nil {
				return err
			}
			count := min(257-int(n), len(row))
			for i := range count {
				row[i] = b
			}
			row = row[count:]
		}
	}
	return nil
}

// colour makes colours of what stands in the channels.
func (p *psdFile) colour(img *image.RGBA, channels int) {
	for i := 0; i < len(img.Pix); i += 4 {
		px := img.Pix[i : i+4 : i+4]
		switch {
		case p.mode == psdIndexed:
			at := int(px[0])
			px[0], px[1], px[2] = p.palette[at], p.palette[256+at], p.palette[512+at]
		case channels == 1:
			px[1], px[2] = px[0], px[0]
		case channels == 4: // what ink leaves of the light
			for c := range 3 {
				px[c] = uint8(int(px[c]) * int(px[3]) / 255)
			}
		}
		px[3] = 255
	}
}
