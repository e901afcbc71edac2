package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"

	"github.com/bep/imagemeta"

	"github.com/stardrive/stardrive/internal/extract/mp4"
	"github.com/stardrive/stardrive/internal/media"
)

// Names of the boxes that Canon puts its own things into.
const (
	canonBox   = "85c0b687820f11e08111f4ce462b6a48" // in moov: facts, and the smallest picture
	previewBox = "eaf42b5e1c984b88b9fbb7dc406e4d16" // at the top: a larger one
)

// cr3Format is raw pictures of newer Canon cameras: what the camera put beside the
// samples is shown.
func cr3Format(src media.Source) format {
	f := format{name: "raw picture"}
	var jpegs []place
	var size tiffFile
	add := func(in mp4.Box, skip int64) {
		in.From += skip
		mp4.Each(src, in.From, in.To, func(b mp4.Box) bool {
			switch b.Type {
			case "THMB", "PRVW":
				if at := bytes.Index(b.Bytes(src, 64), []byte("\xff\xd8\xff")); at >= 0 {
					jpegs = append(jpegs, place{b.From + int64(at), b.To - b.From - int64(at)})
				}
			case "CMT1":
				about := part(src, b.From, b.To-b.From)
				f.meta, size = imagemeta.TIFF, readTIFF(about)
				f.about = append([]media.Source{about}, f.about...)
			case "CMT2":
				f.about = append(f.about, below(b.Bytes(src, maxAbout), exifPointer))
			case "CMT4":
				f.about = append(f.about, below(b.Bytes(src, maxAbout), gpsPointer))
			}
			return true
		})
	}
	mp4.Each(src, 0, src.Size, func(b mp4.Box) bool {
		switch b.Type {
		case "moov":
			mp4.Each(src, b.From, b.To, func(in mp4.Box) bool {
				if isBox(src, in, canonBox) {
					add(in, 16)
				}
				return true
			})
		case "uuid":
			if isBox(src, b, previewBox) {
				add(b, 16+8) // a version, and how many follow
			}
		}
		return true
	})
	f.open = func(ctx context.Context, src media.Source, atLeast int) found {
		dir := tiffFile{width: size.width, height: size.height, jpegs: jpegs}
		best := dir.preview(src, atLeast)
		if best == nil {
			return found{width: size.width, height: size.height, err: errors.New("the file has no preview that can be shown")}
		}
		return dir.open(ctx, best, atLeast)
	}
	return f
}

// Tags of a TIFF that lead to directories of their own.
const exifPointer, gpsPointer = 0x8769, 0x8825

const maxAbout = 256 << 10

// below makes, of a TIFF whose first directory is that of the exposure or the place, one
// as others have it, in which the first leads to that: Canon gives each a TIFF of its own.
func below(data []byte, pointer uint16) media.Source {
	var order interface {
		binary.ByteOrder
		binary.AppendByteOrder
	} = binary.LittleEndian
	if len(data) > 0 && data[0] == 'M' {
		order = binary.BigEndian
	}
	if len(data) >= 8 {
		first, at := order.Uint32(data[4:]), uint32(len(data))
		order.PutUint32(data[4:], at)
		data = order.AppendUint16(data, 1) // one tag
		data = order.AppendUint16(data, pointer)
		data = order.AppendUint16(data, 4) // of 32 bits
		data = order.AppendUint32(data, 1)
		data = order.AppendUint32(data, first)
		data = order.AppendUint32(data, 0) // and no further directory
	}
	return media.Source{ReaderAt: bytes.NewReader(data), Size: int64(len(data))}
}

func isBox(src media.Source, b mp4.Box, id string) bool {
	return b.Type == "uuid" && hex.EncodeToString(b.Bytes(src, 16)) == id
}
