package film

import (
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stardrive/stardrive/internal/media"
)

// el makes an element; its size is written in eight bytes.
func el(id uint32, body ...[]byte) []byte {
	var b []byte
	for shift := 24; shift >= 0; shift -= 8 {
		if c := byte(id >> shift); c != 0 || len(b) > 0 {
			b = append(b, c)
		}
	}
	n := 0
	for _, p := range body {
		n += len(p)
	}
	b = binary.BigEndian.AppendUint64(b, 1<<56|uint64(n))
	for _, p := range body {
		b = append(b, p...)
	}
	return b
}

func num(v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v) }

func real64(v float64) []byte { return num(math.Float64bits(v)) }

func sampleMKV() []byte {
	made := int64(86_400 * 1e9)
	return append(el(ebmlHead, el(0x4282, []byte("webm"))),
		el(mkvSegment,
			el(mkvInfo, el(mkvScale, num(1e6)), el(mkvDuration, real64(61_500)), el(mkvTitle, []byte("The sea\x00\x00")), el(mkvDate, num(uint64(made)))),
			el(0x1F43B675, make([]byte, 5000)), // a cluster
			el(mkvTracks,
				el(mkvTrack, el(mkvTrackType, []byte{1}), el(mkvCodec, []byte("V_MPEGH/ISO/HEVC")), el(mkvFrame, num(40_000_000)), el(mkvVideo, el(mkvWidth, num(1920)), el(mkvHeight, num(1080)))),
				el(mkvTrack, el(mkvTrackType, []byte{2}), el(mkvCodec, []byte("A_OPUS")), el(mkvAudio, el(mkvRate, real64(48_000)), el(mkvChannels, []byte{6}))),
			))...)
}

func TestMatroska(t *testing.T) {
	data := sampleMKV()
	ans, err := Derive(context.Background(), media.Ask{Want: all}, inMemory(data))
	f := ans.Facts
	if err != nil || f == nil || f.Duration != 61.5 || f.Title != "The sea" || f.VideoCodec != "hevc" || f.Width != 1920 || f.Height != 1080 || f.FrameRate != 25 ||
		f.AudioCodec != "opus" || f.SampleRate != 48_000 || f.Channels != 6 || f.Taken.Format("2006-01-02") != "2001-01-02" || f.Bitrate == 0 {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestFault_P32_DamagedMatroska: whatever stands there, it ends soon and says nothing mad.
func TestFault_P32_DamagedMatroska(t *testing.T) {
	data := sampleMKV()
	check := func(b []byte) {
		t.Helper()
		ans, err := Derive(context.Background(), media.Ask{Want: all}, inMemory(b))
		if f := ans.Facts; err != nil || f != nil && (f.Duration < 0 || f.Duration > 1e8 || math.IsNaN(f.FrameRate) || f.Width < 0 || f.Width > 1<<20 || f.Channels < 0) {
			t.Fatalf("%+v, %v", f, err)
		}
	}
	for n := range data {
		check(data[:n])
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		b := append([]byte(nil), data...)
		for range 1 + r.IntN(6) {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
		check(b)
	}
}
