package scaled

import (
	"encoding/binary"
	"errors"
	"io"
)

// errShort means that the data of a scan end before it does.
var errShort = FormatError("it ends too early")

// input hands out bytes and bits. Bits are taken in eight bytes ahead; that never
// goes past a marker, so nothing need be given back at the end of a scan.
type input struct {
	r      io.Reader
	buf    [32 << 10]byte
	i, j   int // buf[i:j] is not taken yet
	ended  bool
	acc    uint64 // its n lowest bits are next
	n      uint
	marker bool // the next byte is a marker's, or there is none
}

// more reads on, and keeps what was not taken yet. It reports whether there was
// anything.
func (in *input) more() (bool, error) {
	if in.ended {
		return false, nil
	}
	in.j = copy(in.buf[:], in.buf[in.i:in.j])
	in.i = 0
	for range 100 {
		n, err := in.r.Read(in.buf[in.j:])
		in.j += n
		if errors.Is(err, io.EOF) {
			in.ended = true
			return n > 0, nil
		}
		if err != nil || n > 0 {
			return n > 0, err
		}
	}
	return false, io.ErrNoProgress
}

// readByte takes a byte as it is.
func (in *input) readByte() (byte, error) {
	if in.i == in.j {
		if ok, err := in.more(); err != nil {
			return 0, err
		} else if !ok {
			return 0, errShort
		}
	}
	b := in.buf[in.i]
	in.i++
	return b, nil
}

// readFull takes bytes as they are.
func (in *input) readFull(p []byte) error {
	for {
		n := copy(p, in.buf[in.i:in.j])
		in.i += n
		if p = p[n:]; len(p) == 0 {
			return nil
		}
		if ok, err := in.more(); err != nil {
			return err
		} else if !ok {
			return errShort
		}
	}
}

// skip passes over n bytes.
func (in *input) skip(n int) error {
	for {
		m := min(n, in.j-in.i)
		in.i += m
		if n -= m; n == 0 {
			return nil
		}
		if ok, err := in.more(); err != nil {
			return err
		} else if !ok {
			return errShort
		}
	}
}

// restart forgets the bits that were taken ahead.
func (in *input) restart() {
	in.acc, in.n, in.marker = 0, 0, false
}

// refill takes bits in until there are more than 32, or the scan has no more. A
// reader's error is one of too few bits, too.
func (in *input) refill() {
	for in.n <= 32 && !in.marker {
		if in.j-in.i >= 4 {
			x := binary.BigEndian.Uint32(in.buf[in.i:])
			if y := ^x; (y-0x01010101)&^y&0x80808080 == 0 { // no byte is 0xff
				in.acc, in.n, in.i = in.acc<<32|uint64(x), in.n+32, in.i+4
				return
			}
		}
		in.refillByte()
	}
}

// refillByte takes one byte in. In a scan 0xff stands with a 0 behind it; with
// any other it begins a marker.
func (in *input) refillByte() {
	if in.j-in.i < 2 {
		if _, err := in.more(); err != nil || in.i == in.j {
			in.marker = true
			return
		}
	}
	b := in.buf[in.i]
	if b == 0xff {
		if in.j-in.i < 2 || in.buf[in.i+1] != 0 {
			in.marker = true
			return
		}
		in.i++
	}
	in.i++
	in.acc, in.n = in.acc<<8|uint64(b), in.n+8
}

// bits takes count bits, at most 16.
func (in *input) bits(count uint) (uint32, error) {
	if in.n < count {
		if in.refill(); in.n < count {
			return 0, errShort
		}
	}
	in.n -= count
	return uint32(in.acc>>in.n) & (1<<count - 1), nil
}

// signed takes a number of count bits that stands as JPEG has it: the lower half
// of values are negative ones (F.2.2.1, RECEIVE and EXTEND).
func (in *input) signed(count uint) (int32, error) {
	x, err := in.bits(count)
	if err != nil || count == 0 {
		return 0, err
	}
	v := int32(x)
	if v < 1<<(count-1) {
		v += -1<<count + 1
	}
	return v, nil
}
