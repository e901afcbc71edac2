package search

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/durable"
	"github.com/stardrive/stardrive/internal/ident"
)

// The index file holds a head and then blocks, each with a segment and with
// what it makes out of date in the segments before. Blocks are only ever added
// at the end. Every block says up to where of the change feed the blocks so far
// reach, carries a checksum, and that of the head before, so that whatever cuts
// or damages the file leaves blocks that are whole and true as of their place in
// the feed, from where that is followed. A file that begins anew is written
// beside, and takes the place of the old one when it is complete.
const (
	fileVersion = 4 // of all that stands in the file, the folding of names too
	fileMagic   = "SDnames\n"
	blockMagic  = "SDblock\n"
	nativeOrder = 0x01020304
	blockAlign  = 64 << 10 // a multiple of every page size
	blockHead   = 512      // bytes before a block's columns
)

// fileHead begins the file. One that differs in any byte is of another library,
// another version, or another sort of machine.
type fileHead struct {
	Magic   [8]byte
	Order   uint32
	Version uint32
	Planes  uint32
	Fold    uint32 // a checksum of how names are folded
	Library [64]byte
	Unicode [64]byte
}

// head begins a block.
type head struct {
	Magic [8]byte
	counts
	More   uint32 // 1: the next block belongs to this one
	Prev   uint32 // HeadSum of the block before
	Seq    int64
	Recent recents
	Sum    uint32 // of the columns
	// HeadSum is of all that stands before it.
	HeadSum uint32
}

var errDamaged = errors.New("the file of the name index is damaged")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func newFileHead(library ident.LibraryID) []byte {
	h := fileHead{Order: nativeOrder, Version: fileVersion, Planes: numPlanes, Fold: foldSum()}
	copy(h.Magic[:], fileMagic)
	copy(h.Library[:], library)
	copy(h.Unicode[:], unicode.Version+" "+norm.Version+" "+cases.UnicodeVersion)
	return native(&h)
}

// foldSum tells two ways to fold names apart, as far as some letters can.
func foldSum() uint32 {
	var all strings.Builder
	for r := rune(1); r < 0x250; r++ {
		all.WriteString(collate.Fold("x" + string(r)))
	}
	all.WriteString(collate.Fold("ΟΔΥΣΣΕΎΣ Война ﬃ ｶﾞ が 각 أحمد שָׁלוֹם ที่ कि 👩‍💻 ❤️ \u00ad① ㄱ … \xff"))
	return crc32.Checksum([]byte(all.String()), castagnoli)
}

// native writes fixed-size values as the machine has them.
func native(v any) []byte {
	var b bytes.Buffer
	_ = binary.Write(&b, binary.NativeEndian, v) // cannot fail: fixed-size values into memory
	return b.Bytes()
}

func (h *head) bytes() []byte {
	b := native(h)
	h.HeadSum = crc32.Checksum(b[:len(b)-4], castagnoli)
	binary.NativeEndian.PutUint32(b[len(b)-4:], h.HeadSum)
	return b
}

// file is the index file as far as it is written. Nobody holds it open.
type file struct {
	path     string // where it is
	place    string // where it goes when it is complete; path, then
	size     int64  // of its blocks
	segments int
	prev     uint32 // HeadSum of the last block
}

func aligned(n int64) int64 { return (n + blockAlign - 1) &^ (blockAlign - 1) }

// createFile begins a new file, beside the one at path.
func createFile(path string, library ident.LibraryID) (*file, error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return nil, err
	}
	if err = f.Chmod(0o600); err == nil { // whatever the umask
		_, err = f.Write(newFileHead(library))
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = os.Remove(f.Name()) // or it is swept
		return nil, err
	}
	return &file{path: f.Name(), place: path, size: blockAlign}, nil
}

// sweepTemps removes the files that were not completed.
func sweepTemps(path string) {
	found, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return
	}
	for _, e := range found {
		if n := e.Name(); strings.HasPrefix(n, filepath.Base(path)+".") && strings.HasSuffix(n, ".tmp") {
			_ = os.Remove(filepath.Join(filepath.Dir(path), n)) // it costs room alone
		}
	}
}

// add writes a block behind the others, and maps it. It need not reach the disk
// at once: what a power cut takes away is in the change feed still.
func (fl *file) add(h *head, block []byte) (m mapping, err error) {
	copy(h.Magic[:], blockMagic)
	h.Prev, h.Sum = fl.prev, crc32.Checksum(block, castagnoli)
	f, err := os.OpenFile(fl.path, os.O_RDWR, 0)
	if err != nil {
		return m, err
	}
	defer f.Close()
	if err = f.Truncate(fl.size); err == nil { // from what was damaged, or did not succeed
		_, err = f.WriteAt(block, fl.size+blockHead)
	}
	if err == nil {
		_, err = f.WriteAt(h.bytes(), fl.size)
	}
	if err == nil {
		m, err = mapFile(f, fl.size, blockHead+int64(len(block)))
	}
	if err != nil {
		return mapping{}, err
	}
	fl.size, fl.prev = aligned(fl.size+blockHead+int64(len(block))), h.HeadSum
	fl.segments++
	return m, nil
}

