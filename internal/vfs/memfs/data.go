package memfs

import "slices"

const (
	blockSize  = 4096
	sectorSize = 512
)

// data are the bytes of a file. A block is never changed once it is in there, so
// that copies of data share them: nil is a hole, and what a block lacks at its
// end are zeros.
type data struct {
	size   int64
	blocks [][]byte
}

func dataOf(p []byte) (d data) {
	p = slices.Clone(p)
	d.size = int64(len(p))
	for part := range slices.Chunk(p, blockSize) {
		d.blocks = append(d.blocks, part[:len(part):len(part)])
	}
	return d
}

// copy is d, to be changed while d stays.
func (d data) copy() data { return data{d.size, slices.Clone(d.blocks)} }

func (d data) block(i int64) []byte {
	if i < int64(len(d.blocks)) {
		return d.blocks[i]
	}
	return nil
}

// readAt fills p from off on; it returns how many bytes there were.
func (d data) readAt(p []byte, off int64) int {
	if off >= d.size {
		return 0
	}
	p = p[:min(int64(len(p)), d.size-off)]
	for done := 0; done < len(p); {
		at := off + int64(done)
		in := at % blockSize
		part := p[done:min(len(p), done+int(blockSize-in))]
		n := 0
		if b := d.block(at / blockSize); int64(len(b)) > in {
			n = copy(part, b[in:])
		}
		clear(part[n:])
		done += len(part)
	}
	return len(p)
}

func (d *data) writeAt(p []byte, off int64) {
	d.size = max(d.size, off+int64(len(p)))
	d.grow()
	for len(p) > 0 {
		i, in := off/blockSize, int(off%blockSize)
		n := min(len(p), blockSize-in)
		old := d.blocks[i]
		b := make([]byte, max(len(old), in+n))
		copy(b, old)
		copy(b[in:], p[:n])
		d.blocks[i] = b
		p, off = p[n:], off+int64(n)
	}
}

func (d *data) grow() {
	if missing := int((d.size+blockSize-1)/blockSize) - len(d.blocks); missing > 0 {
		d.blocks = append(d.blocks, make([][]byte, missing)...)
	}
}

func (d *data) truncate(size int64) {
	d.size = size
	if last := size / blockSize; last < int64(len(d.blocks)) {
		if b := d.blocks[last]; int64(len(b)) > size%blockSize {
			d.blocks[last] = slices.Clone(b[:size%blockSize])
		}
		d.blocks = d.blocks[:(size+blockSize-1)/blockSize]
	}
	d.grow()
}

// used is the room that the bytes take.
func (d data) used() (n int64) {
	for _, b := range d.blocks {
		if b != nil {
			n += blockSize
		}
	}
	return n
}

// nextData finds the next blocks that are no hole.
func (d data) nextData(off int64) (start, end int64, ok bool) {
	i := off / blockSize
	for i*blockSize < d.size && d.block(i) == nil {
		i++
	}
	if start = max(off, i*blockSize); start >= d.size {
		return 0, 0, false
	}
	for d.block(i) != nil {
		i++
	}
	return start, min(d.size, i*blockSize), true
}
