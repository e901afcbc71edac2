package scaled

// The inverse cosine transforms of 8, 4, 2 and 1 points a side. That of N points
// takes the N×N lowest frequencies of a block and yields what an ideal shrinking
// of the block would show.
//
// In one dimension, with N points of 8 frequencies,
//
//	f(x) = Σ k(u) F(u) cos((2x+1)uπ / 2N),  k(0) = 1/√8, k(u) = 1/2
//
// so two dimensions of a flat block give F(0,0)/8 for every N.

const blockSize = 64

// block is an 8×8 block of frequencies, in natural order (not zig-zag).
type block [blockSize]int32

const (
	fixed = 11 // bits of fraction in the constants below
	keep  = 4  // bits of fraction kept between the two passes

	cos1x4 = 946 // 2048 · ½cos(π/8)
	cos3x4 = 392 // 2048 · ½cos(3π/8)
	flat   = 724 // 2048 / √8
	cos1x2 = 724 // 2048 · ½cos(π/4)
)

// idct4 writes 4×4 pixels.
func idct4(b *block, dst []byte, stride int) {
	var t [16]int32
	for u := range 4 { // columns of frequencies
		c0, c1, c2, c3 := b[u], b[8+u], b[16+u], b[24+u]
		e0, e1 := (c0+c2)*flat, (c0-c2)*flat
		o0, o1 := c1*cos1x4+c3*cos3x4, c1*cos3x4-c3*cos1x4
		const half = 1 << (fixed - keep - 1)
		t[u] = (e0 + o0 + half) >> (fixed - keep)
		t[4+u] = (e1 + o1 + half) >> (fixed - keep)
		t[8+u] = (e1 - o1 + half) >> (fixed - keep)
		t[12+u] = (e0 - o0 + half) >> (fixed - keep)
	}
	for y := range 4 {
		c0, c1, c2, c3 := t[4*y], t[4*y+1], t[4*y+2], t[4*y+3]
		e0, e1 := (c0+c2)*flat, (c0-c2)*flat
		o0, o1 := c1*cos1x4+c3*cos3x4, c1*cos3x4-c3*cos1x4
		row := dst[y*stride:]
		row = row[:4:4]
		row[0] = pixel(e0+o0, fixed+keep)
		row[1] = pixel(e1+o1, fixed+keep)
		row[2] = pixel(e1-o1, fixed+keep)
		row[3] = pixel(e0-o0, fixed+keep)
	}
}

// idct2 writes 2×2 pixels.
func idct2(b *block, dst []byte, stride int) {
	s0, s1 := b[0]*flat, b[1]*cos1x2
	d0, d1 := b[8]*cos1x2, b[9]*cos1x2
	const half = 1 << (fixed - keep - 1)
	top0, top1 := (s0+d0+half)>>(fixed-keep), (s1+d1+half)>>(fixed-keep)
	low0, low1 := (s0-d0+half)>>(fixed-keep), (s1-d1+half)>>(fixed-keep)
	dst[0] = pixel(top0*flat+top1*cos1x2, fixed+keep)
	dst[1] = pixel(top0*flat-top1*cos1x2, fixed+keep)
	dst[stride] = pixel(low0*flat+low1*cos1x2, fixed+keep)
	dst[stride+1] = pixel(low0*flat-low1*cos1x2, fixed+keep)
}

// even fills a block of n×n pixels that has no frequency but the lowest.
func even(dc int32, dst []byte, stride, n int) {
	v := pixel(dc, 3)
	for range n {
		row := dst[:n]
		for x := range row {
			row[x] = v
		}
		if len(dst) <= stride {
			return
		}
		dst = dst[stride:]
	}
}

// pixel rounds away bits of fraction, moves the middle from 0 to 128 and clips.
func pixel(v int32, bits uint) byte {
	v = (v+1<<(bits-1))>>bits + 128
	if uint32(v) > 255 {
		return byte(^(v >> 31)) // 0 below, 255 above
	}
	return byte(v)
}

// idct8 writes 8×8 pixels.
func idct8(b *block, dst []byte, stride int) {
	idct(b)
	for y := range 8 {
		row := dst[y*stride:]
		row = row[:8:8]
		for x := range row {
			v := b[8*y+x] + 128
			if uint32(v) > 255 {
				v = ^(v >> 31)
			}
			row[x] = byte(v)
		}
	}
}
