package scaled

import (
	"image"
	"image/color"
)

// ratio returns how a colour is sampled beside the first.
func ratio(first, c component) (image.YCbCrSubsampleRatio, bool) {
	switch [2]int{first.h / c.h, first.v / c.v} {
	case [2]int{1, 1}:
		return image.YCbCrSubsampleRatio444, true
	case [2]int{1, 2}:
		return image.YCbCrSubsampleRatio440, true
	case [2]int{2, 1}:
		return image.YCbCrSubsampleRatio422, true
	case [2]int{2, 2}:
		return image.YCbCrSubsampleRatio420, true
	case [2]int{4, 1}:
		return image.YCbCrSubsampleRatio411, true
	case [2]int{4, 2}:
		return image.YCbCrSubsampleRatio410, true
	}
	return 0, false
}

// makePlanes makes the planes, grey, when the first scan is there.
func (d *decoder) makePlanes() {
	for i := range d.comp[:d.nComp] {
		c := &d.comp[i]
		if c.plane != nil {
			continue
		}
		c.stride, c.rows = d.mxx*c.h, d.myy*c.v
		c.plane = make([]byte, c.stride*d.n*c.rows*d.n)
		for at := range c.plane {
			c.plane[at] = 128
		}
	}
}

// show writes the pixels of block d.b, whose last frequency in zig-zag order is
// told.
func (d *decoder) show(c *component, bx, by int, last int32) {
	stride := c.stride * d.n
	dst := c.plane[by*d.n*stride+bx*d.n:]
	switch {
	case last == 0 || d.n == 1:
		even(d.b[0], dst, stride, d.n)
	case d.n == 2:
		idct2(&d.b, dst, stride)
	case d.n == 4:
		idct4(&d.b, dst, stride)
	default:
		idct8(&d.b, dst, stride)
	}
}

// image makes a picture of the planes.
func (d *decoder) image() image.Image {
	bounds := image.Rect(0, 0, ceil(d.width*d.n, 8), ceil(d.height*d.n, 8))
	first := d.comp[0]
	if d.nComp == 1 {
		return &image.Gray{Pix: first.plane, Stride: first.stride * d.n, Rect: bounds}
	}
	sampling, _ := ratio(first, d.comp[1])
	m := &image.YCbCr{
		Y: first.plane, YStride: first.stride * d.n,
		Cb: d.comp[1].plane, Cr: d.comp[2].plane, CStride: d.comp[1].stride * d.n,
		SubsampleRatio: sampling, Rect: bounds,
	}
	switch {
	case d.nComp == 4:
		return d.cmyk(m)
	case d.isRGB():
		return d.rgb(m)
	}
	return m
}

// isRGB reports whether the planes are red, green and blue.
func (d *decoder) isRGB() bool {
	if d.jfif {
		return false
	}
	return d.adobe == 0 || d.comp[0].id == 'R' && d.comp[1].id == 'G' && d.comp[2].id == 'B'
}

func (d *decoder) rgb(m *image.YCbCr) image.Image {
	img := image.NewRGBA(m.Rect)
	at := 0
	for y := range m.Rect.Max.Y {
		for x := range m.Rect.Max.X {
			c := m.COffset(x, y)
			img.Pix[at], img.Pix[at+1], img.Pix[at+2], img.Pix[at+3] = m.Y[m.YOffset(x, y)], m.Cb[c], m.Cr[c], 255
			at += 4
		}
	}
	return img
}

// cmyk makes a picture of ink of four planes. Adobe's programs store how little
// ink there is, and, unless they say that they did not, turn the first three
// colours into YCbCr.
func (d *decoder) cmyk(m *image.YCbCr) image.Image {
	img := image.NewCMYK(m.Rect)
	black, stride := d.comp[3].plane, d.comp[3].stride*d.n
	var flip byte
	if d.adobe >= 0 {
		flip = 255
	}
	at := 0
	for y := range m.Rect.Max.Y {
		for x := range m.Rect.Max.X {
			l, c := m.YOffset(x, y), m.COffset(x, y)
			p := [3]byte{m.Y[l], m.Cb[c], m.Cr[c]}
			if d.adobe > 0 {
				// The ink of these is turned once more: they are what light is left.
				p[0], p[1], p[2] = color.YCbCrToRGB(p[0], p[1], p[2])
				p[0], p[1], p[2] = ^p[0], ^p[1], ^p[2]
			}
			for i := range p {
				img.Pix[at+i] = p[i] ^ flip
			}
			img.Pix[at+3] = black[y*stride+x] ^ flip
			at += 4
		}
	}
	return img
}
