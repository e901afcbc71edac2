package words

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/stardrive/stardrive/internal/media"
)

// Bounds of compound files.
const (
	maxCompound = 1 << 30   // bytes of a file
	maxStream   = 128 << 20 // of a stream in it that are read
	maxStored   = 65_536    // streams and folders
)

// compound is a file with streams in it, as old Office documents and Outlook's
// messages are (MS-CFB).
type compound struct {
	src         media.Source
	sector      int64
	fat, minis  []uint32 // which sector follows one
	cutoff      uint64   // streams below that are of small sectors
	small       []byte   // all small sectors
	stored      []stored
	smallSector int64
}

// stored is a stream or a folder.
type stored struct {
	name              string
	kind              byte // 1 folder, 2 stream, 5 root
	left, right, down uint32
	start             uint32
	size              uint64
}

// End marks of chains.
const endOfChain = 0xFFFFFFFA // and all above

var errNoCompound = errors.New("it is no document of old Office, or damaged")

// openCompound reads the tables of a compound file.
func openCompound(src media.Source) (*compound, error) {
	var h [512]byte
	if n, _ := src.ReadAt(h[:], 0); n < len(h) || string(h[:8]) != "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" || src.Size > maxCompound {
		return nil, errNoCompound
	}
	le := binary.LittleEndian
	shift, mini := le.Uint16(h[30:]), le.Uint16(h[32:])
	if shift != 9 && shift != 12 || mini != 6 {
		return nil, errNoCompound
	}
	c := &compound{src: src, sector: 1 << shift, smallSector: 1 << mini, cutoff: uint64(le.Uint32(h[56:]))}
	var tables []uint32
	for i := range 109 {
		tables = append(tables, le.Uint32(h[76+4*i:]))
	}
	sectors := int(src.Size/c.sector) + 1
	per := int(c.sector / 4)
	for at, n := le.Uint32(h[68:]), 0; at < endOfChain && n <= sectors; n++ { // more tables than the head has room for
		b := c.at(at)
		if len(b) < int(c.sector) {
			break
		}
		for i := range per - 1 {
			tables = append(tables, le.Uint32(b[4*i:]))
		}
		at = le.Uint32(b[4*(per-1):])
	}
	for _, t := range tables {
		if t >= endOfChain || len(c.fat) > sectors {
			continue
		}
		b := c.at(t)
		for i := 0; i+4 <= len(b); i += 4 {
			c.fat = append(c.fat, le.Uint32(b[i:]))
		}
	}
	small := c.chain(le.Uint32(h[60:]), maxStream)
	for i := 0; i+4 <= len(small); i += 4 {
		c.minis = append(c.minis, le.Uint32(small[i:]))
	}
	c.list(c.chain(le.Uint32(h[48:]), 128*maxStored), shift == 9)
	if len(c.stored) == 0 || c.stored[0].kind != 5 {
		return nil, errNoCompound
	}
	c.small = c.chain(c.stored[0].start, min(maxStream, int64(c.stored[0].size)))
	return c, nil
}

// list reads what is stored.
func (c *compound) list(b []byte, old bool) {
	le := binary.LittleEndian
	for ; len(b) >= 128; b = b[128:] {
		var name []uint16
		for i := range max(0, min(int(le.Uint16(b[64:]))/2-1, 31)) {
			name = append(name, le.Uint16(b[2*i:]))
		}
		s := stored{string(utf16.Decode(name)), b[66], le.Uint32(b[68:]), le.Uint32(b[72:]), le.Uint32(b[76:]), le.Uint32(b[116:]), le.Uint64(b[120:])}
		if old { // the upper half may be anything
			s.size &= 0xFFFFFFFF
		}
		c.stored = append(c.stored, s)
	}
}

// at reads a sector.
func (c *compound) at(sector uint32) []byte {
	b := make([]byte, c.sector)
	n, _ := c.src.ReadAt(b, (int64(sector)+1)*c.sector)
	return b[:n]
}

// chain reads sectors that follow one another, at most so many bytes.
func (c *compound) chain(sector uint32, most int64) (out []byte) {
	for range c.fat {
		if sector >= endOfChain || int(sector) >= len(c.fat) || int64(len(out)) >= most {
			break
		}
		b := c.at(sector)
		if out = append(out, b...); len(b) < int(c.sector) {
			break
		}
		sector = c.fat[sector]
	}
	return out[:min(int64(len(out)), most)]
}

// in returns what stands in a folder, the root's by 0.
func (c *compound) in(folder int) (ids []int) {
	seen := map[uint32]bool{}
	next := []uint32{c.stored[folder].down}
	for len(next) > 0 {
		id := next[len(next)-1]
		next = next[:len(next)-1]
		if int64(id) >= int64(len(c.stored)) || seen[id] {
			continue
		}
		seen[id] = true
		ids = append(ids, int(id))
		next = append(next, c.stored[id].left, c.stored[id].right)
	}
	slices.Sort(ids)
	return ids
}

// stream reads the stream of a name in a folder; nil: there is none.
func (c *compound) stream(folder int, name string) []byte {
	for _, id := range c.in(folder) {
		if s := &c.stored[id]; s.kind == 2 && strings.EqualFold(s.name, name) {
			return c.read(s)
		}
	}
	return nil
}

func (c *compound) read(s *stored) (out []byte) {
	most := int64(min(s.size, maxStream))
	if s.size >= c.cutoff {
		return c.chain(s.start, most)
	}
	for sector, n := s.start, 0; n < len(c.minis) && int(sector) < len(c.minis) && sector < endOfChain && int64(len(out)) < most; n++ {
		from := int64(sector) * c.smallSector
		if from+c.smallSector > int64(len(c.small)) {
			break
		}
		out = append(out, c.small[from:from+c.smallSector]...)
		sector = c.minis[sector]
	}
	return out[:min(int64(len(out)), most)]
}

// about reads what a document says of itself.
func (c *compound) about(d *doc) {
	le := binary.LittleEndian
	b := c.stream(0, "\x05SummaryInformation")
	if len(b) < 48 || int64(le.Uint32(b[44:])) > int64(len(b))-8 {
		return
	}
	b = b[le.Uint32(b[44:]):]
	encoding := fallback
	for i := range min(int(le.Uint32(b[4:])), 256) {
		if len(b) < 16+8*i {
			return
		}
		id, at := le.Uint32(b[8+8*i:]), int64(le.Uint32(b[12+8*i:]))
		if at > int64(len(b))-8 {
			continue
		}
		kind, value := le.Uint32(b[at:])&0xFFFF, b[at+4:]
		switch {
		case id == 1 && le.Uint16(value) == 65001:
			encoding = "utf-8"
		case kind == 3 && id == 14:
			d.facts.Pages = int(min(le.Uint32(value), 1<<20))
		case kind == 0x1E || kind == 0x1F:
			n := int64(le.Uint32(value))
			if kind == 0x1F {
				n *= 2
			}
			text := value[4:min(4+n, int64(len(value)))]
			s := decodeAs(text, encoding)
			if kind == 0x1F {
				s = decodeAs(text, "utf-16le")
			}
			s, _, _ = strings.Cut(s, "\x00")
			switch id {
			case 2:
				d.facts.Title = s
			case 3:
				d.facts.Subject = s
			case 4:
				d.facts.Author = s
			}
		}
	}
}
