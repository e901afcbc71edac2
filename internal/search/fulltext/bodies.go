package fulltext

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/stardrive/stardrive/internal/durable"
)

// Hash is the BLAKE3 hash of a content's bytes, by which its text is known.
type Hash [32]byte

// bodies are the texts, one file each, named by the hash of the content. What one
// of them suffers, no other does.
//
// A file begins with bodyMagic, the hash, the number of blocks and the bytes of the
// text; then come, for each block, its stored and its real bytes and its checksum,
// and then a checksum of all this. The blocks follow: the first one holds the title
// and the place, with a NUL between them, the others the text. Numbers are little
// endian, checksums CRC-32C, and blocks zstd.
type bodies struct {
	folder string
	enc    *zstd.Encoder
	dec    *zstd.Decoder
}

const (
	bodyMagic  = "SDtext1\n"
	bodyExt    = ".text"
	bodyBlock  = 64 << 10 // bytes of text
	bodyHead   = len(bodyMagic) + len(Hash{}) + 8
	blockEntry = 12
	maxBlocks  = maxBody/bodyBlock + 4
	syncs      = 8 // files that are brought to the disk at a time
)

// errBad says that a body is not what was stored, wherever that shows.
var errBad = errors.New("the stored text is damaged")

func newBodies(folder string) (*bodies, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(4), zstd.WithDecoderMaxMemory(64<<20), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, err
	}
	return &bodies{folder, enc, dec}, nil
}

func (b *bodies) close() {
	_ = b.enc.Close() // nothing is under way
	b.dec.Close()
}

func (b *bodies) path(h Hash) string {
	name := hex.EncodeToString(h[:])
	return filepath.Join(b.folder, name[:2], name+bodyExt)
}

// encode makes the file of a body.
func (b *bodies) encode(h Hash, title, place, text string) []byte {
	blocks := []string{title + "\x00" + place}
	for rest := text; rest != ""; {
		n := min(bodyBlock, len(rest))
		blocks = append(blocks, rest[:n])
		rest = rest[n:]
	}
	head := append(make([]byte, 0, bodyHead+blockEntry*len(blocks)+4), bodyMagic...)
	head = append(head, h[:]...)
	head = binary.LittleEndian.AppendUint32(head, uint32(len(blocks)))
	head = binary.LittleEndian.AppendUint32(head, uint32(len(text)))
	var stored []byte
	for _, block := range blocks {
		from := len(stored)
		stored = b.enc.EncodeAll([]byte(block), stored)
		head = binary.LittleEndian.AppendUint32(head, uint32(len(stored)-from))
		head = binary.LittleEndian.AppendUint32(head, uint32(len(block)))
		head = binary.LittleEndian.AppendUint32(head, crc32.Checksum(stored[from:], castagnoli))
	}
	head = binary.LittleEndian.AppendUint32(head, crc32.Checksum(head, castagnoli))
	return append(head, stored...)
}

// file is a body as it is written.
type file struct {
	hash  Hash
	bytes []byte
}

// write stores bodies, each in place of one of the same hash. When it returns nil
// their bytes are on the disk.
func (b *bodies) write(files []file) error {
	turns := make(chan struct{}, syncs)
	failed := make([]error, len(files))
	var all sync.WaitGroup
	for i := range files {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			failed[i] = b.writeOne(&files[i])
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

func (b *bodies) writeOne(f *file) error {
	path := b.path(f.hash)
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp") // its owner's alone
	if errors.Is(err, fs.ErrNotExist) {
		if err = b.makeFolder(filepath.Dir(path)); err == nil {
			temp, err = os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
		}
	}
	if err != nil {
		return err
	}
	if runtime.GOOS != "windows" {
		err = temp.Chmod(0o600) // whatever the umask
	}
	if err == nil {
		_, err = temp.Write(f.bytes)
	}
	if err == nil {
		err = temp.Sync()
	}
	if e := temp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name()) // or the next start does
	}
	return err
}

// makeFolder makes a folder of texts, below that of all, its owner's alone, whatever
// the umask.
func (b *bodies) makeFolder(dir string) error {
	if err := durable.Folder(b.folder); err != nil {
		return err
	}
	return durable.Folder(dir)
}

