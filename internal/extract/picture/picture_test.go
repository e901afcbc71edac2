package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"math/bits"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/media"
)

var all = []media.Kind{media.FactsOf, media.Thumb256, media.Thumb512, media.Thumb1024}

func sample(t testing.TB, name string) []byte {
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func derive(t testing.TB, data []byte) media.Answer {
	t.Helper()
	ans, err := Derive(context.Background(), media.Ask{Want: all}, inMemory(data))
	if err != nil {
		t.Fatal(err)
	}
	return ans
}

// decoded returns a picture of the answer, and holds it to what is said of it.
func decoded(t testing.TB, ans media.Answer, kind media.Kind) image.Image {
	t.Helper()
	p, ok := ans.Pictures[kind]
	if !ok {
		t.Fatalf("no %s: %v", kind, ans.Failed)
	}
	img, format, err := image.Decode(bytes.NewReader(p.Bytes))
	if err != nil || p.MIME != "image/"+format || img.Bounds() != image.Rect(0, 0, p.Width, p.Height) {
		t.Fatalf("%s: %s, %d × %d is a %s of %v: %v", kind, p.MIME, p.Width, p.Height, format, img.Bounds(), err)
	}
	return img
}

// near reports whether two colours are about the same.
func near(img image.Image, x, y int, want color.Color) bool {
	r, g, b, a := img.At(x, y).RGBA()
	r2, g2, b2, a2 := want.RGBA()
	for _, d := range []int{int(r) - int(r2), int(g) - int(g2), int(b) - int(b2), int(a) - int(a2)} {
		if max(d, -d) > 40<<8 {
			return false
		}
	}
	return true
}

// Each sample shows a white field near its upper left corner, on red that
// becomes blue towards the bottom.
func TestFormats(t *testing.T) {
	for _, name := range []string{
		"cmyk.jpg", "progressive.jpg", "s411.jpg", "restarts.jpg", "rgb.jpg", "plain.png", "deep.png", "plain.bmp",
		"deep.tif", "lzw.tif", "lossless.webp",
	} {
		ans := derive(t, sample(t, name))
		img := decoded(t, ans, media.Thumb256)
		f := ans.Facts
		if f.Width != 96 || f.Height != 64 || img.Bounds().Dx() != 96 || f.Animated || len(f.Blurhash) < 10 || len(f.Perceptual) != 16 {
			t.Errorf("%s: %+v", name, f)
		}
		white := color.White
		if name == "cmyk.jpg" { // ink of white paper
			white = color.Gray16{0xe000}
		}
		if !near(img, 16, 12, white) || near(img, 80, 55, white) || near(img, 16, 55, white) {
			t.Errorf("%s: shows %v %v %v", name, img.At(16, 12), img.At(80, 55), img.At(16, 55))
		}
	}
}

func TestMoving(t *testing.T) {
	for _, name := range []string{"moving.gif", "moving.png", "moving.webp"} {
		ans := derive(t, sample(t, name))
		if !ans.Facts.Animated || ans.Facts.Width != 32 || ans.Facts.Height != 24 {
			t.Errorf("%s: %+v", name, ans.Facts)
		}
		if img := decoded(t, ans, media.Thumb256); !near(img, 16, 12, color.RGBA{255, 0, 0, 255}) {
			t.Errorf("%s: the first frame is red, not %v", name, img.At(16, 12))
		}
	}
}

func TestSeeThrough(t *testing.T) {
	for _, name := range []string{"clear.png", "clear.webp"} {
		ans := derive(t, sample(t, name))
		if got := ans.Pictures[media.Thumb256].MIME; got != "image/png" {
			t.Errorf("%s: %s", name, got)
		}
		if _, _, _, a := decoded(t, ans, media.Thumb256).At(50, 40).RGBA(); a>>8 < 100 || a>>8 > 150 {
			t.Errorf("%s: opacity %d", name, a>>8)
		}
	}
}

func TestFacts(t *testing.T) {
	f := derive(t, sample(t, "photo.jpg")).Facts
	taken := time.Date(2023, 7, 14, 10, 30, 45, 0, time.UTC)
	if !f.Taken.Equal(taken) || f.Camera != "Canon EOS 80D" || f.Lens != "EF-S18-135mm" || f.Exposure != "1/250" ||
		f.Aperture != 5.6 || f.ISO != 200 || f.Focal != 35 || !f.Flash || f.Rating != 4 {
		t.Errorf("taken: %+v", f)
	}
	if f.Latitude == nil || *f.Latitude != 48.2082 || *f.Longitude != -16.3738 || *f.Altitude != -171 {
		t.Errorf("place: %v %v %v", f.Latitude, f.Longitude, f.Altitude)
	}
	if f.Caption != "Grüße vom Meer" || f.Title != "Title here" || f.Author != "Jamie" || strings.Join(f.Keywords, " ") != "sea sun beach" {
		t.Errorf("words: %+v", f)
	}
	if f.Width != 64 || f.Height != 96 || f.Orientation != 6 {
		t.Errorf("upright: %+v", f)
	}
	if got := derive(t, sample(t, "plain.png")).Facts; got.Taken.Year() != 2020 {
		t.Errorf("PNG: %+v", got)
	}
	if got := derive(t, sample(t, "lossy.webp")).Facts; got.Orientation != 8 || got.Width != 64 || got.Taken.Year() != 2020 {
		t.Errorf("WebP: %+v", got)
	}
}

// oriented puts EXIF with an orientation into a JPEG.
func oriented(data []byte, orientation byte) []byte {
	exif := append([]byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00"), orientation, 0, 0, 0, 0, 0, 0, 0)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return append(out, data[2:]...)
}

// In which corner of the file the upper left one of what was seen stands (EXIF
// 2.3, 4.6.4, Orientation).
func TestOrientation(t *testing.T) {
	stored := map[byte]struct{ left, top bool }{1: {true, true}, 2: {false, true}, 3: {false, false}, 4: {true, false},
		5: {true, true}, 6: {true, false}, 7: {false, false}, 8: {false, true}}
	for orientation, corner := range stored {
		w, h := 150, 100
		img := image.NewRGBA(image.Rect(0, 0, w, h))
		draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
		at := image.Rect(0, 0, w/2, h/2)
		if !corner.left {
			at = at.Add(image.Pt(w/2, 0))
		}
		if !corner.top {
			at = at.Add(image.Pt(0, h/2))
		}
		red := color.RGBA{220, 30, 30, 255}
		draw.Draw(img, at, image.NewUniform(red), image.Point{}, draw.Src)
		var buf bytes.Buffer
		if err := jpeg.Encode(&buf, img, nil); err != nil {
			t.Fatal(err)
		}
		ans := derive(t, oriented(buf.Bytes(), orientation))
		got := decoded(t, ans, media.Thumb256)
		wantW, wantH := 150, 100
		if orientation > 4 {
			wantW, wantH = 100, 150
		}
		if got.Bounds() != image.Rect(0, 0, wantW, wantH) || (ans.Facts.Width > ans.Facts.Height) != (wantW > wantH) {
			t.Errorf("%d: %v, %+v", orientation, got.Bounds(), ans.Facts)
			continue
		}
		for _, corner := range []struct {
			x, y int
			c    color.Color
		}{{20, 20, red}, {wantW - 20, 20, color.White}, {20, wantH - 20, color.White}, {wantW - 20, wantH - 20, color.White}} {
			if !near(got, corner.x, corner.y, corner.c) {
				t.Errorf("%d: at %d, %d: %v", orientation, corner.x, corner.y, got.At(corner.x, corner.y))
			}
		}
	}
}

// scene is a picture with something to see, another one for each seed.
func scene(seed float64, w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			px, py := float64(x)/float64(w), float64(y)/float64(h)
			v := math.Sin(px*8+seed*3)*40 + math.Cos(py*5-seed*2)*40 + math.Sin(px*py*20*seed)*40
			img.SetRGBA(x, y, color.RGBA{uint8(128 + v), uint8(128 + v/2), uint8(100 + 100*px), 255})
		}
	}
	return img
}

