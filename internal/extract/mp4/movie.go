package mp4

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Movie is what a film says of itself. Zero values are unknown.
type Movie struct {
	Duration            float64 // seconds
	Created             time.Time
	Latitude, Longitude *float64
	Altitude            *float64
	Maker, Model        string
	Tracks              []Track
}

// Track is one of the streams of a film.
type Track struct {
	Handler       string // "vide", "soun", …
	Codec         string // as it stands there, such as "avc1"
	Width, Height int    // as shown, before it is turned
	Turned        int    // degrees to the right: 0, 90, 180, 270
	Duration      float64
	Samples       int // of video: pictures
	SampleRate    int
	Channels      int
}

// maxTracks is how many tracks are looked at.
const maxTracks = 64

// Read reads what a film of so many bytes says; false if it says nothing.
func Read(r io.ReaderAt, size int64) (m Movie, ok bool) {
	moov, ok := Find(r, Box{To: size}, "moov")
	if !ok {
		return m, false
	}
	Each(r, moov.From, moov.To, func(b Box) bool {
		switch b.Type {
		case "mvhd":
			m.Created, m.Duration = header(b.Bytes(r, 32))
		case "mvex": // of films in fragments
			if mehd, ok := Find(r, b, "mehd"); ok && m.Duration == 0 {
				m.Duration = fragments(r, moov, mehd)
			}
		case "trak":
			if len(m.Tracks) < maxTracks {
				m.Tracks = append(m.Tracks, track(r, b))
			}
		case "udta":
			if xyz, ok := Find(r, b, "\xa9xyz"); ok {
				if text := xyz.Bytes(r, 256); len(text) > 4 {
					m.place(string(text[4:]))
				}
			}
		case "meta":
			m.apple(r, b)
		}
		return true
	})
	return m, true
}

// header reads mvhd and mdhd, which begin alike.
func header(b []byte) (created time.Time, duration float64) {
	var made, scale, length uint64
	switch {
	case len(b) >= 32 && b[0] == 1:
		made, scale, length = binary.BigEndian.Uint64(b[4:]), uint64(binary.BigEndian.Uint32(b[20:])), binary.BigEndian.Uint64(b[24:])
	case len(b) >= 20 && b[0] == 0:
		made, scale, length = uint64(binary.BigEndian.Uint32(b[4:])), uint64(binary.BigEndian.Uint32(b[12:])), uint64(binary.BigEndian.Uint32(b[16:]))
		if length == math.MaxUint32 {
			length = 0
		}
	}
	const since1904 = 2082844800
	if made > since1904 && made < 1<<34 {
		created = time.Unix(int64(made)-since1904, 0).UTC()
	}
	if scale > 0 && length < 1<<50 {
		duration = float64(length) / float64(scale)
	}
	return created, duration
}

func fragments(r io.ReaderAt, moov, mehd Box) float64 {
	mvhd, ok := Find(r, moov, "mvhd")
	b, h := mehd.Bytes(r, 12), mvhd.Bytes(r, 32)
	if !ok || len(b) < 8 || len(h) < 24 {
		return 0
	}
	scale := binary.BigEndian.Uint32(h[12:])
	if h[0] == 1 {
		scale = binary.BigEndian.Uint32(h[20:])
	}
	length := uint64(binary.BigEndian.Uint32(b[4:]))
	if b[0] == 1 && len(b) >= 12 {
		length = binary.BigEndian.Uint64(b[4:])
	}
	if scale == 0 || length > 1<<50 {
		return 0
	}
	return float64(length) / float64(scale)
}

func track(r io.ReaderAt, trak Box) (t Track) {
	if b, ok := Find(r, trak, "tkhd"); ok {
		t.head(b.Bytes(r, 100))
	}
	mdia, ok := Find(r, trak, "mdia")
	if !ok {
		return t
	}
	if b, ok := Find(r, mdia, "mdhd"); ok {
		_, t.Duration = header(b.Bytes(r, 32))
	}
	if b, ok := Find(r, mdia, "hdlr"); ok {
		if h := b.Bytes(r, 12); len(h) == 12 {
			t.Handler = string(h[8:])
		}
	}
	if b, ok := Find(r, mdia, "minf", "stbl", "stsd"); ok {
		t.sample(b.Bytes(r, 512))
	}
	if b, ok := Find(r, mdia, "minf", "stbl", "stsz"); ok {
		if s := b.Bytes(r, 12); len(s) == 12 {
			t.Samples = int(binary.BigEndian.Uint32(s[8:]))
		}
	}
	return t
}

