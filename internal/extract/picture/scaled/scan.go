package scaled

import "context"

// maxScans bounds the work that a few bytes can cause: each scan of a
// progressive picture may touch all of it.
const maxScans = 100

// scan is one pass over the picture, section B.2.3.
type scan struct {
	parts [4]struct {
		c      *component
		dc, ac *huffman
	}
	n                int
	zigStart, zigEnd int32 // the frequencies it has
	high, low        uint  // the bits of them: successive approximation
}

// processSOS reads the head of a scan and the scan.
func (d *decoder) processSOS(ctx context.Context, n int) error {
	if d.nComp == 0 {
		return FormatError("a scan stands before the frame")
	}
	if d.scans++; d.scans > maxScans {
		return UnsupportedError("so many scans")
	}
	if n < 6 || n > len(d.tmp) {
		return FormatError("a scan's head has the wrong length")
	}
	if err := d.in.readFull(d.tmp[:n]); err != nil {
		return err
	}
	s, err := d.scanHead(d.tmp[:n])
	if err != nil {
		return err
	}
	d.makePlanes()
	if d.progressive {
		for i := range s.n {
			if c := s.parts[i].c; c.coeffs == nil {
				c.coeffs = make([]int16, blockSize*c.stride*c.rows)
			}
		}
	}
	d.in.restart()
	d.dc, d.eobRun = [4]int32{}, 0
	return d.each(ctx, &s)
}

// scanHead reads and checks what a scan says of itself.
func (d *decoder) scanHead(b []byte) (s scan, err error) {
	s.n = int(b[0])
	if s.n < 1 || s.n > d.nComp || len(b) != 4+2*s.n {
		return s, FormatError("a scan's head has the wrong length")
	}
	total := 0
	for i := range s.n {
		p := &s.parts[i]
		for j := range d.comp[:d.nComp] {
			if d.comp[j].id == b[1+2*i] {
				p.c = &d.comp[j]
			}
		}
		if p.c == nil {
			return s, FormatError("a scan has an unknown component")
		}
		for _, before := range s.parts[:i] {
			if before.c == p.c {
				return s, FormatError("a scan has a component twice")
			}
		}
		total += p.c.h * p.c.v
		dc, ac := b[2+2*i]>>4, b[2+2*i]&0x0f
		if dc > 3 || ac > 3 || d.baseline && (dc > 1 || ac > 1) {
			return s, FormatError("a scan names a bad table of codes")
		}
		p.dc, p.ac = &d.huff[0][dc], &d.huff[1][ac]
	}
	if s.n > 1 && total > 10 {
		return s, FormatError("a scan's components are sampled too finely")
	}
	s.zigEnd = blockSize - 1
	if d.progressive {
		s.zigStart, s.zigEnd = int32(b[1+2*s.n]), int32(b[2+2*s.n])
		s.high, s.low = uint(b[3+2*s.n]>>4), uint(b[3+2*s.n]&0x0f)
		if s.zigStart == 0 && s.zigEnd != 0 || s.zigStart > s.zigEnd || s.zigEnd >= blockSize {
			return s, FormatError("a scan has bad frequencies")
		}
		if s.zigStart != 0 && s.n != 1 {
			return s, FormatError("a scan has frequencies of several components")
		}
		if s.high != 0 && s.high != s.low+1 || s.low > 13 {
			return s, FormatError("a scan has bad bits")
		}
	}
	return s, nil
}

