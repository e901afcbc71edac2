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

// cr3 makes a raw picture of a camera that was held upright, with two pictures beside
// its samples.
func cr3(t testing.TB) []byte {
	t.Helper()
	ifd := []byte("II*\x00\x08\x00\x00\x00\x03\x00")
	for _, tag := range [][3]uint32{{0x100, 4, 6000}, {0x101, 4, 4000}, {0x112, 3, 6}} {
		ifd = binary.LittleEndian.AppendUint16(ifd, uint16(tag[0]))
		ifd = binary.LittleEndian.AppendUint16(ifd, uint16(tag[1]))
		ifd = binary.LittleEndian.AppendUint32(ifd, 1)
		ifd = binary.LittleEndian.AppendUint32(ifd, tag[2])
	}
	ifd = append(ifd, 0, 0, 0, 0)
	small, large := jpegOf(t, 160, 120, color.Black), jpegOf(t, 600, 400, color.RGBA{200, 100, 0, 255})
	return join(
		box("ftyp", []byte("crx \x00\x00\x00\x01crx isom")),
		box("moov", box("uuid", unhex(canonBox), box("CNCV", []byte("CanonCR3")), box("CMT1", ifd), box("THMB", make([]byte, 16), small))),
		box("uuid", unhex(previewBox), make([]byte, 8), box("PRVW", make([]byte, 16), large)),
		box("mdat", make([]byte, 1000)))
}

func TestCanonCR3(t *testing.T) {
	ans := derive(t, cr3(t))
	if f := ans.Facts; f.Width != 4000 || f.Height != 6000 || f.Orientation != 6 {
		t.Errorf("%+v", f)
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
		for range 60 {
			look(data[:r.IntN(len(data))])
		}
		for range 200 {
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