// head reads tkhd: the size, and how it is to be turned.
func (t *Track) head(b []byte) {
	at := 40 // of the matrix
	if len(b) > 0 && b[0] == 1 {
		at = 52
	}
	if len(b) < at+44 {
		return
	}
	word := func(i int) int32 { return int32(binary.BigEndian.Uint32(b[at+4*i:])) }
	const one = 1 << 16
	switch [4]int32{word(0), word(1), word(3), word(4)} {
	case [4]int32{0, one, -one, 0}:
		t.Turned = 90
	case [4]int32{-one, 0, 0, -one}:
		t.Turned = 180
	case [4]int32{0, -one, one, 0}:
		t.Turned = 270
	}
	t.Width, t.Height = int(uint32(word(9))>>16), int(uint32(word(10))>>16)
}

// sample reads the first entry of stsd.
func (t *Track) sample(b []byte) {
	if len(b) < 16 {
		return
	}
	t.Codec = strings.TrimSpace(string(b[12:16]))
	if t.Handler == "soun" && len(b) >= 44 {
		t.Channels = int(binary.BigEndian.Uint16(b[32:]))
		t.SampleRate = int(binary.BigEndian.Uint32(b[40:]) >> 16)
		t.aac(b[44:])
	}
	if t.Handler == "vide" && len(b) >= 44 && t.Width == 0 {
		t.Width, t.Height = int(binary.BigEndian.Uint16(b[40:])), int(binary.BigEndian.Uint16(b[42:]))
	}
}

// aac reads how many channels there are: what stands before says 2 of nearly all.
func (t *Track) aac(b []byte) {
	i := bytes.Index(b, []byte("esds"))
	if i < 0 {
		return
	}
	b = b[i+4:]
	skip := 4
	// Descriptors within descriptors: of the stream, of its coding, of the decoder.
	for _, d := range []struct {
		tag   byte
		holds int // bytes before what is in it
	}{{3, 3}, {4, 13}, {5, 0}} {
		if len(b) < skip+1 || b[skip] != d.tag {
			return
		}
		b = b[skip+1:]
		n := 0
		for n < 3 && n < len(b) && b[n]&0x80 != 0 { // of its length
			n++
		}
		skip = n + 1 + d.holds
	}
	if len(b) < skip+2 {
		return
	}
	config := uint16(b[skip])<<8 | uint16(b[skip+1])
	if channels := int(config >> 3 & 0xf); config>>11 < 31 && config>>7&0xf != 15 && channels >= 1 && channels <= 7 {
		t.Channels = map[bool]int{true: 8, false: channels}[channels == 7]
	}
}

// apple reads what phones write: a list of names, and one of values.
func (m *Movie) apple(r io.ReaderAt, meta Box) {
	// In QuickTime the box is plain, in MP4 a version stands first.
	if head := meta.Bytes(r, 8); len(head) == 8 && string(head[4:]) != "hdlr" {
		meta.From += 4
	}
	keys, ok := Find(r, meta, "keys")
	list, ok2 := Find(r, meta, "ilst")
	if !ok || !ok2 {
		return
	}
	var names []string
	Each(r, keys.From+8, keys.To, func(b Box) bool {
		names = append(names, string(b.Bytes(r, 100)))
		return len(names) < 100
	})
	Each(r, list.From, list.To, func(b Box) bool {
		i := int(binary.BigEndian.Uint32([]byte(b.Type)))
		data, ok := Find(r, b, "data")
		if value := data.Bytes(r, 256); ok && len(value) > 8 && i >= 1 && i <= len(names) {
			m.named(names[i-1], string(value[8:]))
		}
		return true
	})
}

func (m *Movie) named(name, value string) {
	switch strings.TrimPrefix(name, "com.apple.quicktime.") {
	case "location.ISO6709":
		m.place(value)
	case "creationdate":
		for _, layout := range []string{"2006-01-02T15:04:05-0700", time.RFC3339} {
			if at, err := time.Parse(layout, value); err == nil {
				m.Created = at
			}
		}
	case "make":
		m.Maker = value
	case "model":
		m.Model = value
	}
}

// place takes the place of ISO 6709, such as +48.2082+016.3738+171.000/.
func (m *Movie) place(s string) {
	if lat, long, alt, ok := Place(s); ok {
		m.Latitude, m.Longitude, m.Altitude = lat, long, alt
	}
}

// Place reads a place as ISO 6709 writes it, in degrees and metres.
func Place(s string) (lat, long, alt *float64, ok bool) {
	parts := regexp.MustCompile(`^\s*([+-]\d{1,2}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)([+-]\d+(?:\.\d+)?)?`).FindStringSubmatch(s)
	if parts == nil {
		return nil, nil, nil, false
	}
	number := func(s string) *float64 {
		if s == "" {
			return nil
		}
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return nil
		}
		return &f
	}
	lat, long, alt = number(parts[1]), number(parts[2]), number(parts[3])
	if lat == nil || long == nil || math.Abs(*lat) > 90 || math.Abs(*long) > 180 || *lat == 0 && *long == 0 {
		return nil, nil, nil, false
	}
	return lat, long, alt, true
}