// remove takes bodies away; one that is not there is no error.
func (b *bodies) remove(h Hash) error {
	if err := os.Remove(b.path(h)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// list returns the hashes of all bodies, sorted, and takes away what was never
// finished. What is not ours is left alone. Nobody writes meanwhile.
func (b *bodies) list() (all []Hash, err error) {
	folders, err := os.ReadDir(b.folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, f := range folders {
		if !f.IsDir() || len(f.Name()) != 2 {
			continue
		}
		files, err := os.ReadDir(filepath.Join(b.folder, f.Name()))
		if err != nil {
			return nil, err
		}
		for _, one := range files {
			name, rest, ours := strings.Cut(one.Name(), bodyExt)
			raw, err := hex.DecodeString(name)
			if !ours || err != nil || len(raw) != len(Hash{}) || name[:2] != f.Name() || !one.Type().IsRegular() {
				continue
			}
			switch {
			case rest == "":
				all = append(all, Hash(raw))
			case strings.HasSuffix(rest, ".tmp"):
				_ = os.Remove(filepath.Join(b.folder, f.Name(), one.Name())) // or the next start does
			}
		}
	}
	slices.SortFunc(all, compareHashes)
	return all, nil
}

func compareHashes(a, b Hash) int { return bytes.Compare(a[:], b[:]) }

// body is a text that was opened.
type body struct {
	title, place string
	size         int // bytes of the text
	of           *bodies
	entries      []byte // of the blocks that are not decoded yet
	stored       []byte // these blocks
	text         []byte // as far as it was decoded
}

// open reads a body. Errors: fs.ErrNotExist, errBad, those of the disk.
func (b *bodies) open(h Hash) (*body, error) {
	raw, err := os.ReadFile(b.path(h))
	if err != nil {
		return nil, err
	}
	if len(raw) < bodyHead || string(raw[:len(bodyMagic)]) != bodyMagic || Hash(raw[len(bodyMagic):]) != h {
		return nil, fmt.Errorf("%w: it does not begin as it should", errBad)
	}
	blocks, size := binary.LittleEndian.Uint32(raw[bodyHead-8:]), binary.LittleEndian.Uint32(raw[bodyHead-4:])
	if blocks < 1 || blocks > maxBlocks || size > maxBlocks*bodyBlock {
		return nil, fmt.Errorf("%w: its head cannot be", errBad)
	}
	end := bodyHead + blockEntry*int(blocks)
	if len(raw) < end+4 || binary.LittleEndian.Uint32(raw[end:]) != crc32.Checksum(raw[:end], castagnoli) {
		return nil, fmt.Errorf("%w: its head has another checksum", errBad)
	}
	d := &body{size: int(size), of: b, entries: raw[bodyHead:end], stored: raw[end+4:]}
	names, err := d.next(nil)
	if err != nil {
		return nil, err
	}
	d.title, d.place, _ = strings.Cut(string(names), "\x00")
	return d, nil
}

// next decodes a block, behind to.
func (d *body) next(to []byte) ([]byte, error) {
	stored, real, sum := binary.LittleEndian.Uint32(d.entries), binary.LittleEndian.Uint32(d.entries[4:]), binary.LittleEndian.Uint32(d.entries[8:])
	if int64(stored) > int64(len(d.stored)) || crc32.Checksum(d.stored[:stored], castagnoli) != sum {
		return nil, fmt.Errorf("%w: a block has another checksum", errBad)
	}
	out, err := d.of.dec.DecodeAll(d.stored[:stored], to)
	if err != nil || len(out)-len(to) != int(real) {
		return nil, fmt.Errorf("%w: a block cannot be decoded (%w)", errBad, err)
	}
	d.entries, d.stored = d.entries[blockEntry:], d.stored[stored:]
	return out, nil
}

// upTo returns the beginning of the text: at least n bytes of it, if it has as many.
func (d *body) upTo(n int) (string, error) {
	for len(d.text) < n && len(d.entries) > 0 {
		out, err := d.next(d.text)
		if err != nil {
			return "", err
		}
		d.text = out
	}
	if len(d.entries) == 0 && (len(d.stored) > 0 || len(d.text) != d.size) {
		return "", fmt.Errorf("%w: it is longer or shorter than it says", errBad)
	}
	return string(d.text), nil
}

// document reads all of a body.
func (b *bodies) document(h Hash) (Document, error) {
	d, err := b.open(h)
	if err != nil {
		return Document{}, err
	}
	text, err := d.upTo(d.size)
	return Document{Hash: h, Title: d.title, Place: d.place, Body: text}, err
}
