package heif

import (
	"encoding/binary"
	"io"
	"slices"

	"github.com/stardrive/stardrive/internal/extract/mp4"
)

// Info is what the boxes of a file tell of its picture.
type Info struct {
	Width, Height int // as stored
	// Turns make it upright: numbers as EXIF's orientation, one after the other.
	Turns []int
	// Small is the id of a smaller picture that shows the same, 0: there is none.
	Small                   uint32
	SmallWidth, SmallHeight int

	primary uint32
	at      int64 // of the id of the picture that is shown
	wide    bool  // it has 4 bytes
}

// maxMeta is the largest description that is read.
const maxMeta = 1 << 20

// property is one of the things that may be said of a picture.
type property struct {
	kind string
	body []byte
}

// Read reads the boxes; false: they tell of no picture.
func Read(r io.ReaderAt, size int64) (info Info, ok bool) {
	meta, ok := mp4.Find(r, mp4.Box{To: size}, "meta")
	if !ok {
		return info, false
	}
	meta.From += 4 // its version
	pitm, ok := mp4.Find(r, meta, "pitm")
	if !ok {
		return info, false
	}
	b := pitm.Bytes(r, 8)
	switch {
	case len(b) >= 8 && b[0] == 1:
		info.primary, info.at, info.wide = binary.BigEndian.Uint32(b[4:]), pitm.From+4, true
	case len(b) >= 6 && b[0] == 0:
		info.primary, info.at = uint32(binary.BigEndian.Uint16(b[4:])), pitm.From+4
	default:
		return info, false
	}
	props, said := properties(r, meta)
	info.Width, info.Height, info.Turns = look(props, said[info.primary])
	for _, id := range thumbnails(r, meta, info.primary) {
		w, h, turns := look(props, said[id])
		if w > info.SmallWidth && w < info.Width && slices.Equal(turns, info.Turns) && alike(w, h, info.Width, info.Height) {
			info.Small, info.SmallWidth, info.SmallHeight = id, w, h
		}
	}
	return info, info.Width > 0
}

// alike reports whether two pictures have the same form, but for rounding.
func alike(w, h, width, height int) bool {
	off := w*height - width*h
	return max(off, -off) <= max(width, height)*2
}

// ShowSmall changes a copy of the whole file so that it shows the smaller picture.
func (i Info) ShowSmall(file []byte) bool { return i.Small != 0 && i.show(file, i.Small) }

// ShowLarge changes it back.
func (i Info) ShowLarge(file []byte) bool { return i.show(file, i.primary) }

func (i Info) show(file []byte, id uint32) bool {
	if i.at < 0 || i.at+4 > int64(len(file)) || !i.wide && id > 0xffff {
		return false
	}
	if i.wide {
		binary.BigEndian.PutUint32(file[i.at:], id)
	} else {
		binary.BigEndian.PutUint16(file[i.at:], uint16(id))
	}
	return true
}

// properties reads what may be said of pictures, and what is said of which.
func properties(r io.ReaderAt, meta mp4.Box) (props []property, said map[uint32][]int) {
	said = map[uint32][]int{}
	iprp, ok := mp4.Find(r, meta, "iprp")
	if !ok {
		return nil, said
	}
	mp4.Each(r, iprp.From, iprp.To, func(b mp4.Box) bool {
		switch b.Type {
		case "ipco":
			mp4.Each(r, b.From, b.To, func(p mp4.Box) bool {
				props = append(props, property{p.Type, p.Bytes(r, 16)})
				return true
			})
		case "ipma":
			associations(b.Bytes(r, maxMeta), said)
		}
		return true
	})
	return props, said
}

func associations(b []byte, said map[uint32][]int) {
	if len(b) < 8 {
		return
	}
	longID, longIndex := b[0] >= 1, b[3]&1 != 0
	count := binary.BigEndian.Uint32(b[4:])
	b = b[8:]
	for range min(count, 10_000) {
		var id uint32
		switch {
		case longID && len(b) >= 5:
			id, b = binary.BigEndian.Uint32(b), b[4:]
		case !longID && len(b) >= 3:
			id, b = uint32(binary.BigEndian.Uint16(b)), b[2:]
		default:
			return
		}
		n := int(b[0])
		b = b[1:]
		for range n {
			switch {
			case longIndex && len(b) >= 2:
				said[id] = append(said[id], int(binary.BigEndian.Uint16(b)&0x7fff))
				b = b[2:]
			case !longIndex && len(b) >= 1:
				said[id] = append(said[id], int(b[0]&0x7f))
				b = b[1:]
			default:
				return
			}
		}
	}
}

// look finds the size and the turns among what is said of a picture.
func look(props []property, said []int) (w, h int, turns []int) {
	for _, i := range said {
		if i < 1 || i > len(props) {
			continue
		}
		p := props[i-1]
		switch {
		case p.kind == "ispe" && len(p.body) >= 12:
			w, h = int(binary.BigEndian.Uint32(p.body[4:])), int(binary.BigEndian.Uint32(p.body[8:]))
		case p.kind == "irot" && len(p.body) >= 1 && p.body[0]&3 != 0: // quarters to the left
			turns = append(turns, []int{1, 8, 3, 6}[p.body[0]&3])
		case p.kind == "imir" && len(p.body) >= 1: // top and bottom change places, or left and right
			turns = append(turns, []int{4, 2}[p.body[0]&1])
		}
	}
	return w, h, turns
}

// thumbnails returns the ids of the small pictures of a picture.
func thumbnails(r io.ReaderAt, meta mp4.Box, of uint32) (out []uint32) {
	iref, ok := mp4.Find(r, meta, "iref")
	if !ok {
		return nil
	}
	head := iref.Bytes(r, 4)
	if len(head) < 4 {
		return nil
	}
	size := 2
	if head[0] != 0 {
		size = 4
	}
	id := func(b []byte) uint32 {
		if size == 4 {
			return binary.BigEndian.Uint32(b)
		}
		return uint32(binary.BigEndian.Uint16(b))
	}
	mp4.Each(r, iref.From+4, iref.To, func(b mp4.Box) bool {
		body := b.Bytes(r, 4096)
		if b.Type != "thmb" || len(body) < size+2 {
			return true
		}
		from := id(body)
		for to := body[size+2:]; len(to) >= size; to = to[size:] {
			if id(to) == of {
				out = append(out, from)
			}
		}
		return len(out) < 16
	})
	return out
}
