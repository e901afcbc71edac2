package heif

import "image"

// planes is how libheif hands out a picture.
type planes struct {
	width, height, space, chroma, premultiplied int
}

// libheif's numbers.
const (
	spaceYCbCr, spaceRGB, spaceGrey = 0, 1, 2
	chroma420, chroma422, chroma444 = 1, 2, 3
)

// row is the length of a row of so many samples: of an even number of them, at
// least 64, in whole units of 16 bytes.
func row(samples, each int) int {
	return (max(64, samples+samples&1)*each + 15) &^ 15
}

// chromaSize returns the length of a row of colour, and how many there are.
func (p planes) chromaSize() (stride, rows int, sampling image.YCbCrSubsampleRatio, ok bool) {
	switch p.chroma {
	case chroma420:
		return row((p.width+1)/2, 1), (p.height + 1) / 2, image.YCbCrSubsampleRatio420, true
	case chroma422:
		return row((p.width+1)/2, 1), p.height, image.YCbCrSubsampleRatio422, true
	case chroma444:
		return row(p.width, 1), p.height, image.YCbCrSubsampleRatio444, true
	}
	return 0, 0, 0, false
}

// size is how many bytes the decoder writes; 0: it is not known.
func (p planes) size() int {
	switch p.space {
	case spaceYCbCr:
		stride, rows, _, ok := p.chromaSize()
		if !ok {
			return 0
		}
		return row(p.width, 1)*p.height + 2*stride*rows
	case spaceGrey:
		return row(p.width, 1) * p.height
	case spaceRGB:
		return row(p.width, 4) * p.height
	}
	return 0
}

func (p planes) image(pix []byte) image.Image {
	rect := image.Rect(0, 0, p.width, p.height)
	switch p.space {
	case spaceYCbCr:
		stride, rows, sampling, _ := p.chromaSize()
		light := row(p.width, 1) * p.height
		return &image.YCbCr{
			Y: pix[:light], Cb: pix[light : light+stride*rows], Cr: pix[light+stride*rows:],
			YStride: row(p.width, 1), CStride: stride, SubsampleRatio: sampling, Rect: rect,
		}
	case spaceGrey:
		return &image.Gray{Pix: pix, Stride: row(p.width, 1), Rect: rect}
	}
	if p.premultiplied != 0 {
		return &image.RGBA{Pix: pix, Stride: row(p.width, 4), Rect: rect}
	}
	return &image.NRGBA{Pix: pix, Stride: row(p.width, 4), Rect: rect}
}
