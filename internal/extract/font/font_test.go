package font

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	_ "image/jpeg" // what pictures of letters are
	"testing"

	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/goregular"
	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/media"
)

var all = []media.Kind{media.FactsOf, media.Thumb256}

func derive(ctx context.Context, data []byte) (media.Answer, error) {
	return Derive(ctx, media.Ask{Want: all}, media.Source{ReaderAt: bytes.NewReader(data), Size: int64(len(data))})
}

// collection is two fonts in one file: their tables stand where they say, from the
// beginning of the file.
func collection(t *testing.T, fonts ...[]byte) []byte {
	t.Helper()
	out := append([]byte("ttcf\x00\x01\x00\x00"), 0, 0, 0, byte(len(fonts)))
	at := uint32(len(out) + 4*len(fonts))
	var bodies []byte
	for _, f := range fonts {
		out = binary.BigEndian.AppendUint32(out, at)
		f = bytes.Clone(f)
		for i := range int(binary.BigEndian.Uint16(f[4:])) {
			place := f[12+16*i+8:]
			binary.BigEndian.PutUint32(place, binary.BigEndian.Uint32(place)+at)
		}
		bodies = append(bodies, f...)
		at += uint32(len(f))
	}
	return append(out, bodies...)
}

func TestFont(t *testing.T) {
	for name, data := range map[string][]byte{"one": goitalic.TTF, "collection": collection(t, goitalic.TTF, goregular.TTF)} {
		ans, err := derive(t.Context(), data)
		if err != nil || ans.Facts.Family != "Go" || ans.Facts.Style != "Italic" || len(ans.Failed) > 0 || ans.Facts.Blurhash == "" {
			t.Fatalf("%s: %+v, %v", name, ans.Facts, err)
		}
		img, _, err := image.Decode(bytes.NewReader(ans.Pictures[media.Thumb256].Bytes))
		if err != nil || img.Bounds() != image.Rect(0, 0, 256, 192) {
			t.Fatal(err)
		}
		black := 0
		for y := range 192 {
			for x := range 256 {
				if r, _, _, _ := img.At(x, y).RGBA(); r < 0x4000 {
					black++
				}
			}
		}
		if black < 1000 || black > 20_000 {
			t.Errorf("%s: %d black pixels", name, black)
		}
	}
}

func TestNoFont(t *testing.T) {
	for _, s := range []string{"", "hello", "ttcf", "\x00\x01\x00\x00\x00\x00", "wOF2...."} {
		if ans, err := derive(t.Context(), []byte(s)); err == nil {
			t.Errorf("%q: %+v", s, ans)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := derive(ctx, goregular.TTF); !errs.Is(err, errs.Cancelled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestFault_P32_Damaged(t *testing.T) {
	for cut := 0; cut < len(goregular.TTF); cut += len(goregular.TTF) / 40 {
		if ans, err := derive(t.Context(), goregular.TTF[:cut]); err == nil && ans.Facts == nil {
			t.Errorf("cut at %d", cut)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		data := bytes.Clone(goregular.TTF)
		for range rapid.IntRange(1, 8).Draw(rt, "flips") {
			data[rapid.IntRange(4, 2000).Draw(rt, "at")] = rapid.Byte().Draw(rt, "to")
		}
		if ans, err := derive(t.Context(), data); err == nil && ans.Facts == nil {
			rt.Fatal("neither facts nor an error")
		}
	})
}

func FuzzDerive(f *testing.F) {
	f.Add(goregular.TTF)
	f.Fuzz(func(t *testing.T, data []byte) { _, _ = derive(t.Context(), data) })
}
