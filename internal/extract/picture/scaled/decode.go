package scaled

import (
	"context"
	"image"
	"io"
)

// FormatError says that a file is no proper JPEG.
type FormatError string

func (e FormatError) Error() string { return "the JPEG is damaged: " + string(e) }

// UnsupportedError says that a JPEG has what is not read here.
type UnsupportedError string

func (e UnsupportedError) Error() string { return "the JPEG has what cannot be read: " + string(e) }

const errSampling = UnsupportedError("an uncommon sampling of colours")

// Markers, table B.1.
const (
	sof0Marker  = 0xc0 // start of frame, baseline
	sof1Marker  = 0xc1 // extended sequential
	sof2Marker  = 0xc2 // progressive
	dhtMarker   = 0xc4 // tables of codes
	rst0Marker  = 0xd0
	rst7Marker  = 0xd7
	soiMarker   = 0xd8 // start of the picture
	eoiMarker   = 0xd9 // end of it
	sosMarker   = 0xda // start of a scan
	dqtMarker   = 0xdb // quantizers
	driMarker   = 0xdd // blocks between restarts
	app0Marker  = 0xe0
	app14Marker = 0xee
	app15Marker = 0xef
	comMarker   = 0xfe
)

// unzig maps the zig-zag order of frequencies to the natural one.
var unzig = [blockSize]int{
	0, 1, 8, 16, 9, 2, 3, 10,
	17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34,
	27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36,
	29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46,
	53, 60, 61, 54, 47, 55, 62, 63,
}

// component is one of the planes a picture is made of.
type component struct {
	index  int
	id     byte
	h, v   int // how finely it is sampled: blocks in the smallest rectangle
	tq     byte
	stride int // blocks in a row
	rows   int // of blocks
	plane  []byte
	coeffs []int16 // of progressive pictures, until all scans are read
}

type decoder struct {
	in  input
	tmp [2 * blockSize]byte
	b   block

	width, height         int
	nComp                 int
	comp                  [4]component
	mxx, myy              int // smallest rectangles across and down
	baseline, progressive bool
	jfif                  bool
	adobe                 int // its transform; -1: none told
	ri                    int // rectangles between restarts

	huff  [2][4]huffman
	quant [4][blockSize]int32 // in zig-zag order

	n      int // pixels of a block's side, as it is shown: 1, 2, 4 or 8
	scans  int
	shown  int // blocks of which there is something to see
	dc     [4]int32
	eobRun uint32
}

// Picture is a JPEG whose frame has been read.
type Picture struct {
	Width, Height int  // pixels, as it is stored
	Progressive   bool // it must be held as a whole: 2 bytes for each sample
	d             *decoder
}

// Open reads as far as the frame, which tells the size. Errors are for people.
func Open(r io.Reader) (*Picture, error) {
	d := &decoder{adobe: -1}
	d.in.r = r
	if err := d.in.readFull(d.tmp[:2]); err != nil {
		return nil, err
	}
	if d.tmp[0] != 0xff || d.tmp[1] != soiMarker {
		return nil, FormatError("it does not begin as one")
	}
	for d.nComp == 0 {
		end, err := d.segment(context.Background())
		if err != nil {
			return nil, err
		}
		if end {
			return nil, FormatError("it has no frame")
		}
	}
	if d.width == 0 || d.height == 0 {
		return nil, FormatError("it has no pixels")
	}
	return &Picture{Width: d.width, Height: d.height, Progressive: d.progressive, d: d}, nil
}

// Decode decodes the picture, once, at the smallest of its scales (1, 1/2, 1/4,
// 1/8) at which its longer side has atLeast pixels, or else as it is. Of a
// picture that is damaged or ends too early it returns what there is, the rest
// grey, together with the error; nil if there is nothing to see. It looks at ctx
// once for each row of blocks.
//
// The picture is an *image.Gray, *image.YCbCr, *image.RGBA or *image.CMYK.
func (p *Picture) Decode(ctx context.Context, atLeast int) (image.Image, error) {
	d := p.d
	for d.n = 1; d.n < 8 && ceil(max(d.width, d.height)*d.n, 8) < atLeast; d.n *= 2 {
	}
	var err error
	for end := false; !end && err == nil; {
		end, err = d.segment(ctx)
	}
	if ctxErr := ctx.Err(); ctxErr != nil {
		return nil, ctxErr
	}
	if d.shown == 0 {
		if err == nil {
			err = FormatError("it has no scan")
		}
		return nil, err
	}
	d.showAll()
	return d.image(), err
}

// segment reads the next segment. It reports whether that was the last.
func (d *decoder) segment(ctx context.Context) (end bool, err error) {
	marker, err := d.nextMarker()
	if err != nil {
		return false, err
	}
	if marker == eoiMarker {
		return true, nil
	}
	if rst0Marker <= marker && marker <= rst7Marker { // some stand behind the last block
		return false, nil
	}
	if err := d.in.readFull(d.tmp[:2]); err != nil {
		return false, err
	}
	n := int(d.tmp[0])<<8 + int(d.tmp[1]) - 2
	if n < 0 {
		return false, FormatError("a segment is too short")
	}
	switch marker {
	case sof0Marker, sof1Marker, sof2Marker:
		d.baseline, d.progressive = marker == sof0Marker, marker == sof2Marker
		return false, d.processSOF(n)
	case dhtMarker:
		return false, d.processDHT(n)
	case dqtMarker:
		return false, d.processDQT(n)
	case sosMarker:
		return false, d.processSOS(ctx, n)
	case driMarker:
		return false, d.processDRI(n)
	case app0Marker:
		return false, d.processApp(n, "JFIF\x00", func([]byte) { d.jfif = true })
	case app14Marker:
		return false, d.processApp(n, "Adobe", func(b []byte) { d.adobe = int(b[11]) })
	}
	if app0Marker <= marker && marker <= app15Marker || marker == comMarker {
		return false, d.in.skip(n)
	}
	if marker < sof0Marker {
		return false, FormatError("it has an unknown marker")
	}
	return false, UnsupportedError("an uncommon way of coding")
}

