package extract

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/stardrive/stardrive/internal/media"
)

func TestOCRTextIsWhatItIsSureOf(t *testing.T) {
	const head = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
	row := func(line, conf, text string) string {
		return "5\t1\t1\t1\t" + line + "\t1\t0\t0\t1\t1\t" + conf + "\t" + text + "\n"
	}
	for table, want := range map[string]string{
		"": "", head: "", head + row("1", "96", "Down") + row("1", "91.5", "to") + row("2", "95", "sea") + row("2", "12", "~\\|") + "4\t1\t1\t1\t2\t0\t0\t0\t1\t1\t-1\t\n": "Down to\nsea",
		row("1", "x", "no") + row("1", "90", "") + row("1", "90", "a"): "", "5\t1\n": "",
	} {
		if got := ocrText(table); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// written is a picture file with words in it.
func written(t *testing.T, text string) *os.File {
	t.Helper()
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 36, DPI: 96})
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewGray(image.Rect(0, 0, 900, 160))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	(&font.Drawer{Dst: img, Src: image.NewUniform(color.Black), Face: face, Dot: fixed.P(30, 100)}).DrawString(text)
	f, err := os.Create(filepath.Join(t.TempDir(), "scan.png"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestLettersInPicturesAreRead(t *testing.T) {
	d := newDecoder(t)
	if !d.tools.Has(ocrProgram) {
		t.Skip("tesseract is not installed")
	}
	f := written(t, "Down to the sea again")
	size, err := f.Seek(0, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, on := range []bool{false, true} {
		a, err := d.Derive(t.Context(), media.Ask{Name: "scan.png", Kind: "image", MIME: "image/png", Want: all, OCR: on}, media.Source{ReaderAt: f, Size: size, File: f})
		if err != nil {
			t.Fatal(err)
		}
		if found := a.Text != nil && strings.Contains(a.Text.Body, "Down to the sea again"); found != on {
			t.Errorf("switched on is %v: %+v, %v", on, a.Text, a.Failed)
		}
		if _, ok := a.Pictures[media.Thumb256]; !ok {
			t.Errorf("no picture: %v", a.Failed)
		}
	}
}