func TestSizesNeverGrow(t *testing.T) {
	img := scene(2, 700, 350)
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		t.Fatal(err)
	}
	ans := derive(t, buf.Bytes())
	for kind, want := range map[media.Kind]int{media.Thumb256: 256, media.Thumb512: 512, media.Thumb1024: 700} {
		got := decoded(t, ans, kind).Bounds()
		if got.Dx() != want || got.Dy() != want/2 {
			t.Errorf("%s: %v", kind, got)
		}
	}
	// What it looks like does not depend on what else is wanted.
	for _, want := range [][]media.Kind{{media.FactsOf}, {media.FactsOf, media.Thumb256}} {
		less, err := Derive(context.Background(), media.Ask{Want: want}, inMemory(buf.Bytes()))
		if err != nil || len(less.Pictures) != len(want)-1 || apart(t, less.Facts.Perceptual, ans.Facts.Perceptual) > 4 {
			t.Errorf("%v: %v %s %s", want, err, less.Facts.Perceptual, ans.Facts.Perceptual)
		}
	}
	for _, thin := range []image.Rectangle{image.Rect(0, 0, 5000, 1), image.Rect(0, 0, 1, 5000), image.Rect(0, 0, 1, 1)} {
		buf.Reset()
		if err := png.Encode(&buf, image.NewGray(thin)); err != nil {
			t.Fatal(err)
		}
		got := derive(t, buf.Bytes())
		if decoded(t, got, media.Thumb256).Bounds().Empty() || got.Facts.Perceptual != "" {
			t.Errorf("%v: %+v", thin, got.Facts)
		}
	}
}