// nextMarker takes the next marker. What stands before it is passed over, as
// other programs do.
func (d *decoder) nextMarker() (byte, error) {
	if err := d.in.readFull(d.tmp[:2]); err != nil {
		return 0, err
	}
	for d.tmp[0] != 0xff || d.tmp[1] == 0 || d.tmp[1] == 0xff {
		b, err := d.in.readByte()
		if err != nil {
			return 0, err
		}
		d.tmp[0], d.tmp[1] = d.tmp[1], b
	}
	return d.tmp[1], nil
}

// processSOF reads the frame, section B.2.2.
func (d *decoder) processSOF(n int) error {
	if d.nComp != 0 {
		return FormatError("it has two frames")
	}
	if n != 6+3*1 && n != 6+3*3 && n != 6+3*4 {
		return UnsupportedError("an uncommon number of colours")
	}
	if err := d.in.readFull(d.tmp[:n]); err != nil {
		return err
	}
	if d.tmp[0] != 8 {
		return UnsupportedError("samples of other than 8 bits")
	}
	d.height = int(d.tmp[1])<<8 + int(d.tmp[2])
	d.width = int(d.tmp[3])<<8 + int(d.tmp[4])
	count := (n - 6) / 3
	if int(d.tmp[5]) != count {
		return FormatError("its frame has the wrong length")
	}
	for i := range count {
		b := d.tmp[6+3*i:]
		c := component{index: i, id: b[0], h: int(b[1] >> 4), v: int(b[1] & 0x0f), tq: b[2]}
		for _, before := range d.comp[:i] {
			if before.id == c.id {
				return FormatError("two of its colours have one name")
			}
		}
		if c.tq > 3 {
			return FormatError("a colour has a bad quantizer")
		}
		if count == 1 { // the only one is its own measure, A.1.1
			c.h, c.v = 1, 1
		}
		d.comp[i] = c
	}
	if err := checkSampling(d.comp[:count]); err != nil {
		return err
	}
	d.nComp = count
	d.mxx = ceil(d.width, 8*d.comp[0].h)
	d.myy = ceil(d.height, 8*d.comp[0].v)
	return nil
}

// checkSampling takes the samplings that image.YCbCr can hold: the second and
// third component alike, and the first a multiple of them; a fourth like the first.
func checkSampling(comp []component) error {
	first := comp[0]
	for i, c := range comp {
		ok := c.h >= 1 && c.v >= 1 && c.h <= 4 && c.v <= 4 && c.h != 3 && c.v != 3
		switch {
		case !ok:
		case i == 0:
			ok = c.v != 4
		case i == 3:
			ok = c.h == first.h && c.v == first.v
		default:
			ok = c.h == comp[1].h && c.v == comp[1].v && first.h%c.h == 0 && first.v%c.v == 0
			if ok {
				_, ok = ratio(first, c)
			}
		}
		if !ok {
			return errSampling
		}
	}
	return nil
}

// processDQT reads quantizers, section B.2.4.1.
func (d *decoder) processDQT(n int) error {
	for n > 0 {
		n--
		x, err := d.in.readByte()
		if err != nil {
			return err
		}
		wide, id := int(x>>4), x&0x0f
		if wide > 1 || id > 3 || n < blockSize*(1+wide) {
			return FormatError("its quantizers are bad")
		}
		size := blockSize * (1 + wide)
		n -= size
		if err := d.in.readFull(d.tmp[:size]); err != nil {
			return err
		}
		for i := range d.quant[id] {
			if wide == 0 {
				d.quant[id][i] = int32(d.tmp[i])
			} else {
				d.quant[id][i] = int32(d.tmp[2*i])<<8 | int32(d.tmp[2*i+1])
			}
		}
	}
	return nil
}

// processDRI reads how far restarts stand apart, section B.2.4.4.
func (d *decoder) processDRI(n int) error {
	if n != 2 {
		return FormatError("its interval of restarts has the wrong length")
	}
	if err := d.in.readFull(d.tmp[:2]); err != nil {
		return err
	}
	d.ri = int(d.tmp[0])<<8 + int(d.tmp[1])
	return nil
}

// processApp hands the first 12 bytes of a segment over, if it has the name.
func (d *decoder) processApp(n int, name string, take func([]byte)) error {
	if n < 12 {
		return d.in.skip(n)
	}
	if err := d.in.readFull(d.tmp[:12]); err != nil {
		return err
	}
	if string(d.tmp[:len(name)]) == name {
		take(d.tmp[:12])
	}
	return d.in.skip(n - 12)
}
