package fulltext

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/embed"
	"github.com/stardrive/stardrive/internal/errs"
)

// model makes vectors of as many numbers as its name is long, one for each text,
// and can fail.
type model struct {
	name string
	fail bool
}

func (m *model) Dim() int     { return len(m.name) }
func (m *model) Name() string { return m.name }

func (m *model) Embed(_ context.Context, texts []string) ([][]float32, error) {
	if m.fail {
		return nil, errs.New(errs.Unavailable, "nobody answers")
	}
	out := make([][]float32, len(texts))
	for i, text := range texts {
		out[i] = make([]float32, len(m.name))
		for j := range len(text) {
			out[i][int(text[j])%len(m.name)]++
		}
	}
	return out, nil
}

func serveMeaning(t testing.TB, dir string, m embed.Embedder) (x *Index, stop func()) {
	t.Helper()
	o := options(dir)
	o.Meaning = m
	x, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return x, run(t, x)
}

// settle waits until all vectors are made.
func settle(t testing.TB, x *Index) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if x.Meanings(t.Context()) == 0 {
			return
		}
	}
	t.Fatal("vectors are not made")
}

// near are the documents that are near to a text, sorted.
func near(t testing.TB, x *Index, text string) []int64 {
	t.Helper()
	v, err := x.Vector(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	found, err := x.Nearest(t.Context(), v, 100, yes)
	if err != nil {
		t.Fatal(err)
	}
	out := []int64{}
	for _, n := range found {
		out = append(out, n.ID)
	}
	slices.Sort(out)
	return out
}

// TestMeaningFollowsTexts: vectors are made of what is put, and go with what is
// dropped, also where a kill came in between, and where the model is another.
func TestMeaningFollowsTexts(t *testing.T) {
	dir, s := t.TempDir(), newShelf()
	by := func(m *model) func(*Options) { return func(o *Options) { o.Meaning = m } }
	first := &model{name: "one model"}
	x, stop := s.open(t, dir, by(first))
	for n := range 30 {
		s.put(t, x, Document{ID: int64(n + 1), Body: fmt.Sprintf("text %d", n)})
	}
	settle(t, x)
	s.drop(t, x, 3, 4)
	want := near(t, x, "text")
	if len(want) != 28 || slices.Contains(want, 3) {
		t.Fatalf("near are %d", want)
	}
	killed := t.TempDir() // what a kill leaves: the vectors of 3 and 4 among it
	if err := os.CopyFS(killed, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	y, end := s.open(t, killed, by(first))
	whole(t, y)
	for until := time.Now().Add(time.Minute); !slices.Equal(near(t, y, "text"), want) && time.Now().Before(until); {
		time.Sleep(time.Millisecond)
	}
	if got := near(t, y, "text"); !slices.Equal(got, want) {
		t.Errorf("after a kill near are %d", got)
	}
	end()
	stop()
	for _, m := range []*model{{name: "another"}, {name: "one model"}, first} {
		x, stop = s.open(t, dir, by(m))
		settle(t, x)
		if got := near(t, x, "text"); !slices.Equal(got, want) {
			t.Errorf("by the model %q near are %d", m.name, got)
		}
		stop()
	}
}

// TestModelFails: who cannot make vectors keeps nothing from being found by words.
func TestModelFails(t *testing.T) {
	x, _ := serveMeaning(t, t.TempDir(), &model{name: "a model", fail: true})
	keep(t, x, Document{ID: 1, Body: "some text"})
	if got := ids(t, x, Phrase{Text: "text"}); !slices.Equal(got, []int64{1}) {
		t.Errorf("%d", got)
	}
	if v, err := x.Vector(t.Context(), "text"); v != nil || !errs.Is(err, errs.Unavailable) {
		t.Errorf("%v, %v", v, err)
	}
	if waiting := x.Meanings(t.Context()); waiting != 1 {
		t.Errorf("%d wait", waiting)
	}
}
