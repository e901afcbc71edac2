package scaled

// refineBlock adds what a scan of a progressive picture has of one block.
func (d *decoder) refineBlock(s *scan, i int, b *[blockSize]int16) error {
	p := &s.parts[i]
	if s.high != 0 {
		return d.refine(b, p.ac, s.zigStart, s.zigEnd, int16(1)<<s.low)
	}
	zig := s.zigStart
	if zig == 0 {
		zig++
		if !p.dc.ready {
			return FormatError("a table of codes is missing")
		}
		size, err := d.symbol(p.dc)
		if err != nil {
			return err
		}
		if size > 16 {
			return UnsupportedError("so large a number")
		}
		delta, err := d.in.signed(uint(size))
		if err != nil {
			return err
		}
		d.dc[p.c.index] += delta
		b[0] = int16(d.dc[p.c.index] << s.low)
		d.shown++
	}
	if zig > s.zigEnd {
		return nil
	}
	if d.eobRun > 0 {
		d.eobRun--
		return nil
	}
	return d.firstAC(s, p.ac, zig, b)
}

// firstAC decodes the high bits of frequencies, section F.2.2.2 and G.1.2.2.
func (d *decoder) firstAC(s *scan, ac *huffman, zig int32, b *[blockSize]int16) error {
	if !ac.ready {
		return FormatError("a table of codes is missing")
	}
	for ; zig <= s.zigEnd; zig++ {
		value, err := d.symbol(ac)
		if err != nil {
			return err
		}
		zeros, size := int32(value>>4), uint(value&0x0f)
		if size == 0 {
			if zeros != 15 {
				return d.endRun(uint(zeros))
			}
			zig += 15
			continue
		}
		if zig += zeros; zig > s.zigEnd {
			return nil
		}
		v, err := d.in.signed(size)
		if err != nil {
			return err
		}
		b[unzig[zig]] = int16(v << s.low)
	}
	return nil
}

// endRun reads for how many blocks, this one among them, there is nothing more.
func (d *decoder) endRun(size uint) error {
	more, err := d.in.bits(size)
	if err != nil {
		return err
	}
	d.eobRun = 1<<size + more - 1
	return nil
}

// refine decodes one more bit of each frequency, section G.1.2.
func (d *decoder) refine(b *[blockSize]int16, ac *huffman, zig, zigEnd int32, delta int16) error {
	if zig == 0 {
		bit, err := d.in.bits(1)
		if err == nil && bit != 0 {
			b[0] |= delta
		}
		return err
	}
	if !ac.ready {
		return FormatError("a table of codes is missing")
	}
	for d.eobRun == 0 && zig <= zigEnd {
		value, err := d.symbol(ac)
		if err != nil {
			return err
		}
		zeros, size := int32(value>>4), value&0x0f
		fresh := int16(0)
		switch size {
		case 0:
			if zeros != 15 {
				if err := d.endRun(uint(zeros)); err != nil {
					return err
				}
				d.eobRun++ // this block's rest is dealt with below
				continue
			}
		case 1:
			bit, err := d.in.bits(1)
			if err != nil {
				return err
			}
			if fresh = -delta; bit != 0 {
				fresh = delta
			}
		default:
			return FormatError("a code is none")
		}
		if zig, err = d.refineNonZeroes(b, zig, zigEnd, zeros, delta); err != nil {
			return err
		}
		if zig > zigEnd {
			return FormatError("a block has too many numbers")
		}
		if fresh != 0 {
			b[unzig[zig]] = fresh
		}
		zig++
	}
	if d.eobRun > 0 {
		d.eobRun--
		_, err := d.refineNonZeroes(b, zig, zigEnd, -1, delta)
		return err
	}
	return nil
}

// refineNonZeroes adds a bit to what is not zero, and stops at the zero behind
// as many zeros as it is told to pass (-1: all).
func (d *decoder) refineNonZeroes(b *[blockSize]int16, zig, zigEnd, zeros int32, delta int16) (int32, error) {
	for ; zig <= zigEnd; zig++ {
		u := unzig[zig]
		if b[u] == 0 {
			if zeros == 0 {
				break
			}
			zeros--
			continue
		}
		bit, err := d.in.bits(1)
		if err != nil {
			return 0, err
		}
		switch {
		case bit == 0:
		case b[u] >= 0:
			b[u] += delta
		default:
			b[u] -= delta
		}
	}
	return zig, nil
}

// showAll shows the blocks that the scans of a progressive picture have made.
func (d *decoder) showAll() {
	for i := range d.comp[:d.nComp] {
		c := &d.comp[i]
		if c.coeffs == nil {
			continue
		}
		quant := &d.quant[c.tq]
		for by := range c.rows {
			for bx := range c.stride {
				at := blockSize * (by*c.stride + bx)
				b := c.coeffs[at : at+blockSize]
				last := int32(0)
				for zig, u := range unzig {
					v := int32(b[u]) * quant[zig]
					if d.b[u] = v; v != 0 {
						last = int32(zig)
					}
				}
				d.show(c, bx, by, last)
			}
		}
		c.coeffs = nil
	}
}
