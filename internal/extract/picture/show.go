package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"slices"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/media"
)

// quality is that of the JPEGs made.
const quality = 82

// smallest is the size that what a picture looks like is taken from, always, so
// that it does not depend on what else was wanted.
const smallest = 256

// size is a picture that is wanted.
type size struct {
	kind   media.Kind
	pixels int
}

// wanted returns the pictures that are asked for, the largest first. A strip is
// one only where it comes from a film.
func wanted(ask media.Ask) []size {
	var out []size
	for _, s := range []size{{media.Strip, 4096}, {media.Thumb1024, 1024}, {media.Thumb512, 512}, {media.Thumb256, 256}} {
		if slices.Contains(ask.Want, s.kind) && (s.kind != media.Strip || ask.Kind == "video") {
			out = append(out, s)
		}
	}
	return out
}

// Show puts pictures of img into the answer, as many as are wanted, and its colours
// into the answer's facts. The image is upright.
func Show(ans *media.Answer, want []media.Kind, img image.Image) error {
	if img == nil || img.Bounds().Empty() {
		return errs.New(errs.Invalid, "there is nothing to see")
	}
	_, err := show(ans, wanted(media.Ask{Want: want}), img, 1)
	return err
}

// show shrinks from size to size, and turns the first so that all are upright. It
// returns the smallest.
func show(ans *media.Answer, sizes []size, img image.Image, orientation int) (*image.RGBA, error) {
	b := img.Bounds()
	full := max(b.Dx(), b.Dy())
	longest := smallest
	if len(sizes) > 0 {
		longest = max(longest, sizes[0].pixels)
	}
	now := turn(shrunk(img, longest), orientation)
	var before media.Picture
	for _, s := range sizes {
		if max(now.Rect.Dx(), now.Rect.Dy()) > s.pixels {
			now = shrunk(now, s.pixels)
		}
		p := before
		if p.Bytes == nil || full > s.pixels {
			var err error
			if p, err = encode(now); err != nil {
				return nil, err
			}
		}
		if ans.Pictures == nil {
			ans.Pictures = map[media.Kind]media.Picture{}
		}
		ans.Pictures[s.kind], before = p, p
	}
	if ans.Facts == nil {
		ans.Facts = &media.Facts{}
	}
	now = shrunk(now, smallest)
	ans.Facts.Blurhash = colours(now)
	return now, nil
}

// encode makes a JPEG, or a PNG of what can be seen through.
func encode(img *image.RGBA) (media.Picture, error) {
	var buf bytes.Buffer
	p := media.Picture{MIME: "image/jpeg", Width: img.Rect.Dx(), Height: img.Rect.Dy()}
	write := func(w io.Writer) error { return jpeg.Encode(w, img, &jpeg.Options{Quality: quality}) }
	if !img.Opaque() {
		p.MIME = "image/png"
		write = func(w io.Writer) error { return png.Encode(w, img) }
	}
	if err := write(&buf); err != nil {
		return p, fmt.Errorf("encode a picture: %w", err)
	}
	p.Bytes = buf.Bytes()
	return p, nil
}

// turn makes a picture upright that was stored as EXIF's orientation tells.
func turn(img *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return img
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation > 4 {
		dst = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			var to image.Point
			switch orientation {
			case 2: // mirrored
				to = image.Pt(w-1-x, y)
			case 3: // upside down
				to = image.Pt(w-1-x, h-1-y)
			case 4: // both
				to = image.Pt(x, h-1-y)
			case 5: // mirrored, and turned to the left
				to = image.Pt(y, x)
			case 6: // turned to the left
				to = image.Pt(h-1-y, x)
			case 7: // mirrored, and turned to the right
				to = image.Pt(h-1-y, w-1-x)
			case 8: // turned to the right
				to = image.Pt(y, w-1-x)
			}
			copy(dst.Pix[dst.PixOffset(to.X, to.Y):][:4], img.Pix[img.PixOffset(x, y):][:4])
		}
	}
	return dst
}

// inMemory is a source of bytes that are there already.
func inMemory(b []byte) media.Source {
	return media.Source{ReaderAt: bytes.NewReader(b), Size: int64(len(b))}
}
