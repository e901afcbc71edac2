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

// TestFilmsAreSeen: with a scene where ffmpeg is installed, and without where not.
func TestFilmsAreSeen(t *testing.T) {
	f, err := os.Open(filepath.Join("film", "testdata", "turned.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	d := newDecoder(t)
	a, err := d.Derive(t.Context(), media.Ask{MIME: "video/mp4", Kind: "video", Want: all}, media.Source{ReaderAt: f, Size: st.Size(), File: f})
	if err != nil || a.Facts == nil || a.Facts.VideoCodec != "h264" || a.Facts.Width != 64 || a.Facts.Height != 96 || len(a.Failed) > 0 {
		t.Fatalf("%+v, %v", a, err)
	}
	p, seen := a.Pictures[media.Thumb256]
	if installed := d.tools.Has("ffprobe") && d.tools.Has("ffmpeg"); seen != installed || seen && (p.Width != 64 || p.Height != 96) {
		t.Errorf("a picture: %v of %d × %d; ffmpeg is installed: %v", seen, p.Width, p.Height, installed)
	}
}
