package sound

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/media"
)

var all = []media.Kind{media.FactsOf, media.Thumb256}

func sample(t testing.TB, name string) []byte {
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func derive(data []byte) (media.Answer, error) {
	return Derive(context.Background(), media.Ask{Want: all}, media.Source{ReaderAt: bytes.NewReader(data), Size: int64(len(data))})
}

// What ffprobe tells of the samples.
func TestFormats(t *testing.T) {
	for name, want := range map[string]media.Facts{
		"a.flac":    {Duration: 3, AudioCodec: "flac", SampleRate: 22050, Channels: 1, Bitrate: 75253},
		"cbr.mp3":   {Duration: 3.056, AudioCodec: "mp3", SampleRate: 22050, Channels: 1, Bitrate: 16000},
		"cover.mp3": {Duration: 3.056, AudioCodec: "mp3", SampleRate: 22050, Channels: 1, Bitrate: 12315},
		"cover.m4a": {Duration: 3, AudioCodec: "aac", SampleRate: 22050, Channels: 1, Bitrate: 22792},
		"o.opus":    {Duration: 3, AudioCodec: "opus", SampleRate: 48000, Channels: 1, Bitrate: 7729},
		"v.ogg":     {Duration: 3, AudioCodec: "vorbis", SampleRate: 22050, Channels: 1, Bitrate: 18029},
		"s.wav":     {Duration: 0.5, AudioCodec: "pcm", SampleRate: 22050, Channels: 1, Bitrate: 352800},
		"s.aiff":    {Duration: 0.5, AudioCodec: "pcm", SampleRate: 22050, Channels: 1},
	} {
		ans, err := derive(sample(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		f := ans.Facts
		if math.Abs(f.Duration-want.Duration) > 0.06 || f.AudioCodec != want.AudioCodec || f.SampleRate != want.SampleRate || f.Channels != want.Channels ||
			math.Abs(float64(f.Bitrate-want.Bitrate)) > float64(want.Bitrate)/20 {
			t.Errorf("%s: %+v", name, f)
		}
		if filepath.Ext(name) == ".wav" || filepath.Ext(name) == ".aiff" {
			continue
		}
		if f.Title != "Song" || f.Artist != "Someone" || f.Album != "Record" || f.Genre != "Jazz" || f.Track != 3 || f.Year != 1999 {
			t.Errorf("%s: tags %+v", name, f)
		}
	}
}

func TestCover(t *testing.T) {
	for _, name := range []string{"cover.mp3", "cover.m4a"} {
		ans, err := derive(sample(t, name))
		if err != nil || ans.Pictures[media.Thumb256].Width != 64 || ans.Facts.Blurhash == "" || ans.Facts.Width != 0 {
			t.Errorf("%s: %+v, %v", name, ans.Facts, err)
		}
	}
	// A damaged cover costs the picture alone.
	data := sample(t, "cover.mp3")
	at := bytes.Index(data, []byte{0xff, 0xd8, 0xff})
	copy(data[at:], "nothing")
	ans, err := derive(data)
	if err != nil || ans.Failed[media.Thumb256] == "" || ans.Facts.Title != "Song" {
		t.Errorf("damaged: %+v, %v", ans, err)
	}
}

// Frames of many bitrates, without a count of them: they are counted.
func TestMixedBitrates(t *testing.T) {
	var data []byte
	for i := range 500 {
		head := []byte{0xff, 0xfb, 0x90, 0x00} // 128 kbit/s, 44,100 Hz
		if i%3 == 0 {
			head[2] = 0x50 // 64 kbit/s
		}
		f, ok := parseFrame(head)
		if !ok {
			t.Fatal(head)
		}
		data = append(data, append(head, make([]byte, f.bytes-4)...)...)
	}
	ans, err := derive(append(data, "TAG and what else may follow"...))
	want := 500 * 1152.0 / 44100
	if err != nil || math.Abs(ans.Facts.Duration-want) > 0.01 {
		t.Errorf("%v, want %v s: %v", ans.Facts, want, err)
	}
}

func TestNoSound(t *testing.T) {
	for _, s := range []string{"", "hello", "RIFF....WAVE", "fLaC", "OggS", "....ftypM4A ", "ID3"} {
		if ans, err := derive([]byte(s)); err == nil {
			t.Errorf("%q: %+v", s, ans.Facts)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	data := sample(t, "a.flac")
	if _, err := Derive(ctx, media.Ask{}, media.Source{ReaderAt: bytes.NewReader(data), Size: int64(len(data))}); !errs.Is(err, errs.Cancelled) {
		t.Errorf("cancelled: %v", err)
	}
}

func names(t testing.TB) []string {
	found, err := filepath.Glob("testdata/*")
	if err != nil || len(found) < 8 {
		t.Fatal(found, err)
	}
	return found
}

func TestFault_I24_Truncated(t *testing.T) {
	for _, name := range names(t) {
		data := sample(t, filepath.Base(name))
		for cut := 0; cut < len(data); cut += 1 + len(data)/12 {
			if ans, err := derive(data[:cut]); err == nil && ans.Facts == nil {
				t.Errorf("%s, cut at %d: neither facts nor an error", name, cut)
			}
		}
	}
}

func TestFault_P32_FlippedBytes(t *testing.T) {
	all := names(t)
	rapid.Check(t, func(rt *rapid.T) {
		data := bytes.Clone(sample(t, filepath.Base(rapid.SampledFrom(all).Draw(rt, "sample"))))
		for range rapid.IntRange(1, 8).Draw(rt, "flips") {
			data[rapid.IntRange(0, min(len(data), 4000)-1).Draw(rt, "at")] = rapid.Byte().Draw(rt, "to")
		}
		ans, err := derive(data)
		if err == nil && (ans.Facts == nil || math.IsNaN(ans.Facts.Duration) || ans.Facts.Duration < 0) {
			rt.Fatalf("%+v", ans)
		}
	})
}

func FuzzDerive(f *testing.F) {
	for _, name := range names(f) {
		f.Add(sample(f, filepath.Base(name)))
	}
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = derive(data) })
}
