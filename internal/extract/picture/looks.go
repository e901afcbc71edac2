package picture

import (
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/bbrks/go-blurhash"
)

// colours tells a few colours of a picture: its blurhash.
func colours(img *image.RGBA) string {
	across, down := 4, 3
	if b := img.Rect; b.Dy() > b.Dx() {
		across, down = 3, 4
	}
	hash, err := blurhash.Encode(across, down, onWhite(shrunk(img, 32)))
	if err != nil { // it takes any picture and these numbers
		return ""
	}
	return hash
}

// onWhite lays what can be seen through on white paper.
func onWhite(img *image.RGBA) *image.RGBA {
	if img.Opaque() {
		return img
	}
	dst := image.NewRGBA(img.Rect)
	for i := 0; i < len(img.Pix); i += 4 {
		paper := 255 - img.Pix[i+3]
		for k := range 3 {
			dst.Pix[i+k] = uint8(min(255, int(img.Pix[i+k])+int(paper)))
		}
		dst.Pix[i+3] = 255
	}
	return dst
}

// Of the cosine transform of side × side grey pixels the 8 × 8 lowest
// frequencies count, but not the brightness as a whole.
const side = 32

// perceptual tells what a picture looks like by a number of which few bits differ
// between pictures that look alike: the DCT hash of Christoph Zauner, "Implementation and
// Benchmarking of Perceptual Image Hash Functions", 2010: each of 64 frequencies
// is one bit, set where it is above the median of all. Of a picture in which
// there is hardly anything to see it is empty: noise decides its bits.
func perceptual(img *image.RGBA) string {
	img = onWhite(img)
	pix := shrink(plane{img.Rect.Dx(), img.Rect.Dy(), 4, func(y int) []byte { return img.Pix[y*img.Stride:] }}, side, side)
	var grey [side][side]float64
	low, high := 255.0, 0.0
	for i := range side * side {
		v := 0.299*float64(pix[4*i]) + 0.587*float64(pix[4*i+1]) + 0.114*float64(pix[4*i+2])
		grey[i/side][i%side] = v
		low, high = min(low, v), max(high, v)
	}
	if high-low < 8 {
		return ""
	}
	freq := frequencies(&grey)
	sorted := slices.Clone(freq[:])
	slices.Sort(sorted)
	median := (sorted[31] + sorted[32]) / 2
	bits := uint64(0)
	for i, f := range freq {
		if f > median {
			bits |= 1 << (63 - i)
		}
	}
	return fmt.Sprintf("%016x", bits)
}

// frequencies returns rows and columns 1 to 8 of the cosine transform.
func frequencies(grey *[side][side]float64) (out [64]float64) {
	var wave [8][side]float64
	for u := range wave {
		for x := range side {
			wave[u][x] = math.Cos(float64(2*x+1) * float64(u+1) * math.Pi / (2 * side))
		}
	}
	var rows [side][8]float64
	for y := range side {
		for u := range 8 {
			for x, v := range grey[y] {
				rows[y][u] += v * wave[u][x]
			}
		}
	}
	for v := range 8 {
		for u := range 8 {
			for y := range side {
				out[8*v+u] += rows[y][u] * wave[v][y]
			}
		}
	}
	return out
}
