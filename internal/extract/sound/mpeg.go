package sound

import (
	"context"
	"encoding/binary"
	"io"

	"github.com/stardrive/stardrive/internal/media"
)

// frame is the head of a frame of MPEG audio.
type frame struct {
	bytes    int // its length
	samples  int
	rate     int
	channels int
	bitrate  int
	layer    int // 1, 2 or 3
	side     int // bytes between the head and what encoders write about all frames
}

// parseFrame reads the four bytes that begin a frame; false: they are none.
func parseFrame(b []byte) (f frame, ok bool) {
	if len(b) < 4 || b[0] != 0xff || b[1]&0xe0 != 0xe0 {
		return f, false
	}
	version, layer := b[1]>>3&3, b[1]>>1&3 // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5; 3: layer I, 2: II, 1: III
	rate, kbit := int(b[2]>>2&3), int(b[2]>>4)
	if version == 1 || layer == 0 || rate == 3 || kbit == 0 || kbit == 15 {
		return f, false
	}
	f.layer = 4 - int(layer)
	f.rate = []int{44100, 48000, 32000}[rate]
	if version != 3 {
		f.rate /= 2
	}
	if version == 0 {
		f.rate /= 2
	}
	f.channels = 2
	if b[3]>>6 == 3 {
		f.channels = 1
	}
	f.bitrate = 1000 * kilobits(version == 3, f.layer)[kbit-1]
	padding := int(b[2] >> 1 & 1)
	switch {
	case f.layer == 1:
		f.samples = 384
		f.bytes = (12*f.bitrate/f.rate + padding) * 4
	case f.layer == 3 && version != 3:
		f.samples = 576
		f.bytes = 72*f.bitrate/f.rate + padding
	default:
		f.samples = 1152
		f.bytes = 144*f.bitrate/f.rate + padding
	}
	switch {
	case version == 3 && f.channels == 2:
		f.side = 32
	case version == 3 || f.channels == 2:
		f.side = 17
	default:
		f.side = 9
	}
	return f, f.bytes > 4
}

func kilobits(one bool, layer int) []int {
	switch {
	case one && layer == 1:
		return []int{32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448}
	case one && layer == 2:
		return []int{32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384}
	case one:
		return []int{32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}
	case layer == 1:
		return []int{32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256}
	}
	return []int{8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}
}

// mpeg reads MP3 and its like: how many frames there are, as the encoder wrote
// into the first, or by counting them.
func mpeg(ctx context.Context, src media.Source, f *media.Facts) bool {
	at := pastID3(src)
	first, at, ok := firstFrame(src, at)
	if !ok {
		return false
	}
	f.AudioCodec = map[int]string{1: "mp1", 2: "mp2", 3: "mp3"}[first.layer]
	f.SampleRate, f.Channels = first.rate, first.channels
	if frames := counted(src, at, first); frames > 0 {
		f.Duration = float64(frames) * float64(first.samples) / float64(first.rate)
		return true
	}
	f.Duration, f.Bitrate = count(ctx, src, at, first)
	return true
}

// pastID3 returns where the tags at the beginning end. Some files have several.
func pastID3(src media.Source) int64 {
	at := int64(0)
	var b [10]byte
	for range 4 {
		if n, _ := src.ReadAt(b[:], at); n < len(b) || string(b[:3]) != "ID3" {
			break
		}
		at += 10 + int64(b[6]&0x7f)<<21 + int64(b[7]&0x7f)<<14 + int64(b[8]&0x7f)<<7 + int64(b[9]&0x7f)
		if b[5]&0x10 != 0 {
			at += 10
		}
	}
	return at
}

// firstFrame looks for two frames one behind the other, within 64 KiB.
func firstFrame(src media.Source, from int64) (frame, int64, bool) {
	b := make([]byte, 64<<10)
	n, err := src.ReadAt(b, from)
	if n < 4 || err != nil && err != io.EOF { //nolint:errorlint // a ReaderAt returns it as it is
		return frame{}, 0, false
	}
	b = b[:n]
	for i := range b {
		f, ok := parseFrame(b[i:])
		if !ok {
			continue
		}
		next := i + f.bytes
		if next == n && i == 0 {
			return f, from, true // there is but one
		}
		if next < n {
			if g, ok := parseFrame(b[next:]); ok && g.layer == f.layer && g.rate == f.rate {
				return f, from + int64(i), true
			}
		}
	}
	return frame{}, 0, false
}

// counted reads how many frames there are, if the first frame tells.
func counted(src media.Source, at int64, first frame) int64 {
	var b [18]byte
	if n, _ := src.ReadAt(b[:12], at+4+int64(first.side)); n == 12 && (string(b[:4]) == "Xing" || string(b[:4]) == "Info") && b[7]&1 != 0 {
		return int64(binary.BigEndian.Uint32(b[8:]))
	}
	if n, _ := src.ReadAt(b[:], at+4+32); n == len(b) && string(b[:4]) == "VBRI" {
		return int64(binary.BigEndian.Uint32(b[14:]))
	}
	return 0
}

const (
	alike    = 100      // so many frames of one bitrate, and all have it
	maxScan  = 64 << 20 // bytes that are counted; what is longer is taken to go on so
	scanStep = 256 << 10
)

// count goes from frame to frame. It returns the duration, and the bitrate.
func count(ctx context.Context, src media.Source, start int64, first frame) (float64, int64) {
	var seconds float64
	buf := make([]byte, scanStep)
	have, from := 0, start
	at, same := start, 0
	for at < src.Size && at-start < maxScan && ctx.Err() == nil {
		if at+4 > from+int64(have) || at < from {
			from = at
			have, _ = src.ReadAt(buf, from)
			if have < 4 {
				break
			}
		}
		f, ok := parseFrame(buf[at-from : have])
		if !ok {
			break // tags at the end, or damage
		}
		seconds += float64(f.samples) / float64(f.rate)
		at += int64(f.bytes)
		if f.bitrate == first.bitrate {
			same++
		} else {
			same = -1 << 40
		}
		if same == alike {
			break
		}
	}
	if seconds == 0 {
		return 0, 0
	}
	perSecond := float64(at-start) / seconds
	if same == alike || at-start >= maxScan {
		seconds = float64(src.Size-start) / perSecond
	}
	return seconds, int64(8 * perSecond)
}
