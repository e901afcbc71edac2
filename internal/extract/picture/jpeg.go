package picture

import (
	"context"

	"github.com/stardrive/stardrive/internal/extract/picture/scaled"
	"github.com/stardrive/stardrive/internal/media"
)

// openJPEG decodes at the scale that is needed. The small pictures that cameras
// put into a JPEG beside the large one (EXIF, MPF) are not used: they are too
// small for what is wanted, or cut otherwise, and programs that edit pictures
// forget them, so that they show what has been cut away.
func openJPEG(ctx context.Context, src media.Source, atLeast int) found {
	var got found
	p, err := scaled.Open(section(src))
	if err != nil {
		got.err = err
		return got
	}
	got.width, got.height = p.Width, p.Height
	held := 1 // at full size 3 for a pixel, but nothing that large is decoded at full size
	if p.Progressive {
		held = 2*3 + 1
	}
	if got.err = fits(p.Width, p.Height, held); got.err != nil {
		return got
	}
	got.img, got.err = p.Decode(ctx, atLeast)
	return got
}

// jpegSize reads how large a JPEG is; false: it is none that can be decoded.
func jpegSize(src media.Source) (width, height int, ok bool) {
	p, err := scaled.Open(section(src))
	if err != nil {
		return 0, 0, false
	}
	return p.Width, p.Height, true
}
