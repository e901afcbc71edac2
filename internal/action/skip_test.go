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
	r.skip.show("photo.jpg")
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
