package sound

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"

	"github.com/stardrive/stardrive/internal/extract/mp4"
	"github.com/stardrive/stardrive/internal/media"
)

// measure fills in how long a sound is and how it is coded, as its head tells. It
// reports whether it knows the format.
func measure(ctx context.Context, src media.Source, f *media.Facts) bool {
	head := make([]byte, 64)
	n, _ := src.ReadAt(head, 0)
	head = head[:n]
	is := func(at int, s string) bool { return len(head) >= at+len(s) && string(head[at:at+len(s)]) == s }
	switch {
	case is(0, "RIFF") && is(8, "WAVE"), is(0, "RF64") && is(8, "WAVE"):
		return wave(src, f)
	case is(0, "FORM") && (is(8, "AIFF") || is(8, "AIFC")):
		return aiff(src, f)
	case is(0, "fLaC"):
		return flac(head, f)
	case is(0, "OggS"):
		return ogg(src, f)
	case is(4, "ftyp"):
		return tracks(src, f)
	}
	return mpeg(ctx, src, f)
}

// maxChunks bounds the walk through a file of chunks.
const maxChunks = 1000

// wave reads RIFF, and RF64, in which a chunk of data may be longer than it says.
func wave(src media.Source, f *media.Facts) bool {
	perSecond, at := int64(0), int64(12)
	var b [40]byte
	for range maxChunks {
		if n, _ := src.ReadAt(b[:8], at); n < 8 {
			break
		}
		size := int64(binary.LittleEndian.Uint32(b[4:]))
		switch string(b[:4]) {
		case "fmt ":
			if n, _ := src.ReadAt(b[:16], at+8); n < 16 {
				return false
			}
			f.AudioCodec = waveCodec(binary.LittleEndian.Uint16(b[:]))
			f.Channels = int(binary.LittleEndian.Uint16(b[2:]))
			f.SampleRate = int(binary.LittleEndian.Uint32(b[4:]))
			perSecond = int64(binary.LittleEndian.Uint32(b[8:]))
		case "data":
			size = min(size, src.Size-at-8) // of recordings that were cut off, or are longer than 4 GiB
			if binary.LittleEndian.Uint32(b[4:]) == math.MaxUint32 {
				size = src.Size - at - 8
			}
			if perSecond > 0 {
				f.Duration, f.Bitrate = float64(size)/float64(perSecond), 8*perSecond
			}
			return perSecond > 0
		}
		at += 8 + size + size&1
	}
	return perSecond > 0
}

func waveCodec(id uint16) string {
	switch id {
	case 1, 3, 0xfffe:
		return "pcm"
	case 2, 17:
		return "adpcm"
	case 6:
		return "alaw"
	case 7:
		return "mulaw"
	case 0x55:
		return "mp3"
	}
	return ""
}

func aiff(src media.Source, f *media.Facts) bool {
	at := int64(12)
	var b [32]byte
	for range maxChunks {
		if n, _ := src.ReadAt(b[:26], at); n < 26 {
			return false
		}
		size := int64(binary.BigEndian.Uint32(b[4:]))
		if string(b[:4]) == "COMM" {
			f.AudioCodec = "pcm"
			f.Channels = int(binary.BigEndian.Uint16(b[8:]))
			rate := extended(b[16:26])
			if rate < 1 || rate > 1e7 {
				return false
			}
			f.SampleRate = int(rate)
			f.Duration = float64(binary.BigEndian.Uint32(b[10:])) / rate
			return true
		}
		at += 8 + size + size&1
	}
	return false
}

// extended reads a number of 80 bits.
func extended(b []byte) float64 {
	exponent := int(binary.BigEndian.Uint16(b)&0x7fff) - 16383 - 63
	if exponent > 0 || exponent < -63 {
		return 0
	}
	return math.Ldexp(float64(binary.BigEndian.Uint64(b[2:])), exponent)
}

// flac reads the first block of what stands before the music.
func flac(head []byte, f *media.Facts) bool {
	if len(head) < 26 || head[4]&0x7f != 0 {
		return false
	}
	bits := binary.BigEndian.Uint64(head[18:])
	f.AudioCodec = "flac"
	f.SampleRate = int(bits >> 44)
	f.Channels = int(bits>>41&7) + 1
	if f.SampleRate == 0 {
		return false
	}
	f.Duration = float64(bits&(1<<36-1)) / float64(f.SampleRate)
	return true
}

// ogg reads the first packet, and in the last page how far it goes.
func ogg(src media.Source, f *media.Facts) bool {
	head := make([]byte, 256)
	n, _ := src.ReadAt(head, 0)
	head = head[:n]
	if n < 60 {
		return false
	}
	serial := bytes.Clone(head[14:18])
	packet := head[min(len(head), 27+int(head[26])):]
	clock, skip := 0, uint64(0)
	switch {
	case len(packet) >= 28 && string(packet[:7]) == "\x01vorbis":
		f.AudioCodec, f.Channels = "vorbis", int(packet[11])
		f.SampleRate = int(binary.LittleEndian.Uint32(packet[12:]))
		clock = f.SampleRate
	case len(packet) >= 19 && string(packet[:8]) == "OpusHead":
		f.AudioCodec, f.Channels = "opus", int(packet[9])
		f.SampleRate, clock = 48000, 48000 // whatever the source had
		skip = uint64(binary.LittleEndian.Uint16(packet[10:]))
	case len(packet) >= 52 && string(packet[:8]) == "Speex   ":
		f.AudioCodec, f.Channels = "speex", int(binary.LittleEndian.Uint32(packet[48:]))
		f.SampleRate = int(binary.LittleEndian.Uint32(packet[36:]))
		clock = f.SampleRate
	default:
		return false
	}
	if clock <= 0 || f.SampleRate > 1e7 {
		return false
	}
	if end := lastGranule(src, serial); end > skip {
		f.Duration = float64(end-skip) / float64(clock)
	}
	return true
}

// lastGranule finds the last page of a stream and returns its position.
func lastGranule(src media.Source, serial []byte) uint64 {
	const tail = 128 << 10 // a page has less than 64 KiB, and one of another stream may follow
	from := max(0, src.Size-tail)
	b := make([]byte, src.Size-from)
	n, _ := src.ReadAt(b, from)
	b = b[:n]
	for {
		i := bytes.LastIndex(b, []byte("OggS"))
		if i < 0 {
			return 0
		}
		if page := b[i:]; len(page) >= 18 && bytes.Equal(page[14:18], serial) {
			if g := binary.LittleEndian.Uint64(page[6:]); g != math.MaxUint64 && g < 1<<50 {
				return g
			}
		}
		b = b[:i]
	}
}

// tracks reads the boxes of AAC and the like.
func tracks(src media.Source, f *media.Facts) bool {
	m, ok := mp4.Read(src, src.Size)
	if !ok {
		return false
	}
	f.Duration = m.Duration
	for _, t := range m.Tracks {
		if t.Handler != "soun" {
			continue
		}
		f.Channels, f.SampleRate = t.Channels, t.SampleRate
		f.AudioCodec = map[string]string{"mp4a": "aac", "alac": "alac", "ac-3": "ac3", "ec-3": "eac3", "Opus": "opus", "fLaC": "flac", ".mp3": "mp3"}[t.Codec]
		if f.Duration == 0 {
			f.Duration = t.Duration
		}
		return true
	}
	return f.Duration > 0
}
