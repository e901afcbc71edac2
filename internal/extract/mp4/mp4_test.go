package mp4

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func box(kind string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), kind...), body...)
}

func words(values ...uint32) (out []byte) {
	for _, v := range values {
		out = binary.BigEndian.AppendUint32(out, v)
	}
	return out
}

// phone is a film as phones write it: turned, with a place and a time of its zone.
func phone() []byte {
	const since1904 = 2082844800
	at := uint32(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC).Unix() + since1904)
	const one = 1 << 16
	minus := uint32(0xffff0000) // -1
	tkhd := box("tkhd", words(0, at, at, 1, 0, 5000, 0, 0, 0, 0), words(0, one, 0, minus, 0, 0, 0, 0, 1<<30), words(1920<<16, 1080<<16))
	video := box("trak", tkhd, box("mdia",
		box("mdhd", words(0, at, at, 600, 3000, 0)), box("hdlr", words(0, 0), []byte("vide"), make([]byte, 12)),
		box("minf", box("stbl", box("stsd", words(0, 1), box("hvc1", make([]byte, 78))), box("stsz", words(0, 0, 150))))))
	aac := append(make([]byte, 16), 0, 2, 0, 16, 0, 0, 0, 0, 0xac, 0x44, 0, 0)
	esds := box("esds", words(0), []byte{3, 25, 0, 1, 0, 4, 17, 0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 2, 0x12, 0x08})
	sound := box("trak", box("mdia", box("mdhd", words(0, at, at, 44100, 220500, 0)), box("hdlr", words(0, 0), []byte("soun"), make([]byte, 12)),
		box("minf", box("stbl", box("stsd", words(0, 1), box("mp4a", aac, esds))))))
	key := func(s string) []byte { return box("mdta", []byte(s)) }
	value := func(i uint32, s string) []byte {
		return box(string(words(i)), box("data", words(1, 0), []byte(s)))
	}
	meta := box("meta", box("hdlr", make([]byte, 24)),
		box("keys", words(0, 3), key("com.apple.quicktime.location.ISO6709"), key("com.apple.quicktime.creationdate"), key("com.apple.quicktime.model")),
		box("ilst", value(1, "+48.2082+016.3738+171.000/"), value(2, "2024-05-06T09:08:09+0200"), value(3, "iPhone 15")))
	moov := box("moov", box("mvhd", words(0, at, at, 1000, 5000), make([]byte, 80)), video, sound, meta)
	return append(append(box("ftyp", []byte("qt  ")), box("mdat", make([]byte, 1000))...), moov...)
}

func read(data []byte) (Movie, bool) { return Read(bytes.NewReader(data), int64(len(data))) }

func TestPhone(t *testing.T) {
	m, ok := read(phone())
	if !ok || m.Duration != 5 || m.Created.Format(time.RFC3339) != "2024-05-06T09:08:09+02:00" || m.Model != "iPhone 15" || len(m.Tracks) != 2 {
		t.Fatalf("%+v, %v", m, ok)
	}
	if m.Latitude == nil || *m.Latitude != 48.2082 || *m.Longitude != 16.3738 || *m.Altitude != 171 {
		t.Errorf("place: %+v", m)
	}
	if v := m.Tracks[0]; v.Handler != "vide" || v.Codec != "hvc1" || v.Turned != 90 || v.Width != 1920 || v.Height != 1080 || v.Samples != 150 || v.Duration != 5 {
		t.Errorf("video: %+v", v)
	}
	if a := m.Tracks[1]; a.Handler != "soun" || a.Codec != "mp4a" || a.SampleRate != 44100 || a.Channels != 1 {
		t.Errorf("sound: %+v", a)
	}
}

// Android's phones write the place elsewhere, and MP4's meta has a version.
func TestElsewhere(t *testing.T) {
	xyz := box("\xa9xyz", []byte{0, 18, 0x15, 0xc7}, []byte("-33.8568+151.2153/"))
	m, ok := read(box("moov", box("mvhd", words(0, 0, 0, 90000, 90000), make([]byte, 80)), box("udta", xyz)))
	if !ok || m.Latitude == nil || *m.Latitude != -33.8568 || m.Duration != 1 || !m.Created.IsZero() {
		t.Errorf("%+v", m)
	}
	data := bytes.Replace(phone(), box("hdlr", make([]byte, 24)), append(words(0), box("hdlr", make([]byte, 20))...), 1)
	if m, _ := read(data); m.Model != "iPhone 15" {
		t.Errorf("with a version: %+v", m)
	}
	long := box("moov", box("mvhd", []byte{1, 0, 0, 0}, make([]byte, 16), words(1000, 0, 2500), make([]byte, 80)))
	if m, _ := read(long); m.Duration != 2.5 {
		t.Errorf("64 bits: %+v", m)
	}
	parts := box("moov", box("mvhd", words(0, 0, 0, 1000, 0), make([]byte, 80)), box("mvex", box("mehd", words(0, 7000))))
	if m, _ := read(parts); m.Duration != 7 {
		t.Errorf("in fragments: %+v", m)
	}
}

func TestPlace(t *testing.T) {
	for _, s := range []string{"", "nowhere", "+0+0/", "+91.0+000.0/", "+10.0+200.0/", strings.Repeat("+1", 1000)} {
		if lat, long, _, ok := Place(s); ok && (math.Abs(*lat) > 90 || math.Abs(*long) > 180) {
			t.Errorf("%q: %v %v", s, *lat, *long)
		}
	}
	if _, _, alt, ok := Place("+27.5916+086.5640/"); !ok || alt != nil {
		t.Error("a place without a height")
	}
}

// Boxes that lie about their size end where what holds them ends.
func TestFault_P32_LyingBoxes(t *testing.T) {
	data := box("free", nil)
	binary.BigEndian.PutUint32(data, 1<<31)
	n := 0
	Each(bytes.NewReader(data), 0, int64(len(data)), func(b Box) bool { n++; return b.To <= int64(len(data)) })
	if n != 1 {
		t.Errorf("%d boxes", n)
	}
	for _, size := range []uint32{2, 7} {
		binary.BigEndian.PutUint32(data, size)
		Each(bytes.NewReader(data), 0, int64(len(data)), func(Box) bool { t.Error("a box smaller than its head"); return true })
	}
	rapid.Check(t, func(t *rapid.T) {
		data := phone()
		for range rapid.IntRange(1, 8).Draw(t, "flips") {
			data[rapid.IntRange(0, len(data)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "to")
		}
		if m, _ := read(data[:rapid.IntRange(0, len(data)).Draw(t, "cut")]); math.IsNaN(m.Duration) || m.Duration < 0 {
			t.Fatal(m.Duration)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add(phone())
	f.Fuzz(func(_ *testing.T, data []byte) { read(data) })
}
