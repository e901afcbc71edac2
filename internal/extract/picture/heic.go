package picture

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/bep/imagemeta"

	"github.com/stardrive/stardrive/internal/extract/picture/heif"
	"github.com/stardrive/stardrive/internal/media"
)

// maxHEIF is the largest HEIC or AVIF: it is decoded from memory.
const maxHEIF = 64 << 20

// heifFormat tells HEIC and AVIF apart by their brands.
func heifFormat(engine *heif.Engine, head []byte) format {
	brands := head[8:max(8, min(len(head), int(head[3])+256*int(head[2])))]
	f := format{name: "HEIC", meta: imagemeta.HEIF}
	avif := bytes.Contains(brands, []byte("avif")) || bytes.Contains(brands, []byte("avis"))
	if avif {
		f.name, f.meta = "AVIF", imagemeta.AVIF
	}
	f.open = func(ctx context.Context, src media.Source, atLeast int) found {
		return openHEIF(ctx, engine, avif, src, atLeast)
	}
	return f
}

// openHEIF decodes the small picture beside the large one where it is large
// enough, or nothing else can be decoded; else the large one. Which way is up stands in boxes; EXIF says so once
// more, which counts for nothing.
func openHEIF(ctx context.Context, engine *heif.Engine, avif bool, src media.Source, atLeast int) found {
	got := found{turned: true}
	info, ok := heif.Read(src, src.Size)
	if !ok {
		got.err = errors.New("the file has no picture, or is damaged")
		return got
	}
	got.width, got.height = info.Width, info.Height
	for _, turn := range info.Turns {
		if turn > 4 {
			got.width, got.height = got.height, got.width
		}
	}
	switch {
	case engine == nil:
		got.err = errUnknown
	case src.Size > maxHEIF:
		got.err = errors.New("the file is too large to decode")
	default:
		got.err = fits(info.Width, info.Height, 1) // decoding looks more closely
	}
	if got.err != nil {
		return got
	}
	data := make([]byte, src.Size)
	if _, err := src.ReadAt(data, 0); err != nil && !errors.Is(err, io.EOF) {
		got.err = err
		return got
	}
	decode := engine.HEIC
	if avif {
		decode = engine.AVIF
	}
	enough := max(info.SmallWidth, info.SmallHeight) >= atLeast
	if !enough {
		got.img, got.err = decode(ctx, data, info.Width*info.Height, fits)
	}
	if got.img == nil && info.ShowSmall(data) { // better a small picture than none of one that is too large
		if img, err := decode(ctx, data, info.SmallWidth*info.SmallHeight, fits); err == nil || got.err == nil {
			got.img, got.err = img, err
		}
		if got.img == nil && enough && info.ShowLarge(data) {
			got.img, got.err = decode(ctx, data, info.Width*info.Height, fits)
		}
	}
	if avif && got.img != nil && len(info.Turns) > 0 { // libavif leaves that to others
		img := shrunk(got.img, atLeast)
		for _, turning := range info.Turns {
			img = turn(img, turning)
		}
		got.img = img
	}
	return got
}
