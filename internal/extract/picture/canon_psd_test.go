package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"testing"

	"github.com/stardrive/stardrive/internal/media"
)

func be16(v int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(v)) }
func be32(v int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(v)) }

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// sized puts a length before it.
func sized(parts ...[]byte) []byte {
	all := join(parts...)
	return append(be32(len(all)), all...)
}

func jpegOf(t testing.TB, w, h int, c color.Color) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		m.Set(i%w, i/w, c)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// psd makes a Photoshop document of one colour, given by its channels.
func psd(t testing.TB, version, mode, depth int, packed bool, channels ...byte) []byte {
	t.Helper()
	const w, h = 40, 30
	thumb := join(be32(1), make([]byte, 24), jpegOf(t, 8, 6, color.RGBA{9, 200, 9, 255}))
	resource := join([]byte("8BIM"), be16(1036), []byte{3, 'a', 'b', 'c'}, sized(thumb), make([]byte, len(thumb)&1))
	var palette []byte
	if mode == psdIndexed {
		palette = make([]byte, 768)
		palette[7], palette[256+7], palette[512+7] = 10, 20, 200
	}
	layers := sized([]byte("layers"))
	if version == 2 {
		layers = append(make([]byte, 7), append([]byte{6}, "layers"...)...)
	}
	out := join([]byte("8BPS"), be16(version), make([]byte, 6), be16(len(channels)), be32(h), be32(w), be16(depth), be16(mode), sized(palette), sized(resource), layers)
	if packed {
		out = append(out, be16(1)...)
		out = append(out, make([]byte, 2*version*len(channels)*h)...)
	} else {
		out = append(out, be16(0)...)
	}
	for _, c := range channels {
		for range h {
			if packed {
				out = append(out, byte(257-w+1), c, 0, c) // 39 of them, and one as it is
			} else {
				for range w {
					out = append(out, bytes.Repeat([]byte{c}, depth/8)...)
				}
			}
		}
	}
	return out
}

func TestPhotoshop(t *testing.T) {
	green := color.RGBA{9, 200, 9, 255}
	for name, c := range map[string]struct {
		data []byte
		want color.Color
	}{
		"RGB":            {psd(t, 1, psdRGB, 8, false, 250, 20, 30), color.RGBA{250, 20, 30, 255}},
		"RGB, packed":    {psd(t, 1, psdRGB, 8, true, 250, 20, 30, 255), color.RGBA{250, 20, 30, 255}},
		"large, 16 bits": {psd(t, 2, psdRGB, 16, false, 250, 20, 30), color.RGBA{250, 20, 30, 255}},
		"grey":           {psd(t, 1, psdGray, 8, true, 77), color.RGBA{77, 77, 77, 255}},
		"indexed":        {psd(t, 1, psdIndexed, 8, false, 7), color.RGBA{10, 20, 200, 255}},
		"CMYK":           {psd(t, 1, psdCMYK, 8, true, 255, 100, 255, 128), color.RGBA{128, 50, 128, 255}},
		"Lab: small one": {psd(t, 1, 9, 8, false, 1, 2, 3), green},
	} {
		ans, err := Derive(context.Background(), media.Ask{Kind: "image", Want: []media.Kind{media.FactsOf, media.Thumb256}}, inMemory(c.data))
		if err != nil || ans.Facts.Width != 40 || ans.Facts.Height != 30 {
			t.Errorf("%s: %+v, %v, %v", name, ans.Facts, ans.Failed, err)
			continue
		}
		if img := decoded(t, ans, media.Thumb256); !near(img, 3, 3, c.want) {
			t.Errorf("%s: it is %v", name, img.At(3, 3))
		}
	}
}

func box(name string, parts ...[]byte) []byte {
	body := join(parts...)
	return join(be32(8+len(body)), []byte(name), body)
}

func unhex(s string) []byte {
	b, _ := hex.DecodeString(s)
	return b
}

// tag is one of a TIFF: its number, type, how many, and what it holds or where that stands.
type tag [4]uint32

func littleTIFF(tags []tag) []byte {
	out := binary.LittleEndian.AppendUint16([]byte("II*\x00\x08\x00\x00\x00"), uint16(len(tags)))
	for _, t := range tags {
		out = binary.LittleEndian.AppendUint16(out, uint16(t[0]))
		out = binary.LittleEndian.AppendUint16(out, uint16(t[1]))
		out = binary.LittleEndian.AppendUint32(out, t[2])
		out = binary.LittleEndian.AppendUint32(out, t[3])
	}
	return append(out, 0, 0, 0, 0)
}

