package picture

import (
	"context"
	"image"
	"image/color"
	"io"

	"golang.org/x/image/bmp"

	"github.com/stardrive/stardrive/internal/media"
)

// openBMP decodes at full size: there is no other.
func openBMP(_ context.Context, src media.Source, _ int) found {
	return whole(src, bmp.DecodeConfig, bmp.Decode)
}

// whole decodes by a decoder that makes the picture at full size, after a look at
// how much that takes.
func whole(src media.Source, config func(io.Reader) (image.Config, error), decode func(io.Reader) (image.Image, error)) (got found) {
	c, err := config(section(src))
	if err != nil {
		return found{err: err}
	}
	got.width, got.height = c.Width, c.Height
	if got.err = fits(c.Width, c.Height, bytesPerPixel(c.ColorModel)); got.err != nil {
		return got
	}
	got.img, got.err = decode(section(src))
	return got
}

// bytesPerPixel is what Go's pictures of a model hold.
func bytesPerPixel(m color.Model) int {
	switch m {
	case color.GrayModel, color.AlphaModel:
		return 1
	case color.Gray16Model, color.Alpha16Model:
		return 2
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	}
	if _, ok := m.(color.Palette); ok {
		return 1
	}
	return 4
}
