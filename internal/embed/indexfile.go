package embed

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"

	"github.com/stardrive/stardrive/internal/durable"
)

// The file of an index holds a head, two slots, and blocks. Blocks are only ever
// added at the end; one may stand for some of the last before it, which then count
// no more. A slot says how far the file counts: the one with the higher turn is
// true, and the other one is written next, when the block is on the disk already.
// So whatever cuts the writing short leaves the state of the last Flush, and
// damage to anything that counts is seen when the file is opened. Numbers are
// stored as the machine has them; a file of another sort of machine is unusable.
const (
	fileMagic   = "SDvector"
	fileVersion = 1
	nativeOrder = 0x01020304
	blockMagic  = "SDvblock"
	blockAlign  = 64 << 10 // a multiple of every page size
	blockHead   = 64       // bytes before a block's columns
	slotAt      = 4096     // the first slot; the other one follows at twice that
	maxRows     = 1 << 30
)

type fileHead struct {
	Magic   [8]byte
	Order   uint32
	Version uint32
	Dim     uint32
	NameLen uint32
	Name    [MaxName + 1]byte
	Sum     uint32
}

// slot says how far a file counts.
type slot struct {
	Turn   uint64
	Length int64  // of the file
	Blocks uint32 // in it, those that count no more as well
	Sum    uint32
}

type head struct {
	Magic    [8]byte
	Number   uint32 // of the block in the file, from 0
	Replaces uint32 // blocks before it that count no more
	Rows     uint32
	Gone     uint32
	Sum      uint32
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sealed writes fixed-size values as the machine has them; the last four bytes
// become the checksum of those before.
func sealed(v any) []byte {
	var b bytes.Buffer
	_ = binary.Write(&b, binary.NativeEndian, v) // cannot fail: fixed-size values into memory
	out := b.Bytes()
	binary.NativeEndian.PutUint32(out[len(out)-4:], crc32.Checksum(out[:len(out)-4], castagnoli))
	return out
}

// unseal reads what sealed wrote; false: it is not that.
func unseal(b []byte, v any) bool {
	n := binary.Size(v)
	if len(b) < n || binary.NativeEndian.Uint32(b[n-4:]) != crc32.Checksum(b[:n-4], castagnoli) {
		return false
	}
	_, err := binary.Decode(b[:n], binary.NativeEndian, v)
	return err == nil
}

func headOf(name string, dim int) []byte {
	h := fileHead{Order: nativeOrder, Version: fileVersion, Dim: uint32(dim), NameLen: uint32(len(name))}
	copy(h.Magic[:], fileMagic)
	copy(h.Name[:], name)
	return sealed(&h)
}

func aligned(n int64) int64 { return (n + blockAlign - 1) &^ (blockAlign - 1) }

// file is what is written. Nobody holds it open.
type file struct {
	path  string
	name  string
	shape shape
	slot  slot // the one that is true
}

// openFile reads and checks all that counts, and maps it. fs.ErrNotExist: there
// is none; ErrUnusable.
func openFile(path, name string, dim int) (*file, []*part, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	begin := make([]byte, blockAlign)
	if n, err := io.ReadFull(f, begin); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, nil, unusable(path, "it has %d bytes only", n)
		}
		return nil, nil, err
	}
	if want := headOf(name, dim); !bytes.Equal(begin[:len(want)], want) {
		return nil, nil, unusable(path, "its head is damaged, or of another embedder or version")
	}
	fl := &file{path: path, name: name, shape: shapeOf(dim)}
	for i := 1; i <= 2; i++ {
		var s slot
		if unseal(begin[i*slotAt:], &s) && s.Turn > fl.slot.Turn {
			fl.slot = s
		}
	}
	if fi, err := f.Stat(); err != nil || fl.slot.Turn == 0 || fl.slot.Length < blockAlign || fl.slot.Length > fi.Size() {
		return nil, nil, unusable(path, "it is cut off, or both its slots are damaged")
	}
	parts, err := fl.readBlocks(f)
	if err != nil {
		for _, p := range parts {
			_ = p.release() // the first error tells more
		}
		return nil, nil, err
	}
	return fl, parts, nil
}

