package scaled

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

// samples are pictures of all samplings and ways of coding.
func samples(t testing.TB) map[string][]byte {
	out := map[string][]byte{}
	for _, name := range []string{"photo.jpg", "cmyk.jpg", "progressive.jpg", "s411.jpg", "restarts.jpg", "rgb.jpg"} {
		data, err := os.ReadFile(filepath.Join("..", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		out[name] = data
	}
	out["made"] = made(t, 203, 77, 75)
	out["noise"] = made(t, 64, 64, 100)
	out["one pixel"] = made(t, 1, 1, 50)
	var buf bytes.Buffer
	grey := image.NewGray(image.Rect(0, 0, 45, 33))
	for i := range grey.Pix {
		grey.Pix[i] = byte(i / 6)
	}
	if err := jpeg.Encode(&buf, grey, nil); err != nil {
		t.Fatal(err)
	}
	out["grey"] = buf.Bytes()
	return out
}

// made is a picture with some noise on slopes.
func made(t testing.TB, w, h, quality int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			n := uint8((x*7919 + y*104729) % 23)
			img.SetRGBA(x, y, color.RGBA{uint8(x*230/w) + n, uint8(y*230/h) + n, 128 - n, 255})
		}
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func decode(data []byte, atLeast int) (image.Image, error) {
	p, err := Open(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return p.Decode(context.Background(), atLeast)
}

func rgb(img image.Image, x, y int) [3]float64 {
	c := color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)
	return [3]float64{float64(c.R), float64(c.G), float64(c.B)}
}

func light(img image.Image, x, y int) float64 {
	return float64(color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y)
}

// At full size the picture is that of Go's own decoder, to the last bit.
func TestFullSizeIsAsGoDecodes(t *testing.T) {
	for name, data := range samples(t) {
		want, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := decode(data, 1<<16)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b := want.Bounds()
		if got.Bounds() != b {
			t.Errorf("%s: %v, want %v", name, got.Bounds(), b)
			continue
		}
	pixels:
		for y := range b.Max.Y {
			for x := range b.Max.X {
				if rgb(got, x, y) != rgb(want, x, y) {
					t.Errorf("%s: at %d, %d: %v, want %v", name, x, y, rgb(got, x, y), rgb(want, x, y))
					break pixels
				}
			}
		}
	}
}

// Smaller, each pixel is about as bright as the mean of those it stands for. (Its
// colour may be that of a neighbour too, as it is in the large picture.)
func TestSmallerIsTheMean(t *testing.T) {
	for name, data := range samples(t) {
		full, err := decode(data, 1<<16)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		b := full.Bounds()
		for _, n := range []int{1, 2, 4} {
			small, err := decode(data, ceil(max(b.Dx(), b.Dy())*n, 8))
			if err != nil {
				t.Fatalf("%s/%d: %v", name, n, err)
			}
			if want := image.Rect(0, 0, ceil(b.Dx()*n, 8), ceil(b.Dy()*n, 8)); small.Bounds() != want {
				t.Fatalf("%s/%d: %v, want %v", name, n, small.Bounds(), want)
			}
			off, count := 0.0, 0.0
			k := 8 / n
			for y := range b.Dy() / k { // whole pixels alone
				for x := range b.Dx() / k {
					mean := 0.0
					for j := range k * k {
						mean += light(full, x*k+j%k, y*k+j/k) / float64(k*k)
					}
					off += math.Abs(light(small, x, y) - mean)
					count++
				}
			}
			if count > 0 && off/count > 4 {
				t.Errorf("%s/%d: off by %.1f in the mean", name, n, off/count)
			}
		}
	}
}

func TestScaleIsTheSmallestThatIsEnough(t *testing.T) {
	data := made(t, 160, 80, 80)
	for atLeast, want := range map[int]int{1: 20, 20: 20, 21: 40, 40: 40, 41: 80, 80: 80, 81: 160, 1000: 160} {
		img, err := decode(data, atLeast)
		if err != nil || img.Bounds().Dx() != want || img.Bounds().Dy() != want/2 {
			t.Errorf("at least %d: %v, %v, want %d wide", atLeast, img.Bounds(), err, want)
		}
	}
}

// What was decoded before the end, or before damage, is there; the rest is grey.
func TestFault_I24_TruncatedIsShownAsFarAsItGoes(t *testing.T) {
	for name, data := range samples(t) {
		full, err := decode(data, 1<<16)
		if err != nil {
			t.Fatal(err)
		}
		shown := 0
		for cut := 0; cut < len(data)-2; cut += 1 + len(data)/300 {
			img, err := decode(data[:cut], 1<<16)
			if err == nil {
				t.Errorf("%s: cut at %d of %d: no error", name, cut, len(data))
			}
			if img == nil {
				continue
			}
			shown++
			if img.Bounds() != full.Bounds() {
				t.Fatalf("%s: cut at %d: %v", name, cut, img.Bounds())
			}
		}
		if shown == 0 && len(data) > 1000 {
			t.Errorf("%s: nothing was ever shown", name)
		}
	}
	data := made(t, 160, 160, 90)
	img, _ := decode(data[:len(data)*3/4], 1<<16)
	full, _ := decode(data, 1<<16)
	if img == nil || rgb(img, 5, 5) != rgb(full, 5, 5) {
		t.Error("the beginning is not that of the picture")
	}
	if c := rgb(img, 150, 155); math.Abs(c[0]-128) > 2 || math.Abs(c[1]-128) > 2 {
		t.Errorf("what is missing is %v, not grey", c)
	}
}

func TestFault_P32_FlippedBytesNeitherPanicNorStall(t *testing.T) {
	all := samples(t)
	names := []string{"photo.jpg", "cmyk.jpg", "progressive.jpg", "s411.jpg", "restarts.jpg", "grey", "made"}
	rapid.Check(t, func(t *rapid.T) {
		data := bytes.Clone(all[rapid.SampledFrom(names).Draw(t, "sample")])
		for range rapid.IntRange(1, 5).Draw(t, "flips") {
			data[rapid.IntRange(2, len(data)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "to")
		}
		p, err := Open(bytes.NewReader(data))
		if err != nil || p.Width*p.Height > 1<<22 {
			return
		}
		if img, err := p.Decode(context.Background(), rapid.SampledFrom([]int{1, 20, 40, 1000}).Draw(t, "size")); img == nil && err == nil {
			t.Fatal("neither a picture nor an error")
		}
	})
}

// Each of thousands of scans may touch the whole picture for a byte or two.
func TestFault_P32_EndlessScansAreRefused(t *testing.T) {
	data := samples(t)["progressive.jpg"]
	at := bytes.Index(data, []byte{0xff, sosMarker})
	end := at + 2
	for data[end] != 0xff || data[end+1] == 0 {
		end++
	}
	scan := data[at:end] // the first, of brightness: it may be told again and again
	bomb := bytes.Clone(data[:at])
	for range 10 * maxScans {
		bomb = append(bomb, scan...)
	}
	if _, err := decode(append(bomb, 0xff, eoiMarker), 1000); !errors.As(err, new(UnsupportedError)) {
		t.Errorf("%v", err)
	}
}

func TestDecodeStopsWhenToldTo(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p, err := Open(bytes.NewReader(made(t, 100, 100, 80)))
	if err != nil {
		t.Fatal(err)
	}
	if img, err := p.Decode(ctx, 100); img != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", img, err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, data := range samples(f) {
		f.Add(data, 16)
	}
	f.Fuzz(func(_ *testing.T, data []byte, atLeast int) {
		p, err := Open(bytes.NewReader(data))
		if err != nil || p.Width*p.Height > 1<<22 {
			return
		}
		_, _ = p.Decode(context.Background(), atLeast)
	})
}