func apart(t *testing.T, a, b string) int {
	x, err := strconv.ParseUint(a, 16, 64)
	y, err2 := strconv.ParseUint(b, 16, 64)
	if err != nil || err2 != nil {
		t.Fatalf("%q, %q are no hashes", a, b)
	}
	return bits.OnesCount64(x ^ y)
}

// The same picture, smaller, worse and in another format, looks alike; another
// does not.
func TestPerceptual(t *testing.T) {
	hash := func(img image.Image, quality int) string {
		var buf bytes.Buffer
		if err := jpeg.Encode(&buf, img, &jpeg.Options{Quality: quality}); err != nil {
			t.Fatal(err)
		}
		return derive(t, buf.Bytes()).Facts.Perceptual
	}
	first, other := hash(scene(1, 640, 480), 95), hash(scene(5, 640, 480), 95)
	if got := apart(t, first, hash(shrunk(scene(1, 640, 480), 200), 40)); got > 8 {
		t.Errorf("smaller and worse: %d bits apart", got)
	}
	if got := apart(t, first, other); got < 16 {
		t.Errorf("another: %d bits apart", got)
	}
}

// header is a PNG that says what size it is, and has nothing behind it.
func header(width, height uint32, depth byte) []byte {
	out := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
	out = binary.BigEndian.AppendUint32(out, width)
	out = binary.BigEndian.AppendUint32(out, height)
	out = append(out, depth, 6, 0, 0, 0)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[12:]))
	return append(out, "\x00\x00\xff\xffIDAT"...)
}

