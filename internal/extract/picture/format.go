package picture

import (
	"context"
	"errors"

	"github.com/bep/imagemeta"

	"github.com/stardrive/stardrive/internal/media"
)

// format is a way in which pictures are stored.
type format struct {
	name string
	open func(ctx context.Context, src media.Source, atLeast int) found
	meta imagemeta.ImageFormat // 0: it has no EXIF and the like
}

// errUnknown is of files that are no picture.
var errUnknown = errors.New("this is no picture of a kind that can be shown")

// sniff tells the format by the first bytes; what the ask says of it matters only
// where they do not tell.
func sniff(ask media.Ask, src media.Source) (format, error) {
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
		return format{"JPEG", openJPEG, imagemeta.JPEG}, nil
	case is(0, "\x89PNG\r\n\x1a\n"):
		return pngFormat(src), nil
	case is(0, "GIF8"):
		return format{"GIF", openGIF, 0}, nil
	case is(0, "RIFF") && is(8, "WEBP"):
		return format{"WebP", openWebP, imagemeta.WebP}, nil
	case is(0, "BM"):
		return format{"BMP", openBMP, 0}, nil
	case is(0, "II*\x00"), is(0, "MM\x00*"):
		return format{"TIFF", openTIFF, imagemeta.TIFF}, nil
	}
	return format{}, errUnknown
}
