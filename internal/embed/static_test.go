package embed

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

func one(t testing.TB, e Embedder, text string) []float32 {
	t.Helper()
	v, err := e.Embed(context.Background(), []string{text})
	if err != nil || len(v) != 1 || len(v[0]) != e.Dim() {
		t.Fatalf("%q: %d vectors: %v", text, len(v), err)
	}
	return v[0]
}

func TestStaticTellsMeaningsApart(t *testing.T) {
	e := Static()
	if e.Dim() != 256 {
		t.Errorf("%d dimensions", e.Dim())
	}
	for _, c := range []struct{ query, near, far string }{
		{"children at the seaside", "kids playing on the beach", "quarterly tax return"},
		{"invoice for the car repair", "bill from the garage", "recipe for apple pie"},
		{"repair the roof", "fix a leaking house", "stock market prices"},
		{"photos of our wedding", "marriage ceremony pictures", "kernel module parameters"},
		{"medical report", "letter of the doctor about the illness", "holiday in Norway"},
	} {
		q := one(t, e, c.query)
		if near, far := dot(q, one(t, e, c.near)), dot(q, one(t, e, c.far)); near < far+0.1 {
			t.Errorf("%q: %q is %.3f near, and %q %.3f", c.query, c.near, near, c.far, far)
		}
	}
}

// TestNameChangesWithTheModel: vectors of two models of one name would be mixed.
func TestNameChangesWithTheModel(t *testing.T) {
	const name, sum = "static-minilm-l6-v2-256-v1", "63016e33ec869c24bde6cf523402fc7eb110a4103ca0d7cfeee8b55a6d7e9469"
	if got := fmt.Sprintf("%x", sha256.Sum256([]byte(staticModel))); got != sum || Static().Name() != name {
		t.Errorf("the model %s is another one (%s): count NAME up in tools/distill/distill.py, and put both here", Static().Name(), got)
	}
}

func TestStaticVectorsAreOfUnitLength(t *testing.T) {
	e := Static()
	for text, length := range map[string]float64{
		"": 0, " \t\n": 0, "\xff\xfe": 0, "\x00": 0,
		"hello": 1, "HELLO wörld 東京 🙂": 1, "the": 1, strings.Repeat("word ", 10000): 1, "\xffword": 1,
	} {
		v := one(t, e, text)
		if got := math.Sqrt(float64(dot(v, v))); math.Abs(got-length) > 1e-5 {
			t.Errorf("%.20q has the length %v, want %v", text, got, length)
		}
	}
	if a, b := one(t, e, "Café"), one(t, e, "cafe"); dot(a, b) < 0.99999 {
		t.Error("case and accents count")
	}
	if v, err := e.Embed(context.Background(), nil); err != nil || len(v) != 0 {
		t.Errorf("nothing gives %v, %v", v, err)
	}
}

func TestStaticStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Static().Embed(ctx, []string{"a"}); !errs.Is(err, errs.Cancelled) {
		t.Errorf("%v", err)
	}
}

func TestBrokenStaticModelsAreRefused(t *testing.T) {
	number := func(i int, n uint32) string {
		b := []byte(staticModel[:staticHead])
		binary.LittleEndian.PutUint32(b[8+4*i:], n)
		return string(b) + staticModel[staticHead:]
	}
	for name, b := range map[string]string{
		"empty": "", "cut off": staticModel[:len(staticModel)-1], "longer": staticModel + "x", "no magic": "x" + staticModel[1:],
		"version": number(0, 2), "no dimension": number(1, 0), "dimensions": number(1, 1<<31), "pieces": number(2, 1<<31), "name": number(3, 0), "vocabulary": number(4, 5),
	} {
		if s, err := newStatic(b); err == nil {
			t.Errorf("%s: no error, %d dimensions", name, s.dim)
		}
	}
}

func TestNormalize(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct{ in, want []float32 }{
		{[]float32{3, 4}, []float32{0.6, 0.8}},
		{[]float32{0, 0}, []float32{0, 0}},
		{[]float32{nan, 1}, []float32{0, 0}},
		{[]float32{inf, 1}, []float32{0, 0}},
		{[]float32{math.MaxFloat32, 0}, []float32{1, 0}},
		{nil, nil},
	} {
		normalize(c.in)
		for i := range c.in {
			if math.Abs(float64(c.in[i]-c.want[i])) > 1e-6 {
				t.Errorf("%v, want %v", c.in, c.want)
			}
		}
	}
}

// BenchmarkEmbed embeds a chunk of 120 words at a time.
func BenchmarkEmbed(b *testing.B) {
	e := Static()
	text := strings.Repeat("This program copies the photographs of a camera into folders by the day they were taken. ", 8)
	words := len(strings.Fields(text))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := e.Embed(context.Background(), []string{text}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(words)*float64(b.N)/b.Elapsed().Seconds(), "words/s")
}

func BenchmarkOpenStatic(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Static()
	}
}
