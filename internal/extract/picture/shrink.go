package picture

import (
	"image"
	"image/color"
	"image/draw"
)

// plane is rows of samples, so many bytes each, to be had one after the other.
type plane struct {
	width, height int
	samples       int
	row           func(y int) []byte
}

// span is which samples, and how much of each (of 65536), make one of fewer.
type span struct {
	first   int
	weights []uint32
}

// spans divides from samples among to, each by its share of the length.
func spans(from, to int) []span {
	out := make([]span, to)
	for i := range out {
		// Sample i covers [i·from, (i+1)·from) in units of 1/to of a sample.
		start, end := i*from, (i+1)*from
		first, last := start/to, (end-1)/to
		s := span{first: first, weights: make([]uint32, last-first+1)}
		left := uint32(1 << 16)
		for k := first; k < last; k++ {
			covered := min(end, (k+1)*to) - max(start, k*to)
			w := uint32((int64(covered)<<16 + int64(from)/2) / int64(from))
			w = min(w, left)
			s.weights[k-first] = w
			left -= w
		}
		s.weights[last-first] = left
		out[i] = s
	}
	return out
}

// shrink draws a plane at another size: each of the new samples is the mean of
// the area it covers.
func shrink(p plane, width, height int) []byte {
	n := p.samples
	dst := make([]byte, width*height*n)
	across, down := spans(p.width, width), spans(p.height, height)
	row, sum := make([]uint32, width*n), make([]uint32, width*n)
	have := -1
	for y, s := range down {
		clear(sum)
		for k, weight := range s.weights {
			if have != s.first+k {
				have = s.first + k
				squeeze(row, p.row(have), across, n)
			}
			for i, v := range row {
				sum[i] += v * weight
			}
		}
		out := dst[y*width*n:][:width*n]
		for i, v := range sum {
			out[i] = byte((v + 1<<23) >> 24)
		}
	}
	return dst
}

// squeeze does so with one row; the sums keep 8 bits of fraction.
func squeeze(dst []uint32, src []byte, across []span, n int) {
	if n == 1 {
		for x := range across {
			s := &across[x]
			sum := uint32(0)
			for k, v := range src[s.first:][:len(s.weights)] {
				sum += uint32(v) * s.weights[k]
			}
			dst[x] = sum >> 8
		}
		return
	}
	for x := range across {
		s := &across[x]
		var r, g, b, a uint32
		for k, weight := range s.weights {
			p := src[4*(s.first+k):][:4:4]
			r += uint32(p[0]) * weight
			g += uint32(p[1]) * weight
			b += uint32(p[2]) * weight
			a += uint32(p[3]) * weight
		}
		d := dst[4*x:][:4:4]
		d[0], d[1], d[2], d[3] = r>>8, g>>8, b>>8, a>>8
	}
}

// fit returns the size of a picture whose longer side has no more than so many
// pixels. It never grows.
func fit(width, height, longest int) (int, int) {
	if max(width, height) <= longest {
		return width, height
	}
	if width >= height {
		return longest, max(1, (height*longest+width/2)/width)
	}
	return max(1, (width*longest+height/2)/height), longest
}

// shrunk draws any picture so that its longer side has no more than so many
// pixels.
func shrunk(img image.Image, longest int) *image.RGBA {
	b := img.Bounds()
	width, height := fit(b.Dx(), b.Dy(), longest)
	dst := image.NewRGBA(image.Rect(0, 0, width, height))
	switch m := img.(type) {
	case *image.YCbCr:
		fromYCbCr(dst, m)
	case *image.Gray:
		pix := shrink(plane{b.Dx(), b.Dy(), 1, func(y int) []byte { return m.Pix[y*m.Stride:] }}, width, height)
		for i, v := range pix {
			dst.Pix[4*i], dst.Pix[4*i+1], dst.Pix[4*i+2], dst.Pix[4*i+3] = v, v, v, 255
		}
	default:
		row := image.NewRGBA(image.Rect(0, 0, b.Dx(), 1))
		dst.Pix = shrink(plane{b.Dx(), b.Dy(), 4, func(y int) []byte {
			draw.Draw(row, row.Rect, img, image.Pt(b.Min.X, b.Min.Y+y), draw.Src)
			return row.Pix
		}}, width, height)
	}
	return dst
}

// fromYCbCr shrinks the planes as they are, each from its own sampling, before
// it makes colours of them.
func fromYCbCr(dst *image.RGBA, m *image.YCbCr) {
	b := m.Rect
	width, height := dst.Rect.Dx(), dst.Rect.Dy()
	at := m.YOffset(b.Min.X, b.Min.Y)
	light := shrink(plane{b.Dx(), b.Dy(), 1, func(y int) []byte { return m.Y[at+y*m.YStride:] }}, width, height)
	chroma := chromaSize(m)
	at = m.COffset(b.Min.X, b.Min.Y)
	blue := shrink(plane{chroma.X, chroma.Y, 1, func(y int) []byte { return m.Cb[at+y*m.CStride:] }}, width, height)
	red := shrink(plane{chroma.X, chroma.Y, 1, func(y int) []byte { return m.Cr[at+y*m.CStride:] }}, width, height)
	for i, y := range light {
		p := dst.Pix[4*i:][:4:4]
		p[0], p[1], p[2] = color.YCbCrToRGB(y, blue[i], red[i])
		p[3] = 255
	}
}

// chromaSize returns how many samples of colour a picture has, across and down.
func chromaSize(m *image.YCbCr) image.Point {
	last := m.Rect.Max.Sub(image.Pt(1, 1))
	from, to := m.COffset(m.Rect.Min.X, m.Rect.Min.Y), m.COffset(last.X, last.Y)
	rows := 1
	if m.CStride > 0 {
		rows = (to-m.COffset(last.X, m.Rect.Min.Y))/m.CStride + 1
	}
	return image.Pt(m.COffset(last.X, m.Rect.Min.Y)-from+1, rows)
}