// A picture that claims to be enormous is refused before anything is made for
// it, and its size is told.
func TestFault_I24_BombsAreRefused(t *testing.T) {
	gif := bytes.Clone(sample(t, "moving.gif"))
	binary.LittleEndian.PutUint16(gif[6:], 50000)
	binary.LittleEndian.PutUint16(gif[8:], 50000)
	bmp := bytes.Clone(sample(t, "plain.bmp"))
	binary.LittleEndian.PutUint32(bmp[18:], 50000)
	binary.LittleEndian.PutUint32(bmp[22:], 50000)
	jpg := bytes.Clone(sample(t, "progressive.jpg"))
	sof := bytes.Index(jpg, []byte{0xff, 0xc2})
	binary.BigEndian.PutUint16(jpg[sof+5:], 50000)
	binary.BigEndian.PutUint16(jpg[sof+7:], 50000)
	for name, data := range map[string][]byte{
		"PNG": header(50000, 50000, 8), "deep PNG": header(9000, 9000, 16), "PNG of the largest size": header(1<<31-1, 1<<31-1, 8),
		"GIF": gif, "BMP": bmp, "JPEG": jpg,
	} {
		ans, err := Derive(context.Background(), media.Ask{Want: all}, inMemory(data))
		if name == "PNG of the largest size" && err != nil { // Go's decoder refuses it itself
			continue
		}
		if err != nil || !strings.Contains(ans.Failed[media.Thumb256], "too large") || ans.Facts.Width < 9000 || len(ans.Pictures) > 0 {
			t.Errorf("%s: %+v, %v", name, ans, err)
		}
	}
}

func TestNoPicture(t *testing.T) {
	for name, data := range map[string]string{"empty": "", "text": "hello", "head": "\x89PNG\r\n\x1a\n", "JPEG": "\xff\xd8\xff"} {
		if ans, err := Derive(context.Background(), media.Ask{Want: all}, inMemory([]byte(data))); err == nil {
			t.Errorf("%s: %+v", name, ans)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Derive(ctx, media.Ask{Want: all}, inMemory(sample(t, "photo.jpg"))); !errs.Is(err, errs.Cancelled) {
		t.Errorf("cancelled: %v", err)
	}
}

func files(t testing.TB) []string {
	found, err := filepath.Glob("testdata/*.*")
	if err != nil || len(found) < 10 {
		t.Fatal(found, err)
	}
	for i := range found {
		found[i] = filepath.Base(found[i])
	}
	return found
}

func TestFault_I24_TruncatedAtEveryPlace(t *testing.T) {
	for _, name := range files(t) {
		data := sample(t, name)
		for cut := 0; cut < len(data); cut += 1 + len(data)/15 {
			ans, err := Derive(context.Background(), media.Ask{Want: all[:2], Name: name}, inMemory(data[:cut]))
			if err == nil && ans.Facts == nil {
				t.Fatalf("%s, cut at %d: neither facts nor an error", name, cut)
			}
		}
	}
	data := sample(t, "photo.jpg")
	if ans := derive(t, data[:len(data)-100]); len(ans.Pictures) != 3 || ans.Facts.Camera == "" {
		t.Errorf("most of a JPEG shows nothing: %+v", ans.Failed)
	}
}

func TestFault_P32_FlippedBytes(t *testing.T) {
	names := files(t)
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(names).Draw(rt, "sample")
		data := bytes.Clone(sample(t, name))
		for range rapid.IntRange(1, 6).Draw(rt, "flips") {
			data[rapid.IntRange(0, len(data)-1).Draw(rt, "at")] ^= byte(1 << rapid.IntRange(0, 7).Draw(rt, "bit"))
		}
		ans, err := Derive(context.Background(), media.Ask{Want: []media.Kind{media.FactsOf, media.Thumb256}, Name: name}, inMemory(data))
		if err == nil && (ans.Facts == nil || len(ans.Pictures)+len(ans.Failed) != 1) {
			rt.Fatalf("%s: %+v", name, ans)
		}
	})
}

func FuzzDerive(f *testing.F) {
	for _, name := range files(f) {
		f.Add(sample(f, name))
	}
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _ = Derive(context.Background(), media.Ask{Want: []media.Kind{media.FactsOf, media.Thumb256}}, inMemory(data))
	})
}

func BenchmarkDerive(b *testing.B) {
	img := image.NewRGBA(image.Rect(0, 0, 4000, 3000))
	for i := range img.Pix {
		img.Pix[i] = byte(i/4%4000/20) + byte(i*7919%13)
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, img, &jpeg.Options{Quality: 88}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		derive(b, buf.Bytes())
	}
}
