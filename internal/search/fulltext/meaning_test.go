package fulltext

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/embed"
	"github.com/stardrive/stardrive/internal/errs"
)

// model makes vectors of as many numbers as its name is long, one for each text,
// and can fail.
type model struct {
	name  string
	fail  bool
	asked atomic.Int64 // texts
}

func (m *model) Dim() int     { return len(m.name) }
func (m *model) Name() string { return m.name }

func (m *model) Embed(_ context.Context, texts []string) ([][]float32, error) {
	if m.fail {
		return nil, errs.New(errs.Unavailable, "nobody answers")
	}
	m.asked.Add(int64(len(texts)))
	out := make([][]float32, len(texts))
	for i, text := range texts {
		out[i] = make([]float32, len(m.name))
		if strings.Contains(text, mumble) {
			continue
		}
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

// mumble is in texts that mean nothing to a model.
const mumble = "mumble"

// TestMuteTextsAreLeftAlone: a text that has no vectors, since it is empty or means
// nothing, is not read again at each start, and the file of words keeps its checksum.
// With other words, or another model, it is looked at again.
func TestMuteTextsAreLeftAlone(t *testing.T) {
	dir, s := t.TempDir(), newShelf()
	first := &model{name: "one model"}
	by := func(m *model) func(*Options) { return func(o *Options) { o.Meaning = m } }
	x, stop := s.open(t, dir, by(first))
	s.put(t, x, Document{ID: 1, Body: "a text"})
	s.put(t, x, Document{ID: 2, Body: mumble})
	s.put(t, x, Document{ID: 3})
	settle(t, x)
	stop()
	again := &model{name: first.name}
	x, stop = s.open(t, dir, by(again))
	whole(t, x)
	err := x.live(t.Context(), 0, func(l *life) error {
		err := x.sweep(t.Context(), l)
		if gone, changes := l.sum.state(); gone || changes > 0 {
			t.Errorf("a start without anything to do changed the file of words (%d times)", changes)
		}
		return err
	})
	if n := again.asked.Load(); err != nil || n != 0 || x.Meanings(t.Context()) != 0 {
		t.Errorf("%d texts were looked at again (%v)", n, err)
	}
	s.put(t, x, Document{ID: 2, Body: "words"})
	settle(t, x)
	if got := near(t, x, "words"); !slices.Contains(got, 2) {
		t.Errorf("near are %d", got)
	}
	stop()
	x, stop = s.open(t, dir, by(&model{name: "another model"}))
	settle(t, x)
	if got := near(t, x, "words"); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("by another model near are %d", got)
	}
	stop()
	if err := os.Truncate(filepath.Join(dir, "meaning.vec"), 100); err != nil { // vectors are lost: all are looked at
		t.Fatal(err)
	}
	x, _ = s.open(t, dir, by(&model{name: "another model"}))
	settle(t, x)
	if got := near(t, x, "words"); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("after a loss near are %d", got)
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
