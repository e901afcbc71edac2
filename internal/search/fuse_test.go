package search

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestFuse: meaning moves what fits about as well by words, and leaves the order of
// words where it cannot tell.
func TestFuse(t *testing.T) {
	for _, c := range []struct {
		why            string
		words, meaning []float64
		want           []int
	}{
		{"nothing", nil, nil, []int{}},
		{"one", []float64{3}, []float64{0.1}, []int{0}},
		{"two that disagree", []float64{3, 2}, []float64{0.1, 0.9}, []int{0, 1}},
		{"no meaning", []float64{3, 2, 1}, []float64{0.5, 0.5, 0.5}, []int{0, 1, 2}},
		{"the same words", []float64{2, 2, 2}, []float64{0.1, 0.9, 0.5}, []int{1, 2, 0}},
		{"about the same words", []float64{10, 9.9, 9.8, 1}, []float64{0.2, 0.6, 0.3, 0.1}, []int{1, 2, 0, 3}},
		{"far apart by words", []float64{10, 2, 1}, []float64{0.5, 0.6, 0.1}, []int{0, 1, 2}},
	} {
		if got := Fuse(c.words, c.meaning); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.why, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "n")
		some := rapid.SliceOfN(rapid.Map(rapid.IntRange(-10, 20), func(n int) float64 { return float64(n) }), n, n)
		words, meaning := some.Draw(t, "words"), some.Draw(t, "meaning")
		order := Fuse(words, meaning)
		for i, a := range order {
			for _, b := range order[i+1:] {
				if words[b] > words[a] && meaning[b] > meaning[a] {
					t.Fatalf("%d stands above %d, which fits better by both", a, b)
				}
			}
		}
		if slices.Sort(order); n > 0 && (order[0] != 0 || order[n-1] != n-1 || len(slices.Compact(order)) != n) {
			t.Fatalf("%v is not an order of %d", order, n)
		}
	})
}

// TestNothingIsSimilarToNonsense: of words that the model does not know nothing is
// shown as similar; and meaning never changes the order of names.
func TestNothingIsSimilarToNonsense(t *testing.T) {
	l := newTexts(t)
	for name, text := range map[string]string{
		"trip.txt": "We spent our vacation at the sea, swimming and lying in the sun.", "bread.txt": "Knead the dough, let it rise, and bake it in the oven.",
		"server.txt": "Install the package, edit the configuration file and restart the service.", "id.txt": "x q z 7f3a as df gh flu rb qq zz tt",
	} {
		l.file(l.vol.Root, name, text, 0)
	}
	l.file(l.vol.Root, "holiday", "a list of spare parts for the engine", 0)
	l.file(l.vol.Root, "holidxy", "our holiday at the beach, a holiday by the sea, a summer holiday", 0)
	l.settle()
	for query, want := range map[string]bool{"xqzzt flurb": false, "asdfgh": false, "Urlaubsfotos": false, "similar:xqzzt": false, "holiday at the beach": true} {
		hits, err := l.ask(map[string]any{"query": query, "groups": []string{"similar"}})
		if err != nil || (len(hits.Similar) > 0) != want || hits.Partial || len(hits.Hints) > 0 {
			t.Errorf("%q: similar are %q, partial %v, hints %v (%v)", query, textNames(hits.Similar), hits.Partial, hits.Hints, err)
		}
	}
	hits, err := l.ask(map[string]any{"query": "holiday"})
	if err != nil || len(hits.Items) != 2 || hits.Items[0].Name != "holiday" || hits.Items[1].Match != "fuzzy" {
		t.Errorf("names: %+v (%v)", hits.Items, err)
	}
}
