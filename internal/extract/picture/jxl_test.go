package picture

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/media"
)

// lowFirst packs numbers into bits, the lowest first: pairs of a number and its bits.
func lowFirst(pairs ...int) []byte {
	out, at := make([]byte, 16), 0
	for i := 0; i < len(pairs); i += 2 {
		for bit := range pairs[i+1] {
			out[at/8] |= byte(pairs[i]>>bit&1) << (at % 8)
			at++
		}
	}
	return out
}

// TestJPEGXL: how large it is, and what it says of itself, is told, and why it is not shown.
func TestJPEGXL(t *testing.T) {
	about := littleTIFF([]tag{{0x112, 3, 1, 6}, {0x132, 2, 20, 100}})
	about = append(append(about, make([]byte, 100-len(about))...), "2024:03:02 01:02:03\x00"...)
	boxed := func(parts ...[]byte) []byte {
		return join([]byte(jxlContainer), box("ftyp", []byte("jxl \x00\x00\x00\x00jxl ")), join(parts...))
	}
	wide := join([]byte(jxlBare), lowFirst(0, 1, 1, 2, 1999, 13, 0, 3, 2, 2, 69999, 18, 1, 1)) // 70,000 × 2,000, all else as usual
	for name, c := range map[string]struct {
		data          []byte
		width, height int
		taken         bool
	}{
		"small":          {join([]byte(jxlBare), lowFirst(1, 1, 4, 5, 1, 3, 1, 1)), 40, 40, false},
		"small, its own": {join([]byte(jxlBare), lowFirst(1, 1, 4, 5, 0, 3, 9, 5, 1, 1)), 80, 40, false},
		"by a ratio":     {join([]byte(jxlBare), lowFirst(0, 1, 0, 2, 359, 9, 5, 3, 1, 1)), 640, 360, false},
		"wide":           {wide, 70000, 2000, false},
		"on its side":    {join([]byte(jxlBare), lowFirst(0, 1, 0, 2, 359, 9, 5, 3, 0, 1, 1, 1, 5, 3)), 360, 640, false},
		"in boxes":       {boxed(box("Exif", make([]byte, 4), about), box("jxlc", wide)), 70000, 2000, true},
		"in many pieces": {boxed(box("jxlp", make([]byte, 4), wide), box("jxlp", []byte{0x80, 0, 0, 1, 5, 5, 5})), 70000, 2000, false},
		"says the same":  {boxed(box("jxlc", wide)), 70000, 2000, false},
	} {
		ans := derive(t, c.data)
		if f := ans.Facts; f.Width != c.width || f.Height != c.height || f.Taken.IsZero() == c.taken || !strings.Contains(ans.Failed[media.Thumb256], "JPEG XL") {
			t.Errorf("%s: %+v, %v", name, f, ans.Failed)
		}
	}
	r := rand.New(rand.NewPCG(5, 6))
	sound := boxed(box("Exif", make([]byte, 4), about), box("jxlc", wide))
	for range 500 {
		b := append([]byte(nil), sound[:r.IntN(len(sound)+1)]...)
		for range 3 * min(1, len(b)) {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
		if ans, err := Derive(context.Background(), media.Ask{Want: all}, inMemory(b)); err == nil && len(ans.Pictures) > 0 {
			t.Fatalf("it is shown: %x", b)
		}
	}
}
