package picture

import (
	"bytes"
	"context"
	"errors"

	"github.com/bep/imagemeta"

	"github.com/stardrive/stardrive/internal/extract/picture/heif"
	"github.com/stardrive/stardrive/internal/media"
)

// format is a way in which pictures are stored.
type format struct {
	name string
	open func(ctx context.Context, src media.Source, atLeast int) found
	meta imagemeta.ImageFormat // 0: it has no EXIF and the like
	// about is where EXIF and the like stand, if not in the file as it is. What the
	// first tells counts.
	about []media.Source
}

// errUnknown is of files that are no picture.
var errUnknown = errors.New("this is no picture of a kind that can be shown")

// sniff tells the format by the first bytes; what the ask says of it matters only
// where they do not tell.
func sniff(engine *heif.Engine, ask media.Ask, src media.Source) (format, error) {
	var buf [512]byte
	n, err := src.ReadAt(buf[:min(int64(len(buf)), max(src.Size, 0))], 0)
	head := buf[:n]
	if n == 0 {
		if err != nil && src.Size > 0 {
			return format{}, err
		}
		return format{}, errors.New("the file is empty")
	}
	is := func(at int, s string) bool {
		return len(head) >= at+len(s) && string(head[at:at+len(s)]) == s
	}
	switch {
	case is(0, "\xff\xd8"):
		return format{name: "JPEG", open: openJPEG, meta: imagemeta.JPEG}, nil
	case is(0, "\x89PNG\r\n\x1a\n"):
		return pngFormat(src), nil
	case is(0, jxlBare), is(0, jxlContainer):
		return jxlFormat(src, is(0, jxlContainer)), nil
	case is(0, "GIF8"):
		return format{name: "GIF", open: openGIF}, nil
	case is(0, "RIFF") && is(8, "WEBP"):
		return format{name: "WebP", open: openWebP, meta: imagemeta.WebP}, nil
	case is(0, "BM"):
		return format{name: "BMP", open: openBMP}, nil
	case is(0, "II*\x00"), is(0, "MM\x00*"):
		return format{name: "TIFF", open: openTIFF, meta: imagemeta.TIFF}, nil
	case is(0, "IIU\x00"), is(0, "IIRO"), is(0, "IIRS"), is(0, "MMOR"):
		return rawFormat(src, head), nil
	case is(0, "FUJIFILMCCD-RAW "):
		return fujiFormat(src, head), nil
	case is(4, "ftypcrx "):
		return cr3Format(src), nil
	case is(0, "8BPS"):
		return psdFormat(src), nil
	case is(4, "ftyp"):
		return heifFormat(engine, head), nil
	case is(0, "\x00\x00\x01\x00"), is(0, "\x00\x00\x02\x00"):
		return format{name: "ICO", open: openICO}, nil
	case ask.MIME == "image/svg+xml" || bytes.Contains(head, []byte("<svg")):
		return format{name: "SVG", open: openSVG}, nil
	}
	return format{}, errUnknown
}
