package scaled

const (
	maxCodeLength = 16
	lutBits       = 9
)

// huffman is a table of codes, section C.
type huffman struct {
	ready bool
	// lut has for the next lutBits bits the length of the code they begin with
	// in the high byte, and its value in the low one; 0 where it is longer.
	lut [1 << lutBits]uint16
	// quick has for the next lutBits bits, where a code and the number behind it
	// fit into them, number<<16 | zeros before it<<8 | bits altogether.
	quick [1 << lutBits]int32
	vals  [256]byte
	// Of the codes of each length: the largest (-1: none), and where in vals a
	// code's value stands, less the code.
	max    [maxCodeLength + 1]int32
	offset [maxCodeLength + 1]int32
}

// processDHT takes tables, section B.2.4.2.
func (d *decoder) processDHT(n int) error {
	for n > 0 {
		if n < 17 {
			return FormatError("a table of codes has the wrong length")
		}
		if err := d.in.readFull(d.tmp[:17]); err != nil {
			return err
		}
		class, id := d.tmp[0]>>4, d.tmp[0]&0x0f
		if class > 1 || id > 3 || d.baseline && id > 1 {
			return FormatError("a table of codes has a bad number")
		}
		h := &d.huff[class][id]
		total := 0
		for _, count := range d.tmp[1:17] {
			total += int(count)
		}
		if n -= total + 17; total == 0 || total > len(h.vals) || n < 0 {
			return FormatError("a table of codes has the wrong length")
		}
		if err := d.in.readFull(h.vals[:total]); err != nil {
			return err
		}
		if !h.build(d.tmp[1:17]) {
			return FormatError("a table has too many codes")
		}
	}
	return nil
}

// build makes the tables of codes whose values are in h.vals already. It reports
// whether there can be as many codes of each length.
func (h *huffman) build(counts []byte) bool {
	clear(h.lut[:])
	clear(h.quick[:])
	code, index := int32(0), int32(0)
	for i, count := range counts {
		length := i + 1
		h.max[length] = -1
		if count > 0 {
			h.offset[length] = index - code
			h.max[length] = code + int32(count) - 1
			if h.max[length] >= 1<<length {
				return false
			}
			for k := range int32(count) {
				if length <= lutBits {
					h.enter(uint(code+k), length, h.vals[index+k])
				}
			}
		}
		index += int32(count)
		code = (code + int32(count)) << 1
	}
	h.ready = true
	return true
}

// enter writes one code into lut and quick.
func (h *huffman) enter(code uint, length int, value byte) {
	rest := lutBits - length
	size := int(value & 0x0f)
	for tail := range uint(1) << rest {
		at := code<<rest | tail
		h.lut[at] = uint16(length)<<8 | uint16(value)
		if size > 0 && size <= rest {
			v := int32(tail >> (rest - size))
			if v < 1<<(size-1) {
				v += -1<<size + 1
			}
			h.quick[at] = v<<16 | int32(value>>4)<<8 | int32(length+size)
		}
	}
}

// symbol takes the next code and returns its value.
func (d *decoder) symbol(h *huffman) (byte, error) {
	in := &d.in
	if in.n < maxCodeLength {
		in.refill()
	}
	var e uint16
	if in.n >= lutBits {
		e = h.lut[in.acc>>(in.n-lutBits)&(1<<lutBits-1)]
	} else {
		e = h.lut[in.acc<<(lutBits-in.n)&(1<<lutBits-1)]
	}
	if length := uint(e >> 8); length != 0 {
		if length > in.n {
			return 0, errShort
		}
		in.n -= length
		return byte(e), nil
	}
	for length := uint(lutBits + 1); length <= maxCodeLength; length++ {
		if length > in.n {
			return 0, errShort
		}
		code := int32(in.acc>>(in.n-length)) & (1<<length - 1)
		if code <= h.max[length] {
			in.n -= length
			return h.vals[(code+h.offset[length])&0xff], nil
		}
	}
	return 0, FormatError("a code is none")
}
