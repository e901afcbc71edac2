package action

import (
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

// Whoever asks in the very moment in which a run ends is not left waiting.
func TestSkipOfARunThatEnded(t *testing.T) {
	s := New(Options{})
	r := &Run{}
	s.begin(r)
	r.skip.show(thing{"photo.jpg", "sd://x/photo.jpg"})
	asked, err := r.skip.wish("")
	if err != nil {
		t.Fatal(err)
	}
	s.ended(r)
	<-asked.ended
	if asked.granted {
		t.Error("it was told to be left out")
	}
	if _, err := r.skip.wish(""); !errs.Is(err, errs.Conflict) {
		t.Errorf("asked after the end: %v", err)
	}
}

// What is left out is the thing that was asked for, not another of its name that is
// worked on at the same time.
func TestSkipIsByTheThing(t *testing.T) {
	s := New(Options{})
	r := &Run{}
	s.begin(r)
	r.skip.show(thing{"cover.jpg", "sd://x/a/cover.jpg"})
	asked, err := r.skip.wish("cover.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if r.Skipped("sd://x/b/cover.jpg") {
		t.Error("another one of that name is left out")
	}
	if _, err := r.skip.wish("sd://x/b/cover.jpg"); !errs.Is(err, errs.Conflict) {
		t.Errorf("asked for what is not shown: %v", err)
	}
	if same, err := r.skip.wish("sd://x/a/cover.jpg"); err != nil || same != asked {
		t.Errorf("by its place: %v", err)
	}
	if !r.Skipped("sd://x/a/cover.jpg") || !asked.granted || r.Skipped("sd://x/a/cover.jpg") {
		t.Error("it is left out once")
	}
	r.skip.show(thing{"d.zip", ""})
	if _, err := r.skip.wish(""); !errs.Is(err, errs.Conflict) {
		t.Errorf("nothing can be left out: %v", err)
	}
}
