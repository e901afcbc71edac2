package extract

import (
	"bytes"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"github.com/stardrive/stardrive/internal/media"
)

// TestPicturesAreSeen: a photo, through a process that is closed in.
func TestPicturesAreSeen(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("picture", "testdata", "photo.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	d := newDecoder(t)
	a, err := d.Derive(t.Context(), media.Ask{MIME: "image/jpeg", Kind: "image", Want: all}, sourceOf(data))
	if err != nil || a.Facts == nil || a.Facts.Camera != "Canon EOS 80D" || a.Facts.Taken.IsZero() || a.Facts.Latitude == nil {
		t.Fatalf("%+v, %v", a.Facts, err)
	}
	if img, err := jpeg.Decode(bytes.NewReader(a.Pictures[media.Thumb256].Bytes)); err != nil || img.Bounds().Dy() != 96 {
		t.Errorf("no picture: %v, %v, %v", a.Failed, a.Pictures[media.Thumb256].MIME, err)
	}
	a, err = d.Derive(t.Context(), media.Ask{MIME: "image/jpeg", Kind: "image", Want: all}, sourceOf([]byte("\xff\xd8\xff nothing")))
	if err != nil || a.Failed[media.Thumb256] == "" {
		t.Errorf("of damage: %+v, %v", a, err)
	}
}
