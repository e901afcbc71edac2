package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/media"
)

// read looks into a picture with all decoders.
func read(t testing.TB, r *Reader, name string, want ...media.Kind) (media.Answer, error) {
	t.Helper()
	ask := media.Ask{Want: want, Name: name}
	if strings.HasSuffix(name, ".svg") {
		ask.MIME = "image/svg+xml"
	}
	return r.Derive(context.Background(), ask, inMemory(sample(t, name)))
}

// reader is one for all tests: it is slow to make. Compiled once it stays in the
// user's cache, as Go's own packages do.
var reader Reader

func TestMain(m *testing.M) {
	dir, err := os.UserCacheDir()
	if err == nil {
		dir = filepath.Join(dir, "stardrive-tests")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			dir = ""
		}
	}
	if err := reader.Prepare(context.Background(), dir); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := reader.Close(); err != nil {
		panic(err)
	}
	os.Exit(code)
}

func TestHEIFAndOthers(t *testing.T) {
	r := &reader
	for name, size := range map[string]image.Point{
		"plain.heic": {96, 64}, "deep.avif": {96, 64}, "drawing.svg": {96, 64}, "photo.heic": {960, 640}, "icon.ico": {48, 48},
	} {
		ans, err := read(t, r, name, all...)
		if err != nil || len(ans.Failed) > 0 {
			t.Errorf("%s: %v %v", name, err, ans.Failed)
			continue
		}
		img := decoded(t, ans, media.Thumb256)
		b := img.Bounds()
		if ans.Facts.Width != size.X || ans.Facts.Height != size.Y || ans.Facts.Perceptual == "" {
			t.Errorf("%s: %+v", name, ans.Facts)
		}
		if !near(img, b.Dx()/6, b.Dy()*3/16, color.White) || near(img, b.Dx()/6, b.Dy()*7/8, color.White) {
			t.Errorf("%s: no white field: %v", name, img.At(b.Dx()/6, b.Dy()*3/16))
		}
	}
	// A quarter to the left: the field that is at the upper left comes to the lower left.
	ans, err := read(t, r, "turned.avif", all...)
	if err != nil || ans.Facts.Width != 64 || ans.Facts.Height != 96 || !near(decoded(t, ans, media.Thumb256), 12, 80, color.White) {
		t.Errorf("turned: %+v, %v", ans.Facts, err)
	}
	// Without the slow decoders the reason is told.
	if ans := derive(t, sample(t, "plain.heic")); ans.Failed[media.Thumb256] == "" || ans.Facts.Width != 96 {
		t.Errorf("without a decoder: %+v", ans)
	}
}

// The small picture in a HEIC is taken where it is enough.
func TestSmallHEIC(t *testing.T) {
	got := openHEIF(context.Background(), &reader.heif, false, inMemory(sample(t, "photo.heic")), 256)
	if got.err != nil || got.img.Bounds().Dx() != 320 || got.width != 960 {
		t.Errorf("%+v", got.err)
	}
}

func TestFault_I24_HEIFDamaged(t *testing.T) {
	r := &reader
	for _, name := range []string{"plain.heic", "turned.avif"} {
		data := sample(t, name)
		for cut := 0; cut < len(data); cut += 1 + len(data)/12 {
			if ans, err := r.Derive(context.Background(), media.Ask{Want: all[:1]}, inMemory(data[:cut])); err == nil && ans.Facts == nil {
				t.Errorf("%s, cut at %d", name, cut)
			}
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		data := bytes.Clone(sample(t, rapid.SampledFrom([]string{"plain.heic", "turned.avif"}).Draw(rt, "name")))
		for range rapid.IntRange(1, 6).Draw(rt, "flips") {
			data[rapid.IntRange(8, len(data)-1).Draw(rt, "at")] = rapid.Byte().Draw(rt, "to")
		}
		if ans, err := r.Derive(context.Background(), media.Ask{Want: []media.Kind{media.Thumb256}}, inMemory(data)); err == nil && ans.Facts == nil {
			rt.Fatal("neither facts nor an error")
		}
	})
	if _, err := read(t, r, "plain.heic", all...); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// raw is a picture as cameras store it: a tiny one first, the samples, which
// nobody decodes here, and a JPEG.
func raw(t testing.TB, magic string, orientation uint16) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 300, 200))
	for i := range img.Pix {
		img.Pix[i] = byte(200 + i%4*10)
	}
	var shown bytes.Buffer
	if err := jpeg.Encode(&shown, img, nil); err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	var out []byte
	dir := func(entries [][4]uint32, next uint32) {
		out = le.AppendUint16(out, uint16(len(entries)))
		for _, e := range entries {
			out = le.AppendUint16(le.AppendUint16(out, uint16(e[0])), uint16(e[1]))
			out = le.AppendUint32(le.AppendUint32(out, e[2]), e[3])
		}
		out = le.AppendUint32(out, next)
	}
	const short, long = 3, 4
	out = le.AppendUint32([]byte(magic), 8)
	subs := uint32(8 + 2 + 12*11 + 4)
	first := subs + 8
	second := first + 2 + 12*5 + 4
	at := second + 2 + 12*3 + 4
	dir([][4]uint32{
		{0x100, short, 1, 4}, {0x101, short, 1, 2}, {0x102, short, 1, 8}, {0x103, short, 1, 1}, {0x106, short, 1, 1}, {0x111, long, 1, 8},
		{0x112, short, 1, uint32(orientation)}, {0x115, short, 1, 1}, {0x116, short, 1, 2}, {0x117, long, 1, 8}, {0x14a, long, 2, subs},
	}, 0)
	out = le.AppendUint32(le.AppendUint32(out, first), second)
	dir([][4]uint32{{0x100, short, 1, 6000}, {0x101, short, 1, 4000}, {0x103, short, 1, 34713}, {0x106, short, 1, 32803}, {0x111, long, 1, 8}}, 0)
	dir([][4]uint32{{0x103, short, 1, 6}, {0x201, long, 1, at}, {0x202, long, 1, uint32(shown.Len())}}, 0)
	return append(out, shown.Bytes()...)
}

