package search

import (
	"fmt"
	"slices"
	"testing"
)

// TestWholeQuestion: of a question of which no text holds all words, texts are found
// that hold some, behind those that hold all, and the answer says so. What is quoted
// or left out counts for these, too.
func TestWholeQuestion(t *testing.T) {
	l := newTexts(t)
	l.file(l.vol.Root, "fstab.txt", "a file system that is to mount when the machine starts stands here", 0)
	l.file(l.vol.Root, "umount.txt", "a disk can be taken away, never mount it twice", 0)
	l.file(l.vol.Root, "cake.txt", "flour and sugar", 0)
	for i := range 20 {
		l.file(l.vol.Root, fmt.Sprintf("filler%d.txt", i), "how it is, at all times, do I know", 0)
	}
	l.settle()
	for _, c := range []struct {
		query string
		want  []string
		some  int
		hints int
	}{
		{"how do I mount a disk at start ", []string{"fstab.txt", "umount.txt"}, 2, 1},
		{"mount disk away ", []string{"umount.txt", "fstab.txt"}, 1, 1}, // which holds all comes first
		{`how do I mount a disk "taken away" `, []string{"umount.txt"}, 1, 1},
		{"how do I mount a disk -twice ", []string{"fstab.txt"}, 1, 1},
		{"how do I mount a disk name:fstab ", []string{"fstab.txt"}, 1, 1},
		{"mount nowhere ", nil, 0, 0}, // two words are no question
		{"flour and sugar ", []string{"cake.txt"}, 0, 0},
	} {
		hits, err := l.ask(map[string]any{"query": c.query, "groups": []string{"texts"}})
		var got []string
		for _, h := range hits.Texts {
			got = append(got, h.Name)
		}
		if c.some == len(c.want) {
			slices.Sort(got)
		}
		if err != nil || !slices.Equal(got, c.want) || hits.TextsSome != c.some || hits.TextsTotal != len(c.want) || len(hits.Hints) != c.hints {
			t.Errorf("%q finds %q, %d of %d by some words, hints %+v (%v)", c.query, got, hits.TextsSome, hits.TextsTotal, hits.Hints, err)
		}
	}
}
