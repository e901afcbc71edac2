package pdf

import (
	"bytes"
	"context"
	"fmt"
	"image"
	_ "image/jpeg" // what pictures of pages are
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klippa-app/go-pdfium"
	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/media"
)

var all = []media.Kind{media.FactsOf, media.TextOf, media.Thumb256, media.Thumb512, media.Thumb1024}

// engine is one for all tests: it is slow to make. Compiled once it stays in the
// user's cache, as it does for Go's own packages.
var engine Engine

func TestMain(m *testing.M) {
	dir, err := os.UserCacheDir()
	if err == nil {
		dir = filepath.Join(dir, "stardrive-tests")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			dir = ""
		}
	}
	if err := engine.Prepare(context.Background(), dir); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := engine.Close(); err != nil {
		panic(err)
	}
	os.Exit(code)
}

func sample(t testing.TB, name string) []byte {
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func derive(data []byte) (media.Answer, error) {
	return engine.Derive(context.Background(), media.Ask{Want: all}, media.Source{ReaderAt: bytes.NewReader(data), Size: int64(len(data))})
}

func TestDocument(t *testing.T) {
	for _, name := range []string{"two.pdf", "packed.pdf"} {
		ans, err := derive(sample(t, name))
		if err != nil || len(ans.Failed) > 0 {
			t.Fatal(name, err, ans.Failed)
		}
		f := ans.Facts
		if f.Pages != 2 || f.Title != "A night" || f.Author != "Jamie" || f.Subject != "Sea" || strings.Join(f.Keywords, "|") != "sea|night|birds" ||
			!f.Taken.Equal(time.Date(2021, 3, 4, 4, 6, 7, 0, time.UTC)) || f.Blurhash == "" || f.Perceptual != "" {
			t.Errorf("%s: %+v", name, f)
		}
		if ans.Text == nil || ans.Text.Body != "The sea at night\nsecond line\fPage two speaks of birds" || ans.Text.Title != "A night" || ans.Text.Cut {
			t.Errorf("%s: %+v", name, ans.Text)
		}
		for kind, height := range map[media.Kind]int{media.Thumb256: 256, media.Thumb512: 512, media.Thumb1024: 1024} {
			p := ans.Pictures[kind]
			img, _, err := image.Decode(bytes.NewReader(p.Bytes))
			if err != nil || p.Height != height || img.Bounds() != image.Rect(0, 0, height*3/4, height) {
				t.Fatalf("%s: %s: %v, %+v", name, kind, err, p.Width)
			}
			// A red field near the top, on white paper.
			red, _, blue, _ := img.At(height*140/800, height*125/800).RGBA()
			if red < 0xd000 || blue > 0x4000 {
				t.Errorf("%s: %s: no red field: %x %x", name, kind, red, blue)
			}
			if _, _, blue, _ := img.At(height/2, height-5).RGBA(); blue < 0xf000 {
				t.Errorf("%s: %s: the paper is not white", name, kind)
			}
		}
	}
}

func TestWantedAlone(t *testing.T) {
	data := sample(t, "two.pdf")
	ans, err := engine.Derive(context.Background(), media.Ask{Want: []media.Kind{media.TextOf}},
		media.Source{ReaderAt: bytes.NewReader(data), Size: int64(len(data))})
	if err != nil || ans.Text == nil || len(ans.Pictures) != 0 || ans.Facts.Blurhash != "" {
		t.Errorf("%+v, %v", ans, err)
	}
}

func TestReasons(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"locked":  {sample(t, "locked.pdf"), "password"},
		"empty":   {nil, "empty"},
		"none":    {[]byte("hello"), "damaged"},
		"no page": {bytes.Replace(sample(t, "two.pdf"), []byte("/Kids[3 0 R 4 0 R]/Count 2"), []byte("/Kids[           ]/Count 0"), 1), "no pages"},
	} {
		if ans, err := derive(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %+v, %v", name, ans, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	data := sample(t, "two.pdf")
	_, err := engine.Derive(ctx, media.Ask{Want: all}, media.Source{ReaderAt: bytes.NewReader(data), Size: int64(len(data))})
	if !errs.Is(err, errs.Cancelled) {
		t.Errorf("cancelled: %v", err)
	}
}

// soonOver is a context whose time is up when text was found on the first page.
type soonOver struct {
	context.Context
	looks int
}

func (s *soonOver) Err() error {
	if s.looks++; s.looks > 1 {
		return context.DeadlineExceeded
	}
	return nil
}

// When time is up, what there is by then is kept.
func TestTimeIsUp(t *testing.T) {
	d, in, err := func() (document, pdfium.Pdfium, error) {
		in, err := engine.instance(t.Context())
		if err != nil {
			return document{}, nil, err
		}
		data := sample(t, "two.pdf")
		d, err := open(in, media.Source{ReaderAt: bytes.NewReader(data), Size: int64(len(data))})
		return d, in, err
	}()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close() //nolint:errcheck // of a test
	text, err := d.text(&soonOver{Context: t.Context()})
	if err != nil || text == nil || !text.Cut || text.Body == "" || strings.Contains(text.Body, "\f") {
		t.Errorf("%+v %v", text, err)
	}
}

// A document of more pages than are read says so.
func TestFault_I24_ManyPages(t *testing.T) {
	kids := strings.Repeat("3 0 R ", 3*maxPages)
	data := sample(t, "two.pdf")
	data = bytes.Replace(data, []byte("/Kids[3 0 R 4 0 R]/Count 2"), fmt.Appendf(nil, "/Kids[%s]/Count %d", kids, 3*maxPages), 1)
	ans, err := derive(data)
	if err != nil || ans.Facts.Pages != 3*maxPages || ans.Text == nil || !ans.Text.Cut || strings.Count(ans.Text.Body, "\f") != maxPages-1 {
		t.Errorf("%+v, %v", ans.Facts, err)
	}
}

func TestFault_I24_Truncated(t *testing.T) {
	data := sample(t, "two.pdf")
	for cut := 0; cut < len(data); cut += 101 {
		if ans, err := derive(data[:cut]); err == nil && ans.Facts == nil {
			t.Errorf("cut at %d: neither facts nor an error", cut)
		}
	}
}

func TestFault_P32_FlippedBytes(t *testing.T) {
	names := []string{"two.pdf", "packed.pdf", "locked.pdf"}
	rapid.Check(t, func(rt *rapid.T) {
		data := bytes.Clone(sample(t, rapid.SampledFrom(names).Draw(rt, "sample")))
		for range rapid.IntRange(1, 8).Draw(rt, "flips") {
			data[rapid.IntRange(0, len(data)-1).Draw(rt, "at")] = rapid.Byte().Draw(rt, "to")
		}
		ans, err := engine.Derive(context.Background(), media.Ask{Want: []media.Kind{media.TextOf, media.Thumb256}},
			media.Source{ReaderAt: bytes.NewReader(data), Size: int64(len(data))})
		if err == nil && ans.Facts == nil {
			rt.Fatal("neither facts nor an error")
		}
	})
	// It still works.
	if ans, err := derive(sample(t, "two.pdf")); err != nil || ans.Text == nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestDates(t *testing.T) {
	for s, want := range map[string]string{
		"D:20210304050607+01'00'": "2021-03-04T05:06:07+01:00", "D:20210304050607Z": "2021-03-04T05:06:07Z", "D:20210304050607Z00'00'": "2021-03-04T05:06:07Z",
		"20210304": "2021-03-04T00:00:00Z", "D:2021": "2021-01-01T00:00:00Z", "D:20210304050607 nonsense": "2021-03-04T05:06:07Z",
	} {
		if got := parseDate(s); got.Format(time.RFC3339) != want {
			t.Errorf("%s: %s", s, got.Format(time.RFC3339))
		}
	}
	for _, s := range []string{"", "D:", "yesterday", "D:00000000000000Z", "D:2021030405060799999999999999999"} {
		if got := parseDate(s); !got.IsZero() && got.Year() != 2021 {
			t.Errorf("%s: %s", s, got)
		}
	}
}

func FuzzDerive(f *testing.F) {
	for _, name := range []string{"two.pdf", "packed.pdf", "locked.pdf"} {
		f.Add(sample(f, name))
	}
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = derive(data) })
}

func BenchmarkDerive(b *testing.B) {
	data := sample(b, "two.pdf")
	for b.Loop() {
		if _, err := derive(data); err != nil {
			b.Fatal(err)
		}
	}
}