func TestRaw(t *testing.T) {
	for _, magic := range []string{"II*\x00", "IIU\x00", "IIRO"} {
		ans := derive(t, raw(t, magic, 6))
		p := ans.Pictures[media.Thumb256]
		if ans.Facts.Width != 4000 || ans.Facts.Height != 6000 || p.Width != 171 || p.Height != 256 || ans.Facts.Orientation != 6 {
			t.Errorf("%q: %+v %v %d × %d", magic, ans.Facts, ans.Failed, p.Width, p.Height)
		}
	}
	fuji := append([]byte("FUJIFILMCCD-RAW "), make([]byte, 100)...)
	binary.BigEndian.PutUint32(fuji[84:], uint32(len(fuji)))
	shown := oriented(sample(t, "progressive.jpg"), 6)
	binary.BigEndian.PutUint32(fuji[88:], uint32(len(shown)))
	if ans := derive(t, append(fuji, shown...)); ans.Facts.Width != 64 || len(ans.Pictures) != 3 {
		t.Errorf("Fuji: %+v", ans.Facts)
	}
	data := raw(t, "II*\x00", 1)
	rapid.Check(t, func(rt *rapid.T) {
		data := bytes.Clone(data)
		for range rapid.IntRange(1, 6).Draw(rt, "flips") {
			data[rapid.IntRange(0, 400).Draw(rt, "at")] = rapid.Byte().Draw(rt, "to")
		}
		if ans, err := Derive(context.Background(), media.Ask{Want: []media.Kind{media.Thumb256}}, inMemory(data)); err == nil && ans.Facts == nil {
			rt.Fatal("neither facts nor an error")
		}
	})
}

func TestFault_I24_DrawingsThatGrow(t *testing.T) {
	head := `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">`
	for name, data := range map[string]string{
		"parts of parts": head + `<defs><g id="a"><rect width="1" height="1"/></g><g id="b"><use href="#a"/><use href="#a"/></g></defs><use href="#b"/></svg>`,
		"itself":         head + `<defs><g id="a"><use href="#a"/></g></defs><use href="#a"/></svg>`,
		"depth":          head + strings.Repeat("<g>", 100_000),
		"elements":       head + strings.Repeat("<g/>", maxElements+1) + "</svg>",
		"no size":        `<svg xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>`,
		"a long thin":    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1e9"/>`,
		"huge":           head + strings.Repeat(" ", maxSVG),
	} {
		if ans, err := Derive(context.Background(), media.Ask{Want: all, MIME: "image/svg+xml"}, inMemory([]byte(data))); err == nil {
			t.Errorf("%s: %+v", name, ans.Facts)
		}
	}
}

// What a photo says of itself is told even where nothing of it can be seen.
func TestFactsWithoutPicture(t *testing.T) {
	data := sample(t, "photo.jpg")
	cut := bytes.Index(data, []byte{0xff, 0xdb}) // quantizers: behind EXIF, before the frame
	if ans := derive(t, data[:cut]); ans.Facts.Camera != "Canon EOS 80D" || ans.Failed[media.Thumb256] == "" {
		t.Errorf("%+v", ans)
	}
}

// Nearly every camera writes a directory whose tags have the numbers of a place.
func TestPlaceIsNotThatOfInteroperability(t *testing.T) {
	f := derive(t, sample(t, "interop.jpg")).Facts
	if f.Latitude == nil || *f.Latitude != 48.2082 || *f.Longitude != 16.3738 {
		t.Errorf("%v %v", f.Latitude, f.Longitude)
	}
}
