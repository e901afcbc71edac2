package picture

import (
	"bytes"
	"context"
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
				f.meta, f.about, size = imagemeta.TIFF, &about, readTIFF(about)
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

func isBox(src media.Source, b mp4.Box, id string) bool {
	return b.Type == "uuid" && hex.EncodeToString(b.Bytes(src, 16)) == id
}
