package film

import (
	"encoding/binary"
	"io"
	"math"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/media"
)

// Numbers of the elements of Matroska that are looked at.
const (
	ebmlHead, mkvSegment             = 0x1A45DFA3, 0x18538067
	mkvInfo, mkvTracks               = 0x1549A966, 0x1654AE6B
	mkvScale, mkvDuration, mkvDate   = 0x2AD7B1, 0x4489, 0x4461
	mkvTitle, mkvTrack, mkvTrackType = 0x7BA9, 0xAE, 0x83
	mkvCodec, mkvFrame               = 0x86, 0x23E383
	mkvVideo, mkvWidth, mkvHeight    = 0xE0, 0xB0, 0xBA
	mkvAudio, mkvRate, mkvChannels   = 0xE1, 0xB5, 0x9F
)

// maxElements is how many are looked at in one place.
const maxElements = 4096

// element is a piece of a Matroska file.
type element struct {
	id       uint32
	from, to int64
}

// elements calls see with the elements between two places until it returns false. One
// that goes beyond the end, or does not say where it ends, ends there, and is the last.
func elements(r io.ReaderAt, from, to int64, see func(element) bool) {
	var b [12]byte
	for range maxElements {
		n, _ := r.ReadAt(b[:min(int64(len(b)), max(0, to-from))], from)
		id, idLen := vint(b[:n], 4, true)
		if idLen == 0 {
			return
		}
		size, sizeLen := vint(b[idLen:n], 8, false)
		if sizeLen == 0 {
			return
		}
		e := element{uint32(id), from + int64(idLen+sizeLen), to}
		if size < uint64(to-e.from) {
			e.to = e.from + int64(size)
		}
		if !see(e) {
			return
		}
		from = e.to
	}
}

// vint reads a number whose first byte tells how long it is; 0 bytes: there is none.
func vint(b []byte, most int, marked bool) (v uint64, n int) {
	if len(b) == 0 || b[0] == 0 {
		return 0, 0
	}
	n = 1
	for mask := byte(0x80); b[0]&mask == 0; mask >>= 1 {
		n++
	}
	if n > most || n > len(b) {
		return 0, 0
	}
	for _, c := range b[:n] {
		v = v<<8 | uint64(c)
	}
	if !marked {
		v &^= 1 << (7 * n)
		if v == 1<<(7*n)-1 { // it is not known
			v = math.MaxUint64
		}
	}
	return v, n
}

// bytes reads what is in an element, at most so many.
func (e element) bytes(r io.ReaderAt, most int64) []byte {
	b := make([]byte, max(0, min(e.to-e.from, most)))
	n, _ := r.ReadAt(b, e.from)
	return b[:n]
}

func (e element) uint(r io.ReaderAt) (v uint64) {
	for _, c := range e.bytes(r, 8) {
		v = v<<8 | uint64(c)
	}
	return v
}

func (e element) float(r io.ReaderAt) float64 {
	v := 0.0
	switch b := e.bytes(r, 8); len(b) {
	case 4:
		v = float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
	case 8:
		v = math.Float64frombits(binary.BigEndian.Uint64(b))
	}
	if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
		return 0
	}
	return v
}

func (e element) text(r io.ReaderAt) string {
	s, _, _ := strings.Cut(string(e.bytes(r, 1024)), "\x00")
	return strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD"))
}

// matroska reads the facts of a Matroska or WebM film: how long it is, what its
// tracks are, when it was made.
func matroska(src media.Source) (f *media.Facts, ok bool) {
	f = &media.Facts{}
	begun := false
	elements(src, 0, src.Size, func(top element) bool {
		if !begun {
			begun = top.id == ebmlHead
			return begun
		}
		if ok = top.id == mkvSegment; ok {
			elements(src, top.from, top.to, func(e element) bool {
				switch e.id {
				case mkvInfo:
					mkvAbout(src, e, f)
				case mkvTracks:
					elements(src, e.from, e.to, func(t element) bool {
						if t.id == mkvTrack {
							mkvOne(src, t, f)
						}
						return true
					})
				}
				return true
			})
		}
		return false
	})
	if f.Duration > 1 {
		f.Bitrate = int64(float64(src.Size) * 8 / f.Duration)
	}
	return f, ok
}

// mkvEpoch is where Matroska's times begin.
var mkvEpoch = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)

func mkvAbout(src media.Source, info element, f *media.Facts) {
	scale, long := 1e6, 0.0 // nanoseconds of a step, and steps
	elements(src, info.from, info.to, func(e element) bool {
		switch e.id {
		case mkvScale:
			scale = float64(e.uint(src))
		case mkvDuration:
			long = e.float(src)
		case mkvTitle:
			f.Title = e.text(src)
		case mkvDate:
			if at := mkvEpoch.Add(time.Duration(int64(e.uint(src)))); at.Year() > 1990 && at.Year() < 2200 {
				f.Taken = at
			}
		}
		return true
	})
	if seconds := long * scale / 1e9; seconds < 1e8 {
		f.Duration = millis(seconds)
	}
}

func mkvOne(src media.Source, track element, f *media.Facts) {
	var kind, frame, width, height, channels uint64
	var name string
	var rate float64
	elements(src, track.from, track.to, func(e element) bool {
		switch e.id {
		case mkvTrackType:
			kind = e.uint(src)
		case mkvCodec:
			name = e.text(src)
		case mkvFrame:
			frame = e.uint(src)
		case mkvVideo, mkvAudio:
			elements(src, e.from, e.to, func(e element) bool {
				switch e.id {
				case mkvWidth:
					width = e.uint(src)
				case mkvHeight:
					height = e.uint(src)
				case mkvRate:
					rate = e.float(src)
				case mkvChannels:
					channels = e.uint(src)
				}
				return true
			})
		}
		return true
	})
	const tooMuch = 1 << 20
	switch {
	case kind == 1 && f.VideoCodec == "" && width < tooMuch && height < tooMuch:
		f.VideoCodec, f.Width, f.Height = mkvCodecName(name), int(width), int(height)
		if frame > 1e6 { // a thousand a second is no film
			f.FrameRate = millis(1e9 / float64(frame))
		}
	case kind == 2 && f.AudioCodec == "" && rate < tooMuch && channels < 1024:
		f.AudioCodec, f.SampleRate, f.Channels = mkvCodecName(name), int(rate), max(1, int(channels))
	}
}

// mkvCodecName gives a coding the name by which it is known.
func mkvCodecName(id string) string {
	for _, c := range [][2]string{
		{"V_MPEG4/ISO/AVC", "h264"}, {"V_MPEGH/ISO/HEVC", "hevc"}, {"V_MPEG4/", "mpeg4"}, {"V_MPEG1", "mpeg1video"}, {"V_MPEG2", "mpeg2video"},
		{"V_AV1", "av1"}, {"V_VP8", "vp8"}, {"V_VP9", "vp9"}, {"V_THEORA", "theora"}, {"V_PRORES", "prores"}, {"V_FFV1", "ffv1"},
		{"A_AAC", "aac"}, {"A_OPUS", "opus"}, {"A_VORBIS", "vorbis"}, {"A_FLAC", "flac"}, {"A_EAC3", "eac3"}, {"A_AC3", "ac3"}, {"A_DTS", "dts"}, {"A_MPEG/L3", "mp3"},
		{"A_MPEG/L2", "mp2"}, {"A_PCM", "pcm"}, {"A_TRUEHD", "truehd"}, {"A_ALAC", "alac"},
	} {
		if strings.HasPrefix(id, c[0]) {
			return c[1]
		}
	}
	return ""
}