// each decodes the blocks of a scan, in their order: of several components by
// the smallest rectangle that holds a block of each, of one by its own blocks.
func (d *decoder) each(ctx context.Context, s *scan) error {
	across, down := d.mxx, d.myy
	if s.n == 1 {
		c := s.parts[0].c
		across = ceil(ceil(d.width*c.h, d.comp[0].h), 8)
		down = ceil(ceil(d.height*c.v, d.comp[0].v), 8)
	}
	left, next := d.ri, byte(rst0Marker)
	for my := range down {
		if err := ctx.Err(); err != nil {
			return err
		}
		for mx := range across {
			if d.ri > 0 {
				if left == 0 {
					if err := d.restart(next); err != nil {
						return err
					}
					left, next = d.ri, rst0Marker|(next+1)&7
				}
				left--
			}
			if s.n == 1 {
				if err := d.one(s, 0, mx, my); err != nil {
					return err
				}
				continue
			}
			for i := range s.n {
				c := s.parts[i].c
				for j := range c.h * c.v {
					if err := d.one(s, i, c.h*mx+j%c.h, c.v*my+j/c.h); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// one decodes one block of the i-th component of a scan.
func (d *decoder) one(s *scan, i, bx, by int) error {
	p := &s.parts[i]
	c := p.c
	if d.progressive {
		at := blockSize * (by*c.stride + bx)
		return d.refineBlock(s, i, (*[blockSize]int16)(c.coeffs[at:at+blockSize]))
	}
	last, err := d.sequential(p.dc, p.ac, c)
	if err != nil {
		return err
	}
	d.show(c, bx, by, last)
	d.shown++
	return nil
}

// sequential decodes a whole block into d.b, multiplied by its quantizers, and
// returns the place in zig-zag order of its last frequency. Frequencies that the
// wanted size has no use for are read past all the same: only their bits tell
// where the next block begins.
func (d *decoder) sequential(dc, ac *huffman, c *component) (last int32, err error) {
	if !dc.ready || !ac.ready {
		return 0, FormatError("a table of codes is missing")
	}
	d.b = block{}
	size, err := d.symbol(dc)
	if err != nil {
		return 0, err
	}
	if size > 16 {
		return 0, UnsupportedError("so large a number")
	}
	delta, err := d.in.signed(uint(size))
	if err != nil {
		return 0, err
	}
	quant := &d.quant[c.tq]
	index := c.index
	d.dc[index] += delta
	d.b[0] = d.dc[index] * quant[0]
	in := &d.in
	for zig := int32(1); zig < blockSize; zig++ {
		if in.n < 2*maxCodeLength {
			in.refill()
		}
		if in.n >= lutBits {
			if q := ac.quick[in.acc>>(in.n-lutBits)&(1<<lutBits-1)]; q != 0 {
				zig += q >> 8 & 0xff
				if zig >= blockSize {
					return 0, FormatError("a block has too many numbers")
				}
				in.n -= uint(q & 0xff)
				d.b[unzig[zig]] = q >> 16 * quant[zig]
				last = zig
				continue
			}
		}
		value, err := d.symbol(ac)
		if err != nil {
			return 0, err
		}
		zeros, size := int32(value>>4), uint(value&0x0f)
		if size == 0 {
			if zeros != 15 {
				break
			}
			zig += 15
			continue
		}
		if zig += zeros; zig >= blockSize {
			return 0, FormatError("a block has too many numbers")
		}
		v, err := in.signed(size)
		if err != nil {
			return 0, err
		}
		d.b[unzig[zig]] = v * quant[zig]
		last = zig
	}
	return last, nil
}

// restart passes the marker that stands between two runs of blocks that are
// coded each for itself. Where it is missing, or another, what follows is
// searched for it, so that damage costs one run.
func (d *decoder) restart(want byte) error {
	d.in.restart()
	d.dc, d.eobRun = [4]int32{}, 0
	if err := d.in.readFull(d.tmp[:2]); err != nil {
		return err
	}
	for d.tmp[0] != 0xff || d.tmp[1] != want {
		if d.tmp[0] == 0xff && d.tmp[1] != 0 && d.tmp[1] != 0xff {
			return FormatError("a marker between blocks is a wrong one")
		}
		d.tmp[0] = d.tmp[1]
		var err error
		if d.tmp[1], err = d.in.readByte(); err != nil {
			return err
		}
	}
	return nil
}

func ceil(a, b int) int { return (a + b - 1) / b }