// readBlocks returns the parts that count, and those so far with an error.
func (fl *file) readBlocks(f *os.File) (parts []*part, err error) {
	off, buf := int64(blockAlign), make([]byte, 256<<10)
	for number := range fl.slot.Blocks {
		h, length, err := fl.readBlock(f, off, buf)
		if err != nil {
			return parts, err
		}
		if h.Number != number || int(h.Replaces) > len(parts) {
			return parts, unusable(fl.path, "block %d does not follow those before", number)
		}
		for _, p := range parts[len(parts)-int(h.Replaces):] {
			_ = p.release() // it was mapped a moment ago: nothing can be wrong with it
		}
		parts = parts[:len(parts)-int(h.Replaces)]
		m, err := mapFile(f, off, length)
		if err != nil {
			return parts, err
		}
		var p *part
		err = guard(fl.path, func() error {
			p = lay(fl.shape, m.bytes[blockHead:], int(h.Rows), int(h.Gone))
			if !p.sound() {
				return unusable(fl.path, "block %d holds what cannot be", number)
			}
			for _, owner := range p.gone {
				for _, before := range parts {
					before.kill(before.find(owner))
				}
			}
			return nil
		})
		if err != nil {
			_ = m.release() // the first error tells more
			return parts, err
		}
		p.mapping = m
		parts = append(parts, p)
		off = aligned(off + length + 8)
	}
	if off != aligned(fl.slot.Length) {
		return parts, unusable(fl.path, "its blocks do not end where it does")
	}
	return parts, nil
}

// readBlock checks the block at off, of which length bytes are to be mapped.
func (fl *file) readBlock(f *os.File, off int64, buf []byte) (h head, length int64, err error) {
	text := make([]byte, blockHead)
	if _, err = f.ReadAt(text, off); err != nil && !errors.Is(err, io.EOF) {
		return h, 0, err
	}
	if !unseal(text, &h) || string(h.Magic[:]) != blockMagic || h.Rows > maxRows || h.Gone > maxRows {
		return h, 0, unusable(fl.path, "the head of a block at %d is damaged", off)
	}
	length = blockHead + fl.shape.blockBytes(int64(h.Rows), int64(h.Gone))
	if off+length+8 > fl.slot.Length {
		return h, 0, unusable(fl.path, "a block at %d ends beyond the end", off)
	}
	sum := crc32.New(castagnoli)
	// Every byte is read, so that what cannot be read is known now rather than when
	// it is looked at in memory.
	if _, err = io.CopyBuffer(sum, io.NewSectionReader(f, off, length), buf); err != nil {
		return h, 0, err
	}
	if _, err = f.ReadAt(text[:8], off+length); err != nil {
		return h, 0, err
	}
	if binary.NativeEndian.Uint64(text) != uint64(sum.Sum32()) {
		return h, 0, unusable(fl.path, "a block at %d is damaged", off)
	}
	return h, length, nil
}

// begin writes the head and a first slot.
func (fl *file) begin(w io.Writer, s slot) error {
	b := make([]byte, blockAlign)
	copy(b, headOf(fl.name, fl.shape.dim))
	copy(b[int(1+s.Turn%2)*slotAt:], sealed(&s))
	_, err := w.Write(b)
	return err
}

// replace makes the whole file anew, of one block or none, and maps that.
func (fl *file) replace(ctx context.Context, b *blockWriter) (p *part, err error) {
	next := slot{Turn: 1, Length: blockAlign}
	if b != nil {
		b.head.Number, b.head.Replaces = 0, 0
		next.Length, next.Blocks = blockAlign+b.length(), 1
	}
	err = durable.Stream(fl.path, fl.path+".tmp", true, func(to io.Writer) error {
		w := bufio.NewWriterSize(to, 256<<10)
		err := fl.begin(w, next)
		if err == nil && b != nil {
			err = b.write(ctx, w)
		}
		if err == nil {
			err = w.Flush()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	fl.slot = next
	if b == nil {
		return nil, nil
	}
	return fl.open(blockAlign, b)
}

// append adds a block at the end, and maps it. After an error, what the file says
// is not known: it has to be replaced.
func (fl *file) append(ctx context.Context, b *blockWriter) (*part, error) {
	f, err := os.OpenFile(fl.path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if fi, err := f.Stat(); err != nil || fi.Size() < fl.slot.Length {
		return nil, unusable(fl.path, "somebody cut it off")
	}
	off := aligned(fl.slot.Length)
	b.head.Number = fl.slot.Blocks
	next := slot{Turn: fl.slot.Turn + 1, Length: off + b.length(), Blocks: fl.slot.Blocks + 1}
	if err := f.Truncate(off); err != nil { // from what was not finished
		return nil, err
	}
	w := bufio.NewWriterSize(io.NewOffsetWriter(f, off), 256<<10)
	if err = b.write(ctx, w); err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		_, err = f.WriteAt(sealed(&next), int64(1+next.Turn%2)*slotAt)
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return nil, err
	}
	fl.slot = next
	return fl.open(off, b)
}

// open maps a block that was just written.
func (fl *file) open(off int64, b *blockWriter) (*part, error) {
	f, err := os.Open(fl.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, err := mapFile(f, off, b.length()-8)
	if err != nil {
		return nil, err
	}
	p := lay(fl.shape, m.bytes[blockHead:], int(b.head.Rows), int(b.head.Gone))
	p.mapping = m
	return p, nil
}