// cr3 makes a raw picture of a camera that was held upright, with two pictures beside
// its samples.
func cr3(t testing.TB) []byte {
	t.Helper()
	ifd := littleTIFF([]tag{{0x100, 4, 1, 6000}, {0x101, 4, 1, 4000}, {0x112, 3, 1, 6}})
	le := binary.LittleEndian
	shot := littleTIFF([]tag{{0x829a, 5, 1, 100}, {0x829d, 5, 1, 108}, {0x8827, 3, 1, 800}, {0x9003, 2, 20, 116}, {0x920a, 5, 1, 136}})
	shot = append(shot, make([]byte, 100-len(shot))...)
	for _, n := range []uint32{1, 250, 28, 10} {
		shot = le.AppendUint32(shot, n)
	}
	shot = append(shot, "2024:03:02 01:02:03\x00"...)
	shot = le.AppendUint32(le.AppendUint32(shot, 50), 1)
	where := littleTIFF([]tag{{1, 2, 2, 'N'}, {2, 5, 3, 100}, {3, 2, 2, 'E'}, {4, 5, 3, 124}})
	where = append(where, make([]byte, 100-len(where))...)
	for _, n := range []uint32{48, 1, 30, 1, 0, 1, 11, 1, 15, 1, 0, 1} {
		where = le.AppendUint32(where, n)
	}
	small, large := jpegOf(t, 160, 120, color.Black), jpegOf(t, 600, 400, color.RGBA{200, 100, 0, 255})
	return join(
		box("ftyp", []byte("crx \x00\x00\x00\x01crx isom")),
		box("moov", box("uuid", unhex(canonBox), box("CNCV", []byte("CanonCR3")), box("CMT1", ifd), box("CMT2", shot), box("CMT4", where), box("THMB", make([]byte, 16), small))),
		box("uuid", unhex(previewBox), make([]byte, 8), box("PRVW", make([]byte, 16), large)),
		box("mdat", make([]byte, 1000)))
}

func TestCanonCR3(t *testing.T) {
	ans := derive(t, cr3(t))
	if f := ans.Facts; f.Width != 4000 || f.Height != 6000 || f.Orientation != 6 {
		t.Errorf("%+v", f)
	}
	if f := ans.Facts; f.Exposure != "1/250" || f.Aperture != 2.8 || f.ISO != 800 || f.Focal != 50 || f.Taken.Format("2006-01-02 15:04:05") != "2024-03-02 01:02:03" {
		t.Errorf("%+v", f)
	}
	if f := ans.Facts; f.Latitude == nil || *f.Latitude != 48.5 || *f.Longitude != 11.25 {
		t.Errorf("%v %v", f.Latitude, f.Longitude)
	}
	img := decoded(t, ans, media.Thumb256)
	if b := img.Bounds(); b.Dx() >= b.Dy() || b.Dy() != 256 || !near(img, 20, 20, color.RGBA{200, 100, 0, 255}) {
		t.Errorf("%v, %v", b, img.At(20, 20))
	}
}

// TestFault_I24_DamagedPhotoshopAndCR3: whatever stands there, it ends, and shows no more
// than there can be.
func TestFault_I24_DamagedPhotoshopAndCR3(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for name, data := range map[string][]byte{"psd": psd(t, 1, psdRGB, 8, true, 1, 2, 3), "psb": psd(t, 2, psdCMYK, 16, false, 1, 2, 3, 4), "cr3": cr3(t)} {
		look := func(b []byte) {
			t.Helper()
			ans, err := Derive(context.Background(), media.Ask{Kind: "image", Want: []media.Kind{media.FactsOf, media.Thumb256}}, inMemory(b))
			if p := ans.Pictures[media.Thumb256]; err == nil && max(p.Width, p.Height) > 256 {
				t.Fatalf("%s: %d × %d", name, p.Width, p.Height)
			}
		}
		for range 25 {
			look(data[:r.IntN(len(data))])
		}
		for range 80 {
			b := bytes.Clone(data)
			for range 1 + r.IntN(8) {
				b[r.IntN(min(len(b), 400))] = byte(r.Uint32())
			}
			look(b)
		}
	}
	huge := psd(t, 1, psdRGB, 8, false, 1, 2, 3)
	copy(huge[14:], be32(200_000))
	copy(huge[18:], be32(200_000))
	if ans := derive(t, huge); len(ans.Pictures) == 0 || ans.Facts.Width != 200_000 { // the small one is shown
		t.Errorf("%+v", ans)
	}
}

// TestFault_P32_BoxShorterThanItsHead: brands that begin behind their end are none.
func TestFault_P32_BoxShorterThanItsHead(t *testing.T) {
	data := bytes.Clone(sample(t, "deep.avif"))
	copy(data, be32(4))
	if ans, err := Derive(context.Background(), media.Ask{Want: all}, inMemory(data)); err == nil && len(ans.Pictures) > 0 {
		t.Errorf("%+v", ans.Facts)
	}
}