// sync brings what was written to the disk.
func (fl *file) sync() error {
	f, err := os.OpenFile(fl.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	err = f.Sync()
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// complete gives the file, which was synced, its place.
func (fl *file) complete() error {
	if err := os.Rename(fl.path, fl.place); err != nil {
		return err
	}
	fl.path = fl.place
	_ = durable.SyncFolder(filepath.Dir(fl.place)) // the file before is as true, after a power cut
	return nil
}

// isComplete reports whether the file is in its place.
func (fl *file) isComplete() bool { return fl.path == fl.place }

// drop removes a file that was not completed.
func (fl *file) drop() {
	if !fl.isComplete() {
		_ = os.Remove(fl.path) // or it is swept
	}
}

// stored is what a file holds.
type stored struct {
	file     *file
	segments []*segment
	mapping  mapping
	seq      int64
	recent   recents
}

// openFile reads all of a file, as far as its blocks are whole, and maps that.
// fs.ErrNotExist: there is none; errDamaged: there is none that can be used.
func openFile(path string, library ident.LibraryID) (*stored, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	want := newFileHead(library)
	got := make([]byte, len(want))
	if _, err := f.ReadAt(got, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if !bytes.Equal(got, want) {
		return nil, fmt.Errorf("%w, or of another library or version", errDamaged)
	}
	blocks, end := readBlocks(f)
	if len(blocks) == 0 {
		return nil, errDamaged
	}
	last := blocks[len(blocks)-1].head
	st := &stored{file: &file{path: path, place: path, size: aligned(end), segments: len(blocks), prev: last.HeadSum}, seq: last.Seq, recent: last.Recent}
	if st.mapping, err = mapFile(f, 0, end); err != nil {
		return nil, err
	}
	var sound bool
	if err = guard(func() { sound = st.lay(blocks) }); err == nil && !sound {
		err = errDamaged
	}
	if err != nil {
		_ = st.mapping.release() // the first error tells more
		return nil, err
	}
	return st, nil
}

// block is one whose checksums are right.
type block struct {
	off int64
	head
}

// readBlocks returns the blocks from the first up to the last whole group of
// them, and where that ends. It reads every byte, so that what cannot be read
// is known now rather than when it is looked at in memory.
func readBlocks(f *os.File) (whole []block, end int64) {
	var blocks []block
	buf := make([]byte, 256<<10)
	prev := uint32(0)
	for off := int64(blockAlign); ; {
		b := block{off: off}
		length, ok := b.read(f, buf)
		if !ok || b.Prev != prev {
			return whole, end
		}
		prev = b.HeadSum
		blocks = append(blocks, b)
		if b.More == 0 {
			whole, end = blocks, off+blockHead+length
		}
		off = aligned(off + blockHead + length)
	}
}

// read reads and checks the block at b.off.
func (b *block) read(f *os.File, buf []byte) (length int64, ok bool) {
	text := buf[:binary.Size(&b.head)]
	if _, err := f.ReadAt(text, b.off); err != nil {
		return 0, false
	}
	if _, err := binary.Decode(text, binary.NativeEndian, &b.head); err != nil || string(b.Magic[:]) != blockMagic ||
		b.HeadSum != crc32.Checksum(text[:len(text)-4], castagnoli) || b.Rows > maxRows {
		return 0, false
	}
	_, _, n, _ := lay(b.counts, nil)
	sum, length := uint32(0), int64(n)
	for rest := io.NewSectionReader(f, b.off+blockHead, length); ; {
		n, err := rest.Read(buf)
		sum = crc32.Update(sum, castagnoli, buf[:n])
		length -= int64(n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, false
		}
	}
	return int64(n), length == 0 && sum == b.Sum
}

// lay makes segments of the mapped blocks; false: what they say cannot be.
func (st *stored) lay(blocks []block) bool {
	for i, b := range blocks {
		s, kills, _, ok := lay(b.counts, st.mapping.bytes[b.off+blockHead:])
		if !ok || !s.sound() {
			return false
		}
		for _, k := range kills {
			if int(k.Segment) >= i || int(k.Row) >= st.segments[k.Segment].rows() {
				return false
			}
			st.segments[k.Segment].kill(int(k.Row))
		}
		s.number = i
		st.segments = append(st.segments, s)
	}
	return true
}

// missing reports whether there simply is no file.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
