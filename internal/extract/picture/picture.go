// Package picture looks into pictures: what is known of them, and smaller ones to
// show. One decoding makes all the sizes that are wanted, upright, never larger
// than the picture itself. It also makes pictures for those who have one of
// something else: a page, a cover, a scene.
//
// It reads nothing but the bytes it is handed, starts nothing, and holds no more
// in memory than a few hundred megabytes whatever a file claims of itself. It
// runs where a crash or an endless loop costs no more than one file, and knows
// nothing of where that is.
package picture

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/extract/picture/heif"
	"github.com/stardrive/stardrive/internal/media"
)

const (
	// maxPixels is the largest picture that is decoded.
	maxPixels = 200_000_000
	// maxHeld is how many bytes of a picture are held at once, where its format
	// has to be decoded as a whole.
	maxHeld = 400 << 20
	// maxRead is the largest file of a format that is read as a whole.
	maxRead = 256 << 20
)

// found is what a format's reader has found.
type found struct {
	width, height int         // pixels, as stored; 0: unknown
	img           image.Image // smaller where that is cheaper; nil: see err
	err           error       // why there is no picture, or not all of it
	turned        bool        // it is upright already, whatever its facts say
	animated      bool
}

// Reader looks into pictures of all formats. It keeps the decoders that are slow
// to get ready. The zero value is ready to use. It must be closed.
type Reader struct{ heif heif.Engine }

// Prepare makes the decoders ready that take a while; without it the first picture
// that needs one waits. See heif.Engine.
func (r *Reader) Prepare(ctx context.Context, cacheDir string) error {
	return r.heif.Prepare(ctx, cacheDir)
}

// Close gives back the memory of decoders. The reader may be used again.
func (r *Reader) Close() error { return r.heif.Close() }

// Derive looks into a picture. It fails with errs.Cancelled, or with the reason,
// in words for people, why nothing at all could be had of it. A picture that is
// damaged is shown as far as it goes.
func (r *Reader) Derive(ctx context.Context, ask media.Ask, src media.Source) (media.Answer, error) {
	return examine(ctx, &r.heif, ask, src)
}

// Derive is the same of the formats that need nothing to get ready: not of HEIC
// and AVIF.
func Derive(ctx context.Context, ask media.Ask, src media.Source) (media.Answer, error) {
	return examine(ctx, nil, ask, src)
}

func examine(ctx context.Context, engine *heif.Engine, ask media.Ask, src media.Source) (media.Answer, error) {
	f, err := sniff(engine, ask, src)
	if err != nil {
		return media.Answer{}, err
	}
	sizes := wanted(ask)
	got := open(ctx, f, src, sizes)
	if errors.Is(ctx.Err(), context.Canceled) { // when time is up, what is known is told
		return media.Answer{}, errs.New(errs.Cancelled, "stopped while looking into a picture")
	}
	facts, orientation := &media.Facts{Animated: got.animated}, 1
	if f.meta != 0 {
		about := f.about
		if about == nil {
			about = []media.Source{src}
		}
		orientation = readFacts(f.meta, about, facts)
	}
	if got.turned {
		orientation = 1
	}
	facts.Width, facts.Height = got.width, got.height
	if orientation > 4 {
		facts.Width, facts.Height = got.height, got.width
	}
	if orientation > 1 {
		facts.Orientation = orientation
	}
	ans := media.Answer{Facts: facts}
	if got.img != nil {
		small, err := show(&ans, sizes, got.img, orientation)
		if err != nil {
			return media.Answer{}, err
		}
		facts.Perceptual = perceptual(small)
		return ans, nil
	}
	if got.err == nil {
		got.err = errors.New("it has no picture")
	}
	if got.width == 0 && facts.Taken.IsZero() && facts.Camera == "" && facts.Title == "" && facts.Caption == "" {
		return media.Answer{}, got.err
	}
	ans.Failed = map[media.Kind]string{}
	for _, size := range sizes {
		ans.Failed[size.kind] = got.err.Error()
	}
	return ans, nil
}

// open decodes, and takes a panic of a decoder for damage.
func open(ctx context.Context, f format, src media.Source, sizes []size) (got found) {
	defer func() {
		if p := recover(); p != nil {
			got = found{width: got.width, height: got.height, err: fmt.Errorf("the %s is damaged (%v)", f.name, p)}
		}
	}()
	atLeast := smallest
	for _, s := range sizes {
		atLeast = max(atLeast, s.pixels)
	}
	got = f.open(ctx, src, atLeast)
	if errors.Is(got.err, io.ErrUnexpectedEOF) || errors.Is(got.err, io.EOF) {
		got.err = fmt.Errorf("the %s ends too early", f.name)
	}
	return got
}

// fits checks what a picture says of its size before anything is made for it.
// Held is the bytes that decoding it keeps for a pixel.
func fits(width, height, held int) error {
	w, h := int64(width), int64(height)
	switch {
	case w <= 0 || h <= 0:
		return errors.New("the picture has no pixels")
	case w > maxPixels || h > maxPixels || w*h > maxPixels || w*h*int64(held) > maxHeld:
		return fmt.Errorf("the picture is too large to decode: %d × %d pixels", width, height)
	}
	return nil
}

// section returns the whole source as a reader of its own.
func section(src media.Source) *io.SectionReader {
	return io.NewSectionReader(src, 0, src.Size)
}
